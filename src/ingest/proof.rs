//! Until when a source is complete (3-tables §3.2 step 8).

use super::{
    cell::Cell,
    checks::{View, moment},
    load::Loading,
    rows::{Fate, Row},
};
use crate::schema::{
    inputs::{Proven, Status},
    source::Proof,
    tables::{Kind, Table},
};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::BTreeMap;

/// The latest day through which each source is closed.
pub(super) fn closures(table: &'static Table, rows: &[Row]) -> BTreeMap<String, NaiveDate> {
    let mut through: BTreeMap<String, NaiveDate> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.fate == Fate::Used) {
        let view = View { table, cells: &row.cells };
        if let (Some(Cell::Text(source)), Some(Cell::Date(day))) = (view.cell("source"), view.cell("through")) {
            through.entry(source.clone()).and_modify(|latest| *latest = (*latest).max(*day)).or_insert(*day);
        }
    }
    through
}

/// The times of a row: its time columns or, where the table has none, its dates.
pub(super) fn times(table: &'static Table, row: &Row) -> Vec<NaiveDateTime> {
    let is_time = |kind: Kind| matches!(kind, Kind::Time | Kind::LooseStart | Kind::LooseEnd);
    let has_times = table.columns.iter().any(|column| is_time(column.kind));
    let is_wanted = |kind: Kind| if has_times { is_time(kind) } else { kind == Kind::Date };
    let wanted = table.columns.iter().zip(&row.cells).filter(|(column, _)| is_wanted(column.kind));
    wanted.filter_map(|(_, cell)| moment(cell.as_ref()?)).collect()
}

/// How far a source is proven, given its state and its rows.
///
/// Rows outside the period prove too: that a later swipe was exported shows that the earlier ones were.
pub(super) fn proven(loading: &Loading<'_>, name: &'static str, status: &Status, rows: &[Row]) -> Proven {
    let stated = stated(loading, name, status, rows);
    match loading.swipes_end.filter(|_| name == "swipes") {
        Some(end) if stated.covers(end) => latest(Some(end)),
        _ => stated,
    }
}

/// How far it is proven by its own proof.
fn stated(loading: &Loading<'_>, name: &'static str, status: &Status, rows: &[Row]) -> Proven {
    let source = match (status, loading.config.sources.get(name)) {
        (Status::DeclaredNone, _) => return Proven::Always,
        (Status::Ready, Some(source)) => source,
        _ => return Proven::Never,
    };
    match source.proof {
        Proof::Vouched => Proven::Always,
        Proof::Closure => loading.closures.get(name).map_or(Proven::Never, |day| Proven::through_day(*day)),
        Proof::FileName => {
            let own = loading.inputs.files.iter().filter(|file| file.source == name);
            // Not of its name, which may end with that of a sheet.
            let names = own.map(|file| file.path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            names.flat_map(|name| dates_in(&name)).max().map_or(Proven::Never, Proven::through_day)
        }
        Proof::Data if name == "swipes" => {
            let own = loading.inputs.files.iter().filter(|file| file.source == name);
            latest(own.filter_map(|file| file.totals.span).map(|(_, last)| last).max())
        }
        Proof::Data => {
            let table = crate::schema::tables::table(name);
            let read = rows.iter().filter(|row| !matches!(row.fate, Fate::Rejected { .. }));
            latest(read.flat_map(|row| table.map_or(Vec::new(), |table| times(table, row))).max())
        }
    }
}

fn latest(time: Option<NaiveDateTime>) -> Proven {
    time.map_or(Proven::Never, |time| Proven::Until(time, time.date()))
}

/// The dates `YYYY-MM-DD` and `YYYYMMDD` in a file's name.
fn dates_in(name: &str) -> Vec<NaiveDate> {
    let base = name.rsplit('/').next().unwrap_or(name);
    let starts = base.char_indices().map(|(at, _)| at);
    let read = |at: usize| {
        let dashed = base.get(at..at + 10).and_then(|text| super::cell::iso_date(text).filter(|_| text.contains('-')));
        let plain = base.get(at..at + 8).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        dashed.or_else(|| plain.and_then(|text| NaiveDate::parse_from_str(text, "%Y%m%d").ok()))
    };
    starts.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::dates_in;

    #[test]
    fn dates_in_file_names() {
        let days = |name: &str| dates_in(name).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(days("in/打卡_20261001-20261031.csv"), ["2026-10-01", "2026-10-31"]);
        assert_eq!(days("swipes 2026-10-15.csv"), ["2026-10-15"]);
        assert!(days("1_attlog.dat").is_empty());
    }
}
