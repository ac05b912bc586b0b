//! Swipes are reduced while they are read: chunk by chunk, each to *presence* by a dataframe group-by.
//!
//! Memory grows with employees × days, not with the number of swipes. One line is one record; a line that quotes
//! a line break is rejected. Of the other swipes only those at the doors and in the windows of 八.5 are kept.

use super::{
    cell::{Times, clean},
    chunks::{CHUNK_BYTES, Chunk, Chunks},
    header::{Access, Layout},
    people::{People, Who},
};
use crate::{
    base::month::Period,
    schema::{inputs::{Rejected, Totals}, mapping::{Mapping, Naming}},
};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Seconds of a presence day that fit into a packed sighting; file numbers and lines take the rest.
const FILE_BITS: u32 = 15;
const LINE_BITS: u32 = 32;
/// Merge partial results when they hold this many rows more than after the last merge.
const MERGE_ROWS: usize = 1_500_000;

/// What reading swipes needs to know.
pub(crate) struct Context<'a> {
    pub(crate) people: &'a People,
    pub(crate) mapping: &'a Mapping,
    pub(crate) times: &'a Times,
    pub(crate) period: Period,
    /// The day cut in force on a calendar day.
    pub(crate) day_cut: &'a (dyn Fn(NaiveDate) -> NaiveTime + Sync),
    /// Door → the windows in which 八.5 wants to know who was there.
    pub(crate) windows: &'a BTreeMap<String, Vec<(NaiveDateTime, NaiveDateTime)>>,
    /// Times outside these years come from a broken clock or memory.
    pub(crate) years: (i32, i32),
}

/// A swipe at a door that 八.5 asks about.
#[derive(Clone, Debug)]
pub(crate) struct DoorSwipe {
    pub(crate) door: String,
    pub(crate) emp: Option<u32>,
    pub(crate) external: String,
    pub(crate) time: NaiveDateTime,
    pub(crate) file: u32,
    pub(crate) line: u32,
}

/// What one file, or all files so far, came to.
#[derive(Default)]
pub(crate) struct Reduced {
    pub(crate) totals: Totals,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) doors: Vec<DoorSwipe>,
    pub(crate) days: BTreeSet<NaiveDate>,
    pub(crate) outside: BTreeMap<String, u64>,
    partials: Vec<DataFrame>,
    partial_rows: usize,
    merged_rows: usize,
}

impl Reduced {
    /// Adds another part; merges the partial presences where they have become many.
    pub(crate) fn add(&mut self, other: Self) -> PolarsResult<()> {
        let (own, new) = (&mut self.totals, other.totals);
        own.rows += new.rows;
        own.used += new.used;
        own.rejected += new.rejected;
        own.outside += new.outside;
        own.out_of_period += new.out_of_period;
        for time in new.span.into_iter().flat_map(|(first, last)| [first, last]) {
            own.see(time);
        }
        self.rejected.extend(other.rejected);
        self.doors.extend(other.doors);
        self.days.extend(other.days);
        for (name, count) in other.outside {
            *self.outside.entry(name).or_default() += count;
        }
        self.partial_rows += other.partials.iter().map(DataFrame::height).sum::<usize>();
        self.partials.extend(other.partials);
        if self.partial_rows > 2 * self.merged_rows + MERGE_ROWS {
            self.merge()?;
        }
        Ok(())
    }

    fn merge(&mut self) -> PolarsResult<()> {
        if self.partials.len() < 2 {
            return Ok(());
        }
        let parts: Vec<LazyFrame> = self.partials.drain(..).map(IntoLazy::lazy).collect();
        let merged = sightings(concat(parts, UnionArgs::default())?)?;
        self.merged_rows = merged.height();
        self.partial_rows = merged.height();
        self.partials.push(merged);
        Ok(())
    }

    /// The presence of every employee and day, sorted: `emp, date, first_in, first_ref, last_seen, last_ref`.
    ///
    /// # Errors
    /// Those of the dataframe engine.
    pub(crate) fn presence(&mut self) -> PolarsResult<DataFrame> {
        self.merge()?;
        let packed = self.partials.pop().map_or_else(|| columns(&[], &[], &[]), Ok)?;
        unpack(&packed)
    }
}

