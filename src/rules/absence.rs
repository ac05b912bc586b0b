//! 二.1, 二.2 Absence.
//!
//! > 每天早上必须到公司签到 … 未通知者视为旷工 … 请假需预先报告部门经理批准,否则视为旷工处理
//!
//! Reading: an own working day with no swipe, no field notice at all and no approved leave overlapping the calendar
//! day is an absence that nobody has explained; a person decides. A leave that came in late is named as such. A visit
//! or another notice of that day is evidence for the person who decides. A first swipe at any late hour is a late
//! arrival, never an absence; swipes without an arrival are neither.
//!
//! Reads `days` (what is absent and what is suspended). Writes one hold per absent day; never an amount, because the
//! policy names none: `confirm` makes a notice.
//! Not here: presence and cover (`facts::attendance`), the decision (`settle::decisions`).

use super::rule::{Confirm, Found, Proof, Rule, evidence, findings};
use crate::{facts::Facts, policy::Policy};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "absence",
    clauses: &["二.1", "二.2①"],
    title: ("旷工", "Absence"),
    sentence: (
        "工作日无打卡、无外勤通知、无已批准请假[{?visit}，当日有上门记录]",
        "no swipe, no field notice, no approved leave[{?visit}; a visit is on record]",
    ),
    sources: &["swipes", "notices", "leaves", "visits"],
    optional: &["punches", "rosters"],
    params: &[
        "attendance.work_start",
        "attendance.work_end",
        "attendance.day_cut",
        "attendance.presence_floor",
        "attendance.late_share_ceiling",
    ],
    proof: Proof::Own,
    confirms: &[("absence-unexplained", Confirm::Notice), ("late-leave", Confirm::Notice)],
    check,
    doc: include_str!("absence.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let staff = facts.inputs.table("employees").clone().lazy();
    let staff = staff.select([col("emp").alias("staff"), col("ref").alias("staff_ref")]);
    let absent = facts.days.clone().lazy().filter(col("is_absent"));
    let absent = absent.join(staff, [col("emp")], [col("staff")], JoinArgs::new(JoinType::Left));
    let reason = when(col("has_late_leave")).then(lit("late-leave")).otherwise(lit("absence-unexplained"));
    let rows = findings(
        absent,
        [
            col("emp"),
            col("date"),
            col("date").cast(DataType::String),
            lit("hold"),
            reason,
            lit(1_i64),
            lit(NULL),
            when(col("visit_ref").is_not_null()).then(lit("visit=yes")).otherwise(lit("")),
        ],
    );
    let rows = rows.collect()?.lazy();
    // What is not there leaves no row: the person's own row says who was expected.
    let evidence = vec![
        evidence(&rows, "staff_ref", lit("employed")),
        evidence(&rows, "late_leave_ref", lit("late_leave")),
        evidence(&rows, "visit_ref", lit("visit")),
        evidence(&rows, "other_notice_ref", lit("other_notice")),
    ];
    Ok(Found { rows, evidence })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    #[test]
    fn a_day_without_swipe_notice_or_leave() {
        let case = Case::month("2026-10").swiping(&["2026-10-12"], &["01"]);
        assert_eq!(case.found("absence"), ["01 2026-10-12 hold(absence-unexplained) 1"]);
    }

    #[test]
    fn an_approved_leave_that_touches_the_day_excuses_and_a_late_one_is_named() {
        let leave = |approved: &str| {
            format!(
                "leave_id,employee_id,type,start,end,approved_at\nL1,01,annual,2026-10-12 13:30,2026-10-12 17:30,{approved}\n"
            )
        };
        let absent = || Case::month("2026-10").swiping(&["2026-10-12"], &["01"]);
        assert!(absent().table("leaves", &leave("2026-10-12")).found("absence").is_empty());
        assert_eq!(
            absent().table("leaves", &leave("2026-10-13")).found("absence"),
            ["01 2026-10-12 hold(late-leave) 1"]
        );
    }

    #[test]
    fn a_field_notice_excuses_until_the_end_of_the_day_and_other_kinds_never() {
        let notice = |kind: &str, at: &str| format!("employee_id,date,notified_at,kind\n01,2026-10-12,{at},{kind}\n");
        let absent = || Case::month("2026-10").swiping(&["2026-10-12"], &["01"]);
        assert!(absent().table("notices", &notice("field", "2026-10-12 23:59:59")).found("absence").is_empty());
        assert_eq!(absent().table("notices", &notice("field", "2026-10-13 00:00:00")).found("absence").len(), 1);
        assert_eq!(absent().table("notices", &notice("other", "2026-10-12 08:00:00")).found("absence").len(), 1);
    }

    #[test]
    fn a_rejected_leave_row_whose_end_is_before_its_start_names_both_days() {
        let rows =
            "leave_id,employee_id,type,start,end,approved_at\nL1,01,annual,2026-10-14,2026-10-12 18:00,2026-10-01\n";
        let days = ["2026-10-12", "2026-10-13", "2026-10-14", "2026-10-15"];
        let case = Case::month("2026-10").swiping(&days, &["01"]).table("leaves", rows);
        assert_eq!(case.found("absence"), ["01 2026-10-15 hold(absence-unexplained) 1"]);
    }

    #[test]
    fn a_rejected_leave_row_suspends_the_days_it_names() {
        let rows = "leave_id,employee_id,type,start,end,approved_at\nL1,01,annual,2026-10-12,2026-10-12,yesterday\n";
        let case = Case::month("2026-10").swiping(&["2026-10-12", "2026-10-13"], &["01"]).table("leaves", rows);
        assert_eq!(case.found("absence"), ["01 2026-10-13 hold(absence-unexplained) 1"]);
    }
}
