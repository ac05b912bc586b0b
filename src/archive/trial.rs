//! A new version of a file that somebody keeps: tried under another name beside it, then put in its place in one step.

use super::store::sync_dir;
use anyhow::Context;
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A file's new version; it vanishes where it is not accepted.
pub struct Trial {
    target: PathBuf,
    path: PathBuf,
    name: String,
    is_accepted: bool,
}

impl Trial {
    /// Writes `bytes` durably beside `target`, with its permissions.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn new(target: &Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let name = format!(".{}.new", target.file_name().unwrap_or_default().to_string_lossy());
        let path = target.with_file_name(&name);
        let trial = Self { target: target.to_path_buf(), path, name, is_accepted: false };
        let cannot = || format!("cannot write {}", trial.path.display());
        let owner = fs::metadata(target).with_context(cannot)?;
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).open(&trial.path).with_context(cannot)?;
        file.set_permissions(owner.permissions()).with_context(cannot)?;
        // The register stays its keeper's, where the system lets us.
        let _ = std::os::unix::fs::chown(&trial.path, Some(owner.uid()), Some(owner.gid()));
        file.write_all(bytes).with_context(cannot)?;
        file.sync_all().with_context(cannot)?;
        Ok(trial)
    }

    /// The path that names the trial where `path` names the target.
    #[must_use]
    pub fn beside(&self, path: &str) -> String {
        path.rsplit_once('/').map_or_else(|| self.name.clone(), |(folder, _)| format!("{folder}/{}", self.name))
    }

    /// Whether `path` names the trial.
    #[must_use]
    pub fn is(&self, path: &str) -> bool {
        path.rsplit('/').next() == Some(&self.name)
    }

    /// Puts the new version in the target's place.
    ///
    /// # Errors
    /// Those of the file system; the target is then as before.
    pub fn accept(mut self) -> anyhow::Result<()> {
        let cannot = || format!("cannot replace {}", self.target.display());
        fs::rename(&self.path, &self.target).with_context(cannot)?;
        sync_dir(self.target.parent().unwrap_or(Path::new("."))).with_context(cannot)?;
        self.is_accepted = true;
        Ok(())
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if !self.is_accepted {
            let _ = fs::remove_file(&self.path);
        }
    }
}
