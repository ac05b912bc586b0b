//! 七.1 Prepared for sending out within three days.
//!
//! > 如公司无法修复,3天之内必须准备送修或寄修,如未执行发现后,**元/次
//!
//! Reading: for a ticket whose diagnosis found it unrepairable, calendar days from the diagnosis. Prepared means the
//! order to send it out was made, not that it arrived. A later step that is done proves it done by then.
//!
//! Reads `tickets`. Writes one finding per ticket, dated the day after the due day.
//! Not here: the clock (`facts::repair`).

use super::rule::{Direction, Found, Group, Reach, Rule, evidence};
use crate::{
    base::money::Fen,
    facts::{Duty, Facts, Length, overdue},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "repair-sendout",
    clauses: &["七.1"],
    title: ("送修超期", "Sending out overdue"),
    sentence: (
        "工单{subject}:起算{clock}，期限{due}，[完成于{done}|未见完成]",
        "ticket {subject}: from {clock}, due {due}, [done {done}|not done]",
    ),
    sources: &["tickets"],
    columns: &[("tickets", "sendout_prepared_at")],
    params: &["repair.sendout_days", "repair.diagnosis_amount"],
    direction: Direction::Deduction("company", Group::Repair),
    reach: Reach::Always,
    check,
    doc: include_str!("repair_sendout.rs"),
    ..Rule::DEFAULT
};

static DAYS: Param<i64> = Param::new("repair.sendout_days");
static AMOUNT: Param<Fen> = Param::new("repair.diagnosis_amount");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let is_unrepairable = col("outcome").eq(lit("unrepairable"));
    let duty = Duty {
        clock: when(is_unrepairable).then(col("diagnosed_at")).otherwise(lit(NULL)),
        length: Length::Days(&DAYS),
        steps: &["sendout_prepared_at", "completed_at", "delivered_at"],
        in_charge: "repair_engineer",
        price: &AMOUNT,
        is_excused_by_report: false,
    };
    let rows = overdue(facts, policy, &duty)?.lazy();
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("ticket"))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(diagnosed: &str, outcome: &str, prepared: &str) -> Vec<String> {
        let header = "ticket_id,received_at,repair_engineer,diagnosed_at,outcome,sendout_prepared_at";
        let rows =
            format!("{header}\nT1,2026-10-09 09:00,01,{diagnosed},{outcome},{prepared}\nT9,2026-11-30 10:00,,,,\n");
        Case::month("2026-10").table("tickets", &rows).found("repair-sendout")
    }

    #[test]
    fn three_days_from_the_diagnosis_of_an_unrepairable_device() {
        assert!(found("2026-10-12 10:00", "unrepairable", "2026-10-15 20:00").is_empty());
        assert_eq!(found("2026-10-12 10:00", "unrepairable", "2026-10-16 08:00"), ["01 T1 unpriced 1"]);
        assert!(found("2026-10-12 10:00", "repairable", "").is_empty());
        assert!(found("", "unrepairable", "").is_empty());
    }
}
