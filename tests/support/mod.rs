//! What the tests share: running the real binary in a temporary folder, reading what it wrote.

#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod mta;
pub(crate) mod smtp;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Name and bytes of the files of a folder, by path relative to it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;
/// A row of a CSV file, by column.
pub(crate) type Row = BTreeMap<String, String>;

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a run said and how it ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The real binary in `dir`, with a clean environment.
pub(crate) fn command(dir: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meritbook"));
    command.current_dir(dir).args(args).env_clear().env("TZ", "UTC").env("LANG", "C.UTF-8");
    command
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Run {
    let output: Output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run {
        code: output.status.code().expect("ended by itself"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Runs the binary in `dir` with these arguments, as one writes them in a shell.
pub(crate) fn meritbook(dir: &Path, args: &str) -> Run {
    finish(&mut command(dir, args.split_whitespace()))
}

/// As [`meritbook`], for a run that has to be done (0, or 10: something needs a person).
pub(crate) fn done(dir: &Path, args: &str) -> Run {
    let run = meritbook(dir, args);
    assert!([0, 10].contains(&run.code), "`{args}` ended with {}: {}", run.code, run.stderr);
    run
}

/// Copies a folder with all it holds.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("make a folder");
    for path in entries(from) {
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap_or_else(|error| panic!("copy {}: {error}", path.display()));
        }
    }
}

/// The shipped example, its configuration included, in a folder of its own.
pub(crate) fn demo() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    copy(&repository().join("fixtures/demo"), &dir.path().join("fixtures/demo"));
    fs::copy(repository().join("config.toml"), dir.path().join("config.toml")).expect("the shipped configuration");
    dir
}

/// What lies in a folder, sorted.
pub(crate) fn entries(dir: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(dir).unwrap_or_else(|error| panic!("list {}: {error}", dir.display()));
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// All files below a folder.
pub(crate) fn files(dir: &Path) -> Files {
    fn collect(root: &Path, dir: &Path, found: &mut Files) {
        for path in entries(dir) {
            if path.is_dir() {
                collect(root, &path, found);
            } else {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
                found.insert(name, read(&path));
            }
        }
    }
    let mut found = Files::new();
    collect(dir, dir, &mut found);
    found
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> String {
    String::from_utf8(read(path)).expect("UTF-8")
}

/// The rows of one of the CSV files that the program writes.
pub(crate) fn rows(bytes: &[u8]) -> Vec<Row> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        let cells = header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned()));
        cells.collect()
    };
    reader.records().map(|record| row(record.expect("a record"))).collect()
}

/// The sum in fen of a column of yuan, over the rows that are wanted.
pub(crate) fn sum(rows: &[Row], column: &str, is_wanted: impl Fn(&Row) -> bool) -> i64 {
    rows.iter().filter(|row| is_wanted(row)).map(|row| fen(&row[column])).sum()
}

/// Fen of `12.34`.
pub(crate) fn fen(yuan: &str) -> i64 {
    let (whole, rest) = yuan.split_once('.').unwrap_or_else(|| panic!("`{yuan}` has no decimals"));
    assert_eq!(rest.len(), 2, "`{yuan}` has two decimals");
    format!("{whole}{rest}").parse().expect("a number")
}

/// Where the example's editions are.
pub(crate) const MONTH: &str = "var/editions/2026-10";

/// The folder of an edition of the example's month.
pub(crate) fn edition(dir: &Path, number: u32) -> PathBuf {
    dir.join(MONTH).join(format!("{number:03}"))
}

/// The manifest of an edition.
pub(crate) fn manifest(edition: &Path) -> serde_json::Value {
    serde_json::from_slice(&read(&edition.join("manifest.json"))).expect("JSON")
}

/// Everything below a folder with its mode, folders too.
pub(crate) fn modes(dir: &Path) -> Vec<(PathBuf, u32, bool)> {
    let mut found = Vec::new();
    for path in entries(dir) {
        let meta = fs::metadata(&path).expect("metadata");
        if meta.is_dir() {
            found.extend(modes(&path));
        }
        found.push((path, meta.permissions().mode() & 0o7777, meta.is_dir()));
    }
    found
}

/// Workbooks read back: as text to compare, and single totals.
pub(crate) mod sheets {
    use calamine::{Data, Range, Reader, Xlsx};
    use std::{fmt::Write, io::Cursor};

    type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

