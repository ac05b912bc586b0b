//! Which files a source has: paths, globs, `{month}`, `{date}`, `{meeting_id}` (3-tables §3.2 step 1).

use super::Settings;
use crate::{base::month::Period, schema::source::Source};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// A file larger than this is refused: it is not an export of a month.
const SIZE_CAP: u64 = 8 << 30;

/// How the reason begins that a pattern has no file.
pub const NO_FILE: &str = "no file fits";

/// Stands for a meeting's id in a pattern.
const HOLE: &str = "{meeting_id}";

/// A file that a source's pattern found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// The path as the configuration would write it.
    pub(crate) name: String,
    /// What `{meeting_id}` stood for.
    pub(crate) meeting_id: Option<String>,
}

/// What a glob without a file means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    /// The source is not complete.
    Refused,
    /// Nothing came back yet: the folder is there, and another pattern has its file.
    Fine,
}

impl Empty {
    /// Answers come back one by one into their folder, and before the first there is none; the register beside them
    /// shows that the place is the right one. A folder that is gone may have held answers, so that is never fine.
    fn of(table: &str) -> Self {
        if table == "decisions" { Self::Fine } else { Self::Refused }
    }
}

/// The files of a source, in order of their names: those an edition kept, or those its patterns find.
///
/// # Errors
/// Why the source has no complete set of files.
pub(super) fn of(table: &str, source: &Source, config: &Settings<'_>, period: &Period) -> Result<Vec<Found>, String> {
    let today = || find(source, config.base, period, Empty::of(table));
    let Some(kept) = config.kept.filter(|kept| kept.is_whole || table != "decisions") else { return today() };
    if kept.is_for_missing {
        let found = today();
        // Roster, decisions and identities must be there: what they say today counts.
        if found.is_ok() || kept.missing(table).is_some() || matches!(table, "employees" | "decisions" | "identities") {
            return found;
        }
    }
    if let Some(why) = kept.missing(table) {
        return Err(why.to_owned());
    }
    let all = kept.files(table).map(|(name, path)| Found {
        path: path.to_path_buf(),
        name: name.to_owned(),
        meeting_id: source.files.iter().flat_map(|pattern| expand(pattern, period)).find_map(|one| meeting(&one, name)),
    });
    Ok(all.collect())
}

/// What `{meeting_id}` of the pattern stands for in a file's name.
fn meeting(pattern: &str, name: &str) -> Option<String> {
    let (before, after) = pattern.split_once(HOLE)?;
    let fits = glob::Pattern::new(&pattern.replace(HOLE, "*")).is_ok_and(|star| star.matches(name));
    fits.then(|| hole(name, before, after))
}

/// The files that a source's patterns find.
///
/// # Errors
/// Why the source has no complete set of files: a pattern without a file, a symbolic link, a missing marker.
fn find(source: &Source, base: &Path, period: &Period, empty: Empty) -> Result<Vec<Found>, String> {
    let mut all: Vec<Found> = Vec::new();
    let mut unfilled = None;
    for pattern in &source.files {
        let mut found = Vec::new();
        for expanded in expand(pattern, period) {
            found.extend(matches(&expanded, base)?);
        }
        if found.is_empty() {
            let has_folder =
                || expand(pattern, period).iter().all(|one| folder(one, base).is_some_and(|it| it.is_dir()));
            if empty == Empty::Refused || !has_folder() {
                return Err(format!("{NO_FILE} `{pattern}`"));
            }
            unfilled = unfilled.or(Some(pattern));
        }
        all.extend(found);
    }
    if let Some(pattern) = unfilled.filter(|_| all.is_empty()) {
        return Err(format!("{NO_FILE} `{pattern}`"));
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    for file in &all {
        check(file, base, source.needs_marker)?;
    }
    // `a.csv` and `./a.csv` are one file.
    let mut known = HashSet::new();
    all.retain(|file| known.insert(file.path.canonicalize().unwrap_or_else(|_| file.path.clone())));
    Ok(all)
}

/// The pattern with `{month}` and each `{date}` of the period written out.
fn expand(pattern: &str, period: &Period) -> Vec<String> {
    let pattern = pattern.replace("{month}", &period.month.to_string());
    if pattern.contains("{date}") {
        period.days().map(|day| pattern.replace("{date}", &day.to_string())).collect()
    } else {
        vec![pattern]
    }
}

/// The folder that a glob looks into; `None` where the pattern is a plain path.
fn folder(pattern: &str, base: &Path) -> Option<PathBuf> {
    let before = &pattern[..pattern.find(['*', '?', '['])?];
    Some(base.join(before.rsplit_once('/').map_or("", |(folder, _)| folder)))
}

/// Whether an office program wrote it to say that somebody has a file open.
fn is_owner_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("~$") || name.starts_with(".~lock.")
}

