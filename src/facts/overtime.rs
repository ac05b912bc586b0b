//! Overtime claims (五.2). Grain: claim with status claimed.
//!
//! `claim_id, emp, start, end, date, seconds, hundredths` (of an hour, down), `is_own_work, missing` (the steps that are not
//! there, in one text), `is_complete, booked_on` (the day whose payroll month it belongs to, null where the calendar
//! ends and so it cannot be said), `last_seen, last_ref, visit_ref, ref`.

use super::{hours::DAY_CUT, lacking};
use crate::{
    base::{moment, month::Period},
    config::Config,
    policy::Policy,
    schema::inputs::Inputs,
};
use chrono::{Days, NaiveDate, NaiveTime};
use polars::prelude::*;

/// A claim filed after so many workdays of the next month is paid with the next month.
const FILING_WORKDAYS: u64 = 3;

pub(super) fn claims(inputs: &Inputs, config: &Config) -> PolarsResult<DataFrame> {
    let claimed = inputs.table("overtime").clone().lazy().filter(col("status").eq(lit("claimed")));
    let mut claimed = claimed.with_columns([col("start").dt().date().alias("date")]).collect()?;
    let days = presence_days(&claimed, &config.policy)?;
    claimed.with_column(days)?;
    let left = || JoinArgs::new(JoinType::Left);
    let presence = inputs.presence.clone().lazy().select([
        col("emp"),
        col("date").alias("presence_day"),
        col("last_seen"),
        col("last_ref"),
    ]);
    let key = || [col("emp"), col("presence_day")];
    // Few days of the many are asked for.
    let asked = claimed.clone().lazy().select(key()).unique(None, UniqueKeepStrategy::Any);
    let presence = asked.join(presence, key(), key(), JoinArgs::new(JoinType::Inner));
    let staff = inputs.table("employees").clone().lazy();
    let ids = staff.clone().select([col("emp").alias("staff_emp"), col("employee_id").alias("own_id")]);
    let leads = inputs.table("projects").clone().lazy().select([col("lead_id")]);
    let leads = staff
        .join(leads, [col("emp")], [col("lead_id")], JoinArgs::new(JoinType::Semi))
        .select([col("employee_id").alias("lead"), lit(true).alias("is_lead")]);
    let claims = claimed
        .clone()
        .lazy()
        .join(presence, key(), key(), left())
        .join(ids, [col("emp")], [col("staff_emp")], left())
        .join(leads, [col("reported_by")], [col("lead")], left())
        .join(visited(inputs, claimed.lazy()), [col("claim_id")], [col("claim_id")], left());
    let is_reported = col("is_lead").is_not_null().and(col("reported_by").neq(col("own_id")));
    let is_seen = col("last_seen").gt_eq(col("end")).or(col("visit_ref").is_not_null());
    let steps = [
        lacking(col("reason").eq(lit("business")), "reason"),
        lacking(is_reported, "report"),
        lacking(col("manager_approved_at").is_not_null(), "approval"),
        lacking(col("administration_filed_at").is_not_null(), "filing"),
        lacking(is_seen, "presence"),
    ];
    let is_own_work = col("reason").eq(lit("own-work")).fill_null(lit(false));
    let claims = claims
        .with_columns([concat_str(steps, " ", true).alias("missing"), is_own_work.alias("is_own_work")])
        .with_columns([col("missing").eq(lit("")).alias("is_complete")])
        .sort(["emp", "start", "claim_id"], SortMultipleOptions::default());
    let mut claims = claims.collect()?;
    let columns = [booked_on(&claims, config)?, length(&claims, "seconds", 1)?, length(&claims, "hundredths", 36)?];
    for column in columns {
        claims.with_column(column)?;
    }
    Ok(claims)
}

/// The presence day of each claim's start: before the day cut it is the day before.
fn presence_days(claims: &DataFrame, policy: &Policy) -> PolarsResult<Column> {
    let starts = claims.column("start")?.datetime()?.physical().clone();
    let day = |micros: Option<i64>| {
        let start = micros.and_then(moment::of_micros)?;
        let cut = policy.on(&DAY_CUT, start.date()).unwrap_or(NaiveTime::MIN);
        let back = Days::new(u64::from(start.time() < cut));
        start.date().checked_sub_days(back)
    };
    Ok(Column::new("presence_day".into(), starts.iter().map(day).collect::<Vec<Option<NaiveDate>>>()))
}

/// The length of each claim in units of so many seconds, rounded down.
fn length(claims: &DataFrame, name: &str, seconds: i64) -> PolarsResult<Column> {
    const MICROS: i64 = 1_000_000;
    let (starts, ends) = (claims.column("start")?.datetime()?.physical(), claims.column("end")?.datetime()?.physical());
    let lengths = starts.iter().zip(ends.iter()).map(|(start, end)| Some((end? - start?) / (MICROS * seconds)));
    Ok(Column::new(name.into(), lengths.collect::<Vec<Option<i64>>>()))
}

/// The visits that began before a claim's end and lasted to it.
fn visited(inputs: &Inputs, claims: LazyFrame) -> LazyFrame {
    let visits = inputs.table("visits").clone().lazy();
    let visits = visits.select([
        col("emp"),
        col("start").alias("visit_start"),
        col("end").alias("visit_end"),
        col("ref").alias("visit_ref"),
    ]);
    claims
        .select([col("claim_id"), col("emp"), col("end")])
        .join(visits, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Inner))
        .filter(col("visit_start").lt(col("end")).and(col("end").lt_eq(col("visit_end"))))
        .group_by([col("claim_id")])
        .agg([col("visit_ref").min()])
}

/// A complete claim that was approved or filed late belongs to the next payroll month; any other to its own.
fn booked_on(claims: &DataFrame, config: &Config) -> PolarsResult<Column> {
    let dates = claims.column("date")?.date()?;
    let complete = claims.column("is_complete")?.bool()?;
    let times = |name: &str| -> PolarsResult<Vec<Option<NaiveDate>>> {
        let times = claims.column(name)?.datetime()?.physical().clone();
        Ok(times.iter().map(|micros| Some(moment::of_micros(micros?)?.date())).collect())
    };
    let (approved, filed) = (times("manager_approved_at")?, times("administration_filed_at")?);
    let rows = dates.as_date_iter().zip(complete.iter()).zip(approved.into_iter().zip(filed));
    let booked = rows.map(|((date, is_complete), (approved, filed))| {
        let date = date?;
        if is_complete != Some(true) {
            return Some(date);
        }
        let last = Period::containing(date, config.first_day).last;
        let complete_on = approved.max(filed)?;
        if complete_on <= last {
            return Some(date);
        }
        let until = config.calendar.after_workdays(last, FILING_WORKDAYS)?;
        if complete_on > until { last.succ_opt() } else { Some(date) }
    });
    Ok(Column::new("booked_on".into(), booked.collect::<Vec<Option<NaiveDate>>>()))
}
