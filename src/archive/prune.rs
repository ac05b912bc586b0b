//! Pruning: of months long over only manifest, ledger and movements of money stay; the rest goes for good, and the nights
//! of the month with it.
//!
//! A month goes whole or not at all, and not while money of it may still be asked for: wage payment records are kept two
//! years (工资支付暂行规定 第六条), counted from the month in which something was paid last.

use super::{
    edition::{Archive, Edition},
    pruned::{Pruned, stays},
    store::walk,
};
use crate::base::month::Month;
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Why a month that is old enough stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Money of it was paid in a month that is not old enough.
    Paid(String),
    /// This edition's difference is still to be paid.
    Owed(String),
    /// So many of its lines wait for an answer.
    Waiting(usize),
    /// So many faults: what is not as written is not thrown away.
    Faults(usize),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paid(month) => write!(f, "money of it was paid in {month}, which is not that long ago"),
            Self::Owed(edition) => write!(f, "the difference of edition {edition} is still to be paid"),
            Self::Waiting(1) => write!(f, "a line of it waits for an answer"),
            Self::Waiting(count) => write!(f, "{count} lines of it wait for an answer"),
            Self::Faults(count) => write!(f, "{count} of its files are not as written, see `editions verify`"),
        }
    }
}

/// How many lines of an edition wait for an answer.
fn waiting(edition: &Edition) -> anyhow::Result<usize> {
    if edition.is_pruned() {
        return Ok(0);
    }
    Ok(edition.findings()?.iter().filter(|row| row.waits_after_issue()).count())
}

/// A month that is old enough and not pruned yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The month.
    pub month: Month,
    /// Its last day.
    pub last: NaiveDate,
    /// Its editions that are not pruned.
    pub editions: usize,
    /// Their files that would go.
    pub files: usize,
    /// Why it stays; `None` where it goes.
    pub kept: Option<Kept>,
}

impl Archive {
    /// The months that ended before a day and are not pruned, each with what would become of it.
    ///
    /// # Errors
    /// An edition that cannot be read.
    pub fn plan(&self, before: NaiveDate) -> anyhow::Result<Vec<Planned>> {
        let mut months = Vec::new();
        for month in self.months()? {
            months.push((month, self.editions(month)?));
        }
        let ends: BTreeMap<String, NaiveDate> =
            months.iter().filter_map(|(month, editions)| Some((month.to_string(), end(editions)?))).collect();
        let (paid, settled) = (last_paid(&months, &ends)?, settled(&months));
        let mut plan = Vec::new();
        for (month, editions) in &months {
            let unpruned: Vec<&Edition> = editions.iter().filter(|edition| !edition.is_pruned()).collect();
            let Some(last) = end(editions).filter(|last| *last < before && !unpruned.is_empty()) else { continue };
            let mut files = 0;
            for edition in &unpruned {
                files += walk(&edition.dir)?.iter().filter(|name| !stays(name)).count();
            }
            let owed = editions.last().filter(|edition| edition.manifest.state == "reissued").map(Edition::name);
            let recent = paid.get(&month.to_string()).filter(|(end, _)| end.is_none_or(|end| end >= before));
            let kept = match (recent, owed.filter(|name| !settled.contains(name.as_str()))) {
                (Some((_, month)), _) => Some(Kept::Paid(month.clone())),
                (None, Some(edition)) => Some(Kept::Owed(edition)),
                (None, None) => {
                    let faults = self.verify(Some(*month))?.faults.len();
                    let latest = editions.iter().rev().find(|edition| edition.manifest.is_closed());
                    let waiting = if faults > 0 { 0 } else { latest.map_or(Ok(0), waiting)? };
                    match (faults, waiting) {
                        (0, 0) => None,
                        (0, lines) => Some(Kept::Waiting(lines)),
                        (faults, _) => Some(Kept::Faults(faults)),
                    }
                }
            };
            plan.push(Planned { month: *month, last, editions: unpruned.len(), files, kept });
        }
        Ok(plan)
    }

