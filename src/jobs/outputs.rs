//! The files of an edition but its manifest: sheets, papers, tables, mails, and who gets which of them by mail.

use crate::{
    config::Config,
    mail::{self, Attached},
    report::{
        Report, csv,
        words::{filled, word_or},
        xlsx,
    },
    schema::findings::Status,
};

/// Name and bytes of files.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// All files but the manifest, those of `imports` among them. The two workbooks are made side by side.
pub(super) fn outputs(config: &Config, report: &Report<'_>, imports: Files) -> anyhow::Result<Files> {
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
    let mut mails = Vec::new();
    for (index, recipient) in config.mail.recipients.iter().enumerate() {
        let to = mail::Recipient { role: &recipient.role, address: &recipient.address, name: &recipient.name };
        let own = files.iter().filter(|(name, _)| is_for(&recipient.role, name, report));
        let attached = own.map(|(name, bytes)| attached(report, name, bytes)).collect();
        let message = mail::compose(report, &config.mail.sender, (index + 1, &to), config.timezone, attached)?;
        mails.push((message.file, message.bytes));
    }
    files.extend(tables?);
    files.extend(mails);
    files.extend(xlsx::papers(report)?);
    Ok(files)
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
fn attached<'a>(report: &Report<'_>, name: &str, bytes: &'a [u8]) -> Attached<'a> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
    let ascii: String = name.chars().map(plain).collect();
    let (month, edition) = (report.period.month.to_string(), format!("{:03}", report.edition));
    let own = name.rsplit('/').next().unwrap_or(name);
    let (stem, end) = own.rsplit_once('.').unwrap_or((own, ""));
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
