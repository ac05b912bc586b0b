//! The roster as a table of its own: kept with every edition, and read again where a month is judged a second time.
//!
//! Who somebody was in a month does not change when they marry, move or get a raise later: name, department, manager
//! and wage of a person that the old roster knows are those of the old roster, and who has gone since is still there.
//! All other columns are today's: they say what happened, and corrections of them are meant.

use super::{
    cell::{Cell, Times},
    files::Found,
    fit, header,
    load::{Failure, Loading},
    rows::{Fate, Reader, Row},
};
use crate::{
    base::{hash::sha256_of, money::Fen},
    schema::{
        inputs::Inputs,
        source::OldRoster,
        tables::{Kind, Table, table},
    },
};
use anyhow::{Context, anyhow};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What an old roster decides.
const OF_THE_TIME: [&str; 4] = ["name", "department", "manager_id", "monthly_wage"];

/// The rows of an old roster, which becomes one of the run's files.
pub(super) fn read(loading: &mut Loading<'_>, table: &'static Table, old: &OldRoster) -> Result<Vec<Row>, Failure> {
    let cannot = || format!("cannot read the roster {}", old.path.display());
    let bytes = std::fs::read(&old.path).with_context(cannot)?;
    let zone = loading.config.timezone;
    let mut parts = fit::parts(&bytes, &[header::canonical(table)], table, zone).map_err(|why| anyhow!(why))?;
    let part = parts.pop().with_context(cannot)?;
    let found = Found { path: old.path.clone(), name: old.name.clone(), meeting_id: None };
    let number = loading.register("roster", &found, sha256_of(&bytes), bytes.len() as u64)?;
    let (mapping, times) = (&part.mapped.mapping, Times::new(&part.mapped.mapping, zone));
    let mut reader = Reader { table, mapping, times, people: &loading.people, origin: part.origin };
    let rows = reader.rows(&part.text, &part.mapped.layout, number).map_err(|why| anyhow!(why)).with_context(cannot)?;
    if let Some(row) = rows.iter().find(|row| row.fate != Fate::Used) {
        return Err(anyhow!("{}, line {}: {:?}", cannot(), row.line, row.fate).into());
    }
    let totals = &mut loading.inputs.files[number as usize].totals;
    (totals.rows, totals.used) = (rows.len() as u64, rows.len() as u64);
    Ok(rows)
}

/// The rows of today's roster as they were in the old one, and those that only the old one has; with today's names of
/// people whom the old one calls otherwise.
pub(super) fn of_the_time(mut today: Vec<Row>, old: &[Row]) -> (Vec<Row>, BTreeMap<String, String>) {
    let mut renamed = BTreeMap::new();
    let Some(table) = table("employees") else { return (today, renamed) };
    let place = |name: &str| table.columns.iter().position(|column| column.name == name);
    let places: Vec<usize> = OF_THE_TIME.iter().filter_map(|name| place(name)).collect();
    let text = |row: &Row, name: &str| match place(name).and_then(|place| row.cells[place].as_ref()) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let id = |row: &Row| text(row, "employee_id");
    let by_id: BTreeMap<String, &Row> = old.iter().map(|row| (id(row), row)).collect();
    let mut known = BTreeSet::new();
    for row in today.iter_mut().filter(|row| row.fate == Fate::Used) {
        let own = id(row);
        if let Some(old) = by_id.get(&own) {
            if text(row, "name") != text(old, "name") {
                renamed.insert(own.clone(), text(row, "name"));
            }
            for place in &places {
                row.cells[*place].clone_from(&old.cells[*place]);
            }
        }
        known.insert(own);
    }
    today.extend(old.iter().filter(|row| !known.contains(&id(row))).cloned());
    (today, renamed)
}

/// The roster of a run, with the columns of the table.
///
/// # Errors
/// Those of the dataframe engine and the CSV writer.
pub fn roster(inputs: &Inputs) -> anyhow::Result<String> {
    let table = table("employees").context("no table employees")?;
    let staff = inputs.table("employees");
    let columns: Vec<Vec<String>> = table
        .columns
        .iter()
        .map(|column| texts(staff.column(column.name)?, column.kind))
        .collect::<PolarsResult<_>>()?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| column.name))?;
    for row in 0..staff.height() {
        writer.write_record(columns.iter().map(|column| column[row].as_str()))?;
    }
    let bytes = writer.into_inner().map_err(|error| anyhow!("cannot write the roster: {error}"))?;
    Ok(String::from_utf8(bytes)?)
}

/// The cells of a column as the table's columns are written; empty where there is none.
fn texts(column: &Column, kind: Kind) -> PolarsResult<Vec<String>> {
    let numbers = |shown: fn(i64) -> String| -> PolarsResult<Vec<String>> {
        Ok(column.i64()?.iter().map(|number| number.map_or_else(String::new, shown)).collect())
    };
    Ok(match kind {
        Kind::Date => {
            column.date()?.as_date_iter().map(|date| date.map_or_else(String::new, |date| date.to_string())).collect()
        }
        Kind::Money => numbers(|fen| Fen(fen).to_string())?,
        Kind::Number => numbers(|number| number.to_string())?,
        Kind::Flag => {
            let word = |flag: Option<bool>| flag.map_or("", |flag| if flag { "y" } else { "n" }).to_owned();
            column.bool()?.iter().map(word).collect()
        }
        _ => column.str()?.iter().map(|text| text.unwrap_or("").to_owned()).collect(),
    })
}
