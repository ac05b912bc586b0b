//! What an interrupted run left is taken away by the next one: temporary names, inputs that no edition has, pruned
//! editions that are not yet rid of their files. Messages are settled: see [`super::outbox`].

use super::{
    edition::{Archive, read},
    pruned::Pruned,
    store::{TEMPORARY, names},
};
use anyhow::Context;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

impl Archive {
    /// Removes what an interrupted run left; gives how many things that were. Only under the lock.
    ///
    /// # Errors
    /// Those of the file system; never a manifest that cannot be read.
    pub fn clean(&self) -> anyhow::Result<usize> {
        let mut count = remove_temporaries(&self.objects())?;
        for month in self.months()? {
            count += remove_temporaries(&self.month_dir(month))?;
            for dir in numbered(&self.month_dir(month))? {
                count += remove_temporaries(&dir)?;
                // A damaged marker says nothing: whoever reads the edition will be told.
                if let Ok(Some(pruned)) = Pruned::read(&dir) {
                    count += usize::from(pruned.finish(&dir)?);
                }
            }
        }
        for (_, folder) in self.night_dirs()? {
            count += remove_temporaries(&folder)?;
        }
        Ok(count + self.settle_outbox()? + self.remove_pruned_nights()? + self.remove_unnamed()?)
    }

    /// Removes the stored inputs that no edition has; gives how many. Where an edition cannot be read it may have any
    /// of them, and all stay.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn remove_unnamed(&self) -> anyhow::Result<usize> {
        let mut named = BTreeSet::new();
        for month in self.months()? {
            for dir in numbered(&self.month_dir(month))? {
                let Ok(edition) = read(0, dir) else { return Ok(0) };
                if !edition.is_pruned() {
                    named.extend(edition.manifest.inputs.into_iter().map(|input| input.sha256));
                }
            }
        }
        let mut count = 0;
        for name in names(&self.objects())?.iter().filter(|name| is_hash(name) && !named.contains(*name)) {
            remove(&self.objects().join(name))?;
            count += 1;
        }
        Ok(count)
    }

    /// Where inputs are stored by their content.
    pub(super) fn objects(&self) -> PathBuf {
        self.dir().join("objects")
    }
}

/// Whether a name is that of a stored input.
pub(super) fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The folders of a month's editions.
fn numbered(month: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let names = names(month)?.into_iter().filter(|name| name.parse::<u32>().is_ok());
    Ok(names.map(|name| month.join(name)).collect())
}

fn remove_temporaries(folder: &Path) -> anyhow::Result<usize> {
    let left: Vec<String> = names(folder)?.into_iter().filter(|name| name.starts_with(TEMPORARY)).collect();
    left.iter().try_for_each(|name| remove(&folder.join(name)))?;
    Ok(left.len())
}

fn remove(path: &Path) -> anyhow::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}
