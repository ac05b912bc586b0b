//! `issue`: evaluates again with the decisions that came, writes the final edition with payroll import files, and
//! closes the month.

use super::{
    BAD_DATA, Stop, USAGE,
    console::Console,
    month,
    monthly::{lock, next_number, refuse_issued, tell, write_edition},
    produce::{Material, gather, produce},
};
use crate::{
    archive::{Archive, Manifest, write_preview},
    base::{money::Fen, month::Period},
    cli,
    config::Config,
};
use chrono::{DateTime, NaiveDate, Utc};

/// The total is compared with so many issued months …
const COMPARED_MONTHS: usize = 6;
/// … and unusual above so many times their median.
const UNUSUAL_TIMES: i64 = 3;

pub(super) fn run(args: &cli::Issue, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let period = month::period(Some(args.month), config, now)?;
    let archive = Archive::new(&config.archive);
    let today = month::today(config, now);
    refuse_running(period, today)?;
    if let Some(dir) = &args.preview {
        let number = next_number(&archive.editions(period.month)?);
        let material = gather(config, period, console)?;
        let produced = produce(config, period, material, &archive, (number, true), console)?;
        write_preview(dir, &produced.files)?;
        return Ok(tell(&produced, &format!("preview of {} in {}", period.month, dir.display()), today, console));
    }
    let _lock = lock(&archive, "issue", console)?;
    refuse_issued(&archive.editions(period.month)?, period)?;
    let material = gather(config, period, console)?;
    close(config, period, material, &archive, args.confirm_unusual, today, console)
}

/// A month is not closed before it is over (exit 64).
pub(super) fn refuse_running(period: Period, today: NaiveDate) -> anyhow::Result<()> {
    if period.last < today {
        return Ok(());
    }
    let (month, last) = (period.month, period.last);
    Err(Stop::because(
        USAGE,
        format!(
            "{month} is not over: it ends on {last}\n  help: issue it after that; until then `meritbook monthly --month {month} --preview DIR` shows where it stands"
        ),
    ))
}

/// Writes the issued edition of a month that is locked and not issued yet.
pub(super) fn close(
    config: &Config,
    period: Period,
    material: Material,
    archive: &Archive,
    is_confirmed: bool,
    today: NaiveDate,
    console: &Console,
) -> anyhow::Result<u8> {
    let number = next_number(&archive.editions(period.month)?);
    let produced = produce(config, period, material, archive, (number, true), console)?;
    if !is_confirmed {
        refuse_unusual(archive, &produced.manifest)?;
    }
    for file in &produced.evaluation.inputs.files {
        archive.store(file)?;
    }
    let dir = write_edition(archive, config, period, number, &produced, console)?;
    Ok(tell(&produced, &format!("{} issued: edition {number:03} in {}", period.month, dir.display()), today, console))
}

fn total(manifest: &Manifest) -> i64 {
    let control = &manifest.control;
    let fen = |text: &str| Fen::parse_yuan(text).unwrap_or_default().0;
    fen(&control.charge) + fen(&control.credit)
}

/// Refuses a total over three times the median of the last six issued months (exit 65).
fn refuse_unusual(archive: &Archive, manifest: &Manifest) -> anyhow::Result<()> {
    let mut totals = Vec::new();
    for month in archive.months()?.into_iter().rev() {
        let editions = archive.editions(month)?;
        totals.extend(
            editions
                .iter()
                .rev()
                .find(|edition| edition.manifest.state == "issued")
                .map(|edition| total(&edition.manifest)),
        );
        if totals.len() == COMPARED_MONTHS {
            break;
        }
    }
    totals.sort_unstable();
    // Of an even number the two middle totals count, compared as a sum: no half fen is lost.
    let Some(upper) = totals.get(totals.len() / 2) else { return Ok(()) };
    let lower = totals[(totals.len() - 1) / 2];
    if 2 * total(manifest) <= UNUSUAL_TIMES * (upper + lower) {
        return Ok(());
    }
    Err(Stop::because(
        BAD_DATA,
        format!(
            "the month moves {} yuan, over three times the median of the last {} issued months ({}); nothing was written\n  \
             help: look at the proposal; if it is right, issue with --confirm-unusual",
            Fen(total(manifest)),
            totals.len(),
            Fen((upper + lower) / 2)
        ),
    ))
}
