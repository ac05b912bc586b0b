//! What the cells of a column look like: moments, days, times of day, people, numbers. Counts are per hundred cells.

use super::{grid::plain, staff::Staff, words::WORDS};
use crate::{
    ingest::cell::{Times, clean, clock, iso_date, iso_moment},
    schema::mapping::Mapping,
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use std::{collections::BTreeSet, sync::LazyLock};

/// A column is taken for something if so many of a hundred cells are it.
pub(super) const MOSTLY: usize = 60;

/// No time is written with more bytes.
const LONGEST: usize = 48;

/// How the times of a column are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Formats (strftime) that read its cells; empty: as the canonical tables write them.
    pub(super) formats: Vec<String>,
    /// Another format that reads as many cells, to other times.
    pub(super) rival: Option<String>,
    /// So many of a hundred filled cells are read.
    pub(super) share: usize,
}

/// A column by its content.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    pub(super) name: String,
    /// The name as it is compared.
    pub(super) plain: String,
    pub(super) filled: usize,
    pub(super) moments: Option<Written>,
    pub(super) days: Option<Written>,
    /// Weekdays stand behind the days.
    pub(super) has_weekdays: bool,
    /// Shares of the filled cells.
    pub(super) clocks: usize,
    pub(super) emails: usize,
    pub(super) known_emails: usize,
    pub(super) ids: usize,
    pub(super) padded: Option<(usize, usize)>,
    pub(super) names: usize,
    pub(super) numbers: usize,
    pub(super) distinct: usize,
    /// Texts that mean an empty cell.
    pub(super) placeholders: BTreeSet<String>,
    pub(super) cells: Vec<String>,
}

impl Column {
    /// The column of these cells.
    pub(super) fn new(name: &str, cells: impl Iterator<Item = String>, staff: Option<&Staff>) -> Self {
        let cells = cells.map(|cell| clean(&cell).to_owned()).filter(|cell| !cell.is_empty());
        let (placeholders, cells): (Vec<String>, Vec<String>) = cells.partition(|cell| WORDS.empty.contains(cell));
        let share = |is: &dyn Fn(&str) -> bool| percent(cells.iter().filter(|cell| is(cell)).count(), cells.len());
        let known = |is: fn(&Staff, &str) -> bool| staff.map_or(0, |staff| share(&|cell| is(staff, cell)));
        let different: BTreeSet<&str> = cells.iter().map(String::as_str).collect();
        let padded = staff.and_then(|staff| staff.padding(&different));
        Self {
            name: name.to_owned(),
            plain: plain(name),
            filled: cells.len(),
            moments: written(&cells, Shape::Moment),
            days: written(&cells.iter().map(|cell| without_weekday(cell).to_owned()).collect::<Vec<_>>(), Shape::Day),
            has_weekdays: cells.iter().any(|cell| without_weekday(cell) != cell),
            clocks: share(&|cell| clock(cell).is_some()),
            emails: share(&is_email),
            known_emails: known(Staff::has_email),
            ids: known(Staff::has_id),
            padded,
            names: known(Staff::has_name),
            numbers: share(&is_number),
            distinct: different.len(),
            placeholders: placeholders.into_iter().collect(),
            cells,
        }
    }

    /// Whether its cells are moments.
    pub(super) fn is_moment(&self) -> bool {
        self.moments.as_ref().is_some_and(|written| written.share >= MOSTLY)
    }

    /// Whether its moments are all midnights: days that were given a time of day.
    pub(super) fn is_midnight(&self) -> bool {
        span_of(self, |time| time.time() != NaiveTime::MIN).is_none()
    }

    /// Whether its cells are days without a time of day.
    pub(super) fn is_day(&self) -> bool {
        !self.is_moment() && self.days.as_ref().is_some_and(|written| written.share >= MOSTLY)
    }

    /// So many of a hundred cells are moments or days.
    pub(super) fn moments_or_days(&self) -> usize {
        percent(self.cells.iter().filter(|cell| is_time(cell) && clock(cell).is_none()).count(), self.filled)
    }

    /// Whether its cells are times of day.
    pub(super) fn is_clock(&self) -> bool {
        self.clocks >= MOSTLY
    }

    /// Whether its cells say more than one thing.
    pub(super) fn is_varied(&self) -> bool {
        self.distinct > 1
    }

