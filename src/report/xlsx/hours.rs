//! Sheet 旷工与加班: confirmed absences in days and overtime to be paid in hours. No money: payroll has its own rates.

use super::{
    Book, details,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    base::quantity::Quantity,
    report::{Report, summary::summary, words::word},
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
    wrapped("head.matter", 14),
    wrapped("head.summary", 44),
    column("head.days-absent", Look::Count),
    column("head.hours", Look::Money),
    wrapped("head.note", 24),
];

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
            u64::try_from(own_days).ok().filter(|days| *days > 0).into(),
            if own_hours > 0 { Cell::Hours(own_hours) } else { Cell::Blank },
            details::note(language, finding).into(),
        ];
        sheet.row(&COLUMNS, cells)?;
    }
    let mut total: [Cell<'_>; 13] = std::array::from_fn(|_| Cell::Blank);
    total[0] = word(language, "total").into();
    total[10] = Cell::Count(u64::try_from(days).unwrap_or(0));
    total[11] = Cell::Hours(hours);
    sheet.total(total)?;
    sheet.close()
}
