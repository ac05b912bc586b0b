//! 二.1, 二.3 Late arrival.
//!
//! > 必须在上班时间(8:30)以前电话通知部门经理原因 … 未提前者通知视为迟到 … A类迟到两次含两次以上20元/次,B类迟到两次含两次以上30元/次,作为部门经费
//!
//! Reading: whole minutes after the start of work, more than the grace, so 08:30:59 is on time. Approved leave over
//! the start excuses; a field notice in time excuses; a field notice that came late is a late event of the class
//! `late_arrival.notice_class`. What a late leave covers, or an unannounced visit, waits for a person. The text
//! defines no class, so A and B are parameters and what lies beyond B is held.
//!
//! Reads `days`. Writes one finding per late day; quantity = minutes (the fewer of notice and first swipe).
//! A classed event is counted, charged or merged with a meeting's fine in `settle`: see `settle::count`.
//! Where the meeting tables that merging needs are not proven for the day, the day is suspended.
//! Not here: presence, cover and suspended days (`facts::attendance`).

use super::rule::{Confirm, Direction, Found, Group, Proof, Rule, evidence, findings};
use crate::{
    base::money::Fen,
    facts::{Facts, fact, proven_until, shown},
    policy::{Param, Policy},
    schema::inputs::Status,
};
use polars::{lazy::dsl::min_horizontal, prelude::*};

pub(super) static RULE: Rule = Rule {
    name: "late-arrival",
    clauses: &["二.3", "二.1"],
    title: ("迟到", "Late arrival"),
    sentence: (
        "应到{start.minute}[，首次打卡{first_in.time}][，外勤通知{notified.time}]，迟到{quantity}分钟[，{class}类][，本月第{nth}次]",
        "due {start.minute}[, first swipe {first_in.time}][, field notice {notified.time}], {quantity} min late[, class {class}][, no. {nth} of the month]",
    ),
    sources: &["swipes", "notices", "leaves", "visits"],
    optional: &["punches", "rosters", "meetings", "invitations", "checkins"],
    params: &[
        "attendance.work_start",
        "attendance.work_end",
        "attendance.day_cut",
        "attendance.presence_floor",
        "attendance.late_share_ceiling",
        "late_arrival.grace",
        "late_arrival.class_a_up_to",
        "late_arrival.class_b_up_to",
        "late_arrival.class_a_amount",
        "late_arrival.class_b_amount",
        "late_arrival.threshold",
        "late_arrival.charge",
        "late_arrival.notice_class",
    ],
    direction: Direction::Deduction("department-fund", Group::Late),
    proof: Proof::Own,
    confirms: &[("late-leave", Confirm::Class), ("visit-unannounced", Confirm::Class), ("late-class", Confirm::Class)],
    check,
    doc: include_str!("late_arrival.rs"),
    ..Rule::DEFAULT
};

