//! A look at one file: what it is, which presets and tables it fits and how well, and the configuration that reads it.
//!
//! Nothing is written and nothing is believed: the file need not be configured, nor be an export at all. Of its content
//! only the header and three masked rows come out; a header is only shown where it is sure to be no row.

mod block;
mod columns;
mod content;
mod fits;
mod grid;
mod guess;
mod staff;
mod words;

pub use fits::Nearest;
pub use staff::Staff;

use crate::{
    base::text::mask,
    ingest::{cell::Times, decode::decode, header::Layout, records::records},
    schema::mapping::Mapping,
};
use block::Place;
use chrono::NaiveDateTime;
use columns::{Column, is_moment, span};
use content::{Content, Page, Reading, content, readings};
use fits::{Eye, Tried, feeds, front};
use grid::Grid;
use std::{collections::BTreeSet, io, path::Path};

/// So many rows are shown.
const SHOWN_ROWS: usize = 3;
/// So many columns of an unknown layout are shown.
const SHOWN_COLUMNS: usize = 40;

/// What to look at.
pub struct Request<'a> {
    /// The file.
    pub path: &'a Path,
    /// The file as the configuration would name it.
    pub name: &'a str,
    /// Whom its people are compared with.
    pub staff: Option<&'a Staff>,
    /// The centre's time zone.
    pub zone: chrono_tz::Tz,
    /// The first and the last year that a clock may show.
    pub years: (i32, i32),
    /// Whether the configuration has a source.
    pub is_configured: &'a dyn Fn(&str) -> bool,
}

/// Why a file cannot be looked at.
#[derive(Debug)]
pub enum Refused {
    /// It cannot be opened.
    NoFile(io::Error),
    /// It is nothing that can be read: what it is, and what to do.
    NotReadable(String),
}

/// What a file is.
pub struct Inspection {
    /// Its kind and encoding.
    pub kind: String,
    /// Its size in bytes.
    pub size: u64,
    /// What stands between two cells; `None` in a workbook.
    pub delimiter: Option<&'static str>,
    /// Name and filled rows of each sheet.
    pub sheets: Vec<(String, usize)>,
    /// The line of the header, and how many names it has.
    pub header: Option<(u64, usize)>,
    /// Whether it is sure that there is none.
    pub is_headerless: bool,
    /// Its rows.
    pub rows: Rows,
    /// Its earliest and latest time.
    pub span: Option<(NaiveDateTime, NaiveDateTime)>,
    /// What it fits, the best first.
    pub fits: Vec<Fit>,
    /// The preset that it nearly fits, where it fits none.
    pub nearest: Option<Nearest>,
    /// The table that it is likeliest to be, where it fits none.
    pub likeliest: Option<&'static str>,
    /// People who are not on the roster; `None` where there is none to compare with, or nobody to compare.
    pub strangers: Option<Strangers>,
    /// Its columns; of one that fits only those that are read.
    pub columns: Vec<Shown>,
    /// So many columns are not shown.
    pub more_columns: usize,
    /// What to write into the configuration; empty where nothing can be guessed.
    pub block: String,
}

/// How many rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// All of them were read.
    All(u64),
    /// So many were read, of about so many.
    Head(u64, u64),
}

/// One that a file fits.
pub struct Fit {
    /// The preset; `None` for the canonical names of the table.
    pub preset: Option<&'static str>,
    /// Its table.
    pub table: &'static str,
    /// The sheets that are read.
    pub sheets: Vec<String>,
    /// Rows read …
    pub read: u64,
    /// … of these.
    pub rows: u64,
    /// Rows that would be rejected.
    pub rejected: u64,
    /// Place, column and reason of the first of them.
    pub reasons: Vec<String>,
    /// Optional columns that it has.
    pub optional: Vec<&'static str>,
    /// Why it would not be read although its header fits.
    pub fault: Option<String>,
}

/// People who are not on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strangers {
    /// How many different ones.
    pub count: usize,
    /// Some of them, masked.
    pub examples: Vec<String>,
}

/// A column as it is shown.
pub struct Shown {
    /// Its place, from 1.
    pub place: usize,
    /// Its header.
    pub name: String,
    /// The columns of the table that it is read as.
    pub feeds: String,
    /// Its cells in three rows, masked.
    pub cells: Vec<String>,
}

