//! 八.1–八.4 Inspections.
//!
//! > 必须佩带工作牌上岗 … 个人着装应干净、得体、大方 … 精神饱满 … 保持办公室的整洁 … 不得从事与工作无关的事情,不得违反公司相关保密、安全等制度
//!
//! Reading: the text names no amount for any of these, so there is none, ever: what an inspection found is a note for
//! the manager. It cites the clause of its item: badge and attire 八.1, posture 八.2, tidiness 八.3, private matters,
//! confidentiality and safety 八.4. An inspection without a person is of the place.
//!
//! Reads `inspections`. Writes one notice per item that failed, dated the day of the inspection.
//! Not here: doors, windows, computers and power in the evening (`last-out`).

use super::rule::{Found, Rule, evidence, notices};
use crate::{
    facts::{Facts, fact, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "inspection",
    clauses: &["八.1①", "八.1②", "八.2", "八.3①", "八.3②", "八.4①", "八.4②"],
    title: ("检查不合格", "Inspection failed"),
    sentence: (
        "{inspected}检查{item.words}不合格[，{area}][，{note}]",
        "inspected {inspected}: {item.words} failed[, {area}][, {note}]",
    ),
    sources: &["inspections"],
    check,
    doc: include_str!("inspection.rs"),
    ..Rule::DEFAULT
};

/// Which clause an item belongs to.
const ITEMS: [(&str, &str); 7] = [
    ("badge", "八.1"),
    ("attire", "八.1"),
    ("posture", "八.2"),
    ("tidiness", "八.3"),
    ("private-matter", "八.4"),
    ("confidentiality", "八.4"),
    ("safety", "八.4"),
];

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let clause = ITEMS.into_iter().fold(no_clause(), |otherwise, (item, clause)| {
        when(col("item").eq(lit(item))).then(lit(clause)).otherwise(otherwise)
    });
    let failed = facts.inputs.table("inspections").clone().lazy().filter(col("result").eq(lit("fail")));
    let failed = failed.with_columns([clause.alias("clause")]).filter(col("clause").is_not_null());
    let rows = notices(
        failed,
        [col("emp"), col("inspected_at").dt().date(), col("inspection_id")],
        [
            fact("inspected", shown("inspected_at")),
            fact("item", col("item")),
            fact("area", col("area")),
            fact("note", col("note")),
        ],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("item", col("item")))], rows })
}

fn no_clause() -> Expr {
    lit(NULL).cast(DataType::String)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(rows: &str) -> Vec<String> {
        let rows = format!("inspection_id,inspected_at,area,item,result,employee_id\n{rows}\n");
        Case::month("2026-10").table("inspections", &rows).found("inspection")
    }

    #[test]
    fn what_failed_with_or_without_a_person() {
        assert_eq!(found("I1,2026-10-12 10:00,二楼,badge,fail,01"), ["01 I1 notice 1"]);
        assert_eq!(found("I1,2026-10-12 10:00,二楼,tidiness,fail,"), [":: I1 notice 1"]);
        assert!(found("I1,2026-10-12 10:00,二楼,badge,pass,01").is_empty());
        assert!(found("I1,2026-10-12 20:00,二楼,window,fail,01").is_empty());
    }

    #[test]
    fn nobody_is_judged_on_the_day_of_joining() {
        assert!(found("I1,2026-10-16 10:00,二楼,badge,fail,new").is_empty());
        assert_eq!(found("I1,2026-10-17 10:00,二楼,badge,fail,new"), ["new I1 notice 1"]);
    }
}