const CLASS_A_UP_TO: Param<i64> = Param::new("late_arrival.class_a_up_to");
const CLASS_B_UP_TO: Param<i64> = Param::new("late_arrival.class_b_up_to");
const CLASS_A_AMOUNT: Param<Fen> = Param::new("late_arrival.class_a_amount");
const CLASS_B_AMOUNT: Param<Fen> = Param::new("late_arrival.class_b_amount");
const NOTICE_CLASS: Param<String> = Param::new("late_arrival.notice_class");
const MERGE_SOURCES: [&str; 3] = ["meetings", "invitations", "checkins"];

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let on = |param: &Param<i64>| policy.expr(param, &col("date"));
    let none = || lit(NULL).cast(DataType::String);
    let has_swipe = col("last_seen").is_not_null();
    let has_notice = col("notified_at").is_not_null();
    let is_on_time = col("first_in").is_not_null().and(col("is_first_late").not());
    let is_excused = col("leave_contains_start").or(has_swipe.clone().and(col("first_in").is_null()));
    let is_announced = has_notice.clone().and(col("is_notice_late").not());
    let is_late_leave = col("late_leave_contains_start").and(has_swipe.or(has_notice));
    let by_minutes = when(col("minutes_late").lt_eq(on(&CLASS_A_UP_TO)))
        .then(lit("A"))
        .when(col("minutes_late").lt_eq(on(&CLASS_B_UP_TO)))
        .then(lit("B"))
        .otherwise(none());
    let late = facts.days.clone().lazy().filter(col("is_suspended").not().and(col("is_exempt").not()));
    let late = late.filter(col("is_first_late").or(col("is_notice_late")).or(is_late_leave.clone()));
    let late = late.filter(is_on_time.or(is_excused).or(is_announced).not()).with_columns([
        when(is_late_leave.clone())
            .then(lit("late-leave"))
            .when(col("is_notice_late").not().and(col("visit_contains_start")))
            .then(lit("visit-unannounced"))
            .otherwise(none())
            .alias("hold"),
        when(col("is_notice_late"))
            .then(policy.expr(&NOTICE_CLASS, &col("date")))
            .otherwise(by_minutes)
            .alias("own_class"),
        minutes()?.alias("minutes"),
    ]);
    let late = late.with_columns([
        when(col("hold").is_null()).then(col("own_class")).otherwise(none()).alias("class"),
        is_suspended(facts, policy).alias("is_open"),
    ]);
    let amount = |param: &Param<Fen>| policy.expr(param, &col("date"));
    let price = when(col("class").eq(lit("A")))
        .then(amount(&CLASS_A_AMOUNT))
        .when(col("class").eq(lit("B")))
        .then(amount(&CLASS_B_AMOUNT))
        .otherwise(lit(NULL).cast(DataType::Int64));
    let status = when(col("is_open"))
        .then(lit("suspended"))
        .when(col("class").is_not_null())
        .then(lit("classed"))
        .otherwise(lit("hold"));
    let reason = when(col("is_open"))
        .then(lit("merge-source"))
        .when(col("hold").is_not_null())
        .then(col("hold"))
        .when(col("class").is_null())
        .then(lit("late-class"))
        .otherwise(none());
    let facts_shown = [
        fact("start", shown("work_start")),
        fact("first_in", shown("first_in")),
        fact("notified", shown("notified_at")),
        fact("minutes", col("minutes")),
        fact("class", col("class")),
    ];
    let rows = findings(
        late.with_columns([col("work_start").alias("from"), col("first_in").alias("until")]),
        [
            col("emp"),
            col("date"),
            col("date").cast(DataType::String),
            status,
            reason,
            col("minutes"),
            price,
            concat_str(facts_shown, "\u{1f}", true),
        ],
    );
    let rows = rows.collect()?.lazy();
    let evidence = vec![
        evidence(&rows, "first_ref", fact("first_in", shown("first_in"))),
        evidence(&rows, "notice_ref", fact("notified", shown("notified_at"))),
        evidence(&rows, "late_leave_ref", lit("late_leave")),
        evidence(&rows, "visit_ref", lit("visit")),
    ];
    Ok(Found { rows, evidence })
}

/// The fewer minutes of notice and first swipe, of those that are late.
fn minutes() -> PolarsResult<Expr> {
    let late = |flag: &str, minutes: &str| when(col(flag)).then(col(minutes)).otherwise(lit(NULL));
    min_horizontal([late("is_first_late", "minutes_late"), late("is_notice_late", "notice_minutes")])
}

