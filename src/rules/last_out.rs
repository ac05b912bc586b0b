//! 八.5 Last to leave.
//!
//! > 每天最后下班公司的员工离开时,必须检查门窗、电脑,及其它电源是否已全部关闭。凡发现有未处理好此项工作者,一经查实处以20元/次的罚款
//!
//! Reading: an inspection that found a door, window, computer or power on belongs to an evening: found before the
//! start of work, to the day before; at noon or later, to that day; in between it is held. Several things found in
//! one area and evening are one finding. Charged is the last person at that area's doors from noon to the inspection
//! or the day cut, whichever is earlier. It is held, and nobody named, where that cannot be sure: nobody seen, area
//! unknown, the last two within `last_out.gap_minutes`, somebody seen there at or after the inspection, the last one
//! unknown or not judged, swipes that do not prove the whole window, a day suspended by its swipes.
//!
//! Reads `inspections`, `door_swipes`, `swipe_days`. Writes one finding per evening and area, subject `date@area`.
//! A swipe in the very second of the inspection counts as after it.
//! Not here: which evening an inspection belongs to (`facts::evenings`), `assign` (`settle::decisions`).

use super::rule::{Confirm, Direction, Found, Group, Rule, evidence, findings};
use crate::{
    base::money::Fen,
    facts::{Facts, evenings, fact, shown},
    policy::{Param, Policy},
};
use polars::prelude::*;

pub(super) static RULE: Rule = Rule {
    name: "last-out",
    clauses: &["八.5①", "八.5②"],
    title: ("离岗未检查", "Last to leave"),
    sentence: (
        "[{area}|?]:{inspected}检查发现未关闭[，最后出入{last_seen}]",
        "[{area}|?]: found open {inspected}[, last seen {last_seen}]",
    ),
    sources: &["inspections", "swipes"],
    params: &["last_out.amount", "last_out.gap_minutes", "attendance.work_start", "attendance.day_cut"],
    direction: Direction::Deduction("company", Group::Safety),
    confirms: &[("last-out", Confirm::Charge)],
    check,
    doc: include_str!("last_out.rs"),
    ..Rule::DEFAULT
};

const AMOUNT: Param<Fen> = Param::new("last_out.amount");
const GAP: Param<i64> = Param::new("last_out.gap_minutes");

fn check(facts: &Facts, policy: &Policy) -> PolarsResult<Found> {
    let evenings = evenings(facts, policy)?;
    let seen = seen(facts, &evenings)?;
    let key = || [col("subject")];
    let left = || JoinArgs::new(JoinType::Left);
    let last = seen.clone().filter(col("time").lt(col("until")));
    // Each person's last swipe, the latest first: the last person and the one before.
    let last = last
        .sort(["time", "seen_ref"], SortMultipleOptions::default())
        .group_by_stable([col("subject"), col("person")]);
    let last = last.agg([col("time").last(), col("emp").last().alias("last_emp"), col("seen_ref").last()]);
    let latest_first = SortMultipleOptions::default().with_order_descending(true);
    let last = last.sort(["time", "person"], latest_first).group_by_stable(key()).agg([
        col("time").first().alias("last_time"),
        col("last_emp").first(),
        col("seen_ref").first(),
        col("time").shift(lit(-1)).first().alias("second_time"),
    ]);
    let later = seen
        .filter(col("time").gt_eq(col("inspected_at")))
        .group_by(key())
        .agg([lit(true).first().alias("is_seen_later")]);
    let all = evenings.lazy().join(last, key(), key(), left()).join(later, key(), key(), left());
    let all = facts.with_employment(all, "last_emp");
    let gap = (col("last_time") - col("second_time")).dt().total_seconds(false);
    let is_tie = gap.lt_eq(policy.expr(&GAP, &col("date")) * lit(60_i64)).fill_null(lit(false));
    let is_sure = col("is_certain")
        .and(col("last_emp").is_not_null())
        .and(Facts::is_judged(col("date")).fill_null(lit(false)))
        .and(is_tie.not())
        .and(col("is_seen_later").is_null());
    let all = all.with_columns([is_sure.alias("is_sure")]);
    let rows = findings(
        all.with_columns([when(col("is_sure"))
            .then(col("last_emp"))
            .otherwise(lit(NULL))
            .cast(DataType::UInt32)
            .alias("who")]),
        [
            col("who"),
            col("date"),
            col("subject"),
            when(col("is_sure")).then(lit("charge")).otherwise(lit("hold")),
            when(col("is_sure")).then(lit(NULL).cast(DataType::String)).otherwise(lit("last-out")),
            lit(1_i64),
            policy.expr(&AMOUNT, &col("date")),
            concat_str(
                [
                    fact("area", col("area")),
                    fact("inspected", shown("inspected_at")),
                    fact("last_seen", shown("last_time")),
                ],
                "\u{1f}",
                true,
            ),
        ],
    );
    let rows = rows.collect()?.lazy();
    let evidence = vec![
        evidence(&rows, "inspection_ref", fact("inspected", shown("inspected_at"))),
        evidence(&rows, "seen_ref", fact("last_seen", shown("last_time"))),
    ];
    Ok(Found { rows, evidence })
}

