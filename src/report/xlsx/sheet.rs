//! One sheet in the making: rows below each other, widths, page set-up; a new part where Excel's rows end.

use super::{
    Book,
    style::{Cell, Column, Look, Style, clean, decimal, width},
};
use crate::{base::quantity::Quantity, report::words::word};
use anyhow::Result;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{
    ConditionalFormatFormula, DataValidation, ExcelDateTime, Formula, ProtectionOptions, Worksheet,
    utility::column_number_to_name,
};

/// Excel's rows.
pub(super) const ROWS: u32 = 1_048_576;
const A4: u8 = 9;
/// Heads wider than this break into two lines.
const LONG_HEAD: u16 = 12;

/// A sheet that is being written, in as many parts as its rows need.
pub(super) struct Sheet<'b> {
    book: &'b mut Book,
    name: &'static str,
    /// The head that every part repeats; none on a sheet of several tables.
    head: &'static [Column],
    parts: Vec<Part>,
    widths: Vec<u16>,
}

struct Part {
    index: usize,
    name: String,
    /// The next row, from 0.
    row: u32,
    /// The rows of the table, head included, once something else stands below.
    table_end: Option<u32>,
}

impl<'b> Sheet<'b> {
    /// A sheet with one table, whose head every part repeats; `name` is the key of a word.
    pub(super) fn table(book: &'b mut Book, name: &'static str, head: &'static [Column]) -> Result<Self> {
        let mut sheet = Self { book, name, head, parts: Vec::new(), widths: Vec::new() };
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
        self.parts.push(Part { index: self.book.sheets, name, row: 0, table_end: None });
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

    /// A row of column heads; a long one breaks into two lines.
    pub(super) fn head(&mut self, columns: &[Column]) -> Result<()> {
        let mut points = 22;
        for (at, column) in (0..).zip(columns) {
            let text = word(self.book.language, column.word);
            let own = width(text);
            if own > LONG_HEAD {
                points = 34;
            }
            let needed = if own > LONG_HEAD { own.div_ceil(2) + 2 } else { own + 2 };
            self.widen(at, needed.max(column.least));
            self.put(at, Look::Header, text.into(), 0)?;
        }
        self.height(points)?;
        self.next()
    }

    /// A row of cells under `columns`, as high as its longest text needs.
    pub(super) fn row<'c>(&mut self, columns: &[Column], cells: impl IntoIterator<Item = Cell<'c>>) -> Result<()> {
        self.part()?;
        let mut lines = 1;
        for ((at, column), cell) in (0..).zip(columns).zip(cells) {
            if let (Look::Wrapped, Cell::Text(text)) = (column.look, &cell) {
                lines = lines.max(lines_of(text, column.most));
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
        for (at, cell) in (0..).zip(cells) {
            let (look, result) = match &cell {
                Cell::Money(amount) => (Look::TotalMoney, Some(amount.to_string())),
                Cell::Hours(hundredths) => (Look::TotalMoney, Some(Quantity::Hours(*hundredths).to_string())),
                Cell::Count(count) => (Look::TotalCount, Some(count.to_string())),
                _ => (Look::Total, None),
            };
            match (result, self.ranges(at)) {
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

    /// Offers `words` for the cell `at` of the row written last, and nothing else.
    pub(super) fn offer(&mut self, at: u16, words: &[&str]) -> Result<()> {
        let list = DataValidation::new().allow_list_strings(words)?;
        let (sheet, row, _) = self.here()?;
        sheet.add_data_validation(row - 1, at, row - 1, at, &list)?;
        Ok(())
    }

    /// Makes the row written last at least so many points high.
    pub(super) fn tall(&mut self, points: u16) -> Result<()> {
        let (sheet, row, _) = self.here()?;
        sheet.set_row_height(row - 1, points)?;
        Ok(())
    }

    /// Closes a form of one printed page, upright.
    pub(super) fn close_page(self) -> Result<()> {
        let (index, widths) = (self.parts[0].index, self.widths);
        let sheet = self.book.workbook.worksheet_from_index(index)?;
        for (at, width) in (0..).zip(&widths).filter(|(_, width)| **width > 0) {
            sheet.set_column_width(at, *width)?;
        }
        sheet.set_portrait().set_paper_size(A4).set_print_fit_to_pages(1, 1).set_screen_gridlines(false);
        sheet.set_margins(0.8, 0.8, 0.9, 0.8, 0.3, 0.3).set_footer(&self.book.footer);
        Ok(())
    }

    /// Closes a sheet in which only the cells to be written in can be changed.
    pub(super) fn close_locked(self) -> Result<()> {
        let options = ProtectionOptions {
            format_cells: true,
            format_columns: true,
            format_rows: true,
            use_autofilter: true,
            ..ProtectionOptions::new()
        };
        for part in &self.parts {
            self.book.workbook.worksheet_from_index(part.index)?.protect_with_options(&options);
        }
        self.close()
    }

    /// A sentence in the first column that runs over the empty cells to its right.
    pub(super) fn line(&mut self, look: Look, text: &str) -> Result<()> {
        self.part()?;
        self.end_table();
        self.put(0, look, text.into(), 0)?;
        let points = match look {
            Look::Title => 30,
            Look::Section => 26,
            _ => 20,
        };
        self.height(points)?;
        self.next()
    }

    /// A text over the whole width of the tables above it, in as many lines as it needs. Not for sheets that are
    /// imported: its cells are merged.
    pub(super) fn paragraph(&mut self, text: &str) -> Result<()> {
        self.part()?;
        self.end_table();
        let last = u16::try_from(self.widths.len()).unwrap_or(1).max(2) - 1;
        let lines = width(text).div_ceil(self.widths.iter().sum::<u16>().saturating_sub(4).max(1));
        let (sheet, row, style) = self.here()?;
        sheet.merge_range(row, 0, row, last, &clean(text.into()), style.of(Look::Paragraph))?;
        self.height((lines * 15 + 5).min(409))?;
        self.next()
    }

    /// An empty row.
    pub(super) fn gap(&mut self) -> Result<()> {
        self.part()?;
        self.end_table();
        self.next()
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
        let width = match &cell {
            Cell::Text(text) if most > 0 => (width(text) + 2).min(most),
            Cell::Date(_) => 12,
            Cell::Time(_) => 20,
            Cell::Money(amount) => digits(amount.0.unsigned_abs()) + 4,
            Cell::Hours(hundredths) => digits(hundredths.unsigned_abs()) + 4,
            Cell::Count(count) => digits(*count) + 4,
            _ => 0,
        };
        self.widen(at, width);
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
        for part in &self.parts {
            let sheet = self.book.workbook.worksheet_from_index(part.index)?;
            for (at, width) in (0..).zip(&self.widths).filter(|(_, width)| **width > 0) {
                sheet.set_column_width(at, *width)?;
            }
            sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
            sheet.set_margins(0.4, 0.4, 0.75, 0.65, 0.3, 0.3).set_footer(&self.book.footer);
            if self.head.is_empty() {
                sheet.set_margins(0.4, 0.4, 0.4, 0.65, 0.3, 0.3).set_screen_gridlines(false);
                continue;
            }
            let last = u16::try_from(self.head.len()).unwrap_or(1).saturating_sub(1);
            let end = part.table_end.unwrap_or(part.row).saturating_sub(1);
            sheet.set_header(&self.book.header).set_repeat_rows(0, 0)?;
            sheet.set_freeze_panes(1, 0)?.autofilter(0, 0, end, last)?;
        }
        Ok(())
    }
}

/// How many lines a text takes in a column that is at most `most` wide; a line is seldom filled to its end.
fn lines_of(text: &str, most: u16) -> u16 {
    let width = width(text);
    if width + 2 <= most { 1 } else { width.div_ceil(most.saturating_sub(4).max(1)) }
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
