//! The words of exports (`words.toml`): what columns are called, what closed lists say, how times are written.

use crate::schema::mapping::Naming;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// What `words.toml` holds.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Texts that mean an empty cell.
    pub(super) empty: Vec<String>,
    /// Columns that hold only the day, beside one that holds the time of day.
    pub(super) days: Vec<String>,
    /// Formats of days (strftime), the likelier first.
    pub(super) dates: Vec<String>,
    /// Formats of times of day as they follow a day.
    pub(super) clocks: Vec<String>,
    persons: Persons,
    columns: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    values: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
}

#[derive(Default, Deserialize)]
struct Persons {
    id: Vec<String>,
    email: Vec<String>,
    name: Vec<String>,
}

/// The words there are.
pub(super) static WORDS: LazyLock<Words> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).unwrap_or_default());

impl Words {
    /// What columns are called that name people in this way.
    pub(super) fn of_person(&self, naming: Naming) -> &[String] {
        match naming {
            Naming::Email => &self.persons.email,
            Naming::Name => &self.persons.name,
            Naming::Id | Naming::Account => &self.persons.id,
        }
    }

    /// What a column of a table is called.
    pub(super) fn of_column(&self, table: &str, column: &str) -> &[String] {
        self.columns.get(table).and_then(|columns| columns.get(column)).map_or(&[], Vec::as_slice)
    }

    /// Whether any column is called so.
    pub(super) fn knows(&self, name: &str) -> bool {
        let persons = [&self.persons.id, &self.persons.email, &self.persons.name];
        let columns = self.columns.values().flat_map(BTreeMap::values);
        persons.into_iter().chain(columns).flatten().any(|word| word == name)
    }

    /// The words of a closed list with their meaning.
    pub(super) fn values(&self, table: &str, column: &str) -> Option<&BTreeMap<String, String>> {
        self.values.get(table)?.get(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::table;

    #[test]
    fn every_word_is_of_a_column_that_there_is() {
        let words: Words = toml::from_str(include_str!("words.toml")).expect("words");
        let of_columns = words.columns.iter().flat_map(|(name, columns)| columns.keys().map(move |one| (name, one)));
        let of_values = words.values.iter().flat_map(|(name, columns)| columns.keys().map(move |one| (name, one)));
        for (name, column) in of_columns.chain(of_values) {
            assert!(table(name).is_some_and(|table| table.column(column).is_some()), "{name}.{column}");
        }
        let all = words.columns.values().flat_map(BTreeMap::values).flatten();
        for word in all.chain(words.values.values().flat_map(BTreeMap::values).flat_map(BTreeMap::keys)) {
            assert_eq!(*word, word.to_lowercase(), "compared without case");
        }
    }
}
