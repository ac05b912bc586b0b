//! Which meeting a report without an id is of: its start and title are compared with the register `meetings`.
//!
//! A report says when the meeting began, or its first check-in does; among the registered meetings that begin within
//! `within_minutes` of it the title decides. A report that fits none or two is an error: whoever was there would be
//! taken for absent. One of a day outside the payroll month is none of this month's.

use super::{
    cell::{Times, clean},
    header::Layout,
    records::builder,
};
use crate::{
    base::{moment, month::Period},
    schema::mapping::{From, Mapping},
};
use chrono::{Duration, NaiveDateTime};
use polars::prelude::*;

/// A report and a register seldom agree to the minute: people open the room early.
const WITHIN_MINUTES: i64 = 30;

/// A registered meeting.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    pub(crate) id: String,
    title: String,
    pub(crate) start: NaiveDateTime,
}

/// Which meeting a report is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Known(String),
    /// A day outside the payroll month.
    OutOfPeriod,
}

/// The meetings of the register.
///
/// # Errors
/// Those of the dataframe engine.
pub(crate) fn registered(meetings: &DataFrame) -> PolarsResult<Vec<Meeting>> {
    let (ids, titles) = (meetings.column("meeting_id")?.str()?, meetings.column("title")?.str()?);
    let starts = meetings.column("start")?.datetime()?;
    let rows = ids.iter().zip(titles.iter()).zip(starts.physical().iter());
    let all = rows.filter_map(|((id, title), start)| {
        Some(Meeting { id: id?.to_owned(), title: title?.to_owned(), start: moment::of_micros(start?)? })
    });
    Ok(all.collect())
}

/// A mapping whose reports name no meeting in a column gets a column for it, `?` until it is decided.
pub(super) fn placeholder(mut mapping: Mapping) -> Mapping {
    if mapping.meeting.is_some() && !mapping.columns.contains_key("meeting_id") {
        mapping.columns.insert("meeting_id".to_owned(), From::Constant("?".to_owned()));
    } else {
        mapping.meeting = None;
    }
    mapping
}

/// What a report says of its meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) title: Option<String>,
    start: Option<NaiveDateTime>,
}

/// What stands above the table of a report.
///
/// # Errors
/// Where the meeting's start is no time, or fits two formats.
pub(crate) fn said(text: &str, layout: &Layout, mapping: &Mapping, times: &Times) -> Result<Said, String> {
    let Some(labels) = &mapping.meeting else { return Ok(Said::default()) };
    let above: Vec<&str> = text.lines().take(layout.skipped_lines).collect();
    let lines: Vec<Vec<String>> = above.iter().map(|line| cells(line, layout.delimiter, mapping)).collect();
    let title = labelled(&lines, &labels.title).filter(|title| !title.is_empty() && title != "null");
    let start = labelled(&lines, &labels.start).filter(|start| !start.is_empty());
    let start = match start {
        None => None,
        Some(text) => Some(times.moment(&text).ok_or_else(|| {
            format!("its start of the meeting, `{text}`, is not a time; state its format in `time_formats`")
        })?),
    };
    Ok(Said { title, start })
}

fn cells(line: &str, delimiter: u8, mapping: &Mapping) -> Vec<String> {
    let mut reader = builder(delimiter, mapping).from_reader(line.as_bytes());
    let first = reader.records().next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(|cell| clean(cell).to_owned()).collect()
}

/// The value of a label: right of it, or in a line of several labels below it.
fn labelled(lines: &[Vec<String>], labels: &[String]) -> Option<String> {
    let bare = |text: &str| text.trim_end_matches([':', '：', ' ']).to_lowercase();
    let labels: Vec<String> = labels.iter().map(|label| bare(label)).collect();
    lines.iter().enumerate().find_map(|(row, cells)| {
        let place = cells.iter().position(|cell| labels.contains(&bare(cell)))?;
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        let (line, place) = if filled <= 2 { (row, place + 1) } else { (row + 1, place) };
        lines.get(line)?.get(place).cloned()
    })
}

