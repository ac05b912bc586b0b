//! 二.2 Reporting back after leave.
//!
//! > 完假以后必须到公司行政人事部销假
//!
//! Reading: the text gives no time; the end of the first workday after the leave is the latest that can be asked.
//! Adjacent leaves end together, so the last of the chain is the one to report back from. A reminder, never an
//! absence and never money.
//!
//! Reads `leaves`. Writes one notice per chain of leaves, dated that first workday.
//! Not here: chains and the first workday after them (`facts::leave`).

use super::rule::{Found, Rule, evidence, no_text, notices_unless};
use crate::{
    facts::{Facts, fact},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "leave-return",
    clauses: &["二.2②"],
    title: ("未按时销假", "Not reported back after leave"),
    sentence: (
        "请假{subject}至{until}，应于{due}(含)以前销假，[实于{returned.day}销假|未见销假]",
        "leave {subject} until {until}: to report back by {due}, [reported {returned.day}|not reported]",
    ),
    sources: &["leaves"],
    columns: &[("leaves", "returned_at")],
    check,
    doc: include_str!("leave_return.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let is_back = col("returned_at").dt().date().lt_eq(col("return_by")).fill_null(lit(false));
    let missing = facts.leaves.clone().lazy().filter(col("is_last_of_chain").and(is_back.not()));
    let open = when(col("return_by").is_null()).then(lit("no-deadline")).otherwise(no_text());
    let rows = notices_unless(
        missing,
        [col("emp"), coalesce(&[col("return_by"), col("chain_last")]), col("leave_id")],
        open,
        [fact("until", col("last_day")), fact("due", col("return_by")), fact("returned", col("returned_at"))],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("leave")), facts.chain_of(&rows)], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    const HEADER: &str = "leave_id,employee_id,type,start,end,approved_at,returned_at\n";

    fn found(month: &str, rows: &str) -> Vec<String> {
        Case::month(month).table("leaves", &format!("{HEADER}{rows}\n")).found("leave-return")
    }

    #[test]
    fn on_the_first_workday_after_it_and_not_a_day_later() {
        // Until Fri 16 October: Mon 19.
        let leave = |returned: &str| {
            found("2026-10", &format!("L1,01,annual,2026-10-15,2026-10-16 12:00,2026-10-09,{returned}"))
        };
        assert!(leave("2026-10-19 23:59").is_empty());
        assert_eq!(leave("2026-10-20 00:00"), ["01 L1 notice 1"]);
        assert_eq!(leave(""), ["01 L1 notice 1"]);
    }

    #[test]
    fn it_is_dated_the_first_workday_so_it_can_belong_to_the_next_month() {
        let leave = "L1,01,annual,2026-09-29,2026-09-30,2026-09-20,";
        assert!(found("2026-09", leave).is_empty());
        assert_eq!(found("2026-10", leave), ["01 L1 notice 1"]);
    }

    #[test]
    fn the_last_of_adjacent_leaves_is_the_one() {
        let chain = "L2,01,annual,2026-10-15,2026-10-16,2026-10-09,\nL1,01,sick,2026-10-19,2026-10-19,2026-10-19,";
        assert_eq!(found("2026-10", chain), ["01 L1 notice 1"]);
        // Both end on the 16th: the later first date, then the greater id.
        let nested = "L1,01,annual,2026-10-14,2026-10-16,2026-10-09,\nL2,01,sick,2026-10-14,2026-10-16,2026-10-14,";
        assert_eq!(found("2026-10", nested), ["01 L2 notice 1"]);
    }

    #[test]
    fn a_leave_into_the_end_of_the_calendar_is_suspended() {
        let case = Case::month("2026-12")
            .table("leaves", &format!("{HEADER}L1,01,annual,2026-12-30,2026-12-31,2026-12-01,\n"));
        assert!(case.found("leave-return").is_empty());
        assert_eq!(case.suspended("leave-return")[0].reason, "no-deadline");
    }
}
