//! Sheet 待核待定: what waits for a person, whom it waits for and until when. Never in the import.

use super::{
    Book, details,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
    word_or,
};
use crate::{
    report::{Language, Report, words::word},
    schema::{
        deciders::Role,
        findings::{Finding, Status},
    },
};
use anyhow::Result;
use std::sync::LazyLock;

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let own = [wrapped("head.reason", 14), wrapped("head.whom", 12), column("head.due", Look::Date)];
    details::COLUMNS.into_iter().chain(own).collect()
});

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let mut sheet = Sheet::table(book, "sheet.held", &COLUMNS)?;
    let mut has_rows = false;
    for (number, finding) in (1..).zip(report.findings.iter().filter(|finding| is_waiting(finding))) {
        has_rows = true;
        let own = [reason(report.language, finding).into(), whom(report, finding).into(), finding.due_on.into()];
        sheet.row(&COLUMNS, details::cells(report, finding, number).into_iter().chain(own))?;
    }
    if !has_rows {
        sheet.line(Look::Line, word(report.language, "none.held"))?;
    }
    sheet.close()
}

/// Whether a finding waits for somebody's answer.
pub(super) fn is_waiting(finding: &Finding) -> bool {
    matches!(finding.status, Status::Hold | Status::Unpriced)
}

/// Why it waits.
pub(super) fn reason(language: Language, finding: &Finding) -> String {
    let reason = if finding.status == Status::Unpriced { "unpriced" } else { finding.reason.as_str() };
    word_or(language, "reason", reason)
}

/// Who should answer, in words.
pub(super) fn whom(report: &Report<'_>, finding: &Finding) -> String {
    roles(report.language, &report.whom(finding))
}

/// Roles in words, any of which may answer.
pub(super) fn roles(language: Language, roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| word(language, whom_key(*role))).collect();
    words.join(word(language, "mail.and"))
}

fn whom_key(role: Role) -> &'static str {
    match role {
        Role::Manager => "whom.manager",
        Role::Hr => "whom.hr",
        Role::GeneralManager => "whom.general-manager",
        Role::Lawyer => "whom.lawyer",
    }
}

/// A cell for the earliest of several days.
pub(super) fn earliest<'a>(days: impl Iterator<Item = Option<chrono::NaiveDate>>) -> Cell<'a> {
    days.flatten().min().into()
}
