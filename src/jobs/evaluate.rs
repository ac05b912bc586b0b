//! The pipeline of a month: facts → rules → decisions → settlement → postings. Pure: reads no file and no clock.

use crate::{
    base::month::Period,
    config::Config,
    facts::{Facts, Readiness, not_ready},
    rules::{RULES, Rule, run},
    schema::{
        findings::{Finding, LedgerRow, Posting, Status, Suspension},
        inputs::{Inputs, Rejected},
    },
    settle::{Context, Decision, decisions, ledger, postings, resolve, settle},
};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

/// The rule that counts what decisions made of another rule's findings, so it runs after them.
const AFTER_DECISIONS: &str = "complaint-escalation";
/// The rule whose findings of the whole year it counts.
const COUNTED: &str = "complaint";

/// What a month came to.
pub struct Evaluation {
    /// What was read.
    pub inputs: Inputs,
    /// The findings, sorted by employee id, rule, subject (bytes).
    pub findings: Vec<Finding>,
    /// What could not be judged, sorted.
    pub suspensions: Vec<Suspension>,
    /// Rules that are not audited and the source that is not configured.
    pub unaudited: Vec<(&'static str, String)>,
    /// Rejected rows and decisions, sorted.
    pub rejected: Vec<Rejected>,
    /// Movements of money.
    pub postings: Vec<Posting>,
    /// Their sums.
    pub ledger: Vec<LedgerRow>,
}

/// Judges the payroll month `period` from its inputs. `known` are the finding ids of earlier editions, `edition` is
/// the number under which movements of money are posted.
///
/// # Errors
/// Those of the dataframe engine; and control sums that disagree.
pub fn evaluate(
    config: &Config,
    inputs: Inputs,
    period: Period,
    known: &BTreeSet<String>,
    edition: u32,
) -> anyhow::Result<Evaluation> {
    let policy = &config.policy;
    let mut facts = Facts::new(inputs, period, config.first_day, &config.calendar, policy, &config.areas)?;
    let mut suspensions = std::mem::take(&mut facts.suspensions);
    let unaudited = RULES.iter().filter_map(|rule| Some((rule.name, missing_source(rule, &facts.inputs)?))).collect();
    let year_start = NaiveDate::from_ymd_opt(period.first.year(), 1, 1).unwrap_or(period.first);
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.name != AFTER_DECISIONS) {
        let from = if rule.name == COUNTED { year_start } else { period.first };
        let (found, open) = run(rule, &facts, policy, (from, period.last))?;
        findings.extend(found);
        suspensions.extend(open.into_iter().filter(|open| period.contains(open.to)));
    }
    let (late, early): (Vec<Decision>, Vec<Decision>) =
        decisions(&facts.inputs)?.into_iter().partition(|decision| decision.finding_id.starts_with(AFTER_DECISIONS));
    let mut rejected = resolve(&mut findings, &early, &facts, policy, known)?;
    let waived = findings.iter().filter(|finding| finding.rule == COUNTED && finding.status == Status::Waived);
    facts.waived = waived.map(|finding| finding.id.clone()).collect();
    for rule in RULES.iter().filter(|rule| rule.name == AFTER_DECISIONS) {
        let (mut found, open) = run(rule, &facts, policy, (period.first, period.last))?;
        rejected.extend(resolve(&mut found, &late, &facts, policy, known)?);
        findings.extend(found);
        suspensions.extend(open);
    }
    findings.retain(|finding| period.contains(finding.occurred_on));
    let context = Context { inputs: &facts.inputs, policy, calendar: &config.calendar };
    settle(&mut findings, &context)?;
    findings.sort_by(|a, b| (&a.employee_id, a.rule, &a.subject).cmp(&(&b.employee_id, b.rule, &b.subject)));
    suspensions.sort();
    suspensions.dedup();
    rejected.extend(facts.inputs.rejected.iter().cloned());
    rejected.sort();
    let postings = postings(&findings, period.month, edition);
    let ledger = ledger(&postings);
    Ok(Evaluation { inputs: facts.inputs, findings, suspensions, unaudited, rejected, postings, ledger })
}

/// The source for want of which a rule is not audited.
fn missing_source(rule: &Rule, inputs: &Inputs) -> Option<String> {
    match not_ready(inputs, rule.sources, &[]) {
        Readiness::NotAudited(source) => Some(source),
        _ => None,
    }
}
