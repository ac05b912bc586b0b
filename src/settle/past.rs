//! What earlier editions say that a month is judged with: which findings there were, what an issued month charged, and
//! what other months pay.

use crate::{
    base::{money::Fen, month::Month},
    schema::{
        difference::FindingRow,
        findings::{Finding, Status},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// What earlier editions say.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The ids of the findings of all editions.
    pub known: BTreeSet<String>,
    /// What the month charges already, where it was issued: more than that needs a person.
    pub charged: Option<Charged>,
    /// Findings that another issued month pays, with that month.
    pub elsewhere: BTreeMap<String, Month>,
}

/// What an issued month charges of each finding: whom, and at most how much; without an amount whatever it comes to.
#[derive(Clone, Debug, Default)]
pub struct Charged(BTreeMap<String, (String, Option<Fen>)>);

impl Charged {
    /// What the editions of an issued month charge, the first of them first.
    ///
    /// An objection only interrupts a charge: what was charged before it comes back when it is dismissed, and so does
    /// what was objected to before the month was issued. A charge that the limits cut was a charge of its whole price.
    #[must_use]
    pub fn of(editions: &[Vec<FindingRow>]) -> Self {
        let Some((latest, before)) = editions.split_last() else { return Self::default() };
        let before: Vec<BTreeMap<&str, &FindingRow>> =
            before.iter().rev().map(|rows| rows.iter().map(|row| (row.id(), row)).collect()).collect();
        let of = |row: &FindingRow| {
            let mut whom = row.cell("employee_id").to_owned();
            let mut rows = std::iter::once(Some(row)).chain(before.iter().map(|rows| rows.get(row.id()).copied()));
            let limit = loop {
                match rows.next() {
                    None => break None,
                    Some(Some(row)) if is_objected(row) => {}
                    Some(Some(row)) if row.cell("status") == Status::Charge.word() => {
                        row.cell("employee_id").clone_into(&mut whom);
                        break if row.cell("reason") == "capped" { None } else { Fen::parse_yuan(row.cell("amount")) };
                    }
                    Some(_) => return None,
                }
            };
            Some((row.id().to_owned(), (whom, limit)))
        };
        Self(latest.iter().filter_map(of).collect())
    }

    /// Whether the month charges this already, or more.
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        let amount = finding.amount.unwrap_or_default();
        self.0
            .get(&finding.id)
            .is_some_and(|(whom, limit)| *whom == finding.employee_id && limit.is_none_or(|limit| amount <= limit))
    }
}

fn is_objected(row: &FindingRow) -> bool {
    row.cell("status") == Status::Hold.word() && row.cell("reason") == "objection"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edition with one line: its status, reason and amount.
    fn edition(status: &str, reason: &str, amount: &str) -> Vec<FindingRow> {
        let cells = FindingRow::COLUMNS.map(|column| match column {
            "finding_id" => "loss:07:L1",
            "employee_id" => "07",
            "status" => status,
            "reason" => reason,
            "amount" => amount,
            _ => "",
        });
        vec![FindingRow::new(cells.map(str::to_owned).to_vec()).unwrap()]
    }

    /// `20.00`, `all` where there is no limit, `none` where it is not charged.
    fn limit(editions: &[&Vec<FindingRow>]) -> String {
        let editions: Vec<Vec<FindingRow>> = editions.iter().map(|rows| (*rows).clone()).collect();
        match Charged::of(&editions).0.get("loss:07:L1") {
            None => "none".to_owned(),
            Some((_, None)) => "all".to_owned(),
            Some((_, Some(limit))) => limit.to_string(),
        }
    }

    #[test]
    fn an_objection_only_interrupts_a_charge() {
        let (charge, objected) = (edition("charge", "", "20.00"), edition("hold", "objection", ""));
        let (held, late) = (edition("hold", "late-class", ""), edition("hold", "late-charge", ""));
        assert_eq!(limit(&[&charge]), "20.00");
        assert_eq!(limit(&[&charge, &objected]), "20.00");
        assert_eq!(limit(&[&charge, &objected, &objected]), "20.00");
        assert_eq!(limit(&[&objected]), "all", "objected to before the month was issued");
        assert_eq!(limit(&[&held]), "none");
        assert_eq!(limit(&[&late, &objected]), "none", "it was never charged");
        assert_eq!(limit(&[&Vec::new(), &objected]), "none", "it came with the second edition");
        assert_eq!(limit(&[&charge, &Vec::new()]), "none", "the second edition took it back");
        assert_eq!(limit(&[&edition("charge", "capped", "13.00")]), "all");
        assert_eq!(limit(&[&held, &charge]), "20.00");
    }
}
