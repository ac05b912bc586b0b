//! 八.8 Not reachable.
//!
//! > 必须在每天工作时间(含午休时间)保持畅通 … 经常联络不畅者视情况予以警告或罚款20-50元/次
//!
//! Reading: only calls within own working hours (the roster's, where there is one), never on approved leave. A call
//! counts as failed where it is neither answered nor called back within `unreachable.callback_minutes`. 经常 is not
//! defined: `unreachable.threshold` failed calls in a payroll month, on days proven to the end of work. Warning or fine, and how much, is for a person,
//! once for the month: without an amount a warning, with one within the bounds a charge.
//!
//! Reads `contacts`. Writes one hold per employee and month, dated the day the threshold is reached; quantity = the
//! month's failed calls.
//! Not here: which contacts fail (`facts::contacts`); those during leave (`leave-unreachable`).

use super::rule::{Confirm, Direction, Found, Group, Proof, Rule, detail, evidence, findings, no_text};
use crate::{
    base::money::Fen,
    facts::{Facts, fact, shown},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "unreachable",
    clauses: &["八.8③", "八.8①", "八.8②"],
    title: ("联络不畅", "Not reachable"),
    sentence: (
        "本月工作时间来电未接且未及时回电{quantity}次，{reached}达到{limit}次",
        "{quantity} calls of the month within working hours neither answered nor called back; {limit} reached on {reached}",
    ),
    sources: &["leaves", "contacts"],
    optional: &["rosters"],
    columns: &[("contacts", "called_back_at")],
    params: &[
        "unreachable.threshold",
        "unreachable.callback_minutes",
        "unreachable.amount_min",
        "unreachable.amount_max",
    ],
    direction: Direction::Deduction("company", Group::Contact),
    proof: Proof::Own,
    confirms: &[("warning-or-fine", Confirm::WarningOrCharge)],
    bounds: Some((&MIN, &MAX)),
    check,
    doc: include_str!("unreachable.rs"),
    ..Rule::DEFAULT
};

static MIN: Param<Fen> = Param::new("unreachable.amount_min");
static MAX: Param<Fen> = Param::new("unreachable.amount_max");
const THRESHOLD: Param<i64> = Param::new("unreachable.threshold");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let limit = policy.expr(&THRESHOLD, &col("date"));
    let calls = facts.contacts.clone().lazy().filter(col("is_on_leave").not()).with_columns([limit.alias("limit")]);
    let open = when(col("open").is_not_null())
        .then(col("open"))
        .when(col("is_day_open"))
        .then(lit("not-proven"))
        .when(col("limit").is_null())
        .then(lit("no-value"))
        .otherwise(no_text());
    let calls = calls.with_columns([open.alias("open")]).collect()?.lazy();
    let counted = calls.clone().filter(col("open").is_null()).with_columns([lit(1_i64).alias("one")]);
    let counted = counted.with_columns([
        col("one").cum_sum(false).over([col("emp")])?.alias("nth"),
        col("one").sum().over([col("emp")])?.alias("count"),
    ]);
    let counted = counted.with_columns([lit(facts.period.month.to_string()).alias("subject")]).collect()?.lazy();
    let reached = counted.clone().filter(col("nth").gt_eq(col("limit"))).group_by_stable([col("emp")]).agg([
        col("date").first(),
        col("subject").first(),
        col("count").first(),
        col("limit").first(),
    ]);
    let rows = findings(
        reached,
        [
            col("emp"),
            col("date"),
            col("subject"),
            lit("hold"),
            lit("warning-or-fine"),
            col("count"),
            lit(NULL).cast(DataType::Int64),
            detail([fact("reached", col("date")), fact("limit", col("limit"))]),
        ],
    );
    let suspended = findings(
        calls.filter(col("open").is_not_null()),
        [
            col("emp"),
            col("date"),
            col("contact_id"),
            lit("suspended"),
            col("open"),
            lit(1_i64),
            lit(NULL).cast(DataType::Int64),
            no_text(),
        ],
    );
    let columns = ["emp", "occurred_on", "subject", "status", "reason", "quantity", "price", "detail"].map(col);
    let rows = concat([rows.select(columns.clone()), suspended.select(columns)], UnionArgs::default())?;
    Ok(Found { evidence: vec![evidence(&counted, "ref", fact("called", shown("called_at")))], rows })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn case(calls: &[&str]) -> Case {
        let rows: Vec<String> = calls.iter().enumerate().map(|(n, call)| format!("K{n},01,{call}\n")).collect();
        let header = "contact_id,employee_id,called_at,answered,called_back_at\n";
        Case::month("2026-10").table("contacts", &format!("{header}{}", rows.concat()))
    }

    const TWO: [&str; 2] = ["2026-10-12 10:00:00,n,", "2026-10-13 10:00:00,n,"];

    fn with(third: &str) -> Vec<String> {
        case(&[TWO[0], TWO[1], third]).found("unreachable")
    }

    #[test]
    fn the_third_of_the_month_and_all_are_counted() {
        assert!(case(&TWO).found("unreachable").is_empty());
        assert_eq!(with("2026-10-14 10:00:00,n,"), ["01 2026-10 hold(warning-or-fine) 3"]);
        let five = [&TWO[..], &["2026-10-14 10:00:00,n,", "2026-10-15 10:00:00,n,", "2026-10-16 10:00:00,n,"]].concat();
        assert_eq!(case(&five).found("unreachable"), ["01 2026-10 hold(warning-or-fine) 5"]);
        assert!(with("2026-11-02 10:00:00,n,").is_empty());
    }

    #[test]
    fn working_hours_and_call_backs_to_the_second() {
        assert_eq!(with("2026-10-14 08:30:00,n,").len(), 1);
        assert!(with("2026-10-14 08:29:59,n,").is_empty());
        assert_eq!(with("2026-10-14 17:29:59,n,").len(), 1);
        assert!(with("2026-10-14 17:30:00,n,").is_empty());
        assert!(with("2026-10-14 10:00:00,n,2026-10-14 12:00:00").is_empty());
        assert_eq!(with("2026-10-14 10:00:00,n,2026-10-14 12:00:01").len(), 1);
        assert!(with("2026-10-14 10:00:00,y,").is_empty());
        // The 11th is a Sunday; the 10th a Saturday on which people work.
        assert!(with("2026-10-11 10:00:00,n,").is_empty());
        assert_eq!(with("2026-10-10 10:00:00,n,").len(), 1);
    }

    #[test]
    fn a_roster_replaces_the_hours() {
        let night = |start: &str, end: &str| {
            let rows = format!("employee_id,date,work_start,work_end\n01,2026-10-14,{start},{end}\n");
            case(&[TWO[0], TWO[1], "2026-10-14 19:00:00,n,"]).table("rosters", &rows).found("unreachable")
        };
        assert_eq!(night("13:00", "21:00").len(), 1);
        assert!(night("10:00", "19:00").is_empty());
        assert!(night("", "").is_empty());
    }

    #[test]
    fn a_rejected_leave_row_suspends_the_contacts_it_could_excuse() {
        let rows = "leave_id,employee_id,type,start,end,approved_at\nL1,01,annual,2026-10-14,2026-10-14,yesterday\n";
        let case = case(&[TWO[0], TWO[1], "2026-10-14 10:00:00,n,"]).table("leaves", rows);
        assert!(case.found("unreachable").is_empty());
        assert_eq!(case.suspended("unreachable")[0].reason, "rejected-row");
    }
}
