//! Mail leaves the outbox: once, to everybody, whatever server and power supply do. What a test asks of the server is in
//! `support::smtp`.

mod support;

use meritbook::{archive, config::Security};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};
use support::{
    copy, demo, entries, files, meritbook, read,
    smtp::{Authority, Mode, PASSWORD, Server, Stored},
    text,
};

/// The mails of the example's first edition.
const MAILS: usize = 7;

/// The example, whose mails go to the server; `more` are further lines of `[mail]`.
fn centre(server: &Server, more: &str) -> tempfile::TempDir {
    let dir = demo();
    connect(dir.path(), server, more);
    dir
}

/// Makes the mails of a centre go to the server.
fn connect(dir: &Path, server: &Server, more: &str) {
    let config = dir.join("config.toml");
    let from = "from = \"meritbook@example.com\"\n";
    let shipped = text(&support::repository().join("config.toml"));
    assert!(shipped.contains(from));
    let own = format!("{from}transport = \"smtp\"\n{more}{}", server.section(dir));
    fs::write(&config, shipped.replace(from, &own)).expect("write the configuration");
}

/// The ids in a state of the outbox.
fn ids(dir: &Path, state: &str) -> Vec<String> {
    let folder = dir.join("var/outbox").join(state);
    let listed = if folder.exists() { entries(&folder) } else { Vec::new() };
    listed.iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect()
}

fn states(dir: &Path) -> BTreeMap<&'static str, usize> {
    let all = archive::State::ALL.map(|state| (state.word(), ids(dir, state.word()).len()));
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// What the server keeps, by recipient.
fn by_recipient(server: &Server) -> BTreeMap<String, Vec<Stored>> {
    let mut all: BTreeMap<String, Vec<Stored>> = BTreeMap::new();
    for stored in server.stored() {
        all.entry(stored.recipient.clone()).or_default().push(stored);
    }
    all
}

/// The mails of an edition, as bytes, by file name.
fn mails(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    files(&dir.join("var/editions/2026-10/001/mail"))
}

fn message_id(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| line.starts_with("Message-ID:")).expect("a Message-ID");
    line.to_owned()
}

#[test]
fn every_mail_arrives_once_with_its_very_bytes_and_the_answer_is_kept() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "");
    let run = meritbook(dir.path(), "monthly");
    assert_eq!(run.code, 10, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("mail: 7 sent"), "{}", run.stdout);
    let made: Vec<Vec<u8>> = mails(dir.path()).into_values().collect();
    let mut got: Vec<Vec<u8>> = server.stored().into_iter().map(|stored| stored.bytes).collect();
    assert_eq!((made.len(), got.len()), (MAILS, MAILS));
    let mut sorted = made.clone();
    sorted.sort();
    got.sort();
    assert!(sorted == got, "the bytes are not those of the edition");
    let recipients: Vec<String> = by_recipient(&server).into_keys().collect();
    assert!(recipients.contains(&"lin.jing@example.com".to_owned()) && recipients.len() == MAILS, "{recipients:?}");
    assert_eq!(states(dir.path()), BTreeMap::from([("sent", MAILS)]));
    for id in ids(dir.path(), "sent") {
        let answers = text(&dir.path().join("var/outbox/sent").join(&id).join("answers.json"));
        assert!(answers.contains("accepted") && answers.contains("250"), "{answers}");
    }
    // Nothing is due any more, whatever is run.
    for command in ["monthly", "outbox flush", "outbox list"] {
        assert_eq!(meritbook(dir.path(), command).code, 0, "{command}");
    }
    assert_eq!(server.stored().len(), MAILS);
    for secret in [PASSWORD, "AUTH PLAIN"] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret));
        let held = files(&dir.path().join("var"));
        assert!(held.values().all(|bytes| memchr::memmem::find(bytes, secret.as_bytes()).is_none()), "{secret}");
    }
}

