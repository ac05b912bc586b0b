//! Sheet 奖励表: every application for a reward with what became of it; approved ones are summed and paid.

use super::{
    Book, details, direction, filled, in_words,
    sheet::Sheet,
    status_word,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    report::{Language, Report, summary::summary, words::word},
    rules::Direction,
    schema::findings::{Finding, Status},
};
use anyhow::Result;
use chrono::NaiveDate;

const COLUMNS: [Column; 15] = [
    column("head.number", Look::Center),
    wrapped("head.application", 20),
    column("head.pay-month", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 16),
    wrapped("head.department", 16),
    column("head.category", Look::Center),
    wrapped("head.deed", 44),
    wrapped("head.evidence", 15),
    column("head.asked", Look::Money),
    column("head.approved", Look::Money),
    column("head.manager-day", Look::Date),
    column("head.office-day", Look::Date),
    wrapped("head.status", 12),
    wrapped("head.note", 26),
];
const STATUS: u16 = 13;

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let mut sheet = Sheet::table(book, "sheet.rewards", &COLUMNS)?;
    let rewards = report.findings.iter().filter(|finding| direction(finding) == Direction::Reward);
    for (number, finding) in (1..).zip(rewards) {
        sheet.row(&COLUMNS, cells(report, finding, number))?;
    }
    sheet.faint_unless(STATUS, word(report.language, "status.credit"))?;
    let sum = report.sum(Status::Credit);
    let mut total: [Cell<'_>; 15] = std::array::from_fn(|_| Cell::Blank);
    total[0] = word(report.language, "total").into();
    total[10] = sum.into();
    sheet.total(total)?;
    sheet.gap()?;
    sheet.line(Look::Line, &in_words(report.language, sum))?;
    sheet.gap()?;
    sheet.line(Look::Line, word(report.language, "signatures"))?;
    sheet.close()
}

fn cells<'a>(report: &'a Report<'_>, finding: &'a Finding, number: u64) -> [Cell<'a>; 15] {
    let language = report.language;
    let person = report.people.get(&finding.employee_id);
    let is_paid = finding.status == Status::Credit;
    let day = |name: &str| finding.detail(name).and_then(|time| time.get(..10)?.parse::<NaiveDate>().ok());
    [
        Cell::Count(number),
        finding.subject.as_str().into(),
        is_paid.then(|| report.period.month.to_string()).into(),
        finding.employee_id.as_str().into(),
        person.map(|person| person.name.as_str()).into(),
        person.map(|person| person.department.as_str()).into(),
        finding.detail("category").map(|category| category_of(language, category)).into(),
        finding.detail("fact").into(),
        details::evidence(language, finding).into(),
        finding.unit_amount.into(),
        finding.amount.into(),
        day("applied").into(),
        day("approved").into(),
        status_word(language, finding).into(),
        note(language, finding).into(),
    ]
}

/// A category of 六.2: 六.2(1).
pub(super) fn category_of(language: Language, category: &str) -> String {
    filled(language, "category", &[category])
}

/// What the sentence of the finding says beyond its fact: what could not be verified, and why it waits.
fn note(language: Language, finding: &Finding) -> String {
    let sentence = summary(finding, language);
    let fact = finding.detail("fact").unwrap_or("");
    let rest = if fact.is_empty() { sentence.split_once(':') } else { sentence.split_once(fact) };
    let rest = rest.map_or("", |(_, rest)| rest).trim_start_matches([';', ' ']);
    match finding.status {
        Status::Credit if !rest.is_empty() => filled(language, "note.confirmed", &[rest]),
        _ => rest.to_owned(),
    }
}
