//! 三.1 Papers at the end of probation.
//!
//! > 试用期满后,临时员工可申请转正写《转正申请表》及《个人试用期总结报告》交于其直接上司。其直接上司在签署评价意见后转交人事部
//!
//! Reading: form and report should be there `probation.reminder_days` before the end, so that there is time; all
//! three, the supervisor's opinion too, by the end itself. Nothing is asked of who is confirmed already. No row in the
//! register means that nothing was filed; where no register is kept at all, nothing is asked. Reminders, never money. How many days before is read on the last day of the
//! probation, where counting begins.
//!
//! Reads `probation`. Writes one notice for the reminder day (subject `probation_end`) and one for the day after the
//! end (`probation_end+overdue`), naming what is missing.
//! Not here: whether the probation is lawful (`probation-length`).

use super::rule::{Found, Rule, evidence, no_text, notices_unless};
use crate::{
    facts::{Facts, fact, lacking},
    policy::{Param, Policy},
    schema::inputs::Status,
};
use chrono::{Days, NaiveDate};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "probation-papers",
    clauses: &["三.1③", "三.1④"],
    title: ("转正材料未齐", "Probation papers missing"),
    sentence: (
        "试用期至{end}，{due}(含)以前应交而未交：{missing.words}",
        "probation until {end}; due {due} and missing: {missing.words}",
    ),
    sources: &["probation"],
    columns: &[("probation", "form_at"), ("probation", "summary_at"), ("probation", "supervisor_opinion_at")],
    params: &["probation.reminder_days"],
    check,
    doc: include_str!("probation_papers.rs"),
    ..Rule::DEFAULT
};

const DAYS: Param<i64> = Param::new("probation.reminder_days");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let papers = facts.inputs.table("probation").clone().lazy();
    // Where it is declared that there is no such register, nothing can be missing from it.
    let has_register = facts.inputs.state("probation").status == Status::Ready;
    let staff = facts.inputs.table("employees").clone().lazy().filter(lit(has_register));
    let staff = staff.select([col("emp"), col("probation_end"), col("confirmed_on"), col("ref").alias("staff_ref")]);
    let all = staff
        .filter(col("probation_end").is_not_null())
        .join(papers, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Left))
        .collect()?;
    let mut all = all;
    all.with_column(reminders(&all, policy)?)?;
    let all = all.lazy();
    let reminder = all.clone().with_columns([
        col("reminder").alias("occurred_on"),
        lit("").alias("suffix"),
        col("reminder").alias("due"),
        missing(&["form", "summary"], &col("reminder")),
    ]);
    let overdue = all.with_columns([
        (col("probation_end") + lit(chrono::Duration::days(1))).alias("occurred_on"),
        lit("+overdue").alias("suffix"),
        col("probation_end").alias("due"),
        missing(&["form", "summary", "supervisor_opinion"], &col("probation_end")),
    ]);
    let columns =
        ["emp", "probation_end", "confirmed_on", "occurred_on", "suffix", "due", "missing", "ref", "staff_ref"];
    let columns = columns.map(col);
    let both = concat([reminder.select(columns.clone()), overdue.select(columns)], UnionArgs::default())?;
    let is_confirmed = col("confirmed_on").lt_eq(col("occurred_on")).fill_null(lit(false));
    let is_open = || col("due").is_null();
    let asked = both.filter(is_open().or(is_confirmed.or(col("missing").eq(lit(""))).not()));
    let rows = notices_unless(
        asked,
        [
            col("emp"),
            coalesce(&[col("occurred_on"), col("probation_end")]),
            col("probation_end").cast(DataType::String) + col("suffix"),
        ],
        when(is_open()).then(lit("no-value")).otherwise(no_text()),
        [fact("end", col("probation_end")), fact("due", col("due")), fact("missing", col("missing"))],
    );
    let rows = rows.collect()?.lazy();
    let ends = fact("probation_end", col("probation_end"));
    Ok(Found { evidence: vec![evidence(&rows, "staff_ref", ends), evidence(&rows, "ref", lit("probation"))], rows })
}

/// The day so many days before each end; null where the policy has no value.
fn reminders(staff: &DataFrame, policy: &Policy) -> PolarsResult<Column> {
    let before = |end: NaiveDate| end.checked_sub_days(Days::new(u64::try_from(policy.on(&DAYS, end)?).ok()?));
    let ends = staff.column("probation_end")?.date()?;
    let days = ends.as_date_iter().map(|end| before(end?));
    Ok(Column::new("reminder".into(), days.collect::<Vec<Option<NaiveDate>>>()))
}

/// The papers, without `_at`, that are not there on or before `due`, in one text.
fn missing(papers: &[&str], due: &Expr) -> Expr {
    let one = |name: &&str| {
        let is_there = col(format!("{name}_at")).dt().date().lt_eq(due.clone());
        lacking(is_there, &name.replace('_', "-"))
    };
    concat_str(papers.iter().map(one).collect::<Vec<_>>(), " ", true).alias("missing")
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(month: &str, confirmed: &str, papers: &str) -> Vec<String> {
        let staff = format!(
            "employee_id,name,department,hire_date,probation_end,confirmed_on\n01,A,R,2026-08-01,2026-10-31,{confirmed}\n02,B,R,2026-08-01,,\n"
        );
        let rows = format!("employee_id,form_at,summary_at,supervisor_opinion_at\n{papers}\n");
        Case::month(month).table("employees", &staff).table("probation", &rows).found("probation-papers")
    }

    #[test]
    fn form_and_summary_by_the_reminder_day() {
        // 31 October less 14 days: the 17th.
        assert!(found("2026-10", "", "01,2026-10-17 18:00,2026-10-10 09:00,").is_empty());
        assert_eq!(found("2026-10", "", "01,2026-10-18 00:00,2026-10-10 09:00,"), ["01 2026-10-31 notice 1"]);
        assert_eq!(found("2026-10", "", "01,,,"), ["01 2026-10-31 notice 1"]);
        assert_eq!(found("2026-10", "", ""), ["01 2026-10-31 notice 1"]);
    }

    #[test]
    fn all_three_by_the_end() {
        assert!(found("2026-11", "", "01,2026-10-31 18:00,2026-10-31 18:00,2026-10-31 18:00").is_empty());
        let overdue = ["01 2026-10-31+overdue notice 1"];
        assert_eq!(found("2026-11", "", "01,2026-10-10 09:00,2026-10-10 09:00,2026-11-01 00:00"), overdue);
        assert_eq!(found("2026-11", "", "01,2026-10-10 09:00,,2026-10-30 09:00"), overdue);
    }

    #[test]
    fn who_is_confirmed_by_that_day_is_asked_nothing() {
        assert!(found("2026-10", "2026-10-17", "").is_empty());
        assert_eq!(found("2026-10", "2026-10-18", "").len(), 1);
        assert!(found("2026-11", "2026-11-01", "").is_empty());
        assert_eq!(found("2026-11", "2026-11-02", "").len(), 1);
    }
}