    /// Prunes months, the snapshots of their nights too. What is interrupted is ended by [`Archive::clean`].
    ///
    /// # Errors
    /// Those of the file system.
    pub fn prune(&self, months: &[Month]) -> anyhow::Result<()> {
        for month in months {
            for edition in self.editions(*month)?.iter().filter(|edition| !edition.is_pruned()) {
                let pruned = Pruned::of(edition)?;
                pruned.write(&edition.dir)?;
                pruned.finish(&edition.dir)?;
                self.prune_outbox(&format!("editions/{}", edition.name()))?;
            }
        }
        self.remove_pruned_nights()?;
        self.remove_unnamed().map(|_| ())
    }
}

/// The last day of a month's editions; `None` where there is none or it cannot be read.
fn end(editions: &[Edition]) -> Option<NaiveDate> {
    let days: Option<Vec<NaiveDate>> =
        editions.iter().map(|edition| edition.manifest.period.last.parse().ok()).collect();
    days?.into_iter().max()
}

/// When money of a month was paid last, and the month in which; `None` where nobody knows the end of that month.
type LastPaid = BTreeMap<String, (Option<NaiveDate>, String)>;

/// For each month when money of it was paid last: by the movements of issued editions, and by the differences that
/// they took up, of which hours move no money.
fn last_paid(months: &[(Month, Vec<Edition>)], ends: &BTreeMap<String, NaiveDate>) -> anyhow::Result<LastPaid> {
    let mut last = LastPaid::new();
    let mut see = |belongs_to: String, paid_in: String| {
        let end = ends.get(&paid_in).copied();
        // An unknown end counts as later than any other.
        let is_later =
            |(known, _): &(Option<NaiveDate>, String)| known.is_some_and(|known| end.is_none_or(|end| end > known));
        match last.get_mut(&belongs_to) {
            Some(known) if !is_later(known) => {}
            Some(known) => *known = (end, paid_in),
            None => {
                last.insert(belongs_to, (end, paid_in));
            }
        }
    };
    for (month, editions) in months {
        for edition in editions.iter().filter(|edition| edition.manifest.state == "issued") {
            // postings.csv: posting_id, finding_id, edition, direction, amount, belongs_to, paid_in.
            let paid = edition
                .records("postings.csv", |cells| Some(((*cells.get(5)?).to_owned(), (*cells.get(6)?).to_owned())))?;
            for (belongs_to, paid_in) in paid {
                see(belongs_to, paid_in);
            }
            for name in &edition.manifest.adjusts {
                see(name.split('/').next().unwrap_or_default().to_owned(), month.to_string());
            }
        }
    }
    Ok(last)
}

