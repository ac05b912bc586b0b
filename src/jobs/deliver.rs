//! Delivery: what is in the outbox and due is given to the server, each message by itself, and what came of it is kept
//! before anything else is done. Up to DATA a failure is certain; after the final dot silence is doubt.

use super::{CONFIG, NEEDS_PERSON, Stop, UNAVAILABLE, console::Console};
use crate::{
    archive::{Answer, Archive, Entry, Envelope, Event, State},
    config::{Config, OnInDoubt},
    mail::{self, Refused, Session},
    schema::message::Message,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{borrow::Cow, time::Instant};

/// The pause after the first refusal for now, minutes; each further one is twice as long …
const FIRST_PAUSE: i64 = 30;
/// … but not longer than this.
const LONGEST_PAUSE: i64 = 8 * 60;

/// Which messages are tried.
pub(super) enum Which<'a> {
    /// Those whose pause is over.
    Due,
    /// All that wait.
    All,
    /// These.
    Only(&'a [String]),
}

/// The messages as they go out: none where mails are only written; with workbooks locked where that is asked for.
///
/// # Errors
/// A password that cannot be read (78).
pub(super) fn outgoing<'a>(config: &Config, messages: &'a [Message]) -> anyhow::Result<Cow<'a, [Message]>> {
    if config.mail.smtp.is_none() {
        return Ok(Cow::Borrowed(&[]));
    }
    let Some(secret) = &config.mail.workbook_password else { return Ok(Cow::Borrowed(messages)) };
    let sealed = messages.iter().map(|message| {
        if !mail::has_workbook(message) {
            return Ok(message.clone());
        }
        let password = mail::secret(secret, &message.whom).map_err(|text| Stop::because(CONFIG, text))?;
        mail::sealed(message, &password)
    });
    sealed.collect::<anyhow::Result<Vec<_>>>().map(Cow::Owned)
}

/// What came of a delivery: the ids of messages, and why no more was tried.
#[derive(Default)]
struct Outcome {
    sent: Vec<String>,
    /// With the moment of the next try.
    later: Vec<(String, DateTime<Utc>)>,
    refused: Vec<String>,
    in_doubt: Vec<String>,
    stopped: Option<Refused>,
}

/// Delivers what is due after a run that ended with `code`; gives the code of both.
pub(super) fn after(
    code: u8,
    archive: &Archive,
    config: &Config,
    now: DateTime<Utc>,
    console: &Console,
) -> anyhow::Result<u8> {
    deliver(code, archive, config, &Which::Due, now, console)
}

/// Delivers; gives the exit code, which is `code` where all is well.
pub(super) fn deliver(
    code: u8,
    archive: &Archive,
    config: &Config,
    which: &Which<'_>,
    now: DateTime<Utc>,
    console: &Console,
) -> anyhow::Result<u8> {
    let is_meant = |entry: &Entry| match which {
        Which::Only(ids) => ids.contains(&entry.envelope.id),
        Which::All => true,
        Which::Due => entry.next().is_none_or(|next| next <= now),
    };
    let waits = |entry: &Entry| match entry.state {
        State::New => true,
        State::InDoubt => config.mail.on_in_doubt == OnInDoubt::Resend,
        _ => false,
    };
    let due: Vec<Entry> = archive.outbox()?.into_iter().filter(|entry| waits(entry) && is_meant(entry)).collect();
    let mut outcome = Outcome::default();
    if !due.is_empty() {
        console.step("send");
        outcome = Delivery::new(config, now).all(due)?;
        console.count("sent", outcome.sent.len() as u64);
        console.end_step();
    }
    let own = told(&outcome, config, console);
    let kept = left(&archive.outbox()?, &outcome, config, console);
    Ok(match (own, kept, code) {
        (CONFIG, ..) => CONFIG,
        (UNAVAILABLE, ..) => UNAVAILABLE,
        (_, true, 0) => NEEDS_PERSON,
        _ => code,
    })
}

/// A delivery that goes on.
struct Delivery<'a> {
    config: &'a Config,
    now: DateTime<Utc>,
    since: Instant,
    session: Option<Session>,
    outcome: Outcome,
}

