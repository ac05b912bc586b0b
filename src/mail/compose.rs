//! One message per recipient: text and HTML body, the workbooks attached. Fixed Message-ID, date and boundaries, so
//! that the same edition makes the same bytes.
//!
//! First what could not be judged, then what waits for a person, then totals. No names in the subject; the operator
//! gets data problems only: no workbooks, no people, no amounts.

use crate::{
    base::hash::sha256_of,
    report::{Language, Report, words::word},
    rules::RULES,
    schema::findings::{Status, Unaudited},
};
use anyhow::Context;
use chrono::{Days, TimeZone};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart, header::ContentType};
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

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The message of a month's edition to one recipient; `workbooks` are name and bytes.
///
/// # Errors
/// An address or content that is not valid in a message.
pub fn compose(
    report: &Report<'_>,
    sender: &str,
    recipient: &Recipient<'_>,
    zone: chrono_tz::Tz,
    workbooks: &[(&str, &[u8])],
) -> anyhow::Result<Vec<u8>> {
    let from: Mailbox = sender.parse().with_context(|| format!("`{sender}` is not an e-mail address"))?;
    let address =
        recipient.address.parse().with_context(|| format!("`{}` is not an e-mail address", recipient.address))?;
    let name = Some(recipient.name.to_owned()).filter(|name| !name.is_empty());
    let key = key(report, recipient);
    let domain = from.email.domain().to_owned();
    let sections = sections(report, recipient.role == "operator");
    let bodies = MultiPart::alternative()
        .boundary(format!("=_body_{key}"))
        .singlepart(SinglePart::plain(text(&sections)))
        .singlepart(SinglePart::html(html(&sections)));
    let mut parts = MultiPart::mixed().boundary(format!("=_mixed_{key}")).multipart(bodies);
    if recipient.role != "operator" {
        for (name, bytes) in workbooks {
            let kind = ContentType::parse(XLSX).context("content type")?;
            // ASCII names: some clients show encoded ones as unnamed attachments.
            parts = parts.singlepart(Attachment::new((*name).to_owned()).body(bytes.to_vec(), kind));
        }
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

fn subject(report: &Report<'_>) -> String {
    let (month, edition) = (report.period.month, report.edition);
    match (report.language, report.is_issued) {
        (Language::Chinese, false) => format!("{month} 奖惩建议 第{edition}版"),
        (Language::Chinese, true) => format!("{month} 奖惩签发 第{edition}版"),
        (Language::English, false) => format!("{month} deductions and rewards: proposal, edition {edition}"),
        (Language::English, true) => format!("{month} deductions and rewards: issued, edition {edition}"),
    }
}

type Section = (String, Vec<String>);

fn sections(report: &Report<'_>, for_operator: bool) -> Vec<Section> {
    let chinese = report.language == Language::Chinese;
    let pick = |zh: &str, en: &str| if chinese { zh.to_owned() } else { en.to_owned() };
    let mut all = vec![(pick("未能判定的部分", "What could not be judged"), open(report, for_operator))];
    let rejected = format!("{}: {}", pick("被拒行", "rejected rows"), report.rejected.len());
    if for_operator {
        all.push((pick("数据", "Data"), vec![rejected]));
        return all;
    }
    all.push((pick("待处理", "Waiting for a person"), waiting(report, &rejected)));
    let totals = [(pick("扣款", "deductions"), Status::Charge), (pick("奖励", "rewards"), Status::Credit)];
    let line = |(name, status): (String, Status)| {
        let (count, sum) = (report.of(status).count(), report.sum(status));
        if chinese { format!("{name}: {count} 笔, {sum} 元") } else { format!("{name}: {count}, {sum} yuan in all") }
    };
    let mut lines: Vec<String> = totals.into_iter().map(line).collect();
    if let (claims @ 1.., hours) = report.hours() {
        let unit = if chinese { "加班工时" } else { "overtime" };
        lines.push(if chinese {
            format!("{unit}: {claims} 笔, {hours} 小时")
        } else {
            format!("{unit}: {claims}, {hours} hours")
        });
    }
    all.push((pick("合计", "Totals"), lines));
    all.push((pick("怎么办", "What to do"), next_steps(report)));
    all
}

/// What the reader does with it, and until when.
fn next_steps(report: &Report<'_>) -> Vec<String> {
    let chinese = report.language == Language::Chinese;
    if report.is_issued {
        return vec![if chinese {
            "本月已签发,附件为定稿;工资导入文件为该版次的 import/payroll.csv。未处理的待核行没有进入工资。".to_owned()
        } else {
            "The month is issued; the sheets attached are final. Payroll imports import/payroll.csv of this edition. Lines still held are not in it.".to_owned()
        }];
    }
    let mut lines = vec![if chinese {
        "附件为建议,尚未签发。请先看“待核待定”,把答复写入决定登记表(decisions)。".to_owned()
    } else {
        "The sheets attached are a proposal. Look at the held lines first and write the answers into the decisions register.".to_owned()
    }];
    if let Some(until) = report.objection_until {
        lines.push(if chinese {
            format!("员工异议期至 {until}(含)。")
        } else {
            format!("Employees may object until {until}.")
        });
    }
    lines
}

/// What could not be judged, grouped by rule and reason.
fn open(report: &Report<'_>, for_operator: bool) -> Vec<String> {
    let chinese = report.language == Language::Chinese;
    let title = |name: &'static str| {
        crate::rules::rule(name).map_or(name, |rule| if chinese { rule.title.0 } else { rule.title.1 })
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
            format!(" {}", scope(&suspension.scope, chinese))
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
        lines.push(format!(
            "{name}: {} ({}{rest})",
            word(report.language, &format!("suspended.{reason}")),
            days.join(", ")
        ));
    }
    for Unaudited { rule, source, reason } in report.unaudited {
        let why = match (reason.as_str(), chinese) {
            ("", true) => format!("未审计: 数据源 {source} 未配置"),
            ("", false) => format!("not audited: source {source} is not configured"),
            (reason, true) => format!("已停用:{reason}"),
            (reason, false) => format!("switched off: {reason}"),
        };
        lines.push(format!("{}: {why}", title(rule)));
    }
    let shadow = RULES.iter().filter(|rule| report.shadow_rules.contains(rule.name)).map(|rule| title(rule.name));
    let shadow: Vec<&str> = shadow.collect();
    if !shadow.is_empty() {
        let names = match (shadow.len(), chinese) {
            (..=6, true) => shadow.join("、"),
            (..=6, false) => shadow.join(", "),
            (count, true) => format!("{count}条规则"),
            (count, false) => format!("{count} rules"),
        };
        lines.push(if chinese {
            format!("试运行,只看不扣: {names}")
        } else {
            format!("shadow mode, only shown, never deducted: {names}")
        });
    }
    if lines.is_empty() {
        lines.push(if chinese {
            "全部条款均可判定".to_owned()
        } else {
            "Every clause could be judged.".to_owned()
        });
    }
    lines
}

/// A suspension's scope in the mail's language: `site 总部`, `meeting M07`.
fn scope(scope: &str, chinese: bool) -> String {
    if !chinese {
        return scope.to_owned();
    }
    let named = scope.strip_prefix("site ").map(|site| format!("地点{site}"));
    named.or_else(|| scope.strip_prefix("meeting ").map(|id| format!("会议{id}"))).unwrap_or_else(|| scope.to_owned())
}

/// How many lines wait, by reason, and until when.
fn waiting(report: &Report<'_>, rejected: &str) -> Vec<String> {
    let mut groups: BTreeMap<&str, (u64, Option<chrono::NaiveDate>)> = BTreeMap::new();
    for finding in report.of(Status::Hold) {
        let (count, due) = groups.entry(finding.reason.as_str()).or_default();
        *count += 1;
        *due = (*due).max(finding.due_on);
    }
    let chinese = report.language == Language::Chinese;
    let mut lines: Vec<String> = groups
        .into_iter()
        .map(|(reason, (count, due))| {
            let name = word(report.language, &format!("reason.{reason}")).to_owned();
            let due = due
                .map_or_else(String::new, |due| if chinese { format!(", 最晚 {due}") } else { format!(", by {due}") });
            if chinese { format!("{name}: {count} 行{due}") } else { format!("{name}: {count} lines{due}") }
        })
        .collect();
    let unpriced = report.of(Status::Unpriced).count();
    if unpriced > 0 {
        lines.push(format!("{}: {unpriced}", word(report.language, "status.unpriced")));
    }
    if !report.rejected.is_empty() {
        lines.push(rejected.to_owned());
    }
    if lines.is_empty() {
        lines.push(if chinese { "无".to_owned() } else { "nothing".to_owned() });
    }
    lines
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
