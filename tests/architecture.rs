//! The house keeps its order: floors, registry, headers, sizes, forbidden words, licences.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own set-up fails")]

use meritbook::policy::place;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Module → floor. A module imports only lower floors.
const FLOORS: &[(&str, u8)] = &[
    ("base", 0),
    ("calendar", 1),
    ("policy", 1),
    ("schema", 1),
    ("config", 2),
    ("ingest", 2),
    ("facts", 3),
    ("rules", 4),
    ("settle", 5),
    ("report", 6),
    ("archive", 6),
    ("mail", 6),
    ("jobs", 7),
    ("cli", 8),
    ("main", 9),
    ("lib", 9),
];

/// Exceptions, each with its reason.
const ALLOWED: &[(&str, &str)] = &[
    // A message is composed from the report's words and sums; the report does not know of mail.
    ("mail", "report"),
    // A job's arguments are declared beside the parser; nothing else of the command line is used.
    ("jobs", "cli"),
];

/// Only these may touch files, clock or environment.
const OUTSIDE: &[&str] = &["config", "ingest", "archive", "mail", "jobs", "main"];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 60, "the sources were not found");
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().display().to_string()
}

fn module(path: &Path) -> String {
    relative(path).split(['/', '.']).next().unwrap().to_owned()
}

fn floor(module: &str) -> u8 {
    FLOORS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no floor")).1
}

/// The text before the tests of a file: tests may look down from anywhere.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

/// The modules that a file imports or names, `crate::x`, nested imports among them.
fn imports(text: &str) -> BTreeSet<String> {
    let known: BTreeSet<&str> = FLOORS.iter().map(|(name, _)| *name).collect();
    let mut found = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let body = match rest.strip_prefix('{') {
            Some(group) => top_level(group),
            None => vec![rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned()],
        };
        found.extend(body.into_iter().filter(|name| known.contains(name.as_str())));
    }
    found
}

/// The first words of the members of an import group.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut word) = (0, Vec::new(), String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut word)),
            c if depth == 0 => word.push(c),
            _ => {}
        }
    }
    names.push(word);
    let first = |name: String| name.trim().split("::").next().unwrap_or("").trim().to_owned();
    names.into_iter().map(first).collect()
}

#[test]
fn a_module_imports_only_lower_floors() {
    let mut seen = 0;
    for (path, text) in sources() {
        let own = module(&path);
        for other in imports(without_tests(&text)).into_iter().filter(|other| *other != own) {
            seen += 1;
            let is_allowed = ALLOWED.contains(&(own.as_str(), other.as_str()));
            assert!(floor(&other) < floor(&own) || is_allowed, "{} imports {other}", relative(&path));
        }
    }
    assert!(seen > 80, "imports were not read: {seen}");
}

#[test]
fn a_rule_never_imports_a_rule() {
    for (path, text) in sources().into_iter().filter(|(path, _)| module(path) == "rules") {
        let file = relative(&path);
        if ["rules/mod.rs", "rules/rule.rs", "rules/run.rs", "rules/testing.rs"].contains(&file.as_str()) {
            continue;
        }
        for name in without_tests(&text).split("super::").skip(1) {
            assert!(name.starts_with("rule::"), "{file} imports a neighbour: super::{}", &name[..20.min(name.len())]);
        }
    }
}

#[test]
fn only_the_edges_touch_files_clock_and_environment() {
    let words = [
        "std::fs",
        "fs::read",
        "File::open",
        "std::env",
        "SystemTime::now",
        "Utc::now",
        "Local::now",
        "Instant::now",
        "std::net",
    ];
    let is_inside = |path: &Path| !OUTSIDE.contains(&module(path).as_str()) && relative(path) != "rules/testing.rs";
    for (path, text) in sources().into_iter().filter(|(path, _)| is_inside(path)) {
        for word in words {
            assert!(!without_tests(&text).contains(word), "{} uses {word}", relative(&path));
        }
    }
    let clock = ["SystemTime::now", "Utc::now", "Local::now"];
    for (path, text) in sources().into_iter().filter(|(path, _)| module(path) != "main") {
        for word in clock {
            assert!(!without_tests(&text).contains(word), "{} looks at the clock: {word}", relative(&path));
        }
    }
}

#[test]
fn every_rule_file_is_in_the_registry_in_clause_order() {
    let registry = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/mod.rs")).unwrap();
    let (mods, list) = registry.split_once("pub static RULES").unwrap();
    let listed: Vec<&str> =
        list.lines().filter_map(|line| line.trim().strip_prefix('&')?.strip_suffix("::RULE,")).collect();
    let helpers = ["rule", "run", "testing", "mod"];
    let files: BTreeSet<String> = sources()
        .iter()
        .filter(|(path, _)| module(path) == "rules")
        .map(|(path, _)| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !helpers.contains(&name.as_str()))
        .collect();
    assert_eq!(files, listed.iter().map(|name| (*name).to_owned()).collect(), "files and registry differ");
    for name in &listed {
        assert!(mods.contains(&format!("mod {name};")));
    }
    let clauses: Vec<usize> = meritbook::rules::RULES.iter().map(|rule| place(rule.clauses[0]).unwrap()).collect();
    let mut sorted = clauses.clone();
    sorted.sort_unstable();
    assert_eq!(clauses, sorted, "the registry is not in clause order");
    let names: BTreeSet<&str> = meritbook::rules::RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), listed.len(), "two rules have one name");
    for (name, rule) in listed.iter().zip(meritbook::rules::RULES) {
        assert_eq!(name.replace('_', "-"), rule.name, "the file is called after the rule");
    }
}

