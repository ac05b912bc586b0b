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
    use super::on_terminal;

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(on_terminal("a\n张\u{202E}三\u{1b}[31m\u{7}"), "a\n张\u{FFFD}三\u{FFFD}[31m\u{FFFD}");
    }
}
