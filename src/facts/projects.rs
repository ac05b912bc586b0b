//! What speaks for a project (六.2(6), 六.2(7)). Grain: project.
//!
//! `project_id, emp` (its lead), `accepted_on, is_uncontested` (accepted, and no upheld complaint from start to
//! acceptance; else `contested_ref` is one), `is_passed` (both acceptances first time, documents and log complete, a written and a phone praise),
//! `ref`.

use crate::schema::inputs::Inputs;
use polars::prelude::*;

pub(super) fn projects(inputs: &Inputs) -> PolarsResult<DataFrame> {
    let project = || [col("project_id")];
    let projects = inputs.table("projects").clone().lazy();
    let complaints = inputs.table("complaints").clone().lazy();
    let complaints = complaints.filter(col("verdict").eq(lit("upheld")));
    let complaints = complaints.select([col("project_id"), col("received_at"), col("ref").alias("contested_ref")]);
    let day = || col("received_at").dt().date();
    let within = day().gt_eq(col("started_on")).and(day().lt_eq(col("accepted_on")));
    let spans = projects.clone().select(["project_id", "started_on", "accepted_on"].map(col));
    let contested = spans.join(complaints, project(), project(), JoinArgs::new(JoinType::Inner)).filter(within);
    let contested = contested.group_by(project()).agg([col("contested_ref").min()]);
    let has = |channel: &str| col("channel").eq(lit(channel.to_owned())).any(true);
    let praises = inputs.table("praises").clone().lazy().group_by(project());
    let praises = praises.agg([has("written").alias("has_written"), has("phone").alias("has_phone")]);
    let flags = [
        "internal_first_pass",
        "external_first_pass",
        "documents_complete",
        "log_complete",
        "has_written",
        "has_phone",
    ];
    let is_passed = flags.into_iter().fold(lit(true), |all, flag| all.and(col(flag).fill_null(lit(false))));
    let left = || JoinArgs::new(JoinType::Left);
    let all = projects.join(contested, project(), project(), left()).join(praises, project(), project(), left());
    let all = all.select([
        col("project_id"),
        col("lead_id").alias("emp"),
        col("accepted_on"),
        col("accepted_on").is_not_null().and(col("contested_ref").is_null()).alias("is_uncontested"),
        is_passed.alias("is_passed"),
        col("contested_ref"),
        col("ref"),
    ]);
    all.collect()
}
