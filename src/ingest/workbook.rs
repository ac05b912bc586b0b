//! A workbook (`.xlsx`, `.xls`) → the text of each sheet, one line a row, to be read as any CSV (3-tables §3.2).
//!
//! What a file is, its first bytes say, never its name. Line numbers are Excel's row numbers, and columns begin at A.
//! A cell with line breaks is one line, in which U+2028 stands for them; a formula is its last result; hidden sheets and rows are read as others.

use super::{
    compound,
    package::{self, EXPANDED_CAP},
    serial::{self, Look},
};
use calamine::{Data, Reader as _, SheetType, Xls, Xlsx};
use chrono::NaiveDateTime;
use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::{Mutex, PoisonError},
};

const ZIP: &[u8] = b"PK\x03\x04";
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// An `.xls` holds 65,536 rows of 256 columns a sheet; a larger file is none that an export made.
const XLS_CAP: usize = 128 << 20;
/// More text in all sheets is not made: a stray cell far to the right widens every row.
const TEXT_CAP: usize = 512 << 20;

const PASSWORD: &str =
    "it is locked with a password: open it, take the password off (文件 → 信息 → 保护工作簿) and save it again";

/// What a file says of itself beside its text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Origin {
    /// It is a sheet of a workbook.
    pub(crate) is_sheet: bool,
    /// Its days are counted from 1904.
    pub(crate) is_1904: bool,
    /// When somebody saved it after it was made, in the centre's time.
    pub(crate) saved: Option<NaiveDateTime>,
}

/// A workbook as text.
pub(crate) struct Workbook {
    /// Name and text of each sheet, in their order.
    pub(crate) sheets: Vec<(String, String)>,
    pub(crate) origin: Origin,
}

/// Whether a file begins as a workbook does.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(OLE)
}

/// Reads all sheets; `zone` is the centre's.
///
/// # Errors
/// Why it cannot be read, and what to do.
pub(crate) fn read(bytes: &[u8], zone: chrono_tz::Tz) -> Result<Workbook, String> {
    if bytes.starts_with(ZIP) {
        package::check(bytes, EXPANDED_CAP)?;
        return guarded(|| xlsx(bytes, zone));
    }
    let word: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if memchr::memmem::find(bytes, &word).is_some() {
        return Err(PASSWORD.to_owned());
    }
    if bytes.len() > XLS_CAP {
        return Err(format!("it is an .xls of {} bytes; save it as .xlsx", bytes.len()));
    }
    compound::check(bytes).map_err(damaged)?;
    guarded(|| xls(bytes, zone))
}

fn damaged(error: impl std::fmt::Display) -> String {
    format!("it is a damaged workbook ({error}): open it, see what is left and save it again, or export it again")
}

/// A panic of the library on a damaged file is an answer, not the end of the run.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _held = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(work));
    set_hook(hook);
    result.unwrap_or_else(|_| Err(damaged("its parts do not fit together")))
}

fn xlsx(bytes: &[u8], zone: chrono_tz::Tz) -> Result<Workbook, String> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let is_1904 = book.has_1904_epoch();
    let properties = book.workbook_properties().map_err(damaged)?;
    let origin = origin(is_1904, properties.created.as_deref(), properties.modified.as_deref(), zone);
    let mut sheets = Sheets::default();
    for name in worksheets(book.sheets_metadata()) {
        let of = |error: calamine::XlsxError| damaged(format!("sheet `{name}`: {error}"));
        let mut cells = book.worksheet_cells_reader(&name).map_err(of)?;
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(of)? {
            let format = cells.styles().get(style).and_then(|style| style.number_format.as_ref());
            let has_clock = format.is_some_and(|format| serial::shows_clock(&format.format_code));
            let value: Data = cell.get_value().clone().into();
            sheets.put(cell.get_position(), &shown(&value, Look { is_1904, has_clock, is_duration: false }))?;
        }
        sheets.end(name)?;
    }
    Ok(Workbook { sheets: sheets.done, origin })
}

