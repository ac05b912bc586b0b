//! One row per employee and item: Frappe HR *Additional Salary* and payslip inputs of Odoo.
//!
//! UTF-8 without a byte order mark: both importers would take it for a part of the first header's name.

use super::plan::Row;
use crate::{base::money::Fen, schema::imports::Import};
use anyhow::Result;

/// The fields' labels, as `additional_salary.json` of frappe/hrms has them.
const LABELS: [&str; 8] = [
    "Employee",
    "Company",
    "Payroll Date",
    "Salary Component",
    "Amount",
    "Currency",
    "Is Recurring",
    "Overwrite Salary Structure Amount",
];
pub(super) const SERIES: &str = "Series";
pub(super) const PAYSLIP: [&str; 3] = ["employee", "code", "amount"];

/// What one row says: who, under which item, how much; and the employee's last day.
fn entries<'a>(import: &'a Import, rows: &'a [Row]) -> impl Iterator<Item = (&'a Row, &'a str, String)> {
    rows.iter().flat_map(|row| {
        let amounts = import.items.iter().zip(&row.amounts).filter(|(_, amount)| **amount != 0);
        amounts.map(move |(item, amount)| (row, item.header.name.as_str(), Fen(*amount).to_string()))
    })
}

/// Additional Salary. An overwrite would replace the structure's own amount and refuse a second row: never wanted.
pub(super) fn additional_salary(
    import: &Import,
    [company, currency, series]: [&str; 3],
    rows: &[Row],
) -> Result<Vec<u8>> {
    let first = |text: &'static str| (!series.is_empty()).then_some(text).into_iter();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(first(SERIES).chain(LABELS))?;
    for (row, component, amount) in entries(import, rows) {
        let day = row.day.to_string();
        let own = (!series.is_empty()).then_some(series).into_iter();
        writer.write_record(own.chain([row.id.as_str(), company, &day, component, &amount, currency, "0", "0"]))?;
    }
    finished(writer)
}

/// Payslip inputs.
pub(super) fn payslip_input(import: &Import, rows: &[Row]) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(PAYSLIP)?;
    for (row, code, amount) in entries(import, rows) {
        writer.write_record([row.id.as_str(), code, &amount])?;
    }
    finished(writer)
}

fn finished(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>> {
    writer.into_inner().map_err(|error| anyhow::anyhow!("cannot write a table: {error}"))
}
