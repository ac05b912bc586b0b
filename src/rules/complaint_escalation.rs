//! 八.16 Five complaints in a year.
//!
//! > 若被客户有理投诉超过5次(含),公司有权决定调动员工工作岗位或离职
//!
//! Reading: 超过 would leave out the fifth, the bracket takes it in: told at the fifth. The text gives no period; the
//! calendar year. Matters that a decision waived do not count; where `complaint` itself is switched off or in shadow
//! mode, every upheld matter counts: what is not charged is not waived. Never automatic: 已达5次(含), 请人工判断.
//!
//! Reads `matters` of the year and what decisions made of them. Writes one notice per employee and year, dated the day
//! of the matter that reaches the count.
//! Not here: decisions (`settle`); it runs after those on complaints are known.

use super::rule::{Found, Rule, evidence, findings};
use crate::{
    facts::{Facts, fact, proven_through},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "complaint-escalation",
    clauses: &["八.16"],
    title: ("投诉达5次", "Five complaints"),
    sentence: (
        "{subject}年有理投诉已达{count}次(含)，请人工判断",
        "{count} upheld complaints in {subject}: please decide",
    ),
    sources: &["complaints"],
    params: &["complaint.escalation_count"],
    is_after_decisions: true,
    check,
    doc: include_str!("complaint_escalation.rs"),
    ..Rule::DEFAULT
};

const COUNT: Param<i64> = Param::new("complaint.escalation_count");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let waived: Vec<&str> = facts.waived.iter().map(String::as_str).collect();
    let waived = df!("finding" => waived)?.lazy();
    let is_proven = proven_through(&facts.inputs, &["complaints"])
        .map_or_else(|| lit(true), |through| col("decided_on").lt_eq(lit(through)));
    let ids = facts.inputs.table("employees").clone().lazy().select([col("emp").alias("staff"), col("employee_id")]);
    let id = lit("complaint:") + col("employee_id") + lit(":") + col("subject");
    let matters = facts.with_employment(facts.matters.clone().lazy(), "emp");
    let counted = matters
        .filter(Facts::is_judged(col("decided_on")).and(is_proven))
        .join(ids, [col("emp")], [col("staff")], JoinArgs::new(JoinType::Left))
        .with_columns([
            id.alias("finding"),
            col("decided_on").dt().year().alias("year"),
            policy.expr(&COUNT, &col("decided_on")).alias("limit"),
        ])
        .join(waived, [col("finding")], [col("finding")], JoinArgs::new(JoinType::Anti))
        .sort(["decided_at", "subject"], SortMultipleOptions::default())
        .collect()?;
    let counted = counted.lazy().with_columns([lit(1_i64).alias("one")]);
    let counted = counted.with_columns([col("one").cum_sum(false).over([col("emp"), col("year")])?.alias("nth")]);
    let reached = counted.filter(col("nth").gt_eq(col("limit"))).group_by_stable([col("emp"), col("year")]).agg([
        col("decided_on").first(),
        col("subject").first().alias("matter"),
        col("nth").first(),
        col("ref").first(),
    ]);
    let rows = findings(
        reached,
        [
            col("emp"),
            col("decided_on"),
            col("year").cast(DataType::String),
            lit("notice"),
            lit(NULL).cast(DataType::String),
            lit(1_i64),
            lit(NULL),
            concat_str([fact("count", col("nth")), fact("matter", col("matter"))], "\u{1f}", true),
        ],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("matter", col("matter")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(days: &[&str]) -> Vec<String> {
        let rows = days.iter().enumerate().map(|(n, day)| format!("C{n},01,{day} 09:00,upheld,一般,{day} 09:00\n"));
        let rows: String = rows.collect();
        let header = "complaint_id,employee_id,received_at,verdict,grade,decided_at\n";
        Case::month("2026-10").table("complaints", &format!("{header}{rows}")).found("complaint-escalation")
    }

    #[test]
    fn the_fifth_of_the_calendar_year() {
        let four = ["2026-01-05", "2026-03-02", "2026-06-01", "2026-10-12"];
        assert!(found(&four).is_empty());
        assert_eq!(found(&[&four[..], &["2026-10-13"]].concat()), ["01 2026 notice 1"]);
        assert!(found(&[&four[..], &["2025-12-31"]].concat()).is_empty());
        assert!(found(&[&four[..], &["2026-09-30", "2026-10-20"]].concat()).len() == 1);
    }

    #[test]
    fn once_a_year_and_only_in_the_month_that_reaches_it() {
        let earlier = ["2026-01-05", "2026-03-02", "2026-06-01", "2026-08-03", "2026-09-01"];
        assert!(found(&[&earlier[..], &["2026-10-13"]].concat()).is_empty());
    }
}
