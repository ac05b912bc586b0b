//! Floor 1: the policy's parameters: dated values with clause and unit (3-tables §3.3).
//!
//! `clauses` is the text itself, sentence by sentence.
//! A value holds from its date to the next. The day of the event picks it, never the day of the run.

mod clauses;
mod param;
mod table;

pub use clauses::{CHAPTERS, CLAUSES, Clause, cited, place};
pub use param::{Dated, Param, Policy, Value};
pub use table::{PARAMETERS, Spec, Unit};

use chrono::NaiveDate;

/// The policy is in force from this day (十); nothing is dated before it.
#[must_use]
pub fn in_force_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 12, 1).unwrap_or_default()
}
