//! Reads `[mail]`: how mails leave, who sends them, who gets them.

use super::{
    load::Place,
    smtp::{self, positive, secret, word},
};
use crate::base::toml::Walker;
use toml::de::DeTable;

const KEYS: &[&str] = &[
    "transport",
    "from",
    "recipients",
    "slips",
    "on_in_doubt",
    "size_limit_mb",
    "give_up_hours",
    "workbook_password",
    "smtp",
];

const MEGABYTE: u64 = 1 << 20;
const ROLES: &[&str] = &["hr", "finance", "general-manager", "operator"];

/// A recipient of mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// hr, finance, general-manager or operator.
    pub role: String,
    /// The e-mail address.
    pub address: String,
    /// The name beside the address; may be empty.
    pub name: String,
}

/// Where a secret is kept; never in the configuration itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// A file of this name in `$CREDENTIALS_DIRECTORY`, as systemd's `LoadCredential=` makes it.
    Credential(String),
    /// An environment variable.
    Environment(String),
    /// A file that only its owner may read; relative to the configuration.
    File(std::path::PathBuf),
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (465).
    Tls,
    /// TLS after STARTTLS (587); without it nothing is sent.
    StartTls,
    /// None: only to this machine itself.
    None,
}

/// `[mail.smtp]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// The server's name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who logs in, and where the password is kept; without it nobody does.
    pub login: Option<(String, Secret)>,
    /// A file with the certificates of a private authority; only these count then.
    pub ca_file: Option<std::path::PathBuf>,
    /// The name that this machine gives itself.
    pub hello: String,
    /// How long the server may take for an answer, seconds …
    pub timeout: u64,
    /// … and for the one to a whole message.
    pub final_timeout: u64,
}

/// What happens to a message of which nobody knows whether the server has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInDoubt {
    /// It is sent again: the same bytes with the same Message-ID.
    Resend,
    /// It waits for a person.
    Hold,
}

/// `[mail]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The server that mails are given to; without it they are only written, as `.eml` files.
    pub smtp: Option<Smtp>,
    /// The sender's address.
    pub sender: String,
    /// Who gets mail, beside managers and employees.
    pub recipients: Vec<Recipient>,
    /// Whether employees get their slips by mail.
    pub slips: bool,
    /// The largest message that is sent, bytes.
    pub size_limit: u64,
    /// What happens to a message in doubt.
    pub on_in_doubt: OnInDoubt,
    /// For how long a message is tried again, hours.
    pub give_up_hours: u64,
    /// Where the password of a recipient's workbooks is kept, `{recipient}` being the role or the employee id; without
    /// it workbooks have none.
    pub workbook_password: Option<Secret>,
}

impl Mail {
    fn new() -> Self {
        Self {
            smtp: None,
            sender: "meritbook@localhost".to_owned(),
            recipients: Vec::new(),
            slips: false,
            size_limit: 20 * MEGABYTE,
            on_in_doubt: OnInDoubt::Resend,
            give_up_hours: 96,
            workbook_password: None,
        }
    }
}

/// Reads the section.
pub(super) fn read<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>, place: &Place<'_>) -> Mail {
    let mut read = Mail::new();
    let Some(mail) = walker.table("", root, "mail") else { return read };
    walker.only("mail", mail, KEYS);
    if let Some(sender) = walker.text("mail", mail, "from") {
        check_address(walker, mail, "from", &sender);
        read.sender = sender;
    }
    let by_smtp = word(walker, "mail", mail, "transport", &[("file", false), ("smtp", true)]).unwrap_or(false);
    // What is written is looked at even where it is not used.
    let smtp = smtp::read(walker, mail, &read.sender, place);
    if by_smtp {
        let span = mail["transport"].span();
        if !mail.contains_key("smtp") {
            let help = "add [mail.smtp] with host = \"smtp.example.com\"";
            walker.problem(&span, "`mail.transport` is \"smtp\", but there is no [mail.smtp]", help);
        }
        if !mail.contains_key("from") {
            let help = "write from = \"meritbook@example.com\", an address that the server accepts as sender";
            walker.problem(&span, "`mail.transport` is \"smtp\", but `mail.from` is not written", help);
        }
        read.smtp = smtp;
    }
    read.slips = walker.flag("mail", mail, "slips").unwrap_or(read.slips);
    let ways = [("resend", OnInDoubt::Resend), ("hold", OnInDoubt::Hold)];
    read.on_in_doubt = word(walker, "mail", mail, "on_in_doubt", &ways).unwrap_or(read.on_in_doubt);
    read.size_limit =
        positive(walker, "mail", mail, "size_limit_mb", 1000).map_or(read.size_limit, |limit| limit * MEGABYTE);
    read.give_up_hours = positive(walker, "mail", mail, "give_up_hours", 8760).unwrap_or(read.give_up_hours);
    read.workbook_password = secret(walker, "mail", mail, "workbook_password", true, place);
    read.recipients = recipients(walker, mail);
    read
}

