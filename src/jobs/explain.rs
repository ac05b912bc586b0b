//! `explain RULE`: what a rule does. `explain FINDING-ID`: the trail of one line over all editions.

use super::{DONE, Stop, USAGE, console::Console};
use crate::{
    archive::{Archive, Edition},
    base::problem::did_you_mean,
    config::Config,
    policy::spec,
    rules::{RULES, Rule},
};
use anyhow::Context;

/// Prints the rule's documentation: the header of its file.
pub(super) fn rule(rule: &Rule, console: &Console) -> anyhow::Result<u8> {
    console.answer(&format!("{} ({})\n", rule.name, rule.clause));
    console.answer(&rule.header());
    console.answer(&format!("\nSources: {}", rule.sources.join(", ")));
    console.answer(&format!("Parameters: {}", rule.params.join(", ")));
    Ok(DONE)
}

/// Prints what each edition says of a finding: its row, its evidence with the source lines, its postings, and the
/// decisions that the edition read.
pub(super) fn finding(id: &str, config: &Config, console: &Console) -> anyhow::Result<u8> {
    let archive = Archive::new(&config.archive);
    let mut is_found = false;
    for month in archive.months()? {
        for edition in archive.editions(month)? {
            let Some(row) = rows(&edition, "findings.csv", id)?.into_iter().next() else { continue };
            is_found = true;
            console.answer(&format!("edition {month}/{:03} ({})", edition.number, edition.manifest.state));
            for (name, value) in row.iter().filter(|(_, value)| !value.is_empty()) {
                console.answer(&format!("  {name}: {value}"));
            }
            tell_values(&row, config, console);
            tell_evidence(&edition, id, console)?;
            for posting in rows(&edition, "postings.csv", id)? {
                console.answer(&format!("  posting: {} {} yuan, paid in {}", cell(&posting, "direction"), cell(&posting, "amount"), cell(&posting, "paid_in")));
            }
            tell_decisions(&edition, id, console)?;
        }
    }
    if is_found {
        return Ok(DONE);
    }
    let known: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    let near = did_you_mean(id.split(':').next().unwrap_or(id), known.iter().copied());
    let help = near.map_or_else(|| "`meritbook rules` lists the rules; finding ids stand in findings.csv".to_owned(), |near| format!("did you mean the rule `{near}`?"));
    Err(Stop::new(USAGE, format!("`{id}` is neither a rule nor a finding of any edition in {}\n  help: {help}", archive.dir().display())))
}

type Record = Vec<(String, String)>;

fn cell<'a>(record: &'a Record, name: &str) -> &'a str {
    record.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// The rows of one of the edition's CSV files that belong to the finding.
fn rows(edition: &Edition, name: &str, id: &str) -> anyhow::Result<Vec<Record>> {
    let path = edition.dir.join(name);
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    records(&bytes, id).with_context(|| format!("{} is damaged", path.display()))
}

fn records(bytes: &[u8], id: &str) -> anyhow::Result<Vec<Record>> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers()?.clone();
    let key = header.iter().position(|name| name == "finding_id").unwrap_or(0);
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record?;
        let bare = |text: &str| text.strip_prefix('\'').unwrap_or(text).to_owned();
        if record.get(key).map(bare).as_deref() == Some(id) {
            found.push(header.iter().map(str::to_owned).zip(record.iter().map(bare)).collect());
        }
    }
    Ok(found)
}

/// The policy values of the rule on the day of the event, by the present configuration.
fn tell_values(row: &Record, config: &Config, console: &Console) {
    let (Some(rule), Ok(day)) = (crate::rules::rule(cell(row, "rule")), cell(row, "occurred_on").parse()) else { return };
    for key in rule.params {
        let dated = config.policy.values(key).iter().rev().find(|dated| dated.from <= day);
        if let (Some(dated), Some(spec)) = (dated, spec(key)) {
            let value = dated.value.as_ref().map_or_else(|| "ended".to_owned(), |value| format!("{value:?}"));
            console.answer(&format!("  policy: {key} = {value} {} since {} ({})", spec.unit.word(), dated.from, spec.clause));
        }
    }
}

/// The evidence rows, each with the line of the archived input.
fn tell_evidence(edition: &Edition, id: &str, console: &Console) -> anyhow::Result<()> {
    for evidence in rows(edition, "evidence.csv", id)? {
        let (source, file, line) = (cell(&evidence, "source"), cell(&evidence, "file"), cell(&evidence, "line"));
        console.answer(&format!("  evidence: {} — {source} {file}:{line}", cell(&evidence, "fact")));
        let base = file.rsplit('/').next().unwrap_or(file);
        let text = std::fs::read(edition.dir.join("inputs").join(source).join(base)).unwrap_or_default();
        let wanted = line.parse::<usize>().unwrap_or(0);
        if let Some(raw) = text.split(|byte| *byte == b'\n').nth(wanted.wrapping_sub(1)) {
            let shown = encoding_rs::UTF_8.decode_without_bom_handling(raw);
            let shown = if shown.1 { encoding_rs::GB18030.decode(raw).0 } else { shown.0 };
            let clean: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            console.answer(&format!("            | {}", clean.trim()));
        }
    }
    Ok(())
}

/// The decisions on the finding that the edition read.
fn tell_decisions(edition: &Edition, id: &str, console: &Console) -> anyhow::Result<()> {
    let folder = edition.dir.join("inputs").join("decisions");
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for decision in records(&bytes, id).unwrap_or_default() {
            let told: Vec<&str> = ["decision", "amount", "value", "decided_by", "decided_at", "reason"]
                .into_iter()
                .map(|name| cell(&decision, name))
                .filter(|value| !value.is_empty())
                .collect();
            console.answer(&format!("  decision: {}", told.join(" · ")));
        }
    }
    Ok(())
}
