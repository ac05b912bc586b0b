//! `answers.xlsx`: the held lines, to be answered and sent back. Also a sheet of each manager's workbook.
//!
//! One row a line: its facts, how it can be answered, and six cells to write into; all others are locked. The finding
//! id travels as text in the last column, its short code in the second: the file is read back as decisions (2.9).

use super::{
    Book, details, direction, filled, grouped, held, rule_name,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    base::code::code_of,
    report::{Report, summary::summary, words::word},
    rules::{Bounds, Confirm, Direction, rule},
    schema::{
        deciders::{LATE_CHARGE, OBJECTION},
        findings::{Finding, Status},
    },
};
use anyhow::Result;

const fn input(word: &'static str, look: Look, least: u16) -> Column {
    Column { word, look, least, most: least }
}

const COLUMNS: [Column; 20] = [
    column("head.number", Look::Center),
    column("head.code", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 14),
    wrapped("head.department", 14),
    column("head.occurred", Look::Date),
    column("head.clause", Look::Center),
    wrapped("head.matter", 14),
    wrapped("head.summary", 38),
    wrapped("head.reason", 16),
    wrapped("head.whom", 18),
    column("head.due", Look::Date),
    wrapped("head.can-answer", 34),
    input("head.answer", Look::InputText, 14),
    input("head.answer-value", Look::InputText, 14),
    input("head.amount", Look::InputMoney, 10),
    input("head.decided-by", Look::InputText, 12),
    input("head.decided-at", Look::InputTime, 17),
    input("head.why", Look::InputText, 30),
    wrapped("head.record", 30),
];
/// The place of the drop-down.
const ANSWER: u16 = 13;
/// Excel's limit of cells with a drop-down of their own is 65,534 a sheet.
const ROWS: u32 = 60_000;
const NOTES: [&str; 7] = [
    "answers.note.what",
    "answers.note.decision",
    "answers.note.value",
    "answers.note.who",
    "answers.note.when",
    "answers.note.save",
    "answers.note.moved",
];

/// The workbook: 待核答复 and 填写说明.
pub(super) fn book(report: &Report<'_>) -> Result<Vec<u8>> {
    let mut book = Book::new(report)?;
    let held: Vec<&Finding> = report.findings.iter().filter(|finding| held::is_waiting(finding)).collect();
    write(&mut book, report, &held)?;
    notes(&mut book, report)?;
    Ok(book.workbook.save_to_buffer()?)
}

/// The sheet of the lines `held`.
pub(super) fn write(book: &mut Book, report: &Report<'_>, held: &[&Finding]) -> Result<()> {
    let rows = book.rows;
    book.rows = rows.min(ROWS);
    let mut sheet = Sheet::table(book, "sheet.answers", &COLUMNS)?;
    for (number, finding) in (1..).zip(held) {
        sheet.row(&COLUMNS, cells(report, finding, number))?;
        let words: Vec<&str> = choices(finding).iter().map(|key| word(report.language, key)).collect();
        sheet.offer(ANSWER, &words)?;
    }
    if held.is_empty() {
        sheet.line(Look::Line, word(report.language, "none.held"))?;
    }
    sheet.close_locked()?;
    book.rows = rows;
    Ok(())
}

fn cells<'a>(report: &'a Report<'_>, finding: &'a Finding, number: u64) -> [Cell<'a>; 20] {
    let language = report.language;
    let person = report.people.get(&finding.employee_id);
    [
        Cell::Count(number),
        code_of(&finding.id).into(),
        finding.employee_id.as_str().into(),
        person.map(|person| person.name.as_str()).into(),
        person.map(|person| person.department.as_str()).into(),
        finding.occurred_on.into(),
        finding.clause.into(),
        details::title(language, finding).into(),
        summary(finding, language).into(),
        held::reason(language, finding).into(),
        held::whom(report, finding).into(),
        finding.due_on.into(),
        how(report, finding).into(),
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        finding.id.as_str().into(),
    ]
}

/// How to fill in, and what each kind of line asks for.
pub(super) fn notes(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::free(book, "sheet.answers-note")?;
    sheet.line(Look::Title, &filled(language, "answers.title", &[report.centre, &report.period.month.to_string()]))?;
    let until = report.objection_until.map(|day| filled(language, "answers.note.until", &[&day.to_string()]));
    let first = until.unwrap_or_else(|| word(language, "answers.note.issued").to_owned());
    sheet.line(Look::Strong, &first)?;
    for note in NOTES {
        sheet.line(Look::Line, word(language, note))?;
    }
    sheet.close()
}

/// What a line waits for before any objection: its status and reason.
fn question(finding: &Finding) -> (Status, &str) {
    match &finding.ruled {
        Some((status, reason)) if is_objected(finding) => (*status, reason),
        _ => (finding.status, &finding.reason),
    }
}

fn is_objected(finding: &Finding) -> bool {
    finding.status == Status::Hold && finding.reason == OBJECTION
}