/// Grain of a partial: employee × day. `key` = employee number and day, `first`/`last` = packed sightings.
fn columns(keys: &[u64], firsts: &[u64], lasts: &[u64]) -> PolarsResult<DataFrame> {
    let column = |name: &str, values: &[u64]| Column::new(name.into(), values);
    DataFrame::new(keys.len(), vec![column("key", keys), column("first", firsts), column("last", lasts)])
}

fn sightings(frame: LazyFrame) -> PolarsResult<DataFrame> {
    frame.group_by([col("key")]).agg([col("first").min(), col("last").max()]).collect()
}

/// A sighting that sorts by time, then file, then line; the time is in seconds from the presence day's midnight.
fn pack(seconds: u32, file: u32, line: u32) -> u64 {
    u64::from(seconds) << (FILE_BITS + LINE_BITS) | u64::from(file) << LINE_BITS | u64::from(line)
}

const NEVER: u64 = u64::MAX;

fn unpack(packed: &DataFrame) -> PolarsResult<DataFrame> {
    let values = |name: &str| -> PolarsResult<Vec<u64>> { Ok(packed.column(name)?.u64()?.iter().flatten().collect()) };
    let (keys, firsts, lasts) = (values("key")?, values("first")?, values("last")?);
    let day = |key: u64| (key & u64::from(u32::MAX)) as i32;
    let time = |key: u64, sighting: u64| {
        let seconds = i64::from(day(key)) * 86_400 + i64::try_from(sighting >> (FILE_BITS + LINE_BITS)).unwrap_or(0);
        seconds * 1_000_000
    };
    let row_ref = |sighting: u64| sighting & ((1 << (FILE_BITS + LINE_BITS)) - 1);
    let micros = DataType::Datetime(TimeUnit::Microseconds, None);
    let pairs = || keys.iter().zip(&firsts);
    let seen = |(_, first): &(&u64, &u64)| **first != NEVER;
    let first_in: Vec<Option<i64>> = pairs().map(|pair| seen(&pair).then(|| time(*pair.0, *pair.1))).collect();
    let first_ref: Vec<Option<u64>> = pairs().map(|pair| seen(&pair).then(|| row_ref(*pair.1))).collect();
    let last_seen: Vec<i64> = keys.iter().zip(&lasts).map(|(key, last)| time(*key, *last)).collect();
    let frame = DataFrame::new(
        keys.len(),
        vec![
            Column::new("emp".into(), keys.iter().map(|key| (key >> 32) as u32).collect::<Vec<_>>()),
            Column::new("date".into(), keys.iter().map(|key| day(*key)).collect::<Vec<_>>()).cast(&DataType::Date)?,
            Column::new("first_in".into(), first_in).cast(&micros)?,
            Column::new("first_ref".into(), first_ref),
            Column::new("last_seen".into(), last_seen).cast(&micros)?,
            Column::new("last_ref".into(), lasts.iter().map(|last| row_ref(*last)).collect::<Vec<_>>()),
        ],
    )?;
    Ok(frame)
}

