//! One cell: text → date, time, flag, money, word. Pure; says why it cannot.

use crate::{
    base::money::Fen,
    schema::{mapping::Mapping, tables::Kind},
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

/// Why a row is rejected whose time is written in no known way.
pub const NOT_A_TIME: &str = "not a time";

/// A typed cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Text(String),
    Date(NaiveDate),
    Time(NaiveDateTime),
    Clock(NaiveTime),
    Flag(bool),
    Number(i64),
    Person(u32),
}

/// Trims blanks of every width, and the leading `'` that guards text in exports.
pub(crate) fn clean(raw: &str) -> &str {
    let trimmed = raw.trim().trim_matches(['\u{feff}', '\u{200b}', '\0']).trim();
    trimmed.strip_prefix('\'').unwrap_or(trimmed)
}

/// Reads times as a mapping writes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    /// strftime formats, tried in order; empty: ISO and `/` dates.
    pub(crate) formats: Vec<String>,
    /// strftime formats of bare dates, tried after ISO.
    dates: Vec<String>,
    months: Vec<(String, String)>,
    /// The zone of the export, where it states one.
    zone: Option<chrono_tz::Tz>,
    /// The centre's.
    local: Option<chrono_tz::Tz>,
    is_first_line: bool,
}

impl Times {
    /// The reader of `mapping`, for a centre in `local` time.
    pub(crate) fn new(mapping: &Mapping, local: chrono_tz::Tz) -> Self {
        const ENGLISH: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let english = |number: &i64| usize::try_from(number - 1).ok().and_then(|index| ENGLISH.get(index));
        let months =
            mapping.months.iter().filter_map(|(word, month)| Some((word.clone(), (*english(month)?).to_owned())));
        // `十一月` before `一月`, `mars` before `mar`.
        let mut months: Vec<_> = months.collect();
        months.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        let zone = mapping.timezone.as_deref().and_then(|name| name.parse().ok());
        Self {
            formats: mapping.time_formats.clone(),
            dates: mapping.date_formats.clone(),
            months,
            zone,
            local: Some(local),
            is_first_line: mapping.first_line.unwrap_or(false),
        }
    }

    /// Whether times are written as the canonical tables write them.
    pub(crate) fn is_plain(&self) -> bool {
        self.formats.is_empty() && self.zone.is_none() && !self.is_first_line
    }

    /// A moment with clock time.
    pub(crate) fn moment(&self, text: &str) -> Option<NaiveDateTime> {
        if self.is_plain() && text.is_ascii() {
            return iso_moment(text.trim());
        }
        let text = self.normal(text);
        if self.formats.is_empty() {
            return self.to_local(iso_moment(&text)?);
        }
        self.formats.iter().find_map(|format| self.in_format(&text, format))
    }

    /// A moment in one given format.
    pub(crate) fn moment_in(&self, text: &str, format: &str) -> Option<NaiveDateTime> {
        self.in_format(&self.normal(text), format)
    }

    fn in_format(&self, text: &str, format: &str) -> Option<NaiveDateTime> {
        // `%#z` reads `Z` too; `%s` are seconds of UTC.
        const OFFSETS: [&str; 7] = ["%z", "%:z", "%::z", "%:::z", "%#z", "%+", "%s"];
        if !OFFSETS.iter().any(|offset| format.contains(offset)) {
            return self.to_local(formatted(text, format)?);
        }
        // A time that says how far it is from UTC needs no other word.
        let moment = if format.contains("%s") {
            NaiveDateTime::parse_from_str(text, format).ok()?.and_utc().fixed_offset()
        } else {
            chrono::DateTime::parse_from_str(text, format).ok()?
        };
        let local = self.local.map_or(moment.naive_local(), |local| moment.with_timezone(&local).naive_local());
        (1900..2200).contains(&chrono::Datelike::year(&local)).then_some(local)
    }

