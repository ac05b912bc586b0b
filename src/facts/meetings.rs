//! Who was invited to a meeting, who came and when (2.6). Grain: meeting × judged invitee.
//!
//! `meeting_id, title, kind, start, meeting_ref, emp, date, invitation_ref, first_checkin, checkin_ref,
//! has_late_leave, late_leave_ref, is_absent_that_day, is_attendance_suspended`. Suspended meetings and invitees in
//! doubt are left out.

use super::{
    attendance::doubted,
    leave::contains,
    sources::{AUDITED_BY_ATTENDANCE, Readiness, readiness, unproven},
};
use crate::{
    base::{moment, month::Period},
    policy::{Param, Policy},
    schema::{findings::Suspension, inputs::Inputs},
};
use polars::prelude::*;

/// What meetings are judged by.
pub(crate) const SOURCES: &[&str] = &["meetings", "invitations", "checkins", "leaves", "visits"];
const FLOOR: Param<i64> = Param::new("meeting.presence_floor");
const GRACE: Param<i64> = Param::new("meeting.grace");

pub(super) struct Meetings {
    pub(super) invitees: DataFrame,
    pub(super) suspensions: Vec<Suspension>,
}

pub(super) fn invitees(
    inputs: &Inputs,
    period: &Period,
    policy: &Policy,
    days: &DataFrame,
    leave: &DataFrame,
    is_absence_off: bool,
) -> PolarsResult<Meetings> {
    let judged = judged(inputs, period, days, leave)?;
    let came = with_checkins(inputs, judged);
    let in_doubt = doubted(inputs, period, &["leaves", "visits", "rosters"])?;
    let is_attendance_audited =
        !is_absence_off && !matches!(readiness(inputs, AUDITED_BY_ATTENDANCE, &[]), Readiness::NotAudited(_));
    let all = came
        .join(in_doubt.lazy(), [col("emp"), col("date")], [col("emp"), col("date")], JoinArgs::new(JoinType::Left))
        .with_columns([
            col("is_doubted").fill_null(lit(false)),
            col("is_suspended").or(lit(!is_attendance_audited)).alias("is_attendance_suspended"),
        ])
        .collect()?;
    let mut suspensions = Vec::new();
    if readiness(inputs, SOURCES, &["rosters"]) != Readiness::Ready {
        return Ok(Meetings { invitees: all.clear(), suspensions });
    }
    let suspended = suspended(inputs, policy, &all, &mut suspensions)?;
    let doubted_rows = all.clone().lazy().filter(col("is_doubted")).collect()?;
    note_doubted(inputs, &doubted_rows, &mut suspensions)?;
    let invitees = all
        .lazy()
        .filter(col("is_doubted").not())
        .join(suspended.lazy(), [col("meeting_id")], [col("meeting_id")], JoinArgs::new(JoinType::Anti))
        .collect()?;
    Ok(Meetings { invitees, suspensions })
}

/// The invitees who are judged: mandatory, within own working hours, invited before, nothing excuses.
fn judged(inputs: &Inputs, period: &Period, days: &DataFrame, leave: &DataFrame) -> PolarsResult<LazyFrame> {
    let inner = || JoinArgs::new(JoinType::Inner);
    let end = || coalesce(&[col("end"), col("start") + lit(chrono::Duration::hours(4))]);
    let meetings = inputs.table("meetings").clone().lazy().filter(col("mandatory")).select([
        col("meeting_id"),
        col("title"),
        col("kind"),
        col("start"),
        end().alias("meeting_end"),
        col("ref").alias("meeting_ref"),
        col("start").dt().date().alias("date"),
    ]);
    let meetings = meetings.filter(col("date").gt_eq(lit(period.first)).and(col("date").lt_eq(lit(period.last))));
    let invited = inputs.table("invitations").clone().lazy();
    let invited =
        invited.select([col("meeting_id"), col("emp"), col("notified_at"), col("ref").alias("invitation_ref")]);
    let own = days.clone().lazy();
    let own = own.select(["emp", "date", "work_start", "work_end", "is_suspended", "is_absent"].map(col));
    let in_hours = col("work_start").lt_eq(col("start")).and(col("start").lt(col("work_end")));
    let judged = meetings
        .join(invited, [col("meeting_id")], [col("meeting_id")], inner())
        .filter(col("notified_at").lt(col("start")))
        .join(own, [col("emp"), col("date")], [col("emp"), col("date")], inner())
        .filter(in_hours)
        .rename(["is_absent"], ["is_absent_that_day"], true)
        .collect()?;
    let key = || [col("meeting_id"), col("emp")];
    let at = judged.clone().lazy().select([col("meeting_id"), col("emp"), col("start")]);
    let covering = at.clone().join(leave.clone().lazy(), [col("emp")], [col("emp")], inner());
    let covering = covering.filter(contains("leave_start", "leave_end", col("start")));
    let visits = inputs.table("visits").clone().lazy();
    let visits = visits.select([col("emp"), col("start").alias("visit_start"), col("end").alias("visit_end")]);
    let visiting =
        at.join(visits, [col("emp")], [col("emp")], inner()).filter(contains("visit_start", "visit_end", col("start")));
    let anti = || JoinArgs::new(JoinType::Anti);
    let late = covering.clone().filter(col("is_approved").not()).group_by(key());
    let late = late.agg([lit(true).first().alias("has_late_leave"), col("leave_ref").min().alias("late_leave_ref")]);
    Ok(judged
        .lazy()
        .join(covering.filter(col("is_approved")), key(), key(), anti())
        .join(visiting, key(), key(), anti())
        .join(late, key(), key(), JoinArgs::new(JoinType::Left))
        .with_columns([col("has_late_leave").fill_null(lit(false))]))
}

