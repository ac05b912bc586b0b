//! Postings and ledger: every movement of money, and its sums.

use crate::{
    base::{money::Fen, month::Month},
    schema::findings::{Finding, LedgerRow, Posting, Status},
};
use std::collections::BTreeMap;

/// The movements of a month's findings, in the findings' order. `edition` is the edition that posts them.
#[must_use]
pub fn postings(findings: &[Finding], month: Month, edition: u32) -> Vec<Posting> {
    let direction = |status| match status {
        Status::Charge => Some("deduct"),
        Status::Credit => Some("reward"),
        _ => None,
    };
    let moved = findings.iter().filter_map(|finding| Some((finding, direction(finding.status)?, finding.amount?)));
    // What an amendment or a limit brought to nothing moves nothing.
    let moved = moved.filter(|(.., amount)| *amount > Fen(0));
    let posting = |(finding, direction, amount): (&Finding, &'static str, Fen)| Posting {
        id: format!("{month}/{edition:03}/{}", finding.id),
        finding_id: finding.id.clone(),
        edition,
        employee_id: finding.employee_id.clone(),
        rule: finding.rule,
        direction,
        amount,
        destination: finding.destination,
        belongs_to: finding.belongs_to,
        paid_in: month,
    };
    moved.map(posting).collect()
}

/// One row per employee, rule, direction and destination, sorted.
#[must_use]
pub fn ledger(postings: &[Posting]) -> Vec<LedgerRow> {
    let mut sums: BTreeMap<_, (u64, Fen)> = BTreeMap::new();
    for posting in postings {
        let key = (posting.employee_id.clone(), posting.rule, posting.direction, posting.destination);
        let (count, sum) = sums.entry(key).or_default();
        *count += 1;
        *sum = Fen(sum.0 + posting.amount.0);
    }
    let rows = sums.into_iter().map(|((employee_id, rule, direction, destination), (count, amount))| LedgerRow {
        employee_id,
        rule,
        direction,
        destination,
        count,
        amount,
    });
    rows.collect()
}
