//! Reads every configured source, in the order in which one needs the other.

use super::{
    Progress, Settings,
    access::Access,
    cell::{Cell, Times},
    checks::View,
    files::{self, Found},
    fit::{Mapped, for_file, mappings, parts},
    frame::frame,
    header,
    keys::compare_keys,
    people::People,
    proof, reports, roster,
    rows::{Fate, NOT_ON_THE_ROSTER, Row},
    swipe_source,
};
use crate::{
    base::{
        hash::sha256_of,
        month::{Month, Period},
        problem::Problem,
    },
    policy::Param,
    schema::{
        inputs::{Doubt, InputFile, Inputs, Rejected, SourceState, Status},
        mapping::Mapping,
        source::Source,
        tables::{TABLES, Table, is_excuse, table},
    },
};
use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A source without which nothing can be judged is missing (exit 66).
    #[error("{0}")]
    Missing(Problem),
    /// `employees` is not usable (exit 65).
    #[error("{0}")]
    BadData(Problem),
    /// A preset does not fit its source (exit 78).
    #[error("{0}")]
    Config(Problem),
    /// Templates do not fit the mappings of payroll imports (exit 78).
    #[error("{}", all(.0))]
    Imports(Vec<Problem>),
    /// The dataframe engine or the file system failed (exit 74).
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

fn all(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    format!("{} in the payroll imports\n{}", crate::base::problem::counted(problems.len()), lines.join("\n"))
}

impl std::convert::From<PolarsError> for Failure {
    fn from(error: PolarsError) -> Self {
        Self::Other(error.into())
    }
}

/// The day cut in force on a calendar day; where the policy has none, midnight.
pub(super) fn day_cut(config: &Settings<'_>, day: NaiveDate) -> NaiveTime {
    const CUT: Param<NaiveTime> = Param::new("attendance.day_cut");
    config.policy.on(&CUT, day).unwrap_or_default()
}

/// The presence day of a moment.
pub(super) fn presence_day(config: &Settings<'_>, moment: chrono::NaiveDateTime) -> NaiveDate {
    let date = moment.date();
    if moment.time() < day_cut(config, date) { date.checked_sub_days(Days::new(1)).unwrap_or(date) } else { date }
}

pub(super) struct Loading<'a> {
    pub(super) config: &'a Settings<'a>,
    pub(super) period: Period,
    pub(super) progress: &'a dyn Fn(Progress<'_>),
    pub(super) people: People,
    pub(super) inputs: Inputs,
    /// Rows of sources that later steps look at: identities, closures.
    pub(super) closures: BTreeMap<String, NaiveDate>,
    /// Employees and presence days outside the period on which overtime was claimed: who was seen then matters too.
    pub(super) claim_days: BTreeSet<(u32, NaiveDate)>,
    /// Until when a file of swipes that ends within a line was read: nothing proves what comes after.
    pub(super) swipes_end: Option<NaiveDateTime>,
    /// Names of today by employee id, where the roster of the time has another.
    pub(super) renamed: BTreeMap<String, String>,
    /// Optional columns that a file has not whose layout is that of another system, by table.
    lacks: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

