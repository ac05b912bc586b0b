//! Lines that a rerun loses only because it cannot judge them any more: a missing export must not pay back what was
//! rightly deducted, and never takes back a reward (1-product, promise 1).

use super::{
    BAD_DATA, NO_INPUT, Stop,
    produce::{Judged, suspended},
};
use crate::{
    archive::Edition,
    schema::{
        difference::FindingRow,
        findings::Suspension,
        inputs::{Rejected, SourceState, Status},
    },
};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// So many lines are named.
const SHOWN: usize = 8;

/// Refuses a rerun that loses money or hours to what it cannot judge and its base could (65; 66 where a source has no
/// file any more).
pub(super) fn refuse(judged: &Judged<'_>, base: &Edition) -> anyhow::Result<()> {
    let Some(rerun) = &judged.rerun else { return Ok(()) };
    let (is_suspended, mended) = (open(judged, base), rejected(base)?);
    let is_open = |row: &FindingRow| {
        let own = sources(row.cell("rule"));
        let is_doubted = |row: &Rejected| {
            row.source != "decisions"
                && own.contains(&row.source.as_str())
                && !mended.contains(&(row.source.clone(), row.line))
        };
        is_suspended(row) || judged.evaluation.rejected.iter().any(is_doubted)
    };
    let removed = rerun.difference.removed.iter().map(|row| (row, None));
    let changed = rerun.difference.changed.iter().map(|(was, is)| (was, Some(is)));
    let is_lost = |(was, is): &(&FindingRow, Option<&FindingRow>)| {
        let moves = |row: &FindingRow| row.money().map_or(0, |(_, amount)| amount.0) + row.hours();
        // Who set it aside or disputes it knows why.
        let is_decided = is.is_some_and(|row| row.cell("status") == "waived" || row.cell("reason") == "objection");
        moves(was) > is.map_or(0, moves) && !is_decided && is_open(was)
    };
    let lost: Vec<&str> = removed.chain(changed).filter(is_lost).map(|(row, _)| row.id()).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let evaluation = &judged.evaluation;
    let missing = |(name, state): (&&str, &SourceState)| match &state.status {
        Status::Missing(why) if !base.manifest.missing.contains_key(*name) => Some(format!("\n  {name}: {why}")),
        _ => None,
    };
    let missing: Vec<String> = evaluation.inputs.states.iter().filter_map(missing).collect();
    let more = lost.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let text = format!(
        "edition {:03} judged {} that cannot be judged now, nothing was written: {}{more}{}\n  help: put back what is missing, \
         or read it from the edition with --inputs filled; to lose these lines all the same, so that what they moved is \
         moved back, add --confirm-lost",
        base.number,
        if lost.len() == 1 { "a line".to_owned() } else { format!("{} lines", lost.len()) },
        lost[..lost.len().min(SHOWN)].join(", "),
        missing.concat()
    );
    Err(Stop::because(if missing.is_empty() { BAD_DATA } else { NO_INPUT }, text))
}

/// Which lines of its base a rerun cannot judge any more: their rule is off, or suspended on their day.
pub(super) fn open<'a>(judged: &'a Judged<'_>, base: &'a Edition) -> impl Fn(&FindingRow) -> bool + 'a {
    let evaluation = &judged.evaluation;
    let is_new =
        |open: &&Suspension| !base.manifest.suspended.iter().any(|known| place(known) == place(&suspended(open)));
    let open: Vec<&Suspension> = evaluation.suspensions.iter().filter(is_new).collect();
    let is_off = |rule: &str| {
        let is_shown = evaluation.shadow.iter().any(|finding| finding.rule == rule);
        let is_unaudited = evaluation.unaudited.iter().any(|one| one.rule == rule);
        (is_unaudited && !base.manifest.unaudited.contains_key(rule))
            || (is_shown && !base.manifest.shadow.iter().any(|one| one == rule))
    };
    move |row: &FindingRow| {
        let (rule, day) = (row.cell("rule"), row.cell("occurred_on").parse::<NaiveDate>());
        let own = sources(rule);
        is_off(rule)
            || open.iter().any(|one| {
                let is_read = one.rule == rule || own.contains(&one.source.as_str());
                is_read && day.is_ok_and(|day| one.from <= day && day <= one.to)
            })
    }
}

/// What a rule reads.
fn sources(name: &str) -> Vec<&'static str> {
    let rule = crate::rules::rule(name);
    rule.map_or_else(Vec::new, |rule| rule.sources.iter().chain(rule.optional).copied().collect())
}

/// Rule, days and scope of a line of the manifest.
fn place(line: &str) -> &str {
    line.rsplit_once(" (").map_or(line, |(place, _)| place)
}

/// The places of the rows that an edition rejected: source and line.
fn rejected(base: &Edition) -> anyhow::Result<BTreeSet<(String, u64)>> {
    let rows = base.records("rejected.csv", |cells| {
        Some((cells.first().map(|source| (*source).to_owned())?, cells.get(2)?.parse().ok()?))
    })?;
    Ok(rows.into_iter().collect())
}
