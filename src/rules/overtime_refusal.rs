//! 五.2(3) Overtime refused.
//!
//! > 技术部所有员工不得拒绝加班,凡拒绝加班者一律扣发或减少其相应的累计未发放奖励
//!
//! Reading: withholding a reward for refusing overtime is hardly lawful (劳动法 41, 劳动合同法 31), so nothing follows
//! by itself: general manager and lawyer decide. They may take an amount, at most what the employee's rewards of the
//! month come to after decisions, less what earlier refusals took; without an amount it is a note. Pay rises and
//! promotion are not a program's business.
//!
//! Reads `overtime`, and what decisions made of `reward` findings. Writes one hold per refused claim, dated its start.
//! Not here: how much is left of the rewards (`settle::decisions`).

use super::rule::{Confirm, Direction, Found, Group, Rule, detail, evidence, findings};
use crate::{
    facts::{Facts, fact, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "overtime-refusal",
    clauses: &["五.2(3)"],
    title: ("拒绝加班", "Overtime refused"),
    sentence: ("{start}至{end}的加班被拒绝", "overtime {start} to {end} was refused"),
    sources: &["overtime"],
    direction: Direction::Deduction("company", Group::Other),
    is_for_judged: false,
    is_after_decisions: true,
    confirms: &[("refusal", Confirm::NoticeOrFromRewards)],
    check,
    doc: include_str!("overtime_refusal.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let refused = facts.inputs.table("overtime").clone().lazy().filter(col("status").eq(lit("refused")));
    let rows = findings(
        refused.rename(["reason"], ["claim_reason"], true),
        [
            col("emp"),
            col("start").dt().date(),
            col("claim_id"),
            lit("hold"),
            lit("refusal"),
            lit(1_i64),
            lit(NULL),
            detail([fact("start", shown("start")), fact("end", shown("end"))]),
        ],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("refused", shown("start")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    #[test]
    fn refused_claims_only_and_in_the_month_of_their_start() {
        let rows = "claim_id,employee_id,start,end,status\n\
            J1,01,2026-10-31 23:30,2026-11-01 01:00,refused\nJ2,01,2026-10-12 18:00,2026-10-12 20:00,claimed\n\
            J3,new,2026-10-16 18:00,2026-10-16 20:00,refused\n";
        let case = |month: &str| Case::month(month).table("overtime", rows);
        // Who joins that very day is asked too: overtime needs no judged day.
        assert_eq!(case("2026-10").found("overtime-refusal"), ["01 J1 hold(refusal) 1", "new J3 hold(refusal) 1"]);
        assert!(case("2026-11").found("overtime-refusal").is_empty());
    }
}
