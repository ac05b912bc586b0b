//! Finds the header line and where each canonical column stands in it (3-tables §3.2 steps 3 and 4).

use super::{access::Access, cell::Times};
use crate::schema::{
    mapping::{From, Mapping, Pick, Quoting},
    tables::{Column, Kind, Table},
};
use std::collections::{BTreeMap, BTreeSet};

/// Only this many lines are searched for the header: real exports carry title rows.
const SEARCHED_LINES: usize = 20;
/// Where there is no header, a row must be among these lines: a device's memory may begin with garbage.
const SEARCHED_ROWS: usize = 500;

/// How the records of a file are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Lines before the first data line.
    pub(crate) skipped_lines: usize,
    pub(crate) delimiter: u8,
    /// One entry per canonical column; `None` where the export has none.
    pub(crate) columns: Vec<Option<Access>>,
    /// Of a wide export, the columns of each reading of a row, in place of `columns`.
    pub(crate) each: Vec<Vec<Option<Access>>>,
    /// How many names the header has, without empty ones at its end; without header, the cells of a row.
    pub(crate) names: usize,
    /// A mapped header that stands more than once: which column is meant cannot be known.
    pub(crate) doubled: Option<String>,
}

impl Layout {
    /// The highest position of a mapped column: a shorter record was cut.
    pub(crate) fn width(&self) -> usize {
        let all = self.columns.iter().chain(self.each.iter().flatten()).flatten();
        all.map(Access::width).max().unwrap_or(0)
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
        return headerless(text, mapping, table);
    }
    let delimiters = mapping.delimiter.map_or(vec![b',', b';', b'\t'], |one| vec![one]);
    let lines: Vec<&str> = text.split_inclusive('\n').take(2 * SEARCHED_LINES).collect();
    (0..lines.len().min(SEARCHED_LINES)).find_map(|index| {
        let mut found = delimiters.iter().filter_map(|delimiter| {
            let (titles, height) = titles(&lines[index..], *delimiter, mapping, table);
            layout(&titles, index + height, *delimiter, mapping, table)
        });
        found.next()
    })
}

/// The line that is most like the header of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    /// Its number, from 1.
    pub(crate) line: usize,
    /// So many of the mapped columns are there …
    pub(crate) found: usize,
    /// … of these.
    pub(crate) columns: usize,
    /// What it lacks: columns that must be there, each with a header that it would have, and signs.
    pub(crate) lacks: Vec<String>,
}

/// The words of each of the first lines, whatever stands between them.
pub(crate) fn words(text: &str) -> Vec<BTreeSet<String>> {
    let of_line = |line: &str| -> BTreeSet<String> {
        let cells = [',', ';', '\t'].into_iter().flat_map(|delimiter| line.split(delimiter));
        cells.map(|cell| normal(cell.trim_matches(['"', '\u{feff}', ' ']))).filter(|cell| !cell.is_empty()).collect()
    };
    text.lines().take(SEARCHED_LINES).map(of_line).collect()
}

/// The line of a text without the header of a mapping that is most like it, if any is.
pub(crate) fn near(words: &[BTreeSet<String>], mapping: &Mapping, table: &Table) -> Option<Near> {
    // Of a name with its group only the field.
    let word = |name: &str| normal(name.rsplit('/').next().unwrap_or(name));
    let header = |from: &From| from.taken().into_iter().flatten().find_map(Pick::header).cloned();
    let sources = |name: &str| -> Vec<&From> {
        let entries = mapping.each.iter().filter_map(|entry| entry.get(name));
        mapping.columns.get(name).into_iter().chain(entries).filter(|from| header(from).is_some()).collect()
    };
    let mapped = table.columns.iter().map(|column| (column, sources(column.name)));
    let mapped: Vec<_> = mapped.filter(|(_, sources)| !sources.is_empty()).collect();
    let of_line = |(index, line): (usize, &BTreeSet<String>)| {
        let any = |picks: &[Pick]| picks.iter().any(|pick| pick.header().is_none_or(|name| line.contains(&word(name))));
        let is_taken = |from: &From| match from {
            From::FirstFilled(_) | From::Person(_) => from.taken().into_iter().any(any),
            _ => from.taken().into_iter().all(any),
        };
        let is_there = |sources: &[&From]| sources.iter().any(|from| is_taken(from));
        let is_needed = |column: &Column| column.is_required || mapping.explicit.iter().any(|own| own == column.name);
        let lacking = mapped.iter().filter(|(column, sources)| is_needed(column) && !is_there(sources));
        let signs = mapping.signature.iter().filter(|name| !line.contains(&word(name)));
        let named = |name: &str, from: &From| header(from).map(|header| format!("{name} (`{header}`)"));
        let lacks = lacking.filter_map(|(column, sources)| named(column.name, sources[0]));
        Near {
            line: index + 1,
            found: mapped.iter().filter(|(_, sources)| is_there(sources)).count(),
            columns: mapped.len(),
            lacks: lacks.chain(signs.map(|sign| format!("`{sign}`"))).collect(),
        }
    };
    let all = words.iter().enumerate().map(of_line).filter(|near| near.found > 0);
    all.min_by_key(|near| (near.lacks.len(), std::cmp::Reverse(near.found)))
}

