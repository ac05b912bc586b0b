//! Sheet 以前月份调整: each movement of an earlier month's finding that this month takes up (冲正). Only in months that
//! have one. What payroll imports comes first; what is settled by hand, because the employee has left, stands apart.
//!
//! Amounts are positive and the direction says which way; 净额 has the sign of the employee's favour.

use super::{
    Book, filled, grouped, rule_title,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
    totals::people,
    word_or,
};
use crate::{
    base::{money::Fen, month::Month},
    report::{
        Language, Report,
        adjusted::{Adjusted, burdened, favour, settled},
        words::word,
    },
    schema::{
        adjustments::{Adjustment, Movement},
        findings::Status,
    },
};
use anyhow::Result;
use chrono::NaiveDate;
use std::collections::BTreeSet;

const COLUMNS: [Column; 16] = [
    column("head.number", Look::Center),
    wrapped("head.record", 27),
    column("head.paid-in", Look::Center),
    column("head.belongs-to", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 10),
    wrapped("head.department", 12),
    column("head.occurred", Look::Date),
    wrapped("head.item", 12),
    wrapped("head.direction", 14),
    column("head.amount", Look::Money),
    column("head.net", Look::Money),
    column("head.hours", Look::Money),
    column("head.booked-by", Look::Center),
    wrapped("head.destination", 17),
    wrapped("head.summary", 32),
];
const NET: usize = 11;
/// On the cover, as wide as its other tables.
const BLOCK: [Column; 6] = [
    wrapped("head.direction", 30),
    wrapped("head.settled", 40),
    column("head.persons", Look::Count),
    column("head.rows", Look::Count),
    column("head.amount", Look::Money),
    column("head.hours", Look::Money),
];

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    if report.adjustments.is_empty() {
        return Ok(());
    }
    let language = report.language;
    let mut sheet = Sheet::table(book, "sheet.adjustments", &COLUMNS)?;
    let paid = Adjusted::of(settled(report, false));
    for (number, one) in (1..).zip(settled(report, false)) {
        sheet.row(&COLUMNS, cells(report, one, number))?;
    }
    if paid.count == 0 {
        sheet.line(Look::Line, word(language, "adjusted.none"))?;
    } else {
        sheet.total(total(report, &paid))?;
        sheet.gap()?;
        sums(&mut sheet, language, &paid)?;
    }
    let by_hand = Adjusted::of(settled(report, true));
    if by_hand.count > 0 {
        sheet.gap()?;
        sheet.line(Look::Section, word(language, "adjusted.final"))?;
        sheet.line(Look::Strong, word(language, "adjusted.final-note"))?;
        sheet.head(&COLUMNS)?;
        let from = sheet.at()?;
        for (number, one) in (paid.count + 1..).zip(settled(report, true)) {
            sheet.row(&COLUMNS, cells(report, one, number))?;
        }
        sheet.total_since(from, total(report, &by_hand))?;
        sheet.gap()?;
        sums(&mut sheet, language, &by_hand)?;
    }
    sheet.close()
}

fn cells<'a>(report: &'a Report<'_>, one: &'a Adjustment, number: u64) -> [Cell<'a>; 16] {
    let language = report.language;
    let person = report.people.get(&one.employee_id);
    let is_hours = one.movement.is_hours();
    [
        Cell::Count(number),
        one.finding_id.as_str().into(),
        report.period.month.to_string().into(),
        one.belongs_to.to_string().into(),
        one.employee_id.as_str().into(),
        person.map(|person| person.name.as_str()).into(),
        person.map(|person| person.department.as_str()).into(),
        day(one),
        rule_title(language, one.rule).into(),
        movement(language, one.movement).into(),
        (!is_hours).then_some(one.amount).into(),
        (!is_hours).then(|| favour(one)).into(),
        if is_hours { Cell::Hours(one.hours) } else { Cell::Blank },
        format!("{:03}", one.edition).into(),
        word_or(language, "destination", one.destination).into(),
        one.summary.as_str().into(),
    ]
}

