//! Properties over months: generated ones, with rows in every source, and the shipped one with its exports.
//!
//! Row order and repeated exports change nothing; more leave never adds a lateness; fewer swipes on a suspended day
//! never add a charge; people who are not named in each other's rows do not change each other's findings; what comes
//! later changes no breach; limits cut and nothing else; a rule that is off or in shadow mode changes no other. Every
//! run keeps the laws of `support/laws.rs`: columns, closed lists, evidence, order, sums.

#[path = "support/month.rs"]
mod month;
mod support;

use chrono::{Days, NaiveDate};
use month::{
    Dice, Line, Month, Outcome, Workdays,
    laws::{RULES, takes},
};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};
use support::{Row, demo, done, fen, read, rows, text};

type Findings = BTreeMap<String, Row>;

const SEEDS: usize = 6;

/// Generated months and what they come to, made once for all tests.
static MONTHS: LazyLock<Vec<(Month, Outcome)>> = LazyLock::new(|| {
    let make = |seed| {
        let month = Month::new(seed);
        let outcome = month.judge();
        (month, outcome)
    };
    std::thread::scope(|scope| {
        let made: Vec<_> = (0..SEEDS as u64).map(|seed| scope.spawn(move || make(seed))).collect();
        made.into_iter().map(|made| made.join().expect("a month")).collect()
    })
});

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() }
}

/// No finding is newly a charge, and no charge rises.
fn adds_no_charge(before: &Findings, after: &Findings) {
    let is_charge = |row: &&Row| row["status"] == "charge";
    for (id, row) in after.iter().filter(|(_, row)| is_charge(row)) {
        let old = before.get(id).filter(is_charge).unwrap_or_else(|| panic!("{id} became a charge"));
        assert!(fen(&row["amount"]) <= fen(&old["amount"]), "{id} rose");
    }
}

fn same_files(before: &Outcome, after: &Outcome, names: &[&str]) {
    assert_same(&before.findings, &after.findings);
    for name in names {
        assert!(before.files[*name] == after.files[*name], "{name} changed");
    }
}

/// Equality that tells the first finding that differs.
fn assert_same(before: &Findings, after: &Findings) {
    for (id, row) in before {
        assert_eq!(Some(row), after.get(id), "{id}: before, after");
    }
    let new: Vec<&String> = after.keys().filter(|id| !before.contains_key(*id)).collect();
    assert!(new.is_empty(), "new: {new:?}");
}