    /// Whether nearly all its cells are of a kind that no header is.
    pub(super) fn is_typed(&self) -> bool {
        const NEARLY_ALL: usize = 95;
        let share = |written: &Option<Written>| written.as_ref().map_or(0, |written| written.share);
        let shares = [share(&self.moments), share(&self.days), self.clocks, self.numbers, self.emails];
        shares.into_iter().any(|share| share >= NEARLY_ALL)
    }
}

/// So many of a hundred, rounded down.
pub(super) fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(0)
}

/// `26-10-14 星期三` → `26-10-14`.
fn without_weekday(text: &str) -> &str {
    const WEEKDAYS: [&str; 9] = ["星期", "周", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let Some((day, rest)) = text.split_once(char::is_whitespace) else { return text };
    let rest = rest.trim().to_lowercase();
    if WEEKDAYS.iter().any(|word| rest.starts_with(word)) { day } else { text }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !text.contains(' '))
}

fn is_number(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b','))
}

/// Whether a cell is of a kind that no header is.
pub(super) fn is_value(text: &str) -> bool {
    is_number(text) || is_email(text) || is_time(text)
}

/// Whether a text is a day, a time of day or a moment.
pub(super) fn is_time(text: &str) -> bool {
    clock(text).is_some()
        || parses(text, Shape::Moment).next().is_some()
        || iso_date(without_weekday(text)).is_some()
        || parses(without_weekday(text), Shape::Day).next().is_some()
}

/// Whether a text is a moment: a day with a time of day, and nothing else.
pub(super) fn is_moment(text: &str) -> bool {
    text.len() <= LONGEST
        && text.contains([':', '时'])
        && (iso_moment(text).is_some() || parses(text, Shape::Moment).next().is_some())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Moment,
    Day,
}

/// What a text reads as in a format.
fn parsed(text: &str, format: &str, shape: Shape) -> Option<NaiveDateTime> {
    static TIMES: LazyLock<Times> = LazyLock::new(|| Times::new(&Mapping::default(), chrono_tz::UTC));
    let times = &*TIMES;
    if shape == Shape::Moment {
        return times.moment_in(text, format);
    }
    let is_vague = text.len() != 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = NaiveDate::parse_from_str(text, format).ok().filter(|_| !is_vague)?;
    // As a moment, so that the years are those of moments.
    times.moment_in(&format!("{date} 00:00"), "%Y-%m-%d %H:%M")
}

/// The formats that read a text.
fn parses(text: &str, shape: Shape) -> impl Iterator<Item = &'static String> {
    static MOMENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let with = |date: &'static String| WORDS.clocks.iter().map(move |clock| format!("{date}{clock}"));
        WORDS.dates.iter().flat_map(with).collect()
    });
    let all: &'static [String] = if shape == Shape::Moment { &MOMENTS } else { &WORDS.dates };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_likely = digits >= 3 && (digits < text.len() || digits >= 8) && (6..=LONGEST).contains(&text.len());
    all.iter().filter(move |format| is_likely && parsed(text, format, shape).is_some())
}

