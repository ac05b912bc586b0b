//! Which sources a rule needs, and whether they are there and proven (2.1 *Complete data*, 2.11).

use crate::schema::inputs::{Inputs, Proven, Status};
use chrono::{NaiveDate, NaiveDateTime};

/// What attendance is judged by: swipes, and everything that could excuse.
pub(crate) const AUDITED_BY_ATTENDANCE: &[&str] = &["swipes", "notices", "leaves", "visits"];

/// Registers that are optional to every rule; a configured one that cannot be read suspends what it would change.
pub const SHARED_REGISTERS: &[&str] = &["rosters", "punches"];

/// Whether sources may be judged by at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// One is neither configured nor declared as none: the rule is not audited.
    NotAudited(String),
    /// One has no usable file: the rule is suspended for the month.
    Suspended(String),
    /// All are there.
    Ready,
}

/// The readiness of `needed`, with `optional` ones that only count where they are configured.
#[must_use]
pub fn readiness(inputs: &Inputs, needed: &[&str], optional: &[&str]) -> Readiness {
    for name in needed {
        if inputs.state(name).status == Status::NotConfigured {
            return Readiness::NotAudited((*name).to_owned());
        }
    }
    let configured = optional.iter().filter(|name| inputs.state(name).status != Status::NotConfigured);
    for name in needed.iter().chain(configured) {
        if !inputs.state(name).is_usable() {
            return Readiness::Suspended((*name).to_owned());
        }
    }
    Readiness::Ready
}

/// The columns that exports lack of those without which a rule has nothing to judge by, `(table, column)`; with their
/// table. A missing column is no breach.
#[must_use]
pub fn absent_columns<'a>(inputs: &Inputs, columns: &[(&'a str, &'a str)]) -> Option<(&'a str, Vec<&'a str>)> {
    let is_lacking = |(table, column): &&(&'a str, &'a str)| inputs.state(table).lacks.contains(column);
    let (table, _) = columns.iter().find(is_lacking)?;
    let own = columns.iter().filter(is_lacking).filter(|(other, _)| other == table);
    Some((table, own.map(|(_, column)| *column).collect()))
}

/// The first of `names` that is configured but not proven at `moment`.
pub(crate) fn unproven<'a>(inputs: &Inputs, names: &[&'a str], moment: NaiveDateTime) -> Option<&'a str> {
    let is_open = |name: &&&str| {
        let state = inputs.state(name);
        state.status != Status::NotConfigured && !state.proven.covers(moment)
    };
    names.iter().find(is_open).copied()
}

/// Until when all of `names` that are configured are proven; `None` is without end.
pub(crate) fn proven_until(inputs: &Inputs, names: &[&str]) -> Option<NaiveDateTime> {
    let configured = names.iter().map(|name| inputs.state(name)).filter(|state| state.status != Status::NotConfigured);
    let limits = configured.filter_map(|state| match state.proven {
        Proven::Always => None,
        Proven::Until(time, _) => Some(time),
        Proven::Never => Some(NaiveDateTime::MIN),
    });
    limits.min()
}

/// The last day through which all of `names` that are configured are proven; `None` is without end.
pub(crate) fn proven_through(inputs: &Inputs, names: &[&str]) -> Option<NaiveDate> {
    let configured = names.iter().map(|name| inputs.state(name)).filter(|state| state.status != Status::NotConfigured);
    let limits = configured.filter_map(|state| match state.proven {
        Proven::Always => None,
        Proven::Until(_, day) => Some(day),
        Proven::Never => Some(NaiveDate::MIN),
    });
    limits.min()
}
