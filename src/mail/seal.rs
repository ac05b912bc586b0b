//! Workbooks under a password: ECMA-376 agile encryption (AES-256), which Excel and WPS open themselves.
//!
//! Keys are random, so the same workbook has other bytes each time: what is compared and hashed is the open one.

use super::message::WORKBOOK;
use crate::schema::message::Message;
use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use ms_offcrypto_writer::Ecma376AgileWriter;
use std::io::{Cursor, Write};

/// The length of a line of base64 (RFC 2045).
const LINE: usize = 76;

/// The workbook, encrypted with the password.
///
/// # Errors
/// An empty password, which is none.
fn seal(workbook: &[u8], password: &str) -> anyhow::Result<Vec<u8>> {
    ensure!(!password.is_empty(), "the password of the workbooks is empty");
    let place = Cursor::new(Vec::with_capacity(workbook.len() + workbook.len() / 8));
    let writer = Ecma376AgileWriter::create(&mut rand::rng(), password, place);
    let mut writer = writer.context("cannot encrypt a workbook")?;
    writer.write_all(workbook).context("cannot encrypt a workbook")?;
    Ok(writer.into_inner().context("cannot encrypt a workbook")?.into_inner())
}

/// Whether a workbook is attached.
#[must_use]
pub fn has_workbook(message: &Message) -> bool {
    memchr::memmem::find(&message.bytes, format!("\r\nContent-Type: {WORKBOOK}").as_bytes()).is_some()
}

/// The message with each attached workbook encrypted; every other byte as it was.
///
/// # Errors
/// A message that this program has not composed; an empty password.
pub fn sealed(message: &Message, password: &str) -> anyhow::Result<Message> {
    let text = std::str::from_utf8(&message.bytes).context("the message is not text")?;
    let boundary = format!("\r\n--=_mixed_{}", message.id);
    let mut pieces = text.split(boundary.as_str());
    let mut bytes = pieces.next().unwrap_or_default().to_owned();
    ensure!(bytes.len() < text.len(), "the message {} has no parts of its own", message.id);
    for piece in pieces {
        bytes.push_str(&boundary);
        if piece.strip_prefix("\r\nContent-Type: ").is_some_and(|kind| kind.starts_with(WORKBOOK)) {
            push_sealed(&mut bytes, piece, password)?;
        } else {
            bytes.push_str(piece);
        }
    }
    Ok(Message { bytes: bytes.into_bytes(), ..message.clone() })
}

fn push_sealed(bytes: &mut String, part: &str, password: &str) -> anyhow::Result<()> {
    let Some((head, body)) = part.split_once("\r\n\r\n") else { bail!("an attached workbook has no content") };
    ensure!(head.contains("\r\nContent-Transfer-Encoding: base64"), "an attached workbook is not in base64");
    let workbook = STANDARD.decode(body.replace("\r\n", "")).context("an attached workbook is not in base64")?;
    let code = STANDARD.encode(seal(&workbook, password)?);
    bytes.push_str(head);
    bytes.push_str("\r\n");
    let mut rest = code.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(LINE.min(rest.len()));
        bytes.push_str("\r\n");
        bytes.push_str(line);
        rest = after;
    }
    // Whether the body ended with a line end is the composer's choice.
    if body.ends_with("\r\n") {
        bytes.push_str("\r\n");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::message::{Attached, Draft};
    use std::time::SystemTime;

    const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

    #[test]
    fn a_sealed_workbook_is_a_compound_file_without_the_plain_bytes() {
        let plain = b"PK\x03\x04 wages of everybody ".repeat(1000);
        let [one, other] = [(); 2].map(|()| seal(&plain, "geheim 密").unwrap());
        assert!(one.starts_with(COMPOUND) && one.len() > plain.len());
        assert!(memchr::memmem::find(&one, b"wages").is_none());
        assert_ne!(one, other, "keys are random");
        assert!(seal(&plain, "").is_err());
    }

    fn message(attached: &[(&str, &[u8])]) -> Message {
        let attached = attached.iter().map(|(name, bytes)| Attached {
            name: (*name).to_owned(),
            title: format!("title-{name}"),
            bytes,
        });
        let draft = Draft {
            id: "2026-10.001.4f2a9c01b2d3e4f5".to_owned(),
            file: "mail/01-hr.eml".to_owned(),
            role: "hr".to_owned(),
            whom: "hr".to_owned(),
            sender: "meritbook@example.com",
            address: "hr@example.com",
            name: "",
            subject: "2026-10".to_owned(),
            date: SystemTime::UNIX_EPOCH,
            sections: &[("title".to_owned(), vec!["line".to_owned()])],
            attached: attached.collect(),
        };
        draft.message().unwrap()
    }

    /// The parts of a message, with the index of each that differs.
    fn differing(one: &Message, other: &Message) -> (usize, Vec<usize>) {
        let split = |message: &Message| {
            let text = String::from_utf8(message.bytes.clone()).unwrap();
            text.split("--=_mixed_").map(str::to_owned).collect::<Vec<_>>()
        };
        let (one, other) = (split(one), split(other));
        assert_eq!(one.len(), other.len());
        (one.len(), (0..one.len()).filter(|index| one[*index] != other[*index]).collect())
    }

    #[test]
    fn only_workbooks_are_sealed_and_every_other_byte_stays() {
        let workbook = b"PK plain ".repeat(500);
        let plain = message(&[("a.xlsx", &workbook), ("pay.csv", b"1,2\r\n"), ("b.xlsx", &workbook), ("c.xlsx", b"")]);
        let closed = sealed(&plain, "geheim").unwrap();
        assert_eq!(differing(&plain, &closed), (7, vec![2, 4, 5]), "headers, bodies, a, csv, b, c, end");
        assert_eq!(Message { bytes: plain.bytes.clone(), ..closed.clone() }, plain);
        let text = String::from_utf8(closed.bytes).unwrap();
        assert!(text.lines().all(|line| line.len() <= 100) && !text.replace("\r\n", "").contains(['\r', '\n']));
        let parts: Vec<&str> = text.split("--=_mixed_").collect();
        let (head, body) = parts[2].split_once("\r\n\r\n").unwrap();
        assert!(head.contains("a.xlsx"), "{head}");
        assert!(body.lines().all(|line| line.len() <= 76));
        assert!(STANDARD.decode(body.replace("\r\n", "")).unwrap().starts_with(COMPOUND));
    }

    #[test]
    fn without_workbooks_nothing_changes_and_a_strange_message_is_refused() {
        let plain = message(&[("pay.csv", b"1,2\r\n")]);
        assert_eq!(sealed(&plain, "geheim").unwrap(), plain);
        let strange = Message { id: "other".to_owned(), ..plain };
        assert!(sealed(&strange, "geheim").is_err());
    }
}
