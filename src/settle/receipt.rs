//! Receipt (八(二)): without a signature on or before the day, no charge, and no lateness counted.

use super::Context;
use crate::{
    policy::{Param, Policy},
    schema::{
        findings::{Finding, Status},
        inputs::Inputs,
    },
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::BTreeMap;

const REQUIRED: Param<bool> = Param::new("acknowledgement.required");

/// Holds every charge and every classed late arrival of an employee who had not signed by that day.
pub(super) fn hold_unacknowledged(findings: &mut [Finding], context: &Context<'_>) -> PolarsResult<()> {
    let signed = Signatures::new(context.inputs, context.policy)?;
    for finding in findings.iter_mut().filter(|finding| matches!(finding.status, Status::Charge | Status::Classed)) {
        if signed.is_missing(finding) {
            finding.status = Status::Hold;
            "unacknowledged".clone_into(&mut finding.reason);
        }
    }
    Ok(())
}

/// The earliest signature of each employee.
pub(super) struct Signatures<'a> {
    earliest: BTreeMap<u32, NaiveDate>,
    policy: &'a Policy,
}

impl<'a> Signatures<'a> {
    pub(super) fn new(inputs: &Inputs, policy: &'a Policy) -> PolarsResult<Self> {
        let rows = inputs.table("acknowledgements");
        let (emps, days) = (rows.column("emp")?.u32()?, rows.column("signed_on")?.date()?);
        let mut earliest = BTreeMap::new();
        for (emp, day) in emps.iter().zip(days.as_date_iter()) {
            if let (Some(emp), Some(day)) = (emp, day) {
                earliest.entry(emp).and_modify(|first: &mut NaiveDate| *first = (*first).min(day)).or_insert(day);
            }
        }
        Ok(Self { earliest, policy })
    }

    /// Whether the finding's employee had to sign by its day, and had not.
    pub(super) fn is_missing(&self, finding: &Finding) -> bool {
        let is_required = self.policy.on(&REQUIRED, finding.occurred_on).unwrap_or(true);
        let signed = finding.emp.and_then(|emp| self.earliest.get(&emp));
        is_required && signed.is_none_or(|day| *day > finding.occurred_on)
    }
}
