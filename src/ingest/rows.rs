//! A file's text → typed rows, each with its line and its fate (3-tables §3.2 steps 4 to 6).

use super::{
    cell::{Cell, Times, clean, typed},
    checks::{View, fault},
    header::{Access, Layout},
    people::{People, Who, spellings},
};
use crate::schema::{mapping::{Mapping, Naming}, tables::{Column, Kind, Table}};
use std::collections::BTreeMap;

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Used,
    Duplicate,
    OutOfPeriod,
    /// The person as the export names them.
    Outside(String),
    Rejected { column: String, value: String, reason: String },
}

/// One data row. A person's cell holds the employee's number.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) file: u32,
    pub(crate) line: u64,
    pub(crate) cells: Vec<Option<Cell>>,
    /// The cells as they stood, for comparing keys and for messages.
    pub(crate) texts: Vec<String>,
    pub(crate) fate: Fate,
}

/// What reading a file needs to know.
pub(crate) struct Reader<'a> {
    pub(crate) table: &'static Table,
    pub(crate) mapping: &'a Mapping,
    pub(crate) times: Times,
    pub(crate) people: &'a People,
}

impl Reader<'_> {
    /// Reads the records of `text` below its header.
    ///
    /// # Errors
    /// Where all times of the file fit two formats with different results.
    pub(crate) fn rows(&mut self, text: &str, layout: &Layout, file: u32) -> Result<Vec<Row>, String> {
        let records = records(text, layout, self.mapping);
        if self.mapping.one_format == Some(true) {
            self.times.formats = vec![self.one_format(&records, layout)?];
        }
        Ok(records.iter().map(|(line, record)| self.row(file, *line, record, layout)).collect())
    }

    fn row(&self, file: u32, line: u64, record: &csv::StringRecord, layout: &Layout) -> Row {
        let mut faults = Vec::new();
        let mut cells: Vec<Option<Cell>> = Vec::with_capacity(self.table.columns.len());
        let mut texts = Vec::with_capacity(self.table.columns.len());
        let mut note = |column: &str, value: &str, reason: String| {
            faults.push(Fate::Rejected { column: column.to_owned(), value: value.to_owned(), reason });
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            note("", "", "the row is empty: delete it".to_owned());
        } else if record.len() < layout.width() {
            note("", &record.iter().collect::<Vec<_>>().join(" "), format!("the row has {} cells, the mapped columns need {}: it was cut", record.len(), layout.width()));
        } else if record.iter().any(|cell| cell.contains(['\0', '\u{fffd}'])) {
            note("", "", "the row has bytes that are not text".to_owned());
        }
        for (column, access) in self.table.columns.iter().zip(&layout.columns) {
            let text = access.as_ref().map_or_else(String::new, |access| self.text(column, access, record));
            let is_person = column.kind == Kind::Person || matches!(access, Some(Access::Person(_)));
            if text.is_empty() {
                if column.is_required && !is_person {
                    note(column.name, "", "a required value is missing".to_owned());
                }
                cells.push(None);
                texts.push(text);
                continue;
            }
            let kind = if is_person { Kind::Text } else { column.kind };
            cells.push(typed(kind, &text, &self.times).map_err(|reason| note(column.name, &text, reason)).ok());
            texts.push(text);
        }
        let mut fate = self.persons(record, layout, &mut cells);
        if let Some(first) = faults.into_iter().next() {
            fate = first;
        }
        if fate == Fate::Used
            && let Some((column, reason)) = fault(&View { table: self.table, cells: &cells })
        {
            let place = self.table.columns.iter().position(|known| known.name == column);
            let value = place.map_or_else(String::new, |place| texts[place].clone());
            fate = Fate::Rejected { column: column.to_owned(), value, reason };
        }
        Row { file, line, cells, texts, fate }
    }

    /// The cleaned text of a column, with the configuration's words replaced.
    fn text(&self, column: &Column, access: &Access, record: &csv::StringRecord) -> String {
        let cell = |index: usize| clean(record.get(index).unwrap_or(""));
        let text = match access {
            Access::Cell(index) => cell(*index).to_owned(),
            Access::Constant(text) => text.clone(),
            Access::Join(indexes, with) => {
                let parts: Vec<&str> = indexes.iter().map(|index| cell(*index)).filter(|part| !part.is_empty()).collect();
                parts.join(with)
            }
            Access::Person(ways) => {
                let filled = ways.iter().map(|(_, index)| cell(*index)).find(|text| !text.is_empty());
                filled.unwrap_or("").to_owned()
            }
        };
        let text = match self.mapping.values.get(column.name).and_then(|words| words.get(&text)) {
            Some(word) => word.clone(),
            None => text,
        };
        // Ids are cleaned where they are read; persons after their identities were looked up.
        let is_id = column.name.ends_with("_id") && column.kind == Kind::Text;
        if is_id && !text.is_empty() { tidy_id(&text, self.mapping) } else { text }
    }

    /// Resolves every person of the row; the fate says whether one is missing, unknown, outside or ambiguous.
    fn persons(&self, record: &csv::StringRecord, layout: &Layout, cells: &mut [Option<Cell>]) -> Fate {
        let mut fate = Fate::Used;
        let mut note = |column: &str, value: &str, reason: &str| {
            if fate == Fate::Used {
                fate = Fate::Rejected { column: column.to_owned(), value: value.to_owned(), reason: reason.to_owned() };
            }
        };
        let day = View { table: self.table, cells }.first_day();
        let mut outside = None;
        for (index, (column, access)) in self.table.columns.iter().zip(&layout.columns).enumerate() {
            let Some(access) = access.as_ref().filter(|access| column.kind == Kind::Person || matches!(access, Access::Person(_))) else {
                continue;
            };
            let who = self.person(column, access, record, day);
            cells[index] = None;
            match who {
                Ok(None) if column.is_required => note(column.name, "", "nobody is named"),
                Ok(None) => {}
                Ok(Some(emp)) => cells[index] = Some(Cell::Person(emp)),
                Err((value, Who::Ambiguous)) => note(column.name, &value, "the name fits two people"),
                Err((value, _)) if self.table.name == "checkins" => outside = Some(value),
                Err((value, _)) => note(column.name, &value, "not on the roster"),
            }
        }
        match outside {
            Some(value) if fate == Fate::Used => Fate::Outside(value),
            _ => fate,
        }
    }

    /// The person of a column: nobody, an employee, or a name that does not lead to one.
    fn person(&self, column: &Column, access: &Access, record: &csv::StringRecord, day: Option<chrono::NaiveDate>) -> Result<Option<u32>, (String, Who)> {
        let ways = match access {
            Access::Person(ways) => ways.iter().map(|(naming, index)| (*naming, clean(record.get(*index).unwrap_or("")).to_owned())).collect(),
            _ => vec![(self.mapping.person.unwrap_or_default(), self.text(column, access, record))],
        };
        let mut failed = None;
        for (naming, text) in ways.into_iter().filter(|(_, text)| !text.is_empty()) {
            match self.named(naming, &text, day) {
                Ok(found) => return Ok(found),
                Err(who) => failed = Some(failed.filter(|(_, who)| *who == Who::Ambiguous).unwrap_or((text, who))),
            }
        }
        failed.map_or(Ok(None), Err)
    }

    fn named(&self, naming: Naming, text: &str, day: Option<chrono::NaiveDate>) -> Result<Option<u32>, Who> {
        let parts: Vec<&str> = match &self.mapping.person_separator {
            Some(separator) => text.split(separator.as_str()).map(str::trim).filter(|part| !part.is_empty()).collect(),
            None => vec![text],
        };
        let mut found = Vec::new();
        for part in parts {
            let source = self.table.name;
            let who = match naming {
                Naming::Name => {
                    let tries = spellings(part, &self.mapping.name_suffixes);
                    let mut whos = tries.iter().map(|name| self.people.find(source, naming, name, day));
                    whos.find(|who| *who != Who::Unknown).unwrap_or(Who::Unknown)
                }
                _ => match self.people.find(source, naming, part, day) {
                    Who::Unknown => self.people.find(source, naming, &tidy_id(part, self.mapping), day),
                    who => who,
                },
            };
            match who {
                Who::Known(emp) => found.push(emp),
                who => return Err(who),
            }
        }
        found.dedup();
        // Two people in charge are nobody in charge: a person decides whose duty it was.
        Ok(if let [one] = found.as_slice() { Some(*one) } else { None })
    }

    /// The one time format that all times of the file have.
    fn one_format(&self, records: &[(u64, csv::StringRecord)], layout: &Layout) -> Result<String, String> {
        let columns = self.table.columns.iter().zip(&layout.columns).filter(|(column, _)| column.kind == Kind::Time);
        let texts: Vec<String> = columns
            .filter_map(|(column, access)| Some((column, access.as_ref()?)))
            .flat_map(|(column, access)| records.iter().map(|(_, record)| self.text(column, access, record)))
            .filter(|text| !text.is_empty())
            .collect();
        let read = |format: &str| texts.iter().map(|text| self.times.moment_in(text, format)).collect::<Vec<_>>();
        let mut best: Vec<(String, Vec<_>)> = Vec::new();
        for format in &self.mapping.time_formats {
            let times = read(format);
            let count = |times: &[Option<_>]| times.iter().flatten().count();
            match best.first().map(|(_, other)| count(other)) {
                Some(most) if count(&times) < most => {}
                Some(most) if count(&times) == most => {
                    if best.iter().all(|(_, other)| *other != times) {
                        best.push((format.clone(), times));
                    }
                }
                _ => best = vec![(format.clone(), times)],
            }
        }
        match best.as_slice() {
            [(format, _)] => Ok(format.clone()),
            [] => Err("the mapping names no time formats".to_owned()),
            several => {
                let formats: Vec<&str> = several.iter().map(|(format, _)| format.as_str()).collect();
                Err(format!("its times fit {} with different results; state `time_formats`", formats.join(" and ")))
            }
        }
    }
}

