//! What is still missing before a month can be judged, the rules that wait for it, and what to do, in order. Pure.

use crate::{
    base::month::Period,
    calendar::Calendar,
    config::Config,
    facts::absent_columns,
    ingest::{NO_FILE, presets},
    policy::Param,
    rules::{RULES, Rule},
    schema::{
        inputs::{Inputs, Proven, Status},
        source::Proof,
        tables::{is_excuse, table},
    },
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

const REQUIRED: Param<bool> = Param::new("acknowledgement.required");

/// Registers of which nothing follows when they are empty, or what follows is said elsewhere.
const UNTOLD: [&str; 5] = ["acknowledgements", "closures", "decisions", "employees", "identities"];

/// What is missing of a month.
pub(super) struct Missing {
    /// What to say, line by line.
    pub(super) lines: Vec<String>,
    /// Whether nobody is on the roster.
    pub(super) is_deserted: bool,
    /// Whether a rule waits for a source that is configured.
    pub(super) is_waiting: bool,
}

/// Looks what is missing of a period up to yesterday.
pub(super) fn missing(inputs: &Inputs, config: &Config, period: &Period, today: NaiveDate) -> Missing {
    let is_deserted = inputs.table("employees").height() == 0;
    let look = Look {
        inputs,
        config,
        month: period.month.to_string(),
        end: End::new(&config.calendar, period, today),
        is_deserted,
    };
    let lacks = look.lacks();
    let rules: BTreeSet<&str> = lacks.iter().flat_map(|lack| &lack.rules).map(|rule| rule.name).collect();
    let is_unsigned = !is_deserted
        && inputs.table("acknowledgements").height() == 0
        && config.policy.on(&REQUIRED, period.last).unwrap_or(true);
    let all = RULES.len();
    let mut lines = vec![match (if is_deserted { all } else { rules.len() }, is_unsigned) {
        (0, false) => "nothing is missing: every rule has its data".to_owned(),
        (0, true) => "missing:".to_owned(),
        (count, _) => format!("missing: {count} of {all} rules cannot judge {}, or not all of it", period.month),
    }];
    if is_deserted {
        lines.push("  employees: nobody is on the roster, so nobody can be judged".to_owned());
    }
    for lack in &lacks {
        lines.push(format!("  {}: {}", lack.source, lack.why));
        let named: Vec<String> = lack.rules.iter().map(|rule| format!("{} {}", rule.name, rule.clause())).collect();
        lines.push(format!("    not judged: {}", named.join(", ")));
    }
    if is_unsigned {
        lines.push("  acknowledgements: nobody has signed the policy, so every charge is held".to_owned());
    }
    let believed = look.believed();
    if lines.len() > 1 && !believed.is_empty() {
        lines.push(format!("  empty, and believed (nothing happened): {}", believed.join(", ")));
    }
    let steps = look.steps(&lacks, is_unsigned);
    if !steps.is_empty() {
        lines.push("next:".to_owned());
        lines.extend(steps.iter().zip(1..).map(|(step, number)| format!("  {number}. {step}")));
    }
    // A source that is left out of the configuration was left out by somebody.
    let is_waiting = lacks.iter().any(|lack| lack.kind != Kind::Section);
    Missing { lines, is_deserted, is_waiting }
}

/// What a source lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is not in the configuration.
    Section,
    /// There is no file.
    File,
    /// What there is cannot be used.
    Sense,
    /// Nobody signed it off, or not through the month.
    Signature,
    /// Its files end before the month does.
    Rest,
    /// Its export has no column for something that rules ask about.
    Columns,
}

/// A source that cannot be judged by for the whole month, and the rules that wait for it.
struct Lack {
    source: &'static str,
    kind: Kind,
    why: String,
    rules: Vec<&'static Rule>,
}

/// Until when data is wanted.
struct End {
    day: NaiveDate,
    /// Nobody swipes on a weekend.
    workday: NaiveDate,
}

impl End {
    /// `None` where not one day of the period is over.
    fn new(calendar: &Calendar, period: &Period, today: NaiveDate) -> Option<Self> {
        let day = today.pred_opt()?.min(period.last);
        let days = period.days().take_while(|one| *one <= day);
        let workday = days.filter(|one| calendar.is_workday(*one) == Some(true)).last().unwrap_or(day);
        (period.first <= day).then_some(Self { day, workday })
    }
}