/// How the cells are written, if some are times at all.
fn written(cells: &[String], shape: Shape) -> Option<Written> {
    /// Cells of so many shapes are asked for formats.
    const ASKED: usize = 8;
    let as_contract = |cell: &String| match shape {
        Shape::Moment => iso_moment(cell).is_some(),
        Shape::Day => iso_date(cell).is_some(),
    };
    let plain = cells.iter().filter(|cell| as_contract(cell)).count();
    if plain > 0 && percent(plain, cells.len()) >= 90 {
        return Some(Written { share: percent(plain, cells.len()), ..Written::default() });
    }
    // Cells of one shape are written in the same formats.
    let shape_of = |cell: &str| cell.replace(|c: char| c.is_ascii_digit(), "0");
    let mut shapes = BTreeSet::new();
    let asked = cells.iter().filter(|cell| shapes.len() < ASKED && shapes.insert(shape_of(cell)));
    let mut formats: Vec<String> = Vec::new();
    for format in asked.flat_map(|cell| parses(cell, shape)) {
        if !formats.contains(format) {
            formats.push(format.clone());
        }
    }
    let read = |format: &str| cells.iter().filter(|cell| parsed(cell, format, shape).is_some()).count();
    let mut counted: Vec<(usize, String)> = formats.into_iter().map(|format| (read(&format), format)).collect();
    // A stable sort: among equals the likelier stays first.
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let (most, best) = counted.first().cloned()?;
    if plain >= most {
        return Some(Written { share: percent(plain, cells.len()), ..Written::default() });
    }
    let differs = |other: &String| cells.iter().any(|cell| parsed(cell, other, shape) != parsed(cell, &best, shape));
    let rival = counted.iter().skip(1).filter(|(count, _)| *count == most).map(|(_, other)| other);
    let rival = rival.into_iter().find(|other| differs(other)).cloned();
    // Further formats for the cells that the first does not read, if they write the day alike.
    let order = |format: &str| WORDS.dates.iter().position(|date| format.starts_with(date.as_str()));
    let mut chosen = vec![best];
    for (_, format) in &counted[1..] {
        let is_new = |cell: &&String| {
            parsed(cell, format, shape).is_some() && chosen.iter().all(|known| parsed(cell, known, shape).is_none())
        };
        if order(format) == order(&chosen[0]) && cells.iter().any(|cell| is_new(&cell)) {
            chosen.push(format.clone());
        }
    }
    let all = cells.iter().filter(|cell| chosen.iter().any(|format| parsed(cell, format, shape).is_some())).count();
    Some(Written { formats: chosen, rival, share: percent(all, cells.len()) })
}

/// The earliest and the latest moment of a column.
pub(super) fn span(column: &Column) -> Option<(NaiveDateTime, NaiveDateTime)> {
    span_of(column, |_| true)
}

fn span_of(column: &Column, is_meant: impl Fn(&NaiveDateTime) -> bool) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let written = column.moments.as_ref()?;
    let mapping = Mapping { time_formats: written.formats.clone(), ..Mapping::default() };
    let times = Times::new(&mapping, chrono_tz::UTC);
    let read = column.cells.iter().filter_map(|cell| times.moment(cell)).filter(is_meant);
    read.fold(None, |span, time| match span {
        None => Some((time, time)),
        Some((first, last)) => Some((time.min(first), time.max(last))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Column {
        Column::new("x", cells.iter().map(|cell| (*cell).to_owned()), None)
    }

    #[test]
    fn formats_are_those_that_read_all_cells() {
        let written = |cells: &[&str]| column(cells).moments.unwrap();
        assert_eq!(written(&["2026-10-14 08:31", "2026/10/4 8:31:07"]).formats, Vec::<String>::new());
        assert_eq!(written(&["13/10/2026 08:31", "01/02/2026 09:00"]).formats, ["%d/%m/%Y %H:%M"]);
        assert_eq!(written(&["10/13/2026 08:31", "01/02/2026 09:00"]).formats, ["%m/%d/%Y %H:%M"]);
        assert_eq!(written(&["2026年10月14日 08:31", "2026年9月1日 18:00"]).formats, ["%Y年%m月%d日 %H:%M"]);
        assert_eq!(
            written(&["14.10.2026 08:31", "15.10.2026 18:00:05"]).formats,
            ["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"]
        );
    }

    #[test]
    fn two_orders_that_both_fit_are_rivals() {
        let written = column(&["03/10/2026 08:31", "04/10/2026 09:00"]).moments.unwrap();
        assert_eq!(
            (written.formats.as_slice(), written.rival.as_deref()),
            (["%d/%m/%Y %H:%M".to_owned()].as_slice(), Some("%m/%d/%Y %H:%M"))
        );
        assert_eq!(column(&["05/05/2026 08:31"]).moments.unwrap().rival, None, "the same day either way");
    }

    #[test]
    fn kinds_of_columns() {
        assert!(column(&["2026-10-14", "2026/10/5"]).is_day() && column(&["08:31", "9:00:05"]).is_clock());
        assert!(!column(&["0101", "0102"]).is_day() && column(&["0101", "12.5"]).is_typed());
        assert!(!column(&["张伟", "李娜"]).is_typed());
        assert!(is_moment("2026-10-14 08:31:07") && !is_moment("2026-10-14 08:31 张伟") && !is_moment("20261014"));
        assert!(is_moment("14/Oct/26 3:05 PM") && !is_moment("Wang 14:05"));
    }
}
