//! Sheet 扣款明细: one row per event of a deduction rule that was judged: charged, counted, merged or waived.
//!
//! What still waits is in 待核待定, with the same columns.

use super::{
    Book, direction, filled, rule_title,
    sheet::Sheet,
    status_word,
    style::{Cell, Column, Look, column, to_fill, wrapped},
    word_or,
};
use crate::{
    base::money::Fen,
    report::{Language, Report, summary::summary, words::word},
    rules::Direction,
    schema::findings::{Finding, Status},
};
use anyhow::Result;

/// The columns of a finding; 待核待定 has them too.
pub(super) const COLUMNS: [Column; 21] = [
    column("head.number", Look::Center),
    wrapped("head.record", 27),
    column("head.paid-in", Look::Center),
    column("head.belongs-to", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 10),
    wrapped("head.department", 12),
    wrapped("head.position", 10),
    column("head.occurred", Look::Date),
    wrapped("head.clause", 8),
    wrapped("head.item", 10),
    wrapped("head.summary", 32),
    column("head.nth", Look::Center),
    column("head.unit", Look::Money),
    column("head.amount", Look::Money),
    wrapped("head.destination", 12),
    wrapped("head.evidence", 14),
    wrapped("head.status", 10),
    to_fill("head.confirmed", 12),
    to_fill("head.reviewer", 8),
    wrapped("head.note", 16),
];
const STATUS: u16 = 17;
/// The first columns of a sheet of findings that move no money.
pub(super) const BRIEF: [Column; 10] = [
    column("head.number", Look::Center),
    wrapped("head.record", 28),
    column("head.belongs-to", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 14),
    wrapped("head.department", 16),
    column("head.occurred", Look::Date),
    column("head.clause", Look::Center),
    wrapped("head.matter", 16),
    wrapped("head.summary", 44),
];

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let mut sheet = Sheet::table(book, "sheet.details", &COLUMNS)?;
    let listed = report.findings.iter().filter(|finding| {
        let is_judged = matches!(finding.status, Status::Charge | Status::Counted | Status::Merged | Status::Waived);
        is_judged && matches!(direction(finding), Direction::Deduction(..))
    });
    let mut has_rows = false;
    for (number, finding) in (1..).zip(listed) {
        has_rows = true;
        sheet.row(&COLUMNS, cells(report, finding, number))?;
    }
    if !has_rows {
        sheet.line(Look::Line, word(report.language, "none.month"))?;
    }
    sheet.faint_unless(STATUS, word(report.language, "status.charge"))?;
    sheet.close()
}

/// The cells of a finding.
pub(super) fn cells<'a>(report: &'a Report<'_>, finding: &'a Finding, number: u64) -> [Cell<'a>; 21] {
    let language = report.language;
    let person = report.people.get(&finding.employee_id);
    let moves = finding.amount.is_some_and(|amount| amount > Fen(0));
    [
        Cell::Count(number),
        finding.id.as_str().into(),
        moves.then(|| report.period.month.to_string()).into(),
        finding.belongs_to.to_string().into(),
        finding.employee_id.as_str().into(),
        person.map(|person| person.name.as_str()).into(),
        person.map(|person| person.department.as_str()).into(),
        person.map(|person| person.position.as_str()).into(),
        finding.occurred_on.into(),
        finding.clause.into(),
        title(language, finding).into(),
        summary(finding, language).into(),
        finding.detail("nth").and_then(|nth| nth.parse::<u64>().ok()).into(),
        finding.unit_amount.into(),
        finding.amount.into(),
        word_or(language, "destination", finding.destination).into(),
        evidence(language, finding).into(),
        status_word(language, finding).into(),
        Cell::Blank,
        Cell::Blank,
        note(language, finding).into(),
    ]
}

/// The cells of a finding under [`BRIEF`].
pub(super) fn brief<'a>(report: &'a Report<'_>, finding: &'a Finding, number: u64) -> [Cell<'a>; 10] {
    let language = report.language;
    let person = report.people.get(&finding.employee_id);
    [
        Cell::Count(number),
        finding.id.as_str().into(),
        finding.belongs_to.to_string().into(),
        finding.employee_id.as_str().into(),
        person.map(|person| person.name.as_str()).into(),
        person.map(|person| person.department.as_str()).into(),
        finding.occurred_on.into(),
        finding.clause.into(),
        title(language, finding).into(),
        summary(finding, language).into(),
    ]
}

/// The rule's title alone; its clause has its own column.
pub(super) fn title(language: Language, finding: &Finding) -> String {
    rule_title(language, finding.rule)
}

/// How many rows a finding stands on; `evidence.csv` lists them under the finding's id.
pub(super) fn evidence(language: Language, finding: &Finding) -> String {
    match finding.evidence.len() {
        0 => String::new(),
        1 => filled(language, "evidence.row", &["1"]),
        rows => filled(language, "evidence.rows", &[&rows.to_string()]),
    }
}

/// What a decision changed, who decided it and why, and with what the line was merged.
pub(super) fn note(language: Language, finding: &Finding) -> String {
    let mut parts = Vec::new();
    if let (Some(amended), Some(price), Status::Charge) = (finding.amended, finding.unit_amount, finding.status)
        && amended != price
    {
        parts.push(filled(language, "note.amended", &[&price.to_string(), &amended.to_string()]));
    }
    if let Some(other) = finding.detail("merged_into") {
        parts.push(filled(language, "note.merged", &[other]));
    }
    if finding.detail("limit_unchecked").is_some() {
        parts.push(word(language, "limits.unchecked").to_owned());
    }
    if finding.reason == "capped" {
        parts.push(word(language, "reason.capped").to_owned());
    }
    if let Some(day) = finding.detail("leaver_due") {
        parts.push(filled(language, "note.leaver", &[day]));
    }
    for decided in ["assigned", "decided_by"].into_iter().filter_map(|name| finding.detail(name)) {
        let (kind, rest) = decided.split_once(' ').unwrap_or((decided, ""));
        parts.push(format!("{}: {rest}", word(language, &format!("decision.{kind}"))));
    }
    parts.join("; ")
}
