//! 七.2 Repair within ten workdays.
//!
//! > 送我司维修机设备,10个工作日内必须完成,如未完成,**元/次。如特殊情况,则需要未完成原因的报告
//!
//! Reading: workdays of the State Council calendar (with make-up workdays), the day of receipt not counted. A report
//! of the reason excuses if it is there by the last day of the breach's payroll month. Not for what cannot be
//! repaired: that has its own clock.
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
    name: "repair-completion",
    clauses: &["七.2①", "七.2②"],
    title: ("维修超期", "Repair overdue"),
    sentence: (
        "工单{subject}:起算{clock}，期限{due}，[完成于{done}|未见完成]",
        "ticket {subject}: from {clock}, due {due}, [done {done}|not done]",
    ),
    sources: &["tickets"],
    columns: &[("tickets", "completed_at"), ("tickets", "reason_report_at")],
    params: &["repair.completion_workdays", "repair.completion_amount"],
    direction: Direction::Deduction("company", Group::Repair),
    reach: Reach::Always,
    check,
    doc: include_str!("repair_completion.rs"),
    ..Rule::DEFAULT
};

static WORKDAYS: Param<i64> = Param::new("repair.completion_workdays");
static AMOUNT: Param<Fen> = Param::new("repair.completion_amount");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let is_unrepairable = col("outcome").eq(lit("unrepairable")).fill_null(lit(false));
    let duty = Duty {
        clock: when(is_unrepairable.not()).then(col("received_at")).otherwise(lit(NULL)),
        length: Length::Workdays(&WORKDAYS),
        steps: &["completed_at", "delivered_at"],
        in_charge: "repair_engineer",
        price: &AMOUNT,
        is_excused_by_report: true,
    };
    let rows = overdue(facts, policy, &duty)?.lazy();
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("ticket"))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(received: &str, outcome: &str, completed: &str, report: &str) -> Vec<String> {
        let header = "ticket_id,received_at,repair_engineer,outcome,completed_at,reason_report_at";
        let rows = format!("{header}\nT1,{received},01,{outcome},{completed},{report}\nT9,2026-11-30 10:00,,,,\n");
        Case::month("2026-10").table("tickets", &rows).found("repair-completion")
    }

    #[test]
    fn ten_workdays_over_national_day_with_the_makeup_saturday() {
        // Received on Mon 28 Sep: 29, 30 Sep, 8, 9, 10 (make-up), 12 to 16 Oct.
        assert!(found("2026-09-28 09:00", "", "2026-10-16 23:00", "").is_empty());
        assert_eq!(found("2026-09-28 09:00", "", "2026-10-17 01:00", ""), ["01 T1 unpriced 1"]);
    }

    #[test]
    fn a_report_by_the_end_of_the_payroll_month_excuses() {
        assert!(found("2026-09-28 09:00", "", "", "2026-10-31 23:59").is_empty());
        assert_eq!(found("2026-09-28 09:00", "", "", "2026-11-01 00:00").len(), 1);
    }

    #[test]
    fn what_cannot_be_repaired_has_no_such_clock() {
        assert!(found("2026-09-28 09:00", "unrepairable", "", "").is_empty());
    }
}
