//! `difference.xlsx`: what a rerun says of the edition that it replaces: what has changed, the lines that differ, and
//! what that comes to for each employee. Nothing of it is imported.

mod causes;
mod changes;
mod nets;

use super::{Book, sheet::Sheet, style::Look};
use crate::{
    report::{Language, Report, words::word},
    schema::difference::Rerun,
};
use anyhow::Result;

/// The workbook.
pub(super) fn book(report: &Report<'_>, rerun: &Rerun) -> Result<Vec<u8>> {
    let mut book = Book::new(report)?;
    book.title(report, "difference.title")?;
    causes::write(&mut book, report, rerun)?;
    changes::write(&mut book, report, &rerun.difference)?;
    nets::write(&mut book, report, &rerun.net)?;
    Ok(book.workbook.save_to_buffer()?)
}

/// When the difference is paid, at the foot of every sheet.
fn foot(sheet: &mut Sheet<'_>, language: Language) -> Result<()> {
    sheet.gap()?;
    sheet.line(Look::Strong, word(language, "difference.foot"))
}
