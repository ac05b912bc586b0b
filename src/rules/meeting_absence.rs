//! 八.10 Absent from a meeting.
//!
//! > 缺席处以100元/次的罚款并给予书面警告
//!
//! Reading: judged like lateness, but without any check-in that counts. A late leave over the start holds it, before
//! all others. Where the whole day is an unexplained absence, or attendance cannot be judged that day, it waits too:
//! one act, one fine, so it is merged once the day's absence is confirmed. `confirm` makes it the charge of its price.
//!
//! Reads `invitees`. Writes one charge per absent invitee, and a written warning with it (sheet 书面警告).
//! Not here: merging with a confirmed absence (`settle::merge`).

use super::rule::{Confirm, Direction, Found, Group, Proof, Rule, evidence, findings};
use crate::{
    base::money::Fen,
    facts::{Facts, MEETING_SOURCES, fact, shown},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "meeting-absence",
    clauses: &["八.10②"],
    title: ("会议缺席", "Absent from a meeting"),
    sentence: (
        "会议“{meeting}”{start.minute}开始，无签到记录",
        "meeting \"{meeting}\" began {start.minute}: no check-in",
    ),
    sources: MEETING_SOURCES,
    optional: &["rosters"],
    params: &["meeting.presence_floor", "meeting.absence_amount"],
    direction: Direction::Deduction("company", Group::Meeting),
    proof: Proof::Own,
    confirms: &[("late-leave", Confirm::Charge), ("absence-unexplained", Confirm::Charge)],
    check,
    doc: include_str!("meeting_absence.rs"),
    ..Rule::DEFAULT
};

const AMOUNT: Param<Fen> = Param::new("meeting.absence_amount");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let none = || lit(NULL).cast(DataType::String);
    let absent = facts.invitees.clone().lazy().filter(col("first_checkin").is_null());
    let is_day_open = col("is_absent_that_day").or(col("is_attendance_suspended"));
    let reason = when(col("has_late_leave"))
        .then(lit("late-leave"))
        .when(is_day_open)
        .then(lit("absence-unexplained"))
        .otherwise(none());
    let absent = absent.with_columns([reason.alias("why"), col("start").alias("from")]);
    let rows = findings(
        absent,
        [
            col("emp"),
            col("date"),
            col("meeting_id"),
            when(col("why").is_null()).then(lit("charge")).otherwise(lit("hold")),
            col("why"),
            lit(1_i64),
            policy.expr(&AMOUNT, &col("date")),
            concat_str([fact("meeting", col("title")), fact("start", shown("start"))], "\u{1f}", true),
        ],
    );
    let rows = rows.collect()?.lazy();
    let evidence = vec![
        evidence(&rows, "meeting_ref", fact("start", shown("start"))),
        evidence(&rows, "invitation_ref", lit("invited")),
        evidence(&rows, "late_leave_ref", lit("late_leave")),
    ];
    Ok(Found { rows, evidence })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Case, meeting};

    const AT: &str = "2026-10-12 14:00:00";

    #[test]
    fn absent_is_charged_and_held_where_the_day_is_open() {
        let present = meeting(Case::month("2026-10"), AT, &[]);
        assert_eq!(present.found("meeting-absence"), ["01 M1 charge 1 100.00"]);
        let away = meeting(Case::month("2026-10").swiping(&["2026-10-12"], &["01"]), AT, &[]);
        assert_eq!(away.found("meeting-absence"), ["01 M1 hold(absence-unexplained) 1 100.00"]);
    }

    #[test]
    fn leave_and_visits_over_the_start_excuse_and_a_late_leave_holds() {
        let leave = |approved: &str| {
            format!(
                "leave_id,employee_id,type,start,end,approved_at\nL1,01,personal,2026-10-12 14:00,2026-10-12 15:00,{approved}\n"
            )
        };
        let with = |table: &'static str, rows: &str| {
            meeting(Case::month("2026-10").table(table, rows), AT, &[]).found("meeting-absence")
        };
        assert!(with("leaves", &leave("2026-10-12")).is_empty());
        assert_eq!(with("leaves", &leave("2026-10-13")), ["01 M1 hold(late-leave) 1 100.00"]);
        assert!(with("visits", "visit_id,employee_id,start,end\nV1,01,2026-10-12 13:00,2026-10-12 14:01\n").is_empty());
        assert_eq!(
            with("visits", "visit_id,employee_id,start,end\nV1,01,2026-10-12 13:00,2026-10-12 14:00\n").len(),
            1
        );
    }

    #[test]
    fn below_the_presence_floor_nothing_is_judged() {
        let few = Case::month("2026-10").invited(AT, &["01", "02", "03"], &["03"]);
        assert!(few.found("meeting-absence").is_empty());
        assert_eq!(few.suspended("meeting-absence").len(), 1);
        let half = Case::month("2026-10").invited(AT, &["01", "02", "03", "04"], &["03", "04"]);
        assert_eq!(half.found("meeting-absence").len(), 2);
    }
}
