//! Leave cover: which leaves excuse, and which are *late leaves* (2.1 *Approved leave*). Grain: leave.
//!
//! `emp, leave_start, leave_end, is_approved, leave_ref`: rejected leaves are left out, the others are either
//! approved on or before their first day, or late.
//!
//! [`chains`] joins adjacent approved leaves (2.2).

use crate::{base::moment, calendar::Calendar, schema::inputs::Inputs};
use chrono::{Duration, NaiveDate, NaiveDateTime};
use polars::prelude::*;
use std::collections::BTreeMap;

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

/// Approved leaves with the chain they are in. Grain: approved leave, sorted by employee and first day.
///
/// `emp, leave_id, type, start, end, first_day, last_day, chain` (a number), `chain_days` (workdays that the chain
/// touches, null where it leaves the calendar), `chain_last, return_by` (the first workday after the chain, null where
/// the calendar ends), `is_last_of_chain, hr_approved_at, handover_at, returned_at, certificate_at, ref`. Two leaves of a person are *adjacent* where no whole workday lies
/// strictly between their last and first dates; a chain is joined transitively. Workdays are the employee's own: a
/// roster replaces them in all of 2.2.
pub(super) fn chains(inputs: &Inputs, cover: &DataFrame, calendar: &Calendar) -> PolarsResult<DataFrame> {
    let approved = cover.clone().lazy().filter(col("is_approved")).select([col("leave_ref")]);
    let leaves = inputs.table("leaves").clone().lazy();
    let leaves = leaves
        .join(approved, [col("ref")], [col("leave_ref")], JoinArgs::new(JoinType::Semi))
        .sort(["emp", "start", "leave_id"], SortMultipleOptions::default())
        .collect()?;
    let spans = spans(&leaves)?;
    let workdays = Workdays { calendar, rostered: rostered(inputs, &leaves)? };
    let mut links = Vec::with_capacity(spans.len());
    let mut rest = spans.as_slice();
    for number in 0.. {
        let (chain, others) = rest.split_at(chain_length(rest, &workdays));
        links.extend(std::iter::repeat_n(Link::of(chain, number, &workdays), chain.len()));
        rest = others;
        if rest.is_empty() {
            break;
        }
    }
    let is_last = spans.iter().zip(&links).map(|(span, link)| span.order() == link.last);
    let columns = [
        Column::new("first_day".into(), spans.iter().map(|span| span.first).collect::<Vec<_>>()),
        Column::new("last_day".into(), spans.iter().map(|span| span.last).collect::<Vec<_>>()),
        Column::new("is_last_of_chain".into(), is_last.collect::<Vec<bool>>()),
        Column::new("chain".into(), links.iter().map(|link| link.number).collect::<Vec<u32>>()),
        Column::new("chain_days".into(), links.iter().map(|link| link.workdays).collect::<Vec<Option<i64>>>()),
        Column::new("chain_last".into(), links.iter().map(|link| link.last.0).collect::<Vec<_>>()),
        Column::new("return_by".into(), links.iter().map(|link| link.return_by).collect::<Vec<Option<NaiveDate>>>()),
    ];
    let mut leaves = leaves;
    for column in columns {
        leaves.with_column(column)?;
    }
    Ok(leaves)
}

/// The workdays of each employee.
struct Workdays<'a> {
    calendar: &'a Calendar,
    /// Whether a rostered day is worked.
    rostered: BTreeMap<(u32, NaiveDate), bool>,
}

impl Workdays<'_> {
    fn is_workday(&self, emp: u32, day: NaiveDate) -> Option<bool> {
        self.rostered.get(&(emp, day)).copied().or_else(|| self.calendar.is_workday(day))
    }

    /// The first workday after `day`; `None` where the calendar ends before it.
    fn first_after(&self, emp: u32, day: NaiveDate) -> Option<NaiveDate> {
        let mut next = day.succ_opt()?;
        while !self.is_workday(emp, next)? {
            next = next.succ_opt()?;
        }
        Some(next)
    }
}

