//! What units and crontab say of this installation: paths, times, secrets.

use super::super::{CONFIG, Stop, USAGE, month};
use crate::{
    base::{month::Month, text::is_unsafe},
    config::{Config, Secret},
    policy::Param,
};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

/// Where credentials, environment and the administrator's own alert are.
pub(super) const FOLDER: &str = "/etc/meritbook";

const DAY_CUT: Param<NaiveTime> = Param::new("attendance.day_cut");
/// How long after the day cut nights are judged, and months: readers and portals have delivered by then.
const NIGHTLY_AFTER: TimeDelta = TimeDelta::minutes(90);
const MONTHLY_AFTER: TimeDelta = TimeDelta::minutes(150);
/// On so many days after its end a month is tried.
const TRIES: u32 = 5;
/// Stands for a recipient in the name of a secret.
const HOLE: &str = "{recipient}";

/// What was asked for.
pub(super) struct Wish<'a> {
    pub(super) binary: &'a Path,
    pub(super) user: &'a str,
    pub(super) is_dynamic: bool,
}

/// A credential that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Credential {
    /// One file.
    File(String),
    /// A file for each recipient, in a folder of this name: `PREFIX_{recipient}`.
    Folder(String),
    /// A name that has the recipient elsewhere, and the roles that there are.
    Each(String, Vec<String>),
}

/// What a schedule is made from.
pub(super) struct Plan {
    pub(super) binary: String,
    pub(super) config: String,
    pub(super) archive: String,
    /// NAME, where the archive is in or below /var/lib/NAME.
    pub(super) state: Option<String>,
    pub(super) user: String,
    pub(super) is_dynamic: bool,
    pub(super) zone: &'static str,
    pub(super) nightly: NaiveTime,
    pub(super) monthly: NaiveTime,
    /// The month that the configuration pins.
    pub(super) pinned: Option<Month>,
    /// The days of a calendar month on which payroll months are tried.
    pub(super) days: Vec<u32>,
    pub(super) credentials: BTreeSet<Credential>,
    /// Environment variables that hold secrets.
    pub(super) environment: BTreeSet<String>,
    /// Files that hold secrets.
    pub(super) secret_files: BTreeSet<String>,
    /// The addresses of operators.
    pub(super) operators: Vec<String>,
    /// Whether a path is below /home, /root or /run/user …
    pub(super) sees_home: bool,
    /// … and which are below /tmp or /var/tmp.
    pub(super) of_tmp: Vec<String>,
}

impl Plan {
    /// # Errors
    /// A path, a name or a user with which no unit would work (exit 64 or 78).
    pub(super) fn new(wish: &Wish<'_>, path: &Path, config: &Config, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let home = folder_of(path)?;
        let file = home.join(path.file_name().unwrap_or_default());
        let inside = |path: &Path| plain(&home.join(path.strip_prefix(&config.base).unwrap_or(path)));
        let archive = inside(&config.archive);
        let state = state_of(&archive);
        if wish.is_dynamic && state.is_none() {
            return Err(Stop::because(
                USAGE,
                format!(
                    "a dynamic user cannot keep the archive in {}\n  help: write archive.dir = \"/var/lib/meritbook\", or \
                     take --user",
                    archive.display()
                ),
            ));
        }
        let secrets = Secrets::of(config, &inside)?;
        let mut paths = vec![home.clone(), file.clone(), wish.binary.to_path_buf(), archive.clone()];
        paths.extend(secrets.files.iter().map(|file| PathBuf::from(before_wildcard(file))));
        let patterns = config.sources.values().flat_map(|source| &source.files);
        paths.extend(patterns.map(|pattern| inside(&config.base.join(before_wildcard(pattern)))));
        paths.extend(config.calendar_files.iter().map(|file| inside(&file.path)));
        paths.extend(config.imports.iter().map(|import| inside(&import.file.path)));
        paths.extend(config.mail.smtp.iter().filter_map(|smtp| smtp.ca_file.as_deref()).map(inside));
        let links: Vec<PathBuf> = paths.iter().map(|path| real(path)).collect();
        paths.extend(links);
        let sees_home = paths.iter().any(|path| is_below(path, &["/home", "/root", "/run/user"]));
        paths.retain(|path| is_below(path, &["/tmp", "/var/tmp"]));
        let cut = config.policy.on(&DAY_CUT, month::today(config, now)).unwrap_or_default();
        let operators = config.mail.recipients.iter().filter(|recipient| recipient.role == "operator");
        Ok(Self {
            binary: program(wish.binary)?,
            config: usable(&file)?,
            archive: usable(&archive)?,
            state,
            user: wish.user.to_owned(),
            is_dynamic: wish.is_dynamic,
            zone: config.timezone.name(),
            nightly: cut.overflowing_add_signed(NIGHTLY_AFTER).0,
            monthly: cut.overflowing_add_signed(MONTHLY_AFTER).0,
            pinned: config.default_month,
            days: days(config.first_day),
            credentials: secrets.credentials,
            environment: secrets.environment,
            secret_files: secrets.files,
            operators: operators.map(|recipient| recipient.address.clone()).collect(),
            sees_home,
            of_tmp: outermost(paths).iter().map(|path| usable(path)).collect::<anyhow::Result<_>>()?,
        })
    }
}

