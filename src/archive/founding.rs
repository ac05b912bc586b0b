//! A folder that begins: all its files or, as far as anybody can tell, none. What stands there already is never touched.

use super::store::{TEMPORARY, make_dir, names, sync_dir, write_new};
use anyhow::{Context, bail};
use std::{fs, io, path::Path};

/// The folder in which everything is made before it is moved to its place.
const STAGE: &str = ".tmp-init";

/// What stands in a folder that is to begin, sorted; nothing where it is missing, or where a run that was killed left
/// only what it had not yet moved.
///
/// # Errors
/// Those of the file system, and a path that is not a folder.
pub fn standing(dir: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = names(dir)?;
    names.sort();
    let is_fresh = names.iter().all(|name| name == STAGE);
    Ok(if is_fresh { Vec::new() } else { names })
}

/// Fills a missing or empty folder with files and empty folders. The first file comes last: without it the folder is
/// not whole, and everybody sees that.
///
/// # Errors
/// Those of the file system; the folder is then as before unless moving had begun.
pub fn found<B: AsRef<[u8]> + Sync>(dir: &Path, files: &[(String, B)], folders: &[String]) -> anyhow::Result<()> {
    let (is_new, stage) = (!dir.exists(), dir.join(STAGE));
    let cannot = || format!("cannot write {}", dir.display());
    make_dir(dir).with_context(cannot)?;
    let staged = clear(&stage).with_context(cannot).and_then(|()| {
        write_new(&stage, files)?;
        folders.iter().try_for_each(|name| make_dir(&stage.join(name))).with_context(cannot)?;
        sync_dir(&stage).with_context(cannot)
    });
    if let Err(error) = staged {
        // Of what is left behind nothing is anybody's; the reason to stop is the one above.
        let _ = clear(&stage);
        if is_new {
            let _ = fs::remove_dir(dir);
        }
        return Err(error);
    }
    let first = files.first().map_or("", |(name, _)| name.as_str());
    let mut parts = names(&stage)?;
    parts.sort_by_key(|name| (name == first, name.clone()));
    for name in &parts {
        let target = dir.join(name);
        if fs::symlink_metadata(&target).is_ok() {
            bail!("{} has appeared meanwhile; nothing was overwritten: empty {} and try again", name, dir.display());
        }
        fs::rename(stage.join(name), target).with_context(cannot)?;
    }
    fs::remove_dir(&stage).and_then(|()| sync_dir(dir)).with_context(cannot)
}

/// Takes away what a run that was killed left.
fn clear(stage: &Path) -> io::Result<()> {
    debug_assert!(stage.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY)));
    match fs::remove_dir_all(stage) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn files() -> Vec<(String, &'static [u8])> {
        vec![("a.toml".to_owned(), b"a".as_slice()), ("b/c.csv".to_owned(), b"c")]
    }

    #[test]
    fn a_folder_is_filled_whole_with_own_modes() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x/y");
        found(&target, &files(), &["d".to_owned()]).unwrap();
        assert_eq!(standing(&target).unwrap(), ["a.toml", "b", "d"]);
        let mode = |name: &str| fs::metadata(target.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(["", "b", "d", "a.toml", "b/c.csv"].map(mode), [0o700, 0o700, 0o700, 0o600, 0o600]);
    }

    #[test]
    fn what_a_killed_run_left_is_made_anew_and_what_appears_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join(STAGE).join("old")).unwrap();
        assert!(standing(dir.path()).unwrap().is_empty());
        found(dir.path(), &files(), &[]).unwrap();
        assert_eq!(standing(dir.path()).unwrap(), ["a.toml", "b"]);
        fs::write(dir.path().join("a.toml"), "mine").unwrap();
        fs::remove_dir_all(dir.path().join("b")).unwrap();
        assert!(found(dir.path(), &files(), &[]).unwrap_err().to_string().contains("a.toml has appeared"));
        assert_eq!(fs::read(dir.path().join("a.toml")).unwrap(), b"mine");
    }

    #[test]
    fn a_file_is_not_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("f"), "").unwrap();
        assert!(standing(&dir.path().join("f")).is_err());
    }
}
