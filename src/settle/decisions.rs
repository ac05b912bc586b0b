//! Decisions (2.9): each is checked against what the rule says; the latest valid one settles.
//!
//! `assign` stands beside the others: its latest valid row fills the employee, and what the rule says of a duty that
//! nobody was in charge of is then said of that employee. Of the others the latest `decided_at` settles; at the same
//! time waive, object, dismiss, amend, confirm in this order, then the lower amount (class A before B), and of two
//! assigned at the same time the lower id: never the place in the file.

use super::{past::Past, receipt::Signatures, staff::Staff};
use crate::{
    base::{code::is_known, evidence::RowRef, money::Fen, quantity::Quantity},
    facts::Facts,
    policy::Policy,
    rules::{Confirm, Direction, Rule, rule},
    schema::{
        deciders::{Deciders, LATE_CHARGE, OBJECTION, Role},
        findings::{Finding, Status},
        inputs::Rejected,
    },
};
use chrono::NaiveDateTime;
use polars::prelude::*;
use std::{borrow::Cow, collections::BTreeMap};

/// A kind of decision; at the same time the first of them settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Sets the finding aside.
    Waive,
    /// Disputes it.
    Object,
    /// Refuses the objection.
    Dismiss,
    /// Lowers the amount.
    Amend,
    /// Makes a hold what its rule says.
    Confirm,
    /// Names the employee.
    Assign,
}

impl Kind {
    /// Its word in the register.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waive => "waive",
            Self::Object => "object",
            Self::Dismiss => "dismiss",
            Self::Amend => "amend",
            Self::Confirm => "confirm",
            Self::Assign => "assign",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        let kinds = [Self::Waive, Self::Object, Self::Dismiss, Self::Amend, Self::Confirm, Self::Assign];
        kinds.into_iter().find(|kind| kind.word() == word)
    }
}

/// One row of the decisions register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The finding it is about.
    pub finding_id: String,
    /// The short code beside the id, where one is given.
    pub code: Option<String>,
    /// What is decided.
    pub kind: Kind,
    /// The amount, where one is given.
    pub amount: Option<Fen>,
    /// The class or the employee, where one is given.
    pub value: Option<String>,
    /// Who decided: id, name or e-mail.
    pub decided_by: String,
    /// When.
    pub decided_at: NaiveDateTime,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub row: RowRef,
}

/// What is left of each employee's reward credits of the month, after decisions: refusals of overtime may take of it.
#[derive(Clone, Debug, Default)]
pub struct Rewards(BTreeMap<u32, Fen>);

impl Rewards {
    /// The sums of the credits among findings that decisions were applied to.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut sums: BTreeMap<u32, Fen> = BTreeMap::new();
        let credits = findings.iter().filter(|finding| finding.rule == "reward" && finding.status == Status::Credit);
        for credit in credits {
            let amount = credit.amended.or(credit.unit_amount).unwrap_or_default();
            if let Some(emp) = credit.emp {
                sums.entry(emp).or_default().0 += amount.0;
            }
        }
        Self(sums)
    }

    fn left(&self, emp: Option<u32>) -> Fen {
        emp.and_then(|emp| self.0.get(&emp)).copied().unwrap_or_default()
    }

    /// A charge on rewards leaves less for the refusals after it.
    fn take(&mut self, finding: &Finding) {
        let amount = finding.amended.or(finding.unit_amount).unwrap_or_default();
        if let (Status::Charge, Some(left)) = (finding.status, finding.emp.and_then(|emp| self.0.get_mut(&emp))) {
            left.0 -= amount.0;
        }
    }
}

