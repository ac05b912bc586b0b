//! Which mapping a file has: of those that its source may have the first whose header is in its text. Of a workbook
//! every sheet is tried, and every one that fits is read.

use super::{
    decode::{decode, unix_lines},
    files::Found,
    header, html,
    load::Failure,
    meeting, presets,
    workbook::{self, Origin, Workbook},
};
use crate::{
    base::problem::Problem,
    schema::{
        mapping::{From, Mapping, Quoting},
        source::Source,
        tables::Table,
    },
};
use encoding_rs::Encoding;

/// As much of a file as is tried with the presets that a source does not name.
const ADVICE_BYTES: usize = 256 << 10;

/// A file that was read and mapped.
pub(super) struct Mapped {
    pub(super) mapping: Mapping,
    pub(super) layout: header::Layout,
}

impl Mapped {
    /// Why the file cannot be read although its header fits, if it cannot.
    pub(super) fn fault(&self) -> Option<String> {
        self.mapping.refused.clone().or_else(|| self.layout.fault())
    }
}

/// A text with rows: a file, or a sheet of a workbook.
pub(super) struct Part {
    /// The name of the sheet.
    pub(super) sheet: Option<String>,
    pub(super) text: String,
    pub(super) mapped: Mapped,
    pub(super) origin: Origin,
}

impl Part {
    pub(super) fn new(sheet: Option<String>, text: String, mut mapped: Mapped, origin: Origin) -> Self {
        if mapped.mapping.footer_timezone == Some(true) && mapped.mapping.timezone.is_none() {
            mapped.mapping.timezone = footer_zone(&text);
        }
        Self { sheet, text, mapped, origin }
    }

    /// What the part is called in lists and evidence: the file, or `file!sheet`.
    pub(super) fn name(&self, file: &str) -> String {
        self.sheet.as_ref().map_or_else(|| file.to_owned(), |sheet| sheet_name(file, sheet))
    }
}

/// What a sheet is called in lists and evidence.
pub(super) fn sheet_name(file: &str, sheet: &str) -> String {
    format!("{file}!{sheet}")
}

/// The time zone that the last line names, `Timezone: Europe/Berlin`; its word is in the language of the user.
fn footer_zone(text: &str) -> Option<String> {
    let last = text.lines().rev().find(|line| !line.trim_matches([',', ' ']).is_empty())?;
    let (_, zone) = last.trim_matches([',', ' ', '"']).split_once(':')?;
    zone.trim().parse::<chrono_tz::Tz>().ok().map(|zone| zone.name().to_owned())
}

/// The parts of a file that hold rows of `table`; at least one.
///
/// # Errors
/// Why it has none.
pub(super) fn parts(
    bytes: &[u8],
    mappings: &[Mapping],
    table: &'static Table,
    zone: chrono_tz::Tz,
) -> Result<Vec<Part>, String> {
    if let Some(book) = book(bytes, zone) {
        return sheets(&book?, mappings, table);
    }
    let (text, _, mapped) = decoded(bytes, mappings, table)?;
    mapped.fault().map_or(Ok(()), Err)?;
    Ok(vec![Part::new(None, text, mapped, Origin::default())])
}

/// The text of a file with its encoding, and the first mapping that it fits. What a mapping states of the encoding is for
/// that mapping alone.
///
/// # Errors
/// Why it fits none.
pub(super) fn decoded(
    bytes: &[u8],
    mappings: &[Mapping],
    table: &'static Table,
) -> Result<(String, &'static Encoding, Mapped), String> {
    let (signed, unsigned) = by_signature(mappings);
    let order: Vec<&Mapping> = signed.into_iter().chain(unsigned).collect();
    let mut labels: Vec<Option<&str>> = mappings.iter().map(|mapping| mapping.encoding.as_deref()).collect();
    labels.dedup();
    let (mut found, mut failed) = (Vec::new(), None);
    for (place, label) in labels.iter().enumerate().filter(|(place, label)| !labels[..*place].contains(label)) {
        let own: Vec<Mapping> =
            mappings.iter().filter(|mapping| mapping.encoding.as_deref() == *label).cloned().collect();
        let fits = |text: &str| fit(&own, &unix_lines(text), table).is_some();
        match decode(bytes, *label, &others(&own), fits) {
            Err(why) => failed = failed.or(Some(why.0)),
            Ok((text, encoding)) => {
                let text = unix_lines(&text).into_owned();
                let Some(mapped) = fit(&own, &text, table) else { continue };
                let rank = order.iter().position(|mapping| **mapping == mapped.mapping).unwrap_or(place);
                found.push((rank, text, encoding, mapped));
            }
        }
    }
    let first = found.into_iter().min_by_key(|(rank, ..)| *rank);
    first.map(|(_, text, encoding, mapped)| (text, encoding, mapped)).ok_or_else(|| {
        let why = failed.unwrap_or_else(|| "no header line with the mapped names".to_owned());
        format!("{why}{}", advice_on(bytes, mappings, table))
    })
}

