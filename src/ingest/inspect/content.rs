//! What a file is, by its bytes: text in which encodings, sheets of a workbook, or something to be exported otherwise.
//!
//! Of a text only the head is kept and read; its lines are counted to the end.

use crate::ingest::{
    decode::{strict, unix_lines},
    fit,
    workbook::{Origin, Workbook},
};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// So many rows of a text are read.
pub(super) const ROWS: usize = 10_000;
/// Beside its rows a text has title lines and a header.
const LINES: usize = ROWS + 20;
/// So many bytes of a text are kept.
const HEAD_BYTES: u64 = 16 << 20;
/// A workbook is kept as a whole; a larger one is none that an export made.
const BOOK_BYTES: u64 = 256 << 20;

/// A text to look at: a file in one encoding, or a sheet.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) sheet: Option<String>,
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// A file in one encoding.
pub(super) struct Reading {
    pub(super) encoding: &'static Encoding,
    pub(super) page: Page,
    /// Some bytes are not of that encoding.
    pub(super) is_doubtful: bool,
}

/// The head of a text file.
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    pub(super) has_mark: bool,
    /// The lines of the whole file.
    pub(super) lines: u64,
    /// The head is the whole file.
    pub(super) is_whole: bool,
}

/// A file by its bytes.
pub(super) enum Content {
    Text(Head),
    Book(Workbook),
}

/// What a file is, with its size.
///
/// # Errors
/// Of the file system; within it, what the file is that cannot be read, and what to do.
pub(super) fn content(path: &Path, zone: chrono_tz::Tz) -> io::Result<(Result<Content, String>, u64)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes)?;
    if let Some(why) = stranger(&bytes) {
        return Ok((Err(why), size));
    }
    if fit::is_book(&bytes) {
        if size > BOOK_BYTES {
            let why = format!("it is a workbook of {size} bytes: split it, or export CSV");
            return Ok((Err(why), size));
        }
        file.read_to_end(&mut bytes)?;
        let book = fit::book(&bytes, zone).unwrap_or_else(|| Err("it is no workbook".to_owned()));
        return Ok((book.map(Content::Book), size));
    }
    let mut is_whole = size <= bytes.len() as u64;
    let mut lines = breaks(&bytes);
    let mut last = bytes.last().copied();
    if !is_whole {
        let (more, end) = rest(&mut file)?;
        lines += more;
        last = end.or(last);
    }
    // The second byte of a line's end in UTF-16 is 0.
    lines += u64::from(!matches!(last, Some(b'\n' | b'\r' | 0)));
    let end = end(&bytes, is_whole);
    is_whole = is_whole && end == bytes.len();
    bytes.truncate(end);
    let has_mark = Encoding::for_bom(&bytes).is_some();
    Ok((Ok(Content::Text(Head { bytes, has_mark, lines, is_whole })), size))
}

/// The line ends of the rest of a file, and its last byte.
fn rest(file: &mut File) -> io::Result<(u64, Option<u8>)> {
    let mut buffer = vec![0; 1 << 20];
    let (mut lines, mut last) = (0, None);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((lines, last)),
            count => {
                lines += breaks(&buffer[..count]);
                last = buffer[..count].last().copied();
            }
        }
    }
}

/// The line ends in these bytes; an old Excel on a Mac ends lines with `\r` alone.
fn breaks(bytes: &[u8]) -> u64 {
    let of = |byte: u8| memchr::memchr_iter(byte, bytes).count() as u64;
    let lines = of(b'\n');
    if lines == 0 { of(b'\r') } else { lines }
}

/// Where the head ends: behind a line's end at which no quote is open, in UTF-16 behind its second byte.
fn end(bytes: &[u8], is_whole: bool) -> usize {
    /// A cell may have so many lines.
    const PATIENCE: usize = 500;
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', bytes).take(LINES + PATIENCE).map(|at| at + 1).collect();
    if ends.len() < LINES {
        return match ends.last() {
            _ if is_whole => bytes.len(),
            Some(last) => *last,
            None => bytes.len() & !1,
        };
    }
    let mut quotes = memchr::memchr_iter(b'"', &bytes[..ends[LINES - 1]]).count();
    let mut from = ends[LINES - 1];
    let mut chosen = from;
    for end in &ends[LINES - 1..] {
        quotes += memchr::memchr_iter(b'"', &bytes[from..*end]).count();
        from = *end;
        if quotes.is_multiple_of(2) {
            chosen = *end;
            break;
        }
    }
    if chosen % 2 == 1 && bytes.get(chosen) == Some(&0) { chosen + 1 } else { chosen }
}

