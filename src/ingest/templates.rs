//! The templates of wide payroll imports: where their header row is, and all rows down to it as they are.

use super::{Failure, decode::decode};
use crate::{
    base::{
        hash::sha256_of,
        problem::{Problem, did_you_mean},
    },
    schema::{
        imports::{Head, Header, Import, Shape, Template, Wide, encode},
        inputs::InputFile,
        source::Kept,
    },
};
use calamine::{Data, DataType, Reader, open_workbook_auto_from_rs};
use encoding_rs::Encoding;
use std::{io::Cursor, path::Path};

/// A header further down is not one: templates carry some lines of title and advice.
const SEARCHED_ROWS: usize = 20;
/// A template is an empty table.
const SIZE_CAP: u64 = 16 << 20;

/// Reads the template of each import that has one.
///
/// # Errors
/// All problems of all templates at once.
pub fn templates(imports: &[Import], kept: Option<&Kept>) -> Result<Vec<Option<Template>>, Failure> {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for import in imports {
        read.push(match &import.shape {
            Shape::Wide(wide) => template(import, wide, kept).map_err(|found| problems.extend(found)).ok(),
            _ => None,
        });
    }
    if problems.is_empty() { Ok(read) } else { Err(Failure::Imports(problems)) }
}

fn template(import: &Import, wide: &Wide, kept: Option<&Kept>) -> Result<Template, Vec<Problem>> {
    let name = Path::new(&import.file.name).parent().unwrap_or(Path::new("")).join(&wide.template);
    let beside = || import.file.path.parent().unwrap_or(Path::new("")).join(&wide.template);
    let path = kept.and_then(|kept| kept.path(&import.file.source, &name.to_string_lossy()));
    let path = path.map_or_else(beside, Path::to_path_buf);
    let because = |why: &str| {
        let help = "download the template from payroll again and put it beside the mapping file";
        vec![Problem::new(&wide.at, format!("cannot use the template `{}`: {why}", wide.template), help)]
    };
    let bytes = bytes_of(&path).map_err(|why| because(&why))?;
    let headers: Vec<&Header> =
        wide.columns.iter().map(|(header, _)| header).chain(import.items.iter().map(|item| &item.header)).collect();
    let found =
        if import.is_text() { text(&bytes, wide.encoding.as_deref(), &headers) } else { sheet(&bytes, &headers) };
    let (head, row) = found.map_err(|why| because(&why))?;
    let places = places(&row.cells, &headers, &wide.template)?;
    let file = InputFile {
        source: import.file.source.clone(),
        name: name.to_string_lossy().into_owned(),
        path,
        sha256: sha256_of(&bytes),
        bytes: bytes.len() as u64,
        ..InputFile::default()
    };
    Ok(Template { file, head, row: row.number, width: row.cells.len(), places })
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let meta = std::fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !meta.is_file() || meta.len() > SIZE_CAP {
        return Err("it is not a regular file of at most 16 megabytes".to_owned());
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// A row that may be the header.
struct Row {
    /// From 1.
    number: usize,
    cells: Vec<String>,
    /// Where it ends in the text.
    end: usize,
}

/// The places of a name in a row: as it is written, else without blanks around it.
fn matches(cells: &[String], name: &str) -> Vec<usize> {
    let all = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
        cells.iter().enumerate().filter(|(_, cell)| is(cell)).map(|(place, _)| place).collect()
    };
    let exact = all(&|cell| cell == name);
    if exact.is_empty() { all(&|cell| cell.trim() == name.trim()) } else { exact }
}

/// How many of the headers a row has.
fn score(row: &Row, headers: &[&Header]) -> usize {
    headers.iter().filter(|header| !matches(&row.cells, &header.name).is_empty()).count()
}

/// The first row with the most of the headers, if it has any.
fn best(rows: Vec<Row>, headers: &[&Header]) -> Option<Row> {
    let scored = rows.into_iter().map(|row| (score(&row, headers), row)).filter(|(score, _)| *score > 0);
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, row)| row)
}

/// Where each header stands.
fn places(cells: &[String], headers: &[&Header], template: &str) -> Result<Vec<usize>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for Header { name, at } in headers {
        match matches(cells, name).as_slice() {
            [place] if places.contains(place) => {
                let what = format!("`{name}` and another name mean the same header of `{template}`");
                problems.push(Problem::new(at, what, "map each header once"));
            }
            [place] => places.push(*place),
            [] => {
                let words = cells.iter().map(String::as_str).filter(|cell| !cell.trim().is_empty());
                let near = did_you_mean(name, words.clone());
                let all = || format!("its header row has {}", words.clone().collect::<Vec<_>>().join(", "));
                let help = near.map_or_else(all, |near| format!("did you mean `{near}`?"));
                problems.push(Problem::new(at, format!("`{template}` has no header `{name}`"), help));
            }
            _ => {
                let what = format!("`{template}` has the header `{name}` twice: which one is meant cannot be known");
                problems.push(Problem::new(at, what, "take one of them out of the template in payroll"));
            }
        }
    }
    if problems.is_empty() { Ok(places) } else { Err(problems) }
}

