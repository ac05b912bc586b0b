//! Exports that went through the mill: every fixture with bytes flipped, lines lost, cells grown, encodings changed. No
//! panic, no hang, and every row is used, rejected, outside, out of period or a duplicate.
//!
//! `MERITBOOK_FUZZ=3600` goes on for so many seconds; without it some hundred mutants are read.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own set-up fails")]

use meritbook::{
    base::month::{Month, Period},
    config::{Config, load},
    ingest::{
        Progress, Settings,
        inspect::{Request, inspect},
        presets, read,
    },
    rules,
    schema::inputs::{Inputs, Status, Totals},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Cursor, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

const SEED: u64 = 20_261_014;
/// Mutants of each pair of a preset and a file that it fits, where no time is given.
const MUTANTS: u64 = 12;
/// A line is repeated up to so many bytes: several workers read such a file.
const MOST_BYTES: usize = 1 << 20;
/// The longest that one file may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Names and bytes.
type Files = Vec<(String, Vec<u8>)>;

/// A configuration whose one source beside the roster and the meetings is read from the file `export`.
struct Bench {
    folder: tempfile::TempDir,
    config: Config,
    table: &'static str,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn month() -> Period {
    let month: Month = "2026-10".parse().unwrap();
    Period::new(month, 1)
}

impl Bench {
    /// `preset` is empty for a file with canonical names.
    fn new(table: &'static str, preset: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shipped = fs::read_to_string(root().join("config.toml")).unwrap();
        let (_, policy) = shipped.split_once("# The policy's values.").unwrap();
        let preset = if preset.is_empty() { String::new() } else { format!("preset = [\"{preset}\"]\n") };
        let meetings = if table == "meetings" { "" } else { "[sources.meetings]\nfiles = [\"meetings.csv\"]\n" };
        let text = format!(
            "[sources.employees]\nfiles = [\"employees.csv\"]\n{meetings}\
             [sources.{table}]\nfiles = [\"export\"]\n{preset}\n# {policy}"
        );
        fs::write(folder.path().join("config.toml"), text).unwrap();
        fs::copy(root().join("fixtures/exports/employees.csv"), folder.path().join("employees.csv")).unwrap();
        let meetings = "meeting_id,title,kind,start,end,mandatory\nM1,周例会,meeting,2026-10-14 09:00,2026-10-14 10:00,y\n\
                        M2,Weekly,training,2026-10-15 08:45,2026-10-15 10:00,y\n";
        fs::write(folder.path().join("meetings.csv"), meetings).unwrap();
        let config = load(&folder.path().join("config.toml"), &rules::known()).unwrap();
        Self { folder, config, table }
    }

    fn read(&self, bytes: &[u8]) -> Inputs {
        fs::write(self.folder.path().join("export"), bytes).unwrap();
        let config = &self.config;
        let settings = Settings {
            base: &config.base,
            sources: &config.sources,
            policy: &config.policy,
            calendar: &config.calendar,
            timezone: config.timezone,
            areas: &config.areas,
            kept: None,
            roster: None,
        };
        read(&settings, month(), &|_: Progress<'_>| {}).unwrap_or_else(|failure| panic!("{failure}"))
    }

    fn is_read(&self, bytes: &[u8]) -> bool {
        let inputs = self.read(bytes);
        inputs.states[self.table].status == Status::Ready
    }

    /// Looks at a mutant as `inspect` does, in time.
    fn look(&self) {
        let start = Instant::now();
        let path = self.folder.path().join("export");
        let request = Request {
            path: &path,
            name: "export",
            staff: None,
            zone: self.config.timezone,
            years: (2009, 2027),
            is_configured: &|_| false,
        };
        drop(inspect(&request));
        assert!(start.elapsed() < LIMIT, "to look takes {:?}", start.elapsed());
    }

    /// Reads a mutant, in time and without losing a row.
    fn hold(&self, bytes: &[u8]) {
        let start = Instant::now();
        let inputs = self.read(bytes);
        assert!(start.elapsed() < LIMIT, "it takes {:?}", start.elapsed());
        let mut rejected = 0;
        for file in inputs.files.iter().filter(|file| file.source == self.table) {
            let totals = &file.totals;
            let sum = totals.used + totals.rejected + totals.outside + totals.out_of_period + totals.duplicates;
            assert_eq!(totals.rows, sum, "{}", file.name);
            rejected += totals.rejected;
        }
        let listed = inputs.rejected.iter().filter(|row| row.source == self.table);
        assert!(listed.clone().all(|row| row.line > 0 && !row.reason.is_empty()));
        assert_eq!(listed.count() as u64, rejected, "the list of rejected rows");
    }
}

/// The shipped exports.
fn exports() -> Files {
    let mut found = Vec::new();
    let mut folders = vec![root().join("fixtures/exports")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_code = path.extension().is_some_and(|end| end == "py" || end == "md");
            match path.is_dir() {
                true => folders.push(path),
                false if is_code => {}
                false => found.push((path.display().to_string(), fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

/// Every pair of a bench and a file that it can read as it is.
fn pairs() -> Vec<(Bench, Files)> {
    let exports = exports();
    let named = presets::names().into_iter().map(|name| (presets::preset(name).unwrap().unwrap().table, name));
    // Answers come to `decisions`, which stop a run where they cannot be read.
    let all = named.chain([("leaves", ""), ("swipes", "")]).filter(|(table, _)| *table != "decisions");
    let pairs = all.map(|(table, preset)| {
        let bench = Bench::new(table, preset);
        let own = exports.iter().filter(|(_, bytes)| bench.is_read(bytes)).cloned().collect();
        (bench, own)
    });
    pairs.filter(|(_, own): &(Bench, Files)| !own.is_empty()).collect()
}

/// The bytes with one to four things wrong.
fn mutant(bytes: &[u8], others: &[(String, Vec<u8>)], dice: &mut StdRng) -> Vec<u8> {
    if bytes.starts_with(b"PK") && dice.random_bool(0.8) {
        return repacked(bytes, dice).unwrap_or_default();
    }
    let mut bytes = bytes.to_vec();
    for _ in 0..dice.random_range(1..=4) {
        wound(&mut bytes, others, dice);
    }
    bytes
}

/// A workbook whose parts are mutants.
fn repacked(bytes: &[u8], dice: &mut StdRng) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut made = ZipWriter::new(Cursor::new(Vec::new()));
    let chosen = dice.random_range(0..archive.len());
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).ok()?;
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        let name = part.name().ok()?.into_owned();
        if index == chosen || (name.contains("worksheets") && dice.random_bool(0.7)) {
            wound(&mut content, &[], dice);
        }
        made.start_file(name, SimpleFileOptions::default()).ok()?;
        made.write_all(&content).ok()?;
    }
    Some(made.finish().ok()?.into_inner())
}

fn wound(bytes: &mut Vec<u8>, others: &[(String, Vec<u8>)], dice: &mut StdRng) {
    const ODD: &[&[u8]] = &[
        b"\"",
        b",",
        b";",
        b"\t",
        b"\r",
        b"\n",
        b"\n\n",
        b"\0",
        b"\0\0\0\0",
        b"\xff",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x1f",
        b"'",
        b"=",
        b"--",
        b"&",
        b"(",
        b"<table>",
        b"<tr>",
        b"</td>",
        b"\xe6\xac\xa1\xe6\x97\xa5",
        b"9999999999999999999",
        b"2026-02-30 25:61:61",
        b"-1",
        b"\xf0\x9f\x92\xa9",
        b"~",
        b"%",
        b"\\",
        b"\\\"",
        b"*",
        b"[",
        b"0",
    ];
    if bytes.is_empty() {
        return;
    }
    let at = dice.random_range(0..bytes.len());
    let near = (at + dice.random_range(0..200)).min(bytes.len());
    match dice.random_range(0..12) {
        0 => bytes[at] ^= 1 << dice.random_range(0..8),
        1 => bytes[at] = dice.random(),
        2 => drop(bytes.drain(at..near)),
        3 => bytes.truncate(at),
        4 => {
            let part = bytes[at..near].to_vec();
            bytes.splice(at..at, part.repeat(dice.random_range(1..4)));
        }
        5 => {
            let odd = ODD[dice.random_range(0..ODD.len())];
            bytes.splice(at..at, odd.iter().copied());
        }
        6 => {
            let odd = ODD[dice.random_range(0..ODD.len())];
            bytes.splice(at..near, odd.repeat(dice.random_range(1..50)));
        }
        7 => bytes[at..near].reverse(),
        8 => {
            let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            let (one, other) = (dice.random_range(0..lines.len()), dice.random_range(0..lines.len()));
            lines.swap(one, other);
            *bytes = lines.concat();
        }
        9 => {
            let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            let line = lines[dice.random_range(0..lines.len())];
            let times = dice.random_range(1..3000).min(MOST_BYTES / line.len().max(1));
            bytes.splice(at..at, line.repeat(times));
        }
        10 => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            *bytes = match dice.random_range(0..4) {
                0 => encoding_rs::GB18030.encode(&text).0.into_owned(),
                1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                2 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                _ => encoding_rs::WINDOWS_1250.encode(&text).0.into_owned(),
            };
        }
        _ => {
            let Some((_, other)) = others.get(dice.random_range(0..others.len().max(1))) else { return };
            let from = dice.random_range(0..other.len().max(1)).min(other.len());
            let to = (from + dice.random_range(0..400)).min(other.len());
            bytes.splice(at..at, other[from..to].iter().copied());
        }
    }
}

/// The control totals of the bench's source, by sheet.
fn totals(bench: &Bench, bytes: &[u8]) -> Vec<(String, Totals)> {
    let files = bench.read(bytes).files.into_iter().filter(|file| file.source == bench.table);
    files.map(|file| (file.name, file.totals)).collect()
}

#[test]
fn where_all_presets_are_named_each_export_is_read_as_with_its_own() {
    let named = presets::names().into_iter().map(|name| (presets::preset(name).unwrap().unwrap(), name));
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (preset, name) in named.filter(|(preset, _)| preset.table != "decisions") {
        tables.entry(preset.table).or_default().push(name);
    }
    let exports = exports();
    let mut compared = 0;
    for (table, names) in tables {
        let all = Bench::new(table, &names.join("\", \""));
        let own: Vec<Bench> = names.iter().map(|name| Bench::new(table, name)).collect();
        for (file, bytes) in &exports {
            let own = own.iter().filter(|bench| bench.is_read(bytes));
            let own: Vec<(String, Totals)> = own.flat_map(|bench| totals(bench, bytes)).collect();
            // Some export of another system has a time where a device writes it: none of its rows is used.
            if own.iter().all(|(_, totals)| totals.used == 0) {
                continue;
            }
            compared += 1;
            let read = totals(&all, bytes);
            assert!(read.iter().all(|one| own.contains(one)), "{file} as {table}: {read:?} is not of {own:?}");
            let sheets = |all: &[(String, Totals)]| all.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
            assert_eq!(sheets(&read), sheets(&own), "the sheets of {file} as {table}");
        }
    }
    assert!(compared > 28, "{compared} exports");
}

#[test]
fn mutants_of_every_export_are_read_or_refused() {
    let pairs = pairs();
    assert!(pairs.len() >= presets::names().len() / 2, "fixtures for presets were not found");
    let others = exports();
    let seconds = std::env::var("MERITBOOK_FUZZ").ok().and_then(|text| text.parse().ok());
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let last = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz-last");
    for seed in SEED.. {
        let is_over = end.map_or(seed >= SEED + MUTANTS, |end| Instant::now() >= end);
        if is_over {
            break;
        }
        for (place, (bench, own)) in (0_u64..).zip(&pairs) {
            let mut dice = StdRng::seed_from_u64(seed ^ place << 40);
            let (name, bytes) = &own[dice.random_range(0..own.len())];
            let mutant = mutant(bytes, &others, &mut dice);
            // What was read last is at hand where a mutant is fatal.
            if end.is_some() {
                fs::write(&last, &mutant).unwrap();
            }
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{seed}-{place}"));
            let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                bench.hold(&mutant);
                // To look at a file tries every preset: one in four is enough.
                if dice.random_bool(0.25) {
                    bench.look();
                }
            }));
            if held.is_err() {
                fs::write(&kept, &mutant).unwrap();
                panic!("seed {seed}, {} of {name}: {}", bench.table, kept.display());
            }
        }
    }
}
