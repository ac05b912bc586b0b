//! Sheet 扣款汇总: one row per person with a charge, a column per group of rules; what the general manager signs.

use super::{
    Book, filled, in_words,
    sheet::Sheet,
    style::{Cell, Column, Look, column, to_fill, wrapped},
};
use crate::{
    base::money::Fen,
    report::{Report, words::word},
    rules::{Direction, Group, rule},
    schema::findings::{Finding, Status},
};
use anyhow::{Context, Result};
use std::{collections::BTreeMap, sync::LazyLock};

static COLUMNS: [Column; 17] = [
    column("head.number", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 16),
    wrapped("head.department", 18),
    column("group.late", Look::Money),
    column("group.meeting", Look::Money),
    column("group.safety", Look::Money),
    column("group.contact", Look::Money),
    column("group.complaint", Look::Money),
    column("group.repair", Look::Money),
    column("group.loss", Look::Money),
    column("group.other", Look::Money),
    column("head.count", Look::Count),
    column("head.sum", Look::Money),
    column("head.fund", Look::Money),
    to_fill("head.signed", 14),
    to_fill("head.note", 14),
];
const GROUPS: usize = 8;
/// The place of 其他扣款, which is left out in a month without such a charge.
const OTHER: usize = 11;
static USUAL: LazyLock<Vec<Column>> = LazyLock::new(|| shown(COLUMNS.iter().copied(), false).collect());
pub(super) const FUND: &str = "department-fund";

/// The column of a rule's money, from 0.
fn group(name: &str) -> Option<usize> {
    match rule(name)?.direction {
        Direction::Deduction(_, group) => Some(group as usize),
        _ => None,
    }
}

/// The charges of one person.
#[derive(Default)]
struct Line {
    groups: [Fen; GROUPS],
    count: u64,
    sum: Fen,
    fund: Fen,
}

impl Line {
    fn add(&mut self, finding: &Finding) -> Result<()> {
        let amount = finding.amount.unwrap_or_default();
        let group =
            group(finding.rule).with_context(|| format!("扣款汇总 has no column for the rule `{}`", finding.rule))?;
        let raise = |sum: &mut Fen| sum.0 += amount.0;
        raise(&mut self.groups[group]);
        raise(&mut self.sum);
        if finding.destination == FUND {
            raise(&mut self.fund);
        }
        self.count += 1;
        Ok(())
    }

    fn cells<'a>(&self) -> impl Iterator<Item = Cell<'a>> + use<'a> {
        let sums = [Cell::Count(self.count), self.sum.into(), self.fund.into(), Cell::Blank, Cell::Blank];
        self.groups.map(Cell::Money).into_iter().chain(sums)
    }
}

fn lines<'a>(report: &'a Report<'_>) -> Result<(BTreeMap<&'a str, Line>, Line)> {
    let (mut lines, mut total): (BTreeMap<&str, Line>, Line) = Default::default();
    for finding in report.of(Status::Charge) {
        lines.entry(&finding.employee_id).or_default().add(finding)?;
        total.add(finding)?;
    }
    Ok((lines, total))
}

/// The sum that the sheet shows, for the control sums.
pub(super) fn sum(report: &Report<'_>) -> Result<Fen> {
    Ok(lines(report)?.0.values().map(|line| line.sum).sum())
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let (lines, total) = lines(report)?;
    let has_other = total.groups[Group::Other as usize] > Fen(0);
    let columns: &'static [Column] = if has_other { &COLUMNS } else { &USUAL };
    let mut sheet = Sheet::table(book, "sheet.totals", columns)?;
    for (number, (id, line)) in (1..).zip(&lines) {
        let person = report.people.get(*id);
        let name = person.map(|person| person.name.as_str());
        let department = person.map(|person| person.department.as_str());
        let who = [Cell::Count(number), (*id).into(), name.into(), department.into()];
        sheet.row(columns, shown(who.into_iter().chain(line.cells()), has_other))?;
    }
    let people = people(report, lines.len());
    let label = [word(report.language, "total").into(), Cell::Blank, people.into(), Cell::Blank];
    sheet.total(shown(label.into_iter().chain(total.cells()), has_other))?;
    sheet.gap()?;
    sheet.line(Look::Line, &in_words(report.language, total.sum))?;
    sheet.gap()?;
    sheet.line(Look::Line, word(report.language, "signatures"))?;
    sheet.close()
}

/// What stands in the columns of this month.
fn shown<T>(columns: impl Iterator<Item = T>, has_other: bool) -> impl Iterator<Item = T> {
    columns.enumerate().filter(move |(at, _)| has_other || *at != OTHER).map(|(_, column)| column)
}

/// 共N人, beside 合计.
pub(super) fn people(report: &Report<'_>, people: usize) -> String {
    filled(report.language, "total.people", &[&people.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn every_deduction_rule_has_a_column() {
        for rule in RULES.iter().filter(|rule| matches!(rule.direction, Direction::Deduction(..))) {
            assert!(group(rule.name).is_some_and(|group| group < GROUPS), "{}", rule.name);
        }
        assert_eq!(COLUMNS[OTHER].word, "group.other");
        assert_eq!(OTHER - 4, Group::Other as usize);
    }
}
