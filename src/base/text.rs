//! Text that somebody else wrote, made safe to be drawn: in a cell, on a terminal.

/// Whether a character would not be drawn, or change how others are drawn.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    let is_bidi = matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_bidi || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Line breaks and tabs of an export are plain spaces in a cell; the rest would be drawn wrongly or not at all.
#[must_use]
pub fn visible(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        _ if is_unsafe(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// Several lines for a terminal: line breaks stay, what would steer it does not.
#[must_use]
pub fn on_terminal(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { visible(c) }).collect()
}

/// A text of which only the first character is shown.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map_or_else(String::new, |first| first.to_string());
    format!("{first}{}", "*".repeat(characters.count().min(6)))
}

/// How a text that should be a time is written: as it stands where it can be nothing else, such as `2047-02-30 19:13`;
/// else without what it says, `14-10-2026 8:31PM` as `00-00-0000 0:00aa`.
#[must_use]
pub fn shape(text: &str) -> String {
    const LONGEST: usize = 32;
    let is_word = |c: char| c.is_alphabetic() && !"星期周一二三四五六日天次上下午年月时分秒".contains(c);
    let is_clock = text.contains(':') && !text.contains(is_word);
    let longest_number = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    if is_clock && longest_number <= 4 && text.len() <= LONGEST {
        return on_terminal(text);
    }
    let of = |c: char| match c {
        _ if c.is_numeric() => '0',
        _ if c.is_alphabetic() => 'a',
        _ => visible(c),
    };
    text.chars().take(LONGEST).map(of).collect()
}

/// The width of a text on a terminal: 2 for what is drawn wide.
#[must_use]
pub fn drawn_width(text: &str) -> usize {
    text.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum()
}

/// Whether a spreadsheet would take a field for a formula.
#[must_use]
pub fn begins_formula(field: &str) -> bool {
    field.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A field as it was before it was guarded against being a formula.
#[must_use]
pub fn unguarded(field: &str) -> &str {
    field.strip_prefix('\'').filter(|bare| begins_formula(bare)).unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use super::{on_terminal, shape};

    #[test]
    fn a_shape_tells_times_and_nobody() {
        assert_eq!(shape("2047-02-30 19:13:30"), "2047-02-30 19:13:30");
        assert_eq!(shape("14-10-2026 8:31PM"), "00-00-0000 0:00aa");
        assert_eq!(shape("26-10-12 星期一 25:10"), "26-10-12 星期一 25:10");
        assert_eq!(shape("张伟 13800138000"), "aa 00000000000");
        assert_eq!(shape("8:13800138000"), "0:00000000000");
    }

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(on_terminal("a\n张\u{202E}三\u{1b}[31m\u{7}"), "a\n张\u{FFFD}三\u{FFFD}[31m\u{FFFD}");
    }
}
