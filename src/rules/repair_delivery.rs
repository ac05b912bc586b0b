//! 七.3 Delivery within three days.
//!
//! > 售后工程师3天之内必须将已维修完毕的设备交到客户处,如未执行发现后,**元/次
//!
//! Reading: calendar days from the completed repair to the customer's hands. A delivery without a completed repair
//! starts no clock.
//!
//! Reads `tickets`. Writes one finding per ticket, dated the day after the due day; in charge is the service engineer.
//! Not here: the clock (`facts::repair`).

use super::rule::{Direction, Found, Group, Reach, Rule, evidence};
use crate::{
    base::money::Fen,
    facts::{Duty, Facts, Length, overdue},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "repair-delivery",
    clauses: &["七.3"],
    title: ("送达超期", "Delivery overdue"),
    sentence: (
        "工单{subject}:起算{clock}，期限{due}，[完成于{done}|未见完成]",
        "ticket {subject}: from {clock}, due {due}, [done {done}|not done]",
    ),
    sources: &["tickets"],
    columns: &[("tickets", "delivered_at")],
    params: &["repair.delivery_days", "repair.delivery_amount"],
    direction: Direction::Deduction("company", Group::Repair),
    reach: Reach::Always,
    check,
    doc: include_str!("repair_delivery.rs"),
    ..Rule::DEFAULT
};

static DAYS: Param<i64> = Param::new("repair.delivery_days");
static AMOUNT: Param<Fen> = Param::new("repair.delivery_amount");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let duty = Duty {
        clock: col("completed_at"),
        length: Length::Days(&DAYS),
        steps: &["delivered_at"],
        in_charge: "service_engineer",
        price: &AMOUNT,
        is_excused_by_report: false,
    };
    let rows = overdue(facts, policy, &duty)?.lazy();
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("ticket"))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(engineer: &str, completed: &str, delivered: &str) -> Vec<String> {
        let header = "ticket_id,received_at,service_engineer,completed_at,delivered_at";
        let rows =
            format!("{header}\nT1,2026-10-08 09:00,{engineer},{completed},{delivered}\nT9,2026-11-30 10:00,,,\n");
        Case::month("2026-10").table("tickets", &rows).found("repair-delivery")
    }

    #[test]
    fn three_days_from_the_completed_repair_moved_off_the_weekend() {
        assert!(found("01", "2026-10-12 09:00", "2026-10-15 18:00").is_empty());
        assert_eq!(found("01", "2026-10-12 09:00", "2026-10-16 08:00"), ["01 T1 unpriced 1"]);
        assert!(found("01", "2026-10-14 09:00", "2026-10-19 18:00").is_empty());
        assert!(found("01", "", "2026-10-30 18:00").is_empty());
    }

    #[test]
    fn an_engineer_who_is_not_judged_that_day_is_not_named() {
        assert_eq!(found("new", "2026-10-12 09:00", ""), [":: T1 hold(no-assignee) 1"]);
    }
}
