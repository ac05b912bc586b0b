//! Which presets and canonical tables a file fits, and how well: its rows are read as a run would read them.

use super::{
    columns::percent,
    content::{Content, Page, ROWS, Reading},
    staff::Staff,
};
use crate::{
    base::text::shape,
    ingest::{
        access::Access,
        cell::{Cell, NOT_A_TIME, Times},
        decode::{decode, unix_lines},
        fit::{self, Mapped, Part},
        header::{self, Layout, Near},
        meeting, presets,
        rows::{Fate, NOT_ON_THE_ROSTER, Reader, Row},
        workbook::{Origin, Workbook},
    },
    schema::{
        mapping::{From, Mapping, Pick, Quoting},
        tables::{TABLES, Table, table},
    },
};
use chrono::{Datelike, NaiveDateTime};
use encoding_rs::Encoding;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Encodings that are tried where no usual one reads the file.
const CODE_PAGES: [&str; 6] = ["windows-1252", "windows-1250", "windows-1251", "big5", "shift_jis", "euc-kr"];
/// So many reasons of rejected rows are shown.
const REASONS: usize = 3;

/// What rows are read with.
pub(super) struct Eye<'a> {
    pub(super) staff: &'a Staff,
    pub(super) zone: chrono_tz::Tz,
    /// The first and the last year that a clock may show.
    pub(super) years: (i32, i32),
    /// The first lines of each page, folded.
    pub(super) fronts: Vec<String>,
}

/// A way to read a file.
pub(super) struct Candidate {
    /// The preset; `None` for the canonical names of the table.
    pub(super) preset: Option<&'static str>,
    pub(super) table: &'static Table,
    pub(super) mapping: Mapping,
    /// Which meeting it is, the file's name must say.
    pub(super) is_named_by_file: bool,
    /// The encoding is a guess.
    pub(super) is_encoding_unsure: bool,
}

/// What a file gives when it is read so.
pub(super) struct Tried {
    pub(super) candidate: Candidate,
    pub(super) parts: Vec<Part>,
    pub(super) encoding: Option<&'static Encoding>,
    pub(super) tally: Tally,
    /// Why it cannot be used although its header fits.
    pub(super) fault: Option<String>,
    /// Time formats that read every cell, to different times.
    pub(super) rivals: Vec<String>,
}

/// What became of the rows.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) read: u64,
    pub(super) rejected: u64,
    /// Where, which column and why, of the first rejected rows.
    pub(super) reasons: Vec<String>,
    pub(super) span: Option<(NaiveDateTime, NaiveDateTime)>,
    /// Who is not on the roster, as the export names them.
    pub(super) strangers: BTreeSet<String>,
    /// In how many rows.
    pub(super) strange_rows: u64,
    /// The lines of the first rows that were read, by part.
    pub(super) lines: Vec<(usize, u64)>,
    /// More rows than were read.
    pub(super) is_cut: bool,
}

impl Tried {
    /// So many of a hundred rows were read.
    pub(super) fn share(&self) -> u64 {
        (self.tally.read * 100).checked_div(self.tally.rows).unwrap_or(0)
    }

    /// How many columns of the table the file has.
    pub(super) fn breadth(&self) -> usize {
        self.found().count()
    }

    /// The columns of the table that the file has.
    pub(super) fn found(&self) -> impl Iterator<Item = &'static str> {
        let is_there = |place: usize| self.parts.iter().any(|part| has(&part.mapped.layout, place));
        let all = self.candidate.table.columns.iter().enumerate();
        all.filter(move |(place, _)| is_there(*place)).map(|(_, column)| column.name)
    }
}

fn has(layout: &Layout, place: usize) -> bool {
    let of = |columns: &Vec<Option<Access>>| columns.get(place).is_some_and(Option::is_some);
    of(&layout.columns) || layout.each.iter().any(of)
}

/// All that fit, the best first: usable before not, then by the share of rows that are read, by how many, by how many
/// columns are found; presets before canonical names.
pub(super) fn fits(content: &Content, readings: &[Reading], eye: &Eye<'_>) -> Vec<Tried> {
    let by_preset = |label: Option<&str>| -> Vec<Tried> {
        let state = |mut one: Candidate| {
            one.mapping.encoding = label.map(str::to_owned).or(one.mapping.encoding);
            Candidate { is_encoding_unsure: label.is_some(), ..one }
        };
        by_preset().into_iter().map(state).filter_map(|one| tried(one, content, readings, eye)).collect()
    };
    let mut all = by_preset(None);
    // A code page that a run only reads where it is stated.
    if all.is_empty() && readings.iter().all(|reading| reading.is_doubtful) && matches!(content, Content::Text(_)) {
        let other = CODE_PAGES.iter().map(|label| by_preset(Some(label))).find(|found| !found.is_empty());
        all.extend(other.unwrap_or_default());
    }
    let mut plain: Vec<Tried> = canonical().into_iter().filter_map(|one| tried(one, content, readings, eye)).collect();
    // Every export with an `employee_id` has all that some table needs: what explains most of the header is meant.
    let most = plain.iter().map(Tried::breadth).max().unwrap_or(0);
    plain.retain(|one| one.breadth() == most);
    all.extend(plain);
    // Headers of some systems are alike: where one reads rows, those that read none are not meant.
    if all.iter().any(|one| one.tally.read > 0 && one.fault.is_none()) {
        all.retain(|one| one.tally.read > 0 || one.fault.is_some());
    }
    all.sort_by_key(|one| {
        let is_faulty = one.fault.is_some();
        (is_faulty, std::cmp::Reverse((one.share(), one.tally.read, one.breadth(), one.candidate.preset.is_some())))
    });
    all
}

