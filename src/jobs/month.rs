//! Which month a command is about, and whether the calendar knows all its days.

use super::{CONFIG, Stop};
use crate::{
    base::month::{Month, Period},
    config::Config,
    policy::Param,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

const LIMITS: Param<String> = Param::new("limits.mode");

/// Today in the centre's time zone.
pub(super) fn today(config: &Config, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&config.timezone).date_naive()
}

/// The month asked for, else the pinned one, else the last complete one.
///
/// # Errors
/// A month with a day in a year that the calendar does not list, or at whose end `limits.mode` has no value (exit 78).
pub(super) fn period(asked: Option<Month>, config: &Config, now: DateTime<Utc>) -> anyhow::Result<Period> {
    let running = Period::containing(today(config, now), config.first_day);
    period_of(asked.or(config.default_month).unwrap_or_else(|| running.month.previous()), config)
}

/// The days of a payroll month.
///
/// # Errors
/// A month with a day in a year that the calendar does not list, or at whose end `limits.mode` has no value (exit 78).
pub(super) fn period_of(month: Month, config: &Config) -> anyhow::Result<Period> {
    let period = Period::new(month, config.first_day);
    for year in [period.first.year(), period.last.year()] {
        if !config.calendar.lists(year) {
            return Err(Stop::because(
                CONFIG,
                format!(
                    "the calendar does not list {year}, so {month} cannot be judged\n  help: when the State Council has \
                     published {year}, write its days into a CSV (date,kind,name,source with kind holiday or \
                     makeup_workday), name it in [calendar] files and add {year} to [calendar] years"
                ),
            ));
        }
    }
    if config.policy.on(&LIMITS, period.last).is_none() {
        return Err(Stop::because(
            CONFIG,
            format!(
                "`policy.limits.mode` has no value on {}, the last day of {month}: whether money may be deducted is never \
                 assumed\n  help: write values.DATE = \"deduct\", \"cap\" or \"warn-only\" from a date on or before it",
                period.last
            ),
        ));
    }
    Ok(period)
}

/// From November on: a warning while the next year is not listed.
pub(super) fn calendar_warning(config: &Config, now: DateTime<Utc>) -> Option<String> {
    let today = today(config, now);
    let next = today.year() + 1;
    (today.month() >= 11 && !config.calendar.lists(next)).then(|| {
        format!("note: the calendar does not list {next} yet; December is only certain once {next} is published (see [calendar] in config.toml)")
    })
}
