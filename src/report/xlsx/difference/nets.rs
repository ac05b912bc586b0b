//! Sheet 每人净额: what the lines that differ came to, and come to, for each employee.

use super::foot;
use crate::{
    base::money::Fen,
    report::{
        Report,
        words::word,
        xlsx::{
            Book,
            sheet::Sheet,
            style::{Cell, Column, Look, column, wrapped},
            totals::people,
        },
    },
    schema::difference::Net,
};
use anyhow::Result;

const COLUMNS: [Column; 11] = [
    column("head.number", Look::Center),
    column("head.employee", Look::Text),
    wrapped("head.name", 16),
    wrapped("head.department", 18),
    column("head.deducted-before", Look::Money),
    column("head.deducted-after", Look::Money),
    column("head.rewarded-before", Look::Money),
    column("head.rewarded-after", Look::Money),
    column("head.hours-change", Look::Money),
    column("head.net", Look::Money),
    column("head.direction", Look::Text),
];

pub(super) fn write(book: &mut Book, report: &Report<'_>, nets: &[Net]) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::table(book, "sheet.nets", &COLUMNS)?;
    for (number, net) in (1..).zip(nets) {
        let person = report.people.get(&net.employee_id);
        let who = [
            Cell::Count(number),
            net.employee_id.as_str().into(),
            person.map(|person| person.name.as_str()).into(),
            person.map(|person| person.department.as_str()).into(),
        ];
        let direction = match net.favour() {
            Fen(1..) => "favour.to-employee",
            Fen(..0) => "favour.from-employee",
            Fen(0) if net.hours[0] == net.hours[1] => "favour.even",
            Fen(0) => "favour.hours",
        };
        sheet.row(&COLUMNS, who.into_iter().chain(numbers(net)).chain([word(language, direction).into()]))?;
    }
    if nets.is_empty() {
        sheet.line(Look::Line, word(language, "difference.no-net"))?;
        foot(&mut sheet, language)?;
        return sheet.close();
    }
    let mut all = Net::default();
    for net in nets {
        for side in 0..2 {
            all.deducted[side].0 += net.deducted[side].0;
            all.rewarded[side].0 += net.rewarded[side].0;
            all.hours[side] += net.hours[side];
        }
    }
    let label = [word(language, "total").into(), Cell::Blank, people(report, nets.len()).into(), Cell::Blank];
    sheet.total(label.into_iter().chain(numbers(&all)).chain([Cell::Blank]))?;
    sheet.gap()?;
    sheet.line(Look::Line, word(language, "difference.net-note"))?;
    foot(&mut sheet, language)?;
    sheet.close()
}

fn numbers<'a>(net: &Net) -> [Cell<'a>; 6] {
    let [deducted_was, deducted_is] = net.deducted.map(Cell::Money);
    let [rewarded_was, rewarded_is] = net.rewarded.map(Cell::Money);
    let hours = match net.hours[1] - net.hours[0] {
        0 => Cell::Blank,
        change => Cell::Hours(change),
    };
    [deducted_was, deducted_is, rewarded_was, rewarded_is, hours, net.favour().into()]
}
