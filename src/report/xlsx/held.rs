//! Sheet 待核待定: what waits for a person, whom it waits for and until when. Never in the import.

use super::{
    Book, details,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
    word_or,
};
use crate::{
    report::{Language, Report, words::word},
    schema::findings::{Finding, Status},
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
        let own = [
            reason(report.language, finding).into(),
            word(report.language, whom(finding)).into(),
            finding.due_on.into(),
        ];
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

/// Who should answer, as the key of a word.
///
/// The department's manager knows the day's work and grades complaints (八.16), and objections go to them (八(二));
/// the general manager's office approves rewards (六.3), fills the amounts that the text leaves blank, and decides on
/// refusals (五.2(3)) and losses (八.14); HR sees to signatures, and to what belongs to nobody.
pub(super) fn whom(finding: &Finding) -> &'static str {
    if finding.status == Status::Unpriced {
        return "whom.office";
    }
    match finding.reason.as_str() {
        "amount" | "cross-check" | "pending" | "refusal" | "loss-amount" => "whom.office",
        "own-work"
        | "approval"
        | "warning-or-fine"
        | "late-class"
        | "late-leave"
        | "visit-unannounced"
        | "absence-unexplained"
        | "ungraded"
        | "objection" => "whom.manager",
        _ => "whom.hr",
    }
}

/// A cell for the earliest of several days.
pub(super) fn earliest<'a>(days: impl Iterator<Item = Option<chrono::NaiveDate>>) -> Cell<'a> {
    days.flatten().min().into()
}
