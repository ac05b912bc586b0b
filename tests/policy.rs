//! The shipped configuration against the table of parameters, and every deadline of every day of the calendar.

mod support;

use chrono::{Datelike, Months, NaiveDate};
use meritbook::{
    calendar::{BUILT_IN_YEARS, Calendar},
    config::{Config, load},
    ingest::presets,
    policy::{PARAMETERS, Param, in_force_from},
};
use std::collections::BTreeMap;
use support::{repository, text};

fn shipped() -> Config {
    load(&repository().join("config.toml"), &presets::names()).expect("the shipped configuration is right")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The first of every month from the first day of the policy to the end of the calendar.
fn months() -> Vec<NaiveDate> {
    let end = *BUILT_IN_YEARS.end();
    let next = |day: &NaiveDate| day.checked_add_months(Months::new(1));
    std::iter::successors(Some(in_force_from()), next).take_while(|day| day.year() <= end).collect()
}

/// Every day of those months.
fn days() -> Vec<NaiveDate> {
    let end = *BUILT_IN_YEARS.end();
    in_force_from().iter_days().take_while(|day| day.year() <= end).collect()
}

/// The tables of `[policy]` as they are written, by parameter.
fn written() -> BTreeMap<String, toml::Table> {
    let config: toml::Table = text(&repository().join("config.toml")).parse().expect("TOML");
    let groups = config["policy"].as_table().expect("the section");
    let parameters = groups.iter().flat_map(|(group, parameters)| {
        let parameters = parameters.as_table().expect("a group");
        parameters
            .iter()
            .map(move |(name, fields)| (format!("{group}.{name}"), fields.as_table().expect("fields").clone()))
    });
    parameters.collect()
}

#[test]
fn the_walk_covers_the_policy_and_the_calendar() {
    let months = months();
    assert_eq!(months.first(), Some(&date("2009-12-01")));
    assert_eq!(months.last(), Some(&date("2026-12-01")));
    assert_eq!(months.len(), 17 * 12 + 1);
    assert_eq!(days().last(), Some(&date("2026-12-31")));
}

#[test]
fn no_parameter_that_is_shipped_with_a_value_has_a_gap() {
    let policy = shipped().policy;
    for spec in PARAMETERS.iter().filter(|spec| spec.shipped_value().is_some()) {
        for month in months() {
            assert!(policy.value_on(spec.key, month).is_some(), "{} has no value on {month}", spec.key);
        }
    }
}

#[test]
fn the_configuration_ships_the_values_of_the_table() {
    let policy = shipped().policy;
    for spec in PARAMETERS.iter().filter(|spec| spec.key != "limits.mode") {
        for month in months() {
            assert_eq!(policy.value_on(spec.key, month).cloned(), spec.shipped_value(), "{} on {month}", spec.key);
        }
    }
}

#[test]
fn the_place_decides_on_limits_so_the_example_writes_the_mode() {
    const MODE: Param<String> = Param::new("limits.mode");
    let policy = shipped().policy;
    for month in months() {
        assert_eq!(policy.on(&MODE, month).as_deref(), Some("deduct"), "{month}");
    }
}

#[test]
fn nothing_has_a_value_before_the_policy_was_in_force() {
    let policy = shipped().policy;
    for spec in PARAMETERS {
        assert_eq!(policy.value_on(spec.key, date("2009-11-30")), None, "{}", spec.key);
    }
}

#[test]
fn every_parameter_of_the_table_is_in_the_configuration_with_its_unit_and_clause() {
    let written = written();
    for spec in PARAMETERS {
        let fields = written.get(spec.key).unwrap_or_else(|| panic!("{} is not written", spec.key));
        let word = |name: &str| fields.get(name).and_then(toml::Value::as_str);
        assert_eq!(word("unit"), Some(spec.unit.word()), "{}", spec.key);
        assert_eq!(word("clause"), Some(spec.clause), "{}", spec.key);
    }
}

#[test]
fn every_parameter_of_the_configuration_is_in_the_table() {
    let known: Vec<&str> = PARAMETERS.iter().map(|spec| spec.key).collect();
    for key in written().keys() {
        assert!(known.contains(&key.as_str()), "{key} is not in the table");
    }
    assert_eq!(written().len(), known.len());
}

/// Due dates of a deadline over all days, in order; only the last days may run out of the calendar.
fn due_dates(due: impl Fn(&Calendar, NaiveDate) -> Option<NaiveDate>) -> Vec<(NaiveDate, NaiveDate)> {
    let calendar = Calendar::built_in();
    let dates: Vec<(NaiveDate, Option<NaiveDate>)> = days().into_iter().map(|day| (day, due(&calendar, day))).collect();
    let known = dates.iter().take_while(|(_, due)| due.is_some()).count();
    assert!(dates[known..].iter().all(|(_, due)| due.is_none()), "a gap in the deadlines");
    assert!(dates[known].0 > date("2026-12-15"), "deadlines end on {}", dates[known].0);
    dates.into_iter().filter_map(|(day, due)| Some((day, due?))).collect()
}

fn workdays_between(calendar: &Calendar, after: NaiveDate, through: NaiveDate) -> usize {
    let days = after.iter_days().skip(1).take_while(|day| *day <= through);
    days.filter(|day| calendar.is_workday(*day) == Some(true)).count()
}

#[test]
fn three_calendar_days_end_on_the_first_workday_from_the_third_day() {
    let calendar = Calendar::built_in();
    for (start, due) in due_dates(|calendar, day| calendar.after_days(day, 3)) {
        let third = start + chrono::Days::new(3);
        assert!(due >= third, "{start} → {due}");
        assert_eq!(calendar.is_workday(due), Some(true), "{start} → {due}");
        let before = third - chrono::Days::new(1);
        assert_eq!(workdays_between(&calendar, before, due), 1, "{start} → {due}: no workday is passed over");
    }
}

#[test]
fn ten_workdays_end_on_the_tenth() {
    let calendar = Calendar::built_in();
    for (start, due) in due_dates(|calendar, day| calendar.after_workdays(day, 10)) {
        assert_eq!(calendar.is_workday(due), Some(true), "{start} → {due}");
        assert_eq!(workdays_between(&calendar, start, due), 10, "{start} → {due}");
    }
}

#[test]
fn a_later_start_is_never_due_earlier() {
    let three = due_dates(|calendar, day| calendar.after_days(day, 3));
    let ten = due_dates(|calendar, day| calendar.after_workdays(day, 10));
    for due in [three, ten] {
        assert!(due.is_sorted_by_key(|(_, due)| *due));
    }
}
