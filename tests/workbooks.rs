//! The shipped month with every export and register saved as a workbook: the same findings, line by line.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own set-up fails")]

mod support;

use encoding_rs::{GB18030, UTF_8, UTF_16LE};
use std::{fs, path::Path};
use support::{Files, demo, done, files, rows};

/// The text of an export in whichever encoding the example has it.
fn text(bytes: &[u8]) -> String {
    let encoding = match bytes {
        [0xff, 0xfe, ..] => UTF_16LE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => GB18030,
    };
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

/// The cells of every line; where it has its own, the delimiter of the line with the most of them.
fn grid(text: &str, is_quoted: bool) -> Vec<Vec<String>> {
    let count = |byte: char| text.lines().map(|line| line.matches(byte).count()).max().unwrap_or(0);
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|byte| count(char::from(*byte))).unwrap();
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(delimiter).quoting(is_quoted);
    let mut grid: Vec<Vec<String>> = Vec::new();
    for record in reader.from_reader(text.as_bytes()).records() {
        let record = record.unwrap();
        // A blank line is a row of the sheet too.
        let line = usize::try_from(record.position().unwrap().line()).unwrap();
        let has_breaks = grid.iter().flatten().any(|cell| cell.contains('\n'));
        while !has_breaks && grid.len() + 1 < line {
            grid.push(Vec::new());
        }
        grid.push(record.iter().map(str::to_owned).collect());
    }
    grid
}

/// Saves an export as a workbook beside it, under a title sheet, and takes the export away.
fn save_as_workbook(path: &Path) {
    let is_quoted = path.extension().is_none_or(|end| end != "dat");
    let grid = grid(&text(&fs::read(path).unwrap()), is_quoted);
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "导出自门禁系统").unwrap();
    let sheet = book.add_worksheet().set_name("数据").unwrap();
    for (row, cells) in (0..).zip(&grid) {
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save(path.with_extension("xlsx")).unwrap();
    fs::remove_file(path).unwrap();
}

fn exports(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let end = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        // Payroll's templates are no exports.
        match end.as_str() {
            _ if path.is_dir() && path.ends_with("imports") => {}
            _ if path.is_dir() => exports(&path),
            "csv" | "dat" => save_as_workbook(&path),
            _ => {}
        }
    }
}

fn judged(folder: &Path) -> Files {
    done(folder, "monthly --month 2026-10 --preview out");
    files(&folder.join("out"))
}

#[test]
fn workbooks_are_judged_as_the_exports_they_were_made_of() {
    let (plain, books) = (demo(), demo());
    exports(&books.path().join("fixtures/demo"));
    let config = fs::read_to_string(books.path().join("config.toml")).unwrap();
    let (sources, rest) = config.split_once("[imports]").unwrap();
    let sources = sources.replace(".csv\"", ".xlsx\"").replace(".dat\"", ".xlsx\"");
    fs::write(books.path().join("config.toml"), format!("{sources}[imports]{rest}")).unwrap();
    let (plain, books) = (judged(plain.path()), judged(books.path()));
    for file in ["findings.csv", "postings.csv", "ledger.csv"] {
        let (plain, books) = (rows(&plain[file]), rows(&books[file]));
        assert_eq!(plain.len(), books.len(), "{file}");
        for (plain, books) in plain.iter().zip(&books) {
            assert_eq!(plain, books, "{file}");
        }
    }
    // The same rows are told in the same words, each at its row of its sheet.
    let (plain, books) = (rows(&plain["evidence.csv"]), rows(&books["evidence.csv"]));
    assert_eq!(plain.len(), books.len());
    let mut sheets = 0;
    for (plain, books) in plain.iter().zip(&books) {
        assert_eq!((&plain["finding_id"], &plain["fact"]), (&books["finding_id"], &books["fact"]));
        if books["file"].contains(".xlsx!数据") {
            sheets += 1;
            assert_eq!(plain["line"], books["line"], "{} {}", plain["file"], books["file"]);
        }
    }
    assert!(sheets > 100, "{sheets} rows of sheets");
}
