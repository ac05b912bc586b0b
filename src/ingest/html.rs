//! A web page that is called `.xls` (Hikvision and others write one) → the text of its tables, one line a row.
//!
//! Excel shows the rows of all tables one below the other, and so they are numbered here. Rows whose `<tr>` is missing
//! begin at their first cell.

use super::workbook::{Origin, Sheets, Workbook};
use encoding_rs::{Encoding, GB18030, UTF_8};
use html5gum::{StartTag, Token, Tokenizer};
use std::borrow::Cow;

/// So much of a file says whether it is a page.
const HEAD_BYTES: usize = 64 << 10;
/// A page is held in memory several times over.
const SIZE_CAP: usize = 256 << 20;
const COLUMNS: u32 = 16_384;

/// Whether a file is a page with a table, or an old XML workbook.
pub(crate) fn is_page(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let text = decoded(head).to_lowercase();
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<') && text.contains("<table")
}

/// Reads the tables of a page as one sheet without a name.
///
/// # Errors
/// Why it cannot be read, and what to do.
pub(crate) fn read(bytes: &[u8]) -> Result<Workbook, String> {
    if bytes.len() > SIZE_CAP {
        return Err(format!("it is a web page of {} bytes; export it as CSV", bytes.len()));
    }
    let text = decoded(bytes);
    if text.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        return Err("it is an XML workbook of Excel 2003, which is not read: open it and save it as .xlsx".to_owned());
    }
    let mut page = Page::default();
    for Ok(token) in Tokenizer::new(text.as_ref()) {
        page.take(&token)?;
    }
    page.end_row()?;
    page.sheets.end(String::new())?;
    Ok(Workbook { sheets: page.sheets.done, origin: Origin { is_sheet: true, ..Origin::default() } })
}

/// The text, in the encoding that its mark or its head states; else UTF-8, else GB18030.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[skip..]).0;
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_lowercase();
    let stated = head.split_once("charset=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let label = stated.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next());
    let stated = label.flatten().and_then(|label| Encoding::for_label(label.as_bytes()));
    // Pages that state GB2312 hold characters of GB18030.
    let stated = stated.map(|encoding| if encoding.name() == "GBK" { GB18030 } else { encoding });
    match stated.or_else(|| std::str::from_utf8(bytes).is_ok().then_some(UTF_8)) {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
        None => GB18030.decode_without_bom_handling(bytes).0,
    }
}

#[derive(Default)]
struct Page {
    sheets: Sheets,
    row: u32,
    /// The cells of the row so far.
    cells: Vec<String>,
    is_in_cell: bool,
    /// Columns that the cell fills beside its own.
    more: u32,
}

impl Page {
    fn take(&mut self, token: &Token) -> Result<(), String> {
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"tr" | b"table" => self.end_row(),
                b"td" | b"th" => {
                    self.end_cell();
                    if self.cells.len() >= COLUMNS as usize {
                        return Err("its rows are wider than a sheet can be: export it as CSV".to_owned());
                    }
                    (self.is_in_cell, self.more) = (true, columns(tag) - 1);
                    self.cells.push(String::new());
                    Ok(())
                }
                b"br" | b"p" | b"div" => {
                    self.add(" ");
                    Ok(())
                }
                _ => Ok(()),
            },
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"tr" | b"table" => self.end_row(),
                b"td" | b"th" => {
                    self.end_cell();
                    Ok(())
                }
                _ => Ok(()),
            },
            Token::String(text) => {
                self.add(&String::from_utf8_lossy(text));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, text: &str) {
        if let Some(cell) = self.cells.last_mut().filter(|_| self.is_in_cell) {
            cell.push_str(text);
        }
    }

    fn end_cell(&mut self) {
        self.is_in_cell = false;
        let more = std::mem::take(&mut self.more) as usize;
        self.cells.extend(std::iter::repeat_n(String::new(), more.min(COLUMNS as usize)));
    }

    fn end_row(&mut self) -> Result<(), String> {
        self.end_cell();
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return Ok(());
        }
        for (column, cell) in (0..).zip(&cells) {
            let words: Vec<&str> = cell.split_whitespace().collect();
            self.sheets.put((self.row, column), &words.join(" "))?;
        }
        self.row += 1;
        Ok(())
    }
}

/// How many columns a cell fills.
fn columns(tag: &StartTag<()>) -> u32 {
    let stated = tag.attributes.get(b"colspan".as_slice());
    let stated = stated.and_then(|text| std::str::from_utf8(text).ok()?.trim().parse().ok());
    stated.unwrap_or(1).clamp(1, COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(page: &[u8]) -> String {
        read(page).unwrap().sheets.remove(0).1
    }

    #[test]
    fn rows_of_all_tables_even_where_a_tr_is_missing() {
        let page = "<html><head><meta charset=\"gb2312\"></head><body><table><tr><td colspan=3>报表</td></tr></table>\
                    <TABLE><tr><th>Person ID<th>Name<th>Time</tr></TABLE><table><tr><td>'15</td><td>a &amp; b</td><td>-</td></tr>\
                    <td>16</td><td>镕<br>c</td><td>2026-10-14 08:31:07</td></tr></table>";
        let gbk = GB18030.encode(page).0.into_owned();
        assert!(is_page(&gbk));
        assert_eq!(text(&gbk), "报表,,\nPerson ID,Name,Time\n'15,a & b,-\n16,镕 c,2026-10-14 08:31:07\n");
    }

    #[test]
    fn what_is_no_table_is_no_page() {
        for bytes in [b"a,b\n<table>".as_slice(), b"<html>log in</html>", b""] {
            assert!(!is_page(bytes));
        }
        let old = b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"><Table>";
        assert!(is_page(old) && read(old).is_err_and(|why| why.contains(".xlsx")));
    }

    #[test]
    fn a_cell_over_a_million_columns_is_refused() {
        let page = format!("<table><tr>{}", "<td colspan=16384>".repeat(3));
        assert!(read(page.as_bytes()).is_err());
    }
}
