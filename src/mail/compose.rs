//! One message per recipient: text and HTML body, the workbooks attached. Fixed Message-ID, date and boundaries, so
//! that the same edition makes the same bytes.
//!
//! First what a rerun changes, then what could not be judged, what waits for a person, then totals. No names and no
//! amounts in the subject; the operator gets data problems only: no people, no amounts, and no attachments.

use super::changes;
use crate::{
    base::hash::sha256_of,
    report::{
        Language, Report,
        waiting::{Count, Whom, groups},
        words::{filled, word, word_or},
    },
    rules::RULES,
    schema::{
        deciders::Role,
        findings::{Status, Unaudited},
    },
};
use anyhow::Context;
use chrono::{Days, TimeZone};
use lettre::message::{
    Attachment, Body, Mailbox, Message, MultiPart, SinglePart,
    header::{ContentTransferEncoding, ContentType},
};
use std::collections::BTreeMap;

/// Who gets a message.
pub struct Recipient<'a> {
    /// hr, finance, general-manager or operator.
    pub role: &'a str,
    /// The e-mail address.
    pub address: &'a str,
    /// The name beside it; may be empty.
    pub name: &'a str,
}

/// Payroll imports: bytes that nobody should convert.
const OTHER: &str = "application/octet-stream";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The message of a month's edition to one recipient; `attached` are name and bytes.
///
/// # Errors
/// An address or content that is not valid in a message.
pub fn compose(
    report: &Report<'_>,
    sender: &str,
    recipient: &Recipient<'_>,
    zone: chrono_tz::Tz,
    attached: &[(String, &[u8])],
) -> anyhow::Result<Vec<u8>> {
    let from: Mailbox = sender.parse().with_context(|| format!("`{sender}` is not an e-mail address"))?;
    let address =
        recipient.address.parse().with_context(|| format!("`{}` is not an e-mail address", recipient.address))?;
    let name = Some(recipient.name.to_owned()).filter(|name| !name.is_empty());
    let key = key(report, recipient);
    let domain = from.email.domain().to_owned();
    let sections = sections(report, recipient.role);
    let bodies = MultiPart::alternative()
        .boundary(format!("=_body_{key}"))
        .singlepart(SinglePart::plain(text(&sections)))
        .singlepart(SinglePart::html(html(&sections)));
    let mut parts = MultiPart::mixed().boundary(format!("=_mixed_{key}")).multipart(bodies);
    for (name, bytes) in attached {
        let is_workbook = name.to_ascii_lowercase().ends_with(".xlsx");
        let kind = ContentType::parse(if is_workbook { XLSX } else { OTHER }).context("content type")?;
        // As base64, so that no server on the way changes a line end.
        let body = Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64);
        let body = body.map_err(|_| anyhow::anyhow!("`{name}` cannot be attached"))?;
        parts = parts.singlepart(Attachment::new(name.clone()).body(body, kind));
    }
    let message = Message::builder()
        .from(from)
        .to(Mailbox::new(name, address))
        .subject(subject(report))
        .message_id(Some(format!("<meritbook.{}.{:03}.{key}@{domain}>", report.period.month, report.edition)))
        .date(date(report, zone))
        .multipart(parts)
        .context("cannot compose the message")?;
    Ok(message.formatted())
}

/// What tells this message from all others, without a name in it.
fn key(report: &Report<'_>, recipient: &Recipient<'_>) -> String {
    let text = format!("{} {} {} {}", report.period.month, report.edition, recipient.role, recipient.address);
    sha256_of(text.as_bytes()).chars().take(16).collect()
}

/// The morning after the month: the date belongs to the edition, not to the run.
fn date(report: &Report<'_>, zone: chrono_tz::Tz) -> std::time::SystemTime {
    let day = report.period.last.checked_add_days(Days::new(1)).unwrap_or(report.period.last);
    let time = day.and_hms_opt(8, 0, 0).and_then(|time| zone.from_local_datetime(&time).earliest());
    time.map_or(std::time::UNIX_EPOCH, Into::into)
}

