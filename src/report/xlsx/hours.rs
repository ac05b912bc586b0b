//! Sheet 旷工与加班: confirmed absences in days and overtime to be paid in hours. No money: payroll has its own rates.

use super::{
    Book, details,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    base::quantity::Quantity,
    report::{Report, words::word},
    schema::findings::{Finding, Status},
};
use anyhow::Result;
use std::sync::LazyLock;

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let own = [column("head.days-absent", Look::Count), column("head.hours", Look::Money), wrapped("head.note", 24)];
    details::BRIEF.into_iter().chain(own).collect()
});

/// Whether a finding is counted in days or hours here and nowhere else.
pub(super) fn is_listed(finding: &Finding) -> bool {
    finding.status == Status::Hours || (finding.rule == "absence" && finding.status == Status::Notice)
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::table(book, "sheet.hours", &COLUMNS)?;
    let (mut days, mut hours) = (0, 0);
    for (number, finding) in (1..).zip(report.findings.iter().filter(|finding| is_listed(finding))) {
        let (own_days, own_hours) = match finding.quantity {
            Quantity::Whole(days) => (days, 0),
            Quantity::Hours(hundredths) => (0, hundredths),
        };
        days += own_days;
        hours += own_hours;
        let own = [
            u64::try_from(own_days).ok().filter(|days| *days > 0).into(),
            if own_hours > 0 { Cell::Hours(own_hours) } else { Cell::Blank },
            details::note(language, finding).into(),
        ];
        sheet.row(&COLUMNS, details::brief(report, finding, number).into_iter().chain(own))?;
    }
    let mut total: [Cell<'_>; 13] = std::array::from_fn(|_| Cell::Blank);
    total[0] = word(language, "total").into();
    total[10] = Cell::Count(u64::try_from(days).unwrap_or(0));
    total[11] = Cell::Hours(hours);
    sheet.total(total)?;
    sheet.close()
}