impl Plan {
    /// What is said of a pinned month, as a comment: the example's is easily forgotten.
    pub(super) fn pin(&self) -> String {
        let said = |month| format!("# period.default_month pins {month}: delete it, or no other month is judged.\n");
        self.pinned.map(said).unwrap_or_default()
    }
}

/// The secrets of a configuration by where they are kept.
#[derive(Default)]
struct Secrets {
    credentials: BTreeSet<Credential>,
    environment: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Secrets {
    fn of(config: &Config, inside: &dyn Fn(&Path) -> PathBuf) -> anyhow::Result<Self> {
        let mail = &config.mail;
        // The operator gets no workbooks.
        let roles: BTreeSet<&str> = mail.recipients.iter().map(|one| one.role.as_str()).collect();
        let roles: Vec<String> = roles.into_iter().filter(|role| *role != "operator").map(str::to_owned).collect();
        let login = mail.smtp.as_ref().and_then(|smtp| smtp.login.as_ref()).map(|(_, secret)| secret);
        let mut found = Self::default();
        for secret in login.into_iter().chain(&mail.workbook_password) {
            match secret {
                Secret::Credential(name) => {
                    found.credentials.insert(credential(name, &roles)?);
                }
                Secret::Environment(name) => {
                    found.environment.insert(name.clone());
                }
                Secret::File(path) => {
                    found.files.insert(usable(&inside(path))?);
                }
            }
        }
        Ok(found)
    }
}

fn credential(name: &str, roles: &[String]) -> anyhow::Result<Credential> {
    if !is_simple(&name.replacen(HOLE, "x", 1)) {
        let help = "take letters, digits, - _ and . for it";
        return Err(Stop::because(CONFIG, format!("`{name}` cannot be the name of a credential\n  help: {help}")));
    }
    Ok(match name.strip_suffix(HOLE).and_then(|rest| rest.strip_suffix('_')) {
        _ if !name.contains(HOLE) => Credential::File(name.to_owned()),
        Some(prefix) if !prefix.is_empty() => Credential::Folder(prefix.to_owned()),
        _ => Credential::Each(name.to_owned(), roles.to_vec()),
    })
}

/// The name of a credential for one recipient.
pub(super) fn named(pattern: &str, recipient: &str) -> String {
    pattern.replace(HOLE, recipient)
}

/// Whether a name needs no quoting anywhere.
fn is_simple(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The days of a calendar month on which a payroll month that begins on `first` is tried. What a short month lacks is
/// taken from the next one; a try too many changes nothing.
fn days(first: u32) -> Vec<u32> {
    let tries =
        (28..=31).flat_map(|last| (first..first + TRIES).map(move |day| if day > last { day - last } else { day }));
    tries.collect::<BTreeSet<u32>>().into_iter().collect()
}

/// The folder of the configuration, without symbolic links. The file's own name stays: paths are relative to where it
/// was read from.
fn folder_of(path: &Path) -> anyhow::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = || format!("{} cannot be named by an absolute path", path.display());
    folder.canonicalize().map_err(|error| Stop::because(CONFIG, format!("{}: {error}", text())))
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, component| {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
        plain
    })
}

/// A path without symbolic links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let known = path.ancestors().find_map(|known| Some((known.canonicalize().ok()?, path.strip_prefix(known).ok()?)));
    known.map_or_else(|| path.to_path_buf(), |(known, rest)| known.join(rest))
}

fn is_below(path: &Path, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

/// The paths that are not below another one.
fn outermost(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths.dedup_by(|path, before| path.starts_with(before));
    paths
}

/// A pattern without wildcards, else the folder before the first of them.
fn before_wildcard(pattern: &str) -> &str {
    let Some(at) = pattern.find(['*', '?', '[', '{']) else { return pattern };
    pattern[..at].rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path as units and crontabs can name it.
fn usable(path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().filter(|text| path.is_absolute() && !text.contains(is_unsafe));
    text.map(str::to_owned).ok_or_else(|| {
        let what = format!("`{}` cannot be named in a schedule", path.display());
        Stop::because(USAGE, format!("{what}\n  help: take an absolute path without control characters"))
    })
}

/// systemd runs no program whose path has quotes or backslashes.
fn program(path: &Path) -> anyhow::Result<String> {
    let text = usable(path)?;
    if text.contains(['"', '\'', '\\']) {
        return Err(Stop::because(USAGE, format!("`{text}` has quotes or backslashes\n  help: name another --binary")));
    }
    Ok(text)
}

/// NAME of an archive in or below /var/lib/NAME.
fn state_of(archive: &Path) -> Option<String> {
    let name = archive.strip_prefix("/var/lib").ok()?.components().next()?.as_os_str().to_str()?;
    // Below `private` systemd keeps what belongs to dynamic users.
    (is_simple(name) && name != "private").then(|| name.to_owned())
}