/// The rostered days of the employees who take leave.
fn rostered(inputs: &Inputs, leaves: &DataFrame) -> PolarsResult<BTreeMap<(u32, NaiveDate), bool>> {
    let on_leave = leaves.clone().lazy().select([col("emp")]);
    let rosters = inputs.table("rosters").clone().lazy();
    let rosters = rosters.join(on_leave, [col("emp")], [col("emp")], JoinArgs::new(JoinType::Semi)).collect()?;
    let (emps, days) = (rosters.column("emp")?.u32()?, rosters.column("date")?.date()?);
    let starts = rosters.column("work_start")?.i64()?;
    let rows = emps.iter().zip(days.as_date_iter()).zip(starts.iter());
    Ok(rows.filter_map(|((emp, day), start)| Some(((emp?, day?), start.is_some()))).collect())
}

/// One leave: whose, from its first to its last date.
struct Span {
    emp: u32,
    id: String,
    first: NaiveDate,
    last: NaiveDate,
}

impl Span {
    /// A chain's last leave is the greatest by last date, first date and id.
    fn order(&self) -> (NaiveDate, NaiveDate, String) {
        (self.last, self.first, self.id.clone())
    }
}

fn spans(leaves: &DataFrame) -> PolarsResult<Vec<Span>> {
    let (emps, ids) = (leaves.column("emp")?.u32()?, leaves.column("leave_id")?.str()?);
    let times = |name: &str| -> PolarsResult<Vec<Option<NaiveDateTime>>> {
        let times = leaves.column(name)?.datetime()?.physical().clone();
        Ok(times.iter().map(|micros| micros.and_then(moment::of_micros)).collect())
    };
    let (starts, ends) = (times("start")?, times("end")?);
    let rows = emps.iter().zip(ids.iter()).zip(starts.into_iter().zip(ends));
    let span = |((emp, id), (start, end)): ((Option<u32>, Option<&str>), _)| {
        let (start, end): (Option<NaiveDateTime>, Option<NaiveDateTime>) = (start, end);
        let first = start.unwrap_or_default().date();
        // The last date is that of the last moment before the end.
        let last = (end.unwrap_or_default() - Duration::microseconds(1)).date().max(first);
        Span { emp: emp.unwrap_or_default(), id: id.unwrap_or_default().to_owned(), first, last }
    };
    Ok(rows.map(span).collect())
}

/// How many of the leaves, which are sorted by employee and first day, are one chain with the first.
fn chain_length(leaves: &[Span], workdays: &Workdays<'_>) -> usize {
    let Some(first) = leaves.first() else { return 0 };
    let mut last = first.last;
    let is_next = |span: &&Span| {
        let between = last.iter_days().skip(1).take_while(|day| *day < span.first);
        let is_adjacent = !between.into_iter().any(|day| workdays.is_workday(first.emp, day) == Some(true));
        last = last.max(span.last);
        span.emp == first.emp && is_adjacent
    };
    leaves.iter().take_while(is_next).count()
}

/// What a chain comes to.
#[derive(Clone)]
struct Link {
    number: u32,
    workdays: Option<i64>,
    last: (NaiveDate, NaiveDate, String),
    return_by: Option<NaiveDate>,
}

impl Link {
    fn of(chain: &[Span], number: u32, workdays: &Workdays<'_>) -> Self {
        let emp = chain.first().map_or(0, |span| span.emp);
        let days = |span: &Span| {
            let last = span.last;
            span.first.iter_days().take_while(move |day| *day <= last)
        };
        let touched: std::collections::BTreeSet<NaiveDate> = chain.iter().flat_map(days).collect();
        let known: Option<Vec<bool>> = touched.iter().map(|day| workdays.is_workday(emp, *day)).collect();
        let count = known.map(|days| days.into_iter().filter(|is_workday| *is_workday).count());
        let last = chain.iter().map(Span::order).max().unwrap_or_default();
        let return_by = workdays.first_after(emp, last.0);
        Self { number, workdays: count.and_then(|count| i64::try_from(count).ok()), last, return_by }
    }
}