/// Adds the first check-in from two hours before the start to the end (not included).
fn with_checkins(inputs: &Inputs, judged: LazyFrame) -> LazyFrame {
    let key = || [col("meeting_id"), col("emp")];
    let checkins = inputs.table("checkins").clone().lazy();
    let checkins = checkins.select([col("meeting_id"), col("emp"), col("time"), col("ref").alias("checkin_ref")]);
    let spans = judged.clone().select([col("meeting_id"), col("emp"), col("start"), col("meeting_end")]);
    let opens = col("start") - lit(chrono::Duration::hours(2));
    let counted = checkins
        .join(spans, key(), key(), JoinArgs::new(JoinType::Inner))
        .filter(opens.lt_eq(col("time")).and(col("time").lt(col("meeting_end"))))
        .sort(["time", "checkin_ref"], SortMultipleOptions::default())
        .group_by_stable(key())
        .agg([col("time").first().alias("first_checkin"), col("checkin_ref").first()]);
    judged.join(counted, key(), key(), JoinArgs::new(JoinType::Left))
}

/// The meetings that are not judged: not proven to their end, or too few of the invitees checked in.
fn suspended(
    inputs: &Inputs,
    policy: &Policy,
    all: &DataFrame,
    notes: &mut Vec<Suspension>,
) -> PolarsResult<DataFrame> {
    let counts = all.clone().lazy().group_by([col("meeting_id")]).agg([
        col("date").first(),
        col("meeting_end").first(),
        len().alias("judged"),
        col("first_checkin").count().alias("present"),
        policy.expr(&FLOOR, &col("date")).first().alias("floor"),
        policy.expr(&GRACE, &col("date")).first().alias("grace"),
    ]);
    let counts = counts.sort(["meeting_id"], SortMultipleOptions::default()).collect()?;
    let (ids, dates) = (counts.column("meeting_id")?.str()?, counts.column("date")?.date()?);
    let ends = counts.column("meeting_end")?.datetime()?;
    let numbers = |name: &str| counts.column(name)?.cast(&DataType::Int64)?.i64().cloned();
    let (judged, present) = (numbers("judged")?, numbers("present")?);
    let (floor, grace) = (numbers("floor")?, numbers("grace")?);
    let mut out = Vec::new();
    for (row, (id, date)) in ids.iter().zip(dates.as_date_iter()).enumerate() {
        let (Some(id), Some(date)) = (id, date) else { continue };
        let end = ends.physical().get(row).and_then(moment::of_micros);
        let open = end.and_then(|end| unproven(inputs, SOURCES, end));
        let too_few = match (floor.get(row), judged.get(row), present.get(row)) {
            (Some(floor), Some(judged), Some(present)) => present * 100 < floor * judged,
            _ => false,
        };
        let has_no_value = floor.get(row).is_none() || grace.get(row).is_none();
        let (reason, source) = match (open, has_no_value, too_few) {
            (Some(source), ..) => ("not-proven", source),
            (None, true, _) => ("no-value", ""),
            (None, false, true) => ("presence-floor", "checkins"),
            (None, false, false) => continue,
        };
        for rule in ["meeting-late", "meeting-absence"] {
            let (scope, source) = (format!("meeting {id}"), source.to_owned());
            notes.push(Suspension { rule, from: date, to: date, scope, reason, source });
        }
        out.push(id.to_owned());
    }
    df!("meeting_id" => out)
}

fn note_doubted(inputs: &Inputs, rows: &DataFrame, notes: &mut Vec<Suspension>) -> PolarsResult<()> {
    let ids = inputs.table("employees").column("employee_id")?.str()?;
    let (emps, dates) = (rows.column("emp")?.u32()?, rows.column("date")?.date()?);
    for (emp, date) in emps.iter().zip(dates.as_date_iter()) {
        let (Some(emp), Some(date)) = (emp, date) else { continue };
        let scope = ids.get(emp as usize).unwrap_or_default().to_owned();
        for rule in ["meeting-late", "meeting-absence"] {
            let scope = scope.clone();
            notes.push(Suspension { rule, from: date, to: date, scope, reason: "rejected-row", source: String::new() });
        }
    }
    notes.sort();
    notes.dedup();
    Ok(())
}
