//! Sheet 提醒事项: every reminder, defect and warning of the month, line by line. None of them moves money.

use super::{
    Book, candidates, details, direction, hours,
    sheet::Sheet,
    status_word,
    style::{Column, Look, column, wrapped},
};
use crate::{
    report::{Report, words::word},
    rules::Direction,
    schema::findings::{Finding, Status},
};
use anyhow::Result;
use std::sync::LazyLock;

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let own = [column("head.unit", Look::Money), wrapped("head.status", 14), wrapped("head.note", 24)];
    details::BRIEF.into_iter().chain(own).collect()
});

/// Whether a finding is a reminder; what belongs to rewards is in rewards.xlsx.
pub(super) fn is_reminder(finding: &Finding) -> bool {
    let is_of_rewards = direction(finding) == Direction::Reward || candidates::is_candidate(finding);
    finding.status == Status::Notice && !is_of_rewards
}

/// Reminders that were merged with another line, or set aside, are listed as such.
fn is_listed(finding: &Finding) -> bool {
    let is_settled = matches!(finding.status, Status::Merged | Status::Waived) && direction(finding) == Direction::None;
    (is_reminder(finding) || (is_settled && !candidates::is_of_candidates(finding))) && !hours::is_listed(finding)
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::table(book, "sheet.reminders", &COLUMNS)?;
    let mut has_rows = false;
    for (number, finding) in (1..).zip(report.findings.iter().filter(|finding| is_listed(finding))) {
        has_rows = true;
        let own = [
            finding.unit_amount.into(),
            status_word(language, finding).into(),
            details::note(language, finding).into(),
        ];
        sheet.row(&COLUMNS, details::brief(report, finding, number).into_iter().chain(own))?;
    }
    if !has_rows {
        sheet.line(Look::Line, word(language, "none.month"))?;
    }
    sheet.close()
}
