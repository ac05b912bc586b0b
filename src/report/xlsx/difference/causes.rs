//! Sheet 依据变化: what decides the result and is not what it was, then what it comes to; then the
//! values of policy and calendar themselves.

use super::foot;
use crate::{
    base::money::Fen,
    report::{
        Language, Report,
        words::{filled, word},
        xlsx::{
            Book, grouped,
            sheet::Sheet,
            state,
            style::{Cell, Column, Look, column, wrapped},
            word_or,
        },
    },
    schema::difference::{Cause, CauseKind, Net, Rerun, Version},
};
use anyhow::Result;

const CAUSES: [Column; 9] = [
    wrapped("head.kind", 14),
    wrapped("head.source", 16),
    wrapped("head.file", 44),
    column("head.hash-before", Look::Text),
    column("head.hash-after", Look::Text),
    column("head.rows-before", Look::Count),
    column("head.rows-after", Look::Count),
    column("head.lines-gone", Look::Count),
    column("head.lines-new", Look::Count),
];
const VALUES: [Column; 3] = [
    wrapped("head.kind", 14),
    column("head.change", Look::Center),
    Column { word: "head.value-of", look: Look::Line, least: 0, most: 0 },
];
/// So many values of policy or calendar are written out.
const SHOWN: usize = 40;
const KINDS: [CauseKind; 5] =
    [CauseKind::Policy, CauseKind::Calendar, CauseKind::Configuration, CauseKind::Program, CauseKind::Input];

pub(super) fn write(book: &mut Book, report: &Report<'_>, rerun: &Rerun) -> Result<()> {
    let language = report.language;
    let mut sheet = Sheet::free(book, "sheet.causes")?;
    let (month, first, last) =
        (report.period.month.to_string(), report.period.first.to_string(), report.period.last.to_string());
    let (edition, base) = (report.edition.to_string(), rerun.base.to_string());
    sheet.line(Look::Title, &filled(language, "difference.heading", &[report.centre, &month, &edition, &base]))?;
    sheet.line(Look::Line, &filled(language, "cover.edition", &[&month, &first, &last, &edition, state(report)]))?;
    causes(&mut sheet, language, &rerun.causes)?;
    result(&mut sheet, language, rerun)?;
    values(&mut sheet, language, &rerun.causes)?;
    foot(&mut sheet, language)?;
    sheet.close_in_pages()
}

/// What is not what it was, and what is.
fn causes(sheet: &mut Sheet<'_>, language: Language, causes: &[Cause]) -> Result<()> {
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "difference.causes"))?;
    if causes.is_empty() {
        return sheet.line(Look::Line, word(language, "difference.no-cause"));
    }
    sheet.head(&CAUSES)?;
    for cause in causes {
        let [gone, new] = cause.lines.each_ref().map(|lines| lines.len() as u64);
        let rows = |version: &Option<Version>| version.as_ref().and_then(|version| version.rows);
        let cells = [
            word_or(language, "cause", cause.kind.word()).into(),
            word_or(language, "source", &cause.source).into(),
            cause.name.as_str().into(),
            hash(language, cause.before.as_ref()).into(),
            hash(language, cause.after.as_ref()).into(),
            rows(&cause.before).into(),
            rows(&cause.after).into(),
            gone.into(),
            new.into(),
        ];
        sheet.row(&CAUSES, cells)?;
    }
    if causes.iter().all(|cause| cause.source == "decisions") {
        return sheet.line(Look::Line, word(language, "difference.only-decisions"));
    }
    let unchanged = KINDS.into_iter().filter(|kind| causes.iter().all(|cause| cause.kind != *kind));
    let names: Vec<String> = unchanged.map(|kind| word_or(language, "cause", kind.word())).collect();
    if names.is_empty() {
        return Ok(());
    }
    sheet.line(Look::Line, &filled(language, "difference.unchanged", &[&names.join(word(language, "mail.and"))]))
}

/// The first digits of a hash; a program's version whole.
fn hash(language: Language, version: Option<&Version>) -> String {
    version.map_or_else(|| word(language, "change.absent").to_owned(), |version| version.short().to_owned())
}

/// The values of policy and calendar themselves.
fn values(sheet: &mut Sheet<'_>, language: Language, causes: &[Cause]) -> Result<()> {
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "difference.values"))?;
    let is_shown = |cause: &&Cause| {
        matches!(cause.kind, CauseKind::Policy | CauseKind::Calendar)
            && cause.lines.iter().any(|lines| !lines.is_empty())
    };
    let shown: Vec<&Cause> = causes.iter().filter(is_shown).collect();
    if shown.is_empty() {
        return sheet.line(Look::Line, word(language, "difference.no-values"));
    }
    sheet.head(&VALUES)?;
    for cause in shown {
        let kind = word_or(language, "cause", cause.kind.word());
        let [gone, new] = &cause.lines;
        // Where both are long, each has its half.
        let first = gone.len().min(SHOWN - new.len().min(SHOWN / 2));
        let second = new.len().min(SHOWN - first);
        let was = gone[..first].iter().map(|line| ("change.was", line));
        for (change, line) in was.chain(new[..second].iter().map(|line| ("change.is", line))) {
            sheet.row(&VALUES, [kind.clone().into(), word(language, change).into(), line.as_str().into()])?;
        }
        let more = gone.len() + new.len() - first - second;
        if more > 0 {
            let more = filled(language, "change.more", &[&more.to_string()]);
            sheet.row(&VALUES, [kind.into(), Cell::Blank, more.into()])?;
        }
    }
    Ok(())
}

/// How many lines differ, and what they come to.
fn result(sheet: &mut Sheet<'_>, language: Language, rerun: &Rerun) -> Result<()> {
    sheet.gap()?;
    sheet.line(Look::Section, word(language, "difference.result"))?;
    let difference = &rerun.difference;
    let counts = [difference.removed.len(), difference.added.len(), difference.changed.len()].map(|n| n.to_string());
    sheet.line(Look::Line, &filled(language, "difference.counts", &counts.each_ref().map(String::as_str)))?;
    let favours: Vec<i64> = rerun.net.iter().map(Net::favour).map(|favour| favour.0).collect();
    let side = |is_on: fn(&i64) -> bool| {
        let own: Vec<i64> = favours.iter().copied().filter(is_on).collect();
        (own.len().to_string(), grouped(Fen(own.iter().sum::<i64>().abs())))
    };
    let ((people, given), (others, taken)) = (side(|favour| *favour > 0), side(|favour| *favour < 0));
    let net = grouped(Fen(favours.iter().sum()));
    sheet.line(Look::Line, &filled(language, "difference.favour", &[&people, &given, &others, &taken, &net]))
}
