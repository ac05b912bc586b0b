//! How cells look, how wide text is, what a column is, and which characters never reach a cell.

use crate::base::{
    money::Fen,
    text::{is_unsafe, visible},
};
use chrono::{NaiveDate, NaiveDateTime};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};
use std::borrow::Cow;

pub(super) const FONT: &str = "微软雅黑";
const CHINESE_CHARSET: u8 = 134;
/// Excel's limit of one cell, in UTF-16 units.
const LONGEST: usize = 32_767;
const CUT: &str = "…(截断, 见存档)";

/// The look of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Text, ids: kept as text by the `@` format.
    Text,
    /// Long text over several lines.
    Wrapped,
    /// Short text in the middle.
    Center,
    /// A date.
    Date,
    /// A date with time.
    Time,
    /// Yuan with two decimals.
    Money,
    /// A whole number.
    Count,
    /// A column's head.
    Header,
    /// A sheet's title.
    Title,
    /// The title of a part of a sheet.
    Section,
    /// A sentence beside tables; it may run over empty cells to its right.
    Line,
    /// A sentence that must be seen.
    Strong,
    /// Text of a total row.
    Total,
    /// Money of a total row.
    TotalMoney,
    /// A number of a total row.
    TotalCount,
    /// Text to be written in by the reader, on a sheet whose other cells are locked.
    InputText,
    /// Yuan to be written in.
    InputMoney,
    /// A moment to be written in.
    InputTime,
    /// Text over several lines and columns.
    Paragraph,
    /// A number that counts the rows.
    Ordinal,
}

/// One format per look, in the order of [`Look`].
pub(super) struct Style([Format; 20]);

impl Style {
    pub(super) fn new() -> Self {
        let base = Self::base();
        let cell = base.clone().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00BF_BFBF));
        let middle = cell.clone().set_align(FormatAlign::Center);
        // Text keeps its distance from the number to its left.
        let text = cell.clone().set_align(FormatAlign::Left).set_indent(1).set_num_format("@");
        let paragraph = base.clone().set_text_wrap();
        let input = cell.clone().set_unlocked().set_background_color(Color::RGB(0x00FF_F8DC));
        let total = cell.clone().set_bold().set_background_color(Color::RGB(0x00F2_F2F2));
        Self([
            text.clone(),
            text.set_text_wrap(),
            middle.clone().set_num_format("@"),
            middle.clone().set_num_format("yyyy-mm-dd"),
            middle.clone().set_num_format("yyyy-mm-dd hh:mm:ss"),
            cell.clone().set_num_format("#,##0.00"),
            cell.set_num_format("#,##0"),
            middle.clone().set_bold().set_text_wrap().set_background_color(Color::RGB(0x00D9_E2F3)),
            base.clone().set_bold().set_font_size(16),
            base.clone().set_bold().set_font_size(12).set_font_color(Color::RGB(0x001F_3864)),
            base.clone(),
            base.set_bold().set_font_color(Color::RGB(0x00C0_0000)),
            total.clone().set_align(FormatAlign::Left).set_indent(1).set_num_format("@"),
            total.clone().set_num_format("#,##0.00"),
            total.set_num_format("#,##0"),
            input.clone().set_align(FormatAlign::Left).set_text_wrap().set_num_format("@"),
            input.clone().set_num_format("#,##0.00"),
            input.set_num_format("yyyy-mm-dd hh:mm"),
            paragraph,
            middle.set_num_format("0"),
        ])
    }

    /// The workbook's own font, from which every format derives.
    pub(super) fn base() -> Format {
        let font = Format::new().set_font_name(FONT).set_font_size(10).set_font_charset(CHINESE_CHARSET);
        font.set_align(FormatAlign::VerticalCenter)
    }

    /// Rows that move no money, in a register of those that do.
    pub(super) fn faint() -> Format {
        Format::new().set_font_color(Color::RGB(0x0059_5959))
    }

    pub(super) fn of(&self, look: Look) -> &Format {
        &self.0[look as usize]
    }
}

/// A column: the key of its head, its look, and the least and the greatest width in characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) word: &'static str,
    pub(super) look: Look,
    pub(super) least: u16,
    pub(super) most: u16,
}

/// A column as wide as its longest text, at most 60.
pub(super) const fn column(word: &'static str, look: Look) -> Column {
    Column { word, look, least: 0, most: 60 }
}

/// A column of text that breaks into lines beyond `most` characters.
pub(super) const fn wrapped(word: &'static str, most: u16) -> Column {
    Column { word, look: Look::Wrapped, least: 0, most }
}

/// An empty column to write into by hand.
pub(super) const fn to_fill(word: &'static str, least: u16) -> Column {
    Column { word, look: Look::Text, least, most: 60 }
}

/// What a cell holds.
#[derive(Clone, Debug)]
pub(super) enum Cell<'a> {
    Blank,
    Text(Cow<'a, str>),
    Date(NaiveDate),
    Time(NaiveDateTime),
    Money(Fen),
    /// Hundredths of an hour.
    Hours(i64),
    Count(u64),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        if text.is_empty() { Self::Blank } else { Self::Text(Cow::Borrowed(text)) }
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Blank } else { Self::Text(Cow::Owned(text)) }
    }
}

impl From<NaiveDate> for Cell<'_> {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl From<NaiveDateTime> for Cell<'_> {
    fn from(time: NaiveDateTime) -> Self {
        Self::Time(time)
    }
}

impl From<Fen> for Cell<'_> {
    fn from(amount: Fen) -> Self {
        Self::Money(amount)
    }
}

impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Blank, Into::into)
    }
}

/// The number with two decimals that a cell stores, from yuan in fen or hours in hundredths.
#[expect(
    clippy::cast_precision_loss,
    clippy::float_arithmetic,
    reason = "Excel stores every number as f64; below 90 trillion each hundredth stays exact"
)]
pub(in crate::report) fn decimal(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// The display width in characters: 2 for what is drawn wide.
pub(in crate::report) fn width(text: &str) -> u16 {
    text.chars().fold(0, |sum: u16, c| sum.saturating_add(drawn(c)))
}

/// The display width of a character.
pub(super) const fn drawn(c: char) -> u16 {
    if c < '\u{1100}' { 1 } else { 2 }
}

/// The text with control and bidirectional characters made visible, cut where Excel would refuse it.
pub(in crate::report) fn clean(text: Cow<'_, str>) -> String {
    let mut text = if text.contains(is_unsafe) { text.chars().map(visible).collect() } else { text.into_owned() };
    if text.len() > LONGEST && text.encode_utf16().count() > LONGEST {
        let mut units = 0;
        let end = text.char_indices().find(|(_, c)| {
            units += c.len_utf16();
            units > LONGEST - CUT.len()
        });
        text.truncate(end.map_or(0, |(at, _)| at));
        text.push_str(CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_are_seen_and_long_text_is_cut() {
        assert_eq!(clean("=1+1 张\u{202E}三\u{0}\u{85}".into()), "=1+1 张\u{FFFD}三\u{FFFD}\u{FFFD}");
        assert_eq!(clean("两\r\n行".into()), "两  行");
        let cut = clean("字".repeat(40_000).into());
        assert!(cut.encode_utf16().count() <= LONGEST && cut.ends_with(CUT));
        assert_eq!(clean("a".repeat(LONGEST).into()).len(), LONGEST);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width("工号00123"), 9);
        assert_eq!(Look::Ordinal as usize, Style::new().0.len() - 1);
    }
}
