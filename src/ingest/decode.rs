//! Bytes → text. The encoding is the one in which the header matches (3-tables §3.2 step 2).
//!
//! A text of a few Chinese characters can be valid in two encodings (682 common characters have GBK bytes that
//! are valid UTF-8). Where the header itself is plain ASCII and both readings are valid, UTF-8 stands if GBK text
//! practically never reads so; otherwise the file is refused rather than guessed.

use crate::base::text::shape;
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::{borrow::Cow, collections::BTreeSet};

/// Why a file could not be read as text with its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undecided(pub(crate) String);

/// Decodes `bytes`, where `has_header` says whether a text has the header that is looked for. `others` are encodings that
/// are tried where no usual one has it: nearly all bytes are valid in them.
///
/// # Errors
/// What was tried and seen, where no encoding fits or two fit with different text.
pub(crate) fn decode(
    bytes: &[u8],
    stated: Option<&str>,
    others: &[&str],
    has_header: impl Fn(&str) -> bool,
) -> Result<(String, &'static Encoding), Undecided> {
    if bytes.is_empty() {
        return Err(Undecided("the file is empty".to_owned()));
    }
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        let text = strict(encoding, &bytes[skip..]);
        let text = text.ok_or_else(|| {
            Undecided(format!("it begins as {} but has bytes that are not: is it cut?", encoding.name()))
        })?;
        return if has_header(&text) { Ok((text, encoding)) } else { Err(no_header(&text)) };
    }
    if let Some(label) = stated {
        let encoding = Encoding::for_label(label.as_bytes());
        let encoding = encoding.ok_or_else(|| Undecided(format!("`{label}` is not an encoding")))?;
        // A stated encoding is believed; what it cannot express is shown as U+FFFD and rejected row by row.
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return if has_header(&text) { Ok((text.into_owned(), encoding)) } else { Err(no_header(&text)) };
    }
    let candidates = [UTF_8, GB18030, UTF_16LE, UTF_16BE];
    let readings: Vec<_> = candidates.into_iter().filter_map(|one| Some((strict(one, bytes)?, one))).collect();
    let mut fitting: Vec<_> = readings.iter().filter(|(text, _)| has_header(text)).collect();
    fitting.dedup_by(|a, b| a.0 == b.0);
    if fitting.iter().any(|(_, encoding)| *encoding == GB18030) && is_broken_utf8(bytes) {
        return Err(Undecided(
            "it is UTF-8 with some bytes that are not: is it cut in the middle of a character?".to_owned(),
        ));
    }
    let rare: Vec<_> = if fitting.is_empty() { rare(bytes, others, &has_header) } else { Vec::new() };
    fitting.extend(&rare);
    match fitting.as_slice() {
        [(text, encoding)] => Ok((text.clone(), encoding)),
        // Nearly every file of even length is valid UTF-16, so that reading says nothing.
        [] => Err(readings.iter().find(|(_, one)| matches!(one.name(), "UTF-8" | "gb18030")).map_or_else(
            || {
                let cut = "a file cut in the middle of a character looks so too";
                Undecided(format!(
                    "it is not text in UTF-8, GB18030 or UTF-16; state `encoding`, such as \"windows-1252\" ({cut})"
                ))
            },
            |(text, _)| no_header(text),
        )),
        [(text, encoding), ..] if *encoding == UTF_8 && reads_well(text) => Ok((text.clone(), encoding)),
        [(text, encoding), others @ ..] if others.iter().all(|(other, _)| is_same_below(text, other, &has_header)) => {
            Ok((text.clone(), encoding))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(_, encoding)| encoding.name()).collect();
            let example = names[0].to_lowercase();
            Err(Undecided(format!(
                "it reads as {} with different text; state `encoding`, such as \"{example}\"",
                names.join(" and as ")
            )))
        }
    }
}

/// Whether two readings differ in nothing but names of the header that nobody asked for, such as `Σ Time Spent`.
fn is_same_below(one: &str, other: &str, has_header: impl Fn(&str) -> bool) -> bool {
    let is_header = |line: &str| has_header(line);
    one.lines().count() == other.lines().count()
        && one.lines().zip(other.lines()).all(|(a, b)| a == b || (is_header(a) && is_header(b)))
}

/// The readings in rare encodings that have the header; those with the same text are one.
fn rare(bytes: &[u8], others: &[&str], has_header: &impl Fn(&str) -> bool) -> Vec<(String, &'static Encoding)> {
    let known = others.iter().filter_map(|label| Encoding::for_label(label.as_bytes()));
    let mut readings: Vec<_> = known.filter_map(|one| Some((strict(one, bytes)?, one))).collect();
    readings.retain(|(text, _)| has_header(text));
    readings.dedup_by(|a, b| a.0 == b.0);
    readings
}