const NO_HEADER: &str = "none of the mapped headers is in its first 20 rows";

fn text(bytes: &[u8], stated: Option<&str>, headers: &[&Header]) -> Result<(Head, Row), String> {
    let has_all = |text: &str| header_of(text, headers).is_some_and(|(row, _)| score(&row, headers) == headers.len());
    let has_some = |text: &str| header_of(text, headers).is_some();
    // Where a header is missing, the others still tell the encoding.
    let decoded = decode(bytes, stated, &[], has_all).or_else(|_| decode(bytes, stated, &[], has_some));
    let (text, encoding) = decoded.map_err(|why| why.0)?;
    let (row, delimiter) = header_of(&text, headers).ok_or(NO_HEADER)?;
    let mark = Encoding::for_bom(bytes).map_or(0, |(_, length)| length);
    let line_end = match text.as_bytes()[..row.end] {
        [.., b'\r', b'\n'] => "\r\n",
        [.., b'\n'] => "\n",
        [.., b'\r'] => "\r",
        _ => "",
    };
    let own = encode(&text[..row.end], encoding).filter(|own| bytes[mark..].starts_with(own));
    let own = own.ok_or_else(|| format!("it cannot be copied as it is from {}", encoding.name()))?;
    let mut head = bytes[..mark + own.len()].to_vec();
    if line_end.is_empty() {
        head.extend(encode("\r\n", encoding).unwrap_or_default());
    }
    let line_end = if line_end.is_empty() { "\r\n" } else { line_end };
    Ok((Head::Text { bytes: head, encoding, delimiter, line_end }, row))
}

/// The header row of a text, and its delimiter.
fn header_of(text: &str, headers: &[&Header]) -> Option<(Row, u8)> {
    let found = [b',', b';', b'\t'].into_iter().filter_map(|delimiter| {
        let row = best(rows_of(text, delimiter), headers)?;
        Some((score(&row, headers), row, delimiter))
    });
    let best = found.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, row, delimiter)| (row, delimiter))
}

fn rows_of(text: &str, delimiter: u8) -> Vec<Row> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut rows = Vec::new();
    while rows.len() < SEARCHED_ROWS && reader.read_record(&mut record).unwrap_or(false) {
        let mut end = usize::try_from(reader.position().byte()).unwrap_or(0).min(text.len());
        if text[..end].ends_with('\r') && text[end..].starts_with('\n') {
            end += 1;
        }
        let cells = record.iter().map(str::to_owned).collect();
        rows.push(Row { number: text[..end].trim_end_matches(['\r', '\n']).lines().count(), cells, end });
    }
    rows
}

fn sheet(bytes: &[u8], headers: &[&Header]) -> Result<(Head, Row), String> {
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| format!("{error}; open it in Excel and save it as .xlsx"))?;
    let mut found: Option<(usize, Head, Row)> = None;
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|error| format!("sheet {name}: {error}"))?;
        let Some((height, width)) = range.end() else { continue };
        let cell = |row: u32, column: u32| range.get_value((row, column)).cloned().unwrap_or_default();
        let line = |row: u32| -> Vec<Data> { (0..=width).map(|column| cell(row, column)).collect() };
        let searched = u32::try_from(SEARCHED_ROWS).unwrap_or(0);
        let rows = (0..=height).take_while(|row| *row < searched).map(|row| Row {
            number: row as usize + 1,
            cells: trimmed(line(row)).iter().map(ToString::to_string).collect(),
            end: 0,
        });
        let Some(row) = best(rows.collect(), headers) else { continue };
        let own = score(&row, headers);
        if let Some((score, Head::Sheet { name: other, .. }, _)) = &found {
            if *score == own && own == headers.len() {
                return Err(format!("its sheets {other} and {name} both have the mapped headers: delete one"));
            }
            if *score >= own {
                continue;
            }
        }
        let rows = (0..=height).take(row.number).map(|row| trimmed(line(row))).collect();
        found = Some((own, Head::Sheet { name, rows }, row));
    }
    let (_, head, row) = found.ok_or(NO_HEADER)?;
    Ok((head, row))
}