/// Reads all sources of a payroll month.
///
/// # Errors
/// See [`Failure`].
pub fn read(config: &Settings<'_>, period: Period, progress: &dyn Fn(Progress<'_>)) -> Result<Inputs, Failure> {
    let inputs = Inputs {
        files: Vec::new(),
        tables: TABLES.iter().map(|table| Ok((table.name, frame(table, &[])?))).collect::<PolarsResult<_>>()?,
        states: BTreeMap::new(),
        presence: DataFrame::empty(),
        door_swipes: DataFrame::empty(),
        swipe_days: BTreeSet::new(),
        rejected: Vec::new(),
        doubts: Vec::new(),
        aliases: Vec::new(),
        outside: BTreeMap::new(),
    };
    let mut loading = Loading {
        config,
        period,
        progress,
        people: People::default(),
        inputs,
        closures: BTreeMap::new(),
        claim_days: BTreeSet::new(),
        swipes_end: None,
        renamed: BTreeMap::new(),
        lacks: BTreeMap::new(),
    };
    let first = ["closures", "employees", "identities", "overtime"];
    let rest = TABLES.iter().map(|table| table.name).filter(|name| !first.contains(name) && *name != "swipes");
    let mut named = BTreeSet::new();
    for name in first.into_iter().chain(rest) {
        let table = table(name).ok_or_else(|| anyhow::anyhow!("no table {name}"))?;
        let rows = loading.load(table)?;
        match name {
            "closures" => loading.closures = proof::closures(table, &rows),
            "employees" => loading.employees()?,
            "identities" => named = loading.identities(table, &rows),
            "overtime" => loading.claim_days = loading.claim_days(table, &rows),
            _ => {}
        }
    }
    swipe_source::load(&mut loading)?;
    if let Status::Unusable(why) = loading.inputs.states["identities"].status.clone() {
        for name in named {
            if let Some(state) = loading.inputs.states.get_mut(name.as_str()) {
                state.status = Status::Unusable(format!("the identities it needs are not usable: {why}"));
            }
        }
    }
    loading.inputs.rejected.sort();
    Ok(loading.inputs)
}

