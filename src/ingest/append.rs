//! A new row at the end of a CSV register, in its own encoding, delimiter, column order and words.

use super::{
    Settings,
    access::Access,
    decode::unix_lines,
    fit::{decoded, mappings},
    header::Layout,
};
use crate::schema::{mapping::Mapping, tables::table};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::path::Path;

/// The bytes of the register of source `name` with one row more, and that row's line. `cells` are values by canonical
/// column.
///
/// # Errors
/// Why the row cannot be added: the file cannot be read as this table, a value has no column, or its encoding lacks a
/// character.
pub fn appended(
    settings: &Settings<'_>,
    name: &str,
    path: &Path,
    cells: &[(&str, String)],
) -> Result<(Vec<u8>, u64), String> {
    let table = table(name).ok_or("there is no such table")?;
    let source = settings.sources.get(name).ok_or("the source is not configured")?;
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let mappings = mappings(table, source).map_err(|failure| failure.to_string())?;
    let (text, encoding, mapped) = decoded(&bytes, &mappings, table)?;
    if let Some(fault) = mapped.layout.fault() {
        return Err(fault);
    }
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let row = record(&names, &mapped.layout, &mapped.mapping, cells)?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let row = line(&row, mapped.layout.delimiter)?;
    let is_ended = text.ends_with(['\n', '\r']);
    let added = format!("{}{row}{end}", if is_ended { "" } else { end });
    let mut bytes = bytes;
    bytes.extend(encoded(&added, encoding)?);
    let lines = unix_lines(&text).lines().count() as u64;
    Ok((bytes, lines + 1))
}

/// The cells of the row in the file's order.
fn record(names: &[&str], layout: &Layout, mapping: &Mapping, cells: &[(&str, String)]) -> Result<Vec<String>, String> {
    let mut row = vec![String::new(); layout.names.max(layout.width())];
    for (name, value) in cells.iter().filter(|(_, value)| !value.is_empty()) {
        let place = names.iter().position(|known| known == name).and_then(|at| layout.columns[at].as_ref());
        let at = match place {
            Some(Access::Cell(at)) => *at,
            Some(Access::FirstFilled(places)) if !places.is_empty() => places[0],
            _ => return Err(format!("it has no column of its own for `{name}`")),
        };
        // The register's own word for a canonical one, where it has such words.
        let words = mapping.values.get(*name).into_iter().flatten();
        let word = words.into_iter().find(|(_, canonical)| *canonical == value).map(|(word, _)| word);
        row[at].clone_from(word.unwrap_or(value));
    }
    Ok(row)
}

/// The row as a line; what a spreadsheet would take for a formula gets a `'` in front, which is left out on reading.
fn line(row: &[String], delimiter: u8) -> Result<String, String> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let guarded = row.iter().map(|cell| {
        let one_line = cell.replace(['\r', '\n'], " ");
        if one_line.starts_with(['=', '+', '-', '@', '\t']) { format!("'{one_line}") } else { one_line }
    });
    writer.write_record(guarded).map_err(|error| error.to_string())?;
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
}

/// The text in the file's encoding.
fn encoded(text: &str, encoding: &'static Encoding) -> Result<Vec<u8>, String> {
    if encoding == UTF_16LE {
        return Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    if encoding == UTF_16BE {
        return Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    let (bytes, _, is_lossy) = encoding.encode(text);
    if is_lossy {
        Err(format!("its encoding {} lacks a character of `{text}`", encoding.name()))
    } else {
        Ok(bytes.into())
    }
}
