//! What falls due from the night's day to the second workday after it, by the rules themselves: they are asked what they
//! would find there if nothing happened.

use crate::{
    base::month::Period,
    config::{Config, Locale},
    facts::Facts,
    mail::agenda::Upcoming,
    report::words::word_or,
    rules::{rule, run},
    schema::{
        findings::Finding,
        inputs::{Inputs, Proven},
    },
};
use chrono::NaiveDate;

/// The rules with a deadline that somebody can still keep.
const RULES: [&str; 8] = [
    "repair-diagnosis",
    "repair-sendout",
    "repair-completion",
    "repair-delivery",
    "loan-overdue",
    "leave-return",
    "probation-papers",
    "complaint-review",
];
/// So many workdays ahead.
const AHEAD: u64 = 2;

/// What falls due, whose it is to be told by the employee id.
///
/// A breach is dated the day after its due day, or the due day itself; what is dated up to the night is judged already,
/// so the days after it hold every deadline that is still open, the night's own day among them.
pub(super) fn upcoming(config: &Config, inputs: &Inputs, night: NaiveDate) -> anyhow::Result<Vec<Upcoming>> {
    // Where the calendar ends, so does what can be told.
    let ends = (0..=AHEAD).rev().find_map(|workdays| config.calendar.after_workdays(night, workdays));
    let last = ends.unwrap_or(night);
    let (Some(from), Some(to)) = (night.succ_opt(), last.succ_opt()) else { return Ok(Vec::new()) };
    let mut inputs = inputs.clone();
    // Swipes decide nothing here.
    inputs.presence = inputs.presence.clear();
    for state in inputs.states.values_mut() {
        state.proven = Proven::Always;
    }
    let day = Period { first: night, last: night, ..Period::containing(night, config.first_day) };
    let facts = Facts::new(inputs, day, config)?;
    let is_live = |name: &&str| !config.rules.off.contains_key(*name) && !config.rules.shadow.contains(*name);
    let mut upcoming = Vec::new();
    for rule in RULES.iter().filter(|name| is_live(name)).filter_map(|name| rule(name)) {
        let (findings, _) = run(rule, &facts, &config.policy, (from, to))?;
        for finding in findings {
            let due = finding.detail("due").and_then(|due| due.parse().ok());
            if let Some(due) = due.filter(|due| *due <= last) {
                let (employee_id, values) = (finding.employee_id.clone(), values(config, &finding));
                upcoming.push(Upcoming { due, employee_id, name: String::new(), rule: rule.name, values });
            }
        }
    }
    Ok(upcoming)
}

