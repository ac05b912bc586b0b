//! `explain RULE`: what a rule does. `explain FINDING-ID`: the trail of one line over all editions.

use super::{DONE, Stop, USAGE, console::Console};
use crate::{
    archive::{Archive, Edition},
    base::{
        code::{is_meant, parse_code},
        problem::did_you_mean,
    },
    config::Config,
    ingest,
    rules::{RULES, Rule},
};
use anyhow::Context;
use chrono::NaiveDate;

/// Prints the rule's documentation: the header of its file.
pub(super) fn rule(rule: &Rule, console: &Console) -> u8 {
    console.answer(&format!("{} ({})\n", rule.name, rule.clause()));
    console.answer(&rule.header());
    let listed = |names: &[&str], none: &str| if names.is_empty() { none.to_owned() } else { names.join(", ") };
    console.answer(&format!("\nSources: {}", listed(rule.sources, "employees")));
    if !rule.optional.is_empty() {
        console.answer(&format!("Where configured also: {}", rule.optional.join(", ")));
    }
    console.answer(&format!("Parameters: {}", listed(rule.params, "none")));
    DONE
}

/// Prints what each edition says of a finding: its row, its evidence with the source lines, its postings, and the
/// decisions that the edition read.
pub(super) fn finding(id: &str, config: &Config, console: &Console) -> anyhow::Result<u8> {
    let archive = Archive::new(&config.archive);
    // Only for a code the editions are searched before they are told.
    let coded = parse_code(id).map(|_| archive.find(&|known| is_meant(id, known))).transpose()?.flatten();
    let id = coded.as_ref().map_or(id, |(id, _)| id);
    let (mut is_found, mut last) = (false, None);
    for month in archive.months()? {
        for edition in archive.editions(month)? {
            if edition.is_pruned() {
                is_found |= tell_pruned(&edition, id, console)?;
                continue;
            }
            let mut found = rows(&edition, "findings.csv", id)?;
            let is_shadow = found.is_empty() && !edition.manifest.shadow.is_empty();
            if is_shadow {
                found = rows(&edition, "shadow.csv", id)?;
            }
            let Some(row) = found.into_iter().next() else {
                // Another month may pay it, and an edition may have let go of it.
                let moved = movements(&edition, id)?;
                if !moved.is_empty() || (is_found && last == Some(month)) {
                    let says = if moved.is_empty() { "the line is not in it" } else { "takes it up" };
                    console.answer(&format!("edition {} ({}): {says}", edition.name(), edition.manifest.state));
                    tell_movements(&moved, console);
                    is_found = true;
                }
                continue;
            };
            is_found = true;
            last = Some(month);
            let state = if is_shadow { "shadow mode, only shown" } else { &edition.manifest.state };
            console.answer(&format!("edition {} ({state})", edition.name()));
            for (name, value) in row.iter().filter(|(_, value)| !value.is_empty()) {
                console.answer(&format!("  {name}: {value}"));
            }
            tell_values(&row, &edition, config, console)?;
            tell_evidence(&edition, id, console)?;
            tell_movements(&movements(&edition, id)?, console);
            tell_decisions(&edition, id, config, console)?;
        }
    }
    if is_found {
        return Ok(DONE);
    }
    if crate::rules::rule(id.split(':').next().unwrap_or("")).is_some() {
        let text = format!(
            "no edition in {} has a finding `{id}`\n  help: run `meritbook monthly` first, or look the id up in findings.csv",
            archive.dir().display()
        );
        return Err(Stop::because(USAGE, text));
    }
    let known: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    let near = did_you_mean(id.split(':').next().unwrap_or(id), known.iter().copied());
    let help = near.map_or_else(
        || "`meritbook rules` lists the rules; finding ids stand in findings.csv".to_owned(),
        |near| format!("did you mean the rule `{near}`?"),
    );
    Err(Stop::because(
        USAGE,
        format!("`{id}` is neither a rule nor a finding of any edition in {}\n  help: {help}", archive.dir().display()),
    ))
}

/// Of a pruned edition there is only what was paid; gives whether that is something.
fn tell_pruned(edition: &Edition, id: &str, console: &Console) -> anyhow::Result<bool> {
    let moved = movements(edition, id)?;
    if !moved.is_empty() {
        let (name, state) = (edition.name(), &edition.manifest.state);
        console.answer(&format!("edition {name} ({state}, pruned: only what was paid is left)"));
        tell_movements(&moved, console);
    }
    Ok(!moved.is_empty())
}

/// What the edition moves of the finding, one line each: postings, and hours that are taken up.
fn movements(edition: &Edition, id: &str) -> anyhow::Result<Vec<String>> {
    let posting = |row: &Record| {
        let [direction, amount, month, number, paid] =
            ["direction", "amount", "belongs_to", "edition", "paid_in"].map(|name| cell(row, name));
        let would = if edition.manifest.is_closed() { "paid in" } else { "proposed to be paid in" };
        format!("posting: {direction} {amount} yuan, of {month}/{number}, {would} {paid}")
    };
    let mut lines: Vec<String> = rows(edition, "postings.csv", id)?.iter().map(posting).collect();
    if edition.manifest.control.adjusted.is_some() {
        let hours = |row: &Record| {
            let [movement, hours, month, number] =
                ["movement", "hours", "belongs_to", "edition"].map(|name| cell(row, name));
            (!hours.is_empty()).then(|| format!("overtime: {movement} {hours}, of {month}/{number}"))
        };
        lines.extend(rows(edition, "adjustments.csv", id)?.iter().filter_map(hours));
    }
    Ok(lines)
}