#[test]
fn a_refused_recipient_keeps_nobody_else_from_getting_mail() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "");
    let config = dir.path().join("config.toml");
    let bad = text(&config).replace("address = \"hr@example.com\"", "address = \"bad-hr@example.com\"");
    fs::write(&config, bad).expect("write the configuration");
    let run = meritbook(dir.path(), "monthly");
    assert_eq!(run.code, 69, "{}", run.stdout);
    assert_eq!(states(dir.path()), BTreeMap::from([("failed", 1), ("sent", MAILS - 1)]));
    assert!(run.stdout.contains("(hr) failed: 550"), "{}", run.stdout);
    assert!(!run.stdout.contains("bad-hr@example.com"), "an address is in the log: {}", run.stdout);
    let id = ids(dir.path(), "failed").remove(0);
    // It goes on asking for a person, until somebody sets it aside.
    let again = meritbook(dir.path(), "monthly");
    assert_eq!(again.code, 10, "{}", again.stdout);
    assert!(again.stdout.contains(&id), "{}", again.stdout);
    assert_eq!(meritbook(dir.path(), &format!("outbox retry {id}")).code, 69);
    assert_eq!(meritbook(dir.path(), &format!("outbox hold {}", &id[12..])).code, 0);
    assert_eq!(states(dir.path()), BTreeMap::from([("held", 1), ("sent", MAILS - 1)]));
    assert_eq!(meritbook(dir.path(), "monthly").code, 0);
    let list = meritbook(dir.path(), "outbox list");
    assert!(list.stdout.contains("1 held, 6 sent") && list.stdout.contains(&id), "{}", list.stdout);
    assert_eq!(meritbook(dir.path(), "outbox list --all").stdout.matches("2026-10.001.").count(), MAILS);
}

#[test]
fn what_is_put_off_waits_longer_each_time_and_is_given_up_in_the_end() {
    use clap::Parser;
    let server = Server::start(Security::Tls, Mode::End("451 4.3.0 try later"));
    let dir = centre(&server, "give_up_hours = 3\n");
    let config = dir.path().join("config.toml");
    let run = |command: &str, after: i64| {
        let words = command.split_whitespace();
        let args = ["meritbook", "--quiet", "--config", config.to_str().expect("UTF-8")].into_iter().chain(words);
        let cli = meritbook::cli::Cli::parse_from(args);
        meritbook::jobs::run(&cli, start() + chrono::TimeDelta::minutes(after)).expect("a run")
    };
    let tries = || server.log().iter().filter(|line| line.contains("MAIL FROM")).count();
    assert_eq!(run("monthly", 0), 69);
    assert_eq!((tries(), states(dir.path())), (MAILS, BTreeMap::from([("new", MAILS)])));
    // 30 minutes, then 60.
    assert_eq!((run("outbox flush --due", 20), tries()), (0, MAILS));
    assert_eq!((run("outbox flush --due", 40), tries()), (69, 2 * MAILS));
    assert_eq!((run("outbox flush --due", 80), tries()), (0, 2 * MAILS));
    assert_eq!((run("outbox flush --due", 110), tries()), (69, 3 * MAILS));
    // Whoever asks for it does not wait.
    assert_eq!((run("outbox flush", 120), tries()), (69, 4 * MAILS));
    assert_eq!(states(dir.path()), BTreeMap::from([("new", MAILS)]));
    assert_eq!(run("outbox flush", 190), 69);
    assert_eq!(states(dir.path()), BTreeMap::from([("failed", MAILS)]));
    server.set(Mode::Ok);
    let all = ids(dir.path(), "failed").join(" ");
    assert_eq!(run(&format!("outbox retry {all}"), 200), 0);
    assert_eq!((states(dir.path()), server.stored().len()), (BTreeMap::from([("sent", MAILS)]), MAILS));
}

fn start() -> chrono::DateTime<chrono::Utc> {
    "2026-11-01T22:30:00Z".parse().expect("a moment")
}

