//! Reads `[policy.*]`: dated values, checked against the table of parameters.

use crate::{
    base::{
        money::Fen,
        toml::{Node, Walker, integer, join},
    },
    policy::{Dated, Param, Policy, Spec, Unit, Value},
};
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// Reads the policy section over the shipped values of the parameters there are.
pub(super) fn read<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>, specs: &[&'static Spec]) -> Policy {
    let mut policy = Policy::of(specs.iter().copied());
    if let Some(section) = walker.table("", root, "policy") {
        for group in section.keys() {
            let group = group.get_ref().as_ref();
            if let Some(table) = walker.table("policy", section, group) {
                read_group(walker, group, table, &mut policy);
            }
        }
    }
    // A value that is there and wrong has been told already.
    let mode = root.get("policy").and_then(|policy| policy.get_ref().get("limits")?.get_ref().get("mode"));
    let is_written = mode.is_some_and(|mode| mode.get_ref().get("values").is_some());
    if !is_written {
        walker.problem(
            &(0..0),
            "`policy.limits.mode` must be written: whether money may be deducted depends on the place",
            "add [policy.limits.mode] with unit = \"text\" and values.2009-12-01 = \"deduct\", \"cap\" or \"warn-only\"",
        );
    }
    check_grades(walker, root, &policy);
    policy
}

fn read_group<'a>(walker: &mut Walker<'a>, group: &str, table: &DeTable<'a>, policy: &mut Policy) {
    for key in table.keys() {
        let name = join(group, key.get_ref());
        let Some(spec) = policy.spec(&name) else {
            let known: Vec<&str> = policy.specs().iter().map(|spec| spec.key).collect();
            let near = crate::base::problem::did_you_mean(&name, known.iter().copied());
            let help = near.map_or("`meritbook rules` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            walker.problem(&key.span(), format!("there is no parameter `{name}`"), help);
            continue;
        };
        let path = join("policy", group);
        if let Some(fields) = walker.table(&path, table, key.get_ref()) {
            policy.set(spec.key, read_parameter(walker, spec, fields));
        }
    }
}

fn read_parameter<'a>(walker: &mut Walker<'a>, spec: &Spec, fields: &DeTable<'a>) -> Vec<Dated> {
    let path = join("policy", spec.key);
    walker.only(&path, fields, &["clause", "unit", "values", "label"]);
    walker.text(&path, fields, "label");
    if walker.text(&path, fields, "clause").is_some_and(|clause| clause.trim().is_empty()) {
        walker.problem(&fields["clause"].span(), format!("`{path}.clause` is empty"), "");
    }
    if let Some(unit) = walker.text(&path, fields, "unit")
        && unit != spec.unit.word()
    {
        let what = format!("`{path}` is in `{}`, not in `{unit}`", spec.unit.word());
        walker.problem(&fields["unit"].span(), what, "");
    }
    let Some(values) = walker.table(&path, fields, "values") else { return Vec::new() };
    let mut dated = Vec::new();
    for (key, node) in values {
        let Ok(from) = NaiveDate::parse_from_str(key.get_ref(), "%Y-%m-%d") else {
            let help = "write YYYY-MM-DD, the first day the value holds";
            walker.problem(&key.span(), format!("`{}` is not a date", key.get_ref()), help);
            continue;
        };
        if let Some((value, source)) = read_value(walker, &path, spec, node) {
            dated.push(Dated { from, value, source });
        }
    }
    dated.sort_by_key(|dated| dated.from);
    dated
}

fn read_value(walker: &mut Walker<'_>, path: &str, spec: &Spec, node: &Node<'_>) -> Option<(Option<Value>, String)> {
    let table = node.get_ref().as_table();
    let Some(table) = table else { return bare(walker, path, spec, node).map(|value| (Some(value), String::new())) };
    walker.only(path, table, &["value", "source", "ended"]);
    let source = table.get("source").and_then(|node| node.get_ref().as_str()).unwrap_or_default().to_owned();
    match (table.get("value"), table.get("ended").and_then(|node| node.get_ref().as_bool())) {
        (None, Some(true)) => Some((None, source)),
        (Some(value), None | Some(false)) => bare(walker, path, spec, value).map(|value| (Some(value), source)),
        _ => {
            walker.wrong(node, path, "a value, { value = …, source = \"…\" } or { ended = true }");
            None
        }
    }
}

