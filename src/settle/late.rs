//! What an issued month may not do by itself: charge more than it did, and pay what another month pays.
//!
//! A new charge on an issued month, or a higher one, waits as `late-charge` until somebody confirms it: the employee
//! had the sheet, and was paid by it. What is in the employee's favour needs nobody. The whole line waits, so what was
//! charged of it before is paid back until then. A confirmation that an edition of the month has read is of what stood
//! there: what is more than that, or somebody else's, waits for a new one. A charge that the limit cut waits too where
//! it would rise.
//!
//! A record whose month changes afterwards (a complaint decided on another day) is in two months: the second one waits
//! as `other-month` until the first is judged again and lets go of it.

use super::{Context, due_on};
use crate::{
    base::money::Fen,
    schema::findings::{Finding, Status},
};

/// Gives whether anything waits that was a charge.
pub(super) fn hold(findings: &mut [Finding], context: &Context<'_>) -> bool {
    let mut has_held = false;
    for finding in findings {
        let is_money = finding.amount.is_some_and(|amount| amount > Fen(0));
        let is_charge = finding.status == Status::Charge && is_money;
        let is_new = || context.past.charged.as_ref().is_some_and(|charged| !charged.covers(finding));
        let reason = if is_charge && !finding.is_confirmed && is_new() {
            "late-charge"
        } else if (is_charge || (finding.status == Status::Credit && is_money) || finding.status == Status::Hours)
            && let Some(month) = context.past.elsewhere.get(&finding.id)
        {
            finding.detail.push(("other_month".to_owned(), month.to_string()));
            "other-month"
        } else {
            continue;
        };
        has_held |= is_charge;
        finding.status = Status::Hold;
        reason.clone_into(&mut finding.reason);
        finding.amount = None;
        finding.due_on = due_on(finding, context);
    }
    has_held
}
