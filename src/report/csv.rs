//! The CSV files of an edition (4-outputs): UTF-8 with BOM, CRLF, guarded against formulas.

use super::{Report, summary::summary};
use crate::{
    base::{evidence::RowRef, money::Fen, month::Period, quantity::Quantity},
    schema::{
        adjustments::{Adjustment, Movement},
        findings::{Finding, Posting, Status, Suspension, Unaudited},
        inputs::{InputFile, Proven},
    },
};
use std::collections::BTreeMap;

/// A table as bytes; a field that would begin a formula gets a leading `'`.
fn table<'a>(header: &str, rows: impl Iterator<Item = Vec<std::borrow::Cow<'a, str>>>) -> anyhow::Result<Vec<u8>> {
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
    writer.write_record(header.split(','))?;
    for row in rows {
        for field in row {
            if begins_formula(&field) {
                writer.write_field(format!("'{field}"))?;
            } else {
                writer.write_field(field.as_bytes())?;
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}

/// Whether a spreadsheet would take a field for a formula.
pub(super) fn begins_formula(field: &str) -> bool {
    field.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn yuan(amount: Option<Fen>) -> String {
    amount.map_or_else(String::new, |fen| fen.to_string())
}

/// `findings.csv`: every finding, sorted by employee id, rule, subject.
///
/// # Errors
/// None but those of the CSV writer.
pub fn findings(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    listed_findings(report.findings, report)
}

/// `shadow.csv`: the findings of rules in shadow mode, with the same columns.
///
/// # Errors
/// None but those of the CSV writer.
pub fn shadow(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    listed_findings(report.shadow, report)
}

fn listed_findings(findings: &[Finding], report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let header = "finding_id,rule,clause,employee_id,occurred_on,belongs_to,subject,status,reason,quantity,unit_amount,amount,destination,due_on,summary";
    let row = |finding: &'_ Finding| {
        vec![
            finding.id.clone().into(),
            finding.rule.into(),
            finding.clause.into(),
            finding.employee_id.clone().into(),
            finding.occurred_on.to_string().into(),
            finding.belongs_to.to_string().into(),
            finding.subject.clone().into(),
            finding.status.word().into(),
            finding.reason.clone().into(),
            finding.quantity.to_string().into(),
            yuan(finding.unit_amount).into(),
            yuan(finding.amount).into(),
            finding.destination.into(),
            finding.due_on.map_or_else(String::new, |due| due.to_string()).into(),
            summary(finding, report.language).into(),
        ]
    };
    table(header, findings.iter().map(row))
}

/// `evidence.csv`: the rows that each finding stands on, those of shadow mode at the end.
///
/// # Errors
/// None but those of the CSV writer.
pub fn evidence(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let files = &report.inputs.files;
    let rows = report.findings.iter().chain(report.shadow).flat_map(|finding| {
        finding.evidence.iter().map(move |evidence| {
            let row = RowRef::unpack(evidence.row);
            let (source, file) =
                files.get(row.file as usize).map_or(("", ""), |file| (file.source.as_str(), file.name.as_str()));
            vec![
                finding.id.as_str().into(),
                source.into(),
                file.into(),
                row.line.to_string().into(),
                evidence.fact.as_str().into(),
            ]
        })
    });
    table("finding_id,source,file,line,fact", rows)
}

/// `postings.csv`: every movement of money.
///
/// # Errors
/// None but those of the CSV writer.
pub fn postings(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let row = |posting: &'_ Posting| {
        vec![
            posting.id.clone().into(),
            posting.finding_id.clone().into(),
            format!("{:03}", posting.edition).into(),
            posting.direction.into(),
            posting.amount.to_string().into(),
            posting.belongs_to.to_string().into(),
            posting.paid_in.to_string().into(),
        ]
    };
    table("posting_id,finding_id,edition,direction,amount,belongs_to,paid_in", report.postings.iter().map(row))
}

/// `ledger.csv`: one row per employee, rule, direction and destination.
///
/// # Errors
/// None but those of the CSV writer.
pub fn ledger(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let rows = report.ledger.iter().map(|row| {
        let (count, amount) = (row.count.to_string(), row.amount.to_string());
        vec![
            row.employee_id.as_str().into(),
            row.rule.into(),
            row.direction.into(),
            row.destination.into(),
            count.into(),
            amount.into(),
        ]
    });
    table("employee_id,rule,direction,destination,count,amount", rows)
}

/// `adjustments.csv`: what is taken up of earlier months.
///
/// # Errors
/// None but those of the CSV writer.
pub fn adjustments(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let row = |one: &'_ Adjustment| {
        // Hours are hundredths, as fen are.
        let (amount, hours) =
            if one.movement.is_hours() { (None, Some(Fen(one.hours))) } else { (Some(one.amount), None) };
        vec![
            one.finding_id.clone().into(),
            one.employee_id.clone().into(),
            one.rule.into(),
            one.belongs_to.to_string().into(),
            format!("{:03}", one.edition).into(),
            one.movement.word().into(),
            yuan(amount).into(),
            yuan(hours).into(),
            one.destination.into(),
            one.occurred_on.clone().into(),
            if one.is_settled_by_hand { "y" } else { "n" }.into(),
            one.summary.clone().into(),
        ]
    };
    let header = "finding_id,employee_id,rule,belongs_to,edition,movement,amount,hours,destination,occurred_on,settled_by_hand,summary";
    table(header, report.adjustments.iter().map(row))
}

/// `import/payroll.csv`: the canonical long table, one row per employee, direction and rule; overtime has hours
/// instead of an amount, which payroll prices.
///
/// # Errors
/// None but those of the CSV writer.
pub fn payroll(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let item = |name: &'static str| {
        crate::rules::rule(name).map_or(name, |rule| match report.language {
            super::Language::Chinese => rule.title.0,
            super::Language::English => rule.title.1,
        })
    };
    let money = report.payroll.iter().map(|row| {
        let key = (row.employee_id.as_str(), row.rule, row.direction, row.destination);
        (key, [row.count.to_string(), row.amount.to_string(), String::new()])
    });
    let hours = [Movement::Hours, Movement::ReverseHours].into_iter().flat_map(|movement| {
        claims(report, movement).into_iter().map(move |((employee_id, rule), (count, hundredths))| {
            let numbers = [count.to_string(), String::new(), Quantity::Hours(hundredths).to_string()];
            ((employee_id, rule, movement.word(), ""), numbers)
        })
    });
    let rows: BTreeMap<_, [String; 3]> = money.chain(hours).collect();
    let rows = rows.into_iter().map(|((employee_id, rule, direction, destination), numbers)| {
        let name = report.person(employee_id).name;
        let who = [report.period.month.to_string(), employee_id.to_owned(), name];
        let what = [rule, item(rule), direction, destination];
        let texts = who.into_iter().chain(what.map(str::to_owned)).chain(numbers);
        texts.map(Into::into).collect()
    });
    table("paid_in,employee_id,name,rule,item,direction,destination,count,amount,hours", rows)
}