fn total<'a>(report: &Report<'_>, sums: &Adjusted) -> [Cell<'a>; 16] {
    let mut total: [Cell<'_>; 16] = std::array::from_fn(|_| Cell::Blank);
    total[0] = word(report.language, "total").into();
    total[5] = people(report, usize::try_from(sums.people).unwrap_or(usize::MAX)).into();
    total[NET] = sums.favour().into();
    total
}

/// What goes to employees, what is taken from them, the net, and hours where there are any.
fn sums(sheet: &mut Sheet<'_>, language: Language, sums: &Adjusted) -> Result<()> {
    use Movement::{Deduct, Hours, ReverseDeduct, ReverseHours, ReverseReward, Reward};
    let lines = [
        ("adjusted.given", sums.given(), [ReverseDeduct, Reward]),
        ("adjusted.taken", sums.taken(), [Deduct, ReverseReward]),
    ];
    for (key, sum, [one, other]) in lines {
        let texts = [sum, sums.sum(one), sums.sum(other)].map(grouped);
        sheet.line(Look::Line, &filled(language, key, &texts.each_ref().map(String::as_str)))?;
    }
    sheet.line(Look::Line, &filled(language, "adjusted.net", &[&grouped(sums.favour())]))?;
    let hours = [Hours, ReverseHours].map(|movement| sums.hours(movement));
    if hours != [0, 0] {
        let [given, taken] = hours.map(|hundredths| grouped(Fen(hundredths)));
        sheet.line(Look::Line, &filled(language, "adjusted.hours", &[&given, &taken]))?;
    }
    Ok(())
}

/// The part of the cover: whom it burdens, how much goes which way, and what payroll comes to with it.
pub(super) fn block(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    if report.adjustments.is_empty() {
        return Ok(());
    }
    let language = report.language;
    sheet.gap()?;
    sheet.keep()?;
    sheet.line(Look::Section, word(language, "cover.adjusted"))?;
    let (paid, by_hand) = (Adjusted::of(settled(report, false)), Adjusted::of(settled(report, true)));
    let line = |sheet: &mut Sheet<'_>, look, key: &'static str, texts: &[&str]| {
        sheet.line(look, &filled(language, key, texts))
    };
    if let (people @ 1.., sum) = burdened(report) {
        line(sheet, Look::Strong, "cover.adjusted-taken", &[&people.to_string(), &grouped(sum)])?;
    }
    if by_hand.count > 0 {
        let (count, people) = (by_hand.count.to_string(), by_hand.people.to_string());
        line(sheet, Look::Strong, "cover.adjusted-by-hand", &[&count, &people, &grouped(by_hand.favour())])?;
    }
    sheet.head(&BLOCK)?;
    for (by_hand, how) in [(false, "adjusted.payroll"), (true, "adjusted.by-hand")] {
        for way in Movement::ALL {
            let sums = Adjusted::of(settled(report, by_hand).filter(|one| one.movement == way));
            if sums.count == 0 {
                continue;
            }
            let is_hours = way.is_hours();
            let cells = [
                movement(language, way).into(),
                word(language, how).into(),
                Cell::Count(sums.people),
                Cell::Count(sums.count),
                (!is_hours).then(|| sums.sum(way)).into(),
                if is_hours { Cell::Hours(sums.hours(way)) } else { Cell::Blank },
            ];
            sheet.row(&BLOCK, cells)?;
        }
    }
    line(sheet, Look::Line, "cover.adjusted-where", &[&report.adjustments.len().to_string()])?;
    line(sheet, Look::Line, "adjusted.net", &[&grouped(paid.favour())])?;
    if report.rerun.is_none() {
        let ways = [
            ("cover.adjusted-deductions", Status::Charge, [Movement::Deduct, Movement::ReverseDeduct], paid.deducted()),
            ("cover.adjusted-rewards", Status::Credit, [Movement::Reward, Movement::ReverseReward], paid.rewarded()),
        ];
        for (key, status, [more, less], change) in ways {
            let own = report.sum(status);
            let texts = [own, paid.sum(more), paid.sum(less), Fen(own.0 + change.0)].map(grouped);
            line(sheet, Look::Line, key, &texts.each_ref().map(String::as_str))?;
        }
    }
    Ok(())
}

/// For 运行说明: month and edition of everything that is reversed or booked, in order.
pub(super) fn editions(report: &Report<'_>) -> Vec<String> {
    let editions: BTreeSet<_> =
        report.adjustments.iter().map(|one| (one.belongs_to, !one.movement.is_reverse(), one.edition)).collect();
    let line = |(month, is_booked, edition): (Month, bool, u32)| {
        let key = if is_booked { "run.books" } else { "run.reverses" };
        filled(report.language, key, &[&month.to_string(), &edition.to_string()])
    };
    editions.into_iter().map(line).collect()
}

/// The word for a direction.
pub(super) fn movement(language: Language, movement: Movement) -> String {
    word_or(language, "movement", movement.word())
}

/// The day of the event.
pub(super) fn day(one: &Adjustment) -> Cell<'_> {
    one.occurred_on.parse::<NaiveDate>().map_or_else(|_| one.occurred_on.as_str().into(), Cell::Date)
}
