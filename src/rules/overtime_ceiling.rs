//! 劳动法 41 The legal ceiling of overtime.
//!
//! > 每月不得超过三十六小时
//!
//! Reading: a law, not this policy, and a calendar month, not the payroll month. Added are all claims that are
//! complete by `overtime-claim` alone, whatever was decided about them, where all their data is proven; to the second. Told to the
//! general manager and the lawyer; the hours are paid all the same.
//!
//! Reads `claims`. Writes one notice per employee and calendar month, dated the start of the claim that passes the
//! ceiling; quantity = the month's hours.
//! Not here: which claims are complete (`facts::overtime`).

use super::rule::{Found, Rule, detail, evidence, findings};
use crate::{
    facts::{Facts, fact, proven_through, shown},
    policy::{Param, Policy},
};
use polars::prelude::*;

const SOURCES: &[&str] = &["overtime", "projects", "swipes", "visits"];

pub(super) static RULE: Rule = Rule {
    name: "overtime-ceiling",
    clauses: &["劳动法 41"],
    title: ("加班超过36小时", "Overtime beyond 36 hours"),
    sentence: (
        "{subject}加班共{quantity}小时，于{passed}超过每月{limit}小时",
        "{quantity} hours of overtime in {subject}, more than {limit} since {passed}",
    ),
    sources: SOURCES,
    params: &["overtime.month_ceiling", "attendance.day_cut"],
    is_for_judged: false,
    check,
    doc: include_str!("overtime_ceiling.rs"),
    ..Rule::DEFAULT
};

const CEILING: Param<i64> = Param::new("overtime.month_ceiling");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let is_proven =
        proven_through(&facts.inputs, SOURCES).map_or_else(|| lit(true), |through| col("date").lt_eq(lit(through)));
    let key = || [col("emp"), col("month")];
    let claims =
        facts.claims.clone().lazy().filter(col("is_complete").and(col("booked_on").is_not_null()).and(is_proven));
    let claims = claims.with_columns([
        col("date").dt().to_string("%Y-%m").alias("month"),
        policy.expr(&CEILING, &col("date")).alias("limit"),
    ]);
    let claims = claims.with_columns([
        col("seconds").cum_sum(false).over(key())?.alias("so_far"),
        col("seconds").sum().over(key())?.alias("total"),
        col("month").alias("subject"),
    ]);
    let claims = claims.collect()?.lazy();
    let passed = claims.clone().filter(col("so_far").gt(col("limit") * lit(3600_i64)));
    let passed = passed.group_by_stable(key()).agg([col("date").first(), col("total").first(), col("limit").first()]);
    let rows = findings(
        passed.with_columns([lit(true).alias("is_hours")]),
        [
            col("emp"),
            col("date"),
            col("month"),
            lit("notice"),
            lit("legal"),
            col("total") / lit(36_i64),
            lit(NULL),
            detail([fact("passed", col("date")), fact("limit", col("limit"))]),
        ],
    );
    let evidence = vec![
        evidence(&claims, "ref", fact("claimed", shown("start"))),
        evidence(&claims, "last_ref", fact("last_seen", shown("last_seen"))),
        evidence(&claims, "visit_ref", lit("visit")),
    ];
    Ok(Found { rows, evidence })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    /// Claims of 01, each `day start end`, with everything that makes them complete.
    fn found(month: &str, claims: &[&str]) -> Vec<String> {
        let header =
            "claim_id,employee_id,start,end,status,reason,reported_by,manager_approved_at,administration_filed_at\n";
        let project = "project_id,name,lead_id,started_on\nP,x,02,2026-01-01\n";
        let parts = claims.iter().map(|claim| claim.split(' ').collect::<Vec<_>>());
        let parts: Vec<Vec<&str>> = parts.collect();
        let row = |(n, part): (usize, &Vec<&str>)| {
            let (day, start, end) = (part[0], part[1], part[2]);
            format!("J{n},01,{day} {start},{day} {end},claimed,business,02,{day} 23:00,{day} 23:00\n")
        };
        let rows = header.to_owned() + &parts.iter().enumerate().map(row).collect::<String>();
        let case = Case::month(month).table("projects", project);
        let case = parts.iter().fold(case, |case, part| case.swipe("01", &format!("{} {}", part[0], part[2]), ""));
        case.table("overtime", &rows).found("overtime-ceiling")
    }

    const THREE: [&str; 3] = ["2026-10-03 08:00 20:00", "2026-10-04 08:00 20:00", "2026-10-05 08:00 20:00"];

    #[test]
    fn exactly_36_hours_are_lawful_and_a_minute_more_is_not() {
        assert!(found("2026-10", &THREE).is_empty());
        let more = [&THREE[..], &["2026-10-06 08:00 08:01"]].concat();
        assert_eq!(found("2026-10", &more), ["01 2026-10 notice(legal) 36.01"]);
        let seconds = [&THREE[..], &["2026-10-06 08:00 08:00:05"]].concat();
        assert_eq!(found("2026-10", &seconds), ["01 2026-10 notice(legal) 36.00"]);
    }

    #[test]
    fn a_calendar_month_and_all_of_it() {
        assert!(found("2026-10", &[&THREE[..], &["2026-09-30 18:00 20:00"]].concat()).is_empty());
        let later = [&THREE[..], &["2026-10-06 08:00 10:00", "2026-10-31 08:00 11:00"]].concat();
        assert_eq!(found("2026-10", &later), ["01 2026-10 notice(legal) 41.00"]);
    }
}
