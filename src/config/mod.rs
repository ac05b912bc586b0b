//! Floor 2: `config.toml` → [`Config`]; the whole file is checked and all problems are told at once.

mod deciders;
mod imports;
mod load;
mod mail;
mod policy;
mod rules;
mod smtp;

pub use load::{load, load_kept};
pub use mail::{Mail, OnInDoubt, Recipient, Secret, Security, Smtp};

use crate::{
    calendar::Calendar,
    policy::Policy,
    schema::{
        deciders::Deciders,
        imports::{Import, Paying},
        inputs::InputFile,
        source::{Kept, OldRoster, Source},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// The language of sheets and mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// zh-CN.
    Chinese,
    /// en.
    English,
}

/// Rules that do not run as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Rules that are switched off, with the reason.
    pub off: BTreeMap<String, String>,
    /// Rules whose findings are only shown, apart from all others.
    pub shadow: BTreeSet<String>,
}

/// What a configuration may name.
#[derive(Clone, Debug)]
pub struct Known {
    /// The presets there are.
    pub presets: Vec<&'static str>,
    /// The rules there are.
    pub rules: Vec<&'static str>,
    /// The parameters there are.
    pub parameters: Vec<&'static crate::policy::Spec>,
    /// What payroll takes of which rule.
    pub paying: Vec<Paying>,
}

/// Everything the configuration says.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the configuration file; files are relative to it.
    pub base: PathBuf,
    /// The files of an edition that are read instead of today's.
    pub kept: Option<Kept>,
    /// The roster of the time, where a month is judged again.
    pub roster: Option<OldRoster>,
    /// The file's text, for the archive and its hash.
    pub text: String,
    /// The centre's name.
    pub centre: String,
    /// The time zone of local wall-clock times.
    pub timezone: chrono_tz::Tz,
    /// The language of sheets and mail.
    pub locale: Locale,
    /// The day on which payroll months begin, 1 to 28.
    pub first_day: u32,
    /// The month that a command without `--month` takes, where it is pinned.
    pub default_month: Option<crate::base::month::Month>,
    /// Workdays.
    pub calendar: Calendar,
    /// The files of days beside the built-in ones.
    pub calendar_files: Vec<InputFile>,
    /// Where editions, outbox and lock are.
    pub archive: PathBuf,
    /// Which doors belong to which area (八.5).
    pub areas: BTreeMap<String, Vec<String>>,
    /// Rules that are off or in shadow mode.
    pub rules: Rules,
    /// Who may decide what.
    pub deciders: Deciders,
    /// The configured sources by table.
    pub sources: BTreeMap<String, Source>,
    /// The payroll import files that an issued month has, in the order of their mapping files.
    pub imports: Vec<Import>,
    /// How mails leave, and who gets them.
    pub mail: Mail,
    /// The dated values of the policy.
    pub policy: Policy,
}
