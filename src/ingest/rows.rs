//! A file's text → typed rows, each with its line and its fate (3-tables §3.2 steps 4 to 6).

use super::{
    cell::{Cell, Times, clean, typed},
    checks::{View, fault},
    formats::settle,
    header::{Access, Layout},
    people::{self, People, Who},
    records::{Record, records, unquoted},
    tidy::{meant, plain, tidy_id},
    workbook::{Origin, is_error},
};
use crate::schema::{
    mapping::{Mapping, Naming},
    tables::{Column, Kind, Table},
};

/// Why a row is rejected that names somebody who is no member of staff.
pub(crate) const NOT_ON_THE_ROSTER: &str = "not on the roster";

/// From so many records on, a file is read by several workers.
const PARALLEL_ROWS: usize = 5_000;

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Used,
    Duplicate,
    OutOfPeriod,
    /// The person as the export names them.
    Outside(String),
    Rejected {
        column: String,
        value: String,
        reason: String,
    },
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
    pub(crate) origin: Origin,
}

impl Reader<'_> {
    /// Reads the records of `text` below its header.
    ///
    /// # Errors
    /// Where the file was cut, or its times fit two formats with different results.
    pub(crate) fn rows(&mut self, text: &str, layout: &Layout, file: u32) -> Result<Vec<Row>, String> {
        let records = records(text, layout, self.mapping);
        if (is_costly(self.table) || is_excusing(self.table)) && is_cut(text, layout, &records) {
            return Err("its last line is cut, so rows may be missing below it: export it again".to_owned());
        }
        if self.mapping.one_format == Some(true) {
            self.times.formats = self.formats(&records, layout)?;
        }
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        if records.len() < PARALLEL_ROWS || workers == 1 {
            return self.part(&records, layout, file);
        }
        let this = &*self;
        std::thread::scope(|scope| {
            let parts = records.chunks(records.len().div_ceil(workers));
            let handles: Vec<_> = parts.map(|part| scope.spawn(move || this.part(part, layout, file))).collect();
            let mut rows = Vec::with_capacity(records.len());
            for handle in handles {
                rows.extend(handle.join().map_err(|_| "a worker reading it stopped".to_owned())??);
            }
            Ok(rows)
        })
    }

    /// The rows of some of the records, in their order.
    fn part(&self, records: &[Record<'_>], layout: &Layout, file: u32) -> Result<Vec<Row>, String> {
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            match self.hidden(file, record, layout) {
                None if self.is_left_out(&record.cells, layout) => {}
                Some(_) if is_costly(self.table) => return Err(stray_quote(record)),
                Some(hidden) => rows.extend(hidden),
                None => rows.push(self.row(file, record.line, &record.cells, layout)),
            }
        }
        Ok(rows)
    }

    /// Whether the mapping counts the record as no row of the table. A record that was cut is always one.
    fn is_left_out(&self, record: &csv::StringRecord, layout: &Layout) -> bool {
        let is_whole =
            record.len() >= layout.width() || record.iter().filter(|cell| !cell.trim().is_empty()).count() < 2;
        let is_empty = |name: &String| {
            let place = self.table.columns.iter().position(|column| column.name == *name);
            let access = place.and_then(|place| Some((&self.table.columns[place], layout.columns[place].as_ref()?)));
            access.is_none_or(|(column, access)| self.text(column, access, record).is_empty())
        };
        is_whole && self.mapping.unless_empty.iter().any(|group| group.iter().all(is_empty))
    }

    /// The lines of a record in which a stray quote hid rows, each rejected.
    fn hidden(&self, file: u32, record: &Record<'_>, layout: &Layout) -> Option<Vec<Row>> {
        let numbered = (record.line..).zip(&record.lines).filter(|(_, line)| !line.trim().is_empty());
        let rows = numbered.map(|(line, text)| self.row(file, line, &unquoted(text, layout.delimiter), layout));
        let mut rows: Vec<Row> = rows.collect();
        let is_row = |row: &Row| !matches!(row.fate, Fate::Rejected { .. });
        if !record.is_open && !rows.iter().skip(1).any(is_row) {
            return None;
        }
        for row in &mut rows {
            row.fate = Fate::Rejected { column: String::new(), value: String::new(), reason: stray_quote(record) };
        }
        Some(rows)
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
            note(
                "",
                &record.iter().collect::<Vec<_>>().join(" "),
                format!("the row has {} cells, the mapped columns need {}: it was cut", record.len(), layout.width()),
            );
        } else if ran_together(record, layout) {
            note(
                "",
                "",
                format!("the row has {} cells below {} headers: two rows ran together", record.len(), layout.names),
            );
        } else if record.iter().any(has_no_text) {
            note("", "", "the row has bytes that are not text".to_owned());
        }
        for (column, access) in self.table.columns.iter().zip(&layout.columns) {
            let mut text = access.as_ref().map_or_else(String::new, |access| self.text(column, access, record));
            if text.is_empty() && self.mapping.saved_time.as_deref() == Some(column.name) {
                text = self.origin.saved.map_or(text, |saved| saved.format("%Y-%m-%d %H:%M:%S").to_string());
            }
            let is_person = column.kind == Kind::Person || matches!(access, Some(Access::Person(_)));
            if text.is_empty() {
                if column.is_required && !is_person {
                    let why = self.mapping.missing.get(column.name).map(String::as_str);
                    note(column.name, "", why.unwrap_or("a required value is missing").to_owned());
                }
                cells.push(None);
                texts.push(text);
                continue;
            }
            if self.origin.is_sheet && is_error(&text) {
                note(
                    column.name,
                    &text,
                    "an error of Excel and no value: mend the formula or write the value".to_owned(),
                );
            }
            let kind = match column.kind {
                _ if is_person => Kind::Text,
                // A bare date is its 00:00, as at the start of a leave.
                Kind::Time if self.mapping.bare_dates.iter().any(|name| name == column.name) => Kind::LooseStart,
                kind => kind,
            };
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
            Access::FirstFilled(indexes) => {
                let mut cells = indexes.iter().map(|index| cell(*index));
                cells.find(|text| !text.is_empty() && !is_error(text)).unwrap_or("").to_owned()
            }
            Access::Constant(text) => text.clone(),
            Access::Join(indexes, with) => {
                let parts: Vec<&str> =
                    indexes.iter().map(|index| cell(*index)).filter(|part| !part.is_empty()).collect();
                parts.join(with)
            }
            Access::Person(ways) => {
                let filled = ways.iter().map(|(_, index)| cell(*index)).find(|text| !text.is_empty());
                filled.unwrap_or("").to_owned()
            }
        };
        let text = if text.is_empty() { text } else { plain(text, column, self.mapping, self.origin.is_1904) };
        let text = meant(&text, column.name, self.mapping).map_or(text, str::to_owned);
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
        let day = if self.people.has_identities() { View { table: self.table, cells }.first_day() } else { None };
        let mut outside = None;
        for (index, (column, access)) in self.table.columns.iter().zip(&layout.columns).enumerate() {
            let Some(access) =
                access.as_ref().filter(|access| column.kind == Kind::Person || matches!(access, Access::Person(_)))
            else {
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
                Err((value, _)) => note(column.name, &value, NOT_ON_THE_ROSTER),
            }
        }
        match outside {
            Some(value) if fate == Fate::Used => Fate::Outside(value),
            _ => fate,
        }
    }

    /// The person of a column: nobody, an employee, or a name that does not lead to one.
    fn person(
        &self,
        column: &Column,
        access: &Access,
        record: &csv::StringRecord,
        day: Option<chrono::NaiveDate>,
    ) -> Result<Option<u32>, (String, Who)> {
        let ways = match access {
            Access::Person(ways) => ways
                .iter()
                .map(|(naming, index)| (*naming, clean(record.get(*index).unwrap_or("")).to_owned()))
                .collect(),
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
                    people::named(part, &self.mapping.name_suffixes, |name| self.people.find(source, naming, name, day))
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

    /// The time formats that this file is written in.
    fn formats(&self, records: &[Record<'_>], layout: &Layout) -> Result<Vec<String>, String> {
        let is_time = |kind: Kind| matches!(kind, Kind::Time | Kind::LooseStart | Kind::LooseEnd);
        let columns = self.table.columns.iter().zip(&layout.columns).filter(|(column, _)| is_time(column.kind));
        let texts =
            columns.filter_map(|(column, access)| Some((column, access.as_ref()?))).flat_map(|(column, access)| {
                records.iter().map(|record| self.text(column, access, &record.cells)).filter(|text| !text.is_empty())
            });
        settle(&self.mapping.time_formats, texts.collect(), |text, format| self.times.moment_in(text, format)).map_err(|[one, other]| {
            format!(
                "its times fit `{one}` and `{other}` with different results; state the right one in [sources.{}], such as \
                 time_formats = [\"{one}\"], with the formats of its other files: the list replaces that of the preset",
                self.table.name
            )
        })
    }
}

impl View<'_> {
    /// The day of the row's first time column.
    pub(crate) fn first_day(&self) -> Option<chrono::NaiveDate> {
        self.table.columns.iter().find_map(|column| self.time(column.name)).map(|time| time.date())
    }
}

/// Whether rows of this table that get lost are held against somebody: no part of its files is used alone.
fn is_costly(table: &Table) -> bool {
    matches!(table.name, "checkins" | "identities" | "decisions")
}

fn stray_quote(record: &Record<'_>) -> String {
    let what = if record.is_open { "never closes" } else { "closes rows later" };
    format!("a quote that opens in line {} {what}: mend it", record.line)
}

/// Whether rows that a cut file lost would have excused somebody.
fn is_excusing(table: &Table) -> bool {
    matches!(table.name, "leaves" | "notices" | "visits" | "punches" | "rosters")
}

/// Whether the file ends within a line: its last line has no end, and fewer cells than the header and every other line.
fn is_cut(text: &str, layout: &Layout, records: &[Record<'_>]) -> bool {
    let Some((last, others)) = records.split_last() else { return false };
    let cells = last.cells.len();
    let is_at_end = !text.ends_with('\n') && text.lines().count() as u64 == last.line;
    is_at_end && cells < layout.names && others.iter().all(|other| cells < other.cells.len())
}

/// Whether a cell holds what is no text: NUL bytes, or bytes that the encoding does not have.
fn has_no_text(cell: &str) -> bool {
    memchr::memchr(0, cell.as_bytes()).is_some() || (!cell.is_ascii() && cell.contains('\u{fffd}'))
}

/// Whether a line break between two rows was lost: their cells stand in one row, but for the two that became one.
fn ran_together(record: &csv::StringRecord, layout: &Layout) -> bool {
    if layout.names < 3 || record.len() <= layout.names + layout.names / 2 {
        return false;
    }
    let filled = (0..record.len()).rev().find(|place| !record[*place].trim().is_empty()).map_or(0, |last| last + 1);
    filled > layout.names + layout.names / 2 && filled + 1 >= 2 * layout.width()
}
