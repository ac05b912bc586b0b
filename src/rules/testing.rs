//! Small months for the edge tests of rules: tables as CSV text in, findings as short lines out.
//!
//! Everybody swipes in time and late in the evening on every workday, unless a test says otherwise.

use super::{known, rule, run};
use crate::{
    base::month::Period,
    config::load,
    facts::Facts,
    ingest::{Settings, read},
    schema::{
        findings::{Finding, Suspension},
        tables::TABLES,
    },
};
use std::collections::{BTreeMap, BTreeSet};

const STAFF: [&str; 6] = ["01", "02", "03", "04", "boss", "new"];

/// A month in the making.
pub(crate) struct Case {
    month: String,
    tables: BTreeMap<&'static str, String>,
    policy: String,
    swipes: Vec<String>,
    /// Days and people without the usual swipes.
    away: BTreeSet<(String, String)>,
    /// Sources that are configured without a file.
    lost: BTreeSet<&'static str>,
}

impl Case {
    pub(crate) fn month(month: &str) -> Self {
        Self {
            month: month.to_owned(),
            tables: BTreeMap::new(),
            policy: String::new(),
            swipes: Vec::new(),
            away: BTreeSet::new(),
            lost: BTreeSet::new(),
        }
    }

    pub(crate) fn table(mut self, name: &'static str, csv: &str) -> Self {
        self.tables.insert(name, csv.to_owned());
        self
    }

    pub(crate) fn policy(mut self, toml: &str) -> Self {
        self.policy.push_str(toml);
        self
    }

    pub(crate) fn lost(mut self, name: &'static str) -> Self {
        self.lost.insert(name);
        self
    }

    /// These people do not swipe on these days by themselves.
    pub(crate) fn swiping(mut self, days: &[&str], away: &[&str]) -> Self {
        self.away.extend(days.iter().flat_map(|day| away.iter().map(|who| ((*day).to_owned(), (*who).to_owned()))));
        self
    }

    pub(crate) fn swipe(mut self, who: &str, time: &str, direction: &str) -> Self {
        self.swipes.push(format!("{who},{time},D1,{direction}\n"));
        self
    }

    pub(crate) fn swipe_at(mut self, who: &str, time: &str, door: &str) -> Self {
        self.swipes.push(format!("{who},{time},{door},\n"));
        self
    }

    /// `who` arrives at `time` and leaves in the evening.
    pub(crate) fn arriving(self, who: &str, time: &str) -> Self {
        let day = &time[..10];
        self.swiping(&[day], &[who]).swipe(who, time, "").swipe(who, &format!("{day} 18:00:00"), "")
    }

    /// A mandatory meeting of an hour; `present` check in on the minute.
    pub(crate) fn invited(self, start: &str, invited: &[&str], present: &[&str]) -> Self {
        let times: Vec<(&str, &str)> = present.iter().map(|who| (*who, start)).collect();
        self.with_meeting(start, invited, &times)
    }

    fn with_meeting(self, start: &str, invited: &[&str], checkins: &[(&str, &str)]) -> Self {
        let end = format!("{} {:02}{}", &start[..10], start[11..13].parse::<u32>().unwrap() + 1, &start[13..]);
        let invitations: Vec<String> = invited.iter().map(|who| format!("M1,{who},2026-10-01 09:00\n")).collect();
        let checkins: Vec<String> = checkins.iter().map(|(who, time)| format!("M1,{who},{time}\n")).collect();
        self.table("meetings", &format!("meeting_id,title,start,end,mandatory\nM1,weekly,{start},{end},y\n"))
            .table("invitations", &format!("meeting_id,employee_id,notified_at\n{}", invitations.concat()))
            .table("checkins", &format!("meeting_id,employee_id,time\n{}", checkins.concat()))
    }

    /// The rule's findings of the month, `employee subject status quantity price` (`::` = nobody).
    pub(crate) fn found(&self, name: &str) -> Vec<String> {
        let mut lines: Vec<String> = self.run(name).0.iter().map(line).collect();
        lines.sort();
        lines
    }

