//! One sheet in the making: rows below each other, widths, page set-up; a new part where Excel's rows end.

mod form;

use super::{
    Book,
    style::{Cell, Column, Look, Style, clean, decimal, drawn, width},
};
use crate::{base::money::Fen, report::words::word};
use anyhow::Result;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{
    Chart, ConditionalFormatFormula, ExcelDateTime, Formula, Worksheet, utility::column_number_to_name,
};
use std::collections::{BTreeMap, BTreeSet};

/// Excel's rows.
pub(super) const ROWS: u32 = 1_048_576;
const A4: u8 = 9;
/// Heads wider than this break into two lines.
const LONG_HEAD: u16 = 12;
/// With more columns than this every character of width counts on A4: heads break into three lines.
const CROWDED: usize = 15;
/// The height of a row in pixels, where no text breaks.
pub(super) const ROW_PIXELS: u32 = 22;
/// The width of a column that nothing is written to, in characters.
const PLAIN: u16 = 8;
/// No sentence makes the printed page wider than this.
const WIDEST: u16 = 190;

/// A sheet that is being written, in as many parts as its rows need.
pub(super) struct Sheet<'b> {
    book: &'b mut Book,
    name: &'static str,
    /// The head that every part repeats; none on a sheet of several tables.
    head: &'static [Column],
    parts: Vec<Part>,
    widths: Vec<u16>,
    /// Where sentences and pictures begin, and how wide they are: the printed page holds them whole.
    reaches: Vec<(u16, u16)>,
}

#[derive(Default)]
struct Part {
    index: usize,
    name: String,
    /// The next row, from 0.
    row: u32,
    /// The rows of the table, head included, once something else stands below.
    table_end: Option<u32>,
    /// The rows of heads; how high they are is known with the widths.
    heads: Vec<(u32, Vec<&'static str>)>,
    /// Points of rows that are higher than others, on a sheet of several tables.
    heights: BTreeMap<u32, u16>,
    /// The rows with which a section begins.
    sections: BTreeSet<u32>,
    /// The rows with which a printed page has to begin.
    pages: BTreeSet<u32>,
    /// The rows with which a section begins that is not torn, however long it is.
    kept: BTreeSet<u32>,
    /// The rows beside which a picture begins.
    pictures: BTreeSet<u32>,
}

impl<'b> Sheet<'b> {
    /// A sheet with one table, whose head every part repeats; `name` is the key of a word.
    pub(super) fn table(book: &'b mut Book, name: &'static str, head: &'static [Column]) -> Result<Self> {
        let mut sheet = Self { book, name, head, parts: Vec::new(), widths: Vec::new(), reaches: Vec::new() };
        sheet.open_part()?;
        Ok(sheet)
    }

    /// A sheet of several small tables.
    pub(super) fn free(book: &'b mut Book, name: &'static str) -> Result<Self> {
        Self::table(book, name, &[])
    }

    fn open_part(&mut self) -> Result<()> {
        let base = word(self.book.language, self.name);
        let name = if self.parts.is_empty() { base.to_owned() } else { format!("{base} {}", self.parts.len() + 1) };
        self.book.workbook.add_worksheet().set_name(&name)?;
        self.parts.push(Part { index: self.book.sheets, name, ..Part::default() });
        self.book.sheets += 1;
        if !self.head.is_empty() {
            self.head(self.head)?;
        }
        Ok(())
    }

    /// The part to write to, with a row left.
    fn part(&mut self) -> Result<&mut Part> {
        if self.parts.last().is_none_or(|part| part.row >= self.book.rows) {
            self.open_part()?;
        }
        self.parts.last_mut().ok_or_else(|| anyhow::anyhow!("a sheet without a part"))
    }

    /// A row of column heads; a long one breaks into lines.
    pub(super) fn head(&mut self, columns: &[Column]) -> Result<()> {
        let part = self.part()?;
        part.heads.push((part.row, columns.iter().map(|column| column.word).collect()));
        for (at, column) in (0..).zip(columns) {
            let text = word(self.book.language, column.word);
            let own = width(text);
            let needed = match own {
                7.. if columns.len() > CROWDED => (own.div_ceil(3) + 2).max(longest_word(text) + 2),
                ..=LONG_HEAD => own + 2,
                _ => own.div_ceil(2) + 2,
            };
            self.widen(at, needed.max(column.least));
            self.put(at, Look::Header, text.into(), 0)?;
        }
        self.next()
    }

