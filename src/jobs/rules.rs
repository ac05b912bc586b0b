//! `rules`: every rule with its clause, the values in force on a day, and the sources it needs; with `--clauses` the
//! whole policy, audited or why not.

use super::{DONE, console::Console, month};
use crate::{
    cli,
    config::{Config, Locale},
    report::{Language, clauses::listing},
    rules::{RULES, Rule},
};
use chrono::{DateTime, Utc};

pub(super) fn run(args: &cli::Rules, config: &Config, now: DateTime<Utc>, console: &Console) -> u8 {
    if args.clauses {
        let is_english = config.locale == Locale::English;
        console.answer(&listing(if is_english { Language::English } else { Language::Chinese }, &|rule| {
            state(rule, config)
        }));
        return DONE;
    }
    let day = args.on.unwrap_or_else(|| month::today(config, now));
    let tell = |key: &&str| {
        let value = config.policy.value_on(key, day).map_or_else(|| "no value".to_owned(), ToString::to_string);
        let unit = config.policy.spec(key).map_or("", |spec| spec.unit.word());
        console.answer(&format!("  {key} = {value} ({unit})"));
    };
    console.answer(&format!("values in force on {day}"));
    for rule in RULES {
        let title = if config.locale == Locale::English { rule.title.1 } else { rule.title.0 };
        console.answer(&format!("\n{} {} — {title}{}", rule.clause(), rule.name, state(rule, config)));
        let sources = if rule.sources.is_empty() { "employees".to_owned() } else { rule.sources.join(", ") };
        console.answer(&format!("  reads {sources}"));
        if !rule.optional.is_empty() {
            console.answer(&format!("  where configured also {}", rule.optional.join(", ")));
        }
        rule.params.iter().for_each(tell);
    }
    console.answer("\nof all deductions");
    ["acknowledgement.required", "limits.mode", "limits.wage_percent", "limits.minimum_wage"].iter().for_each(tell);
    DONE
}

/// Whether a rule is switched off, not audited for want of a source, or in shadow mode.
fn state(rule: &Rule, config: &Config) -> String {
    if let Some(reason) = config.rules.off.get(rule.name) {
        return format!(" [off: {reason}]");
    }
    if let Some(source) = rule.sources.iter().find(|source| !config.sources.contains_key(**source)) {
        return format!(" [not audited: source {source} is not configured]");
    }
    if config.rules.shadow.contains(rule.name) { " [shadow]".to_owned() } else { String::new() }
}
