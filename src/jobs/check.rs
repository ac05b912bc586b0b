//! `check`: reads configuration and inputs and says what is there and what is missing; writes nothing.

use super::{
    DONE, NEEDS_PERSON, NO_INPUT,
    console::Console,
    missing::missing,
    month,
    produce::{Material, look},
};
use crate::{
    base::text::{mask, on_terminal, shape},
    cli,
    config::Config,
    ingest::NOT_A_TIME,
    schema::inputs::{Inputs, Proven, Status},
};
use chrono::{DateTime, Utc};
use polars::prelude::*;

/// So many interpreted rows are shown of each source.
const SHOWN_ROWS: usize = 3;

pub(super) fn run(args: &cli::Check, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let period = month::period(args.month, config, now)?;
    let Material { inputs, templates, .. } = look(config, period, "", console)?;
    console.end_step();
    console.answer(&format!("{}: {} to {}", period.month, period.first, period.last));
    let mut needs_person = !inputs.rejected.is_empty();
    for (name, state) in &inputs.states {
        let status = match &state.status {
            Status::NotConfigured => "not configured".to_owned(),
            Status::DeclaredNone => "declared none".to_owned(),
            Status::Missing(why) | Status::Unusable(why) => {
                needs_person = true;
                format!("NOT USABLE: {why}")
            }
            Status::Ready => format!("ready, {}", through(&state.proven, state.how)),
        };
        console.answer(&format!("\n{name}: {status}"));
        for file in inputs.files.iter().filter(|file| file.source == *name) {
            let totals = &file.totals;
            let span = totals.span.map_or_else(String::new, |(first, last)| format!(", {first} to {last}"));
            console.answer(&format!(
                "  {}: {} rows = {} used + {} rejected + {} outside + {} out of period + {} duplicates{span}",
                file.name,
                totals.rows,
                totals.used,
                totals.rejected,
                totals.outside,
                totals.out_of_period,
                totals.duplicates
            ));
        }
        for row in samples(&inputs, name)? {
            console.answer(&format!("    {row}"));
        }
    }
    for (import, template) in config.imports.iter().zip(&templates) {
        let ids = import.id.as_deref().map_or("ids of the roster".to_owned(), |source| format!("ids of `{source}`"));
        let header = template
            .as_ref()
            .map_or_else(String::new, |template| format!(", header in row {} of {}", template.row, template.file.name));
        console.answer(&format!(
            "\n{}: from {}, {} items, {ids}{header}",
            import.output,
            import.file.name,
            import.items.len()
        ));
    }
    let missing = missing(&inputs, config, &period, month::today(config, now));
    if !inputs.rejected.is_empty() {
        console.answer(&format!("\nrejected rows: {}", inputs.rejected.len()));
        // Without a roster every row is a stranger's.
        for row in inputs.rejected.iter().take(if missing.is_deserted { 0 } else { 20 }) {
            let is_untimely = row.reason == NOT_A_TIME && !row.value.is_empty();
            let written = if is_untimely { format!(" (written {})", shape(&row.value)) } else { String::new() };
            console.answer(&format!("  {}:{} {}: {}{written}", row.file, row.line, row.column, row.reason));
        }
    }
    console.answer("");
    missing.lines.iter().for_each(|line| console.answer(line));
    Ok(match missing.is_deserted {
        true => NO_INPUT,
        false if needs_person || missing.is_waiting => NEEDS_PERSON,
        false => DONE,
    })
}

fn through(proven: &Proven, how: &str) -> String {
    match proven {
        Proven::Never => format!("not proven ({how})"),
        Proven::Until(time, _) => format!("proven through {time} ({how})"),
        Proven::Always => "vouched for".to_owned(),
    }
}

/// The first rows as they were understood, with text masked but for its first character.
fn samples(inputs: &Inputs, name: &str) -> PolarsResult<Vec<String>> {
    let frame = if name == "swipes" { &inputs.presence } else { inputs.table(name) };
    let shown = frame.head(Some(SHOWN_ROWS));
    let mut rows = vec![Vec::new(); shown.height()];
    for column in shown.columns().iter().filter(|column| !column.name().ends_with("ref")) {
        for (row, cells) in rows.iter_mut().enumerate() {
            let value = column.get(row)?;
            let text = match &value {
                AnyValue::Null => continue,
                // Pay and amounts are nobody's business here.
                _ if matches!(column.name().as_str(), "monthly_wage" | "amount") => "***".to_owned(),
                // Which meeting a report was taken for is to be seen.
                value if column.name() == "meeting_id" => on_terminal(value.get_str().unwrap_or_default()),
                value => value.get_str().map_or_else(|| value.to_string(), mask),
            };
            cells.push(format!("{}={text}", column.name()));
        }
    }
    Ok(rows.into_iter().map(|cells| cells.join(" ")).collect())
}