/// Looks at a file.
///
/// # Errors
/// See [`Refused`].
pub fn inspect(request: &Request<'_>) -> Result<Inspection, Refused> {
    let (content, size) = content(request.path, request.zone).map_err(Refused::NoFile)?;
    let content = content.map_err(Refused::NotReadable)?;
    let readings = match &content {
        Content::Text(head) => readings(head),
        Content::Book(_) => Vec::new(),
    };
    let none = Staff::default();
    let fronts = match &content {
        Content::Text(_) => readings.iter().map(|reading| front(&reading.page.text)).collect(),
        Content::Book(book) => book.sheets.iter().map(|(_, text)| front(text)).collect(),
    };
    let eye = Eye { staff: request.staff.unwrap_or(&none), zone: request.zone, years: request.years, fronts };
    let fits = fits::fits(&content, &readings, &eye);
    if let (Content::Text(head), true) = (&content, fits.is_empty())
        && content::is_binary(&head.bytes)
    {
        let what = "it is neither text nor a workbook: export CSV or .xlsx from the system it comes from";
        return Err(Refused::NotReadable(what.to_owned()));
    }
    let place =
        Place { file: request.name, zone: request.zone, is_configured: request.is_configured, staff: request.staff };
    let looked = if fits.is_empty() { unknown(&content, &readings, &place) } else { known(fits, &content, &place) };
    Ok(Inspection { size, sheets: sheets(&content), ..looked })
}

fn sheets(content: &Content) -> Vec<(String, usize)> {
    let Content::Book(book) = content else { return Vec::new() };
    let filled = |text: &str| text.lines().filter(|line| !line.trim_matches([',', ' ']).is_empty()).count();
    book.sheets.iter().map(|(name, text)| (name.clone(), filled(text))).collect()
}

fn kind(content: &Content, encoding: Option<&'static str>, is_doubtful: bool) -> String {
    match content {
        Content::Book(book) if book.sheets.iter().all(|(name, _)| name.is_empty()) => "table of a web page".to_owned(),
        Content::Book(_) => "workbook".to_owned(),
        Content::Text(head) => {
            let name = match encoding {
                Some("gb18030") => "GB18030",
                Some("UTF-8") if head.bytes.is_ascii() => "ASCII",
                _ if is_doubtful => "in none of UTF-8, GB18030 and UTF-16",
                Some(name) => name,
                None => "unknown",
            };
            let mark = if head.has_mark { " with byte order mark" } else { "" };
            format!("text, {name}{mark}")
        }
    }
}

fn delimiter(byte: u8) -> &'static str {
    match byte {
        b'\t' => "tab",
        b';' => "`;`",
        b'|' => "`|`",
        _ => "`,`",
    }
}

/// The rows of a file, of which so many were read below so many lines.
fn counted(content: &Content, read: u64, skipped_lines: u64, is_cut: bool) -> Rows {
    match content {
        Content::Text(head) if !head.is_whole || is_cut => Rows::Head(read, head.lines.saturating_sub(skipped_lines)),
        Content::Book(book) if is_cut => {
            Rows::Head(read, book.sheets.iter().map(|(_, text)| text.lines().count() as u64).sum())
        }
        _ => Rows::All(read),
    }
}

/// A file that fits something.
fn known(mut fits: Vec<Tried>, content: &Content, place: &Place<'_>) -> Inspection {
    let best = fits.remove(0);
    let (grid, layout) = seen(&best);
    let columns = grid.columns(place.staff);
    let block = block::of_fit(&best, &columns, place);
    let strangers = place.staff.map(|_| strangers(best.tally.strangers.iter().map(String::as_str)));
    let times = Times::new(&best.candidate.mapping, place.zone);
    let feeds = layout.map(|layout| feeds(layout, best.candidate.table)).unwrap_or_default();
    let shown = feeds.iter().map(|(at, names)| shown(&grid, *at, names.join(", "), |text| is_shown(text, &times)));
    let shown: Vec<Shown> = shown.collect();
    let skipped = layout.map_or(0, |layout| layout.skipped_lines as u64);
    let mut inspection = Inspection {
        kind: kind(content, best.encoding.map(encoding_rs::Encoding::name), false),
        size: 0,
        delimiter: matches!(content, Content::Text(_)).then(|| delimiter(grid.delimiter)),
        sheets: Vec::new(),
        header: grid.header.as_ref().map(|(line, names)| (*line, names.len())),
        is_headerless: grid.header.is_none(),
        rows: counted(content, best.tally.rows, skipped, best.tally.is_cut),
        span: best.tally.span,
        fits: Vec::new(),
        nearest: None,
        likeliest: None,
        strangers,
        more_columns: grid.width.saturating_sub(shown.len()),
        columns: shown,
        block,
    };
    inspection.fits = std::iter::once(best).chain(fits).map(told).collect();
    inspection
}