/// The editions whose differences were taken up by an issued edition.
fn settled(months: &[(Month, Vec<Edition>)]) -> BTreeSet<&str> {
    let editions = months.iter().flat_map(|(_, editions)| editions);
    let issued = editions.filter(|edition| edition.manifest.state == "issued");
    issued.flat_map(|edition| edition.manifest.adjusts.iter().map(String::as_str)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        archive::{Control, Manifest, OutputEntry, PeriodEntry},
        base::hash::sha256_of,
    };

    /// An archive in a folder of its own.
    struct Bench(tempfile::TempDir);

    impl Bench {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn archive(&self) -> Archive {
            Archive::new(self.0.path())
        }

        /// Writes an edition with movements of money (`belongs_to`), which takes up differences.
        fn edition(&self, month: &str, number: u32, state: &str, paid: &[&str], adjusts: &[&str]) {
            let rows = paid.iter().map(|belongs_to| format!("p,f,{number},deduct,1.00,{belongs_to},{month}\r\n"));
            let head = "posting_id,finding_id,edition,direction,amount,belongs_to,paid_in\r\n";
            let mut files = vec![
                (
                    "findings.csv".to_owned(),
                    findings(month, if state == "held" { "objection" } else { "" }).into_bytes(),
                ),
                ("postings.csv".to_owned(), format!("{head}{}", rows.collect::<String>()).into_bytes()),
            ];
            let empty = sha256_of(b"");
            let year = &month[..4];
            let manifest = Manifest {
                state: if state == "held" { "issued" } else { state }.to_owned(),
                edition: number,
                period: PeriodEntry {
                    month: month.to_owned(),
                    first: format!("{year}-01-01"),
                    last: format!("{month}-28"),
                },
                program_version: "0.1.0".to_owned(),
                basis_sha256: empty.clone(),
                config_sha256: empty.clone(),
                policy_sha256: empty.clone(),
                calendar_sha256: empty.clone(),
                missing: BTreeMap::new(),
                roster_sha256: empty,
                inputs: Vec::new(),
                earlier_editions: BTreeMap::new(),
                replaces: None,
                adjusts: adjusts.iter().map(|name| (*name).to_owned()).collect(),
                objection_until: None,
                waiting: BTreeMap::new(),
                control: Control::default(),
                suspended: Vec::new(),
                unaudited: BTreeMap::new(),
                shadow: Vec::new(),
                outputs: files
                    .iter()
                    .map(|(name, bytes)| OutputEntry { name: name.clone(), sha256: sha256_of(bytes), rows: None })
                    .collect(),
            };
            files.push(("manifest.json".to_owned(), manifest.to_json().unwrap()));
            let files: Vec<(String, &[u8])> =
                files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice())).collect();
            self.archive().write(month.parse().unwrap(), number, &files, (&[], [""; 4]), &[]).unwrap();
        }

        /// Each month of the plan with why it stays; nothing where it goes.
        fn plan(&self, before: &str) -> Vec<(String, Option<Kept>)> {
            let plan = self.archive().plan(before.parse().unwrap()).unwrap();
            plan.into_iter().map(|planned| (planned.month.to_string(), planned.kept)).collect()
        }
    }

    /// A month's one line, held for `reason` where one is given.
    fn findings(month: &str, reason: &str) -> String {
        let columns = crate::schema::difference::FindingRow::COLUMNS;
        let cells = columns.map(|column| match column {
            "finding_id" => format!("loss:0102:{month}"),
            "status" if !reason.is_empty() => "hold".to_owned(),
            "reason" => reason.to_owned(),
            _ => String::new(),
        });
        format!("{}\r\n{}\r\n", columns.join(","), cells.join(","))
    }

    #[test]
    fn a_month_stays_while_somebody_waits_for_an_answer() {
        let bench = Bench::new();
        bench.edition("2024-01", 1, "held", &["2024-01"], &[]);
        assert_eq!(bench.plan("2030-01-01"), [("2024-01".to_owned(), Some(Kept::Waiting(1)))]);
        bench.edition("2024-01", 2, "reissued", &[], &[]);
        bench.edition("2024-03", 1, "issued", &[], &["2024-01/002"]);
        assert_eq!(bench.plan("2030-01-01"), [goes("2024-01"), goes("2024-03")]);
    }

    fn goes(month: &str) -> (String, Option<Kept>) {
        (month.to_owned(), None)
    }

    #[test]
    fn a_month_goes_when_it_ended_before_the_day() {
        let bench = Bench::new();
        bench.edition("2024-01", 1, "proposed", &[], &[]);
        bench.edition("2024-01", 2, "issued", &["2024-01"], &[]);
        assert_eq!(bench.plan("2024-01-28"), []);
        assert_eq!(bench.plan("2024-01-29"), [goes("2024-01")]);
    }

    #[test]
    fn a_month_stays_while_money_of_it_was_paid_lately() {
        let bench = Bench::new();
        bench.edition("2024-01", 1, "issued", &["2024-01"], &[]);
        bench.edition("2024-02", 1, "issued", &["2024-02"], &[]);
        bench.edition("2024-06", 1, "issued", &["2024-01", "2024-06"], &[]);
        bench.edition("2024-05", 1, "issued", &["2024-01"], &[]);
        let paid = ("2024-01".to_owned(), Some(Kept::Paid("2024-06".to_owned())));
        assert_eq!(bench.plan("2024-06-28"), [paid, goes("2024-02"), goes("2024-05")]);
        assert_eq!(bench.plan("2024-06-29").iter().filter(|(_, kept)| kept.is_none()).count(), 4);
    }

    #[test]
    fn a_proposal_pays_nothing() {
        let bench = Bench::new();
        bench.edition("2024-01", 1, "issued", &["2024-01"], &[]);
        bench.edition("2024-06", 1, "proposed", &["2024-01"], &[]);
        assert_eq!(bench.plan("2024-02-01"), [goes("2024-01")]);
    }

    #[test]
    fn a_month_stays_while_its_difference_is_owed_and_as_long_after_as_any_payment() {
        let bench = Bench::new();
        bench.edition("2024-01", 1, "issued", &["2024-01"], &[]);
        bench.edition("2024-01", 2, "reissued", &[], &[]);
        let owed = ("2024-01".to_owned(), Some(Kept::Owed("2024-01/002".to_owned())));
        assert_eq!(bench.plan("2030-01-01"), std::slice::from_ref(&owed));
        // A proposal that would take it up does not.
        bench.edition("2024-03", 1, "proposed", &[], &["2024-01/002"]);
        assert_eq!(bench.plan("2030-01-01"), [owed, goes("2024-03")]);
        // Hours only: no money moves, and yet it was taken up then.
        bench.edition("2024-03", 2, "issued", &[], &["2024-01/002"]);
        let paid = ("2024-01".to_owned(), Some(Kept::Paid("2024-03".to_owned())));
        assert_eq!(bench.plan("2024-03-01"), [paid]);
        assert_eq!(bench.plan("2030-01-01"), [goes("2024-01"), goes("2024-03")]);
        // Judged again since: that difference is owed anew.
        bench.edition("2024-01", 3, "reissued", &[], &[]);
        let owed = ("2024-01".to_owned(), Some(Kept::Owed("2024-01/003".to_owned())));
        assert_eq!(bench.plan("2030-01-01"), [owed, goes("2024-03")]);
    }

    #[test]
    fn a_pruned_month_is_known_by_its_codes_and_keeps_its_movements() {
        let bench = Bench::new();
        bench.edition("2024-01", 1, "issued", &["2024-01"], &[]);
        bench.edition("2024-06", 1, "issued", &["2024-06"], &[]);
        let archive = bench.archive();
        let known = || -> std::collections::BTreeSet<String> {
            archive.all().unwrap().iter().flat_map(|(_, own)| own).flat_map(|one| one.known().unwrap()).collect()
        };
        let before = known();
        archive.prune(&["2024-01".parse().unwrap()]).unwrap();
        let after = known();
        assert!(after.contains("loss:0102:2024-06") && !after.contains("loss:0102:2024-01"));
        assert!(before.iter().all(|id| crate::base::code::is_known(id, &after)));
        let edition = archive.editions("2024-01".parse().unwrap()).unwrap().remove(0);
        assert!(edition.is_pruned() && edition.finding_ids().unwrap().is_empty());
        assert!(edition.findings().unwrap_err().to_string().contains("edition 2024-01/001 is pruned"));
        assert_eq!(
            edition.records("postings.csv", |cells| cells.get(5).map(|cell| (*cell).to_owned())).unwrap(),
            ["2024-01"]
        );
        assert_eq!(bench.plan("2030-01-01"), [goes("2024-06")]);
        assert_eq!(archive.find(&|id| id == "loss:0102:2024-01").unwrap(), None);
        assert_eq!(archive.clean().unwrap(), 0);
        assert_eq!(archive.verify(None).unwrap().faults, []);
    }
}
