//! `inspect`: looks at a file and says what it is, what fits it, and what to write into the configuration.
//!
//! Of the file's content only the header and three masked rows are told.

use super::{BAD_DATA, DONE, NEEDS_PERSON, NO_INPUT, Stop, console::Console, month::today, produce::settings};
use crate::{
    base::{month::Period, text::drawn_width},
    cli,
    config::Config,
    ingest::{
        self, Settings,
        inspect::{Fit, Inspection, Nearest, Refused, Request, Rows, Staff, Strangers, inspect},
    },
};
use chrono::{DateTime, Datelike, Utc};
use std::path::Path;

/// The policy is of this year; a clock that shows an earlier one has lost its time.
const FIRST_YEAR: i32 = 2009;
/// A longer header is cut.
const LONGEST_NAME: usize = 24;

pub(super) fn run(
    args: &cli::Inspect,
    config: Option<&Config>,
    now: DateTime<Utc>,
    console: &Console,
) -> anyhow::Result<u8> {
    let (staff, roster) = roster(config, now);
    let shown = args.file.display().to_string();
    let name = config.map_or_else(|| shown.clone(), |config| relative(&args.file, &config.base));
    let request = Request {
        path: &args.file,
        name: &name,
        staff: staff.as_ref(),
        zone: config.map_or(chrono_tz::Asia::Shanghai, |config| config.timezone),
        years: config.map_or((FIRST_YEAR, now.year() + 1), |config| {
            let years = config.calendar.years();
            years.fold((i32::MAX, i32::MIN), |(first, last), year| (first.min(year), last.max(year + 1)))
        }),
        is_configured: &|source| config.is_some_and(|config| config.sources.contains_key(source)),
    };
    let found = inspect(&request).map_err(|refused| match refused {
        Refused::NoFile(error) => Stop::because(
            NO_INPUT,
            format!("cannot open `{shown}`: {error}\n  help: name an export, such as exports/1_attlog.dat"),
        ),
        Refused::NotReadable(why) => Stop::because(BAD_DATA, format!("cannot read `{shown}`: {why}")),
    })?;
    for line in told(&shown, &found, &roster) {
        console.answer(&line);
    }
    Ok(if needs_person(&found) { NEEDS_PERSON } else { DONE })
}

/// Whether something is to be done before the file can be used: nothing fits, or rows are rejected, or most people are
/// not on the roster.
fn needs_person(found: &Inspection) -> bool {
    found.fits.first().is_none_or(|fit| fit.fault.is_some() || fit.rejected > 0 || fit.read == 0)
}

/// Everybody whom the configuration knows, and what to say of that.
fn roster(config: Option<&Config>, now: DateTime<Utc>) -> (Option<Staff>, String) {
    let Some(config) = config else {
        return (None, "not compared: there is no config.toml here (--config PATH names another)".to_owned());
    };
    match staff(config, now) {
        Some(staff) => {
            let people = staff.count();
            (Some(staff), format!("{people} people"))
        }
        None => (None, "not compared: `employees` cannot be read (`meritbook check` says why)".to_owned()),
    }
}

fn staff(config: &Config, now: DateTime<Utc>) -> Option<Staff> {
    let wanted = config.sources.iter().filter(|(name, _)| matches!(name.as_str(), "employees" | "identities"));
    let sources = wanted.map(|(name, source)| (name.clone(), source.clone())).collect();
    // Only patterns of files ask for the month: whether it can be judged does not matter here.
    let running = Period::containing(today(config, now), config.first_day);
    let month = config.default_month.unwrap_or_else(|| running.month.previous());
    let period = Period::new(month, config.first_day);
    let inputs = ingest::read(&Settings { sources: &sources, ..settings(config) }, period, &|_| ()).ok()?;
    Staff::of(&inputs).ok()
}

/// The file as the configuration would name it: below its folder relative to it, elsewhere in full.
fn relative(file: &Path, base: &Path) -> String {
    let base = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let whole = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let below = base.canonicalize().ok().and_then(|base| whole.strip_prefix(base).map(Path::to_path_buf).ok());
    below.unwrap_or(whole).display().to_string()
}

