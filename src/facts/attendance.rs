//! Attendance: every employee's own working days, what was seen and what excuses (2.1 *Complete data*, 2.2).
//!
//! `days`, grain employee × own working day on which there is something to judge (late, not seen to arrive, covered by
//! anything, or with a meeting): `emp, date, is_exempt, work_start, work_end, proof_end, first_in, first_ref,
//! last_seen, minutes_late, is_first_late`, cover (`has_leave, leave_contains_start, has_late_leave,
//! late_leave_contains_start, late_leave_ref`), notices (`notified_at, notice_ref, notice_minutes, is_notice_late,
//! other_notice_ref`), visits (`has_visit, visit_contains_start, visit_ref`), `is_suspended`, `is_absent`.

use super::{
    Facts,
    leave::{contains, overlaps_day},
    sources::{AUDITED_BY_ATTENDANCE, Readiness, SHARED_REGISTERS, proven_until, readiness, unproven},
};
use crate::{
    base::{moment, month::Period},
    policy::{Param, Policy},
    schema::{findings::Suspension, inputs::Inputs},
};
use chrono::{NaiveDate, NaiveDateTime};
use polars::{lazy::dsl::max_horizontal, prelude::*};
use std::collections::BTreeSet;

const GRACE: Param<i64> = Param::new("late_arrival.grace");
const FLOOR: Param<i64> = Param::new("attendance.presence_floor");
const CEILING: Param<i64> = Param::new("attendance.late_share_ceiling");
/// So many people at least must be late before a reader, not the people, is suspected.
const CEILING_PEOPLE: i64 = 5;

pub(super) struct Attendance {
    pub(super) days: DataFrame,
    pub(super) swipe_suspended: BTreeSet<NaiveDate>,
    pub(super) suspensions: Vec<Suspension>,
}

pub(super) fn days(
    inputs: &Inputs,
    period: &Period,
    policy: &Policy,
    hours: &DataFrame,
    leave: &DataFrame,
) -> PolarsResult<Attendance> {
    let own = working_days(inputs, hours)?;
    let cover = cover(inputs, &own, leave)?;
    let seen = with_presence(inputs, own, policy)?;
    let sites = suspended_sites(inputs, &seen, &cover, policy)?;
    let mut suspensions = Vec::new();
    let is_ready = readiness(inputs, AUDITED_BY_ATTENDANCE, SHARED_REGISTERS) == Readiness::Ready;
    let proven = proven_until(inputs, &[AUDITED_BY_ATTENDANCE, &["punches"]].concat());
    let is_unproven = proven.map_or_else(|| lit(false), |until| col("proof_end").gt(lit(until)));
    let doubted = doubted(inputs, period, &["leaves", "notices", "visits", "punches", "rosters"])?;
    let is_absent = col("last_seen").is_null().and(col("notified_at").is_null()).and(col("has_leave").not());
    let suspended = col("site_reason").is_not_null().or(is_unproven.clone()).or(col("is_doubted"));
    let key = || [col("emp"), col("date")];
    let left = || JoinArgs::new(JoinType::Left);
    let days = to_judge(inputs, &seen, &cover, policy)?
        .join(sites.clone().lazy(), [col("site_id"), col("date")], [col("site_id"), col("date")], left())
        .join(doubted.lazy(), key(), key(), left())
        .with_columns([col("is_doubted").fill_null(lit(false)), is_unproven.alias("is_unproven")])
        .with_columns([suspended.or(lit(!is_ready)).alias("is_suspended")])
        .with_columns([is_absent.and(col("is_exempt").not()).and(col("is_suspended").not()).alias("is_absent")])
        .sort(["emp", "date"], SortMultipleOptions::default())
        .collect()?;
    if is_ready {
        list_sites(&sites, &mut suspensions)?;
        list_days(inputs, &seen, period, proven, &mut suspensions)?;
    }
    let swipe_suspended = swipe_suspended(inputs, &sites, hours)?;
    Ok(Attendance { days, swipe_suspended, suspensions })
}

