//! The outbox: messages on their way, each a folder with the very bytes, the envelope and every answer of a server. The
//! folder it stands in is its state, and a change of state is one rename.
//!
//! ```text
//! staged → new → sending → sent          staged: written, but the run that made it does not stand yet
//!           ↑       ├────→ in-doubt      the server may have it, and nobody knows
//!           │       └────→ failed        refused for good
//!           └── held ←── any but sending and sent
//! ```
//! Messages are staged before their run appears and become new with it: a run that stands has its mail, one that does
//! not has none. Whatever is found in `sending` was interrupted: it was sent if the answer is there, else it is in doubt.

use super::{
    edition::Archive,
    store::{make_dir, names, put_file, sync_dir, write_new},
};
use crate::{base::hash::sha256_of, schema::message::Message};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf};

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It waits to be sent.
    New,
    /// It is being sent.
    Sending,
    /// The server may have it, and nobody knows.
    InDoubt,
    /// It was refused for good, or for too long.
    Failed,
    /// Somebody keeps it back.
    Held,
    /// The server has it.
    Sent,
}

impl State {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 6] = [Self::New, Self::Sending, Self::InDoubt, Self::Failed, Self::Held, Self::Sent];

    /// Its folder.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["new", "sending", "in-doubt", "failed", "held", "sent"][self as usize]
    }
}

/// Who a message is from and for, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The message's id, and its folder's name.
    pub id: String,
    /// Whom it is for: hr, finance, general-manager, operator, manager, employee.
    pub role: String,
    /// The run that made it, below the archive: `editions/2026-10/001`.
    pub run: String,
    /// The sender's address.
    pub sender: String,
    /// The recipient's address; gone once its month is pruned.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub address: String,
    /// Its size, bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A server has it.
    Accepted,
    /// A server asked for patience.
    Deferred,
    /// The connection broke, or nobody answered.
    Interrupted,
    /// It was refused for good.
    Refused,
    /// It was tried for too long.
    GivenUp,
    /// Somebody asked for another try.
    Retried,
    /// Somebody keeps it back.
    Held,
}

/// One thing that happened to a message: the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When, UTC.
    #[serde(with = "second")]
    pub at: DateTime<Utc>,
    /// What.
    pub event: Event,
    /// What the server said, or why.
    pub text: String,
    /// Before this moment it is not tried again.
    #[serde(skip_serializing_if = "Option::is_none", with = "maybe_second", default)]
    pub next: Option<DateTime<Utc>>,
}

/// A moment as text, to the second: `2026-10-15T21:30:00Z`.
mod second {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

mod maybe_second {
    use super::second;
    use chrono::{DateTime, Utc};
    use serde::{Deserializer, Serializer};

    #[allow(clippy::ref_option, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => second::serialize(at, to),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        second::deserialize(from).map(Some)
    }
}

/// A message in the outbox.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands.
    pub state: State,
    /// Who it is from and for.
    pub envelope: Envelope,
    /// What happened to it, in order.
    pub answers: Vec<Answer>,
    outbox: PathBuf,
}

const MESSAGE: &str = "message.eml";
const ENVELOPE: &str = "envelope.json";
const ANSWERS: &str = "answers.json";
const STAGED: &str = "staged";

impl Entry {
    fn dir(&self) -> PathBuf {
        self.outbox.join(self.state.word()).join(&self.envelope.id)
    }

    /// Before this moment it is not tried again.
    #[must_use]
    pub fn next(&self) -> Option<DateTime<Utc>> {
        self.answers.last().and_then(|answer| answer.next)
    }

    /// The tries since somebody asked for one, or since it was made.
    pub fn tries(&self) -> impl DoubleEndedIterator<Item = &Answer> {
        let asked = self.answers.iter().rposition(|answer| answer.event == Event::Retried).map_or(0, |at| at + 1);
        self.answers[asked..].iter().filter(|answer| matches!(answer.event, Event::Deferred | Event::Interrupted))
    }

    /// Its bytes, as they were made.
    ///
    /// # Errors
    /// A file that cannot be read or is not as it was written.
    pub fn message(&self) -> anyhow::Result<Vec<u8>> {
        let path = self.dir().join(MESSAGE);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if sha256_of(&bytes) != self.envelope.sha256 {
            bail!("{} is not as it was written; restore it from a backup", path.display());
        }
        Ok(bytes)
    }

