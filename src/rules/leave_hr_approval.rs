//! 二.2 Leave of several days needs HR.
//!
//! > 请假3天以上必须报由公司行政人事部批准
//!
//! Reading: 以上 includes the number. Days are the workdays that the leave touches, and adjacent leaves of one person
//! are added together, so that three days are not asked for as two and one. Each leave of such a chain needs HR's
//! approval on or before its own first day. Missing it is a defect of papers, told to manager and HR; never an
//! absence, because the manager had approved.
//!
//! Reads `leaves`. Writes one notice per leave without HR's approval in time, dated its first day.
//! Not here: which leaves are adjacent (`facts::leave`).

use super::rule::{Found, Rule, evidence, no_text, notices_unless};
use crate::{
    facts::{Facts, fact},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "leave-hr-approval",
    clauses: &["二.2①"],
    title: ("请假未报人事批准", "Leave without HR's approval"),
    sentence: (
        "请假{subject}（{from}至{until}）连同相邻请假共{days}个工作日，首日(含)以前未经人事批准[，{approved.day}才批准]",
        "leave {subject} ({from} to {until}), {days} workdays with adjacent leaves: HR did not approve by the first day[, only {approved.day}]",
    ),
    sources: &["leaves"],
    columns: &[("leaves", "hr_approved_at")],
    params: &["leave.hr_approval_days"],
    check,
    doc: include_str!("leave_hr_approval.rs"),
    ..Rule::DEFAULT
};

const DAYS: Param<i64> = Param::new("leave.hr_approval_days");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let limit = || policy.expr(&DAYS, &col("first_day"));
    let is_approved = col("hr_approved_at").dt().date().lt_eq(col("first_day")).fill_null(lit(false));
    let is_long = col("chain_days").gt_eq(limit()).fill_null(lit(true));
    let missing = facts.leaves.clone().lazy().filter(is_long.and(is_approved.not()));
    let open = when(limit().is_null())
        .then(lit("no-value"))
        .when(col("chain_days").is_null())
        .then(lit("no-deadline"))
        .otherwise(no_text());
    let rows = notices_unless(
        missing,
        [col("emp"), col("first_day"), col("leave_id")],
        open,
        [
            fact("from", col("first_day")),
            fact("until", col("last_day")),
            fact("days", col("chain_days")),
            fact("approved", col("hr_approved_at")),
        ],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("leave")), facts.chain_of(&rows)], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    const HEADER: &str = "leave_id,employee_id,type,start,end,approved_at,hr_approved_at\n";

    fn found(rows: &str) -> Vec<String> {
        Case::month("2026-10").table("leaves", &format!("{HEADER}{rows}\n")).found("leave-hr-approval")
    }

    #[test]
    fn three_workdays_need_it_and_two_do_not() {
        // Mon 12 to Wed 14 October.
        assert_eq!(found("L1,01,annual,2026-10-12,2026-10-14,2026-10-09,"), ["01 L1 notice 1"]);
        assert!(found("L1,01,annual,2026-10-12,2026-10-13,2026-10-09,").is_empty());
        // Half a day touches its day.
        assert_eq!(found("L1,01,annual,2026-10-12,2026-10-14 12:00,2026-10-09,"), ["01 L1 notice 1"]);
    }

    #[test]
    fn on_the_first_day_is_in_time_and_a_day_later_is_not() {
        assert!(found("L1,01,annual,2026-10-12,2026-10-14,2026-10-09,2026-10-12 23:59").is_empty());
        assert_eq!(found("L1,01,annual,2026-10-12,2026-10-14,2026-10-09,2026-10-13").len(), 1);
    }

    #[test]
    fn adjacent_leaves_are_added_over_a_weekend_but_not_over_a_workday() {
        let friday = "L1,01,annual,2026-10-16,2026-10-16,2026-10-09,";
        let chain = |second: &str| found(&format!("{friday}\nL2,01,personal,{second},2026-10-09,"));
        assert_eq!(chain("2026-10-19,2026-10-20"), ["01 L1 notice 1", "01 L2 notice 1"]);
        assert!(chain("2026-10-20,2026-10-21").is_empty());
        // The 10th is a Saturday on which people work: it parts the leaves around it.
        assert!(
            found("L1,01,annual,2026-10-08,2026-10-09,2026-09-30,\nL2,01,annual,2026-10-12,2026-10-13,2026-09-30,")
                .is_empty()
        );
    }

    #[test]
    fn rest_days_do_not_count_and_a_late_leave_is_no_leave() {
        // National day 1 to 7 October: only the 8th is a workday.
        assert!(found("L1,01,annual,2026-10-01,2026-10-08,2026-09-30,").is_empty());
        assert!(found("L1,01,annual,2026-10-12,2026-10-14,2026-10-13,").is_empty());
    }
}