/// The text of `bytes` if every byte of it is valid in `encoding`.
pub(crate) fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    // UTF-16 has a NUL byte in every line end, and every other reading of such bytes has none.
    let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
    if is_wide && (!bytes.len().is_multiple_of(2) || memchr::memchr(0, bytes).is_none()) {
        return None;
    }
    if encoding == GB18030 && bytes.is_ascii() {
        return None;
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned)
}

/// Whether bytes that are not UTF-8 are nearly so: more Chinese characters than faults. GBK text reads as faults.
fn is_broken_utf8(bytes: &[u8]) -> bool {
    let (mut chinese, mut faults) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        chinese += chunk.valid().chars().filter(|c| c.len_utf8() == 3).count();
        faults += usize::from(!chunk.invalid().is_empty());
    }
    faults > 0 && chinese > faults
}

/// Ends every line with `\n`, or `\r\n`: an old Excel on a Mac writes `\r` alone.
pub(crate) fn unix_lines(text: &str) -> Cow<'_, str> {
    let is_lone = |at: usize| text.as_bytes().get(at + 1) != Some(&b'\n');
    if text.match_indices('\r').any(|(at, _)| is_lone(at)) {
        return Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    Cow::Borrowed(text)
}

/// Whether a UTF-8 reading that is valid GB18030 too is surely meant. GBK text reads so only where each of its characters
/// is one of those 682, and then as two-byte characters: `2楼` as `2¥`, `莫` as a lone `Ī`. So it is UTF-8 where there is
/// a Chinese character or sign of three bytes, an accented letter between letters of its case (`Julián`, `PEÑA`), two
/// beside small letters, or so many different characters that chance is out of the question. (A letter before a Chinese
/// character, as in the name of a door, is a capital.)
fn reads_well(text: &str) -> bool {
    const CERTAIN_LETTERS: usize = 2;
    const CERTAIN_CHARACTERS: usize = 6;
    let is_wide = |c: char| matches!(c, '\u{2000}'..='\u{21ff}' | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}');
    let is_accented = |c: char| matches!(c, '\u{c0}'..='\u{24f}' if c.is_alphabetic());
    let mut different = BTreeSet::new();
    let mut beside_letters = 0;
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        if is_wide(c) {
            return true;
        }
        if is_accented(c) {
            let is_small = c.is_lowercase() && before.is_ascii_lowercase() && after.is_ascii_lowercase();
            if is_small || (c.is_uppercase() && before.is_ascii_uppercase() && after.is_ascii_uppercase()) {
                return true;
            }
            beside_letters += usize::from(before.is_ascii_lowercase() || after.is_ascii_lowercase());
        }
        if !c.is_ascii() && c != '\u{feff}' {
            different.insert(c);
        }
        if beside_letters >= CERTAIN_LETTERS || different.len() >= CERTAIN_CHARACTERS {
            return true;
        }
        before = c;
    }
    different.is_empty()
}

