//! Nights: `nightly/2026-10-14/001/` with what a night's run found and whom it told; `failed-001` beside it, where a run
//! could not judge at all. A folder is built under a temporary name and appears by one rename.

use super::{
    edition::{Archive, MANIFEST, MANIFEST_HASH, hash_line, records},
    manifest::{OutputEntry, PeriodEntry},
    store::{names, sync_dir, write_new},
};
use crate::{
    base::hash::sha256_of,
    schema::{difference::FindingRow, message::Message},
};
use anyhow::{Context, bail};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// How the folders of runs that could not judge begin.
const FAILED: &str = "failed-";

/// A snapshot that stands in the archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Night {
    /// The day up to which was judged.
    pub date: NaiveDate,
    /// The number of the snapshot, from 1.
    pub number: u32,
    /// Its folder.
    pub dir: PathBuf,
}

/// A snapshot with what its manifest says.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its manifest.
    pub manifest: NightManifest,
    /// The SHA-256 of the manifest's bytes.
    pub sha256: String,
    dir: PathBuf,
}

/// `manifest.json` of a night: all that it is a function of, and what came of it. No clock, no host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NightManifest {
    /// The day up to which was judged, `2026-10-14`.
    pub night: String,
    /// The number of the snapshot.
    pub number: u32,
    /// The months that were judged, each up to the last day that counted.
    pub months: Vec<PeriodEntry>,
    /// The program's version.
    pub program_version: String,
    /// SHA-256 of all that decides what was found: program, days, configuration, policy, calendar, inputs, editions.
    pub basis_sha256: String,
    /// SHA-256 of the configuration file.
    pub config_sha256: String,
    /// SHA-256 of the policy values in force.
    pub policy_sha256: String,
    /// SHA-256 of the calendar.
    pub calendar_sha256: String,
    /// Every file that was read for the months, each once.
    pub inputs: Vec<NightInput>,
    /// The snapshots and editions that it is compared with, with the SHA-256 of their manifests.
    pub previous: BTreeMap<String, String>,
    /// What could not be judged, one line each.
    pub suspended: Vec<String>,
    /// Rules that are not audited, and why.
    pub unaudited: BTreeMap<String, String>,
    /// Issued months that late inputs or answers would change.
    pub reruns: Vec<String>,
    /// Every file that was written.
    pub outputs: Vec<OutputEntry>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NightInput {
    /// The source.
    pub source: String,
    /// Its name as configured.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl NightManifest {
    /// The manifest as pretty JSON with a final newline.
    ///
    /// # Errors
    /// Those of the JSON writer.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl Night {
    /// Its name in the archive, `nightly/2026-10-14/001`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("nightly/{}/{:03}", self.date, self.number)
    }

    /// What its manifest says.
    ///
    /// # Errors
    /// A manifest that is not as it was written.
    pub fn read(&self) -> anyhow::Result<Snapshot> {
        let path = self.dir.join(MANIFEST);
        let cannot = |path: &Path| format!("cannot read {}", path.display());
        let text = fs::read(&path).with_context(|| cannot(&path))?;
        let hash = self.dir.join(MANIFEST_HASH);
        let line = fs::read(&hash).with_context(|| cannot(&hash))?;
        let manifest = serde_json::from_slice(&text).ok().filter(|_| line == hash_line(&text).as_bytes());
        let Some(manifest) = manifest else {
            let help = "restore it from a backup, or move its folder out of the archive";
            bail!("{} is not as it was written\n  help: {help}", path.display());
        };
        Ok(Snapshot { manifest, sha256: sha256_of(&text), dir: self.dir.clone() })
    }
}

impl Snapshot {
    /// Its findings, in the order of the file.
    ///
    /// # Errors
    /// A file that is not as it was written.
    pub fn findings(&self) -> anyhow::Result<Vec<FindingRow>> {
        let row = |cells: &[&str]| FindingRow::new(cells.iter().map(|cell| (*cell).to_owned()).collect());
        records(&self.dir, &self.manifest.outputs, "findings.csv", row)
    }
}

