//! `editions`: the archive, listed, compared, verified and pruned.

mod diff;
mod list;
mod prune;
mod verify;

use super::{Stop, USAGE, console::Console};
use crate::{
    archive::Archive,
    base::month::Month,
    cli::{Editions, OfEditions},
    config::Config,
};
use chrono::{DateTime, Utc};

pub(super) fn run(args: &Editions, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let archive = Archive::new(&config.archive);
    match &args.command {
        OfEditions::List => list::run(&archive, config, now, console),
        OfEditions::Diff(args) => diff::run(args, &archive, console),
        OfEditions::Verify(args) => verify::run(args, &archive, console),
        OfEditions::Prune(args) => prune::run(args, &archive, config, now, console),
    }
}

/// A month without editions (exit 64).
fn unknown(month: Month, archive: &Archive) -> anyhow::Result<anyhow::Error> {
    let months: Vec<String> = archive.months()?.iter().map(ToString::to_string).collect();
    let there =
        if months.is_empty() { "it has none at all".to_owned() } else { format!("it has {}", months.join(", ")) };
    let text = format!("{} has no edition of {month}\n  help: {there}", archive.dir().display());
    Ok(Stop::because(USAGE, text))
}

/// `1 edition`, `3 editions`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