fn no_header(text: &str) -> Undecided {
    // A line with a longer number may be a row, and name somebody.
    const HEADER_DIGITS: usize = 2;
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let seen: String = first.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    let is_row = seen.split(|c: char| !c.is_numeric()).any(|number| number.chars().count() > HEADER_DIGITS);
    let seen = if is_row { shape(&seen) } else { seen };
    Undecided(format!("no header line with the mapped names in the first 20 lines; the first line is `{seen}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(header: &'static str) -> impl Fn(&str) -> bool {
        move |text| text.lines().any(|line| line.trim_start_matches('\u{feff}').starts_with(header))
    }

    #[test]
    fn the_header_decides_between_six_encodings() {
        let text = "工号,姓名\n01,张伟\n";
        let gb = GB18030.encode(text).0.into_owned();
        let utf16 = |big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let bom = |bytes: &[u8], mark: &[u8]| [mark, bytes].concat();
        let files = [
            (text.as_bytes().to_vec(), "UTF-8"),
            (bom(text.as_bytes(), b"\xef\xbb\xbf"), "UTF-8"),
            (gb, "gb18030"),
            (utf16(false), "UTF-16LE"),
            (bom(&utf16(false), b"\xff\xfe"), "UTF-16LE"),
            (bom(&utf16(true), b"\xfe\xff"), "UTF-16BE"),
        ];
        for (bytes, name) in files {
            let (decoded, encoding) = decode(&bytes, None, &[], has("工号")).unwrap();
            assert_eq!((decoded.as_str(), encoding.name()), (text, name));
        }
    }

    #[test]
    fn gbk_bytes_that_are_valid_utf8_are_not_guessed() {
        // 联通: the GBK bytes C1 AA CD A8 are valid UTF-8 ("ͨ" among them).
        let bytes = [b"id,name\n1,".as_slice(), b"\xc1\xaa\xcd\xa8", b"\n"].concat();
        assert!(std::str::from_utf8(b"\xcd\xa8").is_ok());
        let decoded = decode(&bytes, None, &[], has("id"));
        assert!(decoded.is_ok_and(|(text, encoding)| encoding == GB18030 && text.contains("联通")));
        let twice = [b"id,name\n1,".as_slice(), b"\xcd\xa8", b"\n"].concat();
        assert!(decode(&twice, None, &[], has("id")).is_err_and(|why| why.0.contains("state `encoding`")));
    }

    #[test]
    fn utf8_with_an_even_number_of_characters_and_an_ascii_header_is_utf8() {
        let text = "id,area\n1,二楼\n";
        assert_eq!(decode(text.as_bytes(), None, &[], has("id")).unwrap().0, text);
    }

    #[test]
    fn accented_words_are_utf8_and_a_lone_sign_is_not_guessed() {
        for text in [
            "key,name\n1,Categoría Resolución Técnico\n",
            "key,name\n1,二楼 Prado, Inês\n",
            "key,area\n1,二楼·东 ¥5\n",
            // One name in a whole file; the signs of exports beside it.
            "key,name\n1,Julián\n",
            "key,name\n1,PEÑA\n",
            "key,Σ Time\n1,Réseaux créés à 20 °C\n",
            "key,area\n1,20 m² “B”\n",
            "key,name\n1,Имя Иванов\n",
        ] {
            assert_eq!(decode(text.as_bytes(), None, &[], has("key")).unwrap().0, text);
        }
        let gbk = GB18030.encode("key,area\n1,2楼\n").0.into_owned();
        assert!(std::str::from_utf8(&gbk).is_ok(), "2楼 reads as 2¥");
        assert!(decode(&gbk, None, &[], has("key")).is_err_and(|why| why.0.contains("state `encoding`")));
        for lone in ["key,name\n1,莫\n", "key,name\n1,毛煤\n", "key,area\n1,A毛\n2,B煤\n"] {
            let gbk = GB18030.encode(lone).0.into_owned();
            assert!(std::str::from_utf8(&gbk).is_ok(), "{lone}");
            assert!(decode(&gbk, None, &[], has("key")).is_err_and(|why| why.0.contains("state `encoding`")), "{lone}");
        }
        let gbk = GB18030.encode("key,area\n1,2楼\n2,四楼\n").0.into_owned();
        assert!(decode(&gbk, None, &[], has("key")).unwrap().0.contains("2楼"));
    }

    #[test]
    fn a_name_of_the_header_that_nobody_asked_for_decides_nothing() {
        let text = "key,Σ Time\n1,2\n";
        assert_eq!(decode(text.as_bytes(), None, &[], has("key")).unwrap().0, text);
        let text = "key,Σ Time\n1,Σ\n";
        assert!(decode(text.as_bytes(), None, &[], has("key")).is_err_and(|why| why.0.contains("\"utf-8\"")));
    }

    #[test]
    fn utf8_cut_in_a_character_is_not_taken_for_gb18030() {
        let text = "id,area\n1,二楼西侧\n2,二楼东侧\n";
        let all = text.as_bytes();
        for end in [all.len() - 2, all.len() - 3] {
            let read = decode(&all[..end], None, &[], has("id"));
            assert!(read.is_err_and(|why| why.0.contains("cut")), "{end}");
        }
        let gbk = GB18030.encode(text).0.into_owned();
        assert_eq!(decode(&gbk, None, &[], has("id")).unwrap().0, text);
    }

    #[test]
    fn another_code_page_says_so_instead_of_garbage() {
        for text in ["Imię;Dołączenie\nŁukasz;1\n", "Imię;Dołączenie\nŁukasz;12\n"] {
            let bytes = encoding_rs::WINDOWS_1250.encode(text).0.into_owned();
            assert!(decode(&bytes, None, &[], has("Imię")).is_err_and(|why| why.0.contains("state `encoding`")));
            assert_eq!(decode(&bytes, Some("windows-1250"), &[], has("Imię")).unwrap().0, text);
            let others = ["windows-1252", "windows-1250"];
            assert_eq!(decode(&bytes, None, &others, has("Imię")).unwrap().0, text);
            // A header that is the same in both decides nothing.
            let plain = encoding_rs::WINDOWS_1250.encode("Name;1\nŁ;2\n").0.into_owned();
            assert!(decode(&plain, None, &others, has("Name")).is_err_and(|why| why.0.contains("state `encoding`")));
        }
    }

    #[test]
    fn lines_that_end_with_a_lone_cr() {
        assert_eq!(unix_lines("a\rb\r\nc\r"), "a\nb\nc\n");
        assert_eq!(unix_lines("a\r\nb"), "a\r\nb");
    }

    #[test]
    fn a_missing_header_and_an_empty_file_say_what_was_seen() {
        assert!(decode(b"", None, &[], has("id")).is_err_and(|why| why.0.contains("empty")));
        assert!(decode(b"foo,bar\n", None, &[], has("id")).is_err_and(|why| why.0.contains("`foo,bar`")));
        let row = decode("0102\t张伟\t2026-10-14 08:31\n".as_bytes(), None, &[], has("id"));
        assert!(row.is_err_and(|why| why.0.contains("`0000 aa 0000-00-00 00:00`")));
    }
}
