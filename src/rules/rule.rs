//! What a rule is, and the frames it hands on.

use crate::{
    base::money::Fen,
    facts::Facts,
    policy::{Param, Policy, Spec, cited},
};
use polars::prelude::*;

/// Which way a rule's money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It deducts: where the money goes, and the column of 扣款汇总.
    Deduction(&'static str, Group),
    /// It rewards.
    Reward,
    /// It never moves money.
    None,
}

/// The columns of 扣款汇总, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// 迟到扣款(部门经费)
    Late,
    /// 会议扣款
    Meeting,
    /// 安全检查扣款
    Safety,
    /// 联络扣款
    Contact,
    /// 投诉扣款
    Complaint,
    /// 维修超期扣款
    Repair,
    /// 损失赔偿
    Loss,
    /// 其他扣款; the sheet has it only in a month that needs it.
    Other,
}

impl Group {
    /// Its word in mapping files of payroll imports.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["late", "meeting", "safety", "contact", "complaint", "repair", "loss", "other"][self as usize]
    }
}

/// What `confirm` makes of a hold, by the hold's reason (2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// The charge of its price.
    Charge,
    /// A notice.
    Notice,
    /// Overtime hours to be paid.
    Hours,
    /// A late arrival of the class that `value` gives; counting follows.
    Class,
    /// A charge of the amount given, within the rule's bounds.
    ChargeOf,
    /// A written warning; with an amount, a charge of it within the rule's bounds.
    WarningOrCharge,
    /// A notice; with an amount, a charge of it, at most what is left of the employee's rewards of the month.
    NoticeOrFromRewards,
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

/// How far back other rules need a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only those of the payroll month.
    Month,
    /// Those of the calendar year so far.
    Year,
    /// All that there are.
    Always,
}

/// One rule: one clause, one file.
pub struct Rule {
    /// Its name, as in finding ids.
    pub name: &'static str,
    /// The sentences it audits, that which findings cite first, as in [`crate::policy::CLAUSES`].
    pub clauses: &'static [&'static str],
    /// Its title in Chinese and English.
    pub title: (&'static str, &'static str),
    /// A finding in one sentence, in Chinese and English, with gaps `{fact}`, `{fact.day}`, `{fact.time}`,
    /// `{fact.minute}` and `{fact.words}`. `[…]` is left out where one of its gaps has no fact, `[…|…]` has a second
    /// choice for that; `{?fact}` only asks for the fact.
    pub sentence: (&'static str, &'static str),
    /// The sources it reads; each must be configured or declared none.
    pub sources: &'static [&'static str],
    /// Sources that it reads only to merge, or only where they are configured.
    pub optional: &'static [&'static str],
    /// Optional columns, `(table, column)`, without which it has nothing to judge by: where an export has none of them,
    /// what it should hold would seem not to have been done.
    pub columns: &'static [(&'static str, &'static str)],
    /// The parameters it reads.
    pub params: &'static [&'static str],
    /// Those of them that no table but this file declares.
    pub declares: &'static [Spec],
    /// Which way its money goes.
    pub direction: Direction,
    /// How completeness is known.
    pub proof: Proof,
    /// Whether findings need an employee who is judged that day.
    pub is_for_judged: bool,
    /// How far back other rules need its findings.
    pub reach: Reach,
    /// Whether it reads what decisions made of other rules' findings, and so runs after them.
    pub is_after_decisions: bool,
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
    /// What most rules are: records proven by their own date, of people who are judged, without money.
    pub(super) const DEFAULT: Self = Self {
        name: "",
        clauses: &[],
        title: ("", ""),
        sentence: ("", ""),
        sources: &[],
        optional: &[],
        columns: &[],
        params: &[],
        declares: &[],
        direction: Direction::None,
        proof: Proof::Record,
        is_for_judged: true,
        reach: Reach::Month,
        is_after_decisions: false,
        confirms: &[],
        bounds: None,
        check: |_, _| Ok(Found { rows: LazyFrame::default(), evidence: Vec::new() }),
        doc: "",
    };

    /// Where its deductions go; empty of a rule that deducts nothing.
    #[must_use]
    pub fn destination(&self) -> &'static str {
        if let Direction::Deduction(destination, _) = self.direction { destination } else { "" }
    }

    /// The clause that its findings cite.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        self.clauses.first().map_or("", |id| cited(id))
    }

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

/// Selects a finding's columns in their order.
///
/// `emp` and `price` may be null, `reason` is null without one, `detail` holds `name=value` facts. Columns that may be
/// missing: `class`, `from` and `until` (late arrivals and meetings), `clause` (another than the rule's first),
/// `booked_on` (the day whose payroll month it belongs to, where that is not `occurred_on`), `is_hours` (quantity is
/// in hundredths of an hour), `hours` (what the quantity becomes when the hours are confirmed, in hundredths).
pub fn findings(frame: LazyFrame, columns: [Expr; 8]) -> LazyFrame {
    let names = ["emp", "occurred_on", "subject", "status", "reason", "quantity", "price", "detail"];
    frame.with_columns(columns.into_iter().zip(names).map(|(expr, name)| expr.alias(name)).collect::<Vec<_>>())
}

/// Findings that only remind: a notice each, without a reason, a quantity or a price.
pub fn notices<const N: usize>(frame: LazyFrame, who: [Expr; 3], facts: [Expr; N]) -> LazyFrame {
    notices_unless(frame, who, no_text(), facts)
}

/// Notices, but suspended records where `open` has a reason.
pub fn notices_unless<const N: usize>(
    frame: LazyFrame,
    [emp, occurred_on, subject]: [Expr; 3],
    open: Expr,
    facts: [Expr; N],
) -> LazyFrame {
    let status = when(open.clone().is_null()).then(lit("notice")).otherwise(lit("suspended"));
    findings(frame, [emp, occurred_on, subject, status, open, lit(1_i64), lit(NULL), detail(facts)])
}

/// Facts `name=value` in one cell, those without a value left out.
pub fn detail<const N: usize>(facts: [Expr; N]) -> Expr {
    if N == 0 { lit("") } else { concat_str(facts, "\u{1f}", true) }
}

/// No text: an empty reason.
pub fn no_text() -> Expr {
    lit(NULL).cast(DataType::String)
}

/// The rows in column `row_ref` as evidence of the findings in `frame`, each with a fact `name=value` or a name.
pub fn evidence(frame: &LazyFrame, row_ref: &str, fact: Expr) -> LazyFrame {
    let is_there = col(row_ref).is_not_null();
    frame.clone().filter(is_there).select([col("emp"), col("subject"), col(row_ref).alias("ref"), fact.alias("fact")])
}
