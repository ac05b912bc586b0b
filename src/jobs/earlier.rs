//! What the editions in the archive say, read once for a run: what a month is judged with, and what of earlier months is
//! still to be taken up.

use super::late;
use crate::{
    archive::{Edition, ISSUED},
    base::{money::Fen, month::Month},
    report::Person,
    schema::{
        adjustments::{Adjustment, Movement},
        difference::FindingRow,
        inputs::Inputs,
    },
    settle::{Bookings, Charged, Past, adjustments, bookings, sort, take_up},
};
use anyhow::{Context, bail};
use std::collections::{BTreeMap, BTreeSet};

/// The editions of every month that has some, in order.
pub(super) type Editions = Vec<(Month, Vec<Edition>)>;

/// The editions that a run looks at, and what they say.
pub(super) struct Earlier {
    past: Past,
    pub(super) editions: Editions,
    /// The month that is judged.
    month: Month,
}

/// What the editions say to any month.
#[derive(Default)]
pub(super) struct Said {
    /// What decisions may be about.
    known: BTreeSet<String>,
    /// What each month pays; of a pruned one that is not only said to others.
    paid: Vec<(Month, bool, Vec<String>)>,
}

impl Said {
    /// Adds the editions of a month, which is later than those before.
    ///
    /// # Errors
    /// An edition that cannot be read; nothing is added then.
    pub(super) fn add(&mut self, month: Month, own: &[Edition]) -> anyhow::Result<()> {
        let mut known = Vec::new();
        for edition in own {
            known.extend(edition.known()?);
        }
        let mut paid = Vec::new();
        // Of a pruned month only the movements are left: what it moved is not paid a second time.
        let is_pruned = own.iter().any(Edition::is_pruned);
        if is_pruned {
            for edition in own.iter().filter(|edition| edition.manifest.state == ISSUED) {
                paid.extend(edition.records("postings.csv", |cells| cells.get(1).map(|id| (*id).to_owned()))?);
            }
        } else if let Some(latest) = closed(own).last() {
            let rows = latest.findings()?.into_iter().filter(|row| row.money().is_some() || row.hours() > 0);
            paid.extend(rows.map(|row| row.id().to_owned()));
        }
        self.known.extend(known);
        self.paid.push((month, is_pruned, paid));
        Ok(())
    }
}

impl Earlier {
    /// # Errors
    /// An edition that cannot be read.
    pub(super) fn of(editions: Editions, month: Month) -> anyhow::Result<Self> {
        let mut said = Said::default();
        for (other, own) in &editions {
            said.add(*other, own)?;
        }
        Self::heard(&said, editions, month)
    }

    /// As [`Earlier::of`], where what the editions say is read already.
    ///
    /// # Errors
    /// An edition of the month that cannot be read.
    pub(super) fn heard(said: &Said, editions: Editions, month: Month) -> anyhow::Result<Self> {
        let mut past = Past { known: said.known.clone(), ..Past::default() };
        for (other, is_pruned, paid) in &said.paid {
            if *is_pruned || *other != month {
                past.elsewhere.extend(paid.iter().map(|id| (id.clone(), *other)));
            }
        }
        let own = editions.iter().find(|(other, own)| *other == month && !own.iter().any(Edition::is_pruned));
        if let Some((_, own)) = own {
            let closed: Vec<Vec<FindingRow>> = closed(own).map(Edition::findings).collect::<anyhow::Result<_>>()?;
            if !closed.is_empty() {
                past.charged = Some(Charged::of(&closed, &booked(&editions, month, own)?));
            }
        }
        Ok(Self { past, editions, month })
    }

    /// What the month is judged with, once its inputs are read.
    pub(super) fn past(&self, inputs: &Inputs) -> anyhow::Result<Past> {
        Ok(Past { read: late::read(self.own(), inputs)?, ..self.past.clone() })
    }

    /// The editions with the SHA-256 of their manifests.
    pub(super) fn hashes(&self) -> BTreeMap<String, String> {
        let of = |(_, own): &(Month, Vec<Edition>)| {
            own.iter().map(|edition| (edition.name(), edition.sha256.clone())).collect::<Vec<_>>()
        };
        self.editions.iter().flat_map(of).collect()
    }

