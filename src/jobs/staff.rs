//! Who of the staff gets a mail with which workbook: managers theirs, employees their slips where the configuration says
//! so. Of a month that is proposed again only those whose lines are not as they were.

use super::outputs::{Files, attached};
use crate::{
    archive::Edition,
    config::Config,
    mail::{self, Staff},
    report::{
        Person, Report, csv,
        xlsx::{self, Paper},
    },
    schema::{difference::FindingRow, message::Message},
};
use std::collections::{BTreeMap, BTreeSet};

/// The employees of whom any line is not as it was in an edition.
pub(super) fn changed(report: &Report<'_>, before: &Edition) -> anyhow::Result<BTreeSet<String>> {
    let by_person = |rows: Vec<FindingRow>| {
        let mut people: BTreeMap<String, Vec<FindingRow>> = BTreeMap::new();
        for row in rows {
            people.entry(row.cell("employee_id").to_owned()).or_default().push(row);
        }
        people
    };
    let (was, is) = (by_person(before.findings()?), by_person(csv::finding_rows(report.findings, report.language)));
    let ids = was.keys().chain(is.keys());
    Ok(ids.filter(|id| was.get(*id) != is.get(*id)).cloned().collect())
}

/// The messages to the staff, numbered from `number`; `only` are the employees whose lines changed, where that counts.
pub(super) fn messages(
    config: &Config,
    report: &Report<'_>,
    papers: &Files,
    only: Option<&BTreeSet<String>>,
    number: usize,
) -> anyhow::Result<Vec<Message>> {
    let papers: BTreeMap<&str, &[u8]> = papers.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let is_changed = |id: &str| only.is_none_or(|ids| ids.contains(id));
    let changed = report.people.values().filter(|person| is_changed(&person.id));
    let managers: BTreeSet<&str> = changed.map(|person| person.manager_id.as_str()).collect();
    let mut messages = Vec::new();
    for person in report.people.values().filter(|person| is_reachable(report, person)) {
        let is_manager = managers.contains(person.id.as_str());
        let is_slip = config.mail.slips && is_changed(&person.id);
        for (paper, _) in [(Paper::Manager, is_manager), (Paper::Slip, is_slip)].iter().filter(|(_, wanted)| *wanted) {
            let name = paper.name(&person.id);
            let Some(bytes) = papers.get(name.as_str()) else { continue };
            let stem = xlsx::file_stem(&person.id);
            let staff = Staff {
                is_manager: *paper == Paper::Manager,
                id: &person.id,
                stem: &stem,
                name: &person.name,
                address: &person.email,
            };
            let to = (number + messages.len(), &staff);
            let file = attached(report, &name, bytes);
            messages.push(mail::to_staff(report, &config.mail.sender, to, config.timezone, file)?);
        }
    }
    Ok(messages)
}

/// The managers who have a workbook and no address that mail can go to, by id.
pub(super) fn unreachable(report: &Report<'_>, papers: &Files) -> Vec<String> {
    let names: BTreeSet<&str> = papers.iter().map(|(name, _)| name.as_str()).collect();
    let managers: BTreeSet<&str> = report.people.values().map(|person| person.manager_id.as_str()).collect();
    let has_paper = |id: &&str| !id.is_empty() && names.contains(Paper::Manager.name(id).as_str());
    let is_cut_off = |id: &&str| report.people.get(*id).is_none_or(|person| !is_reachable(report, person));
    managers.into_iter().filter(has_paper).filter(is_cut_off).map(str::to_owned).collect()
}

/// Whether mail can go to somebody: there is an address, and who has left does not read it any more.
fn is_reachable(report: &Report<'_>, person: &Person) -> bool {
    let is_here = person.leave_date.is_none_or(|left| left > report.period.last);
    is_here && person.email.parse::<lettre::Address>().is_ok()
}
