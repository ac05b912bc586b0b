//! Messages are handed to a server that does everything wrong in turn: each failure has its verdict, nothing is sent
//! before it may be, and nothing takes longer than configured.

mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use meritbook::{
    config::{Security, Smtp},
    mail::{Refused, smtp::Session},
};
use std::time::{Duration, Instant};
use support::smtp::{Authority, Mode, PASSWORD, Server, USER};

const FROM: &str = "meritbook@example.com";
const TO: &str = "hr@example.com";
const WAYS: [Security; 3] = [Security::None, Security::StartTls, Security::Tls];

/// A message with every line that needs care on the way.
fn message() -> Vec<u8> {
    b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\n\r\nend\r\n".to_vec()
}

/// A server, its configuration with login, and the folder of its certificate.
fn server(security: Security, mode: Mode) -> (Server, Smtp, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(security, mode);
    let smtp = server.smtp_with_login(dir.path());
    (server, smtp, dir)
}

fn open(smtp: &Smtp) -> Result<Session, Refused> {
    Session::open(smtp, Some(PASSWORD))
}

fn refused(smtp: &Smtp) -> Refused {
    open(smtp).err().expect("no session")
}

/// Opens a session and sends one message.
fn sent(smtp: &Smtp, to: &str, bytes: &[u8]) -> Result<String, Refused> {
    let mut session = open(smtp)?;
    let result = session.address(FROM, to).and_then(|()| session.send(bytes));
    session.close();
    result
}

#[track_caller]
fn configuration(refused: &Refused, said: &str) {
    assert!(matches!(refused, Refused::Configuration(text) if text.contains(said)), "{refused:?}");
}

#[track_caller]
fn unavailable(refused: &Refused, said: &str) {
    assert!(matches!(refused, Refused::Unavailable(text) if text.contains(said)), "{refused:?}");
}

#[track_caller]
fn in_doubt(refused: &Refused, said: &str) {
    assert!(matches!(refused, Refused::InDoubt(text) if text.contains(said)), "{refused:?}");
}

#[test]
fn a_message_arrives_byte_by_byte_and_the_answer_is_the_evidence() {
    for security in WAYS {
        let (server, smtp, _dir) = server(security, Mode::Ok);
        let mut session = open(&smtp).expect("a session");
        let large = b"Subject: y\r\n\r\n.0123456789\r\n".repeat(20_000);
        for (number, bytes) in [message(), large.clone(), b"no line end".to_vec()].into_iter().enumerate() {
            session.address(FROM, TO).expect("an address");
            assert_eq!(session.send(&bytes), Ok(format!("250 2.0.0 kept as {}", number + 1)));
        }
        session.close();
        let stored = server.stored();
        let bytes: Vec<&[u8]> = stored.iter().map(|one| one.bytes.as_slice()).collect();
        assert_eq!(bytes, [message().as_slice(), &large, b"no line end\r\n"]);
        assert!(stored.iter().all(|one| one.sender == FROM && one.recipient == TO));
        let log = server.log();
        assert_eq!(log.last().map(|line| line.split_once(' ').expect("a word").1), Some("QUIT"));
        assert!(log.iter().any(|line| line.ends_with("EHLO kq.example.com")));
        let way = if security == Security::None { "plain" } else { "tls" };
        for command in ["AUTH", "MAIL", "RCPT", "DATA"] {
            let told: Vec<_> = log.iter().filter(|line| line.contains(command)).collect();
            assert!(!told.is_empty() && told.iter().all(|line| line.starts_with(way)), "{log:?}");
        }
    }
}

#[test]
fn a_refused_recipient_does_not_keep_the_next_from_his_mail() {
    let (server, smtp, _dir) = server(Security::Tls, Mode::Ok);
    let mut session = open(&smtp).expect("a session");
    assert_eq!(session.address(FROM, "bad1@example.com"), Err(Refused::Never("550 5.1.1 no such user".to_owned())));
    assert_eq!(session.address(FROM, "later@example.com"), Err(Refused::Later("451 4.7.1 try again later".to_owned())));
    assert!(matches!(session.address(FROM, "no address"), Err(Refused::Never(_))));
    assert!(matches!(session.address(FROM, "张@example.com"), Err(Refused::Never(text)) if text.contains("SMTPUTF8")));
    session.address(FROM, TO).expect("an address");
    session.send(&message()).expect("sent");
    session.close();
    assert_eq!(server.stored().len(), 1);
}