impl Loading<'_> {
    /// Reads one source; its frame, state, files and rejected rows go to the inputs.
    fn load(&mut self, table: &'static Table) -> Result<Vec<Row>, Failure> {
        let Some(source) = self.config.sources.get(table.name) else {
            self.set_state(table.name, Status::NotConfigured, &[]);
            return Ok(Vec::new());
        };
        if source.is_none {
            self.set_state(table.name, Status::DeclaredNone, &[]);
            return Ok(Vec::new());
        }
        let files_before = self.inputs.files.len();
        let mut rows = match self.rows(table, source)? {
            Ok(rows) => rows,
            Err(why) => {
                self.set_state(table.name, Status::Missing(why.clone()), &[]);
                return Self::missing(table.name, why).map(|()| Vec::new());
            }
        };
        compare_keys(table, &mut rows);
        for row in &mut rows {
            if row.fate == Fate::Used && self.is_out_of_period(table, row) {
                row.fate = Fate::OutOfPeriod;
            }
        }
        self.count(table, &rows);
        // A decision that cannot be read is listed by itself; the others still stand.
        let status =
            if table.name == "decisions" { Status::Ready } else { judge(source, &self.inputs.files[files_before..]) };
        let is_usable = status == Status::Ready;
        if let (Status::Unusable(why), "employees") = (&status, table.name) {
            let rejected = self.inputs.rejected.iter().filter(|row| row.source == table.name);
            return Err(Failure::BadData(Problem::new("sources.employees", why.clone(), mend(rejected))));
        }
        self.set_state(table.name, status, &rows);
        if is_usable {
            if let ("employees", Some(old)) = (table.name, self.config.roster) {
                (rows, self.renamed) = roster::of_the_time(rows, &roster::read(self, table, old)?);
            }
            self.inputs.tables.insert(table.name, frame(table, &rows)?);
            self.doubt(table, &rows);
        }
        Ok(rows)
    }

    /// The rows of all files of a source; the inner error says why it has no usable file.
    fn rows(&mut self, table: &'static Table, source: &Source) -> Result<Result<Vec<Row>, String>, Failure> {
        let found = match files::of(table.name, source, self.config, &self.period) {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let mappings = mappings(table, source)?;
        let mut rows = Vec::new();
        for file in found {
            let bytes = match std::fs::read(&file.path) {
                Ok(bytes) => bytes,
                Err(error) => return Ok(Err(format!("cannot read `{}`: {error}", file.name))),
            };
            (self.progress)(Progress::File(&file.name, bytes.len() as u64));
            (self.progress)(Progress::Bytes(bytes.len() as u64));
            let hash = sha256_of(&bytes);
            let read = parts(&bytes, &for_file(&mappings, &file), table, self.config.timezone);
            let parts = match read {
                Ok(parts) => parts,
                Err(why) => {
                    self.register(table.name, &file, hash, bytes.len() as u64)?;
                    return Ok(Err(format!("`{}`: {why}", file.name)));
                }
            };
            for part in parts {
                // Each sheet is a file of its own, with the workbook's bytes.
                let file = Found { name: part.name(&file.name), ..file.clone() };
                let number = self.register(table.name, &file, hash.clone(), bytes.len() as u64)?;
                self.lacks.entry(table.name).or_default().extend(lacking(table, &part.mapped));
                match reports::rows(self, table, &part, number) {
                    Ok(read) => rows.extend(read),
                    Err(why) => return Ok(Err(format!("`{}`: {why}", file.name))),
                }
            }
        }
        Ok(Ok(rows))
    }

    /// Adds a file to the run's list and gives its number.
    pub(super) fn register(&mut self, source: &str, file: &Found, sha256: String, bytes: u64) -> Result<u32, Failure> {
        let number = u32::try_from(self.inputs.files.len()).ok().filter(|number| *number < 1 << 15);
        let number = number.ok_or_else(|| anyhow::anyhow!("more than 32,767 input files: merge some of them"))?;
        self.inputs.files.push(InputFile {
            source: source.to_owned(),
            name: file.name.clone(),
            path: file.path.clone(),
            sha256,
            bytes,
            ..InputFile::default()
        });
        Ok(number)
    }

    fn missing(name: &str, why: String) -> Result<(), Failure> {
        let help = match name {
            "employees" => "nobody can be judged without the roster; export it and run again",
            "decisions" => "decisions must not be lost: put the register back, or an empty one with its header",
            "identities" => "without it rows would be given to the wrong people: put the register back",
            _ => return Ok(()),
        };
        Err(Failure::Missing(Problem::new(format!("sources.{name}"), why, help)))
    }

    fn is_out_of_period(&self, table: &'static Table, row: &Row) -> bool {
        let view = View { table, cells: &row.cells };
        let day = match table.name {
            "punches" => {
                let day = view.time("time").map(|time| presence_day(self.config, time));
                let emp = if let Some(Cell::Person(emp)) = view.cell("employee_id") { Some(*emp) } else { None };
                day.filter(|day| emp.is_none_or(|emp| !self.claim_days.contains(&(emp, *day))))
            }
            "notices" => view.time("date").map(|time| time.date()),
            "contacts" => view.time("called_at").map(|time| time.date()),
            _ => None,
        };
        day.is_some_and(|day| !self.period.contains(day))
    }

    /// Control totals of each file, and the list of rejected rows.
    fn count(&mut self, table: &'static Table, rows: &[Row]) {
        for row in rows {
            let file = &mut self.inputs.files[row.file as usize];
            let totals = &mut file.totals;
            totals.rows += 1;
            match &row.fate {
                Fate::Used | Fate::Silent => totals.used += 1,
                Fate::Duplicate => totals.duplicates += 1,
                Fate::OutOfPeriod => totals.out_of_period += 1,
                Fate::Outside(name) => {
                    totals.outside += 1;
                    *self.inputs.outside.entry((table.name.to_owned(), name.clone())).or_default() += 1;
                }
                Fate::Rejected { column, value, reason } => {
                    totals.rejected += 1;
                    self.inputs.rejected.push(Rejected {
                        source: table.name.to_owned(),
                        file: file.name.clone(),
                        line: row.line,
                        column: column.clone(),
                        value: value.clone(),
                        reason: reason.clone(),
                    });
                }
            }
            if !matches!(row.fate, Fate::Rejected { .. }) {
                for time in proof::times(table, row) {
                    totals.see(time);
                }
            }
        }
    }

    pub(super) fn set_state(&mut self, name: &'static str, status: Status, rows: &[Row]) {
        let proven = proof::proven(self, name, &status, rows);
        let how = match (&status, self.config.sources.get(name)) {
            (Status::DeclaredNone, _) | (_, None) => "none",
            (_, Some(source)) => source.proof.word(),
        };
        let lacks = self.lacks.remove(name).unwrap_or_default();
        self.inputs.states.insert(name, SourceState { status, proven, how, lacks });
    }

    /// Sorts the roster by id, so that an employee's number is the rank of the id, and learns everybody's names.
    fn employees(&mut self) -> Result<(), Failure> {
        let sorted = self.inputs.tables["employees"].sort(["employee_id"], SortMultipleOptions::default())?;
        let text = |name: &str| -> PolarsResult<Vec<Option<String>>> {
            Ok(sorted.column(name)?.str()?.iter().map(|text| text.map(str::to_owned)).collect())
        };
        let (ids, names, emails) = (text("employee_id")?, text("name")?, text("email")?);
        let rows = ids.iter().zip(&names).zip(&emails);
        let rows = rows
            .map(|((id, name), email)| (id.as_deref().unwrap_or(""), name.as_deref().unwrap_or(""), email.as_deref()));
        self.people = People::new(rows);
        for (emp, id) in (0_u32..).zip(ids.iter().flatten()) {
            if let Some(name) = self.renamed.get(id) {
                self.people.rename(emp, name);
                self.inputs.aliases.push((emp, name.clone()));
            }
        }
        let emps = Column::new("emp".into(), (0..u32::try_from(sorted.height()).unwrap_or(0)).collect::<Vec<_>>());
        let mut sorted = sorted;
        sorted.with_column(emps)?;
        self.inputs.tables.insert("employees", sorted);
        Ok(())
    }

    /// Learns the identities; gives the sources that they name, in any row.
    fn identities(&mut self, table: &'static Table, rows: &[Row]) -> BTreeSet<String> {
        for row in rows.iter().filter(|row| row.fate == Fate::Used) {
            let view = View { table, cells: &row.cells };
            if let (Some(Cell::Text(source)), Some(Cell::Text(external)), Some(Cell::Person(emp))) =
                (view.cell("source"), view.cell("external_id"), view.cell("employee_id"))
            {
                let day = |name: &str| view.time(name).map(|time| time.date());
                self.people.identify(source, external, *emp, day("from"), day("to"));
            }
        }
        for row in rows {
            let Fate::Rejected { reason, .. } = &row.fate else { continue };
            if let [source, external, ..] = row.texts.as_slice()
                && reason != NOT_ON_THE_ROSTER
            {
                self.people.forget(source, external);
            }
        }
        rows.iter().filter_map(|row| row.texts.first().cloned()).collect()
    }

    /// Claims of the payroll month before may be filed late, and the legal ceiling is of calendar months: the days of
    /// such claims outside the period.
    fn claim_days(&self, table: &'static Table, rows: &[Row]) -> BTreeSet<(u32, NaiveDate)> {
        let before = self.period.first.checked_sub_months(Months::new(1)).unwrap_or(self.period.first);
        let after = Month::of(self.period.last).next();
        let day = |row: &Row| {
            let view = View { table, cells: &row.cells };
            let (Some(Cell::Person(emp)), Some(start)) = (view.cell("employee_id"), view.time("start")) else {
                return None;
            };
            let is_near = before <= start.date() && Month::of(start.date()) < after;
            let day = presence_day(self.config, start);
            (is_near && !self.period.contains(day)).then_some((*emp, day))
        };
        rows.iter().filter(|row| row.fate == Fate::Used).filter_map(day).collect()
    }

    /// What rejected rows of excusing registers could have excused (3.2 step 5).
    fn doubt(&mut self, table: &'static Table, rows: &[Row]) {
        if !matches!(table.name, "leaves" | "notices" | "visits" | "punches" | "rosters") {
            return;
        }
        for row in rows.iter().filter(|row| matches!(row.fate, Fate::Rejected { .. })) {
            let view = View { table, cells: &row.cells };
            let emp = if let Some(Cell::Person(emp)) = view.cell("employee_id") { Some(*emp) } else { None };
            // A time without its clock still names its day.
            let day = |name: &str| view.time(name).or_else(|| Some(self.bare_date(table, row, name)?.into()));
            let days = match table.name {
                // The last date is that of the last moment before the end.
                "leaves" | "visits" => day("start").zip(day("end")).map(|(start, end)| {
                    let is_bare = view.time("end").is_none();
                    let last = if is_bare || start == end { end } else { end - chrono::Duration::microseconds(1) };
                    // Where the end is before the start, both days are named all the same.
                    (start.date().min(last.date()), start.date().max(last.date()))
                }),
                // A punch before the day cut names its date, and could excuse the day before.
                "punches" => match view.time("time") {
                    Some(time) => Some((presence_day(self.config, time), time.date())),
                    None => day("time").map(|time| (time.date(), time.date())),
                },
                _ => day("date").map(|time| (time.date(), time.date())),
            };
            self.inputs.doubts.push(Doubt { source: table.name.to_owned(), emp, days });
        }
    }

    /// The date in a cell that could not be read as what it should be.
    fn bare_date(&self, table: &'static Table, row: &Row, name: &str) -> Option<NaiveDate> {
        let place = table.columns.iter().position(|column| column.name == name)?;
        Times::new(&Mapping::default(), self.config.timezone).date(&row.texts[place])
    }
}

