//! The whole policy in its own order: what audits each sentence, or why no program can.

use super::Language;
use crate::{
    policy::{CHAPTERS, CLAUSES, Clause},
    rules::{RULES, Rule},
};

/// The rules that audit a sentence, in clause order.
#[must_use]
pub fn auditors(id: &str) -> Vec<&'static Rule> {
    RULES.iter().copied().filter(|rule| rule.clauses.contains(&id)).collect()
}

/// The policy as text, for a terminal; `state` says what is special about a rule.
#[must_use]
pub fn listing(language: Language, state: &dyn Fn(&Rule) -> String) -> String {
    let entry = |clause: &Clause| {
        let chapter = CHAPTERS.iter().find(|(number, _)| begins(clause, number));
        let chapter = chapter.filter(|(_, title)| *title != clause.text);
        let chapter = chapter.map(|(number, title)| format!("\n{number} {title}"));
        let rules = auditors(clause.id).into_iter().map(|rule| titled(rule, language) + &state(rule));
        let rules: Vec<String> = rules.collect();
        let rules = (!rules.is_empty()).then(|| format!("  → {}", rules.join(", ")));
        let why = Some(why(clause, language)).filter(|why| !why.is_empty()).map(|why| format!("  · {why}"));
        let lines = [chapter, Some(format!("\n{} {}", clause.id, clause.text)), rules, why];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    };
    let audited = CLAUSES.iter().filter(|clause| !auditors(clause.id).is_empty()).count();
    let legend = match language {
        Language::Chinese => {
            format!("→ 由哪条规则核对   · 程序不判断的部分   ({}句中{audited}句有规则)", CLAUSES.len())
        }
        Language::English => {
            format!("→ audited by   · what no program judges   ({audited} of {} sentences have rules)", CLAUSES.len())
        }
    };
    [legend].into_iter().chain(CLAUSES.iter().map(entry)).collect::<Vec<_>>().join("\n")
}

/// The policy as a Markdown table, for the README in Chinese.
#[must_use]
pub fn table() -> String {
    let row = |clause: &Clause| {
        let rules: Vec<String> = auditors(clause.id).iter().map(|rule| format!("`{}`", rule.name)).collect();
        let text = clause.text.replace('*', "\\*");
        format!("| {} | {text} | {} | {} |\n", clause.id, rules.join(" "), clause.why.0)
    };
    let head = "| 条款 | 原文 | 由哪条规则核对 | 程序不判断的部分 |\n|---|---|---|---|\n".to_owned();
    head + &CLAUSES.iter().map(row).collect::<String>()
}

/// Whether a sentence is the first of a chapter.
fn begins(clause: &Clause, number: &str) -> bool {
    let chapter = |id: &str| id.split('.').next().unwrap_or(id).to_owned();
    let first = CLAUSES.iter().find(|clause| chapter(clause.id) == number);
    first.is_some_and(|first| first.id == clause.id)
}

fn titled(rule: &Rule, language: Language) -> String {
    match language {
        Language::Chinese => format!("{} {}", rule.name, rule.title.0),
        Language::English => format!("{} ({})", rule.name, rule.title.1),
    }
}

fn why(clause: &Clause, language: Language) -> &'static str {
    match language {
        Language::Chinese => clause.why.0,
        Language::English => clause.why.1,
    }
}
