//! What a rule is, and how it is run: rows of a frame → findings, suspended records, evidence.

use crate::{
    base::{moment, money::Fen},
    facts::{Facts, Readiness, SHARED_REGISTERS, not_ready},
    policy::{Param, Policy},
    schema::{
        findings::{Evidence, Finding, Status, Suspension},
        inputs::Status as SourceStatus,
    },
};
use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Which way a rule's money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It deducts; the text is where the money goes.
    Deduction(&'static str),
    /// It rewards.
    Reward,
    /// It never moves money.
    None,
}

/// What `confirm` makes of a hold, by the hold's reason (2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// The charge of its price.
    Charge,
    /// A notice.
    Notice,
    /// A late arrival of the class that `value` gives; counting follows.
    Class,
    /// A charge of the amount given, within the rule's bounds.
    ChargeOf,
    /// A credit of the price, or of a lower amount given.
    CreditUpTo,
    /// A credit of the amount given.
    CreditOf,
}

/// The lowest and the highest amount that a person may decide.
pub type Bounds = (&'static Param<Fen>, &'static Param<Fen>);

/// How a rule knows that its data is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Each record is proven when it is not dated after its sources' proven-through date.
    Record,
    /// The rule, or the facts it reads, see to it.
    Own,
}

/// One rule: one clause, one file.
pub struct Rule {
    /// Its name, as in finding ids.
    pub name: &'static str,
    /// The clause it audits.
    pub clause: &'static str,
    /// Its title in Chinese and English.
    pub title: (&'static str, &'static str),
    /// The sources it reads; each must be configured or declared none.
    pub sources: &'static [&'static str],
    /// Sources that it reads only to merge, or only where they are configured.
    pub optional: &'static [&'static str],
    /// The parameters it reads.
    pub params: &'static [&'static str],
    /// Which way its money goes.
    pub direction: Direction,
    /// How completeness is known.
    pub proof: Proof,
    /// Whether findings need an employee who is judged that day.
    pub is_for_judged: bool,
    /// What `confirm` makes of its holds.
    pub confirms: &'static [(&'static str, Confirm)],
    /// The bounds of amounts that a person decides.
    pub bounds: Option<Bounds>,
    /// Finds.
    pub check: fn(&Facts, &Policy) -> PolarsResult<Found>,
    /// The file itself; its header is the documentation.
    pub doc: &'static str,
}

impl Rule {
    /// The documentation: the file's `//!` header.
    #[must_use]
    pub fn header(&self) -> String {
        let lines = self.doc.lines().take_while(|line| line.starts_with("//!"));
        lines.map(|line| line.trim_start_matches("//!").trim_start_matches(' ')).collect::<Vec<_>>().join("\n")
    }
}

/// What a rule found.
pub struct Found {
    /// One row a finding, see [`findings`].
    pub rows: LazyFrame,
    /// The rows they stand on, see [`evidence`].
    pub evidence: Vec<LazyFrame>,
}

/// Selects a finding's columns in their order; `class`, `from` and `until` may be missing.
///
/// `emp` and `price` may be null, `reason` is null without one, `detail` holds `name=value` facts.
pub fn findings(frame: LazyFrame, columns: [Expr; 8]) -> LazyFrame {
    let names = ["emp", "occurred_on", "subject", "status", "reason", "quantity", "price", "detail"];
    frame.with_columns(columns.into_iter().zip(names).map(|(expr, name)| expr.alias(name)).collect::<Vec<_>>())
}

/// The rows in column `row_ref` as evidence of the findings in `frame`, each with a fact `name=value` or a name.
pub fn evidence(frame: &LazyFrame, row_ref: &str, fact: Expr) -> LazyFrame {
    let is_there = col(row_ref).is_not_null();
    frame.clone().filter(is_there).select([col("emp"), col("subject"), col(row_ref).alias("ref"), fact.alias("fact")])
}

