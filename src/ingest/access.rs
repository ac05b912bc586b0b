//! Where a canonical column's text comes from in a record, and how it is put together (3-tables §3.2 step 4).

use super::cell::{Times, clock};
use crate::schema::mapping::Naming;
use chrono::{Days, NaiveTime};

/// Where a canonical column's text comes from in a record; places are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Cell(usize),
    /// Counted from the end of the record.
    Last(usize),
    FirstFilled(Vec<usize>),
    Join(Vec<usize>, String),
    Constant(String),
    Person(Vec<(Naming, usize)>),
    /// Day and time of day.
    Moment(usize, usize),
    /// Place, part and what is between two parts.
    Part(usize, usize, String),
    /// Place, and the place of the word that must be one of these.
    When(usize, usize, Vec<String>),
}

impl Access {
    /// Whether it is empty in every row, as the configuration says.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self, Self::Constant(text) if text.is_empty())
    }

    /// The places it needs, counted from the beginning of the record.
    pub(crate) fn places(&self) -> Vec<usize> {
        match self {
            Self::Cell(place) | Self::Part(place, ..) => vec![*place],
            Self::FirstFilled(places) | Self::Join(places, _) => places.clone(),
            Self::Last(_) | Self::Constant(_) => Vec::new(),
            Self::Person(ways) => ways.iter().map(|(_, place)| *place).collect(),
            Self::Moment(one, other) | Self::When(one, other, _) => vec![*one, *other],
        }
    }

    /// The highest place it needs, from 1; 0 where it needs none.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Last(place) => place + 1,
            other => other.places().into_iter().max().map_or(0, |place| place + 1),
        }
    }

    /// Whether its text is a moment that was put together, in ISO form.
    pub(crate) fn is_moment(&self) -> bool {
        matches!(self, Self::Moment(..))
    }

    /// The text in a record of `count` cells.
    pub(crate) fn text<'r>(&self, count: usize, cell: impl Fn(usize) -> &'r str, times: &Times) -> String {
        match self {
            Self::Cell(place) => cell(*place).to_owned(),
            Self::Last(place) => count.checked_sub(place + 1).map_or("", cell).to_owned(),
            // An error of a workbook is no value.
            Self::FirstFilled(places) => {
                let filled = places.iter().map(|place| cell(*place));
                filled.into_iter().find(|text| !text.is_empty() && !is_error(text)).unwrap_or("").to_owned()
            }
            Self::Join(places, with) => {
                let parts: Vec<&str> =
                    places.iter().map(|place| cell(*place)).filter(|part| !part.is_empty()).collect();
                parts.join(with)
            }
            Self::Constant(text) => text.clone(),
            Self::Person(ways) => {
                let filled = ways.iter().map(|(_, place)| cell(*place)).find(|text| !text.is_empty());
                filled.unwrap_or("").to_owned()
            }
            Self::Moment(day, clock) => moment(cell(*day), cell(*clock), times),
            Self::Part(place, number, between) => {
                cell(*place).split(between.as_str()).nth(number - 1).unwrap_or("").trim().to_owned()
            }
            Self::When(place, when, is) => {
                let word = cell(*when).to_lowercase();
                if is.contains(&word) { cell(*place).to_owned() } else { String::new() }
            }
        }
    }
}

/// Whether a text is an error of Excel, which is no value of any column.
pub(crate) fn is_error(text: &str) -> bool {
    const ERRORS: [&str; 9] =
        ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#DATA!", "#GETTING_DATA"];
    text.starts_with('#') && ERRORS.contains(&text)
}

/// A day and a time of day as one ISO text; what cannot be read stays as it stands, for the list of rejected rows.
fn moment(day: &str, time: &str, times: &Times) -> String {
    if time.is_empty() {
        return String::new();
    }
    let whole = times.as_written(time);
    // `26-10-14 星期三`: the weekday says nothing new.
    let date = day.split_whitespace().next().and_then(|day| times.date(day));
    let parts = || {
        let (days, clock) = later_clock(time)?;
        Some(date?.checked_add_days(days)?.and_time(clock))
    };
    whole.or_else(parts).map_or_else(|| format!("{day} {time}").trim().to_owned(), |moment| moment.to_string())
}

/// A time of day, and how many days later it is: after midnight a punch stays in the row of its workday.
fn later_clock(text: &str) -> Option<(Days, NaiveTime)> {
    let next = ["次日", "翌日", "第二天"].iter().find_map(|word| text.strip_prefix(word));
    let days = Days::new(u64::from(next.is_some()));
    Some((days, clock(next.unwrap_or(text).trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::mapping::Mapping;

    fn read(access: &Access, cells: &[&str]) -> String {
        let mapping = Mapping { date_formats: vec!["%y-%m-%d".to_owned()], ..Mapping::default() };
        let times = Times::new(&mapping, chrono_tz::Asia::Shanghai);
        access.text(cells.len(), |place| cells.get(place).copied().unwrap_or(""), &times)
    }

    #[test]
    fn a_day_and_a_clock_are_a_moment() {
        let access = Access::Moment(0, 1);
        for (day, clock, moment) in [
            ("26-10-14 星期三", "8:31", "2026-10-14 08:31:00"),
            ("2026/10/31 星期六", "次日05:10", "2026-11-01 05:10:00"),
            ("2026-10-14 00:00:00", "08:31:07", "2026-10-14 08:31:07"),
            ("2026-10-14", "2026-10-15 00:20", "2026-10-15 00:20:00"),
            ("2026-10-14", "", ""),
            ("2026-10-14", "8:3", "2026-10-14 8:3"),
            ("昨天", "08:31", "昨天 08:31"),
        ] {
            assert_eq!(read(&access, &[day, clock]), moment, "{day} {clock}");
        }
    }

    #[test]
    fn parts_conditions_and_the_end_of_a_row() {
        let range = ["2026-04-01 上午 ~ 2026-04-02 下午"];
        assert_eq!(read(&Access::Part(0, 1, "~".into()), &range), "2026-04-01 上午");
        assert_eq!(read(&Access::Part(0, 2, "~".into()), &range), "2026-04-02 下午");
        assert_eq!(read(&Access::Part(0, 3, "~".into()), &range), "");
        let when = Access::When(0, 1, vec!["done".into()]);
        assert_eq!((read(&when, &["5/3", "Done"]), read(&when, &["5/3", "Open"])), ("5/3".into(), String::new()));
        assert_eq!(
            (read(&Access::Last(0), &["a", "b"]), read(&Access::Last(2), &["a", "b"])),
            ("b".into(), String::new())
        );
        assert_eq!(read(&Access::FirstFilled(vec![0, 1, 2]), &["", "#N/A", "x"]), "x");
    }
}
