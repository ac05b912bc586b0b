//! Quantities: whole numbers, or hours with two decimals.

use std::fmt;

/// How many, or how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// A count, minutes or days: `12`.
    Whole(i64),
    /// Hundredths of an hour, rounded down: `250` is `2.50`.
    Hours(i64),
}

impl fmt::Display for Quantity {
    /// Whole numbers plain, hours with two decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Hours(hundredths) => write!(f, "{}.{:02}", hundredths / 100, hundredths % 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn hours_have_two_decimals() {
        assert_eq!(Quantity::Hours(205).to_string(), "2.05");
        assert_eq!(Quantity::Hours(3600).to_string(), "36.00");
        assert_eq!(Quantity::Whole(12).to_string(), "12");
    }
}
