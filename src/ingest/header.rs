//! Finds the header line and where each canonical column stands in it (3-tables §3.2 steps 3 and 4).

use crate::schema::{
    mapping::{From, Mapping, Naming, Pick},
    tables::Table,
};

/// Only this many lines are searched for the header: real exports carry title rows.
const SEARCHED_LINES: usize = 20;

/// Where a canonical column's text comes from in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Cell(usize),
    FirstFilled(Vec<usize>),
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
    /// How many names the header has, without empty ones at its end; without header, the cells of a row.
    pub(crate) names: usize,
    /// A mapped header that stands more than once: which column is meant cannot be known.
    pub(crate) doubled: Option<String>,
}

impl Layout {
    /// The highest position of a mapped column: a shorter record was cut.
    pub(crate) fn width(&self) -> usize {
        let positions = self.columns.iter().flatten().flat_map(|access| match access {
            Access::Cell(position) => vec![*position],
            Access::FirstFilled(positions) | Access::Join(positions, _) => positions.clone(),
            Access::Constant(_) => Vec::new(),
            Access::Person(ways) => ways.iter().map(|(_, position)| *position).collect(),
        });
        positions.map(|position| position + 1).max().unwrap_or(0)
    }

    /// Why the file cannot be read with this layout, if it cannot.
    pub(crate) fn fault(&self) -> Option<String> {
        self.doubled.as_ref().map(|name| {
            format!(
                "the header `{name}` stands more than once; map the column by its place, such as `= 3` for the third"
            )
        })
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
        return Some(Layout {
            skipped_lines: 0,
            delimiter: mapping.delimiter.unwrap_or(b'\t'),
            columns,
            names: mapping.cells.unwrap_or(0),
            doubled: None,
        });
    }
    let delimiters = mapping.delimiter.map_or(vec![b',', b';', b'\t'], |one| vec![one]);
    let lines: Vec<&str> = text.split_inclusive('\n').take(2 * SEARCHED_LINES).collect();
    for index in 0..lines.len().min(SEARCHED_LINES) {
        for delimiter in &delimiters {
            let (names, height) = split(&lines[index..], *delimiter, mapping.quoting.unwrap_or(true));
            let is_signed = mapping.signature.iter().all(|name| names.contains(&normal(name)));
            if let Some(columns) = resolve(&names, mapping, table).filter(|_| is_signed) {
                let doubled = doubled(&names, mapping);
                let filled = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
                return Some(Layout {
                    skipped_lines: index + height,
                    delimiter: *delimiter,
                    columns,
                    names: filled,
                    doubled,
                });
            }
        }
    }
    None
}

/// The names of the record that begins with the first line, and how many lines it has: a quoted name may have several.
fn split(lines: &[&str], delimiter: u8, is_quoting: bool) -> (Vec<String>, usize) {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).quoting(is_quoting);
    let is_open = is_quoting && lines[0].matches('"').count() % 2 == 1;
    let window = if is_open { lines.concat() } else { lines[0].to_owned() };
    let mut reader = builder.from_reader(window.as_bytes());
    let mut record = csv::StringRecord::new();
    if !reader.read_record(&mut record).unwrap_or(false) {
        return (Vec::new(), 1);
    }
    let end = usize::try_from(reader.position().byte()).unwrap_or(0).min(window.len());
    let height = window[..end].trim_end_matches(['\r', '\n']).matches('\n').count() + 1;
    (record.iter().map(normal).collect(), height)
}

/// The first mapped header that stands more than once.
fn doubled(names: &[String], mapping: &Mapping) -> Option<String> {
    let count = |name: &str| names.iter().filter(|found| **found == normal(name)).count();
    let of = |picks: &[Pick]| {
        let headers = picks.iter().filter_map(|pick| if let Pick::Header(name) = pick { Some(name) } else { None });
        headers.into_iter().find(|name| count(name) > 0).filter(|name| count(name) > 1).cloned()
    };
    mapping.columns.values().find_map(|from| match from {
        From::First(picks) => of(picks),
        From::FirstFilled(picks) | From::Join(picks, _) => picks.iter().find_map(|pick| of(std::slice::from_ref(pick))),
        From::Constant(_) => None,
        From::Person(ways) => ways.iter().flat_map(|(_, picks)| picks).find_map(|pick| of(std::slice::from_ref(pick))),
    })
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
        From::FirstFilled(picks) => {
            let found: Vec<_> = picks.iter().filter_map(place).collect();
            (!found.is_empty()).then_some(Access::FirstFilled(found))
        }
        From::Join(picks, with) => {
            let places: Option<Vec<_>> = picks.iter().map(place).collect();
            places.map(|places| Access::Join(places, with.clone()))
        }
        From::Constant(text) => Some(Access::Constant(text.clone())),
        From::Person(ways) => {
            // Every one that is there: an empty e-mail address is followed by the sign-in name, then by the name.
            let found =
                ways.iter().flat_map(|(naming, picks)| picks.iter().filter_map(|pick| Some((*naming, place(pick)?))));
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
    fn a_quoted_header_name_of_two_lines() {
        let mapping = canonical(table("checkins").unwrap());
        let found = layout("meeting_id,\"备注\n(手填)\",employee_id,time\n1,,0101,x\n", &mapping).unwrap();
        assert_eq!((found.skipped_lines, found.width()), (2, 4));
    }

    #[test]
    fn a_mapped_header_that_stands_twice_is_refused_unless_its_place_is_given() {
        let mut mapping = canonical(table("checkins").unwrap());
        let text = "meeting_id,employee_id,time,employee_id,note,note\n";
        assert!(layout(text, &mapping).unwrap().fault().is_some_and(|why| why.contains("`employee_id`")));
        mapping.columns.insert("employee_id".into(), From::First(vec![Pick::Position(4)]));
        assert_eq!(layout(text, &mapping).unwrap().fault(), None);
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
