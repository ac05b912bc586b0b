//! Reads `config.toml`: sections, sources, calendar and mail.

use super::{Config, Known, Locale, deciders, imports, mail, policy, rules};
use crate::{
    base::{
        hash::sha256_of,
        month::Month,
        problem::Problem,
        toml::{Walker, join},
    },
    calendar::{self, Calendar},
    schema::{
        inputs::InputFile,
        mapping,
        source::{Kept, Proof, Source},
        tables::{TABLES, table},
    },
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use toml::de::DeTable;

const SECTIONS: &[&str] =
    &["centre", "period", "calendar", "archive", "areas", "rules", "deciders", "sources", "imports", "mail", "policy"];

/// Reads the configuration at `path`.
///
/// # Errors
/// All problems of the file at once, each with its line and what to do.
pub fn load(path: &Path, known: &Known) -> Result<Config, Vec<Problem>> {
    load_with(path, known, None)
}

/// Loads the configuration that an edition kept, with the files that it names from the edition too.
///
/// # Errors
/// As [`load`].
pub fn load_kept(path: &Path, known: &Known, kept: Kept) -> Result<Config, Vec<Problem>> {
    load_with(path, known, Some(kept))
}

fn load_with(path: &Path, known: &Known, kept: Option<Kept>) -> Result<Config, Vec<Problem>> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let help = "name the file with --config PATH, or make a first one with `meritbook init DIR`";
        vec![Problem::new(&name, format!("cannot read the configuration: {error}"), help)]
    })?;
    let base = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let place = Place { base: &base, kept: kept.as_ref() };
    let file = path.file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
    let mut walker = Walker::new(&file, &text);
    let root = walker.parse();
    let config = read(&mut walker, &root, &place, known);
    let mut problems = walker.problems;
    match config {
        Some(config) if problems.is_empty() => Ok(Config { text: text.clone(), kept, ..config }),
        _ => {
            problems.sort_by_key(|problem| (place_of(&problem.at, &file), problem.what.clone()));
            problems.dedup();
            Err(problems)
        }
    }
}

/// Where a problem is told: the configuration first, then the files it names, each in the order of its lines.
fn place_of(at: &str, own: &str) -> (bool, String, usize) {
    let (file, line) = at.rsplit_once(':').unwrap_or((at, "0"));
    (file != own, file.to_owned(), line.parse().unwrap_or(0))
}

/// Where the files that a configuration names are.
pub(super) struct Place<'a> {
    pub(super) base: &'a Path,
    pub(super) kept: Option<&'a Kept>,
}

impl Place<'_> {
    pub(super) fn path(&self, source: &str, name: &str) -> PathBuf {
        let kept = self.kept.and_then(|kept| kept.path(source, name));
        kept.map_or_else(|| self.base.join(name), Path::to_path_buf)
    }
}

fn read<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>, place: &Place<'_>, known: &Known) -> Option<Config> {
    walker.only("", root, SECTIONS);
    let empty = DeTable::default();
    let centre = walker.table("", root, "centre").unwrap_or(&empty);
    walker.only("centre", centre, &["name", "timezone", "locale"]);
    let timezone = walker.text("centre", centre, "timezone").unwrap_or_else(|| "Asia/Shanghai".to_owned());
    let zone: Option<chrono_tz::Tz> = timezone.parse().ok();
    if zone.is_none() {
        walker.wrong(&centre["timezone"], "centre.timezone", "a time zone such as \"Asia/Shanghai\"");
    }
    let locale = match walker.text("centre", centre, "locale").as_deref() {
        None | Some("zh-CN") => Some(Locale::Chinese),
        Some("en") => Some(Locale::English),
        Some(_) => {
            walker.wrong(&centre["locale"], "centre.locale", "\"zh-CN\" or \"en\"");
            None
        }
    };
    let archive = walker.table("", root, "archive").unwrap_or(&empty);
    walker.only("archive", archive, &["dir"]);
    let dir = walker.text("archive", archive, "dir").unwrap_or_else(|| "var".to_owned());
    let (first_day, default_month) = read_period(walker, root);
    let (calendar, calendar_files) = read_calendar(walker, root, place);
    let areas = read_areas(walker, root);
    let rules = rules::read(walker, root, &known.rules);
    let deciders = deciders::read(walker, root);
    let sources = read_sources(walker, root, &known.presets);
    let imports = imports::read(walker, root, place, &known.paying, &sources);
    let mail = mail::read(walker, root, place);
    let policy = policy::read(walker, root, &known.parameters);
    Some(Config {
        base: place.base.to_path_buf(),
        kept: None,
        roster: None,
        text: String::new(),
        centre: walker.text("centre", centre, "name").unwrap_or_else(|| "客户服务中心".to_owned()),
        timezone: zone?,
        locale: locale?,
        first_day,
        default_month,
        calendar,
        calendar_files,
        archive: place.base.join(dir),
        areas,
        rules,
        deciders,
        sources,
        imports,
        mail,
        policy,
    })
}

