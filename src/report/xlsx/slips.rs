//! `slips/ID.xlsx`: an employee's own rows (员工确认单), to confirm or to object to.
//!
//! Own rows only. Each with its evidence in words, the words of the clauses, and how and until when to object. A
//! leaver's charges are due on the leave date (四); the time to object is everybody's.

use super::{
    Book, Own, adjustments, clause_words, details, direction, filled, grouped, in_words, person_line, rule_title,
    sheet::Sheet,
    state, status_and_hours,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    base::{code::code_of, evidence::RowRef, money::Fen},
    report::{Person, Report, adjusted::Adjusted, summary::summary, words::word},
    rules::Direction,
    schema::{
        adjustments::Adjustment,
        findings::{Evidence, Finding, Status},
    },
};
use anyhow::Result;
use std::collections::BTreeSet;

const COLUMNS: [Column; 13] = [
    column("head.number", Look::Center),
    column("head.code", Look::Center),
    column("head.occurred", Look::Date),
    wrapped("head.matter", 11),
    column("head.clause", Look::Center),
    wrapped("head.summary", 31),
    wrapped("head.proof", 34),
    wrapped("head.status", 11),
    column("head.nth", Look::Center),
    column("head.unit", Look::Money),
    column("head.amount", Look::Money),
    wrapped("head.note", 17),
    column("head.opinion", Look::Center),
];

/// As wide as the columns above.
const ADJUSTED: [Column; 13] = [
    column("head.number", Look::Center),
    column("head.belongs-to", Look::Center),
    column("head.occurred", Look::Date),
    wrapped("head.item", 11),
    column("head.paid-in", Look::Center),
    wrapped("head.summary", 31),
    wrapped("head.original", 34),
    wrapped("head.direction", 11),
    column("head.edition", Look::Center),
    column("head.hours", Look::Money),
    column("head.amount", Look::Money),
    wrapped("head.note", 17),
    column("head.opinion", Look::Center),
];

/// Which part of a slip a finding stands in; a candidate for a reward is a hint to the manager, not to the employee.
fn part(finding: &Finding) -> Option<usize> {
    match (direction(finding), finding.status) {
        _ if finding.rule == "reward-candidate" => None,
        (Direction::Reward, _) => Some(1),
        (Direction::Deduction(..), status) if status != Status::Notice => Some(0),
        _ => Some(2),
    }
}

/// Whether a finding stands on the slip of its employee.
pub(super) fn is_listed(finding: &Finding) -> bool {
    !finding.employee_id.is_empty() && part(finding).is_some()
}

/// The slip of one employee with the own findings, and what is adjusted of earlier months.
pub(super) fn slip(report: &Report<'_>, id: &str, (own, adjusted): Own<'_>) -> Result<Vec<u8>> {
    let language = report.language;
    let unknown = Person { id: id.to_owned(), ..Person::default() };
    let person = report.people.get(id).unwrap_or(&unknown);
    let mut book = Book::small(report)?;
    book.sign(&person_line(language, person));
    let mut sheet = Sheet::free(&mut book, "sheet.slip")?;
    let (month, edition) = (report.period.month.to_string(), report.edition.to_string());
    let (first, last) = (report.period.first.to_string(), report.period.last.to_string());
    sheet.line(Look::Title, &filled(language, "slip.title", &[report.centre, &month]))?;
    sheet.line(Look::Line, &person_line(language, person))?;
    sheet.line(Look::Line, &filled(language, "cover.edition", &[&month, &first, &last, &edition, state(report)]))?;
    if let Some(rerun) = report.rerun {
        sheet.line(Look::Strong, &filled(language, "rerun.slip", &[&edition, &rerun.base.to_string()]))?;
    }
    if let Some(day) = report.objection_until {
        sheet.line(Look::Strong, &filled(language, "slip.reply-by", &[&day.to_string()]))?;
    }
    if let Some(day) = own.iter().find_map(|finding| finding.detail("leaver_due")) {
        sheet.line(Look::Strong, &filled(language, "note.leaver", &[day]))?;
    }
    let titles = ["slip.deductions", "slip.rewards", "slip.others"];
    let mut number = 0;
    for (place, title) in titles.into_iter().enumerate() {
        let rows: Vec<&Finding> = own.iter().filter(|finding| part(finding) == Some(place)).collect();
        rows_of(&mut sheet, report, title, &rows, number)?;
        number += rows.len() as u64;
    }
    adjustments_of(&mut sheet, report, adjusted, number)?;
    clauses(&mut sheet, report, own)?;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "slip.sign"))?;
    for key in ["slip.how-to-object", if report.is_closed() { "slip.issued" } else { "slip.proposed" }, "slip.silence"]
    {
        sheet.paragraph(word(language, key))?;
    }
    for key in ["slip.answer", "slip.signatures"] {
        sheet.line(Look::Line, word(language, key))?;
        sheet.tall(30)?;
    }
    sheet.close_in_pages()?;
    Ok(book.workbook.save_to_buffer()?)
}

