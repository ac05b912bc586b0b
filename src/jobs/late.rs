//! Answers that came after their month was issued: they change nothing until the month is judged again, so they are
//! listed. What the issued edition had read already is not late.

use crate::{
    archive::{Archive, Edition},
    base::{
        code::{code_of, parse_code},
        month::Period,
    },
    ingest,
    schema::inputs::{Inputs, Rejected},
    settle::{Decision, decisions},
};
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};

/// The decisions among `inputs` that are about a finding of another month which was issued without them.
pub(super) fn answers(archive: &Archive, inputs: &Inputs, period: Period) -> anyhow::Result<Vec<Rejected>> {
    let all = decisions(inputs)?;
    let mut late = Vec::new();
    if all.is_empty() {
        return Ok(late);
    }
    let mut lines = Lines::default();
    for month in archive.months()?.into_iter().filter(|month| *month != period.month) {
        let editions = archive.editions(month)?;
        let Some(edition) = editions.iter().rev().find(|edition| edition.manifest.state == "issued") else { continue };
        let ids: BTreeSet<String> = edition.finding_ids()?.into_iter().collect();
        let codes: BTreeSet<String> = ids.iter().map(|id| code_of(id)).collect();
        let is_about = |one: &&Decision| {
            let code = parse_code(&one.finding_id).or_else(|| one.code.clone());
            ids.contains(&one.finding_id) || code.is_some_and(|code| codes.contains(&code))
        };
        let own: Vec<&Decision> = all.iter().filter(is_about).collect();
        if own.is_empty() {
            continue;
        }
        let read = archived(edition)?;
        for one in own {
            let Some(file) = inputs.files.get(one.row.file as usize) else { continue };
            if lines.of(file)?.get(one.row.line as usize - 1).is_some_and(|line| read.contains(line)) {
                continue;
            }
            late.push(Rejected {
                source: "decisions".to_owned(),
                file: file.name.clone(),
                line: u64::from(one.row.line),
                column: "finding_id".to_owned(),
                value: one.finding_id.clone(),
                reason: format!("{month} was issued without this answer: it counts once the month is judged again"),
            });
        }
    }
    late.sort();
    late.dedup();
    Ok(late)
}

/// The lines of the decisions that an edition read.
fn archived(edition: &Edition) -> anyhow::Result<BTreeSet<String>> {
    let mut read = BTreeSet::new();
    for input in edition.manifest.inputs.iter().filter(|input| input.source == "decisions") {
        let path = edition.dir.join("inputs").join(&input.archived);
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        read.extend(ingest::lines(&bytes, &input.name));
    }
    Ok(read)
}

/// The lines of input files, each read once.
#[derive(Default)]
struct Lines(BTreeMap<String, Vec<String>>);

impl Lines {
    fn of(&mut self, file: &crate::schema::inputs::InputFile) -> anyhow::Result<&Vec<String>> {
        if !self.0.contains_key(&file.name) {
            let bytes = std::fs::read(&file.path).with_context(|| format!("cannot read {}", file.path.display()))?;
            self.0.insert(file.name.clone(), ingest::lines(&bytes, &file.name));
        }
        Ok(&self.0[&file.name])
    }
}