    /// A moment as it is written, in the export's own zone.
    pub(crate) fn as_written(&self, text: &str) -> Option<NaiveDateTime> {
        if self.zone.is_none() { self.moment(text) } else { Self { zone: None, ..self.clone() }.moment(text) }
    }

    /// The same reader for moments that were put together in ISO form.
    pub(crate) fn iso(&self) -> Self {
        Self { zone: self.zone, local: self.local, ..Self::default() }
    }

    /// A date; a moment counts as its date.
    pub(crate) fn date(&self, text: &str) -> Option<NaiveDate> {
        let bare = self.normal(text);
        let formatted = || self.dates.iter().find_map(|format| formatted_date(&bare, format));
        iso_date(&bare).or_else(formatted).or_else(|| self.moment(text).map(|moment| moment.date()))
    }

    fn normal(&self, text: &str) -> String {
        let line = if self.is_first_line { text.lines().next().unwrap_or("") } else { text };
        let mut text = line.trim().replace(['\u{202f}', '\u{a0}'], " ");
        if self.months.is_empty() && text.is_ascii() {
            return text;
        }
        let lower = text.to_lowercase();
        if let Some((word, english)) = self.months.iter().find(|(word, _)| lower.contains(word.as_str()))
            && let Some(start) = lower.find(word.as_str())
            && text.len() == lower.len()
        {
            text.replace_range(start..start + word.len(), english);
        }
        for (word, english) in
            [("上午", "AM"), ("下午", "PM"), ("a. m.", "AM"), ("p. m.", "PM"), ("a.m.", "AM"), ("p.m.", "PM")]
        {
            if text.contains(word) {
                text = text.replace(word, english);
            }
        }
        text
    }

    fn to_local(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        match self.zone.zip(self.local) {
            None => Some(time),
            Some((from, to)) => Some(from.from_local_datetime(&time).earliest()?.with_timezone(&to).naive_local()),
        }
    }
}

/// A moment in a strftime format. A four-digit year must have four digits: `26` is not the year 26.
fn formatted(text: &str, format: &str) -> Option<NaiveDateTime> {
    let moment = NaiveDateTime::parse_from_str(text, format).ok()?;
    (1900..2200).contains(&chrono::Datelike::year(&moment)).then_some(moment)
}

/// A date in a strftime format. Digits alone are eight: `2026113` could be two days.
fn formatted_date(text: &str, format: &str) -> Option<NaiveDate> {
    let is_vague = text.len() != 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = NaiveDate::parse_from_str(text, format).ok().filter(|_| !is_vague)?;
    (1900..2200).contains(&chrono::Datelike::year(&date)).then_some(date)
}

/// `2026-10-14 08:31:07`: seconds optional, `T` and `/` accepted.
pub(crate) fn iso_moment(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once([' ', 'T'])?;
    Some(iso_date(date)?.and_time(clock(time.trim())?))
}

/// `2026-10-14`, `2026/10/14`, `2026/5/3`.
pub(crate) fn iso_date(text: &str) -> Option<NaiveDate> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_padded = separator == '/' || (month.len() == 2 && day.len() == 2);
    if parts.next().is_some() || year.len() != 4 || !is_padded {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(digits(year)?).ok()?, digits(month)?, digits(day)?)
}

/// `08:31` or `08:31:07`; minutes and seconds have two digits, so that a cut cell is not another time.
pub(crate) fn clock(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let seconds = parts.next().unwrap_or("00");
    if parts.next().is_some() || minutes.len() != 2 || seconds.len() != 2 {
        return None;
    }
    NaiveTime::from_hms_opt(digits(hours)?, digits(minutes)?, digits(seconds)?)
}

