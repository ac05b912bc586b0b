//! The Excel workbooks that HR reads: `deductions.xlsx` and `rewards.xlsx`. One sheet, one file.
//!
//! Equal reports give equal bytes: no clock, no order of a hash. Data is never written as a formula.

mod adjustments;
mod answers;
mod candidates;
mod chinese_money;
mod cover;
mod details;
mod difference;
mod fund;
mod held;
mod hours;
mod letters;
mod managers;
mod pictures;
mod quality;
mod reminders;
mod reward_totals;
mod rewards;
mod run;
mod shadow;
mod sheet;
mod slips;
pub(super) mod style;
#[cfg(test)]
pub(crate) mod tests;
mod totals;
mod warnings;

pub use chinese_money::capitals;

use super::{
    Language, Person, Report,
    words::{filled, word, word_or},
};
use crate::{
    base::{hash::sha256_of, money::Fen, month::Period},
    policy::CLAUSES,
    rules::{Direction, rule},
    schema::{
        adjustments::Adjustment,
        difference::Rerun,
        findings::{Finding, Status},
    },
};
use anyhow::Result;
use chrono::Datelike;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use std::collections::BTreeMap;

pub(super) const ZIP_LEVEL: u8 = 4;
/// Of the many small workbooks that single people get.
const QUICK_ZIP_LEVEL: u8 = 1;

/// Which way a workbook's money goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Deductions,
    Rewards,
}

/// A workbook in the making.
struct Book {
    workbook: Workbook,
    style: style::Style,
    language: Language,
    sheets: usize,
    /// Rows that a sheet holds.
    rows: u32,
    header: String,
    footer: String,
}

impl Book {
    fn new(report: &Report<'_>) -> Result<Self> {
        let mut workbook = Workbook::new();
        // Nearly as small as the default of 6, which spends a quarter of a big month's time on it.
        workbook.set_zip_compression_level(ZIP_LEVEL);
        workbook.set_default_format(&style::Style::base(), 22, 64)?;
        workbook.set_properties(&properties(report.period)?);
        // `&` begins a code in page headers, and they hold 255 characters.
        let centre: String = style::clean(report.centre.into()).chars().take(50).collect::<String>().replace('&', "&&");
        let (month, state) = (report.period.month, state(report));
        let page = word(report.language, "page.number");
        Ok(Self {
            workbook,
            style: style::Style::new(),
            language: report.language,
            sheets: 0,
            rows: sheet::ROWS,
            header: format!("&C&\"微软雅黑,Bold\"&13 {centre} {month} &A"),
            footer: format!(
                "&L{centre} {month} · {} {} · {state}&C&A&R{page}",
                word(report.language, "run.edition"),
                report.edition
            ),
        })
    }
}

impl Book {
    /// A workbook of which a month has many.
    fn small(report: &Report<'_>) -> Result<Self> {
        let mut book = Self::new(report)?;
        book.workbook.set_zip_compression_level(QUICK_ZIP_LEVEL);
        Ok(book)
    }

    /// Says at the foot of every page whose it is.
    fn sign(&mut self, who: &str) {
        let who: String = style::clean(who.into()).chars().take(60).collect::<String>().replace('&', "&&");
        self.footer = self.footer.replacen("&C&A", &format!("&C{who}"), 1);
    }

    /// Names the workbook in its properties; `title` is the key of a sentence about centre and month.
    fn title(&mut self, report: &Report<'_>, title: &str) -> Result<()> {
        let title = filled(report.language, title, &[report.centre, &report.period.month.to_string()]);
        self.workbook.set_properties(&properties(report.period)?.set_title(style::clean(title.into())));
        Ok(())
    }
}

/// Author, and the month's first day as the day it was made: no clock, and before anybody saves it.
pub(super) fn properties(period: Period) -> Result<DocProperties> {
    let first = period.first;
    let (month, day) = (u8::try_from(first.month())?, u8::try_from(first.day())?);
    let created = ExcelDateTime::from_ymd(u16::try_from(first.year())?, month, day)?;
    Ok(DocProperties::new().set_author("meritbook").set_creation_datetime(&created))
}

/// `deductions.xlsx`: 封面, 扣款明细, 扣款汇总, 待核待定, 部门经费, 书面警告, 旷工与加班, 提醒事项, 数据质量, 运行说明;
/// 以前月份调整 where earlier months are adjusted, 试运行 where a rule is in shadow mode.
///
/// # Errors
/// Those of the Excel writer; a deduction rule without a column in 扣款汇总.
pub fn deductions(report: &Report<'_>) -> Result<Vec<u8>> {
    Ok(filled_book(report, Which::Deductions)?.workbook.save_to_buffer()?)
}