#[test]
fn a_server_that_cannot_be_had_or_does_not_want_us_loses_nothing() {
    let cases = [
        (Mode::Greeting("421 4.3.2 closing"), 69, "the server cannot be had"),
        (Mode::StallGreeting, 69, "the server cannot be had"),
        (Mode::Login("454 4.7.0 not now"), 69, "the server cannot be had"),
        (Mode::Login("535 5.7.8 wrong"), 78, "the configuration of [mail] does not work"),
        (Mode::Mail("550 5.7.1 not yours"), 78, "the configuration of [mail] does not work"),
    ];
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "");
    let before = dir.path().join("before");
    server.set(Mode::Greeting("421 4.3.2 closing"));
    assert_eq!(meritbook(dir.path(), "monthly").code, 69);
    copy(&dir.path().join("var"), &before);
    for (mode, code, said) in cases {
        server.set(mode);
        let run = meritbook(dir.path(), "outbox flush");
        assert_eq!(run.code, code, "{mode:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(said) && !run.stdout.contains(PASSWORD), "{mode:?}: {}", run.stdout);
        assert_eq!(states(dir.path()), BTreeMap::from([("new", MAILS)]), "{mode:?}");
        assert!(server.stored().is_empty(), "{mode:?}");
    }
    server.set(Mode::Ok);
    assert_eq!(meritbook(dir.path(), "outbox flush").code, 0);
    assert_eq!((states(dir.path()), server.stored().len()), (BTreeMap::from([("sent", MAILS)]), MAILS));
}

#[test]
fn another_authority_and_a_server_without_starttls_are_configuration_errors() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "");
    fs::write(dir.path().join("ca.pem"), &Authority::local().ca).expect("another authority");
    let run = meritbook(dir.path(), "monthly");
    assert_eq!((run.code, states(dir.path())), (78, BTreeMap::from([("new", MAILS)])), "{}", run.stdout);
    assert!(server.stored().is_empty());
    let plain = Server::start(Security::None, Mode::Ok);
    connect(dir.path(), &plain, "");
    let config = dir.path().join("config.toml");
    fs::write(&config, text(&config).replace("security = \"none\"", "security = \"starttls\"")).expect("write");
    assert_eq!(meritbook(dir.path(), "outbox flush").code, 78);
    assert!(!plain.heard("AUTH") && !plain.heard("MAIL") && plain.stored().is_empty(), "{:?}", plain.log());
    fs::set_permissions(dir.path().join("smtp-password"), std::os::unix::fs::PermissionsExt::from_mode(0o640))
        .expect("the mode");
    connect_again(dir.path(), &server);
    let run = meritbook(dir.path(), "outbox flush");
    assert!(run.code == 0, "{}", run.stdout);
}

/// The first server again, with its authority and a password that only the owner reads.
fn connect_again(dir: &Path, server: &Server) {
    connect(dir, server, "");
}

#[test]
fn a_password_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "");
    fs::set_permissions(dir.path().join("smtp-password"), fs::Permissions::from_mode(0o640)).expect("the mode");
    let run = meritbook(dir.path(), "monthly");
    assert_eq!(run.code, 78, "{}", run.stdout);
    assert!(run.stdout.contains("chmod 600") && !server.heard("EHLO"), "{}", run.stdout);
    assert_eq!(states(dir.path()), BTreeMap::from([("new", MAILS)]));
}

