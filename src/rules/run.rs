//! Runs a rule: rows of its frame → findings, suspended records, evidence.

use super::rule::{Proof, Rule};
use crate::{
    base::{moment, money::Fen, quantity::Quantity},
    facts::{Facts, Readiness, SHARED_REGISTERS, absent_columns, not_ready},
    policy::{Policy, Unit},
    schema::{
        findings::{Evidence, Finding, Status, Suspension},
        inputs::Status as SourceStatus,
    },
};
use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::*;
use std::collections::BTreeMap;

/// Runs a rule: findings that belong to the days from `from` to `to`, and what it could not judge.
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
    let (first, last) = (facts.period.first, facts.period.last);
    let whole = |scope: String, reason: &'static str, source: String| {
        vec![Suspension { rule: rule.name, from: first, to: last, scope, reason, source }]
    };
    match not_ready(&facts.inputs, rule.sources, &optional) {
        Readiness::Ready => {}
        Readiness::NotAudited(_) => return Ok((Vec::new(), Vec::new())),
        Readiness::Suspended(source) => return Ok((Vec::new(), whole(String::new(), "source", source))),
    }
    if let Some((table, columns)) = absent_columns(&facts.inputs, rule.columns) {
        let scope = format!("column {}", columns.join(", "));
        return Ok((Vec::new(), whole(scope, "no-column", table.to_owned())));
    }
    let found = (rule.check)(facts, policy)?;
    let mut rows = found.rows;
    if !rows.collect_schema()?.contains("booked_on") {
        rows = rows.with_columns([col("occurred_on").alias("booked_on")]);
    }
    // Nothing is dated before the policy came into force (十).
    let is_in_force = col("occurred_on").gt_eq(lit(crate::policy::in_force_from()));
    let is_booked = col("booked_on").gt_eq(lit(from)).and(col("booked_on").lt_eq(lit(to)));
    rows = rows.filter(is_in_force.and(is_booked));
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
    booked_on: NaiveDate,
    subject: &'a str,
    status: &'a str,
    reason: &'a str,
    quantity: Quantity,
    price: Option<i64>,
    detail: &'a str,
    class: Option<&'a str>,
    clause: Option<&'a str>,
    hours: Option<i64>,
    from: Option<NaiveDateTime>,
    until: Option<NaiveDateTime>,
}

impl<'a> Row<'a> {
    fn all(frame: &'a DataFrame) -> PolarsResult<Vec<Self>> {
        let text = |name: &str| frame.column(name)?.str();
        let (subject, status, reason, detail) = (text("subject")?, text("status")?, text("reason")?, text("detail")?);
        let emp = frame.column("emp")?.u32()?;
        let quantity = frame.column("quantity")?.cast(&DataType::Int64)?;
        let price = frame.column("price")?.cast(&DataType::Int64)?;
        let (quantity, price) = (quantity.i64()?.clone(), price.i64()?.clone());
        let maybe = |name: &str| frame.column(name).ok().and_then(|column| column.str().ok());
        let (class, clause) = (maybe("class"), maybe("clause"));
        let hours = frame.column("hours").ok().and_then(|column| column.i64().ok());
        let is_hours = frame.column("is_hours").ok().and_then(|column| column.bool().ok());
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
        let dates = |name: &str| -> PolarsResult<Vec<Option<NaiveDate>>> {
            Ok(frame.column(name)?.date()?.as_date_iter().collect())
        };
        let (occurred, booked) = (dates("occurred_on")?, dates("booked_on")?);
        let rows = (0..frame.height()).filter_map(|row| {
            Some(Self {
                emp: emp.get(row),
                occurred_on: occurred[row]?,
                booked_on: booked[row]?,
                subject: subject.get(row)?,
                status: status.get(row)?,
                reason: reason.get(row).unwrap_or(""),
                quantity: match (quantity.get(row), is_hours.and_then(|is_hours| is_hours.get(row))) {
                    (Some(hundredths), Some(true)) => Quantity::Hours(hundredths),
                    (number, _) => Quantity::Whole(number.unwrap_or(1)),
                },
                price: price.get(row),
                detail: detail.get(row).unwrap_or(""),
                class: class.and_then(|class| class.get(row)),
                clause: clause.and_then(|clause| clause.get(row)),
                hours: hours.and_then(|hours| hours.get(row)),
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
    let unproven = || {
        let is_open = |name: &&&str| {
            let state = facts.inputs.state(name);
            state.status != SourceStatus::NotConfigured && !state.proven.covers_day(day)
        };
        rule.sources.iter().find(is_open)
    };
    if row.status == "suspended" {
        let known = ["no-deadline", "no-value", "not-proven", "merge-source", "rejected-row"];
        let reason = known.into_iter().find(|known| *known == row.reason).unwrap_or("no-value");
        return because(reason, if reason == "not-proven" { unproven().copied().unwrap_or("") } else { "" });
    }
    if rule.proof == Proof::Own {
        return None;
    }
    if let Some(source) = unproven() {
        return because("not-proven", source);
    }
    // Money without a value is `unpriced`; the lengths of deadlines are those of the clock's start.
    let is_needed = |key: &&&str| {
        let unit = policy.spec(key).map(|spec| spec.unit);
        !matches!(unit, Some(Unit::Yuan | Unit::YuanByGrade | Unit::Day | Unit::Workday))
    };
    let missing = rule.params.iter().filter(is_needed).find(|key| policy.value_on(key, day).is_none());
    missing.and_then(|_| because("no-value", ""))
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
        clause: clause_of(rule, row.clause),
        emp: row.emp,
        employee_id,
        occurred_on: row.occurred_on,
        belongs_to: facts.month_of(row.booked_on).month,
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
        hours: row.hours,
        ruled: None,
        is_confirmed: false,
        amended: None,
        from: row.from,
        until: row.until,
        evidence,
    })
}

/// The clause that a row cites, one of the rule's; the first where the row says none.
fn clause_of(rule: &Rule, asked: Option<&str>) -> &'static str {
    let own = asked.and_then(|asked| rule.clauses.iter().map(|id| crate::policy::cited(id)).find(|id| *id == asked));
    own.unwrap_or_else(|| rule.clause())
}
