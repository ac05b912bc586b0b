//! Leave cover: which leaves excuse, and which are *late leaves* (2.1 *Approved leave*). Grain: leave.
//!
//! `emp, leave_start, leave_end, is_approved, leave_ref`: rejected leaves are left out, the others are either
//! approved on or before their first day, or late.

use crate::schema::inputs::Inputs;
use polars::prelude::*;

pub(super) fn cover(inputs: &Inputs) -> PolarsResult<DataFrame> {
    let status = col("status").fill_null(lit("approved"));
    let is_in_time = col("approved_at").dt().date().lt_eq(col("start").dt().date()).fill_null(lit(false));
    let is_approved = status.clone().eq(lit("approved")).and(is_in_time);
    let leaves = inputs.table("leaves").clone().lazy();
    leaves
        .filter(status.neq(lit("rejected")))
        .select([
            col("emp"),
            col("start").alias("leave_start"),
            col("end").alias("leave_end"),
            is_approved.alias("is_approved"),
            col("ref").alias("leave_ref"),
        ])
        .collect()
}

/// *Contains*: start ≤ t < end.
pub(super) fn contains(start: &str, end: &str, moment: Expr) -> Expr {
    col(start).lt_eq(moment.clone()).and(moment.lt(col(end)))
}

/// Whether [start, end) overlaps the calendar day in `date`.
pub(super) fn overlaps_day(start: &str, end: &str) -> Expr {
    let midnight = col("date").cast(DataType::Datetime(TimeUnit::Microseconds, None));
    let next = midnight.clone() + lit(chrono::Duration::days(1));
    col(start).lt(next).and(col(end).gt(midnight)).and(col(start).lt(col(end)))
}
