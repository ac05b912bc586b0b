//! How an export is mapped to a canonical table: the content of a preset, or of `[sources.X]` (3-tables §3.2).

mod read;

pub use read::read;

use std::collections::BTreeMap;

/// Which column of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// By its header (compared trimmed, without case).
    Header(String),
    /// By its place, from 1.
    Position(usize),
    /// By its place from the end of the row, from 1.
    Last(usize),
}

impl Pick {
    /// The header, where it is picked by that.
    #[must_use]
    pub fn header(&self) -> Option<&String> {
        if let Self::Header(name) = self { Some(name) } else { None }
    }
}

/// Where the value of a canonical column comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// The first of these columns that the export has.
    First(Vec<Pick>),
    /// Of these columns, in each row the first that is filled; an error cell of a workbook counts as empty.
    FirstFilled(Vec<Pick>),
    /// Several columns, joined by a text.
    Join(Vec<Pick>, String),
    /// The same text in every row.
    Constant(String),
    /// A person, named in the first of these ways that leads to somebody.
    Person(Vec<(Naming, Vec<Pick>)>),
    /// A day and a time of day in two cells; the clock may be a whole moment of its own.
    Moment {
        /// Where the day stands.
        day: Vec<Pick>,
        /// Where the time of day stands.
        clock: Vec<Pick>,
    },
    /// One part of a cell that holds several.
    Part {
        /// Where they stand.
        of: Vec<Pick>,
        /// Which part, from 1.
        number: usize,
        /// The text between two parts.
        between: String,
    },
    /// A column in the rows in which another says one of these words; empty elsewhere.
    When {
        /// Where the text stands.
        column: Vec<Pick>,
        /// Where the word stands.
        when: Vec<Pick>,
        /// The words, compared without case.
        is: Vec<String>,
    },
}

impl From {
    /// The columns it takes: of each list the first that the export has.
    #[must_use]
    pub fn taken(&self) -> Vec<&[Pick]> {
        match self {
            Self::First(picks) => vec![picks],
            Self::FirstFilled(picks) | Self::Join(picks, _) => picks.iter().map(std::slice::from_ref).collect(),
            Self::Constant(_) => Vec::new(),
            Self::Person(ways) => ways.iter().flat_map(|(_, picks)| picks).map(std::slice::from_ref).collect(),
            Self::Moment { day, clock } => vec![day, clock],
            Self::Part { of, .. } => vec![of],
            Self::When { column, when, .. } => vec![column, when],
        }
    }
}

/// How an export names a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// By employee id. One that is filled decides alone: if it is nobody's, no name is asked.
    #[default]
    Id,
    /// By the id of another system, which only the register `identities` knows.
    Account,
    /// By e-mail address.
    Email,
    /// By name.
    Name,
}

impl Naming {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "id" => Some(Self::Id),
            "account" => Some(Self::Account),
            "email" => Some(Self::Email),
            "name" => Some(Self::Name),
            _ => None,
        }
    }
}

/// How an export quotes its cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quoting {
    /// `"` is a character like others.
    Never,
    /// `"` quotes a cell, and is doubled within it.
    #[default]
    Usual,
    /// Every cell is quoted, and a `"` within it is not doubled.
    Every,
}

/// How an export of one meeting says which it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meeting {
    /// What stands before or above the title.
    pub title: Vec<String>,
    /// What stands before or above the start.
    pub start: Vec<String>,
    /// How far the start may be from that of the register, in minutes.
    pub within_minutes: Option<i64>,
}

impl Meeting {
    fn overridden(mut self, over: Self) -> Self {
        for (own, over) in [(&mut self.title, over.title), (&mut self.start, over.start)] {
            if !over.is_empty() {
                *own = over;
            }
        }
        self.within_minutes = over.within_minutes.or(self.within_minutes);
        self
    }
}

