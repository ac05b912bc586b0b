//! The rows of a file or sheet; those of a report without an id get the meeting that it is of.

use super::{
    cell::{Cell, Times},
    checks::View,
    fit::Part,
    load::Loading,
    meeting::{self, Which},
    rows::{Fate, Reader, Row},
};
use crate::schema::{
    inputs::Status,
    mapping::{From, Mapping},
    tables::Table,
};
use chrono::{NaiveDateTime, TimeDelta};

/// A meeting is over after so long; check-ins further apart are of several.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// Reads a part.
///
/// # Errors
/// Why it cannot be read, or which meeting it is of cannot be told.
pub(super) fn rows(loading: &Loading<'_>, table: &'static Table, part: &Part, number: u32) -> Result<Vec<Row>, String> {
    let mapping = &part.mapped.mapping;
    let whole = report(loading, table, part, mapping, number);
    let named = named(loading, mapping);
    let is_of_meeting = mapping.meeting.is_some() || named.is_some();
    if whole.is_ok() || !is_of_meeting || mapping.one_format != Some(true) {
        return whole.map(|(rows, _)| rows);
    }
    // 3/10 and 10/3 are two days: where only one of them has such a meeting, that is the day.
    let (mut known, mut elsewhere, mut is_undecided) = (Vec::new(), None, false);
    for format in &mapping.time_formats {
        let alone = Mapping { time_formats: vec![format.clone()], ..mapping.clone() };
        let is_read = |row: &Row| !matches!(row.fate, Fate::Rejected { .. });
        if !read(loading, table, part, &alone, number)?.0.iter().any(is_read) {
            continue;
        }
        match (report(loading, table, part, &alone, number), named) {
            (Ok((rows, _)), Some(start)) => {
                let is_its_day = span(table, &rows).is_some_and(|(first, _)| first.date() == start.date());
                known.extend(is_its_day.then_some(rows));
            }
            (Ok((rows, Some(Which::OutOfPeriod))), _) => elsewhere = Some(rows),
            (Ok((rows, _)), _) => known.push(rows),
            (Err(_), _) => is_undecided = true,
        }
    }
    match (<[_; 1]>::try_from(known), elsewhere) {
        (Ok([rows]), _) => Ok(rows),
        // Whichever day it was, it is none of this month.
        (Err(known), Some(rows)) if known.is_empty() && !is_undecided => Ok(rows),
        _ => whole.map(|(rows, _)| rows),
    }
}

/// When the meeting began that the file's name says it is of.
fn named(loading: &Loading<'_>, mapping: &Mapping) -> Option<NaiveDateTime> {
    let From::Constant(id) = mapping.columns.get("meeting_id")? else { return None };
    let meetings = meeting::registered(&loading.inputs.tables["meetings"]).ok()?;
    meetings.iter().find(|meeting| meeting.id == *id).map(|meeting| meeting.start)
}

/// The first and the last check-in.
fn span(table: &'static Table, rows: &[Row]) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let times = || rows.iter().filter_map(|row| View { table, cells: &row.cells }.time("time"));
    times().min().zip(times().max())
}

fn read(
    loading: &Loading<'_>,
    table: &'static Table,
    part: &Part,
    mapping: &Mapping,
    number: u32,
) -> Result<(Vec<Row>, Times), String> {
    let times = Times::new(mapping, loading.config.timezone);
    let mut reader = Reader { table, mapping, times, people: &loading.people, origin: part.origin };
    let rows = reader.rows(&part.text, &part.mapped.layout, number)?;
    Ok((rows, reader.times))
}

/// The rows of a report, with the meeting that it is of; those of other exports as they are.
fn report(
    loading: &Loading<'_>,
    table: &'static Table,
    part: &Part,
    mapping: &Mapping,
    number: u32,
) -> Result<(Vec<Row>, Option<Which>), String> {
    let (mut rows, times) = read(loading, table, part, mapping, number)?;
    if mapping.meeting.is_none() {
        return Ok((rows, None));
    }
    if loading.inputs.states.get("meetings").is_none_or(|state| state.status != Status::Ready) {
        return Err("which meeting it is of is looked up in `meetings`, which is not usable".to_owned());
    }
    let meetings = meeting::registered(&loading.inputs.tables["meetings"]).map_err(|error| error.to_string())?;
    let said = meeting::said(&part.text, &part.mapped.layout, mapping, &times)?;
    let span = span(table, &rows);
    if let Some((first, last)) = span.filter(|(first, last)| *last - *first > LONGEST) {
        return Err(format!(
            "its check-ins are from {first} to {last}, so it is of more than one meeting: export each by itself"
        ));
    }
    let which = meeting::decide(&said, span.map(|(first, _)| first), &meetings, mapping, &loading.period)?;
    let place = table.columns.iter().position(|column| column.name == "meeting_id");
    for row in &mut rows {
        match (&which, place) {
            (Which::Known(id), Some(place)) => {
                (row.cells[place], row.texts[place]) = (Some(Cell::Text(id.clone())), id.clone());
            }
            _ if matches!(row.fate, Fate::Rejected { .. }) => {}
            _ => row.fate = Fate::OutOfPeriod,
        }
    }
    Ok((rows, Some(which)))
}