/// Whether a source that merging reads is configured and open that day, or a value that the class needs is missing.
fn is_suspended(facts: &Facts, policy: &Policy) -> Expr {
    let is_lost = MERGE_SOURCES.iter().any(|name| {
        let state = facts.inputs.state(name);
        state.status != Status::NotConfigured && !state.is_usable()
    });
    let is_open =
        proven_until(&facts.inputs, &MERGE_SOURCES).map_or_else(|| lit(false), |until| col("proof_end").gt(lit(until)));
    let bounds =
        policy.expr(&CLASS_A_UP_TO, &col("date")).is_null().or(policy.expr(&CLASS_B_UP_TO, &col("date")).is_null());
    lit(is_lost).or(is_open).or(bounds)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn arriving(time: &str) -> Vec<String> {
        Case::month("2026-10").arriving("01", &format!("2026-10-12 {time}")).found("late-arrival")
    }

    #[test]
    fn the_minute_after_the_start_is_late_and_its_seconds_are_not() {
        assert!(arriving("08:30:59").is_empty());
        assert_eq!(arriving("08:31:00"), ["01 2026-10-12 classed 1 20.00"]);
    }

    #[test]
    fn class_edges() {
        assert_eq!(arriving("08:50:59"), ["01 2026-10-12 classed 20 20.00"]);
        assert_eq!(arriving("08:51:00"), ["01 2026-10-12 classed 21 30.00"]);
        assert_eq!(arriving("09:00:59"), ["01 2026-10-12 classed 30 30.00"]);
        assert_eq!(arriving("09:01:00"), ["01 2026-10-12 hold(late-class) 31"]);
    }

    #[test]
    fn approved_leave_over_the_start_excuses_and_a_late_leave_holds() {
        let late = |leave: &str| {
            let rows = format!("leave_id,employee_id,type,start,end,approved_at\nL1,01,personal,{leave}\n");
            Case::month("2026-10").arriving("01", "2026-10-12 10:00:00").table("leaves", &rows).found("late-arrival")
        };
        assert!(late("2026-10-12 08:30,2026-10-12 10:00,2026-10-12 20:00").is_empty());
        assert_eq!(late("2026-10-12 08:31,2026-10-12 10:00,2026-10-12"), ["01 2026-10-12 hold(late-class) 90"]);
        assert_eq!(late("2026-10-12 08:30,2026-10-12 10:00,2026-10-13"), ["01 2026-10-12 hold(late-leave) 90"]);
    }

    #[test]
    fn a_field_notice_in_time_excuses_and_a_late_one_takes_the_fewer_minutes() {
        let with = |notice: &str, swipe: &str| {
            let rows = format!("employee_id,date,notified_at,kind\n01,2026-10-12,2026-10-12 {notice},field\n");
            Case::month("2026-10")
                .arriving("01", &format!("2026-10-12 {swipe}"))
                .table("notices", &rows)
                .found("late-arrival")
        };
        assert!(with("08:30:59", "11:00:00").is_empty());
        assert_eq!(with("08:55:00", "11:00:00"), ["01 2026-10-12 classed 25 20.00"]);
        assert_eq!(with("08:55:00", "08:40:00"), ["01 2026-10-12 classed 10 20.00"]);
        assert!(with("08:55:00", "08:30:00").is_empty());
    }

    #[test]
    fn an_unannounced_visit_waits_for_a_person() {
        let visit = "visit_id,employee_id,start,end\nV1,01,2026-10-12 08:00,2026-10-12 09:30\n";
        let case = Case::month("2026-10").arriving("01", "2026-10-12 09:40:00").table("visits", visit);
        assert_eq!(case.found("late-arrival"), ["01 2026-10-12 hold(visit-unannounced) 70"]);
    }

    #[test]
    fn the_day_before_and_the_day_of_a_change_of_amount() {
        let policy = "[policy.late_arrival.class_a_amount]\nvalues.2009-12-01 = 20\nvalues.2026-10-13 = 25\n";
        let case = Case::month("2026-10")
            .policy(policy)
            .arriving("01", "2026-10-12 08:40:00")
            .arriving("01", "2026-10-13 08:40:00");
        assert_eq!(case.found("late-arrival"), ["01 2026-10-12 classed 10 20.00", "01 2026-10-13 classed 10 25.00"]);
    }

    #[test]
    fn after_midnight_belongs_to_the_day_before_and_out_is_no_arrival() {
        let case = Case::month("2026-10").swipe("01", "2026-10-13 00:40:00", "").arriving("01", "2026-10-13 08:31:00");
        assert_eq!(case.found("late-arrival"), ["01 2026-10-13 classed 1 20.00"]);
        let out = Case::month("2026-10").swiping(&["2026-10-12"], &["01"]).swipe("01", "2026-10-12 09:00:00", "out");
        assert!(out.found("late-arrival").is_empty());
        assert!(out.found("absence").is_empty());
    }

    #[test]
    fn open_meeting_tables_suspend_the_day() {
        let case = Case::month("2026-10").arriving("01", "2026-10-12 08:31:00").lost("checkins");
        assert!(case.found("late-arrival").is_empty());
        assert_eq!(case.suspended("late-arrival").len(), 1);
    }
}
