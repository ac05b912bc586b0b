//! Floor 8: what can be asked.

use crate::base::{money::Fen, month::Month};
use chrono::NaiveDateTime;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The configuration where none is named.
pub const DEFAULT_CONFIG: &str = "config.toml";

/// Audits a service centre's written staff policy and hands HR the deduction and reward sheets for payroll.
#[derive(Debug, Parser)]
#[command(name = "meritbook", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The configuration file.
    #[arg(long, global = true, default_value = DEFAULT_CONFIG, value_name = "PATH")]
    pub config: PathBuf,
    /// Print errors only (check, inspect, rules, explain and editions still answer).
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
    /// Begin: a first configuration with empty registers, folders for exports and a README in Chinese for HR.
    Init(Init),
    /// Judge a month and propose its deductions and rewards (the main job).
    Monthly(Monthly),
    /// Close a month: the final edition with the payroll import files.
    Issue(Issue),
    /// Tell each manager, HR and the operator what is open (for every night).
    Nightly(Nightly),
    /// Judge an issued month again: a new edition with what is different, and why.
    Rerun(Rerun),
    /// Read configuration and inputs and say what is there and what is missing; writes nothing.
    Check(Check),
    /// Look at an export: what it is, which preset fits, and the configuration that reads it; writes nothing.
    Inspect(Inspect),
    /// List every rule with the values in force and the sources it needs.
    Rules(Rules),
    /// Write one decision into the decisions register, checked.
    Decide(Decide),
    /// Say what a rule does, or the whole trail of one finding.
    Explain(Explain),
    /// Look at the archive: list, compare, verify and prune editions.
    Editions(Editions),
    /// Look at the mail queue: list, send, try again and hold back messages.
    Outbox(Outbox),
    /// Print what runs meritbook by itself: systemd units or a crontab, made from the configuration.
    Schedule(Schedule),
}

/// Arguments of `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// The folder to make; it is missing or empty.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
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
    /// Close it although the month before is open, which is left out for good (with --issue).
    #[arg(long, requires = "issue")]
    pub leave_open: bool,
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
    /// Issue it although the month before is open, which is left out for good.
    #[arg(long)]
    pub leave_open: bool,
    /// Write everything into DIR and leave the archive alone.
    #[arg(long, value_name = "DIR")]
    pub preview: Option<PathBuf>,
}

/// Arguments of `nightly`.
#[derive(Args, Debug)]
pub struct Nightly {
    /// The day up to which is judged; without it the last day of `period.default_month` where that is set, else every
    /// day since the last snapshot.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<chrono::NaiveDate>,
    /// Write everything into DIR and leave the archive alone; of several nights only the last.
    #[arg(long, value_name = "DIR")]
    pub preview: Option<PathBuf>,
}