fn read_period<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>) -> (u32, Option<Month>) {
    let Some(period) = walker.table("", root, "period") else { return (1, None) };
    walker.only("period", period, &["first_day", "default_month"]);
    let day = walker.number("period", period, "first_day").unwrap_or(1);
    let first_day = u32::try_from(day).ok().filter(|day| (1..=28).contains(day));
    if first_day.is_none() {
        walker.problem(&period["first_day"].span(), format!("`period.first_day` is {day}; it must be 1 to 28"), "");
    }
    let text = walker.text("period", period, "default_month");
    let month = text.and_then(|text| match text.parse() {
        Ok(month) => Some(month),
        Err(error) => {
            walker.problem(&period["default_month"].span(), error, "");
            None
        }
    });
    (first_day.unwrap_or(1), month)
}

fn read_calendar<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>, place: &Place<'_>) -> (Calendar, Vec<InputFile>) {
    let (mut built, mut files) = (Calendar::built_in(), Vec::new());
    let Some(section) = walker.table("", root, "calendar") else { return (built, files) };
    walker.only("calendar", section, &["files", "years"]);
    let years = section.get("years").and_then(|node| node.get_ref().as_array());
    let years: Vec<i32> = years.map_or(Vec::new(), |items| {
        items.iter().filter_map(crate::base::toml::integer).filter_map(|y| i32::try_from(y).ok()).collect()
    });
    if let Some(node) = section.get("years")
        && node.get_ref().as_array().map(|items| items.len()) != Some(years.len())
    {
        walker.wrong(node, "calendar.years", "a list of years");
    }
    let mut days = Vec::new();
    for file in walker.texts("calendar", section, "files").unwrap_or_default() {
        let span = section["files"].span();
        let path = place.path("calendar", &file);
        match std::fs::read_to_string(&path) {
            Err(error) => walker.problem(&span, format!("cannot read the calendar file `{file}`: {error}"), ""),
            Ok(text) => {
                files.push(InputFile {
                    source: "calendar".to_owned(),
                    name: file.clone(),
                    path,
                    sha256: sha256_of(text.as_bytes()),
                    bytes: text.len() as u64,
                    ..InputFile::default()
                });
                for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate().skip(1) {
                    let mut cells = line.split(',').map(str::trim);
                    let date = cells.next().and_then(|cell| cell.parse().ok());
                    match (date, cells.next().and_then(calendar::kind_of)) {
                        (Some(date), Some(kind)) => days.push((date, kind)),
                        _ if line.trim().is_empty() => {}
                        _ => walker.problems.push(Problem::new(
                            format!("{file}:{}", index + 1),
                            format!("`{line}` is not a calendar day"),
                            "write date,kind,name,source with kind holiday or makeup_workday",
                        )),
                    }
                }
            }
        }
    }
    built.extend(days, years);
    (built, files)
}

fn read_areas<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>) -> BTreeMap<String, Vec<String>> {
    let Some(section) = walker.table("", root, "areas") else { return BTreeMap::new() };
    let names = section.keys().map(|key| key.get_ref().as_ref());
    names.filter_map(|name| Some((name.to_owned(), walker.texts("areas", section, name)?))).collect()
}

