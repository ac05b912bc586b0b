//! Adjustments 冲正 (1-product, promise 5): what was booked of an issued month and what it comes to now.
//!
//! Booked is what its issued edition moved, with every adjustment that later months took up. Of a finding that comes to
//! something else now the booking is reversed whole, and what it comes to is booked: nothing is paid twice, and no more
//! is paid back than was taken.

use crate::{
    base::{money::Fen, month::Month},
    rules::rule,
    schema::{
        adjustments::{Adjustment, Movement},
        difference::FindingRow,
        findings::Posting,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// The bookings of a month by finding: movements that were not reversed.
pub type Bookings = BTreeMap<String, Adjustment>;

/// What an edition's rows move.
#[must_use]
pub fn bookings(rows: &[FindingRow], month: Month, edition: u32) -> Bookings {
    let booking = |row: &FindingRow| {
        let rule = rule(row.cell("rule"))?;
        let (movement, amount, hours) = match row.money() {
            Some(("deduct", amount)) => (Movement::Deduct, amount, 0),
            Some((_, amount)) => (Movement::Reward, amount, 0),
            None if row.hours() > 0 => (Movement::Hours, Fen(0), row.hours()),
            None => return None,
        };
        let booking = Adjustment {
            finding_id: row.id().to_owned(),
            employee_id: row.cell("employee_id").to_owned(),
            rule: rule.name,
            destination: rule.destination(),
            belongs_to: month,
            edition,
            movement,
            amount,
            hours,
            is_settled_by_hand: false,
            occurred_on: row.cell("occurred_on").to_owned(),
            summary: row.cell("summary").to_owned(),
        };
        Some((row.id().to_owned(), booking))
    };
    rows.iter().filter_map(booking).collect()
}

/// Takes up what a later month moved of the bookings.
///
/// # Errors
/// A reversal of what is not booked, and a booking of what is: the finding's id.
pub fn take_up(booked: &mut Bookings, moved: &[Adjustment]) -> Result<(), String> {
    let (reversed, new): (Vec<&Adjustment>, Vec<&Adjustment>) = moved.iter().partition(|one| one.movement.is_reverse());
    for one in reversed {
        let key = |one: &Adjustment| (one.employee_id.clone(), one.amount, one.hours, one.edition);
        let before = booked.remove(&one.finding_id);
        if before.is_none_or(|before| key(&before) != key(one) || reverse(before.movement) != one.movement) {
            return Err(one.finding_id.clone());
        }
    }
    for one in new {
        if booked.insert(one.finding_id.clone(), one.clone()).is_some() {
            return Err(one.finding_id.clone());
        }
    }
    Ok(())
}

fn reverse(movement: Movement) -> Movement {
    match movement {
        Movement::Deduct => Movement::ReverseDeduct,
        Movement::Reward => Movement::ReverseReward,
        Movement::Hours => Movement::ReverseHours,
        other => other,
    }
}

/// What has to move so that `booked` becomes `now`; who is not `on_payroll` is settled by hand. Sorted by employee id,
/// month, finding, movement.
#[must_use]
pub fn adjustments(booked: &Bookings, now: &Bookings, on_payroll: &dyn Fn(&str) -> bool) -> Vec<Adjustment> {
    let ids: BTreeSet<&String> = booked.keys().chain(now.keys()).collect();
    let mut moved = Vec::new();
    for id in ids {
        let (before, after) = (booked.get(id), now.get(id));
        let key = |one: &Adjustment| (one.employee_id.clone(), one.movement, one.amount, one.hours);
        if before.map(key) == after.map(key) {
            continue;
        }
        moved.extend(before.map(|one| Adjustment { movement: reverse(one.movement), ..one.clone() }));
        moved.extend(after.cloned());
    }
    for one in &mut moved {
        one.is_settled_by_hand = !on_payroll(&one.employee_id);
    }
    sort(&mut moved);
    moved
}

/// Sorts by employee id, month, finding, movement.
pub fn sort(adjustments: &mut [Adjustment]) {
    let key = |one: &Adjustment| (one.employee_id.clone(), one.belongs_to, one.finding_id.clone(), one.movement);
    adjustments.sort_by_cached_key(key);
}

/// The movements of money among adjustments, as the edition `edition` of the month `paid_in` posts them.
#[must_use]
pub fn adjusting_postings(adjustments: &[Adjustment], paid_in: Month, edition: u32) -> Vec<Posting> {
    let money = adjustments.iter().filter(|one| !one.movement.is_hours());
    let posting = |one: &Adjustment| Posting {
        id: format!("{paid_in}/{edition:03}/{}/{}/{}", one.belongs_to, one.movement.word(), one.finding_id),
        finding_id: one.finding_id.clone(),
        edition: one.edition,
        employee_id: one.employee_id.clone(),
        rule: one.rule,
        direction: one.movement.word(),
        amount: one.amount,
        destination: one.destination,
        belongs_to: one.belongs_to,
        paid_in,
    };
    money.map(posting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month() -> Month {
        "2026-09".parse().unwrap()
    }

    fn row(id: &str, employee: &str, status: &str, amount: &str) -> FindingRow {
        let cells = FindingRow::COLUMNS.map(|column| match column {
            "finding_id" => id,
            "rule" => id.split(':').next().unwrap(),
            "employee_id" => employee,
            "status" => status,
            "amount" => amount,
            "quantity" => "2.50",
            "destination" => "company",
            _ => "",
        });
        FindingRow::new(cells.map(str::to_owned).to_vec()).unwrap()
    }

    fn shown(moved: &[Adjustment]) -> Vec<String> {
        let one = |one: &Adjustment| {
            let amount = if one.movement.is_hours() { one.hours.to_string() } else { one.amount.to_string() };
            format!("{} {} {} {amount} {}", one.employee_id, one.finding_id, one.movement.word(), one.edition)
        };
        moved.iter().map(one).collect()
    }

    #[test]
    fn what_was_booked_is_reversed_whole_and_what_it_comes_to_is_booked() {
        let was = [row("loss:1:a", "1", "charge", "20.00"), row("reward:1:b", "1", "credit", "100.00")];
        let is = [row("loss:1:a", "1", "charge", "10.00"), row("overtime-claim:2:c", "2", "hours", "")];
        let (booked, now) = (bookings(&was, month(), 1), bookings(&is, month(), 2));
        let moved = adjustments(&booked, &now, &|id| id != "2");
        let expected = [
            "1 loss:1:a reverse-deduct 20.00 1",
            "1 loss:1:a deduct 10.00 2",
            "1 reward:1:b reverse-reward 100.00 1",
            "2 overtime-claim:2:c hours 250 2",
        ];
        assert_eq!(shown(&moved), expected);
        assert_eq!(moved.iter().map(|one| one.is_settled_by_hand).collect::<Vec<_>>(), [false, false, false, true]);
        let mut booked = booked;
        take_up(&mut booked, &moved).unwrap();
        assert_eq!(shown(&adjustments(&booked, &now, &|_| true)), [""; 0], "taken up once");
        assert_eq!(take_up(&mut booked, &moved).unwrap_err(), "loss:1:a", "nothing is paid back twice");
    }

    #[test]
    fn a_line_that_becomes_somebody_elses_is_paid_back_and_charged_there() {
        let booked = bookings(&[row("loss::a", "1", "charge", "20.00")], month(), 1);
        let now = bookings(&[row("loss::a", "2", "charge", "20.00")], month(), 3);
        let expected = ["1 loss::a reverse-deduct 20.00 1", "2 loss::a deduct 20.00 3"];
        assert_eq!(shown(&adjustments(&booked, &now, &|_| true)), expected);
        // In both directions: who comes first in the list does not matter.
        for (from, to) in [(&booked, &now), (&now, &booked)] {
            let mut taken = from.clone();
            take_up(&mut taken, &adjustments(from, to, &|_| true)).unwrap();
            assert_eq!(&taken, to);
        }
    }

    #[test]
    fn an_edition_that_says_the_same_moves_nothing() {
        let rows = [row("loss:1:a", "1", "charge", "20.00"), row("loss:1:b", "1", "charge", "0.00")];
        let (first, second) = (bookings(&rows, month(), 1), bookings(&rows, month(), 2));
        assert_eq!(first.len(), 1, "nothing moves nothing");
        assert!(adjustments(&first, &second, &|_| true).is_empty());
        assert!(adjusting_postings(&[], month(), 1).is_empty());
    }
}
