//! A finding in one sentence, from its facts.

use super::{Language, words::word};
use crate::schema::findings::Finding;

/// The sentence of a finding, in the sheet's language.
#[must_use]
pub fn summary(finding: &Finding, language: Language) -> String {
    let fact = |name: &str| finding.detail(name).unwrap_or("");
    let clock = |name: &str| fact(name).get(11..).unwrap_or("").to_owned();
    let minute = |name: &str| fact(name).get(11..16).unwrap_or("").to_owned();
    let chinese = language == Language::Chinese;
    let sentence = match finding.rule {
        "late-arrival" => late(finding, chinese),
        "absence" if chinese => format!(
            "工作日无打卡、无外勤通知、无已批准请假{}",
            if fact("visit") == "yes" { "，当日有上门记录" } else { "" }
        ),
        "absence" => format!(
            "no swipe, no field notice, no approved leave{}",
            if fact("visit") == "yes" { "; a visit is on record" } else { "" }
        ),
        "meeting-late" if chinese => format!(
            "会议“{}”{}开始，{}签到，迟到{}分钟",
            fact("meeting"),
            minute("start"),
            clock("checkin"),
            finding.quantity
        ),
        "meeting-late" => format!(
            "meeting \"{}\" began {}, checked in {}: {} min late",
            fact("meeting"),
            minute("start"),
            clock("checkin"),
            finding.quantity
        ),
        "meeting-absence" if chinese => format!("会议“{}”{}开始，无签到记录", fact("meeting"), minute("start")),
        "meeting-absence" => format!("meeting \"{}\" began {}: no check-in", fact("meeting"), minute("start")),
        rule if rule.starts_with("repair-") => repair(finding, chinese),
        "complaint" if chinese => {
            format!("有理投诉{}，判定于{}{}", finding.subject, fact("decided"), grade(finding, "，等级"))
        }
        "complaint" => {
            format!("complaint {} upheld {}{}", finding.subject, fact("decided"), grade(finding, ", grade "))
        }
        "complaint-review" if chinese => {
            format!("投诉{}的书面检查应于{}(含)以前提交，到期未提交", finding.subject, fact("due"))
        }
        "complaint-review" => {
            format!("written review of complaint {} was due {}, not handed in by then", finding.subject, fact("due"))
        }
        "complaint-escalation" if chinese => {
            format!("{}年有理投诉已达{}次(含)，请人工判断", finding.subject, fact("count"))
        }
        "complaint-escalation" => format!("{} upheld complaints in {}: please decide", fact("count"), finding.subject),
        "last-out" => last_out(finding, chinese),
        "reward" if chinese => format!("六.2({})嘉奖:{}{}", fact("category"), fact("fact"), missing(finding, chinese)),
        "reward" => format!("reward 6.2({}): {}{}", fact("category"), fact("fact"), missing(finding, chinese)),
        _ => finding.subject.clone(),
    };
    let because = if finding.reason.is_empty() {
        String::new()
    } else {
        word(language, &format!("reason.{}", finding.reason)).to_owned()
    };
    match (because.is_empty(), chinese) {
        (true, _) => sentence,
        (false, true) => format!("{sentence}({because})"),
        (false, false) => format!("{sentence} ({because})"),
    }
}

fn late(finding: &Finding, chinese: bool) -> String {
    let clock = |name: &str| finding.detail(name).and_then(|text| text.get(11..)).unwrap_or("");
    let class = finding.class.as_deref().unwrap_or("");
    let nth = finding.detail("nth").unwrap_or("");
    let mut parts = Vec::new();
    let (start, first, notified) = (clock("start").get(..5).unwrap_or(""), clock("first_in"), clock("notified"));
    if chinese {
        parts.push(format!("应到{start}"));
        parts.extend((!first.is_empty()).then(|| format!("首次打卡{first}")));
        parts.extend((!notified.is_empty()).then(|| format!("外勤通知{notified}")));
        parts.push(format!("迟到{}分钟", finding.quantity));
        parts.extend((!class.is_empty()).then(|| format!("{class}类")));
        parts.extend((!nth.is_empty()).then(|| format!("本月第{nth}次")));
        parts.join("，")
    } else {
        parts.push(format!("due {start}"));
        parts.extend((!first.is_empty()).then(|| format!("first swipe {first}")));
        parts.extend((!notified.is_empty()).then(|| format!("field notice {notified}")));
        parts.push(format!("{} min late", finding.quantity));
        parts.extend((!class.is_empty()).then(|| format!("class {class}")));
        parts.extend((!nth.is_empty()).then(|| format!("no. {nth} of the month")));
        parts.join(", ")
    }
}

fn repair(finding: &Finding, chinese: bool) -> String {
    let fact = |name: &str| finding.detail(name).unwrap_or("");
    let done = match (fact("done"), chinese) {
        ("", true) => "未见完成".to_owned(),
        ("", false) => "not done".to_owned(),
        (done, true) => format!("完成于{done}"),
        (done, false) => format!("done {done}"),
    };
    if chinese {
        format!("工单{}:起算{}，期限{}，{done}", finding.subject, fact("clock"), fact("due"))
    } else {
        format!("ticket {}: from {}, due {}, {done}", finding.subject, fact("clock"), fact("due"))
    }
}

fn last_out(finding: &Finding, chinese: bool) -> String {
    let fact = |name: &str| finding.detail(name).unwrap_or("");
    let area = if fact("area").is_empty() { "?" } else { fact("area") };
    match (fact("last_seen"), chinese) {
        ("", true) => format!("{area}:{}检查发现未关闭", fact("inspected")),
        ("", false) => format!("{area}: found open {}", fact("inspected")),
        (seen, true) => format!("{area}:{}检查发现未关闭，最后出入{seen}", fact("inspected")),
        (seen, false) => format!("{area}: found open {}, last seen {seen}", fact("inspected")),
    }
}

fn grade(finding: &Finding, before: &str) -> String {
    finding.detail("grade").map_or_else(String::new, |grade| format!("{before}{grade}"))
}

fn missing(finding: &Finding, chinese: bool) -> String {
    let name = |word: &str| match (word, chinese) {
        ("fact", true) => "未写事实",
        ("fact", false) => "no fact stated",
        ("manager", true) => "申请人不是本部门经理",
        ("manager", false) => "not applied for by a manager of the department",
        ("category", true) => "该类别的条件未能核实",
        ("category", false) => "the category's condition could not be verified",
        _ => "",
    };
    let missing: Vec<&str> = finding.detail("missing").unwrap_or("").split_whitespace().map(name).collect();
    if missing.is_empty() {
        String::new()
    } else {
        format!("{}{}", if chinese { ";" } else { "; " }, missing.join(if chinese { "、" } else { ", " }))
    }
}
