//! `managers/ID.xlsx`: what a manager sees of the own staff: each person's counts (八.12 is for the manager to judge),
//! every row, and the held lines that wait for the manager, to be answered in place.

use super::{
    Book, answers, details, filled, held,
    sheet::Sheet,
    status_and_hours,
    style::{Cell, Column, Look, column, wrapped},
};
use crate::{
    base::money::Fen,
    report::{Report, words::word},
    schema::{
        deciders::Role,
        findings::{Finding, Status},
    },
};
use anyhow::Result;
use std::{collections::BTreeMap, sync::LazyLock};

static PEOPLE: [Column; 12] = [
    column("head.number", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 16),
    wrapped("head.department", 18),
    wrapped("head.position", 16),
    column("status.charge", Look::Count),
    column("status.counted", Look::Count),
    column("managers.waiting", Look::Count),
    column("status.notice", Look::Count),
    column("status.credit", Look::Count),
    column("managers.others", Look::Count),
    column("managers.sum", Look::Money),
];
static ROWS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let own = [
        column("head.unit", Look::Money),
        column("head.amount", Look::Money),
        wrapped("head.status", 14),
        wrapped("head.reason", 16),
        wrapped("head.note", 24),
    ];
    details::BRIEF.into_iter().chain(own).collect()
});
const OTHERS: usize = 5;

/// The findings of each manager's staff, by the manager's id.
pub(super) fn by_manager<'a>(report: &'a Report<'_>) -> BTreeMap<&'a str, Vec<&'a Finding>> {
    let mut staff: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings {
        let manager = report.people.get(&finding.employee_id).map_or("", |person| person.manager_id.as_str());
        if !manager.is_empty() {
            staff.entry(manager).or_default().push(finding);
        }
    }
    staff
}

/// The workbook of one manager.
pub(super) fn book(report: &Report<'_>, own: &[&Finding]) -> Result<Vec<u8>> {
    let mut book = Book::small(report)?;
    people(&mut book, report, own)?;
    let mut sheet = Sheet::table(&mut book, "sheet.staff-rows", &ROWS)?;
    for (number, finding) in (1..).zip(own) {
        let waits = if held::is_waiting(finding) { held::reason(report.language, finding) } else { String::new() };
        let extra = [
            finding.unit_amount.into(),
            finding.amount.into(),
            status_and_hours(report.language, finding).into(),
            waits.into(),
            details::note(report.language, finding).into(),
        ];
        sheet.row(&ROWS, details::brief(report, finding, number).into_iter().chain(extra))?;
    }
    sheet.close()?;
    let is_asked = |finding: &&&Finding| held::is_waiting(finding) && report.whom(finding).contains(&Role::Manager);
    let asked: Vec<&Finding> = own.iter().filter(is_asked).copied().collect();
    answers::write(&mut book, report, &asked)?;
    answers::notes(&mut book, report)?;
    Ok(book.workbook.save_to_buffer()?)
}

/// Where a finding is counted.
fn place(finding: &Finding) -> usize {
    match finding.status {
        Status::Charge => 0,
        Status::Counted => 1,
        Status::Hold | Status::Unpriced => 2,
        Status::Notice => 3,
        Status::Credit => 4,
        _ => OTHERS,
    }
}

/// One row a person with a finding: how many of each kind, and what is deducted.
fn people(book: &mut Book, report: &Report<'_>, own: &[&Finding]) -> Result<()> {
    let language = report.language;
    let mut lines: BTreeMap<&str, ([u64; OTHERS + 1], Fen)> = BTreeMap::new();
    for finding in own {
        let (counts, sum) = lines.entry(&finding.employee_id).or_default();
        counts[place(finding)] += 1;
        if finding.status == Status::Charge {
            sum.0 += finding.amount.unwrap_or_default().0;
        }
    }
    let mut sheet = Sheet::table(book, "sheet.staff", &PEOPLE)?;
    let mut total: [u64; OTHERS + 1] = Default::default();
    for (number, (id, (counts, sum))) in (1..).zip(&lines) {
        let person = report.people.get(*id);
        let name = |part: fn(&crate::report::Person) -> &String| person.map(|person| part(person).as_str()).into();
        let who = [
            Cell::Count(number),
            (*id).into(),
            name(|person| &person.name),
            name(|person| &person.department),
            name(|person| &person.position),
        ];
        let counts = counts.map(Cell::Count);
        sheet.row(&PEOPLE, who.into_iter().chain(counts).chain([(*sum).into()]))?;
    }
    for (counts, _) in lines.values() {
        for (all, own) in total.iter_mut().zip(counts) {
            *all += own;
        }
    }
    let sum: Fen = lines.values().map(|(_, sum)| *sum).sum();
    let label = [word(language, "total").into(), Cell::Blank, Cell::Blank, Cell::Blank, Cell::Blank];
    sheet.total(label.into_iter().chain(total.map(Cell::Count)).chain([sum.into()]))?;
    sheet.gap()?;
    sheet.line(Look::Line, &filled(language, "managers.note", &[&report.period.month.to_string()]))?;
    sheet.close()
}
