//! `outbox`: the mail queue, listed, sent, tried again and held back.

use super::{
    DONE, Stop, USAGE,
    console::Console,
    deliver::{Which, deliver, said},
    monthly::lock,
};
use crate::{
    archive::{Answer, Archive, Entry, Event, State},
    cli::{OfOutbox, Outbox},
    config::Config,
};
use chrono::{DateTime, Utc};

pub(super) fn run(args: &Outbox, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let archive = Archive::new(&config.archive);
    if let OfOutbox::List(args) = &args.command {
        list(&archive, config, args.all, console)?;
        return Ok(DONE);
    }
    let _lock = lock(&archive, "outbox", console)?;
    match &args.command {
        OfOutbox::Flush(args) => {
            let which = if args.due { Which::Due } else { Which::All };
            let before = archive.outbox()?.iter().filter(|entry| entry.state != State::Sent).count();
            if before == 0 {
                console.say("the outbox is empty");
            }
            deliver(DONE, &archive, config, &which, now, console)
        }
        OfOutbox::Retry(args) => {
            let mut ids = Vec::new();
            for mut entry in named(&archive, &args.ids, "sent again")? {
                entry.note(asked(Event::Retried, now))?;
                entry.put(State::New)?;
                ids.push(entry.envelope.id);
            }
            deliver(DONE, &archive, config, &Which::Only(&ids), now, console)
        }
        OfOutbox::Hold(args) => {
            for mut entry in named(&archive, &args.ids, "held")? {
                entry.note(asked(Event::Held, now))?;
                entry.put(State::Held)?;
                console.say(&format!("{} is held: `meritbook outbox retry` sends it", entry.envelope.id));
            }
            Ok(DONE)
        }
        OfOutbox::List(_) => Ok(DONE),
    }
}

fn asked(event: Event, at: DateTime<Utc>) -> Answer {
    Answer { at, event, text: "asked for on the command line".to_owned(), next: None }
}

/// The messages that are meant, each by its id or a part of it that no other has (64).
fn named(archive: &Archive, parts: &[String], what: &str) -> anyhow::Result<Vec<Entry>> {
    let all = archive.outbox()?;
    let one = |part: &String| {
        let meant: Vec<&Entry> = all.iter().filter(|entry| entry.envelope.id.contains(part.as_str())).collect();
        let text = match meant.as_slice() {
            [entry] if entry.state == State::Sent => format!("{} is sent, it is not {what}", entry.envelope.id),
            [entry] => return Ok((*entry).clone()),
            [] => format!("no message of the outbox has `{part}` in its id"),
            [first, second, ..] => {
                format!("`{part}` may mean {} or {}, and perhaps others", first.envelope.id, second.envelope.id)
            }
        };
        Err(Stop::because(USAGE, format!("{text}\n  help: `meritbook outbox list --all` has the ids")))
    };
    let mut meant: Vec<Entry> = parts.iter().map(one).collect::<anyhow::Result<_>>()?;
    meant.sort_by(|a, b| a.envelope.id.cmp(&b.envelope.id));
    meant.dedup_by(|a, b| a.envelope.id == b.envelope.id);
    Ok(meant)
}

/// Every message that is not sent, or all of them, and how many there are of each state. Takes no lock.
fn list(archive: &Archive, config: &Config, is_all: bool, console: &Console) -> anyhow::Result<()> {
    let outbox = archive.outbox()?;
    for entry in outbox.iter().filter(|entry| is_all || entry.state != State::Sent) {
        let envelope = &entry.envelope;
        let word = entry.state.word();
        console.answer(&format!("{word:8}  {}  {:15}  {:>9} bytes", envelope.id, envelope.role, envelope.bytes));
        if let Some(answer) = entry.answers.last() {
            let at = answer.at.with_timezone(&config.timezone).format("%Y-%m-%d %H:%M");
            console.answer(&format!("          {at} {}", said(entry, &answer.text)));
        }
        if let Some(next) = entry.next().filter(|_| matches!(entry.state, State::New | State::InDoubt)) {
            let next = next.with_timezone(&config.timezone).format("%Y-%m-%d %H:%M");
            console.answer(&format!("          next try {next}"));
        }
    }
    let count = |state: State| (state, outbox.iter().filter(|entry| entry.state == state).count());
    let counts = State::ALL.map(count).into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(state, count)| format!("{count} {}", state.word())).collect();
    console.answer(&if counts.is_empty() { "the outbox is empty".to_owned() } else { counts.join(", ") });
    Ok(())
}