/// Runs a rule: findings dated from `from` to `to`, and what it could not judge.
///
/// # Errors
/// Those of the dataframe engine.
pub fn run(
    rule: &'static Rule,
    facts: &Facts,
    policy: &Policy,
    (from, to): (NaiveDate, NaiveDate),
) -> PolarsResult<(Vec<Finding>, Vec<Suspension>)> {
    let optional: Vec<&str> = rule.optional.iter().filter(|name| SHARED_REGISTERS.contains(name)).copied().collect();
    match not_ready(&facts.inputs, rule.sources, &optional) {
        Readiness::Ready => {}
        Readiness::NotAudited(_) => return Ok((Vec::new(), Vec::new())),
        Readiness::Suspended(source) => {
            let (from, to) = (facts.period.first, facts.period.last);
            let whole = Suspension { rule: rule.name, from, to, scope: String::new(), reason: "source", source };
            return Ok((Vec::new(), vec![whole]));
        }
    }
    let found = (rule.check)(facts, policy)?;
    // Nothing is dated before the policy came into force (十).
    let from = from.max(crate::policy::in_force_from());
    let dated = found.rows.filter(col("occurred_on").gt_eq(lit(from)).and(col("occurred_on").lt_eq(lit(to))));
    let mut rows = dated;
    if rule.is_for_judged {
        let judged = col("emp").is_null().or(Facts::is_judged(col("occurred_on")));
        rows = facts.with_employment(rows, "emp").filter(judged);
    }
    let rows = rows.sort(["emp", "subject"], SortMultipleOptions::default()).collect()?;
    let mut evidence = evidence_of(found.evidence, rows.height())?;
    let mut suspensions = Vec::new();
    let mut findings = Vec::with_capacity(rows.height());
    for row in Row::all(&rows)? {
        if let Some(why) = suspended(rule, facts, policy, &row) {
            suspensions.push(why);
        } else if let Some(status) = Status::parse(row.status) {
            let key = (row.emp, row.subject.to_owned());
            let rows = evidence.remove(&key).unwrap_or_default();
            findings.push(finding(rule, facts, &row, status, rows)?);
        }
    }
    Ok((findings, suspensions))
}

/// One row of a rule's frame.
struct Row<'a> {
    emp: Option<u32>,
    occurred_on: NaiveDate,
    subject: &'a str,
    status: &'a str,
    reason: &'a str,
    quantity: i64,
    price: Option<i64>,
    detail: &'a str,
    class: Option<&'a str>,
    from: Option<NaiveDateTime>,
    until: Option<NaiveDateTime>,
}

impl<'a> Row<'a> {
    fn all(frame: &'a DataFrame) -> PolarsResult<Vec<Self>> {
        let text = |name: &str| frame.column(name)?.str();
        let (subject, status, reason, detail) = (text("subject")?, text("status")?, text("reason")?, text("detail")?);
        let (emp, date) = (frame.column("emp")?.u32()?, frame.column("occurred_on")?.date()?);
        let quantity = frame.column("quantity")?.cast(&DataType::Int64)?;
        let price = frame.column("price")?.cast(&DataType::Int64)?;
        let (quantity, price) = (quantity.i64()?.clone(), price.i64()?.clone());
        let class = frame.column("class").ok().and_then(|class| class.str().ok());
        let moments = |name: &str| {
            let column = frame
                .column(name)
                .ok()
                .and_then(|column| column.datetime().ok())
                .map(|column| column.physical().clone());
            move |row: usize| {
                let micros = column.as_ref().and_then(|column| column.get(row))?;
                moment::of_micros(micros)
            }
        };
        let (from, until) = (moments("from"), moments("until"));
        let dates: Vec<Option<NaiveDate>> = date.as_date_iter().collect();
        let rows = (0..frame.height()).filter_map(|row| {
            Some(Self {
                emp: emp.get(row),
                occurred_on: dates[row]?,
                subject: subject.get(row)?,
                status: status.get(row)?,
                reason: reason.get(row).unwrap_or(""),
                quantity: quantity.get(row).unwrap_or(1),
                price: price.get(row),
                detail: detail.get(row).unwrap_or(""),
                class: class.and_then(|class| class.get(row)),
                from: from(row),
                until: until(row),
            })
        });
        Ok(rows.collect())
    }
}

