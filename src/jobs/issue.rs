//! `issue`: evaluates again with the decisions that came, writes the final edition with payroll import files, and
//! closes the month.

use super::{
    BAD_DATA, Stop, USAGE,
    console::Console,
    deliver,
    earlier::{Earlier, closed},
    month,
    monthly::{lock, preview, refuse_issued, tell, write_edition},
    produce::{Kind, Material, gather, produce},
};
use crate::{
    archive::{Adjusted, Archive, Manifest},
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
        let earlier = Earlier::of(archive.all()?, period.month)?;
        refuse_issued(&earlier, period)?;
        refuse_gap(&earlier, period, args.leave_open)?;
        return preview(config, period, &earlier, (Kind::Issued, dir), today, console);
    }
    let _lock = lock(&archive, "issue", console)?;
    let earlier = Earlier::of(archive.all()?, period.month)?;
    refuse_issued(&earlier, period)?;
    refuse_gap(&earlier, period, args.leave_open)?;
    let material = gather(config, period, &earlier.basis(), console)?;
    let code = close(config, period, material, (&archive, &earlier), args.confirm_unusual, today, console)?;
    deliver::after(code, &archive, config, now, console)
}

/// A month is not closed while the one before is still open (exit 64): differences are taken up in the order of months.
/// The first month of a centre has none before it; a month that is never to be paid by these sheets may be left open.
pub(super) fn refuse_gap(earlier: &Earlier, period: Period, is_left_open: bool) -> anyhow::Result<()> {
    let (month, before) = (period.month, period.month.previous());
    let own = earlier.editions.iter().find(|(month, _)| *month == before).map_or(&[][..], |(_, own)| own);
    let has_begun = earlier.editions.iter().any(|(other, own)| *other < month && closed(own).next().is_some());
    let later = earlier.editions.iter().find(|(other, own)| *other > month && closed(own).next().is_some());
    if let Some((later, _)) = later {
        let text = format!(
            "{month} cannot be issued any more: {later} is issued already, and months are issued in their order\n  help: what \
             {month} comes to stays out of payroll; its proposal shows it"
        );
        return Err(Stop::because(USAGE, text));
    }
    if is_left_open || closed(own).next().is_some() || (own.is_empty() && !has_begun) {
        return Ok(());
    }
    let state = if own.is_empty() { "not proposed yet" } else { "only proposed" };
    Err(Stop::because(
        USAGE,
        format!(
            "{month} cannot be issued: {before} is {state}, and months are issued in their order\n  help: `meritbook issue \
             --month {before}` first; if {before} is never to be paid by these sheets, add --leave-open"
        ),
    ))
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
    (archive, earlier): (&Archive, &Earlier),
    is_confirmed: bool,
    today: NaiveDate,
    console: &Console,
) -> anyhow::Result<u8> {
    let produced = produce(config, period, material, earlier, Kind::Issued, console)?;
    if !is_confirmed {
        refuse_unusual(earlier, &produced.manifest)?;
    }
    for file in &produced.evaluation.inputs.files {
        archive.store(file)?;
    }
    let dir = write_edition(archive, config, period, &produced, console)?;
    let number = produced.manifest.edition;
    Ok(tell(&produced, &format!("{} issued: edition {number:03} in {}", period.month, dir.display()), today, console))
}

fn total(manifest: &Manifest) -> i64 {
    let control = &manifest.control;
    let fen = |text: &str| Fen::parse_yuan(text).unwrap_or_default().0;
    fen(&control.charge) + fen(&control.credit)
}

/// What is taken up of earlier months, both ways, beyond what is moved back.
fn adjusted(manifest: &Manifest) -> i64 {
    let fen = |text: &String| Fen::parse_yuan(text).unwrap_or_default().0;
    manifest.control.adjusted.as_ref().map_or(0, |adjusted| {
        let Adjusted { deduct, reverse_deduct, reward, reverse_reward } = adjusted;
        [(deduct, reverse_deduct), (reward, reverse_reward)]
            .map(|(new, back)| (fen(new) - fen(back)).abs())
            .iter()
            .sum()
    })
}

/// Refuses a total over three times the median of the last six issued months (exit 65).
fn refuse_unusual(earlier: &Earlier, manifest: &Manifest) -> anyhow::Result<()> {
    let issued = earlier.editions.iter().rev().filter_map(|(_, own)| closed(own).next());
    let mut totals: Vec<i64> = issued.take(COMPARED_MONTHS).map(|edition| total(&edition.manifest)).collect();
    totals.sort_unstable();
    // Of an even number the two middle totals count, compared as a sum: no half fen is lost.
    let Some(upper) = totals.get(totals.len() / 2) else { return Ok(()) };
    let lower = totals[(totals.len() - 1) / 2];
    let highest = totals.last().copied().unwrap_or_default();
    if highest > 0 && adjusted(manifest) > UNUSUAL_TIMES * highest {
        return Err(Stop::because(
            BAD_DATA,
            format!(
                "{} yuan of earlier months are taken up, over three times what any of the last {} issued months came to \
                 ({}); nothing was written\n  help: look at 以前月份调整 in the proposal; if it is right, issue with \
                 --confirm-unusual",
                Fen(adjusted(manifest)),
                totals.len(),
                Fen(highest)
            ),
        ));
    }
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
