//! Durable writing: temporary name → fsync → rename → fsync of the directory. Files 0600, directories 0700.

use anyhow::Context;
use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
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
    let mut file = new_file(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn new_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Makes a directory's entries durable.
///
/// # Errors
/// Those of the file system.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Puts a file into `dir` durably and in one step.
///
/// # Errors
/// Those of the file system.
pub(super) fn put_file(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = dir.join(format!("{TEMPORARY}{name}"));
    write_file(&temporary, bytes)?;
    fs::rename(&temporary, dir.join(name))?;
    sync_dir(dir)
}

/// How names begin that nobody but an unfinished run knows.
pub(super) const TEMPORARY: &str = ".tmp-";

/// The names in a folder; none where it is not there.
///
/// # Errors
/// Those of the file system.
pub(super) fn names(dir: &Path) -> anyhow::Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.with_context(|| format!("cannot read {}", dir.display()))?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect()
}

/// The files below a folder, by path relative to it, sorted; none where it is not there.
///
/// # Errors
/// Those of the file system.
pub(super) fn walk(dir: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for name in names(&dir.join(&folder))? {
            let name = format!("{folder}{name}");
            let is_dir = fs::symlink_metadata(dir.join(&name)).is_ok_and(|meta| meta.is_dir());
            if is_dir { folders.push(format!("{name}/")) } else { found.push(name) }
        }
    }
    found.sort();
    Ok(found)
}

/// Files that are written side by side: a disk makes many durable in nearly the time of one.
const WRITERS: usize = 8;

/// Writes named files below a new directory `dir`, all of them durably; names may have one folder (`mail/hr.eml`).
///
/// # Errors
/// Those of the file system, with the file's name.
pub(super) fn write_new<B: AsRef<[u8]> + Sync>(dir: &Path, files: &[(String, B)]) -> anyhow::Result<()> {
    let folders = make_folders(dir, files)?;
    let write = |part: &[(String, B)]| {
        part.iter().try_for_each(|(name, bytes)| {
            let path = dir.join(name);
            write_file(&path, bytes.as_ref()).with_context(|| cannot(&path))
        })
    };
    let write = &write;
    std::thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(WRITERS).max(1));
        let writers: Vec<_> = parts.map(|part| scope.spawn(move || write(part))).collect();
        writers.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow::anyhow!("a writer stopped"))?)
    })?;
    folders.iter().rev().try_for_each(|folder| sync_dir(folder).with_context(|| cannot(folder)))
}

/// Writes named files below `dir` for a look at them: each replaces an older one in one step. What a crash of the
/// machine loses can be made again.
///
/// # Errors
/// Those of the file system, with the file's name.
pub fn write_preview<B: AsRef<[u8]>>(dir: &Path, files: &[(String, B)]) -> anyhow::Result<()> {
    make_folders(dir, files)?;
    // One after the other: without waiting for the disk, writers would only wait for each other's folder.
    files.iter().try_for_each(|(name, bytes)| {
        let path = dir.join(name);
        let temporary = path.with_file_name(format!(".{}.tmp", path.file_name().unwrap_or_default().to_string_lossy()));
        let written = new_file(&temporary).and_then(|mut file| file.write_all(bytes.as_ref()));
        written.and_then(|()| fs::rename(&temporary, &path)).with_context(|| cannot(&path))
    })
}

/// Makes `dir` and the folders of the files in it; gives each once, the outer first.
fn make_folders<B>(dir: &Path, files: &[(String, B)]) -> anyhow::Result<BTreeSet<PathBuf>> {
    let own = files.iter().filter_map(|(name, _)| dir.join(name).parent().map(Path::to_path_buf));
    let folders: BTreeSet<PathBuf> = own.chain([dir.to_path_buf()]).collect();
    folders.iter().try_for_each(|folder| make_dir(folder).with_context(|| cannot(folder)))?;
    Ok(folders)
}

fn cannot(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
