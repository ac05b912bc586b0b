//! Floor 8: what can be asked.

use crate::base::{money::Fen, month::Month};
use chrono::NaiveDateTime;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Audits a service centre's written staff policy and hands HR the deduction and reward sheets for payroll.
#[derive(Debug, Parser)]
#[command(name = "meritbook", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The configuration file.
    #[arg(long, global = true, default_value = "config.toml", value_name = "PATH")]
    pub config: PathBuf,
    /// Print errors only (check, rules and explain still answer).
    #[arg(long, global = true)]
    pub quiet: bool,
    /// How steps are logged.
    #[arg(long, global = true, value_enum, default_value = "text", value_name = "FORMAT")]
    pub log: LogFormat,
}

/// How steps are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people and journald.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge a month and propose its deductions and rewards (the main job).
    Monthly(Monthly),
    /// Close a month: the final edition with the payroll import files.
    Issue(Issue),
    /// Judge an issued month again: a new edition with what is different, and why.
    Rerun(Rerun),
    /// Read configuration and inputs and say what is there; writes nothing.
    Check(Check),
    /// List every rule with the values in force and the sources it needs.
    Rules(Rules),
    /// Write one decision into the decisions register, checked.
    Decide(Decide),
    /// Say what a rule does, or the whole trail of one finding.
    Explain(Explain),
}

/// Arguments of `monthly`.
#[derive(Args, Debug)]
pub struct Monthly {
    /// The payroll month; without it `period.default_month`, else the last complete one.
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
    /// Close the month at once, for a centre without an objection window.
    #[arg(long)]
    pub issue: bool,
    /// Close it even if the total is unusual (with --issue).
    #[arg(long, requires = "issue")]
    pub confirm_unusual: bool,
    /// It is the first month that is ever issued; earlier ones were only tried (with --issue).
    #[arg(long, requires = "issue")]
    pub first: bool,
    /// Write everything into DIR and leave the archive alone.
    #[arg(long, value_name = "DIR")]
    pub preview: Option<PathBuf>,
}

/// Arguments of `issue`.
#[derive(Args, Debug)]
pub struct Issue {
    /// The payroll month.
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,
    /// Issue even if the total is over three times the median of the last six issued months.
    #[arg(long)]
    pub confirm_unusual: bool,
    /// It is the first month that is ever issued; earlier ones were only tried.
    #[arg(long)]
    pub first: bool,
    /// Write everything into DIR and leave the archive alone.
    #[arg(long, value_name = "DIR")]
    pub preview: Option<PathBuf>,
}

/// Arguments of `rerun`.
#[derive(Args, Debug)]
pub struct Rerun {
    /// The payroll month.
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,
    /// The files to judge: those that are there now, or those that an edition kept.
    #[arg(long, value_enum, default_value = "current", value_name = "WHICH")]
    pub inputs: Inputs,
    /// The edition whose files are read (with --inputs archived); without it the latest.
    #[arg(long, value_name = "NUMBER", requires = "inputs")]
    pub edition: Option<u32>,
    /// Whose name, department, manager and wage count: those that the edition was issued with, or today's.
    #[arg(long, value_enum, default_value = "archived", value_name = "WHICH")]
    pub roster: Roster,
    /// Write everything into DIR and leave the archive alone.
    #[arg(long, value_name = "DIR")]
    pub preview: Option<PathBuf>,
}

/// The files that a rerun judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Inputs {
    /// Those that the configuration names today.
    Current,
    /// Those that an edition kept.
    Archived,
}

/// The roster that a rerun uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Roster {
    /// As the edition has it.
    Archived,
    /// As it is today.
    Current,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// The payroll month; without it `period.default_month`, else the last complete one.
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
}

/// Arguments of `rules`.
#[derive(Args, Debug)]
pub struct Rules {
    /// The day whose values are shown; without it today.
    #[arg(long, value_name = "DATE")]
    pub on: Option<chrono::NaiveDate>,
    /// The whole policy in its own order instead: each sentence, and the rules that audit it or why none can.
    #[arg(long, conflicts_with = "on")]
    pub clauses: bool,
}

/// Arguments of `decide`.
#[derive(Args, Debug)]
pub struct Decide {
    /// The finding's id (rule:employee:subject), or its short code.
    #[arg(value_name = "FINDING-ID")]
    pub finding: String,
    /// What is decided.
    #[arg(value_enum)]
    pub decision: Answer,
    /// The amount in yuan, where the decision takes one.
    #[arg(long, value_name = "YUAN", value_parser = yuan)]
    pub amount: Option<Fen>,
    /// The class of a late arrival (A or B), or the employee id that is assigned.
    #[arg(long)]
    pub value: Option<String>,
    /// Who decides: employee id, name or e-mail.
    #[arg(long, value_name = "WHO")]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// When it was decided, such as "2026-11-03 14:05"; without it now.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<NaiveDateTime>,
    /// The payroll month of the finding; without it that of the latest edition that has it.
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Answer {
    /// Make a held line what its rule says.
    Confirm,
    /// Set a line aside.
    Waive,
    /// Lower the amount.
    Amend,
    /// Dispute a line.
    Object,
    /// Refuse the objection.
    Dismiss,
    /// Name the employee of a line without one.
    Assign,
    /// Name the employee and confirm.
    AssignConfirm,
}

impl Answer {
    /// Its word in the register.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["confirm", "waive", "amend", "object", "dismiss", "assign", "assign-confirm"][self as usize]
    }
}

fn yuan(text: &str) -> Result<Fen, String> {
    Fen::parse_yuan(text).ok_or_else(|| "an amount in yuan has at most two decimals, such as 40 or 40.50".to_owned())
}

fn moment(text: &str) -> Result<NaiveDateTime, String> {
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let text = text.replace('T', " ");
    let read = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok());
    read.ok_or_else(|| "a time is written 2026-11-03 14:05".to_owned())
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// A rule's name, a finding id (rule:employee:subject), or its short code.
    #[arg(value_name = "RULE or FINDING-ID")]
    pub what: String,
}
