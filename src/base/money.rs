//! Money: integer fen, the only money type of the program.
//!
//! 1 yuan = 100 fen. Amounts are positive; a sheet or a posting says the direction.

use std::fmt;

/// An amount of money in fen (0.01 yuan).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(pub i64);

impl Fen {
    /// Reads an amount in yuan: `20`, `20.5`, `20.50`, `1,409.50`, `¥20`.
    ///
    /// Unit: yuan with at most two decimals. Returns `None` for anything else, a negative amount included.
    #[must_use]
    pub fn parse_yuan(text: &str) -> Option<Self> {
        let bare = text.trim().trim_start_matches(['¥', '￥']);
        let (yuan, cents) = bare.split_once('.').unwrap_or((bare, ""));
        // A comma is a thousands separator only where all are: `33,5` is no 335.
        let mut groups = yuan.split(',');
        let is_first = groups.next().is_some_and(|first| !yuan.contains(',') || (1..=3).contains(&first.len()));
        if !is_first || groups.any(|group| group.len() != 3) {
            return None;
        }
        let yuan = yuan.replace(',', "");
        let yuan = yuan.as_str();
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if yuan.is_empty() || !all_digits(yuan) || cents.len() > 2 || !all_digits(cents) {
            return None;
        }
        let yuan: i64 = yuan.parse().ok()?;
        let fen: i64 = format!("{cents:0<2}").parse().ok()?;
        yuan.checked_mul(100)?.checked_add(fen).map(Self)
    }
}

impl fmt::Display for Fen {
    /// Yuan with two decimals: `20.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl std::iter::Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.map(|fen| fen.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::Fen;

    #[test]
    fn reads_yuan_and_refuses_what_is_not_money() {
        for (text, fen) in [("20", 2000), ("20.5", 2050), ("0.05", 5), ("1,409.50", 140_950), (" ¥7 ", 700)] {
            assert_eq!(Fen::parse_yuan(text), Some(Fen(fen)), "{text}");
        }
        for text in
            ["", "-5", "1.234", "20元", "1e3", ".5", "二十", "33,5", "12,34", "1,2,3", "1,2345", ",200", "1409,500"]
        {
            assert_eq!(Fen::parse_yuan(text), None, "{text}");
        }
    }

    #[test]
    fn prints_two_decimals() {
        assert_eq!(Fen(2000).to_string(), "20.00");
        assert_eq!(Fen(5).to_string(), "0.05");
        assert_eq!(Fen(-205).to_string(), "-2.05");
    }
}
