//! The part of a configuration that reads a file: TOML to paste, with what is unsure in comments.

use super::{
    columns::Column,
    fits::{Tried, feeds},
    grid::Grid,
    guess::{Guess, Source, Translated},
    staff::Staff,
};
use crate::{
    base::text::is_unsafe,
    ingest::NOT_A_TIME,
    schema::{mapping::Naming, source::Proof, tables::Kind},
};
use std::fmt::Write;

/// What the block is about beside the file's content.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file, as the configuration names it.
    pub(super) file: &'a str,
    /// The centre's time zone.
    pub(super) zone: chrono_tz::Tz,
    /// Whether the configuration has this source already.
    pub(super) is_configured: &'a dyn Fn(&str) -> bool,
    pub(super) staff: Option<&'a Staff>,
}

/// A text as TOML writes it; what a terminal would not draw is escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            _ if is_unsafe(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

/// The head: which source, which file.
fn head(table: &str, place: &Place<'_>, is_named_by_file: bool) -> String {
    let mut block = String::new();
    if (place.is_configured)(table) {
        let _ = writeln!(
            block,
            "# [sources.{table}] is there already: add the file, and the preset if there is one, to it."
        );
    }
    let _ = writeln!(block, "[sources.{table}]");
    let (folder, name) = place.file.rsplit_once('/').map_or(("", place.file), |(folder, name)| (folder, name));
    let folder = if folder.is_empty() && !place.file.starts_with('/') { String::new() } else { format!("{folder}/") };
    // A name is meant as it stands, not as a pattern.
    let literal = glob::Pattern::escape(&format!("{folder}{name}"));
    if is_named_by_file {
        let (stem, end) = name.rsplit_once('.').map_or((name, String::new()), |(stem, end)| (stem, format!(".{end}")));
        let rest = if stem.contains('_') { "_*" } else { "" };
        let pattern = format!("{}{{meeting_id}}{rest}{}", glob::Pattern::escape(&folder), glob::Pattern::escape(&end));
        let _ =
            writeln!(block, "# unsure: a file's name must say which meeting it is of; {{meeting_id}} stands for that");
        let _ = writeln!(block, "files = [{}]", quoted(&pattern));
    } else {
        let _ = writeln!(block, "files = [{}]", quoted(&literal));
    }
    block
}

/// The block of a file that fits a preset, or has the canonical names.
pub(super) fn of_fit(tried: &Tried, columns: &[Column], place: &Place<'_>) -> String {
    let (table, preset) = (tried.candidate.table, tried.candidate.preset);
    let mut block = head(table.name, place, tried.candidate.is_named_by_file);
    if let Some(preset) = preset {
        let _ = writeln!(block, "preset = {}", quoted(preset));
    }
    if tried.candidate.mapping.meeting.is_some() {
        let _ = writeln!(block, "# Which meeting it is of is looked up in [sources.meetings], by its start and title.");
    }
    if let Some(encoding) = tried.encoding.filter(|_| tried.candidate.is_encoding_unsure) {
        let name = quoted(&encoding.name().to_lowercase());
        let _ = writeln!(block, "encoding = {name}  # unsure: look at the names in `meritbook check`");
    }
    if let Some(fault) = &tried.fault {
        let _ = writeln!(block, "# not usable yet: {}", one_line(fault));
    }
    if tried.fault.is_none() && !tried.rivals.is_empty() {
        block
            .push_str("# Its times fit two orders of day and month; the day of its meeting decides. If it does not:\n");
    }
    for format in &tried.rivals {
        let _ = writeln!(block, "# time_formats = [{}]", quoted(format));
    }
    let formats = unknown_formats(tried, columns);
    if !formats.is_empty() {
        let _ = writeln!(
            block,
            "time_formats = {}  # unsure: as its times are written, which the preset does not know",
            list(&formats)
        );
    }
    if let Some(encoding) = tried.encoding.filter(|_| tried.rivals.is_empty())
        && tried.fault.as_ref().is_some_and(|fault| fault.contains("`encoding`"))
    {
        let _ = writeln!(block, "# encoding = {}", quoted(&encoding.name().to_lowercase()));
    }
    let staff = place.staff.filter(|_| !tried.tally.strangers.is_empty());
    let padding = staff.and_then(|staff| staff.padding(&tried.tally.strangers.iter().map(String::as_str).collect()));
    if let Some((length, count)) = padding {
        let all = tried.tally.strangers.len();
        let comment = if count * 2 > all { "" } else { "# " };
        let _ = writeln!(
            block,
            "{comment}id = {{ pad = {length} }}  # so {count} of the {all} that are not on the roster are"
        );
    }
    let mapping = &tried.candidate.mapping;
    let is_zoned = tried.parts.iter().any(|part| part.mapped.mapping.timezone.is_some());
    let is_export = preset.is_some() && table.name != "decisions";
    if is_export && !is_zoned && mapping.time_formats.iter().all(|format| !format.contains('z')) {
        let _ = writeln!(block, "# timezone = \"UTC\"  # only if its times are not those of {}", place.zone.name());
    }
    if tried.tally.strange_rows * 2 > tried.tally.read
        && let Some((name, way, share)) = staff.and_then(|_| named_otherwise(columns))
    {
        let _ = writeln!(block, "# The roster knows the people of another column ({share} % of its cells):");
        let _ = writeln!(block, "# [sources.{}.columns]", table.name);
        let _ = writeln!(block, "# employee_id = {{ {way} = {} }}", quoted(name));
    }
    let found: Vec<&str> = tried.found().collect();
    let absent = table.columns.iter().map(|column| column.name).filter(|name| !found.contains(name));
    let absent: Vec<&str> = absent.collect();
    if preset.is_some() && !absent.is_empty() {
        let _ = writeln!(block, "# Not found in it: {}. If a column holds it, map it:", absent.join(", "));
        let _ = writeln!(block, "# [sources.{}.columns]", table.name);
        let _ = writeln!(block, "# {} = \"HEADER\"", absent[0]);
    }
    block
}

