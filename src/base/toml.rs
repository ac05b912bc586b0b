//! Walks a TOML document with line numbers and collects every problem instead of stopping at the first.

use super::problem::{Problem, did_you_mean};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of the document with its place.
pub type Node<'a> = Spanned<DeValue<'a>>;

/// Collects the problems of one TOML file.
pub struct Walker<'a> {
    file: &'a str,
    text: &'a str,
    /// What was found so far.
    pub problems: Vec<Problem>,
}

impl<'a> Walker<'a> {
    /// A walker over `text`, called `file` in messages.
    #[must_use]
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, problems: Vec::new() }
    }

    /// Parses the document; syntax errors become problems.
    pub fn parse(&mut self) -> DeTable<'a> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.problem(&error.span().unwrap_or(0..0), error.message(), "");
        }
        table.into_inner()
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &'a str {
        self.file
    }

    /// The file's text.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.text
    }

    /// `file:line` of a place.
    #[must_use]
    pub fn at(&self, span: &Range<usize>) -> String {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        let line = before.split(|byte| *byte == b'\n').count();
        format!("{}:{line}", self.file)
    }

    /// Notes a problem.
    pub fn problem(&mut self, span: &Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        let at = self.at(span);
        self.problems.push(Problem::new(at, what, help));
    }

    /// Notes a value of the wrong type.
    pub fn wrong(&mut self, node: &Node<'_>, key: &str, expected: &str) {
        let found = match node.get_ref().as_str() {
            Some(text) => format!("`{text}`"),
            None => format!("a TOML {}", node.get_ref().type_str()),
        };
        self.problem(&node.span(), format!("`{key}` must be {expected}, but it is {found}"), "");
    }

    /// Notes every key of `table` that is not known, with a suggestion.
    pub fn only(&mut self, path: &str, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            self.unknown(path, key, known);
        }
    }

    /// Notes one unknown key.
    pub fn unknown(&mut self, path: &str, key: &Spanned<std::borrow::Cow<'_, str>>, known: &[&str]) {
        let name = key.get_ref().as_ref();
        let help = match did_you_mean(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}", known.join(", ")),
        };
        self.problem(&key.span(), format!("unknown key `{}`", join(path, name)), help);
    }

    /// The table at `key`, if there is one.
    pub fn table<'t>(&mut self, path: &str, table: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
        let node = table.get(key)?;
        let found = node.get_ref().as_table();
        if found.is_none() {
            self.wrong(node, &join(path, key), "a table");
        }
        found
    }

    /// The text at `key`.
    pub fn text(&mut self, path: &str, table: &DeTable<'a>, key: &str) -> Option<String> {
        let node = table.get(key)?;
        let found = node.get_ref().as_str().map(str::to_owned);
        if found.is_none() {
            self.wrong(node, &join(path, key), "a text in quotes");
        }
        found
    }

    /// The true or false at `key`.
    pub fn flag(&mut self, path: &str, table: &DeTable<'a>, key: &str) -> Option<bool> {
        let node = table.get(key)?;
        let found = node.get_ref().as_bool();
        if found.is_none() {
            self.wrong(node, &join(path, key), "true or false");
        }
        found
    }

    /// The whole number at `key`.
    pub fn number(&mut self, path: &str, table: &DeTable<'a>, key: &str) -> Option<i64> {
        let node = table.get(key)?;
        let found = integer(node);
        if found.is_none() {
            self.wrong(node, &join(path, key), "a whole number");
        }
        found
    }

    /// The list of texts at `key`; one text counts as a list of one.
    pub fn texts(&mut self, path: &str, table: &DeTable<'a>, key: &str) -> Option<Vec<String>> {
        let node = table.get(key)?;
        if let Some(one) = node.get_ref().as_str() {
            return Some(vec![one.to_owned()]);
        }
        let list = node.get_ref().as_array().map(|items| {
            items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        let found = list.flatten();
        if found.is_none() {
            self.wrong(node, &join(path, key), "a list of texts");
        }
        found
    }
}

/// The whole number of a node.
#[must_use]
pub fn integer(node: &Node<'_>) -> Option<i64> {
    node.get_ref().as_integer()?.as_str().replace('_', "").parse().ok()
}

/// `path.key`, or `key` at the top.
#[must_use]
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
