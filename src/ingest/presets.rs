//! The presets: layouts of known exports as TOML data.

use crate::{
    base::{problem::Problem, toml::Walker},
    schema::{
        mapping::{self, KEYS, Mapping},
        tables::{Table, table},
    },
};

/// Name and content of every preset: the files of the folder, which `presets/build.rs` lists.
const PRESETS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The names of the presets.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, _)| *name).collect()
}

/// A preset.
#[derive(Clone, Debug)]
pub struct Preset {
    /// The table it is for.
    pub table: &'static str,
    /// How its exports are laid out.
    pub mapping: Mapping,
    /// Every file of the table is tried with it, though no configuration names it.
    pub is_always_tried: bool,
}

/// The names of a table's presets, but for those that need no naming.
#[must_use]
pub fn names_for(table: &str) -> Vec<&'static str> {
    let is_own = |preset: &Preset| preset.table == table && !preset.is_always_tried;
    PRESETS
        .iter()
        .filter(|(name, text)| parse(name, text).is_ok_and(|one| is_own(&one)))
        .map(|(name, _)| *name)
        .collect()
}

/// The mappings that every file of a table is tried with.
pub(crate) fn always(table: &Table) -> Vec<Mapping> {
    let all = PRESETS.iter().filter_map(|(name, text)| parse(name, text).ok());
    all.filter(|preset| preset.is_always_tried && preset.table == table.name).map(|preset| preset.mapping).collect()
}

/// A preset; `None` where there is none of that name.
///
/// # Errors
/// The problems of the preset's own text.
pub fn preset(name: &str) -> Option<Result<Preset, Vec<Problem>>> {
    let (name, text) = PRESETS.iter().find(|(known, _)| *known == name)?;
    Some(parse(name, text))
}

fn parse(name: &'static str, text: &'static str) -> Result<Preset, Vec<Problem>> {
    let mut walker = Walker::new(name, text);
    let root = walker.parse();
    let known: Vec<&str> = ["table", "about", "always", "needs"].iter().chain(KEYS).copied().collect();
    walker.only("", &root, &known);
    let target = walker.text("", &root, "table").and_then(|name| table(&name));
    let Some(target) = target else {
        walker.problem(&(0..0), "a preset must name its `table`", "");
        return Err(walker.problems);
    };
    let is_always_tried = walker.flag("", &root, "always").unwrap_or(false);
    let columns: Vec<&str> = target.columns.iter().map(|column| column.name).collect();
    let mut mapping = mapping::read(&mut walker, "", &root, &columns);
    // A preset lists the spellings an export may have; only required columns must be there, and what it needs beside.
    mapping.explicit = walker.texts("", &root, "needs").unwrap_or_default();
    if !walker.problems.is_empty() {
        return Err(walker.problems);
    }
    Ok(Preset { table: target.name, mapping, is_always_tried })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid_and_says_what_it_reads() {
        for (name, text) in PRESETS {
            let parsed = preset(name).unwrap();
            assert!(parsed.is_ok(), "{name}: {parsed:?}");
            assert!(text.starts_with("about = \""), "{name}");
        }
    }

    #[test]
    fn every_file_is_a_preset() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ingest/presets");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "toml"));
        assert_eq!(files.count(), names().len());
        assert!(names().is_sorted() && names().contains(&"answers"));
    }
}
