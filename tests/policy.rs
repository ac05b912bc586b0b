//! The shipped configuration against the table of parameters, and every deadline of every day of the calendar.

mod support;

use chrono::{Datelike, Months, NaiveDate};
use meritbook::{
    calendar::{BUILT_IN_YEARS, Calendar},
    config::{Config, load},
    policy::{CLAUSES, Param, in_force_from, place},
    report::clauses::{auditors, table},
    rules::{RULES, known},
};
use std::collections::{BTreeMap, BTreeSet};
use support::{repository, text};

fn shipped() -> Config {
    load(&repository().join("config.toml"), &known()).expect("the shipped configuration is right")
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
fn every_sentence_of_the_policy_is_audited_or_says_why_not_and_rules_cite_no_other() {
    for rule in RULES {
        assert!(!rule.clauses.is_empty(), "{} cites no clause", rule.name);
        for id in rule.clauses {
            assert!(place(id).is_some(), "{} cites {id}, which the policy does not have", rule.name);
        }
    }
    for clause in CLAUSES {
        let is_explained = !clause.why.0.is_empty() && !clause.why.1.is_empty();
        assert!(is_explained || !auditors(clause.id).is_empty(), "{} is neither audited nor explained", clause.id);
        assert_eq!(clause.why.0.is_empty(), clause.why.1.is_empty(), "{}: one language only", clause.id);
        assert!(!clause.text.is_empty());
    }
    let ids: BTreeSet<&str> = CLAUSES.iter().map(|clause| clause.id).collect();
    assert_eq!(ids.len(), CLAUSES.len(), "a sentence is listed twice");
}

#[test]
fn the_policy_is_whole_and_in_order() {
    let chapters: Vec<&str> = CLAUSES.iter().map(|clause| clause.id.split('.').next().unwrap_or("")).collect();
    let mut order = chapters.clone();
    order.dedup();
    let expected = ["一", "二", "三", "四", "五", "劳动法 41", "六", "七", "八", "八(二)①", "八(二)②", "九", "十"];
    assert_eq!(order, expected);
    // Numbers follow each other, and so do the sentences of a number.
    let counts = [("二", 3), ("三", 2), ("四", 2), ("五", 2), ("六", 3), ("七", 4), ("八", 16)];
    for (chapter, count) in counts {
        let own = CLAUSES.iter().filter_map(|clause| clause.id.strip_prefix(chapter)?.strip_prefix('.'));
        let digits = |id: &str| id.chars().take_while(char::is_ascii_digit).collect::<String>();
        let mut numbers: Vec<u32> = own.map(|id| digits(id).parse().expect("a number")).collect();
        numbers.dedup();
        assert_eq!(numbers, (1..=count).collect::<Vec<u32>>(), "{chapter}");
    }
}

#[test]
fn the_readme_in_chinese_has_the_table_of_the_whole_policy() {
    let path = repository().join("README.zh-CN.md");
    let readme = text(&path);
    let (begin, end) = ("<!-- clauses -->\n", "<!-- /clauses -->");
    let (before, rest) = readme.split_once(begin).expect("the mark where the table begins");
    let (shown, after) = rest.split_once(end).expect("the mark where the table ends");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{before}{begin}{}{end}{after}", table())).expect("the README");
        return;
    }
    assert!(shown == table(), "README.zh-CN.md is out of date: run UPDATE_GOLDEN=1 cargo test --test policy");
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
    for spec in known().parameters.into_iter().filter(|spec| spec.shipped_value().is_some()) {
        for month in months() {
            assert!(policy.value_on(spec.key, month).is_some(), "{} has no value on {month}", spec.key);
        }
    }
}

#[test]
fn the_configuration_ships_the_values_of_the_table() {
    let policy = shipped().policy;
    for spec in known().parameters.into_iter().filter(|spec| spec.key != "limits.mode") {
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
    for spec in known().parameters {
        assert_eq!(policy.value_on(spec.key, date("2009-11-30")), None, "{}", spec.key);
    }
}

#[test]
fn every_parameter_of_the_table_is_in_the_configuration_with_its_unit_and_clause() {
    let written = written();
    for spec in known().parameters {
        let fields = written.get(spec.key).unwrap_or_else(|| panic!("{} is not written", spec.key));
        let word = |name: &str| fields.get(name).and_then(toml::Value::as_str);
        assert_eq!(word("unit"), Some(spec.unit.word()), "{}", spec.key);
        assert_eq!(word("clause"), Some(spec.clause), "{}", spec.key);
    }
}

#[test]
fn every_parameter_of_the_configuration_is_in_the_table() {
    let known: Vec<&str> = known().parameters.into_iter().map(|spec| spec.key).collect();
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