/// The working days of every judged employee; a roster row replaces workday and hours for its day.
fn working_days(inputs: &Inputs, hours: &DataFrame) -> PolarsResult<DataFrame> {
    let staff = inputs.table("employees").clone().lazy().select([
        col("emp"),
        site_id(),
        col("swipe_exempt").fill_null(lit(false)).alias("is_exempt"),
        col("hire_date"),
        col("leave_date"),
    ]);
    let columns = ["emp", "date", "site_id", "is_exempt", "work_start", "work_end", "proof_end"].map(col);
    let on_duty = |frame: LazyFrame| frame.filter(Facts::is_judged(col("date")).and(col("work_start").is_not_null()));
    let hours = hours.clone().lazy();
    let by_calendar = on_duty(staff.clone().cross_join(hours.clone().filter(col("is_workday")), None).with_columns([
        col("centre_start").alias("work_start"),
        col("centre_end").alias("work_end"),
        col("centre_end").alias("proof_end"),
    ]));
    let rosters = inputs.table("rosters").clone();
    if rosters.height() == 0 {
        return by_calendar.select(columns).collect();
    }
    let key = || [col("emp"), col("date")];
    let rostered =
        rosters.clone().lazy().select([col("emp"), col("date"), own_clock("work_start"), own_clock("work_end")]);
    let by_roster = rostered
        .join(staff, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Inner))
        .join(hours, [col("date")], [col("date")], JoinArgs::new(JoinType::Inner))
        .with_columns([max_horizontal([col("work_end"), col("centre_end")])?.alias("proof_end")]);
    let rest = by_calendar.join(rosters.lazy(), key(), key(), JoinArgs::new(JoinType::Anti));
    concat([rest.select(columns.clone()), on_duty(by_roster).select(columns)], UnionArgs::default())?.collect()
}

/// A roster's time of day as a moment of its date; null on a day off.
pub(super) fn own_clock(name: &str) -> Expr {
    let midnight = col("date").cast(DataType::Datetime(TimeUnit::Microseconds, None));
    (midnight + (col(name) * lit(1_000_000_i64)).cast(DataType::Duration(TimeUnit::Microseconds))).alias(name)
}

/// What covers a day. Grain: employee × day with anything at all; one row each.
fn cover(inputs: &Inputs, own: &DataFrame, leave: &DataFrame) -> PolarsResult<DataFrame> {
    let days = own.clone().lazy().select([col("emp"), col("date"), col("work_start")]);
    let on_days =
        |frame: LazyFrame| frame.join(days.clone(), [col("emp")], [col("emp")], JoinArgs::new(JoinType::Inner));
    let only = |condition: Expr, value: Expr| when(condition).then(value).otherwise(lit(NULL));
    let is_late = || col("is_approved").not();
    let starts = || contains("leave_start", "leave_end", col("work_start"));
    let by_leave = on_days(leave.clone().lazy()).filter(overlaps_day("leave_start", "leave_end")).select([
        col("emp"),
        col("date"),
        col("is_approved").alias("has_leave"),
        col("is_approved").and(starts()).alias("leave_contains_start"),
        is_late().alias("has_late_leave"),
        is_late().and(starts()).alias("late_leave_contains_start"),
        only(is_late(), col("leave_ref")).cast(DataType::UInt64).alias("late_leave_ref"),
    ]);
    let visits = inputs.table("visits").clone().lazy().select([
        col("emp"),
        col("start").alias("visit_start"),
        col("end").alias("visit_end"),
        col("ref").alias("visit_ref"),
    ]);
    let by_visit = on_days(visits).filter(overlaps_day("visit_start", "visit_end")).select([
        col("emp"),
        col("date"),
        lit(true).alias("has_visit"),
        contains("visit_start", "visit_end", col("work_start")).alias("visit_contains_start"),
        col("visit_ref"),
    ]);
    let end = col("date").cast(DataType::Datetime(TimeUnit::Microseconds, None)) + lit(chrono::Duration::days(1));
    let is_field = col("kind").fill_null(lit("")).eq(lit("field")).and(col("notified_at").lt(end));
    let by_notice = inputs.table("notices").clone().lazy().select([
        col("emp"),
        col("date"),
        only(is_field.clone(), col("notified_at")).alias("notified_at"),
        only(is_field.clone(), col("ref")).cast(DataType::UInt64).alias("notice_ref"),
        only(is_field.not(), col("ref")).cast(DataType::UInt64).alias("other_notice_ref"),
    ]);
    // The earliest field notice of the day counts.
    let by_notice = by_notice.sort(["notified_at", "notice_ref"], SortMultipleOptions::default().with_nulls_last(true));
    let key = || [col("emp"), col("date")];
    let flags = |names: &[&str]| names.iter().map(|name| col(*name).max()).collect::<Vec<_>>();
    let by_leave = by_leave.group_by(key()).agg(
        [
            flags(&["has_leave", "leave_contains_start", "has_late_leave", "late_leave_contains_start"]),
            vec![col("late_leave_ref").min()],
        ]
        .concat(),
    );
    let by_visit = by_visit
        .group_by(key())
        .agg([flags(&["has_visit", "visit_contains_start"]), vec![col("visit_ref").min()]].concat());
    let by_notice = by_notice.group_by_stable(key()).agg([
        col("notified_at").first(),
        col("notice_ref").first(),
        col("other_notice_ref").min(),
    ]);
    let full = || JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    by_leave.join(by_visit, key(), key(), full()).join(by_notice, key(), key(), full()).collect()
}