/// A number of one to four digits.
fn digits(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    text.bytes().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

/// Types one cleaned, non-empty cell; persons are resolved elsewhere.
///
/// # Errors
/// The reason, for the list of rejected rows.
pub(crate) fn typed(kind: Kind, text: &str, times: &Times) -> Result<Cell, String> {
    let missing_clock = |text: &str| match times.date(text) {
        Some(_) => "a time without a clock time".to_owned(),
        None => NOT_A_TIME.to_owned(),
    };
    match kind {
        Kind::Text | Kind::Person => Ok(Cell::Text(text.to_owned())),
        Kind::Date => times.date(text).map(Cell::Date).ok_or_else(|| "not a date".to_owned()),
        Kind::Time => times.moment(text).map(Cell::Time).ok_or_else(|| missing_clock(text)),
        Kind::LooseStart | Kind::LooseEnd => {
            let midnight =
                |date: NaiveDate| if kind == Kind::LooseEnd { date.succ_opt().unwrap_or(date) } else { date };
            let bare = || times.date(text).map(|date| NaiveDateTime::from(midnight(date)));
            times
                .moment(text)
                .or_else(|| half(text, kind, times))
                .or_else(bare)
                .map(Cell::Time)
                .ok_or_else(|| NOT_A_TIME.to_owned())
        }
        Kind::Clock => clock(text).map(Cell::Clock).ok_or_else(|| "not a time of day".to_owned()),
        Kind::Flag => flag(text).map(Cell::Flag).ok_or_else(|| "not yes or no".to_owned()),
        Kind::Money => {
            Fen::parse_yuan(text).map(|fen| Cell::Number(fen.0)).ok_or_else(|| "not an amount in yuan".to_owned())
        }
        Kind::Number => text.parse().map(Cell::Number).map_err(|_| "not a whole number".to_owned()),
        Kind::Word(words) => match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => Ok(Cell::Text((*word).to_owned())),
            None => Err(format!("not one of {}", words.join(", "))),
        },
    }
}