/// `rewards.xlsx`: 封面, 奖励表, 奖励汇总, 候选与待批.
///
/// # Errors
/// Those of the Excel writer.
pub fn rewards(report: &Report<'_>) -> Result<Vec<u8>> {
    Ok(filled_book(report, Which::Rewards)?.workbook.save_to_buffer()?)
}

/// A workbook with all its sheets.
fn filled_book(report: &Report<'_>, which: Which) -> Result<Book> {
    let mut book = Book::new(report)?;
    let sheets: &[fn(&mut Book, &Report<'_>) -> Result<()>] = match which {
        Which::Deductions => &[
            details::write,
            totals::write,
            adjustments::write,
            held::write,
            fund::write,
            warnings::write,
            hours::write,
            reminders::write,
            shadow::write,
            quality::write,
            run::write,
        ],
        Which::Rewards => &[rewards::write, reward_totals::write, candidates::write],
    };
    book.title(report, if which == Which::Deductions { "cover.deductions" } else { "cover.rewards" })?;
    cover::write(&mut book, report, which)?;
    for write in sheets {
        write(&mut book, report)?;
    }
    Ok(book)
}

/// `difference.xlsx`: 依据变化, 差异明细, 每人净额.
///
/// # Errors
/// Those of the Excel writer.
pub fn difference(report: &Report<'_>, rerun: &Rerun) -> Result<Vec<u8>> {
    difference::book(report, rerun)
}

/// `answers.xlsx`: the held lines, to be answered and sent back.
///
/// # Errors
/// Those of the Excel writer.
pub fn answers(report: &Report<'_>) -> Result<Vec<u8>> {
    answers::book(report)
}

/// A workbook of somebody's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// A manager's, with the own staff.
    Manager,
    /// An employee's slip.
    Slip,
}

impl Paper {
    /// Its file in an edition.
    #[must_use]
    pub fn name(self, id: &str) -> String {
        let folder = if self == Self::Manager { "managers" } else { "slips" };
        format!("{folder}/{}.xlsx", file_stem(id))
    }
}

/// Name and bytes of every slip, letter and manager's workbook, in order of their names.
///
/// # Errors
/// Those of the Excel writer.
pub fn papers(report: &Report<'_>) -> Result<Vec<(String, Vec<u8>)>> {
    let own: Vec<(&str, Own<'_>)> = own(report).into_iter().collect();
    let staff: Vec<(&str, Vec<&Finding>)> = managers::by_manager(report).into_iter().collect();
    let letters: Vec<&Finding> = letters::all(report).collect();
    let mut papers = each(&letters, |finding| {
        Ok((format!("letters/{}.xlsx", file_stem(&warnings::number(finding))), letters::letter(report, finding)?))
    })?;
    papers.extend(each(&staff, |(manager, own)| Ok((Paper::Manager.name(manager), managers::book(report, own)?)))?);
    papers.extend(each(&own, |(id, own)| Ok((Paper::Slip.name(id), slips::slip(report, id, *own)?)))?);
    Ok(papers)
}

/// What stands on an employee's slip.
type Own<'a> = (&'a [Finding], &'a [Adjustment]);

/// The own lines of everybody who gets a slip, by id.
fn own<'a>(report: &'a Report<'_>) -> BTreeMap<&'a str, Own<'a>> {
    let mut people: BTreeMap<&str, Own<'_>> = BTreeMap::new();
    for own in report.findings.chunk_by(|a, b| a.employee_id == b.employee_id) {
        if own.iter().any(slips::is_listed) {
            people.entry(&own[0].employee_id).or_default().0 = own;
        }
    }
    for own in report.adjustments.chunk_by(|a, b| a.employee_id == b.employee_id) {
        people.entry(&own[0].employee_id).or_default().1 = own;
    }
    people
}

/// Makes one file of each item, on all cores, in the items' order.
fn each<T: Sync>(items: &[T], make: impl Fn(&T) -> Result<(String, Vec<u8>)> + Sync) -> Result<Vec<(String, Vec<u8>)>> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parts = items.chunks(items.len().div_ceil(workers).max(1));
    std::thread::scope(|scope| {
        let make = &make;
        let parts: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().map(make).collect::<Result<Vec<_>>>())).collect();
        let mut files = Vec::with_capacity(items.len());
        for part in parts {
            files.extend(part.join().map_err(|_| anyhow::anyhow!("a sheet writer stopped"))??);
        }
        Ok(files)
    })
}

/// An id as a file's name: letters, digits, `-` and `_` stay, any other character is `%` and its bytes in hex. What is
/// too long for a file system ends with a hash instead.
#[must_use]
pub fn file_stem(id: &str) -> String {
    const LONGEST: usize = 120;
    let stem = plain_stem(id);
    if stem.len() <= LONGEST {
        return stem;
    }
    format!("{}-{}", &stem[..stem.floor_char_boundary(LONGEST - 20)], &sha256_of(id.as_bytes())[..16])
}