/// Reads one file of swipes; two workers reduce chunks while the next ones are read.
///
/// # Errors
/// Those of reading the file, as text.
pub(crate) fn read(
    context: &Context<'_>,
    layout: &Layout,
    chunks: Chunks,
    file: u32,
    name: &str,
    on_bytes: &dyn Fn(u64),
) -> anyhow::Result<(Reduced, String)> {
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(1, 8);
    let (send, receive) = std::sync::mpsc::sync_channel::<Chunk>(workers);
    let receive = std::sync::Mutex::new(receive);
    std::thread::scope(|scope| {
        let work = || -> PolarsResult<Reduced> {
            let mut worker = Worker::new(context, layout, file, name);
            let mut all = Reduced::default();
            loop {
                let next = receive.lock().map_or(None, |queue| queue.recv().ok());
                let Some(chunk) = next else { return Ok(all) };
                all.add(worker.reduce(&chunk)?)?;
            }
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let mut chunks = chunks;
        let mut failure = None;
        loop {
            match chunks.next_chunk() {
                Ok(Some(chunk)) => {
                    on_bytes(CHUNK_BYTES as u64);
                    if send.send(chunk).is_err() {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        drop(send);
        let mut all = Reduced::default();
        for handle in handles {
            let part = handle.join().map_err(|_| anyhow::anyhow!("a worker reading {name} stopped"))??;
            all.add(part)?;
        }
        match failure {
            Some(error) => Err(error.into()),
            None => Ok((all, chunks.sha256())),
        }
    })
}

#[derive(Clone, Copy)]
enum Seen {
    Employee(u32),
    Stranger,
    /// Depends on the day: ask each time.
    Dated,
    Ambiguous,
    Unclean,
}

struct Worker<'a> {
    context: &'a Context<'a>,
    layout: &'a Layout,
    file: u32,
    name: &'a str,
    /// Positions of id, time, door and direction.
    places: [Option<usize>; 4],
    cache: HashMap<Vec<u8>, Seen, foldhash::fast::RandomState>,
    cut: (NaiveDate, u32),
}

impl<'a> Worker<'a> {
    fn new(context: &'a Context<'a>, layout: &'a Layout, file: u32, name: &'a str) -> Self {
        let place = |access: &Option<Access>| match access {
            Some(Access::Cell(index)) => Some(*index),
            Some(Access::Person(ways)) => ways.first().map(|(_, index)| *index),
            _ => None,
        };
        let places = std::array::from_fn(|index| place(&layout.columns[index]));
        Self { context, layout, file, name, places, cache: HashMap::default(), cut: (NaiveDate::MIN, 0) }
    }

    fn reduce(&mut self, chunk: &Chunk) -> PolarsResult<Reduced> {
        let mut out = Reduced::default();
        let room = chunk.bytes.len() / 32;
        let (mut keys, mut firsts, mut lasts) = (Vec::with_capacity(room), Vec::with_capacity(room), Vec::with_capacity(room));
        let mut line = chunk.first_line;
        for record in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            let this = line;
            line += 1;
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let record = record.strip_suffix(b"\r").unwrap_or(record);
            if record.is_empty() {
                continue;
            }
            out.totals.rows += 1;
            let quoted;
            let mut cells: [&[u8]; 4] = [&[]; 4];
            let is_cut = if self.context.mapping.quoting != Some(false) && record.contains(&b'"') {
                quoted = unquoted(record, self.layout.delimiter);
                !self.pick(quoted.iter().map(Vec::as_slice), &mut cells)
            } else {
                !self.pick(record.split(|byte| *byte == self.layout.delimiter), &mut cells)
            };
            match self.sight(cells, is_cut, this, &mut out) {
                Err((column, value, reason)) => {
                    out.totals.rejected += 1;
                    out.rejected.push(Rejected {
                        source: "swipes".to_owned(),
                        file: self.name.to_owned(),
                        line: u64::from(this),
                        column: column.to_owned(),
                        value,
                        reason,
                    });
                }
                Ok(None) => {}
                Ok(Some((key, sighting, is_out))) => {
                    keys.push(key);
                    firsts.push(if is_out { NEVER } else { sighting });
                    lasts.push(sighting);
                }
            }
        }
        let partial = sightings(columns(&keys, &firsts, &lasts)?.lazy())?;
        out.partial_rows = partial.height();
        out.partials.push(partial);
        Ok(out)
    }

    /// Fills the four cells from a record's fields; false where the record is too short.
    fn pick<'r>(&self, fields: impl Iterator<Item = &'r [u8]>, cells: &mut [&'r [u8]; 4]) -> bool {
        *cells = [&[]; 4];
        let mut missing = self.places.iter().flatten().count();
        for (index, field) in fields.enumerate() {
            for (place, cell) in self.places.iter().zip(cells.iter_mut()) {
                if *place == Some(index) {
                    *cell = field.trim_ascii();
                    missing -= 1;
                }
            }
            if missing == 0 {
                return true;
            }
        }
        false
    }

    /// What one record says: nothing to count here, or a sighting of an employee.
    fn sight(
        &mut self,
        [id, time, door, direction]: [&[u8]; 4],
        is_cut: bool,
        line: u32,
        out: &mut Reduced,
    ) -> Result<Option<(u64, u64, bool)>, (&'static str, String, String)> {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(40).collect::<String>();
        if is_cut {
            return Err(("", shown(id), "the row has too few cells: it was cut".to_owned()));
        }
        if id.is_empty() {
            return Err(("employee_id", String::new(), "a required value is missing".to_owned()));
        }
        let moment = self.moment(time).ok_or_else(|| ("time", shown(time), "not a time".to_owned()))?;
        let year = chrono::Datelike::year(&moment);
        if year < self.context.years.0 || year > self.context.years.1 {
            return Err(("time", shown(time), "a year that no working clock shows".to_owned()));
        }
        let who = self.who(id, moment);
        match who {
            Seen::Unclean => return Err(("employee_id", shown(id), "not a text".to_owned())),
            Seen::Ambiguous => return Err(("employee_id", shown(id), "the name fits two people".to_owned())),
            _ => {}
        }
        out.totals.see(moment);
        if !out.days.contains(&moment.date()) {
            out.days.insert(moment.date());
        }
        let emp = if let Seen::Employee(emp) = who { Some(emp) } else { None };
        if !self.context.windows.is_empty() {
            self.keep_door(door, id, emp, moment, line, out);
        }
        let Some(emp) = emp else {
            out.totals.outside += 1;
            *out.outside.entry(String::from_utf8_lossy(id).into_owned()).or_default() += 1;
            return Ok(None);
        };
        let (day, seconds) = self.presence_day(moment);
        if !self.context.period.contains(day) {
            out.totals.out_of_period += 1;
            return Ok(None);
        }
        out.totals.used += 1;
        let days = day.signed_duration_since(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default()).num_days();
        let key = u64::from(emp) << 32 | u64::try_from(days).unwrap_or(0);
        Ok(Some((key, pack(seconds, self.file, line), self.is_out(direction))))
    }

    /// The presence day of a moment, and the seconds since that day's midnight.
    fn presence_day(&mut self, moment: NaiveDateTime) -> (NaiveDate, u32) {
        let date = moment.date();
        if self.cut.0 != date {
            self.cut = (date, (self.context.day_cut)(date).num_seconds_from_midnight());
        }
        let seconds = moment.num_seconds_from_midnight();
        if seconds < self.cut.1 {
            (date.pred_opt().unwrap_or(date), seconds + 86_400)
        } else {
            (date, seconds)
        }
    }

    fn is_out(&self, direction: &[u8]) -> bool {
        if direction.is_empty() {
            return false;
        }
        let text = String::from_utf8_lossy(direction);
        let word = clean(&text);
        let words = self.context.mapping.values.get("direction");
        words.and_then(|words| words.get(word)).map_or(word, String::as_str).eq_ignore_ascii_case("out")
    }

    fn moment(&self, time: &[u8]) -> Option<NaiveDateTime> {
        if self.context.times.is_plain()
            && let Some(moment) = plain_moment(time)
        {
            return Some(moment);
        }
        self.context.times.moment(clean(std::str::from_utf8(time).ok()?))
    }

    fn who(&mut self, id: &[u8], moment: NaiveDateTime) -> Seen {
        let known = self.cache.get(id).copied();
        let seen = known.unwrap_or_else(|| {
            let seen = self.look_up(id, None);
            self.cache.insert(id.to_vec(), seen);
            seen
        });
        if matches!(seen, Seen::Dated) { self.look_up(id, Some(moment.date())) } else { seen }
    }

    fn look_up(&self, id: &[u8], day: Option<NaiveDate>) -> Seen {
        let Ok(text) = std::str::from_utf8(id) else { return Seen::Unclean };
        if text.contains(|c: char| c.is_control() || c == '\u{fffd}') {
            return Seen::Unclean;
        }
        let (people, mapping) = (self.context.people, self.context.mapping);
        let text = clean(text);
        let strip = mapping.id_strip.as_deref().unwrap_or("");
        let bare: String = text.chars().filter(|c| !strip.contains(*c)).collect();
        let padded = format!("{bare:0>width$}", width = mapping.id_pad.unwrap_or(0));
        if day.is_none() && (people.is_dated("swipes", text) || people.is_dated("swipes", &padded)) {
            return Seen::Dated;
        }
        let naming = match &self.layout.columns[0] {
            Some(Access::Person(ways)) => ways.first().map_or(Naming::Id, |(naming, _)| *naming),
            _ => mapping.person.unwrap_or_default(),
        };
        let who = match people.find("swipes", naming, text, day) {
            Who::Unknown => people.find("swipes", naming, &padded, day),
            who => who,
        };
        match who {
            Who::Known(emp) => Seen::Employee(emp),
            Who::Ambiguous => Seen::Ambiguous,
            Who::Unknown => Seen::Stranger,
        }
    }

    fn keep_door(&self, door: &[u8], id: &[u8], emp: Option<u32>, time: NaiveDateTime, line: u32, out: &mut Reduced) {
        let door = String::from_utf8_lossy(door);
        let door = clean(&door);
        let door = self.context.mapping.values.get("door").and_then(|words| words.get(door)).map_or(door, String::as_str);
        let windows = self.context.windows.get(door);
        if windows.is_some_and(|windows| windows.iter().any(|(from, to)| *from <= time && time < *to)) {
            out.doors.push(DoorSwipe {
                door: door.to_owned(),
                emp,
                external: String::from_utf8_lossy(id).into_owned(),
                time,
                file: self.file,
                line,
            });
        }
    }
}

/// `YYYY-MM-DD HH:MM:SS` read digit by digit; anything else is left to the general reader.
fn plain_moment(text: &[u8]) -> Option<NaiveDateTime> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ' | b'T', h1, h2, b':', n1, n2, b':', s1, s2] = text else {
        return None;
    };
    let two = |tens: &u8, ones: &u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    let year = i32::try_from(two(y1, y2)? * 100 + two(y3, y4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, two(m1, m2)?, two(d1, d2)?)?;
    date.and_hms_opt(two(h1, h2)?, two(n1, n2)?, two(s1, s2)?)
}

fn unquoted(record: &[u8], delimiter: u8) -> Vec<Vec<u8>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(record);
    let first = reader.byte_records().next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(<[u8]>::to_vec).collect()
}

/// The presence that approved make-up punches add to the swipes' presence (2.2): punches are swipes.
///
/// `punches` has `emp, time, direction, approved_at, ref`.
///
/// # Errors
/// Those of the dataframe engine.
pub(crate) fn with_punches(
    reduced: &mut Reduced,
    punches: &DataFrame,
    period: &Period,
    day_cut: &dyn Fn(NaiveDate) -> NaiveTime,
) -> PolarsResult<()> {
    let approved = punches.clone().lazy().filter(col("approved_at").is_not_null()).collect()?;
    let (emps, times) = (approved.column("emp")?.u32()?.clone(), approved.column("time")?.datetime()?.clone());
    let (directions, refs) = (approved.column("direction")?.str()?.clone(), approved.column("ref")?.u64()?.clone());
    let (mut keys, mut firsts, mut lasts) = (Vec::new(), Vec::new(), Vec::new());
    let rows = emps.iter().zip(times.physical().iter()).zip(directions.iter()).zip(refs.iter());
    for (((emp, micros), direction), row) in rows {
        let (Some(emp), Some(micros), Some(row)) = (emp, micros, row) else { continue };
        let Some(moment) = chrono::DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc()) else { continue };
        let date = moment.date();
        let is_early = moment.time() < day_cut(date);
        let day = if is_early { date.checked_sub_days(Days::new(1)).unwrap_or(date) } else { date };
        if !period.contains(day) {
            continue;
        }
        let seconds = moment.num_seconds_from_midnight() + if is_early { 86_400 } else { 0 };
        let days = day.signed_duration_since(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default()).num_days();
        keys.push(u64::from(emp) << 32 | u64::try_from(days).unwrap_or(0));
        let sighting = u64::from(seconds) << (FILE_BITS + LINE_BITS) | row;
        firsts.push(if direction.is_some_and(|word| word.eq_ignore_ascii_case("out")) { NEVER } else { sighting });
        lasts.push(sighting);
    }
    let partial = sightings(columns(&keys, &firsts, &lasts)?.lazy())?;
    reduced.partial_rows += partial.height();
    reduced.partials.push(partial);
    Ok(())
}
