//! `monthly`: reads, judges and proposes a month; with `--issue` closes it too.

use super::{
    BUSY, DONE, IO_ERROR, NEEDS_PERSON, Stop, USAGE,
    console::Console,
    deliver,
    earlier::{Earlier, closed},
    issue, month,
    produce::{Kind, Produced, gather, produce},
    rerun,
};
use crate::{
    archive::{Archive, Held, Lock, write_preview},
    base::month::{Month, Period},
    cli,
    config::Config,
    schema::{
        findings::{Status as FindingStatus, Suspension, Unaudited},
        inputs::Status,
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

pub(super) fn run(args: &cli::Monthly, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let period = month::period(args.month, config, now)?;
    let archive = Archive::new(&config.archive);
    let today = month::today(config, now);
    if args.issue {
        issue::refuse_running(period, today)?;
    }
    if let Some(warning) = month::calendar_warning(config, now) {
        console.say(&warning);
    }
    if let Some(dir) = &args.preview {
        let earlier = Earlier::of(archive.all()?, period.month)?;
        if args.issue {
            refuse_issued(&earlier, period)?;
            issue::refuse_gap(&earlier, period, args.leave_open)?;
        }
        let kind = if args.issue { Kind::Issued } else { Kind::Proposed };
        return preview(config, period, &earlier, (kind, dir), today, console);
    }
    let _lock = lock(&archive, "monthly", console)?;
    let is_asked = args.month.or(config.default_month).is_some();
    let mut code = DONE;
    for month in if is_asked { vec![period.month] } else { due(&archive, period.month)? } {
        let period = month::period(Some(month), config, now)?;
        let earlier = Earlier::of(archive.all()?, month)?;
        if !is_asked && closed(earlier.own()).next().is_some() {
            console.say(&format!("{month} is issued already: no month is due"));
            continue;
        }
        code = code.max(one(args, config, period, (&archive, &earlier), today, console)?);
    }
    deliver::after(code, &archive, config, now, console)
}

/// The months that nobody has judged yet, the oldest first, and `last`, the last complete one: a machine may have been
/// off for long.
fn due(archive: &Archive, last: Month) -> anyhow::Result<Vec<Month>> {
    let judged = archive.all()?.into_iter().filter(|(month, own)| *month < last && !own.is_empty());
    let latest = judged.map(|(month, _)| month).next_back();
    let mut due = Vec::new();
    let mut month = latest.map_or(last, Month::next);
    while month <= last {
        due.push(month);
        month = month.next();
    }
    Ok(due)
}

/// Proposes a month, or closes it.
fn one(
    args: &cli::Monthly,
    config: &Config,
    period: Period,
    (archive, earlier): (&Archive, &Earlier),
    today: NaiveDate,
    console: &Console,
) -> anyhow::Result<u8> {
    refuse_issued(earlier, period)?;
    if !args.issue {
        return propose(config, period, (archive, earlier), today, console);
    }
    issue::refuse_gap(earlier, period, args.leave_open)?;
    let material = gather(config, period, &earlier.basis(), console)?;
    issue::close(config, period, material, (archive, earlier), args.confirm_unusual, today, console)
}

/// Proposes a month that is not issued yet; says so where nothing changed since it was.
pub(super) fn propose(
    config: &Config,
    period: Period,
    (archive, earlier): (&Archive, &Earlier),
    today: NaiveDate,
    console: &Console,
) -> anyhow::Result<u8> {
    let material = gather(config, period, &earlier.basis(), console)?;
    if let Some(edition) = earlier.own().last().filter(|edition| edition.manifest.basis_sha256 == material.basis.all) {
        console.finish();
        console.end_step();
        console.say(&format!("{}: nothing changed since edition {:03} was proposed", period.month, edition.number));
        return Ok(DONE);
    }
    let files = material.inputs.files.clone();
    // The inputs go to disk while the month is judged: large exports take as long to store as to read.
    let (produced, stored) = std::thread::scope(|scope| {
        let storing = scope.spawn(|| files.iter().try_for_each(|file| archive.store(file)));
        let produced = produce(config, period, material, earlier, Kind::Proposed, console);
        (produced, storing.join())
    });
    let produced = produced?;
    stored.map_err(|_| anyhow::anyhow!("storing the inputs stopped"))??;
    let dir = write_edition(archive, config, period, &produced, console)?;
    let number = produced.manifest.edition;
    Ok(tell(&produced, &format!("{} proposed: edition {number:03} in {}", period.month, dir.display()), today, console))
}

/// Writes into `dir` what a run would make, and leaves the archive alone.
pub(super) fn preview(
    config: &Config,
    period: Period,
    earlier: &Earlier,
    (kind, dir): (Kind<'_>, &Path),
    today: NaiveDate,
    console: &Console,
) -> anyhow::Result<u8> {
    let material = gather(config, period, &earlier.basis(), console)?;
    let produced = produce(config, period, material, earlier, kind, console)?;
    write_preview(dir, &produced.all())?;
    Ok(tell(&produced, &format!("preview of {} in {}", period.month, dir.display()), today, console))
}

/// An issued month is not proposed again (exit 64).
pub(super) fn refuse_issued(earlier: &Earlier, period: Period) -> anyhow::Result<()> {
    match closed(earlier.own()).next() {
        None => Ok(()),
        Some(edition) => Err(Stop::because(
            USAGE,
            format!(
                "{0} was issued as edition {1:03}; an issued month is never edited\n  help: to judge it again use `meritbook \
                 rerun --month {0}`: only the difference is then paid or deducted",
                period.month, edition.number
            ),
        )),
    }
}

/// Takes the archive's lock and cleans up after an interrupted run.
pub(super) fn lock(archive: &Archive, command: &str, console: &Console) -> anyhow::Result<Lock> {
    let holder = format!("pid {} meritbook {command}", std::process::id());
    let lock = Lock::take(archive.dir(), &holder).map_err(|held| match held {
        Held::By(holder) => Stop::because(
            BUSY,
            format!("another run holds {}: {holder}\n  help: wait for it to end", archive.dir().join("lock").display()),
        ),
        Held::Failed(error) => {
            Stop::because(IO_ERROR, format!("cannot lock {}: {error}", archive.dir().join("lock").display()))
        }
    })?;
    let left = archive.clean()?;
    if left > 0 {
        console.say(&format!("cleaned up after an interrupted run: {left} unfinished"));
    }
    Ok(lock)
}

/// Writes the edition, whose inputs are stored; gives its folder.
pub(super) fn write_edition(
    archive: &Archive,
    config: &Config,
    period: Period,
    produced: &Produced,
    console: &Console,
) -> anyhow::Result<PathBuf> {
    console.step("archive");
    let number = produced.manifest.edition;
    let (policy, calendar) = (config.policy.canonical_text(), config.calendar.canonical_text());
    let texts = [&config.text, &policy, &calendar, &produced.roster].map(String::as_str);
    let inputs = (produced.evaluation.inputs.files.as_slice(), texts);
    let outgoing = deliver::outgoing(config, &produced.messages)?;
    let dir = archive.write(period.month, number, &produced.all(), inputs, &outgoing)?;
    console.end_step();
    Ok(dir)
}

/// So many rules in shadow mode are named, then counted.
const SHOWN: usize = 6;

/// What could not be judged, one line for each reason and scope: its rules and its days.
pub(super) fn suspended(suspensions: &[Suspension]) -> Vec<String> {
    type Days = BTreeSet<NaiveDate>;
    let mut groups: BTreeMap<(&str, &str, &str), (BTreeSet<&str>, Days)> = BTreeMap::new();
    for open in suspensions {
        let (rules, days) = groups.entry((open.reason, &open.source, &open.scope)).or_default();
        rules.insert(open.rule);
        days.extend(open.from.iter_days().take_while(|day| *day <= open.to));
    }
    let line = |((reason, source, scope), (rules, days)): (_, (BTreeSet<&str>, Days))| {
        let rules: Vec<&str> = rules.into_iter().collect();
        let span = match (days.first(), days.last()) {
            (Some(first), Some(last)) if first == last => first.to_string(),
            (Some(first), Some(last)) => format!("{first}..{last} ({} days)", days.len()),
            _ => String::new(),
        };
        let words: [&str; 3] = [scope, reason, source];
        let about: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        format!("suspended: {} {span} ({})", rules.join(", "), about.join(", "))
    };
    groups.into_iter().map(line).collect()
}

/// Says what came of it; gives the exit code.
pub(super) fn tell(produced: &Produced, headline: &str, today: NaiveDate, console: &Console) -> u8 {
    console.end_step();
    let evaluation = &produced.evaluation;
    let count = |status| evaluation.findings.iter().filter(|finding| finding.status == status).count();
    let control = &produced.manifest.control;
    console.say(headline);
    for line in produced.rerun.iter().flat_map(rerun::summary).chain(produced.imports.iter().cloned()) {
        console.say(&line);
    }
    for (name, state) in &evaluation.inputs.states {
        if let Status::Missing(why) | Status::Unusable(why) = &state.status {
            console.say(&format!("not usable: {name}: {why}"));
        }
    }
    for line in suspended(&evaluation.suspensions) {
        console.say(&line);
    }
    for Unaudited { rule, source, reason } in &evaluation.unaudited {
        console.say(&match reason.as_str() {
            "" => format!("not audited: {rule} (source {source} is not configured)"),
            reason => format!("not audited: {rule} (off: {reason})"),
        });
    }
    if !produced.manifest.shadow.is_empty() {
        let (rules, lines) = (&produced.manifest.shadow, evaluation.shadow.len());
        let named = if rules.len() <= SHOWN { rules.join(", ") } else { format!("{} rules", rules.len()) };
        console.say(&format!("shadow mode, only shown: {named}: {lines} lines"));
    }
    let overdue = evaluation.findings.iter().filter(|finding| finding.due_on.is_some_and(|due| due < today)).count();
    console.say(&format!(
        "held: {} lines, {overdue} past their date; rejected: {} rows",
        count(FindingStatus::Hold),
        evaluation.rejected.len()
    ));
    console.say(&format!(
        "deductions: {} lines, {} yuan; rewards: {} lines, {} yuan",
        count(FindingStatus::Charge),
        control.charge,
        count(FindingStatus::Credit),
        control.credit
    ));
    let needs_person = !evaluation.suspensions.is_empty()
        || !evaluation.unaudited.is_empty()
        || !evaluation.rejected.is_empty()
        || overdue > 0;
    if needs_person {
        console.say("something needs a person (exit 10): look at the first sheet of deductions.xlsx, 封面");
    }
    if needs_person { NEEDS_PERSON } else { DONE }
}
