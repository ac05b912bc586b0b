//! Swipes are reduced while they are read: chunk by chunk, to the first and last sighting of employee and day.
//!
//! Memory grows with employees × days, not with the number of swipes: the group-by has a dense key, so every worker
//! writes into one table and nothing is left to merge. One line is one record; a line that quotes a line break is
//! rejected. Of the other swipes only those at the doors and in the windows of 八.5 are kept.

use super::{
    cell::{NOT_A_TIME, Times, clean},
    chunks::{CHUNK_BYTES, Chunk, Chunks},
    doors::{DoorSwipe, Slot, Window},
    header::Layout,
    people::{self, People, Who},
    sightings::{DAY_SECONDS, Sightings},
    swipe_cells::{BETWEEN, Cells, NOBODY, Swipe},
    tidy::{FOREIGN, is_foreign},
};
use crate::schema::{
    inputs::{Rejected, Totals},
    mapping::{Mapping, Naming},
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What reading swipes needs to know.
pub(crate) struct Context<'a> {
    pub(crate) people: &'a People,
    pub(crate) mapping: &'a Mapping,
    /// How cells are put together.
    pub(crate) times: &'a Times,
    /// How a time is read that stands in its cell, or was put together.
    pub(crate) moments: &'a Times,
    /// Where sightings are noted.
    pub(crate) sightings: &'a Sightings,
    /// The day cut in force on a calendar day.
    pub(crate) day_cut: &'a (dyn Fn(NaiveDate) -> NaiveTime + Sync),
    /// Door → the windows in which 八.5 wants to know who was there.
    pub(crate) windows: &'a BTreeMap<String, Vec<Window>>,
    /// Times outside these years come from a broken clock or memory.
    pub(crate) years: (i32, i32),
}

/// What one file, or all files so far, came to.
#[derive(Default)]
pub(crate) struct Reduced {
    pub(crate) totals: Totals,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) doors: Vec<DoorSwipe>,
    pub(crate) days: BTreeSet<NaiveDate>,
    pub(crate) outside: BTreeMap<String, u64>,
}

impl Reduced {
    /// Adds another part.
    pub(crate) fn add(&mut self, other: Self) {
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
    }
}

