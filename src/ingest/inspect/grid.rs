//! A text as rows of cells, without a mapping: its delimiter and its header line, both by their looks.
//!
//! A header is only believed where it is sure to be none of the rows: it is shown in clear.

use super::{
    columns::{Column, is_value},
    content::Page,
    staff::Staff,
    words::WORDS,
};
use crate::{
    ingest::{header::Layout, records::records},
    schema::{mapping::Mapping, tables::TABLES},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// Only this many records are searched for the header.
const SEARCHED: usize = 20;
/// So many records are looked at.
const RECORDS: usize = 2_000;
/// So many columns are looked at.
const COLUMNS: usize = 256;

/// Rows and columns.
#[derive(Default)]
pub(super) struct Grid {
    pub(super) sheet: Option<String>,
    pub(super) delimiter: u8,
    /// The line of the header, and its names.
    pub(super) header: Option<(u64, Vec<String>)>,
    /// Below the header: line and cells.
    pub(super) rows: Vec<(u64, Vec<String>)>,
    /// How many cells a row has.
    pub(super) width: usize,
    /// Cells are quoted.
    pub(super) is_quoted: bool,
    /// The header has two rows.
    pub(super) is_tall: bool,
    /// There are more rows.
    pub(super) is_cut: bool,
}

impl Grid {
    /// The columns by their content.
    pub(super) fn columns(&self, staff: Option<&Staff>) -> Vec<Column> {
        let names = self.header.as_ref().map_or(&[][..], |(_, names)| names);
        let column = |place: usize| {
            let cells = self.rows.iter().map(|(_, cells)| cells.get(place).cloned().unwrap_or_default());
            Column::new(names.get(place).map_or("", String::as_str), cells, staff)
        };
        (0..self.width.max(names.len()).min(COLUMNS)).map(column).collect()
    }
}

/// The records of a text, with the line each begins on.
fn read(text: &str, delimiter: u8) -> Vec<(u64, Vec<String>)> {
    let head: usize = text.split_inclusive('\n').take(RECORDS).map(str::len).sum();
    let all = records(&text[..head], &layout(delimiter), &Mapping::default());
    all.into_iter().map(|record| (record.line, record.cells.iter().map(str::to_owned).collect())).collect()
}

/// A layout that maps nothing.
fn layout(delimiter: u8) -> Layout {
    Layout { skipped_lines: 0, delimiter, columns: Vec::new(), each: Vec::new(), names: 0, doubled: None }
}

/// A text with its likeliest delimiter; `None` where it has no columns.
pub(super) fn grid(page: &Page, staff: Option<&Staff>) -> Option<Grid> {
    let delimiters: &[u8] = if page.origin.is_sheet { b"," } else { b",;\t|" };
    let all = delimiters.iter().map(|delimiter| {
        let records = read(&page.text, *delimiter);
        let (width, count) = usual(&records);
        (count, width, *delimiter, records)
    });
    let (_, width, delimiter, mut records) =
        all.filter(|(_, width, ..)| *width > 1).max_by_key(|one| (one.0, one.1))?;
    let is_quoted = page
        .text
        .lines()
        .take(RECORDS)
        .any(|line| line.starts_with('"') || line.contains(&format!("{}\"", char::from(delimiter))));
    let is_filled = |cells: &[String]| cells.iter().any(|cell| !cell.trim().is_empty());
    records.retain(|(_, cells)| is_filled(cells));
    let place = header_place(&records, width, staff);
    let mut grid = Grid { sheet: page.sheet.clone(), delimiter, width, is_quoted, ..Grid::default() };
    if let Some(place) = place {
        let (line, names) = records[place].clone();
        let above = place.checked_sub(1).and_then(|above| merged(&records[above].1, &names));
        let below = records.get(place + 1).filter(|_| above.is_none()).and_then(|next| grouped(&names, &next.1));
        let place = place + usize::from(below.is_some());
        grid.is_tall = above.is_some() || below.is_some();
        let names = above.or(below).unwrap_or(names);
        let trimmed = names.iter().map(|name| name.trim_matches(['\u{feff}', '\u{200b}']).trim().to_owned());
        grid.header = Some((line, trimmed.collect()));
        records.drain(..=place);
    }
    grid.rows = records;
    grid.is_cut = page.text.split_inclusive('\n').nth(RECORDS).is_some();
    Some(grid)
}

/// The names of a header of two rows: where the row of fields is blank, the row above has the name. Only where it has
/// one for every blank, so that no title is taken for it.
fn merged(above: &[String], names: &[String]) -> Option<Vec<String>> {
    let is_blank = |cell: &String| cell.trim().is_empty();
    let width = names.len() - names.iter().rev().take_while(|name| is_blank(name)).count();
    let blanks: Vec<usize> = (0..width).filter(|place| is_blank(&names[*place])).collect();
    let is_name = |place: &usize| above.get(*place).is_some_and(|name| !is_blank(name) && !is_value(name.trim()));
    if blanks.is_empty() || !blanks.iter().all(is_name) {
        return None;
    }
    let name =
        |(place, name): (usize, &String)| if blanks.contains(&place) { above[place].clone() } else { name.clone() };
    Some(names.iter().enumerate().map(name).collect())
}

/// The names of a header whose second row stands below groups alone: `第一时段/上班`.
fn grouped(names: &[String], below: &[String]) -> Option<Vec<String>> {
    let is_blank = |cells: &[String], place: usize| cells.get(place).is_none_or(|cell| cell.trim().is_empty());
    let fields: Vec<usize> = (0..below.len()).filter(|place| !is_blank(below, *place)).collect();
    let is_grouped = |place: &usize| is_blank(names, *place) || (is_blank(names, place + 1) && place + 1 < below.len());
    let is_field = |place: &usize| is_grouped(place) && !is_value(below[*place].trim());
    if fields.len() < 2 || !fields.iter().all(is_field) || !fields.iter().any(|place| is_blank(names, *place)) {
        return None;
    }
    let mut group = String::new();
    let name = |place: usize| {
        if !is_blank(names, place) {
            names[place].trim().clone_into(&mut group);
        }
        let own = if is_blank(names, place) { String::new() } else { group.clone() };
        if is_blank(below, place) { own } else { format!("{group}/{}", below[place].trim()) }
    };
    Some((0..names.len().max(below.len())).map(name).collect())
}

/// How many cells most records have, and how many records those are.
fn usual(records: &[(u64, Vec<String>)]) -> (usize, usize) {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, cells) in records.iter().filter(|(_, cells)| cells.len() > 1) {
        *counts.entry(cells.len()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(cells, count)| (*count, *cells)).unwrap_or((0, 0))
}

/// The record that is the header: mostly filled, and unlike the records beneath it.
fn header_place(records: &[(u64, Vec<String>)], width: usize, staff: Option<&Staff>) -> Option<usize> {
    let candidates = records.iter().take(SEARCHED).enumerate();
    let place = candidates.filter(|(_, (_, cells))| {
        let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        filled >= 2 && filled * 10 >= width.min(cells.len().max(width)) * 5
    });
    // A row of people or times ends the search: what is beneath it is no header of it.
    for (place, (_, cells)) in place {
        let names: Vec<&str> =
            cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).take(COLUMNS).collect();
        if names.iter().any(|name| is_value(name) || staff.is_some_and(|staff| staff.knows(name))) {
            return None;
        }
        if is_labelled(&names) {
            continue;
        }
        let known = names.iter().filter(|name| is_known(name)).count();
        if known >= 2 && known * 2 >= names.len() {
            return Some(place);
        }
        if is_unlike(&names, cells, &records[place + 1..]) {
            return Some(place);
        }
    }
    None
}