/// One number for employee and day: joining on it is much cheaper than on two columns.
fn key() -> Expr {
    let day = col("date").cast(DataType::Int32).cast(DataType::Int64);
    (col("emp").cast(DataType::Int64) * lit(1_i64 << 32) + day).alias("key")
}

/// A site as a number, the rank of its name; an empty site is a site of its own.
fn site_id() -> Expr {
    let options = RankOptions { method: RankMethod::Dense, descending: false };
    col("site").fill_null(lit("")).rank(options, None).cast(DataType::UInt32).alias("site_id")
}

/// Own working days with what was seen, in few columns: this is the one frame as large as the staff.
fn with_presence(inputs: &Inputs, own: DataFrame, policy: &Policy) -> PolarsResult<DataFrame> {
    let presence = inputs.presence.clone().lazy().select([key(), col("first_in"), col("last_seen")]);
    let minutes = (col("first_in") - col("work_start")).dt().total_minutes(false);
    own.lazy()
        .with_columns([key()])
        .join(presence, [col("key")], [col("key")], JoinArgs::new(JoinType::Left))
        .with_columns([minutes.gt(policy.expr(&GRACE, &col("date"))).fill_null(lit(false)).alias("is_first_late")])
        .collect()
}

/// The days on which there is something to judge, with cover, minutes and evidence.
fn to_judge(inputs: &Inputs, seen: &DataFrame, cover: &DataFrame, policy: &Policy) -> PolarsResult<LazyFrame> {
    let left = || JoinArgs::new(JoinType::Left);
    let meetings =
        inputs.table("meetings").clone().lazy().select([col("meeting_id"), col("start").dt().date().alias("date")]);
    let invited = inputs.table("invitations").clone().lazy().select([col("meeting_id"), col("emp")]);
    let invited = invited
        .join(meetings, [col("meeting_id")], [col("meeting_id")], JoinArgs::new(JoinType::Inner))
        .select([key()]);
    let covered = cover.clone().lazy().with_columns([key()]);
    let marked = concat([invited, covered.clone().select([col("key")])], UnionArgs::default())?
        .unique(None, UniqueKeepStrategy::Any);
    let marked = marked.with_columns([lit(true).alias("is_marked")]);
    let is_open = col("is_first_late").or(col("first_in").is_null()).or(col("is_marked").is_not_null());
    let refs = inputs.presence.clone().lazy().select([key(), col("first_ref")]);
    let flags = [
        "has_leave",
        "leave_contains_start",
        "has_late_leave",
        "late_leave_contains_start",
        "has_visit",
        "visit_contains_start",
    ];
    let late = |minutes: &str| col(minutes).gt(policy.expr(&GRACE, &col("date"))).fill_null(lit(false));
    let minutes = |time: &str| (col(time) - col("work_start")).dt().total_minutes(false);
    let open = seen.clone().lazy().join(marked, [col("key")], [col("key")], left()).filter(is_open).collect()?;
    Ok(open
        .lazy()
        .join(refs, [col("key")], [col("key")], left())
        .join(covered.drop(by_name(["emp", "date"], true, false)), [col("key")], [col("key")], left())
        .drop(by_name(["key", "is_marked"], true, false))
        .with_columns(flags.map(|flag| col(flag).fill_null(lit(false))))
        .with_columns([minutes("first_in").alias("minutes_late"), minutes("notified_at").alias("notice_minutes")])
        .with_columns([late("notice_minutes").alias("is_notice_late")]))
}

