//! Who is told what of a night: each manager of own staff only, HR of what nobody else is told, the general manager of
//! what waits for that office, the operator of files and days.

use super::{
    language,
    night::{Before, Change, Judged, may_be_excused, rows},
    staff::Told,
};
use crate::{
    config::Config,
    mail::agenda::{Agenda, Asked, Gap, Line, News, Refused, Unread},
    report::{
        Language,
        summary::summary,
        waiting::is_waiting,
        words::{filled, word},
    },
    schema::{
        deciders::Role,
        findings::{Finding, Status, Suspension},
        inputs::Status as SourceStatus,
    },
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Who reads what.
#[derive(Default)]
pub(super) struct Agendas {
    /// By employee id; every manager of present staff is among them.
    pub(super) managers: BTreeMap<String, Agenda>,
    pub(super) hr: Agenda,
    pub(super) general: Agenda,
    pub(super) operator: Agenda,
}

impl Agendas {
    /// The agendas of a night.
    pub(super) fn of(config: &Config, judged: &Judged, before: &Before) -> Self {
        let mut all = Self::default();
        let present = judged.staff.present();
        for told in present.keys() {
            if let Told::Manager(id) = told {
                all.managers.entry(id.clone()).or_default();
            }
        }
        all.lines(config, judged, before);
        for one in &judged.upcoming {
            all.told(&judged.staff.told(&one.employee_id)).upcoming.push(one.clone());
        }
        all.gaps(judged, &present);
        all.data(config, judged);
        all.hr.reruns.clone_from(&judged.reruns.suggested);
        for agenda in [&mut all.hr, &mut all.operator] {
            agenda.damaged = judged.reruns.failed.keys().map(ToString::to_string).collect();
        }
        all.hr.unreached = judged.staff.unreached_managers();
        for agenda in all.managers.values_mut().chain([&mut all.hr, &mut all.general, &mut all.operator]) {
            agenda.sort();
        }
        all
    }

    fn told(&mut self, told: &Told) -> &mut Agenda {
        match told {
            Told::Manager(id) => self.managers.entry(id.clone()).or_default(),
            Told::Hr => &mut self.hr,
        }
    }

    /// What waits, and what is new and does not wait for the same reader.
    fn lines(&mut self, config: &Config, judged: &Judged, before: &Before) {
        let report = judged.report(config);
        for (finding, row) in judged.findings.iter().zip(rows(judged, config)) {
            let told = judged.staff.told(&finding.employee_id);
            let line = Line {
                day: finding.occurred_on,
                employee_id: finding.employee_id.clone(),
                name: judged.staff.name(&finding.employee_id),
                finding: finding.id.clone(),
                summary: said(finding, language(config)),
            };
            let is_report = may_be_excused(judged, finding);
            let roles = if is_report { vec![Role::Manager] } else { report.whom(finding) };
            let mut is_told = false;
            if is_report || is_waiting(finding) {
                let asked = Asked {
                    line: line.clone(),
                    question: question(finding, is_report).to_owned(),
                    until: if is_report { Some(judged.running.last) } else { finding.due_on },
                };
                let is_for_general = roles.iter().any(|role| matches!(role, Role::GeneralManager | Role::Lawyer))
                    && !roles.contains(&Role::Manager)
                    && !is_general_manager(config, judged, &finding.employee_id);
                if is_for_general {
                    self.general.asked.push(asked.clone());
                }
                // Who has no manager is HR's, whoever else may answer.
                let is_for_manager = roles.contains(&Role::Manager)
                    || (told == Told::Hr && config.deciders.roles(finding.waits_for()).contains(&Role::Manager));
                if is_for_manager && !finding.employee_id.is_empty() {
                    self.told(&told).asked.push(asked);
                    is_told = true;
                } else if roles.contains(&Role::Hr) || finding.employee_id.is_empty() || !is_for_general {
                    self.hr.asked.push(asked);
                    is_told = told == Told::Hr;
                }
            }
            let was = match before.change(&row) {
                _ if is_told => continue,
                Change::Same => continue,
                Change::New => None,
                Change::Was(status) => Some(status),
            };
            self.told(&told).news.push(News { line, status: finding.status.word(), was });
        }
    }

    /// What could not be judged: of everybody, of a site with own staff, of own staff; HR has all of it.
    fn gaps(&mut self, judged: &Judged, present: &BTreeMap<Told, BTreeSet<&str>>) {
        let all = grouped(&judged.suspensions, |open| open.scope.clone());
        for (told, own) in present {
            let Told::Manager(id) = told else { continue };
            let is_own = |gap: &&Gap| match gap.scope.strip_prefix("site ") {
                _ if gap.scope.is_empty() => true,
                _ if judged.staff.get(&gap.scope).is_some() => judged.staff.told(&gap.scope) == *told,
                Some(site) => own.iter().filter_map(|id| judged.staff.get(id)).any(|member| member.site == site),
                None => false,
            };
            let own = all.iter().filter(is_own).cloned();
            self.managers.entry(id.clone()).or_default().gaps.extend(own);
        }
        self.hr.gaps = all;
        // The operator learns which data is missing, never about whom.
        self.operator.gaps = grouped(&judged.suspensions, |_| String::new());
    }

    /// Sources that could not be read, and rejected rows.
    fn data(&mut self, config: &Config, judged: &Judged) {
        let states = judged.inputs.states.iter().filter_map(|(name, state)| {
            let state = match state.status {
                SourceStatus::Missing(_) => "missing",
                SourceStatus::Unusable(_) => "unusable",
                _ => return None,
            };
            let files = config.sources.get(*name).map(|source| source.files.join(", ")).unwrap_or_default();
            Some(Unread { source: (*name).to_owned(), files, state })
        });
        self.operator.unread = states.collect();
        self.hr.unread.clone_from(&self.operator.unread);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &judged.rejected {
            *counts.entry(&row.file).or_default() += 1;
            let (file, column, reason) = (row.file.clone(), row.column.clone(), row.reason.clone());
            self.hr.refused.push(Refused { file, line: row.line, column, reason });
        }
        self.operator.counts = counts.into_iter().map(|(file, count)| (file.to_owned(), count)).collect();
    }
}

/// What is asked about a line that waits.
fn question(finding: &Finding, is_report: bool) -> &str {
    match finding.status {
        _ if is_report => "report",
        Status::Unpriced => "unpriced",
        _ => &finding.reason,
    }
}

/// The finding in one sentence; of a leave never its kind, which may be an illness.
fn said(finding: &Finding, language: Language) -> String {
    if finding.rule != "leave-certificate" {
        return summary(finding, language);
    }
    let fact = |name: &str| finding.detail(name).map_or("", |value| value.get(..10).unwrap_or(value));
    let handed = match fact("handed") {
        "" => word(language, "nightly.certificate.missing").to_owned(),
        day => filled(language, "nightly.certificate.late", &[day]),
    };
    filled(language, "nightly.certificate", &[&finding.subject, fact("until"), fact("due"), &handed])
}

/// Whether an employee is the general manager, who is not asked about the own lines: as `[deciders]` names the office,
/// or by the address to which its mail goes.
fn is_general_manager(config: &Config, judged: &Judged, id: &str) -> bool {
    let Some(member) = judged.staff.get(id) else { return false };
    let named = config.deciders.people.get(&Role::GeneralManager).into_iter().flatten();
    let addresses = config.mail.recipients.iter().filter(|one| one.role == Role::GeneralManager.word());
    let is_called = |text: &str| {
        text == id || text == member.name || (!member.email.is_empty() && text.eq_ignore_ascii_case(&member.email))
    };
    named.map(String::as_str).chain(addresses.map(|one| one.address.as_str())).any(is_called)
}

/// One entry for each reason, source, scope and run of days without a gap, with the rules that have the same days.
fn grouped(suspensions: &[Suspension], scope: impl Fn(&Suspension) -> String) -> Vec<Gap> {
    type Days = BTreeSet<NaiveDate>;
    let mut days: BTreeMap<(&'static str, &str, String, &'static str), Days> = BTreeMap::new();
    for open in suspensions {
        let own = days.entry((open.reason, &open.source, scope(open), open.rule)).or_default();
        own.extend(open.from.iter_days().take_while(|day| *day <= open.to));
    }
    let mut rules: BTreeMap<(&'static str, &str, String, Days), Vec<&'static str>> = BTreeMap::new();
    for ((reason, source, scope, rule), days) in days {
        rules.entry((reason, source, scope, days)).or_default().push(rule);
    }
    let mut gaps = Vec::new();
    for ((reason, source, scope, days), rules) in rules {
        for (from, to) in spans(&days) {
            let (rules, scope, source) = (rules.clone(), scope.clone(), source.to_owned());
            gaps.push(Gap { from, to, rules, scope, reason, source });
        }
    }
    gaps.sort();
    gaps
}

/// The days as spans; a weekend between them does not part them.
fn spans(days: &BTreeSet<NaiveDate>) -> Vec<(NaiveDate, NaiveDate)> {
    const APART: i64 = 3;
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last)) if (*day - *last).num_days() <= APART => *last = *day,
            _ => spans.push((*day, *day)),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(rule: &'static str, from: &str, to: &str, scope: &str) -> Suspension {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        Suspension { rule, from, to, scope: scope.to_owned(), reason: "not-proven", source: "leaves".to_owned() }
    }

    #[test]
    fn gaps_are_put_together_by_reason_scope_and_days() {
        let all = [
            open("absence", "2026-10-15", "2026-10-16", ""),
            open("absence", "2026-10-19", "2026-10-19", ""),
            open("absence", "2026-10-28", "2026-10-28", ""),
            open("late-arrival", "2026-10-15", "2026-10-19", "site A"),
        ];
        let shown = |gaps: Vec<Gap>| -> Vec<String> {
            gaps.iter().map(|gap| format!("{} {} {} {}", gap.from, gap.to, gap.rules.join("+"), gap.scope)).collect()
        };
        assert_eq!(
            shown(grouped(&all, |open| open.scope.clone())),
            [
                "2026-10-15 2026-10-19 absence ",
                "2026-10-15 2026-10-19 late-arrival site A",
                "2026-10-28 2026-10-28 absence "
            ]
        );
        let same =
            [open("absence", "2026-10-15", "2026-10-15", "E1"), open("late-arrival", "2026-10-15", "2026-10-15", "E2")];
        assert_eq!(shown(grouped(&same, |_| String::new())), ["2026-10-15 2026-10-15 absence+late-arrival "]);
    }
}