/// Overtime to be paid by employee and rule, less what is taken back of earlier months: hundredths of an hour.
pub(super) fn hours<'a>(report: &'a Report<'_>) -> BTreeMap<(&'a str, &'static str), i64> {
    let mut sums: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for (movement, sign) in [(Movement::Hours, 1), (Movement::ReverseHours, -1)] {
        for (key, (_, hundredths)) in claims(report, movement) {
            *sums.entry(key).or_default() += sign * hundredths;
        }
    }
    sums
}

/// Overtime that payroll imports, one way, by employee and rule: how many claims, hundredths of an hour.
fn claims<'a>(report: &'a Report<'_>, movement: Movement) -> BTreeMap<(&'a str, &'static str), (u64, i64)> {
    let own = report.of(Status::Hours).filter(|_| movement == Movement::Hours).filter_map(|claim| {
        let Quantity::Hours(hundredths) = claim.quantity else { return None };
        Some((claim.employee_id.as_str(), claim.rule, hundredths))
    });
    let adjusted = report.adjustments.iter().filter(|one| one.movement == movement && !one.is_settled_by_hand);
    let adjusted = adjusted.map(|one| (one.employee_id.as_str(), one.rule, one.hours));
    let mut sums: BTreeMap<(&str, &str), (u64, i64)> = BTreeMap::new();
    for (employee_id, rule, hundredths) in own.chain(adjusted) {
        let (count, sum) = sums.entry((employee_id, rule)).or_default();
        *count += 1;
        *sum += hundredths;
    }
    sums
}

