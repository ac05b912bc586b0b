//! `letters/NUMBER.xlsx`: a written warning (书面警告通知书) on one printed page.

use super::{
    Book, clause_words, person_line,
    sheet::Sheet,
    style::{Column, Look, width, wrapped},
    warnings,
};
use crate::{
    report::{Person, Report, summary::summary, words::word},
    schema::findings::Finding,
};
use anyhow::Result;

const COLUMNS: [Column; 2] = [wrapped("head.name-of", 16), wrapped("head.value-of", 66)];
/// A line of text holds so many characters.
const LINE: u16 = 60;
/// Height in points of what is written in by hand.
const SPACE: u16 = 72;

/// The letters of the month, by number.
pub(super) fn all<'a>(report: &'a Report<'_>) -> impl Iterator<Item = &'a Finding> {
    report.findings.iter().filter(|finding| warnings::is_warned(finding))
}

/// The letter of one warning.
pub(super) fn letter(report: &Report<'_>, finding: &Finding) -> Result<Vec<u8>> {
    let language = report.language;
    let unknown = Person::default();
    let person = report.people.get(&finding.employee_id).unwrap_or(&unknown);
    let mut book = Book::small(report)?;
    let mut sheet = Sheet::free(&mut book, "sheet.letter")?;
    sheet.line(Look::Title, word(language, "letter.title"))?;
    sheet.line(Look::Line, report.centre)?;
    sheet.gap()?;
    let day = finding.occurred_on.to_string();
    let rows = [
        ("head.warning", warnings::number(finding), 0),
        ("letter.person", person_line(language, person), 0),
        ("head.occurred", day, 0),
        ("head.facts", summary(finding, language), 0),
        ("head.clause-text", format!("{} {}", finding.clause, clause_words(finding)), 0),
        ("head.decision", warnings::decision(language, finding), 0),
        ("head.demand", String::new(), SPACE),
        ("head.objection", warnings::objection(report, finding), 0),
        ("head.received", word(language, "letter.received").to_owned(), SPACE),
        ("head.witnesses", word(language, "letter.witnesses").to_owned(), SPACE),
        ("letter.issued", word(language, "letter.signed").to_owned(), SPACE),
        ("head.record", finding.id.clone(), 0),
    ];
    for (label, text, points) in rows {
        let height = width(&text).div_ceil(LINE) * 16 + 14;
        sheet.row(&COLUMNS, [word(language, label).into(), text.into()])?;
        sheet.tall(points.max(height))?;
    }
    sheet.close_page()?;
    Ok(book.workbook.save_to_buffer()?)
}
