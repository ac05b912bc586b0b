//! Findings and what becomes of them: the records between rules, settlement and report (1-product, 4-outputs).

use super::deciders;
use crate::base::{money::Fen, month::Month, quantity::Quantity};
use chrono::{NaiveDate, NaiveDateTime};
use std::fmt;

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Deduction.
    Charge,
    /// Reward.
    Credit,
    /// Overtime hours to be paid by payroll's own rates.
    Hours,
    /// Happened, below the charged count.
    Counted,
    /// Waits for a person.
    Hold,
    /// Breach of a clause whose amount is blank.
    Unpriced,
    /// Reminder, defect, warning, escalation.
    Notice,
    /// Same act already charged under another clause.
    Merged,
    /// Set aside by a decision.
    Waived,
    /// A late arrival of a class, before counting; never written.
    Classed,
}

impl Status {
    const WORDS: [(Self, &'static str); 10] = [
        (Self::Charge, "charge"),
        (Self::Credit, "credit"),
        (Self::Hours, "hours"),
        (Self::Counted, "counted"),
        (Self::Hold, "hold"),
        (Self::Unpriced, "unpriced"),
        (Self::Notice, "notice"),
        (Self::Merged, "merged"),
        (Self::Waived, "waived"),
        (Self::Classed, "classed"),
    ];

    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(status, _)| *status == self).map_or("", |(_, word)| word)
    }

    /// The status that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(status, _)| *status)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A source row that a finding stands on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The packed reference, see [`crate::base::evidence::RowRef`].
    pub row: u64,
    /// What it shows, `name=value`.
    pub fact: String,
}

/// What a rule says about one event, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `rule:employee_id:subject`; the id never changes.
    pub id: String,
    /// The rule's name.
    pub rule: &'static str,
    /// The clause.
    pub clause: &'static str,
    /// The employee's number on the roster; `assign` fills it.
    pub emp: Option<u32>,
    /// The employee's id; empty where nobody is known.
    pub employee_id: String,
    /// The day of the event.
    pub occurred_on: NaiveDate,
    /// The payroll month of the event.
    pub belongs_to: Month,
    /// What of that employee: a date, a ticket, a meeting …
    pub subject: String,
    /// What becomes of it.
    pub status: Status,
    /// The word in brackets of a status.
    pub reason: String,
    /// 1, or minutes, hours or a count where the rule says so.
    pub quantity: Quantity,
    /// The price, whatever the status.
    pub unit_amount: Option<Fen>,
    /// What is paid or deducted; 0 on `counted`.
    pub amount: Option<Fen>,
    /// Where a deduction goes.
    pub destination: &'static str,
    /// Until when a held line should be answered.
    pub due_on: Option<NaiveDate>,
    /// Facts for the summary, by name.
    pub detail: Vec<(String, String)>,
    /// The class of a late arrival.
    pub class: Option<String>,
    /// The hours of an overtime claim, in hundredths.
    pub hours: Option<i64>,
    /// What the rule said and why it waited, where a decision was applied to it.
    pub ruled: Option<(Status, String)>,
    /// Whether somebody who may confirmed it: then it may be charged on an issued month too.
    pub is_confirmed: bool,
    /// The amount that an amendment set.
    pub amended: Option<Fen>,
    /// When the act began: the start of work, or of the meeting.
    pub from: Option<NaiveDateTime>,
    /// When it ended: the first swipe.
    pub until: Option<NaiveDateTime>,
    /// The rows it stands on, sorted.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// A fact of the summary.
    #[must_use]
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.detail.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// For what it waits, as [`deciders`] list it; of a line that does not wait: who could change it.
    #[must_use]
    pub fn waits_for(&self) -> &str {
        match self.status {
            Status::Hold => &self.reason,
            Status::Unpriced => deciders::UNPRICED,
            Status::Notice if self.reason == "pending" => &self.reason,
            _ => deciders::OBJECTION,
        }
    }
}

/// Something that could not be judged: said on the cover, in the mail, in `coverage.csv` and in the exit code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suspension {
    /// The rule, or `attendance` for both of its rules.
    pub rule: &'static str,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Whom or what: a site, an employee's id, a record's id; empty = all.
    pub scope: String,
    /// Why, one word of a list.
    pub reason: &'static str,
    /// The source that is to blame; empty where it is none.
    pub source: String,
}

/// A rule that was not audited, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unaudited {
    /// The rule.
    pub rule: &'static str,
    /// The source that is not configured; empty where the rule is switched off.
    pub source: String,
    /// Why it is switched off; else empty.
    pub reason: String,
}

/// One movement of money. Amounts are positive; the direction says which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Unique in the archive.
    pub id: String,
    /// The finding it comes from.
    pub finding_id: String,
    /// The edition of the month it belongs to that books it, or that is reversed.
    pub edition: u32,
    /// Whose money.
    pub employee_id: String,
    /// The rule.
    pub rule: &'static str,
    /// deduct or reward; of an adjustment also reverse-deduct or reverse-reward.
    pub direction: &'static str,
    /// How much.
    pub amount: Fen,
    /// Where a deduction goes.
    pub destination: &'static str,
    /// The month of the event.
    pub belongs_to: Month,
    /// The month in which it is paid.
    pub paid_in: Month,
}

/// One row of the ledger: employee, rule, direction and destination with count and sum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LedgerRow {
    /// Whose money.
    pub employee_id: String,
    /// The rule.
    pub rule: &'static str,
    /// The direction of its postings.
    pub direction: &'static str,
    /// Where a deduction goes.
    pub destination: &'static str,
    /// How many postings.
    pub count: u64,
    /// Their sum.
    pub amount: Fen,
}
