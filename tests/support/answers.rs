//! The decisions of a generated month: of every kind, on what the month without decisions came to; some are not to be had.

use super::{Dice, Month, Outcome, rows::at};
use crate::support::Row;
use chrono::Days;

/// Adds decisions on about half of the findings.
pub(super) fn decide(month: &mut Month, undecided: &Outcome, dice: &mut Dice) {
    for row in undecided.findings.values() {
        if dice.chance(50) {
            let group = if row["finding_id"].contains('B') { 'B' } else { 'A' };
            answer(month, row, group, dice);
        }
    }
    // A matter of earlier in the year does not count towards the five.
    for group in ['A', 'B'] {
        if dice.chance(30) {
            let first = &month.tables["complaints"].iter().find(|line| line.group == group).expect("a complaint").cells;
            let subject = if first["matter_id"].is_empty() { &first["complaint_id"] } else { &first["matter_id"] };
            let id = format!("complaint:{}:{subject}", first["employee_id"]);
            decision(month, group, [&id, "waive", "", ""], 9);
        }
    }
}

/// One or several decisions on a finding; the manager decides, on the manager somebody else.
fn answer(month: &mut Month, row: &Row, group: char, dice: &mut Dice) {
    let id = &row["finding_id"];
    let mut say = |kind: &str, amount: &str, value: &str, hour: i64| {
        decision(month, group, [id, kind, amount, value], hour);
    };
    let lower = |percent: i64| {
        let fen = crate::support::fen(&row["unit_amount"]) * percent / 100;
        format!("{}.{:02}", fen / 100, fen % 100)
    };
    if row["employee_id"].is_empty() && row["rule"] != "inspection" {
        say("assign", "", &format!("{group}0{}", 2 + dice.below(8)), 9);
    }
    match (row["status"].as_str(), row["reason"].as_str(), dice.below(10)) {
        (_, _, 0) => say("waive", "", "", 10),
        (_, _, 1) => say("object", "", "", 10),
        (_, _, 2) => {
            say("object", "", "", 10);
            say("dismiss", "", "", 11);
        }
        ("charge" | "credit", _, 3) => {
            say("amend", &lower(60), "", 10);
            say("object", "", "", 11);
            say("confirm", "", "", 12);
        }
        ("charge" | "credit", _, 4) => say("amend", &lower(200), "", 10),
        ("charge" | "credit", ..) => say("amend", &lower(70), "", 10),
        ("hold", "refusal", 3..7) => {
            // At the same time the lower amount settles.
            say("confirm", "12.50", "", 10);
            say("confirm", "11.50", "", 10);
        }
        ("hold", "warning-or-fine" | "ungraded" | "loss-amount", 3..8) => say("confirm", "33.33", "", 10),
        ("hold", "amount" | "cross-check", _) => {
            say("confirm", "29.00", "", 10);
            say("confirm", "28.50", "", 10);
        }
        ("hold", "late-leave" | "visit-unannounced" | "late-class", n) if row["rule"] == "late-arrival" => {
            say("confirm", "", if n % 2 == 0 { "A" } else { "B" }, 10);
        }
        ("hold", ..) => say("confirm", "", "", 10),
        ("unpriced", ..) => say("confirm", "15.00", "", 10),
        ("merged" | "counted", ..) => say("waive", "", "", 10),
        _ => say("dismiss", "", "", 10),
    }
}

fn decision(month: &mut Month, group: char, [id, kind, amount, value]: [&str; 4], hour: i64) {
    let is_managers = id.contains(":A01:") || id.contains(":B01:");
    let by = if is_managers { format!("{group}02") } else { format!("{group}01") };
    let time = at(month.last + Days::new(2), hour * 60);
    let cells = [("finding_id", id), ("decision", kind), ("amount", amount), ("value", value)];
    month.add(
        group,
        "decisions",
        &[cells.as_slice(), &[("decided_by", &by), ("decided_at", &time), ("reason", "核实")]].concat(),
    );
}
