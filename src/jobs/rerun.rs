//! `rerun`: a month that was issued is judged again. Where anything comes out otherwise than in its latest edition, a new
//! edition says what and why; the money moves with the next month that is issued.

use super::{
    CONFIG, DONE, Stop, USAGE,
    console::Console,
    deliver,
    earlier::{Earlier, closed},
    late, lost, month,
    monthly::{lock, preview, propose, tell, write_edition},
    produce::{Kind, Material, gather, judge, write},
};
use crate::{
    archive::{Archive, Edition, ROSTER, Side, SideInput, causes, write_preview},
    base::{money::Fen, month::Period},
    cli::{self, Inputs, Roster},
    config::Config,
    schema::{
        difference::{Cause, CauseKind, FindingRow, Rerun},
        inputs::{InputFile, Inputs as Read},
        source::{Kept, OldRoster},
        tables::table,
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;

pub(super) fn run(args: &cli::Rerun, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let period = month::period(Some(args.month), config, now)?;
    let (archive, today) = (Archive::new(&config.archive), month::today(config, now));
    if args.preview.is_some() {
        return again(args, period, config, &archive, today, console);
    }
    let _lock = lock(&archive, "rerun", console)?;
    let code = again(args, period, config, &archive, today, console)?;
    deliver::after(code, &archive, config, now, console)
}

fn again(
    args: &cli::Rerun,
    period: Period,
    config: &Config,
    archive: &Archive,
    today: NaiveDate,
    console: &Console,
) -> anyhow::Result<u8> {
    let earlier = Earlier::of(archive.all()?, period.month)?;
    let Some(base) = closed(earlier.own()).last() else {
        refuse_archived(args, period)?;
        console.say(&format!("{} is not issued yet, so judging it again is a proposal", period.month));
        return match &args.preview {
            Some(dir) => preview(config, period, &earlier, (Kind::Proposed, dir), today, console),
            None => propose(config, period, (archive, &earlier), today, console),
        };
    };
    refuse_pruned(base, period)?;
    refuse_other_days(base, period)?;
    let config = with_archived(args, config, &earlier, base, period)?;
    let Material { inputs, templates, basis } = gather(&config, period, &replacing(&earlier, base), console)?;
    let is_read = late::unread(base, &inputs)?.is_empty();
    let now = side(&config, &inputs);
    let mut judged = judge(&config, period, inputs, &earlier, Kind::Reissued(base), console)?;
    let causes = causes(&Side::of(base)?, &now);
    if let Some(rerun) = &mut judged.rerun {
        rerun.causes.clone_from(&causes);
    }
    if is_read && judged.is_same(base) {
        console.end_step();
        console.say(&format!("{}: nothing changed since edition {:03}", period.month, base.number));
        if !causes.is_empty() {
            console.say(&format!("note: no line depends on what changed: {}", named(&causes)));
        }
        return Ok(DONE);
    }
    if args.preview.is_none() && !args.confirm_lost {
        lost::refuse(&judged, base)?;
    }
    let produced = write(&config, period, judged, (&templates, &basis), &earlier, console)?;
    let headline = if let Some(dir) = &args.preview {
        write_preview(dir, &produced.all())?;
        format!("preview of {} judged again in {}", period.month, dir.display())
    } else {
        for file in &produced.evaluation.inputs.files {
            archive.store(file)?;
        }
        let dir = write_edition(archive, &config, period, &produced, console)?;
        let number = produced.manifest.edition;
        format!("{} judged again: edition {number:03} replaces {:03}, in {}", period.month, base.number, dir.display())
    };
    let freed: BTreeSet<&str> =
        produced.rerun.iter().flat_map(|rerun| &rerun.difference.removed).map(FindingRow::id).collect();
    let waiting = earlier.waiting_for(&freed)?;
    let code = tell(&produced, &headline, today, console);
    for month in waiting {
        console
            .say(&format!("note: {month} held lines that this month has let go of: meritbook rerun --month {month}"));
    }
    Ok(code)
}

/// The configuration with what is read of editions in place of today's.
fn with_archived(
    args: &cli::Rerun,
    config: &Config,
    earlier: &Earlier,
    base: &Edition,
    period: Period,
) -> anyhow::Result<Config> {
    let mut config = config.clone();
    if args.inputs == Inputs::Current && args.edition.is_some() {
        let text = "--edition names the edition whose files are read\n  help: add --inputs archived or filled";
        return Err(Stop::because(USAGE, text));
    }
    if args.inputs != Inputs::Current {
        let mut kept = kept(chosen(earlier, args.edition.unwrap_or(base.number), period)?, false);
        kept.is_for_missing = args.inputs == Inputs::Filled;
        config.kept = Some(kept);
    }
    if args.roster == Roster::Archived {
        config.roster = Some(roster_of(base));
    }
    Ok(config)
}

/// The configuration with the edition's files for sources that have none today, and with its roster: only what came
/// late makes a difference.
pub(super) fn filled(config: &Config, base: &Edition) -> Config {
    let mut kept = kept(base, false);
    kept.is_for_missing = true;
    Config { kept: Some(kept), roster: Some(roster_of(base)), ..config.clone() }
}

/// Only an edition has inputs to judge again (exit 64).
fn refuse_archived(args: &cli::Rerun, period: Period) -> anyhow::Result<()> {
    if args.inputs == Inputs::Current {
        return Ok(());
    }
    let text = format!(
        "{} is not issued, so there are no inputs of an issued edition\n  help: leave --inputs out; `meritbook monthly` proposes it",
        period.month
    );
    Err(Stop::because(USAGE, text))
}

/// What a month was is gone once it is pruned (exit 64).
fn refuse_pruned(base: &Edition, period: Period) -> anyhow::Result<()> {
    if !base.is_pruned() {
        return Ok(());
    }
    let month = period.month;
    let text = format!("{month} is pruned: what it charged is gone\n  help: restore {month} from a backup first");
    Err(Stop::because(USAGE, text))
}

/// The days of an issued month stand (exit 78).
pub(super) fn refuse_other_days(base: &Edition, period: Period) -> anyhow::Result<()> {
    let own = &base.manifest.period;
    if (own.first.as_str(), own.last.as_str()) == (&*period.first.to_string(), &*period.last.to_string()) {
        return Ok(());
    }
    let (month, first, last) = (period.month, period.first, period.last);
    Err(Stop::because(
        CONFIG,
        format!(
            "{month} was issued as {}..{}, and `period.first_day` makes it {first}..{last}\n  help: judge it with the \
             first_day that it was issued with: --config with a copy of that time",
            own.first, own.last
        ),
    ))
}

fn chosen(earlier: &Earlier, number: u32, period: Period) -> anyhow::Result<&Edition> {
    let numbers: Vec<String> = earlier.own().iter().map(|edition| edition.number.to_string()).collect();
    earlier.own().iter().find(|edition| edition.number == number).ok_or_else(|| {
        let text = format!("{} has no edition {number}\n  help: it has {}", period.month, numbers.join(", "));
        Stop::because(USAGE, text)
    })
}

/// What decides the result of a run.
pub(super) fn side(config: &Config, inputs: &Read) -> Side {
    let input = |file: &InputFile| SideInput {
        source: file.source.clone(),
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        rows: file.totals.rows,
        path: file.path.clone(),
    };
    Side {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        config: config.text.clone(),
        policy: config.policy.canonical_text(),
        calendar: config.calendar.canonical_text(),
        inputs: inputs.files.iter().filter(|file| file.source != ROSTER).map(input).collect(),
    }
}

/// What changed, in a few words.
fn named(causes: &[Cause]) -> String {
    let name = |cause: &Cause| match cause.kind {
        CauseKind::Input => cause.name.clone(),
        kind => kind.word().to_owned(),
    };
    causes.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// What the result depends on beside inputs and configuration.
pub(super) fn replacing(earlier: &Earlier, base: &Edition) -> String {
    format!("{}replaces {} {}\n", earlier.basis(), base.name(), base.sha256)
}

/// The files of the sources as an edition read them; of all of it, those that its configuration names too.
pub(super) fn kept(edition: &Edition, is_all: bool) -> Kept {
    let mut kept = Kept::new(is_all);
    // Decisions and objections survive every rerun: they are always today's.
    let is_table = |source: &str| table(source).is_some() && source != "decisions";
    for input in edition.manifest.inputs.iter().filter(|input| is_all || is_table(&input.source)) {
        kept.add(&input.source, workbook(&input.name), edition.dir.join("inputs").join(&input.archived));
    }
    for (source, why) in &edition.manifest.missing {
        kept.lack(source, why);
    }
    kept
}

/// The name of a file of which an input may be a sheet, `a.xlsx!Sheet1`.
fn workbook(name: &str) -> &str {
    let is_workbook = |before: &str| {
        let end = std::path::Path::new(before).extension().map(|end| end.to_string_lossy().to_lowercase());
        end.is_some_and(|end| end.starts_with("xls"))
    };
    name.match_indices('!').map(|(at, _)| &name[..at]).find(|before| is_workbook(before)).unwrap_or(name)
}

/// The roster as an edition read it.
pub(super) fn roster_of(edition: &Edition) -> OldRoster {
    OldRoster { name: format!("{}/{}", edition.name(), Edition::ROSTER), path: edition.dir.join(Edition::ROSTER) }
}

/// What a rerun comes to, in two lines: lines that differ, money.
pub(super) fn summary(rerun: &Rerun) -> [String; 2] {
    let Rerun { difference, net, .. } = rerun;
    let [mut back, mut more] = [Fen(0); 2];
    for favour in net.iter().map(crate::schema::difference::Net::favour) {
        if favour.0 > 0 { back.0 += favour.0 } else { more.0 -= favour.0 }
    }
    [
        format!(
            "difference: {} removed, {} added, {} changed",
            difference.removed.len(),
            difference.added.len(),
            difference.changed.len()
        ),
        format!(
            "to {}: {back} yuan in their favour, {more} yuan to their burden; it moves with the next month that is issued",
            people(net.len())
        ),
    ]
}

fn people(number: usize) -> String {
    if number == 1 { "1 person".to_owned() } else { format!("{number} people") }
}
