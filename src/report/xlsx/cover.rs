//! Sheet 封面: first what could not be judged and what waits for whom, then the totals.

use super::{
    Book, Which, adjustments, candidates, filled, grouped, held, in_words, pictures,
    quality::scope_word,
    reminders::is_reminder,
    replaced, rule_name,
    sheet::Sheet,
    state,
    style::{Cell, Column, Look, column, width, wrapped},
    totals, word_or,
};
use crate::{
    base::money::Fen,
    policy::Param,
    report::{Report, summary::summary, words::word},
    rules::{Direction, RULES, rule},
    schema::{
        deciders::Role,
        findings::{Finding, Status, Suspension, Unaudited},
        inputs::{SourceState, Status as SourceStatus},
    },
};
use anyhow::Result;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

const OPEN: [Column; 6] = [
    wrapped("head.rule", 30),
    wrapped("head.reason", 40),
    wrapped("head.days", 30),
    wrapped("head.scope", 20),
    column("head.rows", Look::Count),
    wrapped("head.source", 16),
];
const WAITING: [Column; 5] = [
    wrapped("head.whom", 30),
    wrapped("head.reason", 40),
    wrapped("head.matter", 30),
    column("head.earliest-due", Look::Date),
    column("head.rows", Look::Count),
];
const TOTALS: [Column; 5] = [
    wrapped("head.rule", 30),
    wrapped("head.destination", 40),
    column("head.persons", Look::Count),
    column("head.rows", Look::Count),
    column("head.amount", Look::Money),
];
const NOTICES: [Column; 4] = [
    wrapped("head.rule", 30),
    wrapped("head.example", 40),
    column("head.persons", Look::Count),
    column("head.rows", Look::Count),
];
/// A longer sentence would make the page, and so its print, smaller.
const VOUCHED_WIDTH: u16 = 110;
/// So many names are written out, then their number.
const SHOWN: usize = 6;

pub(super) fn write(book: &mut Book, report: &Report<'_>, which: Which) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::free(book, "sheet.cover")?;
    let title = if which == Which::Deductions { "cover.deductions" } else { "cover.rewards" };
    let (month, first, last) =
        (report.period.month.to_string(), report.period.first.to_string(), report.period.last.to_string());
    sheet.line(Look::Title, &filled(language, title, &[report.centre, &month]))?;
    let edition = report.edition.to_string();
    sheet.line(Look::Line, &filled(language, "cover.edition", &[&month, &first, &last, &edition, state(report)]))?;
    replaced(&mut sheet, report)?;
    if let Some(day) = report.objection_until {
        sheet.line(Look::Strong, &filled(language, "cover.objection", &[&day.to_string()]))?;
    }
    open(&mut sheet, report, which)?;
    if which == Which::Deductions {
        vouched(&mut sheet, report)?;
    }
    shadow(&mut sheet, report, which)?;
    waiting(&mut sheet, report, which)?;
    money(&mut sheet, report, which)?;
    adjustments::block(&mut sheet, report)?;
    if which == Which::Deductions {
        notices(&mut sheet, report)?;
        hours(&mut sheet, report)?;
        sheet.gap()?;
        for line in limits(report) {
            sheet.line(Look::Line, &line)?;
        }
    }
    let candidates = candidates::count(report);
    if which == Which::Rewards && candidates > 0 {
        sheet.gap()?;
        sheet.line(Look::Strong, &filled(language, "cover.candidates", &[&candidates.to_string()]))?;
    }
    pictures::write(&mut sheet, report, which)?;
    sheet.close_in_pages()
}

fn is_reward(name: &str) -> bool {
    rule(name).is_some_and(|rule| rule.direction == Direction::Reward)
}

fn belongs(name: &str, which: Which) -> bool {
    which == Which::Deductions || is_reward(name)
}

/// The sources that nothing proves but somebody's word (3.2 step 8).
fn vouched(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let is_vouched = |state: &SourceState| state.how == "vouched" && state.status == SourceStatus::Ready;
    let states = report.inputs.states.iter().filter(|(name, state)| **name != "decisions" && is_vouched(state));
    let names: Vec<String> = states.map(|(name, _)| word_or(report.language, "source", name)).collect();
    if names.is_empty() {
        return Ok(());
    }
    sheet.gap()?;
    let (mut line, and) = (word(report.language, "cover.vouched").to_owned(), word(report.language, "mail.and"));
    for (place, name) in names.iter().enumerate() {
        if width(&line) + width(name) > VOUCHED_WIDTH {
            sheet.line(Look::Line, &line)?;
            line = String::new();
        }
        line.extend([name.as_str(), if place + 1 < names.len() { and } else { "" }]);
    }
    sheet.line(Look::Line, &line)
}

