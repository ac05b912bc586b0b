//! Issued months that would come out otherwise today, because of what came late: judged as `rerun --inputs filled` would,
//! and only counted. Lines that are merely not to be judged any more do not count.

use super::{archived::Archived, months};
use crate::{
    base::month::{Month, Period},
    config::Config,
    jobs::{
        console::Console,
        earlier::{Earlier, closed},
        late, lost,
        produce::{Kind, Material, gather, judge},
        rerun::{filled, refuse_other_days, replacing},
    },
    mail::agenda::Suggested,
};
use std::collections::BTreeMap;

/// So many payroll months back are looked at.
const MONTHS: usize = 3;

/// What was found of a month.
#[derive(Clone)]
struct Looked {
    /// The hash of all that it was found from.
    basis: String,
    suggested: Option<Suggested>,
}

/// What reruns would change, looked at once for a run.
#[derive(Default)]
pub(super) struct Reruns(BTreeMap<Month, Result<Option<Looked>, String>>);

/// What a night tells of issued months.
#[derive(Clone, Default)]
pub(super) struct Found {
    pub(super) basis: String,
    pub(super) suggested: Vec<Suggested>,
    /// Months that could not be looked at, with the reason.
    pub(super) failed: BTreeMap<Month, String>,
}

impl Reruns {
    /// The issued months that ended within the last payroll months before `running`, and that one itself.
    pub(super) fn look(&mut self, config: &Config, archived: &mut Archived, running: Month) -> Found {
        let mut found = Found { failed: archived.damaged.clone(), ..Found::default() };
        let closed = archived.closed();
        let near: Vec<Month> = months(running).take(MONTHS + 1).filter(|month| closed.contains(month)).collect();
        for month in near.into_iter().rev() {
            let looked = self.0.entry(month).or_insert_with(|| {
                let looked = archived.earlier(month).and_then(|earlier| look(config, earlier, month));
                looked.map_err(|error| format!("{error:#}"))
            });
            match looked {
                Ok(None) => {}
                Ok(Some(looked)) => {
                    found.basis.extend([&looked.basis, "\n"]);
                    found.suggested.extend(looked.suggested.clone());
                }
                Err(why) => {
                    found.failed.insert(month, why.clone());
                }
            }
        }
        found
    }
}

/// Judges a month again; nothing of a pruned one.
fn look(config: &Config, earlier: &Earlier, month: Month) -> anyhow::Result<Option<Looked>> {
    let Some(base) = closed(earlier.own()).last().filter(|base| !base.is_pruned()) else { return Ok(None) };
    let period = Period::new(month, config.first_day);
    refuse_other_days(base, period)?;
    let config = filled(config, base);
    let silent = Console::silent();
    let Material { inputs, basis, .. } = gather(&config, period, &replacing(earlier, base), &silent)?;
    let answers = late::unread(base, &inputs)?.len();
    let judged = judge(&config, period, inputs, earlier, Kind::Reissued(base), &silent)?;
    let is_open = lost::open(&judged, base);
    let lines = judged.rerun.as_ref().map_or([0; 3], |rerun| {
        let difference = &rerun.difference;
        // What differs in words only would be said again every night.
        let (weighed, weighty) = difference.weighed();
        let changed = weighed.iter().take(weighty).filter(|(was, _)| !is_open(was)).count();
        [difference.removed.iter().filter(|row| !is_open(row)).count(), difference.added.len(), changed]
    });
    let is_other = answers > 0 || lines != [0; 3];
    let suggested = is_other.then(|| Suggested { month: month.to_string(), lines, answers });
    Ok(Some(Looked { basis: basis.all, suggested }))
}
