//! 八.16 Self-criticism after a complaint.
//!
//! > 并写书面检查一份缴部门经理评定
//!
//! Reading: the text gives no time; five workdays after the decision (a parameter). A self-criticism handed in on any
//! row of the matter counts. Missing it is a reminder, never an extra fine.
//!
//! Reads `matters`. Writes one notice per matter, dated the day after the due day.
//! Not here: which row stands for a matter (`facts::complaints`).

use super::rule::{Found, Rule, evidence, no_text, notices_unless};
use crate::{
    facts::{Facts, Length, due_dates, fact, shown},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "complaint-review",
    clauses: &["八.16"],
    title: ("书面检查未交", "Self-criticism overdue"),
    sentence: (
        "投诉{subject}的书面检查应于{due}(含)以前提交，到期未提交",
        "written review of complaint {subject} was due {due}, not handed in by then",
    ),
    sources: &["complaints"],
    columns: &[("complaints", "review_submitted_at")],
    params: &["complaint.review_workdays"],
    check,
    doc: include_str!("complaint_review.rs"),
    ..Rule::DEFAULT
};

static WORKDAYS: Param<i64> = Param::new("complaint.review_workdays");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let mut matters = facts.matters.clone();
    let due = due_dates(matters.column("decided_on")?, Length::Workdays(&WORKDAYS), &facts.calendar, policy)?;
    matters.with_column(due)?;
    let is_open = || col("due_date").is_null();
    let is_in_time = col("reviewed_at").dt().date().lt_eq(col("due_date")).fill_null(lit(false));
    let missing = matters.lazy().filter(is_open().or(is_in_time.not()));
    let breach = col("due_date") + lit(chrono::Duration::days(1));
    let rows = notices_unless(
        missing,
        [col("emp"), when(is_open()).then(col("decided_on")).otherwise(breach), col("subject")],
        when(is_open()).then(lit("no-deadline")).otherwise(no_text()),
        [fact("decided", shown("decided_at")), fact("due", col("due_date"))],
    );
    let evidence = vec![
        evidence(&rows, "ref", fact("upheld", shown("decided_at"))),
        evidence(&rows, "review_ref", fact("reviewed", shown("reviewed_at"))),
    ];
    Ok(Found { rows, evidence })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn found(reviewed: &str) -> Vec<String> {
        let rows = format!(
            "complaint_id,matter_id,employee_id,received_at,verdict,decided_at,review_submitted_at\n\
             C1,M,01,2026-09-01 09:00,upheld,2026-09-28 09:00,\nC2,M,01,2026-09-01 09:00,rejected,,{reviewed}\n"
        );
        Case::month("2026-10").table("complaints", &rows).found("complaint-review")
    }

    #[test]
    fn five_workdays_over_national_day_and_any_row_of_the_matter() {
        // Decided on Mon 28 Sep: 29, 30 Sep, 8, 9, 10 Oct (make-up workday).
        assert!(found("2026-10-10 23:59").is_empty());
        assert_eq!(found("2026-10-11 00:00"), ["01 M notice 1"]);
        assert_eq!(found(""), ["01 M notice 1"]);
    }
}