/// What can be decided, as keys of words, the first what is usual.
fn choices(finding: &Finding) -> Vec<&'static str> {
    let (status, reason) = question(finding);
    let own: &[&str] = match status {
        _ if finding.employee_id.is_empty() && reason == "no-assignee" => &["answer.assign"],
        _ if finding.employee_id.is_empty() => &["answer.assign-confirm", "answer.assign"],
        Status::Hold if matches!(reason, "unacknowledged" | "other-month") => &[],
        Status::Hold | Status::Unpriced => &["answer.confirm"],
        Status::Charge | Status::Credit | Status::Classed => &["answer.amend"],
        _ => &[],
    };
    let dismiss = is_objected(finding).then_some("answer.dismiss");
    dismiss.into_iter().chain(own.iter().copied()).chain(["answer.waive"]).collect()
}

/// What each answer means for this line, and what it needs.
fn how(report: &Report<'_>, finding: &Finding) -> String {
    let language = report.language;
    let (status, reason) = question(finding);
    let mut parts = Vec::new();
    if is_objected(finding) {
        parts.push(word(language, "how.objected").to_owned());
        parts.push(word(language, "how.dismiss").to_owned());
    }
    let is_nobodys = finding.employee_id.is_empty();
    if is_nobodys && reason != "no-assignee" {
        parts.push(word(language, "how.assign-confirm").to_owned() + &confirm(report, finding, reason));
    }
    if is_nobodys {
        parts.push(word(language, "how.assign").to_owned());
    }
    match status {
        _ if is_nobodys => {}
        Status::Hold if reason == "unacknowledged" => parts.push(word(language, "how.unacknowledged").to_owned()),
        Status::Hold if reason == "other-month" => {
            parts.push(filled(language, "how.other-month", &[finding.detail("other_month").unwrap_or_default()]));
        }
        Status::Hold if reason == LATE_CHARGE => {
            let amount = finding.amended.or(finding.unit_amount).map(grouped).unwrap_or_default();
            parts.push(filled(language, "how.late-charge", &[&amount]));
        }
        Status::Hold | Status::Unpriced => parts.push(confirm(report, finding, reason)),
        Status::Charge | Status::Credit | Status::Classed => {
            let price = finding.unit_amount.map(grouped).unwrap_or_default();
            parts.push(filled(language, "how.amend", &[&price]));
        }
        _ => {}
    }
    let waived = match (finding.hours, direction(finding)) {
        (Some(_), _) => "how.waive-hours",
        (_, Direction::Reward) => "how.waive-reward",
        _ => "how.waive",
    };
    parts.push(word(language, waived).to_owned());
    parts.join(word(language, "how.and"))
}

/// What `confirm` makes of the line (2.9).
fn confirm(report: &Report<'_>, finding: &Finding, reason: &str) -> String {
    let language = report.language;
    let Some(rule) = rule(finding.rule) else { return String::new() };
    let outcome = rule.confirms.iter().find(|(known, _)| *known == reason).map(|(_, confirm)| *confirm);
    let price = finding.unit_amount.map(grouped);
    let bounds = rule.bounds.and_then(|bounds| amounts(report, finding, bounds));
    let within = |key: &str, open: &str| match &bounds {
        Some((least, most)) => filled(language, key, &[least, most]),
        None => word(language, open).to_owned(),
    };
    let hours = finding.hours.map(|hundredths| crate::base::quantity::Quantity::Hours(hundredths).to_string());
    match (outcome, price) {
        (Some(Confirm::Notice), _) => filled(language, "how.notice", &[&rule_name(language, rule.name)]),
        (Some(Confirm::Hours), _) => filled(language, "how.hours", &[&hours.unwrap_or_default()]),
        (Some(Confirm::Class), _) => word(language, "how.class").to_owned(),
        (Some(Confirm::WarningOrCharge), _) => within("how.warning-or-charge", "how.warning-or-charge-open"),
        (Some(Confirm::NoticeOrFromRewards), _) => word(language, "how.from-rewards").to_owned(),
        (Some(Confirm::CreditUpTo), Some(price)) => filled(language, "how.credit-up-to", &[&price]),
        (Some(Confirm::CreditOf | Confirm::CreditUpTo), _) => word(language, "how.credit-of").to_owned(),
        (Some(Confirm::Charge), Some(price)) => filled(language, "how.charge", &[&price]),
        (_, Some(price)) => filled(language, "how.charge-up-to", &[&price]),
        (_, None) if reason == "loss-amount" => word(language, "how.loss").to_owned(),
        (_, None) => within("how.charge-within", "how.charge-of"),
    }
}

fn amounts(report: &Report<'_>, finding: &Finding, (least, most): Bounds) -> Option<(String, String)> {
    let on = |param| report.policy.on(param, finding.occurred_on).map(grouped);
    Some((on(least)?, on(most)?))
}