pub(super) fn subject(report: &Report<'_>) -> String {
    let (month, edition) = (report.period.month.to_string(), report.edition.to_string());
    if let Some(rerun) = report.rerun {
        return filled(report.language, "mail.subject.reissued", &[&month, &edition, &rerun.base.to_string()]);
    }
    let key = if report.is_issued { "mail.subject.issued" } else { "mail.subject.proposed" };
    filled(report.language, key, &[&month, &edition])
}

pub(super) type Section = (String, Vec<String>);

pub(super) fn sections(report: &Report<'_>, role: &str) -> Vec<Section> {
    let for_operator = role == "operator";
    let language = report.language;
    let title = |key: &str| word(language, key).to_owned();
    let mut all = match report.rerun {
        Some(rerun) if for_operator => vec![changes::inputs(language, rerun)],
        Some(rerun) => changes::difference(report, rerun),
        None => Vec::new(),
    };
    all.push((title("mail.open"), open(report, for_operator)));
    let rejected = filled(language, "mail.rejected", &[&report.rejected.len().to_string()]);
    if for_operator {
        all.push((title("mail.data"), vec![rejected]));
        return all;
    }
    all.push((title("mail.waiting"), waiting(report, &rejected)));
    let unanswered = unanswered(report);
    if !unanswered.is_empty() {
        all.push((title("mail.unanswered"), unanswered));
    }
    let totals = [("mail.deductions", Status::Charge), ("mail.rewards", Status::Credit)];
    let line = |(key, status): (&str, Status)| {
        filled(language, key, &[&report.of(status).count().to_string(), &report.sum(status).to_string()])
    };
    let mut lines: Vec<String> = totals.into_iter().map(line).collect();
    if let (claims @ 1.., hours) = report.hours() {
        lines.push(filled(language, "mail.hours", &[&claims.to_string(), &hours.to_string()]));
    }
    lines.extend(changes::adjusted(report));
    all.push((title("mail.totals"), lines));
    all.push((title("mail.next"), next_steps(report, role)));
    all
}

/// What the reader does with it, and until when.
fn next_steps(report: &Report<'_>, role: &str) -> Vec<String> {
    let language = report.language;
    if let Some(rerun) = report.rerun {
        let editions = [report.edition, rerun.base].map(|number| number.to_string());
        return vec![filled(language, "mail.next.reissued", &editions.each_ref().map(String::as_str))];
    }
    let papers = (role == "hr").then(|| word(language, "mail.next.papers").to_owned());
    if report.is_issued {
        return [word(language, "mail.next.issued").to_owned()].into_iter().chain(papers).collect();
    }
    let objection = |until: chrono::NaiveDate| filled(language, "mail.next.objection", &[&until.to_string()]);
    let proposed = word(language, "mail.next.proposed").to_owned();
    [proposed].into_iter().chain(papers).chain(report.objection_until.map(objection)).collect()
}

