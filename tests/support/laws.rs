//! What every run obeys, whatever it read: the columns (2.1 *Columns*, 4-outputs), the closed lists, the sums.

use super::{Month, Outcome, Workdays};
use crate::support::{Row, fen, sheets, sum};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Every rule, the clauses it may cite, and what its holds may wait for beside an objection and a signature.
pub(crate) const RULES: [(&str, &[&str], &[&str]); 32] = [
    ("absence", &["二.1", "二.2"], &["absence-unexplained", "late-leave"]),
    ("leave-hr-approval", &["二.2"], &[]),
    ("leave-return", &["二.2"], &[]),
    ("leave-certificate", &["二.2"], &[]),
    ("leave-handover", &["二.2"], &[]),
    ("leave-unreachable", &["二.2"], &[]),
    ("late-arrival", &["二.1", "二.3"], &["late-leave", "visit-unannounced", "late-class"]),
    ("probation-papers", &["三.1"], &[]),
    ("early-confirmation", &["三.1"], &[]),
    ("probation-length", &["三.2"], &[]),
    ("final-settlement", &["四"], &[]),
    ("overtime-claim", &["五.2"], &["own-work", "approval"]),
    ("overtime-refusal", &["五.2(3)"], &["refusal"]),
    ("overtime-ceiling", &["劳动法 41"], &[]),
    ("project-assessment", &["六.1"], &[]),
    ("reward", &["六.2", "六.3"], &["cross-check", "amount"]),
    ("reward-candidate", &["六.2(1)", "六.2(6)", "六.2(7)"], &[]),
    ("repair-diagnosis", &["七.1"], &["no-assignee"]),
    ("repair-sendout", &["七.1"], &["no-assignee"]),
    ("repair-completion", &["七.2"], &["no-assignee"]),
    ("repair-delivery", &["七.3"], &["no-assignee"]),
    ("inspection", &["八.1", "八.2", "八.3", "八.4"], &[]),
    ("last-out", &["八.5"], &["last-out"]),
    ("loan-overdue", &["八.6"], &[]),
    ("unreachable", &["八.8"], &["warning-or-fine"]),
    ("task-overdue", &["八.9", "八.15"], &[]),
    ("meeting-late", &["八.10"], &[]),
    ("meeting-absence", &["八.10"], &["late-leave", "absence-unexplained"]),
    ("loss", &["八.5", "八.14"], &["loss-amount"]),
    ("complaint", &["八.16", "七.4"], &["ungraded"]),
    ("complaint-review", &["八.16"], &[]),
    ("complaint-escalation", &["八.16"], &[]),
];

/// Rules that take other rules' findings into account: to merge with, to count, to pay from.
const TAKES: [(&str, &[&str]); 5] = [
    ("late-arrival", &["absence", "meeting-late", "meeting-absence"]),
    ("meeting-absence", &["absence"]),
    ("complaint-escalation", &["complaint"]),
    ("overtime-refusal", &["reward"]),
    ("task-overdue", &["repair-diagnosis", "repair-sendout", "repair-completion", "repair-delivery"]),
];

/// Whether what a rule says may change where the others are not live.
pub(crate) fn takes(rule: &str, others: &[&str]) -> bool {
    TAKES.iter().any(|(taker, taken)| *taker == rule && taken.iter().any(|taken| others.contains(taken)))
}

/// Rules that make deductions.
const DEDUCTIONS: [&str; 12] = [
    "late-arrival",
    "overtime-refusal",
    "repair-diagnosis",
    "repair-sendout",
    "repair-completion",
    "repair-delivery",
    "last-out",
    "unreachable",
    "meeting-late",
    "meeting-absence",
    "loss",
    "complaint",
];

/// Whether somebody has to be employed that day.
fn is_for_judged(rule: &str) -> bool {
    !rule.starts_with("reward")
        && !rule.starts_with("overtime-")
        && !matches!(rule, "final-settlement" | "project-assessment")
}

fn day(row: &Row, column: &str) -> NaiveDate {
    row[column].parse().unwrap_or_else(|_| panic!("{row:?}: {column}"))
}

/// Who is employed when.
struct Staff(BTreeMap<String, (NaiveDate, Option<NaiveDate>)>);

