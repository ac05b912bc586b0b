//! Id, time, door and direction of a line of swipes: as they stand, or put together, or several of a wide line.

use super::{
    access::Access,
    cell::{Times, clean},
    header::Layout,
    records::split,
};
use crate::schema::mapping::{Mapping, Naming, Quoting};

/// Between the names of one person in several columns.
pub(crate) const BETWEEN: u8 = 0x1f;

/// The cells of one swipe.
pub(crate) type Swipe<'r> = [&'r [u8]; 4];

/// How the cells of a line are found.
pub(crate) struct Cells<'a> {
    mapping: &'a Mapping,
    layout: &'a Layout,
    times: &'a Times,
    /// Places of id, time, door and direction.
    places: [Option<usize>; 4],
    last_place: usize,
    /// Whether some cell is put together from several, or means another text.
    pub(crate) is_composed: bool,
    /// How the id names a person, in the order of its parts.
    pub(crate) ways: Vec<Naming>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(mapping: &'a Mapping, layout: &'a Layout, times: &'a Times) -> Self {
        let place = |access: &Option<Access>| match access {
            Some(Access::Cell(index)) => Some(*index),
            Some(Access::Person(ways)) => ways.first().map(|(_, index)| *index),
            _ => None,
        };
        let places: [Option<usize>; 4] = std::array::from_fn(|index| place(&layout.columns[index]));
        let ways = match &layout.columns[0] {
            Some(Access::Person(ways)) => ways.iter().map(|(naming, _)| *naming).collect(),
            _ => vec![mapping.person.unwrap_or_default()],
        };
        let is_simple = |access: &Access| matches!(access, Access::Cell(_) | Access::Person(_));
        let is_bare = mapping.empty.is_empty() && mapping.nobody.is_empty() && mapping.silent_without.is_empty();
        let is_one = layout.each.is_empty() && ways.len() == 1;
        let is_composed = !(is_bare && is_one && layout.columns.iter().flatten().all(is_simple));
        let last_place = places.iter().flatten().copied().max().unwrap_or(0);
        Self { mapping, layout, times, places, last_place, is_composed, ways }
    }

    /// Whether two rows ran together: half as many cells again as a row has.
    pub(crate) fn is_doubled(&self, record: &[u8]) -> bool {
        let most = self.layout.names + self.layout.names / 2;
        self.layout.names > 2 && memchr::memchr_iter(self.layout.delimiter, record).count() >= most
    }

    /// The cells of a line as they stand; of one that is too short the id, if it has it.
    pub(crate) fn simple<'r>(&self, record: &'r [u8], quoted: &'r mut Vec<Vec<u8>>) -> Result<Swipe<'r>, &'r [u8]> {
        let mut cells = [[].as_slice(); 4];
        let is_whole = if self.mapping.quoting != Some(Quoting::Never) && memchr::memchr(b'"', record).is_some() {
            *quoted = split(record, self.layout.delimiter, self.mapping);
            self.pick(quoted.iter().map(Vec::as_slice), &mut cells)
        } else {
            self.pick(Fields { rest: Some(record), delimiter: self.layout.delimiter }, &mut cells)
        };
        if is_whole { Ok(cells) } else { Err(cells[0]) }
    }

    /// Fills the four cells from a record's fields; false where the record is too short.
    fn pick<'r>(&self, fields: impl Iterator<Item = &'r [u8]>, cells: &mut Swipe<'r>) -> bool {
        for (index, field) in fields.enumerate() {
            for (place, cell) in self.places.iter().zip(cells.iter_mut()) {
                if *place == Some(index) {
                    *cell = field.trim_ascii();
                }
            }
            if index == self.last_place {
                return true;
            }
        }
        false
    }

    /// The cells of every swipe of a line, without those that say nothing; `None` where the line is too short.
    pub(crate) fn composed(&self, record: &[u8]) -> Option<Vec<[Vec<u8>; 4]>> {
        let fields = if self.mapping.quoting == Some(Quoting::Never) {
            record.split(|byte| *byte == self.layout.delimiter).map(<[u8]>::to_vec).collect()
        } else {
            split(record, self.layout.delimiter, self.mapping)
        };
        if fields.len() < self.layout.width() {
            return None;
        }
        let fields: Vec<String> = fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        let cell = |place: usize| {
            let text = fields.get(place).map_or("", |field| clean(field));
            if self.mapping.empty.iter().any(|word| word == text) { "" } else { text }
        };
        let text = |access: &Option<Access>| match access {
            None => Vec::new(),
            Some(Access::Person(ways)) => {
                let parts: Vec<&[u8]> = ways.iter().map(|(_, place)| cell(*place).as_bytes()).collect();
                parts.join(&BETWEEN)
            }
            Some(access) => access.text(fields.len(), cell, self.times).into_bytes(),
        };
        let own = std::slice::from_ref(&self.layout.columns);
        let readings = if self.layout.each.is_empty() { own } else { &self.layout.each };
        let swipe = |columns: &Vec<Option<Access>>| -> [Vec<u8>; 4] { std::array::from_fn(|at| text(&columns[at])) };
        let mut swipes: Vec<[Vec<u8>; 4]> = readings.iter().map(swipe).collect();
        let can_be_silent = !self.layout.each.is_empty() || !self.mapping.silent_without.is_empty();
        if can_be_silent && fields.iter().any(|field| !field.trim().is_empty()) {
            swipes.retain(|[_, time, ..]| !time.is_empty());
        }
        let is_nobody = |id: &[u8]| self.mapping.nobody.iter().any(|word| word.as_bytes() == id);
        if !self.mapping.nobody.is_empty() {
            swipes.iter_mut().filter(|[id, ..]| is_nobody(id)).for_each(|[id, ..]| *id = NOBODY.to_vec());
        }
        Some(swipes)
    }
}

/// The id of a swipe that nobody is known to have made.
pub(crate) const NOBODY: &[u8] = b"\x1fnobody";

/// The fields of a record without quotes.
struct Fields<'r> {
    rest: Option<&'r [u8]>,
    delimiter: u8,
}

impl<'r> Iterator for Fields<'r> {
    type Item = &'r [u8];

    fn next(&mut self) -> Option<&'r [u8]> {
        let rest = self.rest?;
        match memchr::memchr(self.delimiter, rest) {
            Some(end) => {
                self.rest = Some(&rest[end + 1..]);
                Some(&rest[..end])
            }
            None => self.rest.take(),
        }
    }
}
