//! Deadlines of a column of dates (2.1): the length is the one in force on the clock's start day.

use crate::{
    calendar::Calendar,
    policy::{Param, Policy},
};
use chrono::NaiveDate;
use polars::prelude::*;

/// The length of a deadline.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// Calendar days; a due day that is no workday moves to the next one.
    Days(&'static Param<i64>),
    /// Workdays.
    Workdays(&'static Param<i64>),
}

impl Length {
    /// The due day of a clock that starts on `start`; `None` where the length has no value or the calendar ends.
    pub(crate) fn due(self, start: NaiveDate, calendar: &Calendar, policy: &Policy) -> Option<NaiveDate> {
        let length = |param| policy.on(param, start).and_then(|days: i64| u64::try_from(days).ok());
        match self {
            Self::Days(param) => calendar.after_days(start, length(param)?),
            Self::Workdays(param) => calendar.after_workdays(start, length(param)?),
        }
    }
}

/// The due day of each clock in the date column `start` (null where there is no clock, or no due day).
pub(crate) fn due_dates(start: &Column, length: Length, calendar: &Calendar, policy: &Policy) -> PolarsResult<Column> {
    let dates = start.date()?;
    let due = dates.as_date_iter().map(|date| date.and_then(|date| length.due(date, calendar, policy)));
    Ok(Column::new("due_date".into(), due.collect::<Vec<Option<NaiveDate>>>()))
}