fn by_preset() -> Vec<Candidate> {
    let known = presets::names().into_iter().filter_map(|name| {
        let preset = presets::preset(name)?.ok()?;
        let mut mapping = meeting::placeholder(preset.mapping);
        let is_meeting = preset.table == "checkins";
        let is_named_by_file = is_meeting && !mapping.columns.contains_key("meeting_id");
        if is_named_by_file {
            mapping.columns.insert("meeting_id".to_owned(), From::Constant("?".to_owned()));
        }
        Some(Candidate {
            preset: Some(name),
            table: table(preset.table)?,
            mapping,
            is_named_by_file,
            is_encoding_unsure: false,
        })
    });
    known.collect()
}

fn canonical() -> Vec<Candidate> {
    let all = TABLES.iter().map(|table| Candidate {
        preset: None,
        table,
        mapping: header::canonical(table),
        is_named_by_file: false,
        is_encoding_unsure: false,
    });
    all.collect()
}

fn tried(candidate: Candidate, content: &Content, readings: &[Reading], eye: &Eye<'_>) -> Option<Tried> {
    let is_stated = candidate.mapping.encoding.is_some() || !candidate.mapping.encodings.is_empty();
    if !is_stated && !eye.fronts.iter().any(|front| may_fit(front, &candidate)) {
        return None;
    }
    let (parts, encoding, mut fault) = match content {
        Content::Book(book) => {
            let (parts, fault) = of_book(&candidate, book)?;
            (parts, None, fault)
        }
        Content::Text(head) => {
            let (part, encoding, fault) = of_text(&candidate, &head.bytes, readings)?;
            (vec![part], encoding, fault)
        }
    };
    let mut rivals = Vec::new();
    let mut tally = Tally::default();
    if fault.is_none() {
        match tallied(&candidate, &parts, None, eye) {
            Ok(read) => tally = read,
            Err(why) => {
                fault = Some(why);
                let formats = candidate.mapping.time_formats.iter();
                let fitting = formats.filter_map(|format| {
                    let read = tallied(&candidate, &parts, Some(format), eye).ok()?;
                    let is_whole = read.reasons.iter().all(|reason| !reason.contains(NOT_A_TIME));
                    (is_whole && read.read > 0).then(|| (format.clone(), read))
                });
                let mut fitting: Vec<_> = fitting.collect();
                if fitting.len() > 1 {
                    rivals = fitting.iter().map(|(format, _)| format.clone()).collect();
                    // Of a report of one meeting a run takes the day that the meeting had.
                    let is_report = candidate.mapping.meeting.is_some();
                    let why = || format!("its times fit {} with different results: state which", listed(&rivals));
                    fault = (!is_report).then(why);
                    tally = fitting.remove(0).1;
                    tally.span = None;
                }
            }
        }
    }
    Some(Tried { candidate, parts, encoding, tally, fault, rivals })
}

fn listed(formats: &[String]) -> String {
    formats.iter().map(|format| format!("`{format}`")).collect::<Vec<_>>().join(" and ")
}

