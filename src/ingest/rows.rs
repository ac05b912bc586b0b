//! A file's text → typed rows, each with its line and its fate (3-tables §3.2 steps 4 to 6).

use super::{
    access::{Access, is_error},
    cell::{Cell, Times, clean, typed},
    checks::{View, fault},
    formats::Votes,
    header::Layout,
    people::{self, People, Who},
    records::{Record, records, unquoted},
    shared,
    tidy::{FOREIGN, is_foreign, meant, plain, tidy_id},
    workbook::{BREAK, Origin},
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
    /// It says that nobody did anything: counted as used, and in no table.
    Silent,
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
                None => {
                    let own = |cells: &csv::StringRecord| self.row(file, record.line, cells, layout);
                    match self.sharing(&record.cells, layout) {
                        None => rows.push(own(&record.cells)),
                        Some(records) => rows.extend(records.iter().map(own)),
                    }
                }
            }
        }
        Ok(rows)
    }

    /// A record for each of the people who sit at one device; `None` where the record names one.
    fn sharing(&self, record: &csv::StringRecord, layout: &Layout) -> Option<Vec<csv::StringRecord>> {
        if self.table.name != "checkins" || self.mapping.person_separator.is_empty() {
            return None;
        }
        let column = self.table.columns.iter().position(|column| column.kind == Kind::Person)?;
        let place = match layout.columns[column].as_ref()? {
            Access::Cell(place) => *place,
            Access::Person(ways) => ways.iter().find(|(naming, _)| *naming == Naming::Name)?.1,
            _ => return None,
        };
        let known = |name: &str| self.named_one(Naming::Name, name, None) != Who::Unknown;
        let names = shared::names(record.get(place)?, &self.mapping.person_separator, known)?;
        let with = |name: &String| {
            let cells = record.iter().enumerate();
            cells.map(|(at, cell)| if at == place { name.as_str() } else { cell }).collect()
        };
        Some(names.iter().map(with).collect())
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
        let iso = self.times.iso();
        let mut note = |column: &str, value: &str, reason: String| {
            faults.push(Fate::Rejected { column: column.to_owned(), value: value.to_owned(), reason });
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            note("", "", "the row is empty: delete it".to_owned());
        } else if record.len() == 1 && record[0].matches(char::from(layout.delimiter)).count() + 1 >= layout.width() {
            let what = "the whole row is one quoted cell: the file was opened with another separator and saved so; export it again";
            note("", "", what.to_owned());
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
            let times = if access.as_ref().is_some_and(Access::is_moment) { &iso } else { &self.times };
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
            cells.push(typed(kind, &text, times).map_err(|reason| note(column.name, &text, reason)).ok());
            texts.push(text);
        }
        let mut fate = self.persons(record, layout, &mut cells);
        let is_without = |name: &String| {
            self.table.columns.iter().zip(&texts).any(|(column, text)| column.name == *name && text.is_empty())
        };
        let silent = &self.mapping.silent_without;
        let is_silent = !silent.is_empty() && silent.iter().all(is_without);
        let is_nobody = |(column, text): (&Column, &String)| {
            column.kind == Kind::Person && self.mapping.nobody.iter().any(|word| word == text)
        };
        let is_nobody = self.table.columns.iter().zip(&texts).any(is_nobody);
        if (is_silent || is_nobody) && !record.iter().all(|cell| cell.trim().is_empty()) {
            return Row { file, line, cells, texts, fate: Fate::Silent };
        }
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

    /// A cleaned cell; empty where it says that it is.
    fn cell<'r>(&self, record: &'r csv::StringRecord, place: usize) -> &'r str {
        let text = clean(record.get(place).unwrap_or(""));
        if self.mapping.empty.iter().any(|word| word == text) { "" } else { text }
    }

    /// The cleaned text of a column, with the configuration's words replaced.
    fn text(&self, column: &Column, access: &Access, record: &csv::StringRecord) -> String {
        let text = access.text(record.len(), |place| self.cell(record, place), &self.times);
        // Only times have a first line that counts alone.
        let text = match text.split_once(BREAK) {
            None => text,
            Some((first, _)) if column.kind == Kind::Time && self.mapping.first_line == Some(true) => first.to_owned(),
            Some(_) => text.replace(BREAK, " "),
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
                Err((value, _)) if is_foreign(&value, self.mapping) => note(column.name, &value, FOREIGN),
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
            Access::Person(ways) => {
                ways.iter().map(|(naming, index)| (*naming, self.cell(record, *index).to_owned())).collect()
            }
            _ => vec![(self.mapping.person.unwrap_or_default(), self.text(column, access, record))],
        };
        let mut failed = None;
        for (naming, text) in ways.into_iter().filter(|(_, text)| !text.is_empty()) {
            match self.named(naming, &text, day) {
                Ok(found) => return Ok(found),
                // An employee id is no nickname: whoever has the same name beside a stranger's id is somebody else.
                Err(who) if naming == Naming::Id => return Err((text, who)),
                Err(who) => failed = Some(failed.filter(|(_, who)| *who == Who::Ambiguous).unwrap_or((text, who))),
            }
        }
        failed.map_or(Ok(None), Err)
    }

    fn named(&self, naming: Naming, text: &str, day: Option<chrono::NaiveDate>) -> Result<Option<u32>, Who> {
        let mut found = Vec::new();
        for part in shared::parts(text, &self.mapping.person_separator) {
            match self.named_one(naming, part, day) {
                Who::Known(emp) => found.push(emp),
                who => return Err(who),
            }
        }
        found.dedup();
        // Two people in charge are nobody in charge: a person decides whose duty it was.
        Ok(if let [one] = found.as_slice() { Some(*one) } else { None })
    }

    fn named_one(&self, naming: Naming, part: &str, day: Option<chrono::NaiveDate>) -> Who {
        let source = self.table.name;
        if naming == Naming::Name {
            return people::named(part, &self.mapping.name_suffixes, |name| {
                self.people.find(source, naming, name, day)
            });
        }
        match self.people.find(source, naming, part, day) {
            Who::Unknown => self.people.find(source, naming, &tidy_id(part, self.mapping), day),
            who => who,
        }
    }

    /// The time formats that this file is written in.
    fn formats(&self, records: &[Record<'_>], layout: &Layout) -> Result<Vec<String>, String> {
        let is_time = |kind: Kind| matches!(kind, Kind::Time | Kind::LooseStart | Kind::LooseEnd);
        let columns = self.table.columns.iter().zip(&layout.columns).filter(|(column, _)| is_time(column.kind));
        let mut votes = Votes::new(&self.mapping.time_formats);
        for (column, access) in columns.filter_map(|(column, access)| Some((column, access.as_ref()?))) {
            for record in records {
                let text = self.text(column, access, &record.cells);
                votes.see(&text, |text, format| self.times.moment_in(text, format));
            }
        }
        votes.settle().map_err(|[one, other]| undecided(&one, &other, self.table.name))
    }
}

impl View<'_> {
    /// The day of the row's first time column.
    pub(crate) fn first_day(&self) -> Option<chrono::NaiveDate> {
        self.table.columns.iter().find_map(|column| self.time(column.name)).map(|time| time.date())
    }
}

/// Why the times of a file cannot be read.
pub(crate) fn undecided(one: &str, other: &str, table: &str) -> String {
    format!(
        "its times fit `{one}` and `{other}` with different results; state the right one in [sources.{table}], such as \
         time_formats = [\"{one}\"], with the formats of its other files: the list replaces that of the preset"
    )
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