/// Whether a file that begins so is read as sheets.
pub(super) fn is_book(head: &[u8]) -> bool {
    workbook::is_workbook(head) || html::is_page(head)
}

/// A file as sheets, if it is a workbook, or a table of a web page that is called one.
pub(super) fn book(bytes: &[u8], zone: chrono_tz::Tz) -> Option<Result<Workbook, String>> {
    if workbook::is_workbook(bytes) {
        return Some(workbook::read(bytes, zone));
    }
    html::is_page(bytes).then(|| html::read(bytes))
}

/// The encodings that are tried where no usual one has the header.
pub(super) fn others(mappings: &[Mapping]) -> Vec<&str> {
    mappings.iter().flat_map(|mapping| &mapping.encodings).map(String::as_str).collect()
}

/// The parts of a workbook that hold rows of `table`.
///
/// # Errors
/// Why there is none.
pub(super) fn sheets(book: &Workbook, mappings: &[Mapping], table: &'static Table) -> Result<Vec<Part>, String> {
    // A sheet is rendered as CSV with commas, whatever the export is written with otherwise.
    let as_rendered = |mapping: &Mapping| Mapping {
        delimiter: Some(b','),
        quoting: Some(Quoting::Usual),
        escape: None,
        ..mapping.clone()
    };
    let mappings: Vec<Mapping> = mappings.iter().map(as_rendered).collect();
    let names: Vec<String> = book.sheets.iter().map(|(name, _)| name.clone()).collect();
    let wanted: Vec<Vec<bool>> = mappings.iter().map(|mapping| wanted(&names, &mapping.sheets)).collect();
    let mut parts = Vec::new();
    for (place, (name, text)) in book.sheets.iter().enumerate() {
        let own = mappings.iter().zip(&wanted).filter(|(_, wanted)| wanted[place]).map(|(mapping, _)| mapping.clone());
        let Some(mapped) = fit(&own.collect::<Vec<_>>(), text, table) else { continue };
        let sheet = Some(name.clone()).filter(|name| !name.is_empty());
        parts.push(Part::new(sheet, text.clone(), mapped, book.origin));
    }
    if parts.is_empty() {
        let shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
        if !wanted.iter().flatten().any(|is_wanted| *is_wanted) {
            let sheets: Vec<&str> = mappings.iter().flat_map(|one| &one.sheets).map(String::as_str).collect();
            return Err(format!("no sheet is called `{}`; its sheets: {shown}", sheets.join("` or `")));
        }
        let texts: Vec<&str> = book.sheets.iter().map(|(_, text)| text.as_str()).collect();
        let advice = advice(&texts, &mappings, table).unwrap_or_default();
        return Err(format!(
            "no header line with the mapped names in the first 20 rows of any sheet; its sheets: {shown}{advice}"
        ));
    }
    parts.iter().find_map(|part| part.mapped.fault()).map_or(Ok(parts), Err)
}

/// Which sheets are meant: those that the first pattern fits that fits any.
fn wanted(names: &[String], patterns: &[String]) -> Vec<bool> {
    let fitting = |pattern: &String| {
        let pattern = glob::Pattern::new(pattern).ok()?;
        let all: Vec<bool> = names.iter().map(|name| pattern.matches(name.trim())).collect();
        all.contains(&true).then_some(all)
    };
    if patterns.is_empty() {
        return vec![true; names.len()];
    }
    patterns.iter().find_map(fitting).unwrap_or_else(|| vec![false; names.len()])
}

/// What helps where no mapping fits any of these texts: the preset that does, else what the likeliest header lacks.
fn advice(texts: &[&str], mappings: &[Mapping], table: &'static Table) -> Option<String> {
    let preset = texts.iter().find_map(|text| fitting_preset(text, table));
    let near = || {
        let words = texts.iter().map(|text| header::words(text));
        let of = |words: Vec<_>| mappings.iter().filter_map(move |one| header::near(&words, one, table));
        let all = words.flat_map(of);
        all.filter(|near| !near.lacks.is_empty())
            .reduce(|best, one| if (one.found, best.lacks.len()) > (best.found, one.lacks.len()) { one } else { best })
    };
    preset.or_else(|| {
        near().map(|near| format!("; line {} is most like it and lacks {}", near.line, near.lacks.join(", ")))
    })
}

