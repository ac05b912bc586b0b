//! Floor 1: the State Council calendar: workdays, make-up workdays and deadlines (2.1).
//!
//! Days 2009–2026 are built in (`days.csv`); a site adds or replaces dated days and names further complete years.
//! A day of a year that is not listed has no answer (`None`): never "Monday to Friday".

use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet};

const BUILT_IN: &str = include_str!("days.csv");
/// First and last year that are built in.
pub const BUILT_IN_YEARS: std::ops::RangeInclusive<i32> = 2009..=2026;

/// What a listed day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// A day off, weekend days within a published break included.
    Holiday,
    /// A weekend day on which people work (调休).
    MakeupWorkday,
}

/// Which days are workdays, for the years it lists.
#[derive(Clone, Debug)]
pub struct Calendar {
    years: BTreeSet<i32>,
    days: BTreeMap<NaiveDate, DayKind>,
}

impl Calendar {
    /// The built-in days alone.
    #[must_use]
    pub fn built_in() -> Self {
        let days = BUILT_IN.lines().skip(1).filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?.parse().ok()?, kind_of(cells.next()?)?))
        });
        Self { years: BUILT_IN_YEARS.collect(), days: days.collect() }
    }

    /// Adds a site's dated days (they replace built-in ones) and the years that are complete with them.
    pub fn extend(
        &mut self,
        days: impl IntoIterator<Item = (NaiveDate, DayKind)>,
        years: impl IntoIterator<Item = i32>,
    ) {
        self.days.extend(days);
        self.years.extend(years);
    }

    /// Whether `year` is listed.
    #[must_use]
    pub fn lists(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// The listed years, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.iter().copied()
    }

    /// Whether `day` is a workday; `None` where its year is not listed.
    #[must_use]
    pub fn is_workday(&self, day: NaiveDate) -> Option<bool> {
        if !self.lists(day.year()) {
            return None;
        }
        Some(match self.days.get(&day) {
            Some(DayKind::Holiday) => false,
            Some(DayKind::MakeupWorkday) => true,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        })
    }

    /// `day` itself or, if it is none, the next workday; `None` where that runs out of the calendar.
    #[must_use]
    pub fn workday_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        let mut day = day;
        while !self.is_workday(day)? {
            day = day.succ_opt()?;
        }
        Some(day)
    }

    /// *n calendar days*: the start day is not counted; due on start + n or, if that is no workday, the next one.
    #[must_use]
    pub fn after_days(&self, start: NaiveDate, n: u64) -> Option<NaiveDate> {
        self.workday_from(start.checked_add_days(Days::new(n))?)
    }

    /// *n workdays*: the n-th workday after the start day.
    #[must_use]
    pub fn after_workdays(&self, start: NaiveDate, n: u64) -> Option<NaiveDate> {
        let mut day = start;
        for _ in 0..n {
            day = self.workday_from(day.succ_opt()?)?;
        }
        Some(day)
    }

    /// The calendar's content as text, one line a day, for the manifest's hash.
    #[must_use]
    pub fn canonical_text(&self) -> String {
        let years: Vec<String> = self.years.iter().map(i32::to_string).collect();
        let days = self.days.iter().map(|(day, kind)| format!("{day},{}\n", word(*kind)));
        format!("years {}\n{}", years.join(" "), days.collect::<String>())
    }
}

/// The word of a kind in calendar files.
fn word(kind: DayKind) -> &'static str {
    match kind {
        DayKind::Holiday => "holiday",
        DayKind::MakeupWorkday => "makeup_workday",
    }
}

/// The kind a calendar file's word names.
#[must_use]
pub fn kind_of(word: &str) -> Option<DayKind> {
    match word.trim() {
        "holiday" => Some(DayKind::Holiday),
        "makeup_workday" => Some(DayKind::MakeupWorkday),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn deadlines_of_the_contract() {
        let calendar = Calendar::built_in();
        assert_eq!(calendar.after_days(date("2024-09-28"), 3), Some(date("2024-10-08")));
        assert_eq!(calendar.after_workdays(date("2024-09-27"), 10), Some(date("2024-10-16")));
    }

    #[test]
    fn national_day_2026_and_its_makeup_day() {
        let calendar = Calendar::built_in();
        assert_eq!(calendar.is_workday(date("2026-10-01")), Some(false));
        assert_eq!(calendar.is_workday(date("2026-10-07")), Some(false));
        assert_eq!(calendar.is_workday(date("2026-10-08")), Some(true));
        assert_eq!(calendar.is_workday(date("2026-10-10")), Some(true));
        assert_eq!(calendar.is_workday(date("2026-10-11")), Some(false));
    }

    #[test]
    fn an_unlisted_year_has_no_answer_until_it_is_added() {
        let mut calendar = Calendar::built_in();
        assert_eq!(calendar.is_workday(date("2027-01-04")), None);
        assert_eq!(calendar.after_days(date("2026-12-31"), 3), None);
        calendar.extend([(date("2027-01-01"), DayKind::Holiday)], [2027]);
        assert_eq!(calendar.is_workday(date("2027-01-01")), Some(false));
        assert_eq!(calendar.after_workdays(date("2026-12-31"), 1), Some(date("2027-01-04")));
    }

    #[test]
    fn every_built_in_year_is_plausible() {
        let calendar = Calendar::built_in();
        for year in calendar.years() {
            let days = date(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
            let workdays = days.filter(|day| calendar.is_workday(*day) == Some(true)).count();
            assert!((247..=252).contains(&workdays), "{year} has {workdays} workdays");
        }
        let makeup = calendar.days.iter().filter(|(_, kind)| **kind == DayKind::MakeupWorkday);
        for (day, _) in makeup {
            assert!(matches!(day.weekday(), Weekday::Sat | Weekday::Sun), "{day}");
        }
    }
}
