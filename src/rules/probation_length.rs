//! 三.2 Longer probation than the law allows.
//!
//! > 公司有权辞退、调职、延长试用期等
//!
//! Reading: whatever the policy says, the labour contract law (art. 19) allows one month for a contract of less than
//! a year, two for less than three years, six for more and for none with an end. A later `probation_end` is told to
//! the general manager and the lawyer as a legal risk; nothing is ever deducted or extended by a program.
//!
//! Reads `employees`. Writes one notice per employee, dated the day after the lawful last day (the day of hire plus
//! the months, the day clamped to the month).
//! Not here: papers (`probation-papers`).

use super::rule::{Found, Rule, detail, evidence, findings};
use crate::{
    facts::{Facts, fact},
    policy::Policy,
};
use chrono::{Months, NaiveDate};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "probation-length",
    clauses: &["三.2"],
    title: ("试用期超过法定", "Probation beyond the law"),
    sentence: (
        "{hired}入职[，合同{months}个月|，合同期限未填]，试用期最长至{lawful}，登记为{subject}",
        "hired {hired}[, contract of {months} months|, contract without an end]: probation until {lawful} at most, on record {subject}",
    ),
    check,
    doc: include_str!("probation_length.rs"),
    ..Rule::DEFAULT
};

/// The lawful last day of probation.
fn lawful_until(hired: NaiveDate, contract_months: Option<i64>) -> Option<NaiveDate> {
    let months = match contract_months {
        Some(..12) => 1,
        Some(..36) => 2,
        Some(_) | None => 6,
    };
    hired.checked_add_months(Months::new(months))
}

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let staff = facts.inputs.table("employees").clone();
    let (hired, months) = (staff.column("hire_date")?.date()?, staff.column("contract_months")?.i64()?);
    let lawful = hired.as_date_iter().zip(months.iter()).map(|(hired, months)| lawful_until(hired?, months));
    let lawful = Column::new("lawful".into(), lawful.collect::<Vec<Option<NaiveDate>>>());
    let staff = staff.lazy().select(["emp", "hire_date", "contract_months", "probation_end", "ref"].map(col));
    let mut staff = staff.rename(["hire_date"], ["hired"], true).collect()?;
    staff.with_column(lawful)?;
    let rows = findings(
        staff.lazy().filter(col("probation_end").gt(col("lawful"))),
        [
            col("emp"),
            col("lawful") + lit(chrono::Duration::days(1)),
            col("probation_end").cast(DataType::String),
            lit("notice"),
            lit("legal"),
            lit(1_i64),
            lit(NULL),
            detail([
                fact("hired", col("hired")),
                fact("months", col("contract_months")),
                fact("lawful", col("lawful")),
            ]),
        ],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("probation_end", col("probation_end")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(month: &str, hired: &str, contract: &str, end: &str) -> Vec<String> {
        let staff = format!(
            "employee_id,name,department,hire_date,probation_end,contract_months\n01,A,R,{hired},{end},{contract}\n"
        );
        Case::month(month).table("employees", &staff).found("probation-length")
    }

    #[test]
    fn one_two_and_six_months() {
        for (contract, lawful) in
            [("11", "2026-05-15"), ("12", "2026-06-15"), ("35", "2026-06-15"), ("36", "2026-10-15"), ("", "2026-10-15")]
        {
            let month = &lawful[..7];
            assert!(found(month, "2026-04-15", contract, lawful).is_empty(), "{contract}");
            let later = format!("{month}-16");
            let expected = [format!("01 {later} notice(legal) 1")];
            assert_eq!(found(month, "2026-04-15", contract, &later), expected, "{contract}");
        }
    }

    #[test]
    fn the_day_is_clamped_and_the_notice_dated_the_day_after() {
        // Hired on 31 August: one month is 30 September, so the notice is of October.
        assert!(found("2026-09", "2026-08-31", "6", "2026-10-01").is_empty());
        assert_eq!(found("2026-10", "2026-08-31", "6", "2026-10-01"), ["01 2026-10-01 notice(legal) 1"]);
        assert!(found("2026-10", "2026-08-31", "6", "2026-09-30").is_empty());
    }
}