fn told(tried: Tried) -> Fit {
    let is_optional = |name: &&str| tried.candidate.table.column(name).is_some_and(|column| !column.is_required);
    Fit {
        preset: tried.candidate.preset,
        table: tried.candidate.table.name,
        sheets: tried.parts.iter().filter_map(|part| part.sheet.clone()).collect(),
        read: tried.tally.read,
        rows: tried.tally.rows,
        rejected: tried.tally.rejected,
        optional: tried.found().filter(is_optional).collect(),
        fault: tried.fault,
        reasons: tried.tally.reasons,
    }
}

/// The first part of a fit as rows and columns.
fn seen(tried: &Tried) -> (Grid, Option<&Layout>) {
    let Some(part) = tried.parts.first() else { return (Grid::default(), None) };
    let (layout, mapping) = (&part.mapped.layout, &part.mapped.mapping);
    let header = if mapping.header == Some(false) { None } else { header_line(&part.text, layout, mapping) };
    let read: BTreeSet<u64> = tried.tally.lines.iter().filter(|(part, _)| *part == 0).map(|(_, line)| *line).collect();
    let head: usize = part.text.split_inclusive('\n').take(2_000 + layout.skipped_lines).map(str::len).sum();
    let all = records(&part.text[..head], layout, mapping);
    let mut rows: Vec<(u64, Vec<String>)> =
        all.into_iter().map(|one| (one.line, one.cells.iter().map(str::to_owned).collect())).collect();
    // The rows that were read come first: they are the ones that are shown.
    rows.sort_by_key(|(line, _)| (!read.contains(line), *line));
    let width = header.as_ref().map_or(layout.names, |(_, names)| names.len());
    let grid = Grid { sheet: part.sheet.clone(), delimiter: layout.delimiter, header, rows, width, ..Grid::default() };
    (grid, Some(layout))
}

/// The last line of the header, and its names.
fn header_line(text: &str, layout: &Layout, mapping: &Mapping) -> Option<(u64, Vec<String>)> {
    let lines: Vec<&str> = text.split_inclusive('\n').take(layout.skipped_lines).collect();
    let mut from = lines.len().checked_sub(1)?;
    // A quoted name may have several lines.
    while from > 0 && lines[from..].concat().matches('"').count() % 2 == 1 {
        from -= 1;
    }
    let head = lines[from..].concat();
    let whole = Layout { skipped_lines: 0, ..layout.clone() };
    let record =
        records(&head, &whole, &Mapping { until_blank: None, quoting: None, ..mapping.clone() }).into_iter().next()?;
    let names = record.cells.iter().map(|name| {
        let name = name.trim_matches(['\u{feff}', '\u{200b}']);
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    Some((from as u64 + 1, names.collect()))
}

/// A moment names nobody: it is shown as it is.
fn is_shown(text: &str, times: &Times) -> bool {
    const LONGEST: usize = 32;
    let is_short = text.chars().count() <= LONGEST && !text.contains('\n');
    is_moment(text) || (is_short && text.contains(':') && times.moment(text).is_some())
}

fn shown(grid: &Grid, at: usize, feeds: String, is_shown: impl Fn(&str) -> bool) -> Shown {
    let name = grid.header.as_ref().and_then(|(_, names)| names.get(at)).cloned().unwrap_or_default();
    let cell = |cells: &Vec<String>| {
        let text = cells.get(at).map_or("", |cell| cell.trim());
        if is_shown(text) || is_clock(text) { text.to_owned() } else { mask(text) }
    };
    Shown {
        place: at + 1,
        name,
        feeds,
        cells: grid.rows.iter().take(SHOWN_ROWS).map(|(_, cells)| cell(cells)).collect(),
    }
}

/// A time of day names nobody either.
fn is_clock(text: &str) -> bool {
    crate::ingest::cell::clock(text).is_some()
}

fn strangers<'a>(names: impl Iterator<Item = &'a str>) -> Strangers {
    let all: Vec<&str> = names.collect();
    Strangers { count: all.len(), examples: all.iter().take(SHOWN_ROWS).map(|name| mask(name)).collect() }
}

/// The encoding that must be stated of a text with this header, since a run would not know it by itself.
fn encoding_to_state(content: &Content, reading: Option<&Reading>, grid: &Grid) -> Option<&'static str> {
    let (Content::Text(head), Some(reading)) = (content, reading) else { return None };
    let names = grid.header.as_ref().map_or(&[][..], |(_, names)| names);
    let has_header = |text: &str| names.iter().all(|name| text.contains(name.as_str()));
    let is_known = !reading.is_doubtful && decode(&head.bytes, None, &[], has_header).is_ok();
    (!is_known).then(|| reading.encoding.name())
}

