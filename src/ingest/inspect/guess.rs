//! An unknown layout: which table it is likeliest to be, and which column is which, by the words of its header and by
//! what stands beneath. Every guess that is not plain says so.

use super::{
    columns::{Column, MOSTLY, Written, percent},
    grid::{Grid, plain},
    staff::Staff,
    words::WORDS,
};
use crate::schema::{
    mapping::Naming,
    tables::{self, Kind, TABLES, Table},
};
use std::collections::BTreeSet;

/// Where a column is taken from; places are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Cell(usize),
    Person(Naming, usize),
    /// A day and a time of day.
    Moment(usize, usize),
}

impl Source {
    pub(super) fn places(&self) -> Vec<usize> {
        match self {
            Self::Cell(place) | Self::Person(_, place) => vec![*place],
            Self::Moment(day, clock) => vec![*day, *clock],
        }
    }
}

/// One column of the guess.
#[derive(Clone, Debug)]
pub(super) struct Guessed {
    pub(super) column: &'static tables::Column,
    pub(super) source: Source,
    /// What makes it unsure; empty where nothing does.
    pub(super) doubt: String,
    /// It was found by the word of its header.
    is_by_word: bool,
}

/// Words of a closed list.
pub(super) struct Translated {
    pub(super) column: &'static str,
    /// Each with its meaning.
    pub(super) words: Vec<(String, &'static str)>,
    /// How many others there are.
    pub(super) others: usize,
}

/// A mapping to start from.
pub(super) struct Guess {
    pub(super) table: &'static Table,
    pub(super) columns: Vec<Guessed>,
    /// Required columns that nothing looks like.
    pub(super) missing: Vec<&'static str>,
    pub(super) time_formats: Vec<String>,
    pub(super) date_formats: Vec<String>,
    pub(super) rival: Option<String>,
    /// Texts that mean an empty cell.
    pub(super) empty: Vec<String>,
    /// To how many digits ids are padded, how many are then on the roster, and of how many.
    pub(super) padding: Option<(usize, usize, usize)>,
    pub(super) words: Vec<Translated>,
    /// Of a wide export of swipes the punches of a row; else empty.
    pub(super) each: Vec<Punch>,
}

/// One punch of a wide row.
pub(super) struct Punch {
    pub(super) source: Source,
    /// What its header says of the direction.
    pub(super) direction: Option<&'static str>,
}

impl Guess {
    pub(super) fn score(&self) -> i64 {
        let of = |one: &Guessed| match (one.column.is_required, one.is_by_word) {
            (true, true) => 3,
            (true, false) => 2,
            (false, _) => 1,
        };
        let missing = i64::try_from(self.missing.len()).unwrap_or(i64::MAX);
        let required = self.columns.iter().filter(|one| one.column.is_required).count();
        let whole = if missing == 0 && required >= 2 { 2 } else { 0 };
        self.columns.iter().map(of).sum::<i64>() - 3 * missing + whole
    }
}

/// The table that the columns are likeliest to be, if they are like one at all.
pub(super) fn guess(grid: &Grid, columns: &[Column], staff: Option<&Staff>) -> Option<Guess> {
    let has_names = grid.header.is_some();
    // Without names only swipes are told by their content: somebody and a moment.
    let likely = |table: &&Table| has_names || table.name == "swipes";
    // Among equals swipes are likelier than make-up punches.
    let (swipes, others): (Vec<&Table>, Vec<&Table>) =
        TABLES.iter().filter(likely).partition(|table| table.name == "swipes");
    let all = swipes.into_iter().chain(others).map(|table| of_table(table, columns, staff));
    let all: Vec<Guess> = all.collect();
    // A roster has days and times of day too, but no punches.
    let is_punched = all.iter().any(|one| !one.each.is_empty());
    let best = all.into_iter().filter(|one| !is_punched || one.table.name != "rosters");
    let best = best.reduce(|best, one| if one.score() > best.score() { one } else { best })?;
    // A headerless file is only like swipes if nearly every row has both.
    let is_full =
        |one: &Guessed| one.source.places().iter().all(|at| percent(columns[*at].filled, grid.rows.len()) >= 90);
    if !has_names && !best.columns.iter().all(is_full) {
        return None;
    }
    let is_like = best.columns.iter().filter(|one| one.column.is_required).count() >= 2 && best.score() > 0;
    is_like.then_some(best)
}

fn of_table(table: &'static Table, columns: &[Column], staff: Option<&Staff>) -> Guess {
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut found: Vec<Guessed> = Vec::new();
    for column in table.columns {
        let is_person = column.kind == Kind::Person;
        let by_word = if is_person {
            person(table, column, columns, &taken, staff)
        } else {
            by_word(table, column, columns, &taken).or_else(|| by_content(table, column, columns, &taken))
        };
        if let Some(one) = by_word {
            taken.extend(one.source.places());
            found.push(one);
        }
    }
    let is_there = |name: &str| found.iter().any(|one| one.column.name == name);
    let missing = table.columns.iter().filter(|column| column.is_required && !is_there(column.name));
    let missing = missing.map(|column| column.name).collect();
    let (mut times, mut dates): (Vec<&Written>, Vec<&Written>) = (Vec::new(), Vec::new());
    for one in &found {
        match one.source {
            Source::Moment(day, _) => dates.extend(&columns[day].days),
            Source::Cell(place) if is_timed(one.column.kind) => match &columns[place] {
                column if matches!(one.column.kind, Kind::LooseStart | Kind::LooseEnd) => {
                    times.extend(&column.moments);
                    dates.extend(&column.days);
                }
                column if column.is_moment() => times.extend(&column.moments),
                column if column.is_day() => dates.extend(&column.days),
                _ => {}
            },
            _ => {}
        }
    }
    let rival = times.iter().chain(&dates).find_map(|written| written.rival.clone());
    let own = found.iter().find(|one| one.column.name == "employee_id").map(|one| one.source.clone());
    let padding = match own {
        Some(Source::Person(Naming::Id, place)) => {
            columns[place].padded.map(|(length, count)| (length, count, columns[place].distinct))
        }
        _ => None,
    };
    let places = found.iter().flat_map(|one| one.source.places());
    let empty: BTreeSet<&String> = places.flat_map(|place| &columns[place].placeholders).collect();
    let empty = empty.into_iter().cloned().collect();
    let words = found.iter().filter_map(|one| translated(table, one, columns)).collect();
    Guess {
        table,
        time_formats: together(&times, &["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]),
        date_formats: together(&dates, &[]),
        missing,
        rival,
        empty,
        padding,
        words,
        each: if table.name == "swipes" { punches(&found, columns) } else { Vec::new() },
        columns: found,
    }
}

/// The punches of a row that has several: times of day that differ from row to row, beside a day, or moments whose
/// headers say that they are punches. None where a row has one. What is due, or lasts, is no punch.
fn punches(found: &[Guessed], columns: &[Column]) -> Vec<Punch> {
    const IN: &[&str] = &["上班", "签到", "check in", "clock in", "on duty", "on-duty"];
    const OUT: &[&str] = &["下班", "签退", "check out", "clock out", "off duty", "off-duty"];
    const PUNCH: &[&str] = &["打卡", "刷卡", "punch", "check time"];
    const OTHER: &[&str] = &[
        "应", "时长", "工时", "工作", "出勤", "迟到", "早退", "加班", "请假", "缺勤", "旷工", "hours", "work", "late",
        "early", "overtime", "duration",
    ];
    let Some(time) = found.iter().find(|one| one.column.name == "time") else { return Vec::new() };
    let has = |place: usize, words: &[&str]| words.iter().any(|word| columns[place].plain.contains(word));
    let is_free =
        |place: usize| found.iter().all(|one| one.column.name == "time" || !one.source.places().contains(&place));
    let is_varied = |place: usize| columns[place].distinct * 2 > columns[place].filled;
    let is_meant = |place: &usize| is_free(*place) && is_varied(*place) && !has(*place, OTHER);
    let all = (0..columns.len()).filter(is_meant);
    let sources: Vec<Source> = if let Source::Moment(day, _) = &time.source {
        all.filter(|place| columns[*place].is_clock()).map(|clock| Source::Moment(*day, clock)).collect()
    } else {
        let is_punch = |place: &usize| [IN, OUT, PUNCH].iter().any(|words| has(*place, words));
        all.filter(|place| columns[*place].is_moment()).filter(is_punch).map(Source::Cell).collect()
    };
    let punch = |source: Source| {
        let place = source.places().last().copied().unwrap_or(0);
        let direction = if has(place, IN) { Some("in") } else { has(place, OUT).then_some("out") };
        Punch { source, direction }
    };
    if sources.len() > 1 { sources.into_iter().map(punch).collect() } else { Vec::new() }
}

fn is_timed(kind: Kind) -> bool {
    matches!(kind, Kind::Time | Kind::LooseStart | Kind::LooseEnd | Kind::Date)
}

/// The formats of all columns; where some need none, `plain` beside the others.
fn together(all: &[&Written], plain: &[&str]) -> Vec<String> {
    let mut formats: Vec<String> = Vec::new();
    for format in all.iter().flat_map(|written| &written.formats) {
        if !formats.contains(format) {
            formats.push(format.clone());
        }
    }
    if !formats.is_empty() && all.iter().any(|written| written.formats.is_empty()) {
        formats.extend(plain.iter().map(|format| (*format).to_owned()));
    }
    formats
}

/// The places whose header is one of the words, in their order; the canonical name comes first.
fn places(columns: &[Column], name: &str, words: &[String], taken: &BTreeSet<usize>) -> Vec<usize> {
    let canonical = plain(name);
    let mut all = Vec::new();
    for word in std::iter::once(canonical.as_str()).chain(words.iter().map(String::as_str)) {
        let is_word = |(place, column): &(usize, &Column)| {
            !taken.contains(place) && !column.name.is_empty() && column.plain == word
        };
        all.extend(columns.iter().enumerate().filter(is_word).map(|(place, _)| place));
    }
    all
}

fn by_word(
    table: &Table,
    column: &'static tables::Column,
    columns: &[Column],
    taken: &BTreeSet<usize>,
) -> Option<Guessed> {
    let places = places(columns, column.name, WORDS.of_column(table.name, column.name), taken);
    let one = |source: Source, doubt: String| Guessed { column, source, doubt, is_by_word: true };
    if !is_timed(column.kind) {
        let place = *places.iter().find(|place| columns[**place].filled > 0).or(places.first())?;
        return Some(one(Source::Cell(place), empty(&columns[place])));
    }
    let is_whole = |place: &&usize| columns[**place].is_moment() && !columns[**place].is_midnight();
    let is_time = |place: &&usize| columns[**place].is_moment() || columns[**place].is_day();
    let needs_clock = column.kind == Kind::Time;
    if let Some(place) = places.iter().find(is_whole).or(places.iter().find(|place| !needs_clock && is_time(place))) {
        return Some(one(Source::Cell(*place), timed(&columns[*place], column.kind)));
    }
    // The word names a time of day, and its day stands in another column; or the other way round.
    if let Some(clock) = places.iter().find(|place| columns[**place].is_clock())
        && needs_clock
        && let Some((day, doubt)) = day(columns, taken)
    {
        return Some(one(Source::Moment(day, *clock), doubt));
    }
    if let Some(day) = places.iter().find(is_time) {
        let clock = columns.iter().position(Column::is_clock);
        let doubt = "unsure: which column holds the time of day".to_owned();
        return Some(match clock.filter(|_| table.name == "swipes") {
            Some(clock) => one(Source::Moment(*day, clock), doubt),
            None => one(Source::Cell(*day), timed(&columns[*day], column.kind)),
        });
    }
    let place = *places.iter().find(|place| columns[**place].filled == 0)?;
    Some(one(Source::Cell(place), empty(&columns[place])))
}

fn empty(column: &Column) -> String {
    if column.filled == 0 { "unsure: none of its cells is filled".to_owned() } else { String::new() }
}

/// What makes a column of times unsure.
fn timed(column: &Column, kind: Kind) -> String {
    let (written, what) = match (&column.moments, &column.days) {
        (Some(moments), _) if column.is_moment() => (moments, "times"),
        (_, Some(days)) => (days, "days"),
        _ => return String::new(),
    };
    let is_bare = what == "days" && kind == Kind::Time;
    let share = match kind {
        Kind::LooseStart | Kind::LooseEnd => column.moments_or_days(),
        _ => written.share,
    };
    match share {
        _ if what == "days" && column.has_weekdays => "unsure: weekdays stand behind its days".to_owned(),
        _ if is_bare => "unsure: its cells are days without a time of day".to_owned(),
        100 => String::new(),
        share => format!("unsure: {share} % of its cells read as {what}"),
    }
}

/// The column of days that goes with a column of times of day.
fn day(columns: &[Column], taken: &BTreeSet<usize>) -> Option<(usize, String)> {
    let named = places(columns, "date", &WORDS.days, taken).into_iter().find(|place| columns[*place].is_day());
    if let Some(place) = named {
        return Some((place, String::new()));
    }
    let mut all = columns.iter().enumerate().filter(|(place, column)| !taken.contains(place) && column.is_day());
    let (place, _) = all.next()?;
    let doubt = if all.next().is_some() { "unsure: several columns hold days" } else { "" };
    Some((place, doubt.to_owned()))
}

/// A required moment whose header says nothing: the column of moments, or of days and times of day.
fn by_content(
    table: &Table,
    column: &'static tables::Column,
    columns: &[Column],
    taken: &BTreeSet<usize>,
) -> Option<Guessed> {
    if !column.is_required || column.kind != Kind::Time || !matches!(table.name, "swipes" | "checkins" | "punches") {
        return None;
    }
    let free = |is: fn(&Column) -> bool| -> Vec<usize> {
        let all = columns.iter().enumerate().filter(|(place, column)| !taken.contains(place) && is(column));
        all.map(|(place, _)| place).collect()
    };
    let one = |source: Source, doubt: String| Guessed { column, source, doubt, is_by_word: false };
    let moments = free(|column| column.is_moment() && !column.is_midnight());
    if let Some(place) = moments.first() {
        let doubt = timed(&columns[*place], column.kind);
        let several = "unsure: several columns hold times".to_owned();
        return Some(one(Source::Cell(*place), if moments.len() > 1 { several } else { doubt }));
    }
    let clocks = free(Column::is_clock);
    let (day, doubt) = day(columns, taken)?;
    let several = "unsure: several columns hold times of day".to_owned();
    Some(one(Source::Moment(day, *clocks.first()?), if clocks.len() > 1 { several } else { doubt }))
}

/// A column that names a person: by its words and by whom the roster knows.
fn person(
    table: &Table,
    column: &'static tables::Column,
    columns: &[Column],
    taken: &BTreeSet<usize>,
    staff: Option<&Staff>,
) -> Option<Guessed> {
    let one = |naming: Naming, place: usize, doubt: String, is_by_word: bool| Guessed {
        column,
        source: Source::Person(naming, place),
        doubt,
        is_by_word,
    };
    let share = |naming: Naming, column: &Column| match naming {
        Naming::Email => column.known_emails,
        Naming::Name => column.names,
        _ => column.ids.max(column.padded.map_or(0, |(_, count)| percent(count, column.distinct))),
    };
    let namings = [Naming::Id, Naming::Email, Naming::Name];
    let mut named: Vec<(Naming, usize)> = Vec::new();
    if column.name == "employee_id" {
        for naming in namings {
            let words = WORDS.of_person(naming);
            let name = if naming == Naming::Id { column.name } else { "" };
            named.extend(places(columns, name, words, taken).into_iter().map(|place| (naming, place)));
        }
    } else {
        for place in places(columns, column.name, WORDS.of_column(table.name, column.name), taken) {
            let known = namings.into_iter().max_by_key(|naming| share(*naming, &columns[place]));
            let is_known = known.is_some_and(|naming| share(naming, &columns[place]) > 0);
            let looks = if columns[place].emails >= MOSTLY {
                Naming::Email
            } else if columns[place].numbers >= MOSTLY {
                Naming::Id
            } else {
                Naming::Name
            };
            named.push((known.filter(|_| is_known).unwrap_or(looks), place));
        }
    }
    named.retain(|(_, place)| columns[*place].filled > 0);
    // Of equals the first: ids before addresses before names.
    let best = named.iter().rev().max_by_key(|(naming, place)| share(*naming, &columns[*place]));
    if let Some((naming, place)) = best {
        let share = share(*naming, &columns[*place]);
        let doubt = match staff {
            Some(_) if share < 100 => format!("unsure: {share} % of its cells are on the roster"),
            _ => String::new(),
        };
        return Some(one(*naming, *place, doubt, true));
    }
    if column.name != "employee_id" {
        return None;
    }
    let free = || columns.iter().enumerate().filter(|(place, _)| !taken.contains(place));
    let all = free().flat_map(|(place, column)| namings.map(|naming| (share(naming, column), naming, place)));
    if let Some((share, naming, place)) = all.max_by_key(|(share, _, place)| (*share, std::cmp::Reverse(*place)))
        && share >= MOSTLY
    {
        return Some(one(naming, place, format!("unsure: {share} % of its cells are on the roster"), false));
    }
    // Without names and roster: the first column of numbers that are not all the same.
    let is_headerless = columns.iter().all(|column| column.name.is_empty());
    let place = free().find(|(_, column)| is_headerless && column.numbers >= MOSTLY && column.is_varied())?.0;
    Some(one(Naming::Id, place, "unsure: its cells are numbers".to_owned(), false))
}

/// The words of a closed list that a column holds and are known.
fn translated(table: &Table, one: &Guessed, columns: &[Column]) -> Option<Translated> {
    let Source::Cell(place) = one.source else { return None };
    let known = WORDS.values(table.name, one.column.name);
    let canonical: &[&str] = match one.column.kind {
        Kind::Word(words) => words,
        Kind::Flag => &["y", "yes", "true", "1", "是", "n", "no", "false", "0", "否"],
        _ if known.is_some() => &["in", "out", "annual", "personal", "sick", "business-trip"],
        _ => return None,
    };
    let cells: BTreeSet<&String> = columns[place].cells.iter().collect();
    let is_canonical = |cell: &String| canonical.contains(&cell.to_lowercase().as_str());
    let foreign: Vec<&String> = cells.into_iter().filter(|cell| !is_canonical(cell)).collect();
    let meaning = |cell: &String| {
        let lower = cell.to_lowercase();
        known?.get(&lower).map(String::as_str)
    };
    let pairs: Vec<(String, &'static str)> =
        foreign.iter().filter_map(|cell| Some(((*cell).clone(), meaning(cell)?))).collect();
    let others = foreign.len() - pairs.len();
    (!foreign.is_empty()).then_some(Translated { column: one.column.name, words: pairs, others })
}
