//! A bench for exports: a temporary folder with a small configuration, its files, and the real binary with a time limit.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const LIMIT: Duration = Duration::from_secs(20);

/// What a run said and how it ended.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) text: String,
    pub(crate) errors: String,
}

impl Said {
    /// The lines that hold `part`.
    pub(crate) fn lines(&self, part: &str) -> Vec<&str> {
        self.text.lines().filter(|line| line.contains(part)).map(str::trim).collect()
    }

    /// Asserts that each of these is said.
    #[track_caller]
    pub(crate) fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(
                self.text.contains(part) || self.errors.contains(part),
                "no `{part}` in\n{}{}",
                self.text,
                self.errors
            );
        }
        self
    }

    /// What was read, without what is missing.
    fn read(&self) -> &str {
        self.text.split("\nmissing: ").next().unwrap_or_default()
    }

    /// Asserts that exactly these rows are shown of the source, the roster's own left out.
    #[track_caller]
    pub(crate) fn shows(&self, rows: &[&str]) -> &Self {
        let is_row = |line: &&str| line.starts_with("    ") && !line.starts_with("    employee_id=");
        let is_own = |line: &&&str| rows.first().is_none_or(|row| begin(line.trim()) == begin(row));
        let shown: Vec<&str> = self.read().lines().filter(is_row).collect();
        let shown: Vec<&str> = shown.iter().filter(is_own).map(|line| line.trim()).collect();
        assert_eq!(shown, rows, "{}{}", self.text, self.errors);
        self
    }

    /// Asserts that exactly these rows are rejected; their files without folders.
    #[track_caller]
    pub(crate) fn rejects(&self, rows: &[&str]) -> &Self {
        let (_, rejected) = self.read().split_once("\nrejected rows: ").unwrap_or_default();
        let bare = |line: &str| {
            let (place, what) = line.trim().split_once(' ').unwrap_or_default();
            format!("{} {what}", place.rsplit('/').next().unwrap_or_default()).trim().to_owned()
        };
        let rejected: Vec<String> = rejected.lines().skip(1).map(bare).filter(|line| !line.is_empty()).collect();
        assert_eq!(rejected, rows, "{}{}", self.text, self.errors);
        self
    }

    /// Asserts the control totals of a file: rows, used, rejected, outside, out of period, duplicates.
    #[track_caller]
    pub(crate) fn totals(&self, file: &str, [rows, used, rejected, outside, other, twice]: [u32; 6]) -> &Self {
        assert_eq!(rows, used + rejected + outside + other + twice, "the test's own sum");
        self.says(&[&format!(
            "{file}: {rows} rows = {used} used + {rejected} rejected + {outside} outside + {other} out of period + {twice} duplicates"
        )])
    }
}

/// The names of the first two columns of a row that is shown: they tell the sources apart.
fn begin(row: &str) -> Vec<&str> {
    row.split_whitespace().take(2).filter_map(|cell| cell.split('=').next()).collect()
}

/// A folder with a configuration.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    config: String,
}

impl Bench {
    /// Six employees, no other source.
    pub(crate) fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder"), config: String::new() };
        bench.file("employees.csv", &fixture("employees.csv"));
        bench.source("employees", "files = [\"employees.csv\"]")
    }

    /// Adds `[sources.NAME]` with this text.
    pub(crate) fn source(mut self, name: &str, text: &str) -> Self {
        self.config = format!("{}[sources.{name}]\n{text}\n", self.config);
        self
    }

    /// Adds a text to the configuration.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.config.push_str(text);
        self
    }

    /// Declares sources that the centre does not have.
    pub(crate) fn none(self, names: &[&str]) -> Self {
        names.iter().fold(self, |bench, name| bench.source(name, "none = true"))
    }

    /// Copies one of the shipped exports into the folder, under the same name.
    pub(crate) fn export(self, name: &str) -> Self {
        self.file(name, &fixture(name));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    pub(crate) fn check(&self) -> Said {
        self.run(&["check", "--month", "2026-10"])
    }

    pub(crate) fn inspect(&self, file: &str) -> Said {
        self.run(&["inspect", file])
    }

    /// A preview; with it the files it wrote, by name.
    pub(crate) fn preview(&self) -> (Said, BTreeMap<String, String>) {
        preview(self.path(), || self.run(&["monthly", "--month", "2026-10", "--preview", "out"]))
    }

    fn run(&self, args: &[&str]) -> Said {
        let shipped = fs::read_to_string(root().join("config.toml")).expect("the shipped configuration");
        let (_, policy) = shipped.split_once("# The policy's values.").expect("its policy");
        let config = format!("[centre]\nname = \"试验\"\n{}\n# {policy}", self.config);
        fs::write(self.path().join("config.toml"), config).expect("a configuration");
        run(self.path(), args)
    }
}

/// The CSV files of a preview into `out`.
pub(crate) fn preview(folder: &Path, make: impl FnOnce() -> Said) -> (Said, BTreeMap<String, String>) {
    let out = folder.join("out");
    let _ = fs::remove_dir_all(&out);
    let said = make();
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&out).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|end| end == "csv") {
            files.insert(name, fs::read_to_string(entry.path()).expect("UTF-8"));
        }
    }
    (said, files)
}

/// Runs the binary in a folder; fails where it does not end in time or panics.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Said {
    let (out, errors) = (folder.join(".out"), folder.join(".err"));
    let sink = |path: &PathBuf| Stdio::from(fs::File::create(path).expect("a file"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_meritbook"));
    command.current_dir(folder).args(args).stdin(Stdio::null()).stdout(sink(&out)).stderr(sink(&errors));
    let mut child = command.spawn().expect("the program");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("its status") {
            break status;
        }
        if start.elapsed() > LIMIT {
            child.kill().expect("to end it");
            panic!("{args:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let read = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).expect("its words")).into_owned();
    let said = Said { code: status.code().expect("no signal"), text: read(out), errors: read(errors) };
    assert!(!said.errors.contains("panicked"), "{args:?}: {}", said.errors);
    said
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The bytes of a shipped export.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    fs::read(root().join("fixtures/exports").join(name)).expect("a fixture")
}