/// The meeting that a report is of; `first` is its earliest check-in.
///
/// # Errors
/// Why it cannot be decided, and what to do.
pub(crate) fn decide(
    said: &Said,
    first: Option<NaiveDateTime>,
    meetings: &[Meeting],
    mapping: &Mapping,
    period: &Period,
) -> Result<Which, String> {
    let named = |title: &str| mapping.values.get("meeting_id").and_then(|words| words.get(title));
    if let Some(id) = said.title.as_deref().and_then(named) {
        return Ok(Which::Known(id.clone()));
    }
    let Some(start) = said.start.or(first) else {
        return Err(format!("it does not say when its meeting began, and has no check-in; {ADVICE}"));
    };
    let minutes = mapping.meeting.as_ref().and_then(|meeting| meeting.within_minutes).unwrap_or(WITHIN_MINUTES);
    let is_near = |meeting: &&Meeting| (meeting.start - start).abs() <= Duration::minutes(minutes);
    let near: Vec<&Meeting> = meetings.iter().filter(is_near).collect();
    let fitting = match &said.title {
        None => near.clone(),
        Some(title) => by_title(&near, title),
    };
    let titled = said.title.as_ref().map_or_else(String::new, |title| format!(" and is called `{title}`"));
    match fitting.as_slice() {
        [one] => Ok(Which::Known(one.id.clone())),
        [] if near.is_empty() && !period.contains(start.date()) => Ok(Which::OutOfPeriod),
        [] if near.is_empty() => Err(format!(
            "its meeting began at {start}{titled}; none in `meetings` begins within {minutes} minutes: {ADVICE}"
        )),
        [] => Err(format!(
            "its meeting began at {start}{titled}; {} in `meetings` begin then and are called otherwise: {ADVICE}",
            listed(&near)
        )),
        several => {
            Err(format!("its meeting began at {start}{titled}; that fits {} in `meetings`: {ADVICE}", listed(several)))
        }
    }
}

const ADVICE: &str = "mend the register, or say which meeting it is by its file's name ({meeting_id} in `files`) or by its \
                      title in [sources.checkins.values.meeting_id]";

fn listed(meetings: &[&Meeting]) -> String {
    meetings.iter().map(|meeting| format!("`{}`", meeting.id)).collect::<Vec<_>>().join(", ")
}

/// The meetings with this title; if there are none, those whose title holds it or is held by it.
fn by_title<'m>(meetings: &[&'m Meeting], title: &str) -> Vec<&'m Meeting> {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let title = plain(title);
    let all = |is: &dyn Fn(&str) -> bool| -> Vec<&'m Meeting> {
        meetings.iter().copied().filter(|meeting| is(&plain(&meeting.title))).collect()
    };
    let same = all(&|own| own == title);
    let is_within = |own: &str| !own.is_empty() && !title.is_empty() && (own.contains(&title) || title.contains(own));
    if same.is_empty() { all(&is_within) } else { same }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        format!("2026-10-14T{text}").parse().unwrap()
    }

    fn which(title: Option<&str>, start: &str, register: &[(&str, &str, &str)]) -> Result<Which, String> {
        let meetings = register.iter().map(|(id, title, start)| Meeting {
            id: (*id).to_owned(),
            title: (*title).to_owned(),
            start: at(start),
        });
        let meetings: Vec<Meeting> = meetings.collect();
        let said = Said { title: title.map(str::to_owned), start: None };
        let period = Period::containing(at(start).date(), 1);
        decide(&said, Some(at(start)), &meetings, &Mapping::default(), &period)
    }

    #[test]
    fn the_start_decides_within_its_tolerance() {
        let register = [("M1", "周例会", "09:00:00"), ("M2", "培训", "14:00:00")];
        assert_eq!(which(None, "08:31:00", &register), Ok(Which::Known("M1".to_owned())));
        assert_eq!(which(None, "09:30:00", &register), Ok(Which::Known("M1".to_owned())));
        assert!(which(None, "09:30:01", &register).is_err_and(|why| why.contains("none in `meetings`")));
    }

    #[test]
    fn of_two_at_one_time_the_title_decides_and_ties_are_an_error() {
        let register = [("M1", "周例会", "09:00:00"), ("M2", "周例会（维修部）", "09:00:00")];
        assert_eq!(which(Some("周例会"), "09:00:00", &register), Ok(Which::Known("M1".to_owned())));
        assert_eq!(which(Some("维修部"), "09:00:00", &register), Ok(Which::Known("M2".to_owned())));
        assert!(which(None, "09:00:00", &register).is_err_and(|why| why.contains("`M1`, `M2`")));
        assert!(which(Some("例会"), "09:00:00", &register).is_err_and(|why| why.contains("`M1`, `M2`")));
        assert!(which(Some("培训"), "09:00:00", &register).is_err_and(|why| why.contains("called otherwise")));
    }

    #[test]
    fn labels_beside_and_above_their_values() {
        let lines = |rows: &[&[&str]]| -> Vec<Vec<String>> {
            rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
        };
        let labels = ["会议主题".to_owned(), "Topic".to_owned()];
        let beside = lines(&[&["1. Summary"], &["会议主题：", "周例会", ""]]);
        assert_eq!(labelled(&beside, &labels).as_deref(), Some("周例会"));
        let above = lines(&[&["Meeting ID", "Topic", "Start Time"], &["123", "Weekly", "10/14/2026"]]);
        assert_eq!(labelled(&above, &labels).as_deref(), Some("Weekly"));
        assert_eq!(labelled(&lines(&[&["Topic"]]), &labels), None);
    }
}
