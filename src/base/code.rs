//! Short codes of finding ids: six characters that a person can read out, `4QK-7ZM`.
//!
//! A code is made of the id alone, so that it is the same in every edition and on every sheet.

use super::hash::sha256_of;
use std::collections::BTreeSet;

/// Crockford's base 32: without I, L, O and U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 6;

/// The code of a finding id.
#[must_use]
pub fn code_of(finding_id: &str) -> String {
    let hash = sha256_of(finding_id.as_bytes());
    // 32 bits of the hash; the code holds the upper 30.
    let bits = u64::from_str_radix(&hash[..8], 16).unwrap_or(0) >> 2;
    let digit = |place: usize| char::from(DIGITS[usize::try_from(bits >> (5 * place) & 31).unwrap_or(0)]);
    let code: String = (0..LENGTH).rev().map(digit).collect();
    format!("{}-{}", &code[..3], &code[3..])
}

/// The code that a text means, as [`code_of`] writes it: case, blanks and hyphens do not matter, O is 0, I and L are 1.
#[must_use]
pub fn parse_code(text: &str) -> Option<String> {
    let digit = |c: char| match c.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        c => DIGITS.contains(&u8::try_from(c).ok()?).then_some(c),
    };
    let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let code: Option<String> = kept.map(digit).collect();
    let code = code.filter(|code| code.len() == LENGTH)?;
    Some(format!("{}-{}", &code[..3], &code[3..]))
}

/// Whether a text is this finding id, or its short code.
#[must_use]
pub fn is_meant(text: &str, finding_id: &str) -> bool {
    text == finding_id || parse_code(text).is_some_and(|code| code == code_of(finding_id))
}

/// Whether a finding is among those that are known by their ids, or by their short codes alone.
#[must_use]
pub fn is_known(finding_id: &str, known: &BTreeSet<String>) -> bool {
    known.contains(finding_id) || known.contains(&code_of(finding_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_written() {
        let code = code_of("late-arrival:0102:2026-10-14");
        assert_eq!(code.len(), 7);
        assert_eq!(parse_code(&format!(" {} ", code.to_lowercase().replace('-', " "))), Some(code.clone()));
        assert_ne!(code, code_of("late-arrival:0102:2026-10-15"));
        let id = "late-arrival:0102:2026-10-14";
        assert!(is_meant(id, id) && is_meant(&code, id) && !is_meant(&code, "late-arrival:0102:2026-10-15"));
        assert_eq!(parse_code("oil-abc").as_deref(), Some("011-ABC"));
        assert_eq!(parse_code("late-arrival:0102:2026-10-14"), None);
        assert_eq!(parse_code("4Q7-UZM"), None);
    }

    #[test]
    fn a_finding_is_known_by_its_id_or_its_code() {
        let (one, other) = ("late-arrival:0102:2026-10-14", "late-arrival:0102:2026-10-15");
        let known = BTreeSet::from([one.to_owned(), code_of(other)]);
        assert!(is_known(one, &known) && is_known(other, &known));
        assert!(!is_known("late-arrival:0102:2026-10-16", &known));
    }
}
