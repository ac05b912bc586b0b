//! Which mapping a file has: of those that its source may have the first whose header is in its text. Of a workbook
//! every sheet is tried, and every one that fits is read.

use super::{
    decode::{decode, unix_lines},
    files::Found,
    header,
    load::Failure,
    presets,
    workbook::{self, Origin},
};
use crate::{
    base::problem::Problem,
    schema::{
        mapping::{From, Mapping},
        source::Source,
        tables::Table,
    },
};

/// A file that was read and mapped.
pub(super) struct Mapped {
    pub(super) mapping: Mapping,
    pub(super) layout: header::Layout,
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
    /// What the part is called in lists and evidence: the file, or `file!sheet`.
    pub(super) fn name(&self, file: &str) -> String {
        self.sheet.as_ref().map_or_else(|| file.to_owned(), |sheet| sheet_name(file, sheet))
    }
}

/// What a sheet is called in lists and evidence.
pub(super) fn sheet_name(file: &str, sheet: &str) -> String {
    format!("{file}!{sheet}")
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
    if workbook::is_workbook(bytes) {
        return sheets(bytes, mappings, table, zone);
    }
    let stated = mappings.iter().find_map(|mapping| mapping.encoding.as_deref());
    let fits = |text: &str| fit(mappings, &unix_lines(text), table).is_some();
    let (text, _) = decode(bytes, stated, fits).map_err(|why| why.0)?;
    let text = unix_lines(&text).into_owned();
    let mapped = fit(mappings, &text, table).ok_or("no header line with the mapped names")?;
    Ok(vec![Part { sheet: None, text, mapped, origin: Origin::default() }])
}

fn sheets(bytes: &[u8], mappings: &[Mapping], table: &'static Table, zone: chrono_tz::Tz) -> Result<Vec<Part>, String> {
    let book = workbook::read(bytes, zone)?;
    // A sheet is rendered as CSV with commas, whatever the export is written with otherwise.
    let as_rendered = |mapping: &Mapping| Mapping { delimiter: Some(b','), quoting: Some(true), ..mapping.clone() };
    let mappings: Vec<Mapping> = mappings.iter().map(as_rendered).collect();
    let names: Vec<String> = book.sheets.iter().map(|(name, _)| format!("`{name}`")).collect();
    let fitting = book.sheets.into_iter().filter_map(|(name, text)| {
        let mapped = fit(&mappings, &text, table)?;
        Some(Part { sheet: Some(name), text, mapped, origin: book.origin })
    });
    let parts: Vec<Part> = fitting.collect();
    if parts.is_empty() {
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(format!(
            "no header line with the mapped names in the first 20 rows of any sheet; its sheets: {names}"
        ));
    }
    Ok(parts)
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
    if mappings.is_empty() {
        mappings.push(header::canonical(table).overridden(&source.mapping));
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
        }
    }
    mappings
}

/// The first mapping whose header is in the text, with its layout; those with a signature are tried first.
pub(super) fn fit(mappings: &[Mapping], text: &str, table: &'static Table) -> Option<Mapped> {
    let (signed, others): (Vec<&Mapping>, Vec<&Mapping>) =
        mappings.iter().partition(|mapping| !mapping.signature.is_empty());
    signed.into_iter().chain(others).find_map(|mapping| {
        let layout = header::find(text, mapping, table)?;
        Some(Mapped { mapping: mapping.clone(), layout })
    })
}
