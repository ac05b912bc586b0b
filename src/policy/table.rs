//! The table of parameters: key, unit, clause and shipped value (3-tables §3.3).

use super::Value;
use crate::base::money::Fen;
use chrono::NaiveTime;
use polars::prelude::DataType;

/// The unit of a parameter, written as `unit = "…"` in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole minutes.
    Minute,
    /// Percent.
    Percent,
    /// Calendar days.
    Day,
    /// Workdays.
    Workday,
    /// Hours.
    Hour,
    /// A count.
    Count,
    /// Money in yuan.
    Yuan,
    /// Money in yuan by grade.
    YuanByGrade,
    /// A time of day, `"08:30"`.
    Time,
    /// One of a few words.
    Text,
    /// true or false.
    Bool,
}

impl Unit {
    /// The word in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Percent => "percent",
            Self::Day => "day",
            Self::Workday => "workday",
            Self::Hour => "hour",
            Self::Count => "count",
            Self::Yuan => "yuan",
            Self::YuanByGrade => "yuan by grade",
            Self::Time => "time",
            Self::Text => "text",
            Self::Bool => "bool",
        }
    }

    pub(super) fn dtype(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Bool => DataType::Boolean,
            _ => DataType::Int64,
        }
    }
}

/// One parameter of the policy.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name, `group.name`.
    pub key: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// The clause it comes from, or `choice`, `guard`, `law`.
    pub clause: &'static str,
    /// The shipped value as text; empty = blank.
    pub shipped: &'static str,
    /// The only words a text parameter may have.
    pub words: &'static [&'static str],
}

impl Spec {
    /// The shipped value, read from its text.
    #[must_use]
    pub fn shipped_value(&self) -> Option<Value> {
        if self.shipped.is_empty() {
            return None;
        }
        match self.unit {
            Unit::Yuan => Fen::parse_yuan(self.shipped).map(Value::Money),
            Unit::Time => NaiveTime::parse_from_str(self.shipped, "%H:%M").ok().map(Value::Time),
            Unit::Text => Some(Value::Text(self.shipped.to_owned())),
            Unit::Bool => Some(Value::Flag(self.shipped == "true")),
            Unit::YuanByGrade => {
                let pairs = self.shipped.split(' ').filter_map(|pair| pair.split_once('='));
                let grades = pairs.filter_map(|(grade, yuan)| Some((grade.to_owned(), Fen::parse_yuan(yuan)?)));
                Some(Value::Grades(grades.collect()))
            }
            _ => self.shipped.parse().ok().map(Value::Number),
        }
    }
}

const fn spec_of(key: &'static str, unit: Unit, clause: &'static str, shipped: &'static str) -> Spec {
    Spec { key, unit, clause, shipped, words: &[] }
}

const fn text_of(
    key: &'static str,
    clause: &'static str,
    shipped: &'static str,
    words: &'static [&'static str],
) -> Spec {
    Spec { key, unit: Unit::Text, clause, shipped, words }
}

/// The parameters of the contract, in the policy's order; a rule may declare more of its own.
pub const PARAMETERS: &[Spec] = &[
    spec_of("attendance.work_start", Unit::Time, "二.1", "08:30"),
    spec_of("attendance.work_end", Unit::Time, "choice", "17:30"),
    spec_of("attendance.day_cut", Unit::Time, "choice", "04:00"),
    spec_of("attendance.presence_floor", Unit::Percent, "guard", "50"),
    spec_of("attendance.late_share_ceiling", Unit::Percent, "guard", "50"),
    spec_of("hold.answer_workdays", Unit::Workday, "choice", "2"),
    spec_of("dispute.objection_workdays", Unit::Workday, "choice", "3"),
    spec_of("late_arrival.grace", Unit::Minute, "二.1", "0"),
    spec_of("late_arrival.class_a_up_to", Unit::Minute, "choice", "20"),
    spec_of("late_arrival.class_b_up_to", Unit::Minute, "choice", "30"),
    spec_of("late_arrival.class_a_amount", Unit::Yuan, "二.3", "20"),
    spec_of("late_arrival.class_b_amount", Unit::Yuan, "二.3", "30"),
    spec_of("late_arrival.threshold", Unit::Count, "二.3", "2"),
    text_of("late_arrival.charge", "choice", "from-threshold", &["from-threshold", "all-once-reached"]),
    text_of("late_arrival.notice_class", "choice", "A", &["A", "B"]),
    spec_of("leave.hr_approval_days", Unit::Workday, "二.2", "3"),
    spec_of("probation.reminder_days", Unit::Day, "choice", "14"),
    spec_of("overtime.month_ceiling", Unit::Hour, "law", "36"),
    spec_of("repair.diagnosis_days", Unit::Day, "七.1", "3"),
    spec_of("repair.sendout_days", Unit::Day, "七.1", "3"),
    spec_of("repair.delivery_days", Unit::Day, "七.3", "3"),
    spec_of("repair.completion_workdays", Unit::Workday, "七.2", "10"),
    spec_of("repair.diagnosis_amount", Unit::Yuan, "七.1", ""),
    spec_of("repair.completion_amount", Unit::Yuan, "七.2", ""),
    spec_of("repair.delivery_amount", Unit::Yuan, "七.3", ""),
    spec_of("last_out.amount", Unit::Yuan, "八.5", "20"),
    spec_of("last_out.gap_minutes", Unit::Minute, "choice", "2"),
    spec_of("unreachable.threshold", Unit::Count, "choice", "3"),
    spec_of("unreachable.callback_minutes", Unit::Minute, "choice", "120"),
    spec_of("unreachable.amount_min", Unit::Yuan, "八.8", "20"),
    spec_of("unreachable.amount_max", Unit::Yuan, "八.8", "50"),
    spec_of("meeting.grace", Unit::Minute, "八.10", "0"),
    spec_of("meeting.presence_floor", Unit::Percent, "guard", "50"),
    spec_of("meeting.late_amount", Unit::Yuan, "八.10", "20"),
    spec_of("meeting.absence_amount", Unit::Yuan, "八.10", "100"),
    spec_of("complaint.amount_min", Unit::Yuan, "八.16", "20"),
    spec_of("complaint.amount_max", Unit::Yuan, "八.16", "100"),
    spec_of("complaint.grades", Unit::YuanByGrade, "choice within 八.16", "一般=20 较重=40 严重=60 重大=100"),
    spec_of("complaint.review_workdays", Unit::Workday, "choice", "5"),
    spec_of("complaint.escalation_count", Unit::Count, "八.16", "5"),
    spec_of("reward.candidate_praises", Unit::Count, "choice", "3"),
    spec_of("acknowledgement.required", Unit::Bool, "八(二)", "true"),
    text_of("limits.mode", "choice by place", "", &["deduct", "cap", "warn-only"]),
    spec_of("limits.wage_percent", Unit::Percent, "law", "20"),
    spec_of("limits.minimum_wage", Unit::Yuan, "law", ""),
];
