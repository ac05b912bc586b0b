//! The presets: layouts of known exports as TOML data.

use crate::{
    base::{problem::Problem, toml::Walker},
    schema::{
        mapping::{self, KEYS, Mapping},
        tables::table,
    },
};

/// Name and content of every preset.
const PRESETS: &[(&str, &str)] = &[
    ("zkteco-attlog", include_str!("presets/zkteco-attlog.toml")),
    ("glpi", include_str!("presets/glpi.toml")),
    ("jira", include_str!("presets/jira.toml")),
    ("zoom-participants", include_str!("presets/zoom-participants.toml")),
    ("teams-attendance", include_str!("presets/teams-attendance.toml")),
];

/// The names of the presets.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, _)| *name).collect()
}

/// The table and the mapping of a preset; `None` where there is none of that name.
///
/// # Errors
/// The problems of the preset's own text.
pub fn preset(name: &str) -> Option<Result<(&'static str, Mapping), Vec<Problem>>> {
    let (name, text) = PRESETS.iter().find(|(known, _)| *known == name)?;
    Some(parse(name, text))
}

fn parse(name: &'static str, text: &'static str) -> Result<(&'static str, Mapping), Vec<Problem>> {
    let mut walker = Walker::new(name, text);
    let root = walker.parse();
    let known: Vec<&str> = ["table", "about"].iter().chain(KEYS).copied().collect();
    walker.only("", &root, &known);
    let target = walker.text("", &root, "table").and_then(|name| table(&name));
    let Some(target) = target else {
        walker.problem(&(0..0), "a preset must name its `table`", "");
        return Err(walker.problems);
    };
    let columns: Vec<&str> = target.columns.iter().map(|column| column.name).collect();
    let mut mapping = mapping::read(&mut walker, "", &root, &columns);
    // A preset lists the spellings an export may have; only required columns must be there.
    mapping.explicit.clear();
    if walker.problems.is_empty() { Ok((target.name, mapping)) } else { Err(walker.problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid() {
        for name in names() {
            let parsed = preset(name).unwrap();
            assert!(parsed.is_ok(), "{name}: {parsed:?}");
        }
    }
}