fn plain_stem(id: &str) -> String {
    id.chars().fold(String::new(), |mut stem, c| {
        if c.is_alphanumeric() || matches!(c, '-' | '_') {
            stem.push(c);
        } else {
            let mut bytes = [0; 4];
            stem.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        }
        stem
    })
}

/// The policy's words of the clause that a finding cites: of the grounds for a reward (六.2) only its own.
fn clause_words(finding: &Finding) -> String {
    let ids = rule(finding.rule).map_or(&[][..], |rule| rule.clauses);
    let ground = finding.detail("category").map(|category| format!("六.2({category})"));
    let is_cited = |id: &str| {
        let rest = id.strip_prefix(finding.clause);
        let is_ground = id.starts_with("六.2(");
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
            && (!is_ground || ground.as_deref() == Some(id))
    };
    let own = CLAUSES.iter().filter(|clause| ids.contains(&clause.id) && is_cited(clause.id));
    own.map(|clause| clause.text).collect::<Vec<_>>().join(" ")
}

/// Who it is, in one line.
fn person_line(language: Language, person: &Person) -> String {
    filled(language, "person", &[&person.id, &person.name, &person.department, &person.position])
}

/// 建议, 已签发 or 重算.
fn state(report: &Report<'_>) -> &'static str {
    match report.rerun {
        Some(_) => word(report.language, "state.reissued"),
        None => state_word(report.language, report.is_issued),
    }
}

fn state_word(language: Language, is_issued: bool) -> &'static str {
    word(language, if is_issued { "state.issued" } else { "state.proposed" })
}

/// What a reissued edition replaces, and that payroll takes nothing of it.
fn replaced(sheet: &mut sheet::Sheet<'_>, report: &Report<'_>) -> Result<()> {
    let Some(rerun) = report.rerun else { return Ok(()) };
    let (language, [edition, base]) = (report.language, [report.edition, rerun.base].map(|number| number.to_string()));
    sheet.line(style::Look::Strong, &filled(language, "rerun.replaces", &[&edition, &base]))?;
    for key in ["rerun.not-for-payroll", "rerun.where"] {
        sheet.line(style::Look::Strong, word(language, key))?;
    }
    Ok(())
}

fn direction(finding: &Finding) -> Direction {
    rule(finding.rule).map_or(Direction::None, |rule| rule.direction)
}

/// A rule's title alone.
fn rule_title(language: Language, name: &str) -> String {
    match (rule(name), language) {
        (Some(rule), Language::Chinese) => rule.title.0.to_owned(),
        (Some(rule), Language::English) => rule.title.1.to_owned(),
        (None, _) => name.to_owned(),
    }
}

/// A rule with its clause: 二.3 迟到.
fn rule_name(language: Language, name: &str) -> String {
    match (rule(name), language) {
        (Some(rule), Language::Chinese) => format!("{} {}", rule.clause(), rule.title.0),
        (Some(rule), Language::English) => format!("{} {}", rule.clause(), rule.title.1),
        (None, _) => word_or(language, "rule", name),
    }
}

/// The status as sheets show it; what waits says for what.
fn status_word(language: Language, finding: &Finding) -> String {
    status_of(language, finding.status.word(), &finding.reason)
}

/// The same of a status and a reason as files write them.
fn status_of(language: Language, status: &str, reason: &str) -> String {
    if status == Status::Notice.word() && !reason.is_empty() {
        word_or(language, "reason", reason)
    } else {
        word_or(language, "status", status)
    }
}

/// The status, with the hours where it stands for hours.
fn status_and_hours(language: Language, finding: &Finding) -> String {
    let status = status_word(language, finding);
    if finding.status == Status::Hours { format!("{status} {}", finding.quantity) } else { status }
}

/// The sum in capitals, for the line below a table; figures alone in English.
fn in_words(language: Language, sum: Fen) -> String {
    let amount = match language {
        Language::Chinese => format!("{} ¥{}", capitals(sum), grouped(sum)),
        Language::English => format!("CNY {}", grouped(sum)),
    };
    filled(language, "total.in-words", &[&amount])
}

/// Yuan with two decimals and thousands separators, as money cells show it.
fn grouped(amount: Fen) -> String {
    let plain = amount.to_string();
    let point = plain.find('.').unwrap_or(plain.len());
    let is_gap = |at: usize| at > 0 && at < point && (point - at).is_multiple_of(3) && !plain[..at].ends_with('-');
    plain.char_indices().flat_map(|(at, c)| [is_gap(at).then_some(','), Some(c)]).flatten().collect()
}