/// All that is told, by line.
fn told(file: &str, found: &Inspection, roster: &str) -> Vec<String> {
    let delimiter = found.delimiter.map_or_else(String::new, |delimiter| format!(", cells separated by {delimiter}"));
    let mut lines = vec![format!("{file}: {}{delimiter}, {} bytes", found.kind, found.size)];
    for (name, rows) in found.sheets.iter().filter(|(name, _)| !name.is_empty()) {
        lines.push(format!("  sheet `{name}`: {rows} filled rows"));
    }
    lines.push(match found.header {
        Some((line, names)) => format!("header: line {line}, {names} names"),
        None if found.is_headerless => "header: none, columns go by their place".to_owned(),
        None => "header: none found in the first 20 lines, so no name is shown".to_owned(),
    });
    lines.push(match found.rows {
        Rows::All(rows) => format!("rows: {rows}"),
        Rows::Head(read, all) => format!("rows: about {all}; what follows is of the first {read}"),
    });
    if let Some((first, last)) = found.span {
        lines.push(format!("times: {first} to {last}"));
    }
    lines.push(format!("roster: {roster}"));
    if found.fits.is_empty() {
        lines.push("\nno preset fits".to_owned());
        lines.extend(found.nearest.as_ref().map(nearest));
    } else {
        lines.push("\nfits".to_owned());
        lines.extend(found.fits.iter().flat_map(fit));
    }
    if let Some(strangers) = &found.strangers {
        lines.extend(people(strangers));
    }
    lines.extend(columns(found));
    if found.block.is_empty() {
        lines.push(
            "\nIt is like no table of meritbook; src/schema/tables.rs and README.md list what each needs.".to_owned(),
        );
    } else {
        let unsure = found.likeliest.map_or_else(String::new, |table| format!(" (likeliest: {table})"));
        lines.push(format!("\nfor the configuration{unsure}; `meritbook check` then says how it reads\n"));
        lines.push(found.block.trim_end().to_owned());
    }
    lines
}

fn nearest(nearest: &Nearest) -> String {
    format!(
        "  nearest: `{}` ({}), {} of its {} columns are there; it lacks {}",
        nearest.preset,
        nearest.table,
        nearest.found,
        nearest.columns,
        if nearest.lacks.is_empty() { "its layout".to_owned() } else { nearest.lacks.join(", ") }
    )
}

fn fit(fit: &Fit) -> Vec<String> {
    let name = fit.preset.map_or_else(
        || format!("header has the canonical names of `{}`, no preset needed", fit.table),
        |preset| format!("`{preset}` ({})", fit.table),
    );
    let sheets = if fit.sheets.is_empty() { String::new() } else { format!(", in sheet {}", fit.sheets.join(", ")) };
    let mut lines = match &fit.fault {
        Some(why) => vec![format!("  {name}{sheets}: NOT USABLE: {why}")],
        None => vec![format!("  {name}{sheets}: {} of {} rows read, {} rejected", fit.read, fit.rows, fit.rejected)],
    };
    lines.extend(fit.reasons.iter().map(|reason| format!("    {reason}")));
    if !fit.optional.is_empty() {
        lines.push(format!("    optional columns: {}", fit.optional.join(", ")));
    }
    lines
}

fn people(strangers: &Strangers) -> Vec<String> {
    if strangers.count == 0 {
        return vec!["\npeople not on the roster: none".to_owned()];
    }
    vec![
        format!("\npeople not on the roster: {}, such as {}", strangers.count, strangers.examples.join(", ")),
        "  Who is staff under another id or name: write it into the register `identities`".to_owned(),
        "  (source,external_id,employee_id); for others nothing is to be done.".to_owned(),
    ]
}

/// The columns one below another, each with its three cells.
fn columns(found: &Inspection) -> Vec<String> {
    if found.columns.is_empty() {
        return Vec::new();
    }
    let more = match found.more_columns {
        0 => String::new(),
        more => format!(", {more} more not shown"),
    };
    let mut lines = vec![format!("\ncolumns, with three rows masked{more}")];
    let names: Vec<String> = found.columns.iter().map(|column| cut(&column.name)).collect();
    let width = names.iter().map(|name| drawn_width(name)).max().unwrap_or(0);
    let fed = found.columns.iter().map(|column| column.feeds.len()).max().unwrap_or(0);
    for (column, name) in found.columns.iter().zip(&names) {
        let gap = " ".repeat(width - drawn_width(name));
        let cells = column.cells.iter().map(|cell| if cell.is_empty() { "-" } else { cell });
        let cells = cells.collect::<Vec<_>>().join(" | ");
        lines.push(format!("  {:>3} {name}{gap}  {:fed$}  {cells}", column.place, column.feeds).trim_end().to_owned());
    }
    lines
}

fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}