/// The mapping of an export; what is `None` or empty is left to the level below (preset, then default).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Encoding label; without it the header decides.
    pub encoding: Option<String>,
    /// Encodings in which the header is looked for where it is in no usual one.
    pub encodings: Vec<String>,
    /// Sheets of a workbook, as patterns: the first that some sheet fits decides; empty: all sheets.
    pub sheets: Vec<String>,
    /// The rows of the header: two where groups of columns have a name of their own (default 1).
    pub header_rows: Option<i64>,
    /// Delimiter; without it the header line decides between `,` `;` and tab.
    pub delimiter: Option<u8>,
    /// Whether there is a header line (default true).
    pub header: Option<bool>,
    /// How cells are quoted.
    pub quoting: Option<Quoting>,
    /// The character after which a quote does not end its cell.
    pub escape: Option<u8>,
    /// Texts that mean an empty cell.
    pub empty: Vec<String>,
    /// Person texts that mean nobody: such a row is used and names nobody.
    pub nobody: Vec<String>,
    /// A row in which all these columns are empty says nothing about anybody, and is used.
    pub silent_without: Vec<String>,
    /// The last row, `Word: Europe/Berlin`, names the time zone (default false).
    pub footer_timezone: Option<bool>,
    /// The layout is known, and of no use: why, and what to export instead.
    pub refused: Option<String>,
    /// How the export says which meeting it is of, where no column does.
    pub meeting: Option<Meeting>,
    /// Columns of a wide export that go over `columns`: a row is read once with each.
    pub each: Vec<BTreeMap<String, From>>,
    /// The table ends at the first blank line (default false).
    pub until_blank: Option<bool>,
    /// Only a cell's first line counts (default false).
    pub first_line: Option<bool>,
    /// How persons are named (default by id).
    pub person: Option<Naming>,
    /// What separates several persons in a cell.
    pub person_separator: Vec<String>,
    /// Headers that tell this export from others alike: all of them must be there.
    pub signature: Vec<String>,
    /// Headers that tell that it is another export: none of them may be there.
    pub absent: Vec<String>,
    /// Endings that are not part of a name, such as `(Guest)`.
    pub name_suffixes: Vec<String>,
    /// Time formats (strftime), tried in order; empty: ISO and `/` dates.
    pub time_formats: Vec<String>,
    /// All times of a file have one format; a file that fits two with different results is refused.
    pub one_format: Option<bool>,
    /// Formats of dates without a clock time (strftime), tried after `2026-10-14` and `2026/10/14`.
    pub date_formats: Vec<String>,
    /// Time columns in which a bare date is its 00:00; elsewhere a time without its clock time is rejected.
    pub bare_dates: Vec<String>,
    /// Time columns in which a number such as `46329.5` is Excel's count of days: the cell lost its format.
    pub serial_dates: Vec<String>,
    /// The column whose empty cells take the time at which the workbook was last saved, where somebody saved it after
    /// it was made.
    pub saved_time: Option<String>,
    /// Columns in which full-width digits and letters are read as plain ones: in text only where it is then all ASCII,
    /// so that names stay as they are.
    pub fold_width: Vec<String>,
    /// What may stand before or behind a value and is no part of it, such as `元`, by column.
    pub affixes: BTreeMap<String, Vec<String>>,
    /// Groups of columns: a row in which all cells of one group are empty is no row of the table. So the lines that
    /// nobody filled in are neither counted nor rejected, nor are notes and totals below the table.
    pub unless_empty: Vec<Vec<String>>,
    /// The reason for which a row without a required value is rejected, where the column has its own.
    pub missing: BTreeMap<String, String>,
    /// Month words of the export's language and the month they mean.
    pub months: BTreeMap<String, i64>,
    /// The time zone of the export's times; without it they are local.
    pub timezone: Option<String>,
    /// Characters removed from ids, wherever they stand.
    pub id_strip: Option<String>,
    /// Ids are padded with zeros on the left to this length.
    pub id_pad: Option<usize>,
    /// The characters that ids consist of: a stranger whose id has others is garbage, and the row is rejected.
    pub id_only: Option<String>,
    /// How many cells a row has, where there is no header to say it.
    pub cells: Option<usize>,
    /// The places, from 1, at which a row has whole numbers, where there is no header.
    pub numbers: Vec<usize>,
    /// Where each canonical column comes from.
    pub columns: BTreeMap<String, From>,
    /// Words of the export and the canonical words they mean, by column.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Columns that the configuration itself maps, or that the preset needs: the export must have them.
    pub explicit: Vec<String>,
}