impl Archive {
    /// The snapshots, by day and number.
    ///
    /// # Errors
    /// Those of reading the directory.
    pub fn nights(&self) -> anyhow::Result<Vec<Night>> {
        let mut nights = Vec::new();
        for (date, folder) in self.night_dirs()? {
            for name in names(&folder)? {
                if let Ok(number) = name.parse() {
                    nights.push(Night { date, number, dir: folder.join(&name) });
                }
            }
        }
        nights.sort();
        Ok(nights)
    }

    /// Writes a snapshot: its files with the manifest's hash, and its messages under their own names; those that go out
    /// are in the outbox as soon as it stands.
    ///
    /// # Errors
    /// Those of the file system; the archive is then as before.
    pub fn write_night(
        &self,
        night: &str,
        number: u32,
        files: &[(String, Vec<u8>)],
        (messages, outgoing): (&[Message], &[Message]),
    ) -> anyhow::Result<PathBuf> {
        self.commit(night, &format!("{number:03}"), files, (messages, outgoing))
    }

    /// Keeps what was told of a night that could not be judged, once for each `what`; gives its folder where it is new.
    /// It never counts as a snapshot.
    ///
    /// # Errors
    /// Those of the file system; the archive is then as before.
    pub fn write_failure(
        &self,
        night: &str,
        what: &str,
        (messages, outgoing): (&[Message], &[Message]),
    ) -> anyhow::Result<Option<PathBuf>> {
        let folder = self.nightly().join(night);
        let known: Vec<String> = names(&folder)?.into_iter().filter(|name| name.starts_with(FAILED)).collect();
        if known.iter().any(|name| fs::read(folder.join(name).join(FAILURE)).is_ok_and(|text| text == what.as_bytes()))
        {
            return Ok(None);
        }
        let numbers = known.iter().filter_map(|name| name.strip_prefix(FAILED)?.parse::<u32>().ok());
        let name = format!("{FAILED}{:03}", numbers.max().unwrap_or(0) + 1);
        let files = [(FAILURE.to_owned(), what.as_bytes().to_vec())];
        self.commit(night, &name, &files, (messages, outgoing)).map(Some)
    }

    fn commit(
        &self,
        night: &str,
        name: &str,
        files: &[(String, Vec<u8>)],
        (messages, outgoing): (&[Message], &[Message]),
    ) -> anyhow::Result<PathBuf> {
        let folder = self.nightly().join(night);
        let (temporary, target) = (folder.join(format!(".tmp-{name}")), folder.join(name));
        let cannot = || format!("cannot write {}", target.display());
        let hash = files.iter().find(|(name, _)| name == MANIFEST);
        let hash = hash.map(|(_, manifest)| (MANIFEST_HASH.to_owned(), hash_line(manifest).into_bytes()));
        let mails = messages.iter().map(|message| (message.file.clone(), message.bytes.clone()));
        let all: Vec<(String, Vec<u8>)> = files.iter().cloned().chain(hash).chain(mails).collect();
        write_new(&temporary, &all)?;
        self.stage(&format!("nightly/{night}/{name}"), outgoing)?;
        fs::rename(&temporary, &target).with_context(cannot)?;
        for dir in [&folder, &self.nightly(), &self.dir().to_path_buf()] {
            sync_dir(dir).with_context(cannot)?;
        }
        self.settle_outbox()?;
        Ok(target)
    }

    /// Removes the nights of months that are pruned, which are as personal as the months; gives how many. Only under
    /// the lock.
    ///
    /// # Errors
    /// Those of the file system; never a manifest that cannot be read.
    pub(super) fn remove_pruned_nights(&self) -> anyhow::Result<usize> {
        let nights = self.night_dirs()?;
        if nights.is_empty() {
            return Ok(0);
        }
        let mut count = 0;
        for month in self.months()? {
            let Ok(editions) = self.editions(month) else { continue };
            let day = |text: &str| text.parse::<NaiveDate>().ok();
            let Some(period) = editions.last().filter(|_| editions.iter().all(super::Edition::is_pruned)) else {
                continue;
            };
            let period = &period.manifest.period;
            let (Some(first), Some(last)) = (day(&period.first), day(&period.last)) else { continue };
            for (_, folder) in nights.iter().filter(|(date, _)| first <= *date && *date <= last) {
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                for run in names(folder)? {
                    self.prune_outbox(&format!("nightly/{name}/{run}"))?;
                }
                fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
                count += 1;
            }
        }
        if count > 0 {
            sync_dir(&self.nightly()).with_context(|| format!("cannot write {}", self.nightly().display()))?;
        }
        Ok(count)
    }

