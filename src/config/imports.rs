//! Reads `[imports]` and the mapping files it names: one TOML file for each payroll import file.
//!
//! ```toml
//! shape = "wide"                        # or "additional-salary", "payslip-input"
//! template = "yonyou-template.xlsx"     # as payroll gave it, beside this file
//! id = "yonyou"                         # the source in `identities`; without it the employee's own id
//! [columns]
//! "人员编码" = "id"
//! [items]
//! "迟到扣款" = { deduct = ["late-arrival"] }
//! "其他扣款" = { deduct = "rest", reversed = "奖励" }
//! "奖励" = { reward = "rest" }
//! ```

use super::load::Place;
use crate::{
    base::{
        hash::sha256_of,
        problem::{Problem, did_you_mean},
        toml::{Walker, join},
    },
    schema::{
        imports::{Column, Header, Import, Item, Paying, Shape, Way, Wide},
        inputs::InputFile,
        source::Source,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};
use toml::{Spanned, de::DeTable};

const SHAPES: [&str; 3] = ["wide", "additional-salary", "payslip-input"];
/// All that is left of a direction.
const REST: &str = "rest";
const NO_NAME: &str = "a name is not empty and does not begin as a formula does";
const NO_FILE: &str = "put the mapping file there, or take the pattern out";
/// The source that mapping files and templates are kept under.
const SOURCE: &str = "imports";
/// A mapping is a page of text.
const SIZE_CAP: u64 = 1 << 20;

/// Reads the section and the files; their problems are told with those of the configuration.
pub(super) fn read<'a>(
    walker: &mut Walker<'a>,
    root: &DeTable<'a>,
    place: &Place<'_>,
    paying: &[Paying],
    sources: &BTreeMap<String, Source>,
) -> Vec<Import> {
    let Some(section) = walker.table("", root, "imports") else { return Vec::new() };
    walker.only("imports", section, &["files"]);
    let mut names = BTreeSet::new();
    for pattern in walker.texts("imports", section, "files").unwrap_or_default() {
        match find(&pattern, place) {
            Ok(found) if !found.is_empty() => names.extend(found),
            Ok(_) => walker.problem(&section["files"].span(), format!("no file fits `{pattern}`"), NO_FILE),
            Err(why) => walker.problem(&section["files"].span(), why, ""),
        }
    }
    let has_identities = sources.get("identities").is_some_and(|source| !source.is_none);
    let mut imports: Vec<Import> = Vec::new();
    for name in names {
        let path = place.path(SOURCE, &name);
        let text = match text_of(&path) {
            Ok(text) => text,
            Err(why) => {
                walker.problem(&section["files"].span(), format!("cannot read `{name}`: {why}"), "");
                continue;
            }
        };
        let mut own = Walker::new(&name, &text);
        let table = own.parse();
        let import = Mapping { walker: &mut own, paying, has_identities }.read(&table, path);
        walker.problems.append(&mut own.problems);
        let Some(import) = import else { continue };
        let taken = imports.iter().find(|other| other.output == import.output).map(|other| other.file.name.as_str());
        let taken = taken.or((import.output == "import/payroll.csv").then_some("the program itself"));
        if let Some(other) = taken {
            let what = format!("`{}` is written by {other} already", import.output);
            walker.problems.push(Problem::new(format!("{name}:1"), what, "give the mapping file another name"));
        }
        imports.push(import);
    }
    imports
}

/// The files that fit a pattern, as the configuration would write them.
fn find(pattern: &str, place: &Place<'_>) -> Result<Vec<String>, String> {
    if let Some(kept) = place.kept {
        let names = kept.files(SOURCE).map(|(name, _)| name.to_owned());
        let pattern = glob::Pattern::new(pattern).map_err(|error| format!("`{pattern}` is not a pattern: {error}"))?;
        return Ok(names.filter(|name| pattern.matches(name)).collect());
    }
    let base = place.base;
    let folder = glob::Pattern::escape(&base.to_string_lossy());
    let full = if Path::new(pattern).is_absolute() || folder.is_empty() {
        pattern.into()
    } else {
        format!("{folder}/{pattern}")
    };
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
    let paths = glob::glob_with(&full, options).map_err(|error| format!("`{pattern}` is not a pattern: {error}"))?;
    let name = |path: std::path::PathBuf| path.strip_prefix(base).unwrap_or(&path).to_string_lossy().into_owned();
    paths.map(|path| path.map(name).map_err(|error| format!("cannot look at {}", error.path().display()))).collect()
}