/// The layout of an export whose header has these names, if they are those that are mapped.
fn layout(titles: &[Title], skipped_lines: usize, delimiter: u8, mapping: &Mapping, table: &Table) -> Option<Layout> {
    let has = |name: &String| !places(titles, name).is_empty();
    let is_signed = mapping.signature.iter().all(has) && !mapping.absent.iter().any(has);
    let (columns, each) = resolve(titles, mapping, table).filter(|_| is_signed)?;
    let names = titles.iter().rposition(|title| !title.full.is_empty()).map_or(0, |last| last + 1);
    Some(Layout { skipped_lines, delimiter, columns, each, names, doubled: doubled(titles, mapping) })
}

/// The layout of an export without header: some of its first lines have the stated number of cells, and times in them.
fn headerless(text: &str, mapping: &Mapping, table: &Table) -> Option<Layout> {
    let delimiter = mapping.delimiter.unwrap_or(b'\t');
    let (columns, each) = resolve(&[], mapping, table)?;
    let times = Times::new(mapping, chrono_tz::UTC);
    let time = table.columns.iter().position(|column| column.is_required && column.kind == Kind::Time);
    let time = time.and_then(|place| columns[place].as_ref());
    let is_row = |line: &&str| {
        let cells = cells(line, delimiter, mapping);
        let cell = |place: usize| cells.get(place).map_or("", |cell| super::cell::clean(cell));
        let has_time = time.is_none_or(|access| {
            let text = access.text(cells.len(), cell, &times);
            if access.is_moment() { times.iso().moment(&text) } else { times.moment(&text) }.is_some()
        });
        let is_number = |place: &usize| cell(place - 1).parse::<i64>().is_ok();
        mapping.cells.is_none_or(|count| count == cells.len()) && mapping.numbers.iter().all(is_number) && has_time
    };
    text.lines().take(SEARCHED_ROWS).find(is_row)?;
    Some(Layout { skipped_lines: 0, delimiter, columns, each, names: mapping.cells.unwrap_or(0), doubled: None })
}

/// A column's name: its own, and with that of the group it stands in.
struct Title {
    full: String,
    field: String,
}

/// The names of the header that begins with the first line, and how many lines it has.
fn titles(lines: &[&str], delimiter: u8, mapping: &Mapping, table: &Table) -> (Vec<Title>, usize) {
    let (first, height) = split(lines, delimiter, mapping);
    let alone: Vec<Title> = first.iter().map(|name| Title { full: name.clone(), field: name.clone() }).collect();
    // A title of the whole table is no group.
    let has_groups = mapping.header_rows == Some(2) && first.iter().filter(|name| !name.is_empty()).count() > 1;
    let rest = lines.get(height..).filter(|rest| has_groups && !rest.is_empty());
    let Some(rest) = rest else { return (alone, height) };
    let (second, more) = split(rest, delimiter, mapping);
    if let Some((columns, _)) = resolve(&alone, mapping, table) {
        let required = table.columns.iter().zip(&columns).filter(|(column, _)| column.is_required);
        let mut places = required.filter_map(|(_, access)| access.as_ref()).flat_map(Access::places);
        // A person or a day stands there: it is a row.
        if places.any(|place| second.get(place).is_some_and(|cell| !cell.is_empty())) {
            return (alone, height);
        }
    }
    let mut group = String::new();
    let count = first.len().max(second.len());
    let name = |names: &[String], place: usize| names.get(place).cloned().unwrap_or_default();
    let both = (0..count).map(|place| {
        let (above, below) = (name(&first, place), name(&second, place));
        if !above.is_empty() {
            group.clone_from(&above);
        }
        match (group.as_str(), below.as_str()) {
            (_, "") => Title { full: above.clone(), field: above },
            ("", _) => Title { full: below.clone(), field: below },
            (group, field) => Title { full: format!("{group}/{field}"), field: below },
        }
    });
    (both.collect(), height + more)
}

