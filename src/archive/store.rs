//! Durable writing: temporary name → fsync → rename → fsync of the directory. Files 0600, directories 0700.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Makes a directory and its parents, 0700 whatever the umask; gives whether it was missing.
///
/// # Errors
/// Those of the file system.
pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_dir(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::set_permissions(dir, fs::Permissions::from_mode(0o700)),
    }
}

/// Writes one new file durably.
///
/// # Errors
/// Those of the file system.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a directory's entries durable.
///
/// # Errors
/// Those of the file system.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Writes named files below `dir`, each durably; names may have one folder (`mail/hr.eml`).
///
/// # Errors
/// Those of the file system, with the file's name.
pub fn write_all(dir: &Path, files: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    use anyhow::Context;
    let cannot = |path: &Path| format!("cannot write {}", path.display());
    make_dir(dir).with_context(|| cannot(dir))?;
    for (name, bytes) in files {
        let path = dir.join(name);
        let parent = path.parent().unwrap_or(dir);
        make_dir(parent).with_context(|| cannot(parent))?;
        // A preview may lie on an older one: the new file replaces it in one step.
        let temporary = path.with_file_name(format!(".{}.tmp", path.file_name().unwrap_or_default().to_string_lossy()));
        write_file(&temporary, bytes).with_context(|| cannot(&path))?;
        fs::rename(&temporary, &path).with_context(|| cannot(&path))?;
        sync_dir(parent).with_context(|| cannot(parent))?;
    }
    sync_dir(dir).with_context(|| cannot(dir))
}