/// The first lines of a text as headers are compared: without case, blanks folded.
pub(super) fn front(text: &str) -> String {
    // A header is searched in 20 lines, and its quoted names may have some more.
    let lines: Vec<&str> = text.lines().take(60).collect();
    lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether the words of every required column are there at all: a quick look before the header is searched for.
fn may_fit(front: &str, candidate: &Candidate) -> bool {
    let is_there = |pick: &Pick| pick.header().is_none_or(|name| front.contains(&folded(name)));
    let of_column = |name: &str| {
        let entries = candidate.mapping.each.iter().filter_map(|entry| entry.get(name));
        let mut sources = candidate.mapping.columns.get(name).into_iter().chain(entries);
        sources.any(|from| from.taken().is_empty() || from.taken().into_iter().flatten().any(is_there))
    };
    let is_refused = candidate.mapping.refused.is_some();
    let signs = candidate.mapping.signature.iter().all(|sign| front.contains(&folded(sign)));
    signs && candidate.table.columns.iter().all(|column| !column.is_required || is_refused || of_column(column.name))
}

/// A text in the encoding that a run would take.
fn of_text(
    candidate: &Candidate,
    bytes: &[u8],
    readings: &[Reading],
) -> Option<(Part, Option<&'static Encoding>, Option<String>)> {
    const HEAD: usize = 64 << 10;
    let (mapping, table) = (&candidate.mapping, candidate.table);
    let find = |text: &str| header::find(text, mapping, table);
    let head = &bytes[..bytes.len().min(HEAD)];
    let fits_in = |label: &String| {
        let encoding = Encoding::for_label(label.as_bytes());
        encoding.is_some_and(|encoding| find(&unix_lines(&encoding.decode_without_bom_handling(head).0)).is_some())
    };
    let stated = mapping.encoding.iter().chain(&mapping.encodings);
    if !readings.iter().any(|reading| find(&reading.page.text).is_some()) && !stated.into_iter().any(fits_in) {
        return None;
    }
    let others: Vec<&str> = mapping.encodings.iter().map(String::as_str).collect();
    let whole = |text: String| {
        let text = unix_lines(&text).into_owned();
        let layout = find(&text)?;
        let mapped = Mapped { mapping: mapping.clone(), layout };
        let fault = mapped.fault();
        Some((Part::new(None, text, mapped, Origin::default()), fault))
    };
    let read = decode(bytes, mapping.encoding.as_deref(), &others, |text| find(&unix_lines(text)).is_some());
    let why = match read {
        Ok((text, encoding)) => {
            let (part, fault) = whole(text)?;
            return Some((part, Some(encoding), fault));
        }
        Err(why) => why.0,
    };
    let fitting: Vec<&Reading> = readings.iter().filter(|reading| find(&reading.page.text).is_some()).collect();
    let (part, _) = whole(fitting.first()?.page.text.clone())?;
    Some((part, fitting.first().map(|reading| reading.encoding), Some(why)))
}

/// The sheets that fit; with the reason if a run would not read them all the same.
fn of_book(candidate: &Candidate, book: &Workbook) -> Option<(Vec<Part>, Option<String>)> {
    let (mapping, table) = (&candidate.mapping, candidate.table);
    let rendered = Mapping { delimiter: Some(b','), quoting: Some(Quoting::Usual), escape: None, ..mapping.clone() };
    let found = book.sheets.iter().filter_map(|(name, text)| Some((name, text, header::find(text, &rendered, table)?)));
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return None;
    }
    if let Ok(parts) = fit::sheets(book, std::slice::from_ref(mapping), table) {
        return Some((parts, None));
    }
    let fault = mapping.refused.clone().or_else(|| found.iter().find_map(|(_, _, layout)| layout.fault()))?;
    let parts = found.into_iter().map(|(name, text, layout)| {
        let mapped = Mapped { mapping: rendered.clone(), layout };
        Part::new(Some(name.clone()).filter(|name| !name.is_empty()), text.clone(), mapped, book.origin)
    });
    Some((parts.collect(), Some(fault)))
}

/// Reads the rows.
fn tallied(candidate: &Candidate, parts: &[Part], format: Option<&String>, eye: &Eye<'_>) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for (number, part) in parts.iter().enumerate() {
        let mut mapping = part.mapped.mapping.clone();
        if let Some(format) = format {
            mapping.time_formats = vec![format.clone()];
        }
        if !part.mapped.layout.each.is_empty() {
            // A punch that nobody made says nothing.
            mapping.silent_without = vec!["time".to_owned()];
        }
        let text = head(&part.text, part.mapped.layout.skipped_lines);
        tally.is_cut |= text.len() < part.text.len();
        let times = Times::new(&mapping, eye.zone);
        let reader = || Reader {
            table: candidate.table,
            mapping: &mapping,
            times: times.clone(),
            people: &eye.staff.people,
            origin: part.origin,
        };
        let layout = &part.mapped.layout;
        let rows = if layout.each.is_empty() {
            reader().rows(text, layout, 0)?
        } else {
            let one = |columns: &Vec<Option<Access>>| {
                let layout = Layout { columns: columns.clone(), each: Vec::new(), ..layout.clone() };
                reader().rows(text, &layout, 0)
            };
            layout.each.iter().map(one).collect::<Result<Vec<_>, _>>()?.concat()
        };
        let sheet = part.sheet.as_deref().filter(|_| parts.len() > 1);
        let years = (candidate.table.name == "swipes").then_some(eye.years);
        tally.take(number, sheet, &rows, years);
    }
    Ok(tally)
}

/// The first rows of a text.
fn head(text: &str, skipped_lines: usize) -> &str {
    let end = text.match_indices('\n').nth(ROWS + skipped_lines - 1);
    end.map_or(text, |(at, _)| &text[..=at])
}