    /// Keeps what happened to it.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn note(&mut self, answer: Answer) -> anyhow::Result<()> {
        self.answers.push(answer);
        let cannot = || format!("cannot write {}", self.dir().join(ANSWERS).display());
        let text = serde_json::to_vec_pretty(&self.answers).with_context(cannot)?;
        put_file(&self.dir(), ANSWERS, &text).with_context(cannot)
    }

    /// Changes its state, in one step.
    ///
    /// # Errors
    /// Those of the file system; the state is then as before.
    pub fn put(&mut self, state: State) -> anyhow::Result<()> {
        if state == self.state {
            return Ok(());
        }
        let (from, to) = (self.outbox.join(self.state.word()), self.outbox.join(state.word()));
        let cannot = || format!("cannot move {} to {}", self.dir().display(), to.display());
        make_dir(&to).with_context(cannot)?;
        fs::rename(from.join(&self.envelope.id), to.join(&self.envelope.id)).with_context(cannot)?;
        sync_dir(&to).and_then(|()| sync_dir(&from)).with_context(cannot)?;
        self.state = state;
        Ok(())
    }
}

impl Archive {
    fn outbox_dir(&self) -> PathBuf {
        self.dir().join("outbox")
    }

    /// Every message of the outbox, by run and id.
    ///
    /// # Errors
    /// An entry that cannot be read.
    pub fn outbox(&self) -> anyhow::Result<Vec<Entry>> {
        let mut all = Vec::new();
        for state in State::ALL {
            all.extend(self.outbox_of(state)?);
        }
        all.sort_by(|a, b| (&a.envelope.run, &a.envelope.id).cmp(&(&b.envelope.run, &b.envelope.id)));
        Ok(all)
    }

    fn outbox_of(&self, state: State) -> anyhow::Result<Vec<Entry>> {
        let outbox = self.outbox_dir();
        let read = |id: String| {
            let dir = outbox.join(state.word()).join(&id);
            let answers = if dir.join(ANSWERS).exists() { json(&dir.join(ANSWERS))? } else { Vec::new() };
            Ok(Entry { state, envelope: json(&dir.join(ENVELOPE))?, answers, outbox: outbox.clone() })
        };
        names(&outbox.join(state.word()))?.into_iter().map(read).collect()
    }

