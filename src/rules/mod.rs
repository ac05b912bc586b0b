//! Floor 4: the registry of rules, a plain list in clause order. A rule is its file and two lines here.

mod absence;
mod complaint;
mod complaint_escalation;
mod complaint_review;
mod last_out;
mod late_arrival;
mod meeting_absence;
mod meeting_late;
mod repair_completion;
mod repair_delivery;
mod repair_diagnosis;
mod repair_sendout;
mod reward;
mod rule;
#[cfg(test)]
mod testing;

pub use rule::{Bounds, Confirm, Direction, Found, Proof, Rule, evidence, findings, run};

/// Every rule, in clause order.
pub static RULES: &[&Rule] = &[
    &absence::RULE,
    &late_arrival::RULE,
    &reward::RULE,
    &repair_diagnosis::RULE,
    &repair_sendout::RULE,
    &repair_completion::RULE,
    &repair_delivery::RULE,
    &last_out::RULE,
    &meeting_late::RULE,
    &meeting_absence::RULE,
    &complaint::RULE,
    &complaint_review::RULE,
    &complaint_escalation::RULE,
];

/// The rule named `name`.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}
