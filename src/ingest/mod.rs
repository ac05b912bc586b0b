//! Floor 2: exports → typed tables, rejected rows and coverage (3-tables §3.2).
//!
//! Bad input is data: a row that cannot be read is listed with its place and reason, a source that cannot be read
//! has a state. Only a missing or unusable `employees`, a missing `decisions` or `identities`, and a template of payroll
//! that does not fit its mapping, stop a run.

mod access;
mod append;
mod cell;
mod checks;
mod chunks;
mod compound;
mod decode;
mod doors;
mod files;
mod fit;
mod formats;
mod frame;
mod header;
mod html;
pub mod inspect;
mod keys;
mod load;
mod meeting;
mod package;
mod people;
pub mod presets;
mod proof;
mod records;
mod reports;
mod roster;
mod rows;
mod serial;
mod shared;
mod sightings;
mod swipe_cells;
mod swipe_source;
mod swipes;
mod templates;
mod tidy;
mod trail;
mod workbook;

pub use append::appended;
pub use cell::NOT_A_TIME;
pub use files::NO_FILE;
pub use load::{Failure, read};
pub use roster::roster;
pub use templates::templates;
pub use trail::{Answer, answers, line, lines};

use crate::{
    calendar::Calendar,
    policy::Policy,
    schema::source::{Kept, OldRoster, Source},
};
use std::{collections::BTreeMap, path::Path};

/// What reading needs of the configuration.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The folder that files are relative to.
    pub base: &'a Path,
    /// The configured sources by table.
    pub sources: &'a BTreeMap<String, Source>,
    /// The dated values: hours and day cut.
    pub policy: &'a Policy,
    /// The years there are.
    pub calendar: &'a Calendar,
    /// The time zone of local times.
    pub timezone: chrono_tz::Tz,
    /// Which doors belong to which area (八.5).
    pub areas: &'a BTreeMap<String, Vec<String>>,
    /// Files of an edition, in place of those that patterns find.
    pub kept: Option<&'a Kept>,
    /// Whose name, department, manager and wage count before those of today's roster.
    pub roster: Option<&'a OldRoster>,
}

/// Reading goes on: a file begins, or so many bytes more were read.
pub enum Progress<'a> {
    /// A file of this size begins.
    File(&'a str, u64),
    /// Bytes read since the last call.
    Bytes(u64),
}
