//! Calls that a person missed (八.8, 2.2 `leave-unreachable`). Grain: failed contact of a judged person.
//!
//! `contact_id, emp, called_at, date, called_back_at, is_on_leave, leave_ref, open, is_day_open,
//! ref`. *Failed*: called within own working
//! hours, not answered, no call-back in time. `open` says why a contact cannot be judged: a source that is not proven
//! for its day, a rejected row that could have excused it, a value that is missing; null where it counts.
//! `is_day_open`: its working day is not proven to the end of work, so it cannot be counted (八.8).

use super::{
    Facts,
    attendance::{doubted, own_clock},
    leave::contains,
    sources::{proven_through, proven_until},
    with_employment,
};
use crate::{
    base::month::Period,
    policy::{Param, Policy},
    schema::inputs::Inputs,
};
use polars::{lazy::dsl::max_horizontal, prelude::*};

/// What contacts are judged by.
pub(crate) const SOURCES: &[&str] = &["leaves", "contacts"];
const CALLBACK: Param<i64> = Param::new("unreachable.callback_minutes");

pub(super) fn failed(
    inputs: &Inputs,
    period: &Period,
    policy: &Policy,
    hours: &DataFrame,
    leave: &DataFrame,
) -> PolarsResult<DataFrame> {
    let key = || [col("emp"), col("date")];
    let left = || JoinArgs::new(JoinType::Left);
    let calls = inputs.table("contacts").clone().lazy().with_columns([col("called_at").dt().date().alias("date")]);
    let rosters = inputs.table("rosters").clone().lazy().select([
        col("emp"),
        col("date"),
        own_clock("work_start"),
        own_clock("work_end"),
        lit(true).alias("is_rostered"),
    ]);
    let doubted = doubted(inputs, period, &["leaves", "rosters"])?;
    let calls = with_employment(inputs, calls, "emp")
        .filter(Facts::is_judged(col("date")))
        .join(hours.clone().lazy(), [col("date")], [col("date")], left())
        .join(rosters, key(), key(), left())
        .join(doubted.lazy(), key(), key(), left())
        .join(on_leave(inputs, leave), [col("contact_id")], [col("contact_id")], left());
    let own = |name: &str, centre: &str| {
        let by_calendar = when(col("is_workday")).then(col(centre)).otherwise(lit(NULL));
        when(col("is_rostered").is_not_null()).then(col(name)).otherwise(by_calendar)
    };
    let is_valueless = col("is_rostered")
        .is_null()
        .and(col("is_workday").fill_null(lit(false)))
        .and(col("centre_start").is_null().or(col("centre_end").is_null()));
    let limit = policy.expr(&CALLBACK, &col("date"));
    let waited = (col("called_back_at") - col("called_at")).dt().total_microseconds(false);
    let is_called_back = waited.lt_eq(limit.clone() * lit(60_000_000_i64));
    let is_unknown = is_valueless.or(col("called_back_at").is_not_null().and(limit.is_null()));
    let is_in_hours = own("work_start", "centre_start")
        .lt_eq(col("called_at"))
        .and(col("called_at").lt(own("work_end", "centre_end")))
        .fill_null(lit(false));
    let is_failed = is_in_hours.and(is_called_back.fill_null(lit(false)).not());
    let is_unproven =
        proven_through(inputs, SOURCES).map_or_else(|| lit(false), |through| col("date").gt(lit(through)));
    let open = when(is_unproven)
        .then(lit("not-proven"))
        .when(col("is_doubted").is_not_null())
        .then(lit("rejected-row"))
        .when(is_unknown.clone())
        .then(lit("no-value"))
        .otherwise(lit(NULL).cast(DataType::String));
    let own_end = when(col("is_rostered").is_not_null()).then(col("work_end")).otherwise(lit(NULL));
    let proof_end = max_horizontal([col("centre_end"), own_end])?;
    let is_day_open = proven_until(inputs, SOURCES).map_or_else(|| lit(false), |until| proof_end.gt(lit(until)));
    let calls = calls.with_columns([is_day_open.fill_null(lit(false)).alias("is_day_open")]);
    let failed =
        calls.filter(col("answered").not()).filter(is_failed.or(is_unknown)).with_columns([open.alias("open")]);
    let columns =
        ["contact_id", "emp", "called_at", "date", "called_back_at", "open", "is_day_open", "leave_ref", "ref"]
            .map(col);
    failed
        .select([columns.as_slice(), &[col("is_on_leave").fill_null(lit(false))]].concat())
        .sort(["emp", "called_at", "contact_id"], SortMultipleOptions::default())
        .collect()
}

/// Contacts during approved leave.
fn on_leave(inputs: &Inputs, leave: &DataFrame) -> LazyFrame {
    let approved = leave.clone().lazy().filter(col("is_approved"));
    let calls = inputs.table("contacts").clone().lazy().select(["contact_id", "emp", "called_at"].map(col));
    calls
        .join(approved, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Inner))
        .filter(contains("leave_start", "leave_end", col("called_at")))
        .group_by([col("contact_id")])
        .agg([lit(true).first().alias("is_on_leave"), col("leave_ref").min()])
}