fn text_of(path: &Path) -> Result<String, String> {
    let meta = std::fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !meta.is_file() || meta.len() > SIZE_CAP {
        return Err("it is not a regular file of at most a megabyte".to_owned());
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// One mapping file that is being read.
struct Mapping<'w, 'a> {
    walker: &'w mut Walker<'a>,
    paying: &'w [Paying],
    has_identities: bool,
}

impl<'a> Mapping<'_, 'a> {
    fn read(&mut self, root: &DeTable<'a>, path: PathBuf) -> Option<Import> {
        let word = self.needed(root, "shape")?;
        if !SHAPES.contains(&word.as_str()) {
            self.walker.wrong(&root["shape"], "shape", "\"wide\", \"additional-salary\" or \"payslip-input\"");
            return None;
        }
        let own: &[&str] = match word.as_str() {
            "wide" => &["template", "encoding", "columns"],
            "additional-salary" => &["company", "currency", "series"],
            _ => &[],
        };
        let keys: Vec<&str> = ["shape", "id", "items"].iter().chain(own).copied().collect();
        self.walker.only("", root, &keys);
        let id = self.walker.text("", root, "id");
        if id.is_some() && !self.has_identities {
            let help = "add [sources.identities] with its files, or leave `id` out: the employee's own id is then used";
            self.walker.problem(&root["id"].span(), "`id` needs the register `identities`", help);
        }
        let shape = match word.as_str() {
            "wide" => self.wide(root).map(Shape::Wide),
            "additional-salary" => self.additional_salary(root),
            _ => Some(Shape::PayslipInput),
        };
        let items = self.items(root, matches!(shape, Some(Shape::Wide(_))))?;
        let shape = shape?;
        if let Shape::Wide(wide) = &shape {
            for item in &items {
                if wide.columns.iter().any(|(header, _)| header.name == item.header.name) {
                    let what = format!("`{}` stands in [columns] and in [items]", item.header.name);
                    self.walker.problems.push(Problem::new(&item.header.at, what, ""));
                }
            }
        }
        let name = self.walker.file().to_owned();
        let bytes = self.walker.source().as_bytes();
        let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let end = match &shape {
            Shape::Wide(wide) if !is_text(&wide.template) => "xlsx",
            _ => "csv",
        };
        Some(Import {
            file: InputFile {
                source: SOURCE.to_owned(),
                sha256: sha256_of(bytes),
                bytes: bytes.len() as u64,
                name,
                path,
                ..InputFile::default()
            },
            output: format!("import/{stem}.{end}"),
            id,
            items,
            shape,
        })
    }

    /// The text at a key that must be there.
    fn needed(&mut self, root: &DeTable<'a>, key: &str) -> Option<String> {
        if !root.contains_key(key) {
            self.walker.problem(&(0..0), format!("`{key}` is missing"), "");
        }
        let text = self.walker.text("", root, key)?;
        if text.trim().is_empty() {
            self.walker.wrong(&root[key], key, "a text that is not empty");
        }
        Some(text)
    }

    fn wide(&mut self, root: &DeTable<'a>) -> Option<Wide> {
        let template = self.needed(root, "template");
        if let Some(name) = &template
            && !["csv", "txt", "xlsx", "xlsm", "xls"].contains(&extension(name).as_str())
        {
            self.walker.wrong(&root["template"], "template", "an .xlsx, .xls or .csv file");
        }
        let encoding = self.walker.text("", root, "encoding");
        if encoding.as_ref().is_some_and(|label| encoding_rs::Encoding::for_label(label.as_bytes()).is_none()) {
            self.walker.wrong(&root["encoding"], "encoding", "an encoding such as \"gb18030\" or \"utf-8\"");
        }
        let empty = DeTable::default();
        let section = self.walker.table("", root, "columns").unwrap_or(&empty);
        let mut columns = Vec::new();
        for (key, node) in section {
            let path = join("columns", key.get_ref());
            let Some(word) = self.walker.text("columns", section, key.get_ref()) else { continue };
            match Column::parse(&word) {
                Some(column) => columns.push((self.header(key), column)),
                None => self.walker.wrong(node, &path, &format!("one of {}", Column::WORDS.join(", "))),
            }
        }
        if !section.values().any(|node| node.get_ref().as_str() == Some("id")) {
            let help = "write the template's header of the id: \"人员编码\" = \"id\"";
            self.walker.problem(&(0..0), "[columns] says no column of the `id`: nobody could be told apart", help);
        }
        let template = template?;
        let at = self.walker.at(&root["template"].span());
        Some(Wide { template, at, encoding, columns })
    }

    fn additional_salary(&mut self, root: &DeTable<'a>) -> Option<Shape> {
        let (company, currency) = (self.needed(root, "company"), self.needed(root, "currency"));
        let series = self.walker.text("", root, "series");
        if currency.as_ref().is_some_and(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            self.walker.wrong(&root["currency"], "currency", "a code such as \"CNY\"");
        }
        for (key, text) in [("company", &company), ("series", &series)] {
            if text.as_ref().is_some_and(|text| is_formula(text)) {
                self.walker.wrong(&root[key], key, "a text that no spreadsheet takes for a formula");
            }
        }
        Some(Shape::AdditionalSalary { company: company?, currency: currency?, series })
    }

    fn header(&self, key: &Spanned<std::borrow::Cow<'_, str>>) -> Header {
        Header { name: key.get_ref().clone().into_owned(), at: self.walker.at(&key.span()) }
    }

    fn items(&mut self, root: &DeTable<'a>, is_wide: bool) -> Option<Vec<Item>> {
        let Some(section) = self.walker.table("", root, "items") else {
            let help = "write what payroll calls each sum: \"奖励\" = { reward = \"rest\" }";
            self.walker.problem(&(0..0), "[items] is missing", help);
            return None;
        };
        let mut items = Vec::new();
        let mut rests: BTreeMap<Way, usize> = BTreeMap::new();
        for key in section.keys() {
            let (name, path) = (key.get_ref().as_ref(), join("items", key.get_ref()));
            let Some(table) = self.walker.table("items", section, name) else { continue };
            self.walker.only(&path, table, &["deduct", "reward", "hours", "negative", "reversed"]);
            let ways: Vec<Way> = Way::ALL.into_iter().filter(|way| table.contains_key(way.word())).collect();
            let &[way] = ways.as_slice() else {
                let help = "write { deduct = […] }, { reward = […] } or { hours = […] }";
                self.walker.problem(&key.span(), format!("`{path}` must have one direction"), help);
                continue;
            };
            let may_be_negative = self.walker.flag(&path, table, "negative").unwrap_or(false);
            if (name.trim().is_empty() || !is_wide && is_formula(name)) || name.contains(char::is_control) {
                self.walker.problem(&key.span(), format!("`{name}` cannot be the name of an item"), NO_NAME);
            }
            if !is_wide && (way == Way::Hours || may_be_negative) {
                let what = format!("`{path}`: this shape takes neither hours nor negative amounts");
                self.walker.problem(&key.span(), what, "only \"wide\" does");
            }
            if table.contains_key("reversed") && (may_be_negative || way == Way::Hours) {
                let help = "keep one of them: a net below zero is written as it is, or goes to the other item";
                self.walker.problem(&key.span(), format!("`{path}`: `reversed` cannot stand with this"), help);
            }
            let is_rest = table[way.word()].get_ref().as_str() == Some(REST);
            if is_rest && let Some(other) = rests.insert(way, items.len()) {
                let other: &Item = &items[other];
                let what = format!("`{}` and `{name}` both take the rest of `{}`", other.header.name, way.word());
                self.walker.problem(&key.span(), what, "");
            }
            let rules = if is_rest { BTreeSet::new() } else { self.rules(&path, table, way) };
            items.push(Item { header: self.header(key), way, rules, may_be_negative, reversed: None });
        }
        self.reversals(section, &mut items);
        self.spread(root, &mut items, &rests);
        Some(items)
    }

    /// The rules that an item names, by themselves or as a group.
    fn rules(&mut self, path: &str, table: &DeTable<'a>, way: Way) -> BTreeSet<&'static str> {
        let own: Vec<&Paying> = self.paying.iter().filter(|paying| paying.way == way).collect();
        let mut rules = BTreeSet::new();
        for name in self.walker.texts(path, table, way.word()).unwrap_or_default() {
            let is_meant = |paying: &&&Paying| paying.group == name || paying.rule == name;
            let found: Vec<&str> = own.iter().filter(is_meant).map(|paying| paying.rule).collect();
            if found.is_empty() {
                let words = own.iter().flat_map(|paying| [paying.rule, paying.group]).filter(|word| !word.is_empty());
                let words: BTreeSet<&str> = words.collect();
                let near = did_you_mean(&name, words.iter().copied());
                let all = || format!("there are {}", words.iter().copied().collect::<Vec<_>>().join(", "));
                let help = near.map_or_else(all, |near| format!("did you mean `{near}`?"));
                let what = format!("no rule or group `{name}` has `{}`", way.word());
                self.walker.problem(&table[way.word()].span(), what, help);
            }
            rules.extend(found);
        }
        rules
    }

    /// Finds the items that take what others have below zero.
    fn reversals(&mut self, section: &DeTable<'a>, items: &mut [Item]) {
        for index in 0..items.len() {
            let (own, way) = (items[index].header.name.clone(), items[index].way);
            let path = join("items", &own);
            let Some(table) = section.get(own.as_str()).and_then(|node| node.get_ref().as_table()) else { continue };
            let Some(name) = self.walker.text(&path, table, "reversed") else { continue };
            let place = items.iter().position(|item| item.header.name == name);
            let place = place.filter(|place| items[*place].way != way && items[*place].way != Way::Hours);
            if place.is_none() {
                let help = "what was deducted too much is paid: name an item of the other direction";
                let what = format!("`{path}.reversed`: there is no such item `{name}`");
                self.walker.problem(&table["reversed"].span(), what, help);
            }
            items[index].reversed = place;
        }
    }

    /// Gives each rule its one item.
    fn spread(&mut self, root: &DeTable<'a>, items: &mut [Item], rests: &BTreeMap<Way, usize>) {
        for way in Way::ALL {
            if way == Way::Hours && !items.iter().any(|item| item.way == way) {
                continue;
            }
            let mut homeless = Vec::new();
            for rule in self.paying.iter().filter(|paying| paying.way == way).map(|paying| paying.rule) {
                let homes: Vec<&Item> =
                    items.iter().filter(|item| item.way == way && item.rules.contains(rule)).collect();
                match (homes.as_slice(), rests.get(&way)) {
                    ([_], _) => {}
                    ([], Some(rest)) => {
                        items[*rest].rules.insert(rule);
                    }
                    ([], None) => homeless.push(rule),
                    ([one, other, ..], _) => {
                        let what = format!(
                            "`{rule}` lands in two items, `{}` and `{}`: it would be counted twice",
                            one.header.name, other.header.name
                        );
                        let at = other.header.at.clone();
                        self.walker.problems.push(Problem::new(at, what, "name it once"));
                    }
                }
            }
            if !homeless.is_empty() {
                let word = way.word();
                let what = format!("no item takes `{word}` of {}", homeless.join(", "));
                let help = format!("name them in an item, or add one with {word} = \"{REST}\"");
                self.walker.problem(&root["items"].span(), what, help);
            }
        }
    }
}

fn extension(name: &str) -> String {
    Path::new(name).extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn is_text(template: &str) -> bool {
    matches!(extension(template).as_str(), "csv" | "txt")
}

/// Whether a spreadsheet would take a text for a formula.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@']) || text.contains(char::is_control)
}
