//! The editions as a night reads them: months that cannot be read are left out and told, because a reminder is better
//! made without them than not at all.

use crate::{
    archive::{Archive, Edition},
    base::month::Month,
    jobs::earlier::{Earlier, Editions, Said, closed},
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// The editions of all months that can be read.
#[derive(Default)]
pub(super) struct Archived {
    editions: Editions,
    /// Months that cannot be read, with the reason.
    pub(super) damaged: BTreeMap<Month, String>,
    said: Said,
    earlier: BTreeMap<Month, Earlier>,
}

impl Archived {
    /// # Errors
    /// The archive's folder cannot be listed.
    pub(super) fn of(archive: &Archive) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for month in archive.months()? {
            let read = archive.editions(month).and_then(|own| all.said.add(month, &own).map(|()| own));
            match read {
                Ok(own) => all.editions.push((month, own)),
                Err(error) => {
                    all.damaged.insert(month, format!("{error:#}"));
                }
            }
        }
        Ok(all)
    }

    /// What the editions say to a month that is judged.
    pub(super) fn earlier(&mut self, month: Month) -> anyhow::Result<&Earlier> {
        match self.earlier.entry(month) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(Earlier::heard(&self.said, self.editions.clone(), month)?)),
        }
    }

    /// The months that are issued.
    pub(super) fn closed(&self) -> BTreeSet<Month> {
        self.those(|own| closed(own).next().is_some())
    }

    /// The months that were proposed and are not issued.
    pub(super) fn proposed(&self) -> BTreeSet<Month> {
        self.those(|own| !own.is_empty() && closed(own).next().is_none())
    }

    fn those(&self, is_meant: impl Fn(&[Edition]) -> bool) -> BTreeSet<Month> {
        self.editions.iter().filter(|(_, own)| is_meant(own)).map(|(month, _)| *month).collect()
    }
}
