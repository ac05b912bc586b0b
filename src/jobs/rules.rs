//! `rules`: every rule with its clause, the values in force on a day, and the sources it needs.

use super::{DONE, console::Console, month};
use crate::{
    cli,
    config::{Config, Locale},
    policy::{Value, spec},
    rules::RULES,
};
use chrono::{DateTime, Utc};

pub(super) fn run(args: &cli::Rules, config: &Config, now: DateTime<Utc>, console: &Console) -> u8 {
    let day = args.on.unwrap_or_else(|| month::today(config, now));
    console.answer(&format!("values in force on {day}"));
    for rule in RULES {
        let title = if config.locale == Locale::English { rule.title.1 } else { rule.title.0 };
        console.answer(&format!("\n{} {} — {title}", rule.clause, rule.name));
        console.answer(&format!("  reads {}", rule.sources.join(", ")));
        for key in rule.params {
            let value = config.policy.value_on(key, day).map_or_else(|| "no value".to_owned(), shown);
            let unit = spec(key).map_or("", |spec| spec.unit.word());
            console.answer(&format!("  {key} = {value} ({unit})"));
        }
    }
    DONE
}

pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Money(fen) => fen.to_string(),
        Value::Time(time) => time.format("%H:%M").to_string(),
        Value::Text(text) => text.clone(),
        Value::Flag(flag) => flag.to_string(),
        Value::Grades(grades) => {
            let pairs: Vec<String> = grades.iter().map(|(grade, fen)| format!("{grade} {fen}")).collect();
            pairs.join(", ")
        }
    }
}
