//! Sheet 数据质量: what each file held, how far each source is proven, what is suspended, rejected, or outside.

use super::{
    Book, filled, rule_name,
    sheet::Sheet,
    style::{Cell, Column, Look, column, wrapped},
    word_or,
};
use crate::{
    report::{Language, Report, words::word},
    schema::{
        findings::Suspension,
        inputs::{InputFile, Proven, SourceState, Status},
    },
};
use anyhow::Result;

const FILES: [Column; 10] = [
    column("head.source", Look::Text),
    wrapped("head.file", 56),
    column("head.rows-read", Look::Count),
    column("head.used", Look::Count),
    column("head.rejected", Look::Count),
    column("head.outside", Look::Count),
    column("head.out-of-period", Look::Count),
    column("head.duplicates", Look::Count),
    column("head.first", Look::Time),
    column("head.last", Look::Time),
];
const SOURCES: [Column; 4] = [
    column("head.source", Look::Text),
    wrapped("head.state", 40),
    column("head.proven", Look::Text),
    wrapped("head.how", 14),
];
const SUSPENDED: [Column; 6] = [
    column("head.rule", Look::Text),
    wrapped("head.reason", 40),
    column("head.from", Look::Date),
    column("head.to", Look::Date),
    wrapped("head.scope", 24),
    column("head.source", Look::Text),
];
const REJECTED: [Column; 6] = [
    column("head.source", Look::Text),
    wrapped("head.file", 56),
    column("head.line", Look::Count),
    column("head.column", Look::Text),
    wrapped("head.value", 24),
    // The last column: long reasons run over the empty cells to its right.
    Column { word: "head.reason", look: Look::Line, least: 0, most: 0 },
];
const OUTSIDE: [Column; 3] =
    [column("head.source", Look::Text), wrapped("head.outsider", 40), column("head.rows-read", Look::Count)];
/// A sheet for people lists so many rejected rows and outsiders; the CSV files have all.
const LISTED: usize = 2_000;

pub(super) fn write(book: &mut Book, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::free(book, "sheet.quality")?;
    sheet.line(Look::Title, word(language, "sheet.quality"))?;
    files(&mut sheet, report)?;
    sources(&mut sheet, report)?;
    suspended(&mut sheet, report)?;
    rejected(&mut sheet, report)?;
    outside(&mut sheet, report)?;
    sheet.close()
}

fn files(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    sheet.line(Look::Section, word(report.language, "quality.files"))?;
    sheet.head(&FILES)?;
    for file in &report.inputs.files {
        let InputFile { source, name, totals, .. } = file;
        let counts =
            [totals.rows, totals.used, totals.rejected, totals.outside, totals.out_of_period, totals.duplicates];
        let span = [totals.span.map(|(first, _)| first).into(), totals.span.map(|(_, last)| last).into()];
        let who = [word_or(report.language, "source", source).into(), name.as_str().into()];
        sheet.row(&FILES, who.into_iter().chain(counts.map(Cell::Count)).chain(span))?;
    }
    Ok(())
}

fn sources(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "quality.sources"))?;
    sheet.head(&SOURCES)?;
    for (name, state) in &report.inputs.states {
        let cells = [
            word_or(language, "source", name).into(),
            state_word(language, state).into(),
            proven(language, state).into(),
            word_or(language, "how", state.how).into(),
        ];
        sheet.row(&SOURCES, cells)?;
    }
    Ok(())
}

fn state_word(language: Language, state: &SourceState) -> String {
    match &state.status {
        Status::NotConfigured => word(language, "source-state.not-configured").to_owned(),
        Status::DeclaredNone => word(language, "source-state.none").to_owned(),
        Status::Missing(why) => filled(language, "source-state.missing", &[why]),
        Status::Unusable(why) => filled(language, "source-state.unusable", &[why]),
        Status::Ready => word(language, "source-state.ready").to_owned(),
    }
}

fn proven(language: Language, state: &SourceState) -> String {
    match (state.proven, &state.status) {
        (_, Status::NotConfigured) => String::new(),
        (Proven::Never, _) => word(language, "proven.never").to_owned(),
        (Proven::Until(through, _), _) => through.format("%Y-%m-%d %H:%M").to_string(),
        (Proven::Always, _) => word(language, "proven.always").to_owned(),
    }
}

fn suspended(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "quality.suspended"))?;
    if report.suspensions.is_empty() {
        return sheet.line(Look::Line, word(language, "none"));
    }
    sheet.head(&SUSPENDED)?;
    for suspension in report.suspensions {
        let cells = [
            rule_name(language, suspension.rule).into(),
            word_or(language, "suspended", suspension.reason).into(),
            suspension.from.into(),
            suspension.to.into(),
            scope_word(language, suspension).into(),
            word_or(language, "source", &suspension.source).into(),
        ];
        sheet.row(&SUSPENDED, cells)?;
    }
    Ok(())
}

fn rejected(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "quality.rejected"))?;
    if report.rejected.is_empty() {
        return sheet.line(Look::Line, word(language, "none"));
    }
    sheet.head(&REJECTED)?;
    for row in report.rejected.iter().take(LISTED) {
        let cells = [
            word_or(language, "source", &row.source).into(),
            row.file.as_str().into(),
            row.line.into(),
            row.column.as_str().into(),
            row.value.as_str().into(),
            row.reason.as_str().into(),
        ];
        sheet.row(&REJECTED, cells)?;
    }
    more(sheet, language, report.rejected.len(), "rejected.csv")
}

fn outside(sheet: &mut Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let language = report.language;
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "quality.outside"))?;
    if report.inputs.outside.is_empty() {
        return sheet.line(Look::Line, word(language, "none"));
    }
    sheet.head(&OUTSIDE)?;
    for ((source, person), rows) in report.inputs.outside.iter().take(LISTED) {
        sheet.row(&OUTSIDE, [word_or(language, "source", source).into(), person.as_str().into(), (*rows).into()])?;
    }
    more(sheet, language, report.inputs.outside.len(), "coverage.csv")
}

/// Says how many are not listed.
fn more(sheet: &mut Sheet<'_>, language: Language, all: usize, file: &str) -> Result<()> {
    if all <= LISTED {
        return Ok(());
    }
    sheet.line(Look::Strong, &filled(language, "quality.more", &[&(all - LISTED).to_string(), file]))
}

/// Whom or what a suspension is about; nothing where that is only its day.
pub(super) fn scope_word(language: Language, suspension: &Suspension) -> String {
    let scope = suspension.scope.as_str();
    match scope.split_once(' ') {
        None if scope.is_empty() => word(language, "scope.all").to_owned(),
        Some((kind @ ("site" | "meeting" | "column"), name)) => format!("{} {name}", word_or(language, "scope", kind)),
        _ if scope == suspension.from.to_string() => String::new(),
        _ => scope.to_owned(),
    }
}
