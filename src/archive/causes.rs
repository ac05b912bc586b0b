//! What decides a result, on two sides, and what of it is not the same.

use super::edition::{Edition, TEXTS};
use crate::{
    base::hash::sha256_of,
    schema::difference::{Cause, CauseKind, Version},
};
use anyhow::Context;
use encoding_rs::GB18030;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The source of the roster of an earlier edition, which is no file of today.
pub const ROSTER: &str = "roster";
/// Larger inputs are compared by their hash only.
const COMPARED_BYTES: u64 = 16 << 20;

/// Everything that decides a result: of an edition, or of material that is not one yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The program's version.
    pub program: String,
    /// The configuration file's text.
    pub config: String,
    /// The policy values' canonical text.
    pub policy: String,
    /// The calendar's canonical text.
    pub calendar: String,
    /// The files that were read, in any order; sheets of one workbook share path and hash.
    pub inputs: Vec<SideInput>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideInput {
    /// Its source.
    pub source: String,
    /// Its name as configured.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its data rows.
    pub rows: u64,
    /// Where it can be read.
    pub path: PathBuf,
}

impl Side {
    /// What an edition was a function of.
    ///
    /// # Errors
    /// A text that cannot be read; a pruned edition has none.
    pub fn of(edition: &Edition) -> anyhow::Result<Self> {
        let folder = edition.dir.join("inputs");
        let text = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let manifest = &edition.manifest;
        let own = manifest.inputs.iter().filter(|input| input.source != ROSTER);
        let inputs = own.map(|input| SideInput {
            source: input.source.clone(),
            name: input.name.clone(),
            sha256: input.sha256.clone(),
            rows: input.rows,
            path: folder.join(&input.archived),
        });
        let [config, policy, calendar, _] = TEXTS;
        Ok(Self {
            program: manifest.program_version.clone(),
            config: text(config)?,
            policy: text(policy)?,
            calendar: text(calendar)?,
            inputs: inputs.collect(),
        })
    }

    /// Its inputs by source and name; where both stand twice, in their order.
    fn by_name(&self) -> BTreeMap<(&str, &str, usize), &SideInput> {
        let mut known = BTreeMap::new();
        for input in &self.inputs {
            let (source, name) = (input.source.as_str(), input.name.as_str());
            let count = known.range((source, name, 0)..=(source, name, usize::MAX)).count();
            known.insert((source, name, count), input);
        }
        known
    }
}

/// What is not the same: policy, calendar, configuration, program, then inputs by source and name.
#[must_use]
pub fn causes(before: &Side, after: &Side) -> Vec<Cause> {
    let texts = [
        (CauseKind::Policy, &before.policy, &after.policy),
        (CauseKind::Calendar, &before.calendar, &after.calendar),
        (CauseKind::Configuration, &before.config, &after.config),
    ];
    let version = |sha256: String| Some(Version { sha256, rows: None });
    let cause = |kind, before, after, lines| Cause {
        kind,
        source: String::new(),
        name: String::new(),
        before: version(before),
        after: version(after),
        lines,
    };
    let texts = texts
        .into_iter()
        .filter(|(_, was, is)| was != is)
        .map(|(kind, was, is)| cause(kind, sha256_of(was.as_bytes()), sha256_of(is.as_bytes()), differing(was, is)));
    let mut causes: Vec<Cause> = texts.collect();
    if before.program != after.program {
        causes.push(cause(CauseKind::Program, before.program.clone(), after.program.clone(), Default::default()));
    }
    let (was, is) = (before.by_name(), after.by_name());
    let names: BTreeSet<_> = was.keys().chain(is.keys()).copied().collect();
    causes.extend(names.into_iter().filter_map(|name| input(name.0, name.1, was.get(&name), is.get(&name))));
    causes
}

fn input(source: &str, name: &str, was: Option<&&SideInput>, is: Option<&&SideInput>) -> Option<Cause> {
    if was.map(|input| &input.sha256) == is.map(|input| &input.sha256) {
        return None;
    }
    let version = |input: &&SideInput| Version { sha256: input.sha256.clone(), rows: Some(input.rows) };
    // What is not there has no lines; what cannot be shown as lines is told by its hash alone.
    let text = |input: Option<&&SideInput>| input.map_or_else(|| Some(String::new()), |input| readable(&input.path));
    let lines = text(was).zip(text(is)).map(|(was, is)| differing(&was, &is));
    Some(Cause {
        kind: CauseKind::Input,
        source: source.to_owned(),
        name: name.to_owned(),
        before: was.map(version),
        after: is.map(version),
        lines: lines.unwrap_or_default(),
    })
}