fn read_sources<'a>(walker: &mut Walker<'a>, root: &DeTable<'a>, presets: &[&str]) -> BTreeMap<String, Source> {
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let mut sources = BTreeMap::new();
    let Some(section) = walker.table("", root, "sources") else {
        let help = "add [sources.employees] with files = [\"employees.csv\"]";
        walker.problem(&(0..0), "no [sources] are configured", help);
        return sources;
    };
    for key in section.keys() {
        let Some(table) = table(key.get_ref()) else {
            walker.unknown("sources", key, &names);
            continue;
        };
        if let Some(source) = read_source(walker, section, table.name, presets) {
            sources.insert(table.name.to_owned(), source);
        }
    }
    if sources.get("employees").is_none_or(|source| source.is_none) && section.get("employees").is_none() {
        let help = "add [sources.employees] with files = [\"employees.csv\"]: the one source that must be there";
        walker.problem(&(0..0), "`sources.employees` is not configured", help);
    }
    sources
}

fn read_source<'a>(walker: &mut Walker<'a>, section: &DeTable<'a>, name: &str, presets: &[&str]) -> Option<Source> {
    let path = join("sources", name);
    let keys = walker.table("sources", section, name)?;
    let own = ["files", "preset", "proven", "ready", "none", "max_rejected_percent", "max_rejected_rows"];
    let known: Vec<&str> = own.iter().chain(mapping::KEYS).copied().collect();
    walker.only(&path, keys, &known);
    let columns: Vec<&str> = table(name)?.columns.iter().map(|column| column.name).collect();
    let files = walker.texts(&path, keys, "files").unwrap_or_default();
    let is_none = walker.flag(&path, keys, "none").unwrap_or(false);
    let place = section[name].span();
    if is_none && !files.is_empty() {
        let help = "keep `files`, or keep `none = true` (\"we have no such thing\")";
        walker.problem(&place, format!("`{path}` has files and `none = true`"), help);
    }
    if !is_none && files.is_empty() {
        let help = "write files = [\"…\"], or none = true (\"we have no such thing\")";
        walker.problem(&place, format!("`{path}` names no files"), help);
    }
    if is_none && name == "employees" {
        walker.problem(&place, "`sources.employees` cannot be `none`: nobody would be judged", "");
    }
    let used = walker.texts(&path, keys, "preset").unwrap_or_default();
    for preset in used.iter().filter(|preset| !presets.contains(&preset.as_str())) {
        let near = crate::base::problem::did_you_mean(preset, presets.iter().copied());
        let help = near.map_or(format!("presets: {}", presets.join(", ")), |near| format!("did you mean `{near}`?"));
        walker.problem(&keys["preset"].span(), format!("there is no preset `{preset}`"), help);
    }
    let proof = walker.text(&path, keys, "proven").map(|word| Proof::parse(&word));
    if proof == Some(None) {
        walker.wrong(&keys["proven"], &join(&path, "proven"), "\"data\", \"file-name\", \"closure\" or \"vouched\"");
    }
    let ready = walker.text(&path, keys, "ready");
    if ready.as_deref().is_some_and(|word| word != "marker") {
        walker.wrong(&keys["ready"], &join(&path, "ready"), "\"marker\"");
    }
    let mut limit = |key: &str, default: u64| {
        let number = walker.number(&path, keys, key);
        number.map_or(default, |number| {
            u64::try_from(number).unwrap_or_else(|_| {
                walker.wrong(&keys[key], &join(&path, key), "0 or more");
                default
            })
        })
    };
    let (percent, rows) = (limit("max_rejected_percent", 1), limit("max_rejected_rows", 10));
    let mapping = mapping::read(walker, &path, keys, &columns);
    if let Some(zone) = &mapping.timezone
        && zone.parse::<chrono_tz::Tz>().is_err()
    {
        walker.wrong(&keys["timezone"], &join(&path, "timezone"), "a time zone such as \"Asia/Shanghai\" or \"UTC\"");
    }
    Some(Source {
        files,
        presets: used,
        mapping,
        proof: proof.flatten().unwrap_or_else(|| Proof::default_of(name)),
        needs_marker: ready.is_some(),
        is_none,
        max_rejected_percent: percent,
        max_rejected_rows: rows,
    })
}
