//! `editions list`: every payroll month from the first with an edition to the last complete one. Takes no lock.
//!
//! The day on which an edition was written is that of its manifest's file: nothing inside an edition depends on the
//! clock, so that a copy without its times says another day.

use super::counted;
use crate::{
    archive::{Archive, Edition, Manifest},
    base::{
        money::Fen,
        month::{Month, Period},
    },
    config::Config,
    jobs::{DONE, console::Console, earlier::Earlier, month::today},
};
use anyhow::Context;
use chrono::{DateTime, Utc};

pub(super) fn run(archive: &Archive, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let mut months = archive.all()?;
    months.retain(|(_, editions)| !editions.is_empty());
    let (Some(first), Some(latest)) = (months.first(), months.last()) else {
        let dir = archive.dir().display();
        console.answer(&format!("no edition in {dir} yet: `meritbook monthly` makes the first"));
        return Ok(DONE);
    };
    let complete = Period::containing(today(config, now), config.first_day).month.previous();
    let last = latest.0.max(complete);
    let earlier = Earlier::of(months.clone(), last.next())?;
    let ((_, owed), waiting) = (earlier.adjustments(&|_| true)?, earlier.waiting()?);
    let mut rows = vec![HEAD.map(str::to_owned)];
    let mut notes = vec![Vec::new()];
    let mut month = first.0;
    while month <= last {
        let own = months.iter().find(|(other, _)| *other == month).map_or(&[][..], |(_, editions)| editions);
        let (row, mut further) = told(month, own, config)?;
        if own.iter().any(|edition| owed.contains(&edition.name())) {
            further.push("its difference moves with the next month that is issued".to_owned());
        }
        if let Some(lines) = waiting.get(&month) {
            let lines = counted(usize::try_from(*lines)?, "line");
            further.push(format!("{lines} held since it was issued; once answered: meritbook rerun --month {month}"));
        }
        rows.push(row);
        notes.push(further);
        month = month.next();
    }
    for (line, further) in aligned(&rows).iter().zip(notes) {
        console.answer(line);
        for note in further {
            console.answer(&format!("         {note}"));
        }
    }
    Ok(DONE)
}

const HEAD: [&str; 7] = ["month", "state", "editions", "period", "written", "deductions", "rewards"];
/// Sums stand to the right of their columns.
const SUMS: [usize; 2] = [5, 6];

/// A month's row, and what else is to be said of it.
fn told(month: Month, editions: &[Edition], config: &Config) -> anyhow::Result<([String; 7], Vec<String>)> {
    let closed = editions.iter().rev().find(|edition| edition.manifest.state != "proposed");
    let Some(edition) = closed.or(editions.last()) else {
        let period = Period::new(month, config.first_day);
        let row = [month.to_string(), "open".to_owned(), String::new(), span(period.first, period.last)];
        let [name, state, editions, days] = row;
        return Ok(([name, state, editions, days, String::new(), String::new(), String::new()], Vec::new()));
    };
    let path = edition.dir.join("manifest.json");
    let written = std::fs::metadata(&path).and_then(|meta| meta.modified());
    let written = written.with_context(|| format!("cannot read {}", path.display()))?;
    let day = DateTime::<Utc>::from(written).with_timezone(&config.timezone).date_naive();
    let (manifest, count) = (&edition.manifest, counted(editions.len(), "edition"));
    let row = [
        month.to_string(),
        manifest.state.clone(),
        format!("{count}, latest {:03}", editions.last().map_or(0, |latest| latest.number)),
        span(&manifest.period.first, &manifest.period.last),
        day.to_string(),
        manifest.control.charge.clone(),
        manifest.control.credit.clone(),
    ];
    let mut notes = notes(manifest);
    if editions.iter().all(Edition::is_pruned) {
        notes.push("pruned: manifest, ledger and movements of money are left".to_owned());
    }
    Ok((row, notes))
}

fn span(first: impl std::fmt::Display, last: impl std::fmt::Display) -> String {
    format!("{first}..{last}")
}

/// Sums of earlier months that were taken up; until when there may be objections; who has not answered.
fn notes(manifest: &Manifest) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(adjusted) = &manifest.control.adjusted {
        let sums = [
            ("deductions", &adjusted.deduct),
            ("deductions paid back", &adjusted.reverse_deduct),
            ("rewards", &adjusted.reward),
            ("rewards taken back", &adjusted.reverse_reward),
        ];
        let is_sum = |sum: &str| Fen::parse_yuan(sum) != Some(Fen(0));
        let told: Vec<String> =
            sums.iter().filter(|(_, sum)| is_sum(sum)).map(|(what, sum)| format!("{what} {sum}")).collect();
        let told = if told.is_empty() { "no money".to_owned() } else { told.join(", ") };
        notes.push(format!("and of earlier months: {told}"));
    }
    if manifest.state == "proposed" {
        notes.extend(manifest.objection_until.as_ref().map(|day| format!("objections until {day}")));
        let waiting: Vec<String> = manifest.waiting.iter().map(|(who, lines)| format!("{who} {lines}")).collect();
        if !waiting.is_empty() {
            notes.extend(wrapped("no answer yet, lines: ", &waiting));
        }
    }
    notes
}

/// So wide are lines, less the indent.
const WIDTH: usize = 90;

/// Words after a head, on as many lines as they need.
fn wrapped(head: &str, words: &[String]) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    for (at, word) in words.iter().enumerate() {
        let word = if at + 1 < words.len() { format!("{word}, ") } else { word.clone() };
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() <= WIDTH => line.push_str(&word),
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Rows as lines whose columns stand below each other.
fn aligned(rows: &[[String; 7]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let line = |row: &[String; 7]| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = widths[column];
            if SUMS.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_and_sums_to_the_right() {
        let row = |cells: [&str; 7]| cells.map(str::to_owned);
        let lines = aligned(&[
            row(HEAD),
            row(["2026-09", "open", "", "a..b", "", "", ""]),
            row(["2026-10", "issued", "3 editions, latest 003", "a..b", "2026-11-02", "1250.00", "20.00"]),
        ]);
        assert_eq!(
            lines,
            [
                "month    state   editions                period  written     deductions  rewards",
                "2026-09  open                            a..b",
                "2026-10  issued  3 editions, latest 003  a..b    2026-11-02     1250.00    20.00",
            ]
        );
    }

    #[test]
    fn many_who_have_not_answered_take_several_lines() {
        let words: Vec<String> = (0..40).map(|n| format!("manager 0{n} {n}")).collect();
        let lines = wrapped("no answer yet, lines: ", &words);
        assert!(lines.len() > 3 && lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[1].starts_with("  manager"));
        assert_eq!(lines.iter().map(|line| line.matches("manager").count()).sum::<usize>(), 40);
    }
}