/// Part one: suspended days by rule, reason and source, and rules that are not audited.
fn open(sheet: &mut Sheet<'_>, report: &Report<'_>, which: Which) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "cover.open"))?;
    let mut groups: BTreeMap<(usize, &str, &str, &str), Vec<&Suspension>> = BTreeMap::new();
    for suspension in report.suspensions.iter().filter(|suspension| belongs(suspension.rule, which)) {
        let key = (place(suspension.rule), suspension.rule, suspension.reason, suspension.source.as_str());
        groups.entry(key).or_default().push(suspension);
    }
    let unaudited: Vec<_> = report.unaudited.iter().filter(|unaudited| belongs(unaudited.rule, which)).collect();
    if groups.is_empty() && unaudited.is_empty() {
        return sheet.line(
            Look::Line,
            word(language, if which == Which::Deductions { "cover.all-judged" } else { "cover.rewards-judged" }),
        );
    }
    let note = if report.is_closed() { "cover.open-note-issued" } else { "cover.open-note" };
    sheet.line(Look::Strong, word(language, note))?;
    sheet.head(&OPEN)?;
    for ((_, rule, reason, source), suspensions) in groups {
        let scopes: BTreeSet<String> = suspensions.iter().map(|suspension| scope_word(language, suspension)).collect();
        let days = ranges(suspensions.iter().map(|suspension| (suspension.from, suspension.to)).collect());
        let cells = [
            rule_name(language, rule).into(),
            word_or(language, "suspended", reason).into(),
            days.join(", ").into(),
            shown(report, &scopes.into_iter().filter(|scope| !scope.is_empty()).collect::<Vec<_>>()).into(),
            Cell::Count(suspensions.len() as u64),
            word_or(language, "source", source).into(),
        ];
        sheet.row(&OPEN, cells)?;
    }
    for Unaudited { rule, source, reason } in unaudited {
        let days = ranges(vec![(report.period.first, report.period.last)]);
        let why = match reason.as_str() {
            "" => word(language, "suspended.unaudited").to_owned(),
            reason => filled(language, "suspended.off", &[reason]),
        };
        let all = word(language, "scope.all").into();
        let source = word_or(language, "source", source).into();
        let cells = [rule_name(language, rule).into(), why.into(), days.join(", ").into(), all, Cell::Blank, source];
        sheet.row(&OPEN, cells)?;
    }
    Ok(())
}

/// Part two: what waits, by the person who should answer and the reason.
fn waiting(sheet: &mut Sheet<'_>, report: &Report<'_>, which: Which) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "cover.waiting"))?;
    let mut groups: BTreeMap<(Vec<Role>, String), Vec<&Finding>> = BTreeMap::new();
    let is_pending = |finding: &Finding| finding.status == Status::Notice && finding.reason == "pending";
    let waits = |finding: &&Finding| match which {
        // The workbook of deductions lists every held line, so its cover counts every one.
        Which::Deductions => held::is_waiting(finding),
        Which::Rewards => is_reward(finding.rule) && (held::is_waiting(finding) || is_pending(finding)),
    };
    for finding in report.findings.iter().filter(waits) {
        groups.entry((report.whom(finding), held::reason(language, finding))).or_default().push(finding);
    }
    if groups.is_empty() {
        return sheet.line(Look::Line, word(language, "none.held"));
    }
    sheet.head(&WAITING)?;
    for ((whom, reason), findings) in groups {
        let rules: BTreeSet<(usize, &str)> =
            findings.iter().map(|finding| (place(finding.rule), finding.rule)).collect();
        let rules: Vec<String> = rules.into_iter().map(|(_, rule)| rule_name(language, rule)).collect();
        let due = held::earliest(findings.iter().map(|finding| finding.due_on));
        sheet.row(
            &WAITING,
            [
                held::roles(language, &whom).into(),
                reason.into(),
                rules.join(", ").into(),
                due,
                Cell::Count(findings.len() as u64),
            ],
        )?;
    }
    Ok(())
}

/// Part three: the money, by rule.
fn money(sheet: &mut Sheet<'_>, report: &Report<'_>, which: Which) -> Result<()> {
    let language = report.language;
    let (status, other, title) = match which {
        Which::Deductions => (Status::Charge, Status::Credit, "cover.deducted"),
        Which::Rewards => (Status::Credit, Status::Charge, "cover.rewarded"),
    };
    sheet.gap()?;
    sheet.line(Look::Section, word(language, title))?;
    sheet.head(&TOTALS)?;
    for rule in RULES {
        let own: Vec<&Finding> = report.of(status).filter(|finding| finding.rule == rule.name).collect();
        if let Some(first) = own.first() {
            let destination = word_or(language, "destination", first.destination).into();
            let (people, sum) = (people(&own), sum(&own));
            sheet.row(
                &TOTALS,
                [rule_name(language, rule.name).into(), destination, people, Cell::Count(own.len() as u64), sum.into()],
            )?;
        }
    }
    let all: Vec<&Finding> = report.of(status).collect();
    let total = report.sum(status);
    sheet.total([
        word(language, "total").into(),
        Cell::Blank,
        people(&all),
        Cell::Count(all.len() as u64),
        total.into(),
    ])?;
    sheet.line(Look::Line, &in_words(language, total))?;
    if which == Which::Deductions {
        let fund: Vec<&Finding> = all.into_iter().filter(|finding| finding.destination == totals::FUND).collect();
        sheet.line(Look::Line, &filled(language, "cover.fund", &[&grouped(sum(&fund))]))?;
        let others = report.of(other).count().to_string();
        sheet.line(Look::Line, &filled(language, "cover.other", &[&others, &grouped(report.sum(other))]))?;
    }
    Ok(())
}

