//! The mails of an edition, one message per recipient with the workbooks attached.
//!
//! First what a rerun changes, then what could not be judged, what waits for a person, then totals. No names and no
//! amounts in the subject; the operator gets data problems only: no people, no amounts, and no attachments.

use super::{
    changes,
    message::{Attached, Draft, Section, key},
};
use crate::{
    report::{
        Language, Report,
        waiting::{Count, Whom, groups},
        words::{filled, word, word_or},
    },
    rules::RULES,
    schema::{
        deciders::Role,
        findings::{Status, Unaudited},
        message::Message,
    },
};
use chrono::{Days, NaiveDate, TimeZone};
use std::{collections::BTreeMap, time::SystemTime};

/// Who gets a message.
pub struct Recipient<'a> {
    /// hr, finance, general-manager or operator.
    pub role: &'a str,
    /// The e-mail address.
    pub address: &'a str,
    /// The name beside it; may be empty.
    pub name: &'a str,
}

/// What goes to the staff by itself.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// Whether employees get their slips by mail.
    pub are_slips: bool,
    /// Managers without an address, by id: HR hands them their workbooks.
    pub unreachable: Vec<String>,
}

/// The message of a month's edition to one recipient, the `number`-th of them.
///
/// # Errors
/// An address or content that is not valid in a message.
pub fn compose(
    report: &Report<'_>,
    sender: &str,
    (number, recipient): (usize, &Recipient<'_>),
    zone: chrono_tz::Tz,
    (handed, attached): (&Handed, Vec<Attached<'_>>),
) -> anyhow::Result<Message> {
    let (month, edition) = (report.period.month.to_string(), format!("{:03}", report.edition));
    let key = key(&[&month, &report.edition.to_string(), recipient.role, recipient.address]);
    let draft = Draft {
        id: format!("{month}.{edition}.{key}"),
        file: format!("mail/{number:02}-{}.eml", recipient.role),
        role: recipient.role.to_owned(),
        whom: recipient.role.to_owned(),
        sender,
        address: recipient.address,
        name: recipient.name,
        subject: subject(report),
        date: date(report, zone),
        sections: &sections(report, recipient.role, handed),
        attached,
    };
    draft.message()
}

/// The morning after the month: the date belongs to the edition, not to the run.
fn date(report: &Report<'_>, zone: chrono_tz::Tz) -> SystemTime {
    morning_after(report.period.last, 6, zone)
}

/// The hour of the day after.
pub(super) fn morning_after(day: NaiveDate, hour: u32, zone: chrono_tz::Tz) -> SystemTime {
    let day = day.checked_add_days(Days::new(1)).unwrap_or(day);
    let time = day.and_hms_opt(hour, 0, 0).and_then(|time| zone.from_local_datetime(&time).earliest());
    time.map_or(SystemTime::UNIX_EPOCH, Into::into)
}

pub(super) fn subject(report: &Report<'_>) -> String {
    let (month, edition) = (report.period.month.to_string(), report.edition.to_string());
    if let Some(rerun) = report.rerun {
        return filled(report.language, "mail.subject.reissued", &[&month, &edition, &rerun.base.to_string()]);
    }
    let key = if report.is_issued { "mail.subject.issued" } else { "mail.subject.proposed" };
    filled(report.language, key, &[&month, &edition])
}

pub(super) fn sections(report: &Report<'_>, role: &str, handed: &Handed) -> Vec<Section> {
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
    all.push((title("mail.next"), next_steps(report, role, handed)));
    all
}

/// What the reader does with it, and until when.
fn next_steps(report: &Report<'_>, role: &str, handed: &Handed) -> Vec<String> {
    let language = report.language;
    if let Some(rerun) = report.rerun {
        let editions = [report.edition, rerun.base].map(|number| number.to_string());
        return vec![filled(language, "mail.next.reissued", &editions.each_ref().map(String::as_str))];
    }
    let mut papers = Vec::new();
    if role == "hr" {
        let key = if handed.are_slips { "mail.next.papers-mailed" } else { "mail.next.papers" };
        papers.push(word(language, key).to_owned());
        if !handed.unreachable.is_empty() {
            let ids = handed.unreachable.join(word(language, "mail.and"));
            papers.push(filled(language, "mail.next.unreachable", &[&ids]));
        }
    }
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
pub(super) fn scope(scope: &str, language: Language) -> String {
    match scope.split_once(' ') {
        Some(("site", name)) => filled(language, "mail.scope.site", &[name]),
        Some(("meeting", id)) => filled(language, "mail.scope.meeting", &[id]),
        Some(("column", names)) => filled(language, "mail.scope.column", &[names]),
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