impl View<'_> {
    /// The day of the row's first time column.
    pub(crate) fn first_day(&self) -> Option<chrono::NaiveDate> {
        self.table.columns.iter().find_map(|column| self.time(column.name)).map(|time| time.date())
    }
}

/// The records below the header with their lines.
fn records(text: &str, layout: &Layout, mapping: &Mapping) -> Vec<(u64, csv::StringRecord)> {
    let start = text.match_indices('\n').nth(layout.skipped_lines.wrapping_sub(1)).map_or(text.len(), |(at, _)| at + 1);
    let mut body = if layout.skipped_lines == 0 { text } else { &text[start.min(text.len())..] };
    if mapping.until_blank == Some(true) {
        body = &body[..end_of_section(body, layout.delimiter)];
    }
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(layout.delimiter).quoting(mapping.quoting.unwrap_or(true));
    let mut reader = builder.from_reader(body.as_bytes());
    let mut records = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).is_ok_and(|is_there| is_there) {
        let (mut line, mut at) = record.position().map_or((0, 0), |position| (position.line(), position.byte()));
        // The position is taken before blank lines are skipped.
        while let Some(byte) = usize::try_from(at).ok().and_then(|at| body.as_bytes().get(at)).filter(|byte| matches!(byte, b'\r' | b'\n')) {
            line += u64::from(*byte == b'\n');
            at += 1;
        }
        line += layout.skipped_lines as u64;
        records.push((line, record.clone()));
    }
    records
}

