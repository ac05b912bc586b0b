//! Slips, letters and managers' workbooks of whole months: everybody has the own rows, and nobody sees another's.

mod support;

use std::{collections::BTreeSet, path::PathBuf, sync::LazyLock};
use support::{Files, Row, entries, fen, files, meritbook, read, repository, rows, sheets};

struct Month {
    folder: PathBuf,
    staff: Vec<Row>,
    made: Files,
}

/// The months of the fixtures that are in Chinese, each previewed once.
static MONTHS: LazyLock<Vec<Month>> = LazyLock::new(|| {
    let folders = entries(&repository().join("fixtures/months")).into_iter();
    let month = |folder: PathBuf| {
        let out = tempfile::tempdir().expect("a temporary folder");
        let run = meritbook(&folder.join("inputs"), &format!("monthly --preview {}", out.path().display()));
        assert!([0, 10].contains(&run.code), "{}: {}", folder.display(), run.stderr);
        let mark = b"\xef\xbb\xbf".to_vec();
        let staff = rows(&[mark, read(&folder.join("inputs/employees.csv"))].concat());
        Month { folder, staff, made: files(out.path()) }
    };
    folders.filter(|folder| !folder.ends_with("in-english")).map(month).collect()
});

/// The findings; what a spreadsheet would take for a formula stands bare.
fn findings(made: &Files) -> Vec<Row> {
    let bare = |(name, cell): (String, String)| (name, cell.trim_start_matches('\'').to_owned());
    rows(&made["findings.csv"]).into_iter().map(|row| row.into_iter().map(bare).collect()).collect()
}

/// Dumps of the workbooks of a folder of the edition, by their stem.
fn dumps<'a>(made: &'a Files, folder: &'a str) -> impl Iterator<Item = (&'a str, String)> {
    made.iter().filter_map(move |(name, bytes)| {
        Some((name.strip_prefix(folder)?.strip_suffix(".xlsx")?, sheets::dump(name, bytes)))
    })
}

#[test]
fn everybody_with_a_row_has_one_slip_with_the_own_rows_and_sums() {
    let mut seen = 0;
    for Month { folder, made, .. } in MONTHS.iter() {
        let findings = findings(made);
        let listed = |row: &&Row| !row["employee_id"].is_empty() && row["rule"] != "reward-candidate";
        let people: BTreeSet<&str> = findings.iter().filter(listed).map(|row| row["employee_id"].as_str()).collect();
        let slips: BTreeSet<String> = dumps(made, "slips/").map(|(id, _)| id.to_owned()).collect();
        assert_eq!(slips, people.iter().map(ToString::to_string).collect(), "{}", folder.display());
        for (id, slip) in dumps(made, "slips/") {
            let own: Vec<&Row> = findings.iter().filter(listed).filter(|row| row["employee_id"] == id).collect();
            let boxes = slip.matches("□无异议 □有异议").count();
            assert_eq!(boxes, own.len(), "{}: {slip}", folder.display());
            assert!(own.iter().all(|row| slip.contains(&row["summary"])), "{}: {slip}", folder.display());
            let fines: i64 = own.iter().filter(|row| row["status"] == "charge").map(|row| fen(&row["amount"])).sum();
            if fines > 0 {
                let sum = format!("¥{}.{:02}", fines / 100, fines % 100);
                assert!(slip.replace(',', "").contains(&sum), "{sum} is not on {slip}");
            }
            seen += own.len();
        }
    }
    assert!(seen > 200, "only {seen} rows were looked at");
}

#[test]
fn nobody_reads_anothers_name_or_rows() {
    let mut seen = 0;
    for Month { folder, staff, made } in MONTHS.iter() {
        let texts: BTreeSet<String> = findings(made).iter().map(|row| row["summary"].clone()).collect();
        for (id, slip) in dumps(made, "slips/") {
            // Who decides a line is named on it.
            let deciders: BTreeSet<&str> = staff.iter().map(|one| one["manager_id"].as_str()).collect();
            for other in
                staff.iter().filter(|one| one["employee_id"] != id && !deciders.contains(one["employee_id"].as_str()))
            {
                seen += 1;
                let is_in_a_fact = texts.iter().any(|text| text.contains(&other["name"]));
                assert!(
                    is_in_a_fact || !slip.contains(&other["name"]),
                    "{}: {} on {slip}",
                    folder.display(),
                    other["name"]
                );
            }
        }
        for (manager, book) in dumps(made, "managers/") {
            for other in staff.iter().filter(|one| one["manager_id"] != manager && one["employee_id"] != manager) {
                let cell = format!(" | {} | ", other["employee_id"]);
                assert!(
                    !book.contains(&cell),
                    "{}: {} in the workbook of {manager}",
                    folder.display(),
                    other["employee_id"]
                );
            }
        }
    }
    assert!(seen > 200, "only {seen} pairs were looked at");
}

#[test]
fn every_charged_absence_from_a_meeting_has_a_letter() {
    let mut seen = 0;
    for Month { folder, made, .. } in MONTHS.iter() {
        let findings = findings(made);
        let warned = |row: &&Row| {
            let is_absent =
                row["rule"] == "meeting-absence" && (row["status"] == "charge" || row["reason"] == "warn-only");
            is_absent || row["reason"] == "warning"
        };
        let ids: BTreeSet<&str> = findings.iter().filter(warned).map(|row| row["finding_id"].as_str()).collect();
        let letters: Vec<(String, String)> =
            dumps(made, "letters/").map(|(name, text)| (name.to_owned(), text)).collect();
        assert_eq!(letters.len(), ids.len(), "{}", folder.display());
        assert!(ids.iter().all(|id| letters.iter().any(|(_, text)| text.contains(*id))), "{}", folder.display());
        seen += ids.len();
    }
    assert!(seen > 5, "only {seen} letters were looked at");
}

#[test]
fn every_held_line_can_be_answered_once() {
    let mut seen = 0;
    for Month { folder, made, .. } in MONTHS.iter() {
        let findings = findings(made);
        let held = findings.iter().filter(|row| ["hold", "unpriced"].contains(&row["status"].as_str()));
        let ids: Vec<&str> = held.map(|row| row["finding_id"].as_str()).collect();
        let dump = sheets::dump("answers", &made["answers.xlsx"]);
        let listed: Vec<&str> =
            dump.lines().filter_map(|line| line.rsplit(" | ").next()).filter(|id| ids.contains(id)).collect();
        assert_eq!(listed, ids, "{}", folder.display());
        seen += ids.len();
    }
    assert!(seen > 50, "only {seen} held lines were looked at");
}