/// A file's text, where it is text and not too large.
fn readable(path: &Path) -> Option<String> {
    let is_small = fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= COMPARED_BYTES);
    let bytes = is_small.then(|| fs::read(path).ok()).flatten()?;
    if bytes.contains(&0) {
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map(str::to_owned).ok();
    text.or_else(|| GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into))
}

/// The lines that only the first and only the second has, as often as it has them more, in their order.
fn differing(was: &str, is: &str) -> [Vec<String>; 2] {
    [only(was, is), only(is, was)]
}

fn only(these: &str, others: &str) -> Vec<String> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in others.lines() {
        *left.entry(line).or_default() += 1;
    }
    let mut only = Vec::new();
    for line in these.lines() {
        match left.get_mut(line) {
            Some(count) if *count > 0 => *count -= 1,
            _ => only.push(line.to_owned()),
        }
    }
    only
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(policy: &str, inputs: &[(&str, &str, &Path)]) -> Side {
        let input = |(source, name, path): &(&str, &str, &Path)| SideInput {
            source: (*source).to_owned(),
            name: (*name).to_owned(),
            sha256: sha256_of(&fs::read(path).unwrap()),
            rows: 1,
            path: path.to_path_buf(),
        };
        let text = |text: &str| text.to_owned();
        let inputs = inputs.iter().map(input).collect();
        Side { program: text("0.1.0"), config: text("a\n"), policy: text(policy), calendar: text("c\n"), inputs }
    }

    #[test]
    fn nothing_changed_has_no_cause() {
        assert_eq!(causes(&side("x 1\n", &[]), &side("x 1\n", &[])), []);
    }

    #[test]
    fn lines_are_compared_as_often_as_they_stand() {
        let [gone, new] = differing("b\na\na\nc\n", "a\nd\nc\nc\n");
        assert_eq!((gone, new), (vec!["b".to_owned(), "a".to_owned()], vec!["d".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn causes_stand_in_their_order_and_say_what_is_gone_and_new() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        let (was, is) = (file("1", "工号\n甲\n".as_bytes()), file("2", &GB18030.encode("工号\n乙\n").0));
        let (book, other) = (file("3", b"PK\0\x01"), file("4", b"PK\0\x02"));
        let before = side("x 1\n", &[("tasks", "t.csv", &was), ("visits", "v.xlsx", &book), ("loans", "same", &was)]);
        let after = side(
            "x 2\n",
            &[
                ("visits", "v.xlsx", &other),
                ("tasks", "t.csv", &is),
                ("loans", "same", &was),
                ("leaves", "l.csv", &was),
            ],
        );
        let after = Side { program: "0.2.0".to_owned(), calendar: "c\nd\n".to_owned(), ..after };
        let told: Vec<_> = causes(&before, &after)
            .into_iter()
            .map(|cause| (cause.kind.word(), cause.name, cause.before.is_some(), cause.lines.map(|one| one.join("|"))))
            .collect();
        let line = |kind, name: &str, was: bool, gone: &str, new: &str| {
            (kind, name.to_owned(), was, [gone.to_owned(), new.to_owned()])
        };
        assert_eq!(
            told,
            [
                line("policy", "", true, "x 1", "x 2"),
                line("calendar", "", true, "", "d"),
                line("program", "", true, "", ""),
                line("input", "l.csv", false, "", "工号|甲"),
                line("input", "t.csv", true, "甲", "乙"),
                line("input", "v.xlsx", true, "", ""),
            ]
        );
    }

    #[test]
    fn what_is_too_large_is_told_by_its_hash_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large.csv");
        fs::File::create(&path).unwrap().set_len(COMPARED_BYTES + 1).unwrap();
        assert_eq!(readable(&path), None);
        fs::write(&path, "a\n").unwrap();
        assert_eq!(readable(&path).as_deref(), Some("a\n"));
    }
}
