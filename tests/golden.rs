//! Every folder of `fixtures/months` through the whole pipeline with the real binary.
//!
//! A folder is one question: `about.md` says it and its answer, `inputs/` is the month, `expected/` what comes of it.
//! A new folder is picked up by itself. `UPDATE_GOLDEN=1` rewrites `expected/`; then each line has to be derived from
//! the clause by hand before it is kept.

mod support;

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use support::{Files, Run, command, copy, entries, files, finish, read, repository, rows, sheets, text};

const TABLES: [&str; 5] = ["findings.csv", "ledger.csv", "rejected.csv", "coverage.csv", "postings.csv"];
const SHEETS: &str = "sheets.txt";
/// Answers, letters, managers' workbooks and slips.
const PAPERS: &str = "papers.txt";

fn cases() -> Vec<PathBuf> {
    entries(&repository().join("fixtures/months"))
}

fn name(case: &Path) -> String {
    case.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The month that the case's configuration pins.
fn month(case: &Path) -> String {
    let config: toml::Table = text(&case.join("inputs/config.toml")).parse().expect("TOML");
    config["period"]["default_month"].as_str().expect("a month").to_owned()
}

/// Previews the case's month from a copy of its inputs; the files and how the run ended.
fn preview(case: &Path, environment: &[(&str, &str)]) -> (Files, Run) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (inputs, out) = (dir.path().join("inputs"), dir.path().join("out"));
    copy(&case.join("inputs"), &inputs);
    let mut run = command(&inputs, ["monthly", "--month", &month(case), "--preview"]);
    run.arg(&out).envs(environment.iter().copied());
    let run = finish(&mut run);
    assert!([0, 10].contains(&run.code), "{} ended with {}: {}", name(case), run.code, run.stderr);
    assert!(!inputs.join("var").exists(), "{}: a preview writes no archive", name(case));
    (files(&out), run)
}

/// A folder, what its month made, and how that run ended.
struct Month {
    case: PathBuf,
    made: Files,
    run: Run,
}

/// Every month, run once for all tests.
static MONTHS: LazyLock<Vec<Month>> = LazyLock::new(|| {
    let month = |case: PathBuf| {
        let (made, run) = preview(&case, &[]);
        Month { case, made, run }
    };
    cases().into_iter().map(month).collect()
});

/// What is compared: the tables as they are, the workbooks as text.
fn outcome(files: &Files) -> Files {
    let tables = TABLES.map(|table| (table.to_owned(), files[table].clone()));
    let books = ["deductions.xlsx", "rewards.xlsx"].map(|book| sheets::dump(book, &files[book]));
    let is_book = |name: &str| Path::new(name).extension().is_some_and(|extension| extension == "xlsx");
    let is_paper = |name: &str| is_book(name) && !["deductions.xlsx", "rewards.xlsx"].contains(&name);
    let papers = files.iter().filter(|(name, _)| is_paper(name)).map(|(name, bytes)| sheets::dump(name, bytes));
    let texts = [(SHEETS, books.concat()), (PAPERS, papers.collect())];
    tables.into_iter().chain(texts.map(|(name, text)| (name.to_owned(), text.into_bytes()))).collect()
}

/// The first line that differs, for people.
fn difference(name: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let lines = |bytes: &[u8]| -> Vec<String> { String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect() };
    let (expected, got) = (lines(expected), lines(got));
    let at = expected.iter().zip(&got).take_while(|(expected, got)| expected == got).count();
    let line = |lines: &[String]| lines.get(at).map_or_else(|| "(no line)".to_owned(), Clone::clone);
    Some(format!("{name}:{}\n  expected {}\n  got      {}\n", at + 1, line(&expected), line(&got)))
}

fn compare(case: &Path, got: &Files) -> String {
    let dir = case.join("expected");
    let mut told = String::new();
    for file in fs::read_dir(&dir).into_iter().flatten() {
        let file = file.expect("an entry").file_name().to_string_lossy().into_owned();
        if !got.contains_key(&file) {
            told.extend([format!("{}/expected/{file} is not compared with anything\n", name(case))]);
        }
    }
    for (file, bytes) in got {
        let path = dir.join(file);
        let expected = fs::read(&path).unwrap_or_default();
        told.extend(difference(&format!("{}/expected/{file}", name(case)), &expected, bytes));
    }
    told
}

fn update(case: &Path, got: &Files) {
    let dir = case.join("expected");
    fs::create_dir_all(&dir).expect("make a folder");
    for (file, bytes) in got {
        fs::write(dir.join(file), bytes).expect("write");
    }
}