/// `2026-04-01 上午` is 00:00 to 12:00, `下午` 12:00 to 24:00.
fn half(text: &str, kind: Kind, times: &Times) -> Option<NaiveDateTime> {
    let (day, is_morning) = match (text.strip_suffix("上午"), text.strip_suffix("下午")) {
        (Some(day), _) => (day, true),
        (_, Some(day)) => (day, false),
        _ => return None,
    };
    let date = times.date(day.trim())?;
    Some(match (kind == Kind::LooseEnd, is_morning) {
        (false, true) => date.into(),
        (true, false) => date.succ_opt()?.into(),
        _ => date.and_hms_opt(12, 0, 0)?,
    })
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "true" | "1" | "是" => Some(true),
        "n" | "no" | "false" | "0" | "否" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Option<String> {
        Times::default().moment(text).map(|time| time.to_string())
    }

    #[test]
    fn a_time_with_its_offset_is_brought_to_local_time() {
        for (format, text) in [
            ("%Y-%m-%dT%H:%M:%S%:z", "2026-10-14T13:00:00+00:00"),
            ("%Y-%m-%dT%H:%M:%S%#z", "2026-10-14T13:00:00Z"),
            ("%+", "2026-10-14T13:00:00Z"),
            ("%+", "2026-10-14T15:00:00.5+02:00"),
            ("%s", "1791982800"),
        ] {
            let mapping = Mapping { time_formats: vec![format.to_owned()], ..Mapping::default() };
            let moment = Times::new(&mapping, chrono_tz::Asia::Shanghai).moment(text).unwrap();
            assert_eq!(moment.format("%F %T").to_string(), "2026-10-14 21:00:00", "{format} {text}");
        }
    }

    #[test]
    fn times_as_the_contract_writes_them() {
        assert_eq!(moment("2026-10-14 08:31:07").as_deref(), Some("2026-10-14 08:31:07"));
        assert_eq!(moment("2026/10/4T8:31").as_deref(), Some("2026-10-04 08:31:00"));
        for bad in
            ["2047-02-30 19:13:30", "1971--10--29 -23:-59:-53", "2026-10-14", "2026-10-14 8:3", "2026-10-1 08:30"]
        {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bare_date_is_a_time_only_in_leaves() {
        let times = Times::default();
        assert!(typed(Kind::Time, "2026-10-14", &times).is_err_and(|why| why.contains("clock")));
        let start = typed(Kind::LooseStart, "2026-10-14", &times).unwrap();
        let end = typed(Kind::LooseEnd, "2026-10-14", &times).unwrap();
        assert_eq!(start, Cell::Time("2026-10-14T00:00:00".parse().unwrap()));
        assert_eq!(end, Cell::Time("2026-10-15T00:00:00".parse().unwrap()));
    }

    #[test]
    fn months_of_another_language_and_other_zones() {
        let mapping = Mapping {
            time_formats: vec!["%d/%b/%y %I:%M %p".to_owned()],
            months: [("dic".to_owned(), 12), ("jul".to_owned(), 7)].into(),
            timezone: Some("UTC".to_owned()),
            ..Mapping::default()
        };
        let times = Times::new(&mapping, chrono_tz::Asia::Shanghai);
        assert_eq!(times.moment("03/dic/25 9:10 PM").unwrap().to_string(), "2025-12-04 05:10:00");
    }

    #[test]
    fn a_leave_of_half_a_day() {
        let times = Times::default();
        let at = |kind: Kind, text: &str| match typed(kind, text, &times) {
            Ok(Cell::Time(time)) => time.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(at(Kind::LooseStart, "2026-04-01 上午"), "2026-04-01 00:00:00");
        assert_eq!(at(Kind::LooseEnd, "2026-04-01 上午"), "2026-04-01 12:00:00");
        assert_eq!(at(Kind::LooseStart, "2026-04-01 下午"), "2026-04-01 12:00:00");
        assert_eq!(at(Kind::LooseEnd, "2026-04-01下午"), "2026-04-02 00:00:00");
        assert!(typed(Kind::Time, "2026-04-01 上午", &times).is_err());
    }

    #[test]
    fn a_time_that_tells_its_offset() {
        let mapping = Mapping {
            time_formats: vec!["%b %d, %Y %H:%M:%S GMT%:z".to_owned(), "%Y.%m.%d %H:%M:%S (GMT%:z)".to_owned()],
            timezone: Some("UTC".to_owned()),
            ..Mapping::default()
        };
        let times = Times::new(&mapping, chrono_tz::Asia::Shanghai);
        let at = |text: &str| times.moment(text).map(|time| time.to_string());
        assert_eq!(at("Jan 09, 2024 15:12:26 GMT-03:00").as_deref(), Some("2024-01-10 02:12:26"));
        assert_eq!(at("2022.07.21 11:01:40 (GMT+08:00)").as_deref(), Some("2022-07-21 11:01:40"));
        assert_eq!(at("2022.07.21 11:01:40 (GMT+08:0"), None);
    }

    #[test]
    fn halves_of_the_day_and_the_longest_month_word() {
        let mapping = Mapping {
            time_formats: vec!["%d/%b/%y %p%I:%M".to_owned(), "%d/%b/%y %I:%M %p".to_owned()],
            months: [("一月".to_owned(), 1), ("十一月".to_owned(), 11)].into(),
            ..Mapping::default()
        };
        let times = Times::new(&mapping, chrono_tz::Asia::Shanghai);
        assert_eq!(times.moment("03/十一月/25 下午9:10").unwrap().to_string(), "2025-11-03 21:10:00");
        assert_eq!(times.moment("03/一月/25 9:10 a. m.").unwrap().to_string(), "2025-01-03 09:10:00");
    }

    #[test]
    fn flags_money_and_words() {
        let times = Times::default();
        assert_eq!(typed(Kind::Flag, "是", &times), Ok(Cell::Flag(true)));
        assert_eq!(typed(Kind::Money, "20.5", &times), Ok(Cell::Number(2050)));
        assert!(typed(Kind::Word(&["pass", "fail"]), "ok", &times).is_err());
        assert_eq!(clean("'00123　"), "00123");
    }
}