    /// What the month's result depends on: of other months the closed editions, of earlier ones the latest too.
    pub(super) fn basis(&self) -> String {
        let mut text = String::new();
        for (month, own) in self.editions.iter().filter(|(month, _)| *month != self.month) {
            let latest = own.last().filter(|latest| *month < self.month && !latest.manifest.is_closed());
            for edition in closed(own).chain(latest) {
                text.extend([&edition.name(), " ", &edition.sha256, "\n"]);
            }
        }
        text
    }

    /// The editions of the month itself.
    pub(super) fn own(&self) -> &[Edition] {
        self.editions.iter().find(|(month, _)| *month == self.month).map_or(&[], |(_, own)| own)
    }

    /// Whether an edition has, or had, a finding with this id.
    pub(super) fn is_known(&self, id: &str) -> bool {
        self.past.known.contains(id)
    }

    /// The number of the month's next edition.
    pub(super) fn next_number(&self) -> u32 {
        self.own().last().map_or(1, |edition| edition.number + 1)
    }

    /// What has to move in the month because earlier ones were judged again since they were paid, and of which editions
    /// that is. Sorted by employee id, month, finding, movement.
    pub(super) fn adjustments(
        &self,
        on_payroll: &dyn Fn(&str) -> bool,
    ) -> anyhow::Result<(Vec<Adjustment>, Vec<String>)> {
        let (mut all, mut from) = (Vec::new(), Vec::new());
        for (month, own) in self.editions.iter().filter(|(month, _)| *month < self.month) {
            let moved = self.open(*month, own, on_payroll)?;
            if let (false, Some(latest)) = (moved.is_empty(), closed(own).last()) {
                from.push(latest.name());
            }
            all.extend(moved);
        }
        sort(&mut all);
        Ok((all, from))
    }

    /// Editions of earlier months that were judged again and that no issued month has looked at, money or not.
    pub(super) fn unseen(&self) -> Vec<String> {
        let issued = self.editions.iter().flat_map(|(_, own)| own).filter(|one| one.manifest.state == ISSUED);
        let seen: BTreeSet<&String> = issued.flat_map(|one| &one.manifest.adjusts).collect();
        let earlier = self.editions.iter().filter(|(month, _)| *month < self.month);
        let latest = earlier.filter_map(|(_, own)| closed(own).last()).filter(|one| one.manifest.state != ISSUED);
        latest.map(Edition::name).filter(|name| !seen.contains(name)).collect()
    }