/// Applies the decisions to the findings they name; gives those that cannot be used, with the reason.
///
/// `rewards` is what findings that are paid from rewards may take, in the order of `findings`.
///
/// A decision on a finding that the past knows (from earlier editions, or from another month) is left alone, on any
/// other it is rejected.
///
/// # Errors
/// Those of the dataframe engine.
pub fn resolve(
    findings: &mut [Finding],
    decisions: &[Decision],
    facts: &Facts,
    (policy, deciders): (&Policy, &Deciders),
    past: &Past,
    rewards: &mut Rewards,
) -> PolarsResult<Vec<Rejected>> {
    let staff = Staff::new(facts, deciders)?;
    // Who may decide is only asked where the configuration says so.
    let signed = deciders.is_enforced.then(|| Signatures::new(&facts.inputs, policy)).transpose()?;
    let mut by_finding: BTreeMap<&str, Vec<&Decision>> = BTreeMap::new();
    for decision in decisions {
        by_finding.entry(&decision.finding_id).or_default().push(decision);
    }
    let mut rejected = Vec::new();
    let mut reject = |decision: &Decision, column: &str, why: Cow<'static, str>| {
        let value = match column {
            "amount" => decision.amount.map_or_else(String::new, |fen| fen.to_string()),
            "value" => decision.value.clone().unwrap_or_default(),
            "decided_by" => decision.decided_by.clone(),
            _ => decision.finding_id.clone(),
        };
        rejected.push(Rejected {
            source: "decisions".to_owned(),
            file: facts.inputs.files.get(decision.row.file as usize).map_or_else(String::new, |file| file.name.clone()),
            line: u64::from(decision.row.line),
            column: column.to_owned(),
            value,
            reason: why.into_owned(),
        });
    };
    for finding in findings.iter_mut() {
        let Some(own) = by_finding.remove(finding.id.as_str()) else { continue };
        let Some(rule) = rule(finding.rule) else { continue };
        let had_employee = finding.emp.is_some();
        let said = (finding.status, finding.reason.clone());
        let waits_for = finding.waits_for().to_owned();
        let (assigns, others): (Vec<&Decision>, Vec<&Decision>) =
            own.into_iter().partition(|decision| decision.kind == Kind::Assign);
        let is_unsigned = |finding: &Finding| {
            let is_deduction = matches!(rule.direction, Direction::Deduction(..)) && finding.emp.is_some();
            is_deduction && signed.as_ref().is_some_and(|signed| signed.is_missing(finding))
        };
        let office = Office {
            deciders,
            staff: &staff,
            waits_for: &waits_for,
            is_unsigned: is_unsigned(finding),
            is_issued: past.charged.is_some(),
        };
        // Who names the employee and confirms at once confirms as whoever may name the employee.
        let is_pair = |one: &&Decision| assigns.iter().any(|assign| assign.row == one.row && finding.emp.is_none());
        let (pairs, others): (Vec<&Decision>, Vec<&Decision>) = others.into_iter().partition(is_pair);
        let (assigns, mut wrong) = office.permitted(assigns, None);
        wrong.extend(assign(finding, &assigns, &staff));
        // With an employee a duty that nobody was in charge of is a charge, or waits for its amount.
        let waits_for = finding.waits_for().to_owned();
        let office = Office { waits_for: &waits_for, is_unsigned: is_unsigned(finding), ..office };
        let (pairs, unpaired) = office.permitted(pairs, None);
        let bounds = Allowed { rule, policy, left: rewards.left(finding.emp) };
        let (others, refused) = office.permitted(others, finding.emp);
        let others: Vec<&Decision> = others.into_iter().chain(pairs).collect();
        wrong.extend(unpaired.into_iter().chain(refused));
        let (valid, unusable) = check(finding, &bounds, &others, &staff);
        for (decision, column, why) in wrong.into_iter().chain(unusable) {
            reject(decision, column, why);
        }
        if !valid.is_empty() || finding.emp.is_some() != had_employee {
            finding.ruled = Some(said.clone());
        }
        // What the rule holds is confirmed by whoever it waits for, what it charges only by whoever late charges wait for.
        let is_held = matches!(said.0, Status::Hold | Status::Unpriced);
        let is_new = |decision: &&&Decision| decision.kind == Kind::Confirm && !past.read.contains(&decision.row);
        finding.is_confirmed = valid.iter().filter(is_new).any(|decision| {
            let roles = deciders.roles(LATE_CHARGE);
            is_held || !deciders.is_enforced || staff.holds(roles, finding.emp, &decision.decided_by)
        });
        apply(finding, rule, &valid);
        if is_paid_from_rewards(rule) {
            rewards.take(finding);
        }
    }
    for decision in by_finding.values().flatten().filter(|decision| !is_known(&decision.finding_id, &past.known)) {
        reject(decision, "finding_id", "there is no such finding, now or in any edition".into());
    }
    rejected.sort();
    Ok(rejected)
}

type Wrong<'a> = (&'a Decision, &'static str, Cow<'static, str>);

