//! 八.5, 八.14 Losses.
//!
//! > 因工作疏忽、玩忽职守而造成的经济损失由员工自行承担,对损坏的设备或配件等照价赔偿
//!
//! Reading: fault and amount are never a program's to find. What the employee agreed to, with an amount, is a charge
//! in the payroll month of the agreement; everything else waits for a person in the month of the loss.
//!
//! Reads `losses`. Writes one finding per loss, dated the day it occurred.
//! Not here: the limits of wage law (`settle::limits`); a loss of 0 is a rejected row (`ingest`).

use super::rule::{Direction, Found, Group, Rule, detail, evidence, findings, no_text};
use crate::{
    facts::{Facts, fact, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "loss",
    clauses: &["八.14②", "八.5③"],
    title: ("损失赔偿", "Compensation for a loss"),
    sentence: (
        "损失{subject}({kind})[，{agreed.day}确认赔偿]",
        "loss {subject} ({kind})[, compensation agreed {agreed.day}]",
    ),
    sources: &["losses"],
    direction: Direction::Deduction("company", Group::Loss),
    check,
    doc: include_str!("loss.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let is_agreed = || col("amount").is_not_null().and(col("agreed_at").is_not_null());
    let losses = facts.inputs.table("losses").clone().lazy();
    let booked = when(is_agreed()).then(col("agreed_at").dt().date()).otherwise(col("occurred_on"));
    let agreed = when(is_agreed()).then(shown("agreed_at")).otherwise(no_text());
    let rows = findings(
        losses.with_columns([booked.alias("booked_on")]),
        [
            col("emp"),
            col("occurred_on"),
            col("loss_id"),
            when(is_agreed()).then(lit("charge")).otherwise(lit("hold")),
            when(is_agreed()).then(no_text()).otherwise(lit("loss-amount")),
            lit(1_i64),
            when(is_agreed()).then(col("amount")).otherwise(lit(NULL)),
            detail([fact("kind", col("kind")), fact("agreed", agreed)]),
        ],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("kind", col("kind")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn case(month: &str, row: &str) -> Case {
        let rows = format!("loss_id,employee_id,occurred_on,kind,amount,agreed_at\nS1,01,{row}\n");
        Case::month(month).table("losses", &rows)
    }

    fn found(month: &str, row: &str) -> Vec<String> {
        case(month, row).found("loss")
    }

    #[test]
    fn an_agreed_amount_is_charged_in_the_month_of_the_agreement() {
        assert_eq!(found("2026-10", "2026-09-12,meter,350.50,2026-10-12 09:00"), ["01 S1 charge 1 350.50"]);
        assert!(found("2026-09", "2026-09-12,meter,350.50,2026-10-12 09:00").is_empty());
    }

    #[test]
    fn without_amount_or_agreement_it_is_held_in_the_month_of_the_loss() {
        assert_eq!(found("2026-10", "2026-10-12,meter,,2026-11-12 09:00"), ["01 S1 hold(loss-amount) 1"]);
        assert_eq!(found("2026-10", "2026-10-12,meter,350.50,"), ["01 S1 hold(loss-amount) 1"]);
        assert!(found("2026-11", "2026-10-12,meter,,2026-11-12 09:00").is_empty());
        assert!(found("2026-10", "2026-10-12,meter,0,2026-10-12 09:00").is_empty());
    }
}