impl<'a> Delivery<'a> {
    fn new(config: &'a Config, now: DateTime<Utc>) -> Self {
        Self { config, now, since: Instant::now(), session: None, outcome: Outcome::default() }
    }

    /// Sends one message after the other until the server cannot be had.
    fn all(mut self, due: Vec<Entry>) -> anyhow::Result<Outcome> {
        for mut entry in due {
            if let Err(refused) = self.one(&mut entry)? {
                self.outcome.stopped = Some(refused);
                // A session that broke has nobody to say goodbye to.
                return Ok(self.outcome);
            }
        }
        if let Some(session) = self.session {
            session.close();
        }
        Ok(self.outcome)
    }

    /// Sends a message; the inner error ends the delivery.
    fn one(&mut self, entry: &mut Entry) -> anyhow::Result<Result<(), Refused>> {
        let limit = self.config.mail.size_limit;
        if entry.envelope.bytes > limit {
            let text = format!(
                "it has {} bytes, and `mail.size_limit_mb` allows {limit}: if the server takes more, raise it and try \
                 again; its files stand in {}",
                entry.envelope.bytes, entry.envelope.run
            );
            return self.fail(entry, Event::Refused, text).map(Ok);
        }
        let bytes = match entry.message() {
            Ok(bytes) => bytes,
            Err(error) => return self.fail(entry, Event::Refused, format!("{error:#}")).map(Ok),
        };
        if let Err(refused) = self.address(&entry.envelope) {
            return self.refused(entry, refused);
        }
        entry.put(State::Sending)?;
        let answer = self.session.as_mut().map_or_else(|| Ok(String::new()), |session| session.send(&bytes));
        match answer {
            Ok(text) => {
                // First the evidence: what is found in `sending` with it was sent.
                entry.note(self.answer(Event::Accepted, text))?;
                entry.put(State::Sent)?;
                self.outcome.sent.push(entry.envelope.id.clone());
                Ok(Ok(()))
            }
            Err(refused) => self.refused(entry, refused),
        }
    }

    /// Gives the envelope to the server, over the connection there is or a new one.
    fn address(&mut self, envelope: &Envelope) -> Result<(), Refused> {
        let was_open = self.session.is_some();
        match self.offer(envelope) {
            // Some servers take only so many messages a connection.
            Err(Refused::Unavailable(_)) if was_open => {
                self.session = None;
                self.offer(envelope)
            }
            other => other,
        }
    }

    fn offer(&mut self, envelope: &Envelope) -> Result<(), Refused> {
        let session = match self.session.take() {
            Some(open) => open,
            None => self.open()?,
        };
        self.session.insert(session).address(&envelope.sender, &envelope.address)
    }

    fn open(&self) -> Result<Session, Refused> {
        let file = || Refused::Configuration("mails are only written: `mail.transport` is \"file\"".to_owned());
        let smtp = self.config.mail.smtp.as_ref().ok_or_else(file)?;
        let password = smtp.login.as_ref().map(|(_, secret)| mail::secret(secret, ""));
        let password = password.transpose().map_err(Refused::Configuration)?;
        Session::open(smtp, password.as_deref())
    }

    /// Keeps why a message went no further.
    fn refused(&mut self, entry: &mut Entry, refused: Refused) -> anyhow::Result<Result<(), Refused>> {
        match refused {
            Refused::Later(text) => self.later(entry, Event::Deferred, State::New, text).map(Ok),
            Refused::Never(text) => self.fail(entry, Event::Refused, text).map(Ok),
            Refused::InDoubt(text) => {
                self.later(entry, Event::Interrupted, State::InDoubt, text.clone())?;
                Ok(Err(Refused::InDoubt(text)))
            }
            // Nothing of it was accepted, and nothing else would be now.
            refused @ (Refused::Configuration(_) | Refused::Unavailable(_)) => {
                if entry.state == State::Sending {
                    entry.put(State::New)?;
                }
                Ok(Err(refused))
            }
        }
    }

