//! Floor 5: rule → decisions → merged → receipt → counting → limits → postings (2.1 *Settlement order*, 2.9). Pure.

mod adjust;
mod compare;
mod count;
mod decisions;
mod late;
mod leavers;
mod ledger;
mod limits;
mod merge;
mod past;
mod receipt;
mod register;
mod staff;

pub use adjust::{Bookings, adjusting_postings, adjustments, bookings, sort, take_up};
pub use compare::{compare, net};
pub use decisions::{Decision, Rewards, resolve};
pub use ledger::{ledger, postings};
pub use past::{Charged, Past};
pub use register::{Register, decisions};

use crate::{
    base::{money::Fen, month::Period},
    calendar::Calendar,
    policy::{Param, Policy},
    rules::{Direction, rule},
    schema::{
        findings::{Finding, Status},
        inputs::Inputs,
    },
};
use chrono::NaiveDate;

/// What settlement reads beside the findings.
pub struct Context<'a> {
    /// The typed tables.
    pub inputs: &'a Inputs,
    /// The dated values.
    pub policy: &'a Policy,
    /// Workdays, for due days.
    pub calendar: &'a Calendar,
    /// The payroll month.
    pub period: Period,
    /// What earlier editions say.
    pub past: &'a Past,
}

/// Settles findings after decisions: merging, receipt, counting, what an issued month may not charge, limits; fills the columns that follow. Only those of
/// the month stay: the others were there to be merged with.
///
/// # Errors
/// Those of the dataframe engine.
pub fn settle(findings: &mut Vec<Finding>, context: &Context<'_>) -> polars::prelude::PolarsResult<()> {
    merge::merge(findings);
    findings.retain(|finding| finding.belongs_to == context.period.month);
    receipt::hold_unacknowledged(findings, context)?;
    count::count(findings, context.policy);
    for finding in findings.iter_mut() {
        fill(finding, context);
    }
    limits::warn(findings, context);
    // What waits takes nothing of the limit, so what is left is limited anew.
    loop {
        limits::cap(findings, context)?;
        if !late::hold(findings, context) {
            break;
        }
        limits::lift(findings);
    }
    leavers::leavers(findings, context.inputs)
}

/// Fills amount, destination, reason and due day as the status asks for.
fn fill(finding: &mut Finding, context: &Context<'_>) {
    let (status, price) = (finding.status, finding.unit_amount);
    finding.amount = match status {
        Status::Charge | Status::Credit => finding.amended.or(price),
        Status::Counted => Some(Fen(0)),
        _ => None,
    };
    let direction = rule(finding.rule).map_or(Direction::None, |rule| rule.direction);
    finding.destination = match (direction, price) {
        (Direction::Deduction(destination, _), Some(_)) => destination,
        _ => "",
    };
    if !matches!(status, Status::Hold | Status::Notice) {
        finding.reason.clear();
    }
    finding.due_on = if status == Status::Hold { due_on(finding, context) } else { None };
}

/// Until when a held line should be answered; none where the calendar ends.
fn due_on(finding: &Finding, context: &Context<'_>) -> Option<NaiveDate> {
    const ANSWER: Param<i64> = Param::new("hold.answer_workdays");
    let workdays = context.policy.on(&ANSWER, finding.occurred_on).and_then(|days| u64::try_from(days).ok())?;
    context.calendar.after_workdays(finding.occurred_on, workdays)
}
