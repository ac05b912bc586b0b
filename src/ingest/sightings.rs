//! The first arrival and the last sighting of every employee and presence day, in one dense table.

use crate::base::{evidence::RowRef, moment, month::Period};
use chrono::{NaiveDate, NaiveTime, Timelike};
use polars::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

/// Seconds of a presence day, file number and line are packed into one number that sorts by time.
const FILE_BITS: u32 = 15;
const LINE_BITS: u32 = 32;
pub(crate) const DAY_SECONDS: i64 = 86_400;

/// The first arrival and the last sighting of every employee and day of the period.
///
/// Cells lie day by day: a file in time order works in one day's stretch of memory at a time.
pub(crate) struct Sightings {
    first_day: NaiveDate,
    days: usize,
    staff: usize,
    first: Vec<AtomicU64>,
    last: Vec<AtomicU64>,
    /// Last sightings on the few days outside the period that are asked for.
    others: BTreeMap<(u32, NaiveDate), AtomicU64>,
}

/// No arrival: later than every time. (No sighting at all is 0: lines begin at 1.)
const NEVER: u64 = u64::MAX;

impl Sightings {
    /// An empty table for so many employees, and for the `others` outside the period.
    pub(crate) fn new(staff: usize, period: &Period, others: &BTreeSet<(u32, NaiveDate)>) -> Self {
        let days = period.days().count();
        let cells = |value: u64| (0..staff * days).map(|_| AtomicU64::new(value)).collect();
        let others = others.iter().map(|other| (*other, AtomicU64::new(0))).collect();
        Self { first_day: period.first, days, staff, first: cells(NEVER), last: cells(0), others }
    }

    /// Forgets everything: the source turned out not to be usable.
    pub(crate) fn clear(&mut self) {
        self.first.fill_with(|| AtomicU64::new(NEVER));
        self.last.fill_with(|| AtomicU64::new(0));
        self.others.clear();
    }

    /// Notes a sighting on a presence day, `seconds` after its midnight; false where the day is of another period.
    pub(crate) fn see(&self, emp: u32, day: NaiveDate, seconds: u32, (file, line): (u32, u32), is_out: bool) -> bool {
        let offset = day.signed_duration_since(self.first_day).num_days();
        let sighting = u64::from(seconds) << (FILE_BITS + LINE_BITS) | u64::from(file) << LINE_BITS | u64::from(line);
        let Some(offset) = usize::try_from(offset).ok().filter(|offset| *offset < self.days) else {
            let other = self.others.get(&(emp, day));
            return other.map(|last| last.fetch_max(sighting, Ordering::Relaxed)).is_some();
        };
        let cell = offset * self.staff + emp as usize;
        // Looking first is much cheaper than exchanging, and most sightings change neither.
        if !is_out && sighting < self.first[cell].load(Ordering::Relaxed) {
            self.first[cell].fetch_min(sighting, Ordering::Relaxed);
        }
        if sighting > self.last[cell].load(Ordering::Relaxed) {
            self.last[cell].fetch_max(sighting, Ordering::Relaxed);
        }
        true
    }

    /// Grain: employee × presence day, sorted by day: `emp, date, first_in, first_ref, last_seen, last_ref`. Days outside
    /// the period come last and have no arrival.
    pub(crate) fn presence(self) -> PolarsResult<DataFrame> {
        let number = |day: NaiveDate| day.signed_duration_since(NaiveDate::default()).num_days();
        let start = number(self.first_day);
        let place = |cell: usize| {
            let emp = u32::try_from(cell % self.staff.max(1)).unwrap_or(u32::MAX);
            (emp, start + i64::try_from(cell / self.staff.max(1)).unwrap_or(0))
        };
        let seen =
            self.last.iter().zip(&self.first).enumerate().map(|(cell, (last, first))| (place(cell), last, first));
        let never = AtomicU64::new(NEVER);
        let others = self.others.iter().map(|((emp, day), last)| ((*emp, number(*day)), last, &never));
        let read = |sighting: &AtomicU64| sighting.load(Ordering::Relaxed);
        let seen: Vec<((u32, i64), u64, u64)> = seen
            .chain(others)
            .map(|(place, last, first)| (place, read(last), read(first)))
            .filter(|(_, last, _)| *last > 0)
            .collect();
        let micros_of = |day: i64, sighting: u64| {
            (day * DAY_SECONDS + i64::try_from(sighting >> (FILE_BITS + LINE_BITS)).unwrap_or(0)) * 1_000_000
        };
        let row_ref = |sighting: u64| sighting & ((1 << (FILE_BITS + LINE_BITS)) - 1);
        let arrival = |first: u64| Some(first).filter(|first| *first != NEVER);
        let micros = DataType::Datetime(TimeUnit::Microseconds, None);
        let emps: Vec<u32> = seen.iter().map(|((emp, _), ..)| *emp).collect();
        let dates: Vec<i32> = seen.iter().map(|((_, day), ..)| i32::try_from(*day).unwrap_or(0)).collect();
        let first_in: Vec<Option<i64>> =
            seen.iter().map(|((_, day), _, first)| arrival(*first).map(|first| micros_of(*day, first))).collect();
        let first_ref: Vec<Option<u64>> = seen.iter().map(|(_, _, first)| arrival(*first).map(row_ref)).collect();
        let last_seen: Vec<i64> = seen.iter().map(|((_, day), last, _)| micros_of(*day, *last)).collect();
        let last_ref: Vec<u64> = seen.iter().map(|(_, last, _)| row_ref(*last)).collect();
        DataFrame::new(
            seen.len(),
            vec![
                Column::new("emp".into(), emps),
                Column::new("date".into(), dates).cast(&DataType::Date)?,
                Column::new("first_in".into(), first_in).cast(&micros)?,
                Column::new("first_ref".into(), first_ref),
                Column::new("last_seen".into(), last_seen).cast(&micros)?,
                Column::new("last_ref".into(), last_ref),
            ],
        )
    }
}

/// Approved make-up punches are swipes (2.2). `punches` has `emp, time, direction, approved_at, ref`.
///
/// # Errors
/// Those of the dataframe engine.
pub(crate) fn add_punches(
    sightings: &Sightings,
    punches: &DataFrame,
    day_cut: &dyn Fn(NaiveDate) -> NaiveTime,
) -> PolarsResult<()> {
    let approved = punches.clone().lazy().filter(col("approved_at").is_not_null()).collect()?;
    let (emps, times) = (approved.column("emp")?.u32()?, approved.column("time")?.datetime()?.physical());
    let (directions, refs) = (approved.column("direction")?.str()?, approved.column("ref")?.u64()?);
    for row in 0..approved.height() {
        let moment = times.get(row).and_then(moment::of_micros);
        let (Some(emp), Some(moment), Some(row_ref)) = (emps.get(row), moment, refs.get(row)) else { continue };
        let (date, seconds) = (moment.date(), moment.num_seconds_from_midnight());
        let is_early = moment.time() < day_cut(date);
        let (day, since) = if is_early { (date.pred_opt().unwrap_or(date), seconds + 86_400) } else { (date, seconds) };
        let place = RowRef::unpack(row_ref);
        let is_out = directions.get(row).is_some_and(|word| word.eq_ignore_ascii_case("out"));
        sightings.see(emp, day, since, (place.file, place.line), is_out);
    }
    Ok(())
}
