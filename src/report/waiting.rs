//! Who has not answered: the lines that wait, by whoever should answer them.

use super::Report;
use crate::schema::{
    deciders::Role,
    findings::{Finding, Status},
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Who may answer, any of them: a role, and of a manager the id.
pub type Whom = Vec<(Role, String)>;
/// How many lines, and when the first is due.
pub type Count = (u64, Option<NaiveDate>);

/// Whether a finding waits for an answer or an approval.
#[must_use]
pub fn is_waiting(finding: &Finding) -> bool {
    match finding.status {
        Status::Hold | Status::Unpriced => true,
        Status::Notice => finding.reason == "pending",
        _ => false,
    }
}

/// The lines that wait, each counted once: who may answer it is one of a group.
#[must_use]
pub fn groups(report: &Report<'_>) -> BTreeMap<Whom, Count> {
    let mut groups: BTreeMap<Whom, Count> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| is_waiting(finding)) {
        let named = |role| {
            let person = report.people.get(&finding.employee_id).filter(|_| role == Role::Manager);
            (role, person.map(|person| person.manager_id.clone()).unwrap_or_default())
        };
        let whom: Whom = report.whom(finding).into_iter().map(named).collect();
        let (count, due) = groups.entry(whom).or_default();
        *count += 1;
        *due = due.iter().copied().chain(finding.due_on).min();
    }
    groups
}

/// The same under words: `manager 0101`, `hr`, `manager 0101 or general-manager`.
#[must_use]
pub fn waiting(report: &Report<'_>) -> BTreeMap<String, Count> {
    let named = |(role, id): &(Role, String)| format!("{} {id}", role.word()).trim_end().to_owned();
    let key = |whom: &Whom| whom.iter().map(named).collect::<Vec<_>>().join(" or ");
    groups(report).iter().map(|(whom, count)| (key(whom), *count)).collect()
}
