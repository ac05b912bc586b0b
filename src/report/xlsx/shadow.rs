//! Sheet 试运行: what rules in shadow mode found, with the columns of 扣款明细. Only in months that have such a rule.

use super::{
    Book, details,
    sheet::Sheet,
    style::{Cell, Column, Look, wrapped},
};
use crate::report::{Report, words::word};
use anyhow::Result;
use std::sync::LazyLock;

/// The place of 扣款月份.
const PAID_IN: usize = 2;
static COLUMNS: LazyLock<Vec<Column>> =
    LazyLock::new(|| details::COLUMNS.into_iter().chain([wrapped("head.reason", 14)]).collect());

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    if report.shadow_rules.is_empty() {
        return Ok(());
    }
    let mut sheet = Sheet::table(book, "sheet.shadow", &COLUMNS)?;
    for (number, finding) in (1..).zip(report.shadow) {
        let reason = super::held::reason(report.language, finding);
        let reason: Cell<'_> = if finding.reason.is_empty() { Cell::Blank } else { reason.into() };
        let mut cells = details::cells(report, finding, number);
        // Nothing of it is deducted in any month.
        cells[PAID_IN] = Cell::Blank;
        sheet.row(&COLUMNS, cells.into_iter().chain([reason]))?;
    }
    sheet.gap()?;
    sheet.line(Look::Strong, word(report.language, "shadow.note"))?;
    sheet.close()
}
