//! One night: the month to date, and the month before as long as it waits to be issued; what of it is new.

use super::{archived::Archived, language, reruns::Found, staff::Staff, upcoming::upcoming};
use crate::{
    archive::{Night, NightInput, PeriodEntry},
    base::{evidence::RowRef, hash::sha256_of, month::Period},
    config::Config,
    jobs::{
        console::Console,
        earlier::Earlier,
        evaluate::{Evaluation, evaluate},
        month,
        produce::{Basis, Material, gather, people},
    },
    mail::agenda::Upcoming,
    report::{Person, Report, csv},
    schema::{
        difference::FindingRow,
        findings::{Finding, Status, Suspension, Unaudited},
        inputs::{Inputs, Rejected},
    },
    settle::decisions,
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a night is judged from.
pub(super) struct Gathered {
    pub(super) date: NaiveDate,
    /// The months, the running one first, each up to the last day that counts; whether it is judged.
    months: Vec<(Period, Inputs, bool)>,
    basis: Basis,
    pub(super) reruns: Found,
}

/// What a night came to.
pub(super) struct Judged {
    pub(super) date: NaiveDate,
    /// The payroll month that runs.
    pub(super) running: Period,
    pub(super) months: Vec<Period>,
    pub(super) basis: Basis,
    pub(super) reruns: Found,
    pub(super) inputs: Inputs,
    pub(super) files: Vec<NightInput>,
    pub(super) staff: Staff,
    pub(super) people: BTreeMap<String, Person>,
    /// Sorted as in `findings.csv`.
    pub(super) findings: Vec<Finding>,
    pub(super) suspensions: Vec<Suspension>,
    pub(super) unaudited: Vec<Unaudited>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) upcoming: Vec<Upcoming>,
}

/// Reads what a night is judged from.
pub(super) fn gathered(
    config: &Config,
    archived: &mut Archived,
    date: NaiveDate,
    reruns: Found,
    console: &Console,
) -> anyhow::Result<Gathered> {
    let whole = month::period_of(Period::containing(date, config.first_day).month, config)?;
    let before = whole.month.previous();
    let mut wanted = vec![(Period { last: date, ..whole }, !archived.closed().contains(&whole.month))];
    if archived.proposed().contains(&before) {
        wanted.push((month::period_of(before, config)?, true));
    }
    let mut basis = format!("night {date}\n{}", reruns.basis);
    for (month, why) in &reruns.failed {
        basis.extend([&month.to_string(), " ", why, "\n"]);
    }
    let (mut months, mut first) = (Vec::new(), None);
    for (period, is_judged) in wanted {
        let earlier = archived.earlier(period.month)?;
        let said = format!("{}{}", earlier.basis(), own(earlier));
        let Material { mut inputs, basis: own, .. } = gather(config, period, &said, console)?;
        basis.extend([&own.all, "\n"]);
        if period.last == date {
            until(&mut inputs, date)?;
        }
        first = first.or(Some(own));
        months.push((period, inputs, is_judged));
    }
    let Basis { config, policy, calendar, .. } = first.ok_or_else(|| anyhow::anyhow!("no month"))?;
    let basis = Basis { config, policy, calendar, all: sha256_of(basis.as_bytes()) };
    Ok(Gathered { date, months, basis, reruns })
}

/// The editions of the month itself, which decisions may be about.
fn own(earlier: &Earlier) -> String {
    earlier
        .own()
        .iter()
        .flat_map(|edition| [edition.name(), " ".to_owned(), edition.sha256.clone(), "\n".to_owned()])
        .collect()
}

/// Overtime of later days is none of this night: the hours of the month are summed over all of its claims.
fn until(inputs: &mut Inputs, date: NaiveDate) -> PolarsResult<()> {
    let claims = inputs.table("overtime").clone().lazy().filter(col("start").dt().date().lt_eq(lit(date)));
    inputs.tables.insert("overtime", claims.collect()?);
    Ok(())
}

