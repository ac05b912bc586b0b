//! 七.1 Fault result within three days.
//!
//! > 维修工程师3天内需检测出设备的故障结果 … 如未执行发现后,**元/次
//!
//! Reading: calendar days (七.2 says workdays, this clause does not), counted from the later of receipt and
//! assignment, the start day not counted; a due day that is no workday moves to the next one. A later step that is
//! done proves the diagnosis done by then. Once per ticket. The amount is blank in the text, so without a value the
//! breach is `unpriced`.
//!
//! Reads `tickets`. Writes one finding per ticket, dated the day after the due day.
//! Nobody in charge, or not judged that day: held without a name. Not here: the clock (`facts::repair`).

use super::rule::{Direction, Found, Group, Reach, Rule, evidence};
use crate::{
    base::money::Fen,
    facts::{Duty, Facts, Length, overdue},
    policy::{Param, Policy},
};
use polars::{lazy::dsl::max_horizontal, prelude::*};

pub(super) static RULE: Rule = Rule {
    name: "repair-diagnosis",
    clauses: &["七.1"],
    title: ("检测超期", "Diagnosis overdue"),
    sentence: (
        "工单{subject}:起算{clock}，期限{due}，[完成于{done}|未见完成]",
        "ticket {subject}: from {clock}, due {due}, [done {done}|not done]",
    ),
    sources: &["tickets"],
    columns: &[("tickets", "diagnosed_at")],
    params: &["repair.diagnosis_days", "repair.diagnosis_amount"],
    direction: Direction::Deduction("company", Group::Repair),
    reach: Reach::Always,
    check,
    doc: include_str!("repair_diagnosis.rs"),
    ..Rule::DEFAULT
};

static DAYS: Param<i64> = Param::new("repair.diagnosis_days");
static AMOUNT: Param<Fen> = Param::new("repair.diagnosis_amount");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let duty = Duty {
        clock: max_horizontal([col("received_at"), col("assigned_at")])?,
        length: Length::Days(&DAYS),
        steps: &["diagnosed_at", "sendout_prepared_at", "completed_at", "delivered_at"],
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

    fn found(row: &str) -> Vec<String> {
        let rows = format!(
            "ticket_id,received_at,assigned_at,repair_engineer,diagnosed_at,completed_at\n{row}\nT9,2026-11-30 10:00,,,,\n"
        );
        Case::month("2026-10").table("tickets", &rows).found("repair-diagnosis")
    }

    #[test]
    fn due_on_the_third_day_and_over_national_day_on_the_first_workday() {
        assert!(found("T1,2026-10-12 09:00,,01,2026-10-15 23:59,").is_empty());
        assert_eq!(found("T1,2026-10-12 09:00,,01,2026-10-16 00:00,"), ["01 T1 unpriced 1"]);
        assert!(found("T1,2026-09-29 09:00,,01,2026-10-08 18:00,").is_empty());
        assert_eq!(found("T1,2026-09-29 09:00,,01,2026-10-09 08:00,"), ["01 T1 unpriced 1"]);
    }

    #[test]
    fn the_clock_starts_at_the_later_of_receipt_and_assignment() {
        assert!(found("T1,2026-10-12 09:00,2026-10-13 09:00,01,2026-10-16 09:00,").is_empty());
    }

    #[test]
    fn a_later_step_proves_the_earlier_and_nobody_in_charge_is_held() {
        assert!(found("T1,2026-10-12 09:00,,01,,2026-10-15 09:00").is_empty());
        assert_eq!(found("T1,2026-10-12 09:00,,,,2026-10-16 09:00"), [":: T1 hold(no-assignee) 1"]);
    }

    #[test]
    fn with_a_price_it_is_charged() {
        let policy = "[policy.repair.diagnosis_amount]\nvalues.2026-10-16 = 50\n";
        let rows = "ticket_id,received_at,repair_engineer\nT1,2026-10-12 09:00,01\nT2,2026-10-09 09:00,01\nT9,2026-11-30 10:00,\n";
        let case = Case::month("2026-10").policy(policy).table("tickets", rows);
        assert_eq!(case.found("repair-diagnosis"), ["01 T1 charge 1 50.00", "01 T2 unpriced 1"]);
    }
}