/// Files beside the rules that are not rules.
fn is_engine(file: &str) -> bool {
    file == "rules/rule.rs" || file == "rules/run.rs"
}

#[test]
fn every_rule_header_quotes_its_clause_and_says_what_it_reads_and_writes() {
    for rule in meritbook::rules::RULES {
        let header = rule.header();
        assert!(header.contains(rule.clause()), "{}: no clause", rule.name);
        for word in ["> ", "Reading:", "Reads ", "Writes ", "Not here:"] {
            assert!(header.contains(word), "{}: the header has no `{word}`", rule.name);
        }
    }
}

#[test]
fn every_parameter_a_rule_reads_exists_and_every_source_is_a_table() {
    let parameters = meritbook::rules::known().parameters;
    for rule in meritbook::rules::RULES {
        for key in rule.params {
            assert!(parameters.iter().any(|spec| spec.key == *key), "{} reads {key}", rule.name);
        }
        for name in rule.sources.iter().chain(rule.optional) {
            assert!(meritbook::schema::tables::table(name).is_some(), "{} reads {name}", rule.name);
        }
    }
}

#[test]
fn every_file_begins_with_its_documentation_and_stays_small() {
    for (path, text) in sources() {
        let file = relative(&path);
        assert!(text.starts_with("//!"), "{file} has no //! header");
        let lines = text.lines().count();
        let limit = match file.as_str() {
            "main.rs" => 60,
            name if name.starts_with("rules/") && !is_engine(name) => 300,
            _ => 500,
        };
        assert!(lines <= limit, "{file} has {lines} lines, more than {limit}");
        let rule = without_tests(&text).lines().count();
        assert!(
            !file.starts_with("rules/") || is_engine(&file) || rule <= 200,
            "{file} has {rule} lines without tests"
        );
    }
}

/// Whether a literal has the shape of a word's key: `head.paid-in`.
fn is_key(literal: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(char::is_alphabetic) && !part.contains(|c: char| c != '-' && !c.is_ascii_lowercase())
    };
    literal.contains('.') && literal.split('.').all(is_name)
}

#[test]
fn sheets_and_mail_say_nothing_that_is_not_in_the_words() {
    use meritbook::report::{Language, words::word};
    // Figures of money, the font and what marks a cut cell are one in both languages; the last is a message.
    let own = ["chinese_money.rs", "style.rs", "totals.rs"];
    let mut keys = BTreeSet::new();
    for (path, text) in sources() {
        let file = relative(&path);
        let is_said = file.starts_with("mail/") || (file.starts_with("report/xlsx/") && !file.contains("/tests"));
        if !is_said {
            continue;
        }
        let text = without_tests(&text);
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let is_chinese = line.contains(|c: char| ('\u{3400}'..='\u{9fff}').contains(&c));
            assert!(!is_chinese || own.iter().any(|name| file.ends_with(name)), "{file} says `{}`", line.trim());
        }
        for literal in text.split('"').skip(1).step_by(2).filter(|literal| is_key(literal)) {
            let is_name = [".csv", ".xlsx"].iter().any(|ending| literal.ends_with(ending)) || literal == "limits.mode";
            if !is_name {
                keys.insert(literal.to_owned());
            }
        }
    }
    assert!(keys.len() > 200, "the keys were not read: {}", keys.len());
    for language in [Language::Chinese, Language::English] {
        for key in &keys {
            assert_ne!(word(language, key), key, "there is no word for `{key}`");
        }
    }
}

#[test]
fn nothing_is_left_undone_and_no_money_is_a_float() {
    let todo = ["TO", "DO"].concat();
    for (path, text) in sources() {
        let file = relative(&path);
        for word in [todo.as_str(), "FIXME", "unimplemented!", "todo!", "dbg!"] {
            assert!(!text.contains(word), "{file} contains {word}");
        }
        let is_excel = file == "report/xlsx/style.rs" || file == "report/xlsx/tests.rs";
        assert!(is_excel || !(text.contains("f64") || text.contains("f32")), "{file} uses a float");
    }
}

#[test]
fn licences_are_among_those_we_accept() {
    let accepted = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "Unicode-3.0",
        "CC0-1.0",
        "MPL-2.0",
        "Unlicense",
        "0BSD",
        "BSL-1.0",
        "Apache-2.0 WITH LLVM-exception",
        "CDLA-Permissive-2.0",
        "MIT-0",
        "bzip2-1.0.6",
    ];
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--locked",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut unknown = BTreeMap::new();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("").replace('/', " OR ").replace(['(', ')'], " ");
        // One accepted choice of every part that must hold.
        let is_fine = licence.split(" AND ").all(|part| part.split(" OR ").any(|one| accepted.contains(&one.trim())));
        if !is_fine {
            unknown.insert(package["name"].as_str().unwrap().to_owned(), licence);
        }
    }
    assert!(unknown.is_empty(), "look at these licences: {unknown:?}");
}
