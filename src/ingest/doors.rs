//! What 八.5 needs of the swipes at an area's doors, kept small while swipes are read.

use chrono::NaiveDateTime;

/// A window of 八.5: from noon to the day cut, and when the inspection was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: NaiveDateTime,
    pub(crate) inspected_at: NaiveDateTime,
    pub(crate) to: NaiveDateTime,
}

/// Of a window at a door only the last two people before the inspection matter, and whether somebody came after it.
///
/// The area's last two are among the last two of its doors, so nothing that decides is lost.
#[derive(Clone, Default)]
pub(crate) struct Slot {
    pub(crate) last_two: Vec<DoorSwipe>,
    pub(crate) after: Option<DoorSwipe>,
}

impl Slot {
    /// Notes a swipe in the window.
    pub(crate) fn see(&mut self, swipe: DoorSwipe, inspected_at: NaiveDateTime) {
        let order = |swipe: &DoorSwipe| (swipe.time, swipe.file, swipe.line);
        if swipe.time >= inspected_at {
            if self.after.as_ref().is_none_or(|after| order(&swipe) < order(after)) {
                self.after = Some(swipe);
            }
            return;
        }
        match self.last_two.iter_mut().find(|known| (known.emp, &known.external) == (swipe.emp, &swipe.external)) {
            Some(known) if order(known) < order(&swipe) => *known = swipe,
            Some(_) => {}
            None => self.last_two.push(swipe),
        }
        self.last_two.sort_by_key(|swipe| std::cmp::Reverse(order(swipe)));
        self.last_two.truncate(2);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn swipe(emp: u32, time: &str, line: u32) -> DoorSwipe {
        let time = format!("2026-10-12T{time}").parse().unwrap();
        DoorSwipe { door: "D2".into(), emp: Some(emp), external: String::new(), time, file: 0, line }
    }

    #[test]
    fn the_last_two_people_and_the_first_after_the_inspection_in_any_order() {
        let inspected: NaiveDateTime = "2026-10-12T20:00:00".parse().unwrap();
        let mut all =
            [("18:00:00", 1), ("18:30:00", 2), ("19:00:00", 1), ("17:00:00", 3), ("20:00:00", 4), ("21:00:00", 5)];
        for _ in 0..all.len() {
            all.rotate_left(1);
            let mut slot = Slot::default();
            for (line, (time, emp)) in (1..).zip(all) {
                slot.see(swipe(emp, time, line), inspected);
            }
            assert_eq!(slot.last_two.iter().map(|one| one.emp).collect::<Vec<_>>(), [Some(1), Some(2)]);
            assert_eq!(slot.after.and_then(|one| one.emp), Some(4));
        }
    }
}