/// Who was at the area's doors from noon to the day cut. Grain: swipe of an evening and area.
fn seen(facts: &Facts, evenings: &DataFrame) -> PolarsResult<LazyFrame> {
    let doors =
        facts.areas.iter().flat_map(|(area, doors)| doors.iter().map(move |door| (area.as_str(), door.as_str())));
    let (areas, doors): (Vec<&str>, Vec<&str>) = doors.unzip();
    let doors = df!("area" => areas, "door" => doors)?.lazy();
    let swipes = facts.inputs.door_swipes.clone().lazy().rename(["ref"], ["seen_ref"], true);
    let person = coalesce(&[col("emp").cast(DataType::String), lit("outside ") + col("external")]);
    let inner = || JoinArgs::new(JoinType::Inner);
    let evenings = evenings.clone().lazy().select(["subject", "area", "from", "until", "cut", "inspected_at"].map(col));
    let seen =
        evenings.join(doors, [col("area")], [col("area")], inner()).join(swipes, [col("door")], [col("door")], inner());
    let in_window = col("from").lt_eq(col("time")).and(col("time").lt(col("cut")));
    Ok(seen.filter(in_window).with_columns([person.alias("person")]))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Case;

    fn evening(swipes: &[(&str, &str)], inspected: &str) -> Case {
        let rows = format!("inspection_id,inspected_at,area,item,result\nI1,{inspected},二楼,window,fail\n");
        let case = Case::month("2026-10").table("inspections", &rows);
        swipes.iter().fold(case, |case, (who, time)| case.swipe_at(who, &format!("2026-10-12 {time}"), "D2"))
    }

    #[test]
    fn the_last_at_the_areas_doors_is_charged_unless_two_left_together() {
        let found =
            |second: &str| evening(&[("01", second), ("02", "19:10:00")], "2026-10-12 20:00:00").found("last-out");
        assert_eq!(found("19:07:59"), ["02 2026-10-12@二楼 charge 1 20.00"]);
        assert_eq!(found("19:08:00"), [":: 2026-10-12@二楼 hold(last-out) 1 20.00"]);
    }

    #[test]
    fn the_next_morning_belongs_to_the_evening_before_and_the_forenoon_is_held() {
        let found = |at: &str| evening(&[("02", "19:10:00")], at).found("last-out");
        assert_eq!(found("2026-10-13 08:29:59"), ["02 2026-10-12@二楼 charge 1 20.00"]);
        assert_eq!(found("2026-10-12 11:59:59"), [":: 2026-10-12@二楼 hold(last-out) 1 20.00"]);
        assert_eq!(found("2026-10-13 08:30:00"), [":: 2026-10-13@二楼 hold(last-out) 1 20.00"]);
    }

    #[test]
    fn somebody_seen_after_the_inspection_or_nobody_at_all_is_held() {
        let held = [":: 2026-10-12@二楼 hold(last-out) 1 20.00"];
        assert_eq!(evening(&[("02", "19:10:00"), ("01", "20:00:00")], "2026-10-12 20:00:00").found("last-out"), held);
        assert_eq!(evening(&[], "2026-10-12 20:00:00").found("last-out"), held);
        assert_eq!(evening(&[("02", "19:10:00"), ("9001", "19:30:00")], "2026-10-12 20:00:00").found("last-out"), held);
    }
}