/// Days suspended at a site: `site_id, date, site, site_reason` (null where the day stands), for every site and day
/// on which somebody works there.
fn suspended_sites(inputs: &Inputs, seen: &DataFrame, cover: &DataFrame, policy: &Policy) -> PolarsResult<DataFrame> {
    let key_of_site = || [col("site_id"), col("date")];
    let left = || JoinArgs::new(JoinType::Left);
    let count = |condition: Expr, name: &str| condition.cast(DataType::UInt32).sum().cast(DataType::Int64).alias(name);
    let tally = |frame: LazyFrame| {
        let is_staff = || col("is_exempt").not();
        let is_present = || is_staff().and(col("last_seen").is_not_null());
        let counts = [
            count(is_staff(), "counted"),
            count(is_present(), "present"),
            count(is_present().and(col("is_first_late")), "late"),
        ];
        frame.group_by(key_of_site()).agg(counts)
    };
    // P leaves out whom leave, notice or visit covers: they are taken off again.
    let is_excused = col("has_leave")
        .fill_null(lit(false))
        .or(col("notified_at").is_not_null())
        .or(col("has_visit").fill_null(lit(false)));
    let excused = cover.clone().lazy().filter(is_excused).select([key()]);
    let excused = seen.clone().lazy().join(excused, [col("key")], [col("key")], JoinArgs::new(JoinType::Semi));
    let excused = tally(excused).rename(["counted", "present", "late"], ["no_counted", "no_present", "no_late"], true);
    let less = |name: &str| (col(name) - col(format!("no_{name}")).fill_null(lit(0_i64))).alias(name);
    let staff = inputs.table("employees").clone().lazy();
    let site_of = staff.clone().select([col("emp"), site_id()]);
    let names = staff.select([site_id(), col("site").fill_null(lit(""))]).unique(None, UniqueKeepStrategy::Any);
    let swiped = inputs.presence.clone().lazy().select([col("emp"), col("date")]);
    let swiped = swiped.join(site_of, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Inner));
    let swiped = swiped.group_by(key_of_site()).agg([len().alias("swiped")]);
    let percent = |param: &Param<i64>| policy.expr(param, &col("date"));
    let hundred = || lit(100_i64);
    let is_below = col("counted").gt(lit(0_i64)).and((col("present") * hundred()).lt(percent(&FLOOR) * col("counted")));
    let is_above =
        col("late").gt_eq(lit(CEILING_PEOPLE)).and((col("late") * hundred()).gt(percent(&CEILING) * col("present")));
    let is_open =
        percent(&FLOOR).is_null().or(percent(&CEILING).is_null()).or(policy.expr(&GRACE, &col("date")).is_null());
    let reason = when(col("swiped").is_null())
        .then(lit("no-swipes"))
        .when(is_open)
        .then(lit("no-value"))
        .when(is_below)
        .then(lit("presence-floor"))
        .when(is_above)
        .then(lit("late-share"))
        .otherwise(lit(NULL).cast(DataType::String));
    tally(seen.clone().lazy())
        .join(excused, key_of_site(), key_of_site(), left())
        .with_columns([less("counted"), less("present"), less("late")])
        .join(swiped, key_of_site(), key_of_site(), left())
        .join(names, [col("site_id")], [col("site_id")], left())
        .select([col("site_id"), col("date"), col("site"), reason.alias("site_reason")])
        .sort(["site", "date"], SortMultipleOptions::default())
        .collect()
}

/// Days whose excuse may stand in a rejected row: `emp, date, is_doubted`.
pub(super) fn doubted(inputs: &Inputs, period: &Period, sources: &[&str]) -> PolarsResult<DataFrame> {
    let staff = u32::try_from(inputs.table("employees").height()).unwrap_or(u32::MAX);
    let mut pairs = BTreeSet::new();
    for doubt in inputs.doubts.iter().filter(|doubt| sources.contains(&doubt.source.as_str())) {
        let (from, to) = doubt.days.unwrap_or((period.first, period.last));
        let days = period.days().filter(|day| from <= *day && *day <= to);
        let (first, end) = doubt.emp.map_or((0, staff), |emp| (emp, emp + 1));
        pairs.extend(days.flat_map(|day| (first..end).map(move |emp| (emp, day))));
    }
    let (emps, days): (Vec<u32>, Vec<NaiveDate>) = pairs.into_iter().unzip();
    df!("is_doubted" => vec![true; emps.len()], "emp" => emps, "date" => days)
}

