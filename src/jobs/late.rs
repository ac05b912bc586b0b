//! Answers that came after their month was issued: they change nothing until the month is judged again, so they are
//! listed. What the issued edition had read already is not late.

use super::earlier::{Editions, closed};
use crate::{
    archive::Edition,
    base::{
        code::{code_of, parse_code},
        evidence::RowRef,
        month::Period,
    },
    ingest,
    schema::inputs::{Inputs, Rejected},
    settle::{Decision, decisions},
};
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};

/// The decisions among `inputs` that are about a finding of another month whose latest edition was made without them.
pub(super) fn answers(editions: &Editions, inputs: &Inputs, period: Period) -> anyhow::Result<Vec<Rejected>> {
    let mut late = Vec::new();
    for (month, own) in editions.iter().filter(|(month, _)| *month != period.month) {
        let Some(edition) = closed(own).last() else { continue };
        for (file, one) in unread(edition, inputs)? {
            late.push(Rejected {
                source: "decisions".to_owned(),
                file,
                line: u64::from(one.row.line),
                column: "finding_id".to_owned(),
                value: one.finding_id,
                reason: format!("{month} was issued without this answer: it counts once the month is judged again"),
            });
        }
    }
    late.sort();
    late.dedup();
    Ok(late)
}

/// The decisions that an edition of a closed month read already.
pub(super) fn read(own: &[Edition], inputs: &Inputs) -> anyhow::Result<BTreeSet<RowRef>> {
    let (mut known, mut lines, mut read) = (BTreeSet::new(), Lines::default(), BTreeSet::new());
    for edition in closed(own).filter(|edition| !edition.is_pruned()) {
        known.extend(archived(edition)?);
    }
    for one in decisions(inputs)? {
        let Some(file) = inputs.files.get(one.row.file as usize).filter(|_| !known.is_empty()) else { continue };
        if lines.of(file)?.get(one.row.line as usize - 1).is_some_and(|line| known.contains(line)) {
            read.insert(one.row);
        }
    }
    Ok(read)
}

/// The decisions about findings of a closed edition that it has not read, with the names of their files.
pub(super) fn unread(edition: &Edition, inputs: &Inputs) -> anyhow::Result<Vec<(String, Decision)>> {
    let all = decisions(inputs)?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<String> = edition.finding_ids()?.into_iter().collect();
    let codes: BTreeSet<String> = ids.iter().map(|id| code_of(id)).collect();
    let is_about = |one: &Decision| {
        let code = parse_code(&one.finding_id).or_else(|| one.code.clone());
        ids.contains(&one.finding_id) || code.is_some_and(|code| codes.contains(&code))
    };
    let own: Vec<Decision> = all.into_iter().filter(is_about).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let (read, mut lines, mut unread) = (archived(edition)?, Lines::default(), Vec::new());
    for one in own {
        let Some(file) = inputs.files.get(one.row.file as usize) else { continue };
        if !lines.of(file)?.get(one.row.line as usize - 1).is_some_and(|line| read.contains(line)) {
            unread.push((file.name.clone(), one));
        }
    }
    Ok(unread)
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