#[test]
fn refusals_before_and_after_the_data_are_certain() {
    let later = |text: &str| Err(Refused::Later(text.to_owned()));
    let never = |text: &str| Err(Refused::Never(text.to_owned()));
    let wrong = |text: &str| Err(Refused::Configuration(text.to_owned()));
    let gone = |text: &str| Err(Refused::Unavailable(text.to_owned()));
    let cases = [
        (Mode::Mail("451 4.3.0 later"), later("451 4.3.0 later")),
        (Mode::Mail("550 5.7.1 not you"), wrong("550 5.7.1 not you")),
        (Mode::Mail("530 5.7.0 login first"), wrong("530 5.7.0 login first")),
        (Mode::Mail("421 4.3.2 going down"), gone("421 4.3.2 going down")),
        (Mode::Data("451 4.3.0 later"), later("451 4.3.0 later")),
        (Mode::Data("554 5.7.1 no"), never("554 5.7.1 no")),
        (Mode::Data("421 4.3.2 going down"), gone("421 4.3.2 going down")),
        (Mode::Data("250 yes"), gone("the server answered DATA with: 250 yes")),
        (Mode::End("451 4.3.0 later"), later("451 4.3.0 later")),
        (Mode::End("554-5.7.1 no\r\n554 5.7.1 spam\u{1b}[31m\t!"), never("554 5.7.1 no spam\u{fffd}[31m !")),
        (Mode::End("354 more"), Err(Refused::InDoubt("354 more".to_owned()))),
        (Mode::End("what"), Err(Refused::InDoubt(String::new()))),
    ];
    for (mode, expected) in cases {
        let (server, smtp, _dir) = server(Security::None, mode);
        let result = sent(&smtp, TO, &message());
        if mode == Mode::End("what") {
            assert!(matches!(result, Err(Refused::InDoubt(_))), "{result:?}");
        } else {
            assert_eq!(result, expected, "{mode:?}");
        }
        assert_eq!(server.stored(), []);
    }
}

#[test]
fn the_session_goes_on_after_what_concerns_one_message() {
    for mode in [Mode::Mail("451 later"), Mode::Data("451 later"), Mode::Data("554 no"), Mode::End("554 no")] {
        let (server, smtp, _dir) = server(Security::StartTls, mode);
        let mut session = open(&smtp).expect("a session");
        let first = session.address(FROM, TO).and_then(|()| session.send(&message()));
        assert!(matches!(first, Err(Refused::Later(_) | Refused::Never(_))), "{mode:?}: {first:?}");
        server.set(Mode::Ok);
        session.address(FROM, TO).expect("an address");
        session.send(&message()).expect("sent");
        session.close();
        assert_eq!(server.stored().len(), 1);
    }
}

#[test]
fn after_the_final_dot_only_an_answer_is_certain() {
    for security in WAYS {
        let (server, mut smtp, _dir) = server(security, Mode::DropAfterDotOnce);
        in_doubt(&sent(&smtp, TO, &message()).expect_err("no answer"), "");
        assert_eq!(server.stored().len(), 1, "the server has it");
        assert!(sent(&smtp, TO, &message()).is_ok());
        server.set(Mode::DropAfterDot);
        in_doubt(&sent(&smtp, TO, &message()).expect_err("no answer"), "");
        smtp.final_timeout = 1;
        for mode in [Mode::StallAfterDot, Mode::HalfAnswer] {
            server.set(mode);
            let begun = Instant::now();
            in_doubt(&sent(&smtp, TO, &message()).expect_err("no answer"), "no answer within 1 seconds");
            assert!(begun.elapsed() < Duration::from_millis(2500), "it waited twice: {:?}", begun.elapsed());
        }
        assert_eq!(server.stored().len(), 5);
    }
}

