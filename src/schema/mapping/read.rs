//! Reads a mapping's keys from TOML.

use super::{From, Mapping, Meeting, Naming, Pick, Quoting};
use crate::base::toml::{Node, Walker, integer, join};
use std::collections::BTreeMap;
use toml::de::DeTable;

/// Reads the mapping keys of `table`; `columns` are the canonical columns there are.
pub fn read<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>, known: &[&str]) -> Mapping {
    let mut mapping = Mapping {
        encoding: walker.text(path, table, "encoding"),
        header: walker.flag(path, table, "header"),
        encodings: walker.texts(path, table, "encodings").unwrap_or_default(),
        sheets: walker.texts(path, table, "sheets").unwrap_or_default(),
        header_rows: walker.number(path, table, "header_rows"),
        quoting: read_quoting(walker, path, table),
        empty: walker.texts(path, table, "empty").unwrap_or_default(),
        nobody: walker.texts(path, table, "nobody").unwrap_or_default(),
        silent_without: read_names(walker, path, table, "silent_without", known),
        footer_timezone: walker.flag(path, table, "footer_timezone"),
        refused: walker.text(path, table, "refused"),
        until_blank: walker.flag(path, table, "until_blank"),
        first_line: walker.flag(path, table, "first_line"),
        person_separator: walker.texts(path, table, "person_separator").unwrap_or_default(),
        signature: walker.texts(path, table, "signature").unwrap_or_default(),
        absent: walker.texts(path, table, "absent").unwrap_or_default(),
        numbers: read_places(walker, path, table, "numbers"),
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
            walker.wrong(&table["person"], &join(path, "person"), "one of \"id\", \"account\", \"email\", \"name\"");
        }
    }
    if let Some(rows) = mapping.header_rows.filter(|rows| !(1..=2).contains(rows)) {
        walker.problem(&table["header_rows"].span(), format!("`header_rows` is {rows}; it must be 1 or 2"), "");
    }
    if let Some(text) = walker.text(path, table, "escape") {
        mapping.escape = if let [byte] = text.as_bytes() { Some(*byte) } else { None };
        if mapping.escape.is_none() {
            walker.wrong(&table["escape"], &join(path, "escape"), "one character such as \"\\\\\"");
        }
    }
    mapping.meeting = read_meeting(walker, path, table);
    mapping.cells = walker.number(path, table, "cells").and_then(|cells| usize::try_from(cells).ok());
    if let Some(id) = walker.table(path, table, "id") {
        let path = join(path, "id");
        walker.only(&path, id, &["strip", "pad", "only"]);
        mapping.id_only = walker.text(&path, id, "only");
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

/// `quoting`: a flag, or the word for an export that quotes every cell.
fn read_quoting<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>) -> Option<Quoting> {
    let node = table.get("quoting")?;
    let value = node.get_ref();
    let quoting = match (value.as_bool(), value.as_str()) {
        (Some(true), _) => Some(Quoting::Usual),
        (Some(false), _) => Some(Quoting::Never),
        (_, Some("every")) => Some(Quoting::Every),
        _ => None,
    };
    if quoting.is_none() {
        walker.wrong(node, &join(path, "quoting"), "true, false or \"every\"");
    }
    quoting
}

/// Places of cells, from 1.
fn read_places<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>, key: &str) -> Vec<usize> {
    let Some(node) = table.get(key) else { return Vec::new() };
    let place =
        |node: &Node<'_>| integer(node).and_then(|place| usize::try_from(place).ok()).filter(|place| *place > 0);
    let places = node.get_ref().as_array().and_then(|items| items.iter().map(place).collect());
    if places.is_none() {
        walker.wrong(node, &join(path, key), "a list of places of cells, from 1");
    }
    places.unwrap_or_default()
}