/// The formats of an export whose times its preset does not know.
fn unknown_formats(tried: &Tried, columns: &[Column]) -> Vec<String> {
    let is_untimely = tried.tally.reasons.iter().any(|reason| reason.contains(NOT_A_TIME));
    let Some(part) = tried.parts.first().filter(|_| is_untimely && tried.tally.rejected * 2 > tried.tally.rows) else {
        return Vec::new();
    };
    let table = tried.candidate.table;
    let is_time = |name: &&str| table.column(name).is_some_and(|column| column.kind == Kind::Time);
    let timed = feeds(&part.mapped.layout, table).into_iter().filter(|(_, names)| names.iter().any(is_time));
    let mut formats = Vec::new();
    for written in timed.filter_map(|(place, _)| columns.get(place)?.moments.as_ref()) {
        let new: Vec<&String> =
            written.formats.iter().chain(&written.rival).filter(|one| !formats.contains(*one)).collect();
        formats.extend(new.into_iter().cloned());
    }
    formats
}

/// The column by which the roster knows people, how, and in how many of a hundred cells.
fn named_otherwise(columns: &[Column]) -> Option<(&str, &'static str, usize)> {
    const MANY: usize = 50;
    let ways = |column: &Column| [(column.ids, "id"), (column.known_emails, "email"), (column.names, "name")];
    let all = columns.iter().filter(|column| !column.name.is_empty());
    let all = all.flat_map(|column| ways(column).map(|(share, way)| (share, column.name.as_str(), way)));
    let (share, name, way) = all.max_by_key(|(share, ..)| *share)?;
    (share >= MANY).then_some((name, way, share))
}