    /// A row of cells under `columns`, as high as its longest text needs.
    pub(super) fn row<'c>(&mut self, columns: &[Column], cells: impl IntoIterator<Item = Cell<'c>>) -> Result<()> {
        self.part()?;
        let mut lines = 1;
        for ((at, column), cell) in (0..).zip(columns).zip(cells) {
            if let (Look::Wrapped, Cell::Text(text)) = (column.look, &cell) {
                // The distance to the border and the indent take two.
                lines = lines.max(lines_of(text, column.most.saturating_sub(2)));
            }
            self.put(at, column.look, cell, column.most)?;
        }
        if lines > 1 {
            // Excel shows at most 409 points; some viewers do not fit wrapped rows by themselves.
            self.height((lines * 15 + 3).min(409))?;
        }
        self.next()
    }

    /// The total row; on a sheet with one table its numbers are sums of their columns, with the engine's values as results.
    pub(super) fn total<'c>(&mut self, cells: impl IntoIterator<Item = Cell<'c>>) -> Result<()> {
        self.part()?;
        self.end_table();
        self.summed(cells, Self::ranges)
    }

    /// The total row of a later table of the sheet, whose first row is `from`.
    pub(super) fn total_since<'c>(&mut self, from: u32, cells: impl IntoIterator<Item = Cell<'c>>) -> Result<()> {
        let row = self.part()?.row;
        self.summed(cells, |_, at| {
            let column = column_number_to_name(at);
            (from < row).then(|| format!("{column}{}:{column}{row}", from + 1))
        })
    }

    fn summed<'c>(
        &mut self,
        cells: impl IntoIterator<Item = Cell<'c>>,
        ranges: impl Fn(&Self, u16) -> Option<String>,
    ) -> Result<()> {
        for (at, cell) in (0..).zip(cells) {
            let (look, result) = match &cell {
                // Both are hundredths, and may be below zero.
                Cell::Money(Fen(number)) | Cell::Hours(number) => (Look::TotalMoney, Some(Fen(*number).to_string())),
                Cell::Count(count) => (Look::TotalCount, Some(count.to_string())),
                _ => (Look::Total, None),
            };
            match (result, ranges(self, at)) {
                (Some(result), Some(ranges)) => {
                    self.widen(at, width(&result) + 5);
                    let formula = Formula::new(format!("=SUM({ranges})")).set_result(result);
                    let (sheet, row, style) = self.here()?;
                    sheet.write_formula_with_format(row, at, formula, style.of(look))?;
                }
                _ => self.put(at, look, cell, 60)?,
            }
        }
        self.next()
    }

    /// The cells of a column in all parts, for a formula; none where the table has no rows.
    fn ranges(&self, at: u16) -> Option<String> {
        if self.head.is_empty() {
            return None;
        }
        let column = column_number_to_name(at);
        let has_rows = |part: &&Part| part.table_end.unwrap_or(part.row) > 1;
        let range = |part: &Part| {
            let cells = format!("{column}2:{column}{}", part.table_end.unwrap_or(part.row));
            if self.parts.len() == 1 { cells } else { format!("'{}'!{cells}", part.name) }
        };
        let ranges: Vec<String> = self.parts.iter().filter(has_rows).map(range).collect();
        (!ranges.is_empty()).then(|| ranges.join(","))
    }

    /// A sentence in the first column that runs over the empty cells to its right.
    pub(super) fn line(&mut self, look: Look, text: &str) -> Result<()> {
        self.part()?;
        self.end_table();
        self.put(0, look, text.into(), 0)?;
        if look == Look::Section {
            let part = self.part()?;
            part.sections.insert(part.row);
        }
        // Beside the points of the sheet's own font, in tenths, and how high the row is.
        let (tenths, points) = match look {
            Look::Title => (17, 30),
            Look::Section => (13, 26),
            _ => (11, 20),
        };
        self.reaches.push((0, width(text).saturating_mul(tenths) / 10));
        self.height(points)?;
        self.next()
    }

    /// An empty row.
    pub(super) fn gap(&mut self) -> Result<()> {
        self.part()?;
        self.end_table();
        self.next()
    }

    /// The row that is written next.
    pub(super) fn at(&mut self) -> Result<u32> {
        Ok(self.part()?.row)
    }

    /// The next row begins a printed page.
    pub(super) fn page(&mut self) -> Result<()> {
        let part = self.part()?;
        part.pages.insert(part.row);
        Ok(())
    }

    /// The section that begins with the next row stays on one printed page where that holds it.
    pub(super) fn keep(&mut self) -> Result<()> {
        let part = self.part()?;
        part.kept.insert(part.row);
        Ok(())
    }

    /// The name of the sheet, for ranges of cells.
    pub(super) fn name(&mut self) -> Result<String> {
        Ok(self.part()?.name.clone())
    }

    /// A picture whose upper left corner lies in a cell.
    pub(super) fn picture(&mut self, chart: &Chart, row: u32, at: u16, pixels: u16) -> Result<()> {
        self.reaches.push((at, pixels.div_ceil(7) + 2));
        self.part()?.pictures.insert(row);
        let (sheet, ..) = self.here()?;
        sheet.insert_chart_with_offset(row, at, chart, 8, 2)?;
        Ok(())
    }

    fn end_table(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.table_end.get_or_insert(part.row);
        }
    }

    fn next(&mut self) -> Result<()> {
        self.part()?.row += 1;
        Ok(())
    }

    fn height(&mut self, points: u16) -> Result<()> {
        let is_free = self.head.is_empty();
        let part = self.part()?;
        if is_free {
            part.heights.insert(part.row, points);
        }
        let (sheet, row, _) = self.here()?;
        sheet.set_row_height(row, points)?;
        Ok(())
    }

    fn here(&mut self) -> Result<(&mut Worksheet, u32, &Style)> {
        let part = self.parts.last().ok_or_else(|| anyhow::anyhow!("a sheet without a part"))?;
        let sheet = self.book.workbook.worksheet_from_index(part.index)?;
        Ok((sheet, part.row, &self.book.style))
    }

    fn widen(&mut self, at: u16, width: u16) {
        let at = usize::from(at);
        if self.widths.len() <= at {
            self.widths.resize(at + 1, 0);
        }
        self.widths[at] = self.widths[at].max(width);
    }

    /// Writes a cell; text widens its column to at most `most`, 0 for not at all.
    fn put(&mut self, at: u16, look: Look, cell: Cell<'_>, most: u16) -> Result<()> {
        let needed = match &cell {
            Cell::Text(text) if most > 0 => (width(text) + 2).min(most),
            Cell::Date(_) => 12,
            Cell::Time(_) => 20,
            Cell::Money(amount) => digits(amount.0.unsigned_abs()) + 3,
            Cell::Hours(hundredths) => digits(hundredths.unsigned_abs()) + 3,
            Cell::Count(count) => digits(*count) + 3,
            _ => 0,
        };
        self.widen(at, needed);
        if let (Look::Line, Cell::Text(text)) = (look, &cell) {
            self.reaches.push((at, width(text)));
        }
        let look = if let (Look::Center, Cell::Count(_)) = (look, &cell) { Look::Ordinal } else { look };
        let (sheet, row, style) = self.here()?;
        let format = style.of(look);
        match cell {
            Cell::Blank => sheet.write_blank(row, at, format)?,
            Cell::Text(text) => sheet.write_string_with_format(row, at, clean(text), format)?,
            Cell::Date(date) => sheet.write_datetime_with_format(row, at, excel_date(date)?, format)?,
            Cell::Time(time) => sheet.write_datetime_with_format(row, at, excel_time(time)?, format)?,
            Cell::Money(amount) => sheet.write_number_with_format(row, at, decimal(amount.0), format)?,
            Cell::Hours(hundredths) => sheet.write_number_with_format(row, at, decimal(hundredths), format)?,
            Cell::Count(count) => {
                sheet.write_number_with_format(row, at, u32::try_from(count).unwrap_or(u32::MAX), format)?
            }
        };
        Ok(())
    }

    /// Draws rows whose cell in column `at` is not `text` in grey.
    pub(super) fn faint_unless(&mut self, at: u16, text: &str) -> Result<()> {
        let last = u16::try_from(self.head.len()).unwrap_or(1).saturating_sub(1);
        for part in &self.parts {
            let end = part.table_end.unwrap_or(part.row);
            if end > 1 {
                let rule = format!("=${}2<>\"{text}\"", column_number_to_name(at));
                let faint = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(Style::faint());
                let sheet = self.book.workbook.worksheet_from_index(part.index)?;
                sheet.add_conditional_format(1, 0, end - 1, last, &faint)?;
            }
        }
        Ok(())
    }

    /// Sets up columns and page of every part.
    pub(super) fn close(self) -> Result<()> {
        self.finish(false)
    }

    /// As [`Sheet::close`], with sections kept whole on their printed pages.
    pub(super) fn close_in_pages(self) -> Result<()> {
        self.finish(true)
    }

    fn finish(mut self, in_pages: bool) -> Result<()> {
        let columns = self.columns();
        let scale = self.scale(columns);
        let is_crowded = self.head.len() > CROWDED;
        let side = if is_crowded { 0.25 } else { 0.4 };
        for part in &mut self.parts {
            let sheet = self.book.workbook.worksheet_from_index(part.index)?;
            for (at, width) in (0..).zip(&self.widths).filter(|(_, width)| **width > 0) {
                sheet.set_column_width(at, *width)?;
            }
            for (row, words) in &part.heads {
                let text = |(at, key): (usize, &&str)| lines_of(word(self.book.language, key), self.widths[at] - 1);
                let points = 10 + 12 * words.iter().enumerate().map(text).max().unwrap_or(1);
                sheet.set_row_height(*row, points)?;
                part.heights.insert(*row, points);
            }
            sheet.set_landscape().set_paper_size(A4).set_header_footer_scale_with_doc(false);
            if in_pages {
                // Excel begins pages where it is told to only if it does not fit them by itself.
                sheet.set_print_scale(scale).set_page_breaks(&part.page_breaks(scale))?;
            } else {
                sheet.set_print_fit_to_pages(1, 0);
            }
            sheet.set_print_area(0, 0, part.row.saturating_sub(1), columns.saturating_sub(1))?;
            sheet.set_margins(side, side, 0.75, 0.65, 0.3, 0.3).set_footer(&self.book.footer);
            if self.head.is_empty() {
                sheet.set_margins(side, side, 0.4, 0.65, 0.3, 0.3).set_screen_gridlines(false);
                continue;
            }
            let last = u16::try_from(self.head.len()).unwrap_or(1).saturating_sub(1);
            let end = part.table_end.unwrap_or(part.row).saturating_sub(1);
            sheet.set_header(&self.book.header).set_repeat_rows(0, 0)?;
            sheet.set_freeze_panes(1, 0)?.autofilter(0, 0, end, last)?;
        }
        Ok(())
    }

    /// How many columns the printed page has: those of the tables, and those that sentences and pictures run over.
    fn columns(&self) -> u16 {
        let width = |at: u16| self.widths.get(usize::from(at)).copied().filter(|width| *width > 0).unwrap_or(PLAIN);
        let end = |(from, wide): &(u16, u16)| {
            let (mut at, mut left, mut room) = (*from, *wide, WIDEST);
            room = room.saturating_sub((0..*from).map(width).sum());
            while left > 0 && room > 0 {
                left = left.saturating_sub(width(at));
                room = room.saturating_sub(width(at));
                at += 1;
            }
            at
        };
        let tables = u16::try_from(self.widths.len()).unwrap_or(1);
        self.reaches.iter().map(end).max().unwrap_or(0).max(tables)
    }

    /// The percentage at which so many columns fit A4 across, also where a font that runs wider stands in for ours.
    fn scale(&self, columns: u16) -> u16 {
        const ACROSS_PIXELS: u32 = 1045;
        let width = |at: u16| self.widths.get(usize::from(at)).copied().filter(|width| *width > 0).unwrap_or(PLAIN);
        let pixels: u32 = (0..columns).map(|at| u32::from(width(at)) * 7 + 5).sum();
        u16::try_from((ACROSS_PIXELS * 80 / pixels.max(1)).clamp(10, 100)).unwrap_or(100)
    }
}