/// Part four: reminders, without money.
fn notices(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let mut groups: BTreeMap<(usize, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| is_reminder(finding)) {
        groups.entry((place(finding.rule), finding.rule)).or_default().push(finding);
    }
    if groups.is_empty() {
        return Ok(());
    }
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "cover.notices"))?;
    sheet.head(&NOTICES)?;
    for ((_, rule), findings) in groups {
        let example = findings.first().map(|finding| summary(finding, language));
        sheet.row(
            &NOTICES,
            [rule_name(language, rule).into(), example.into(), people(&findings), Cell::Count(findings.len() as u64)],
        )?;
    }
    Ok(())
}

/// Rules in shadow mode: said beside what could not be judged.
fn shadow(sheet: &mut Sheet<'_>, report: &Report<'_>, which: Which) -> Result<()> {
    let own = RULES.iter().filter(|rule| report.shadow_rules.contains(rule.name) && belongs(rule.name, which));
    let names: Vec<String> = own.map(|rule| rule_name(report.language, rule.name)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let lines = report.shadow.iter().filter(|finding| belongs(finding.rule, which)).count().to_string();
    sheet.gap()?;
    sheet.line(Look::Strong, &filled(report.language, "cover.shadow", &[&shown(report, &names), &lines]))
}

/// Overtime hours: a quantity for payroll, no money here.
fn hours(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let (claims, hours) = report.hours();
    if claims == 0 {
        return Ok(());
    }
    sheet.gap()?;
    let (claims, hours) = (claims.to_string(), hours.to_string());
    sheet.line(Look::Line, &filled(report.language, "cover.hours", &[&claims, &hours]))
}

/// What the limits of the place (2.10) are, and what they did.
fn limits(report: &Report<'_>) -> Vec<String> {
    const MODE: Param<String> = Param::new("limits.mode");
    const PERCENT: Param<i64> = Param::new("limits.wage_percent");
    const MINIMUM: Param<Fen> = Param::new("limits.minimum_wage");
    let (language, last) = (report.language, report.period.last);
    let because = |reason: &str| report.findings.iter().filter(|finding| finding.reason == reason).count().to_string();
    match report.policy.on(&MODE, last).as_deref() {
        Some("cap") => {
            let blank = || word(language, "limits.blank").to_owned();
            let percent = report.policy.on(&PERCENT, last).map_or_else(blank, |percent| percent.to_string());
            let minimum = report.policy.on(&MINIMUM, last).map_or_else(blank, grouped);
            let mut lines = vec![filled(language, "limits.cap", &[&percent, &minimum, &because("capped")])];
            let unchecked: BTreeSet<&str> = report
                .of(Status::Charge)
                .filter(|finding| finding.detail("limit_unchecked").is_some())
                .map(|finding| finding.employee_id.as_str())
                .collect();
            if !unchecked.is_empty() {
                lines.push(filled(language, "limits.unchecked-people", &[&unchecked.len().to_string()]));
            }
            lines
        }
        Some("warn-only") => vec![filled(language, "limits.warn-only", &[&because("warn-only")])],
        _ => vec![word(language, "limits.deduct").to_owned()],
    }
}

/// A rule's place in clause order; what names several rules comes first.
fn place(name: &str) -> usize {
    RULES.iter().position(|rule| rule.name == name).map_or(0, |place| place + 1)
}

fn people<'a>(findings: &[&Finding]) -> Cell<'a> {
    let ids: BTreeSet<&str> =
        findings.iter().map(|finding| finding.employee_id.as_str()).filter(|id| !id.is_empty()).collect();
    Cell::Count(ids.len() as u64)
}

fn sum(findings: &[&Finding]) -> Fen {
    findings.iter().filter_map(|finding| finding.amount).sum()
}

fn shown(report: &Report<'_>, names: &[String]) -> String {
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() <= SHOWN { first } else { filled(report.language, "and-more", &[&first, &names.len().to_string()]) }
}

/// Days joined to ranges, month and day alone: `10-05~10-07`.
fn ranges(mut spans: Vec<(NaiveDate, NaiveDate)>) -> Vec<String> {
    spans.sort_unstable();
    let mut joined: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, end)) if end.succ_opt().is_none_or(|next| from <= next) => *end = to.max(*end),
            _ => joined.push((from, to)),
        }
    }
    let text = |(from, to): (NaiveDate, NaiveDate)| {
        let short = |day: NaiveDate| day.format("%m-%d").to_string();
        if from == to { short(from) } else { format!("{}~{}", short(from), short(to)) }
    };
    joined.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn days_that_touch_are_one_range() {
        let day = |text: &str| format!("2026-{text}").parse().unwrap();
        let spans = vec![
            (day("10-12"), day("10-12")),
            (day("10-05"), day("10-06")),
            (day("10-07"), day("10-07")),
            (day("10-05"), day("10-05")),
        ];
        assert_eq!(ranges(spans), ["10-05~10-07", "10-12"]);
    }
}
