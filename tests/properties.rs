//! Properties over generated months: the shipped month with its registers and exports changed at random.
//!
//! Row order and repeated exports change no finding; more leave never adds a lateness; fewer swipes on a suspended day
//! never add a charge; people who are not named in each other's rows do not change each other's findings; sums agree.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own set-up fails")]

mod support;

use proptest::prelude::*;
use std::{collections::BTreeMap, fs, path::Path};
use support::{Row, demo, done, fen, rows, sum};

/// The findings of the month in `dir`, by id.
fn findings(dir: &Path) -> BTreeMap<String, Row> {
    let out = tempfile::tempdir().unwrap();
    done(dir, &format!("monthly --quiet --preview {}", out.path().display()));
    let found = rows(&fs::read(out.path().join("findings.csv")).unwrap());
    let ledger = rows(&fs::read(out.path().join("ledger.csv")).unwrap());
    let charged = sum(&found, "amount", |row| row["status"] == "charge");
    assert_eq!(charged, sum(&ledger, "amount", |row| row["direction"] == "deduct"), "findings and ledger disagree");
    assert!(charged > 0, "the month deducts nothing, so nothing is tested");
    found.into_iter().map(|row| (row["finding_id"].clone(), row)).collect()
}

/// The lines of a text file below its header, and the header itself (empty where the file has none).
fn lines(path: &Path, has_header: bool) -> (String, Vec<String>) {
    let text = fs::read_to_string(path).unwrap();
    let mut all = text.lines().map(str::to_owned);
    let header = if has_header { all.next().unwrap() } else { String::new() };
    (header, all.collect())
}

fn write(path: &Path, header: &str, lines: &[String]) {
    let head = if header.is_empty() { String::new() } else { format!("{header}\n") };
    fs::write(path, format!("{head}{}\n", lines.join("\n"))).unwrap();
}

/// The same lines in an order that the seed decides.
fn shuffled(mut lines: Vec<String>, seed: u64) -> Vec<String> {
    let mut state = seed | 1;
    for index in (1..lines.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap() % (index + 1);
        lines.swap(index, other);
    }
    lines
}

/// The demo's files whose rows may stand in any order: one record a line.
const PLAIN: &[(&str, bool)] = &[
    ("access/1_attlog.dat", false),
    ("access/2_attlog.dat", false),
    ("registers/employees.csv", true),
    ("registers/acknowledgements.csv", true),
    ("registers/notices.csv", true),
    ("registers/visits.csv", true),
    ("registers/complaints.csv", true),
    ("registers/praises.csv", true),
    ("registers/rewards.csv", true),
    ("registers/inspections.csv", true),
    ("registers/decisions.csv", true),
    ("meetings/meetings.csv", true),
    ("meetings/invitations.csv", true),
];

fn is_charge(row: &Row) -> bool {
    row["status"] == "charge"
}

/// No finding is newly a charge, and no charge rises.
fn adds_no_charge(before: &BTreeMap<String, Row>, after: &BTreeMap<String, Row>) {
    for (id, row) in after.iter().filter(|(_, row)| is_charge(row)) {
        let old = before.get(id).filter(|row| is_charge(row));
        let old = old.unwrap_or_else(|| panic!("{id} became a charge"));
        assert!(fen(&row["amount"]) <= fen(&old["amount"]), "{id} rose");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn row_order_does_not_matter(seed in any::<u64>()) {
        let plain = demo();
        let mixed = demo();
        for (name, has_header) in PLAIN {
            let path = mixed.path().join("fixtures/demo").join(name);
            let (header, body) = lines(&path, *has_header);
            write(&path, &header, &shuffled(body, seed));
        }
        prop_assert_eq!(findings(plain.path()), findings(mixed.path()));
    }

    #[test]
    fn an_export_that_is_there_twice_changes_nothing(which in 0..PLAIN.len() - 3) {
        let plain = demo();
        let twice = demo();
        let (name, has_header) = PLAIN[which];
        let path = twice.path().join("fixtures/demo").join(name);
        let (header, body) = lines(&path, has_header);
        write(&path, &header, &[body.clone(), body].concat());
        prop_assert_eq!(findings(plain.path()), findings(twice.path()));
    }

    #[test]
    fn more_leave_never_adds_a_lateness(who in 1..9_u32, day in 9..31_u32, hour in 0..9_u32) {
        let plain = demo();
        let more = demo();
        let path = more.path().join("fixtures/demo/registers/leaves.csv");
        let mut bytes = fs::read(&path).unwrap();
        let row = format!("QX1,02{who:02},annual,2026-10-{day:02} {hour:02}:00,2026-10-{day:02} 18:00,approved,2026-10-01,,,,\n");
        bytes.extend_from_slice(row.as_bytes());
        fs::write(&path, bytes).unwrap();
        let (before, after) = (findings(plain.path()), findings(more.path()));
        let late = |found: &BTreeMap<String, Row>| found.keys().filter(|id| id.starts_with("late-arrival:")).cloned().collect::<Vec<_>>();
        for id in late(&after) {
            prop_assert!(before.contains_key(&id), "{id} is new");
        }
    }

    #[test]
    fn fewer_swipes_on_a_suspended_day_never_add_a_charge(keep in 0..7_usize, day in prop::sample::select(vec![12_u32, 15, 22, 28])) {
        let plain = demo();
        let fewer = demo();
        for reader in ["1", "2", "3"] {
            let path = fewer.path().join(format!("fixtures/demo/access/{reader}_attlog.dat"));
            let (_, body) = lines(&path, false);
            let date = format!("2026-10-{day}");
            let mut of_day = 0;
            let kept: Vec<String> = body.into_iter().filter(|line| {
                of_day += usize::from(line.contains(&date));
                !line.contains(&date) || of_day <= keep
            }).collect();
            write(&path, "", &kept);
        }
        // So few people are left that the day is suspended.
        let (before, after) = (findings(plain.path()), findings(fewer.path()));
        let of_day = |found: &BTreeMap<String, Row>| found.keys().filter(|id| id.starts_with("absence:") && id.ends_with(&format!("-{day}"))).count();
        prop_assert_eq!(of_day(&after), 0, "the day is not suspended");
        adds_no_charge(&before, &after);
    }

    #[test]
    fn what_somebody_else_does_changes_nobody_else(who in prop::sample::select(vec!["0104", "0206", "0302"]), minute in 31..59_u32) {
        let plain = demo();
        let other = demo();
        let path = other.path().join("fixtures/demo/registers/notices.csv");
        let (header, mut body) = lines(&path, true);
        body.push(format!("{who},2026-10-30,2026-10-30 08:{minute}:00,field,"));
        write(&path, &header, &body);
        let without = |found: BTreeMap<String, Row>| found.into_iter().filter(|(_, row)| row["employee_id"] != who).collect::<BTreeMap<_, _>>();
        prop_assert_eq!(without(findings(plain.path())), without(findings(other.path())));
    }
}
