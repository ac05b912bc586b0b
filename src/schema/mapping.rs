//! How an export is mapped to a canonical table: the content of a preset, or of `[sources.X]` (3-tables §3.2).

use crate::base::toml::{Node, Walker, integer, join};
use std::collections::BTreeMap;
use toml::de::DeTable;

/// Which column of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// By its header (compared trimmed, without case).
    Header(String),
    /// By its place, from 1.
    Position(usize),
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
    /// A person, named in the first of these ways that is filled.
    Person(Vec<(Naming, Vec<Pick>)>),
}

/// How an export names a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// By employee id.
    #[default]
    Id,
    /// By e-mail address.
    Email,
    /// By name.
    Name,
}

impl Naming {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "id" => Some(Self::Id),
            "email" => Some(Self::Email),
            "name" => Some(Self::Name),
            _ => None,
        }
    }
}

/// The mapping of an export; what is `None` or empty is left to the level below (preset, then default).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Encoding label; without it the header decides.
    pub encoding: Option<String>,
    /// Delimiter; without it the header line decides between `,` `;` and tab.
    pub delimiter: Option<u8>,
    /// Whether there is a header line (default true).
    pub header: Option<bool>,
    /// Whether `"` quotes a cell (default true).
    pub quoting: Option<bool>,
    /// The table ends at the first blank line (default false).
    pub until_blank: Option<bool>,
    /// Only a cell's first line counts (default false).
    pub first_line: Option<bool>,
    /// How persons are named (default by id).
    pub person: Option<Naming>,
    /// What separates several persons in a cell.
    pub person_separator: Option<String>,
    /// Headers that tell this export from others alike: all of them must be there.
    pub signature: Vec<String>,
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
    /// How many cells a row has, where there is no header to say it.
    pub cells: Option<usize>,
    /// Where each canonical column comes from.
    pub columns: BTreeMap<String, From>,
    /// Words of the export and the canonical words they mean, by column.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Columns that the configuration itself maps: the export must have them.
    pub explicit: Vec<String>,
}

/// The keys that [`read`] understands.
pub const KEYS: &[&str] = &[
    "encoding",
    "cells",
    "delimiter",
    "header",
    "quoting",
    "until_blank",
    "first_line",
    "person",
    "person_separator",
    "signature",
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

/// Reads the mapping keys of `table`; `columns` are the canonical columns there are.
pub fn read<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>, known: &[&str]) -> Mapping {
    let mut mapping = Mapping {
        encoding: walker.text(path, table, "encoding"),
        header: walker.flag(path, table, "header"),
        quoting: walker.flag(path, table, "quoting"),
        until_blank: walker.flag(path, table, "until_blank"),
        first_line: walker.flag(path, table, "first_line"),
        person_separator: walker.text(path, table, "person_separator"),
        signature: walker.texts(path, table, "signature").unwrap_or_default(),
        name_suffixes: walker.texts(path, table, "name_suffixes").unwrap_or_default(),
        time_formats: walker.texts(path, table, "time_formats").unwrap_or_default(),
        one_format: walker.flag(path, table, "one_format"),
        date_formats: walker.texts(path, table, "date_formats").unwrap_or_default(),
        bare_dates: read_names(walker, path, table, "bare_dates", known),
        serial_dates: read_names(walker, path, table, "serial_dates", known),
        saved_time: read_names(walker, path, table, "saved_time", known).pop(),
        fold_width: read_names(walker, path, table, "fold_width", known),
        timezone: walker.text(path, table, "timezone"),
        ..Mapping::default()
    };
    if let Some(word) = walker.text(path, table, "delimiter") {
        mapping.delimiter = delimiter(&word);
        if mapping.delimiter.is_none() {
            walker.wrong(&table["delimiter"], &join(path, "delimiter"), "one of \",\", \";\", \"tab\"");
        }
    }
    if let Some(word) = walker.text(path, table, "person") {
        mapping.person = Naming::parse(&word);
        if mapping.person.is_none() {
            walker.wrong(&table["person"], &join(path, "person"), "one of \"id\", \"email\", \"name\"");
        }
    }
    mapping.cells = walker.number(path, table, "cells").and_then(|cells| usize::try_from(cells).ok());
    if let Some(id) = walker.table(path, table, "id") {
        let path = join(path, "id");
        walker.only(&path, id, &["strip", "pad"]);
        mapping.id_strip = walker.text(&path, id, "strip");
        mapping.id_pad = walker.number(&path, id, "pad").and_then(|pad| usize::try_from(pad).ok());
    }
    if let Some(months) = walker.table(path, table, "months") {
        for (word, node) in months {
            match integer(node).filter(|month| (1..=12).contains(month)) {
                Some(month) => drop(mapping.months.insert(word.get_ref().to_lowercase(), month)),
                None => walker.wrong(node, &join(path, "months"), "a month from 1 to 12"),
            }
        }
    }
    read_by_column(walker, path, table, known, &mut mapping);
    read_columns(walker, path, table, known, &mut mapping);
    read_values(walker, path, table, known, &mut mapping);
    mapping
}

/// The canonical columns that a key lists.
fn read_names<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>, key: &str, known: &[&str]) -> Vec<String> {
    let names = walker.texts(path, table, key).unwrap_or_default();
    if let Some(wrong) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let what = format!("`{}` names the column `{wrong}`, which there is not", join(path, key));
        walker.problem(&table[key].span(), what, format!("columns: {}", known.join(", ")));
    }
    names
}

