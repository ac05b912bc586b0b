//! What a server or the system answered, as one of five verdicts and one line of text.

use crate::base::text::visible;
use lettre::transport::smtp::{Error, response::Response};
use std::{error::Error as _, io, time::Duration};

/// So much of an answer is told, characters.
const LONGEST: usize = 400;

/// Why a message, or the whole session, went no further. The text is what the server or the system said, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The configuration is wrong: login, certificate, STARTTLS, sender. Nothing was sent; ends the session.
    Configuration(String),
    /// The server cannot be had now. It has accepted nothing of this message; ends the session.
    Unavailable(String),
    /// Not now, for this recipient or message; the session goes on.
    Later(String),
    /// Never, for this recipient or message; the session goes on.
    Never(String),
    /// The connection broke or fell silent after the message was on its way: nobody knows whether the server has it.
    /// Ends the session.
    InDoubt(String),
}

impl Refused {
    /// What was said.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Configuration(text)
            | Self::Unavailable(text)
            | Self::Later(text)
            | Self::Never(text)
            | Self::InDoubt(text) => text,
        }
    }
}

/// The code of a refusal; `None` if it was none.
pub(super) fn code(error: &Error) -> Option<u16> {
    error.status().map(u16::from)
}

/// What an accepting answer says.
pub(super) fn accepted(response: &Response) -> String {
    line(&format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" ")), &[])
}

/// What an error says; `wait` is how long was waited, and what is `hidden` is not repeated.
pub(super) fn text(error: &Error, wait: Duration, hidden: &[String]) -> String {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    if let Some(code) = code(error) {
        return line(&format!("{code} {cause}"), hidden);
    }
    let Some(io) = system(error) else {
        // lettre's words for an end of the stream.
        return if cause == "incomplete response" { CLOSED.to_owned() } else { line(&cause, hidden) };
    };
    match io.kind() {
        _ if is_silence(error) => format!("no answer within {} seconds", wait.as_secs()),
        io::ErrorKind::UnexpectedEof => CLOSED.to_owned(),
        _ => line(&io.to_string(), hidden),
    }
}

const CLOSED: &str = "the server closed the connection";

/// The system's error within one of lettre's.
fn system(error: &Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref() {
            return Some(io);
        }
        source = inner.source();
    }
    None
}

/// Whether nothing came in time. Linux says so with `WouldBlock`, which lettre's `is_timeout` does not know.
pub(super) fn is_silence(error: &Error) -> bool {
    system(error).is_some_and(|io| matches!(io.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}

/// Whether encryption failed: a certificate, a name, no common language.
pub(super) fn is_encryption(error: &Error) -> bool {
    // rustls puts its errors into invalid data; invalid data of the standard library has nothing within.
    error.is_tls() || system(error).is_some_and(|io| io.kind() == io::ErrorKind::InvalidData && io.get_ref().is_some())
}

/// One line without secrets and what would steer a terminal, and not too long.
fn line(text: &str, hidden: &[String]) -> String {
    let text = hidden.iter().fold(text.trim().to_owned(), |text, secret| text.replace(secret, "…"));
    text.chars().map(visible).take(LONGEST).collect()
}
