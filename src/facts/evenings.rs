//! The evenings of 八.5: which inspection belongs to which evening and area, and what the swipes can prove of it.

use super::{
    Facts,
    hours::{DAY_CUT, WORK_START},
};
use crate::{base::moment, policy::Policy};
use chrono::{Days, NaiveDate, NaiveTime};
use polars::{lazy::dsl::min_horizontal, prelude::*};

/// Grain: evening × area. `subject, date, area, inspected_at, inspection_ref, from, until, cut, is_certain`.
pub(crate) fn evenings(facts: &Facts, policy: &Policy) -> PolarsResult<DataFrame> {
    let is_open = ["door", "window", "computer", "power"]
        .into_iter()
        .fold(lit(false), |any, item| any.or(col("item").eq(lit(item))));
    let found = facts.inputs.table("inspections").clone().lazy();
    let found = found.filter(is_open.and(col("result").eq(lit("fail")))).collect()?;
    let times = found.column("inspected_at")?.datetime()?.physical().clone();
    let times = times.iter().map(|micros| micros.and_then(moment::of_micros));
    let evening = times.map(|time| {
        let time = time?;
        let is_morning = policy.on(&WORK_START, time.date()).is_some_and(|start| time.time() < start);
        let is_between = !is_morning && time.time() < NaiveTime::from_hms_opt(12, 0, 0)?;
        let date = if is_morning { time.date().checked_sub_days(Days::new(1))? } else { time.date() };
        Some((date, is_between))
    });
    let evening: Vec<Option<(NaiveDate, bool)>> = evening.collect();
    let dates: Vec<Option<NaiveDate>> = evening.iter().map(|evening| evening.map(|(date, _)| date)).collect();
    let between: Vec<Option<bool>> = evening.iter().map(|evening| evening.map(|(_, is_between)| is_between)).collect();
    let mut found = found;
    found.with_column(Column::new("date".into(), dates))?;
    found.with_column(Column::new("is_between".into(), between))?;
    // The earliest inspection of the evening and area stands for all.
    let mut evenings = found
        .lazy()
        .with_columns([col("area").fill_null(lit(""))])
        .with_columns([(col("date").cast(DataType::String) + lit("@") + col("area")).alias("subject")])
        .sort(["inspected_at", "inspection_id"], SortMultipleOptions::default())
        .group_by_stable([col("subject"), col("date"), col("area")])
        .agg([col("inspected_at").first(), col("is_between").first(), col("ref").first().alias("inspection_ref")])
        .collect()?;
    let cuts: Vec<Option<i64>> = evenings
        .column("date")?
        .date()?
        .as_date_iter()
        .map(|date| {
            let next = date?.succ_opt()?;
            Some(next.and_time(policy.on(&DAY_CUT, next)?).and_utc().timestamp_micros())
        })
        .collect();
    let micros = DataType::Datetime(TimeUnit::Microseconds, None);
    evenings.with_column(Column::new("cut".into(), cuts).cast(&micros)?)?;
    let noon = col("date").cast(micros) + lit(chrono::Duration::hours(12));
    let evenings = evenings
        .lazy()
        .with_columns([noon.alias("from"), min_horizontal([col("inspected_at"), col("cut")])?.alias("until")])
        .collect()?;
    with_certainty(facts, evenings)
}

/// Adds `is_certain`: the area is known, and the swipes prove who was there in the whole window.
fn with_certainty(facts: &Facts, mut evenings: DataFrame) -> PolarsResult<DataFrame> {
    let swipes = facts.inputs.state("swipes").proven;
    let certain = {
        let (dates, areas) = (evenings.column("date")?.date()?, evenings.column("area")?.str()?);
        let (until, between) =
            (evenings.column("until")?.datetime()?.physical().clone(), evenings.column("is_between")?.bool()?);
        let rows = dates.as_date_iter().zip(areas.iter()).zip(until.iter().zip(between.iter()));
        let certain = rows.map(|((date, area), (until, is_between))| {
            let (date, area, is_between) = (date?, area?, is_between?);
            let until = until.and_then(moment::of_micros)?;
            let next = date.succ_opt()?;
            // A window that reaches into a calendar day without any swipe proves nothing for that part.
            let is_silent = until > next.into() && !facts.inputs.swipe_days.contains(&next);
            let is_known = facts.areas.contains_key(area);
            Some(
                !is_between && is_known && swipes.covers(until) && !is_silent && !facts.swipe_suspended.contains(&date),
            )
        });
        certain.map(|is_certain| is_certain.unwrap_or(false)).collect::<Vec<bool>>()
    };
    evenings.with_column(Column::new("is_certain".into(), certain))?;
    Ok(evenings)
}
