//! One message: text and HTML body, files attached. Message-ID, date and boundaries are given or made of the id, so
//! that the same content makes the same bytes.

use crate::schema::message::Message;
use anyhow::{Context, anyhow};
use base64::{Engine, engine::general_purpose::STANDARD};
use lettre::message::{
    Body, Mailbox, Message as Mail, MultiPart, SinglePart,
    header::{ContentDisposition, ContentTransferEncoding, Header, HeaderName, HeaderValue},
};
use std::time::SystemTime;

/// A heading and the lines below it.
pub(super) type Section = (String, Vec<String>);

/// A file that goes with a message.
pub struct Attached<'a> {
    /// Its name, ASCII: some clients show encoded names as unnamed files.
    pub name: String,
    /// Its title with the same ending, in the reader's language, for clients that read only the type's `name=`.
    pub title: String,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// What a message is made of.
pub(super) struct Draft<'a> {
    /// What tells it from all others.
    pub id: String,
    /// Its file in the folder of the run.
    pub file: String,
    /// Whom it is for.
    pub role: String,
    /// The sender's address.
    pub sender: &'a str,
    /// The recipient's address …
    pub address: &'a str,
    /// … and the name beside it; may be empty.
    pub name: &'a str,
    /// The subject; never with a name or an amount.
    pub subject: String,
    /// When it is dated.
    pub date: SystemTime,
    /// What it says.
    pub sections: &'a [Section],
    /// What goes with it.
    pub attached: Vec<Attached<'a>>,
}

/// The name of a message that is told by these words: 64 bits of their hash.
#[must_use]
pub(super) fn key(words: &[&str]) -> String {
    crate::base::hash::sha256_of(words.join(" ").as_bytes()).chars().take(16).collect()
}

impl Draft<'_> {
    /// Makes the message.
    ///
    /// # Errors
    /// An address or content that is not valid in a message.
    pub(super) fn message(self) -> anyhow::Result<Message> {
        let mailbox =
            |text: &str| text.parse::<Mailbox>().with_context(|| format!("`{text}` is not an e-mail address"));
        let from = mailbox(self.sender)?;
        let name = Some(self.name.to_owned()).filter(|name| !name.is_empty());
        let to = Mailbox::new(name, mailbox(self.address)?.email);
        let sender = from.email.to_string();
        let message_id = format!("<meritbook.{}@{}>", self.id, from.email.domain());
        let bodies = MultiPart::alternative()
            .boundary(format!("=_body_{}", self.id))
            .singlepart(SinglePart::plain(text(self.sections)))
            .singlepart(SinglePart::html(html(self.sections)));
        let mut parts = MultiPart::mixed().boundary(format!("=_mixed_{}", self.id)).multipart(bodies);
        for file in self.attached {
            // As base64, so that no server on the way changes a line end.
            let body = Body::new_with_encoding(file.bytes.to_vec(), ContentTransferEncoding::Base64);
            let body = body.map_err(|_| anyhow!("`{}` cannot be attached", file.name))?;
            let kind = NamedType::new(&file.name, &file.title);
            let place = ContentDisposition::attachment(&file.name);
            parts = parts.singlepart(SinglePart::builder().header(kind).header(place).body(body));
        }
        let mail = Mail::builder()
            .from(from)
            .to(to)
            .subject(self.subject)
            .message_id(Some(message_id))
            .date(self.date)
            .multipart(parts)
            .context("cannot compose the message")?;
        let (id, file, role, address) = (self.id, self.file, self.role, self.address.to_owned());
        Ok(Message { id, file, role, sender, address, bytes: mail.formatted() })
    }
}

/// A content type whose `name` is an encoded title.
#[derive(Clone)]
struct NamedType(String);

impl NamedType {
    fn new(file: &str, title: &str) -> Self {
        let is_workbook = file.to_ascii_lowercase().ends_with(".xlsx");
        // What is not a workbook is for payroll: bytes that nobody should convert.
        let kind = if is_workbook {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        } else {
            "application/octet-stream"
        };
        Self(format!("{kind};\r\n name=\"{}\"", encoded(title)))
    }
}

impl Header for NamedType {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Type")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
    }
}

/// A text as folded encoded words of at most 75 characters (RFC 2047); plain where it is plain.
fn encoded(text: &str) -> String {
    const MOST: usize = 42;
    if text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\')) {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        if words.last().is_some_and(|word| word.len() + c.len_utf8() > MOST) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

fn text(sections: &[Section]) -> String {
    let section = |(title, lines): &Section| format!("{title}\r\n- {}\r\n\r\n", lines.join("\r\n- "));
    sections.iter().map(section).collect()
}

fn html(sections: &[Section]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let section = |(title, lines): &Section| {
        let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
        format!("<h3>{}</h3><ul><li>{}</li></ul>", escape(title), lines.join("</li><li>"))
    };
    let body: String = sections.iter().map(section).collect();
    format!("<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>{body}</body></html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_folded_into_encoded_words() {
        assert_eq!(encoded("deductions-2026-10.xlsx"), "deductions-2026-10.xlsx");
        let title = "扣款明细表-客服中心维修部-2026年09月-仅限人力资源部.xlsx";
        let words = encoded(title);
        assert!(words.split("\r\n ").count() > 1 && words.lines().all(|line| line.len() <= 76), "{words}");
        let decoded: Vec<u8> = words
            .split("\r\n ")
            .map(|word| word.strip_prefix("=?utf-8?B?").unwrap().strip_suffix("?=").unwrap())
            .flat_map(|word| STANDARD.decode(word).unwrap())
            .collect();
        assert_eq!(String::from_utf8(decoded).unwrap(), title);
    }
}
