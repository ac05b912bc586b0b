//! Floor 4: the registry of rules, a plain list in clause order. A rule is its file and two lines here.

#![allow(clippy::unnecessary_wraps, reason = "every rule has the same signature, whether it can fail or not")]

mod absence;
mod complaint;
mod complaint_escalation;
mod complaint_review;
mod early_confirmation;
mod final_settlement;
mod inspection;
mod last_out;
mod late_arrival;
mod leave_certificate;
mod leave_handover;
mod leave_hr_approval;
mod leave_return;
mod leave_unreachable;
mod loan_overdue;
mod loss;
mod meeting_absence;
mod meeting_late;
mod overtime_ceiling;
mod overtime_claim;
mod overtime_refusal;
mod probation_length;
mod probation_papers;
mod project_assessment;
mod repair_completion;
mod repair_delivery;
mod repair_diagnosis;
mod repair_sendout;
mod reward;
mod reward_candidate;
mod rule;
mod run;
mod task_overdue;
#[cfg(test)]
mod testing;
mod unreachable;

pub use rule::{
    Bounds, Confirm, Direction, Found, Group, Proof, Reach, Rule, detail, evidence, findings, no_text, notices,
    notices_unless,
};
pub use run::run;

use crate::{
    config::Known,
    policy::PARAMETERS,
    schema::imports::{Paying, Way},
};

/// Every rule, in clause order.
pub static RULES: &[&Rule] = &[
    &absence::RULE,
    &leave_hr_approval::RULE,
    &leave_return::RULE,
    &leave_certificate::RULE,
    &leave_handover::RULE,
    &leave_unreachable::RULE,
    &late_arrival::RULE,
    &probation_papers::RULE,
    &early_confirmation::RULE,
    &probation_length::RULE,
    &final_settlement::RULE,
    &overtime_claim::RULE,
    &overtime_refusal::RULE,
    &overtime_ceiling::RULE,
    &project_assessment::RULE,
    &reward::RULE,
    &reward_candidate::RULE,
    &repair_diagnosis::RULE,
    &repair_sendout::RULE,
    &repair_completion::RULE,
    &repair_delivery::RULE,
    &inspection::RULE,
    &last_out::RULE,
    &loan_overdue::RULE,
    &unreachable::RULE,
    &task_overdue::RULE,
    &meeting_late::RULE,
    &meeting_absence::RULE,
    &loss::RULE,
    &complaint::RULE,
    &complaint_review::RULE,
    &complaint_escalation::RULE,
];

/// The rule named `name`.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

/// What payroll takes of a rule.
fn paying(rule: &'static Rule) -> impl Iterator<Item = Paying> {
    let money = match rule.direction {
        Direction::Deduction(_, group) => Some((Way::Deduct, group.word())),
        Direction::Reward => Some((Way::Reward, "")),
        Direction::None => None,
    };
    let is_hours = rule.confirms.iter().any(|(_, outcome)| *outcome == Confirm::Hours);
    let hours = is_hours.then_some((Way::Hours, ""));
    money.into_iter().chain(hours).map(|(way, group)| Paying { rule: rule.name, way, group })
}

/// What a configuration may name: presets, rules and parameters.
#[must_use]
pub fn known() -> Known {
    let declared = RULES.iter().flat_map(|rule| rule.declares);
    Known {
        presets: crate::ingest::presets::names(),
        rules: RULES.iter().map(|rule| rule.name).collect(),
        parameters: PARAMETERS.iter().chain(declared).collect(),
        paying: RULES.iter().flat_map(|rule| paying(rule)).collect(),
    }
}