impl Staff {
    fn of(month: &Month) -> Self {
        let of = |line: &super::Line| {
            let date = |name: &str| line.cells[name].parse().ok();
            (line.cells["employee_id"].clone(), (date("hire_date").expect("a date"), date("leave_date")))
        };
        Self(month.tables["employees"].iter().map(of).collect())
    }

    fn is_judged(&self, id: &str, day: NaiveDate) -> bool {
        let (hired, left) = self.0[id];
        hired < day && left.is_none_or(|left| day < left)
    }
}

/// Asserts all that holds of every run.
pub(crate) fn lawful(month: &Month, outcome: &Outcome) {
    let mode = month.config["policy"]["limits"]["mode"]["values"]["2009-12-01"].as_str().expect("a mode");
    let (staff, workdays) = (Staff::of(month), Workdays::new());
    for name in ["findings.csv", "shadow.csv"].into_iter().filter(|name| outcome.files.contains_key(*name)) {
        let rows = outcome.table(name);
        let place = |row: &Row| ["employee_id", "rule", "subject"].map(|column| row[column].clone());
        assert!(rows.is_sorted_by_key(place), "{name} is not sorted");
        for row in &rows {
            let (_, clauses, reasons) = RULES.iter().find(|(rule, ..)| *rule == row["rule"]).expect("a rule");
            // A clause may be cited with one of its points: 六.2 as 六.2(3).
            assert!(clauses.iter().any(|clause| row["clause"].starts_with(clause)), "{row:?}: clause");
            identity(month, &staff, row);
            status(row, reasons, mode);
            money(row, mode);
            quantity(row);
            let due = (row["status"] == "hold").then(|| workdays.after(day(row, "occurred_on"), 2).to_string());
            assert_eq!(row["due_on"], due.unwrap_or_default(), "{row:?}");
        }
    }
    evidence(month, outcome);
    sums(outcome);
}

fn identity(month: &Month, staff: &Staff, row: &Row) {
    let (rule, emp, subject) = (&row["rule"], &row["employee_id"], &row["subject"]);
    let ids = [format!("{rule}:{emp}:{subject}"), format!("{rule}::{subject}")];
    assert!(ids.contains(&row["finding_id"]), "{row:?}: id");
    assert_eq!(row["belongs_to"], month.name, "{row:?}");
    let occurred = day(row, "occurred_on");
    let is_inside = month.first <= occurred && occurred <= month.last;
    // Agreed or filed later than it happened.
    assert!(is_inside || matches!(rule.as_str(), "loss" | "overtime-claim"), "{row:?}: not of the month");
    assert!(emp.is_empty() || !is_for_judged(rule) || staff.is_judged(emp, occurred), "{row:?}: not judged that day");
    assert!(!row["summary"].contains(['{', '[', '|']), "{row:?}: a gap in the summary");
}

fn status(row: &Row, reasons: &[&str], mode: &str) {
    let (rule, reason) = (row["rule"].as_str(), row["reason"].as_str());
    let is_deduction = DEDUCTIONS.contains(&rule);
    let is_allowed = match row["status"].as_str() {
        "charge" => is_deduction && (reason.is_empty() || reason == "capped" && mode == "cap"),
        "credit" => rule == "reward" && reason.is_empty(),
        "hours" => rule == "overtime-claim" && reason.is_empty(),
        "counted" => rule == "late-arrival" && reason.is_empty(),
        "unpriced" => rule.starts_with("repair-") && reason.is_empty(),
        "merged" => matches!(rule, "late-arrival" | "meeting-absence" | "task-overdue") && reason.is_empty(),
        "waived" => reason.is_empty(),
        "hold" => reason == "objection" || reasons.contains(&reason) || is_deduction && reason == "unacknowledged",
        "notice" => match reason {
            "" => !is_deduction && rule != "overtime-claim" || rule == "overtime-refusal",
            "legal" => matches!(rule, "probation-length" | "overtime-ceiling"),
            "pending" => rule == "reward",
            "warning" => rule == "unreachable",
            "warn-only" => is_deduction && rule != "loss" && mode == "warn-only",
            _ => false,
        },
        _ => false,
    };
    assert!(is_allowed, "{row:?}: {} ({reason})", row["status"]);
    let is_charged = mode != "warn-only" || row["status"] != "charge" || rule == "loss";
    assert!(is_charged, "{row:?}: charged in warn-only");
}

