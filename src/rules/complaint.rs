//! 八.16, 七.4 Complaint.
//!
//! > 在工作中受客户有理投诉时,投诉根据情节严重性扣款20-100元/次
//!
//! Reading: upheld complaints only. Rows of one matter and employee are one complaint, dated the earliest decision.
//! The grade gives the price; the text has no grades, so the table of them is a parameter within 20 to 100. Without a
//! known grade a person decides the amount, within the same bounds.
//!
//! Reads `matters`. Writes one charge per matter.
//! Not here: which row stands for a matter (`facts::complaints`).

use super::rule::{Confirm, Direction, Found, Group, Reach, Rule, evidence, findings};
use crate::{
    base::money::Fen,
    facts::{Facts, fact, shown},
    policy::{Param, Policy},
};
use polars::prelude::*;
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "complaint",
    clauses: &["八.16", "七.4"],
    title: ("客户投诉", "Complaint"),
    sentence: (
        "有理投诉{subject}，判定于{decided}[，等级{grade}]",
        "complaint {subject} upheld {decided}[, grade {grade}]",
    ),
    sources: &["complaints"],
    params: &["complaint.grades", "complaint.amount_min", "complaint.amount_max"],
    direction: Direction::Deduction("company", Group::Complaint),
    confirms: &[("ungraded", Confirm::ChargeOf)],
    bounds: Some((&MIN, &MAX)),
    reach: Reach::Year,
    check,
    doc: include_str!("complaint.rs"),
    ..Rule::DEFAULT
};

static MIN: Param<Fen> = Param::new("complaint.amount_min");
static MAX: Param<Fen> = Param::new("complaint.amount_max");
const GRADES: Param<BTreeMap<String, Fen>> = Param::new("complaint.grades");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let mut matters = facts.matters.clone();
    let price = {
        let (dates, grades) = (matters.column("decided_on")?.date()?, matters.column("grade")?.str()?);
        let pairs = dates.as_date_iter().zip(grades.iter());
        let price = |(date, grade): (Option<chrono::NaiveDate>, Option<&str>)| {
            policy.on(&GRADES, date?)?.get(grade?).map(|fen| fen.0)
        };
        pairs.map(price).collect::<Vec<Option<i64>>>()
    };
    matters.with_column(Column::new("grade_price".into(), price))?;
    let is_graded = || col("grade_price").is_not_null();
    let rows = findings(
        matters.lazy(),
        [
            col("emp"),
            col("decided_on"),
            col("subject"),
            when(is_graded()).then(lit("charge")).otherwise(lit("hold")),
            when(is_graded()).then(lit(NULL).cast(DataType::String)).otherwise(lit("ungraded")),
            lit(1_i64),
            col("grade_price"),
            concat_str([fact("decided", shown("decided_at")), fact("grade", col("grade"))], "\u{1f}", true),
        ],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("upheld", shown("decided_at")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    const HEADER: &str = "complaint_id,matter_id,employee_id,received_at,verdict,grade,decided_at";

    fn found(rows: &str) -> Vec<String> {
        Case::month("2026-10").table("complaints", &format!("{HEADER}\n{rows}\n")).found("complaint")
    }

    #[test]
    fn the_grade_gives_the_price_and_no_grade_is_held() {
        assert_eq!(found("C1,,01,2026-10-01 09:00,upheld,较重,2026-10-12 09:00"), ["01 C1 charge 1 40.00"]);
        assert_eq!(found("C1,,01,2026-10-01 09:00,upheld,,2026-10-12 09:00"), ["01 C1 hold(ungraded) 1"]);
        assert_eq!(found("C1,,01,2026-10-01 09:00,upheld,特大,2026-10-12 09:00"), ["01 C1 hold(ungraded) 1"]);
        assert!(found("C1,,01,2026-10-01 09:00,rejected,较重,2026-10-12 09:00").is_empty());
    }

    #[test]
    fn one_matter_is_one_complaint_of_its_earliest_decision() {
        let rows = "C1,M,01,2026-10-01 09:00,upheld,重大,2026-10-13 09:00\nC2,M,01,2026-10-01 09:00,upheld,一般,2026-10-12 09:00";
        assert_eq!(found(rows), ["01 M charge 1 20.00"]);
        assert!(found(&rows.replace("2026-10-12", "2026-09-30")).is_empty());
    }
}