impl Part {
    /// The rows with which printed pages begin, so that no short section and none with a picture is torn, and a long
    /// one does not begin at the foot of a page.
    fn page_breaks(&self, scale: u16) -> Vec<u32> {
        const LEAST: u32 = 8;
        // Quarters of a point, with a little left for rows that a viewer draws higher.
        let page = (595 - 76) * 4 * 97 / u32::from(scale);
        let height = |row: u32| self.heights.get(&row).map_or(ROW_PIXELS * 3, |points| u32::from(*points) * 4);
        let (mut breaks, mut used) = (Vec::new(), 0);
        for row in 0..self.row {
            let own = height(row);
            let mut whole = own;
            if self.sections.contains(&row) {
                let end = self.sections.range(row + 1..).next().copied().unwrap_or(self.row);
                // The empty row before the next section may stand on either page.
                whole = (row..end.saturating_sub(1)).map(height).sum();
                let has_picture = self.pictures.range(row..end).next().is_some();
                let is_kept = has_picture || (self.kept.contains(&row) && whole <= page);
                if !is_kept && whole > page / 3 {
                    whole = (row..end.min(row + LEAST)).map(height).sum();
                }
            }
            if used > 0 && (self.pages.contains(&row) || used + whole > page) {
                // Within a section the viewer begins the page.
                if self.pages.contains(&row) || self.sections.contains(&row) {
                    breaks.push(row);
                }
                used = 0;
            }
            used += own;
        }
        breaks
    }
}

