//! What earlier editions say that a month is judged with: which findings there were, what an issued month charged, and
//! what other months pay.

use super::adjust::Bookings;
use crate::{
    base::{evidence::RowRef, money::Fen, month::Month},
    schema::{
        adjustments::Movement,
        difference::FindingRow,
        findings::{Finding, Status},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// What earlier editions say.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// What decisions may be about: the ids of the findings of all editions, short codes of pruned ones.
    pub known: BTreeSet<String>,
    /// What the month charges already, where it was issued: more than that needs a person.
    pub charged: Option<Charged>,
    /// The decisions that an edition of the issued month read already: they confirmed what stood there, not what is new.
    pub read: BTreeSet<RowRef>,
    /// Findings that another issued month pays, with that month.
    pub elsewhere: BTreeMap<String, Month>,
}

/// What an issued month charges of each finding: whom, and at most how much.
#[derive(Clone, Debug, Default)]
pub struct Charged(BTreeMap<String, Vec<(String, Fen)>>);

impl Charged {
    /// What the editions of an issued month charge, the first of them first, and what is `booked` of it.
    ///
    /// An objection only interrupts a charge: what was charged before it comes back when it is dismissed, and so does
    /// what was objected to before the month was issued, at its price of then.
    #[must_use]
    pub fn of(editions: &[Vec<FindingRow>], booked: &Bookings) -> Self {
        let mut charged = Self::default();
        for one in booked.values().filter(|one| one.movement == Movement::Deduct) {
            charged.add(&one.finding_id, &one.employee_id, Some(one.amount));
        }
        let Some((latest, before)) = editions.split_last() else { return charged };
        let before: Vec<BTreeMap<&str, &FindingRow>> =
            before.iter().rev().map(|rows| rows.iter().map(|row| (row.id(), row)).collect()).collect();
        for row in latest {
            let mut rows = std::iter::once(Some(row)).chain(before.iter().map(|rows| rows.get(row.id()).copied()));
            let mut last = row;
            let charge = loop {
                match rows.next() {
                    None => break Some("unit_amount"),
                    Some(Some(row)) if is_objected(row) => last = row,
                    Some(Some(row)) if row.cell("status") == Status::Charge.word() => {
                        last = row;
                        break Some("amount");
                    }
                    Some(_) => break None,
                }
            };
            if let Some(column) = charge {
                charged.add(row.id(), last.cell("employee_id"), Fen::parse_yuan(last.cell(column)));
            }
        }
        charged
    }

    fn add(&mut self, finding: &str, employee: &str, amount: Option<Fen>) {
        if let Some(amount) = amount {
            self.0.entry(finding.to_owned()).or_default().push((employee.to_owned(), amount));
        }
    }

    /// Whether the month charges this already, or more.
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        let amount = finding.amount.unwrap_or_default();
        let own = self.0.get(&finding.id).into_iter().flatten();
        own.into_iter().any(|(whom, limit)| *whom == finding.employee_id && amount <= *limit)
    }
}

fn is_objected(row: &FindingRow) -> bool {
    row.cell("status") == Status::Hold.word() && row.cell("reason") == "objection"
}

#[cfg(test)]
mod tests {
    use super::{super::adjust::bookings, *};

    /// An edition with one line: its status, reason and amount; its price is 30.
    fn edition(status: &str, reason: &str, amount: &str) -> Vec<FindingRow> {
        let cells = FindingRow::COLUMNS.map(|column| match column {
            "finding_id" => "loss:07:L1",
            "employee_id" => "07",
            "status" => status,
            "reason" => reason,
            "amount" => amount,
            "unit_amount" => "30.00",
            _ => "",
        });
        vec![FindingRow::new(cells.map(str::to_owned).to_vec()).unwrap()]
    }

    /// `20.00`, or `none` where it is not charged.
    fn limit(editions: &[&Vec<FindingRow>]) -> String {
        let editions: Vec<Vec<FindingRow>> = editions.iter().map(|rows| (*rows).clone()).collect();
        let charged = Charged::of(&editions, &Bookings::new());
        charged.0.get("loss:07:L1").map_or_else(|| "none".to_owned(), |own| own[0].1.to_string())
    }

    #[test]
    fn an_objection_only_interrupts_a_charge() {
        let (charge, objected) = (edition("charge", "", "20.00"), edition("hold", "objection", ""));
        let (held, late) = (edition("hold", "late-class", ""), edition("hold", "late-charge", ""));
        assert_eq!(limit(&[&charge]), "20.00");
        assert_eq!(limit(&[&charge, &objected]), "20.00");
        assert_eq!(limit(&[&charge, &objected, &objected]), "20.00");
        assert_eq!(limit(&[&objected]), "30.00", "objected to before the month was issued");
        assert_eq!(limit(&[&held]), "none");
        assert_eq!(limit(&[&late, &objected]), "none", "it was never charged");
        assert_eq!(limit(&[&Vec::new(), &objected]), "none", "it came with the second edition");
        assert_eq!(limit(&[&charge, &Vec::new()]), "none", "the second edition took it back");
        assert_eq!(limit(&[&edition("charge", "capped", "13.00")]), "13.00");
        assert_eq!(limit(&[&held, &charge]), "20.00");
    }

    #[test]
    fn what_is_booked_is_charged_whatever_the_latest_edition_says() {
        let booked = bookings(&edition("charge", "", "20.00"), "2026-09".parse().unwrap(), 1);
        assert!(booked.is_empty(), "a row without its rule moves nothing");
        let mut row = edition("charge", "", "20.00")[0].cells().to_vec();
        row[1] = "loss".to_owned();
        let booked = bookings(&[FindingRow::new(row).unwrap()], "2026-09".parse().unwrap(), 1);
        let charged = Charged::of(&[Vec::new()], &booked);
        assert_eq!(charged.0["loss:07:L1"], [("07".to_owned(), Fen(2000))]);
    }
}