/// What the sentence about a deadline names.
fn values(config: &Config, finding: &Finding) -> Vec<String> {
    let fact = |name: &str| finding.detail(name).unwrap_or_default().to_owned();
    match finding.rule {
        "loan-overdue" => vec![fact("item"), finding.subject.clone()],
        "probation-papers" => {
            let language = super::language(config);
            let papers: Vec<String> =
                fact("missing").split_whitespace().map(|paper| word_or(language, "said", paper)).collect();
            vec![fact("end"), papers.join(if config.locale == Locale::English { ", " } else { "、" })]
        }
        _ => vec![finding.subject.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::{RULES, *};
    use crate::{
        config::load,
        ingest,
        report::{Language, words::word},
        schema::tables::TABLES,
    };
    use std::{collections::BTreeMap, fs};

    /// `due rule employee values…` on a night, of tables as CSV text; `more` of the configuration.
    fn found_with(night: &str, tables: &[(&str, &str)], more: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let staff = "employee_id,name,department,manager_id,hire_date,probation_end\n01,A,R,m,2020-01-01,\n02,B,R,m,2026-08-01,2026-10-30\nm,M,R,,2019-01-01,\n";
        let mut tables: BTreeMap<&str, &str> = tables.iter().copied().collect();
        tables.entry("employees").or_insert(staff);
        let mut toml = format!("[policy.limits.mode]\nvalues.2009-12-01 = \"deduct\"\n{more}");
        for table in TABLES {
            let says = if tables.contains_key(table.name) {
                format!("files = [\"{}.csv\"]", table.name)
            } else {
                "none = true".to_owned()
            };
            toml.extend(["[sources.", table.name, "]\n", &says, "\n"]);
        }
        for (name, text) in &tables {
            fs::write(dir.path().join(format!("{name}.csv")), text).unwrap();
        }
        let path = dir.path().join("config.toml");
        fs::write(&path, toml).unwrap();
        let config = load(&path, &crate::rules::known()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let night: NaiveDate = night.parse().unwrap();
        let period = Period { last: night, ..Period::containing(night, 1) };
        let inputs = ingest::read(&crate::jobs::produce::settings(&config), period, &|_| {}).unwrap();
        let mut found: Vec<String> = upcoming(&config, &inputs, night)
            .unwrap()
            .iter()
            .map(|one| format!("{} {} {} {}", one.due, one.rule, one.employee_id, one.values.join(" ")))
            .collect();
        found.sort();
        found
    }

    fn found(night: &str, table: &str, csv: &str) -> Vec<String> {
        found_with(night, &[(table, csv)], "")
    }

    /// The first and the last night on which something is told, of those around its due day.
    fn nights(from: &str, to: &str, table: &str, csv: &str) -> Vec<String> {
        let (from, to): (NaiveDate, NaiveDate) = (from.parse().unwrap(), to.parse().unwrap());
        let days = from.iter_days().take_while(|day| *day <= to).map(|day| day.to_string());
        let told: Vec<String> = days.filter(|day| !found(day, table, csv).is_empty()).collect();
        vec![told.first().cloned().unwrap_or_default(), told.last().cloned().unwrap_or_default()]
    }

    const LOAN: &str =
        "loan_id,employee_id,item,borrowed_at,due_on,returned_at\nL1,01,meter,2026-10-01 09:00,2026-10-16,\n";

    #[test]
    fn from_two_workdays_before_to_the_due_day_itself() {
        // Friday 16 October: Wednesday is the second workday before.
        assert_eq!(nights("2026-10-10", "2026-10-20", "loans", LOAN), ["2026-10-14", "2026-10-16"]);
        assert_eq!(found("2026-10-14", "loans", LOAN), ["2026-10-16 loan-overdue 01 meter L1"]);
        // On a Friday the next two workdays are Monday and Tuesday.
        let monday = LOAN.replace("2026-10-16", "2026-10-20");
        assert_eq!(nights("2026-10-10", "2026-10-24", "loans", &monday), ["2026-10-16", "2026-10-20"]);
    }

    #[test]
    fn what_is_dated_its_due_day_is_told_until_the_day_before() {
        // On leave until Thursday 15 October: to report back on Friday, and the night of Friday judges it.
        let leave = "leave_id,employee_id,type,start,end,approved_at,returned_at\nF1,01,annual,2026-10-15,2026-10-15,2026-10-09,\n";
        assert_eq!(nights("2026-10-09", "2026-10-20", "leaves", leave), ["2026-10-14", "2026-10-15"]);
        let back = leave.replace("2026-10-09,\n", "2026-10-09,2026-10-16\n");
        assert!(found("2026-10-14", "leaves", &back).is_empty());
    }

    #[test]
    fn both_deadlines_of_a_probation() {
        // Until Friday 30 October, so the papers are asked for on the 16th.
        let papers = "employee_id,form_at\n02,2026-10-12 09:00\n";
        assert_eq!(nights("2026-10-08", "2026-10-20", "probation", papers), ["2026-10-14", "2026-10-15"]);
        assert_eq!(
            found("2026-10-14", "probation", papers),
            ["2026-10-16 probation-papers 02 2026-10-30 试用期总结报告"]
        );
        assert_eq!(nights("2026-10-20", "2026-11-05", "probation", papers), ["2026-10-28", "2026-10-30"]);
    }

    #[test]
    fn every_clock_of_a_repair_that_has_not_run_out() {
        let header = "ticket_id,received_at,assigned_at,repair_engineer,diagnosed_at,outcome,completed_at,service_engineer,reason_report_at\n";
        let tickets = |rows: &str| format!("{header}{rows}\n");
        let due = |rows: &str| found("2026-10-14", "tickets", &tickets(rows));
        assert_eq!(due("T1,2026-10-12 09:00,,01,,,,,"), ["2026-10-15 repair-diagnosis 01 T1"]);
        assert!(due("T1,2026-10-14 09:00,,01,,,,,").is_empty(), "due on the 19th, the third workday");
        assert_eq!(due("T1,2026-10-13 09:00,,01,,,,,"), ["2026-10-16 repair-diagnosis 01 T1"]);
        assert_eq!(
            due("T1,2026-10-08 09:00,,01,2026-10-13 09:00,unrepairable,,,"),
            ["2026-10-16 repair-sendout 01 T1"]
        );
        assert_eq!(
            due("T1,2026-09-27 09:00,,01,2026-09-28 09:00,repairable,,,"),
            ["2026-10-15 repair-completion 01 T1"]
        );
        assert!(due("T1,2026-09-27 09:00,,01,2026-09-28 09:00,repairable,,,2026-10-12").is_empty(), "it is excused");
        assert_eq!(
            due("T1,2026-10-08 09:00,,01,2026-10-09 09:00,repairable,2026-10-12 09:00,01,"),
            ["2026-10-15 repair-delivery 01 T1"]
        );
        assert_eq!(due("T1,2026-10-12 09:00,,,,,,,"), ["2026-10-15 repair-diagnosis  T1"], "nobody is in charge");
    }

    #[test]
    fn a_self_criticism_after_a_complaint() {
        let complaint = "complaint_id,employee_id,received_at,verdict,decided_at,review_submitted_at\nC1,01,2026-10-01 09:00,upheld,2026-10-09 09:00,\n";
        // Five workdays after Friday the 9th, of which Saturday the 10th is one: Thursday the 15th.
        assert_eq!(nights("2026-10-08", "2026-10-20", "complaints", complaint), ["2026-10-13", "2026-10-15"]);
    }

    #[test]
    fn a_source_need_not_be_proven_for_days_to_come_but_be_there() {
        let proven = |how: &str| {
            let toml = format!("[rules]\noff = [{how}]\nreason = \"x\"\n");
            found_with("2026-10-14", &[("loans", LOAN)], &toml)
        };
        assert_eq!(proven("\"repair-delivery\"").len(), 1);
        assert!(proven("\"loan-overdue\"").is_empty(), "a rule that is off asks nothing");
        let shadow = found_with("2026-10-14", &[("loans", LOAN)], "[rules.loan-overdue]\nmode = \"shadow\"\n");
        assert!(shadow.is_empty(), "nor does one in shadow mode");
    }

    #[test]
    fn every_deadline_has_its_words() {
        for name in RULES {
            let key = format!("nightly.due.{name}");
            assert!(rule(name).is_some() && word(Language::Chinese, &key) != key, "{key}");
        }
    }

    #[test]
    fn at_the_end_of_the_calendar_there_is_less_to_tell() {
        let loan = LOAN.replace("2026-10-16", "2026-12-31");
        assert_eq!(found("2026-12-30", "loans", &loan).len(), 1);
        assert_eq!(found("2026-12-31", "loans", &loan).len(), 1);
    }
}