fn money(row: &Row, mode: &str) {
    let (rule, price, amount) = (row["rule"].as_str(), &row["unit_amount"], &row["amount"]);
    match row["status"].as_str() {
        "charge" | "credit" => {
            let is_capped = mode == "cap" && row["reason"] == "capped";
            assert!(fen(amount) > 0 || is_capped, "{row:?}: amount");
            assert!(fen(amount) <= fen(price), "{row:?}: more than the price");
        }
        "counted" => assert_eq!(amount, "0.00", "{row:?}"),
        _ => assert_eq!(amount, "", "{row:?}"),
    }
    let destination = match (DEDUCTIONS.contains(&rule), price.is_empty()) {
        (true, false) if rule == "late-arrival" => "department-fund",
        (true, false) => "company",
        _ => "",
    };
    assert_eq!(row["destination"], destination, "{row:?}");
    assert!(price.is_empty() || fen(price) > 0 && (!destination.is_empty() || rule == "reward"), "{row:?}: a price");
    assert!(row["status"] != "unpriced" || price.is_empty(), "{row:?}: unpriced with a price");
}

fn quantity(row: &Row) {
    let (rule, status, quantity) = (row["rule"].as_str(), row["status"].as_str(), &row["quantity"]);
    let is_hours = quantity.split_once('.').is_some_and(|(_, rest)| rest.len() == 2) && fen(quantity) > 0;
    let is_allowed = match rule {
        "late-arrival" | "meeting-late" => quantity.parse::<u32>().is_ok(),
        "unreachable" => quantity.parse::<u32>().is_ok_and(|count| count >= 3),
        "overtime-ceiling" => is_hours && fen(quantity) > 3600,
        "overtime-claim" if status == "hours" => is_hours,
        "overtime-claim" => is_hours || quantity == "1",
        _ => quantity == "1",
    };
    assert!(is_allowed, "{row:?}: quantity");
}

fn evidence(month: &Month, outcome: &Outcome) {
    let mut proven = BTreeSet::new();
    for row in outcome.table("evidence.csv") {
        let lines = month.tables[row["source"].as_str()].len();
        let line: usize = row["line"].parse().expect("a line");
        assert!((2..lines + 2).contains(&line), "{row:?}: no such line");
        proven.insert(row["finding_id"].clone());
    }
    for id in outcome.findings.keys().chain(outcome.shadow.keys()) {
        assert!(proven.remove(id), "{id} has no evidence");
    }
    assert!(proven.is_empty(), "evidence of nothing: {proven:?}");
}

/// Findings = postings = ledger = sheets.
fn sums(outcome: &Outcome) {
    let [findings, postings, ledger] = ["findings.csv", "postings.csv", "ledger.csv"].map(|name| outcome.table(name));
    for (status, direction, book, sheet) in
        [("charge", "deduct", "deductions.xlsx", "扣款汇总"), ("credit", "reward", "rewards.xlsx", "奖励汇总")]
    {
        let moved: BTreeMap<&str, &str> = findings
            .iter()
            .filter(|row| row["status"] == status && row["amount"] != "0.00")
            .map(|row| (row["finding_id"].as_str(), row["amount"].as_str()))
            .collect();
        let own = postings.iter().filter(|row| row["direction"] == direction);
        let posted: Vec<(&str, &str)> = own.map(|row| (row["finding_id"].as_str(), row["amount"].as_str())).collect();
        assert_eq!(posted.len(), moved.len(), "{direction}: a finding is posted once");
        assert_eq!(posted.into_iter().collect::<BTreeMap<_, _>>(), moved, "{direction}");
        let total = sum(&findings, "amount", |row| row["status"] == status);
        assert_eq!(total, sum(&ledger, "amount", |row| row["direction"] == direction), "{direction}: ledger");
        if total > 0 {
            let shown = sheets::total(&outcome.files[book], sheet, "合计", "合计金额");
            assert_eq!(format!("{shown:.2}"), format!("{}.{:02}", total / 100, total % 100), "{sheet}");
        }
    }
    for row in &postings {
        assert!(fen(&row["amount"]) > 0 && row["belongs_to"] == row["paid_in"], "{row:?}");
    }
    let count = |rows: &[Row]| rows.iter().map(|row| row["posting_id"].clone()).collect::<BTreeSet<_>>().len();
    assert_eq!(count(&postings), postings.len(), "a posting's id stands twice");
}
