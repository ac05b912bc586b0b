//! 六.2, 六.3 Reward.
//!
//! > 嘉奖由部门经理参照奖励标准提交申请表于总经办,经批准后,于当月工资一起发放
//!
//! Reading: the amount comes from the approval, never from a program. Before it is paid the application is checked
//! against what other registers say: a fact is stated; a manager of the same department applied; category 1 has two
//! praises of different customers within twelve months; 6 has no upheld complaint from the project's start to its
//! acceptance; 7 passed both acceptances first time, with documents, log, a written and a phone praise; the others
//! state their evidence. What does not hold waits for a person, named. Approved without an amount waits too.
//!
//! Reads `rewards`, `praises`, `projects`, `complaints`. Writes one finding per application, dated the approval.
//! Not here: candidates nobody has applied for.

use super::rule::{Confirm, Direction, Found, Rule, evidence, findings};
use crate::{
    base::moment,
    facts::{Facts, fact, lacking, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "reward",
    clauses: &["六.2", "六.2(1)", "六.2(2)", "六.2(3)", "六.2(4)", "六.2(5)", "六.2(6)", "六.2(7)", "六.2(8)", "六.3①"],
    title: ("嘉奖", "Reward"),
    sentence: ("六.2({category})嘉奖:{fact}[;{missing.words}]", "reward 6.2({category}): {fact}[; {missing.words}]"),
    sources: &["rewards", "praises", "projects", "complaints"],
    direction: Direction::Reward,
    is_for_judged: false,
    confirms: &[("cross-check", Confirm::CreditUpTo), ("amount", Confirm::CreditOf)],
    check,
    doc: include_str!("reward.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let key = || [col("application_id")];
    let left = || JoinArgs::new(JoinType::Left);
    let applications = with_year_before(facts.inputs.table("rewards").clone())?.lazy();
    let applications = applications.filter(col("decision").is_null().or(col("decision").eq(lit("approved"))));
    let applications = applications
        .clone()
        .join(managed(facts, applications.clone()), key(), key(), left())
        .join(praised(facts, applications.clone()), key(), key(), left())
        .join(
            facts
                .projects
                .clone()
                .lazy()
                .select(["project_id", "is_uncontested", "is_passed", "contested_ref"].map(col)),
            [col("project_id")],
            [col("project_id")],
            left(),
        )
        .with_columns(
            ["is_managed", "is_praised", "is_uncontested", "is_passed"].map(|flag| col(flag).fill_null(lit(false))),
        );
    let is_filled = |name: &str| col(name).is_not_null();
    let by_category = when(col("category").eq(lit("1")))
        .then(col("is_praised"))
        .when(col("category").eq(lit("6")))
        .then(col("is_uncontested"))
        .when(col("category").eq(lit("7")))
        .then(col("is_passed"))
        .otherwise(is_filled("evidence"));
    let missing =
        [lacking(is_filled("fact"), "fact"), lacking(col("is_managed"), "manager"), lacking(by_category, "category")];
    let is_pending = || col("decision").is_null();
    let has_amount = || col("amount").gt(lit(0_i64)).fill_null(lit(false));
    let applications = applications.with_columns([concat_str(missing, " ", true).alias("missing")]);
    let is_proven = || col("missing").eq(lit(""));
    let status = when(is_pending())
        .then(lit("notice"))
        .when(has_amount().and(is_proven()))
        .then(lit("credit"))
        .otherwise(lit("hold"));
    let reason = when(is_pending())
        .then(lit("pending"))
        .when(has_amount().not())
        .then(lit("amount"))
        .when(is_proven().not())
        .then(lit("cross-check"))
        .otherwise(lit(NULL).cast(DataType::String));
    let shown_missing = when(is_proven()).then(lit(NULL).cast(DataType::String)).otherwise(col("missing"));
    let facts_shown = [
        fact("category", col("category")),
        fact("applied", shown("applied_at")),
        fact("approved", shown("approved_at")),
        fact("missing", shown_missing),
        fact("fact", col("fact")),
    ];
    let rows = findings(
        applications,
        [
            col("emp"),
            when(is_pending()).then(col("applied_at")).otherwise(col("approved_at")).dt().date(),
            col("application_id"),
            status,
            reason,
            lit(1_i64),
            when(is_pending().not().and(has_amount())).then(col("amount")).otherwise(lit(NULL)),
            concat_str(facts_shown, "\u{1f}", true),
        ],
    );
    let rows = rows.collect()?.lazy();
    let of_category = |category: &str| rows.clone().filter(col("category").eq(lit(category.to_owned())));
    let inner = || JoinArgs::new(JoinType::Inner);
    let praised = of_category("1").join(counted_praises(facts, rows.clone()), key(), key(), inner());
    let projects = facts.projects.clone().lazy().select([col("project_id"), col("ref").alias("project_ref")]);
    let projects = rows.clone().join(projects, [col("project_id")], [col("project_id")], inner());
    let evidence = vec![
        evidence(&rows, "ref", fact("approved", shown("approved_at"))),
        evidence(&praised, "praise_ref", fact("praised", shown("praised_at"))),
        evidence(&projects, "project_ref", lit("project")),
        evidence(&of_category("6"), "contested_ref", lit("complaint")),
    ];
    Ok(Found { rows, evidence })
}

/// Adds `year_before`: the moment twelve calendar months before the application.
fn with_year_before(mut applications: DataFrame) -> PolarsResult<DataFrame> {
    let micros = applications.column("applied_at")?.datetime()?.physical().clone();
    let before = micros.iter().map(|micros| {
        let applied = moment::of_micros(micros?)?;
        Some(applied.checked_sub_months(chrono::Months::new(12))?.and_utc().timestamp_micros())
    });
    let before = Column::new("year_before".into(), before.collect::<Vec<Option<i64>>>());
    applications.with_column(before.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?)?;
    Ok(applications)
}

/// Whether who applied manages somebody in the department of the rewarded employee.
fn managed(facts: &Facts, applications: LazyFrame) -> LazyFrame {
    let staff = facts.inputs.table("employees").clone().lazy();
    let own = staff.clone().select([col("emp").alias("staff"), col("department")]);
    let managers = staff.select([col("department"), col("manager_id")]).unique(None, UniqueKeepStrategy::Any);
    let inner = || JoinArgs::new(JoinType::Inner);
    applications
        .join(own, [col("emp")], [col("staff")], inner())
        .join(managers, [col("department"), col("applied_by")], [col("department"), col("manager_id")], inner())
        .select([col("application_id"), lit(true).alias("is_managed")])
        .unique(None, UniqueKeepStrategy::Any)
}

/// Whether two customers at least praised in the twelve months up to and including the application.
fn praised(facts: &Facts, applications: LazyFrame) -> LazyFrame {
    let counted = counted_praises(facts, applications).group_by([col("application_id")]);
    counted.agg([col("customer").n_unique().gt_eq(lit(2_u32)).alias("is_praised")])
}

/// The praises of those twelve months. Grain: application and praise.
fn counted_praises(facts: &Facts, applications: LazyFrame) -> LazyFrame {
    let praises = facts.inputs.table("praises").clone().lazy();
    let columns = [col("emp"), col("received_at").alias("praised_at"), col("customer"), col("ref").alias("praise_ref")];
    let praises = praises.select(columns);
    let is_within = col("year_before").lt(col("praised_at")).and(col("praised_at").lt_eq(col("applied_at")));
    applications
        .select([col("application_id"), col("emp"), col("applied_at"), col("year_before")])
        .join(praises, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Inner))
        .filter(is_within)
        .select([col("application_id"), col("praised_at"), col("customer"), col("praise_ref")])
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    const HEADER: &str = "application_id,employee_id,category,fact,evidence,project_id,applied_by,applied_at,decision,approved_at,amount";

    fn case(row: &str) -> Case {
        Case::month("2026-10").table("rewards", &format!("{HEADER}\n{row}\n"))
    }

    #[test]
    fn approved_pending_rejected_and_without_amount() {
        let row = |rest: &str| case(&format!("R1,01,2,saved a day,E-7,,boss,2026-10-05 09:00,{rest}")).found("reward");
        assert_eq!(row("approved,2026-10-12 09:00,200"), ["01 R1 credit 1 200.00"]);
        assert_eq!(row("approved,2026-10-12 09:00,0"), ["01 R1 hold(amount) 1"]);
        assert_eq!(row("approved,2026-10-12 09:00,"), ["01 R1 hold(amount) 1"]);
        assert_eq!(row(",,200"), ["01 R1 notice(pending) 1"]);
        assert!(row("rejected,,200").is_empty());
        assert!(row("approved,2026-11-01 09:00,200").is_empty());
    }

    #[test]
    fn fact_manager_and_evidence_are_checked() {
        let found = |row: &str| case(row).found("reward");
        let held = ["01 R1 hold(cross-check) 1 200.00"];
        assert_eq!(found("R1,01,2,,E-7,,boss,2026-10-05 09:00,approved,2026-10-12 09:00,200"), held);
        assert_eq!(found("R1,01,2,x,,,boss,2026-10-05 09:00,approved,2026-10-12 09:00,200"), held);
        assert_eq!(found("R1,01,2,x,E-7,,02,2026-10-05 09:00,approved,2026-10-12 09:00,200"), held);
    }

    #[test]
    fn category_1_needs_two_customers_within_twelve_months() {
        let found = |first: &str, second: &str| {
            let praises = format!("praise_id,employee_id,received_at,customer\nP1,01,{first}\nP2,01,{second}\n");
            case("R1,01,1,x,,,boss,2026-10-05 09:00,approved,2026-10-12 09:00,200")
                .table("praises", &praises)
                .found("reward")
        };
        assert_eq!(found("2026-10-05 09:00,甲", "2025-10-05 09:01,乙"), ["01 R1 credit 1 200.00"]);
        assert_eq!(found("2026-10-05 09:00,甲", "2025-10-05 09:00,乙"), ["01 R1 hold(cross-check) 1 200.00"]);
        assert_eq!(found("2026-10-05 09:00,甲", "2026-09-05 09:00,甲"), ["01 R1 hold(cross-check) 1 200.00"]);
    }

    #[test]
    fn category_6_and_7_look_at_the_project() {
        let project = "project_id,name,lead_id,started_on,accepted_on,internal_first_pass,external_first_pass,documents_complete,log_complete\nP,x,01,2026-08-01,2026-09-30,y,y,y,y\n";
        let found = |category: &str, table: &'static str, rows: &str| {
            let row = format!("R1,01,{category},x,,P,boss,2026-10-05 09:00,approved,2026-10-12 09:00,200");
            case(&row).table("projects", project).table(table, rows).found("reward")
        };
        let complaint = |day: &str| {
            format!(
                "complaint_id,employee_id,received_at,verdict,decided_at,project_id\nC,02,{day} 10:00,upheld,2026-10-01 09:00,P\n"
            )
        };
        assert_eq!(found("6", "complaints", &complaint("2026-10-01")), ["01 R1 credit 1 200.00"]);
        assert_eq!(found("6", "complaints", &complaint("2026-09-30")), ["01 R1 hold(cross-check) 1 200.00"]);
        let praises = |channel: &str| {
            format!(
                "praise_id,employee_id,received_at,customer,channel,project_id\nP1,01,2026-10-01 09:00,甲,written,P\nP2,01,2026-10-01 09:00,甲,{channel},P\n"
            )
        };
        assert_eq!(found("7", "praises", &praises("phone")), ["01 R1 credit 1 200.00"]);
        assert_eq!(found("7", "praises", &praises("other")), ["01 R1 hold(cross-check) 1 200.00"]);
    }
}