#[test]
fn every_month_comes_to_what_is_expected() {
    let is_update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut told = String::new();
    for Month { case, made, .. } in MONTHS.iter() {
        let got = outcome(made);
        if is_update {
            update(case, &got);
        }
        told.push_str(&compare(case, &got));
    }
    assert!(told.is_empty(), "\n{told}look at each line; UPDATE_GOLDEN=1 accepts them");
}

#[test]
fn time_zone_and_locale_of_the_host_change_no_byte() {
    for Month { case, made: here, .. } in MONTHS.iter() {
        let (there, _) = preview(case, &[("TZ", "America/New_York"), ("LANG", "C"), ("LC_ALL", "C")]);
        assert_eq!(here.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>(), "{}", name(case));
        for (file, bytes) in here {
            assert!(there[file] == *bytes, "{}: {file} differs", name(case));
        }
    }
}

#[test]
fn every_folder_says_its_question_and_names_its_clause() {
    let found = cases();
    assert!(found.len() >= 18, "only {} months", found.len());
    for case in found {
        let about = text(&case.join("about.md"));
        assert!(about.contains(['?', '：', ':', ';']), "{}: about.md says the question and the answer", name(&case));
        let cites = ["二.", "三.", "四", "五.", "六.", "七.", "八.", "八("].iter().any(|clause| about.contains(clause));
        assert!(cites, "{}: about.md cites a clause", name(&case));
    }
}

#[test]
fn every_finding_stands_on_rows_of_its_inputs() {
    for Month { case, made, .. } in MONTHS.iter() {
        let evidence = rows(&made["evidence.csv"]);
        for finding in rows(&made["findings.csv"]) {
            let id = &finding["finding_id"];
            let stands_on = evidence.iter().filter(|row| row["finding_id"] == *id).count();
            // A missing swipe has no row; what it stands on is the day's proven data.
            assert!(stands_on > 0 || finding["rule"] == "absence", "{}: {id} has no evidence", name(case));
        }
        for row in evidence.iter().filter(|row| !row["file"].is_empty()) {
            let file = read(&case.join("inputs").join(&row["file"]));
            let lines = file.split(|byte| *byte == b'\n').count();
            let line: usize = row["line"].parse().expect("a line");
            assert!((2..=lines).contains(&line), "{}: {} has no line {line}", name(case), row["file"]);
        }
    }
}

/// What the inputs alone leave open, whatever day it is.
fn needs_person(made: &Files) -> bool {
    let manifest: serde_json::Value = serde_json::from_slice(&made["manifest.json"]).expect("JSON");
    let is_open = manifest["suspended"].as_array().is_some_and(|list| !list.is_empty());
    let is_unaudited = manifest["unaudited"].as_object().is_some_and(|map| !map.is_empty());
    is_open || is_unaudited || !rows(&made["rejected.csv"]).is_empty()
}

#[test]
fn a_month_ends_with_0_only_where_nothing_was_left_out() {
    let mut seen = BTreeSet::new();
    for Month { case, made, run } in MONTHS.iter() {
        let has_held = rows(&made["findings.csv"]).iter().any(|row| !row["due_on"].is_empty());
        let expected = match (needs_person(made), has_held) {
            (true, _) => 10,
            (false, false) => 0,
            // Whether a held line is past its date depends on the day of the run.
            (false, true) => continue,
        };
        assert_eq!(run.code, expected, "{}: {}", name(case), run.stdout);
        seen.insert(expected);
    }
    assert_eq!(seen, BTreeSet::from([0, 10]));
}

#[test]
fn control_sums_agree_in_every_month() {
    for Month { case, made, .. } in MONTHS.iter() {
        let (findings, postings, ledger) =
            (rows(&made["findings.csv"]), rows(&made["postings.csv"]), rows(&made["ledger.csv"]));
        for (status, direction) in [("charge", "deduct"), ("credit", "reward")] {
            let charged = support::sum(&findings, "amount", |row| row["status"] == status);
            let posted = support::sum(&postings, "amount", |row| row["direction"] == direction);
            let booked = support::sum(&ledger, "amount", |row| row["direction"] == direction);
            assert_eq!((charged, charged), (posted, booked), "{}: {direction}", name(case));
        }
    }
}

#[test]
fn a_difference_is_told_with_its_line() {
    let mut told = String::new();
    write!(told, "{}", difference("a.csv", b"1\n2\n", b"1\n3\n").expect("a difference")).expect("text");
    assert_eq!(told, "a.csv:2\n  expected 2\n  got      3\n");
    assert_eq!(difference("a.csv", b"1\n", b"1\n"), None);
}