    /// Who somebody was in the month of an adjustment, for those whom today's roster does not know any more.
    pub(super) fn person(&self, one: &Adjustment) -> anyhow::Result<Option<Person>> {
        let own = self.editions.iter().find(|(month, _)| *month == one.belongs_to).map_or(&[][..], |(_, own)| own);
        let Some(edition) = closed(own).last() else { return Ok(None) };
        let path = edition.dir.join(Edition::ROSTER);
        let mut reader = csv::Reader::from_path(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // employee_id, name, department, position, manager_id, email, hire_date, leave_date …
        for record in reader.records() {
            let record = record.with_context(|| format!("{} is damaged", path.display()))?;
            let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
            if cell(0) == one.employee_id {
                let [id, name, department, position, manager_id, email] = [0, 1, 2, 3, 4, 5].map(cell);
                let leave_date = cell(7).parse().ok();
                return Ok(Some(Person { id, name, department, position, manager_id, email, leave_date }));
            }
        }
        Ok(None)
    }

    /// Closed months that hold findings of `ids` because this month paid them: judged again they take them.
    pub(super) fn waiting_for(&self, ids: &BTreeSet<&str>) -> anyhow::Result<Vec<Month>> {
        let mut months = Vec::new();
        for (month, own) in self.editions.iter().filter(|(month, _)| *month != self.month) {
            let Some(latest) = closed(own).last().filter(|latest| !latest.is_pruned()) else { continue };
            let is_meant = |row: &FindingRow| row.cell("reason") == "other-month" && ids.contains(row.id());
            if latest.findings()?.iter().any(is_meant) {
                months.push(*month);
            }
        }
        Ok(months)
    }

    /// Lines of closed months that still wait for somebody: a late charge, an objection, what another month paid. By
    /// month, how many.
    pub(super) fn waiting(&self) -> anyhow::Result<BTreeMap<Month, u64>> {
        let mut waiting = BTreeMap::new();
        for (month, own) in &self.editions {
            let Some(latest) = closed(own).last().filter(|latest| !latest.is_pruned()) else { continue };
            let lines = latest.findings()?.iter().filter(|row| row.waits_after_issue()).count();
            if lines > 0 {
                waiting.insert(*month, lines as u64);
            }
        }
        Ok(waiting)
    }

    /// What is still to be taken up of a month that was judged again.
    fn open(
        &self,
        month: Month,
        own: &[Edition],
        on_payroll: &dyn Fn(&str) -> bool,
    ) -> anyhow::Result<Vec<Adjustment>> {
        let Some(latest) = closed(own).last().filter(|latest| latest.manifest.state != ISSUED) else {
            return Ok(Vec::new());
        };
        // Only what was taken up is pruned.
        if latest.is_pruned() {
            return Ok(Vec::new());
        }
        let booked = booked(&self.editions, month, own)?;
        let now = bookings(&latest.findings()?, month, latest.number);
        Ok(adjustments(&booked, &now, on_payroll))
    }
}

/// What is booked of a month: by its issued edition, and by every month that was issued since.
fn booked(all: &Editions, month: Month, own: &[Edition]) -> anyhow::Result<Bookings> {
    let Some(issued) = own.iter().find(|edition| edition.manifest.state == ISSUED) else {
        return Ok(Bookings::new());
    };
    let mut booked = bookings(&issued.findings()?, month, issued.number);
    for (paid_in, editions) in all {
        for edition in editions.iter().filter(|edition| edition.manifest.state == ISSUED) {
            if edition.manifest.control.adjusted.is_none() {
                continue;
            }
            let moved: Vec<Adjustment> = adjusted(edition)?.into_iter().filter(|one| one.belongs_to == month).collect();
            if let Err(finding) = take_up(&mut booked, &moved) {
                bail!(
                    "{paid_in}/{:03} and {month} do not agree on what was booked of {finding}\n  help: run `meritbook \
                     editions verify`; restore what is damaged from a backup",
                    edition.number
                );
            }
        }
    }
    Ok(booked)
}

/// The editions that closed their month, or judged it again, in order.
pub(super) fn closed(own: &[Edition]) -> impl DoubleEndedIterator<Item = &Edition> {
    own.iter().filter(|edition| edition.manifest.is_closed())
}

/// The adjustments that an issued edition took up.
fn adjusted(edition: &Edition) -> anyhow::Result<Vec<Adjustment>> {
    let row = |cells: &[&str]| {
        let [finding, employee, rule, month, number, movement, amount, hours, _, occurred, by_hand, summary] =
            <[&str; 12]>::try_from(cells).ok()?;
        let rule = crate::rules::rule(rule)?;
        let hundredths = |text: &str| if text.is_empty() { Some(Fen(0)) } else { Fen::parse_yuan(text) };
        Some(Adjustment {
            finding_id: finding.to_owned(),
            employee_id: employee.to_owned(),
            rule: rule.name,
            destination: rule.destination(),
            belongs_to: month.parse().ok()?,
            edition: number.parse().ok()?,
            movement: Movement::parse(movement)?,
            amount: hundredths(amount)?,
            hours: hundredths(hours)?.0,
            is_settled_by_hand: by_hand == "y",
            occurred_on: occurred.to_owned(),
            summary: summary.to_owned(),
        })
    };
    edition.records("adjustments.csv", row).context("adjustments.csv")
}

/// The employees of the roster who are paid in a month: those who have not left before its first day.
pub(super) fn on_payroll(people: &BTreeMap<String, Person>, first: chrono::NaiveDate) -> BTreeSet<&str> {
    let is_paid = |person: &&Person| person.leave_date.is_none_or(|left| left >= first);
    people.values().filter(is_paid).map(|person| person.id.as_str()).collect()
}
