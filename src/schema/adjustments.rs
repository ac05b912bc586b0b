//! Adjustments 冲正: what an issued month takes up of earlier months that were judged again since.
//!
//! What was booked of a finding is reversed whole, then what it comes to now is booked: the sum of all movements of a
//! finding is always what the latest edition of its month says.

use crate::base::{money::Fen, month::Month};

/// Which way an adjustment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// A deduction is paid back.
    ReverseDeduct,
    /// A deduction.
    Deduct,
    /// A reward is taken back.
    ReverseReward,
    /// A reward.
    Reward,
    /// Overtime hours are taken back.
    ReverseHours,
    /// Overtime hours.
    Hours,
}

impl Movement {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ReverseDeduct, Self::Deduct, Self::ReverseReward, Self::Reward, Self::ReverseHours, Self::Hours];

    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["reverse-deduct", "deduct", "reverse-reward", "reward", "reverse-hours", "hours"][self as usize]
    }

    /// The movement that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.word() == word)
    }

    /// Whether it takes back what was booked.
    #[must_use]
    pub fn is_reverse(self) -> bool {
        matches!(self, Self::ReverseDeduct | Self::ReverseReward | Self::ReverseHours)
    }

    /// Whether it moves hours and no money.
    #[must_use]
    pub fn is_hours(self) -> bool {
        matches!(self, Self::Hours | Self::ReverseHours)
    }
}

/// One movement of an earlier month's finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The finding.
    pub finding_id: String,
    /// Whose money or hours.
    pub employee_id: String,
    /// The rule.
    pub rule: &'static str,
    /// Where a deduction goes.
    pub destination: &'static str,
    /// The month of the finding.
    pub belongs_to: Month,
    /// The edition of that month that is reversed, or that books it.
    pub edition: u32,
    /// Which way.
    pub movement: Movement,
    /// How much money; 0 of hours.
    pub amount: Fen,
    /// Hundredths of an hour; 0 of money.
    pub hours: i64,
    /// Whether payroll has the employee no longer: it is settled by hand and not imported.
    pub is_settled_by_hand: bool,
    /// The day of the event, `2026-09-14`.
    pub occurred_on: String,
    /// The finding in one sentence, as that edition said it.
    pub summary: String,
}
