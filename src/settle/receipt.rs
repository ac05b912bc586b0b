//! Receipt (八(二)): without a signature on or before the day, no charge, and no lateness counted.

use super::Context;
use crate::{
    policy::Param,
    schema::findings::{Finding, Status},
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::BTreeMap;

const REQUIRED: Param<bool> = Param::new("acknowledgement.required");

/// Holds every charge and every classed late arrival of an employee who had not signed by that day.
pub(super) fn hold_unacknowledged(findings: &mut [Finding], context: &Context<'_>) -> PolarsResult<()> {
    let signed = signatures(context)?;
    for finding in findings.iter_mut().filter(|finding| matches!(finding.status, Status::Charge | Status::Classed)) {
        let is_required = context.policy.on(&REQUIRED, finding.occurred_on).unwrap_or(true);
        let has_signed = finding.emp.and_then(|emp| signed.get(&emp)).is_some_and(|day| *day <= finding.occurred_on);
        if is_required && !has_signed {
            finding.status = Status::Hold;
            "unacknowledged".clone_into(&mut finding.reason);
        }
    }
    Ok(())
}

/// The earliest signature of each employee.
fn signatures(context: &Context<'_>) -> PolarsResult<BTreeMap<u32, NaiveDate>> {
    let rows = context.inputs.table("acknowledgements");
    let (emps, days) = (rows.column("emp")?.u32()?, rows.column("signed_on")?.date()?);
    let mut earliest = BTreeMap::new();
    for (emp, day) in emps.iter().zip(days.as_date_iter()) {
        if let (Some(emp), Some(day)) = (emp, day) {
            earliest.entry(emp).and_modify(|first: &mut NaiveDate| *first = (*first).min(day)).or_insert(day);
        }
    }
    Ok(earliest)
}
