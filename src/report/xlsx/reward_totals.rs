//! Sheet 奖励汇总: one row per person with a reward to be paid.

use super::{
    Book, in_words,
    sheet::Sheet,
    style::{Cell, Column, Look, column, to_fill, wrapped},
    totals::people,
};
use crate::{
    base::money::Fen,
    report::{Report, words::word},
    schema::findings::Status,
};
use anyhow::Result;
use std::collections::BTreeMap;

const COLUMNS: [Column; 8] = [
    column("head.number", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 16),
    wrapped("head.department", 24),
    column("head.count", Look::Count),
    column("head.sum", Look::Money),
    to_fill("head.signed", 18),
    to_fill("head.note", 18),
];

/// Count and sum of rewards by employee id.
fn lines<'a>(report: &'a Report<'_>) -> BTreeMap<&'a str, (u64, Fen)> {
    let mut lines: BTreeMap<&str, (u64, Fen)> = BTreeMap::new();
    for finding in report.of(Status::Credit) {
        let (count, sum) = lines.entry(&finding.employee_id).or_default();
        *count += 1;
        sum.0 += finding.amount.unwrap_or_default().0;
    }
    lines
}

/// The sum that the sheet shows, for the control sums.
pub(super) fn sum(report: &Report<'_>) -> Fen {
    lines(report).values().map(|(_, sum)| *sum).sum()
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let lines = lines(report);
    let mut sheet = Sheet::table(book, "sheet.reward-totals", &COLUMNS)?;
    for (number, (id, (count, sum))) in (1..).zip(&lines) {
        let person = report.people.get(*id);
        let name = person.map(|person| person.name.as_str());
        let department = person.map(|person| person.department.as_str());
        let cells = [Cell::Count(number), (*id).into(), name.into(), department.into(), (*count).into(), (*sum).into()];
        sheet.row(&COLUMNS, cells.into_iter().chain([Cell::Blank, Cell::Blank]))?;
    }
    let (count, sum) = (lines.values().map(|(count, _)| *count).sum::<u64>(), sum(report));
    let label = [word(report.language, "total").into(), Cell::Blank, people(report, lines.len()).into(), Cell::Blank];
    sheet.total(label.into_iter().chain([count.into(), sum.into(), Cell::Blank, Cell::Blank]))?;
    sheet.gap()?;
    sheet.line(Look::Line, &in_words(report.language, sum))?;
    sheet.gap()?;
    sheet.line(Look::Line, word(report.language, "signatures"))?;
    sheet.close()
}
