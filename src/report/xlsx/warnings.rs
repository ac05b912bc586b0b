//! Sheet 书面警告: the written warnings that come with a charged absence from a meeting (八.10), also where the limits of
//! the place leave only the warning.
//!
//! One printed page for each is a letter, not a sheet.

use super::{
    Book, filled, rule_name,
    sheet::Sheet,
    style::{Cell, Column, Look, column, to_fill, wrapped},
};
use crate::{
    report::{Language, Report, summary::summary, words::word},
    rules::{Rule, rule},
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
    let is_warned = |finding: &&Finding| finding.status == Status::Charge || finding.reason == "warn-only";
    for finding in report.findings.iter().filter(|finding| finding.rule == RULE).filter(is_warned) {
        has_rows = true;
        sheet.row(&COLUMNS, cells(report, finding))?;
    }
    if !has_rows {
        sheet.line(Look::Line, word(report.language, "none.warnings"))?;
    }
    sheet.close()
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
        clause_text(finding.rule).into(),
        decision(report.language, finding).into(),
        Cell::Blank,
        objection(report).into(),
        Cell::Blank,
        Cell::Blank,
        finding.id.as_str().into(),
    ]
}

/// A number that a rerun does not change: it comes from the finding, not from its place in the list.
fn number(finding: &Finding) -> String {
    format!("JG-{}-{}", finding.employee_id, finding.subject)
}

/// The policy's words, as the rule's own documentation quotes them.
fn clause_text(name: &str) -> String {
    let header = rule(name).map(Rule::header).unwrap_or_default();
    let quoted = header.lines().filter_map(|line| line.strip_prefix('>'));
    quoted.map(str::trim).collect::<Vec<_>>().join("")
}

fn decision(language: Language, finding: &Finding) -> String {
    match finding.amount {
        Some(amount) => filled(language, "warning.fined", &[&amount.to_string()]),
        None => word(language, "warning.only").to_owned(),
    }
}

fn objection(report: &Report<'_>) -> Option<String> {
    report.objection_until.map(|day| filled(report.language, "warning.objection", &[&day.to_string()]))
}
