//! The pipeline of a month: facts → rules → decisions → settlement → postings. Pure: reads no file and no clock.

use crate::{
    base::month::Period,
    config::Config,
    facts::{Facts, Readiness, not_ready},
    policy::in_force_from,
    rules::{RULES, Reach, Rule, rule, run},
    schema::{
        findings::{Finding, LedgerRow, Posting, Status, Suspension, Unaudited},
        inputs::{Inputs, Rejected},
    },
    settle::{Context, Decision, Past, Register, Rewards, decisions, ledger, postings, resolve, settle},
};
use chrono::{Datelike, NaiveDate};

/// What a month came to.
pub struct Evaluation {
    /// What was read.
    pub inputs: Inputs,
    /// The findings, sorted by employee id, rule, subject (bytes).
    pub findings: Vec<Finding>,
    /// What could not be judged, sorted.
    pub suspensions: Vec<Suspension>,
    /// Findings of rules in shadow mode, in the same order: only shown, never posted.
    pub shadow: Vec<Finding>,
    /// Rules that are not audited, and why.
    pub unaudited: Vec<Unaudited>,
    /// Rejected rows and decisions, sorted.
    pub rejected: Vec<Rejected>,
    /// Movements of money.
    pub postings: Vec<Posting>,
    /// Their sums.
    pub ledger: Vec<LedgerRow>,
}

/// Judges the payroll month `period` from its inputs, which may end before the month's last day. `past` is what earlier
/// editions say, `edition` is the number under which movements of money are posted.
///
/// # Errors
/// Those of the dataframe engine; and control sums that disagree.
pub fn evaluate(
    config: &Config,
    inputs: Inputs,
    period: Period,
    past: &Past,
    edition: u32,
) -> anyhow::Result<Evaluation> {
    let mut facts = Facts::new(inputs, period, config)?;
    let mut suspensions = std::mem::take(&mut facts.suspensions);
    let unaudited: Vec<Unaudited> = RULES.iter().filter_map(|rule| unaudited(rule, &facts.inputs, config)).collect();
    let mut found = Vec::new();
    for rule in active(config).filter(|rule| !rule.is_after_decisions) {
        let (findings, open) = run(rule, &facts, &config.policy, (since(rule, period), period.last))?;
        found.extend(findings);
        suspensions.extend(open);
    }
    let mut register = Register::new(decisions(&facts.inputs)?);
    register.look(found.iter().map(|finding| finding.id.as_str()), &past.known);
    let is_live = |name: &str| !config.rules.shadow.contains(name);
    let is_shadow = |name: &str| config.rules.shadow.contains(name);
    let (mut shadow, mut rejected) = (Vec::new(), Vec::new());
    if !config.rules.shadow.is_empty() {
        // What would be if the rules in shadow mode were live: of that only their own findings are shown.
        let way = Pass { config, past, includes: &|_| true, lists: &is_shadow };
        (shadow, rejected) = way.settle(found.clone(), &mut facts, &mut register, &mut suspensions)?;
        shadow.retain(|finding| is_shadow(finding.rule));
    }
    found.retain(|finding| is_live(finding.rule));
    let way = Pass { config, past, includes: &is_live, lists: &is_live };
    let (findings, refused) = way.settle(found, &mut facts, &mut register, &mut suspensions)?;
    rejected.extend(refused);
    rejected.extend(register.unusable(&facts.inputs, &past.known));
    rejected.extend(facts.inputs.rejected.iter().cloned());
    rejected.sort();
    // Records of other months are only looked at to be counted and merged with.
    suspensions.retain(|open| period.contains(open.to));
    suspensions.sort();
    suspensions.dedup();
    let postings = postings(&findings, period.month, edition);
    let ledger = ledger(&postings);
    Ok(Evaluation { inputs: facts.inputs, findings, shadow, suspensions, unaudited, rejected, postings, ledger })
}

/// The rules that are not switched off.
fn active(config: &Config) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().filter(|rule| !config.rules.off.contains_key(rule.name))
}

