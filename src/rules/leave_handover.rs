//! 二.2 Handing over before leave.
//!
//! > 请假必须做好工作汇报和工作交接
//!
//! Reading: done before one is away, so on or before the leave's first day. A reminder, never money.
//!
//! Reads `leaves`. Writes one notice per approved leave, dated its first day.
//! Not here: which leaves are approved (`facts::leave`).

use super::rule::{Found, Rule, evidence, notices};
use crate::{
    facts::{Facts, fact},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "leave-handover",
    clauses: &["二.2③"],
    title: ("请假未交接", "Leave without handing over"),
    sentence: (
        "请假{subject}自{from}起，[交接于{handed.day}，晚于首日|未见工作交接]",
        "leave {subject} from {from}: [handed over only {handed.day}|work not handed over]",
    ),
    sources: &["leaves"],
    columns: &[("leaves", "handover_at")],
    check,
    doc: include_str!("leave_handover.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let is_done = col("handover_at").dt().date().lt_eq(col("first_day")).fill_null(lit(false));
    let rows = notices(
        facts.leaves.clone().lazy().filter(is_done.not()),
        [col("emp"), col("first_day"), col("leave_id")],
        [fact("from", col("first_day")), fact("handed", col("handover_at"))],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("leave"))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(month: &str, row: &str) -> Vec<String> {
        let header = "leave_id,employee_id,type,start,end,status,approved_at,handover_at\n";
        Case::month(month).table("leaves", &format!("{header}{row}\n")).found("leave-handover")
    }

    #[test]
    fn on_the_first_day_is_in_time() {
        let leave = |handed: &str| {
            found("2026-10", &format!("L1,01,annual,2026-10-12 13:30,2026-10-13,approved,2026-10-09,{handed}"))
        };
        assert!(leave("2026-10-12 23:59").is_empty());
        assert_eq!(leave("2026-10-13 00:00"), ["01 L1 notice 1"]);
        assert_eq!(leave(""), ["01 L1 notice 1"]);
    }

    #[test]
    fn only_approved_leaves_and_in_the_month_of_their_first_day() {
        assert!(found("2026-10", "L1,01,annual,2026-10-12,2026-10-13,pending,2026-10-09,").is_empty());
        assert!(found("2026-10", "L1,01,annual,2026-10-12,2026-10-13,rejected,2026-10-09,").is_empty());
        assert!(found("2026-10", "L1,01,annual,2026-10-12,2026-10-13,approved,2026-10-13,").is_empty());
        assert!(found("2026-10", "L1,01,annual,2026-09-30,2026-10-13,approved,2026-09-09,").is_empty());
        assert_eq!(found("2026-10", "L1,01,annual,2026-10-12,2026-10-13,,2026-10-09,"), ["01 L1 notice 1"]);
    }
}