impl Tally {
    fn take(&mut self, part: usize, sheet: Option<&str>, rows: &[Row], years: Option<(i32, i32)>) {
        let place = |line: u64| sheet.map_or_else(|| format!("line {line}"), |sheet| format!("{sheet} row {line}"));
        // A wide row is read several times, and counts once.
        let mut by_line: BTreeMap<u64, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            by_line.entry(row.line).or_default().push(row);
        }
        for (line, rows) in by_line {
            self.rows += 1;
            let mut reason = None;
            let mut stranger = None;
            for row in &rows {
                match &row.fate {
                    Fate::Outside(who) => stranger = Some(who),
                    Fate::Rejected { reason, value, .. } if reason == NOT_ON_THE_ROSTER => stranger = Some(value),
                    Fate::Rejected { column, value, reason: why } => {
                        let written =
                            if why == NOT_A_TIME { format!(" (written {})", shape(value)) } else { String::new() };
                        reason = reason.or(Some((column.as_str(), format!("{why}{written}"))));
                    }
                    _ => {}
                }
            }
            let times: Vec<NaiveDateTime> =
                rows.iter().flat_map(|row| row.cells.iter().flatten()).filter_map(moment).collect();
            // A device whose clock was lost writes such years.
            let is_odd =
                |time: &NaiveDateTime| years.is_some_and(|(first, last)| !(first..=last).contains(&time.year()));
            let odd = times.iter().any(is_odd).then_some(("time", "a year that no working clock shows".to_owned()));
            if let Some((column, why)) = reason.or(odd) {
                self.rejected += 1;
                if self.reasons.len() < REASONS {
                    self.reasons.push(format!("{} {column}: {why}", place(line)).replace(" : ", ": "));
                }
                continue;
            }
            if self.lines.len() < 3 {
                self.lines.push((part, line));
            }
            for time in times {
                let (first, last) = self.span.unwrap_or((time, time));
                self.span = Some((first.min(time), last.max(time)));
            }
            self.read += 1;
            if let Some(who) = stranger {
                self.strange_rows += 1;
                self.strangers.insert(who.clone());
            }
        }
    }
}

fn moment(cell: &Cell) -> Option<NaiveDateTime> {
    match cell {
        Cell::Time(time) => Some(*time),
        Cell::Date(date) => Some(NaiveDateTime::from(*date)),
        _ => None,
    }
}

/// A preset whose header is nearly there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The preset.
    pub preset: &'static str,
    /// Its table.
    pub table: &'static str,
    /// So many of its columns are there …
    pub found: usize,
    /// … of these.
    pub columns: usize,
    /// What it lacks: the column and a header that it would have.
    pub lacks: Vec<String>,
}

/// The preset of which most columns are there.
pub(super) fn nearest(pages: &[&Page]) -> Option<Nearest> {
    let words: Vec<_> = pages.iter().map(|page| header::words(&page.text)).collect();
    let all = presets::names().into_iter().filter_map(|name| {
        let preset = presets::preset(name)?.ok()?;
        let table = table(preset.table)?;
        let near = words.iter().filter_map(|words| header::near(words, &preset.mapping, table));
        let best = near.filter(|near| near.found >= 2).max_by_key(|near| (Reverse(near.lacks.len()), near.found))?;
        let Near { found, columns, lacks, .. } = best;
        Some(Nearest { preset: name, table: preset.table, found, columns, lacks })
    });
    all.max_by_key(|one| (Reverse(one.lacks.len()), percent(one.found, one.columns)))
}

/// A header without case and group.
fn folded(name: &str) -> String {
    let field = name.rsplit('/').next().unwrap_or(name);
    field.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What stands where in a layout: the names of the table's columns by the place of a cell, from 0.
pub(super) fn feeds(layout: &Layout, table: &Table) -> BTreeMap<usize, Vec<&'static str>> {
    let mut all: BTreeMap<usize, Vec<&'static str>> = BTreeMap::new();
    for columns in std::iter::once(&layout.columns).chain(&layout.each) {
        for (column, access) in table.columns.iter().zip(columns) {
            for place in access.as_ref().map_or(Vec::new(), places) {
                let names = all.entry(place).or_default();
                if !names.contains(&column.name) {
                    names.push(column.name);
                }
            }
        }
    }
    all
}

fn places(access: &Access) -> Vec<usize> {
    match access {
        Access::Cell(place) | Access::Part(place, ..) => vec![*place],
        Access::FirstFilled(places) | Access::Join(places, _) => places.clone(),
        Access::Person(ways) => ways.iter().map(|(_, place)| *place).collect(),
        Access::Moment(one, other) | Access::When(one, other, _) => vec![*one, *other],
        Access::Constant(_) | Access::Last(_) => Vec::new(),
    }
}
