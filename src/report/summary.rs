//! A finding in one sentence: its rule's sentence, with the finding's facts in the gaps.

use super::{Language, words::word};
use crate::{rules::rule, schema::findings::Finding};

/// The sentence of a finding, in the sheet's language, and what it waits for.
#[must_use]
pub fn summary(finding: &Finding, language: Language) -> String {
    let sentence = rule(finding.rule).map_or("{subject}", |rule| match language {
        Language::Chinese => rule.sentence.0,
        Language::English => rule.sentence.1,
    });
    let because = because(finding, language).map(|why| match language {
        Language::Chinese => format!("({why})"),
        Language::English => format!(" ({why})"),
    });
    filled(sentence, finding, language) + &because.collect::<String>()
}

/// The reason of the status, and a limit that could not be checked.
fn because(finding: &Finding, language: Language) -> impl Iterator<Item = String> + use<> {
    let reason = (!finding.reason.is_empty()).then(|| word(language, &format!("reason.{}", finding.reason)).to_owned());
    let limit = finding.detail("limit_unchecked").map(|_| word(language, "limits.unchecked").to_owned());
    reason.into_iter().chain(limit)
}

/// A sentence with its gaps filled: of `[…|…]` the first choice whose gaps all have a fact, of `[…]` perhaps nothing.
fn filled(sentence: &str, finding: &Finding, language: Language) -> String {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('[') {
        let (choices, tail) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(&gaps(before, finding, language).0);
        let made = choices.split('|').map(|choice| gaps(choice, finding, language));
        out.push_str(&made.into_iter().find(|(_, is_whole)| *is_whole).unwrap_or_default().0);
        rest = tail;
    }
    out.push_str(&gaps(rest, finding, language).0);
    out
}

/// The text with its gaps filled, and whether every gap had a fact.
fn gaps(text: &str, finding: &Finding, language: Language) -> (String, bool) {
    let (mut out, mut is_whole) = (String::new(), true);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (gap, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        match (gap.strip_prefix('?'), fact(gap.trim_start_matches('?'), finding, language)) {
            (None, Some(value)) => out.push_str(&value),
            (Some(_), Some(_)) => {}
            (_, None) => is_whole = false,
        }
        rest = tail;
    }
    (out + rest, is_whole)
}

/// What stands in a gap: a column of the finding or one of its facts, perhaps only a part of it.
fn fact(gap: &str, finding: &Finding, language: Language) -> Option<String> {
    let (name, part) = gap.split_once('.').unwrap_or((gap, ""));
    let value = match name {
        "subject" => finding.subject.clone(),
        "quantity" => finding.quantity.to_string(),
        "class" => finding.class.clone()?,
        _ => finding.detail(name)?.to_owned(),
    };
    Some(match part {
        // Of a moment as facts print it, 2026-10-14 08:31:07.
        "day" => value.get(..10).unwrap_or(&value).to_owned(),
        "time" => value.get(11..).unwrap_or("").to_owned(),
        "minute" => value.get(11..16).unwrap_or("").to_owned(),
        "words" => {
            let words: Vec<&str> = value.split_whitespace().collect();
            let said: Vec<String> = words.iter().map(|one| word(language, &format!("said.{one}")).to_owned()).collect();
            said.join(if language == Language::Chinese { "、" } else { ", " })
        }
        _ => value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{month::Month, quantity::Quantity},
        rules::RULES,
        schema::findings::Status,
    };

    fn finding(rule: &'static str, facts: &[(&str, &str)]) -> Finding {
        let occurred_on = chrono::NaiveDate::from_ymd_opt(2026, 10, 14).unwrap();
        Finding {
            id: format!("{rule}:01:X"),
            rule,
            clause: "",
            emp: None,
            employee_id: "01".to_owned(),
            occurred_on,
            belongs_to: Month::of(occurred_on),
            subject: "X".to_owned(),
            status: Status::Notice,
            reason: String::new(),
            quantity: Quantity::Whole(7),
            unit_amount: None,
            amount: None,
            destination: "",
            due_on: None,
            detail: facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            class: None,
            hours: None,
            ruled: None,
            is_confirmed: false,
            amended: None,
            from: None,
            until: None,
            evidence: Vec::new(),
        }
    }

    #[test]
    fn gaps_parts_and_choices() {
        let one = finding("", &[("seen", "2026-10-14 08:31:07"), ("missing", "form summary")]);
        let said = |sentence: &str| filled(sentence, &one, Language::English);
        assert_eq!(said("{subject} {quantity} {seen.day} {seen.time} {seen.minute}"), "X 7 2026-10-14 08:31:07 08:31");
        assert_eq!(said("a[, back {back}|, not back]"), "a, not back");
        assert_eq!(said("a[, back {back}] b"), "a b");
        assert_eq!(said("a[{?seen} was seen]"), "a was seen");
        assert_eq!(said("{missing.words}"), "application form, report");
    }

    #[test]
    fn every_sentence_is_well_formed_and_its_words_are_known() {
        for rule in RULES {
            for (sentence, language) in [(rule.sentence.0, Language::Chinese), (rule.sentence.1, Language::English)] {
                let count = |mark: char| sentence.matches(mark).count();
                assert_eq!(count('['), count(']'), "{}", rule.name);
                assert_eq!(count('{'), count('}'), "{}", rule.name);
                let said = summary(&finding(rule.name, &[]), language);
                assert!(!said.contains(['{', '[', '}', ']']) && said.chars().count() > 2, "{}: {said}", rule.name);
            }
        }
    }
}
