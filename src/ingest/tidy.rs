//! A cell's text before it is typed: what a mapping says of ids, affixes, full-width forms and lost date formats.

use super::serial;
use crate::schema::{
    mapping::Mapping,
    tables::{Column, Kind},
};

/// An id without the characters that the mapping strips, padded.
pub(crate) fn tidy_id(text: &str, mapping: &Mapping) -> String {
    if mapping.id_strip.is_none() && mapping.id_pad.is_none() {
        return text.to_owned();
    }
    let strip = mapping.id_strip.as_deref().unwrap_or("");
    let bare: String = text.chars().filter(|c| !strip.contains(*c)).collect();
    format!("{bare:0>width$}", width = mapping.id_pad.unwrap_or(0))
}

/// Why the row of a stranger is rejected whose id no export of this kind has.
pub(crate) const FOREIGN: &str = "an id with characters that no id of this export has";

/// Whether an id has characters that no id of the export has.
pub(crate) fn is_foreign(id: &str, mapping: &Mapping) -> bool {
    mapping.id_only.as_ref().is_some_and(|only| id.chars().any(|c| !only.contains(c)))
}

/// The text as its column's type expects it; `is_1904` is how the workbook counts days.
pub(crate) fn plain(text: String, column: &Column, mapping: &Mapping, is_1904: bool) -> String {
    let names = |list: &[String]| list.iter().any(|name| name == column.name);
    let mut text = match mapping.affixes.get(column.name) {
        Some(affixes) => without(&text, affixes).to_owned(),
        None => text,
    };
    if names(&mapping.fold_width) {
        let folded: String = text.chars().map(fold).collect();
        if folded.is_ascii() || column.kind != Kind::Text {
            folded.trim().clone_into(&mut text);
        }
    }
    match serial::bare_moment(&text, is_1904).filter(|_| names(&mapping.serial_dates)) {
        Some(moment) => moment.to_string(),
        None => text,
    }
}

/// The canonical word that a word of the export means; where no word is written so, without case.
pub(crate) fn meant<'m>(text: &str, column: &str, mapping: &'m Mapping) -> Option<&'m str> {
    let words = mapping.values.get(column)?;
    let found = words.get(text).or_else(|| {
        let is_folded = mapping.fold_width.iter().any(|name| name == column);
        words.iter().find(|(word, _)| is_folded && word.eq_ignore_ascii_case(text)).map(|(_, meaning)| meaning)
    });
    found.map(String::as_str)
}

fn without<'t>(text: &'t str, affixes: &[String]) -> &'t str {
    let mut bare = text.trim();
    while let Some(shorter) =
        affixes.iter().find_map(|affix| bare.strip_prefix(affix).or_else(|| bare.strip_suffix(affix)))
    {
        bare = shorter.trim();
    }
    bare
}

/// A full-width form as the plain character.
fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ingest::presets::preset, schema::tables::table};

    fn read(column: &str, text: &str) -> String {
        let mapping = preset("answers").unwrap().unwrap().mapping;
        let column = table("decisions").unwrap().column(column).unwrap();
        let text = plain(text.to_owned(), column, &mapping, false);
        meant(&text, column.name, &mapping).map_or(text, str::to_owned)
    }

    #[test]
    fn amounts_without_their_signs() {
        for text in ["40", "¥40", "40元", "￥４０ 元", "RMB 40"] {
            assert_eq!(read("amount", text), "40", "{text}");
        }
        assert_eq!(read("amount", "１，２００．００"), "1,200.00");
    }

    #[test]
    fn full_width_forms_but_not_in_names_and_reasons() {
        assert_eq!((read("decided_by", "０１０２"), read("value", "Ｂ")), ("0102".to_owned(), "B".to_owned()));
        assert_eq!(read("decided_by", "王芳（二）"), "王芳（二）");
        assert_eq!(read("reason", "１次"), "１次");
        assert_eq!(read("finding_id", "last-out::2026-10-20@Ａ"), "last-out::2026-10-20@Ａ");
        assert_eq!(read("decided_at", "２０２６年１１月３日"), "2026年11月3日");
    }

    #[test]
    fn words_in_either_language() {
        for (text, word) in [
            ("确认", "confirm"),
            ("指定并确认", "assign-confirm"),
            ("Assign and confirm", "assign-confirm"),
            ("Lower", "amend"),
            ("Ｗａｉｖｅ", "Waive"),
        ] {
            assert_eq!(read("decision", text), word, "{text}");
        }
    }

    #[test]
    fn a_date_that_lost_its_format() {
        assert_eq!(read("decided_at", "46329.5"), "2026-11-03 12:00:00");
        assert_eq!(read("decided_at", "20261103"), "20261103");
        assert_eq!(read("value", "46329"), "46329");
    }
}
