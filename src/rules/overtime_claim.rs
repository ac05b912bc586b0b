//! 五.2 Overtime to be paid.
//!
//! > 公司因业务额外需要的加班,应由向部门经理汇报后,可获发放加班工资 … 由于个人的原因所致的本职工作未完成而决定的加班,不能核算加班费 … 由项目负责人报加班时间,然后由经理审批报行政部
//!
//! Reading: complete is a claim for the company's business, reported by the lead of a project who is not the claimant,
//! approved by the manager, filed with the administration, with the claimant seen at or after its end (or on a visit
//! that lasted to it). Complete hours go to payroll, which prices them. A missing step, and own unfinished work, wait
//! for a person and are never refused by a program. Who files late, after the third workday of the next month, is
//! paid with the next month.
//!
//! Reads `claims`. Writes one finding per claim, dated its start; quantity = the hours claimed, two decimals, down, once
//! they are to be paid, and 1 before.
//! Not here: what is complete and where it belongs (`facts::overtime`); the legal ceiling (`overtime-ceiling`).

use super::rule::{Confirm, Found, Rule, detail, evidence, findings, no_text};
use crate::{
    facts::{Facts, fact, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "overtime-claim",
    clauses: &["五.2", "五.2(1)", "五.2(2)", "五.2(4)"],
    title: ("加班", "Overtime"),
    sentence: (
        "加班{start}至{end}[，最后出入{seen.time}][，缺：{missing.words}]",
        "overtime {start} to {end}[, last seen {seen.time}][; missing: {missing.words}]",
    ),
    sources: &["overtime", "projects", "swipes", "visits"],
    params: &["attendance.day_cut"],
    is_for_judged: false,
    confirms: &[("own-work", Confirm::Hours), ("approval", Confirm::Hours)],
    check,
    doc: include_str!("overtime_claim.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let is_complete = || col("is_complete");
    let is_open = || col("booked_on").is_null();
    let status = when(is_open()).then(lit("suspended")).when(is_complete()).then(lit("hours")).otherwise(lit("hold"));
    let reason = when(is_open())
        .then(lit("no-deadline"))
        .when(is_complete())
        .then(no_text())
        .when(col("is_own_work"))
        .then(lit("own-work"))
        .otherwise(lit("approval"));
    let missing = when(is_complete().or(col("is_own_work"))).then(no_text()).otherwise(col("missing"));
    let claims = facts.claims.clone().lazy().with_columns([
        status.alias("says"),
        reason.alias("because"),
        coalesce(&[col("booked_on"), col("date")]).alias("booked_on"),
        col("is_complete").alias("is_hours"),
        col("hundredths").alias("hours"),
        when(col("is_complete")).then(col("hundredths")).otherwise(lit(1_i64)).alias("number"),
    ]);
    let rows = findings(
        claims,
        [
            col("emp"),
            col("date"),
            col("claim_id"),
            col("says"),
            col("because"),
            col("number"),
            lit(NULL),
            detail([
                fact("start", shown("start")),
                fact("end", shown("end")),
                fact("seen", shown("last_seen")),
                fact("missing", missing),
            ]),
        ],
    );
    let rows = rows.collect()?.lazy();
    let evidence = vec![
        evidence(&rows, "ref", fact("claimed", shown("start"))),
        evidence(&rows, "last_ref", fact("last_seen", shown("last_seen"))),
        evidence(&rows, "visit_ref", lit("visit")),
    ];
    Ok(Found { rows, evidence })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    const HEADER: &str =
        "claim_id,employee_id,start,end,status,reason,reported_by,manager_approved_at,administration_filed_at\n";
    const PROJECT: &str = "project_id,name,lead_id,started_on\nP,x,02,2026-01-01\n";

    fn case(month: &str, row: &str) -> Case {
        Case::month(month).table("overtime", &format!("{HEADER}{row}\n")).table("projects", PROJECT)
    }

    /// A claim of 01 on Mon 12 October from 18:00, seen last at 20:30.
    fn found(row: &str) -> Vec<String> {
        case("2026-10", &format!("J1,01,2026-10-12 18:00,{row}"))
            .swipe("01", "2026-10-12 20:30:00", "")
            .found("overtime-claim")
    }

    #[test]
    fn complete_to_the_second_of_the_last_swipe() {
        let until =
            |end: &str| found(&format!("2026-10-12 {end},claimed,business,02,2026-10-13 09:00,2026-10-14 09:00"));
        assert_eq!(until("20:30:00"), ["01 J1 hours 2.50"]);
        assert_eq!(until("20:29:59"), ["01 J1 hours 2.49"]);
        assert_eq!(until("20:30:01"), ["01 J1 hold(approval) 1"]);
    }

    #[test]
    fn every_missing_step_holds_and_own_work_is_named() {
        let held = ["01 J1 hold(approval) 1"];
        let row = |rest: &str| found(&format!("2026-10-12 20:00:00,claimed,{rest}"));
        assert_eq!(row("business,02,2026-10-13 09:00,2026-10-14 09:00"), ["01 J1 hours 2.00"]);
        assert_eq!(row(",02,2026-10-13 09:00,2026-10-14 09:00"), held);
        assert_eq!(row("business,,2026-10-13 09:00,2026-10-14 09:00"), held);
        assert_eq!(row("business,03,2026-10-13 09:00,2026-10-14 09:00"), held);
        assert_eq!(row("business,02,,2026-10-14 09:00"), held);
        assert_eq!(row("business,02,2026-10-13 09:00,"), held);
        assert_eq!(row("own-work,02,2026-10-13 09:00,2026-10-14 09:00"), ["01 J1 hold(own-work) 1"]);
        assert!(found("2026-10-12 20:00:00,refused,business,02,,").is_empty());
    }

    #[test]
    fn nobody_reports_for_oneself() {
        let row = "J1,02,2026-10-12 16:00,2026-10-12 17:00,claimed,business,02,2026-10-13 09:00,2026-10-14 09:00";
        assert_eq!(case("2026-10", row).found("overtime-claim"), ["02 J1 hold(approval) 1"]);
    }

    #[test]
    fn a_visit_that_lasts_to_the_end_will_do() {
        let row = "J1,01,2026-10-12 18:00,2026-10-12 21:00,claimed,business,02,2026-10-13 09:00,2026-10-14 09:00";
        let with = |visit: &str| {
            let visits = format!("visit_id,employee_id,start,end\nV1,01,{visit}\n");
            case("2026-10", row).table("visits", &visits).found("overtime-claim")
        };
        assert_eq!(with("2026-10-12 17:00,2026-10-12 21:00"), ["01 J1 hours 3.00"]);
        assert_eq!(with("2026-10-12 17:00,2026-10-12 20:59"), ["01 J1 hold(approval) 1"]);
        assert_eq!(with("2026-10-12 21:00,2026-10-12 22:00"), ["01 J1 hold(approval) 1"]);
    }

    #[test]
    fn after_midnight_the_presence_day_is_the_day_before() {
        let row = "J1,01,2026-10-13 01:00,2026-10-13 02:00,claimed,business,02,2026-10-13 09:00,2026-10-14 09:00";
        let found = |time: &str| case("2026-10", row).swipe("01", time, "").found("overtime-claim");
        assert_eq!(found("2026-10-13 02:00:00"), ["01 J1 hours 1.00"]);
        assert_eq!(found("2026-10-12 23:00:00"), ["01 J1 hold(approval) 1"]);
    }

    #[test]
    fn filed_after_the_third_workday_it_belongs_to_the_next_month() {
        // October ends on a Saturday: 2, 3, 4 November.
        let row = |filed: &str| {
            format!("J1,01,2026-10-12 16:00,2026-10-12 17:00,claimed,business,02,2026-10-13 09:00,{filed}")
        };
        let found = |month: &str, filed: &str| {
            case(month, &row(filed)).swipe("01", "2026-10-12 17:40:00", "").found("overtime-claim")
        };
        assert_eq!(found("2026-10", "2026-11-04 23:59"), ["01 J1 hours 1.00"]);
        assert!(found("2026-11", "2026-11-04 23:59").is_empty());
        assert!(found("2026-10", "2026-11-05 00:00").is_empty());
        assert_eq!(found("2026-11", "2026-11-05 00:00"), ["01 J1 hours 1.00"]);
        assert!(found("2026-12", "2026-11-05 00:00").is_empty());
        // What is not complete stays in its month.
        assert_eq!(case("2026-10", &row("").replace(",02,", ",03,")).found("overtime-claim").len(), 1);
    }
}
