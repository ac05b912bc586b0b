//! Checks of a whole row: what no single cell can tell (3-tables §3.2 step 5, 2.4, 2.5, 2.7).

use super::cell::Cell;
use crate::schema::tables::Table;
use chrono::NaiveDateTime;

/// A row's typed cells by column name.
pub(crate) struct View<'a> {
    pub(crate) table: &'a Table,
    pub(crate) cells: &'a [Option<Cell>],
}

impl View<'_> {
    pub(crate) fn cell(&self, name: &str) -> Option<&Cell> {
        let index = self.table.columns.iter().position(|column| column.name == name)?;
        self.cells[index].as_ref()
    }

    pub(crate) fn time(&self, name: &str) -> Option<NaiveDateTime> {
        moment(self.cell(name)?)
    }

    fn word(&self, name: &str) -> Option<&str> {
        if let Cell::Text(text) = self.cell(name)? { Some(text) } else { None }
    }
}

/// The moment in a cell; a date is its midnight.
pub(crate) fn moment(cell: &Cell) -> Option<NaiveDateTime> {
    match cell {
        Cell::Time(time) => Some(*time),
        Cell::Date(date) => Some((*date).into()),
        _ => None,
    }
}

/// What is wrong with the row: the column and the reason.
pub(crate) fn fault(row: &View<'_>) -> Option<(&'static str, String)> {
    let is_before = |early: &str, late: &str| matches!((row.time(early), row.time(late)), (Some(early), Some(late)) if late < early);
    match row.table.name {
        "leaves" | "visits" | "meetings" | "overtime" if is_before("start", "end") => {
            Some(("end", "the end is before the start".to_owned()))
        }
        "identities" if is_before("from", "to") => Some(("to", "the end is before the start".to_owned())),
        "rosters" => roster(row),
        "tickets" => ticket(row),
        "complaints" if row.word("verdict") == Some("upheld") && row.cell("decided_at").is_none() => {
            Some(("decided_at", "upheld, but without the day of the decision".to_owned()))
        }
        "rewards" if row.word("decision") == Some("approved") && row.cell("approved_at").is_none() => {
            Some(("approved_at", "approved, but without the day of the approval".to_owned()))
        }
        "losses" if row.cell("amount") == Some(&Cell::Number(0)) => {
            Some(("amount", "a loss is more than 0".to_owned()))
        }
        _ => None,
    }
}

fn roster(row: &View<'_>) -> Option<(&'static str, String)> {
    match (row.cell("work_start"), row.cell("work_end")) {
        (None, None) => None,
        (Some(start), Some(end)) if end > start => None,
        (Some(_), Some(_)) => Some(("work_end", "the end is not after the start".to_owned())),
        (None, Some(_)) => Some(("work_start", "the end is given, the start is not".to_owned())),
        (Some(_), None) => Some(("work_end", "the start is given, the end is not".to_owned())),
    }
}

/// No set time of a ticket lies before it was received, or before an earlier step's set time.
fn ticket(row: &View<'_>) -> Option<(&'static str, String)> {
    const STEPS: [&str; 4] = ["diagnosed_at", "sendout_prepared_at", "completed_at", "delivered_at"];
    let received = row.time("received_at")?;
    for name in ["assigned_at", "reason_report_at"].into_iter().chain(STEPS) {
        if row.time(name).is_some_and(|time| time < received) {
            return Some((name, "before the ticket was received".to_owned()));
        }
    }
    let mut latest = received;
    for name in STEPS {
        let Some(time) = row.time(name) else { continue };
        if time < latest {
            return Some((name, "before an earlier step of the ticket".to_owned()));
        }
        latest = time;
    }
    None
}
