//! Upheld complaints, one row per matter (2.7). Grain: employee × matter.
//!
//! `emp, subject, decided_at, grade, ref, reviewed_at, review_ref, rows` (how many upheld rows it has).
//! Of the upheld rows of a matter the one with the earliest `decided_at` (then id) stands for all; a self-criticism on
//! any row of the matter, whatever its verdict, counts for it.

use polars::prelude::*;

pub(super) fn matters(complaints: &DataFrame) -> PolarsResult<DataFrame> {
    let all =
        complaints.clone().lazy().with_columns([coalesce(&[col("matter_id"), col("complaint_id")]).alias("subject")]);
    let key = || [col("emp"), col("subject")];
    let reviews = all
        .clone()
        .filter(col("review_submitted_at").is_not_null())
        .sort(["review_submitted_at", "complaint_id"], SortMultipleOptions::default())
        .group_by_stable(key())
        .agg([col("review_submitted_at").first().alias("reviewed_at"), col("ref").first().alias("review_ref")]);
    all.filter(col("verdict").eq(lit("upheld")))
        .sort(["decided_at", "complaint_id"], SortMultipleOptions::default())
        .group_by_stable(key())
        .agg([col("decided_at").first(), col("grade").first(), col("ref").first(), len().alias("rows")])
        .join(reviews, key(), key(), JoinArgs::new(JoinType::Left))
        .with_columns([col("decided_at").dt().date().alias("decided_on")])
        .collect()
}