/// A row without the empty cells at its end.
fn trimmed(mut cells: Vec<Data>) -> Vec<Data> {
    while cells.last().is_some_and(DataType::is_empty) {
        cells.pop();
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{GB18030, UTF_16LE};

    fn headers(names: &[&str]) -> Vec<Header> {
        names.iter().map(|name| Header { name: (*name).to_owned(), at: "pay.toml:7".to_owned() }).collect()
    }

    fn places_in(cells: &[&str], names: &[&str]) -> Result<Vec<usize>, String> {
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let headers = headers(names);
        let found = places(&cells, &headers.iter().collect::<Vec<_>>(), "t.csv");
        found.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn the_rows_of_a_gb18030_template_are_copied_byte_by_byte() {
        let copied = "工资导入;;\r\n\r\n\"编\n码\";姓名 ;扣款\r\n";
        let bytes = GB18030.encode(&format!("{copied}001;示例;5\r\n")).0.into_owned();
        let headers = headers(&["编\n码", "姓名", "扣款"]);
        let (head, row) = text(&bytes, None, &headers.iter().collect::<Vec<_>>()).unwrap();
        let Head::Text { bytes: own, encoding, delimiter, line_end } = head else { panic!("a text") };
        assert_eq!(own, GB18030.encode(copied).0.into_owned());
        assert_eq!((encoding, delimiter, line_end), (GB18030, b';', "\r\n"));
        assert_eq!((row.cells.as_slice(), row.number), (["编\n码", "姓名 ", "扣款"].map(str::to_owned).as_slice(), 4));
    }

    #[test]
    fn a_mark_is_kept_and_a_header_without_line_end_gets_one() {
        let headers = headers(&["编码", "扣款"]);
        let headers: Vec<&Header> = headers.iter().collect();
        for (bytes, end) in [("\u{feff}编码,扣款", "\r\n"), ("\u{feff}编码,扣款\n", "")] {
            let Ok((Head::Text { bytes: own, .. }, _)) = text(bytes.as_bytes(), None, &headers) else { panic!() };
            assert_eq!(own, [bytes, end].concat().into_bytes());
        }
        let wide = [b"\xff\xfe".to_vec(), encode("编码\t扣款\r\n1\t2\r\n", UTF_16LE).unwrap()].concat();
        let Ok((Head::Text { bytes: own, encoding, delimiter, .. }, _)) = text(&wide, None, &headers) else { panic!() };
        assert_eq!((own.as_slice(), encoding, delimiter), (&wide[..2 + 7 * 2], UTF_16LE, b'\t'));
    }

    #[test]
    fn a_header_is_found_as_it_is_written_or_without_the_blanks_around_it() {
        assert_eq!(places_in(&["编码", "奖励", "奖励 ", ""], &["奖励", "编码"]), Ok(vec![1, 0]));
        assert_eq!(places_in(&[" 编码", "奖励\u{3000}"], &["编码", "奖励"]), Ok(vec![0, 1]));
        let twice = places_in(&["编码", "奖励", "奖励"], &["编码", "奖励"]).unwrap_err();
        assert!(twice.starts_with("pay.toml:7: `t.csv` has the header `奖励` twice"), "{twice}");
        let unknown = places_in(&["人员编码", "奖励"], &["人员编号", "ID"]).unwrap_err();
        assert!(unknown.contains("has no header `人员编号`\n  help: did you mean `人员编码`?"), "{unknown}");
        assert!(unknown.contains("has no header `ID`\n  help: its header row has 人员编码, 奖励"), "{unknown}");
        assert!(places_in(&["编码 "], &["编码", "编码 "]).is_err());
    }

    fn book(sheets: &[&[&[&str]]]) -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        for rows in sheets {
            let sheet = book.add_worksheet();
            for (row, cells) in (0..).zip(*rows) {
                for (column, cell) in (0..).zip(*cells) {
                    sheet.write_string(row, column, *cell).unwrap();
                }
            }
        }
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn of_a_workbook_the_sheet_with_the_header_counts() {
        let headers = headers(&["编码", "扣款"]);
        let headers: Vec<&Header> = headers.iter().collect();
        let bytes = book(&[&[&["说明"]], &[&["标题"], &["编码", "姓名 ", "扣款", ""], &["1", "示例", "5"]]]);
        let (head, row) = sheet(&bytes, &headers).unwrap();
        let Head::Sheet { name, rows } = head else { panic!("a sheet") };
        assert_eq!((name.as_str(), rows.len(), row.number, row.cells.len()), ("Sheet2", 2, 2, 3));
        assert_eq!(rows[1][1], Data::String("姓名 ".to_owned()));
        let doubled = sheet(&book(&[&[&["编码", "扣款"]], &[&["编码", "扣款"]]]), &headers);
        assert!(doubled.is_err_and(|why| why.contains("Sheet1 and Sheet2 both")));
        assert!(sheet(b"<html>", &headers).is_err_and(|why| why.contains("save it as .xlsx")));
        assert!(sheet(&book(&[&[&["别的"]]]), &headers).is_err_and(|why| why == NO_HEADER));
    }
}