/// Why a row is suspended, if it is.
fn suspended(rule: &'static Rule, facts: &Facts, policy: &Policy, row: &Row<'_>) -> Option<Suspension> {
    let day = row.occurred_on;
    let because = |reason, source: &str| {
        // A day's subject says no more than the day.
        let scope = if row.subject == day.to_string() { String::new() } else { row.subject.to_owned() };
        Some(Suspension { rule: rule.name, from: day, to: day, scope, reason, source: source.to_owned() })
    };
    if row.status == "suspended" {
        let known = ["no-deadline", "no-value", "not-proven", "merge-source"];
        let reason = known.into_iter().find(|known| *known == row.reason).unwrap_or("no-value");
        return because(reason, "");
    }
    if rule.proof == Proof::Record {
        let is_open = |name: &&&str| {
            let state = facts.inputs.state(name);
            state.status != SourceStatus::NotConfigured && !state.proven.covers_day(day)
        };
        if let Some(source) = rule.sources.iter().find(is_open) {
            return because("not-proven", source);
        }
        let spec = |key: &&str| crate::policy::spec(key);
        let is_money = |key: &&str| {
            spec(key).is_some_and(|spec| {
                spec.unit == crate::policy::Unit::Yuan
                    || !spec.shipped.is_empty() && spec.unit == crate::policy::Unit::YuanByGrade
            })
        };
        let missing = rule.params.iter().find(|key| !is_money(key) && policy.value_on(key, day).is_none());
        if missing.is_some() {
            return because("no-value", "");
        }
    }
    None
}

/// Evidence by employee and subject.
type EvidenceOf = BTreeMap<(Option<u32>, String), Vec<Evidence>>;

fn evidence_of(frames: Vec<LazyFrame>, findings: usize) -> PolarsResult<EvidenceOf> {
    let mut evidence: BTreeMap<_, Vec<Evidence>> = BTreeMap::new();
    if findings == 0 {
        return Ok(evidence);
    }
    for frame in frames {
        let frame = frame.collect()?;
        let (emps, subjects) = (frame.column("emp")?.u32()?, frame.column("subject")?.str()?);
        let (refs, facts) = (frame.column("ref")?.u64()?, frame.column("fact")?.str()?);
        for (((emp, subject), row), fact) in emps.iter().zip(subjects.iter()).zip(refs.iter()).zip(facts.iter()) {
            if let (Some(subject), Some(row)) = (subject, row) {
                let fact = fact.unwrap_or("").to_owned();
                evidence.entry((emp, subject.to_owned())).or_default().push(Evidence { row, fact });
            }
        }
    }
    for rows in evidence.values_mut() {
        rows.sort();
        rows.dedup();
    }
    Ok(evidence)
}

fn finding(
    rule: &'static Rule,
    facts: &Facts,
    row: &Row<'_>,
    status: Status,
    evidence: Vec<Evidence>,
) -> PolarsResult<Finding> {
    let ids = facts.inputs.table("employees").column("employee_id")?.str()?;
    let employee_id = row.emp.and_then(|emp| ids.get(emp as usize)).unwrap_or("").to_owned();
    let price = row.price.map(Fen);
    // A charge whose amount has no value that day is unpriced; a late arrival is counted first.
    let status = if status == Status::Charge && price.is_none() { Status::Unpriced } else { status };
    let pairs = row.detail.split('\u{1f}').filter_map(|pair| pair.split_once('='));
    Ok(Finding {
        id: format!("{}:{employee_id}:{}", rule.name, row.subject),
        rule: rule.name,
        clause: rule.clause,
        emp: row.emp,
        employee_id,
        occurred_on: row.occurred_on,
        belongs_to: facts.month_of(row.occurred_on).month,
        subject: row.subject.to_owned(),
        status,
        reason: row.reason.to_owned(),
        quantity: row.quantity,
        unit_amount: price,
        amount: None,
        destination: "",
        due_on: None,
        detail: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        class: row.class.map(str::to_owned),
        amended: None,
        from: row.from,
        until: row.until,
        evidence,
    })
}