fn list_sites(sites: &DataFrame, suspensions: &mut Vec<Suspension>) -> PolarsResult<()> {
    let (names, dates, reasons) =
        (sites.column("site")?.str()?, sites.column("date")?.date()?, sites.column("site_reason")?.str()?);
    for ((site, date), reason) in names.iter().zip(dates.as_date_iter()).zip(reasons.iter()) {
        let (Some(site), Some(date), Some(reason)) = (site, date, reason) else { continue };
        let reason =
            ["no-swipes", "no-value", "presence-floor", "late-share"].into_iter().find(|known| *known == reason);
        let scope = if site.is_empty() { String::new() } else { format!("site {site}") };
        for rule in ["late-arrival", "absence"] {
            let reason = reason.unwrap_or("no-value");
            suspensions.push(Suspension {
                rule,
                from: date,
                to: date,
                scope: scope.clone(),
                reason,
                source: "swipes".to_owned(),
            });
        }
    }
    Ok(())
}

/// Notes the days that are not proven (once for all) and those that rejected rows leave in doubt (by person).
fn list_days(
    inputs: &Inputs,
    seen: &DataFrame,
    period: &Period,
    proven: Option<NaiveDateTime>,
    suspensions: &mut Vec<Suspension>,
) -> PolarsResult<()> {
    let is_unproven = proven.map_or_else(|| lit(false), |until| col("proof_end").gt(lit(until)));
    let open = seen.clone().lazy().filter(is_unproven);
    let open = open.group_by([col("date")]).agg([col("proof_end").max()]).collect()?;
    let sources = [AUDITED_BY_ATTENDANCE, &["punches"]].concat();
    let (dates, ends) = (open.column("date")?.date()?, open.column("proof_end")?.datetime()?);
    for (date, end) in dates.as_date_iter().zip(ends.physical().iter()) {
        let (Some(date), Some(end)) = (date, end.and_then(moment::of_micros)) else { continue };
        let source = unproven(inputs, &sources, end).unwrap_or_default().to_owned();
        for rule in ["late-arrival", "absence"] {
            suspensions.push(Suspension {
                rule,
                from: date,
                to: date,
                scope: String::new(),
                reason: "not-proven",
                source: source.clone(),
            });
        }
    }
    for doubt in &inputs.doubts {
        let ids = inputs.table("employees").column("employee_id")?.str()?;
        let scope = doubt.emp.and_then(|emp| ids.get(emp as usize)).unwrap_or_default().to_owned();
        let (first, last) = (period.first, period.last);
        let (from, to) = doubt.days.unwrap_or((first, last));
        if to < first || last < from {
            continue;
        }
        for rule in ["late-arrival", "absence"] {
            let (from, to, scope) = (from.max(first), to.min(last), scope.clone());
            suspensions.push(Suspension {
                rule,
                from,
                to,
                scope,
                reason: "rejected-row",
                source: doubt.source.clone(),
            });
        }
    }
    Ok(())
}

/// Working days that some site's swipes suspend, for 八.5; days whose swipes do not reach the end of work among them.
fn swipe_suspended(inputs: &Inputs, sites: &DataFrame, hours: &DataFrame) -> PolarsResult<BTreeSet<NaiveDate>> {
    let reasons = sites.column("site_reason")?.str()?;
    let dates = sites.column("date")?.date()?;
    let by_site =
        dates.as_date_iter().zip(reasons.iter()).filter(|(_, reason)| reason.is_some()).filter_map(|(date, _)| date);
    let working: BTreeSet<NaiveDate> = dates.as_date_iter().flatten().collect();
    let (days, ends) = (hours.column("date")?.date()?, hours.column("centre_end")?.datetime()?);
    let open = days.as_date_iter().zip(ends.physical().iter()).filter_map(|(date, end)| {
        let (date, end) = (date?, end.and_then(moment::of_micros)?);
        (working.contains(&date) && !inputs.state("swipes").proven.covers(end)).then_some(date)
    });
    Ok(by_site.chain(open).collect())
}
