//! 四 Final settlement.
//!
//! > 离职手续 … 离职的程序详见行政部规章制度
//!
//! Reading: wages are settled in one go on leaving, so a leaver's lines are due on the leave date and nothing is
//! chased afterwards. One reminder per leaver of the month; when everything is settled it lists what is still open.
//!
//! Reads `employees`. Writes one notice per leaver, dated and named by the leave date.
//! Not here: what is open (told from the settled findings, `settle::leavers`).

use super::rule::{Found, Rule, evidence, notices};
use crate::{facts::Facts, policy::Policy};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "final-settlement",
    clauses: &["四"],
    title: ("离职结算", "Final settlement"),
    sentence: (
        "{subject}离职，扣款与奖励于当日结清[，待办：{open}][，借用未还：{loans}]",
        "leaves on {subject}: deductions and rewards are settled that day[; open: {open}][; lent and not returned: {loans}]",
    ),
    is_for_judged: false,
    check,
    doc: include_str!("final_settlement.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let leavers = facts.inputs.table("employees").clone().lazy().filter(col("leave_date").is_not_null());
    let rows = notices(leavers, [col("emp"), col("leave_date"), col("leave_date").cast(DataType::String)], []);
    Ok(Found { evidence: vec![evidence(&rows, "ref", lit("leave_date"))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    #[test]
    fn one_per_leaver_of_the_month_whoever_it_is() {
        let found = |left: &str| {
            let staff = format!("employee_id,name,department,hire_date,leave_date\n01,A,R,2026-10-12,{left}\n");
            Case::month("2026-10").table("employees", &staff).found("final-settlement")
        };
        assert_eq!(found("2026-10-31"), ["01 2026-10-31 notice 1"]);
        assert_eq!(found("2026-10-12"), ["01 2026-10-12 notice 1"]);
        assert!(found("2026-11-01").is_empty());
        assert!(found("").is_empty());
    }
}