    fn open(bytes: &[u8]) -> Book<'_> {
        Xlsx::new(Cursor::new(bytes)).expect("a workbook")
    }

    /// Every sheet as text: one line a row, `row: cell | cell`, formulas in braces behind their cached value.
    ///
    /// Hashes and the program's version are replaced: they say what made the sheet, not what it says.
    pub(crate) fn dump(name: &str, bytes: &[u8]) -> String {
        let mut book = open(bytes);
        let mut text = String::new();
        for sheet in book.sheet_names() {
            let values = book.worksheet_range(&sheet).expect("cells");
            let formulas = book.worksheet_formula(&sheet).expect("formulas");
            writeln!(text, "=== {name} · {sheet}").expect("text");
            for row in 0..=values.end().map_or(0, |end| end.0) {
                let line = line(row, &values, &formulas);
                if !line.is_empty() {
                    writeln!(text, "{}: {line}", row + 1).expect("text");
                }
            }
        }
        text
    }

    fn line(row: u32, values: &Range<Data>, formulas: &Range<String>) -> String {
        let columns = 0..=values.end().map_or(0, |end| end.1);
        let cells = columns.map(|column| {
            let value = values.get_value((row, column)).map_or_else(String::new, shown);
            let formula = formulas.get_value((row, column)).filter(|formula| !formula.is_empty());
            formula.map_or_else(|| value.clone(), |formula| format!("{value} {{{formula}}}"))
        });
        cells.collect::<Vec<_>>().join(" | ").trim_end_matches([' ', '|']).to_owned()
    }

    fn shown(cell: &Data) -> String {
        match cell {
            Data::DateTime(date) => {
                let (year, month, day, ..) = date.to_ymd_hms_milli();
                format!("{year}-{month:02}-{day:02}")
            }
            Data::String(text) => plain(text),
            other => other.to_string(),
        }
    }

    /// Text on one line, without hashes and version.
    fn plain(text: &str) -> String {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return "<sha256>".to_owned();
        }
        let version = format!("meritbook {}", env!("CARGO_PKG_VERSION"));
        let text = if text == env!("CARGO_PKG_VERSION") {
            "<version>".to_owned()
        } else {
            text.replace(&version, "meritbook <version>")
        };
        text.replace('\r', "\\r").replace('\n', "\\n")
    }

    /// The number in the total row (its first cell is `label`) of a sheet, below the head `column`.
    pub(crate) fn total(bytes: &[u8], sheet: &str, label: &str, column: &str) -> f64 {
        let range = open(bytes).worksheet_range(sheet).expect("the sheet");
        let head = range.rows().next().expect("a head");
        let at = head.iter().position(|cell| *cell == *column).expect("the column");
        let row = range.rows().find(|row| row[0] == *label).expect("the total row");
        match row[at] {
            Data::Float(number) => number,
            ref other => panic!("the total is {other:?}"),
        }
    }
}

/// A small reader of MIME messages: enough to see that another program could read ours.
pub(crate) mod mail {
    use std::collections::BTreeMap;

    /// A message or a part of one.
    pub(crate) struct Part {
        /// Headers by name in lower case, unfolded.
        pub(crate) headers: BTreeMap<String, String>,
        /// The parts of a multipart.
        pub(crate) parts: Vec<Part>,
        /// The decoded content of anything else.
        pub(crate) body: Vec<u8>,
    }

    impl Part {
        /// The media type, without parameters.
        pub(crate) fn kind(&self) -> &str {
            self.headers["content-type"].split(';').next().unwrap_or_default().trim()
        }
    }

    /// Reads a message.
    pub(crate) fn parse(bytes: &[u8]) -> Part {
        let text = std::str::from_utf8(bytes).expect("a message is text");
        let lone = text.replace("\r\n", "");
        assert!(!lone.contains(['\r', '\n']), "every line ends with CRLF");
        part(text)
    }

    fn part(text: &str) -> Part {
        let (head, body) = text.split_once("\r\n\r\n").expect("an empty line ends the headers");
        let headers = headers(head);
        let kind = headers.get("content-type").expect("a content type").clone();
        if !kind.starts_with("multipart/") {
            let encoding = headers.get("content-transfer-encoding").map_or("7bit", String::as_str);
            let body = decode(encoding, body);
            return Part { headers, parts: Vec::new(), body };
        }
        let boundary = kind.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a boundary");
        let parts = parts(body, boundary);
        Part { headers, parts, body: Vec::new() }
    }

    fn parts(body: &str, boundary: &str) -> Vec<Part> {
        let body = format!("\r\n{body}");
        let (inside, after) = body.split_once(&format!("\r\n--{boundary}--")).expect("a closing boundary");
        assert_eq!(after.trim(), "", "nothing follows the closing boundary");
        let separator = format!("\r\n--{boundary}\r\n");
        let mut pieces = inside.split(&separator);
        assert_eq!(pieces.next().map(str::trim), Some(""), "nothing stands before the first part");
        pieces.map(part).collect()
    }

    fn headers(head: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for line in head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n") {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("`{line}` is no header"));
            let before = found.insert(name.to_lowercase(), value.to_owned());
            assert!(before.is_none(), "the header {name} stands twice");
        }
        found
    }

    fn decode(encoding: &str, body: &str) -> Vec<u8> {
        match encoding {
            "base64" => base64(body),
            "quoted-printable" => quoted(body),
            "7bit" => body.as_bytes().to_vec(),
            other => panic!("the encoding {other} is not expected"),
        }
    }

    fn base64(text: &str) -> Vec<u8> {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
        for byte in text.bytes().filter(|byte| !b"\r\n=".contains(byte)) {
            let digit = DIGITS.iter().position(|digit| *digit == byte).expect("a base64 digit");
            bits = bits << 6 | u32::try_from(digit).expect("small");
            count += 6;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
            }
        }
        bytes
    }

    fn quoted(text: &str) -> Vec<u8> {
        let text = text.replace("=\r\n", "");
        let mut pieces = text.split('=');
        let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
        for piece in pieces {
            let (code, rest) = piece.split_at(2);
            bytes.push(u8::from_str_radix(code, 16).expect("two hexadecimal digits"));
            bytes.extend_from_slice(rest.as_bytes());
        }
        bytes
    }

    /// A header's text with its encoded words read (`=?utf-8?b?…?=`).
    pub(crate) fn words(value: &str) -> String {
        let read = |word: &str| {
            let inner = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
            inner.map_or_else(|| word.to_owned(), |inner| String::from_utf8(base64(inner)).expect("UTF-8"))
        };
        value.split(' ').map(read).collect::<Vec<_>>().join(" ")
    }
}