    /// It is tried again after a pause, unless it was tried for too long.
    fn later(&mut self, entry: &mut Entry, event: Event, state: State, text: String) -> anyhow::Result<()> {
        let mut answer = self.answer(event, text);
        let first = entry.tries().next().map_or(answer.at, |try_| try_.at);
        let hours = i64::try_from(self.config.mail.give_up_hours).unwrap_or(i64::MAX);
        if (answer.at - first).num_hours() >= hours {
            let text = format!("tried for {hours} hours; at last: {}", answer.text);
            return self.fail(entry, Event::GivenUp, text);
        }
        let doubled = FIRST_PAUSE.checked_shl(u32::try_from(entry.tries().count()).unwrap_or(u32::MAX));
        let pause = doubled.filter(|pause| (1..LONGEST_PAUSE).contains(pause)).unwrap_or(LONGEST_PAUSE);
        let next = answer.at + TimeDelta::minutes(pause);
        answer.next = Some(next);
        entry.put(state)?;
        entry.note(answer)?;
        let id = entry.envelope.id.clone();
        match state {
            State::InDoubt => self.outcome.in_doubt.push(id),
            _ => self.outcome.later.push((id, next)),
        }
        Ok(())
    }

    fn fail(&mut self, entry: &mut Entry, event: Event, text: String) -> anyhow::Result<()> {
        entry.note(self.answer(event, text))?;
        entry.put(State::Failed)?;
        self.outcome.refused.push(entry.envelope.id.clone());
        Ok(())
    }

    fn answer(&self, event: Event, text: String) -> Answer {
        Answer { at: self.now + self.since.elapsed(), event, text, next: None }
    }
}

/// Says what came of it; gives the exit code of the delivery alone.
fn told(outcome: &Outcome, config: &Config, console: &Console) -> u8 {
    let Outcome { sent, later, refused, in_doubt, stopped } = outcome;
    if !sent.is_empty() {
        console.say(&format!("mail: {} sent", sent.len()));
    }
    for (id, next) in later {
        let next = next.with_timezone(&config.timezone).format("%Y-%m-%d %H:%M");
        console.say(&format!("mail: {id} was put off by the server, the next try is due at {next}"));
    }
    for id in in_doubt {
        let then = match config.mail.on_in_doubt {
            OnInDoubt::Resend => "it will be sent again with the same Message-ID",
            OnInDoubt::Hold => "it waits for `meritbook outbox retry` or `hold`",
        };
        console.say(&format!("mail: {id} is in doubt, the server may have it: {then}"));
    }
    match stopped {
        Some(Refused::Configuration(text)) => {
            console.say(&format!("mail: the configuration of [mail] does not work, nothing is lost: {text}"));
            return CONFIG;
        }
        Some(Refused::Unavailable(text)) => {
            console.say(&format!("mail: the server cannot be had, the outbox keeps everything: {text}"));
        }
        _ => {}
    }
    if stopped.is_some() || !later.is_empty() || !refused.is_empty() { UNAVAILABLE } else { 0 }
}

/// Says what a person has to look at; gives whether there is something.
fn left(outbox: &[Entry], outcome: &Outcome, config: &Config, console: &Console) -> bool {
    let is_asking = |entry: &&Entry| match entry.state {
        State::Failed => true,
        State::InDoubt => config.mail.on_in_doubt == OnInDoubt::Hold,
        _ => false,
    };
    let asking: Vec<&Entry> = outbox.iter().filter(is_asking).collect();
    for entry in &asking {
        let Envelope { id, role, .. } = &entry.envelope;
        let why = entry.answers.last().map_or_else(String::new, |answer| format!(": {}", said(entry, &answer.text)));
        console.say(&format!("mail: {id} ({role}) {}{why}", entry.state.word()));
    }
    if !asking.is_empty() {
        console.say("help: `meritbook outbox retry ID` sends a message again, `outbox hold ID` sets it aside");
    }
    let waiting = outbox.iter().filter(|entry| entry.state == State::New).count();
    if waiting > outcome.later.len() {
        console.say(&format!("mail: {waiting} wait in the outbox"));
    }
    !asking.is_empty()
}

/// A server's words without the address that it may repeat.
pub(super) fn said(entry: &Entry, text: &str) -> String {
    if entry.envelope.address.is_empty() { text.to_owned() } else { text.replace(&entry.envelope.address, "…") }
}
