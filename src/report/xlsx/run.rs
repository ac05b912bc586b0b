//! Sheet 运行说明: what this edition was made from and with, counts by clause, and the control sums.

use super::{
    Book, filled, grouped, reward_totals, rule_name,
    sheet::Sheet,
    state,
    style::{Cell, Column, Look, column, wrapped},
    totals, word_or,
};
use crate::{
    base::money::Fen,
    report::{Report, import::Control, words::word},
    rules::RULES,
    schema::{
        findings::Status,
        inputs::{InputFile, Totals},
    },
};
use anyhow::Result;
use std::collections::BTreeMap;

const BASIS: [Column; 2] =
    [wrapped("head.name-of", 40), Column { word: "head.value-of", look: Look::Line, least: 0, most: 0 }];
const FILES: [Column; 5] = [
    wrapped("head.file", 56),
    column("head.rows-read", Look::Count),
    column("head.first", Look::Time),
    column("head.last", Look::Time),
    Column { word: "head.sha256", look: Look::Text, least: 0, most: 68 },
];
const COUNTS: [Column; 4] = [
    wrapped("head.rule", 40),
    column("head.status", Look::Text),
    column("head.rows", Look::Count),
    column("head.amount", Look::Money),
];
const EXCLUDED: [Column; 5] = [
    wrapped("head.source", 40),
    column("head.rows-read", Look::Count),
    column("head.used", Look::Count),
    column("head.unused", Look::Count),
    column("head.why-unused", Look::Text),
];
const SUMS: [Column; 5] = [
    wrapped("head.control", 40),
    column("head.findings", Look::Money),
    column("head.postings", Look::Money),
    column("head.ledger", Look::Money),
    column("head.totals-sheet", Look::Text),
];
const IMPORTS: [Column; 8] = [
    wrapped("head.file", 50),
    column("head.persons", Look::Count),
    column("head.rows-read", Look::Count),
    column("head.amounts", Look::Count),
    column("run.deductions", Look::Money),
    column("run.rewards", Look::Money),
    column("head.hours", Look::Money),
    column("head.control", Look::Text),
];
const STATUSES: [Status; 8] = [
    Status::Charge,
    Status::Credit,
    Status::Counted,
    Status::Hold,
    Status::Unpriced,
    Status::Notice,
    Status::Merged,
    Status::Waived,
];

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let mut sheet = Sheet::free(book, "sheet.run")?;
    sheet.line(Look::Title, word(report.language, "sheet.run"))?;
    basis(&mut sheet, report)?;
    sums(&mut sheet, report)?;
    counts(&mut sheet, report)?;
    files(&mut sheet, report)?;
    excluded(&mut sheet, report)?;
    imports(&mut sheet, report)?;
    sheet.close()
}

fn basis(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let period = format!("{} ({} ~ {})", report.period.month, report.period.first, report.period.last);
    let own = [
        ("run.centre", report.centre.to_owned()),
        ("run.period", period),
        ("run.edition", report.edition.to_string()),
        ("run.state", state(report).to_owned()),
        ("run.version", format!("meritbook {}", env!("CARGO_PKG_VERSION"))),
    ];
    for (key, value) in own {
        sheet.row(&BASIS, [word(language, key).into(), value.into()])?;
    }
    for (name, value) in report.basis {
        sheet.row(&BASIS, [name.as_str().into(), value.as_str().into()])?;
    }
    Ok(())
}

/// Every sum of money, reached on four ways, and whether they agree.
fn sums(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "run.sums"))?;
    sheet.head(&SUMS)?;
    let rows = [
        ("run.deductions", Status::Charge, "deduct", totals::sum(report)?),
        ("run.rewards", Status::Credit, "reward", reward_totals::sum(report)),
    ];
    for (name, status, direction, shown) in rows {
        let found = report.sum(status);
        let posted: Fen =
            report.postings.iter().filter(|posting| posting.direction == direction).map(|posting| posting.amount).sum();
        let booked: Fen = report.ledger.iter().filter(|row| row.direction == direction).map(|row| row.amount).sum();
        let agree = [posted, booked, shown].iter().all(|sum| *sum == found);
        let verdict = filled(language, if agree { "run.agree" } else { "run.disagree" }, &[&grouped(shown)]);
        sheet.row(&SUMS, [word(language, name).into(), found.into(), posted.into(), booked.into(), verdict.into()])?;
    }
    Ok(())
}

