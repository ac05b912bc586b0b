//! Floor 6: findings, postings and data quality → bytes. One sheet, one file; functions of their arguments.

pub mod adjusted;
pub mod clauses;
pub mod csv;
pub mod import;
pub mod summary;
pub mod waiting;
pub mod words;
pub mod xlsx;

use crate::{
    base::{
        money::Fen,
        month::{Month, Period},
        quantity::Quantity,
    },
    policy::Policy,
    schema::{
        adjustments::Adjustment,
        deciders::{Deciders, Role},
        difference::Rerun,
        findings::{Finding, LedgerRow, Posting, Status, Suspension, Unaudited},
        inputs::{Inputs, Rejected},
    },
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// The language of sheets and mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// zh-CN.
    Chinese,
    /// en.
    English,
}

/// A member of staff, as sheets show them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Employee id, text.
    pub id: String,
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Position; may be empty.
    pub position: String,
    /// The manager's id; may be empty.
    pub manager_id: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// The last day, where there is one.
    pub leave_date: Option<NaiveDate>,
}

/// What an earlier payroll month came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthTotal {
    /// The payroll month.
    pub month: Month,
    /// Its latest edition.
    pub edition: u32,
    /// Whether that closed the month.
    pub is_issued: bool,
    /// What was deducted.
    pub deductions: Fen,
    /// What was rewarded.
    pub rewards: Fen,
}

/// Everything that a report of a month shows.
pub struct Report<'a> {
    /// The language.
    pub language: Language,
    /// The centre's name.
    pub centre: &'a str,
    /// The payroll month.
    pub period: Period,
    /// The edition's number.
    pub edition: u32,
    /// Whether the month is closed with it (else it is a proposal).
    pub is_issued: bool,
    /// What it says of the edition that it replaces, where an issued month was judged again.
    pub rerun: Option<&'a Rerun>,
    /// What is taken up of earlier months, sorted by employee id, month, finding, movement.
    pub adjustments: &'a [Adjustment],
    /// Until when employees may object (proposals).
    pub objection_until: Option<NaiveDate>,
    /// All findings, sorted by employee id, rule, subject.
    pub findings: &'a [Finding],
    /// Every movement of money.
    pub postings: &'a [Posting],
    /// Its sums, adjustments among them.
    pub ledger: &'a [LedgerRow],
    /// The sums that payroll imports: the ledger without what is settled by hand.
    pub payroll: &'a [LedgerRow],
    /// What could not be judged, sorted.
    pub suspensions: &'a [Suspension],
    /// Rules that are not audited, and why.
    pub unaudited: &'a [Unaudited],
    /// Rules in shadow mode.
    pub shadow_rules: &'a BTreeSet<String>,
    /// What they found; never in sums, ledger or import.
    pub shadow: &'a [Finding],
    /// Rejected rows and decisions, sorted.
    pub rejected: &'a [Rejected],
    /// What was read: files with totals, states, people outside the roster.
    pub inputs: &'a Inputs,
    /// Earlier payroll months in order, each once.
    pub history: &'a [MonthTotal],
    /// The staff by employee id.
    pub people: &'a BTreeMap<String, Person>,
    /// Who may decide what.
    pub deciders: &'a Deciders,
    /// The dated values.
    pub policy: &'a Policy,
    /// The control of each payroll import file of an issued month.
    pub imports: &'a [import::Control],
    /// Name and hash of configuration, policy, calendar and program, for 运行说明.
    pub basis: &'a [(String, String)],
}

impl Report<'_> {
    /// The findings of a status.
    pub fn of(&self, status: Status) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.status == status)
    }

    /// Whether the month is closed: issued, or judged again since.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_issued || self.rerun.is_some()
    }

    /// The sum of the amounts of a status.
    #[must_use]
    pub fn sum(&self, status: Status) -> Fen {
        self.of(status).filter_map(|finding| finding.amount).sum()
    }

    /// How many overtime claims are to be paid, and their hours.
    #[must_use]
    pub fn hours(&self) -> (usize, Quantity) {
        let hundredths = |finding: &Finding| match finding.quantity {
            Quantity::Hours(hundredths) => hundredths,
            Quantity::Whole(_) => 0,
        };
        (self.of(Status::Hours).count(), Quantity::Hours(self.of(Status::Hours).map(hundredths).sum()))
    }

    /// Who should answer a line: any of these. Of a candidate for a reward it is the manager, who may apply for it.
    #[must_use]
    pub fn whom(&self, finding: &Finding) -> Vec<Role> {
        if finding.rule == "reward-candidate" && finding.status == Status::Notice {
            return vec![Role::Manager];
        }
        let mut roles = self.deciders.roles(finding.waits_for()).to_vec();
        // Who has no manager answers to the general manager's office.
        if self.people.get(&finding.employee_id).is_some_and(|person| person.manager_id.is_empty()) {
            for role in roles.iter_mut().filter(|role| **role == Role::Manager) {
                *role = Role::GeneralManager;
            }
            roles.sort_unstable();
            roles.dedup();
        }
        roles
    }

    /// The person with an id; empty names where there is none.
    #[must_use]
    pub fn person(&self, id: &str) -> Person {
        self.people.get(id).cloned().unwrap_or_default()
    }
}