struct Look<'a> {
    inputs: &'a Inputs,
    config: &'a Config,
    month: String,
    end: Option<End>,
    is_deserted: bool,
}

impl Look<'_> {
    fn lacks(&self) -> Vec<Lack> {
        let sources = self.inputs.states.keys().filter_map(|source| {
            let (kind, why) = self.lack(source)?;
            let rules: Vec<&Rule> = RULES.iter().copied().filter(|rule| self.waits(rule, source, kind)).collect();
            (!rules.is_empty()).then_some(Lack { source, kind, why, rules })
        });
        sources.chain(self.columns()).collect()
    }

    /// Columns that exports lack and the rules that ask for them, by table.
    fn absent(&self) -> BTreeMap<&'static str, (BTreeSet<&'static str>, Vec<&'static Rule>)> {
        let mut by_table: BTreeMap<_, (BTreeSet<_>, Vec<_>)> = BTreeMap::new();
        for rule in RULES.iter().copied().filter(|rule| !self.config.rules.off.contains_key(rule.name)) {
            let Some((table, columns)) = absent_columns(self.inputs, rule.columns) else { continue };
            let (absent, rules) = by_table.entry(table).or_default();
            absent.extend(columns);
            rules.push(rule);
        }
        by_table
    }

    fn columns(&self) -> impl Iterator<Item = Lack> {
        self.absent().into_iter().map(|(source, (columns, rules))| {
            let columns: Vec<&str> = columns.into_iter().collect();
            Lack { source, kind: Kind::Columns, why: format!("has no column for {}", columns.join(", ")), rules }
        })
    }

    fn lack(&self, name: &str) -> Option<(Kind, String)> {
        let state = self.inputs.state(name);
        match &state.status {
            Status::NotConfigured => return Some((Kind::Section, "not configured".to_owned())),
            Status::DeclaredNone => return None,
            // Without a roster everybody is a stranger: that says nothing of the file.
            Status::Unusable(_) if self.is_deserted => return None,
            Status::Missing(why) if why.starts_with(NO_FILE) => return Some((Kind::File, why.clone())),
            Status::Missing(why) | Status::Unusable(why) => return Some((Kind::Sense, format!("not usable: {why}"))),
            Status::Ready => {}
        }
        let end = self.end.as_ref()?;
        let is_signed = self.config.sources.get(name).is_some_and(|source| source.proof == Proof::Closure);
        let (kind, wanted) = if is_signed { (Kind::Signature, end.day) } else { (Kind::Rest, end.workday) };
        let why = match (&state.proven, kind) {
            (proven, _) if proven.covers_day(wanted) => return None,
            (Proven::Until(_, day), Kind::Signature) => format!("signed off through {day} only"),
            (_, Kind::Signature) => "not signed off".to_owned(),
            (Proven::Until(_, day), _) => format!("ends {day}"),
            _ => "nothing in it says until when it is complete".to_owned(),
        };
        Some((kind, why))
    }

    /// Whether a rule waits for a source.
    fn waits(&self, rule: &Rule, source: &str, kind: Kind) -> bool {
        // Rosters are read as they are; nothing has to prove them.
        let is_read = || match kind {
            Kind::Section => false,
            Kind::Signature | Kind::Rest => source != "rosters",
            Kind::File | Kind::Sense | Kind::Columns => true,
        };
        let is_wanted = rule.sources.contains(&source) || (rule.optional.contains(&source) && is_read());
        is_wanted && !self.config.rules.off.contains_key(rule.name)
    }

    /// Sources without a row that are taken at their word.
    fn believed(&self) -> Vec<&'static str> {
        let is_believed = |name: &&&str| {
            let state = self.inputs.state(name);
            let mut own = self.inputs.files.iter().filter(|file| file.source == ***name);
            state.status == Status::Ready && state.proven == Proven::Always && own.all(|file| file.totals.rows == 0)
        };
        self.inputs.states.keys().filter(|name| !UNTOLD.contains(name)).filter(is_believed).copied().collect()
    }

    /// The files of a source, as the configuration writes them for the month.
    fn files(&self, name: &str) -> String {
        let files = self.config.sources.get(name).map_or(String::new(), |source| source.files.join(", "));
        files.replace("{month}", &self.month)
    }

    /// What to do, in order.
    fn steps(&self, lacks: &[Lack], is_unsigned: bool) -> Vec<String> {
        let of = |kind: Kind| lacks.iter().filter(move |lack| lack.kind == kind).map(|lack| lack.source);
        let named = |kind: Kind| of(kind).collect::<Vec<_>>().join(", ");
        let listed = |head: &str, lines: Vec<String>| {
            let lines = lines.iter().map(|line| format!("\n       {line}"));
            format!("{head}{}", lines.collect::<String>())
        };
        let has = |kind: Kind| of(kind).next().is_some();
        let mut steps = Vec::new();
        if self.is_deserted {
            let columns = table("employees").map_or(&[][..], |table| table.columns).iter();
            let required: Vec<&str> = columns.filter(|column| column.is_required).map(|column| column.name).collect();
            let file = self.files("employees");
            steps.push(format!("fill in {file}, one row a person, at least {}", required.join(", ")));
        }
        if has(Kind::File) {
            let head =
                "put the files where they belong; what the centre does not have is `none = true` instead of `files`:";
            steps.push(listed(
                head,
                of(Kind::File).map(|name| format!("[sources.{name}]  {}", self.files(name))).collect(),
            ));
        }
        if has(Kind::Sense) {
            let head =
                "mend what cannot be used, or say how it is laid out, with a preset or with [sources.X.columns]:";
            let line = |name: &str| match presets::names_for(name).as_slice() {
                [] => format!("[sources.{name}]"),
                known => format!("[sources.{name}]  known presets: {}", known.join(", ")),
            };
            steps.push(listed(head, of(Kind::Sense).map(line).collect()));
        }
        if has(Kind::Columns) {
            let head = "say which column of the export holds it; what the centre does not write down stays unjudged:";
            let line = |table: &str, column: &str| {
                let note = if is_excuse(table, column) { "  # or { value = \"\" }: nobody writes it down" } else { "" };
                format!("{column} = \"HEADER\"{note}")
            };
            let mut lines = Vec::new();
            for (table, (columns, _)) in self.absent() {
                lines.push(format!("[sources.{table}.columns]"));
                lines.extend(columns.into_iter().map(|column| line(table, column)));
            }
            steps.push(listed(head, lines));
        }
        if has(Kind::Section) {
            let head = "add to the configuration, with `files` or with `none = true`:";
            steps.push(listed(head, of(Kind::Section).map(|name| format!("[sources.{name}]")).collect()));
        }
        if let (true, Some(end)) = (has(Kind::Rest), &self.end) {
            steps.push(format!("export again, through {} at least: {}", end.workday, named(Kind::Rest)));
        }
        if let (true, Some(end)) = (has(Kind::Signature), &self.end) {
            let register = self.files("closures");
            let register = if register.is_empty() { "the register of [sources.closures]".to_owned() } else { register };
            let head = format!("when a register is complete, sign it off in {register}, one row each:");
            let rows = of(Kind::Signature).map(|name| format!("{name},{},EMPLOYEE_ID", end.day));
            let header = "source,through,closed_by".to_owned();
            steps.push(listed(&head, std::iter::once(header).chain(rows).collect()));
        }
        if is_unsigned {
            let file = self.files("acknowledgements");
            let file = if file.is_empty() { "the register of [sources.acknowledgements]".to_owned() } else { file };
            steps.push(format!("enter in {file} who signed the policy, and when"));
        }
        if !self.config.mail.recipients.iter().any(|recipient| recipient.role == "hr") {
            steps.push("say who gets the sheets by mail: [[mail.recipients]] with role = \"hr\"".to_owned());
        }
        if !lacks.is_empty() || self.is_deserted || is_unsigned {
            steps.push("run `check` again".to_owned());
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_wanted_through_yesterday_and_swipes_through_its_last_workday() {
        let period = Period::new("2026-10".parse().unwrap(), 1);
        let day = |day: u32| NaiveDate::from_ymd_opt(2026, 10, day).unwrap();
        let end = |today: NaiveDate| End::new(&Calendar::built_in(), &period, today).map(|end| (end.day, end.workday));
        assert_eq!(end(NaiveDate::from_ymd_opt(2027, 3, 1).unwrap()), Some((day(31), day(30))));
        assert_eq!(end(day(20)), Some((day(19), day(19))));
        assert_eq!(end(day(19)), Some((day(18), day(16))));
        // The holidays of the first week have no workday before them.
        assert_eq!(end(day(3)), Some((day(2), day(2))));
        assert_eq!(end(day(1)), None);
    }
}
