//! Reads `[mail.smtp]` and where secrets are kept; no secret is ever in the file, nor in what is said of it.

use super::{
    load::Place,
    mail::{Secret, Security, Smtp},
};
use crate::base::toml::{Walker, integer, join};
use toml::de::DeTable;

const PATH: &str = "mail.smtp";
const KEYS: &[&str] =
    &["host", "port", "security", "user", "password", "ca_file", "hello", "timeout_seconds", "final_timeout_seconds"];
const KEEPERS: [&str; 3] = ["credential", "env", "file"];
const KEEP: &str = "write { credential = \"NAME\" }, { env = \"NAME\" } or { file = \"PATH\" }";
const RECIPIENT: &str = "{recipient}";
/// The longest wait for an answer, seconds.
const LONGEST: u64 = 3600;

/// Reads the section; `None` without it, or with a problem.
pub(super) fn read<'a>(walker: &mut Walker<'a>, mail: &DeTable<'a>, sender: &str, place: &Place<'_>) -> Option<Smtp> {
    let smtp = walker.table("mail", mail, "smtp")?;
    walker.only(PATH, smtp, KEYS);
    let host = walker.text(PATH, smtp, "host");
    if !smtp.contains_key("host") {
        let help = "write host = \"smtp.example.com\"";
        walker.problem(&mail["smtp"].span(), "`mail.smtp.host` is not written", help);
    }
    let words = [("tls", Security::Tls), ("starttls", Security::StartTls), ("none", Security::None)];
    let security = word(walker, PATH, smtp, "security", &words).unwrap_or(Security::Tls);
    if let Some(host) = &host {
        check_name(walker, smtp, "host", host);
        if security == Security::None && !is_here(host) {
            let help = "write security = \"tls\" or \"starttls\"; without them mail only goes to localhost";
            let what = format!("`mail.smtp.security` is \"none\", but `{host}` is not this machine");
            walker.problem(&smtp["security"].span(), what, help);
        }
    }
    let usual = match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::None => 25,
    };
    let port = positive(walker, PATH, smtp, "port", u64::from(u16::MAX)).and_then(|port| u16::try_from(port).ok());
    let login = login(walker, smtp, place);
    let hello = walker.text(PATH, smtp, "hello");
    if let Some(hello) = &hello {
        check_name(walker, smtp, "hello", hello);
    }
    let domain = || sender.rsplit('@').next().unwrap_or(sender).to_owned();
    Some(Smtp {
        host: host?,
        port: port.unwrap_or(usual),
        security,
        login,
        ca_file: walker.text(PATH, smtp, "ca_file").map(|name| place.base.join(name)),
        hello: hello.unwrap_or_else(domain),
        timeout: positive(walker, PATH, smtp, "timeout_seconds", LONGEST).unwrap_or(60),
        final_timeout: positive(walker, PATH, smtp, "final_timeout_seconds", LONGEST).unwrap_or(600),
    })
}

/// Whether a host is this machine itself.
fn is_here(host: &str) -> bool {
    ["localhost", "127.0.0.1", "::1"].contains(&host)
}

fn login<'a>(walker: &mut Walker<'a>, smtp: &DeTable<'a>, place: &Place<'_>) -> Option<(String, Secret)> {
    let user = walker.text(PATH, smtp, "user");
    let password = secret(walker, PATH, smtp, "password", false, place);
    match (smtp.get("user"), smtp.get("password")) {
        (Some(node), None) => {
            let help = "write password = { credential = \"smtp-password\" }, or leave `user` out";
            walker.problem(&node.span(), "`mail.smtp.user` has no `password`", help);
        }
        (None, Some(node)) => {
            let help = "write user = \"meritbook@example.com\", or leave `password` out";
            walker.problem(&node.span(), "`mail.smtp.password` has no `user`", help);
        }
        _ => {}
    }
    user.zip(password)
}

/// Names go into commands of the dialogue: no spaces, no line ends.
fn check_name<'a>(walker: &mut Walker<'a>, smtp: &DeTable<'a>, key: &str, name: &str) {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if name.is_empty() || !name.chars().all(is_fit) {
        walker.wrong(&smtp[key], &join(PATH, key), "a name such as \"mail.example.com\"");
    }
}

/// One of the words at `key`.
pub(super) fn word<'a, T: Copy>(
    walker: &mut Walker<'a>,
    path: &str,
    table: &DeTable<'a>,
    key: &str,
    words: &[(&str, T)],
) -> Option<T> {
    let text = walker.text(path, table, key)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let quoted: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let (last, others) = quoted.split_last()?;
        walker.wrong(&table[key], &join(path, key), &format!("{} or {last}", others.join(", ")));
    }
    found
}

/// The whole number at `key`, from 1 to `most`.
pub(super) fn positive<'a>(
    walker: &mut Walker<'a>,
    path: &str,
    table: &DeTable<'a>,
    key: &str,
    most: u64,
) -> Option<u64> {
    let node = table.get(key)?;
    let Some(number) = integer(node) else {
        walker.wrong(node, &join(path, key), "a whole number");
        return None;
    };
    let found = u64::try_from(number).ok().filter(|number| (1..=most).contains(number));
    if found.is_none() {
        walker.problem(&node.span(), format!("`{}` is {number}; it must be 1 to {most}", join(path, key)), "");
    }
    found
}

/// Where the secret at `key` is kept; with `is_each` there may be one for each recipient.
pub(super) fn secret<'a>(
    walker: &mut Walker<'a>,
    path: &str,
    table: &DeTable<'a>,
    key: &str,
    is_each: bool,
    place: &Place<'_>,
) -> Option<Secret> {
    let node = table.get(key)?;
    let name = join(path, key);
    let Some(keeper) = node.get_ref().as_table() else {
        // What stands there is a secret: it is not repeated.
        let what = format!("`{name}` must say where the secret is kept: secrets are never in this file");
        walker.problem(&node.span(), what, format!("{KEEP}, and change the secret if it stood here"));
        return None;
    };
    walker.only(&name, keeper, &KEEPERS);
    let named: Vec<&str> = KEEPERS.into_iter().filter(|word| keeper.contains_key(*word)).collect();
    let [word] = named[..] else {
        let what = format!("`{name}` names {} places where the secret is kept; it must be one", named.len());
        walker.problem(&node.span(), what, KEEP);
        return None;
    };
    let text = walker.text(&name, keeper, word)?;
    let span = keeper[word].span();
    let own = join(&name, word);
    let rest = if is_each { text.replace(RECIPIENT, "") } else { text.clone() };
    if rest.contains(['{', '}']) {
        let filled = if is_each { "only `{recipient}` is filled in" } else { "nothing is filled in here" };
        walker.problem(&span, format!("`{own}` is `{text}`: {filled}"), "");
    }
    let is_fit = match word {
        "credential" => !text.contains('/') && ![".", ".."].contains(&text.as_str()),
        "env" => !text.contains('='),
        _ => true,
    };
    if text.is_empty() || text.contains('\0') || !is_fit {
        walker.wrong(&keeper[word], &own, if word == "file" { "the path of a file" } else { "a name" });
    }
    Some(match word {
        "credential" => Secret::Credential(text),
        "env" => Secret::Environment(text),
        _ => Secret::File(place.base.join(text)),
    })
}
