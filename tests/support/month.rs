//! Generated months: a function of a seed, with rows in every source, of two groups of staff, A and B, who know nothing
//! of each other (own site, department, doors, meetings, tickets). `rows` makes the rows, `laws` is what every run obeys.

#![allow(dead_code, reason = "each test file uses its own part of this")]

mod answers;
pub(crate) mod laws;
mod papers;
mod rows;

use self::laws::lawful;
use crate::support::{Files, Row, Run, command, files, finish, repository, rows as read_rows, text};
use chrono::{Datelike, Days, NaiveDate};
use meritbook::schema::tables::table;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A small source of chance: the same seed, the same month.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).expect("31 bits") % end
    }

    pub(crate) fn minutes(&mut self, from: i64, until: i64) -> i64 {
        let span = usize::try_from(until - from).expect("from before until");
        from + i64::try_from(self.below(span)).expect("small")
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

/// The working days of China, from the list that the program is shipped with.
pub(crate) struct Workdays(BTreeMap<NaiveDate, bool>);

impl Workdays {
    pub(crate) fn new() -> Self {
        let listed = text(&repository().join("src/calendar/days.csv"));
        let days = listed.lines().skip(1).map(|line| {
            let mut cells = line.split(',');
            let day = cells.next().and_then(|day| day.parse().ok()).expect("a date");
            (day, cells.next() == Some("makeup_workday"))
        });
        Self(days.collect())
    }

    pub(crate) fn has(&self, day: NaiveDate) -> bool {
        self.0.get(&day).copied().unwrap_or_else(|| day.weekday().number_from_monday() < 6)
    }

    /// The n-th workday after a day.
    pub(crate) fn after(&self, day: NaiveDate, n: usize) -> NaiveDate {
        day.iter_days().skip(1).filter(|day| self.has(*day)).nth(n - 1).expect("the calendar goes on")
    }
}

/// A row of a source, and whose it is.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) group: char,
    pub(crate) cells: BTreeMap<&'static str, String>,
}

/// A month's inputs.
#[derive(Clone)]
pub(crate) struct Month {
    /// `2026-10`.
    pub(crate) name: String,
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
    /// Working days on which hardly anybody, or nobody, swiped.
    pub(crate) outages: BTreeSet<NaiveDate>,
    pub(crate) tables: BTreeMap<&'static str, Vec<Line>>,
    pub(crate) config: toml::Table,
    /// How many times each file is there.
    pub(crate) copies: usize,
}

/// Month and first day of the payroll month; a seed takes one of them.
const MONTHS: [(i32, u32, u32); 4] = [(2026, 10, 1), (2026, 3, 26), (2025, 12, 1), (2026, 6, 15)];