/// Where a name stands: with its group, else alone.
fn places(titles: &[Title], name: &str) -> Vec<usize> {
    let name = normal(name);
    let all = |is: &dyn Fn(&Title) -> bool| -> Vec<usize> {
        titles.iter().enumerate().filter(|(_, title)| is(title)).map(|(place, _)| place).collect()
    };
    let full = all(&|title| title.full == name);
    if full.is_empty() { all(&|title| title.field == name) } else { full }
}

/// The cells of one line.
fn cells(line: &str, delimiter: u8, mapping: &Mapping) -> Vec<String> {
    if mapping.quoting == Some(Quoting::Never) {
        return line.split(char::from(delimiter)).map(str::to_owned).collect();
    }
    let mut reader = super::records::builder(delimiter, mapping).from_reader(line.as_bytes());
    let first = reader.records().next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(str::to_owned).collect()
}

/// The names of the record that begins with the first line, and how many lines it has: a quoted name may have several.
fn split(lines: &[&str], delimiter: u8, mapping: &Mapping) -> (Vec<String>, usize) {
    let is_quoting = mapping.quoting != Some(Quoting::Never);
    let is_open = is_quoting && lines[0].matches('"').count() % 2 == 1;
    let window = if is_open { lines.concat() } else { lines[0].to_owned() };
    let mut reader = super::records::builder(delimiter, mapping).from_reader(window.as_bytes());
    let mut record = csv::StringRecord::new();
    if !reader.read_record(&mut record).unwrap_or(false) {
        return (Vec::new(), 1);
    }
    let end = usize::try_from(reader.position().byte()).unwrap_or(0).min(window.len());
    let height = window[..end].trim_end_matches(['\r', '\n']).matches('\n').count() + 1;
    (record.iter().map(normal).collect(), height)
}

/// The first mapped header that stands more than once.
fn doubled(titles: &[Title], mapping: &Mapping) -> Option<String> {
    // Of alternatives the first that is there is taken.
    let of = |picks: &[Pick]| {
        let headers = picks.iter().filter_map(Pick::header);
        let found = headers.map(|name| (name, places(titles, name).len())).find(|(_, count)| *count > 0);
        found.filter(|(_, count)| *count > 1).map(|(name, _)| name.clone())
    };
    let all = mapping.columns.values().chain(mapping.each.iter().flat_map(BTreeMap::values));
    all.into_iter().find_map(|from| from.taken().into_iter().find_map(of))
}