/// Who may decide a line, where the configuration says so.
struct Office<'a> {
    deciders: &'a Deciders,
    staff: &'a Staff,
    /// For what the rule lets the line wait.
    waits_for: &'a str,
    /// Whether a charge of it would wait for a signature (八(二)).
    is_unsigned: bool,
    /// Whether the month was issued: a charge of it may wait as late.
    is_issued: bool,
}

impl Office<'_> {
    /// Splits decisions into those of people who may decide the line, and the others with the reason. Objections are
    /// everybody's.
    fn permitted<'d>(&self, decisions: Vec<&'d Decision>, emp: Option<u32>) -> (Vec<&'d Decision>, Vec<Wrong<'d>>) {
        let (mut permitted, mut refused) = (Vec::new(), Vec::new());
        for decision in decisions {
            let roles = self.roles(decision.kind);
            // What the employee concerned may not decide is told apart.
            let is_own = emp.is_some_and(|emp| self.staff.is_called(emp, &decision.decided_by));
            let is_free = !self.deciders.is_enforced || decision.kind == Kind::Object || is_own;
            if is_free || self.staff.holds(&roles, emp, &decision.decided_by) {
                permitted.push(decision);
            } else {
                let words: Vec<&str> = roles.iter().map(|role| role.word()).collect();
                let why = format!("this line waits for {}; see [deciders]", words.join(" or "));
                refused.push((decision, "decided_by", why.into()));
            }
        }
        (permitted, refused)
    }

    /// A charge without a signature waits for who sees to that; what was held otherwise, for either.
    fn roles(&self, kind: Kind) -> Vec<Role> {
        let waits_for = if kind == Kind::Dismiss { OBJECTION } else { self.waits_for };
        let is_held = waits_for != OBJECTION || kind == Kind::Dismiss;
        let mut roles = if is_held || !self.is_unsigned { self.deciders.roles(waits_for).to_vec() } else { Vec::new() };
        if self.is_unsigned && kind != Kind::Dismiss {
            roles.extend(self.deciders.roles("unacknowledged"));
        }
        if self.is_issued && kind == Kind::Confirm {
            roles.extend(self.deciders.roles(LATE_CHARGE));
        }
        roles.sort_unstable();
        roles.dedup();
        roles
    }
}

/// Fills the employee from the latest valid `assign`, and says of them what the rule would have said.
fn assign<'a>(finding: &mut Finding, assigns: &[&'a Decision], staff: &Staff) -> Vec<Wrong<'a>> {
    let mut wrong = Vec::new();
    let has_employee = finding.emp.is_some();
    // The last one fills the employee: the latest, of those of the same moment the lowest id.
    let mut assigns = assigns.to_vec();
    let texts = |one: &Decision| (one.value.clone(), one.decided_by.clone(), one.reason.clone());
    assigns.sort_by_cached_key(|one| (one.decided_at, std::cmp::Reverse(texts(one))));
    for decision in &assigns {
        let emp = decision.value.as_deref().and_then(|id| staff.by_id.get(id)).copied();
        match emp {
            _ if has_employee => wrong.push((*decision, "finding_id", "the finding has an employee already".into())),
            Some(emp) if !staff.is_judged(emp, finding.occurred_on) => {
                wrong.push((*decision, "value", "this employee was not judged that day".into()));
            }
            Some(emp) if staff.is_called(emp, &decision.decided_by) => {
                wrong.push((*decision, "decided_by", "the employee concerned cannot decide this".into()));
            }
            Some(emp) => {
                finding.emp = Some(emp);
                finding.employee_id = decision.value.clone().unwrap_or_default();
                finding.detail.retain(|(name, _)| name != "assigned");
                note(finding, "assigned", decision);
            }
            None => wrong.push((*decision, "value", "not the id of an employee".into())),
        }
    }
    if !has_employee && finding.emp.is_some() && finding.reason == "no-assignee" {
        finding.status = if finding.unit_amount.is_some() { Status::Charge } else { Status::Unpriced };
        finding.reason.clear();
    }
    wrong
}

/// What a decision's amount is checked against.
struct Allowed<'a> {
    rule: &'a Rule,
    policy: &'a Policy,
    /// What is left of the employee's rewards.
    left: Fen,
}

fn is_paid_from_rewards(rule: &Rule) -> bool {
    rule.confirms.iter().any(|(_, confirm)| *confirm == Confirm::NoticeOrFromRewards)
}

