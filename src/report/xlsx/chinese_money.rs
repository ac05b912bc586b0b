//! Amounts in Chinese capitals (大写), as the line below a table of money has them.
//!
//! 到元 ends with 整, 到角 and 到分 do not; zeros between are one 零: 325.04 is 叁佰贰拾伍元零肆分.

use crate::base::money::Fen;

const DIGITS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];

/// The amount in capitals, without 人民币: 壹佰贰拾元整.
#[must_use]
pub fn capitals(amount: Fen) -> String {
    let fen = amount.0.unsigned_abs();
    let (yuan, rest) = (fen / 100, fen % 100);
    let mut text = String::from(if amount.0 < 0 { "负" } else { "" });
    if yuan > 0 || rest == 0 {
        text.push_str(if yuan == 0 { DIGITS[0] } else { "" });
        text.push_str(&integer(yuan));
        text.push('元');
    }
    text + &match (rest / 10, rest % 10) {
        (0, 0) => "整".to_owned(),
        (jiao, 0) => format!("{}角", digit(jiao)),
        (0, fen) if yuan == 0 => format!("{}分", digit(fen)),
        (0, fen) => format!("零{}分", digit(fen)),
        (jiao, fen) => format!("{}角{}分", digit(jiao), digit(fen)),
    }
}

fn digit(number: u64) -> &'static str {
    usize::try_from(number).ok().and_then(|place| DIGITS.get(place)).copied().unwrap_or("")
}

/// A whole number without its unit; nothing for 0.
fn integer(number: u64) -> String {
    const WAN: u64 = 10_000;
    const YI: u64 = WAN * WAN;
    match number {
        0..WAN => thousands(number),
        WAN..YI => joined(number / WAN, "万", number % WAN, WAN),
        _ => joined(number / YI, "亿", number % YI, YI),
    }
}

fn joined(high: u64, unit: &str, low: u64, base: u64) -> String {
    let zero = if low > 0 && low < base / 10 { "零" } else { "" };
    format!("{}{unit}{zero}{}", integer(high), integer(low))
}

/// A number below 10,000.
fn thousands(number: u64) -> String {
    let places = [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")];
    let mut text = String::new();
    let mut is_gap = false;
    for (place, unit) in places {
        let value = number / place % 10;
        if value == 0 {
            is_gap = !text.is_empty();
            continue;
        }
        text.push_str(if is_gap { DIGITS[0] } else { "" });
        text.push_str(digit(value));
        text.push_str(unit);
        is_gap = false;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_practice_notes() {
        let examples = [
            ("120", "壹佰贰拾元整"),
            ("1409.50", "壹仟肆佰零玖元伍角"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("10", "壹拾元整"),
            ("0", "零元整"),
        ];
        for (yuan, expected) in examples {
            assert_eq!(capitals(Fen::parse_yuan(yuan).unwrap()), expected, "{yuan}");
        }
    }

    #[test]
    fn zeros_ten_thousands_and_parts_of_a_yuan() {
        let examples = [
            (5, "伍分"),
            (50, "伍角"),
            (55, "伍角伍分"),
            (100_000, "壹仟元整"),
            (100_100, "壹仟零壹元整"),
            (1_000_000, "壹万元整"),
            (1_002_000, "壹万零贰拾元整"),
            (20_300_000, "贰拾万叁仟元整"),
            (100_000_000, "壹佰万元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (100_005_000_000, "壹拾亿零伍万元整"),
            (-2_000, "负贰拾元整"),
        ];
        for (fen, expected) in examples {
            assert_eq!(capitals(Fen(fen)), expected, "{fen}");
        }
    }
}
