//! Sheet 候选与待批: rewards that are earned and nobody has applied for, and applications that wait for a decision.

use super::{
    Book, direction, held,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    report::{Report, summary::summary, words::word},
    rules::Direction,
    schema::findings::{Finding, Status},
};
use anyhow::Result;

const COLUMNS: [Column; 11] = [
    column("head.number", Look::Center),
    wrapped("head.record", 28),
    wrapped("head.status", 14),
    column("head.employee", Look::Text),
    wrapped("head.name", 16),
    wrapped("head.department", 16),
    column("head.clause", Look::Center),
    column("head.occurred", Look::Date),
    wrapped("head.facts", 50),
    column("head.whom", Look::Center),
    column("head.due", Look::Date),
];
const CANDIDATES: &str = "reward-candidate";

/// How many candidates there are.
pub(super) fn count(report: &Report<'_>) -> usize {
    report.findings.iter().filter(|finding| is_candidate(finding)).count()
}

/// Whether a finding is of the rule that finds candidates.
pub(super) fn is_of_candidates(finding: &Finding) -> bool {
    finding.rule == CANDIDATES
}

/// Whether a reward is earned and nobody has applied for it.
pub(super) fn is_candidate(finding: &Finding) -> bool {
    finding.rule == CANDIDATES && finding.status == Status::Notice
}

/// What kind of line it is, as the key of a word; none where it is not listed.
fn kind(finding: &Finding) -> Option<&'static str> {
    let is_reward = direction(finding) == Direction::Reward;
    match finding.status {
        Status::Notice if is_candidate(finding) => Some("candidate"),
        Status::Notice if is_reward => Some("reason.pending"),
        Status::Hold if is_reward || finding.rule == CANDIDATES => Some("status.hold"),
        _ => None,
    }
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::table(book, "sheet.candidates", &COLUMNS)?;
    let listed = report.findings.iter().filter_map(|finding| Some((finding, kind(finding)?)));
    let mut has_rows = false;
    for (number, (finding, kind)) in (1..).zip(listed) {
        has_rows = true;
        let person = report.people.get(&finding.employee_id);
        let cells = [
            Cell::Count(number),
            finding.id.as_str().into(),
            word(language, kind).into(),
            finding.employee_id.as_str().into(),
            person.map(|person| person.name.as_str()).into(),
            person.map(|person| person.department.as_str()).into(),
            finding.clause.into(),
            finding.occurred_on.into(),
            summary(finding, language).into(),
            held::whom(report, finding).into(),
            finding.due_on.into(),
        ];
        sheet.row(&COLUMNS, cells)?;
    }
    if !has_rows {
        sheet.line(Look::Line, word(language, "none.month"))?;
    }
    sheet.close()
}
