//! Which nights are due: those since the last snapshot, the oldest first.

use chrono::{Days, NaiveDate};

/// So many nights are made up for: older ones would only say what is long over.
const MOST: usize = 31;

/// The nights of a run, and how many older ones are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) nights: Vec<NaiveDate>,
    pub(super) left_out: usize,
}

/// The nights from the day after the latest snapshot to the day before `today`; where there is none yet, or none is
/// due, only the last of them, which changes nothing where nothing has changed.
pub(super) fn due(latest: Option<NaiveDate>, today: NaiveDate) -> Due {
    let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let since = latest.and_then(|latest| latest.succ_opt()).unwrap_or(yesterday);
    let mut nights: Vec<NaiveDate> = since.iter_days().take_while(|day| *day <= yesterday).collect();
    if nights.is_empty() {
        nights.push(yesterday);
    }
    let left_out = nights.len().saturating_sub(MOST);
    Due { nights: nights.split_off(left_out), left_out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(latest: Option<&str>, today: &str) -> Vec<String> {
        due(latest.map(date), date(today)).nights.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_night_since_the_last_the_oldest_first() {
        assert_eq!(days(None, "2026-10-15"), ["2026-10-14"]);
        assert_eq!(days(Some("2026-10-11"), "2026-10-15"), ["2026-10-12", "2026-10-13", "2026-10-14"]);
        assert_eq!(days(Some("2026-10-13"), "2026-10-15"), ["2026-10-14"]);
    }

    #[test]
    fn where_none_is_due_the_last_one_is_looked_at_again() {
        assert_eq!(days(Some("2026-10-14"), "2026-10-15"), ["2026-10-14"]);
        assert_eq!(days(Some("2026-10-15"), "2026-10-15"), ["2026-10-14"]);
    }

    #[test]
    fn of_a_long_time_only_the_last_month() {
        let long = due(Some(date("2026-07-01")), date("2026-10-15"));
        assert_eq!((long.nights.len(), long.nights[0], long.left_out), (31, date("2026-09-14"), 74));
        assert_eq!(due(Some(date("2026-09-13")), date("2026-10-15")).left_out, 0);
    }
}
