//! What an archived input says: a line of it, or the answers in it, for the trail of a finding.

use super::{
    cell::Times,
    fit::{Part, book, is_book, parts, sheet_name},
    header,
    people::People,
    presets,
    rows::Reader,
};
use crate::schema::tables::table;

/// A row of the decisions as it was written.
pub struct Answer {
    /// Its line, or its row in the sheet.
    pub line: u64,
    /// What stands in each canonical column.
    pub cells: Vec<(&'static str, String)>,
}

impl Answer {
    /// What stands in a column.
    #[must_use]
    pub fn cell(&self, name: &str) -> &str {
        self.cells.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
    }
}

/// The line of an input that evidence calls `name`: of a file, or of a sheet in it.
#[must_use]
pub fn line(bytes: &[u8], name: &str, line: u64) -> Option<String> {
    let place = usize::try_from(line.checked_sub(1)?).ok()?;
    if is_book(bytes) {
        return lines(bytes, name).into_iter().nth(place);
    }
    match utf16(bytes) {
        Some(whole) => whole.lines().nth(place).map(str::to_owned),
        None => bytes.split(|byte| *byte == b'\n').nth(place).map(text),
    }
}

/// The lines of an input that evidence calls `name`: of a file, or of a sheet in it.
#[must_use]
pub fn lines(bytes: &[u8], name: &str) -> Vec<String> {
    if let Some(book) = book(bytes, chrono_tz::UTC) {
        let sheets = book.map(|book| book.sheets).unwrap_or_default();
        let is_meant = |sheet: &str| sheet.is_empty() || name.ends_with(&sheet_name("", sheet));
        let sheet = sheets.into_iter().find(|(sheet, _)| is_meant(sheet));
        return sheet.map(|(_, text)| text.lines().map(str::to_owned).collect()).unwrap_or_default();
    }
    match utf16(bytes) {
        Some(whole) => whole.lines().map(str::to_owned).collect(),
        None => bytes.split(|byte| *byte == b'\n').map(text).collect(),
    }
}

/// The text of a file in UTF-16, whose lines do not end in one byte.
fn utf16(bytes: &[u8]) -> Option<String> {
    let encoding = match bytes {
        [0xff, 0xfe, ..] | [_, 0, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, ..] | [0, ..] => encoding_rs::UTF_16BE,
        _ => return None,
    };
    Some(encoding.decode(bytes).0.into_owned())
}

fn text(raw: &[u8]) -> String {
    let (text, is_faulty) = encoding_rs::UTF_8.decode_without_bom_handling(raw);
    let text = if is_faulty { encoding_rs::GB18030.decode(raw).0 } else { text };
    text.trim_end_matches('\r').to_owned()
}

/// The rows of an input of `decisions`, without what the configuration maps itself.
#[must_use]
pub fn answers(bytes: &[u8], name: &str, zone: chrono_tz::Tz) -> Vec<Answer> {
    let Some(table) = table("decisions") else { return Vec::new() };
    let mut mappings = vec![header::canonical(table)];
    mappings.extend(presets::always(table));
    let is_meant = |part: &Part| part.sheet.as_ref().is_none_or(|sheet| name.ends_with(&sheet_name("", sheet)));
    let people = People::default();
    let mut found = Vec::new();
    for part in parts(bytes, &mappings, table, zone).unwrap_or_default().into_iter().filter(is_meant) {
        let mapping = &part.mapped.mapping;
        let mut reader =
            Reader { table, mapping, times: Times::new(mapping, zone), people: &people, origin: part.origin };
        for row in reader.rows(&part.text, &part.mapped.layout, 0).unwrap_or_default() {
            let cells = table.columns.iter().map(|column| column.name).zip(row.texts);
            found.push(Answer { line: row.line, cells: cells.collect() });
        }
    }
    found
}
