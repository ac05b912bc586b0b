//! Months: a payroll month's name and the days it spans.

use chrono::{Datelike, Days, Months, NaiveDate};
use std::{fmt, str::FromStr};

/// A calendar or payroll month, written `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: NaiveDate,
}

impl Month {
    /// The month in which `date` lies by the calendar.
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        let back = Days::new(u64::from(date.day0()));
        Self { first: date.checked_sub_days(back).unwrap_or(date) }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self { first: self.first.checked_sub_months(Months::new(1)).unwrap_or(self.first) }
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.first.checked_add_months(Months::new(1)).unwrap_or(self.first) }
    }

    /// Its calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.first.year()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a month; write it as 2026-10");
        if text.len() != 7 {
            return Err(wrong());
        }
        NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map(|first| Self { first }).map_err(|_| wrong())
    }
}

/// A payroll month: its name and its first and last day (both included).
///
/// With `first_day` 1 it is the calendar month; with 26 it runs from the 26th of the month before to the 25th (2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The month whose payroll it is.
    pub month: Month,
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

impl Period {
    /// The payroll month `month` where months begin on day `first_day` (1 to 28).
    #[must_use]
    pub fn new(month: Month, first_day: u32) -> Self {
        let begins = |m: Month| {
            let start = if first_day == 1 { m } else { m.previous() };
            start.first.with_day(first_day).unwrap_or(start.first)
        };
        let last = begins(month.next()).pred_opt().unwrap_or(month.first);
        Self { month, first: begins(month), last }
    }

    /// The payroll month in which `date` lies.
    #[must_use]
    pub fn containing(date: NaiveDate, first_day: u32) -> Self {
        let own = Self::new(Month::of(date), first_day);
        if own.contains(date) { own } else { Self::new(Month::of(date).next(), first_day) }
    }

    /// Whether `date` lies in it.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.first <= date && date <= self.last
    }

    /// Its days in order.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_that_begins_on_the_26th() {
        let period = Period::new("2026-01".parse().unwrap(), 26);
        assert_eq!((period.first, period.last), (date("2025-12-26"), date("2026-01-25")));
        assert_eq!(Period::containing(date("2025-12-26"), 26), period);
        assert_eq!(Period::containing(date("2025-12-25"), 26).month.to_string(), "2025-12");
        assert_eq!(period.days().count(), 31);
    }

    #[test]
    fn a_calendar_month() {
        let period = Period::new("2024-02".parse().unwrap(), 1);
        assert_eq!((period.first, period.last), (date("2024-02-01"), date("2024-02-29")));
        assert_eq!(Period::containing(date("2024-02-29"), 1), period);
        assert!("2024-13".parse::<Month>().is_err());
        assert!("2024-1".parse::<Month>().is_err());
    }
}