    /// The folders of nights.
    pub(super) fn night_dirs(&self) -> anyhow::Result<Vec<(NaiveDate, PathBuf)>> {
        let root = self.nightly();
        let days = names(&root)?.into_iter().filter_map(|name| Some((name.parse().ok()?, root.join(&name))));
        let mut days: Vec<(NaiveDate, PathBuf)> = days.collect();
        days.sort();
        Ok(days)
    }

    pub(super) fn nightly(&self) -> PathBuf {
        self.dir().join("nightly")
    }
}

/// What kept a run from judging, in its folder.
const FAILURE: &str = "failure.txt";

#[cfg(test)]
mod tests {
    use super::*;

    fn message(file: &str) -> Message {
        let text = |text: &str| text.to_owned();
        Message {
            id: text("nightly.2026-10-14.001.x"),
            file: text(file),
            role: text("hr"),
            whom: text("hr"),
            sender: text("a@example.com"),
            address: text("b@example.com"),
            bytes: b"To: b@example.com\r\n\r\n".to_vec(),
        }
    }

    fn manifest(night: &str, number: u32) -> Vec<(String, Vec<u8>)> {
        let manifest = NightManifest {
            night: night.to_owned(),
            number,
            months: Vec::new(),
            program_version: String::new(),
            basis_sha256: String::new(),
            config_sha256: String::new(),
            policy_sha256: String::new(),
            calendar_sha256: String::new(),
            inputs: Vec::new(),
            previous: BTreeMap::new(),
            suspended: Vec::new(),
            unaudited: BTreeMap::new(),
            reruns: Vec::new(),
            outputs: Vec::new(),
        };
        vec![(MANIFEST.to_owned(), manifest.to_json().unwrap())]
    }

    #[test]
    fn snapshots_are_listed_by_day_and_number_and_failures_are_none() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::new(dir.path());
        assert_eq!(archive.nights().unwrap(), []);
        for (night, number) in [("2026-10-15", 1), ("2026-10-14", 2), ("2026-10-14", 1)] {
            archive.write_night(night, number, &manifest(night, number), (&[message("mail/01-hr.eml")], &[])).unwrap();
        }
        let failed = [message("mail/01-operator.eml")];
        let failed = (failed.as_slice(), [].as_slice());
        assert!(archive.write_failure("2026-10-16", "no roster", failed).unwrap().unwrap().ends_with("failed-001"));
        assert_eq!(archive.write_failure("2026-10-16", "no roster", failed).unwrap(), None, "it is told once");
        assert!(archive.write_failure("2026-10-16", "no year", failed).unwrap().unwrap().ends_with("failed-002"));
        let names: Vec<String> = archive.nights().unwrap().iter().map(Night::name).collect();
        assert_eq!(names, ["nightly/2026-10-14/001", "nightly/2026-10-14/002", "nightly/2026-10-15/001"]);
        let night = archive.nights().unwrap().pop().unwrap();
        assert_eq!(night.read().unwrap().manifest.night, "2026-10-15");
        assert!(night.dir.join("mail/01-hr.eml").exists());
        fs::write(night.dir.join(MANIFEST), "{}").unwrap();
        assert!(night.read().unwrap_err().to_string().contains("is not as it was written"));
    }

    #[test]
    fn what_an_interrupted_night_left_is_cleaned() {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::new(dir.path());
        archive.write_night("2026-10-14", 1, &manifest("2026-10-14", 1), (&[], &[])).unwrap();
        let left = dir.path().join("nightly/2026-10-14/.tmp-002");
        fs::create_dir(&left).unwrap();
        assert_eq!(archive.clean().unwrap(), 1);
        assert!(!left.exists() && archive.nights().unwrap().len() == 1);
        assert_eq!(archive.verify(None).unwrap().faults, []);
    }
}
