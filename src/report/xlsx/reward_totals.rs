//! Sheet 奖励汇总: one row per person with a reward to be paid.

use super::{
    Book, in_words,
    sheet::Sheet,
    style::{Cell, Column, Look, column, to_fill, wrapped},
    totals::people,
};
use crate::{
    base::money::Fen,
    report::{Report, adjusted::settled, words::word},
    schema::{
        adjustments::{Adjustment, Movement},
        findings::Status,
    },
};
use anyhow::Result;
use std::{collections::BTreeMap, sync::LazyLock};

static COLUMNS: [Column; 10] = [
    column("head.number", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 16),
    wrapped("head.department", 24),
    column("group.rewarded-late", Look::Money),
    column("group.taken-back", Look::Money),
    column("head.count", Look::Count),
    column("head.sum", Look::Money),
    to_fill("head.signed", 18),
    to_fill("head.note", 18),
];
/// The places of what earlier months are given and lose, left out in a month without adjustments.
const ADJUSTED: [usize; 2] = [4, 5];
static USUAL: LazyLock<Vec<Column>> = LazyLock::new(|| shown(COLUMNS.iter().copied(), false).collect());

/// The rewards of one person.
#[derive(Default)]
struct Line {
    late: Fen,
    back: Fen,
    count: u64,
    sum: Fen,
}

impl Line {
    fn cells<'a>(&self) -> [Cell<'a>; 6] {
        [self.late.into(), self.back.into(), self.count.into(), self.sum.into(), Cell::Blank, Cell::Blank]
    }
}

/// Count and sums of rewards by employee id.
fn lines<'a>(report: &'a Report<'_>) -> BTreeMap<&'a str, Line> {
    let mut lines: BTreeMap<&str, Line> = BTreeMap::new();
    for finding in report.of(Status::Credit) {
        let line = lines.entry(&finding.employee_id).or_default();
        line.count += 1;
        line.sum.0 += finding.amount.unwrap_or_default().0;
    }
    for one in adjustments(report) {
        let line = lines.entry(&one.employee_id).or_default();
        let (side, sign) = if one.movement.is_reverse() { (&mut line.back, -1) } else { (&mut line.late, 1) };
        side.0 += one.amount.0;
        line.sum.0 += sign * one.amount.0;
    }
    lines
}

/// The rewards of earlier months that payroll imports or takes back.
fn adjustments<'a>(report: &'a Report<'_>) -> impl Iterator<Item = &'a Adjustment> {
    settled(report, false).filter(|one| matches!(one.movement, Movement::Reward | Movement::ReverseReward))
}

/// The sum that the sheet shows, for the control sums.
pub(super) fn sum(report: &Report<'_>) -> Fen {
    lines(report).values().map(|line| line.sum).sum()
}

/// What stands in the columns of this month.
fn shown<T>(columns: impl Iterator<Item = T>, is_adjusted: bool) -> impl Iterator<Item = T> {
    columns.enumerate().filter(move |(at, _)| is_adjusted || !ADJUSTED.contains(at)).map(|(_, column)| column)
}

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let lines = lines(report);
    let is_adjusted = adjustments(report).next().is_some();
    let columns: &'static [Column] = if is_adjusted { &COLUMNS } else { &USUAL };
    let mut sheet = Sheet::table(book, "sheet.reward-totals", columns)?;
    let mut total = Line::default();
    for (number, (id, line)) in (1..).zip(&lines) {
        let person = report.people.get(*id);
        let name = person.map(|person| person.name.as_str());
        let department = person.map(|person| person.department.as_str());
        let who = [Cell::Count(number), (*id).into(), name.into(), department.into()];
        sheet.row(columns, shown(who.into_iter().chain(line.cells()), is_adjusted))?;
        for (all, own) in [(&mut total.late, line.late), (&mut total.back, line.back), (&mut total.sum, line.sum)] {
            all.0 += own.0;
        }
        total.count += line.count;
    }
    let label = [word(report.language, "total").into(), Cell::Blank, people(report, lines.len()).into(), Cell::Blank];
    sheet.total(shown(label.into_iter().chain(total.cells()), is_adjusted))?;
    sheet.gap()?;
    sheet.line(Look::Line, &in_words(report.language, total.sum))?;
    sheet.gap()?;
    sheet.line(Look::Line, word(report.language, "signatures"))?;
    sheet.close()
}
