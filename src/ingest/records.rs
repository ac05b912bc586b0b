//! A text below its header → records, with what stray quotes did to them.
//!
//! A quote that is never closed, or closed rows later, hides whole rows in one cell. Nothing may vanish, so such a
//! record carries its lines, and the reader rejects each of them.

use super::header::Layout;
use crate::schema::mapping::{Mapping, Quoting};
use std::ops::Range;

/// A reader of rows as the mapping says they are written.
pub(crate) fn builder(delimiter: u8, mapping: &Mapping) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).escape(mapping.escape);
    builder.quoting(mapping.quoting != Some(Quoting::Never));
    builder
}

/// One record of a file.
pub(crate) struct Record<'t> {
    /// The line it begins on, from 1.
    pub(crate) line: u64,
    pub(crate) cells: csv::StringRecord,
    /// Its lines, where it has more than one.
    pub(crate) lines: Vec<&'t str>,
    /// A quote in it is never closed: everything to the end of the file is in it.
    pub(crate) is_open: bool,
}

/// The records below the header.
pub(crate) fn records<'t>(text: &'t str, layout: &Layout, mapping: &Mapping) -> Vec<Record<'t>> {
    let body = body(text, layout, mapping);
    // The same export in a version that quotes as usual begins its rows with their first cell.
    if mapping.quoting == Some(Quoting::Every) && body.trim_start_matches(['\r', '\n']).starts_with('"') {
        return quoted(body, layout);
    }
    let is_quoting = mapping.quoting != Some(Quoting::Never);
    let mut reader = builder(layout.delimiter, mapping).from_reader(body.as_bytes());
    let mut all = Vec::new();
    let mut cells = csv::StringRecord::new();
    while reader.read_record(&mut cells).is_ok_and(|is_there| is_there) {
        let (mut line, mut at) = cells.position().map_or((0, 0), |position| (position.line(), position.byte()));
        // The position is taken before blank lines are skipped.
        while let Some(byte) =
            usize::try_from(at).ok().and_then(|at| body.as_bytes().get(at)).filter(|byte| matches!(byte, b'\r' | b'\n'))
        {
            line += u64::from(*byte == b'\n');
            at += 1;
        }
        line += layout.skipped_lines as u64;
        let span = usize::try_from(at).unwrap_or(0)..usize::try_from(reader.position().byte()).unwrap_or(0);
        let raw = body.get(span).unwrap_or("").trim_end_matches(['\r', '\n']);
        let is_open =
            is_quoting && reader.position().byte() >= body.len() as u64 && is_open(raw, layout.delimiter, mapping);
        let lines = if is_open || raw.contains('\n') { raw.lines().collect() } else { Vec::new() };
        all.push(Record { line, cells: cells.clone(), lines, is_open });
    }
    all
}

/// The text below the header, to the end of its section where the export has several.
fn body<'t>(text: &'t str, layout: &Layout, mapping: &Mapping) -> &'t str {
    let start = match layout.skipped_lines.checked_sub(1) {
        None => 0,
        Some(last) => text.match_indices('\n').nth(last).map_or(text.len(), |(at, _)| at + 1),
    };
    let body = &text[start..];
    if mapping.until_blank == Some(true) { &body[..end_of_section(body, layout.delimiter)] } else { body }
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

/// Whether a quote in the last record is never closed: then a line put after it falls into its last cell.
fn is_open(raw: &str, delimiter: u8, mapping: &Mapping) -> bool {
    if !raw.contains('"') {
        return false;
    }
    let probe = format!("{raw}\n.");
    builder(delimiter, mapping).from_reader(probe.as_bytes()).records().count() < 2
}

