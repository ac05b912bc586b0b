//! Typed rows → a polars frame. Persons become `emp`-like numbers, every row carries its `ref`.

use super::{
    cell::Cell,
    rows::{Fate, Row},
};
use crate::{
    base::evidence::RowRef,
    schema::tables::{Kind, Table},
};
use polars::prelude::*;

/// The frame of the used rows of `table`, in the rows' order.
///
/// A person column `x` holds the employee's number (u32); `employee_id` in tables other than `employees` is
/// called `emp`.
pub(crate) fn frame(table: &Table, rows: &[Row]) -> PolarsResult<DataFrame> {
    let used: Vec<&Row> = rows.iter().filter(|row| row.fate == Fate::Used).collect();
    let mut columns = Vec::with_capacity(table.columns.len() + 1);
    for (index, column) in table.columns.iter().enumerate() {
        let cells = used.iter().map(|row| row.cells[index].as_ref());
        let name = match (column.kind, column.name) {
            (Kind::Person, "employee_id") => "emp",
            (_, name) => name,
        };
        columns.push(series(name, column.kind, cells)?);
    }
    let refs: Vec<u64> = used.iter().map(|row| row_ref(row)).collect();
    columns.push(Column::new("ref".into(), refs));
    DataFrame::new(used.len(), columns)
}

fn row_ref(row: &Row) -> u64 {
    RowRef { file: row.file, line: u32::try_from(row.line).unwrap_or(u32::MAX) }.pack()
}

fn series<'a>(name: &str, kind: Kind, cells: impl Iterator<Item = Option<&'a Cell>>) -> PolarsResult<Column> {
    let name = PlSmallStr::from_str(name);
    let number = |cell: Option<&Cell>| if let Some(Cell::Number(number)) = cell { Some(*number) } else { None };
    Ok(match kind {
        Kind::Person => {
            let emps = cells.map(|cell| if let Some(Cell::Person(emp)) = cell { Some(*emp) } else { None });
            Column::new(name, emps.collect::<Vec<Option<u32>>>())
        }
        Kind::Date => {
            let dates = cells.map(|cell| if let Some(Cell::Date(date)) = cell { Some(*date) } else { None });
            Column::new(name, dates.collect::<Vec<_>>())
        }
        Kind::Time | Kind::LooseStart | Kind::LooseEnd => {
            let micros = cells.map(|cell| {
                if let Some(Cell::Time(time)) = cell { Some(time.and_utc().timestamp_micros()) } else { None }
            });
            Column::new(name, micros.collect::<Vec<Option<i64>>>())
                .cast(&DataType::Datetime(TimeUnit::Microseconds, None))?
        }
        Kind::Clock => {
            use chrono::Timelike;
            let seconds = cells.map(|cell| {
                if let Some(Cell::Clock(time)) = cell {
                    Some(i64::from(time.num_seconds_from_midnight()))
                } else {
                    None
                }
            });
            Column::new(name, seconds.collect::<Vec<_>>())
        }
        Kind::Flag => {
            let flags = cells.map(|cell| if let Some(Cell::Flag(flag)) = cell { Some(*flag) } else { None });
            Column::new(name, flags.collect::<Vec<_>>())
        }
        Kind::Money | Kind::Number => Column::new(name, cells.map(number).collect::<Vec<_>>()),
        Kind::Text | Kind::Word(_) => {
            let texts = cells.map(|cell| if let Some(Cell::Text(text)) = cell { Some(text.as_str()) } else { None });
            Column::new(name, texts.collect::<Vec<_>>())
        }
    })
}