#[test]
fn silence_after_the_final_dot_is_doubt_and_the_same_bytes_go_again() {
    for mode in [Mode::DropAfterDotOnce, Mode::StallAfterDot, Mode::HalfAnswer] {
        let server = Server::start(Security::Tls, mode);
        let dir = centre(&server, "");
        let config = dir.path().join("config.toml");
        fs::write(&config, text(&config).replace("final_timeout_seconds = 5", "final_timeout_seconds = 1"))
            .expect("write");
        let run = meritbook(dir.path(), "monthly");
        assert_eq!(run.code, 69, "{mode:?}: {}", run.stdout);
        assert!(run.stdout.contains("is in doubt"), "{mode:?}: {}", run.stdout);
        assert_eq!(states(dir.path()), BTreeMap::from([("in-doubt", 1), ("new", MAILS - 1)]), "{mode:?}");
        server.set(Mode::Ok);
        assert_eq!(meritbook(dir.path(), "outbox flush").code, 0);
        assert_eq!(states(dir.path()), BTreeMap::from([("sent", MAILS)]), "{mode:?}");
        let twice: Vec<Vec<Stored>> = by_recipient(&server).into_values().filter(|all| all.len() > 1).collect();
        assert_eq!((server.stored().len(), twice.len()), (MAILS + 1, 1), "{mode:?}");
        assert_eq!(twice[0][0].bytes, twice[0][1].bytes, "{mode:?}");
        assert_eq!(message_id(&twice[0][0].bytes), message_id(&twice[0][1].bytes));
    }
}

#[test]
fn doubt_may_be_held_for_a_person() {
    let server = Server::start(Security::Tls, Mode::DropAfterDotOnce);
    let dir = centre(&server, "on_in_doubt = \"hold\"\n");
    assert_eq!(meritbook(dir.path(), "monthly").code, 69);
    let run = meritbook(dir.path(), "outbox flush");
    // The others are sent; the one in doubt asks for a person.
    assert_eq!(run.code, 10, "{}", run.stdout);
    assert_eq!(states(dir.path()), BTreeMap::from([("in-doubt", 1), ("sent", MAILS - 1)]));
    assert_eq!(server.stored().len(), MAILS);
    let id = ids(dir.path(), "in-doubt").remove(0);
    assert_eq!(meritbook(dir.path(), &format!("outbox retry {id}")).code, 0);
    assert_eq!((states(dir.path()), server.stored().len()), (BTreeMap::from([("sent", MAILS)]), MAILS + 1));
    let sent = meritbook(dir.path(), &format!("outbox retry {id}"));
    assert_eq!(sent.code, 64, "{}", sent.stderr);
    assert!(sent.stderr.contains("is sent") && server.stored().len() == MAILS + 1, "{}", sent.stderr);
}

#[test]
fn a_message_that_is_too_large_says_so_and_goes_once_it_may() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "size_limit_mb = 1\n");
    let big = dir.path().join("fixtures/demo/registers/decisions.csv");
    assert!(big.exists());
    let config = dir.path().join("config.toml");
    assert_eq!(meritbook(dir.path(), "monthly").code, 10);
    assert_eq!(server.stored().len(), MAILS);
    // No message of the example has a megabyte; one of the outbox is made larger on paper.
    let id = ids(dir.path(), "sent").remove(0);
    let (from, to) = (dir.path().join("var/outbox/sent").join(&id), dir.path().join("var/outbox/new").join(&id));
    fs::rename(&from, &to).expect("move");
    let envelope = to.join("envelope.json");
    let mut changed: serde_json::Value = serde_json::from_slice(&read(&envelope)).expect("JSON");
    changed["bytes"] = 2_000_000.into();
    fs::write(&envelope, changed.to_string()).expect("write");
    fs::remove_file(to.join("answers.json")).expect("remove");
    let run = meritbook(dir.path(), "outbox flush");
    assert_eq!(run.code, 69, "{}", run.stdout);
    assert!(run.stdout.contains("2000000 bytes") && run.stdout.contains("editions/2026-10/001"), "{}", run.stdout);
    assert_eq!(states(dir.path()), BTreeMap::from([("failed", 1), ("sent", MAILS - 1)]));
    fs::write(&config, text(&config).replace("size_limit_mb = 1", "size_limit_mb = 20")).expect("write");
    assert_eq!(meritbook(dir.path(), &format!("outbox retry {id}")).code, 0);
    assert_eq!(server.stored().len(), MAILS + 1);
}