fn read_meeting<'a>(walker: &mut Walker<'a>, path: &str, table: &DeTable<'a>) -> Option<Meeting> {
    let section = walker.table(path, table, "meeting")?;
    let path = join(path, "meeting");
    walker.only(&path, section, &["title", "start", "within_minutes"]);
    let within_minutes = walker.number(&path, section, "within_minutes");
    if let Some(minutes) = within_minutes.filter(|minutes| !(0..=1440).contains(minutes)) {
        let what = format!("`{}` is {minutes}; it must be 0 to 1440", join(&path, "within_minutes"));
        walker.problem(&section["within_minutes"].span(), what, "");
    }
    Some(Meeting {
        title: walker.texts(&path, section, "title").unwrap_or_default(),
        start: walker.texts(&path, section, "start").unwrap_or_default(),
        within_minutes,
    })
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
    if let Some(columns) = walker.table(path, table, "columns") {
        mapping.columns = columns_of(walker, &join(path, "columns"), columns, known);
        mapping.explicit.extend(mapping.columns.keys().cloned());
    }
    let Some(node) = table.get("each") else { return };
    let path = join(path, "each");
    let entries = node.get_ref().as_array().map(|entries| entries.iter().map(|entry| entry.get_ref().as_table()));
    match entries.and_then(Iterator::collect::<Option<Vec<_>>>) {
        Some(entries) => {
            mapping.each = entries.into_iter().map(|entry| columns_of(walker, &path, entry, known)).collect();
        }
        None => walker.wrong(node, &path, "tables of columns"),
    }
}

fn columns_of<'a>(
    walker: &mut Walker<'a>,
    path: &str,
    columns: &DeTable<'a>,
    known: &[&str],
) -> BTreeMap<String, From> {
    walker.only(path, columns, known);
    let mut all = BTreeMap::new();
    for (name, node) in columns {
        let name = name.get_ref().as_ref();
        match source_of(node) {
            Some(from) => drop(all.insert(name.to_owned(), from)),
            None => walker.wrong(
                node,
                &join(path, name),
                "a header, a list of headers, a position, { first_filled = [..] }, { join = [..], with = \"..\" }, \
                 { value = \"..\" }, { id = .., account = .., email = .., name = .. }, { day = .., clock = .. }, \
                 { part = 1, of = .., between = \"..\" } or { column = .., when = .., is = [..] }",
            ),
        }
    }
    all
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
    let picks = |key: &str| table.get(key).and_then(picks_of);
    if let Some(day) = picks("day") {
        return picks("clock").map(|clock| From::Moment { day, clock });
    }
    if let Some(part) = table.get("part") {
        let number = integer(part).and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0)?;
        let between = table.get("between")?.get_ref().as_str().filter(|text| !text.is_empty())?.to_owned();
        return picks("of").map(|of| From::Part { of, number, between });
    }
    if let Some(words) = table.get("is") {
        let one = |node: &Node<'_>| node.get_ref().as_str().map(str::to_lowercase);
        let is = match words.get_ref().as_array() {
            Some(items) => items.iter().map(one).collect::<Option<Vec<_>>>()?,
            None => vec![one(words)?],
        };
        return picks("column").zip(picks("when")).map(|(column, when)| From::When { column, when, is });
    }
    let words = ["id", "account", "email", "name"];
    let ways = words.into_iter().filter_map(|word| Some((Naming::parse(word)?, table.get(word)?)));
    let ways: Option<Vec<_>> = ways.map(|(naming, node)| Some((naming, picks_of(node)?))).collect();
    ways.filter(|ways| !ways.is_empty() && ways.len() == table.len()).map(From::Person)
}

fn picks_of(node: &Node<'_>) -> Option<Vec<Pick>> {
    let one = |node: &Node<'_>| match node.get_ref().as_str() {
        Some(header) => Some(Pick::Header(header.to_owned())),
        None => match integer(node)? {
            0 => None,
            place if place > 0 => usize::try_from(place).ok().map(Pick::Position),
            place => usize::try_from(-place).ok().map(Pick::Last),
        },
    };
    match node.get_ref().as_array() {
        Some(items) => items.iter().map(one).collect(),
        None => one(node).map(|pick| vec![pick]),
    }
}
