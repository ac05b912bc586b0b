//! Finds the header line and where each canonical column stands in it (3-tables §3.2 steps 3 and 4).

use crate::schema::{mapping::{From, Mapping, Naming, Pick}, tables::Table};

/// Only this many lines are searched for the header: real exports carry title rows.
const SEARCHED_LINES: usize = 20;

/// Where a canonical column's text comes from in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Cell(usize),
    Join(Vec<usize>, String),
    Constant(String),
    Person(Vec<(Naming, usize)>),
}

/// How the records of a file are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Lines before the first data line.
    pub(crate) skipped_lines: usize,
    pub(crate) delimiter: u8,
    /// One entry per canonical column; `None` where the export has none.
    pub(crate) columns: Vec<Option<Access>>,
}

impl Layout {
    /// The highest position of a mapped column: a shorter record was cut.
    pub(crate) fn width(&self) -> usize {
        let positions = self.columns.iter().flatten().flat_map(|access| match access {
            Access::Cell(position) => vec![*position],
            Access::Join(positions, _) => positions.clone(),
            Access::Constant(_) => Vec::new(),
            Access::Person(ways) => ways.iter().map(|(_, position)| *position).collect(),
        });
        positions.map(|position| position + 1).max().unwrap_or(0)
    }
}

/// The mapping of a file without preset: canonical names, then what the configuration says.
pub(crate) fn canonical(table: &Table) -> Mapping {
    let own = |name: &str| From::First(vec![Pick::Header(name.to_owned())]);
    let columns = table.columns.iter().map(|column| (column.name.to_owned(), own(column.name)));
    Mapping { columns: columns.collect(), ..Mapping::default() }
}

/// Finds the layout of `text`; `None` where no line has the mapped names.
pub(crate) fn find(text: &str, mapping: &Mapping, table: &Table) -> Option<Layout> {
    if mapping.header == Some(false) {
        let columns = resolve(&[], mapping, table)?;
        return Some(Layout { skipped_lines: 0, delimiter: mapping.delimiter.unwrap_or(b'\t'), columns });
    }
    let delimiters = mapping.delimiter.map_or(vec![b',', b';', b'\t'], |one| vec![one]);
    for (index, line) in text.lines().take(SEARCHED_LINES).enumerate() {
        for delimiter in &delimiters {
            let names = split(line, *delimiter, mapping.quoting.unwrap_or(true));
            let is_signed = mapping.signature.iter().all(|name| names.contains(&normal(name)));
            if let Some(columns) = resolve(&names, mapping, table).filter(|_| is_signed) {
                return Some(Layout { skipped_lines: index + 1, delimiter: *delimiter, columns });
            }
        }
    }
    None
}

fn split(line: &str, delimiter: u8, is_quoting: bool) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(delimiter).quoting(is_quoting);
    let record = reader.from_reader(line.as_bytes()).into_records().next();
    let cells = record.and_then(Result::ok).unwrap_or_default();
    cells.iter().map(normal).collect()
}

/// A header name as it is compared: trimmed, blanks folded, without case.
fn normal(name: &str) -> String {
    let words: Vec<&str> = name.trim_matches(['\u{feff}', '\u{200b}']).split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn resolve(names: &[String], mapping: &Mapping, table: &Table) -> Option<Vec<Option<Access>>> {
    let place = |pick: &Pick| match pick {
        Pick::Position(position) => Some(position - 1),
        Pick::Header(name) => names.iter().position(|found| *found == normal(name)),
    };
    let access = |from: &From| match from {
        From::First(picks) => picks.iter().find_map(place).map(Access::Cell),
        From::Join(picks, with) => {
            let places: Option<Vec<_>> = picks.iter().map(place).collect();
            places.map(|places| Access::Join(places, with.clone()))
        }
        From::Constant(text) => Some(Access::Constant(text.clone())),
        From::Person(ways) => {
            let found = ways.iter().filter_map(|(naming, picks)| Some((*naming, picks.iter().find_map(place)?)));
            let found: Vec<_> = found.collect();
            (!found.is_empty()).then_some(Access::Person(found))
        }
    };
    let columns = table.columns.iter().map(|column| {
        let found = mapping.columns.get(column.name).and_then(access);
        let is_needed = column.is_required || mapping.explicit.iter().any(|name| name == column.name);
        if found.is_none() && is_needed { None } else { Some(found) }
    });
    columns.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::table;

    fn layout(text: &str, mapping: &Mapping) -> Option<Layout> {
        find(text, mapping, table("checkins").unwrap())
    }

    #[test]
    fn title_rows_and_the_delimiter_of_the_header_line() {
        let mapping = canonical(table("checkins").unwrap());
        let found = layout("会议签到,,\n\nMeeting_ID;Employee_ID;TIME\n", &mapping).unwrap();
        assert_eq!((found.skipped_lines, found.delimiter), (3, b';'));
        assert_eq!(found.columns[2], Some(Access::Cell(2)));
        assert!(layout("meeting_id,employee_id\n", &mapping).is_none());
    }

    #[test]
    fn a_column_that_the_configuration_names_must_be_there() {
        let tickets = table("tickets").unwrap();
        let mut mapping = canonical(tickets);
        mapping.columns.insert("diagnosed_at".into(), From::First(vec![Pick::Header("诊断时间".into())]));
        assert!(find("ticket_id,received_at\n", &mapping, tickets).is_some());
        mapping.explicit.push("diagnosed_at".into());
        assert!(find("ticket_id,received_at\n", &mapping, tickets).is_none());
        assert!(find("ticket_id,received_at,诊断时间\n", &mapping, tickets).is_some());
    }
}
