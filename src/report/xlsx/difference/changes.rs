//! Sheet 差异明细: the lines that are gone, then those that are new, then those that are not what they were.

use super::foot;
use crate::{
    base::money::Fen,
    report::{
        Language, Report,
        words::word,
        xlsx::{
            Book, rule_name,
            sheet::Sheet,
            status_of,
            style::{Cell, Column, Look, column, wrapped},
        },
    },
    schema::difference::{Difference, FindingRow},
};
use anyhow::Result;
use chrono::NaiveDate;

const COLUMNS: [Column; 14] = [
    column("head.number", Look::Center),
    column("head.change", Look::Center),
    wrapped("head.record", 27),
    column("head.employee", Look::Text),
    wrapped("head.name", 10),
    wrapped("head.department", 12),
    wrapped("head.clause-item", 16),
    column("head.occurred", Look::Date),
    wrapped("head.status-before", 12),
    column("head.amount-before", Look::Money),
    wrapped("head.status-after", 12),
    column("head.amount-after", Look::Money),
    wrapped("head.summary-change", 42),
    wrapped("head.fields", 20),
];
/// The heads under which sheets show the columns of `findings.csv`, in their order.
const HEADS: [&str; 15] = [
    "head.record",
    "head.item",
    "head.clause",
    "head.employee",
    "head.occurred",
    "head.belongs-to",
    "head.subject",
    "head.status",
    "head.reason",
    "head.quantity",
    "head.unit",
    "head.amount",
    "head.destination",
    "head.due",
    "head.summary",
];

/// A line as it was and as it is; one of them where it is gone or new.
type Pair<'a> = (Option<&'a FindingRow>, Option<&'a FindingRow>);

pub(super) fn write(book: &mut Book, report: &Report<'_>, difference: &Difference) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::table(book, "sheet.changes", &COLUMNS)?;
    let removed = difference.removed.iter().map(|was| ("change.removed", (Some(was), None)));
    let added = difference.added.iter().map(|is| ("change.added", (None, Some(is))));
    let changed = difference.weighed().0.into_iter().map(|(was, is)| ("change.changed", (Some(was), Some(is))));
    for (number, (change, pair)) in (1..).zip(removed.chain(added).chain(changed)) {
        sheet.row(&COLUMNS, cells(report, number, change, pair))?;
    }
    if difference.is_empty() {
        sheet.line(Look::Line, word(language, "difference.nothing"))?;
    }
    foot(&mut sheet, language)?;
    sheet.close()
}

fn cells<'a>(report: &'a Report<'_>, number: u64, change: &str, (was, is): Pair<'a>) -> Vec<Cell<'a>> {
    let language = report.language;
    let Some(row) = is.or(was) else { return Vec::new() };
    let person = report.people.get(row.cell("employee_id"));
    let [(status_was, amount_was), (status_is, amount_is)] = [was, is].map(|row| judged(language, row));
    vec![
        Cell::Count(number),
        word(language, change).to_owned().into(),
        row.id().into(),
        row.cell("employee_id").into(),
        person.map(|person| person.name.as_str()).into(),
        person.map(|person| person.department.as_str()).into(),
        item(language, row).into(),
        row.cell("occurred_on").parse::<NaiveDate>().map_or_else(|_| row.cell("occurred_on").into(), Cell::Date),
        status_was,
        amount_was,
        status_is,
        amount_is,
        summary((was, is)).into(),
        fields(language, (was, is)).into(),
    ]
}

/// The line's own clause, and what its rule is called.
fn item(language: Language, row: &FindingRow) -> String {
    let name = rule_name(language, row.cell("rule"));
    let title = name.split_once(' ').map_or(name.as_str(), |(_, title)| title);
    format!("{} {title}", row.cell("clause"))
}

/// Status and amount of one side.
fn judged<'a>(language: Language, row: Option<&FindingRow>) -> (Cell<'a>, Cell<'a>) {
    let Some(row) = row else { return (Cell::Blank, Cell::Blank) };
    (status_of(language, row.cell("status"), row.cell("reason")).into(), Fen::parse_yuan(row.cell("amount")).into())
}

fn summary((was, is): Pair<'_>) -> String {
    match [was, is].map(|row| row.map_or("", |row| row.cell("summary"))) {
        [was, is] if was == is || is.is_empty() => was.to_owned(),
        ["", is] => is.to_owned(),
        [was, is] => format!("{was} → {is}"),
    }
}

/// The heads of the columns in which both sides differ.
fn fields(language: Language, pair: Pair<'_>) -> String {
    let (Some(was), Some(is)) = pair else { return String::new() };
    let cells = was.cells().iter().zip(is.cells()).zip(HEADS);
    let names = cells.filter(|((was, is), _)| was != is).map(|(_, head)| word(language, head));
    names.collect::<Vec<_>>().join(word(language, "mail.and"))
}