fn counts(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "run.counts"))?;
    sheet.head(&COUNTS)?;
    for rule in RULES {
        let name = rule_name(language, rule.name);
        let mut is_empty = true;
        for status in STATUSES {
            let (mut rows, mut sum) = (0, Fen(0));
            for finding in report.of(status).filter(|finding| finding.rule == rule.name) {
                rows += 1;
                sum.0 += finding.amount.unwrap_or_default().0;
            }
            if rows > 0 {
                is_empty = false;
                let money = matches!(status, Status::Charge | Status::Credit).then_some(sum);
                sheet.row(
                    &COUNTS,
                    [
                        name.clone().into(),
                        word_or(language, "status", status.word()).into(),
                        Cell::Count(rows),
                        money.into(),
                    ],
                )?;
            }
        }
        if is_empty {
            let is_unaudited = report.unaudited.iter().any(|unaudited| unaudited.rule == rule.name);
            let why = word(language, if is_unaudited { "run.unaudited" } else { "run.nothing" });
            sheet.row(&COUNTS, [name.into(), why.into(), Cell::Count(0), Cell::Blank])?;
        }
    }
    Ok(())
}

fn files(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    sheet.gap()?;
    sheet.line(Look::Section, word(report.language, "run.files"))?;
    sheet.head(&FILES)?;
    for InputFile { name, totals, sha256, .. } in &report.inputs.files {
        let (first, last) = totals.span.unzip();
        sheet.row(
            &FILES,
            [name.as_str().into(), totals.rows.into(), first.into(), last.into(), sha256.as_str().into()],
        )?;
    }
    Ok(())
}

/// The rows that were read and not used, by source, and why.
fn excluded(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "run.excluded"))?;
    let mut sources: BTreeMap<&str, Totals> = BTreeMap::new();
    for file in &report.inputs.files {
        let (sum, own) = (sources.entry(&file.source).or_default(), &file.totals);
        sum.rows += own.rows;
        sum.used += own.used;
        sum.rejected += own.rejected;
        sum.outside += own.outside;
        sum.out_of_period += own.out_of_period;
        sum.duplicates += own.duplicates;
    }
    sheet.head(&EXCLUDED)?;
    for (source, sum) in sources {
        let why = [
            ("head.rejected", sum.rejected),
            ("head.outside", sum.outside),
            ("head.out-of-period", sum.out_of_period),
            ("head.duplicates", sum.duplicates),
        ];
        let why = why.iter().filter(|(_, rows)| *rows > 0).map(|(key, rows)| format!("{} {rows}", word(language, key)));
        let unused = sum.rows - sum.used.min(sum.rows);
        let cells = [
            word_or(language, "source", source).into(),
            sum.rows.into(),
            sum.used.into(),
            unused.into(),
            why.collect::<Vec<_>>().join(" · ").into(),
        ];
        sheet.row(&EXCLUDED, cells)?;
    }
    Ok(())
}

/// What stands in each payroll import file, read back from it.
fn imports(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    if report.imports.is_empty() {
        return Ok(());
    }
    sheet.gap()?;
    sheet.line(Look::Section, word(report.language, "run.imports"))?;
    sheet.head(&IMPORTS)?;
    for Control { file, people, rows, amounts, deducted, paid, hours, .. } in report.imports {
        let counts = [*people, *rows, *amounts].map(Cell::Count);
        let hours = if *hours == 0 { Cell::Blank } else { Cell::Hours(*hours) };
        let sums = [(*deducted).into(), (*paid).into(), hours, word(report.language, "run.agrees").into()];
        sheet.row(&IMPORTS, [file.as_str().into()].into_iter().chain(counts).chain(sums))?;
    }
    Ok(())
}
