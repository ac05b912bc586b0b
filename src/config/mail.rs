//! Reads `[mail]`: how mails leave, who sends them, who gets them.

use crate::base::toml::Walker;
use toml::de::DeTable;

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
            size_limit: 20 << 20,
            on_in_doubt: OnInDoubt::Resend,
            give_up_hours: 96,
            workbook_password: None,
        }
    }
}

/// Reads the section.
pub(super) fn read<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>) -> Mail {
    let mut read = Mail::new();
    let Some(mail) = walker.table("", root, "mail") else { return read };
    walker.only("mail", mail, &["transport", "from", "recipients"]);
    if let Some(word) = walker.text("mail", mail, "transport")
        && word != "file"
    {
        let help = "leave it out: mails are written as .eml files into each edition's mail folder";
        walker.problem(&mail["transport"].span(), format!("`mail.transport` `{word}` is not offered"), help);
    }
    if let Some(sender) = walker.text("mail", mail, "from") {
        check_address(walker, mail, "from", &sender);
        read.sender = sender;
    }
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
        read.recipients.push(Recipient { role, address, name });
    }
    read
}

fn check_address<'a>(walker: &mut Walker<'a>, table: &DeTable<'a>, key: &str, address: &str) {
    if let Some(node) = table.get(key)
        && address.parse::<lettre::Address>().is_err()
    {
        walker.problem(&node.span(), format!("`{address}` is not an e-mail address"), "");
    }
}
