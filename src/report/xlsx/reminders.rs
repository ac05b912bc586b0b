//! Sheet 提醒事项: every reminder, defect and warning of the month, line by line. None of them moves money.

use super::{
    Book, candidates, details, direction, hours,
    sheet::Sheet,
    status_word,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    report::{Report, summary::summary, words::word},
    rules::Direction,
    schema::findings::{Finding, Status},
};
use anyhow::Result;

const COLUMNS: [Column; 13] = [
    column("head.number", Look::Center),
    wrapped("head.record", 26),
    column("head.belongs-to", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 14),
    wrapped("head.department", 16),
    column("head.occurred", Look::Date),
    column("head.clause", Look::Center),
    wrapped("head.matter", 16),
    wrapped("head.summary", 44),
    column("head.unit", Look::Money),
    wrapped("head.status", 14),
    wrapped("head.note", 24),
];

/// Whether a finding is a reminder; what belongs to rewards is in rewards.xlsx.
pub(super) fn is_reminder(finding: &Finding) -> bool {
    let is_of_rewards = direction(finding) == Direction::Reward || candidates::is_candidate(finding);
    finding.status == Status::Notice && !is_of_rewards
}

fn is_listed(finding: &Finding) -> bool {
    is_reminder(finding) && !hours::is_listed(finding)
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::table(book, "sheet.reminders", &COLUMNS)?;
    let mut has_rows = false;
    for (number, finding) in (1..).zip(report.findings.iter().filter(|finding| is_listed(finding))) {
        has_rows = true;
        let person = report.people.get(&finding.employee_id);
        let cells = [
            Cell::Count(number),
            finding.id.as_str().into(),
            finding.belongs_to.to_string().into(),
            finding.employee_id.as_str().into(),
            person.map(|person| person.name.as_str()).into(),
            person.map(|person| person.department.as_str()).into(),
            finding.occurred_on.into(),
            finding.clause.into(),
            details::title(language, finding).into(),
            summary(finding, language).into(),
            finding.unit_amount.into(),
            status_word(language, finding).into(),
            details::note(language, finding).into(),
        ];
        sheet.row(&COLUMNS, cells)?;
    }
    if !has_rows {
        sheet.line(Look::Line, word(language, "none.month"))?;
    }
    sheet.close()
}
