//! Leavers (四): their charges are due on the leave date, and what is still open is listed: lines that wait for a
//! person, things not brought back, tasks not done.

use crate::schema::findings::{Finding, Status};
use std::collections::BTreeMap;

/// Adds to each `final-settlement` the ids of the employee's lines of the month that are open, and to their charges
/// the leave date.
pub(super) fn leavers(findings: &mut [Finding]) {
    let is_open = |finding: &&Finding| {
        matches!(finding.status, Status::Hold | Status::Unpriced)
            || (finding.status == Status::Notice && matches!(finding.rule, "loan-overdue" | "task-overdue"))
    };
    let mut open: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for finding in findings.iter().filter(is_open) {
        if let Some(emp) = finding.emp {
            open.entry(emp).or_default().push(finding.id.clone());
        }
    }
    let leavers = findings.iter().filter(|finding| finding.rule == "final-settlement");
    let days: BTreeMap<u32, String> =
        leavers.filter_map(|finding| Some((finding.emp?, finding.subject.clone()))).collect();
    for charge in findings.iter_mut().filter(|finding| finding.status == Status::Charge) {
        if let Some(day) = charge.emp.and_then(|emp| days.get(&emp)) {
            charge.detail.push(("leaver_due".to_owned(), day.clone()));
        }
    }
    for leaver in findings.iter_mut().filter(|finding| finding.rule == "final-settlement") {
        if let Some(mut ids) = leaver.emp.and_then(|emp| open.get(&emp).cloned()) {
            ids.sort();
            leaver.detail.push(("open".to_owned(), ids.join("; ")));
        }
    }
}
