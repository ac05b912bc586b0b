//! 六.2(1)(6)(7) Earned, and nobody has applied.
//!
//! > 为公司内外客户提供出色服务而受到多次赞扬 … 施工项目无客户投诉 … 内部验收、外部验收能一次性通过
//!
//! Reading: what the registers show to be earned is told to the manager, who alone applies; never an amount. Praised
//! `reward.candidate_praises` times in the payroll month without an application of category 1 in it; a project of
//! category 6 or 7 for its lead, without an application of that category and project ever. A rejected application is
//! an application.
//!
//! Reads `praises`, `projects`, `rewards`. Writes one notice, subject category and month or project, dated the praise
//! that reaches the number or the acceptance.
//! Not here: what speaks for a project (`facts::projects`), applications (`reward`).

use super::rule::{Found, Rule, detail, evidence, findings, no_text};
use crate::{
    facts::{Facts, fact, shown},
    policy::{Param, Policy, in_force_from},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "reward-candidate",
    clauses: &["六.2(1)", "六.2(6)", "六.2(7)"],
    title: ("嘉奖候选", "Candidate for a reward"),
    sentence: (
        "符合六.2({category})而无人申请[：本月受赞扬{count}次][：项目{project}于{accepted}验收]，可由部门经理申请",
        "meets 6.2({category}) and nobody applied[: praised {count} times this month][: project {project} accepted {accepted}]",
    ),
    sources: &["rewards", "praises", "projects", "complaints"],
    params: &["reward.candidate_praises"],
    is_for_judged: false,
    check,
    doc: include_str!("reward_candidate.rs"),
    ..Rule::DEFAULT
};

const PRAISES: Param<i64> = Param::new("reward.candidate_praises");
const COLUMNS: [&str; 9] =
    ["emp", "occurred_on", "subject", "status", "reason", "quantity", "price", "detail", "clause"];

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let (by_praise, praises) = praised(facts, policy)?;
    let of_projects = [of_project(facts, "6", "is_uncontested"), of_project(facts, "7", "is_passed")];
    let projects = concat(of_projects, UnionArgs::default())?.collect()?.lazy();
    let rows = [by_praise.select(COLUMNS.map(col)), projects.clone().select(COLUMNS.map(col))];
    let rows = concat(rows, UnionArgs::default())?;
    let of_project = facts.inputs.table("praises").clone().lazy();
    let of_project = of_project.select([col("project_id"), col("received_at"), col("ref").alias("praise_ref")]);
    let of_project = projects.clone().filter(col("subject").str().starts_with(lit("7:"))).join(
        of_project,
        [col("project_id")],
        [col("project_id")],
        JoinArgs::new(JoinType::Inner),
    );
    let evidence = vec![
        evidence(&praises, "ref", fact("praised", shown("received_at"))),
        evidence(&of_project, "praise_ref", fact("praised", shown("received_at"))),
        evidence(&projects, "ref", fact("accepted", col("accepted_on"))),
    ];
    Ok(Found { rows, evidence })
}

/// Category 1: the employees who were praised so often in the month, and their praises.
fn praised(facts: &Facts, policy: &Policy) -> PolarsResult<(LazyFrame, LazyFrame)> {
    let (first, last) = (facts.period.first, facts.period.last);
    let is_in_month = |time: &str| {
        let day = col(time).dt().date();
        day.clone().gt_eq(lit(first)).and(day.lt_eq(lit(last)))
    };
    let applied = facts.inputs.table("rewards").clone().lazy();
    let applied = applied.filter(col("category").eq(lit("1")).and(is_in_month("applied_at"))).select([col("emp")]);
    let praises = facts.inputs.table("praises").clone().lazy().filter(is_in_month("received_at"));
    let praises = praises
        .join(applied, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Anti))
        .sort(["received_at", "praise_id"], SortMultipleOptions::default())
        .with_columns([
            lit(1_i64).alias("one"),
            lit(format!("1:{}", facts.period.month)).alias("subject"),
            policy.expr(&PRAISES, &in_force(col("received_at").dt().date())).alias("limit"),
        ])
        .collect()?
        .lazy();
    let counted = praises.clone().with_columns([
        col("one").cum_sum(false).over([col("emp")])?.alias("nth"),
        col("one").sum().over([col("emp")])?.alias("count"),
    ]);
    let reached = counted.filter(col("nth").gt_eq(col("limit"))).group_by_stable([col("emp")]).agg([
        col("received_at").first(),
        col("subject").first(),
        col("count").first(),
    ]);
    let rows = candidates(
        reached,
        col("received_at").dt().date(),
        "1",
        detail([fact("category", lit("1")), fact("count", col("count"))]),
    );
    Ok((rows, praises))
}