/// File and line of decisions after the night: what they are about need not have happened yet.
fn later_answers(inputs: &Inputs, date: NaiveDate) -> PolarsResult<BTreeSet<(String, u64)>> {
    let later = decisions(inputs)?.into_iter().filter(|one| one.decided_at.date() > date);
    let place = |row: RowRef| Some((inputs.files.get(row.file as usize)?.name.clone(), u64::from(row.line)));
    Ok(later.filter_map(|one| place(one.row)).collect())
}

impl Gathered {
    /// The hash of all that decides what is found.
    pub(super) fn basis(&self) -> &str {
        &self.basis.all
    }

    /// Judges the months.
    pub(super) fn judge(self, config: &Config, archived: &mut Archived, console: &Console) -> anyhow::Result<Judged> {
        console.step("judge");
        let mut months = self.months.into_iter();
        let (mut findings, mut suspensions, mut rejected) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let (mut files, mut judged, mut known) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        let (mut first, mut unaudited) = (None, Vec::new());
        for (period, inputs, is_judged) in months.by_ref() {
            files.extend(inputs.files.iter().map(|file| NightInput {
                source: file.source.clone(),
                name: file.name.clone(),
                sha256: file.sha256.clone(),
            }));
            if !is_judged {
                rejected.extend(inputs.rejected.iter().cloned());
                first = first.or(Some((period, inputs)));
                continue;
            }
            let earlier = archived.earlier(period.month)?;
            let mut past = earlier.past(&inputs)?;
            // An answer about the other month is about something.
            past.known.extend(known.iter().cloned());
            let evaluation: Evaluation = evaluate(config, inputs, period, &past, earlier.next_number())?;
            known.extend(evaluation.findings.iter().map(|finding| finding.id.clone()));
            judged.push(period);
            findings.extend(evaluation.findings);
            suspensions.extend(evaluation.suspensions);
            let later = later_answers(&evaluation.inputs, self.date)?;
            rejected
                .extend(evaluation.rejected.into_iter().filter(|row| !later.contains(&(row.file.clone(), row.line))));
            if first.is_none() {
                unaudited = evaluation.unaudited;
            }
            first = first.or(Some((period, evaluation.inputs)));
        }
        let (running, inputs) = first.ok_or_else(|| anyhow::anyhow!("no month"))?;
        findings.sort_by(|a, b| {
            let key = |one: &Finding| (one.rule, one.belongs_to);
            a.employee_id
                .cmp(&b.employee_id)
                .then_with(|| (a.rule, &a.subject).cmp(&(b.rule, &b.subject)).then_with(|| key(a).cmp(&key(b))))
        });
        let staff = Staff::of(&inputs, self.date)?;
        let mut upcoming = upcoming(config, &inputs, self.date)?;
        for one in &mut upcoming {
            one.name = staff.name(&one.employee_id);
        }
        Ok(Judged {
            date: self.date,
            running: Period::new(running.month, config.first_day),
            months: judged,
            basis: self.basis,
            reruns: self.reruns,
            people: people(&inputs)?,
            staff,
            inputs,
            files: files.into_iter().collect(),
            findings,
            suspensions: suspensions.into_iter().collect(),
            unaudited,
            rejected: rejected.into_iter().collect(),
            upcoming,
        })
    }
}

impl Judged {
    /// The findings as a report, for its words and files.
    pub(super) fn report<'a>(&'a self, config: &'a Config) -> Report<'a> {
        Report {
            language: language(config),
            centre: &config.centre,
            period: self.running,
            edition: 0,
            is_issued: false,
            rerun: None,
            adjustments: &[],
            objection_until: None,
            findings: &self.findings,
            postings: &[],
            ledger: &[],
            payroll: &[],
            suspensions: &self.suspensions,
            unaudited: &self.unaudited,
            shadow_rules: &config.rules.shadow,
            shadow: &[],
            rejected: &self.rejected,
            inputs: &self.inputs,
            history: &[],
            people: &self.people,
            deciders: &config.deciders,
            policy: &config.policy,
            imports: &[],
            basis: &[],
        }
    }

