//! Reads a secret from where it is kept, and refuses what others could read.

use crate::config::Secret;
use std::{
    env,
    fs::{self, File},
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

const RECIPIENT: &str = "{recipient}";
/// The longest secret, bytes; anything longer is another file.
const LONGEST: u64 = 4096;

/// The secret of a recipient: a role or an employee id, which stands for `{recipient}`.
///
/// # Errors
/// What cannot be read, where, why and what to do; never the secret.
pub fn read(secret: &Secret, recipient: &str) -> Result<String, String> {
    let filled = |template: &str| -> Result<String, String> {
        if template.contains(RECIPIENT) && (recipient.is_empty() || leaves(recipient)) {
            let shown = recipient.escape_debug();
            return Err(format!("`{shown}` cannot stand for {RECIPIENT} in `{template}`: it is not a plain name"));
        }
        Ok(template.replace(RECIPIENT, recipient))
    };
    match secret {
        Secret::Credential(name) => {
            let name = filled(name)?;
            let Some(folder) = env::var_os("CREDENTIALS_DIRECTORY") else {
                return Err(format!(
                    "there is no credential `{name}`: $CREDENTIALS_DIRECTORY is not set; \
                     run it by systemd with LoadCredential={name}:PATH"
                ));
            };
            // systemd guards this folder itself, with modes and lists of its own.
            content(&PathBuf::from(folder).join(name), false)
        }
        Secret::Environment(name) => {
            let name = filled(name)?;
            let text = env::var(&name).map_err(|_| format!("the environment has no ${name} that is text; set it"))?;
            whole(text, &format!("${name}"))
        }
        Secret::File(path) => {
            let path = path.to_str().ok_or_else(|| format!("the path {} is not UTF-8", path.display()))?;
            content(Path::new(&filled(path)?), true)
        }
    }
}

/// Whether a name leads out of a folder.
fn leaves(name: &str) -> bool {
    name.contains(['/', '\0']) || name.contains("..")
}

fn content(path: &Path, is_checked: bool) -> Result<String, String> {
    let shown = path.display();
    let cannot = |error: std::io::Error| format!("cannot read the secret in {shown}: {error}");
    // Only a file is opened: anything else might never end, or never begin.
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(format!("{shown} is not a file; a secret is kept in one"));
    }
    let file = File::open(path).map_err(cannot)?;
    if is_checked {
        check(&file, path)?;
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("{shown} has more than {LONGEST} bytes; a secret is one line"));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("the secret in {shown} is not UTF-8 text"))?;
    whole(text, &shown.to_string())
}

/// Looks at the opened file itself: a name could be exchanged between looking and reading.
fn check(file: &File, path: &Path) -> Result<(), String> {
    let shown = path.display();
    let meta = file.metadata().map_err(|error| format!("cannot look at {shown}: {error}"))?;
    if meta.mode() & 0o077 != 0 {
        let mode = meta.mode() & 0o7777;
        return Err(format!("others than its owner may use {shown} (mode {mode:04o}); run: chmod 600 {shown}"));
    }
    let own = fs::metadata("/proc/self").map(|own| own.uid()).ok();
    if meta.uid() != 0 && Some(meta.uid()) != own {
        return Err(format!(
            "{shown} belongs to user {}, not to the one that runs this; run: chown $(id -u) {shown} && chmod 600 {shown}",
            meta.uid()
        ));
    }
    Ok(())
}

/// The secret without the one line end that editors add.
fn whole(mut text: String, place: &str) -> Result<String, String> {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err(format!("the secret in {place} is empty; write it there"));
    }
    if text.contains(['\0', '\r', '\n']) {
        return Err(format!("the secret in {place} has more than one line; keep only the secret there"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn kept(dir: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = dir.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn one_line_end_is_cut_and_the_recipient_is_filled_in() {
        let dir = tempfile::tempdir().unwrap();
        kept(dir.path(), "hr", " geheim 密 \n", 0o600);
        let secret = Secret::File(dir.path().join("{recipient}"));
        assert_eq!(read(&secret, "hr").as_deref(), Ok(" geheim 密 "));
        assert!(read(&secret, "finance").unwrap_err().contains("finance: No such file"));
        for way in ["../hr", "/etc/passwd", "a/b", "..", "a\0b", ""] {
            assert!(read(&secret, way).unwrap_err().contains("is not a plain name"), "{way}");
        }
        let windows = Secret::File(kept(dir.path(), "crlf", "geheim\r\n", 0o400));
        assert_eq!(read(&windows, "").as_deref(), Ok("geheim"));
    }

    #[test]
    fn what_others_may_read_is_refused_also_behind_a_link() {
        let dir = tempfile::tempdir().unwrap();
        for mode in [0o640, 0o604, 0o660, 0o610] {
            let path = kept(dir.path(), "open", "geheim", mode);
            let link = dir.path().join(format!("link{mode}"));
            symlink(&path, &link).unwrap();
            for path in [&path, &link] {
                let told = read(&Secret::File(path.clone()), "").unwrap_err();
                assert!(told.contains(&format!("chmod 600 {}", path.display())), "{told}");
                assert!(!told.contains("geheim"));
            }
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = kept(dir.path(), "strange", "geheim", 0o600);
        // Only root can give a file away.
        if std::os::unix::fs::chown(&path, Some(65534), None).is_ok() {
            let told = read(&Secret::File(path), "").unwrap_err();
            assert!(told.contains("belongs to user 65534"), "{told}");
        }
    }

    #[test]
    fn empty_long_binary_and_many_lines_are_no_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let long = "x".repeat(5000);
        let cases = [("", "is empty"), ("\n", "is empty"), ("a\nb", "more than one line"), (&long, "more than 4096")];
        for (text, expected) in cases {
            let told = read(&Secret::File(kept(dir.path(), "file", text, 0o600)), "").unwrap_err();
            assert!(told.contains(expected), "{told}");
        }
        let path = kept(dir.path(), "file", "", 0o600);
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(read(&Secret::File(path), "").unwrap_err().contains("not UTF-8"));
        assert!(read(&Secret::File(dir.path().to_owned()), "").unwrap_err().contains("is not a file"));
    }

    #[test]
    fn the_environment_and_credentials() {
        assert!(read(&Secret::Environment("PATH".to_owned()), "").is_ok());
        let told = read(&Secret::Environment("NO_{recipient}_HERE".to_owned()), "hr").unwrap_err();
        assert!(told.contains("$NO_hr_HERE"), "{told}");
        if env::var_os("CREDENTIALS_DIRECTORY").is_none() {
            let told = read(&Secret::Credential("smtp-password".to_owned()), "").unwrap_err();
            assert!(told.contains("LoadCredential=smtp-password:"), "{told}");
        }
    }
}
