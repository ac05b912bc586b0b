//! 二.2 Reachable while on leave.
//!
//! > 请假期间必须保持联系畅通
//!
//! Reading: a call within working hours during approved leave that is neither answered nor called back in time. Leave
//! is not working time, so it never counts towards 八.8 and never costs money: a note for the manager.
//!
//! Reads `contacts`. Writes one notice per such contact, dated its day.
//! Not here: which contacts fail (`facts::contacts`); those outside leave (`unreachable`).

use super::rule::{Found, Proof, Rule, evidence, notices_unless};
use crate::{
    facts::{Facts, fact, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "leave-unreachable",
    clauses: &["二.2③"],
    title: ("请假期间联系不上", "Not reachable on leave"),
    sentence: (
        "请假期间{called}来电未接[，{back}回电|，未回电]",
        "called on leave {called}, not answered[, called back {back}|, not called back]",
    ),
    sources: &["leaves", "contacts"],
    optional: &["rosters"],
    columns: &[("contacts", "called_back_at")],
    params: &["unreachable.callback_minutes"],
    proof: Proof::Own,
    check,
    doc: include_str!("leave_unreachable.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let rows = notices_unless(
        facts.contacts.clone().lazy().filter(col("is_on_leave")),
        [col("emp"), col("date"), col("contact_id")],
        col("open"),
        [fact("called", shown("called_at")), fact("back", shown("called_back_at"))],
    );
    let calls = fact("called", shown("called_at"));
    Ok(Found { evidence: vec![evidence(&rows, "ref", calls), evidence(&rows, "leave_ref", lit("leave"))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(call: &str) -> Vec<String> {
        let leave = "leave_id,employee_id,type,start,end,approved_at\nL1,01,annual,2026-10-12 08:30,2026-10-12 12:00,2026-10-09\n";
        let calls = format!("contact_id,employee_id,called_at,answered,called_back_at\nK1,01,{call}\n");
        Case::month("2026-10").table("leaves", leave).table("contacts", &calls).found("leave-unreachable")
    }

    #[test]
    fn during_leave_within_working_hours_and_not_called_back() {
        assert_eq!(found("2026-10-12 08:30:00,n,"), ["01 K1 notice 1"]);
        assert_eq!(found("2026-10-12 11:59:59,n,"), ["01 K1 notice 1"]);
        assert!(found("2026-10-12 12:00:00,n,").is_empty());
        assert!(found("2026-10-12 10:00:00,y,").is_empty());
        assert!(found("2026-10-12 10:00:00,n,2026-10-12 12:00:00").is_empty());
        assert_eq!(found("2026-10-12 10:00:00,n,2026-10-12 12:00:01"), ["01 K1 notice 1"]);
    }
}
