//! A configured source: which files, how they are read, and how far they are trusted (3-tables §3.2).

use super::mapping::Mapping;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Files that an edition kept, read in place of those that are there today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Whether they are only read where a source has no complete set of files today.
    pub is_for_missing: bool,
    /// Whether decisions are among them.
    pub is_whole: bool,
    files: BTreeMap<String, BTreeMap<String, PathBuf>>,
    missing: BTreeMap<String, String>,
}

impl Kept {
    /// No file yet.
    #[must_use]
    pub fn new(is_whole: bool) -> Self {
        Self { is_whole, ..Self::default() }
    }

    /// Says of a source why it had no complete set of files.
    pub fn lack(&mut self, source: &str, why: &str) {
        self.missing.insert(source.to_owned(), why.to_owned());
    }

    /// Why a source has no complete set of files, if it has none.
    #[must_use]
    pub fn missing(&self, source: &str) -> Option<&str> {
        let none = || (!self.files.contains_key(source)).then_some("the edition kept no file of it");
        self.missing.get(source).map(String::as_str).or_else(none)
    }

    /// Adds a file of a source under the name that the configuration knew it by.
    pub fn add(&mut self, source: &str, name: &str, path: PathBuf) {
        self.files.entry(source.to_owned()).or_default().insert(name.to_owned(), path);
    }

    /// The files of a source: name and path, by name.
    pub fn files(&self, source: &str) -> impl Iterator<Item = (&str, &Path)> {
        self.files.get(source).into_iter().flatten().map(|(name, path)| (name.as_str(), path.as_path()))
    }

    /// Where a file of a source is kept.
    #[must_use]
    pub fn path(&self, source: &str, name: &str) -> Option<&Path> {
        self.files.get(source)?.get(name).map(PathBuf::as_path)
    }
}

/// The roster of an earlier time, as the program wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldRoster {
    /// How evidence names it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// How a source proves until when it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Its latest time.
    Data,
    /// The latest date in the names of its files, that day included.
    FileName,
    /// The `closures` register, that day included.
    Closure,
    /// The file is there and somebody keeps it.
    Vouched,
}

impl Proof {
    /// The words of the configuration.
    pub const WORDS: [&str; 4] = ["data", "file-name", "closure", "vouched"];

    /// The proof that a word of the configuration names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Data, Self::FileName, Self::Closure, Self::Vouched];
        Self::WORDS.iter().position(|known| *known == word).map(|place| all[place])
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The proof of a source that does not say: swipes and tickets by their data, all others vouched.
    #[must_use]
    pub fn default_of(table: &str) -> Self {
        if matches!(table, "swipes" | "tickets") { Self::Data } else { Self::Vouched }
    }
}

/// One `[sources.X]` of the configuration.
#[derive(Clone, Debug)]
pub struct Source {
    /// Paths or globs, relative to the configuration file.
    pub files: Vec<String>,
    /// Presets, of which each file uses the first whose header fits.
    pub presets: Vec<String>,
    /// What the configuration maps itself; it goes over the preset.
    pub mapping: Mapping,
    /// How it proves its completeness.
    pub proof: Proof,
    /// A file counts only with `FILE.ok` beside it.
    pub needs_marker: bool,
    /// Declared as "we have no such thing".
    pub is_none: bool,
    /// Not usable above this share of rejected rows (percent) …
    pub max_rejected_percent: u64,
    /// … and above this number of them.
    pub max_rejected_rows: u64,
}