/// From when on a rule's findings are needed.
fn since(rule: &Rule, period: Period) -> NaiveDate {
    match rule.reach {
        Reach::Month => period.first,
        Reach::Year => NaiveDate::from_ymd_opt(period.first.year(), 1, 1).unwrap_or(period.first),
        Reach::Always => in_force_from(),
    }
}

/// Why a rule is not audited, if it is not: it is off, or a source is not configured.
fn unaudited(rule: &'static Rule, inputs: &Inputs, config: &Config) -> Option<Unaudited> {
    if let Some(reason) = config.rules.off.get(rule.name) {
        return Some(Unaudited { rule: rule.name, source: String::new(), reason: reason.clone() });
    }
    match not_ready(inputs, rule.sources, &[]) {
        Readiness::NotAudited(source) => Some(Unaudited { rule: rule.name, source, reason: String::new() }),
        _ => None,
    }
}

/// One way from what rules found to settled findings.
struct Pass<'a> {
    config: &'a Config,
    past: &'a Past,
    /// Which rules take part.
    includes: &'a dyn Fn(&str) -> bool,
    /// The rules whose decisions are listed where they cannot be used.
    lists: &'a dyn Fn(&str) -> bool,
}

impl Pass<'_> {
    /// Applies decisions, runs the rules that read what became of them, and settles the month's findings, sorted.
    fn settle(
        &self,
        mut findings: Vec<Finding>,
        facts: &mut Facts,
        register: &mut Register,
        suspensions: &mut Vec<Suspension>,
    ) -> anyhow::Result<(Vec<Finding>, Vec<Rejected>)> {
        let (config, policy) = (self.config, &self.config.policy);
        let mut rejected = self.resolve(&mut findings, facts, register, false, &mut Rewards::default())?;
        let waived = findings.iter().filter(|finding| finding.status == Status::Waived);
        facts.waived = waived.map(|finding| finding.id.clone()).collect();
        let mut late = Vec::new();
        for rule in active(config).filter(|rule| rule.is_after_decisions && (self.includes)(rule.name)) {
            let (found, open) = run(rule, facts, policy, (facts.period.first, facts.period.last))?;
            late.extend(found);
            suspensions.extend(open);
        }
        late.sort_by(|a, b| (a.occurred_on, &a.subject, a.rule).cmp(&(b.occurred_on, &b.subject, b.rule)));
        register.look(late.iter().map(|finding| finding.id.as_str()), &self.past.known);
        rejected.extend(self.resolve(&mut late, facts, register, true, &mut Rewards::of(&findings))?);
        findings.extend(late);
        let context = Context {
            inputs: &facts.inputs,
            policy,
            calendar: &config.calendar,
            // Limits are those of the month's last day, also where it is judged only up to a day before.
            period: Period::new(facts.period.month, config.first_day),
            past: self.past,
        };
        settle(&mut findings, &context)?;
        findings.sort_by(|a, b| (&a.employee_id, a.rule, &a.subject).cmp(&(&b.employee_id, b.rule, &b.subject)));
        Ok((findings, rejected))
    }

    /// Applies the decisions on rules that run before or after others; gives those to list.
    fn resolve(
        &self,
        findings: &mut [Finding],
        facts: &Facts,
        register: &Register,
        is_after: bool,
        rewards: &mut Rewards,
    ) -> anyhow::Result<Vec<Rejected>> {
        let name = |decision: &Decision| decision.finding_id.split(':').next().unwrap_or("").to_owned();
        let is_own = |one: &&Decision| rule(&name(one)).is_some_and(|r| r.is_after_decisions) == is_after;
        let own = register.decisions.iter().filter(is_own);
        let (listed, others): (Vec<Decision>, Vec<Decision>) = own.cloned().partition(|one| (self.lists)(&name(one)));
        let law = (&self.config.policy, &self.config.deciders);
        resolve(findings, &others, facts, law, self.past, rewards)?;
        Ok(resolve(findings, &listed, facts, law, self.past, rewards)?)
    }
}
