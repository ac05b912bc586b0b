//! A parameter: typed key, dated values, and the polars expression that picks the value of a row's own day.

use super::{PARAMETERS, Spec, in_force_from};
use crate::base::money::Fen;
use chrono::{NaiveDate, NaiveTime};
use polars::prelude::*;
use std::{collections::BTreeMap, fmt, marker::PhantomData};

/// One value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Minutes, days, workdays, hours, percent or a count.
    Number(i64),
    /// Money.
    Money(Fen),
    /// A time of day.
    Time(NaiveTime),
    /// One of a few words.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Money by grade.
    Grades(BTreeMap<String, Fen>),
}

/// A value and the first day it holds; `None` ends the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// First day.
    pub from: NaiveDate,
    /// The value, or none from this day on.
    pub value: Option<Value>,
    /// Where the value was decided; may be empty.
    pub source: String,
}

/// A parameter's key with the Rust type of its values.
pub struct Param<T> {
    /// Its name in `config.toml`, below `policy.`.
    pub key: &'static str,
    kind: PhantomData<T>,
}

impl<T> Param<T> {
    /// A typed key.
    #[must_use]
    pub const fn new(key: &'static str) -> Self {
        Self { key, kind: PhantomData }
    }
}

/// A Rust type that a [`Value`] can be read as.
pub trait FromValue: Sized {
    /// The value, if it has this type.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Number(number) = value { Some(*number) } else { None }
    }
}

impl FromValue for Fen {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Money(fen) = value { Some(*fen) } else { None }
    }
}

impl FromValue for NaiveTime {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Time(time) = value { Some(*time) } else { None }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.clone()) } else { None }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Flag(flag) = value { Some(*flag) } else { None }
    }
}

impl FromValue for BTreeMap<String, Fen> {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Grades(grades) = value { Some(grades.clone()) } else { None }
    }
}

impl fmt::Display for Value {
    /// As people write it: yuan with two decimals, `08:30`, `一般 20.00, 较重 40.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Money(fen) => fen.fmt(f),
            Self::Time(time) => time.format("%H:%M").fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Grades(grades) => {
                let pairs: Vec<String> = grades.iter().map(|(grade, fen)| format!("{grade} {fen}")).collect();
                pairs.join(", ").fmt(f)
            }
        }
    }
}

/// All parameters with their dated values, ascending by date.
#[derive(Clone, Debug)]
pub struct Policy {
    specs: Vec<&'static Spec>,
    values: BTreeMap<&'static str, Vec<Dated>>,
}

impl Policy {
    /// The parameters of [`PARAMETERS`] with their shipped values.
    #[must_use]
    pub fn shipped() -> Self {
        Self::of(PARAMETERS.iter())
    }

    /// These parameters, each with its shipped value from the day the policy came into force.
    #[must_use]
    pub fn of(specs: impl IntoIterator<Item = &'static Spec>) -> Self {
        let specs: Vec<&'static Spec> = specs.into_iter().collect();
        let dated = |spec: &Spec| {
            let value = spec.shipped_value();
            value.map(|v| Dated { from: in_force_from(), value: Some(v), source: String::new() })
        };
        let values = specs.iter().map(|spec| (spec.key, dated(spec).into_iter().collect())).collect();
        Self { specs, values }
    }

    /// Every parameter there is, in order.
    #[must_use]
    pub fn specs(&self) -> &[&'static Spec] {
        &self.specs
    }

    /// The parameter named `key`.
    #[must_use]
    pub fn spec(&self, key: &str) -> Option<&'static Spec> {
        self.specs.iter().copied().find(|spec| spec.key == key)
    }

    /// Replaces all values of one parameter. Values must ascend by date.
    pub fn set(&mut self, key: &'static str, values: Vec<Dated>) {
        self.values.insert(key, values);
    }

    /// The dated values of `key`, ascending.
    #[must_use]
    pub fn values(&self, key: &str) -> &[Dated] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// The raw value of `key` in force on `day`.
    #[must_use]
    pub fn value_on(&self, key: &str, day: NaiveDate) -> Option<&Value> {
        let dated = self.values(key).iter().rev().find(|dated| dated.from <= day)?;
        dated.value.as_ref()
    }

    /// The value of `param` in force on `day`; `None` where it has none.
    #[must_use]
    pub fn on<T: FromValue>(&self, param: &Param<T>, day: NaiveDate) -> Option<T> {
        T::from_value(self.value_on(param.key, day)?)
    }

    /// The value of `param` in force on each row's `day` (a date expression): null where it has none.
    ///
    /// Money is in fen, numbers are in the parameter's unit.
    pub fn expr<T>(&self, param: &Param<T>, day: &Expr) -> Expr {
        let mut picked: Option<Expr> = None;
        for dated in self.values(param.key) {
            let value = dated.value.as_ref().map_or_else(|| lit(NULL), literal);
            let before = picked.unwrap_or_else(|| lit(NULL));
            picked = Some(when(day.clone().gt_eq(lit(dated.from))).then(value).otherwise(before));
        }
        let kind = self.spec(param.key).map_or(DataType::Int64, |spec| spec.unit.dtype());
        picked.unwrap_or_else(|| lit(NULL)).cast(kind)
    }

    /// Every parameter and dated value as text, one a line: `late_arrival.grace from 2009-12-01: 0 minute`, with the
    /// source of a value where one is given.
    #[must_use]
    pub fn canonical_text(&self) -> String {
        let line = |key: &str, dated: &Dated| {
            let unit = self.spec(key).map_or("", |spec| spec.unit.word());
            let value = dated.value.as_ref().map_or_else(|| "ended".to_owned(), |value| format!("{value} {unit}"));
            let source = if dated.source.is_empty() { String::new() } else { format!(" ({})", dated.source) };
            format!("{key} from {}: {value}{source}\n", dated.from)
        };
        self.values.iter().flat_map(|(key, values)| values.iter().map(move |dated| line(key, dated))).collect()
    }
}

fn literal(value: &Value) -> Expr {
    match value {
        Value::Number(number) => lit(*number),
        Value::Money(fen) => lit(fen.0),
        Value::Text(text) => lit(text.clone()),
        Value::Flag(flag) => lit(*flag),
        // Times and grades are looked up by day with `on`, not in expressions.
        Value::Time(_) | Value::Grades(_) => lit(NULL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_value_of_the_day_before_of_and_after_a_change() {
        const AMOUNT: Param<Fen> = Param::new("late_arrival.class_a_amount");
        let dated = |day: &str, value| Dated { from: date(day), value, source: String::new() };
        let mut policy = Policy::shipped();
        policy.set(
            AMOUNT.key,
            vec![
                dated("2009-12-01", Some(Value::Money(Fen(2000)))),
                dated("2026-10-15", Some(Value::Money(Fen(2500)))),
                dated("2026-11-01", None),
            ],
        );
        let days = ["2009-11-30", "2026-10-14", "2026-10-15", "2026-10-31", "2026-11-01"];
        let expected = [None, Some(2000), Some(2500), Some(2500), None];
        let scalar: Vec<_> = days.iter().map(|day| policy.on(&AMOUNT, date(day)).map(|fen| fen.0)).collect();
        assert_eq!(scalar, expected);
        let frame = df!("day" => days.map(date)).unwrap().lazy().select([policy.expr(&AMOUNT, &col("day"))]);
        let column = frame.collect().unwrap();
        let column: Vec<_> = column.columns()[0].i64().unwrap().iter().collect();
        assert_eq!(column, expected);
    }
}
