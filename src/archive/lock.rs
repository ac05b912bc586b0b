//! One run at a time: an advisory lock on `var/lock`, which names its holder. It dies with the process; who ends
//! orderly leaves the file empty, so that archives with the same history have the same bytes.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// The lock, held until dropped.
pub struct Lock {
    file: File,
}

/// Why the lock was not had.
pub enum Held {
    /// Another run holds it; what it wrote of itself.
    By(String),
    /// The file system failed.
    Failed(io::Error),
}

impl Lock {
    /// Takes the lock of the archive in `dir` at once, or says who holds it.
    ///
    /// # Errors
    /// See [`Held`].
    pub fn take(dir: &Path, holder: &str) -> Result<Self, Held> {
        super::store::make_dir(dir).map_err(Held::Failed)?;
        let open =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(dir.join("lock"));
        let mut file = open.map_err(Held::Failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                return Err(Held::By(text.trim().to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(Held::Failed(error)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{holder}")
        };
        write(&mut file).map_err(Held::Failed)?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}