#[test]
fn with_a_password_workbooks_go_out_locked_and_stay_readable_here() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "workbook_password = { file = \"passwords/{recipient}\" }\n");
    let missing = meritbook(dir.path(), "monthly");
    assert_eq!(missing.code, 78, "{}", missing.stdout);
    assert!(!dir.path().join("var/editions/2026-10/001").exists(), "nothing is made that cannot be sent");
    fs::create_dir(dir.path().join("passwords")).expect("a folder");
    for whom in ["hr", "general-manager", "operator", "0001", "0101", "0201", "0301"] {
        let path = dir.path().join("passwords").join(whom);
        fs::write(&path, format!("geheim-{whom}\n")).expect("write");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("the mode");
    }
    let run = meritbook(dir.path(), "monthly");
    assert_eq!(run.code, 10, "{}{}", run.stdout, run.stderr);
    let sent = by_recipient(&server);
    let hr = support::mail::parse(&sent["hr@example.com"][0].bytes);
    let kept = mails(dir.path());
    let plain = support::mail::parse(&kept["01-hr.eml"]);
    assert_eq!(message_id(&sent["hr@example.com"][0].bytes), message_id(&kept["01-hr.eml"]));
    assert_eq!(hr.parts.len(), plain.parts.len());
    assert!(hr.parts[0].parts[0].body == plain.parts[0].parts[0].body);
    for (locked, open) in hr.parts[1..].iter().zip(&plain.parts[1..]) {
        assert!(open.body.starts_with(b"PK") && locked.body.starts_with(b"\xd0\xcf\x11\xe0"), "a workbook is open");
        assert_eq!(locked.headers["content-disposition"], open.headers["content-disposition"]);
    }
    for secret in ["geheim-hr", "geheim-0101"] {
        let held = files(&dir.path().join("var"));
        assert!(held.values().all(|bytes| memchr::memmem::find(bytes, secret.as_bytes()).is_none()), "{secret}");
    }
    assert_eq!(meritbook(dir.path(), "editions verify --recompute").code, 0);
}

/// Kills the command after a delay; gives whether it was killed before its end.
fn killed(dir: &Path, command: &str, delay: Duration) -> bool {
    let mut command = support::command(dir, command.split_whitespace());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a child");
    sleep(delay);
    child.kill().expect("a kill");
    child.wait().expect("an end").code().is_none()
}

/// Asserts that every mail was stored, with one set of bytes each, and more than once only what may have been in doubt.
fn assert_delivered(server: &Server, what: &str, doubts: usize) {
    let all = by_recipient(server);
    assert_eq!(all.len(), MAILS, "{what}: somebody has no mail");
    for (recipient, stored) in &all {
        assert!(stored.iter().all(|one| one.bytes == stored[0].bytes), "{what}: {recipient} got other bytes");
    }
    let more = server.stored().len() - MAILS;
    assert!(more <= doubts, "{what}: {more} mails came once more, {doubts} were in doubt");
}

#[test]
fn killed_while_sending_nothing_is_lost_and_only_what_is_in_doubt_comes_twice() {
    for mode in [Mode::Ok, Mode::DropAfterDotOnce] {
        let down = Server::start(Security::Tls, Mode::Greeting("421 4.3.2 closing"));
        let dir = centre(&down, "");
        assert_eq!(meritbook(dir.path(), "monthly").code, 69);
        let (var, before) = (dir.path().join("var"), dir.path().join("before"));
        copy(&var, &before);
        let whole = {
            let server = Server::start(Security::Tls, mode);
            connect(dir.path(), &server, "");
            let begin = Instant::now();
            assert!([0, 69].contains(&meritbook(dir.path(), "outbox flush").code));
            begin.elapsed()
        };
        let (points, mut kills) = (16, 0);
        for point in 0..points {
            let server = Server::start(Security::Tls, mode);
            fs::remove_dir_all(&var).expect("remove");
            copy(&before, &var);
            connect(dir.path(), &server, "");
            let is_killed = killed(dir.path(), "outbox flush", whole * point / (points - 2));
            kills += u32::from(is_killed);
            let what = format!("{mode:?} killed at {point}");
            let mut doubts = usize::from(mode == Mode::DropAfterDotOnce);
            doubts += ids(dir.path(), "sending").len();
            for _ in 0..3 {
                meritbook(dir.path(), "outbox flush");
            }
            assert_eq!(states(dir.path()), BTreeMap::from([("sent", MAILS)]), "{what}");
            assert_delivered(&server, &what, doubts);
        }
        assert!(kills >= points / 4, "only {kills} runs were killed before their end");
    }
}