/// A header name as it is compared: trimmed, blanks folded, without case.
fn normal(name: &str) -> String {
    let words: Vec<&str> = name.trim_matches(['\u{feff}', '\u{200b}']).split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Where each canonical column stands, and in each reading of a row; `None` where one that must be there is not.
#[expect(clippy::type_complexity, reason = "columns, and columns again")]
fn resolve(
    titles: &[Title],
    mapping: &Mapping,
    table: &Table,
) -> Option<(Vec<Option<Access>>, Vec<Vec<Option<Access>>>)> {
    let find = |from: &From| access(from, titles);
    let own: Vec<Option<Access>> =
        table.columns.iter().map(|column| mapping.columns.get(column.name).and_then(find)).collect();
    let over = |entry: &BTreeMap<String, From>| {
        let mut columns = own.clone();
        for (name, from) in entry {
            let place = table.columns.iter().position(|column| column.name == *name)?;
            columns[place] = Some(find(from)?);
        }
        Some(columns)
    };
    let each: Vec<_> = mapping.each.iter().filter_map(over).collect();
    let is_there = |place: usize| own[place].is_some() || each.iter().any(|columns| columns[place].is_some());
    let is_needed = |name: &str, is_required: bool| {
        (is_required && mapping.refused.is_none()) || mapping.explicit.iter().any(|own| own == name)
    };
    let is_whole = table
        .columns
        .iter()
        .enumerate()
        .all(|(place, column)| is_there(place) || !is_needed(column.name, column.is_required));
    is_whole.then_some((own, each))
}

/// Where a column's text stands in a header; `None` where it does not.
fn access(from: &From, titles: &[Title]) -> Option<Access> {
    let place = |pick: &Pick| match pick {
        Pick::Position(position) => Some(position - 1),
        Pick::Last(_) => None,
        Pick::Header(name) => places(titles, name).first().copied(),
    };
    let first = |picks: &[Pick]| picks.iter().find_map(place);
    match from {
        From::First(picks) => picks.iter().find_map(|pick| match pick {
            Pick::Last(position) => Some(Access::Last(position - 1)),
            pick => place(pick).map(Access::Cell),
        }),
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
        From::Moment { day, clock } => Some(Access::Moment(first(day)?, first(clock)?)),
        From::Part { of, number, between } => Some(Access::Part(first(of)?, *number, between.clone())),
        From::When { column, when, is } => Some(Access::When(first(column)?, first(when)?, is.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{mapping::Naming, tables::table};

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
    fn a_header_of_two_rows_and_its_groups() {
        let mapping = |time: &str| Mapping {
            header_rows: Some(2),
            columns: [("meeting_id", "会议"), ("employee_id", "工号"), ("time", time)]
                .map(|(name, header)| (name.to_owned(), From::First(vec![Pick::Header(header.to_owned())])))
                .into(),
            ..Mapping::default()
        };
        let text = "报表,,,\n会议,工号,上班1,,下班1,\n,,打卡时间,状态,打卡时间,状态\nM1,0101,8:21,,17:31,\n";
        let found = layout(text, &mapping("下班1/打卡时间")).unwrap();
        assert_eq!((found.skipped_lines, &found.columns[2]), (3, &Some(Access::Cell(4))));
        // A field that stands in two groups needs its group.
        assert!(layout(text, &mapping("打卡时间")).unwrap().fault().is_some_and(|why| why.contains("打卡时间")));
        // Where the second row is a row of the table, the header has one.
        let text = "会议,工号,时间\nM1,0101,8:21\n";
        assert_eq!(layout(text, &mapping("时间")).unwrap().skipped_lines, 1);
        // The title above is no group, so the row below is still part of the header.
        let text = "每日统计,,,\n会议,工号,时间,请假\n,,,事假(天)\nM1,0101,8:21,\n";
        assert_eq!(layout(text, &mapping("时间")).unwrap().skipped_lines, 3);
        // One of two columns of the person is filled: a row.
        let mut two = mapping("时间");
        let ways = [(Naming::Id, "工号"), (Naming::Name, "姓名")];
        let ways = ways.map(|(naming, header)| (naming, vec![Pick::Header(header.to_owned())]));
        two.columns.insert("employee_id".to_owned(), From::Person(ways.into()));
        assert_eq!(layout("会议,姓名,工号,时间\n,罗念,,8:21\n", &two).unwrap().skipped_lines, 1);
    }

    #[test]
    fn without_a_header_some_first_line_must_be_a_row() {
        let swipes = table("swipes").unwrap();
        let mut mapping = Mapping { header: Some(false), cells: Some(3), ..Mapping::default() };
        for (name, place) in [("employee_id", 1), ("time", 2)] {
            mapping.columns.insert(name.to_owned(), From::First(vec![Pick::Position(place)]));
        }
        assert!(find("ZZZ\t2047-02-30 19:13:30\t1\n1\t2026-10-12 08:21:09\t1\n", &mapping, swipes).is_some());
        for other in ["1\t2026-10-12 08:21:09\n", "1\t1\t2026-10-12 08:21:09\n", "a,b,c\n", ""] {
            assert!(find(other, &mapping, swipes).is_none(), "{other}");
        }
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