fn xls(bytes: &[u8], zone: chrono_tz::Tz) -> Result<Workbook, String> {
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsError::Password => PASSWORD.to_owned(),
        error => damaged(error),
    })?;
    let is_1904 = book.has_1904_epoch();
    let properties = book.workbook_properties().map_err(damaged)?;
    let origin = origin(is_1904, properties.created.as_deref(), properties.modified.as_deref(), zone);
    let mut sheets = Sheets::default();
    for name in worksheets(book.sheets_metadata()) {
        let range = book.worksheet_range(&name).map_err(|error| damaged(format!("sheet `{name}`: {error}")))?;
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let place = |from: u32, offset: usize| from.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
            let look = Look { is_1904, ..Look::default() };
            sheets.put((place(top, row), place(left, column)), &shown(value, look))?;
        }
        sheets.end(name)?;
    }
    Ok(Workbook { sheets: sheets.done, origin })
}

fn worksheets(all: &[calamine::Sheet]) -> Vec<String> {
    all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect()
}

/// A workbook that was saved after it was made was saved by somebody.
fn origin(is_1904: bool, created: Option<&str>, modified: Option<&str>, zone: chrono_tz::Tz) -> Origin {
    let read = |text: &str| {
        let bare = text.trim().trim_end_matches('Z');
        let moment = chrono::DateTime::parse_from_rfc3339(text.trim()).map(|moment| moment.naive_utc());
        moment.or_else(|_| bare.parse()).ok()
    };
    let (created, modified): (Option<NaiveDateTime>, _) = (created.and_then(read), modified.and_then(read));
    let saved = modified.zip(created).filter(|(modified, created)| modified > created).map(|(modified, _)| modified);
    let saved = saved.map(|saved: NaiveDateTime| saved.and_utc().with_timezone(&zone).naive_local());
    Origin { is_sheet: true, is_1904, saved }
}

/// A cell's text.
fn shown(value: &Data, look: Look) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => serial::number(&format!("{number:.14e}")),
        Data::Bool(is_true) => is_true.to_string(),
        Data::Error(error) => error.to_string(),
        Data::DateTime(date) => {
            let look = Look { is_duration: date.is_duration(), ..look };
            serial::moment(&date.to_string(), look).unwrap_or_else(|| date.to_string())
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => {
            let text = text.trim_end_matches('Z').replace('T', " ");
            text.split_once('.').map_or(text.as_str(), |(seconds, _)| seconds).to_owned()
        }
    }
}

/// Sheets on their way to text.
#[derive(Default)]
pub(super) struct Sheets {
    pub(super) done: Vec<(String, String)>,
    /// The lines so far, without the empty cells at their ends.
    lines: Vec<Line>,
    /// Bytes of all sheets.
    bytes: usize,
}

#[derive(Default)]
struct Line {
    text: String,
    cells: u32,
}

impl Sheets {
    pub(super) fn put(&mut self, (row, column): (u32, u32), text: &str) -> Result<(), String> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if row >= 1 << 20 || column >= 1 << 14 {
            return Err(damaged("a cell lies outside of its sheet"));
        }
        let row = row as usize;
        let in_order = row + 1 > self.lines.len() || (row + 1 == self.lines.len() && column >= self.lines[row].cells);
        if !in_order {
            return Err(damaged("its cells are not in order"));
        }
        self.lines.resize_with(row + 1, Line::default);
        let line = &mut self.lines[row];
        let before = line.text.len();
        line.text.extend((line.cells.max(1)..=column).map(|_| ','));
        push_quoted(&mut line.text, text);
        line.cells = column + 1;
        self.grow(self.lines[row].text.len() - before)
    }

    /// Ends a sheet: every line that is not empty gets as many cells as the longest one.
    pub(super) fn end(&mut self, name: String) -> Result<(), String> {
        let width = self.lines.iter().map(|line| line.cells).max().unwrap_or(0);
        let mut text = String::new();
        for line in std::mem::take(&mut self.lines) {
            if line.cells > 0 {
                self.grow((width - line.cells) as usize)?;
                text.push_str(&line.text);
                text.extend((line.cells..width).map(|_| ','));
            }
            text.push('\n');
        }
        self.done.push((name, text));
        Ok(())
    }

    fn grow(&mut self, bytes: usize) -> Result<(), String> {
        self.bytes += bytes;
        if self.bytes <= TEXT_CAP {
            return Ok(());
        }
        let cap = TEXT_CAP >> 20;
        Err(format!("its sheets hold more than {cap} MiB of text: delete stray cells far to the right, or export CSV"))
    }
}