fn bare(walker: &mut Walker<'_>, path: &str, spec: &Spec, node: &Node<'_>) -> Option<Value> {
    let (value, expected) = match spec.unit {
        Unit::Yuan => (money(node).map(Value::Money), "an amount in yuan such as 20 or \"20.50\""),
        Unit::Time => {
            let time = node.get_ref().as_str().and_then(|text| NaiveTime::parse_from_str(text, "%H:%M").ok());
            (time.map(Value::Time), "a time such as \"08:30\"")
        }
        Unit::Bool => (node.get_ref().as_bool().map(Value::Flag), "true or false"),
        Unit::Text => {
            let word = node.get_ref().as_str().filter(|word| spec.words.contains(word));
            let value = word.map(|word| Value::Text(word.to_owned()));
            if value.is_none() {
                walker.wrong(node, path, &format!("one of {}", spec.words.join(", ")));
            }
            return value;
        }
        Unit::YuanByGrade => (grades(node).map(Value::Grades), "a table of grades, { value = { \"一般\" = 20 } }"),
        Unit::Percent => {
            let percent = integer(node).filter(|percent| (0..=100).contains(percent));
            (percent.map(Value::Number), "a whole number from 0 to 100")
        }
        _ => (integer(node).filter(|number| *number >= 0).map(Value::Number), "a whole number, 0 or more"),
    };
    if value.is_none() {
        walker.wrong(node, path, expected);
    }
    value
}

/// Money from an integer, a text, or a decimal as it is written (never through a float).
fn money(node: &Node<'_>) -> Option<Fen> {
    match node.get_ref() {
        DeValue::Integer(number) => Fen::parse_yuan(&number.as_str().replace('_', "")),
        DeValue::Float(number) => Fen::parse_yuan(number.as_str()),
        DeValue::String(text) => Fen::parse_yuan(text),
        _ => None,
    }
}

fn grades(node: &Node<'_>) -> Option<BTreeMap<String, Fen>> {
    let table = node.get_ref().as_table()?;
    table.iter().map(|(grade, node)| Some((grade.get_ref().to_string(), money(node)?))).collect()
}

/// Every grade's amount lies within 八.16's bounds on each day on which one of the three values begins.
fn check_grades<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>, policy: &Policy) {
    const GRADES: Param<BTreeMap<String, Fen>> = Param::new("complaint.grades");
    const MIN: Param<Fen> = Param::new("complaint.amount_min");
    const MAX: Param<Fen> = Param::new("complaint.amount_max");
    let days = [GRADES.key, MIN.key, MAX.key].into_iter().flat_map(|key| policy.values(key)).map(|dated| dated.from);
    for day in days {
        let Some(grades) = policy.on(&GRADES, day) else { continue };
        for (grade, amount) in grades {
            let is_low = policy.on(&MIN, day).is_some_and(|min| amount < min);
            let is_high = policy.on(&MAX, day).is_some_and(|max| amount > max);
            if is_low || is_high {
                let what = format!("grade `{grade}` is {amount} yuan from {day}: outside the bounds of 八.16");
                let help = "keep it between complaint.amount_min and complaint.amount_max (20 to 100 in the text)";
                walker.problem(&place_of(root, "complaint", "grades"), what, help);
            }
        }
    }
}

fn place_of(root: &DeTable<'_>, group: &str, name: &str) -> std::ops::Range<usize> {
    let group = root.get("policy").and_then(|policy| policy.get_ref().get(group));
    group.and_then(|group| group.get_ref().get(name)).map_or(0..0, toml::Spanned::span)
}