/// Reads one file of swipes; workers reduce chunks while the next ones are read.
///
/// # Errors
/// Those of reading the file.
pub(crate) fn read(
    context: &Context<'_>,
    layout: &Layout,
    mut chunks: Chunks,
    file: u32,
    name: &str,
    on_bytes: &dyn Fn(u64),
) -> anyhow::Result<(Reduced, String)> {
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(1, 8);
    let (send, receive) = std::sync::mpsc::sync_channel::<Chunk>(workers);
    let receive = std::sync::Mutex::new(receive);
    std::thread::scope(|scope| {
        let work = || {
            let mut worker = Worker::new(context, layout, file, name);
            let mut all = Reduced::default();
            loop {
                let next = receive.lock().map_or(None, |queue| queue.recv().ok());
                let Some(chunk) = next else {
                    let slots = std::mem::take(&mut worker.slots).into_values();
                    all.doors.extend(slots.flat_map(|slot| slot.last_two.into_iter().chain(slot.after)));
                    return all;
                };
                all.add(worker.reduce(&chunk));
            }
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
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
            all.add(handle.join().map_err(|_| anyhow::anyhow!("a worker reading {name} stopped"))?);
        }
        all.rejected.sort();
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
    /// Nobody's, and no id at all.
    Foreign,
}

struct Worker<'a> {
    context: &'a Context<'a>,
    cells: Cells<'a>,
    file: u32,
    name: &'a str,
    /// Who a short number is: most readers number people, and a table is faster than a map.
    numbers: Vec<Option<Seen>>,
    cache: HashMap<Vec<u8>, Seen, foldhash::fast::RandomState>,
    /// The door that was read last, and whether 八.5 asks about it.
    door: (Vec<u8>, bool),
    /// By door and window of the door.
    slots: BTreeMap<(String, usize), Slot>,
    /// The date that was read last, as it was written, and the day cut of that day in seconds.
    date: ([u8; 10], NaiveDate),
    cut: (NaiveDate, u32),
    span: Option<(i64, i64)>,
}

impl<'a> Worker<'a> {
    fn new(context: &'a Context<'a>, layout: &'a Layout, file: u32, name: &'a str) -> Self {
        let (date, cut) = (([0; 10], NaiveDate::MIN), (NaiveDate::MIN, 0));
        Self {
            context,
            cells: Cells::new(context.mapping, layout, context.times),
            file,
            name,
            numbers: Vec::new(),
            cache: HashMap::default(),
            door: (Vec::new(), false),
            slots: BTreeMap::new(),
            date,
            cut,
            span: None,
        }
    }

    fn reduce(&mut self, chunk: &Chunk) -> Reduced {
        let mut out = Reduced::default();
        let mut line = chunk.first_line;
        let mut rest = chunk.bytes.as_slice();
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let record = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
            let this = line;
            line += 1;
            if record.is_empty() {
                continue;
            }
            out.totals.rows += 1;
            let is_tail = chunk.is_continued && this == chunk.first_line;
            let (mut quoted, composed);
            let done = if is_tail || self.cells.is_doubled(record) {
                Err(cut(&[]))
            } else if self.cells.is_composed {
                composed = self.cells.composed(record);
                let swipes = composed.as_ref().map(|all| all.iter().map(|swipe| swipe.each_ref().map(Vec::as_slice)));
                swipes.map_or_else(|| Err(cut(&[])), |swipes| self.sight_all(swipes, this, &mut out))
            } else {
                quoted = Vec::new();
                let swipe = self.cells.simple(record, &mut quoted);
                swipe.map_err(cut).and_then(|swipe| {
                    let seen = self.look(swipe)?;
                    self.note(swipe, seen, this, &mut out).count(&mut out.totals);
                    Ok(())
                })
            };
            if let Err((column, value, reason)) = done {
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
        }
        for seconds in self.span.take().into_iter().flat_map(|(first, last)| [first, last]) {
            out.totals.span = Some(out.totals.span.unwrap_or((moment_of(seconds), moment_of(seconds))));
            out.totals.see(moment_of(seconds));
        }
        out
    }

    /// Notes all swipes of a line, or none: a line whose morning cannot be read says no more about the day than none.
    fn sight_all<'r>(
        &mut self,
        swipes: impl Iterator<Item = Swipe<'r>>,
        line: u32,
        out: &mut Reduced,
    ) -> Result<(), Fault> {
        let swipes = swipes.map(|swipe| Ok((swipe, self.look(swipe)?))).collect::<Result<Vec<_>, Fault>>()?;
        let noted = swipes.into_iter().map(|(swipe, seen)| self.note(swipe, seen, line, out));
        noted.collect::<Vec<_>>().into_iter().min().unwrap_or(Noted::Used).count(&mut out.totals);
        Ok(())
    }

    /// Who swiped, and when.
    fn look(&mut self, [id, time, ..]: Swipe<'_>) -> Result<(Option<u32>, NaiveDate, u32), Fault> {
        if id.is_empty() || (id != NOBODY && id.iter().all(|byte| *byte == BETWEEN)) {
            return Err(("employee_id", String::new(), "a required value is missing".to_owned()));
        }
        let (date, seconds) = self.moment(time).ok_or_else(|| ("time", shown(time), NOT_A_TIME.to_owned()))?;
        if date != self.cut.0 {
            let year = chrono::Datelike::year(&date);
            if year < self.context.years.0 || year > self.context.years.1 {
                return Err(("time", shown(time), "a year that no working clock shows".to_owned()));
            }
            self.cut = (date, (self.context.day_cut)(date).num_seconds_from_midnight());
        }
        match self.who(id, date) {
            Seen::Unclean => Err(("employee_id", shown(id), "not a text".to_owned())),
            Seen::Foreign => Err(("employee_id", shown(id), FOREIGN.to_owned())),
            Seen::Ambiguous => Err(("employee_id", shown(id), "the name fits two people".to_owned())),
            Seen::Employee(emp) => Ok((Some(emp), date, seconds)),
            Seen::Stranger | Seen::Dated => Ok((None, date, seconds)),
        }
    }

    /// Notes what one swipe says.
    fn note(
        &mut self,
        [id, _, door, direction]: Swipe<'_>,
        (emp, date, seconds): (Option<u32>, NaiveDate, u32),
        line: u32,
        out: &mut Reduced,
    ) -> Noted {
        self.note_time(date, seconds, out);
        if !self.context.windows.is_empty() {
            self.keep_door(door, id, emp, (date, seconds), line);
        }
        let Some(emp) = emp else {
            if id == NOBODY {
                return Noted::Used;
            }
            *out.outside.entry(spoken(id)).or_default() += 1;
            return Noted::Outside;
        };
        // Before the day cut a swipe belongs to the day before.
        let cut =
            if self.cut.0 == date { self.cut.1 } else { (self.context.day_cut)(date).num_seconds_from_midnight() };
        let (day, since) =
            if seconds < cut { (date.pred_opt().unwrap_or(date), seconds + 86_400) } else { (date, seconds) };
        let is_seen = self.context.sightings.see(emp, day, since, (self.file, line), self.is_out(direction));
        if is_seen { Noted::Used } else { Noted::OutOfPeriod }
    }

    fn note_time(&mut self, date: NaiveDate, seconds: u32, out: &mut Reduced) {
        let days = date.signed_duration_since(NaiveDate::default()).num_days();
        let time = days * DAY_SECONDS + i64::from(seconds);
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
        if out.days.last() != Some(&date) {
            out.days.insert(date);
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

    /// The date and the seconds since its midnight. Rows come in time order, so most have the date of the row before.
    fn moment(&mut self, time: &[u8]) -> Option<(NaiveDate, u32)> {
        if self.context.moments.is_plain()
            && let Some((date, seconds)) =
                time.split_first_chunk::<10>().and_then(|(date, clock)| Some((date, plain_clock(clock)?)))
        {
            if self.date.0 != *date {
                self.date = (*date, super::cell::iso_date(std::str::from_utf8(date).ok()?)?);
            }
            return Some((self.date.1, seconds));
        }
        // What stands before a hole of NULs may be half a time.
        if time.contains(&0) {
            return None;
        }
        let moment = self.context.moments.moment(clean(std::str::from_utf8(time).ok()?))?;
        Some((moment.date(), moment.num_seconds_from_midnight()))
    }

    fn who(&mut self, id: &[u8], date: NaiveDate) -> Seen {
        let seen = match short_number(id) {
            Some(number) => {
                if number >= self.numbers.len() {
                    self.numbers.resize(number + 1, None);
                }
                let seen = self.numbers[number].unwrap_or_else(|| self.look_up(id, None));
                self.numbers[number] = Some(seen);
                seen
            }
            None => self.cache.get(id).copied().unwrap_or_else(|| {
                let seen = self.look_up(id, None);
                self.cache.insert(id.to_vec(), seen);
                seen
            }),
        };
        if matches!(seen, Seen::Dated) { self.look_up(id, Some(date)) } else { seen }
    }

    fn look_up(&self, id: &[u8], day: Option<NaiveDate>) -> Seen {
        if id == NOBODY {
            return Seen::Stranger;
        }
        let Ok(text) = std::str::from_utf8(id) else { return Seen::Unclean };
        let mut seen = Seen::Stranger;
        let ways = &self.cells.ways;
        let parts: Vec<&str> = if ways.len() == 1 { vec![text] } else { text.split(char::from(BETWEEN)).collect() };
        for (naming, part) in ways.iter().zip(parts) {
            // Looked at before blanks are trimmed: some of them are garbage too.
            if part.contains(|c: char| c.is_control() || c == '\u{fffd}') {
                return Seen::Unclean;
            }
            let part = clean(part);
            if part.is_empty() {
                continue;
            }
            match (self.named(*naming, part, day), seen) {
                (Seen::Stranger, _) if *naming == Naming::Id && is_foreign(part, self.context.mapping) => {
                    return Seen::Foreign;
                }
                (Seen::Stranger, _) if *naming == Naming::Id && self.cells.ways.len() > 1 => return Seen::Stranger,
                (Seen::Stranger, _) => {}
                (Seen::Ambiguous, _) => seen = Seen::Ambiguous,
                (known, _) => return known,
            }
        }
        seen
    }

    fn named(&self, naming: Naming, text: &str, day: Option<NaiveDate>) -> Seen {
        let (people, mapping) = (self.context.people, self.context.mapping);
        let strip = mapping.id_strip.as_deref().unwrap_or("");
        let bare: String = text.chars().filter(|c| !strip.contains(*c)).collect();
        let padded = format!("{bare:0>width$}", width = mapping.id_pad.unwrap_or(0));
        if day.is_none() && (people.is_dated("swipes", text) || people.is_dated("swipes", &padded)) {
            return Seen::Dated;
        }
        let who = match naming {
            Naming::Name => {
                people::named(text, &mapping.name_suffixes, |name| people.find("swipes", naming, name, day))
            }
            _ => match people.find("swipes", naming, text, day) {
                Who::Unknown => people.find("swipes", naming, &padded, day),
                who => who,
            },
        };
        match who {
            Who::Known(emp) => Seen::Employee(emp),
            Who::Ambiguous => Seen::Ambiguous,
            Who::Unknown => Seen::Stranger,
        }
    }

    fn keep_door(&mut self, door: &[u8], id: &[u8], emp: Option<u32>, (date, seconds): (NaiveDate, u32), line: u32) {
        if self.door.0 == door && !self.door.1 {
            return;
        }
        let raw = door;
        let Ok(door) = std::str::from_utf8(door) else { return };
        let door = clean(door);
        let door =
            self.context.mapping.values.get("door").and_then(|words| words.get(door)).map_or(door, String::as_str);
        let windows = self.context.windows.get(door);
        if self.door.0 != raw {
            self.door = (raw.to_vec(), windows.is_some());
        }
        let Some(windows) = windows else { return };
        let Some(time) = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).map(|clock| date.and_time(clock))
        else {
            return;
        };
        for (index, window) in windows.iter().enumerate().filter(|(_, window)| window.from <= time && time < window.to)
        {
            // An employee is one person whatever the reader calls them.
            let external = match emp {
                Some(_) => String::new(),
                None if id == NOBODY => "?".to_owned(),
                None => spoken(id),
            };
            let swipe = DoorSwipe { door: door.to_owned(), emp, external, time, file: self.file, line };
            self.slots.entry((door.to_owned(), index)).or_default().see(swipe, window.inspected_at);
        }
    }
}

/// Column, value and reason of a rejected line.
type Fault = (&'static str, String, String);

/// What a line came to; of several swipes the first of these counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Noted {
    Used,
    OutOfPeriod,
    Outside,
}

impl Noted {
    fn count(self, totals: &mut Totals) {
        match self {
            Self::Used => totals.used += 1,
            Self::OutOfPeriod => totals.out_of_period += 1,
            Self::Outside => totals.outside += 1,
        }
    }
}

fn shown(bytes: &[u8]) -> String {
    spoken(bytes).chars().filter(|c| !c.is_control()).take(40).collect()
}

/// A person's names as one text.
fn spoken(id: &[u8]) -> String {
    let text = String::from_utf8_lossy(id);
    text.split(char::from(BETWEEN)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn cut(id: &[u8]) -> Fault {
    ("", shown(id), "the row has too few or too many cells: it was cut, or two rows ran together".to_owned())
}

/// The value of an id of one to seven digits that does not begin with 0.
fn short_number(id: &[u8]) -> Option<usize> {
    if id.len() > 7 || id.first() == Some(&b'0') {
        return None;
    }
    id.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + usize::from(byte - b'0')))
}

fn moment_of(seconds: i64) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(seconds, 0).map_or(NaiveDateTime::MIN, |time| time.naive_utc())
}

/// ` HH:MM:SS` read digit by digit, as seconds; anything else is left to the general reader.
fn plain_clock(text: &[u8]) -> Option<u32> {
    let [b' ' | b'T', h1, h2, b':', n1, n2, b':', s1, s2] = text else { return None };
    let two = |tens: &u8, ones: &u8, below: u32| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        let number = u32::from(tens) * 10 + u32::from(ones);
        (tens < 10 && ones < 10 && number < below).then_some(number)
    };
    Some(two(h1, h2, 24)? * 3600 + two(n1, n2, 60)? * 60 + two(s1, s2, 60)?)
}
