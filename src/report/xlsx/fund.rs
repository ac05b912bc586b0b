//! Sheet 部门经费: the department fund's month: what it began with, each fine that goes to it, what earlier months
//! bring to it or take back, what was spent, what is left. The register `fund` says the beginning and the spending; the
//! program adds the income and nothing else.
//!
//! The beginning is the latest row of kind opening that is dated in the payroll month. Without one the sheet says so
//! and gives no balance: what earlier months left is not guessed.

use super::{
    Book, adjustments, details, filled, grouped,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
    totals::FUND,
};
use crate::{
    base::money::Fen,
    report::{Report, summary::summary, words::word},
    schema::{
        adjustments::{Adjustment, Movement},
        findings::{Finding, Status},
    },
};
use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::PolarsResult;

const COLUMNS: [Column; 9] = [
    column("head.number", Look::Center),
    column("head.day", Look::Date),
    column("head.movement", Look::Center),
    wrapped("head.record-or-voucher", 30),
    wrapped("head.department", 16),
    wrapped("head.purpose", 46),
    column("head.income", Look::Money),
    column("head.spending", Look::Money),
    wrapped("head.handled", 14),
];

/// One row of the register.
struct Entry {
    day: NaiveDate,
    is_opening: bool,
    amount: Fen,
    voucher: String,
    purpose: String,
    handled_by: String,
}

/// The register's rows of the payroll month, in order of day, then of the file.
fn entries(report: &Report<'_>) -> PolarsResult<Vec<Entry>> {
    let frame = report.inputs.table("fund");
    let text = |name: &str| frame.column(name)?.str();
    let (days, amounts) = (frame.column("date")?.date()?, frame.column("amount")?.i64()?);
    let (kinds, vouchers) = (text("kind")?, text("voucher")?);
    let (purposes, handlers) = (text("purpose")?, text("handled_by")?);
    let mut entries = Vec::new();
    for (row, day) in days.as_date_iter().enumerate() {
        let Some(day) = day.filter(|day| report.period.contains(*day)) else { continue };
        let cell = |column: &polars::prelude::StringChunked| column.get(row).unwrap_or("").to_owned();
        entries.push(Entry {
            day,
            is_opening: kinds.get(row) == Some("opening"),
            amount: Fen(amounts.get(row).unwrap_or(0)),
            voucher: cell(vouchers),
            purpose: cell(purposes),
            handled_by: cell(handlers),
        });
    }
    entries.sort_by_key(|entry| entry.day);
    Ok(entries)
}

fn is_income(finding: &Finding) -> bool {
    finding.status == Status::Charge
        && finding.destination == FUND
        && finding.amount.is_some_and(|amount| amount > Fen(0))
}

fn is_of_fund(one: &Adjustment) -> bool {
    one.destination == FUND && matches!(one.movement, Movement::Deduct | Movement::ReverseDeduct)
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let entries = entries(report)?;
    let mut sheet = Sheet::table(book, "sheet.fund", &COLUMNS)?;
    let (mut number, mut income, mut spent) = (0, Fen(0), Fen(0));
    let mut fines: Vec<&Finding> = report.findings.iter().filter(|finding| is_income(finding)).collect();
    fines.sort_by_key(|finding| (finding.occurred_on, &finding.id));
    for finding in fines {
        let amount = finding.amount.unwrap_or_default();
        (number, income) = (number + 1, Fen(income.0 + amount.0));
        // Whose fine it is stands in 扣款明细; the fund is shown to all.
        let department = report.people.get(&finding.employee_id).map(|person| person.department.as_str());
        let cells = [
            Cell::Count(number),
            finding.occurred_on.into(),
            word(language, "fund.income").into(),
            finding.id.as_str().into(),
            department.into(),
            format!("{}: {}", details::title(language, finding), summary(finding, language)).into(),
            amount.into(),
            Cell::Blank,
            Cell::Blank,
        ];
        sheet.row(&COLUMNS, cells)?;
    }
    for one in report.adjustments.iter().filter(|one| is_of_fund(one)) {
        // Red-letter: what is paid back lowers the income.
        let sign = if one.movement.is_reverse() { -1 } else { 1 };
        let amount = Fen(sign * one.amount.0);
        (number, income) = (number + 1, Fen(income.0 + amount.0));
        let department = report.people.get(&one.employee_id).map(|person| person.department.as_str());
        let what = if one.movement.is_reverse() { "fund.reversal" } else { "fund.late" };
        let month = one.belongs_to.to_string();
        let cells = [
            Cell::Count(number),
            adjustments::day(one),
            word(language, what).into(),
            one.finding_id.as_str().into(),
            department.into(),
            filled(language, "fund.of-month", &[&month, &one.summary]).into(),
            amount.into(),
            Cell::Blank,
            Cell::Blank,
        ];
        sheet.row(&COLUMNS, cells)?;
    }
    for entry in entries.iter().filter(|entry| !entry.is_opening) {
        (number, spent) = (number + 1, Fen(spent.0 + entry.amount.0));
        let cells = [
            Cell::Count(number),
            entry.day.into(),
            word(language, "fund.spending").into(),
            entry.voucher.as_str().into(),
            Cell::Blank,
            entry.purpose.as_str().into(),
            Cell::Blank,
            entry.amount.into(),
            entry.handled_by.as_str().into(),
        ];
        sheet.row(&COLUMNS, cells)?;
    }
    let mut total: [Cell<'_>; 9] = std::array::from_fn(|_| Cell::Blank);
    total[0] = word(language, "total").into();
    total[6] = income.into();
    total[7] = spent.into();
    sheet.total(total)?;
    sheet.gap()?;
    let opening = entries.iter().rfind(|entry| entry.is_opening).map(|entry| entry.amount);
    match opening {
        Some(opening) => {
            let closing = Fen(opening.0 + income.0 - spent.0);
            let texts = [opening, income, spent, closing].map(grouped);
            sheet.line(Look::Strong, &filled(language, "fund.balance", &texts.each_ref().map(String::as_str)))?;
        }
        None => sheet.line(Look::Strong, word(language, "fund.no-opening"))?,
    }
    sheet.close()
}
