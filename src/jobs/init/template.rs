//! What `init` writes, made from the shipped configuration and the canonical tables.

use crate::{
    ingest::presets,
    schema::tables::{TABLES, Table},
};

/// The configuration that the repository ships: its policy values are not written twice.
const SHIPPED: &str = include_str!("../../../config.toml");
const CONFIG: &str = include_str!("config.toml");
const README: &str = include_str!("README.md");

/// Where a place's law has not been asked, nothing is deducted.
const LIMITS: (&str, &str) = ("\"deduct\"", "\"warn-only\"");

/// Name and bytes of every file, the configuration first.
pub(super) fn files() -> Vec<(String, Vec<u8>)> {
    let texts = [("config.toml", config()), ("README.md", readme())];
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let tables = TABLES.iter().map(|table| {
        let folder = if is_register(table) { "registers" } else { "templates" };
        (format!("{folder}/{}.csv", table.name), header(table).into_bytes())
    });
    texts.chain(tables).collect()
}

/// The folders that begin empty: one for each export, and that of the answers.
pub(super) fn folders() -> Vec<String> {
    let exports = TABLES.iter().filter(|table| !is_register(table)).map(|table| table.name);
    exports.map(folder).chain(["answers"]).map(str::to_owned).collect()
}

/// Where the exports of a table go.
fn folder(table: &'static str) -> &'static str {
    if table == "swipes" { "access" } else { table }
}

/// Whether people keep the table by hand; the others are exported.
fn is_register(table: &Table) -> bool {
    CONFIG.contains(&format!("\"registers/{}.csv\"", table.name))
}

/// The empty table as Excel takes it: a byte order mark, the canonical header, CRLF.
fn header(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    format!("\u{feff}{}\r\n", names.join(","))
}

/// The template with `@policy KEY` filled in, `@policy *` being all values not named before, and with all presets of
/// each source at the end of its section: every file finds its own.
fn config() -> String {
    let is_placed = |key: &str| CONFIG.lines().any(|line| line == format!("@policy {key}"));
    let (mut text, mut section) = (String::new(), None);
    for line in CONFIG.lines() {
        if let Some(rest) = line.strip_prefix("[sources.") {
            section = rest.split(']').next();
        }
        if let Some(preset) = section.take_if(|_| line.is_empty()).and_then(presets_of) {
            text.extend(["preset = ", &preset, "\n"]);
        }
        let line = match line.strip_prefix("@policy ") {
            None => line.to_owned(),
            Some("*") => {
                let rest = values().filter(|(key, _)| !is_placed(key)).map(|(_, text)| text);
                introduction().into_iter().chain(rest).collect::<Vec<_>>().join("\n\n")
            }
            Some(key) => {
                let text = values().find(|(known, _)| *known == key).map_or("", |(_, text)| text);
                if key == "limits.mode" { text.replace(LIMITS.0, LIMITS.1) } else { text.to_owned() }
            }
        };
        text.extend([&line, "\n"]);
    }
    text
}

fn readme() -> String {
    let mut text = README.to_owned();
    for table in TABLES {
        let named = presets_of(table.name).map_or("—".to_owned(), |named| format!("`{named}`"));
        text = text.replace(&format!("@presets {}@", table.name), &named);
    }
    text
}

/// The presets of a table as a value of the configuration; none where there is none to name.
fn presets_of(table: &str) -> Option<String> {
    let own: Vec<String> = presets::names_for(table).iter().map(|name| format!("\"{name}\"")).collect();
    match own.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("[{}]", many.join(", "))),
    }
}

/// The paragraphs of the shipped configuration.
fn paragraphs() -> impl Iterator<Item = &'static str> {
    SHIPPED.split("\n\n").map(str::trim_end)
}

/// What the shipped configuration says before the policy's values.
fn introduction() -> Option<&'static str> {
    paragraphs().find(|text| text.starts_with("# The policy's values."))
}

/// Key and text of each value of the policy as shipped.
fn values() -> impl Iterator<Item = (&'static str, &'static str)> {
    paragraphs().filter_map(|text| Some((text.strip_prefix("[policy.")?.split_once(']')?.0, text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_policy_is_there_once_and_only_the_limits_differ() {
        let config = config();
        assert_eq!(values().count(), SHIPPED.matches("\n[policy.").count(), "a shipped value was not read");
        assert!(!config.contains("\n@"), "a place was not filled");
        for (key, text) in values() {
            assert_eq!(config.matches(&format!("[policy.{key}]")).count(), 1, "{key}");
            let text = if key == "limits.mode" { text.replace(LIMITS.0, LIMITS.1) } else { text.to_owned() };
            assert!(config.contains(&text), "{key} is not as shipped");
        }
        assert_eq!(config.matches(LIMITS.1).count() - CONFIG.matches(LIMITS.1).count(), 1);
        assert!(introduction().is_some_and(|text| config.contains(text)));
    }

    #[test]
    fn every_table_has_one_source_and_a_file_or_a_folder() {
        let (config, folders) = (config(), folders());
        for table in TABLES {
            assert_eq!(config.matches(&format!("[sources.{}]", table.name)).count(), 1, "{}", table.name);
            let is_exported = folders.iter().any(|name| name == folder(table.name));
            assert_ne!(is_register(table), is_exported, "{}", table.name);
            let pattern = format!("\"{}/", folder(table.name));
            assert!(is_register(table) || config.contains(&pattern), "{} reads no folder", table.name);
        }
    }

    #[test]
    fn every_preset_but_those_always_tried_is_shown() {
        let shown: String = config().lines().filter(|line| line.starts_with("preset = ")).collect();
        for name in presets::names() {
            let is_tried = presets::preset(name).unwrap().unwrap().is_always_tried;
            assert_ne!(shown.contains(&format!("\"{name}\"")), is_tried, "{name}");
        }
        assert!(!readme().contains("@presets"));
    }
}
