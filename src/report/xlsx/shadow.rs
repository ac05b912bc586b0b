//! Sheet 试运行: what rules in shadow mode found, with the columns of 扣款明细. Only in months that have such a rule.

use super::{
    Book, details,
    sheet::Sheet,
    style::{Cell, Column, Look, wrapped},
};
use crate::report::{Report, words::word};
use anyhow::Result;
use std::sync::LazyLock;

static COLUMNS: LazyLock<Vec<Column>> =
    LazyLock::new(|| details::COLUMNS.into_iter().chain([wrapped("head.reason", 20)]).collect());

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    if report.shadow_rules.is_empty() {
        return Ok(());
    }
    let mut sheet = Sheet::table(book, "sheet.shadow", &COLUMNS)?;
    for (number, finding) in (1..).zip(report.shadow) {
        let reason = super::held::reason(report.language, finding);
        let reason: Cell<'_> = if finding.reason.is_empty() { Cell::Blank } else { reason.into() };
        sheet.row(&COLUMNS, details::cells(report, finding, number).into_iter().chain([reason]))?;
    }
    sheet.gap()?;
    sheet.line(Look::Strong, word(report.language, "shadow.note"))?;
    sheet.close()
}
