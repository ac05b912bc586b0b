//! What a rerun says: what decides the result and has changed, the lines that differ, and what that comes to.

use crate::base::money::Fen;

/// One row of `findings.csv`, as text: what editions are compared by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingRow {
    cells: Vec<String>,
}

impl FindingRow {
    /// The columns of `findings.csv`.
    pub const COLUMNS: [&str; 15] = [
        "finding_id",
        "rule",
        "clause",
        "employee_id",
        "occurred_on",
        "belongs_to",
        "subject",
        "status",
        "reason",
        "quantity",
        "unit_amount",
        "amount",
        "destination",
        "due_on",
        "summary",
    ];

    /// A row with these cells, in the order of [`Self::COLUMNS`]; `None` where there are not as many.
    #[must_use]
    pub fn new(cells: Vec<String>) -> Option<Self> {
        (cells.len() == Self::COLUMNS.len()).then_some(Self { cells })
    }

    /// The cells, in the order of [`Self::COLUMNS`].
    #[must_use]
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    /// The cell of a column; empty where there is no such column.
    #[must_use]
    pub fn cell(&self, column: &str) -> &str {
        let place = Self::COLUMNS.iter().position(|known| *known == column);
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }

    /// The finding's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.cell("finding_id")
    }

    /// What it moves: `deduct` or `reward`, and how much; `None` where it moves nothing.
    #[must_use]
    pub fn money(&self) -> Option<(&'static str, Fen)> {
        let direction = match self.cell("status") {
            "charge" => "deduct",
            "credit" => "reward",
            _ => return None,
        };
        Fen::parse_yuan(self.cell("amount")).filter(|amount| *amount > Fen(0)).map(|amount| (direction, amount))
    }

    /// Whether it is held for what comes up after its month was issued: nobody else will ask for it again.
    #[must_use]
    pub fn waits_after_issue(&self) -> bool {
        self.cell("status") == "hold" && matches!(self.cell("reason"), "late-charge" | "objection" | "other-month")
    }

    /// Overtime to be paid, in hundredths of an hour; 0 where there is none.
    #[must_use]
    pub fn hours(&self) -> i64 {
        // Two decimals, as yuan have.
        let hundredths = || Fen::parse_yuan(self.cell("quantity")).map_or(0, |hundredths| hundredths.0);
        if self.cell("status") == "hours" { hundredths() } else { 0 }
    }
}

/// The lines in which two editions of a month differ; each list in the order of `findings.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Only in the first.
    pub removed: Vec<FindingRow>,
    /// Only in the second.
    pub added: Vec<FindingRow>,
    /// In both, and not equal: as it was, as it is.
    pub changed: Vec<(FindingRow, FindingRow)>,
}

impl Difference {
    /// The changed lines, those of which more than the words changed first; and how many those are.
    #[must_use]
    pub fn weighed(&self) -> (Vec<&(FindingRow, FindingRow)>, usize) {
        let is_weighty = |(was, is): &&(FindingRow, FindingRow)| {
            let columns = ["status", "reason", "amount", "unit_amount", "employee_id", "destination"];
            columns.iter().any(|column| was.cell(column) != is.cell(column)) || was.hours() != is.hours()
        };
        let (mut all, words): (Vec<_>, Vec<_>) = self.changed.iter().partition(is_weighty);
        let weighty = all.len();
        all.extend(words);
        (all, weighty)
    }

    /// Whether no line differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty() && self.changed.is_empty()
    }
}

/// What an employee's month came to, and comes to: as it was, as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    /// Whose.
    pub employee_id: String,
    /// Deductions.
    pub deducted: [Fen; 2],
    /// Rewards.
    pub rewarded: [Fen; 2],
    /// Overtime in hundredths of an hour.
    pub hours: [i64; 2],
}

impl Net {
    /// What the employee gets by it: above 0 in the employee's favour, below 0 to the employee's burden.
    #[must_use]
    pub fn favour(&self) -> Fen {
        Fen(self.deducted[0].0 - self.deducted[1].0 + self.rewarded[1].0 - self.rewarded[0].0)
    }
}

/// What kind of thing decides a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// The dated values of the policy.
    Policy,
    /// The calendar of workdays.
    Calendar,
    /// The configuration file.
    Configuration,
    /// The program's version.
    Program,
    /// A file that was read.
    Input,
}

impl CauseKind {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["policy", "calendar", "configuration", "program", "input"][self as usize]
    }
}

/// One version of what decides a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// SHA-256 in hex; the version itself for the program.
    pub sha256: String,
    /// Data rows of an input.
    pub rows: Option<u64>,
}

impl Version {
    /// What people tell versions apart by: the first digits of the hash.
    #[must_use]
    pub fn short(&self) -> &str {
        const DIGITS: usize = 12;
        self.sha256.get(..DIGITS).unwrap_or(&self.sha256)
    }
}

/// Something that decides the result, and is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What it is.
    pub kind: CauseKind,
    /// The input's source; else empty.
    pub source: String,
    /// The input's name; else empty.
    pub name: String,
    /// As it was; `None` where it was not there.
    pub before: Option<Version>,
    /// As it is; `None` where it is gone.
    pub after: Option<Version>,
    /// Lines of text that are gone, and that are new: of policy and calendar the values themselves.
    pub lines: [Vec<String>; 2],
}

/// What a rerun says of the edition that it replaces.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// The edition it is compared with.
    pub base: u32,
    /// What decides the result and has changed: policy, calendar, configuration, program, then inputs by source, name.
    pub causes: Vec<Cause>,
    /// The lines that differ.
    pub difference: Difference,
    /// What it comes to for each employee whose money or hours differ, by id.
    pub net: Vec<Net>,
}