/// The preset that a text is an export of, for a source that does not name it.
fn fitting_preset(text: &str, table: &'static Table) -> Option<String> {
    let all = presets::names().into_iter().filter_map(|name| Some((name, presets::preset(name)?.ok()?)));
    let mut fitting = all.filter(|(_, preset)| preset.table == table.name).filter_map(|(name, preset)| {
        let mapping = [meeting::placeholder(preset.mapping)];
        let mapped = fit(&mapping, text, table).filter(|_| mapping[0].header != Some(false))?;
        Some(match &mapped.mapping.refused {
            Some(why) => format!("; {why}"),
            None => format!("; it fits the preset `{name}`: name it in `preset`"),
        })
    });
    fitting.next()
}

/// The end of an error about a file that no mapping fits.
pub(super) fn advice_on(bytes: &[u8], mappings: &[Mapping], table: &'static Table) -> String {
    // As much as has the header; cut where a line ends, so that no character is.
    let head = &bytes[..bytes.len().min(ADVICE_BYTES)];
    let end = if head.len() == bytes.len() { None } else { head.iter().rposition(|byte| *byte == b'\n') };
    let bytes = end.map_or(head, |end| &head[..=end]);
    let of = |text: &str| advice(&[&unix_lines(text)], mappings, table);
    let text = decode(bytes, None, &[], |text| of(text).is_some());
    text.ok().and_then(|(text, _)| of(&text)).unwrap_or_default()
}

/// The mappings a source's files may have, each with the configuration's own on top; behind them those that are always
/// tried.
pub(super) fn mappings(table: &'static Table, source: &Source) -> Result<Vec<Mapping>, Failure> {
    let named = source.presets.iter().map(|name| {
        let wrong = |what: String| Failure::Config(Problem::new(format!("sources.{}", table.name), what, ""));
        match presets::preset(name) {
            Some(Ok(preset)) if preset.table == table.name => Ok(preset.mapping.overridden(&source.mapping)),
            Some(Ok(preset)) => Err(wrong(format!("the preset `{name}` is for `{}`", preset.table))),
            Some(Err(problems)) => Err(wrong(problems.iter().map(ToString::to_string).collect())),
            None => Err(wrong(format!("there is no preset `{name}`"))),
        }
    });
    let mut mappings = named.collect::<Result<Vec<Mapping>, Failure>>()?;
    // A file with the canonical names needs no preset, whatever others beside it have.
    let mut own = header::canonical(table).overridden(&source.mapping);
    let is_blank = |from: &From| *from == From::Constant(String::new());
    if source.mapping.columns.values().all(is_blank) {
        // What nobody writes down elsewhere is read where it is.
        own.columns = header::canonical(table).columns;
        own.explicit.clear();
    }
    let is_report = own.meeting.is_some() && !source.mapping.columns.contains_key("meeting_id");
    mappings.push(own.clone());
    if is_report {
        let mut report = own;
        report.columns.remove("meeting_id");
        mappings.push(report);
    }
    mappings.extend(presets::always(table));
    Ok(mappings)
}

/// The mappings for one file: its name may say which meeting it is.
pub(super) fn for_file(mappings: &[Mapping], file: &Found) -> Vec<Mapping> {
    let mut mappings = mappings.to_vec();
    if let Some(meeting) = &file.meeting_id {
        for mapping in &mut mappings {
            mapping.columns.insert("meeting_id".to_owned(), From::Constant(meeting.clone()));
            mapping.meeting = None;
        }
        return mappings;
    }
    mappings.into_iter().map(meeting::placeholder).collect()
}

/// The first mapping whose header is in the text, with its layout; those with a signature are tried first.
pub(super) fn fit(mappings: &[Mapping], text: &str, table: &'static Table) -> Option<Mapped> {
    let (signed, others) = by_signature(mappings);
    signed.into_iter().chain(others).find_map(|mapping| {
        let layout = header::find(text, mapping, table)?;
        Some(Mapped { mapping: mapping.clone(), layout })
    })
}

fn by_signature(mappings: &[Mapping]) -> (Vec<&Mapping>, Vec<&Mapping>) {
    mappings.iter().partition(|mapping| !mapping.signature.is_empty())
}