/// The longest run of a text that does not break, in characters.
fn longest_word(text: &str) -> u16 {
    text.split(|c: char| c == ' ' || drawn(c) > 1).map(width).max().unwrap_or(0)
}

/// How many lines a text takes where `room` characters fit beside each other: it breaks at spaces, behind hyphens and
/// beside wide characters, and within a word that is longer than a line.
fn lines_of(text: &str, room: u16) -> u16 {
    let (mut lines, mut used, mut run) = (1, 0, 0);
    // No character is wider than its bytes are many.
    if text.len() <= usize::from(room) {
        return lines;
    }
    for c in text.chars() {
        let own = drawn(c);
        if own > 1 {
            run = 0;
        }
        if used + own > room && c != ' ' {
            lines += 1;
            used = if run < used { run } else { 0 };
            run = used;
        }
        used += own;
        run = if own > 1 || matches!(c, ' ' | '-') { 0 } else { run + own };
    }
    lines
}

/// The width of a whole number with its thousands separators.
fn digits(number: u64) -> u16 {
    let digits = number.checked_ilog10().map_or(1, |log| log + 1);
    u16::try_from(digits + digits / 3).unwrap_or(0)
}

fn excel_date(date: NaiveDate) -> Result<ExcelDateTime> {
    let small = |number: u32| u8::try_from(number).unwrap_or(1);
    Ok(ExcelDateTime::from_ymd(u16::try_from(date.year())?, small(date.month()), small(date.day()))?)
}

fn excel_time(time: NaiveDateTime) -> Result<ExcelDateTime> {
    let (hour, minute) = (u16::try_from(time.hour())?, u8::try_from(time.minute())?);
    Ok(excel_date(time.date())?.and_hms(hour, minute, time.second())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_excel_breaks_them() {
        let lines = |room| move |text: &str| lines_of(text, room);
        assert_eq!(["", "八.10", "七个字都在一行", "八个字就分两行了"].map(lines(14)), [1, 1, 1, 2]);
        assert_eq!(["late-arrival:01", "due 08:30, late", "x".repeat(25).as_str()].map(lines(12)), [2, 2, 3]);
        assert_eq!(longest_word("次数(本月 of month)"), 6);
    }
}