/// The keys that [`read`] understands.
pub const KEYS: &[&str] = &[
    "encoding",
    "encodings",
    "sheets",
    "header_rows",
    "escape",
    "empty",
    "nobody",
    "silent_without",
    "footer_timezone",
    "refused",
    "meeting",
    "each",
    "cells",
    "numbers",
    "delimiter",
    "header",
    "quoting",
    "until_blank",
    "first_line",
    "person",
    "person_separator",
    "signature",
    "absent",
    "name_suffixes",
    "time_formats",
    "one_format",
    "date_formats",
    "bare_dates",
    "serial_dates",
    "saved_time",
    "fold_width",
    "affixes",
    "unless_empty",
    "missing",
    "months",
    "timezone",
    "id",
    "columns",
    "values",
];

impl Mapping {
    /// This mapping with everything that `over` sets replaced by it.
    #[must_use]
    pub fn overridden(mut self, over: &Self) -> Self {
        let over = over.clone();
        self.encoding = over.encoding.or(self.encoding);
        self.delimiter = over.delimiter.or(self.delimiter);
        self.header = over.header.or(self.header);
        self.quoting = over.quoting.or(self.quoting);
        self.header_rows = over.header_rows.or(self.header_rows);
        self.escape = over.escape.or(self.escape);
        self.footer_timezone = over.footer_timezone.or(self.footer_timezone);
        self.refused = over.refused.or(self.refused);
        self.meeting = match (self.meeting, over.meeting) {
            (Some(own), Some(over)) => Some(own.overridden(over)),
            (own, over) => over.or(own),
        };
        self.until_blank = over.until_blank.or(self.until_blank);
        self.first_line = over.first_line.or(self.first_line);
        self.person = over.person.or(self.person);
        self.one_format = over.one_format.or(self.one_format);
        self.timezone = over.timezone.or(self.timezone);
        self.id_strip = over.id_strip.or(self.id_strip);
        self.id_pad = over.id_pad.or(self.id_pad);
        self.id_only = over.id_only.or(self.id_only);
        self.cells = over.cells.or(self.cells);
        self.saved_time = over.saved_time.or(self.saved_time);
        for (own, over) in [
            (&mut self.encodings, over.encodings),
            (&mut self.sheets, over.sheets),
            (&mut self.empty, over.empty),
            (&mut self.nobody, over.nobody),
            (&mut self.silent_without, over.silent_without),
            (&mut self.person_separator, over.person_separator),
            (&mut self.time_formats, over.time_formats),
            (&mut self.date_formats, over.date_formats),
            (&mut self.bare_dates, over.bare_dates),
            (&mut self.serial_dates, over.serial_dates),
            (&mut self.fold_width, over.fold_width),
        ] {
            if !over.is_empty() {
                *own = over;
            }
        }
        if !over.unless_empty.is_empty() {
            self.unless_empty = over.unless_empty;
        }
        if !over.each.is_empty() {
            self.each = over.each;
        }
        if !over.numbers.is_empty() {
            self.numbers = over.numbers;
        }
        self.affixes.extend(over.affixes);
        self.missing.extend(over.missing);
        self.signature.extend(over.signature);
        self.absent.extend(over.absent);
        self.name_suffixes.extend(over.name_suffixes);
        self.months.extend(over.months);
        self.columns.extend(over.columns);
        for (column, words) in over.values {
            self.values.entry(column).or_default().extend(words);
        }
        self.explicit.extend(over.explicit);
        self
    }
}