/// Whether a record is a title: labels, each with its value beside it (`姓名 | 张伟 | 部门 | 维修部`) or in the same cell.
fn is_labelled(names: &[&str]) -> bool {
    let is_pair = |pair: &[&str]| matches!(pair, [label, value] if is_known(label) && !is_known(value));
    let holds_value = |name: &&str| name.split_once([':', '：']).is_some_and(|(_, value)| !value.trim().is_empty());
    names.chunks(2).all(is_pair) || names.iter().any(holds_value)
}

/// Whether a record is none of those beneath: its cells differ from each other and come nowhere again, and beneath one
/// of them stand cells of a kind that it is not.
fn is_unlike(names: &[&str], cells: &[String], beneath: &[(u64, Vec<String>)]) -> bool {
    let different: BTreeSet<&str> = names.iter().copied().collect();
    if different.len() < names.len() || beneath.len() < 2 {
        return false;
    }
    if beneath.iter().any(|(_, cells)| cells.iter().any(|cell| different.contains(cell.trim()))) {
        return false;
    }
    let column = |place: usize| {
        let below = beneath.iter().take(200).map(|(_, cells)| cells.get(place).cloned().unwrap_or_default());
        Column::new("", below, None)
    };
    cells.iter().take(COLUMNS).enumerate().any(|(place, cell)| !cell.trim().is_empty() && column(place).is_typed())
}

/// Whether a text is the name of a column of some table.
fn is_known(name: &str) -> bool {
    static CANONICAL: LazyLock<BTreeSet<String>> =
        LazyLock::new(|| TABLES.iter().flat_map(|table| table.columns).map(|column| plain(column.name)).collect());
    let name = plain(name);
    CANONICAL.contains(&name) || WORDS.knows(&name)
}

/// A header as it is compared: without case, brackets and underscores.
pub(super) fn plain(name: &str) -> String {
    let bare = name.split(['(', '（', '[', '【']).next().unwrap_or("");
    let bare = if bare.trim().is_empty() { name } else { bare };
    let lower = bare.to_lowercase().replace('_', " ");
    lower.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches([':', '：', '*']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::workbook::Origin;

    fn of(text: &str) -> Grid {
        grid(&Page { sheet: None, text: text.to_owned(), origin: Origin::default() }, None).expect("columns")
    }

    #[test]
    fn a_header_below_title_lines() {
        let grid = of(
            "门禁记录,,\n2026年10月,,\n工号;x\n工号,姓名,刷卡时间\n01,张伟,2026-10-14 08:31\n02,李娜,2026-10-14 08:40\n",
        );
        assert_eq!(grid.header.map(|(line, _)| line), Some(4));
        assert_eq!((grid.delimiter, grid.width, grid.rows.len()), (b',', 3, 2));
    }

    #[test]
    fn a_header_in_an_unknown_language() {
        let grid = of("Karta\tWejście\n17\t14.10.2026 08:31\n18\t14.10.2026 08:32\n");
        assert_eq!(grid.header.unwrap().1, ["Karta", "Wejście"]);
    }

    #[test]
    fn a_row_is_never_taken_for_a_header() {
        for text in [
            "01,张伟,2026-10-14 08:31\n02,李娜,2026-10-14 08:40\n",
            // Without typed columns nothing tells a header from a row.
            "张伟,前台,甲\n李娜,后台,乙\n王芳,前台,丙\n",
            // The first row lacks its time, and comes again.
            "张伟,前台,无\n李娜,前台,2026-10-14 08:40\n王芳,后台,2026-10-14 08:41\n",
        ] {
            assert_eq!(of(text).header, None, "{text}");
        }
    }

    #[test]
    fn names_are_compared_bare() {
        assert_eq!((plain("工号(必填)").as_str(), plain(" Employee_ID: ").as_str()), ("工号", "employee id"));
    }
}
