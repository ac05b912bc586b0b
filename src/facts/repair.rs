//! The four duties of a repair (2.4): a clock, what stops it, who is in charge. Pure.

use super::{Facts, Length, due_dates, fact, shown};
use crate::base::money::Fen;
use crate::policy::{Param, Policy};
use polars::prelude::*;

/// One duty of a ticket.
pub(crate) struct Duty {
    /// When the clock starts (a time expression; null = no clock).
    pub(crate) clock: Expr,
    /// How long it runs.
    pub(crate) length: Length,
    /// The step and the later ones, earliest first: a later step that is done proves the earlier ones done by then.
    pub(crate) steps: &'static [&'static str],
    /// Who is in charge.
    pub(crate) in_charge: &'static str,
    /// The price of a breach; blank in the policy's text.
    pub(crate) price: &'static Param<Fen>,
    /// Whether a report given in time (by the end of the breach's payroll month) excuses.
    pub(crate) is_excused_by_report: bool,
}

/// The tickets whose duty was not done in time. Grain: ticket.
///
/// Columns of a finding (`emp, occurred_on, subject, status, reason, price, detail`) and the ticket's `ref`. A
/// deadline that runs out of the calendar gives a row with the status `suspended`, dated the clock's start.
pub(crate) fn overdue(facts: &Facts, policy: &Policy, duty: &Duty) -> PolarsResult<DataFrame> {
    let steps: Vec<Expr> = duty.steps.iter().map(|step| col(*step)).collect();
    let tickets = facts.inputs.table("tickets").clone().lazy().with_columns([
        duty.clock.clone().dt().date().alias("clock_date"),
        coalesce(&steps).alias("done_at"),
        col(duty.in_charge).alias("in_charge"),
    ]);
    let mut tickets = tickets.filter(col("clock_date").is_not_null()).collect()?;
    let due = due_dates(tickets.column("clock_date")?, duty.length, &facts.calendar, policy)?;
    let ends: Vec<Option<chrono::NaiveDate>> =
        due.date()?.as_date_iter().map(|due| Some(facts.month_of(due?.succ_opt()?).last)).collect();
    tickets.with_column(due)?;
    tickets.with_column(Column::new("report_until".into(), ends))?;
    let is_done = col("done_at").dt().date().lt_eq(col("due_date")).fill_null(lit(false));
    let is_excused = lit(duty.is_excused_by_report)
        .and(col("reason_report_at").dt().date().lt_eq(col("report_until")).fill_null(lit(false)));
    let is_open = col("due_date").is_null();
    let breach =
        when(is_open.clone()).then(col("clock_date")).otherwise(col("due_date") + lit(chrono::Duration::days(1)));
    let late = tickets.lazy().filter(is_open.clone().or(is_done.or(is_excused).not()));
    let late = facts.with_employment(late.with_columns([breach.alias("occurred_on")]), "in_charge");
    let is_charged = col("in_charge").is_not_null().and(Facts::is_judged(col("occurred_on")));
    let price = policy.expr(duty.price, &col("occurred_on"));
    let text = |word: &str| lit(word.to_owned());
    late.with_columns([is_charged.fill_null(lit(false)).alias("is_charged")])
        .select([
            when(col("is_charged")).then(col("in_charge")).otherwise(lit(NULL)).cast(DataType::UInt32).alias("emp"),
            col("occurred_on"),
            col("ticket_id").alias("subject"),
            when(is_open.clone())
                .then(text("suspended"))
                .when(col("is_charged").not())
                .then(text("hold"))
                .otherwise(text("charge"))
                .alias("status"),
            when(is_open)
                .then(text("no-deadline"))
                .when(col("is_charged").not())
                .then(text("no-assignee"))
                .otherwise(lit(NULL).cast(DataType::String))
                .alias("reason"),
            lit(1_i64).alias("quantity"),
            price.alias("price"),
            concat_str(
                [
                    fact("clock", duty.clock.clone().dt().to_string("%Y-%m-%d %H:%M:%S")),
                    fact("due", col("due_date")),
                    fact("done", shown("done_at")),
                ],
                "\u{1f}",
                true,
            )
            .alias("detail"),
            col("ref"),
        ])
        .collect()
}
