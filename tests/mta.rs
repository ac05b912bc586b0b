//! A real mail server takes what is sent, over both kinds of TLS. Skipped where exim4 or root is missing.

mod support;

use meritbook::{
    config::Security,
    mail::{Refused, smtp::Session},
};
use support::{mta::Exim, smtp::PASSWORD};

const FROM: &str = "meritbook@example.com";

fn message(way: &str) -> Vec<u8> {
    let text = format!("Subject: {way}\r\nMessage-ID: <{way}@example.com>\r\n\r\n.\r\n..two\r\n\r\nend of {way}\r\n");
    text.into_bytes()
}

#[test]
fn a_real_server_delivers_the_same_bytes() {
    let Some(exim) = Exim::start() else { return };
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (way, security) in [("tls", Security::Tls), ("starttls", Security::StartTls)] {
        let smtp = exim.smtp(dir.path(), security);
        let wrong = Session::open(&smtp, Some("wrong")).err().expect("no session");
        assert!(matches!(&wrong, Refused::Configuration(text) if text.starts_with("535")), "{wrong:?}");
        let mut session = Session::open(&smtp, Some(PASSWORD)).expect("a session");
        let refused = session.address(FROM, "bad@example.com");
        assert!(matches!(&refused, Err(Refused::Never(text)) if text.contains("no such user")), "{refused:?}");
        let deferred = session.address(FROM, "later@example.com");
        assert!(matches!(&deferred, Err(Refused::Later(text)) if text.contains("try later")), "{deferred:?}");
        session.address(FROM, "hr@example.com").expect("an address");
        let answer = session.send(&message(way)).expect("an answer");
        assert!(answer.starts_with("250 OK id="), "{answer}");
        session.close();
    }
    let delivered: Vec<String> =
        exim.delivered(2).into_iter().map(|bytes| String::from_utf8(bytes).expect("text")).collect();
    assert_eq!(delivered.len(), 2);
    for way in ["tls", "starttls"] {
        // A Maildir has the line ends of this system.
        let expected = String::from_utf8(message(way)).expect("text").replace("\r\n", "\n");
        let found = delivered.iter().find(|text| text.ends_with(&expected));
        let head = found.and_then(|text| text.strip_suffix(&expected)).unwrap_or_else(|| panic!("{delivered:?}"));
        assert!(head.contains("Envelope-to: hr@example.com") && head.contains("TLS1."), "{head}");
    }
}
