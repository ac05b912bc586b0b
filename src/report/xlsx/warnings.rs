//! Sheet 书面警告: the written warnings of the month. Each is also a letter of one printed page.

use super::{
    Book, clause_words, filled, rule_name,
    sheet::Sheet,
    style::{Cell, Column, Look, column, to_fill, wrapped},
};
use crate::{
    base::money::Fen,
    report::{Language, Report, summary::summary, words::word},
    schema::findings::{Finding, Status},
};
use anyhow::Result;

const RULE: &str = "meeting-absence";
const COLUMNS: [Column; 16] = [
    wrapped("head.warning", 16),
    column("head.employee", Look::Text),
    wrapped("head.name", 10),
    wrapped("head.department", 12),
    wrapped("head.position", 10),
    column("head.day", Look::Date),
    wrapped("head.meeting", 18),
    wrapped("head.basis", 12),
    wrapped("head.facts", 28),
    wrapped("head.clause-text", 32),
    wrapped("head.decision", 14),
    to_fill("head.demand", 16),
    wrapped("head.objection", 16),
    to_fill("head.received", 12),
    to_fill("head.witnesses", 14),
    wrapped("head.record", 16),
];

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let mut sheet = Sheet::table(book, "sheet.warnings", &COLUMNS)?;
    let mut has_rows = false;
    for finding in report.findings.iter().filter(|finding| is_warned(finding)) {
        has_rows = true;
        sheet.row(&COLUMNS, cells(report, finding))?;
    }
    if !has_rows {
        sheet.line(Look::Line, word(report.language, "none.warnings"))?;
    }
    sheet.close()
}

/// Whether a written warning comes with a finding: a charged absence from a meeting (八.10), also where the limits leave
/// only the warning, and a person's decision to warn (八.8).
pub(super) fn is_warned(finding: &Finding) -> bool {
    let is_absence = finding.rule == RULE && (finding.status == Status::Charge || finding.reason == "warn-only");
    is_absence || (finding.status == Status::Notice && finding.reason == "warning")
}

fn cells<'a>(report: &'a Report<'_>, finding: &'a Finding) -> [Cell<'a>; 16] {
    let person = report.people.get(&finding.employee_id);
    [
        number(finding).into(),
        finding.employee_id.as_str().into(),
        person.map(|person| person.name.as_str()).into(),
        person.map(|person| person.department.as_str()).into(),
        person.map(|person| person.position.as_str()).into(),
        finding.occurred_on.into(),
        finding.detail("meeting").into(),
        rule_name(report.language, finding.rule).into(),
        summary(finding, report.language).into(),
        clause_words(finding).into(),
        decision(report.language, finding).into(),
        Cell::Blank,
        objection(report, finding).into(),
        Cell::Blank,
        Cell::Blank,
        finding.id.as_str().into(),
    ]
}

/// A number that a rerun does not change: it comes from the finding, not from its place in the list.
pub(super) fn number(finding: &Finding) -> String {
    let rule = if finding.rule == RULE { String::new() } else { format!("{}-", finding.rule) };
    format!("JG-{}-{rule}{}", finding.employee_id, finding.subject)
}

pub(super) fn decision(language: Language, finding: &Finding) -> String {
    match finding.amount {
        Some(amount) => filled(language, "warning.fined", &[&amount.to_string()]),
        None => word(language, "warning.only").to_owned(),
    }
}

/// 八(二)②: how, and what comes of it until when.
pub(super) fn objection(report: &Report<'_>, finding: &Finding) -> String {
    let language = report.language;
    let how = word(language, "letter.how-to-object");
    let moves = finding.amount.is_some_and(|amount| amount > Fen(0));
    match report.objection_until {
        Some(day) if moves => format!("{how} {}", filled(language, "letter.until", &[&day.to_string()])),
        _ => format!("{how} {}", word(language, if moves { "slip.issued" } else { "letter.answered" })),
    }
}