/// One part of the slip; its rows are numbered on from `before`, so that a number means one row of the slip.
fn rows_of(
    sheet: &mut Sheet<'_>,
    report: &Report<'_>,
    title: &'static str,
    rows: &[&Finding],
    before: u64,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, title))?;
    sheet.head(&COLUMNS)?;
    for (number, finding) in (before + 1..).zip(rows) {
        let cells = [
            Cell::Count(number),
            code_of(&finding.id).into(),
            finding.occurred_on.into(),
            details::title(language, finding).into(),
            finding.clause.into(),
            summary(finding, language).into(),
            proof(report, finding).into(),
            status_and_hours(language, finding).into(),
            finding.detail("nth").and_then(|nth| nth.parse::<u64>().ok()).into(),
            finding.unit_amount.into(),
            finding.amount.into(),
            details::note(language, finding).into(),
            word(language, "slip.boxes").into(),
        ];
        sheet.row(&COLUMNS, cells)?;
    }
    let sum: Fen = rows.iter().filter_map(|finding| finding.amount).sum();
    if rows.iter().any(|finding| finding.amount.is_some()) {
        sheet.line(Look::Line, &in_words(language, sum))?;
    }
    Ok(())
}

/// What is adjusted of earlier months, and what it comes to.
fn adjustments_of(sheet: &mut Sheet<'_>, report: &Report<'_>, own: &[Adjustment], before: u64) -> Result<()> {
    if own.is_empty() {
        return Ok(());
    }
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "slip.adjusted"))?;
    sheet.head(&ADJUSTED)?;
    for (number, one) in (before + 1..).zip(own) {
        let is_hours = one.movement.is_hours();
        let by_hand = one.is_settled_by_hand.then(|| word(language, "adjusted.by-hand"));
        let cells = [
            Cell::Count(number),
            one.belongs_to.to_string().into(),
            adjustments::day(one),
            rule_title(language, one.rule).into(),
            report.period.month.to_string().into(),
            one.summary.as_str().into(),
            one.finding_id.as_str().into(),
            adjustments::movement(language, one.movement).into(),
            format!("{:03}", one.edition).into(),
            if is_hours { Cell::Hours(one.hours) } else { Cell::Blank },
            (!is_hours).then_some(one.amount).into(),
            by_hand.into(),
            word(language, "slip.boxes").into(),
        ];
        sheet.row(&ADJUSTED, cells)?;
    }
    let net = grouped(Adjusted::of(own).favour());
    sheet.line(Look::Line, &filled(language, "slip.adjusted-net", &[&net]))?;
    sheet.paragraph(word(language, "slip.adjusted-objection"))
}

/// The words of every clause that the slip cites.
fn clauses(sheet: &mut Sheet<'_>, report: &Report<'_>, own: &[Finding]) -> Result<()> {
    let listed = own.iter().filter(|finding| is_listed(finding));
    let cited: BTreeSet<(&str, String)> = listed.map(|finding| (finding.clause, clause_words(finding))).collect();
    if cited.is_empty() {
        return Ok(());
    }
    sheet.gap()?;
    sheet.line(Look::Section, word(report.language, "slip.clauses"))?;
    for (clause, words) in &cited {
        sheet.paragraph(&format!("{clause}  {words}"))?;
    }
    Ok(())
}

/// The rows a finding stands on, in words: 门禁打卡 首次打卡 2026-10-14 08:41:07(`1_attlog.dat` 第12行).
fn proof(report: &Report<'_>, finding: &Finding) -> String {
    const SHOWN: usize = 6;
    let said: Vec<String> = finding.evidence.iter().take(SHOWN).map(|row| said(report, row)).collect();
    let more = finding.evidence.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!("; +{more}") };
    said.join("; ") + &more
}

fn said(report: &Report<'_>, evidence: &Evidence) -> String {
    let language = report.language;
    let row = RowRef::unpack(evidence.row);
    let Some(file) = report.inputs.files.get(row.file as usize) else { return String::new() };
    let (name, value) = evidence.fact.split_once('=').unwrap_or((&evidence.fact, ""));
    let source = super::word_or(language, "source", &file.source);
    let fact = super::word_or(language, "fact", name);
    let value = super::word_or(language, "said", value);
    let fact = if fact == source { String::new() } else { fact };
    let what: Vec<&str> = [source.as_str(), &fact, &value].into_iter().filter(|part| !part.is_empty()).collect();
    let short = file.name.rsplit('/').next().unwrap_or(&file.name);
    filled(language, "slip.row", &[&what.join(" "), short, &row.line.to_string()])
}
