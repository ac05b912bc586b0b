//! What ingest hands on: typed tables, rejected rows, coverage, and how far each source is proven.

use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::DataFrame;
use std::collections::{BTreeMap, BTreeSet};

/// One file that was read.
#[derive(Clone, Debug, Default)]
pub struct InputFile {
    /// The source (table) it belongs to.
    pub source: String,
    /// Its path as configured, relative to the configuration file.
    pub name: String,
    /// Where it is.
    pub path: std::path::PathBuf,
    /// Its content's SHA-256, in hex.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its control totals.
    pub totals: Totals,
}

/// Control totals of a file: rows = used + rejected + outside + out of period + duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Data rows.
    pub rows: u64,
    /// Rows that the run uses.
    pub used: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// Rows of people outside the roster.
    pub outside: u64,
    /// Rows of another period.
    pub out_of_period: u64,
    /// Repeated rows of a keyed table.
    pub duplicates: u64,
    /// Earliest and latest time among the rows that were read.
    pub span: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl Totals {
    /// Widens the span by a time.
    pub fn see(&mut self, time: NaiveDateTime) {
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
    }
}

/// A row or a decision that was rejected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejected {
    /// The source (table).
    pub source: String,
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The canonical column.
    pub column: String,
    /// What stood there.
    pub value: String,
    /// Why it cannot be used.
    pub reason: String,
}

/// Where a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not in the configuration: its rules are not audited.
    NotConfigured,
    /// Declared `none = true`.
    DeclaredNone,
    /// Configured, but without a usable file; the text says why.
    Missing(String),
    /// Read, but too much of it was rejected or outside; the text says why.
    Unusable(String),
    /// Read.
    Ready,
}

/// Until when a source is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// Not at all.
    Never,
    /// Until a moment, which lies on a day.
    Until(NaiveDateTime, NaiveDate),
    /// Somebody vouches for it.
    Always,
}

impl Proven {
    /// Complete up to and including a day.
    #[must_use]
    pub fn through_day(day: NaiveDate) -> Self {
        Self::Until(day.succ_opt().unwrap_or(day).into(), day)
    }

    /// Whether it is complete at `moment`.
    #[must_use]
    pub fn covers(&self, moment: NaiveDateTime) -> bool {
        match self {
            Self::Never => false,
            Self::Until(through, _) => *through >= moment,
            Self::Always => true,
        }
    }

    /// Whether a record that occurred on `day` is proven.
    #[must_use]
    pub fn covers_day(&self, day: NaiveDate) -> bool {
        match self {
            Self::Never => false,
            Self::Until(_, through) => *through >= day,
            Self::Always => true,
        }
    }
}

/// A source's state.
#[derive(Clone, Debug)]
pub struct SourceState {
    /// Where it stands.
    pub status: Status,
    /// Until when it is complete.
    pub proven: Proven,
    /// How that is known: the proof's word, or `none`.
    pub how: &'static str,
    /// Optional columns that a file has not whose layout is that of another system: nothing is known of them. A file
    /// with the table's own names is a register, in which a column that is left out is empty.
    pub lacks: BTreeSet<&'static str>,
}

impl SourceState {
    /// Whether it was read, or need not be.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        matches!(self.status, Status::Ready | Status::DeclaredNone)
    }
}

/// The days that a rejected row of an excusing register could have excused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The register.
    pub source: String,
    /// Whom it names; `None` is everybody.
    pub emp: Option<u32>,
    /// First and last day it names; `None` is the whole month.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// Everything that was read for a run.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The files, in the order of their numbers in evidence references.
    pub files: Vec<InputFile>,
    /// Each table's rows, typed; empty where there is none. `emp` is the row of `employees`.
    pub tables: BTreeMap<&'static str, DataFrame>,
    /// Each table's state.
    pub states: BTreeMap<&'static str, SourceState>,
    /// Grain: employee and presence day. `emp, date, first_in, first_ref, last_seen, last_ref`.
    pub presence: DataFrame,
    /// Swipes at the doors and in the windows that 八.5 asks for: `door, emp, external, time, ref`.
    pub door_swipes: DataFrame,
    /// Calendar days with a swipe of anybody.
    pub swipe_days: BTreeSet<NaiveDate>,
    /// Rejected rows, sorted.
    pub rejected: Vec<Rejected>,
    /// What rejected rows of excusing registers leave in doubt.
    pub doubts: Vec<Doubt>,
    /// Names that people have today and the roster of the time has not: the employee's number and the name.
    pub aliases: Vec<(u32, String)>,
    /// People outside the roster and their rows, by source.
    pub outside: BTreeMap<(String, String), u64>,
}

impl Inputs {
    /// The rows of a table; every table of the contract is there.
    #[must_use]
    pub fn table(&self, name: &str) -> &DataFrame {
        &self.tables[name]
    }

    /// The state of a source.
    #[must_use]
    pub fn state(&self, name: &str) -> &SourceState {
        &self.states[name]
    }
}
