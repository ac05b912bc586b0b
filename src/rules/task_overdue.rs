//! 八.9, 八.15 Tasks.
//!
//! > 分配的工作必须在规定的时间内完成,如不能按时完成,则必须提前说明情况
//!
//! Reading: done, or explained, on or before the due date. A reminder; what a delay cost is for people (八.14). A
//! repair that is late is one act: the task that names its ticket is merged with the ticket's finding, of whatever
//! month up to this one, unless that was waived. Where tickets are kept but not proven for the day, the task waits.
//!
//! Reads `tasks`. Writes one notice per task, dated the day after the due date.
//! Not here: merging (`settle::merge`).

use super::rule::{Found, Rule, evidence, no_text, notices_unless};
use crate::{
    facts::{Facts, fact, proven_through, shown},
    policy::Policy,
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "task-overdue",
    clauses: &["八.9①", "八.15①"],
    title: ("任务逾期", "Task overdue"),
    sentence: (
        "任务“{task}”应于{due.day}(含)以前完成，[实于{done.day}完成|未见完成]，[{explained.day}才说明|未提前说明]",
        "task \"{task}\" was due {due.day}, [done {done.day}|not done], [explained only {explained.day}|not explained before]",
    ),
    sources: &["tasks"],
    optional: &["tickets"],
    columns: &[("tasks", "completed_at"), ("tasks", "explained_at")],
    check,
    doc: include_str!("task_overdue.rs"),
    ..Rule::DEFAULT
};

fn check(facts: &Facts, _policy: &Policy) -> PolarsResult<Found> {
    let due = || col("due_at").dt().date();
    let is_in_time = |name: &str| col(name).dt().date().lt_eq(due()).fill_null(lit(false));
    let late = facts.inputs.table("tasks").clone().lazy();
    let late = late.filter(is_in_time("completed_at").or(is_in_time("explained_at")).not());
    let late = late.with_columns([(due() + lit(chrono::Duration::days(1))).alias("breach")]);
    let tickets = proven_through(&facts.inputs, &["tickets"]);
    let is_unproven = tickets.map_or_else(|| lit(false), |through| col("breach").gt(lit(through)));
    let tickets =
        facts.inputs.table("tickets").clone().lazy().select([col("ticket_id"), col("ref").alias("ticket_ref")]);
    let late = late.join(tickets, [col("ticket_id")], [col("ticket_id")], JoinArgs::new(JoinType::Left));
    let late = late.with_columns([col("ticket_id").is_not_null().and(is_unproven).alias("is_open")]).collect()?.lazy();
    let rows = notices_unless(
        late,
        [col("emp"), col("breach"), col("task_id")],
        when(col("is_open")).then(lit("merge-source")).otherwise(no_text()),
        [
            fact("task", col("title")),
            fact("due", shown("due_at")),
            fact("done", shown("completed_at")),
            fact("explained", shown("explained_at")),
            fact("ticket", col("ticket_id")),
        ],
    );
    let tasks = evidence(&rows, "ref", fact("due", shown("due_at")));
    Ok(Found { evidence: vec![tasks, evidence(&rows, "ticket_ref", lit("ticket"))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    const HEADER: &str = "task_id,employee_id,title,due_at,completed_at,explained_at,ticket_id\n";

    fn found(row: &str) -> Vec<String> {
        Case::month("2026-10").table("tasks", &format!("{HEADER}K1,01,cables,{row}\n")).found("task-overdue")
    }

    #[test]
    fn done_or_explained_by_the_due_date() {
        assert!(found("2026-10-12 12:00,2026-10-12 23:59,,").is_empty());
        assert!(found("2026-10-12 12:00,,2026-10-12 23:59,").is_empty());
        assert_eq!(found("2026-10-12 12:00,2026-10-13 00:00,2026-10-13 00:00,"), ["01 K1 notice 1"]);
        assert_eq!(found("2026-10-12 12:00,,,"), ["01 K1 notice 1"]);
        assert!(found("2026-10-31 12:00,,,").is_empty());
    }

    #[test]
    fn a_task_of_a_ticket_waits_where_the_tickets_are_not_proven() {
        let case = |due: &str| {
            let tickets = "ticket_id,received_at\nT1,2026-10-20 09:00\n";
            let task = format!("{HEADER}K1,01,cables,{due},,,T1\nK2,01,cables,{due},,,\n");
            Case::month("2026-10").table("tasks", &task).table("tickets", tickets)
        };
        assert_eq!(case("2026-10-19 12:00").found("task-overdue"), ["01 K1 notice 1", "01 K2 notice 1"]);
        assert_eq!(case("2026-10-20 12:00").found("task-overdue"), ["01 K2 notice 1"]);
        assert_eq!(case("2026-10-20 12:00").suspended("task-overdue")[0].reason, "merge-source");
        let lost =
            Case::month("2026-10").table("tasks", &format!("{HEADER}K1,01,x,2026-10-12 12:00,,,T1\n")).lost("tickets");
        assert!(lost.found("task-overdue").is_empty());
    }
}
