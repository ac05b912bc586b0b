//! Numbers, dates and times of Excel as text. They are stored as floats; here they are decimal digits and whole seconds.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

const DAY: i128 = 86_400;
/// More digits behind the point than Excel has are left out.
const PLACES: usize = 18;

/// How a workbook counts its days, and how a cell shows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Day 0 is 1904-01-01, as Excel on old Macs had it.
    pub(crate) is_1904: bool,
    /// The cell shows a clock time, so that midnight is 00:00:00 and not a bare date.
    pub(crate) has_clock: bool,
    /// The cell shows hours that go on above 24.
    pub(crate) is_duration: bool,
}

/// A number written as `1.23000000000000e2`, as Excel shows it: no `.0`, no exponent, at most 15 digits that count.
pub(crate) fn number(scientific: &str) -> String {
    let plain = || {
        let (sign, rest) = scientific.strip_prefix('-').map_or(("", scientific), |rest| ("-", rest));
        let (mantissa, exponent) = rest.split_once('e')?;
        let exponent: i32 = exponent.parse().ok()?;
        let digits = mantissa.replace('.', "");
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() {
            return Some("0".to_owned());
        }
        // What is further from 1 than this is no value of an export: its row is rejected as it stands.
        let before = usize::try_from(exponent.checked_add(1).filter(|_| (-20..40).contains(&exponent))?);
        Some(match before {
            Ok(before) if before >= digits.len() => format!("{sign}{digits:0<before$}"),
            Ok(before) if before > 0 => format!("{sign}{}.{}", &digits[..before], &digits[before..]),
            _ => format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-1 - exponent).unwrap_or(0))),
        })
    };
    plain().unwrap_or_else(|| scientific.to_owned())
}

/// A serial number of days as ISO text: a date, a date with time, or below 1 a time. `None` where it is none of them.
pub(crate) fn moment(serial: &str, look: Look) -> Option<String> {
    let (whole, seconds) = seconds_of(serial)?;
    if whole == 0 || look.is_duration {
        let seconds = if look.is_duration { seconds } else { seconds.min(DAY - 1) };
        return Some(format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
    let (date, clock) = (date(seconds / DAY, look.is_1904)?, clock(seconds % DAY)?);
    if clock == NaiveTime::MIN && !look.has_clock {
        return Some(date.to_string());
    }
    Some(date.and_time(clock).to_string())
}

/// The moment of a serial number that a cell without its date format shows: five digits, a day of this century.
pub(crate) fn bare_moment(text: &str, is_1904: bool) -> Option<NaiveDateTime> {
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    let (_, seconds) = seconds_of(text).filter(|_| whole.len() == 5)?;
    let moment = date(seconds / DAY, is_1904)?.and_time(clock(seconds % DAY)?);
    (2000..2100).contains(&chrono::Datelike::year(&moment)).then_some(moment)
}

/// The whole days of a serial number, and all of it in seconds, rounded.
fn seconds_of(serial: &str) -> Option<(i128, i128)> {
    let (whole, part) = serial.split_once('.').unwrap_or((serial, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 7 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let part = &part[..part.len().min(PLACES)];
    let unit = 10_i128.pow(u32::try_from(part.len()).ok()?);
    let days: i128 = whole.parse().ok()?;
    let rest: i128 = if part.is_empty() { 0 } else { part.parse().ok()? };
    Some((days, days * DAY + (rest * DAY + unit / 2) / unit))
}

fn date(days: i128, is_1904: bool) -> Option<NaiveDate> {
    let (year, month, day) = match days {
        _ if is_1904 => (1904, 1, 1),
        // Excel has a day 60, 1900-02-29, which never was: days before it are one later than they seem.
        0..60 => (1899, 12, 31),
        60 => return None,
        _ => (1899, 12, 30),
    };
    let date = NaiveDate::from_ymd_opt(year, month, day)?.checked_add_days(Days::new(u64::try_from(days).ok()?))?;
    (chrono::Datelike::year(&date) < 10_000).then_some(date)
}

fn clock(seconds: i128) -> Option<NaiveTime> {
    NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(seconds).ok()?, 0)
}

/// Whether a number format shows hours or seconds: they stand outside of quotes and brackets, before the first `;`.
pub(crate) fn shows_clock(format: &str) -> bool {
    let (mut is_quoted, mut is_bracket, mut is_escaped) = (false, false, false);
    for c in format.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '\\' | '_' | '*' => is_escaped = true,
            '[' => is_bracket = true,
            ']' => is_bracket = false,
            _ if is_bracket => {}
            ';' => return false,
            'h' | 'H' | 's' | 'S' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look { is_1904: false, has_clock: false, is_duration: false };

    #[test]
    fn numbers_as_excel_shows_them() {
        for (scientific, shown) in [
            ("3.00000000000000e-1", "0.3"),
            ("4.00000000000000e1", "40"),
            ("1.20000000000000e3", "1200"),
            ("-1.25000000000000e1", "-12.5"),
            ("0.00000000000000e0", "0"),
            ("-0.00000000000000e0", "0"),
            ("1.02000000000000e2", "102"),
            ("1.00000000000000e-7", "0.0000001"),
            ("1.23456789012346e17", "123456789012346000"),
            ("1.00000000000000e300", "1.00000000000000e300"),
            ("NaN", "NaN"),
        ] {
            assert_eq!(number(scientific), shown, "{scientific}");
        }
    }

    #[test]
    fn days_and_times_rounded_to_the_second() {
        let shown = |serial: &str, look: Look| moment(serial, look).unwrap_or_default();
        for (serial, text) in [
            ("46329", "2026-11-03"),
            ("46329.586886574077", "2026-11-03 14:05:07"),
            ("46329.99999999", "2026-11-04"),
            ("0.5868055555555556", "14:05:00"),
            ("0", "00:00:00"),
            ("0.99999999", "23:59:59"),
            ("1", "1900-01-01"),
            ("59", "1900-02-28"),
            ("61", "1900-03-01"),
            ("2958465", "9999-12-31"),
        ] {
            assert_eq!(shown(serial, PLAIN), text, "{serial}");
        }
        assert_eq!(shown("46329", Look { has_clock: true, ..PLAIN }), "2026-11-03 00:00:00");
        assert_eq!(shown("44867.25", Look { is_1904: true, ..PLAIN }), "2026-11-03 06:00:00");
        assert_eq!(shown("1.104166666667", Look { is_duration: true, ..PLAIN }), "26:30:00");
        for none in ["60", "-1", "2958466", "99999999", "1e5", ""] {
            assert_eq!(moment(none, PLAIN), None, "{none}");
        }
    }

    #[test]
    fn a_number_is_a_day_only_where_it_can_be_one() {
        assert_eq!(bare_moment("46329.5", false).unwrap().to_string(), "2026-11-03 12:00:00");
        assert_eq!(bare_moment("44867", true).unwrap().to_string(), "2026-11-03 00:00:00");
        for none in ["20261103", "40", "4632", "99999", "46329x", "-46329"] {
            assert_eq!(bare_moment(none, false), None, "{none}");
        }
    }

    #[test]
    fn formats_with_and_without_a_clock() {
        for (format, is_clock) in [
            ("yyyy-mm-dd", false),
            ("yyyy-mm-dd hh:mm", true),
            ("yyyy\"年\"m\"月\"d\"日\"", false),
            ("[$-804]yyyy/m/d", false),
            ("yyyy\\-mm\\-dd\\ h:mm:ss;@", true),
            ("dd\" hours\"", false),
        ] {
            assert_eq!(shows_clock(format), is_clock, "{format}");
        }
    }
}
