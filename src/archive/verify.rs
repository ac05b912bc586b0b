//! Whether the archive is as it was written: every file by its hash, every edition in its place. Only reads, and takes
//! no lock; every fault is told, and one that cannot be read does not keep the others from being looked at.

use super::{
    clean::is_hash,
    edition::{Archive, MANIFEST, MANIFEST_HASH, TEXTS, hash_line, sha256_of_file},
    manifest::Manifest,
    pruned::{MARKER, Pruned, stays},
    store::{TEMPORARY, names, walk},
};
use crate::base::{hash::sha256_of, month::Month, problem::Problem};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
};

const RESTORE: &str = "restore it from a backup";
const STATES: [&str; 3] = ["proposed", "issued", "reissued"];

/// What was looked at, and what is not as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Editions.
    pub editions: usize,
    /// Files.
    pub files: usize,
    /// What is wrong, where, and what to do; sorted.
    pub faults: Vec<Problem>,
}

impl Archive {
    /// Looks at every edition and every stored input, or at those of one month.
    ///
    /// # Errors
    /// The archive's folder cannot be listed.
    pub fn verify(&self, only: Option<Month>) -> anyhow::Result<Verified> {
        let mut look = Look::default();
        let editions = self.dir().join("editions");
        for name in names(&editions)? {
            match name.parse::<Month>() {
                Ok(month) if only.is_none_or(|only| only == month) => look.month(month, &self.month_dir(month)),
                Ok(_) => {}
                Err(_) if only.is_some() => {}
                Err(_) => look.fault(&editions.join(&name), "it is not a month's folder", "move it out of the archive"),
            }
        }
        look.earlier(&editions);
        look.objects(&self.objects(), only.is_none());
        look.seen.faults.sort();
        look.seen.faults.dedup();
        Ok(look.seen)
    }
}

/// A look at an archive that goes on.
#[derive(Default)]
struct Look {
    seen: Verified,
    /// Hashes of what was read, by device and inode: an input and its object are one file.
    hashes: BTreeMap<(u64, u64), String>,
    /// Stored inputs that editions have.
    named: BTreeSet<String>,
    /// Earlier editions as manifests name them, with their hash: which manifests do.
    earlier: BTreeMap<(String, String), Vec<String>>,
}

impl Look {
    fn fault(&mut self, path: &Path, what: impl Into<String>, help: &str) {
        self.seen.faults.push(Problem::new(path.display().to_string(), what, help));
    }

    /// Lists a folder; where that fails it is a fault, and the folder counts as empty.
    fn listed(&mut self, dir: &Path, list: impl Fn(&Path) -> anyhow::Result<Vec<String>>) -> Vec<String> {
        list(dir).unwrap_or_else(|error| {
            self.fault(dir, format!("it cannot be listed: {error:#}"), "look at the disk and at its permissions");
            Vec::new()
        })
    }

