//! Sheet 运行说明: what this edition was made from and with, counts by clause, and the control sums.

use super::{
    Book, adjustments, filled, grouped, reward_totals, rule_name,
    sheet::Sheet,
    state,
    style::{Cell, Column, Look, column, wrapped},
    totals, word_or,
};
use crate::{
    base::money::Fen,
    report::{
        Report,
        adjusted::{Adjusted, settled},
        import::Control,
        words::word,
    },
    rules::RULES,
    schema::{
        adjustments::Movement,
        findings::{LedgerRow, Status},
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
    if let Some(rerun) = report.rerun {
        sheet.row(&BASIS, [word(language, "run.replaces").into(), rerun.base.to_string().into()])?;
    }
    for editions in adjustments::editions(report) {
        sheet.row(&BASIS, [word(language, "run.adjusts").into(), editions.into()])?;
    }
    for (name, value) in report.basis {
        sheet.row(&BASIS, [name.as_str().into(), value.as_str().into()])?;
    }
    Ok(())
}

/// A sum of money, reached on several ways.
struct Sum {
    name: String,
    found: Fen,
    /// `None` where postings do not tell what payroll imports from what is settled by hand.
    posted: Option<Fen>,
    booked: Fen,
    /// The total of a sheet, where it is of the same.
    shown: Option<Fen>,
}

/// Every sum of money, and whether all ways agree.
fn sums(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "run.sums"))?;
    sheet.head(&SUMS)?;
    for Sum { name, found, posted, booked, shown } in all_sums(report)? {
        // What is judged again posts nothing: its money moves with a later month.
        let moved = if report.rerun.is_some() { Fen(0) } else { found };
        let agree = posted.is_none_or(|sum| sum == moved) && booked == found && shown.is_none_or(|sum| sum == found);
        let key = if agree { "run.agree" } else { "run.disagree" };
        let verdict = filled(language, key, &[&grouped(shown.unwrap_or(found))]);
        sheet.row(&SUMS, [name.into(), found.into(), posted.into(), booked.into(), verdict.into()])?;
    }
    if report.rerun.is_some() {
        sheet.line(Look::Line, word(language, "run.restated"))?;
    }
    Ok(())
}

/// Deductions and rewards; with adjustments also what is taken back, and what payroll imports of both.
fn all_sums(report: &Report<'_>) -> Result<Vec<Sum>> {
    let language = report.language;
    let posted = |word: &str| report.postings.iter().filter(|one| one.direction == word).map(|one| one.amount).sum();
    let booked = |rows: &[LedgerRow], word: &str| -> Fen {
        rows.iter().filter(|row| row.direction == word).map(|row| row.amount).sum()
    };
    let (all, paid) = (Adjusted::of(report.adjustments), Adjusted::of(settled(report, false)));
    let is_adjusted = all.count > 0;
    let ways = [
        (
            "run.deductions",
            Status::Charge,
            Movement::Deduct,
            Movement::ReverseDeduct,
            totals::sum(report)?,
            paid.deducted(),
        ),
        (
            "run.rewards",
            Status::Credit,
            Movement::Reward,
            Movement::ReverseReward,
            reward_totals::sum(report),
            paid.rewarded(),
        ),
    ];
    let (mut sums, mut nets) = (Vec::new(), Vec::new());
    for (name, status, way, back, shown, change) in ways {
        let own = report.sum(status);
        sums.push(Sum {
            name: word(language, name).to_owned(),
            found: Fen(own.0 + all.sum(way).0),
            posted: Some(posted(way.word())),
            booked: booked(report.ledger, way.word()),
            shown: (!is_adjusted).then_some(shown),
        });
        if is_adjusted {
            sums.push(Sum {
                name: adjustments::movement(language, back),
                found: all.sum(back),
                posted: Some(posted(back.word())),
                booked: booked(report.ledger, back.word()),
                shown: None,
            });
            let key = if status == Status::Charge { "run.imported-deductions" } else { "run.imported-rewards" };
            nets.push(Sum {
                name: word(language, key).to_owned(),
                found: Fen(own.0 + change.0),
                posted: None,
                booked: Fen(booked(report.payroll, way.word()).0 - booked(report.payroll, back.word()).0),
                shown: Some(shown),
            });
        }
    }
    sums.extend(nets);
    Ok(sums)
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