impl Month {
    /// The month of a seed, decisions included.
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut month = Self::empty(&mut dice, MONTHS[usize::try_from(seed % 4).expect("small")]);
        rows::fill(&mut month, &mut dice);
        // A log of the doors is in the order of time.
        month.rows("swipes").sort_by(|one, other| one.cells["time"].cmp(&other.cells["time"]));
        let undecided = month.judge();
        answers::decide(&mut month, &undecided, &mut dice);
        month
    }

    fn empty(dice: &mut Dice, (year, number, first_day): (i32, u32, u32)) -> Self {
        let start = |year, month| NaiveDate::from_ymd_opt(year, month, first_day).expect("a date");
        let (first, next) = match (first_day, number) {
            (1, 12) => (start(year, 12), start(year + 1, 1)),
            (1, _) => (start(year, number), start(year, number + 1)),
            _ => (start(year, number - 1), start(year, number)),
        };
        let mut config: toml::Table = text(&repository().join("config.toml")).parse().expect("TOML");
        let mut sources = toml::Table::new();
        for source in meritbook::schema::tables::TABLES {
            let proven = match source.name {
                "swipes" => "data",
                "leaves" | "notices" => "closure",
                _ => "vouched",
            };
            let files = format!("files = [\"{}_*.csv\"]\nproven = \"{proven}\"", source.name);
            sources.insert(source.name.to_owned(), toml::Value::Table(files.parse().expect("TOML")));
        }
        config.insert("sources".to_owned(), sources.into());
        config.remove("imports");
        let areas = "\"A区\" = [\"A1\"]\n\"A楼\" = [\"A2\"]\n\"B区\" = [\"B1\"]\n\"B楼\" = [\"B2\"]";
        config.insert("areas".to_owned(), areas.parse::<toml::Table>().expect("TOML").into());
        let period = format!("first_day = {first_day}");
        config.insert("period".to_owned(), period.parse::<toml::Table>().expect("TOML").into());
        let name = format!("{year}-{number:02}");
        let last = next - Days::new(1);
        let tables = meritbook::schema::tables::TABLES.iter().map(|table| (table.name, Vec::new())).collect();
        let mut month = Self { name, first, last, outages: BTreeSet::new(), tables, config, copies: 1 };
        for price in ["diagnosis_amount", "completion_amount", "delivery_amount"] {
            if dice.chance(60) {
                month.set("repair", price, dice.minutes(5, 60));
            }
        }
        if dice.chance(30) {
            month.set("late_arrival", "charge", "all-once-reached");
        }
        let workdays = Workdays::new();
        let days: Vec<NaiveDate> = month.days().filter(|day| workdays.has(*day)).collect();
        month.outages = (0..2).map(|_| *dice.pick(&days[2..days.len() - 2])).collect();
        month
    }

    /// Sets a value of the policy.
    pub(crate) fn set(&mut self, group: &str, name: &str, value: impl Into<toml::Value>) {
        let parameter = self.config["policy"][group][name].as_table_mut().expect("a parameter");
        let values = toml::Table::from_iter([("2009-12-01".to_owned(), value.into())]);
        parameter.insert("values".to_owned(), values.into());
    }

    /// Switches rules off.
    pub(crate) fn off(&mut self, rules: &[&str]) {
        let text = format!("off = {rules:?}\nreason = \"试\"");
        self.config.insert("rules".to_owned(), text.parse::<toml::Table>().expect("TOML").into());
    }

    /// Only tries rules out.
    pub(crate) fn shadow(&mut self, rules: &[&str]) {
        let mode: toml::Table = "mode = \"shadow\"".parse().expect("TOML");
        let rules = rules.iter().map(|rule| ((*rule).to_owned(), mode.clone().into()));
        self.config.insert("rules".to_owned(), rules.collect::<toml::Table>().into());
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// The rows of a source.
    pub(crate) fn rows(&mut self, source: &str) -> &mut Vec<Line> {
        self.tables.get_mut(source).expect("a source")
    }

    /// Adds a row; a cell that is not named is empty.
    pub(crate) fn add(&mut self, group: char, source: &'static str, cells: &[(&'static str, &str)]) {
        let known = table(source).expect("a source");
        let cells = cells.iter().map(|(name, cell)| {
            assert!(known.column(name).is_some(), "{source} has no {name}");
            (*name, (*cell).to_owned())
        });
        self.rows(source).push(Line { group, cells: cells.collect() });
    }

    /// The month of one group alone.
    pub(crate) fn of(&self, group: char) -> Self {
        let mut own = self.clone();
        for lines in own.tables.values_mut() {
            lines.retain(|line| line.group == group);
        }
        own
    }

    pub(crate) fn write(&self, dir: &Path) {
        fs::write(dir.join("config.toml"), toml::to_string(&self.config).expect("TOML")).expect("written");
        for (name, lines) in &self.tables {
            let columns: Vec<&str> = table(name).expect("a source").columns.iter().map(|column| column.name).collect();
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&columns).expect("a header");
            for line in lines {
                let cells = columns.iter().map(|column| line.cells.get(column).map_or("", String::as_str));
                writer.write_record(cells).expect("a row");
            }
            let bytes = writer.into_inner().expect("bytes");
            for copy in 1..=self.copies {
                fs::write(dir.join(format!("{name}_{copy}.csv")), &bytes).expect("written");
            }
        }
    }

    /// Runs the month; whatever it is, what it comes to is lawful.
    pub(crate) fn judge(&self) -> Outcome {
        let dir = tempfile::tempdir().expect("a folder");
        self.write(dir.path());
        let (run, outcome) = self.judge_in(dir.path());
        assert!([0, 10].contains(&run.code), "{}: exit {} {}", self.name, run.code, run.stderr);
        outcome
    }

    /// Runs what lies in `dir`, which the month once was written to.
    pub(crate) fn judge_in(&self, dir: &Path) -> (Run, Outcome) {
        let _ = fs::remove_dir_all(dir.join("out"));
        let run = finish(&mut command(dir, ["monthly", "--quiet", "--month", &self.name, "--preview", "out"]));
        let made = if dir.join("out").exists() { files(&dir.join("out")) } else { Files::new() };
        let outcome = Outcome::new(made);
        if !outcome.files.is_empty() {
            lawful(self, &outcome);
        }
        (run, outcome)
    }
}

/// What a run wrote.
pub(crate) struct Outcome {
    pub(crate) files: Files,
    /// The findings by id.
    pub(crate) findings: BTreeMap<String, Row>,
    /// Those of rules in shadow mode.
    pub(crate) shadow: BTreeMap<String, Row>,
}

impl Outcome {
    fn new(files: Files) -> Self {
        let by_id = |name: &str| -> BTreeMap<String, Row> {
            let rows = files.get(name).map(|bytes| read_rows(bytes)).unwrap_or_default();
            let count = rows.len();
            let map: BTreeMap<String, Row> = rows.into_iter().map(|row| (row["finding_id"].clone(), row)).collect();
            assert_eq!(map.len(), count, "an id stands twice in {name}");
            map
        };
        let (findings, shadow) = (by_id("findings.csv"), by_id("shadow.csv"));
        Self { files, findings, shadow }
    }

    pub(crate) fn table(&self, name: &str) -> Vec<Row> {
        read_rows(&self.files[name])
    }

    /// The findings that `is_wanted`, by id.
    pub(crate) fn only(&self, is_wanted: impl Fn(&Row) -> bool) -> BTreeMap<String, Row> {
        self.findings.iter().filter(|(_, row)| is_wanted(row)).map(|(id, row)| (id.clone(), row.clone())).collect()
    }

    /// As [`Outcome::only`], without what is said in words.
    pub(crate) fn bare(&self, is_wanted: impl Fn(&Row) -> bool) -> BTreeMap<String, Row> {
        let mut rows = self.only(is_wanted);
        for row in rows.values_mut() {
            row.remove("summary");
        }
        rows
    }
}
