//! 八.10 Late for a meeting.
//!
//! > 必须按时参加公司及部门组织的会议、培训、交流或其它各类活动,不得借故推脱或迟到,迟到一次罚款20元
//!
//! Reading: a mandatory meeting that starts within own working hours; invited before it began; neither approved leave
//! nor a visit over its start. The first check-in from two hours before the start to the end counts, in whole
//! minutes. Late is never turned into absent, however late.
//!
//! Reads `invitees`. Writes one charge per late invitee; quantity = minutes.
//! Not here: who is judged and which meetings are suspended (`facts::meetings`).

use super::rule::{Direction, Found, Group, Proof, Rule, evidence, findings};
use crate::{
    base::money::Fen,
    facts::{Facts, MEETING_SOURCES, fact, shown},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "meeting-late",
    clauses: &["八.10①"],
    title: ("会议迟到", "Late for a meeting"),
    sentence: (
        "会议“{meeting}”{start.minute}开始，{checkin.time}签到，迟到{quantity}分钟",
        "meeting \"{meeting}\" began {start.minute}, checked in {checkin.time}: {quantity} min late",
    ),
    sources: MEETING_SOURCES,
    optional: &["rosters"],
    params: &["meeting.grace", "meeting.presence_floor", "meeting.late_amount"],
    direction: Direction::Deduction("company", Group::Meeting),
    proof: Proof::Own,
    check,
    doc: include_str!("meeting_late.rs"),
    ..Rule::DEFAULT
};

const GRACE: Param<i64> = Param::new("meeting.grace");
const AMOUNT: Param<Fen> = Param::new("meeting.late_amount");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let minutes = (col("first_checkin") - col("start")).dt().total_minutes(false);
    let invitees = facts.invitees.clone().lazy().with_columns([minutes.alias("minutes"), col("start").alias("from")]);
    let late = invitees.filter(col("minutes").gt(policy.expr(&GRACE, &col("date"))));
    let facts_shown = [
        fact("meeting", col("title")),
        fact("start", shown("start")),
        fact("checkin", shown("first_checkin")),
        fact("minutes", col("minutes")),
    ];
    let rows = findings(
        late,
        [
            col("emp"),
            col("date"),
            col("meeting_id"),
            lit("charge"),
            lit(NULL).cast(DataType::String),
            col("minutes"),
            policy.expr(&AMOUNT, &col("date")),
            concat_str(facts_shown, "\u{1f}", true),
        ],
    );
    let rows = rows.collect()?.lazy();
    let evidence = vec![
        evidence(&rows, "meeting_ref", fact("start", shown("start"))),
        evidence(&rows, "invitation_ref", lit("invited")),
        evidence(&rows, "checkin_ref", fact("checkin", shown("first_checkin"))),
    ];
    Ok(Found { rows, evidence })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Case, meeting};

    fn checking_in(time: &str) -> Vec<String> {
        meeting(Case::month("2026-10"), "2026-10-12 14:00:00", &[("01", time)]).found("meeting-late")
    }

    #[test]
    fn the_first_whole_minute_is_late() {
        assert!(checking_in("2026-10-12 14:00:59").is_empty());
        assert_eq!(checking_in("2026-10-12 14:01:00"), ["01 M1 charge 1 20.00"]);
        assert_eq!(checking_in("2026-10-12 14:59:59"), ["01 M1 charge 59 20.00"]);
    }

    #[test]
    fn check_ins_count_from_two_hours_before_to_the_end() {
        let absent = |time: &str| {
            meeting(Case::month("2026-10"), "2026-10-12 14:00:00", &[("01", time)]).found("meeting-absence")
        };
        assert!(absent("2026-10-12 12:00:00").is_empty());
        assert_eq!(absent("2026-10-12 11:59:59").len(), 1);
        assert_eq!(absent("2026-10-12 15:00:00").len(), 1);
    }

    #[test]
    fn a_meeting_outside_working_hours_is_not_judged() {
        let at =
            |start: &str, late: &str| meeting(Case::month("2026-10"), start, &[("01", late)]).found("meeting-late");
        assert!(at("2026-10-12 17:30:00", "2026-10-12 17:40:00").is_empty());
        assert_eq!(at("2026-10-12 08:30:00", "2026-10-12 08:40:00").len(), 1);
        assert!(at("2026-10-11 10:00:00", "2026-10-11 10:10:00").is_empty());
    }
}