    /// The months for the manifest.
    pub(super) fn periods(&self) -> Vec<PeriodEntry> {
        let entry = |period: &Period| PeriodEntry {
            month: period.month.to_string(),
            first: period.first.to_string(),
            last: period.last.to_string(),
        };
        self.months.iter().map(entry).collect()
    }

    /// Whether a finding belongs to the month that runs.
    pub(super) fn is_running(&self, finding: &Finding) -> bool {
        finding.belongs_to == self.running.month
    }
}

/// What was known of the months before this night.
#[derive(Default)]
pub(super) struct Before {
    /// Status, reason and amount of each finding, by id and month.
    lines: BTreeMap<(String, String), [String; 3]>,
    /// The snapshots and editions it was read from, with the hash of their manifests.
    pub(super) from: BTreeMap<String, String>,
    /// Snapshots that are not as they were written.
    pub(super) damaged: Vec<String>,
}

impl Before {
    /// What the latest snapshot up to the night said of each month; of one that none has, its latest edition.
    pub(super) fn of(judged: &Judged, nights: &[Night], archived: &mut Archived) -> anyhow::Result<Self> {
        let mut before = Self::default();
        for period in &judged.months {
            let month = period.month.to_string();
            let mut is_found = false;
            let near = nights.iter().rev().filter(|night| period.first <= night.date && night.date <= judged.date);
            for night in near {
                let read = night.read().and_then(|snapshot| {
                    let has = snapshot.manifest.months.iter().any(|entry| entry.month == month);
                    let rows = if has { Some(snapshot.findings()?) } else { None };
                    Ok((snapshot.sha256, rows))
                });
                match read {
                    Ok((sha256, Some(rows))) => {
                        before.from.insert(night.name(), sha256);
                        before.add(rows.into_iter().filter(|row| row.cell("belongs_to") == month));
                        is_found = true;
                    }
                    Ok((_, None)) => continue,
                    Err(_) => {
                        before.damaged.push(night.name());
                        continue;
                    }
                }
                break;
            }
            if let Some(edition) = archived.earlier(period.month)?.own().last().filter(|_| !is_found) {
                before.from.insert(format!("editions/{}", edition.name()), edition.sha256.clone());
                before.add(edition.findings()?.into_iter());
            }
        }
        Ok(before)
    }

    fn add(&mut self, rows: impl Iterator<Item = FindingRow>) {
        let line = |row: FindingRow| {
            let cell = |name: &str| row.cell(name).to_owned();
            ((cell("finding_id"), cell("belongs_to")), ["status", "reason", "amount"].map(cell))
        };
        self.lines.extend(rows.map(line));
    }

    /// How a line is not what it was.
    pub(super) fn change(&self, row: &FindingRow) -> Change {
        let known = self.lines.get(&(row.id().to_owned(), row.cell("belongs_to").to_owned()));
        let now = ["status", "reason", "amount"].map(|name| row.cell(name));
        match known {
            None => Change::New,
            Some(was) if was.each_ref().map(String::as_str) == now => Change::Same,
            Some(was) => Change::Was(was[0].clone()),
        }
    }
}

/// How a line is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Same,
    New,
    /// Its status was this.
    Was(String),
}

/// The rows of `findings.csv`, in the order of the findings.
pub(super) fn rows(judged: &Judged, config: &Config) -> Vec<FindingRow> {
    csv::finding_rows(&judged.findings, language(config))
}

/// Whether a repair that is overdue can still be excused by a written reason: until the last day of its payroll month.
pub(super) fn may_be_excused(judged: &Judged, finding: &Finding) -> bool {
    finding.rule == "repair-completion"
        && judged.is_running(finding)
        && judged.date < judged.running.last
        && !matches!(finding.status, Status::Waived | Status::Merged)
}
