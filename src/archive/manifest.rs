//! `manifest.json`: everything that a run is a function of, and what came of it. No clock, no host.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state of a proposal.
pub const PROPOSED: &str = "proposed";
/// The state of the edition that closed its month.
pub const ISSUED: &str = "issued";
/// The state of an edition that judged a closed month again.
pub const REISSUED: &str = "reissued";

/// The manifest of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `proposed`, `issued`, or `reissued`: an issued month judged again.
    pub state: String,
    /// The edition's number in its month, from 1.
    pub edition: u32,
    /// The payroll month.
    pub period: PeriodEntry,
    /// The program's version.
    pub program_version: String,
    /// SHA-256 of all that decides the result: program, period, configuration, policy, calendar, inputs.
    pub basis_sha256: String,
    /// SHA-256 of the configuration file.
    pub config_sha256: String,
    /// SHA-256 of the policy values in force.
    pub policy_sha256: String,
    /// SHA-256 of the calendar.
    pub calendar_sha256: String,
    /// Every file that was read.
    pub inputs: Vec<InputEntry>,
    /// Sources without a complete set of files, and why.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub missing: BTreeMap<String, String>,
    /// SHA-256 of the roster that it was judged with.
    #[serde(default)]
    pub roster_sha256: String,
    /// Earlier editions that were looked at, `2026-09/001`, with the SHA-256 of their manifests: their findings, the
    /// sums of other months, and what was booked of them.
    pub earlier_editions: BTreeMap<String, String>,
    /// The edition that a reissued one is compared with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<u32>,
    /// Editions of earlier months whose differences are taken up, `2026-09/003`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub adjusts: Vec<String>,
    /// Until when employees may object to a proposal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub objection_until: Option<String>,
    /// Who has not answered, and how many lines wait for them: a role, a manager with the employee id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub waiting: BTreeMap<String, u64>,
    /// Control sums, yuan.
    pub control: Control,
    /// What could not be judged, one line each.
    pub suspended: Vec<String>,
    /// Rules that are not audited, with the source that is not configured, or `off:` and the reason.
    pub unaudited: BTreeMap<String, String>,
    /// Rules in shadow mode.
    #[serde(default)]
    pub shadow: Vec<String>,
    /// Every file that was written.
    pub outputs: Vec<OutputEntry>,
}

/// A payroll month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodEntry {
    /// `YYYY-MM`.
    pub month: String,
    /// First day.
    pub first: String,
    /// Last day.
    pub last: String,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputEntry {
    /// The source.
    pub source: String,
    /// Its name as configured.
    pub name: String,
    /// Where the edition keeps it, below `inputs/`.
    pub archived: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// Rows used.
    pub used: u64,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputEntry {
    /// Its name in the edition.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Data rows of a CSV file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
}

/// Sums that must agree: findings, postings and ledger, each way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Findings.
    pub findings: u64,
    /// Sum of `charge`.
    pub charge: String,
    /// Sum of deduct postings.
    pub deduct_postings: String,
    /// Sum of deductions in the ledger.
    pub deduct_ledger: String,
    /// Sum of `credit`.
    pub credit: String,
    /// Sum of reward postings.
    pub reward_postings: String,
    /// Sum of rewards in the ledger.
    pub reward_ledger: String,
    /// What is taken up of earlier months; none in most months.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub adjusted: Option<Adjusted>,
}

/// Sums of what is taken up of earlier months: they stand in postings and ledger beside the month's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    /// Deductions of earlier months.
    pub deduct: String,
    /// Deductions that are paid back.
    pub reverse_deduct: String,
    /// Rewards of earlier months.
    pub reward: String,
    /// Rewards that are taken back.
    pub reverse_reward: String,
}

impl Manifest {
    /// Whether the edition closed its month, or judged a closed one again.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.state.as_str(), ISSUED | REISSUED)
    }

    /// The manifest as pretty JSON with a final newline.
    ///
    /// # Errors
    /// Those of the JSON writer.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