/// `rejected.csv`: rows and decisions that cannot be used.
///
/// # Errors
/// None but those of the CSV writer.
pub fn rejected(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let rows = report.rejected.iter().map(|row| {
        let line = row.line.to_string();
        let texts = [&row.source, &row.file, &line, &row.column, &row.value, &row.reason];
        texts.map(|text| text.clone().into()).to_vec()
    });
    table("source,file,line,column,value,reason", rows)
}

/// `coverage.csv`: control totals of each file, how far its source is proven, and what it leaves suspended.
///
/// A source without a file has one row with an empty file name; what no source is to blame for stands at the end. A
/// rule that is not audited stands with its source, one that is switched off at the end, with the reason.
///
/// # Errors
/// None but those of the CSV writer.
pub fn coverage(report: &Report<'_>) -> anyhow::Result<Vec<u8>> {
    let mut by_source: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for suspension in report.suspensions {
        by_source.entry(&suspension.source).or_default().push(listed(suspension));
    }
    for Unaudited { rule, source, reason } in report.unaudited {
        let Period { first, last, .. } = report.period;
        let why = if reason.is_empty() { "not audited".to_owned() } else { format!("off: {reason}") };
        by_source.entry(source).or_default().push(format!("{rule} {first}..{last} ({why})"));
    }
    let mut rows = Vec::new();
    for (name, state) in &report.inputs.states {
        let files: Vec<&InputFile> = report.inputs.files.iter().filter(|file| file.source == *name).collect();
        let suspended = by_source.remove(*name).unwrap_or_default();
        if files.is_empty()
            && suspended.is_empty()
            && matches!(state.status, crate::schema::inputs::Status::NotConfigured)
        {
            continue;
        }
        let through = match state.proven {
            Proven::Never => String::new(),
            Proven::Until(time, _) => time.format("%Y-%m-%d %H:%M:%S").to_string(),
            Proven::Always => "vouched".to_owned(),
        };
        let suspended = suspended.join("; ");
        let empty = InputFile::default();
        let shown = if files.is_empty() { vec![&empty] } else { files };
        for file in shown {
            let totals = &file.totals;
            let numbers =
                [totals.rows, totals.used, totals.rejected, totals.outside, totals.out_of_period, totals.duplicates];
            let span = totals.span.map_or([String::new(), String::new()], |(first, last)| {
                [first, last].map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string())
            });
            let mut row: Vec<std::borrow::Cow<'_, str>> = vec![(*name).into(), file.name.clone().into()];
            row.extend(numbers.map(|number| number.to_string().into()));
            row.extend(span.map(Into::into));
            row.extend([through.clone().into(), state.how.into(), suspended.clone().into()]);
            rows.push(row);
        }
    }
    for (source, suspensions) in by_source {
        let mut row: Vec<std::borrow::Cow<'_, str>> = vec![source.to_owned().into()];
        row.extend(std::iter::repeat_n("".into(), 11));
        row.push(suspensions.join("; ").into());
        rows.push(row);
    }
    let header =
        "source,file,rows,used,rejected,outside,out_of_period,duplicates,first,last,proven_through,how,suspended";
    table(header, rows.into_iter())
}

/// A suspension in a cell: `rule from..to scope (reason)`.
fn listed(suspension: &Suspension) -> String {
    let days = if suspension.from == suspension.to {
        suspension.from.to_string()
    } else {
        format!("{}..{}", suspension.from, suspension.to)
    };
    let scope = if suspension.scope.is_empty() { String::new() } else { format!(" {}", suspension.scope) };
    format!("{} {days}{scope} ({})", suspension.rule, suspension.reason)
}
