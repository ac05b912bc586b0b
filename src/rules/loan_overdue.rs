//! 八.6 Loans.
//!
//! > 向库房借用物品或借备机 … 请妥善保管,并在规定的时间内归还
//!
//! Reading: back on the day it was lent until is in time. A reminder; what is lost is a loss (八.14).
//!
//! Reads `loans`. Writes one notice per loan that was not back, dated the day after.
//! Not here: compensation (`loss`).

use super::rule::{Found, Rule, evidence, notices};
use crate::{
    facts::{Facts, fact, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "loan-overdue",
    clauses: &["八.6"],
    title: ("借用逾期", "Loan overdue"),
    sentence: (
        "借用{item}，应于{due}(含)以前归还，[实于{returned.day}归还|未见归还]",
        "{item} was lent until {due}, [returned {returned.day}|not returned]",
    ),
    sources: &["loans"],
    columns: &[("loans", "returned_at")],
    check,
    doc: include_str!("loan_overdue.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let is_back = col("returned_at").dt().date().lt_eq(col("due_on")).fill_null(lit(false));
    let rows = notices(
        facts.inputs.table("loans").clone().lazy().filter(is_back.not()),
        [col("emp"), col("due_on") + lit(chrono::Duration::days(1)), col("loan_id")],
        [fact("item", col("item")), fact("due", col("due_on")), fact("returned", shown("returned_at"))],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("due", col("due_on")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(month: &str, due: &str, returned: &str) -> Vec<String> {
        let rows = format!(
            "loan_id,employee_id,item,borrowed_at,due_on,returned_at\nL1,01,meter,2026-10-01 09:00,{due},{returned}\n"
        );
        Case::month(month).table("loans", &rows).found("loan-overdue")
    }

    #[test]
    fn back_on_the_day_is_in_time() {
        assert!(found("2026-10", "2026-10-12", "2026-10-12 23:59").is_empty());
        assert_eq!(found("2026-10", "2026-10-12", "2026-10-13 00:00"), ["01 L1 notice 1"]);
        assert_eq!(found("2026-10", "2026-10-12", ""), ["01 L1 notice 1"]);
    }

    #[test]
    fn dated_the_day_after_even_where_that_is_a_sunday() {
        assert!(found("2026-10", "2026-10-31", "").is_empty());
        assert_eq!(found("2026-11", "2026-10-31", ""), ["01 L1 notice 1"]);
    }
}