/// The records of an export that quotes every cell and leaves the quotes within it as they are: a record has as many
/// cells as the header, and its last line ends with a quote. One that never comes to that is all that is left.
fn quoted<'t>(body: &'t str, layout: &Layout) -> Vec<Record<'t>> {
    let between = ['"', char::from(layout.delimiter), '"'].iter().collect::<String>();
    let cells = |raw: &str| -> csv::StringRecord {
        let bare = raw.strip_prefix('"').unwrap_or(raw);
        let bare = bare.strip_suffix('"').unwrap_or(bare);
        bare.split(between.as_str()).map(|cell| cell.replace("\"\"", "\"")).collect()
    };
    let mut all = Vec::new();
    let mut begun: Option<(u64, Range<usize>)> = None;
    let mut at = 0;
    for (number, line) in (layout.skipped_lines as u64 + 1..).zip(body.split_inclusive('\n')) {
        let (start, end) = (at, at + line.trim_end_matches(['\r', '\n']).len());
        at += line.len();
        if begun.is_none() && start == end {
            continue;
        }
        let (first, span) = begun.take().unwrap_or((number, start..start));
        let raw = &body[span.start..end];
        let is_whole = raw.ends_with('"') && raw.matches(&between).count() + 1 >= layout.names;
        if is_whole {
            all.push(Record { line: first, cells: cells(raw), lines: Vec::new(), is_open: false });
        } else {
            begun = Some((first, span.start..end));
        }
    }
    if let Some((line, span)) = begun {
        let raw = &body[span];
        all.push(Record { line, cells: cells(raw), lines: raw.lines().collect(), is_open: true });
    }
    all
}

/// A line's cells if no quote counts.
pub(crate) fn unquoted(line: &str, delimiter: u8) -> csv::StringRecord {
    line.split(char::from(delimiter)).map(|cell| cell.trim_matches('"')).collect()
}

/// The cells of one line, in which quotes count.
pub(crate) fn split(record: &[u8], delimiter: u8, mapping: &Mapping) -> Vec<Vec<u8>> {
    let mut reader = builder(delimiter, mapping).from_reader(record);
    let first = reader.byte_records().next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Record<'_>> {
        let layout = Layout {
            skipped_lines: 1,
            delimiter: b',',
            columns: Vec::new(),
            each: Vec::new(),
            names: 0,
            doubled: None,
        };
        records(text, &layout, &Mapping::default())
    }

    #[test]
    fn lines_are_counted_over_blank_lines_and_cells_of_several_lines() {
        let all = read("h\n1,a\n\n2,\"b\nb\"\n3,c");
        assert_eq!(all.iter().map(|one| one.line).collect::<Vec<_>>(), [2, 4, 6]);
        assert_eq!((all[1].lines.len(), all[1].is_open), (2, false));
    }

    #[test]
    fn quotes_within_quoted_cells_that_nobody_doubled() {
        let layout = Layout {
            skipped_lines: 1,
            delimiter: b',',
            columns: Vec::new(),
            each: Vec::new(),
            names: 3,
            doubled: None,
        };
        let mapping = Mapping { quoting: Some(Quoting::Every), ..Mapping::default() };
        let text = "h\n\"1\",\"the \"red\" one\",\"steps\n\"\"a\"\", b\",\"\"\n\"2\",\"x\",\"y\"\n\"3\",\"cut\n";
        let all = records(text, &layout, &mapping);
        let cells: Vec<Vec<&str>> = all.iter().map(|one| one.cells.iter().collect()).collect();
        assert_eq!(cells[0], ["1", "the \"red\" one", "steps\n\"a\", b", ""]);
        assert_eq!((cells[1].as_slice(), all[1].line, all[1].is_open), (["2", "x", "y"].as_slice(), 4, false));
        assert_eq!((cells.len(), all[2].line, all[2].is_open), (3, 5, true));
    }

    #[test]
    fn an_open_quote_is_noticed() {
        let all = read("h\n1,\"a\n2,b\n3,c\n");
        assert_eq!((all.len(), all[0].is_open, all[0].lines.len()), (1, true, 3));
        assert!(read("h\n1,\"a \"\"b\"\"\"").iter().all(|one| !one.is_open));
    }
}
