//! Sheet 扣款汇总: one row per person with a charge, a column per group of rules; what the general manager signs.
//!
//! Its total is what payroll imports: what earlier months are charged and paid back is in it, and a person to whom more
//! is paid back than deducted has a sum below zero.

use super::{
    Book, filled, in_words,
    sheet::Sheet,
    style::{Cell, Column, Look, column, to_fill, wrapped},
};
use crate::{
    base::money::Fen,
    report::{Report, adjusted::settled, words::word},
    rules::{Direction, Group, rule},
    schema::{
        adjustments::{Adjustment, Movement},
        findings::{Finding, Status},
    },
};
use anyhow::{Context, Result};
use std::{collections::BTreeMap, sync::LazyLock};

static COLUMNS: [Column; 19] = [
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
    column("group.charged-late", Look::Money),
    column("group.paid-back", Look::Money),
    column("head.count", Look::Count),
    column("head.sum", Look::Money),
    column("head.fund", Look::Money),
    to_fill("head.signed", 14),
    to_fill("head.note", 14),
];
const GROUPS: usize = 8;
/// The place of 其他扣款, which is left out in a month without such a charge.
const OTHER: usize = 11;
/// The places of what earlier months are charged and paid back, left out in a month without adjustments.
const ADJUSTED: [usize; 2] = [12, 13];
/// The columns of a month, by what it has.
static SHOWN: LazyLock<[Vec<Column>; 4]> = LazyLock::new(|| {
    let bare = Has::default();
    let months =
        [bare, Has { other: true, ..bare }, Has { adjusted: true, ..bare }, Has { other: true, adjusted: true }];
    months.map(|month| month.shown(COLUMNS.iter().copied()).collect())
});
pub(super) const FUND: &str = "department-fund";

/// The column of a rule's money, from 0.
fn group(name: &str) -> Option<usize> {
    match rule(name)?.direction {
        Direction::Deduction(_, group) => Some(group as usize),
        _ => None,
    }
}

/// Which of the columns that few months need a month has.
#[derive(Clone, Copy, Default)]
struct Has {
    other: bool,
    adjusted: bool,
}

impl Has {
    fn shown<T>(self, columns: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let is_shown = move |at: usize| (self.other || at != OTHER) && (self.adjusted || !ADJUSTED.contains(&at));
        columns.enumerate().filter(move |(at, _)| is_shown(*at)).map(|(_, column)| column)
    }

    fn columns(self) -> &'static [Column] {
        &SHOWN[usize::from(self.other) + 2 * usize::from(self.adjusted)]
    }
}

/// The charges of one person, and what is charged and paid back of earlier months.
#[derive(Default)]
struct Line {
    groups: [Fen; GROUPS],
    late: Fen,
    back: Fen,
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

    /// Takes up an adjustment; it is no line of this month, so it is not counted.
    fn adjust(&mut self, one: &Adjustment) {
        let Fen(amount) = one.amount;
        let sign = if one.movement.is_reverse() { -1 } else { 1 };
        let side = if one.movement.is_reverse() { &mut self.back } else { &mut self.late };
        side.0 += amount;
        self.sum.0 += sign * amount;
        if one.destination == FUND {
            self.fund.0 += sign * amount;
        }
    }

    fn cells<'a>(&self) -> impl Iterator<Item = Cell<'a>> + use<'a> {
        let earlier = [self.late, self.back].map(Cell::Money);
        let sums = [Cell::Count(self.count), self.sum.into(), self.fund.into(), Cell::Blank, Cell::Blank];
        self.groups.map(Cell::Money).into_iter().chain(earlier).chain(sums)
    }
}

fn lines<'a>(report: &'a Report<'_>) -> Result<(BTreeMap<&'a str, Line>, Line)> {
    let (mut lines, mut total): (BTreeMap<&str, Line>, Line) = Default::default();
    for finding in report.of(Status::Charge) {
        lines.entry(&finding.employee_id).or_default().add(finding)?;
        total.add(finding)?;
    }
    for one in adjustments(report) {
        lines.entry(&one.employee_id).or_default().adjust(one);
        total.adjust(one);
    }
    Ok((lines, total))
}

/// The deductions of earlier months that payroll imports or pays back.
fn adjustments<'a>(report: &'a Report<'_>) -> impl Iterator<Item = &'a Adjustment> {
    settled(report, false).filter(|one| matches!(one.movement, Movement::Deduct | Movement::ReverseDeduct))
}

/// The sum that the sheet shows, for the control sums.
pub(super) fn sum(report: &Report<'_>) -> Result<Fen> {
    Ok(lines(report)?.0.values().map(|line| line.sum).sum())
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let (lines, total) = lines(report)?;
    let other = total.groups[Group::Other as usize] > Fen(0);
    let has = Has { other, adjusted: adjustments(report).next().is_some() };
    let columns = has.columns();
    let mut sheet = Sheet::table(book, "sheet.totals", columns)?;
    for (number, (id, line)) in (1..).zip(&lines) {
        let person = report.people.get(*id);
        let name = person.map(|person| person.name.as_str());
        let department = person.map(|person| person.department.as_str());
        let who = [Cell::Count(number), (*id).into(), name.into(), department.into()];
        sheet.row(columns, has.shown(who.into_iter().chain(line.cells())))?;
    }
    let people = people(report, lines.len());
    let label = [word(report.language, "total").into(), Cell::Blank, people.into(), Cell::Blank];
    sheet.total(has.shown(label.into_iter().chain(total.cells())))?;
    sheet.gap()?;
    sheet.line(Look::Line, &in_words(report.language, total.sum))?;
    sheet.gap()?;
    sheet.line(Look::Line, word(report.language, "signatures"))?;
    sheet.close()
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
        assert_eq!(ADJUSTED.map(|at| COLUMNS[at].word), ["group.charged-late", "group.paid-back"]);
        assert_eq!(OTHER - 4, Group::Other as usize);
    }
}
