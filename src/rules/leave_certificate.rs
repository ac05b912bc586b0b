//! 二.2 Certificate of sick leave.
//!
//! > 病假需带上正规医院开具的相关证明
//!
//! Reading: it is brought when reporting back, so it is due on the first workday after the leave and the leaves
//! adjacent to it. Every sick leave needs its own. What the certificate says is never read or printed.
//!
//! Reads `leaves`. Writes one notice per sick leave, dated the day after the due day.
//! Not here: chains and the first workday after them (`facts::leave`).

use super::rule::{Found, Rule, evidence, no_text, notices_unless};
use crate::{
    facts::{Facts, fact},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "leave-certificate",
    clauses: &["二.2②"],
    title: ("病假证明未交", "Sick leave without certificate"),
    sentence: (
        "病假{subject}至{until}，证明应于{due}(含)以前交，[实于{handed.day}交|未见提交]",
        "sick leave {subject} until {until}: certificate due {due}, [handed in {handed.day}|not handed in]",
    ),
    sources: &["leaves"],
    columns: &[("leaves", "certificate_at")],
    check,
    doc: include_str!("leave_certificate.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let is_there = col("certificate_at").dt().date().lt_eq(col("return_by")).fill_null(lit(false));
    let missing = facts.leaves.clone().lazy().filter(col("type").eq(lit("sick")).and(is_there.not()));
    let breach = col("return_by") + lit(chrono::Duration::days(1));
    let open = when(col("return_by").is_null()).then(lit("no-deadline")).otherwise(no_text());
    let rows = notices_unless(
        missing,
        [col("emp"), coalesce(&[breach, col("chain_last")]), col("leave_id")],
        open,
        [fact("until", col("last_day")), fact("due", col("return_by")), fact("handed", col("certificate_at"))],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("leave")), facts.chain_of(&rows)], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(month: &str, rows: &str) -> Vec<String> {
        let header = "leave_id,employee_id,type,start,end,approved_at,certificate_at\n";
        Case::month(month).table("leaves", &format!("{header}{rows}\n")).found("leave-certificate")
    }

    #[test]
    fn only_sick_leave_and_by_the_first_workday_after_it() {
        let leave = |kind: &str, handed: &str| {
            found("2026-10", &format!("L1,01,{kind},2026-10-16,2026-10-16,2026-10-16,{handed}"))
        };
        assert!(leave("sick", "2026-10-19 18:00").is_empty());
        assert_eq!(leave("sick", "2026-10-20 08:00"), ["01 L1 notice 1"]);
        assert_eq!(leave("sick", ""), ["01 L1 notice 1"]);
        assert!(leave("annual", "").is_empty());
    }

    #[test]
    fn it_is_dated_the_day_after_the_due_day() {
        // Due on Fri 30 October, so dated the 31st; due on Mon 2 November, so dated the 3rd.
        assert_eq!(found("2026-10", "L1,01,sick,2026-10-29,2026-10-29,2026-10-29,").len(), 1);
        assert!(found("2026-10", "L1,01,sick,2026-10-30,2026-10-30,2026-10-30,").is_empty());
        assert_eq!(found("2026-11", "L1,01,sick,2026-10-30,2026-10-30,2026-10-30,").len(), 1);
    }

    #[test]
    fn an_adjacent_leave_moves_the_day() {
        let chain =
            "L1,01,sick,2026-10-15,2026-10-16,2026-10-15,2026-10-20\nL2,01,annual,2026-10-19,2026-10-19,2026-10-15,";
        assert!(found("2026-10", chain).is_empty());
    }
}
