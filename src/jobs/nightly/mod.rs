//! `nightly`: the month to date, compared with the night before: what needs an answer, what falls due, what is new, what
//! could not be judged. One mail for each manager, of own staff only; nights that were missed are made up for.

mod agenda;
mod archived;
mod due;
mod failure;
mod night;
mod reruns;
mod snapshot;
mod staff;
mod upcoming;

use super::{
    DONE, NEEDS_PERSON, Stop, USAGE,
    console::Console,
    deliver, month,
    monthly::{lock, suspended},
    produce::language,
};
use crate::{
    archive::{Archive, write_preview},
    base::month::{Month, Period},
    cli,
    config::Config,
    schema::findings::Unaudited,
};
use agenda::Agendas;
use archived::Archived;
use chrono::{DateTime, NaiveDate, Utc};
use night::{Before, Judged, gathered};
use reruns::Reruns;
use snapshot::Mails;
use std::path::Path;

pub(super) fn run(args: &cli::Nightly, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let today = month::today(config, now);
    if let Some(date) = args.date.filter(|date| *date > today) {
        let help = "without --date every night that is due is made";
        return Err(Stop::because(USAGE, format!("{date} is still to come, so nothing can be judged\n  help: {help}")));
    }
    // Templates of payroll imports decide nothing here, so they stop nothing.
    let config = &Config { imports: Vec::new(), ..config.clone() };
    let archive = Archive::new(&config.archive);
    let _lock = if args.preview.is_none() { Some(lock(&archive, "nightly", console)?) } else { None };
    let latest = archive.nights()?.last().map(|night| night.date);
    let pinned = config.default_month.map(|month| Period::new(month, config.first_day).last);
    let due = match args.date.or(pinned) {
        Some(date) => due::Due { nights: vec![date], left_out: 0 },
        None => due::due(latest, today),
    };
    if due.left_out > 0 {
        console.say(&format!("note: {} older nights are left out: what was new in them is in the next", due.left_out));
    }
    let nights = if args.preview.is_some() { &due.nights[due.nights.len() - 1..] } else { &due.nights };
    let made = Maker { config, archive: &archive, preview: args.preview.as_deref(), console }.all(nights);
    let made = made.map_err(|(left, error)| match (&args.preview, left) {
        (None, [.., last]) => failure::tell(config, &archive, (left, *last), error, console),
        _ => error,
    });
    match made {
        _ if args.preview.is_some() => made,
        Ok(code) => deliver::after(code, &archive, config, now, console),
        Err(error) => {
            // The operator is told now, too; why the night failed is what counts.
            if let Err(other) = deliver::after(DONE, &archive, config, now, console) {
                console.say(&format!("note: mail could not be sent: {other:#}"));
            }
            Err(error)
        }
    }
}

/// The payroll months from `running` back.
fn months(running: Month) -> impl Iterator<Item = Month> {
    std::iter::successors(Some(running), |month| Some(month.previous()))
}

/// What makes nights.
struct Maker<'a> {
    config: &'a Config,
    archive: &'a Archive,
    preview: Option<&'a Path>,
    console: &'a Console,
}