    /// The bytes' hash; `None` where there is a fault.
    fn hash(&mut self, path: &Path, namer: &str) -> Option<String> {
        self.seen.files += 1;
        let missing = format!("it is missing, and {namer} names it");
        let hash = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing),
            Err(error) => Err(format!("it cannot be read: {error}")),
            Ok(meta) if !meta.is_file() => Err("it is not a plain file".to_owned()),
            Ok(meta) => match self.hashes.get(&(meta.dev(), meta.ino())) {
                Some(hash) => Ok(hash.clone()),
                None => sha256_of_file(path).map_err(|error| format!("it cannot be read: {error}")).inspect(|hash| {
                    self.hashes.insert((meta.dev(), meta.ino()), hash.clone());
                }),
            },
        };
        hash.map_err(|what| self.fault(path, what, RESTORE)).ok()
    }

    /// The file is there, with this hash.
    fn expect(&mut self, path: &Path, sha256: &str, namer: &str) {
        if let Some(found) = self.hash(path, namer).filter(|found| found != sha256) {
            self.fault(path, format!("it was changed: its SHA-256 is {found}, by {namer} {sha256}"), RESTORE);
        }
    }

    fn month(&mut self, month: Month, dir: &Path) {
        let mut numbers = BTreeSet::new();
        for name in self.listed(dir, names) {
            match name.parse::<u32>() {
                Ok(number) if number > 0 && name == format!("{number:03}") => {
                    numbers.insert(number);
                }
                // Left by an interrupted run, or being written just now.
                _ if name.starts_with(TEMPORARY) => {}
                _ => self.fault(&dir.join(&name), "it is not an edition's folder", "move it out of the archive"),
            }
        }
        for number in 1..=numbers.last().copied().unwrap_or(0) {
            let folder = dir.join(format!("{number:03}"));
            if numbers.contains(&number) {
                self.edition(month, number, &folder);
            } else {
                self.fault(&folder, "it is missing, and there are later editions", RESTORE);
            }
        }
    }

    fn edition(&mut self, month: Month, number: u32, dir: &Path) {
        self.seen.editions += 1;
        let Some(manifest) = self.manifest(month, number, dir) else { return };
        let pruned = Pruned::read(dir).unwrap_or_else(|error| {
            self.fault(&dir.join(MARKER), format!("it cannot be read: {:#}", error.root_cause()), RESTORE);
            Some(Pruned { removed: BTreeMap::new(), codes: BTreeSet::new() })
        });
        let expected = expected(&manifest);
        for (name, sha256) in &expected {
            match pruned.as_ref().filter(|_| !stays(name)) {
                None => self.expect(&dir.join(name), sha256, MANIFEST),
                Some(pruned) => self.gone(&dir.join(name), sha256, pruned.removed.get(name)),
            }
        }
        let is_own = |name: &String| {
            let own = [MANIFEST, MANIFEST_HASH].contains(&name.as_str()) || (pruned.is_some() && name == MARKER);
            own || expected.contains_key(name) || name.starts_with(TEMPORARY)
        };
        for name in self.listed(dir, walk).iter().filter(|name| !is_own(name)) {
            self.fault(&dir.join(name), "the manifest does not name it", "move it out of the archive");
        }
        if pruned.is_none() {
            self.named.extend(manifest.inputs.into_iter().map(|input| input.sha256));
        }
        let name = format!("{month}/{number:03}");
        for earlier in manifest.earlier_editions {
            self.earlier.entry(earlier).or_default().push(name.clone());
        }
    }

    /// The manifest, looked at by itself; `None` where it cannot be read.
    fn manifest(&mut self, month: Month, number: u32, dir: &Path) -> Option<Manifest> {
        let path = dir.join(MANIFEST);
        self.hash(&path, "every edition")?;
        let bytes = fs::read(&path).unwrap_or_default();
        self.seen.files += 1;
        match fs::read(dir.join(MANIFEST_HASH)) {
            Ok(line) if line == hash_line(&bytes).as_bytes() => {}
            Ok(_) => {
                self.fault(&path, format!("it does not agree with {MANIFEST_HASH}: one of them was changed"), RESTORE);
            }
            Err(error) => self.fault(&dir.join(MANIFEST_HASH), format!("it cannot be read: {error}"), RESTORE),
        }
        let manifest: Manifest = match serde_json::from_slice(&bytes) {
            Ok(manifest) => manifest,
            Err(error) => {
                self.fault(&path, format!("it is damaged, so its edition cannot be looked at: {error}"), RESTORE);
                return None;
            }
        };
        if manifest.edition != number || manifest.period.month != month.to_string() {
            let (said, own) = (&manifest.period.month, manifest.edition);
            self.fault(&path, format!("it is that of {said}/{own:03}, not of {month}/{number:03}"), RESTORE);
        }
        if !STATES.contains(&manifest.state.as_str()) {
            self.fault(&path, format!("the state `{}` is none", manifest.state), RESTORE);
        }
        Some(manifest)
    }

    /// The file went when its edition was pruned.
    fn gone(&mut self, path: &Path, sha256: &str, removed: Option<&String>) {
        self.seen.files += 1;
        if removed.is_none_or(|removed| removed != sha256) {
            self.fault(path, format!("{MARKER} does not say that it went, with its SHA-256"), RESTORE);
        } else if fs::symlink_metadata(path).is_ok() {
            self.fault(
                path,
                format!("it is still there, though {MARKER} says that it went"),
                "the next run removes it",
            );
        }
    }

    /// Earlier editions are still what later ones saw.
    fn earlier(&mut self, editions: &Path) {
        for ((name, sha256), namers) in std::mem::take(&mut self.earlier) {
            let path = editions.join(&name).join(MANIFEST);
            let others = if namers.len() > 1 { format!(" and {} more", namers.len() - 1) } else { String::new() };
            let namer = format!("edition {}{others}", namers[0]);
            match fs::read(&path).map(|bytes| sha256_of(&bytes)) {
                Ok(found) if found == sha256 => {}
                Ok(_) => self.fault(&path, format!("it is not the one that {namer} looked at, {sha256}"), RESTORE),
                Err(error) => self.fault(&path, format!("{namer} looked at it: {error}"), RESTORE),
            }
        }
    }

    /// Stored inputs have the content that their name says.
    fn objects(&mut self, dir: &Path, is_all: bool) {
        let named = std::mem::take(&mut self.named);
        for name in &named {
            self.expect(&dir.join(name), name, "an edition");
        }
        let listed = if is_all { self.listed(dir, names) } else { Vec::new() };
        for name in listed.iter().filter(|name| !named.contains(*name) && !name.starts_with(TEMPORARY)) {
            if is_hash(name) {
                self.expect(&dir.join(name), name, "its name");
            } else {
                self.fault(&dir.join(name), "it is not a stored input", "move it out of the archive");
            }
        }
    }
}

/// Every file that a manifest names but itself, with its hash.
fn expected(manifest: &Manifest) -> BTreeMap<String, String> {
    let outputs = manifest.outputs.iter().map(|output| (output.name.clone(), output.sha256.clone()));
    // The sheets of a workbook are one file.
    let inputs = manifest.inputs.iter().map(|input| (format!("inputs/{}", input.archived), input.sha256.clone()));
    let hashes = [&manifest.config_sha256, &manifest.policy_sha256, &manifest.calendar_sha256, &manifest.roster_sha256];
    let texts = TEXTS.iter().zip(hashes).map(|(name, sha256)| (format!("inputs/{name}"), sha256.clone()));
    outputs.chain(inputs).chain(texts).collect()
}