/// Splits decisions into those that can be used and those that cannot, with the column and the reason.
fn check<'a>(
    finding: &Finding,
    allowed: &Allowed<'_>,
    decisions: &[&'a Decision],
    staff: &Staff,
) -> (Vec<&'a Decision>, Vec<Wrong<'a>>) {
    let mut valid = Vec::new();
    let mut wrong = Vec::new();
    for decision in decisions {
        let is_own = finding.emp.is_some_and(|emp| staff.is_called(emp, &decision.decided_by));
        let fault = if is_own && decision.kind != Kind::Object {
            Some(("decided_by", "the employee concerned may only object"))
        } else {
            match decision.kind {
                Kind::Amend => amend_fault(finding, allowed, decision),
                Kind::Confirm => confirm_fault(finding, allowed, decision),
                Kind::Dismiss => {
                    let is_objected = decisions
                        .iter()
                        .any(|other| other.kind == Kind::Object && other.decided_at <= decision.decided_at);
                    (!is_objected).then_some(("finding_id", "there is no objection to dismiss"))
                }
                _ => None,
            }
        };
        match fault {
            Some((column, why)) => wrong.push((*decision, column, why.into())),
            None => valid.push(*decision),
        }
    }
    (valid, wrong)
}

fn is_within(amount: Fen, Allowed { rule, policy, .. }: &Allowed<'_>, finding: &Finding) -> bool {
    rule.bounds.is_none_or(|(min, max)| {
        let day = finding.occurred_on;
        policy.on(min, day).is_none_or(|min| min <= amount) && policy.on(max, day).is_none_or(|max| amount <= max)
    })
}

/// `amend` lowers the amount of a charge, a credit or a classed late arrival, within the rule's bounds.
fn amend_fault(finding: &Finding, allowed: &Allowed<'_>, decision: &Decision) -> Option<(&'static str, &'static str)> {
    if !matches!(finding.status, Status::Charge | Status::Credit | Status::Classed) || finding.unit_amount.is_none() {
        return Some(("finding_id", "the rule itself neither charges nor credits it; `confirm` with the amount"));
    }
    match (decision.amount, finding.unit_amount) {
        (None, _) => Some(("amount", "amend needs an amount")),
        (Some(amount), Some(price)) if amount >= price => Some(("amount", "amend needs a lower amount")),
        (Some(amount), _) if !is_within(amount, allowed, finding) => Some(("amount", "out of the rule's bounds")),
        _ => None,
    }
}

fn confirm_fault(
    finding: &Finding,
    allowed: &Allowed<'_>,
    decision: &Decision,
) -> Option<(&'static str, &'static str)> {
    let needs_amount = |is_bounded: bool| match decision.amount {
        None | Some(Fen(0)) => Some(("amount", "confirm needs an amount above 0 here")),
        Some(amount) if is_bounded && !is_within(amount, allowed, finding) => {
            Some(("amount", "out of the rule's bounds"))
        }
        Some(amount) if finding.unit_amount.is_some_and(|price| amount > price) => {
            Some(("amount", "more than the price"))
        }
        Some(_) => None,
    };
    match finding.status {
        _ if finding.emp.is_none() => Some(("finding_id", "name the employee first (assign)")),
        Status::Unpriced => needs_amount(true),
        Status::Hold => match outcome(allowed.rule, &finding.reason) {
            Some(Confirm::Charge | Confirm::Notice | Confirm::Hours) => None,
            Some(Confirm::WarningOrCharge | Confirm::NoticeOrFromRewards) if decision.amount.is_none() => None,
            Some(Confirm::NoticeOrFromRewards) if decision.amount.is_some_and(|amount| amount > allowed.left) => {
                Some(("amount", "more than is left of the employee's rewards of the month"))
            }
            Some(Confirm::Class) => {
                let is_class = matches!(decision.value.as_deref(), Some("A" | "B"));
                (!is_class).then_some(("value", "confirm needs the class, A or B"))
            }
            Some(Confirm::CreditUpTo) => match decision.amount {
                None => None,
                Some(_) => needs_amount(false),
            },
            Some(Confirm::CreditOf) => needs_amount(false),
            Some(Confirm::ChargeOf | Confirm::WarningOrCharge | Confirm::NoticeOrFromRewards) | None => {
                needs_amount(true)
            }
        },
        _ => None,
    }
}

fn outcome(rule: &Rule, reason: &str) -> Option<Confirm> {
    rule.confirms.iter().find(|(known, _)| *known == reason).map(|(_, confirm)| *confirm)
}