    /// What the rule could not judge.
    pub(crate) fn suspended(&self, name: &str) -> Vec<Suspension> {
        self.run(name).1
    }

    fn run(&self, name: &str) -> (Vec<Finding>, Vec<Suspension>) {
        let dir = tempfile::tempdir().unwrap();
        let mut toml =
            String::from("[policy.limits.mode]\nvalues.2009-12-01 = \"deduct\"\n[areas]\n\"二楼\" = [\"D2\"]\n");
        toml.push_str(&self.policy);
        let period = Period::new(self.month.parse().unwrap(), 1);
        for table in TABLES {
            let text = match table.name {
                "employees" => self.tables.get("employees").cloned().unwrap_or_else(employees),
                "swipes" => self.swipes(&period),
                name => self.tables.get(name).cloned().unwrap_or_default(),
            };
            let is_lost = self.lost.contains(table.name);
            let file = format!("{}.csv", table.name);
            let says =
                if text.is_empty() && !is_lost { "none = true".to_owned() } else { format!("files = [\"{file}\"]") };
            if !text.is_empty() && !is_lost {
                std::fs::write(dir.path().join(file), text).unwrap();
            }
            toml.extend(["[sources.", table.name, "]\n", &says, "\n"]);
        }
        let path = dir.path().join("config.toml");
        std::fs::write(&path, toml).unwrap();
        let config = load(&path, &known()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let settings = Settings {
            base: &config.base,
            sources: &config.sources,
            policy: &config.policy,
            calendar: &config.calendar,
            timezone: config.timezone,
            areas: &config.areas,
            kept: None,
            roster: None,
        };
        let inputs = read(&settings, period, &|_| {}).unwrap();
        let facts = Facts::new(inputs, period, &config).unwrap();
        let (findings, mut suspensions) =
            run(rule(name).unwrap(), &facts, &config.policy, (period.first, period.last)).unwrap();
        suspensions.extend(facts.suspensions.iter().filter(|suspension| suspension.rule == name).cloned());
        (findings, suspensions)
    }

    fn swipes(&self, period: &Period) -> String {
        let calendar = crate::calendar::Calendar::built_in();
        let days = period.days().filter(|day| calendar.is_workday(*day) == Some(true));
        let usual = days.flat_map(|day| {
            let day = day.to_string();
            let here = STAFF.iter().filter(|who| !self.away.contains(&(day.clone(), (**who).to_owned())));
            here.map(|who| format!("{who},{day} 08:20:00,D1,in\n{who},{day} 17:40:00,D1,out\n")).collect::<Vec<_>>()
        });
        format!("employee_id,time,door,direction\n{}{}", usual.collect::<Vec<_>>().concat(), self.swipes.concat())
    }
}

fn employees() -> String {
    let hired = |id: &str| if id == "new" { "2026-10-16" } else { "2020-01-01" };
    let rows: Vec<String> = STAFF.iter().map(|id| format!("{id},Name {id},Repair,boss,{}\n", hired(id))).collect();
    format!("employee_id,name,department,manager_id,hire_date\n{}", rows.concat())
}

/// A mandatory meeting of an hour for 01 and 02; 02 is there, and whoever checks in.
pub(crate) fn meeting(case: Case, start: &str, checkins: &[(&str, &str)]) -> Case {
    let all: Vec<(&str, &str)> = [("02", start)].into_iter().chain(checkins.iter().copied()).collect();
    case.with_meeting(start, &["01", "02"], &all)
}

fn line(finding: &Finding) -> String {
    let who = if finding.employee_id.is_empty() { "::" } else { &finding.employee_id };
    let reason = if finding.reason.is_empty() { String::new() } else { format!("({})", finding.reason) };
    let price = finding.unit_amount.map_or_else(String::new, |fen| format!(" {fen}"));
    format!("{who} {} {}{reason} {}{price}", finding.subject, finding.status, finding.quantity)
}
