//! One row per employee under the rows of the target's own template, in its format.

use super::plan::Row;
use crate::{
    base::{money::Fen, month::Period, text::begins_formula},
    report::{
        Report,
        xlsx::{
            ZIP_LEVEL, properties,
            style::{clean, decimal, width},
        },
    },
    schema::imports::{Column, Head, Import, Template, Wide, encode},
};
use anyhow::{Context, Result};
use calamine::Data;
use encoding_rs::Encoding;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

/// Columns wider than this are not made for a header.
const WIDEST: u16 = 40;

/// What a cell holds.
enum Cell {
    Blank,
    Text(String),
    /// Fen, or hundredths of an hour.
    Hundredths(i64),
}

pub(super) fn write(
    import: &Import,
    wide: &Wide,
    template: &Template,
    rows: &[Row],
    report: &Report<'_>,
) -> Result<Vec<u8>> {
    let lines: Vec<Vec<Cell>> = rows.iter().map(|row| cells(wide, template, row, report)).collect();
    match &template.head {
        Head::Text { bytes, encoding, delimiter, line_end } => {
            let body = text(&lines, *delimiter, line_end)?;
            let body = encoded(&body, encoding).with_context(|| import.output.clone())?;
            Ok([bytes.as_slice(), &body].concat())
        }
        Head::Sheet { name, rows } => sheet(name, rows, &lines, report.period),
    }
}

/// The cells of a row in the template's order.
fn cells(wide: &Wide, template: &Template, row: &Row, report: &Report<'_>) -> Vec<Cell> {
    let mut cells: Vec<Cell> = (0..template.width).map(|_| Cell::Blank).collect();
    let person = report.person(&row.employee_id);
    let (columns, items) = template.places.split_at(wide.columns.len());
    for ((_, column), place) in wide.columns.iter().zip(columns) {
        cells[*place] = Cell::Text(match column {
            Column::Id => row.id.clone(),
            Column::Name => person.name.clone(),
            Column::Department => person.department.clone(),
            Column::Position => person.position.clone(),
            Column::EmployeeId => row.employee_id.clone(),
            Column::Month => report.period.month.to_string(),
        });
    }
    for (amount, place) in row.amounts.iter().zip(items).filter(|(amount, _)| **amount != 0) {
        cells[*place] = Cell::Hundredths(*amount);
    }
    cells
}

fn text(lines: &[Vec<Cell>], delimiter: u8, line_end: &str) -> Result<String> {
    let end = if line_end == "\r\n" {
        csv::Terminator::CRLF
    } else {
        csv::Terminator::Any(line_end.as_bytes().first().copied().unwrap_or(b'\n'))
    };
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(end).from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.iter().map(|cell| match cell {
            Cell::Blank => String::new(),
            Cell::Text(text) if begins_formula(text) => format!("'{}", clean(text.into())),
            Cell::Text(text) => clean(text.into()),
            Cell::Hundredths(amount) => Fen(*amount).to_string(),
        }))?;
    }
    let bytes = writer.into_inner().map_err(|error| anyhow::anyhow!("cannot write a table: {error}"))?;
    Ok(String::from_utf8(bytes)?)
}

fn encoded(text: &str, encoding: &'static Encoding) -> Result<Vec<u8>> {
    encode(text, encoding)
        .with_context(|| format!("a name cannot be written in {}, the template's encoding", encoding.name()))
}

/// Nothing is written as a formula, and nothing is merged.
fn sheet(name: &str, head: &[Vec<Data>], lines: &[Vec<Cell>], period: Period) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(ZIP_LEVEL).set_properties(&properties(period)?);
    let sheet = workbook.add_worksheet().set_name(name)?;
    let mut row = 0;
    for cells in head {
        for (column, cell) in (0..).zip(cells) {
            copy(sheet, row, column, cell)?;
        }
        row += 1;
    }
    for (column, header) in (0..).zip(head.last().into_iter().flatten()) {
        sheet.set_column_width(column, (width(&header.to_string()) + 4).min(WIDEST))?;
    }
    let (words, amounts) = (Format::new().set_num_format("@"), Format::new().set_num_format("0.00"));
    for cells in lines {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Blank => {}
                Cell::Text(text) => {
                    sheet.write_string_with_format(row, column, clean(text.into()), &words)?;
                }
                Cell::Hundredths(amount) => {
                    sheet.write_number_with_format(row, column, decimal(*amount), &amounts)?;
                }
            }
        }
        row += 1;
    }
    Ok(workbook.save_to_buffer()?)
}

/// A template's cell as it is.
fn copy(sheet: &mut Worksheet, row: u32, column: u16, cell: &Data) -> Result<()> {
    match cell {
        Data::Empty => {}
        Data::String(text) => {
            sheet.write_string(row, column, text)?;
        }
        Data::Float(number) => {
            sheet.write_number(row, column, *number)?;
        }
        Data::Bool(is_true) => {
            sheet.write_boolean(row, column, *is_true)?;
        }
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            let time = ExcelDateTime::from_ymd(year, month, day)?.and_hms(hour.into(), minute, second)?;
            let look = Format::new().set_num_format("yyyy-mm-dd hh:mm");
            sheet.write_datetime_with_format(row, column, &time, &look)?;
        }
        other => {
            sheet.write_string(row, column, other.to_string())?;
        }
    }
    Ok(())
}
