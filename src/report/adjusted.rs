//! Sums of what a month takes up of earlier ones (冲正): how much goes which way.

use super::Report;
use crate::{
    base::money::Fen,
    schema::adjustments::{Adjustment, Movement},
};
use std::collections::{BTreeMap, BTreeSet};

/// Counts and sums of adjustments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adjusted {
    /// How many.
    pub count: u64,
    /// Of how many employees.
    pub people: u64,
    /// In the order of [`Movement::ALL`]: how many, how much money, hundredths of an hour.
    sums: [(u64, Fen, i64); 6],
}

impl Adjusted {
    /// What `all` come to.
    #[must_use]
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Adjustment>) -> Self {
        let mut adjusted = Self::default();
        let mut people = BTreeSet::new();
        for one in all {
            let (count, money, hours) = &mut adjusted.sums[one.movement as usize];
            *count += 1;
            money.0 += one.amount.0;
            *hours += one.hours;
            adjusted.count += 1;
            people.insert(one.employee_id.as_str());
        }
        adjusted.people = people.len() as u64;
        adjusted
    }

    /// How many go one way.
    #[must_use]
    pub fn count(&self, movement: Movement) -> u64 {
        self.sums[movement as usize].0
    }

    /// Their money.
    #[must_use]
    pub fn sum(&self, movement: Movement) -> Fen {
        self.sums[movement as usize].1
    }

    /// Their hours, in hundredths.
    #[must_use]
    pub fn hours(&self, movement: Movement) -> i64 {
        self.sums[movement as usize].2
    }

    /// What employees get: deductions paid back, and rewards.
    #[must_use]
    pub fn given(&self) -> Fen {
        Fen(self.sum(Movement::ReverseDeduct).0 + self.sum(Movement::Reward).0)
    }

    /// What is taken from employees: deductions, and rewards taken back.
    #[must_use]
    pub fn taken(&self) -> Fen {
        Fen(self.sum(Movement::Deduct).0 + self.sum(Movement::ReverseReward).0)
    }

    /// Above 0 in the employees' favour.
    #[must_use]
    pub fn favour(&self) -> Fen {
        Fen(self.given().0 - self.taken().0)
    }

    /// What comes to the deductions of the month.
    #[must_use]
    pub fn deducted(&self) -> Fen {
        Fen(self.sum(Movement::Deduct).0 - self.sum(Movement::ReverseDeduct).0)
    }

    /// What comes to the rewards of the month.
    #[must_use]
    pub fn rewarded(&self) -> Fen {
        Fen(self.sum(Movement::Reward).0 - self.sum(Movement::ReverseReward).0)
    }
}

/// What one adjustment is to the employee: above 0 in the own favour; 0 of hours.
#[must_use]
pub fn favour(one: &Adjustment) -> Fen {
    Adjusted::of([one]).favour()
}

/// The adjustments that payroll imports, or those that are settled by hand.
pub fn settled<'a>(report: &'a Report<'_>, by_hand: bool) -> impl Iterator<Item = &'a Adjustment> {
    report.adjustments.iter().filter(move |one| one.is_settled_by_hand == by_hand)
}

/// How many employees of payroll have money taken from them on balance, and how much.
#[must_use]
pub fn burdened(report: &Report<'_>) -> (u64, Fen) {
    let mut nets: BTreeMap<&str, i64> = BTreeMap::new();
    for one in settled(report, false) {
        *nets.entry(&one.employee_id).or_default() += favour(one).0;
    }
    let below = || nets.values().filter(|net| **net < 0);
    (below().count() as u64, Fen(-below().sum::<i64>()))
}