fn tell_movements(moved: &[String], console: &Console) {
    for line in moved {
        console.answer(&format!("  {line}"));
    }
}

/// The cells of a row by column.
type Record = Vec<(String, String)>;

fn cell<'a>(record: &'a Record, name: &str) -> &'a str {
    record.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// The rows of one of the edition's CSV files that belong to the finding.
fn rows(edition: &Edition, name: &str, id: &str) -> anyhow::Result<Vec<Record>> {
    let path = edition.dir.join(name);
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    records_where(&bytes, "finding_id", id).with_context(|| format!("{} is damaged", path.display()))
}

fn records_where(bytes: &[u8], column: &str, wanted: &str) -> anyhow::Result<Vec<Record>> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers()?.clone();
    let key = header.iter().position(|name| name == column).unwrap_or(0);
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record?;
        let bare = |text: &str| text.strip_prefix('\'').unwrap_or(text).to_owned();
        if record.get(key).map(bare).as_deref() == Some(wanted) {
            let cells = header.iter().map(str::to_owned).zip(record.iter().map(bare));
            found.push(cells.collect());
        }
    }
    Ok(found)
}

/// The policy values of the rule on the day of the event, as the edition had them.
fn tell_values(row: &Record, edition: &Edition, config: &Config, console: &Console) -> anyhow::Result<()> {
    let (Some(rule), Ok(day)) = (crate::rules::rule(cell(row, "rule")), cell(row, "occurred_on").parse()) else {
        return Ok(());
    };
    let path = edition.dir.join("inputs/policy.txt");
    let policy = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    for key in rule.params {
        let (spec, value) = (config.policy.spec(key), on(&policy, key, day));
        if let (Some(spec), Some((from, value))) = (spec, value) {
            console.answer(&format!("  policy: {key} = {value} since {from} ({})", spec.clause));
        }
    }
    Ok(())
}

/// A value of the canonical text that is in force on a day, and since when: `KEY from 2009-12-01: 20.00 yuan`.
fn on<'a>(policy: &'a str, key: &str, day: NaiveDate) -> Option<(NaiveDate, &'a str)> {
    let own = policy.lines().filter_map(|line| {
        let (from, value) = line.strip_prefix(key)?.strip_prefix(" from ")?.split_once(": ")?;
        Some((from.parse().ok()?, value))
    });
    own.take_while(|(from, _)| *from <= day).last()
}

/// The evidence rows, each with the line of the archived input.
fn tell_evidence(edition: &Edition, id: &str, console: &Console) -> anyhow::Result<()> {
    for evidence in rows(edition, "evidence.csv", id)? {
        let (source, file, line) = (cell(&evidence, "source"), cell(&evidence, "file"), cell(&evidence, "line"));
        console.answer(&format!("  evidence: {} — {source} {file}:{line}", cell(&evidence, "fact")));
        let known = edition.manifest.inputs.iter().find(|input| input.source == source && input.name == file);
        let archived = known.map_or("", |input| &input.archived);
        let text = std::fs::read(edition.dir.join("inputs").join(archived)).unwrap_or_default();
        if let Some(shown) = ingest::line(&text, file, line.parse().unwrap_or(0)) {
            let clean: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            console.answer(&format!("            | {}", clean.trim()));
        }
    }
    Ok(())
}

/// The decisions on the finding that the edition read; one that could not be used says why.
fn tell_decisions(edition: &Edition, id: &str, config: &Config, console: &Console) -> anyhow::Result<()> {
    // An answer may name the line by its short code alone.
    let is_about = |answer: &ingest::Answer| {
        is_meant(answer.cell("finding_id").trim_start_matches('\''), id) || is_meant(answer.cell("code"), id)
    };
    let path = edition.dir.join("rejected.csv");
    let rejected = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let rejected =
        records_where(&rejected, "source", "decisions").with_context(|| format!("{} is damaged", path.display()))?;
    for input in edition.manifest.inputs.iter().filter(|input| input.source == "decisions") {
        let path = edition.dir.join("inputs").join(&input.archived);
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let read = ingest::answers(&bytes, &input.name, config.timezone);
        for decision in read.into_iter().filter(is_about) {
            let told: Vec<&str> = ["decision", "amount", "value", "decided_by", "decided_at", "reason"]
                .into_iter()
                .map(|name| decision.cell(name))
                .filter(|value| !value.is_empty())
                .collect();
            let line = decision.line.to_string();
            let is_same = |row: &&Record| cell(row, "file") == input.name && cell(row, "line") == line;
            let why = rejected
                .iter()
                .find(is_same)
                .map_or_else(String::new, |row| format!(" (rejected: {})", cell(row, "reason")));
            console.answer(&format!("  decision: {}{why}", told.join(" · ")));
        }
    }
    Ok(())
}
