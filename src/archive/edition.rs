//! Editions: `editions/2026-10/001/` with all outputs, the manifest and the inputs it read.
//!
//! Inputs are stored once by content under `objects/` and linked into each edition under their own names, so that
//! they can be read with ordinary tools. An edition is built under a temporary name and appears by one rename.

use super::{
    manifest::{Manifest, OutputEntry},
    pruned::Pruned,
    store::{make_dir, names, sync_dir, write_file, write_new},
};
use crate::{
    base::{
        hash::{hex, sha256_of},
        month::Month,
        text::unguarded,
    },
    schema::{difference::FindingRow, inputs::InputFile, message::Message},
};
use anyhow::{Context, bail};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// The archive in a directory.
pub struct Archive {
    dir: PathBuf,
}

/// An edition that stands in the archive.
#[derive(Clone, Debug)]
pub struct Edition {
    /// Its number.
    pub number: u32,
    /// Its folder.
    pub dir: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// The SHA-256 of the manifest's bytes.
    pub sha256: String,
    /// What was left of it, where it was pruned.
    pub(super) pruned: Option<Pruned>,
}

impl Edition {
    /// The roster that it was judged with, with the columns of the table `employees`.
    pub const ROSTER: &str = "inputs/roster.csv";

    /// Its name in the archive, `2026-09/003`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{:03}", self.manifest.period.month, self.number)
    }

    /// Whether only its manifest, ledger and movements of money are left.
    #[must_use]
    pub fn is_pruned(&self) -> bool {
        self.pruned.is_some()
    }

    /// The ids of its findings, in the order of the file; none where they were pruned.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn finding_ids(&self) -> anyhow::Result<Vec<String>> {
        if self.is_pruned() {
            return Ok(Vec::new());
        }
        self.records("findings.csv", |cells| cells.first().map(|id| (*id).to_owned()))
    }

    /// What decisions may be about: the ids of its findings, or their short codes where they were pruned.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn known(&self) -> anyhow::Result<Vec<String>> {
        match &self.pruned {
            Some(pruned) => Ok(pruned.codes.iter().cloned().collect()),
            None => self.finding_ids(),
        }
    }

    /// Its findings, in the order of the file.
    ///
    /// # Errors
    /// A file that cannot be read; and a pruned edition: no findings would mean that nothing was ever charged.
    pub fn findings(&self) -> anyhow::Result<Vec<FindingRow>> {
        if self.is_pruned() {
            bail!("edition {} is pruned, its findings are gone; restore it from a backup", self.name());
        }
        self.records("findings.csv", |cells| FindingRow::new(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    /// The rows of one of its CSV files, without the quotes that guard against formulas.
    ///
    /// # Errors
    /// A file that cannot be read, or a row that `row` does not take.
    pub fn records<T>(&self, name: &str, row: impl Fn(&[&str]) -> Option<T>) -> anyhow::Result<Vec<T>> {
        records(&self.dir, &self.manifest.outputs, name, row)
    }
}

/// The rows of a CSV file in `dir` that `outputs` name, without the quotes that guard against formulas.
pub(super) fn records<T>(
    dir: &Path,
    outputs: &[OutputEntry],
    name: &str,
    row: impl Fn(&[&str]) -> Option<T>,
) -> anyhow::Result<Vec<T>> {
    let path = dir.join(name);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let damaged = || format!("{} is damaged; restore it from a backup", path.display());
    // Money is computed from these rows.
    let known = outputs.iter().find(|output| output.name == name);
    if known.is_none_or(|output| output.sha256 != sha256_of(&bytes)) {
        bail!("{} is not as it was written; restore it from a backup (`meritbook editions verify`)", path.display());
    }
    let bare = |record: csv::Result<csv::StringRecord>| {
        let record = record.with_context(damaged)?;
        let cells: Vec<&str> = record.iter().map(unguarded).collect();
        row(&cells).with_context(damaged)
    };
    csv::Reader::from_reader(text).records().map(bare).collect()
}

impl Archive {
    /// The archive in `dir`; nothing is made before something is written.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf() }
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn month_dir(&self, month: Month) -> PathBuf {
        self.dir.join("editions").join(month.to_string())
    }

    /// The months that have editions, in order.
    ///
    /// # Errors
    /// Those of reading the directory.
    pub fn months(&self) -> anyhow::Result<Vec<Month>> {
        let mut months: Vec<Month> =
            names(&self.dir.join("editions"))?.iter().filter_map(|name| name.parse().ok()).collect();
        months.sort();
        Ok(months)
    }

    /// The editions of a month, in order of their numbers.
    ///
    /// # Errors
    /// An edition whose manifest cannot be read.
    pub fn editions(&self, month: Month) -> anyhow::Result<Vec<Edition>> {
        let dir = self.month_dir(month);
        let mut numbers: Vec<u32> = names(&dir)?.iter().filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| read(number, dir.join(format!("{number:03}")))).collect()
    }

    /// The editions of every month that has some, in order.
    ///
    /// # Errors
    /// An edition whose manifest cannot be read.
    pub fn all(&self) -> anyhow::Result<Vec<(Month, Vec<Edition>)>> {
        self.months()?.into_iter().map(|month| Ok((month, self.editions(month)?))).collect()
    }

    /// The finding that `is_meant` knows by its id, with its month: of several months the latest.
    ///
    /// # Errors
    /// An edition that cannot be read.
    pub fn find(&self, is_meant: &dyn Fn(&str) -> bool) -> anyhow::Result<Option<(String, Month)>> {
        for month in self.months()?.into_iter().rev() {
            for edition in self.editions(month)?.iter().rev() {
                if let Some(id) = edition.finding_ids()?.into_iter().find(|id| is_meant(id)) {
                    return Ok(Some((id, month)));
                }
            }
        }
        Ok(None)
    }

    /// Stores the content of an input once; refuses a file that has changed since it was read.
    ///
    /// # Errors
    /// Those of the file system, and a changed file.
    pub fn store(&self, file: &InputFile) -> anyhow::Result<()> {
        let objects = self.dir.join("objects");
        let target = objects.join(&file.sha256);
        // What is damaged is stored afresh; editions that it is linked into keep what they have, and verify names them.
        if target.is_file() && sha256_of_file(&target)? == file.sha256 {
            return Ok(());
        }
        let cannot = || format!("cannot archive {}", file.path.display());
        make_dir(&objects).with_context(cannot)?;
        let temporary = objects.join(format!(".tmp-{}", file.sha256));
        write_file(&temporary, b"").with_context(cannot)?;
        let mut from = fs::File::open(&file.path).with_context(cannot)?;
        let mut to = fs::OpenOptions::new().write(true).open(&temporary).with_context(cannot)?;
        let sha256 = copy_hashed(&mut from, &mut to).with_context(cannot)?;
        to.sync_all().with_context(cannot)?;
        if sha256 != file.sha256 {
            bail!("{} changed while the month was judged; run again when it is complete", file.path.display());
        }
        fs::rename(&temporary, &target).with_context(cannot)?;
        sync_dir(&objects).with_context(cannot)
    }

    /// Writes an edition: all files with the manifest's hash, the inputs (stored before with [`Archive::store`]), and
    /// beside them the texts that the manifest names by their hash: see [`TEXTS`]. Its messages are in the outbox as soon
    /// as it stands.
    ///
    /// # Errors
    /// Those of the file system; the archive is then as before.
    pub fn write(
        &self,
        month: Month,
        number: u32,
        files: &[(String, &[u8])],
        (inputs, texts): (&[InputFile], [&str; 4]),
        messages: &[Message],
    ) -> anyhow::Result<PathBuf> {
        let month_dir = self.month_dir(month);
        let temporary = month_dir.join(format!(".tmp-{number:03}"));
        let target = month_dir.join(format!("{number:03}"));
        let cannot = || format!("cannot write the edition {}", target.display());
        write_new(&temporary, files)?;
        if let Some((_, manifest)) = files.iter().find(|(name, _)| name == MANIFEST) {
            write_file(&temporary.join(MANIFEST_HASH), hash_line(manifest).as_bytes()).with_context(cannot)?;
        }
        let folder = temporary.join("inputs");
        make_dir(&folder).with_context(cannot)?;
        for (name, text) in TEXTS.into_iter().zip(texts) {
            write_file(&folder.join(name), text.as_bytes()).with_context(cannot)?;
        }
        let mut linked = BTreeSet::new();
        for (file, name) in inputs.iter().zip(archived_names(inputs)) {
            if !linked.insert(name.clone()) {
                continue;
            }
            let own = folder.join(&file.source);
            make_dir(&own).with_context(cannot)?;
            link(&self.dir.join("objects").join(&file.sha256), &folder.join(name)).with_context(cannot)?;
            sync_dir(&own).with_context(cannot)?;
        }
        sync_dir(&folder).with_context(cannot)?;
        sync_dir(&temporary).with_context(cannot)?;
        self.stage(&format!("editions/{month}/{number:03}"), messages)?;
        fs::rename(&temporary, &target).with_context(cannot)?;
        sync_dir(&month_dir).with_context(cannot)?;
        for dir in [self.dir.join("editions"), self.dir.clone()] {
            sync_dir(&dir).with_context(cannot)?;
        }
        self.settle_outbox()?;
        Ok(target)
    }
}

/// The manifest of an edition …
pub(super) const MANIFEST: &str = "manifest.json";
/// … and its hash, as `sha256sum -c` reads it: a changed manifest is found with ordinary tools.
pub(super) const MANIFEST_HASH: &str = "manifest.json.sha256";
/// The texts below `inputs/` that an edition is a function of: configuration, policy values, calendar.
pub const TEXTS: [&str; 4] = ["config.toml", "policy.txt", "calendar.txt", "roster.csv"];

/// The one line of [`MANIFEST_HASH`].
pub(super) fn hash_line(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", sha256_of(manifest))
}

/// The edition `number` in the folder `dir`.
pub(super) fn read(number: u32, dir: PathBuf) -> anyhow::Result<Edition> {
    let path = dir.join(MANIFEST);
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let hash = dir.join(MANIFEST_HASH);
    let line = fs::read(&hash).with_context(|| format!("cannot read {}", hash.display()))?;
    if line != hash_line(&text).as_bytes() {
        bail!("{} is not as it was written; restore it from a backup (`meritbook editions verify`)", path.display());
    }
    let manifest = serde_json::from_slice(&text);
    let manifest = manifest.with_context(|| format!("{} is damaged; restore it from a backup", path.display()))?;
    let pruned = Pruned::read(&dir)?;
    Ok(Edition { number, dir, manifest, sha256: sha256_of(&text), pruned })
}

/// Where an edition keeps each input below `inputs/`: under its source and own name, numbered where that is taken. The
/// sheets of a workbook are kept once, as the workbook.
#[must_use]
pub fn archived_names(inputs: &[InputFile]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut known: BTreeMap<(&str, &Path), String> = BTreeMap::new();
    let mut names = Vec::with_capacity(inputs.len());
    for (index, file) in inputs.iter().enumerate() {
        let place = (file.source.as_str(), file.path.as_path());
        if let Some(name) = known.get(&place) {
            names.push(name.clone());
            continue;
        }
        let base = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let plain = format!("{}/{base}", file.source);
        let name = if taken.contains(&plain) { format!("{}/{index:05}-{base}", file.source) } else { plain };
        taken.insert(name.clone());
        known.insert(place, name.clone());
        names.push(name);
    }
    names
}

/// A hard link, or a copy where the file system has none.
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) => fs::copy(from, to).and_then(|_| fs::File::open(to)?.sync_all()),
    }
}

/// Copies to its end; gives the SHA-256 of what was copied.
fn copy_hashed(from: &mut fs::File, to: &mut impl Write) -> std::io::Result<String> {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
    Ok(hex(&hash.finalize()))
}

/// The SHA-256 of a file, however large.
pub(super) fn sha256_of_file(path: &Path) -> std::io::Result<String> {
    copy_hashed(&mut fs::File::open(path)?, &mut std::io::sink())
}
