//! 六.1 Assessment of projects.
//!
//! > 工程项目管理部门的考核:按安全(含文明施工)、质量、进度、成本控制四个方面进行考核
//!
//! Reading: the text gives no number and no consequence. Every accepted project is told with what the register says
//! of the four, what is missing included; what follows is for people.
//!
//! Reads `projects`. Writes one notice per accepted project to its lead, dated the acceptance.
//! Not here: rewards for projects (`reward`, `reward-candidate`).

use super::rule::{Found, Rule, evidence, notices};
use crate::{
    facts::{Facts, fact},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "project-assessment",
    clauses: &["六.1"],
    title: ("项目考核", "Project assessment"),
    sentence: (
        "项目{subject}“{name}”：安全{safety.words}，质量{quality.words}，进度{schedule.words}，成本{cost.words}",
        "project {subject} \"{name}\": safety {safety.words}, quality {quality.words}, schedule {schedule.words}, cost {cost.words}",
    ),
    sources: &["projects"],
    is_for_judged: false,
    check,
    doc: include_str!("project_assessment.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let accepted = facts.inputs.table("projects").clone().lazy().filter(col("accepted_on").is_not_null());
    let says = |name: &str| fact(name, col(name).fill_null(lit("missing")));
    let rows = notices(
        accepted,
        [col("lead_id"), col("accepted_on"), col("project_id")],
        [fact("name", col("name")), says("safety"), says("quality"), says("schedule"), says("cost")],
    );
    Ok(Found { evidence: vec![evidence(&rows, "ref", fact("accepted", col("accepted_on")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    #[test]
    fn every_accepted_project_whatever_the_marks() {
        let found = |rest: &str| {
            let rows =
                format!("project_id,name,lead_id,started_on,accepted_on,safety,quality\nP,x,01,2026-08-01,{rest}\n");
            Case::month("2026-10").table("projects", &rows).found("project-assessment")
        };
        assert_eq!(found("2026-10-31,pass,fail"), ["01 P notice 1"]);
        assert_eq!(found("2026-10-01,,"), ["01 P notice 1"]);
        assert!(found(",pass,pass").is_empty());
        assert!(found("2026-09-30,pass,pass").is_empty());
    }
}