/// `affixes`, `missing` and `unless_empty`.
fn read_by_column<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>, known: &[&str], mapping: &mut Mapping) {
    for key in ["affixes", "missing"] {
        let Some(section) = walker.table(path, table, key) else { continue };
        let path = join(path, key);
        walker.only(&path, section, known);
        for name in section.keys() {
            let name = name.get_ref().as_ref();
            if key == "affixes" {
                mapping.affixes.insert(name.to_owned(), walker.texts(&path, section, name).unwrap_or_default());
            } else {
                mapping.missing.insert(name.to_owned(), walker.text(&path, section, name).unwrap_or_default());
            }
        }
    }
    let Some(node) = table.get("unless_empty") else { return };
    let column = |node: &Node<'_>| node.get_ref().as_str().filter(|name| known.contains(name)).map(str::to_owned);
    let group = |node: &Node<'_>| node.get_ref().as_array()?.iter().map(column).collect::<Option<Vec<_>>>();
    match node.get_ref().as_array().and_then(|groups| groups.iter().map(group).collect()) {
        Some(groups) => mapping.unless_empty = groups,
        None => walker.wrong(node, &join(path, "unless_empty"), "a list of lists of columns"),
    }
}

fn read_columns<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>, known: &[&str], mapping: &mut Mapping) {
    let Some(columns) = walker.table(path, table, "columns") else { return };
    let path = join(path, "columns");
    walker.only(&path, columns, known);
    for (name, node) in columns {
        let name = name.get_ref().as_ref();
        match source_of(node) {
            Some(from) => drop(mapping.columns.insert(name.to_owned(), from)),
            None => walker.wrong(
                node,
                &join(&path, name),
                "a header, a list of headers, a position, { first_filled = [..] }, { join = [..], with = \"..\" }, \
                 { value = \"..\" } or { id = .., email = .., name = .. }",
            ),
        }
        mapping.explicit.push(name.to_owned());
    }
}

fn read_values<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>, known: &[&str], mapping: &mut Mapping) {
    let Some(values) = walker.table(path, table, "values") else { return };
    let path = join(path, "values");
    walker.only(&path, values, known);
    for name in values.keys() {
        let name = name.get_ref().as_ref();
        let Some(words) = walker.table(&path, values, name) else { continue };
        let path = join(&path, name);
        let pairs = words.keys().filter_map(|word| {
            let word = word.get_ref().as_ref();
            Some((word.to_owned(), walker.text(&path, words, word)?))
        });
        let pairs = pairs.collect();
        mapping.values.insert(name.to_owned(), pairs);
    }
}

/// The byte that a delimiter's name means.
fn delimiter(word: &str) -> Option<u8> {
    match word {
        "tab" | "\t" => Some(b'\t'),
        "," => Some(b','),
        ";" => Some(b';'),
        _ => None,
    }
}

fn source_of(node: &Node<'_>) -> Option<From> {
    let Some(table) = node.get_ref().as_table() else { return picks_of(node).map(From::First) };
    if let Some(value) = table.get("value") {
        return value.get_ref().as_str().map(|text| From::Constant(text.to_owned()));
    }
    if let Some(parts) = table.get("first_filled") {
        return picks_of(parts).map(From::FirstFilled);
    }
    if let Some(parts) = table.get("join") {
        let with = table.get("with").and_then(|with| with.get_ref().as_str()).unwrap_or(" ");
        return picks_of(parts).map(|picks| From::Join(picks, with.to_owned()));
    }
    let ways = ["id", "email", "name"].into_iter().filter_map(|word| Some((Naming::parse(word)?, table.get(word)?)));
    let ways: Option<Vec<_>> = ways.map(|(naming, node)| Some((naming, picks_of(node)?))).collect();
    ways.filter(|ways| !ways.is_empty() && ways.len() == table.len()).map(From::Person)
}

fn picks_of(node: &Node<'_>) -> Option<Vec<Pick>> {
    let one = |node: &Node<'_>| match node.get_ref().as_str() {
        Some(header) => Some(Pick::Header(header.to_owned())),
        None => integer(node).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).map(Pick::Position),
    };
    match node.get_ref().as_array() {
        Some(items) => items.iter().map(one).collect(),
        None => one(node).map(|pick| vec![pick]),
    }
}

impl Mapping {
    /// This mapping with everything that `over` sets replaced by it.
    #[must_use]
    pub fn overridden(mut self, over: &Self) -> Self {
        let over = over.clone();
        self.encoding = over.encoding.or(self.encoding);
        self.delimiter = over.delimiter.or(self.delimiter);
        self.header = over.header.or(self.header);
        self.quoting = over.quoting.or(self.quoting);
        self.until_blank = over.until_blank.or(self.until_blank);
        self.first_line = over.first_line.or(self.first_line);
        self.person = over.person.or(self.person);
        self.person_separator = over.person_separator.or(self.person_separator);
        self.one_format = over.one_format.or(self.one_format);
        self.timezone = over.timezone.or(self.timezone);
        self.id_strip = over.id_strip.or(self.id_strip);
        self.id_pad = over.id_pad.or(self.id_pad);
        self.cells = over.cells.or(self.cells);
        self.saved_time = over.saved_time.or(self.saved_time);
        for (own, over) in [
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
        self.affixes.extend(over.affixes);
        self.missing.extend(over.missing);
        self.signature.extend(over.signature);
        self.name_suffixes.extend(over.name_suffixes);
        self.months.extend(over.months);
        self.columns.extend(over.columns);
        for (column, words) in over.values {
            self.values.entry(column).or_default().extend(words);
        }
        self.explicit = over.explicit;
        self
    }
}
