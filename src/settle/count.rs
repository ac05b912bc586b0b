//! Counting (2.2): per employee, payroll month and class, in order of date.
//!
//! The n-th classed late arrival is a charge if n reaches the threshold of its own day, else counted; with
//! `all-once-reached` all are charged once the total reaches it. Price is the class's value of the day.

use crate::{
    base::money::Fen,
    policy::{Param, Policy},
    schema::findings::{Finding, Status},
};
use std::collections::BTreeMap;

const THRESHOLD: Param<i64> = Param::new("late_arrival.threshold");
const CHARGE: Param<String> = Param::new("late_arrival.charge");
const CLASS_A: Param<Fen> = Param::new("late_arrival.class_a_amount");
const CLASS_B: Param<Fen> = Param::new("late_arrival.class_b_amount");

/// Counts the classed late arrivals; afterwards none is left `classed`.
pub(super) fn count(findings: &mut [Finding], policy: &Policy) {
    let mut groups: BTreeMap<(u32, String), Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter_mut().enumerate() {
        if let (Status::Classed, Some(emp), Some(class)) = (finding.status, finding.emp, finding.class.clone()) {
            price(finding, &class, policy);
            groups.entry((emp, class)).or_default().push(index);
        } else if let (Status::Hold | Status::Merged, Some(class)) = (finding.status, finding.class.clone()) {
            price(finding, &class, policy);
        }
    }
    for events in groups.values_mut() {
        events.sort_by_key(|event| findings[*event].occurred_on);
        let total = i64::try_from(events.len()).unwrap_or(i64::MAX);
        for (nth, event) in (1..).zip(events.iter()) {
            let finding = &mut findings[*event];
            let day = finding.occurred_on;
            let threshold = policy.on(&THRESHOLD, day).unwrap_or(i64::MAX);
            let is_all = policy.on(&CHARGE, day).as_deref() == Some("all-once-reached");
            let reached = if is_all { total } else { nth };
            finding.detail.push(("nth".to_owned(), nth.to_string()));
            finding.status = match (reached >= threshold, finding.unit_amount) {
                (false, _) => Status::Counted,
                (true, Some(_)) => Status::Charge,
                (true, None) => Status::Unpriced,
            };
        }
    }
}

fn price(finding: &mut Finding, class: &str, policy: &Policy) {
    let param = if class == "B" { &CLASS_B } else { &CLASS_A };
    finding.unit_amount = policy.on(param, finding.occurred_on);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Dated, Value};

    fn late(emp: u32, day: u32, class: &str) -> Finding {
        let occurred_on = chrono::NaiveDate::from_ymd_opt(2026, 10, day).unwrap();
        Finding {
            id: format!("late-arrival:{emp}:{occurred_on}"),
            rule: "late-arrival",
            clause: "二.3",
            emp: Some(emp),
            employee_id: emp.to_string(),
            occurred_on,
            belongs_to: crate::base::month::Month::of(occurred_on),
            subject: occurred_on.to_string(),
            status: Status::Classed,
            reason: String::new(),
            quantity: crate::base::quantity::Quantity::Whole(1),
            unit_amount: None,
            amount: None,
            destination: "",
            due_on: None,
            detail: Vec::new(),
            class: Some(class.to_owned()),
            hours: None,
            ruled: None,
            is_confirmed: false,
            amended: None,
            from: None,
            until: None,
            evidence: Vec::new(),
        }
    }

    fn counted(policy: &Policy, mut findings: Vec<Finding>) -> Vec<String> {
        count(&mut findings, policy);
        findings
            .iter()
            .map(|finding| format!("{} {}", finding.status, finding.unit_amount.unwrap_or_default()))
            .collect()
    }

    fn charging(word: &str) -> Policy {
        let mut policy = Policy::shipped();
        let value = Some(Value::Text(word.to_owned()));
        policy.set(CHARGE.key, vec![Dated { from: crate::policy::in_force_from(), value, source: String::new() }]);
        policy
    }

    #[test]
    fn the_second_and_third_are_charged_and_classes_count_apart() {
        let findings = vec![late(1, 14, "A"), late(1, 12, "A"), late(1, 13, "B"), late(1, 15, "A"), late(2, 12, "A")];
        let expected = ["charge 20.00", "counted 20.00", "counted 30.00", "charge 20.00", "counted 20.00"];
        assert_eq!(counted(&Policy::shipped(), findings), expected);
    }

    #[test]
    fn all_are_charged_once_the_threshold_is_reached() {
        let policy = charging("all-once-reached");
        assert_eq!(counted(&policy, vec![late(1, 12, "B"), late(1, 13, "B")]), ["charge 30.00", "charge 30.00"]);
        assert_eq!(counted(&policy, vec![late(1, 12, "B")]), ["counted 30.00"]);
    }
}