/// What stands for a line break within a cell.
pub(crate) const BREAK: &str = "\u{2028}";

/// A cell as CSV on one line.
fn push_quoted(line: &mut String, text: &str) {
    let is_break = |c: char| matches!(c, '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let text = text.trim().replace("\r\n", BREAK).replace(is_break, BREAK);
    if text.contains([',', '"']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;

    #[test]
    fn rows_are_lines_and_columns_begin_at_a() {
        let mut sheets = Sheets::default();
        for (place, text) in
            [((2, 1), "工号"), ((2, 3), "备注"), ((4, 0), "x"), ((4, 1), "a,\"b\"\r\nc"), ((6, 1), " ")]
        {
            sheets.put(place, text).unwrap();
        }
        sheets.end("甲".to_owned()).unwrap();
        assert_eq!(sheets.done[0].1, "\n\n,工号,,备注\n\nx,\"a,\"\"b\"\"\u{2028}c\",,\n");
        sheets.put((0, 3), "d").unwrap();
        assert!(sheets.put((0, 3), "e").is_err());
        sheets.end("乙".to_owned()).unwrap();
        assert_eq!(sheets.done[1], ("乙".to_owned(), ",,,d\n".to_owned()));
    }

    #[test]
    fn one_stray_cell_does_not_fill_the_memory() {
        let mut sheets = Sheets::default();
        for row in 0..70_000 {
            sheets.put((row, 0), "x").unwrap();
        }
        sheets.put((70_000, 16_383), "x").unwrap();
        assert!(sheets.end(String::new()).is_err_and(|why| why.contains("stray cells")));
    }

    #[test]
    fn cells_of_every_kind() {
        let plain = |value: &Data| shown(value, Look::default());
        assert_eq!(plain(&Data::Float(102.0)), "102");
        assert_eq!(plain(&Data::Float(1.0 / 3.0)), "0.333333333333333");
        assert_eq!(plain(&Data::Bool(true)), "true");
        assert_eq!(plain(&Data::Error(calamine::CellErrorType::NA)), "#N/A");
        assert_eq!(plain(&Data::DateTimeIso("2026-11-03T14:05:07.000Z".to_owned())), "2026-11-03 14:05:07");
        assert_eq!(plain(&Data::String("0102".to_owned())), "0102");
    }

    #[test]
    fn only_who_saves_after_it_was_made_gives_a_time() {
        let saved = |created, modified| origin(false, created, modified, ZONE).saved.map(|time| time.to_string());
        let made = Some("2026-11-01T00:00:00Z");
        assert_eq!(saved(made, Some("2026-11-03T06:05:07Z")).as_deref(), Some("2026-11-03 14:05:07"));
        assert_eq!(saved(made, Some("2026-11-03T14:05:07+08:00")).as_deref(), Some("2026-11-03 14:05:07"));
        assert_eq!(saved(made, Some("2026-11-03T06:05:07.5")).as_deref(), Some("2026-11-03 14:05:07.500"));
        assert_eq!(
            (saved(made, made), saved(None, made), saved(made, None), saved(made, Some("x"))),
            (None, None, None, None)
        );
    }

    #[test]
    fn what_is_no_workbook_says_so() {
        for bytes in [ZIP, OLE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and noise".as_slice()] {
            assert!(is_workbook(bytes));
            assert!(read(bytes, ZONE).is_err_and(|why| why.contains("damaged")));
        }
        let locked =
            [OLE, "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice()].concat();
        assert!(read(&locked, ZONE).is_err_and(|why| why.contains("password")));
    }
}
