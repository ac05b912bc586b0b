//! `editions prune`: of months long over only manifest, ledger and movements of money stay. Shown first, then asked.

use super::counted;
use crate::{
    archive::{Archive, Planned},
    base::month::Month,
    cli,
    config::Config,
    jobs::{DONE, Stop, USAGE, console::Console, month::today, monthly::lock},
};
use chrono::{DateTime, Months, NaiveDate, Utc};

pub(super) fn run(
    args: &cli::Prune,
    archive: &Archive,
    config: &Config,
    now: DateTime<Utc>,
    console: &Console,
) -> anyhow::Result<u8> {
    let before = today(config, now).checked_sub_months(Months::new(args.older_than)).unwrap_or(NaiveDate::MIN);
    if archive.months()?.is_empty() {
        console.answer(&format!("nothing to prune: {} has no edition", archive.dir().display()));
        return Ok(DONE);
    }
    let _lock = lock(archive, "editions prune", console)?;
    let plan = archive.plan(before)?;
    for month in &plan {
        console.answer(&line(month));
    }
    let months: Vec<Month> = plan.iter().filter(|month| month.kept.is_none()).map(|month| month.month).collect();
    if months.is_empty() {
        let other = if plan.is_empty() { "that is not pruned already" } else { "that need not stay" };
        console.answer(&format!("nothing to prune: no month ended before {before} {other}"));
        return Ok(DONE);
    }
    if !args.yes && !is_confirmed(&months, console)? {
        let help = "answer `yes`, or write --yes where nobody is asked";
        return Err(Stop::because(USAGE, format!("nothing was pruned: the answer was not yes\n  help: {help}")));
    }
    archive.prune(&months)?;
    console.answer(&format!("pruned: {}", listed(&months)));
    Ok(DONE)
}

/// What would become of a month.
fn line(planned: &Planned) -> String {
    let Planned { month, last, editions, files, kept } = planned;
    match kept {
        Some(why) => format!("{month} stays: {why}"),
        None => format!(
            "{month} goes: it ended on {last}; {} of {}; manifest, ledger and movements of money stay",
            counted(*files, "file"),
            counted(*editions, "edition")
        ),
    }
}

fn listed(months: &[Month]) -> String {
    months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Asks; what is no answer is no yes.
fn is_confirmed(months: &[Month], console: &Console) -> anyhow::Result<bool> {
    console.answer(&format!("{} cannot be had back but from a backup. Prune? (yes/no)", listed(months)));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(["yes", "y", "是"].contains(&answer.trim().to_lowercase().as_str()))
}