/// The decision that settles among those that `is_asked` takes.
fn latest<'a>(rule: &Rule, valid: &[&'a Decision], is_asked: impl Fn(Kind) -> bool) -> Option<&'a Decision> {
    let asked = valid.iter().filter(|decision| is_asked(decision.kind));
    // Where no amount means a mere warning it is the lowest.
    let is_lenient = |confirm: &Confirm| matches!(confirm, Confirm::WarningOrCharge | Confirm::NoticeOrFromRewards);
    let without = if rule.confirms.iter().any(|(_, confirm)| is_lenient(confirm)) { 0 } else { i64::MAX };
    let rank = |decision: &Decision| {
        let lower_first = std::cmp::Reverse(decision.amount.map_or(without, |fen| fen.0));
        let texts = [decision.value.as_deref().unwrap_or(""), &decision.decided_by, &decision.reason];
        let texts = texts.map(str::to_owned);
        (decision.decided_at, std::cmp::Reverse(decision.kind), lower_first, std::cmp::Reverse((texts, decision.row)))
    };
    asked.max_by_key(|decision| rank(decision)).copied()
}

/// Notes who decided what, when and why, for the sheets.
fn note(finding: &mut Finding, name: &str, decision: &Decision) {
    let Decision { kind, decided_by, decided_at, reason, .. } = decision;
    finding.detail.push((name.to_owned(), format!("{} {decided_by} {} {reason}", kind.word(), decided_at.date())));
}

/// Applies the settling decision to what the rule says.
fn apply(finding: &mut Finding, rule: &Rule, valid: &[&Decision]) {
    let last = latest(rule, valid, |_| true);
    if let Some(decision) = last {
        note(finding, "decided_by", decision);
    }
    let settling = match last {
        Some(decision) if decision.kind == Kind::Dismiss => {
            latest(rule, valid, |kind| !matches!(kind, Kind::Object | Kind::Dismiss))
        }
        other => other,
    };
    let is_open = matches!(finding.status, Status::Hold | Status::Unpriced);
    let settling = match settling {
        // On what is neither held nor unpriced, confirm only ends an objection.
        Some(decision) if decision.kind == Kind::Confirm && !is_open => {
            latest(rule, valid, |kind| matches!(kind, Kind::Amend | Kind::Waive))
        }
        other => other,
    };
    let Some(decision) = settling else { return };
    match decision.kind {
        Kind::Waive => finding.status = Status::Waived,
        Kind::Object => {
            finding.status = Status::Hold;
            "objection".clone_into(&mut finding.reason);
        }
        Kind::Amend => finding.amended = decision.amount,
        Kind::Confirm => confirm(finding, rule, decision),
        Kind::Dismiss | Kind::Assign => {}
    }
}

fn confirm(finding: &mut Finding, rule: &Rule, decision: &Decision) {
    let outcome = if finding.status == Status::Unpriced { None } else { outcome(rule, &finding.reason) };
    let amount = decision.amount;
    let (status, reason) = match outcome {
        Some(Confirm::Notice) => (Status::Notice, ""),
        Some(Confirm::WarningOrCharge) if amount.is_none() => (Status::Notice, "warning"),
        Some(Confirm::NoticeOrFromRewards) if amount.is_none() => (Status::Notice, ""),
        Some(Confirm::Hours) => (Status::Hours, ""),
        Some(Confirm::Class) => (Status::Classed, ""),
        Some(Confirm::CreditUpTo | Confirm::CreditOf) => (Status::Credit, ""),
        // The charge of a price that the policy leaves blank stays unpriced.
        Some(Confirm::Charge) if finding.unit_amount.is_none() => (Status::Unpriced, ""),
        Some(_) | None => (Status::Charge, ""),
    };
    finding.status = status;
    reason.clone_into(&mut finding.reason);
    match outcome {
        Some(Confirm::Class) => finding.class.clone_from(&decision.value),
        Some(Confirm::Hours) => {
            finding.quantity = finding.hours.map_or(finding.quantity, Quantity::Hours);
            // What was missing is answered.
            finding.detail.retain(|(name, _)| name != "missing");
        }
        _ => {}
    }
    let is_fixed = matches!(outcome, Some(Confirm::Charge | Confirm::Notice | Confirm::Hours | Confirm::Class));
    match finding.unit_amount {
        _ if is_fixed => {}
        None => finding.unit_amount = amount,
        Some(_) => finding.amended = amount,
    }
}