/// Arguments of `rerun`.
#[derive(Args, Debug)]
pub struct Rerun {
    /// The payroll month.
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,
    /// The files to judge.
    #[arg(long, value_enum, default_value = "current", value_name = "WHICH")]
    pub inputs: Inputs,
    /// The edition whose files are read (with --inputs archived or filled); without it the latest.
    #[arg(long, value_name = "NUMBER")]
    pub edition: Option<u32>,
    /// Whose name, department, manager and wage count: those that the edition was issued with, or today's.
    #[arg(long, value_enum, default_value = "archived", value_name = "WHICH")]
    pub roster: Roster,
    /// Go on although lines that moved money cannot be judged any more: what they moved is moved back.
    #[arg(long)]
    pub confirm_lost: bool,
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
    /// Those of today, and of an edition for a source that has none today.
    Filled,
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

/// Arguments of `inspect`.
#[derive(Args, Debug)]
pub struct Inspect {
    /// The export: a text, a workbook, or a table of a web page that is called one.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
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

/// Arguments of `editions`.
#[derive(Args, Debug)]
pub struct Editions {
    /// What to do.
    #[command(subcommand)]
    pub command: OfEditions,
}

/// What can be done with editions.
#[derive(Debug, Subcommand)]
pub enum OfEditions {
    /// List every payroll month since the first edition, with its state, sums and what it waits for.
    List,
    /// Say in what two editions of a month differ, and why.
    Diff(Diff),
    /// Look whether every file is as it was written.
    Verify(Verify),
    /// Throw away all but manifest, ledger and movements of money of months long over.
    Prune(Prune),
}

/// Arguments of `editions diff`.
#[derive(Args, Debug)]
pub struct Diff {
    /// The payroll month.
    #[arg(value_name = "YYYY-MM")]
    pub month: Month,
    /// The number of the edition as it was.
    #[arg(value_name = "BEFORE")]
    pub before: u32,
    /// The number of the edition as it is.
    #[arg(value_name = "AFTER")]
    pub after: u32,
}

/// Arguments of `editions verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// The payroll month; without it all of them.
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
    /// Make every edition again from what it kept, too: the same bytes must come of it.
    #[arg(long)]
    pub recompute: bool,
}

/// Arguments of `editions prune`.
#[derive(Args, Debug)]
pub struct Prune {
    /// How long ago a month has to have ended, in months (24m) or years (2y); at least two years.
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub older_than: u32,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `outbox`.
#[derive(Args, Debug)]
pub struct Outbox {
    /// What to do.
    #[command(subcommand)]
    pub command: OfOutbox,
}

/// What can be done with the mail queue.
#[derive(Debug, Subcommand)]
pub enum OfOutbox {
    /// List the messages that are not sent, with the last answer of the server.
    List(OutboxList),
    /// Send all messages that wait.
    Flush(Flush),
    /// Send messages that failed, are held or in doubt, now.
    Retry(Messages),
    /// Keep messages back until somebody retries them.
    Hold(Messages),
}

/// Arguments of `outbox list`.
#[derive(Args, Debug)]
pub struct OutboxList {
    /// List those that are sent too.
    #[arg(long)]
    pub all: bool,
}

/// Arguments of `outbox flush`.
#[derive(Args, Debug)]
pub struct Flush {
    /// Leave alone those that a server has put off until later (for timers).
    #[arg(long)]
    pub due: bool,
}

/// Messages of the outbox.
#[derive(Args, Debug)]
pub struct Messages {
    /// The ids, or parts of them that no other message has.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
}

/// Arguments of `schedule`.
#[derive(Args, Debug)]
pub struct Schedule {
    /// For what.
    #[command(subcommand)]
    pub command: OfSchedule,
}

/// What can start meritbook.
#[derive(Debug, Subcommand)]
pub enum OfSchedule {
    /// Hardened services with their timers, and the unit that raises its voice when one of them fails.
    Systemd(Systemd),
    /// A file for /etc/cron.d, with a lock, and mail on errors.
    Cron(Cron),
}

/// Arguments of `schedule systemd`.
#[derive(Args, Debug)]
pub struct Systemd {
    /// The user that runs it.
    #[arg(long, value_name = "NAME", default_value = "meritbook", value_parser = user)]
    pub user: String,
    /// A user that systemd makes for each run; the archive is then below /var/lib.
    #[arg(long, conflicts_with = "user")]
    pub dynamic_user: bool,
    /// The program.
    #[arg(long, value_name = "PATH", default_value = "/usr/local/bin/meritbook")]
    pub binary: PathBuf,
    /// Write each unit as a file into DIR.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Arguments of `schedule cron`.
#[derive(Args, Debug)]
pub struct Cron {
    /// The user that runs it.
    #[arg(long, value_name = "NAME", default_value = "meritbook", value_parser = user)]
    pub user: String,
    /// The program.
    #[arg(long, value_name = "PATH", default_value = "/usr/local/bin/meritbook")]
    pub binary: PathBuf,
}

/// The name of a user, as units and crontabs take it.
fn user(text: &str) -> Result<String, String> {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    if text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && text.len() <= 31 && text.chars().all(is_fine) {
        Ok(text.to_owned())
    } else {
        Err("a user's name has lower-case letters, digits, - and _, and begins with a letter".to_owned())
    }
}

/// Wage payment records are kept so many months (工资支付暂行规定 第六条).
const RETENTION: u32 = 24;

/// An age in months.
fn age(text: &str) -> Result<u32, String> {
    let months = text.strip_suffix('m').map(|number| (number, 1));
    let parts = months.or_else(|| text.strip_suffix('y').map(|number| (number, 12)));
    let age = parts.and_then(|(number, months)| number.parse::<u32>().ok()?.checked_mul(months));
    match age {
        None => Err("an age is written in months, such as 24m, or in years, such as 2y".to_owned()),
        Some(age) if age < RETENTION => {
            Err(format!("wage payment records are kept two years (工资支付暂行规定 第六条): {RETENTION}m at least"))
        }
        Some(age) => Ok(age),
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn an_age_is_two_years_at_least() {
        assert_eq!((age("24m"), age("2y"), age("30m")), (Ok(24), Ok(24), Ok(30)));
        for text in ["23m", "1y", "0y"] {
            assert!(age(text).unwrap_err().contains("24m at least"), "{text}");
        }
        for text in ["", "m", "24", "-3y", "2 y", "24月", "400000000y"] {
            assert!(age(text).unwrap_err().contains("such as 24m"), "{text}");
        }
    }
}
