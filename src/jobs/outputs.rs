//! The files of an edition but its manifest: sheets, papers, tables, mails, and who gets which of them by mail.

use super::staff;
use crate::{
    archive::Edition,
    config::Config,
    mail::{self, Attached, Handed},
    report::{
        Report, csv,
        words::{filled, word_or},
        xlsx,
    },
    schema::{findings::Status, message::Message},
};

/// Name and bytes of files.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// All files of an edition but its manifest, those of `imports` among them, and its mails. `before` is the proposal that
/// this one replaces. The two workbooks are made side by side.
pub(super) fn outputs(
    config: &Config,
    report: &Report<'_>,
    imports: Files,
    before: Option<&Edition>,
) -> anyhow::Result<(Files, Vec<Message>)> {
    let joined = |result: std::thread::Result<anyhow::Result<Vec<u8>>>| {
        result.map_err(|_| anyhow::anyhow!("a sheet writer stopped"))?
    };
    let (deductions, rewards, tables) = std::thread::scope(|scope| {
        let deductions = scope.spawn(|| xlsx::deductions(report));
        let rewards = scope.spawn(|| xlsx::rewards(report));
        let tables = tables(report);
        (joined(deductions.join()), joined(rewards.join()), tables)
    });
    let mut files = vec![
        ("deductions.xlsx".to_owned(), deductions?),
        ("rewards.xlsx".to_owned(), rewards?),
        (ANSWERS.to_owned(), xlsx::answers(report)?),
    ];
    if let Some(rerun) = report.rerun {
        files.push(("difference.xlsx".to_owned(), xlsx::difference(report, rerun)?));
    }
    if !report.adjustments.is_empty() {
        files.push((ADJUSTMENTS.to_owned(), csv::adjustments(report)?));
    }
    files.extend(imports);
    let papers = xlsx::papers(report)?;
    let handed = Handed { are_slips: config.mail.slips, unreachable: staff::unreachable(report, &papers) };
    let mut messages = Vec::new();
    for (index, recipient) in config.mail.recipients.iter().enumerate() {
        let to = mail::Recipient { role: &recipient.role, address: &recipient.address, name: &recipient.name };
        let own = files.iter().filter(|(name, _)| is_for(&recipient.role, name, report));
        let attached = own.map(|(name, bytes)| attached(report, name, bytes)).collect();
        let to = (index + 1, &to);
        messages.push(mail::compose(report, &config.mail.sender, to, config.timezone, (&handed, attached))?);
    }
    // What an issued month comes to after all is told to those who are paid by it, with the month that pays.
    if report.rerun.is_none() {
        let only = before.map(|before| staff::changed(report, before)).transpose()?;
        messages.extend(staff::messages(config, report, &papers, only.as_ref(), messages.len() + 1)?);
    }
    files.extend(tables?);
    files.extend(papers);
    Ok((files, messages))
}

const ANSWERS: &str = "answers.xlsx";
const ADJUSTMENTS: &str = "adjustments.csv";

/// Whether a file goes to a role by mail: the sheets to all but the operator, the answers workbook to those who decide,
/// what payroll imports to those who import it.
fn is_for(role: &str, name: &str, report: &Report<'_>) -> bool {
    let waits = || report.findings.iter().any(|finding| matches!(finding.status, Status::Hold | Status::Unpriced));
    match name {
        _ if role == "operator" => false,
        ANSWERS => matches!(role, "hr" | "general-manager") && waits(),
        ADJUSTMENTS => matches!(role, "hr" | "finance"),
        name if name.starts_with("import/") => matches!(role, "hr" | "finance"),
        _ => true,
    }
}

/// A file under its name in mails, `meritbook-2026-10-001-deductions.xlsx`, and its title.
pub(super) fn attached<'a>(report: &Report<'_>, name: &str, bytes: &'a [u8]) -> Attached<'a> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
    let ascii: String = name.chars().map(plain).collect();
    let (month, edition) = (report.period.month.to_string(), format!("{:03}", report.edition));
    let (folder, own) = name.split_once('/').unwrap_or(("", name));
    let (stem, end) = own.rsplit_once('.').unwrap_or((own, ""));
    // Of what is somebody's own the title says what it is.
    let stem = if matches!(folder, "managers" | "slips") { folder } else { stem };
    let title = filled(
        report.language,
        "mail.file",
        &[&word_or(report.language, "file", stem), &month, &report.edition.to_string()],
    );
    Attached { name: format!("meritbook-{month}-{edition}-{ascii}"), title: format!("{title}.{end}"), bytes }
}

fn tables(report: &Report<'_>) -> anyhow::Result<Files> {
    let mut files = vec![
        ("findings.csv".to_owned(), csv::findings(report)?),
        ("evidence.csv".to_owned(), csv::evidence(report)?),
        ("postings.csv".to_owned(), csv::postings(report)?),
        ("ledger.csv".to_owned(), csv::ledger(report)?),
        ("rejected.csv".to_owned(), csv::rejected(report)?),
        ("coverage.csv".to_owned(), csv::coverage(report)?),
    ];
    if !report.shadow_rules.is_empty() {
        files.push(("shadow.csv".to_owned(), csv::shadow(report)?));
    }
    Ok(files)
}