#[test]
fn a_connection_lost_while_the_data_is_written_has_delivered_nothing() {
    for security in WAYS {
        let (server, smtp, _dir) = server(security, Mode::DropBeforeDot);
        let large = b"0123456789\r\n".repeat(2 << 20);
        let mut session = open(&smtp).expect("a session");
        session.address(FROM, TO).expect("an address");
        unavailable(&session.send(&large).expect_err("no server"), "");
        unavailable(&session.address(FROM, TO).expect_err("no session"), "the connection is gone");
        session.close();
        // A small one is wholly under way before the loss is seen.
        in_doubt(&sent(&smtp, TO, &message()).expect_err("no answer"), "");
        assert_eq!(server.stored(), []);
    }
}

#[test]
fn what_the_greeting_says() {
    let (server, smtp, _dir) = server(Security::None, Mode::Greeting("554 no service"));
    configuration(&refused(&smtp), "554 no service");
    server.set(Mode::Greeting("421 come back"));
    unavailable(&refused(&smtp), "421 come back");
    server.set(Mode::Greeting("\u{1b}]0;hello"));
    unavailable(&refused(&smtp), "");
    assert_eq!(server.log(), Vec::<String>::new());
}

#[test]
fn a_login_is_plain_or_login_and_its_refusal_tells_no_secret() {
    for offers in ["AUTH PLAIN", "AUTH LOGIN", "AUTH CRAM-MD5 LOGIN"] {
        let (server, smtp, _dir) = server(Security::Tls, Mode::Offers(offers));
        open(&smtp).expect("a session").close();
        configuration(&Session::open(&smtp, Some("geheim")).err().expect("no session"), "535 5.7.8 wrong");
        configuration(&Session::open(&smtp, None).err().expect("no session"), "no password for");
        server.set(Mode::Offers("AUTH CRAM-MD5 XOAUTH2"));
        configuration(&refused(&smtp), "offers no login");
    }
    let (server, smtp, _dir) = server(Security::Tls, Mode::Ok);
    for (answer, is_wrong) in [("535 5.7.8", true), ("454 4.7.0", false), ("421", false), ("250", true), ("334", true)]
    {
        server.set(Mode::Login(answer));
        let told = refused(&smtp);
        let check: fn(&Refused, &str) = if is_wrong { configuration } else { unavailable };
        check(&told, if is_wrong { "" } else { answer });
        assert!(!told.text().contains(PASSWORD), "{told:?}");
        let line = STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
        assert!(!told.text().contains(&line), "{told:?}");
    }
    assert!(!server.heard("MAIL"));
}

#[test]
fn an_unknown_authority_or_another_name_ends_it_before_anything_is_said() {
    for security in [Security::Tls, Security::StartTls] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let own = Server::start(security, Mode::Ok);
        let smtp = own.smtp_with_login(dir.path());
        let native = Smtp { ca_file: None, ..smtp.clone() };
        configuration(&refused(&native), "certificate");
        std::fs::write(dir.path().join("other.pem"), Authority::local().ca).expect("write");
        let other = Smtp { ca_file: Some(dir.path().join("other.pem")), ..smtp.clone() };
        configuration(&refused(&other), "certificate");
        let missing = Smtp { ca_file: Some(dir.path().join("missing.pem")), ..smtp.clone() };
        configuration(&refused(&missing), "missing.pem: No such file");
        std::fs::write(dir.path().join("empty.pem"), "-----BEGIN NOTHING-----\n").expect("write");
        let empty = Smtp { ca_file: Some(dir.path().join("empty.pem")), ..smtp };
        configuration(&refused(&empty), "empty.pem");
        let elsewhere = Server::with(Authority::new(&["mail.example.com"]), security, Mode::Ok);
        let smtp = elsewhere.smtp_with_login(dir.path());
        configuration(&refused(&smtp), "certificate");
        for server in [own, elsewhere] {
            for command in ["AUTH", "MAIL"] {
                assert!(!server.heard(command), "{:?}", server.log());
            }
        }
    }
}

