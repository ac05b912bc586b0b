//! One act, one fine (2.2 *Merged*, 2.5, 2.6): `merged` replaces every status but `waived`.

use crate::schema::findings::{Finding, Status};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::{BTreeMap, BTreeSet};

/// Merges late arrivals with the meeting's fine, meeting absences with the confirmed absence of the day, and overdue
/// tasks with what is said of their ticket, in whatever month.
pub(super) fn merge(findings: &mut [Finding]) {
    merge_tasks(findings);
    let absent: BTreeSet<(u32, NaiveDate)> = findings
        .iter()
        .filter(|finding| finding.rule == "absence" && finding.status == Status::Notice)
        .filter_map(|finding| Some((finding.emp?, finding.occurred_on)))
        .collect();
    let mut fined: BTreeMap<(u32, NaiveDate), Vec<(NaiveDateTime, String)>> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.rule.starts_with("meeting-")) {
        let Some(emp) = finding.emp else { continue };
        let key = (emp, finding.occurred_on);
        let is_absence = finding.rule == "meeting-absence";
        if is_absence && finding.status != Status::Waived && absent.contains(&key) {
            finding.status = Status::Merged;
            finding
                .detail
                .push(("merged_into".to_owned(), format!("absence:{}:{}", finding.employee_id, finding.occurred_on)));
        }
        let is_objected = finding.status == Status::Hold && finding.reason == "objection";
        if let Some(start) = finding.from
            && (finding.status == Status::Charge || is_objected)
        {
            fined.entry(key).or_default().push((start, finding.id.clone()));
        }
    }
    for late in findings.iter_mut().filter(|finding| finding.rule == "late-arrival" && finding.status != Status::Waived)
    {
        let starts = late.emp.and_then(|emp| fined.get(&(emp, late.occurred_on)));
        let is_same_act = |(start, _): &&(NaiveDateTime, String)| {
            late.from.is_some_and(|work_start| work_start <= *start)
                && late.until.is_none_or(|first_in| *start < first_in)
        };
        if let Some((_, id)) = starts.into_iter().flatten().find(is_same_act) {
            late.status = Status::Merged;
            late.detail.push(("merged_into".to_owned(), id.clone()));
        }
    }
}

/// A task that names a ticket is merged with any finding about that ticket that is not waived.
fn merge_tasks(findings: &mut [Finding]) {
    let repairs =
        findings.iter().filter(|finding| finding.rule.starts_with("repair-") && finding.status != Status::Waived);
    let mut overdue: BTreeMap<String, String> = BTreeMap::new();
    for repair in repairs {
        let first = overdue.entry(repair.subject.clone()).or_insert_with(|| repair.id.clone());
        if repair.id < *first {
            first.clone_from(&repair.id);
        }
    }
    for task in findings.iter_mut().filter(|finding| finding.rule == "task-overdue" && finding.status != Status::Waived)
    {
        if let Some(id) = task.detail("ticket").and_then(|ticket| overdue.get(ticket)) {
            task.status = Status::Merged;
            task.detail.push(("merged_into".to_owned(), id.clone()));
        }
    }
}
