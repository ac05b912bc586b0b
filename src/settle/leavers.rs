//! Leavers (四): their charges are due on the leave date, and what is still open is listed: lines that wait for a
//! person, things not brought back (due or not), tasks not done.

use crate::schema::{
    findings::{Finding, Status},
    inputs::Inputs,
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::BTreeMap;

/// Adds to each `final-settlement` the ids of the employee's lines of the month that are open, and to their charges
/// the leave date.
pub(super) fn leavers(findings: &mut [Finding], inputs: &Inputs) -> PolarsResult<()> {
    let is_open = |finding: &&Finding| {
        matches!(finding.status, Status::Hold | Status::Unpriced)
            || (finding.status == Status::Notice && finding.rule == "task-overdue")
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
        let Some(emp) = leaver.emp else { continue };
        let lists =
            [("open", open.remove(&emp).unwrap_or_default()), ("loans", borrowed(inputs, emp, leaver.occurred_on)?)];
        for (name, mut ids) in lists.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            ids.sort();
            leaver.detail.push((name.to_owned(), ids.join("; ")));
        }
    }
    Ok(())
}

/// What the employee has borrowed and not given back by `day`, due or not, whenever that was.
fn borrowed(inputs: &Inputs, emp: u32, day: NaiveDate) -> PolarsResult<Vec<String>> {
    let is_out = col("returned_at").dt().date().lt_eq(lit(day)).fill_null(lit(false)).not();
    let own = col("emp").eq(lit(emp)).and(col("borrowed_at").dt().date().lt_eq(lit(day)));
    let loans = inputs.table("loans").clone().lazy().filter(own.and(is_out)).collect()?;
    Ok(loans.column("loan_id")?.str()?.iter().flatten().map(str::to_owned).collect())
}