/// The block of a layout that no preset knows.
pub(super) fn of_guess(guess: &Guess, grid: &Grid, encoding: Option<&str>, place: &Place<'_>) -> String {
    let table = guess.table.name;
    let is_named_by_file = table == "checkins" && guess.missing == ["meeting_id"];
    let mut block = String::from("# A guess to start from: compare each line with the export.\n");
    block.push_str(&head(table, place, is_named_by_file));
    if let Some(encoding) = encoding {
        let _ = writeln!(
            block,
            "encoding = {}  # unsure: look at the names in `meritbook check`",
            quoted(&encoding.to_lowercase())
        );
    }
    if grid.header.is_none() {
        let delimiter = if grid.delimiter == b'\t' { "tab".to_owned() } else { char::from(grid.delimiter).to_string() };
        let _ = writeln!(block, "header = false\ndelimiter = {}\ncells = {}", quoted(&delimiter), grid.width);
        if !grid.is_quoted && grid.sheet.is_none() {
            block.push_str("quoting = false\n");
        }
    }
    if grid.is_tall {
        block.push_str("header_rows = 2\n");
    }
    if let Some(sheet) = &grid.sheet {
        let _ = writeln!(block, "sheets = [{}]", quoted(&glob::Pattern::escape(sheet)));
    }
    let doubt =
        guess.rival.as_ref().map_or_else(String::new, |rival| format!("  # unsure: {} fits too", quoted(rival)));
    for (key, formats) in [("time_formats", &guess.time_formats), ("date_formats", &guess.date_formats)] {
        if !formats.is_empty() {
            let _ = writeln!(block, "{key} = {}{doubt}", list(formats));
        }
    }
    if guess.time_formats.iter().any(|format| format.ends_with('Z')) {
        block.push_str("timezone = \"UTC\"\n");
    }
    if !guess.empty.is_empty() {
        let _ = writeln!(block, "empty = {}", list(&guess.empty));
    }
    if let Some((length, count, all)) = guess.padding {
        let _ = writeln!(block, "id = {{ pad = {length} }}  # so {count} of {all} ids are on the roster");
    }
    if Proof::default_of(table) == Proof::Vouched {
        let _ = writeln!(block, "# proven = \"file-name\"  # or \"closure\"; without it the file counts as complete");
    }
    let _ = writeln!(block, "[sources.{table}.columns]");
    let name = |place: usize| column_name(grid, place);
    let written = |source: &Source| match source {
        Source::Person(Naming::Email, place) => format!("{{ email = {} }}", name(*place)),
        Source::Person(Naming::Name, place) => format!("{{ name = {} }}", name(*place)),
        Source::Cell(place) | Source::Person(_, place) => name(*place),
        Source::Moment(day, clock) => format!("{{ day = {}, clock = {} }}", name(*day), name(*clock)),
    };
    for one in guess.columns.iter().filter(|one| guess.each.is_empty() || one.column.name != "time") {
        let doubt = if one.doubt.is_empty() { String::new() } else { format!("  # {}", one.doubt) };
        let _ = writeln!(block, "{} = {}{doubt}", one.column.name, written(&one.source));
    }
    if !guess.each.is_empty() {
        block.push_str(
            "# unsure: what follows is taken for the punches of a row; what was only due, or lasts, is none.\n",
        );
    }
    for punch in &guess.each {
        let _ = writeln!(block, "[[sources.{table}.each]]\ntime = {}", written(&punch.source));
        if let Some(direction) = punch.direction {
            let _ = writeln!(block, "direction = {{ value = {} }}", quoted(direction));
        }
    }
    for column in guess.missing.iter().filter(|_| !is_named_by_file) {
        let _ = writeln!(block, "# {column} = \"?\"  # required, and no column looks like it");
    }
    for Translated { column, words, others } in &guess.words {
        let more = match others {
            0 => String::new(),
            1 => "  # and one more word, not known here".to_owned(),
            others => format!("  # and {others} more words, not known here"),
        };
        let comment = if words.is_empty() { "# " } else { "" };
        let _ = writeln!(block, "{comment}[sources.{table}.values.{column}]{more}");
        for (word, meant) in words {
            let _ = writeln!(block, "{} = {}", quoted(word), quoted(meant));
        }
    }
    block
}

/// A column by its header; by its place where that is none or stands twice.
fn column_name(grid: &Grid, place: usize) -> String {
    let names = grid.header.as_ref().map_or(&[][..], |(_, names)| names);
    let is_same = |one: &&String| names.get(place).is_some_and(|name| name.to_lowercase() == one.to_lowercase());
    match names.get(place) {
        Some(name) if !name.is_empty() && names.iter().filter(is_same).count() == 1 => quoted(name),
        _ => (place + 1).to_string(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn texts_of_toml() {
        assert_eq!(quoted("a\"b\\c\td\u{202e}"), "\"a\\\"b\\\\c\\td\\U0000202E\"");
    }
}