/// What could not be judged, grouped by rule and reason.
fn open(report: &Report<'_>, for_operator: bool) -> Vec<String> {
    let language = report.language;
    let title = |name: &'static str| {
        crate::rules::rule(name).map_or(name, |rule| match language {
            Language::Chinese => rule.title.0,
            Language::English => rule.title.1,
        })
    };
    let mut groups: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for suspension in report.suspensions {
        let days = if suspension.from == suspension.to {
            suspension.from.to_string()
        } else {
            format!("{}–{}", suspension.from, suspension.to)
        };
        // The operator learns which data is missing, never about whom.
        let scope = if suspension.scope.is_empty() || for_operator {
            String::new()
        } else {
            format!(" {}", scope(&suspension.scope, language))
        };
        groups.entry((suspension.rule, suspension.reason)).or_default().push(format!("{days}{scope}"));
    }
    let mut lines: Vec<String> = Vec::new();
    for ((rule, reason), mut days) in groups {
        const SHOWN: usize = 12;
        days.dedup();
        let more = days.len().saturating_sub(SHOWN);
        days.truncate(SHOWN);
        let rest = if more == 0 { String::new() } else { format!(" … +{more}") };
        let name = report.suspensions.iter().find(|open| open.rule == rule).map_or(rule, |open| title(open.rule));
        lines.push(format!("{name}: {} ({}{rest})", word(language, &format!("suspended.{reason}")), days.join(", ")));
    }
    for Unaudited { rule, source, reason } in report.unaudited {
        let why = match reason.as_str() {
            "" => filled(language, "mail.unaudited", &[source]),
            reason => filled(language, "suspended.off", &[reason]),
        };
        lines.push(format!("{}: {why}", title(rule)));
    }
    let shadow = RULES.iter().filter(|rule| report.shadow_rules.contains(rule.name)).map(|rule| title(rule.name));
    let shadow: Vec<&str> = shadow.collect();
    if !shadow.is_empty() {
        let names = match shadow.len() {
            ..=6 => shadow.join(word(language, "mail.and")),
            count => filled(language, "mail.rules", &[&count.to_string()]),
        };
        lines.push(filled(language, "mail.shadow", &[&names]));
    }
    if lines.is_empty() {
        lines.push(word(language, "mail.all-judged").to_owned());
    }
    lines
}

/// A suspension's scope in the mail's language: `site 总部`, `meeting M07`.
fn scope(scope: &str, language: Language) -> String {
    match scope.split_once(' ') {
        Some(("site", name)) => filled(language, "mail.scope.site", &[name]),
        Some(("meeting", id)) => filled(language, "mail.scope.meeting", &[id]),
        _ => scope.to_owned(),
    }
}

/// How many lines wait, by reason, and until when.
fn waiting(report: &Report<'_>, rejected: &str) -> Vec<String> {
    let language = report.language;
    let mut groups: BTreeMap<&str, (u64, Option<chrono::NaiveDate>)> = BTreeMap::new();
    for finding in report.of(Status::Hold) {
        let (count, due) = groups.entry(finding.reason.as_str()).or_default();
        *count += 1;
        *due = due.iter().copied().chain(finding.due_on).min();
    }
    let line = |(reason, (count, due)): (&str, (u64, Option<chrono::NaiveDate>))| {
        let (key, count) = (format!("reason.{reason}"), count.to_string());
        let name = word(language, &key);
        match due {
            None => filled(language, "mail.held", &[name, &count]),
            Some(due) => filled(language, "mail.held-until", &[name, &count, &due.to_string()]),
        }
    };
    let mut lines: Vec<String> = groups.into_iter().map(line).collect();
    let unpriced = report.of(Status::Unpriced).count();
    if unpriced > 0 {
        lines.push(format!("{}: {unpriced}", word(language, "status.unpriced")));
    }
    if !report.rejected.is_empty() {
        lines.push(rejected.to_owned());
    }
    if lines.is_empty() {
        lines.push(word(language, "mail.nothing").to_owned());
    }
    lines
}

/// Who has not answered: role, and of a manager the id, with the number of lines and the earliest day.
fn unanswered(report: &Report<'_>) -> Vec<String> {
    let language = report.language;
    let named =
        |(role, id): &(Role, String)| format!("{} {id}", word_or(language, "whom", role.word())).trim_end().to_owned();
    let line = |(whom, (count, due)): (Whom, Count)| {
        let name = whom.iter().map(named).collect::<Vec<_>>().join(word(language, "mail.or"));
        let count = count.to_string();
        match due {
            None => filled(language, "mail.unanswered.line", &[&name, &count]),
            Some(due) => filled(language, "mail.unanswered.until", &[&name, &count, &due.to_string()]),
        }
    };
    groups(report).into_iter().map(line).collect()
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