fn recipients<'a>(walker: &mut Walker<'a>, mail: &DeTable<'a>) -> Vec<Recipient> {
    let mut recipients = Vec::new();
    let list = mail.get("recipients").and_then(|node| node.get_ref().as_array());
    if let Some(node) = mail.get("recipients").filter(|_| list.is_none()) {
        walker.wrong(node, "mail.recipients", "a list of [[mail.recipients]]");
    }
    for node in list.into_iter().flatten() {
        let Some(table) = node.get_ref().as_table() else {
            walker.wrong(node, "mail.recipients", "a table with role and address");
            continue;
        };
        walker.only("mail.recipients", table, &["role", "address", "name"]);
        let role = walker.text("mail.recipients", table, "role").unwrap_or_default();
        if !ROLES.contains(&role.as_str()) {
            walker.problem(&node.span(), format!("`{role}` is not a role"), format!("roles: {}", ROLES.join(", ")));
        }
        let address = walker.text("mail.recipients", table, "address").unwrap_or_default();
        if address.is_empty() {
            walker.problem(&node.span(), "a recipient has no `address`", "write address = \"hr@example.com\"");
        } else {
            check_address(walker, table, "address", &address);
        }
        let name = walker.text("mail.recipients", table, "name").unwrap_or_default();
        recipients.push(Recipient { role, address, name });
    }
    recipients
}

fn check_address<'a>(walker: &mut Walker<'a>, table: &DeTable<'a>, key: &str, address: &str) {
    if let Some(node) = table.get(key)
        && address.parse::<lettre::Address>().is_err()
    {
        walker.problem(&node.span(), format!("`{address}` is not an e-mail address"), "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn mail(text: &str) -> Mail {
        let mut walker = Walker::new("config.toml", text);
        let root = walker.parse();
        let mail = read(&mut walker, &root, &Place { base: Path::new("/etc/meritbook"), kept: None });
        assert_eq!(walker.problems, []);
        mail
    }

    #[test]
    fn everything_has_a_default() {
        assert_eq!(mail(""), Mail::new());
        assert_eq!(mail("[mail]\ntransport = \"file\""), Mail::new());
        let kept = "[mail]\n[mail.smtp]\nhost = \"smtp.example.com\"";
        assert_eq!(mail(kept).smtp, None, "it is not used");
        let text = "[mail]\ntransport = \"smtp\"\nfrom = \"a@kq.example.com\"\n[mail.smtp]\nhost = \"localhost\"";
        for (security, word, port) in [
            (Security::Tls, "", 465),
            (Security::Tls, "tls", 465),
            (Security::StartTls, "starttls", 587),
            (Security::None, "none", 25),
        ] {
            let line = if word.is_empty() { String::new() } else { format!("\nsecurity = \"{word}\"") };
            let smtp = Smtp {
                host: "localhost".to_owned(),
                port,
                security,
                login: None,
                ca_file: None,
                hello: "kq.example.com".to_owned(),
                timeout: 60,
                final_timeout: 600,
            };
            assert_eq!(mail(&format!("{text}{line}")).smtp, Some(smtp));
        }
    }

    #[test]
    fn everything_can_be_written() {
        let text = r#"
[mail]
transport = "smtp"
from = "meritbook@example.com"
slips = true
on_in_doubt = "hold"
size_limit_mb = 5
give_up_hours = 24
workbook_password = { file = "workbooks/{recipient}" }
[mail.smtp]
host = "smtp.example.com"
port = 2465
security = "starttls"
user = "meritbook@example.com"
password = { credential = "smtp-password" }
ca_file = "ca.pem"
hello = "kq.example.com"
timeout_seconds = 30
final_timeout_seconds = 300
[[mail.recipients]]
role = "hr"
address = "hr@example.com"
"#;
        let expected = Mail {
            smtp: Some(Smtp {
                host: "smtp.example.com".to_owned(),
                port: 2465,
                security: Security::StartTls,
                login: Some(("meritbook@example.com".to_owned(), Secret::Credential("smtp-password".to_owned()))),
                ca_file: Some("/etc/meritbook/ca.pem".into()),
                hello: "kq.example.com".to_owned(),
                timeout: 30,
                final_timeout: 300,
            }),
            sender: "meritbook@example.com".to_owned(),
            recipients: vec![Recipient {
                role: "hr".to_owned(),
                address: "hr@example.com".to_owned(),
                name: String::new(),
            }],
            slips: true,
            size_limit: 5 << 20,
            on_in_doubt: OnInDoubt::Hold,
            give_up_hours: 24,
            workbook_password: Some(Secret::File("/etc/meritbook/workbooks/{recipient}".into())),
        };
        assert_eq!(mail(text), expected);
    }
}