/// A file that fits nothing.
fn unknown(content: &Content, readings: &[Reading], place: &Place<'_>) -> Inspection {
    let pages: Vec<Page> = match content {
        Content::Text(_) => readings.first().map(|reading| reading.page.clone()).into_iter().collect(),
        Content::Book(book) => {
            let page = |(name, text): &(String, String)| Page {
                sheet: Some(name.clone()).filter(|name| !name.is_empty()),
                text: text.clone(),
                origin: book.origin,
            };
            book.sheets.iter().map(page).collect()
        }
    };
    let nearest = fits::nearest(&pages.iter().collect::<Vec<_>>());
    let grids = pages.iter().filter_map(|page| grid::grid(page, place.staff));
    let guessed = grids.map(|grid| {
        let columns = grid.columns(place.staff);
        let guess = guess::guess(&grid, &columns, place.staff);
        (grid, columns, guess)
    });
    // Of several sheets the one that is most like a table.
    let best = guessed.max_by_key(|(grid, _, guess)| {
        (guess.as_ref().map(guess::Guess::score), grid.header.is_some(), grid.rows.len() * grid.width)
    });
    let (grid, columns, guess) = best.unwrap_or_default();
    let reading = readings.first();
    let is_doubtful = reading.is_some_and(|reading| reading.is_doubtful);
    let encoding = encoding_to_state(content, reading, &grid);
    let is_splittable = grid.delimiter != b'|';
    let block = guess.as_ref().filter(|_| is_splittable);
    let block = block.map_or_else(String::new, |guess| block::of_guess(guess, &grid, encoding, place));
    let spans = columns.iter().filter(|column| column.is_moment()).filter_map(span);
    let span = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let feeds = |at: usize| {
        let all = guess.iter().flat_map(|guess| &guess.columns).filter(|one| one.source.places().contains(&at));
        let mut names: Vec<&str> = all.map(|one| one.column.name).collect();
        let is_punch =
            guess.iter().flat_map(|guess| &guess.each).any(|punch| punch.source.places().last() == Some(&at));
        names.extend((names.is_empty() && is_punch).then_some("time"));
        names.join(", ")
    };
    let filled = columns.iter().enumerate().filter(|(_, column)| column.filled > 0).map(|(at, _)| at);
    let (named, other): (Vec<usize>, Vec<usize>) = filled.partition(|at| !feeds(*at).is_empty());
    let mut places: Vec<usize> = named.into_iter().chain(other).take(SHOWN_COLUMNS).collect();
    places.sort_unstable();
    let shown: Vec<Shown> = places.into_iter().map(|at| shown(&grid, at, feeds(at), is_moment)).collect();
    let lines = pages.iter().find(|page| page.sheet == grid.sheet).map_or(0, |page| page.text.lines().count() as u64);
    let header = grid.header.as_ref().map_or(0, |(line, _)| *line);
    let below = match content {
        Content::Text(head) => head.lines.saturating_sub(header),
        Content::Book(_) => lines.saturating_sub(header),
    };
    let read = grid.rows.len() as u64;
    let is_whole = if let Content::Text(head) = content { head.is_whole } else { true };
    Inspection {
        kind: kind(content, reading.map(|reading| reading.encoding.name()), is_doubtful),
        size: 0,
        delimiter: matches!(content, Content::Text(_)).then(|| delimiter(grid.delimiter)).filter(|_| grid.width > 1),
        sheets: Vec::new(),
        header: grid.header.as_ref().map(|(line, names)| (*line, names.len())),
        is_headerless: false,
        rows: if !grid.is_cut && is_whole { Rows::All(read) } else { Rows::Head(read, below) },
        span,
        fits: Vec::new(),
        nearest,
        likeliest: guess.as_ref().map(|guess| guess.table.name),
        strangers: place.staff.and_then(|staff| unmatched(guess.as_ref()?, &columns, staff)),
        more_columns: grid.width.max(columns.len()).saturating_sub(shown.len()),
        columns: shown,
        block,
    }
}

/// Whom the roster lacks, in the column that is guessed to name people.
fn unmatched(guess: &guess::Guess, columns: &[Column], staff: &Staff) -> Option<Strangers> {
    let own = guess.columns.iter().find(|one| one.column.name == "employee_id")?;
    let place = *own.source.places().first()?;
    let length = guess.padding.map_or(0, |(length, ..)| length);
    let is_known = |name: &str| staff.knows(name) || staff.has_id(&format!("{name:0>length$}"));
    let different: BTreeSet<&str> = columns[place].cells.iter().map(String::as_str).collect();
    Some(strangers(different.into_iter().filter(|name| !is_known(name))))
}
