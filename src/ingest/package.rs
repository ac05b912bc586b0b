//! A look at a workbook's zip before it is opened: what kind it is, whether it is whole, and that it is no bomb.

use std::io::{Cursor, Read};

/// So much text a workbook may expand to: a full sheet of a million rows stays below, a zip bomb does not.
pub(crate) const EXPANDED_CAP: u64 = 512 << 20;
/// As much of the shared strings as tells how many there are said to be.
const HEAD_BYTES: u64 = 4 << 10;

/// Checks the package of an `.xlsx`.
///
/// # Errors
/// What it is instead, which part is damaged, or that it is too large; each with what to do.
pub(crate) fn check(bytes: &[u8], cap: u64) -> Result<(), String> {
    let damaged = |what: &str| format!("it is a damaged workbook ({what}): save or export it again");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error.to_string()))?;
    let has = |name: &str| zip.index_for_name(name).is_some();
    if has("xl/workbook.bin") {
        return Err("it is a binary workbook (.xlsb), which is not read: save it as .xlsx".to_owned());
    }
    if has("META-INF/manifest.xml") {
        return Err("it is an OpenDocument file (.ods), which is not read: save it as .xlsx".to_owned());
    }
    if !has("[Content_Types].xml") {
        return Err("it is a zip archive and no workbook: take the export out of it".to_owned());
    }
    let mut left = cap;
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).map_err(|error| damaged(&error.to_string()))?;
        let name = part.name().unwrap_or_default().into_owned();
        let mut head = Vec::new();
        let mut sink = std::io::sink();
        let whole = (&mut part).take(HEAD_BYTES.min(left)).read_to_end(&mut head);
        let rest = whole.and_then(|_| std::io::copy(&mut (&mut part).take(left), &mut sink));
        let size = head.len() as u64 + rest.map_err(|error| damaged(&format!("`{name}`: {error}")))?;
        left = left.checked_sub(size).filter(|left| *left > 0).ok_or_else(|| {
            format!(
                "its sheets expand to more than {} MiB, which is no export of a month: split it, or export CSV",
                cap >> 20
            )
        })?;
        // The reader makes room for as many strings as are announced.
        if name.to_lowercase().contains("sharedstrings") && announced(&head).is_some_and(|count| count > size) {
            return Err(damaged(&format!("`{name}` announces more texts than it has")));
        }
    }
    Ok(())
}

/// The `uniqueCount` that the shared strings begin with.
fn announced(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head);
    let (_, rest) = text.split_once("uniqueCount=")?;
    let digits: String = rest.chars().skip(1).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn what_a_zip_is_instead_of_a_workbook() {
        let kind = |name: &str| check(&package(&[(name, b"x")]), EXPANDED_CAP).unwrap_err();
        assert!(kind("xl/workbook.bin").contains(".xlsb"));
        assert!(kind("META-INF/manifest.xml").contains(".ods"));
        assert!(kind("attlog.dat").contains("zip archive"));
        assert!(check(b"PK\x03\x04 and no more", EXPANDED_CAP).unwrap_err().contains("damaged"));
    }

    #[test]
    fn a_bomb_is_not_expanded_and_a_flipped_bit_is_found() {
        let types = ("[Content_Types].xml", b"<Types/>".as_slice());
        let sheet = vec![b' '; 3 << 20];
        let bytes = package(&[types, ("xl/worksheets/sheet1.xml", &sheet)]);
        assert_eq!(check(&bytes, 4 << 20), Ok(()));
        assert!(check(&bytes, 2 << 20).unwrap_err().contains("2 MiB"));
        let many = package(&[types, ("xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999999\"></sst>")]);
        assert!(check(&many, EXPANDED_CAP).unwrap_err().contains("announces"));
        let mut flipped = package(&[types, ("xl/workbook.xml", b"<workbook>and so on</workbook>")]);
        let at = flipped.windows(6).position(|part| part == b"book.x").unwrap() + 20;
        flipped[at] ^= 0x10;
        assert!(check(&flipped, EXPANDED_CAP).unwrap_err().contains("damaged"));
    }
}