impl Maker<'_> {
    /// Makes the nights in order; where one fails, gives it and those after it with the reason.
    fn all<'n>(&self, nights: &'n [NaiveDate]) -> Result<u8, (&'n [NaiveDate], anyhow::Error)> {
        let mut archived = Archived::of(self.archive).map_err(|error| (nights, error))?;
        let (mut reruns, mut code) = (Reruns::default(), DONE);
        for (index, night) in nights.iter().enumerate() {
            let made = self.night(*night, &mut archived, &mut reruns);
            code = code.max(made.map_err(|error| (&nights[index..], error))?);
        }
        Ok(code)
    }

    fn night(&self, date: NaiveDate, archived: &mut Archived, reruns: &mut Reruns) -> anyhow::Result<u8> {
        let (config, console) = (self.config, self.console);
        let running = Period::containing(date, config.first_day).month;
        let found = reruns.look(config, archived, running);
        let gathered = gathered(config, archived, date, found, console)?;
        let nights = self.archive.nights()?;
        let own = nights.iter().rev().find(|night| night.date == date);
        if let Some(own) = own.filter(|_| self.preview.is_none())
            && own.read().is_ok_and(|snapshot| snapshot.manifest.basis_sha256 == gathered.basis())
        {
            console.end_step();
            console.say(&format!("{date}: nothing changed since {}", own.name()));
            return Ok(DONE);
        }
        let number = own.map_or(1, |own| own.number + 1);
        let judged = gathered.judge(config, archived, console)?;
        let before = Before::of(&judged, &nights, archived)?;
        let agendas = Agendas::of(config, &judged, &before);
        let mails = snapshot::mails(config, &judged, number, &agendas)?;
        let files = snapshot::files(config, &judged, &before, number, &mails.messages)?;
        console.end_step();
        let place = if let Some(dir) = self.preview {
            let mails = mails.messages.iter().map(|message| (message.file.clone(), message.bytes.clone()));
            write_preview(dir, &files.into_iter().chain(mails).collect::<Vec<_>>())?;
            format!("preview in {}", dir.display())
        } else {
            let messages = (mails.messages.as_slice(), &*deliver::outgoing(config, &mails.messages)?);
            let dir = self.archive.write_night(&date.to_string(), number, &files, messages)?;
            format!("snapshot {number:03} in {}", dir.display())
        };
        Ok(tell(&judged, (&agendas, &mails, &before), &place, console))
    }
}

/// Says what came of a night; gives the exit code.
fn tell(judged: &Judged, (agendas, mails, before): (&Agendas, &Mails, &Before), place: &str, console: &Console) -> u8 {
    console.say(&format!("{}: {place}", judged.date));
    let waiting = || judged.findings.iter().filter(|finding| crate::report::waiting::is_waiting(finding));
    let overdue = waiting().filter(|finding| finding.due_on.is_some_and(|due| due <= judged.date)).count();
    let all = || agendas.managers.values().chain([&agendas.hr, &agendas.general]);
    let (asked, due): (usize, usize) =
        (all().map(|one| one.asked.len()).sum(), all().map(|one| one.upcoming.len()).sum());
    let new: usize = all().map(|one| one.news.len()).sum();
    console.say(&format!("to be answered: {asked}, {overdue} past their date; falling due: {due}; new: {new}"));
    let to = if mails.to.is_empty() { "nobody: nothing is open".to_owned() } else { mails.to.join(", ") };
    console.say(&format!("mail to {to}"));
    for role in &mails.nobody {
        console.say(&format!("note: no recipient has the role {role}, so nobody is told what is theirs"));
    }
    for one in &agendas.hr.unreached {
        console.say(&format!("note: no mail reaches manager {} ({})", one.id, one.why));
    }
    for one in &judged.reruns.suggested {
        console.say(&format!("note: late inputs would change {0}: meritbook rerun --month {0}", one.month));
    }
    for (month, why) in &judged.reruns.failed {
        console.say(&format!("note: {month} could not be looked at again: {why}"));
    }
    for name in &before.damaged {
        console.say(&format!("note: {name} is not as it was written, so it was not compared with"));
    }
    for one in &agendas.operator.unread {
        console.say(&format!("not usable: {} ({})", one.source, one.files));
    }
    for line in suspended(&judged.suspensions) {
        console.say(&line);
    }
    for Unaudited { rule, source, reason } in &judged.unaudited {
        let why =
            if reason.is_empty() { format!("source {source} is not configured") } else { format!("off: {reason}") };
        console.say(&format!("not audited: {rule} ({why})"));
    }
    if !judged.rejected.is_empty() {
        console.say(&format!("rejected: {} rows", judged.rejected.len()));
    }
    let needs_person = !judged.suspensions.is_empty()
        || !judged.unaudited.is_empty()
        || !judged.rejected.is_empty()
        || !judged.reruns.failed.is_empty()
        || overdue > 0;
    if needs_person { NEEDS_PERSON } else { DONE }
}
