//! An edition made again from what it kept: inputs, configuration, policy, roster and the editions before it, by the
//! present program. What it makes must be the bytes that stand there.

use super::{
    configuration_of,
    console::Console,
    earlier::{Earlier, Editions},
    produce::{Kind, Material, Produced, gather, judge, write},
    rerun::{kept, replacing, side},
};
use crate::{
    archive::{Edition, PROPOSED, REISSUED, ROSTER, Side, causes},
    base::month::Period,
    schema::source::OldRoster,
};
use anyhow::Context;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// The files of an edition that the present program makes differently, does not make, or makes beside them.
///
/// # Errors
/// What keeps the edition from being made at all.
pub(super) fn differing(all: &Editions, edition: &Edition, period: Period) -> anyhow::Result<Vec<String>> {
    let produced = again(all, edition, period)?;
    let mut names: BTreeSet<&str> = edition.manifest.outputs.iter().map(|output| output.name.as_str()).collect();
    let made: BTreeMap<String, &[u8]> = produced.all().into_iter().collect();
    names.extend(made.keys().map(String::as_str));
    let is_other = |name: &&str| std::fs::read(edition.dir.join(name)).ok().as_deref() != made.get(*name).copied();
    Ok(names.into_iter().filter(is_other).map(str::to_owned).collect())
}

fn again(all: &Editions, edition: &Edition, period: Period) -> anyhow::Result<Produced> {
    let silent = Console::silent();
    let inputs = edition.dir.join("inputs");
    let mut config = configuration_of(&inputs.join("config.toml"), kept(edition, true))?;
    let roster = edition.manifest.inputs.iter().find(|input| input.source == ROSTER);
    config.roster =
        roster.map(|input| OldRoster { name: input.name.clone(), path: inputs.join(&input.archived) as PathBuf });
    let earlier = Earlier::of(before(all, edition), period.month)?;
    let base = match &edition.manifest.replaces {
        Some(number) if edition.manifest.state == REISSUED => {
            let base = earlier.own().iter().find(|base| base.number == *number);
            Some(base.with_context(|| format!("edition {number:03}, which it replaces, is not there"))?)
        }
        _ => None,
    };
    let (kind, basis) = match base {
        Some(base) => (Kind::Reissued(base), replacing(&earlier, base)),
        None if edition.manifest.state == PROPOSED => (Kind::Proposed, earlier.basis()),
        None => (Kind::Issued, earlier.basis()),
    };
    let Material { inputs, templates, basis } = gather(&config, period, &basis, &silent)?;
    let now = side(&config, &inputs);
    let mut judged = judge(&config, period, inputs, &earlier, kind, &silent)?;
    if let (Some(rerun), Some(base)) = (&mut judged.rerun, base) {
        rerun.causes = causes(&Side::of(base)?, &now);
    }
    write(&config, period, judged, (&templates, &basis), &earlier, &silent)
}

/// The editions that there were when the edition was made.
fn before(all: &Editions, edition: &Edition) -> Editions {
    let is_known = |one: &&Edition| edition.manifest.earlier_editions.contains_key(&one.name());
    let own = all.iter().map(|(month, own)| (*month, own.iter().filter(is_known).cloned().collect()));
    own.filter(|(_, own): &(_, Vec<Edition>)| !own.is_empty()).collect()
}