    /// Writes the messages of a run that does not stand yet.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn stage(&self, run: &str, messages: &[Message]) -> anyhow::Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let mut files = Vec::new();
        for message in messages {
            let Message { id, role, sender, address, bytes, .. } = message;
            let envelope = Envelope {
                id: id.clone(),
                role: role.clone(),
                run: run.to_owned(),
                sender: sender.clone(),
                address: address.clone(),
                bytes: bytes.len() as u64,
                sha256: sha256_of(bytes),
            };
            files.push((format!("{id}/{ENVELOPE}"), serde_json::to_vec_pretty(&envelope)?));
            files.push((format!("{id}/{MESSAGE}"), bytes.clone()));
        }
        write_new(&self.outbox_dir().join(STAGED), &files)
    }

    /// Makes what is staged new where its run stands, and removes it where it does not; ends what was being sent. Gives
    /// how many messages were removed or put in doubt.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn settle_outbox(&self) -> anyhow::Result<usize> {
        let (staged, new) = (self.outbox_dir().join(STAGED), self.outbox_dir().join(State::New.word()));
        let cannot = || format!("cannot move {} to {}", staged.display(), new.display());
        let (mut count, ids) = (0, names(&staged)?);
        if !ids.is_empty() {
            make_dir(&new).with_context(cannot)?;
        }
        for id in &ids {
            // Without an envelope it was not even written.
            let envelope: Option<Envelope> = json(&staged.join(id).join(ENVELOPE)).ok();
            if envelope.is_some_and(|envelope| self.dir().join(envelope.run).is_dir()) {
                fs::rename(staged.join(id), new.join(id)).with_context(cannot)?;
            } else {
                fs::remove_dir_all(staged.join(id)).with_context(|| format!("cannot remove {id} from the outbox"))?;
                count += 1;
            }
        }
        if !ids.is_empty() {
            sync_dir(&new).and_then(|()| sync_dir(&staged)).with_context(cannot)?;
            sync_dir(&self.outbox_dir()).and_then(|()| sync_dir(self.dir())).with_context(cannot)?;
        }
        for mut entry in self.outbox_of(State::Sending)? {
            let state = match entry.answers.last().map(|answer| answer.event) {
                Some(Event::Accepted) => State::Sent,
                Some(Event::Refused | Event::GivenUp) => State::Failed,
                _ => State::InDoubt,
            };
            entry.put(state)?;
            count += usize::from(state == State::InDoubt);
        }
        Ok(count)
    }

    /// Throws away the bytes and addresses of the messages of a run; that and when they were sent stays.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn prune_outbox(&self, run: &str) -> anyhow::Result<()> {
        for entry in self.outbox()?.iter().filter(|entry| entry.envelope.run == run) {
            let (dir, message) = (entry.dir(), entry.dir().join(MESSAGE));
            let cannot = || format!("cannot prune {}", dir.display());
            let envelope = Envelope { address: String::new(), ..entry.envelope.clone() };
            put_file(&dir, ENVELOPE, &serde_json::to_vec_pretty(&envelope)?).with_context(cannot)?;
            if message.exists() {
                fs::remove_file(&message).and_then(|()| sync_dir(&dir)).with_context(cannot)?;
            }
        }
        Ok(())
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &std::path::Path) -> anyhow::Result<T> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is damaged; restore it from a backup", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> (tempfile::TempDir, Archive) {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::new(dir.path());
        (dir, archive)
    }

    fn message(id: &str) -> Message {
        let text = |text: &str| text.to_owned();
        Message {
            id: text(id),
            file: text("mail/01-hr.eml"),
            role: text("hr"),
            whom: text("hr"),
            sender: text("a@example.com"),
            address: text("b@example.com"),
            bytes: id.as_bytes().to_vec(),
        }
    }

    fn states(archive: &Archive) -> Vec<(String, State)> {
        archive.outbox().unwrap().into_iter().map(|entry| (entry.envelope.id, entry.state)).collect()
    }

    fn answer(event: Event) -> Answer {
        Answer { at: DateTime::UNIX_EPOCH, event, text: "250 2.0.0 queued".to_owned(), next: None }
    }

    #[test]
    fn staged_messages_follow_their_run() {
        let (dir, archive) = archive();
        archive.stage("editions/2026-10/001", &[message("a"), message("b")]).unwrap();
        archive.stage("editions/2026-10/002", &[message("c")]).unwrap();
        assert!(states(&archive).is_empty());
        fs::create_dir_all(dir.path().join("editions/2026-10/001")).unwrap();
        assert_eq!(archive.settle_outbox().unwrap(), 1);
        assert_eq!(states(&archive), [("a".to_owned(), State::New), ("b".to_owned(), State::New)]);
        assert_eq!(archive.settle_outbox().unwrap(), 0);
        assert_eq!(archive.outbox().unwrap()[1].message().unwrap(), b"b");
    }

    #[test]
    fn what_was_being_sent_is_sent_if_the_answer_is_there_else_in_doubt() {
        let (dir, archive) = archive();
        fs::create_dir_all(dir.path().join("editions/2026-10/001")).unwrap();
        archive.stage("editions/2026-10/001", &[message("a"), message("b"), message("c")]).unwrap();
        archive.settle_outbox().unwrap();
        for mut entry in archive.outbox().unwrap() {
            match entry.envelope.id.as_str() {
                "a" => entry.put(State::Sending).and_then(|()| entry.note(answer(Event::Accepted))).unwrap(),
                "b" => entry.note(answer(Event::Deferred)).and_then(|()| entry.put(State::Sending)).unwrap(),
                _ => {}
            }
        }
        assert_eq!(archive.settle_outbox().unwrap(), 1);
        let expected = [("a", State::Sent), ("b", State::InDoubt), ("c", State::New)];
        assert_eq!(states(&archive), expected.map(|(id, state)| (id.to_owned(), state)));
    }

    #[test]
    fn changed_bytes_are_not_sent() {
        let (dir, archive) = archive();
        fs::create_dir_all(dir.path().join("nightly/2026-10-14/001")).unwrap();
        archive.stage("nightly/2026-10-14/001", &[message("a")]).unwrap();
        archive.settle_outbox().unwrap();
        fs::write(dir.path().join("outbox/new/a/message.eml"), "other").unwrap();
        let error = archive.outbox().unwrap()[0].message().unwrap_err();
        assert!(error.to_string().contains("is not as it was written"), "{error}");
    }

    #[test]
    fn a_pruned_run_leaves_when_and_that_its_mail_was_sent() {
        let (dir, archive) = archive();
        fs::create_dir_all(dir.path().join("editions/2026-10/001")).unwrap();
        archive.stage("editions/2026-10/001", &[message("a")]).unwrap();
        archive.settle_outbox().unwrap();
        let mut entry = archive.outbox().unwrap().remove(0);
        entry.note(answer(Event::Accepted)).and_then(|()| entry.put(State::Sent)).unwrap();
        archive.prune_outbox("editions/2026-10/001").unwrap();
        let entry = archive.outbox().unwrap().remove(0);
        assert_eq!((entry.envelope.address.as_str(), entry.answers.len()), ("", 1));
        assert!(!dir.path().join("outbox/sent/a/message.eml").exists());
    }
}