#[test]
fn without_encryption_nothing_is_sent() {
    let (server, smtp, _dir) = server(Security::None, Mode::Ok);
    let demanding = Smtp { security: Security::StartTls, ..smtp.clone() };
    configuration(&refused(&demanding), "does not offer STARTTLS");
    let wrong_port = Smtp { security: Security::Tls, ..smtp.clone() };
    assert!(matches!(refused(&wrong_port), Refused::Configuration(_)));
    let elsewhere = Smtp { host: "smtp.example.com".to_owned(), ..smtp };
    configuration(&refused(&elsewhere), "nothing is sent unencrypted");
    for command in ["AUTH", "MAIL", "RCPT"] {
        assert!(!server.heard(command), "{:?}", server.log());
    }
}

#[test]
fn answers_put_in_before_encryption_are_no_answers() {
    let injected = [
        "250-injected.example\r\n250 AUTH PLAIN",
        "250 injected.example",
        "250 injected.example\r\n235 welcome",
        "250 injected.example\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go\r\n250 kept",
        "250 injected.example\r\n250 again\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go\r\n250 kept",
        "250 injected.example\r\n235 wel",
    ];
    for text in injected {
        let (server, smtp, _dir) = server(Security::StartTls, Mode::Inject(text));
        let refused = sent(&smtp, TO, &message()).expect_err("somebody is on the way");
        assert!(matches!(refused, Refused::Configuration(_)), "{text}: {refused:?}");
        assert!(!server.heard("MAIL"), "{:?}", server.log());
        let anonymous = Smtp { login: None, ..smtp };
        let refused = sent(&anonymous, TO, &message()).expect_err("somebody is on the way");
        // Without login an answer that comes late is seen at the data.
        assert!(matches!(refused, Refused::Configuration(_) | Refused::Unavailable(_)), "{text}: {refused:?}");
        assert_eq!(server.stored(), []);
    }
    // Lines put before the real answer do not move it; what they promise is asked for again.
    let (server, smtp, _dir) = server(Security::StartTls, Mode::Inject("250-AUTH CRAM-MD5"));
    assert!(sent(&smtp, TO, &message()).is_ok());
    assert_eq!(server.stored().len(), 1);
}

#[test]
fn nobody_waits_longer_than_configured() {
    for (security, mode) in [
        (Security::None, Mode::StallGreeting),
        (Security::Tls, Mode::StallGreeting),
        (Security::Tls, Mode::StallLogin),
        (Security::StartTls, Mode::StallLogin),
    ] {
        let (_server, mut smtp, _dir) = server(security, mode);
        smtp.timeout = 1;
        let begun = Instant::now();
        unavailable(&refused(&smtp), "no answer within 1 seconds");
        let taken = begun.elapsed();
        assert!(taken >= Duration::from_millis(900) && taken < Duration::from_millis(2500), "{mode:?}: {taken:?}");
    }
    let (server, mut smtp, _dir) = server(Security::Tls, Mode::Ok);
    smtp.timeout = 1;
    let session = open(&smtp).expect("a session");
    server.set(Mode::StallGreeting);
    let begun = Instant::now();
    session.close();
    assert!(begun.elapsed() < Duration::from_secs(2));
    drop(server);
    unavailable(&refused(&smtp), "refused");
    let nowhere = Smtp { host: "no-such-host.invalid".to_owned(), ..smtp };
    unavailable(&refused(&nowhere), "");
}

#[test]
fn many_clients_come_and_vanish() {
    let (server, smtp, _dir) = server(Security::Tls, Mode::Ok);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let smtp = &smtp;
            scope.spawn(move || {
                let mut session = open(smtp).expect("a session");
                session.address(FROM, TO).expect("an address");
                if number % 2 == 0 {
                    session.send(&message()).expect("sent");
                }
                // Dropped without a good-bye.
            });
        }
    });
    assert_eq!(server.stored().len(), 4);
}