/// The day, but not before the policy came into force: a praise of that time counts, and reaches no number of its own.
fn in_force(day: Expr) -> Expr {
    let first = lit(in_force_from());
    when(day.clone().lt(first.clone())).then(first).otherwise(day)
}

/// Category 6 or 7: the accepted projects that meet it.
fn of_project(facts: &Facts, category: &'static str, is_met: &str) -> LazyFrame {
    let applied = facts.inputs.table("rewards").clone().lazy().filter(col("category").eq(lit(category)));
    let applied = applied.filter(col("project_id").is_not_null()).select([col("project_id")]);
    let met = facts.projects.clone().lazy().filter(col(is_met).and(col("accepted_on").is_not_null()));
    let met = met.join(applied, [col("project_id")], [col("project_id")], JoinArgs::new(JoinType::Anti));
    let subject = (lit(format!("{category}:")) + col("project_id")).alias("subject");
    candidates(
        met.with_columns([subject]),
        col("accepted_on"),
        category,
        detail([
            fact("category", lit(category)),
            fact("project", col("project_id")),
            fact("accepted", col("accepted_on")),
        ]),
    )
}

fn candidates(frame: LazyFrame, day: Expr, category: &str, detail: Expr) -> LazyFrame {
    let columns = [
        col("emp"),
        day,
        col("subject"),
        lit("notice"),
        no_text(),
        lit(1_i64),
        lit(NULL).cast(DataType::Int64),
        detail,
    ];
    findings(frame.with_columns([lit(format!("六.2({category})")).alias("clause")]), columns)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn praised(days: &[&str], applications: &str) -> Vec<String> {
        let rows: Vec<String> = days.iter().enumerate().map(|(n, day)| format!("B{n},01,{day} 09:00,甲\n")).collect();
        let rows = format!("praise_id,employee_id,received_at,customer\n{}", rows.concat());
        let applied = format!("application_id,employee_id,category,applied_at,decision\n{applications}\n");
        Case::month("2026-10").table("praises", &rows).table("rewards", &applied).found("reward-candidate")
    }

    const THREE: [&str; 3] = ["2026-10-12", "2026-10-13", "2026-10-14"];

    #[test]
    fn three_praises_in_the_month_and_no_application_in_it() {
        assert_eq!(praised(&THREE, ""), ["01 1:2026-10 notice 1"]);
        assert!(praised(&THREE[..2], "").is_empty());
        assert!(praised(&[THREE[0], THREE[1], "2026-09-30"], "").is_empty());
        assert!(praised(&THREE, "R1,01,1,2026-10-31 09:00,rejected").is_empty());
        assert_eq!(praised(&THREE, "R1,01,1,2026-09-30 09:00,rejected").len(), 1);
        assert_eq!(praised(&THREE, "R1,01,2,2026-10-20 09:00,\nR2,02,1,2026-10-20 09:00,").len(), 1);
    }

    fn project(flags: &str, applications: &str, complaints: &str) -> Vec<String> {
        let rows = format!(
            "project_id,name,lead_id,started_on,accepted_on,internal_first_pass,external_first_pass,documents_complete,log_complete\nP,x,01,2026-08-01,{flags}\n"
        );
        let praises = "praise_id,employee_id,received_at,customer,channel,project_id\nB1,02,2026-09-01 09:00,甲,written,P\nB2,02,2026-09-01 09:00,甲,phone,P\n";
        let applied = format!("application_id,employee_id,category,project_id,applied_at\n{applications}\n");
        let complaints = format!("complaint_id,employee_id,received_at,verdict,decided_at,project_id\n{complaints}\n");
        Case::month("2026-10")
            .table("projects", &rows)
            .table("praises", praises)
            .table("rewards", &applied)
            .table("complaints", &complaints)
            .found("reward-candidate")
    }

    #[test]
    fn an_accepted_project_for_its_lead() {
        let both = ["01 6:P notice 1", "01 7:P notice 1"];
        assert_eq!(project("2026-10-12,y,y,y,y", "", ""), both);
        assert_eq!(project("2026-10-12,n,y,y,y", "", ""), both[..1]);
        assert!(project(",y,y,y,y", "", "").is_empty());
        assert!(project("2026-09-30,y,y,y,y", "", "").is_empty());
        assert_eq!(project("2026-10-12,y,y,y,y", "R1,02,6,P,2026-01-01 09:00", ""), both[1..]);
        assert_eq!(project("2026-10-12,y,y,y,y", "", "C,02,2026-10-12 10:00,upheld,2026-10-13 09:00,P"), both[1..]);
        assert_eq!(project("2026-10-12,y,y,y,y", "", "C,02,2026-10-13 10:00,upheld,2026-10-13 09:00,P"), both);
    }
}
