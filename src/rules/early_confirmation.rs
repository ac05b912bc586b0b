//! 三.1 Confirmed before the end of probation.
//!
//! > 非常优秀的临时员工 … 可提前转正,需由部门经理、行政部、总经理特批
//!
//! Reading: all three approvals on or before the day of confirmation. One that is missing or later is told; the
//! confirmation itself is never questioned. No row in the register means that nobody approved; where no register is kept
//! at all, nothing is asked.
//!
//! Reads `probation`. Writes one notice per early confirmation that lacks an approval, dated `confirmed_on`.
//! Not here: papers of a confirmation in time (`probation-papers`).

use super::rule::{Found, Rule, evidence, notices};
use crate::{
    facts::{Facts, fact, lacking},
    policy::Policy,
    schema::inputs::Status,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "early-confirmation",
    clauses: &["三.1⑤"],
    title: ("提前转正缺批准", "Early confirmation without approval"),
    sentence: (
        "试用期至{end}，于{subject}提前转正，缺批准：{missing.words}",
        "probation until {end}, confirmed early on {subject}; approvals missing: {missing.words}",
    ),
    sources: &["probation"],
    columns: &[
        ("probation", "department_approved_at"),
        ("probation", "administration_approved_at"),
        ("probation", "general_manager_approved_at"),
    ],
    check,
    doc: include_str!("early_confirmation.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let papers = facts.inputs.table("probation").clone().lazy();
    // Where it is declared that there is no such register, nothing can be missing from it.
    let has_register = facts.inputs.state("probation").status == Status::Ready;
    let staff = facts.inputs.table("employees").clone().lazy().filter(lit(has_register));
    let staff = staff.select([col("emp"), col("probation_end"), col("confirmed_on"), col("ref").alias("staff_ref")]);
    let missing = ["department", "administration", "general_manager"].map(|who| {
        let approved = col(format!("{who}_approved_at")).dt().date();
        lacking(approved.lt_eq(col("confirmed_on")), &who.replace('_', "-"))
    });
    let early = staff
        .filter(col("confirmed_on").lt(col("probation_end")))
        .join(papers, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Left))
        .with_columns([concat_str(missing, " ", true).alias("missing")])
        .filter(col("missing").neq(lit("")));
    let rows = notices(
        early,
        [col("emp"), col("confirmed_on"), col("confirmed_on").cast(DataType::String)],
        [fact("end", col("probation_end")), fact("missing", col("missing"))],
    );
    let rows = rows.collect()?.lazy();
    let confirmed = fact("confirmed_on", col("confirmed_on"));
    Ok(Found {
        evidence: vec![evidence(&rows, "staff_ref", confirmed), evidence(&rows, "ref", lit("probation"))],
        rows,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(confirmed: &str, approvals: &str) -> Vec<String> {
        let staff = format!(
            "employee_id,name,department,hire_date,probation_end,confirmed_on\n01,A,R,2026-08-01,2026-10-31,{confirmed}\n"
        );
        let rows = format!(
            "employee_id,department_approved_at,administration_approved_at,general_manager_approved_at\n{approvals}\n"
        );
        Case::month("2026-10").table("employees", &staff).table("probation", &rows).found("early-confirmation")
    }

    #[test]
    fn all_three_on_or_before_the_day() {
        let third = |day: &str| found("2026-10-20", &format!("01,2026-10-19 09:00,2026-10-20 09:00,{day}"));
        assert!(third("2026-10-20 23:59").is_empty());
        assert_eq!(third("2026-10-21 00:00"), ["01 2026-10-20 notice 1"]);
        assert_eq!(third(""), ["01 2026-10-20 notice 1"]);
        assert_eq!(found("2026-10-20", ""), ["01 2026-10-20 notice 1"]);
    }

    #[test]
    fn only_before_the_end_of_probation() {
        assert!(found("2026-10-31", "").is_empty());
        assert_eq!(found("2026-10-30", ""), ["01 2026-10-30 notice 1"]);
        assert!(found("", "").is_empty());
    }
}