/// Where the section that begins here ends: at its first line without a filled cell.
fn end_of_section(body: &str, delimiter: u8) -> usize {
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if line.trim_matches(|c: char| c.is_whitespace() || c == char::from(delimiter)).is_empty() {
            return at;
        }
        at += line.len();
    }
    at
}

fn tidy_id(text: &str, mapping: &Mapping) -> String {
    let strip = mapping.id_strip.as_deref().unwrap_or("");
    let bare: String = text.chars().filter(|c| !strip.contains(*c)).collect();
    format!("{bare:0>width$}", width = mapping.id_pad.unwrap_or(0))
}

/// Compares keys (before all other checks): equal rows are duplicates, different content under one key is rejected.
pub(crate) fn compare_keys(table: &Table, rows: &mut [Row]) {
    if table.key.is_empty() {
        return;
    }
    let texts: Vec<Vec<String>> = rows.iter().map(comparable).collect();
    let index_of = |name: &&str| table.columns.iter().position(|column| column.name == *name);
    let places: Vec<usize> = table.key.iter().filter_map(index_of).collect();
    let mut groups: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (index, row) in texts.iter().enumerate() {
        let key: Vec<&str> = places.iter().map(|place| row[*place].as_str()).collect();
        if key.iter().all(|part| !part.is_empty()) {
            groups.entry(key).or_default().push(index);
        }
    }
    for (key, members) in groups.iter().filter(|(_, members)| members.len() > 1) {
        let is_same = members.iter().all(|member| texts[*member] == texts[members[0]]);
        for member in members.iter().skip(usize::from(is_same)) {
            rows[*member].fate = if is_same {
                Fate::Duplicate
            } else {
                let reason = "the same key stands in several rows with different content".to_owned();
                Fate::Rejected { column: table.key.join("+"), value: key.join(" "), reason }
            };
        }
    }
}

/// A row's cells as they are compared: typed values in one spelling, else the bare text.
fn comparable(row: &Row) -> Vec<String> {
    let cells = row.cells.iter().zip(&row.texts);
    cells.map(|(cell, text)| cell.as_ref().map_or_else(|| text.clone(), |cell| format!("{cell:?}"))).collect()
}
