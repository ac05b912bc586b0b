//! `pruned.json`: that an edition was pruned, which files went, and the short codes of the findings that went with
//! them. It stands in the edition before the first file goes, so that what was interrupted can be ended.

use super::{
    edition::{Edition, MANIFEST, MANIFEST_HASH, sha256_of_file},
    store::{TEMPORARY, put_file, sync_dir, walk},
};
use crate::base::code::code_of;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path},
};

/// The file that says it.
pub(super) const MARKER: &str = "pruned.json";

/// What stays of an edition: what was paid (工资支付暂行规定 第六条 asks for two years of it), and what it stood on by hash.
const KEPT: [&str; 5] = [MANIFEST, MANIFEST_HASH, "ledger.csv", "postings.csv", "adjustments.csv"];

/// Whether a file stays when its edition is pruned.
pub(super) fn stays(name: &str) -> bool {
    KEPT.contains(&name)
}

/// What `pruned.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pruned {
    /// The files that went, with their SHA-256.
    pub(super) removed: BTreeMap<String, String>,
    /// The short codes of its findings: a decision on one of them is still about something.
    pub(super) codes: BTreeSet<String>,
}

impl Pruned {
    /// What an edition would leave.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn of(edition: &Edition) -> anyhow::Result<Self> {
        let mut removed = BTreeMap::new();
        let goes = |name: &String| !stays(name) && name != MARKER && !name.starts_with(TEMPORARY);
        for name in walk(&edition.dir)?.into_iter().filter(goes) {
            let path = edition.dir.join(&name);
            let sha256 = sha256_of_file(&path).with_context(|| format!("cannot read {}", path.display()))?;
            removed.insert(name, sha256);
        }
        let codes = edition.finding_ids()?.iter().map(|id| code_of(id)).collect();
        Ok(Self { removed, codes })
    }

    /// The marker of the edition in `dir`, if it has one.
    ///
    /// # Errors
    /// A marker that cannot be read.
    pub(super) fn read(dir: &Path) -> anyhow::Result<Option<Self>> {
        let path = dir.join(MARKER);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let marker = serde_json::from_slice(&text);
        marker.map(Some).with_context(|| format!("{} is damaged; restore it from a backup", path.display()))
    }

    /// Puts the marker into `dir`, durably and in one step.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        put_file(dir, MARKER, &bytes).with_context(|| format!("cannot write {}", dir.join(MARKER).display()))
    }

    /// Removes from `dir` what is still there of the files that went; gives whether there was anything.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn finish(&self, dir: &Path) -> anyhow::Result<bool> {
        let mut folders = BTreeSet::new();
        let mut is_changed = false;
        // A marker that somebody wrote must not reach beyond its edition.
        for name in self.removed.keys().filter(|name| is_below(name) && !stays(name)) {
            is_changed |= is_gone(fs::remove_file(dir.join(name)), &dir.join(name))?;
            let parents = Path::new(name).ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty());
            folders.extend(parents.map(Path::to_path_buf));
        }
        // The inner folders first.
        for folder in folders.iter().rev() {
            let removed = match fs::remove_dir(dir.join(folder)) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => continue,
                other => other,
            };
            is_changed |= is_gone(removed, &dir.join(folder))?;
        }
        if is_changed {
            sync_dir(dir).with_context(|| format!("cannot write {}", dir.display()))?;
        }
        Ok(is_changed)
    }
}

/// Whether a removal removed something; what was not there is gone already.
fn is_gone(removed: io::Result<()>, path: &Path) -> anyhow::Result<bool> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        other => other.map(|()| true).with_context(|| format!("cannot remove {}", path.display())),
    }
}

fn is_below(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_removes_what_it_names_and_nothing_else() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("001");
        fs::create_dir_all(dir.join("inputs/swipes")).unwrap();
        for name in ["../kept", "inputs/swipes/a.csv", "inputs/b", "ledger.csv", "own"] {
            fs::write(dir.join(name), name).unwrap();
        }
        let names = ["../kept", "inputs/swipes/a.csv", "inputs/b", "ledger.csv", "gone"];
        let removed = names.map(|name| (name.to_owned(), String::new())).into();
        let marker = Pruned { removed, codes: BTreeSet::new() };
        marker.write(&dir).unwrap();
        assert!(marker.finish(&dir).unwrap());
        assert_eq!(walk(&dir).unwrap(), ["ledger.csv", "own", MARKER]);
        assert!(outer.path().join("kept").exists() && !dir.join("inputs").exists());
        assert!(!marker.finish(&dir).unwrap(), "there was nothing left");
        assert_eq!(Pruned::read(&dir).unwrap(), Some(marker));
    }
}
