//! The words of sheets, mail and summaries in both languages. One entry a line: key, zh-CN, en.

mod changes;
mod heads;
mod lists;
mod mail;
mod nightly;
mod papers;
mod sheets;

use super::Language;
use std::{collections::BTreeMap, sync::LazyLock};

/// Key, zh-CN, en.
type Word = (&'static str, &'static str, &'static str);

const TABLES: [&[Word]; 7] =
    [lists::WORDS, heads::WORDS, sheets::WORDS, changes::WORDS, papers::WORDS, mail::WORDS, nightly::WORDS];
static INDEX: LazyLock<BTreeMap<&str, Word>> = LazyLock::new(|| entries().map(|entry| (entry.0, *entry)).collect());

fn entries() -> impl Iterator<Item = &'static Word> {
    TABLES.into_iter().flatten()
}

/// The word for `key`; the key itself where there is none.
#[must_use]
pub fn word(language: Language, key: &str) -> &str {
    match (INDEX.get(key), language) {
        (Some((_, chinese, _)), Language::Chinese) => chinese,
        (Some((.., english)), Language::English) => english,
        (None, _) => key,
    }
}

/// The word of a closed list, `list.name`; the bare name where there is none.
#[must_use]
pub fn word_or(language: Language, list: &str, name: &str) -> String {
    let key = format!("{list}.{name}");
    let found = word(language, &key);
    if found == key { name.to_owned() } else { found.to_owned() }
}

/// The sentence of `key` with its gaps `{}` filled in order.
#[must_use]
pub fn filled(language: Language, key: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let parts = word(language, key).split("{}");
    let joined = parts.flat_map(|part| [part, values.next().copied().unwrap_or("")]);
    joined.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rules::RULES,
        schema::{adjustments::Movement, findings::Status},
    };
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_there_in_both_languages_once() {
        let keys: BTreeSet<&str> = entries().map(|(key, ..)| *key).collect();
        assert_eq!(keys.len(), entries().count(), "a word stands twice");
        for (key, chinese, english) in entries() {
            assert!(!chinese.is_empty() && !english.is_empty(), "{key} has one language only");
            assert_eq!(chinese.matches("{}").count(), english.matches("{}").count(), "{key}: gaps differ");
            let is_chinese = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
            assert!(!english.contains(is_chinese), "{key}: `{english}` is not English");
        }
    }

    #[test]
    fn every_status_and_reason_a_rule_gives_has_a_word() {
        let has = |key: String| assert!(word(Language::Chinese, &key) != key, "there is no word for {key}");
        for status in [Status::Charge, Status::Credit, Status::Hours, Status::Counted, Status::Hold, Status::Notice] {
            has(format!("status.{status}"));
        }
        for rule in RULES {
            for (reason, _) in rule.confirms {
                has(format!("reason.{reason}"));
            }
            for source in rule.sources.iter().chain(rule.optional) {
                has(format!("source.{source}"));
            }
        }
        for movement in Movement::ALL {
            has(format!("movement.{}", movement.word()));
        }
    }
}
