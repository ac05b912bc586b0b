//! Rows with one key: equal ones are duplicates, different ones are rejected (3-tables §3.2 step 5).

use super::{
    cell::Cell,
    rows::{Fate, Row},
};
use crate::schema::tables::Table;
use std::collections::HashMap;

/// Compares keys (before all other checks): equal rows are duplicates, different content under one key is rejected.
pub(crate) fn compare_keys(table: &Table, rows: &mut [Row]) {
    if table.key.is_empty() {
        return;
    }
    let index_of = |name: &&str| table.columns.iter().position(|column| column.name == *name);
    let places: Vec<usize> = table.key.iter().filter_map(index_of).collect();
    let mut groups: HashMap<String, Vec<usize>, foldhash::fast::RandomState> = HashMap::default();
    for (index, row) in rows.iter().enumerate() {
        let key: Vec<String> = places.iter().map(|place| comparable(row, *place)).collect();
        if key.iter().all(|part| !part.is_empty()) {
            groups.entry(key.join("\u{1f}")).or_default().push(index);
        }
    }
    let mut repeated: Vec<Vec<usize>> = groups.into_values().filter(|members| members.len() > 1).collect();
    repeated.sort();
    for members in repeated {
        let whole =
            |member: usize| (0..table.columns.len()).map(|place| comparable(&rows[member], place)).collect::<Vec<_>>();
        let first = whole(members[0]);
        let is_same = members.iter().all(|member| whole(*member) == first);
        let key = places.iter().map(|place| rows[members[0]].texts[*place].as_str()).collect::<Vec<_>>().join(" ");
        let kept = members.iter().copied().find(|member| rows[*member].fate == Fate::Used).unwrap_or(members[0]);
        for member in members.iter().filter(|member| !is_same || **member != kept) {
            rows[*member].fate = if is_same {
                Fate::Duplicate
            } else {
                let reason = "the same key stands in several rows with different content".to_owned();
                Fate::Rejected { column: table.key.join("+"), value: key.clone(), reason }
            };
        }
    }
}

/// A cell as it is compared: a typed value in one spelling, else the bare text.
fn comparable(row: &Row, place: usize) -> String {
    match &row.cells[place] {
        None => row.texts[place].clone(),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Person(emp)) => format!("#{emp}"),
        Some(Cell::Date(date)) => date.to_string(),
        Some(Cell::Time(time)) => time.to_string(),
        Some(Cell::Clock(clock)) => clock.to_string(),
        Some(Cell::Flag(flag)) => flag.to_string(),
        Some(Cell::Number(number)) => number.to_string(),
    }
}
