//! Limits (2.10): what the law of the place leaves of the month's deductions.
//!
//! `deduct` limits nothing. `cap` pays the charges of an employee in order of day, rule and subject, losses included,
//! as long as they stay within the lower of two limits: a share of the wage, and what the wage has above the minimum
//! wage. The one that crosses is cut, later ones are 0; both say `capped`, and nothing is carried to another month.
//! Without a wage the cap is not assumed: the row and the cover say 上限未核. `warn-only` turns every charge but the
//! compensation of a loss into a notice. All values are those of the month's last day.

use super::Context;
use crate::{
    base::money::Fen,
    policy::Param,
    schema::findings::{Finding, Status},
};
use polars::prelude::PolarsResult;
use std::collections::BTreeMap;

const MODE: Param<String> = Param::new("limits.mode");
const PERCENT: Param<i64> = Param::new("limits.wage_percent");
const MINIMUM: Param<Fen> = Param::new("limits.minimum_wage");
/// The rule whose charges are compensation and not a fine.
const COMPENSATION: &str = "loss";
/// The reason of a charge that the limit cut.
const CAPPED: &str = "capped";

/// The mode of the month's last day.
fn is_mode(context: &Context<'_>, mode: &str) -> bool {
    context.policy.on(&MODE, context.period.last).as_deref() == Some(mode)
}

/// `warn-only`, where that is the mode.
pub(super) fn warn(findings: &mut [Finding], context: &Context<'_>) {
    if !is_mode(context, "warn-only") {
        return;
    }
    let fines = findings.iter_mut().filter(|finding| finding.status == Status::Charge && finding.rule != COMPENSATION);
    for fine in fines {
        fine.status = Status::Notice;
        "warn-only".clone_into(&mut fine.reason);
        fine.amount = None;
    }
}

/// Takes back what `cap` cut, to cut anew.
pub(super) fn lift(findings: &mut [Finding]) {
    for finding in findings.iter_mut() {
        finding.detail.retain(|(name, _)| name != "limit_unchecked");
        if finding.status == Status::Charge && finding.reason == CAPPED {
            finding.reason.clear();
            finding.amount = finding.amended.or(finding.unit_amount);
        }
    }
}

/// `cap`, where that is the mode.
pub(super) fn cap(findings: &mut [Finding], context: &Context<'_>) -> PolarsResult<()> {
    if !is_mode(context, "cap") {
        return Ok(());
    }
    let last = context.period.last;
    let (percent, minimum) = (context.policy.on(&PERCENT, last), context.policy.on(&MINIMUM, last));
    let wages = context.inputs.table("employees").column("monthly_wage")?.i64()?;
    let mut charges: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.status == Status::Charge) {
        if let Some(emp) = finding.emp {
            charges.entry(emp).or_default().push(index);
        }
    }
    for (emp, mut own) in charges {
        own.sort_by(|a, b| {
            let order = |index: &usize| (findings[*index].occurred_on, findings[*index].rule);
            order(a).cmp(&order(b)).then_with(|| findings[*a].subject.cmp(&findings[*b].subject))
        });
        let wage = wages.get(emp as usize).map(Fen);
        let Some(limit) = wage.and_then(|wage| limit_of(wage, percent, minimum)) else {
            for index in own {
                findings[index].detail.push(("limit_unchecked".to_owned(), String::new()));
            }
            continue;
        };
        // What is left of the limit; nothing once a charge has crossed it.
        let mut left = Some(limit);
        for index in own {
            let amount = findings[index].amount.unwrap_or_default();
            match left {
                Some(Fen(rest)) if amount.0 <= rest => left = Some(Fen(rest - amount.0)),
                _ => {
                    findings[index].amount = Some(left.take().unwrap_or_default());
                    CAPPED.clone_into(&mut findings[index].reason);
                }
            }
        }
    }
    Ok(())
}

/// The most that may be deducted from a wage in a month, rounded down to the fen; `None` where no limit has a value.
fn limit_of(wage: Fen, percent: Option<i64>, minimum: Option<Fen>) -> Option<Fen> {
    let share = percent.map(|percent| wage.0 * percent / 100);
    let above = minimum.map(|minimum| wage.0 - minimum.0);
    let lower = [share, above].into_iter().flatten().min()?;
    Some(Fen(lower.max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_of_share_and_minimum_wage_rounded_down() {
        let yuan = |yuan: i64| Fen(yuan * 100);
        assert_eq!(limit_of(Fen(300_003), Some(20), None), Some(Fen(60_000)));
        assert_eq!(limit_of(Fen(300_004), Some(20), None), Some(Fen(60_000)));
        assert_eq!(limit_of(Fen(300_005), Some(20), None), Some(Fen(60_001)));
        assert_eq!(limit_of(yuan(3000), Some(20), Some(yuan(2500))), Some(yuan(500)));
        assert_eq!(limit_of(yuan(3000), Some(20), Some(yuan(2000))), Some(yuan(600)));
        assert_eq!(limit_of(yuan(2000), Some(20), Some(yuan(2500))), Some(Fen(0)));
        assert_eq!(limit_of(yuan(2000), None, None), None);
    }
}