#[test]
fn every_rule_and_every_word_occurs() {
    let all = || MONTHS.iter().flat_map(|(_, outcome)| outcome.findings.values());
    for (rule, _, reasons) in RULES {
        let count = all().filter(|row| row["rule"] == rule).count();
        assert!(count >= 6, "{rule}: {count} in {SEEDS} months");
        for reason in reasons {
            assert!(all().any(|row| row["rule"] == rule && row["reason"] == *reason), "{rule}: no {reason}");
        }
    }
    let statuses: BTreeSet<&str> = all().map(|row| row["status"].as_str()).collect();
    let known = ["charge", "counted", "credit", "hold", "hours", "merged", "notice", "unpriced", "waived"];
    assert_eq!(statuses, BTreeSet::from(known));
    for (month, outcome) in MONTHS.iter() {
        let is_open = |row: &Row, day: NaiveDate| row["suspended"].contains(&format!("absence {day} site"));
        let coverage = outcome.table("coverage.csv");
        let suspended = month.days().filter(|day| coverage.iter().any(|row| is_open(row, *day)));
        assert_eq!(suspended.collect::<BTreeSet<_>>(), month.outages, "{}: guards", month.name);
        for (name, lines) in &month.tables {
            assert!(!lines.is_empty(), "{}: no {name}", month.name);
        }
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn row_order_changes_nothing(at in 0..SEEDS, seed in any::<u64>()) {
        let (month, plain) = &MONTHS[at];
        let mut mixed = month.clone();
        let mut dice = Dice::new(seed);
        for lines in mixed.tables.values_mut() {
            dice.shuffle(lines);
        }
        let names = ["findings.csv", "postings.csv", "ledger.csv", "coverage.csv", "rewards.xlsx"];
        same_files(plain, &mixed.judge(), &names);
    }

    #[test]
    fn more_leave_never_adds_a_fine(at in 0..SEEDS, seed in any::<u64>()) {
        let (month, plain) = &MONTHS[at];
        let mut more = month.clone();
        let mut dice = Dice::new(seed);
        let rules = ["late-arrival", "absence", "meeting-late", "meeting-absence", "unreachable"];
        let acts = plain.only(|row| rules.contains(&row["rule"].as_str()));
        let acts: Vec<&Row> = acts.values().collect();
        let mut on_leave = BTreeSet::new();
        let mut excused = Vec::new();
        for number in 0..5 {
            let act = dice.pick(&acts);
            let day: NaiveDate = act["occurred_on"].parse().unwrap();
            // Where few are on duty, or seen, somebody's leave may make or undo a guard.
            if month.outages.contains(&day) || !Workdays::new().has(day) {
                continue;
            }
            let (id, leave) = (act["employee_id"].as_str(), format!("LZ{number}"));
            let from = if number < 3 { 0 } else { dice.minutes(500, 1000) };
            let time = |minutes: i64| format!("{day} {:02}:{:02}", minutes / 60, minutes % 60);
            let (start, end) = (time(from), time(1439));
            let approved = format!("{} 10:00", month.first - Days::new(9));
            let cells = [("leave_id", leave.as_str()), ("employee_id", id), ("type", "annual"), ("start", &start)];
            more.add('A', "leaves", &[cells.as_slice(), &[("end", &end), ("approved_at", &approved)]].concat());
            on_leave.insert(id.to_owned());
            if from == 0 && act["rule"] != "unreachable" {
                excused.push(act["finding_id"].clone());
            }
        }
        let after = more.judge();
        for (id, row) in after.only(|row| rules.contains(&row["rule"].as_str())) {
            let old = plain.findings.get(&id).unwrap_or_else(|| panic!("{id} is new"));
            prop_assert!(row["rule"] != "unreachable" || fen(&format!("{}.00", row["quantity"])) <= fen(&format!("{}.00", old["quantity"])), "{id}");
        }
        for id in excused {
            prop_assert!(!after.findings.contains_key(&id), "{id} is not excused");
        }
        let others = |row: &Row| !on_leave.contains(&row["employee_id"]);
        assert_same(&plain.only(others), &after.only(others));
    }

    #[test]
    fn fewer_swipes_on_a_suspended_day_never_add_a_charge(at in 0..SEEDS, seed in any::<u64>()) {
        let (month, plain) = &MONTHS[at];
        let mut fewer = month.clone();
        let mut dice = Dice::new(seed);
        let days: Vec<NaiveDate> = month.days().filter(|day| Workdays::new().has(*day)).collect();
        let day = *dice.pick(&days);
        let keep = dice.below(3);
        let (from, until) = (format!("{day} 04:00"), format!("{} 04:00", day + Days::new(1)));
        let mut seen: BTreeMap<char, BTreeSet<String>> = BTreeMap::new();
        fewer.rows("swipes").retain(|Line { group, cells }| {
            let is_of_day = from <= cells["time"] && cells["time"] < until;
            let seen = seen.entry(*group).or_default();
            let is_kept = seen.len() < keep || seen.contains(&cells["employee_id"]);
            if is_of_day && is_kept {
                seen.insert(cells["employee_id"].clone());
            }
            !is_of_day || is_kept
        });
        fewer.rows("punches").retain(|line| !line.cells["time"].starts_with(&day.to_string()));
        let after = fewer.judge();
        let judged = after.only(|row| matches!(row["rule"].as_str(), "absence" | "late-arrival") && row["subject"] == day.to_string());
        prop_assert_eq!(judged.len(), 0, "the day is not suspended");
        // What a person confirmed is the person's: on a suspended day it may be another thing that is confirmed.
        let is_confirmed = |row: &Row| {
            let is_on = |line: &Line| line.cells["finding_id"] == row["finding_id"] && line.cells["decision"] == "confirm";
            month.tables["decisions"].iter().any(is_on)
        };
        adds_no_charge(&plain.findings, &after.only(|row| !is_confirmed(row)));
    }

    #[test]
    fn what_comes_later_changes_no_breach(at in 0..SEEDS, seed in any::<u64>()) {
        let (month, plain) = &MONTHS[at];
        let mut later = month.clone();
        grow(&mut later, &mut Dice::new(seed));
        assert_same(&plain.bare(|_| true), &later.judge().bare(|_| true));
    }

    #[test]
    fn limits_cut_and_nothing_else(at in 0..SEEDS, percent in 1..40_i64, minimum in prop::option::of(100..3000_i64)) {
        let (month, plain) = &MONTHS[at];
        let mut capped = month.clone();
        capped.set("limits", "mode", "cap");
        capped.set("limits", "wage_percent", percent);
        if let Some(minimum) = minimum {
            capped.set("limits", "minimum_wage", minimum);
        }
        let after = capped.judge();
        let limits = limits(month, percent, minimum);
        prop_assert_eq!(&amounts(&cut(&plain.findings, &limits)), &amounts(&after.findings));
        for row in after.findings.values().filter(|row| row["status"] == "charge") {
            let is_unknown = !limits.contains_key(&row["employee_id"]);
            prop_assert_eq!(is_unknown, row["summary"].contains("上限未核"), "{:?}", row);
        }
        let mut warned = month.clone();
        warned.set("limits", "mode", "warn-only");
        let mut expected = plain.bare(|_| true);
        for row in expected.values_mut().filter(|row| row["status"] == "charge" && row["rule"] != "loss") {
            for (column, cell) in [("status", "notice"), ("reason", "warn-only"), ("amount", "")] {
                row.insert(column.to_owned(), cell.to_owned());
            }
        }
        assert_same(&expected, &warned.judge().bare(|_| true));
    }
}

/// The rows without what a limit may change in them but the amounts, and their words.
fn amounts(findings: &Findings) -> Findings {
    let mut rows = findings.clone();
    for row in rows.values_mut() {
        row.remove("summary");
    }
    rows
}

/// What may be deducted from each wage, in fen.
fn limits(month: &Month, percent: i64, minimum: Option<i64>) -> BTreeMap<String, i64> {
    let limit = |line: &Line| {
        let wage = Some(&line.cells["monthly_wage"]).filter(|wage| !wage.is_empty()).map(|wage| fen(wage))?;
        let above = minimum.map_or(i64::MAX, |minimum| wage - minimum * 100);
        Some((line.cells["employee_id"].clone(), (wage * percent / 100).min(above).max(0)))
    };
    month.tables["employees"].iter().filter_map(limit).collect()
}

/// The charges as the cap leaves them, in order of day, rule and subject.
fn cut(findings: &Findings, limits: &BTreeMap<String, i64>) -> Findings {
    let mut all = findings.clone();
    let mut charges: Vec<&mut Row> = all.values_mut().filter(|row| row["status"] == "charge").collect();
    charges.sort_by_key(|row| ["occurred_on", "rule", "subject"].map(|column| row[column].clone()));
    let mut left = limits.clone();
    let mut crossed = BTreeSet::new();
    for row in charges {
        let (id, amount) = (row["employee_id"].clone(), fen(&row["amount"]));
        let Some(rest) = left.get_mut(&id) else { continue };
        if crossed.contains(&id) || amount > *rest {
            let paid = if crossed.insert(id) { *rest } else { 0 };
            row.insert("amount".to_owned(), format!("{}.{:02}", paid / 100, paid % 100));
            row.insert("reason".to_owned(), "capped".to_owned());
        } else {
            *rest -= amount;
        }
    }
    all
}

/// Closes after the month what was open at its end, and adds rows of later months.
fn grow(month: &mut Month, dice: &mut Dice) {
    const CLOSING: [(&str, &[&str]); 7] = [
        ("loans", &["returned_at"]),
        ("tasks", &["completed_at", "explained_at"]),
        ("complaints", &["review_submitted_at"]),
        ("leaves", &["hr_approved_at", "handover_at", "returned_at", "certificate_at"]),
        ("tickets", &["delivered_at", "reason_report_at"]),
        ("contacts", &["called_back_at"]),
        ("probation", &["form_at", "summary_at", "supervisor_opinion_at", "general_manager_approved_at"]),
    ];
    let after = format!("{} 10:00", month.last + Days::new(40));
    for (source, columns) in CLOSING {
        for line in month.rows(source).iter_mut() {
            for column in columns.iter().filter(|_| dice.chance(70)) {
                let cell = line.cells.entry(column).or_default();
                if cell.is_empty() {
                    cell.clone_from(&after);
                }
            }
        }
    }
    let last = month.last;
    for (name, lines) in &mut month.tables {
        if matches!(
            *name,
            "employees" | "decisions" | "closures" | "acknowledgements" | "identities" | "fund" | "probation"
        ) {
            continue;
        }
        let key =
            meritbook::schema::tables::table(name).map(|table| table.key[..].first().copied()).unwrap_or_default();
        let moved: Vec<Line> = lines.iter().filter_map(|line| moved(line, key, last)).collect();
        lines.extend(moved);
    }
}

/// The row 140 days later under another id, where all of it is then after `last`. What is praised or applied for is of
/// no project: whether somebody ever did is asked without a date.
fn moved(line: &Line, key: Option<&str>, last: NaiveDate) -> Option<Line> {
    let mut line = line.clone();
    let is_project = line.cells.contains_key("lead_id");
    for (name, cell) in &mut line.cells {
        let date = cell.get(..10).and_then(|date| date.parse::<NaiveDate>().ok());
        if let Some(date) = date {
            let date = date + Days::new(140);
            if date <= last {
                return None;
            }
            cell.replace_range(..10, &date.to_string());
        } else if *name == "project_id" && !is_project {
            cell.clear();
        } else if Some(*name) == key && *name != "employee_id" {
            cell.push('n');
        }
    }
    Some(line)
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn an_export_that_is_there_twice_changes_nothing(at in 0..SEEDS) {
        let (month, plain) = &MONTHS[at];
        let mut twice = month.clone();
        twice.copies = 2;
        same_files(plain, &twice.judge(), &["findings.csv", "postings.csv", "ledger.csv"]);
    }

    #[test]
    fn the_staff_together_is_each_group_alone(at in 0..SEEDS) {
        let (month, plain) = &MONTHS[at];
        let mut apart = month.of('A').judge().findings;
        apart.extend(month.of('B').judge().findings);
        assert_same(&plain.findings, &apart);
    }

    #[test]
    fn all_in_shadow_is_the_live_run_without_money(at in 0..SEEDS) {
        let (month, plain) = &MONTHS[at];
        let mut shadow = month.clone();
        shadow.shadow(&RULES.map(|(rule, ..)| rule));
        let after = shadow.judge();
        prop_assert!(after.files["shadow.csv"] == plain.files["findings.csv"]);
        prop_assert!(after.files["evidence.csv"] == plain.files["evidence.csv"]);
        for name in ["findings.csv", "postings.csv", "ledger.csv"] {
            prop_assert_eq!(after.table(name).len(), 0, "{}", name);
        }
    }
}

#[test]
fn a_rule_that_is_off_or_in_shadow_changes_no_other() {
    for (seed, (month, plain)) in (0..).zip(MONTHS.iter().take(2)) {
        let mut rules = RULES.map(|(rule, ..)| rule);
        Dice::new(seed).shuffle(&mut rules);
        for some in rules.chunks(4) {
            let (mut off, mut shadow) = (month.clone(), month.clone());
            off.off(some);
            shadow.shadow(some);
            let (off, shadow) = (off.judge(), shadow.judge());
            // What is open of a leaver is every rule's.
            let apart = |row: &Row| {
                let rule = row["rule"].as_str();
                !some.contains(&rule) && !takes(rule, some) && rule != "final-settlement"
            };
            let own = |row: &Row| some.contains(&row["rule"].as_str());
            for run in [&off, &shadow] {
                assert_same(&plain.only(apart), &run.only(apart));
                assert_eq!(run.only(own).len(), 0, "{some:?}");
                assert!(!run.table("ledger.csv").iter().any(own), "{some:?}");
            }
            // Attendance is audited in shadow mode, and is not where it is off.
            let asks = |row: &Row| {
                !some.contains(&"absence") || !takes(&row["rule"], &["absence"]) && row["rule"] != "final-settlement"
            };
            assert_same(&off.only(asks), &shadow.only(asks));
            assert_same(&plain.only(own), &shadow.shadow);
        }
    }
}

#[test]
fn decisions_of_the_same_moment_settle_in_any_order() {
    for (month, _) in MONTHS.iter() {
        let mut undecided = month.clone();
        undecided.rows("decisions").clear();
        let mut decided = undecided.clone();
        for (id, row) in undecided.judge().findings {
            let answers = match (row["rule"].as_str(), row["reason"].as_str()) {
                ("late-arrival", "late-class" | "late-leave") => [("confirm", "A"), ("confirm", "B")],
                (_, "last-out" | "no-assignee") if id.contains('A') => [("assign", "A02"), ("assign", "A04")],
                _ => continue,
            };
            for (kind, value) in answers {
                let cells = [("finding_id", id.as_str()), ("decision", kind), ("value", value)];
                let who = [("decided_by", "GM"), ("decided_at", "2026-12-01 09:00"), ("reason", "核实")];
                decided.add('A', "decisions", &[cells, who].concat());
            }
        }
        let one = decided.judge();
        decided.rows("decisions").reverse();
        assert_same(&one.findings, &decided.judge().findings);
    }
}

/// The files of the shipped example whose rows may stand in any order, one record a line, and whether there is a header.
const PLAIN: [(&str, bool); 9] = [
    ("access/1_attlog.dat", false),
    ("access/2_attlog.dat", false),
    ("registers/employees.csv", true),
    ("registers/notices.csv", true),
    ("registers/contacts.csv", true),
    ("registers/overtime.csv", true),
    ("registers/decisions.csv", true),
    ("meetings/invitations.csv", true),
    ("tickets/glpi.csv", true),
];

fn example(change: impl Fn(&mut Vec<String>)) -> Findings {
    let dir = demo();
    for (name, has_header) in PLAIN {
        let path = dir.path().join("fixtures/demo").join(name);
        let mut lines: Vec<String> = text(&path).lines().map(str::to_owned).collect();
        let mut body = lines.split_off(usize::from(has_header));
        change(&mut body);
        fs::write(&path, format!("{}\n", [lines, body].concat().join("\n"))).expect("written");
    }
    findings(dir.path())
}

fn findings(dir: &Path) -> Findings {
    done(dir, "monthly --quiet --preview out");
    rows(&read(&dir.join("out/findings.csv"))).into_iter().map(|row| (row["finding_id"].clone(), row)).collect()
}

#[test]
fn the_exports_of_the_example_in_any_order_or_twice_come_to_the_same() {
    let plain = example(|_| {});
    assert!(plain.len() > 100, "{} findings", plain.len());
    assert_same(&plain, &example(|body| Dice::new(1).shuffle(body)));
    assert_same(&plain, &example(|body| body.extend_from_within(..)));
}