/// What a file is that is neither text nor a workbook, and what to do.
fn stranger(bytes: &[u8]) -> Option<String> {
    const SIGNS: &[(&[u8], &str)] = &[
        (b"%PDF", "a PDF: export CSV or .xlsx from the system it comes from"),
        (b"\x1f\x8b", "packed (.gz): unpack it"),
        (b"Rar!", "packed (.rar): unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "packed (.7z): unpack it"),
        (b"\x89PNG", "a picture: export CSV or .xlsx from the system it comes from"),
        (b"\xff\xd8\xff", "a picture: export CSV or .xlsx from the system it comes from"),
        (b"SQLite format 3", "a database (SQLite): export the table as CSV"),
        (b"{\\rtf", "a text document (.rtf): export CSV or .xlsx"),
        (b"\x00\x01\x00\x00Standard ", "a database (Access): export the table as CSV"),
    ];
    if bytes.is_empty() {
        return Some("it is empty".to_owned());
    }
    if let Some((_, what)) = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)) {
        return Some(format!("it is {what}"));
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_page = text.starts_with('<') && (text.contains("<html") || text.contains("<?xml"));
    if is_page && !fit::is_book(bytes) {
        return Some("it is a web page or XML without a table: open it in Excel and save it as .xlsx".to_owned());
    }
    let is_json = text.starts_with("[{") || (text.starts_with('{') && text.contains("\":"));
    is_json.then(|| "it is JSON: export CSV or .xlsx".to_owned())
}

/// Whether so much of a text cannot be drawn that it is none.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1 << 16)];
    let odd = head.iter().filter(|byte| **byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n')).count();
    odd * 10 > head.len() && !head.starts_with(b"\xff\xfe") && !head.starts_with(b"\xfe\xff")
}

/// The encodings in which a head is text, the likelier first; at least one, if a doubtful one.
pub(super) fn readings(head: &Head) -> Vec<Reading> {
    let one = |encoding: &'static Encoding, text: &str, is_doubtful: bool| {
        let page = Page { sheet: None, text: unix_lines(text).into_owned(), origin: Origin::default() };
        Reading { encoding, page, is_doubtful }
    };
    if let Some((encoding, skip)) = Encoding::for_bom(&head.bytes) {
        let (text, is_doubtful) = encoding.decode_without_bom_handling(&head.bytes[skip..]);
        return vec![one(encoding, &text, is_doubtful)];
    }
    let nuls = memchr::memchr_iter(0, &head.bytes).count();
    let is_wide = nuls * 4 > head.bytes.len();
    let order = if is_wide { [UTF_16LE, UTF_16BE, UTF_8, GB18030] } else { [UTF_8, GB18030, UTF_16LE, UTF_16BE] };
    let valid = order.into_iter().filter_map(|encoding| {
        let text = strict(encoding, &head.bytes)?;
        let is_text = !text.contains('\0') || !is_wide;
        is_text.then(|| one(encoding, &text, false))
    });
    let mut all: Vec<Reading> = valid.collect();
    if all.is_empty() {
        let (text, _) = UTF_8.decode_without_bom_handling(&head.bytes);
        let faults = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
        let wide = text.chars().filter(|c| !c.is_ascii()).count() - faults;
        // A few bytes of garbage in a text, or a text of another code page.
        let encoding = if wide > faults { UTF_8 } else { WINDOWS_1252 };
        all.push(one(encoding, &encoding.decode_without_bom_handling(&head.bytes).0, true));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Head {
        Head { bytes: bytes.to_vec(), has_mark: false, lines: 0, is_whole: true }
    }

    #[test]
    fn the_head_ends_where_no_quote_is_open() {
        let mut text = "a,b\n".repeat(LINES - 1);
        text.push_str("\"x\ny\",c\n");
        let whole = text.len();
        text.push_str(&"d,e\n".repeat(50));
        assert_eq!(end(text.as_bytes(), true), whole);
        assert_eq!(end(b"a,b\nc,d", true), 7);
        assert_eq!(end(b"a,b\nc,d", false), 4);
    }

    #[test]
    fn encodings_without_a_header_to_decide() {
        let first = |bytes: &[u8]| readings(&head(bytes)).remove(0).encoding.name();
        let wide: Vec<u8> = "id,时间\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(first("工号,时间\n".as_bytes()), "UTF-8");
        assert_eq!(first(&GB18030.encode("工号,姓名,时间\n").0), "gb18030");
        assert_eq!(first(&wide), "UTF-16LE");
        assert_eq!(first(b"Jos\xe9;1\nAndr\xe9s;2\n\xff\xff"), "windows-1252");
    }

    #[test]
    fn what_is_no_export_is_named() {
        for (bytes, word) in [
            (b"".as_slice(), "empty"),
            (b"%PDF-1.7", "PDF"),
            (b"\x1f\x8b\x08", ".gz"),
            (b"<html><body>log in", "save it as .xlsx"),
            (b"[{\"a\":1}]", "JSON"),
        ] {
            assert!(stranger(bytes).is_some_and(|why| why.contains(word)), "{word}");
        }
        assert_eq!(stranger(b"a,b\n1,2\n"), None);
        assert!(is_binary(b"\x00\x01\x02\x03ab") && !is_binary(b"a\tb\r\n"));
    }
}
