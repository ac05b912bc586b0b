//! Floor 7: one command, one file; a job reads top to bottom as the pipeline of `lib.rs`. `now` is an argument.

mod check;
mod console;
mod control;
mod decide;
mod deliver;
mod earlier;
mod editions;
pub mod evaluate;
mod explain;
mod history;
mod init;
mod inspect;
mod issue;
mod late;
mod lost;
mod missing;
mod month;
mod monthly;
mod nightly;
mod outbox;
mod outputs;
mod produce;
mod recompute;
mod rerun;
mod rules;
mod schedule;
mod staff;

use crate::{
    base::{
        problem::{Problem, counted},
        text::on_terminal,
    },
    cli::{self, Cli, Command, LogFormat},
    config::{Config, load, load_kept},
    ingest::Failure,
    schema::source::Kept,
};
use chrono::{DateTime, Utc};
use console::Console;
use std::{fmt, path::Path};

/// Done.
pub const DONE: u8 = 0;
/// Done, and something needs a person.
pub const NEEDS_PERSON: u8 = 10;
/// Usage.
pub const USAGE: u8 = 64;
/// Bad data.
pub const BAD_DATA: u8 = 65;
/// Input missing.
pub const NO_INPUT: u8 = 66;
/// The mail server cannot be had, or did not take everything; the outbox keeps it.
pub const UNAVAILABLE: u8 = 69;
/// Cannot write.
pub const IO_ERROR: u8 = 74;
/// Another run holds the lock.
pub const BUSY: u8 = 75;
/// Configuration.
pub const CONFIG: u8 = 78;

/// A reason to stop that has an exit code of its own.
#[derive(Debug)]
pub struct Stop {
    /// The exit code.
    pub code: u8,
    /// What, where, why, and what to do.
    pub text: String,
}

impl Stop {
    fn because(code: u8, text: impl Into<String>) -> anyhow::Error {
        Self { code, text: text.into() }.into()
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Stop {}

/// The exit code of a failure: its own, else that of a failure to read or write.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    match (error.downcast_ref::<Stop>(), error.downcast_ref::<Failure>()) {
        (Some(stop), _) => stop.code,
        (None, Some(Failure::Missing(_))) => NO_INPUT,
        (None, Some(Failure::BadData(_))) => BAD_DATA,
        (None, Some(Failure::Config(_) | Failure::Imports(_))) => CONFIG,
        _ => IO_ERROR,
    }
}

/// A failure for a person, the cause chain below it; for a collector one object on one line.
#[must_use]
pub fn told(error: &anyhow::Error, log: LogFormat, now: DateTime<Utc>) -> String {
    let causes: Vec<String> = error.chain().map(|cause| on_terminal(&cause.to_string())).collect();
    match log {
        LogFormat::Text => format!("meritbook: {}", causes.join("\n  because: ")),
        LogFormat::Json => {
            let fields = [("code", exit_code(error).into()), ("text", causes.join("\nbecause: ").into())];
            console::json_line(now, "failed", &fields)
        }
    }
}

/// Runs a command; gives its exit code.
///
/// # Errors
/// What stopped it; see [`exit_code`].
pub fn run(cli: &Cli, now: DateTime<Utc>) -> anyhow::Result<u8> {
    let console = Console::new(cli.quiet, cli.log, now);
    // What a rule does is known without a configuration.
    if let Command::Explain(args) = &cli.command
        && let Some(rule) = crate::rules::rule(&args.what)
    {
        return Ok(explain::rule(rule, &console));
    }
    // Neither is a configuration needed to look at a file.
    if let Command::Inspect(args) = &cli.command {
        let is_missing = cli.config.as_path() == Path::new(cli::DEFAULT_CONFIG) && !cli.config.exists();
        let config = if is_missing { None } else { Some(configuration(cli)?) };
        let code = inspect::run(args, config.as_ref(), now, &console)?;
        console.ended(code);
        return Ok(code);
    }
    // Nor does the first configuration need one.
    if let Command::Init(args) = &cli.command {
        let code = init::run(args, &console)?;
        console.ended(code);
        return Ok(code);
    }
    let config = configuration(cli)?;
    let code = match &cli.command {
        Command::Init(args) => init::run(args, &console),
        Command::Monthly(args) => monthly::run(args, &config, now, &console),
        Command::Issue(args) => issue::run(args, &config, now, &console),
        Command::Nightly(args) => nightly::run(args, &config, now, &console),
        Command::Rerun(args) => rerun::run(args, &config, now, &console),
        Command::Check(args) => check::run(args, &config, now, &console),
        Command::Inspect(args) => inspect::run(args, Some(&config), now, &console),
        Command::Rules(args) => Ok(rules::run(args, &config, now, &console)),
        Command::Decide(args) => decide::run(args, &config, now, &console),
        Command::Explain(args) => explain::finding(&args.what, &config, &console),
        Command::Editions(args) => editions::run(args, &config, now, &console),
        Command::Outbox(args) => outbox::run(args, &config, now, &console),
        Command::Schedule(args) => schedule::run(args, &cli.config, &config, now, &console),
    }?;
    console.ended(code);
    Ok(code)
}

/// The configuration, or all its problems at once (exit 78).
fn configuration(cli: &Cli) -> anyhow::Result<Config> {
    load(&cli.config, &crate::rules::known()).map_err(|problems| unreadable("the configuration", &problems))
}

/// The configuration that an edition kept, with the files that it names.
fn configuration_of(path: &Path, kept: Kept) -> anyhow::Result<Config> {
    let what = path.display().to_string();
    load_kept(path, &crate::rules::known(), kept).map_err(|problems| unreadable(&what, &problems))
}

fn unreadable(what: &str, problems: &[Problem]) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Stop::because(CONFIG, format!("{} in {what}\n{}", counted(lines.len()), lines.join("\n")))
}
