//! The centre's hours of each day: grain calendar day.
//!
//! `date, is_workday, centre_start, centre_end, grace`; hours are null where the policy has no value.

use crate::{
    base::month::Period,
    calendar::Calendar,
    policy::{Param, Policy},
};
use chrono::NaiveTime;
use polars::prelude::*;

/// Start of work.
pub(crate) const WORK_START: Param<NaiveTime> = Param::new("attendance.work_start");
/// End of work.
pub(crate) const WORK_END: Param<NaiveTime> = Param::new("attendance.work_end");

/// Swipes before it belong to the day before.
pub(crate) const DAY_CUT: Param<NaiveTime> = Param::new("attendance.day_cut");

/// The hours of every day of the period.
pub(super) fn hours(period: &Period, calendar: &Calendar, policy: &Policy) -> PolarsResult<DataFrame> {
    let days: Vec<_> = period.days().collect();
    let at = |param: &Param<NaiveTime>| -> Vec<Option<i64>> {
        let moments = days.iter().map(|day| policy.on(param, *day).map(|time| day.and_time(time)));
        moments.map(|moment| moment.map(|moment| moment.and_utc().timestamp_micros())).collect()
    };
    let micros = DataType::Datetime(TimeUnit::Microseconds, None);
    let is_workday: Vec<bool> = days.iter().map(|day| calendar.is_workday(*day) == Some(true)).collect();
    DataFrame::new(
        days.len(),
        vec![
            Column::new("date".into(), days.clone()),
            Column::new("is_workday".into(), is_workday),
            Column::new("centre_start".into(), at(&WORK_START)).cast(&micros)?,
            Column::new("centre_end".into(), at(&WORK_END)).cast(&micros)?,
        ],
    )
}