fn matches(pattern: &str, base: &Path) -> Result<Vec<Found>, String> {
    let star = pattern.replace(HOLE, "*");
    let folder = glob::Pattern::escape(&base.to_string_lossy());
    let full = if Path::new(pattern).is_absolute() || folder.is_empty() { star } else { format!("{folder}/{star}") };
    // Hidden files are notes of other programs (`.~x.xlsx` while WPS has x.xlsx open), never exports.
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::default()
    };
    let paths = glob::glob_with(&full, options).map_err(|error| format!("`{pattern}` is not a pattern: {error}"))?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| format!("cannot look at {}: {}", error.path().display(), error.error()))?;
        let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().into_owned();
        let meeting_id = meeting(pattern, &name);
        // A marker file is never itself an export.
        if path.extension().is_none_or(|end| end != "ok") && !is_owner_file(&path) {
            found.push(Found { path, name, meeting_id });
        }
    }
    Ok(found)
}

/// What stands between the text before the hole and the first occurrence of the text after it.
fn hole(name: &str, before: &str, after: &str) -> String {
    let literal_before = before.rsplit(['*', '?', ']']).next().unwrap_or("");
    let literal_after = after.split(['*', '?', '[']).next().unwrap_or("");
    let start =
        name.rfind(literal_before).filter(|_| !literal_before.is_empty()).map_or(0, |at| at + literal_before.len());
    let rest = &name[start..];
    let end = if literal_after.is_empty() { rest.len() } else { rest.find(literal_after).unwrap_or(rest.len()) };
    rest[..end].to_owned()
}

fn check(file: &Found, base: &Path, needs_marker: bool) -> Result<(), String> {
    let name = &file.name;
    let below = file.path.ancestors().skip(1).take_while(|folder| folder.starts_with(base) && *folder != base);
    if let Some(link) = below.filter(|_| !Path::new(name).is_absolute()).find(|folder| folder.is_symlink()) {
        return Err(format!("`{name}` lies behind the link {} (links are not followed)", link.display()));
    }
    let meta = std::fs::symlink_metadata(&file.path).map_err(|error| format!("cannot look at `{name}`: {error}"))?;
    if !meta.is_file() {
        return Err(format!("`{name}` is not a regular file (links, folders and pipes are not read)"));
    }
    if meta.len() > SIZE_CAP {
        return Err(format!("`{name}` has {} bytes; more than {SIZE_CAP} are not read", meta.len()));
    }
    let marker = PathBuf::from(format!("{}.ok", file.path.display()));
    if needs_marker && !marker.is_file() {
        return Err(format!("`{name}` is not ready: there is no `{name}.ok`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meeting_id_in_a_file_name() {
        assert_eq!(hole("meetings/M01_participants.csv", "meetings/", "_*.csv"), "M01");
        assert_eq!(hole("in/2026/M-7.csv", "in/*/", ".csv"), "M-7");
    }

    #[test]
    fn the_folder_of_a_glob_and_files_that_are_none() {
        let base = Path::new("/in");
        let of = |pattern: &str| folder(pattern, base).map(|folder| folder.display().to_string());
        assert_eq!(of("answers/2026-10/*.xlsx").as_deref(), Some("/in/answers/2026-10"));
        assert_eq!(of("a/*/b.csv").as_deref(), Some("/in/a"));
        assert_eq!(of("*.csv").as_deref(), Some("/in/"));
        assert_eq!(of("decisions.csv"), None);
        assert!(is_owner_file(Path::new("answers/~$a.xlsx")) && is_owner_file(Path::new(".~lock.a.xlsx#")));
        assert!(!is_owner_file(Path::new("answers/a~$.xlsx")));
    }

    #[test]
    fn the_month_and_the_dates_of_a_pattern() {
        let period = Period::new("2026-02".parse().unwrap(), 1);
        assert_eq!(expand("a_{month}.csv", &period), ["a_2026-02.csv"]);
        assert_eq!(expand("{date}.csv", &period).len(), 28);
    }
}