/// The optional columns that a file has not, if its layout is that of another system. One that the configuration says
/// nobody writes down is not there either, unless it would only excuse: nobody did what nobody can show.
fn lacking(table: &'static Table, mapped: &Mapped) -> Vec<&'static str> {
    let is_register = mapped.mapping.columns == header::canonical(table).columns;
    let is_absent = |name: &str, access: &Option<Access>| match access {
        None => true,
        Some(access) => access.is_blank() && !is_excuse(table.name, name),
    };
    let columns = table.columns.iter().zip(&mapped.layout.columns);
    let absent = columns.filter(|(column, access)| !column.is_required && is_absent(column.name, access));
    absent.filter(|_| !is_register).map(|(column, _)| column.name).collect()
}

/// What to do about rejected rows, with the first of them by place and reason.
fn mend<'a>(rejected: impl Iterator<Item = &'a Rejected>) -> String {
    const SHOWN: usize = 5;
    let all: Vec<&Rejected> = rejected.collect();
    let place = |row: &&Rejected| format!("\n    {}:{} {}: {}", row.file, row.line, row.column, row.reason);
    let shown: String = all.iter().take(SHOWN).map(place).collect();
    let more = all.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!("\n    and {more} more") };
    format!("mend the rows, or raise max_rejected_rows:{shown}{more}")
}

/// Whether so much was rejected, or outside, that the source cannot be believed.
pub(super) fn judge(source: &Source, files: &[InputFile]) -> Status {
    if let Some(file) = files.iter().find(|file| 2 * file.totals.outside > file.totals.rows) {
        return Status::Unusable(format!(
            "`{}`: {} of {} rows are of people outside the roster, so the mapping is wrong",
            file.name, file.totals.outside, file.totals.rows
        ));
    }
    let rows: u64 = files.iter().map(|file| file.totals.rows).sum();
    let rejected: u64 = files.iter().map(|file| file.totals.rejected).sum();
    if rejected > source.max_rejected_rows && rejected * 100 > source.max_rejected_percent * rows {
        return Status::Unusable(format!("{rejected} of {rows} rows were rejected, more than the limit"));
    }
    Status::Ready
}