#[test]
fn killed_at_any_moment_an_edition_has_its_mails_and_no_edition_none() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "");
    let begin = Instant::now();
    assert_eq!(meritbook(dir.path(), "monthly").code, 10);
    let whole = begin.elapsed();
    drop(server);
    let points = 12;
    for point in 0..points {
        let server = Server::start(Security::Tls, Mode::Ok);
        fs::remove_dir_all(dir.path().join("var")).expect("remove");
        connect(dir.path(), &server, "");
        // Most of the time goes before the edition stands.
        let delay = if point < 4 { whole * point / 8 } else { whole * (point + 8) / (points + 6) };
        killed(dir.path(), "monthly", delay);
        let what = format!("killed at {point}");
        let is_there: PathBuf = dir.path().join("var/editions/2026-10/001");
        if !is_there.exists() {
            assert!(server.stored().is_empty() && ids(dir.path(), "new").is_empty(), "{what}: mail without an edition");
        }
        let doubts = ids(dir.path(), "sending").len();
        let next = meritbook(dir.path(), "monthly");
        assert!([0, 10].contains(&next.code), "{what}: {}{}", next.stdout, next.stderr);
        assert_eq!(states(dir.path()), BTreeMap::from([("sent", MAILS)]), "{what}");
        assert_delivered(&server, &what, doubts);
        assert!(!dir.path().join("var/editions/2026-10/002").exists(), "{what}");
    }
}

#[test]
fn a_month_that_is_proposed_again_goes_only_to_managers_with_something_new() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "");
    assert_eq!(meritbook(dir.path(), "monthly").code, 10);
    let decided = "decide late-arrival:0305:2026-10-19 confirm --value B --by 0301 --reason ok";
    assert_eq!(meritbook(dir.path(), decided).code, 0);
    assert_eq!(meritbook(dir.path(), "monthly").code, 10);
    let mut second: Vec<String> = server.stored()[MAILS..].iter().map(|stored| stored.recipient.clone()).collect();
    second.sort();
    let own = support::rows(&read(&dir.path().join("fixtures/demo/registers/employees.csv")));
    let manager = own.iter().find(|row| row["employee_id"] == "0301").expect("the manager");
    let mut expected = vec!["gm@example.com", "hr@example.com", "operator@example.com", &manager["email"]];
    expected.sort_unstable();
    assert_eq!(second, expected);
}

#[test]
fn slips_go_to_employees_where_that_is_asked_for() {
    let server = Server::start(Security::Tls, Mode::Ok);
    let dir = centre(&server, "slips = true\n");
    assert_eq!(meritbook(dir.path(), "monthly").code, 10);
    let own = support::rows(&read(&dir.path().join("fixtures/demo/registers/employees.csv")));
    let all = by_recipient(&server);
    let edition = dir.path().join("var/editions/2026-10/001");
    let mut slips = 0;
    for path in entries(&edition.join("slips")) {
        let id = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let person = own.iter().find(|row| row["employee_id"] == id).expect("a person");
        let Some(stored) = all.get(&person["email"]) else { continue };
        let is_slip = |stored: &&Stored| {
            let parts = support::mail::parse(&stored.bytes).parts;
            parts.len() == 2 && parts[1].body == read(&path)
        };
        slips += stored.iter().filter(is_slip).count();
        assert_eq!(stored.iter().filter(is_slip).count(), 1, "{id}");
    }
    assert!(slips >= 10, "only {slips} slips");
}
