//! The rows of a generated month that say who was where: staff, doors, notices, visits, meetings, calls, inspections.

use super::{Dice, Month, Workdays};
use chrono::{Days, Months, NaiveDate, NaiveTime};
use std::collections::{BTreeMap, BTreeSet};

/// Fills every source for both groups.
pub(super) fn fill(month: &mut Month, dice: &mut Dice) {
    let workdays = Workdays::new();
    let days: Vec<NaiveDate> = month.days().filter(|day| workdays.has(*day) && !month.outages.contains(day)).collect();
    // On some days nobody at all comes by, not even before dawn.
    let silent: BTreeSet<NaiveDate> =
        month.days().filter(|day| month.outages.contains(day) || !workdays.has(*day) && dice.chance(40)).collect();
    for group in ['A', 'B'] {
        let staff = BTreeMap::new();
        let (days, silent, away) = (days.clone(), silent.clone(), BTreeSet::new());
        let mut maker = Maker { month, dice, workdays: &workdays, days, silent, group, staff, away, numbers: 0 };
        maker.staff();
        maker.meetings();
        maker.calls();
        maker.inspections();
        super::papers::fill(&mut maker);
        maker.notices_and_visits();
        maker.doors();
    }
}

/// Makes the rows of a group. Its people are 01 (the manager) to 10.
pub(super) struct Maker<'a> {
    pub(super) month: &'a mut Month,
    pub(super) dice: &'a mut Dice,
    pub(super) workdays: &'a Workdays,
    /// The working days on which people are judged.
    pub(super) days: Vec<NaiveDate>,
    /// Days without a swipe.
    silent: BTreeSet<NaiveDate>,
    pub(super) group: char,
    /// From when to when each is employed.
    pub(super) staff: BTreeMap<usize, (NaiveDate, Option<NaiveDate>)>,
    /// Who is nowhere to be seen on which day.
    away: BTreeSet<(usize, NaiveDate)>,
    numbers: usize,
}

/// A moment with odd seconds, so many minutes after midnight.
pub(super) fn at(day: NaiveDate, minutes: i64) -> String {
    let moment = day.and_time(NaiveTime::MIN) + chrono::Duration::seconds(minutes * 60 + minutes * 17 % 60);
    moment.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment on the minute.
pub(super) fn sharp(day: NaiveDate, minutes: i64) -> String {
    (day.and_time(NaiveTime::MIN) + chrono::Duration::minutes(minutes)).format("%Y-%m-%d %H:%M").to_string()
}

impl Maker<'_> {
    pub(super) fn id(&self, number: usize) -> String {
        format!("{}{number:02}", self.group)
    }

    /// Anybody but the manager.
    pub(super) fn anyone(&mut self) -> String {
        let number = 2 + self.dice.below(9);
        self.id(number)
    }

    pub(super) fn day(&mut self) -> NaiveDate {
        *self.dice.pick(&self.days)
    }

    /// A new id of this group.
    pub(super) fn code(&mut self, kind: &str) -> String {
        self.numbers += 1;
        format!("{kind}{}{:03}", self.group, self.numbers)
    }

    pub(super) fn add(&mut self, source: &'static str, cells: &[(&'static str, &str)]) {
        self.month.add(self.group, source, cells);
    }

    /// A moment of a day, or nothing.
    pub(super) fn perhaps(&mut self, percent: usize, day: NaiveDate, minutes: i64) -> String {
        if self.dice.chance(percent) { at(day, minutes) } else { String::new() }
    }

    fn staff(&mut self) {
        let (first, last) = (self.month.first, self.month.last);
        let old = |number: u32| NaiveDate::from_ymd_opt(2012 + i32::try_from(number).unwrap_or(0), 3, 5);
        let middle = self.days[self.days.len() / 2];
        let inside = first + Days::new(16 + self.dice.below(10) as u64);
        let lawful = first + Days::new(5 + self.dice.below(15) as u64);
        let before = |day: NaiveDate, months| day.checked_sub_months(Months::new(months)).expect("a date");
        for number in 1..=10_usize {
            let mut hired = old(u32::try_from(number).unwrap_or(0)).expect("a date");
            let (mut left, mut ends, mut confirmed, mut months) = (None, None, None, "36");
            match number {
                7 => left = Some(self.days[self.days.len() - 1 - self.dice.below(8)]),
                8 => (hired, ends, months) = (before(lawful, 2), Some(lawful + Days::new(20)), "24"),
                9 => (hired, ends, months) = (before(inside, 3), Some(inside), ""),
                10 => (hired, ends, confirmed) = (before(first, 2), Some(last + Days::new(30)), Some(middle)),
                6 if self.dice.chance(30) => hired = middle,
                _ => {}
            }
            self.staff.insert(number, (hired, left));
            let (id, manager) = (self.id(number), self.id(1));
            let wage = format!("{}.{:02}", 200 + self.dice.below(4000), self.dice.below(100));
            let shown = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
            let cells = [
                ("employee_id", id.clone()),
                ("name", format!("员工{id}")),
                ("department", format!("{}部", self.group)),
                ("position", "工程师".to_owned()),
                ("manager_id", if number == 1 { String::new() } else { manager }),
                ("email", format!("{id}@example.com")),
                ("hire_date", hired.to_string()),
                ("leave_date", shown(left)),
                ("probation_end", shown(ends)),
                ("confirmed_on", shown(confirmed)),
                ("contract_months", months.to_owned()),
                ("monthly_wage", if self.dice.chance(80) { wage } else { String::new() }),
                ("site", format!("{}址", self.group)),
                ("swipe_exempt", if number == 1 { "y" } else { "n" }.to_owned()),
            ];
            self.add("employees", &cells.each_ref().map(|(name, cell)| (*name, cell.as_str())));
            let signed = if number == 3 { middle } else { hired };
            if number != 5 || self.dice.chance(70) {
                self.add("acknowledgements", &[("employee_id", &id), ("signed_on", &signed.to_string())]);
            }
        }
        let card = format!("CARD-{}02", self.group);
        let owner = self.id(2);
        self.add("identities", &[("source", "swipes"), ("external_id", &card), ("employee_id", &owner)]);
        for source in ["leaves", "notices"] {
            let through = (last + Days::new(2)).to_string();
            self.add("closures", &[("source", source), ("through", &through), ("closed_by", &owner)]);
        }
        let fund = [("date", first.to_string()), ("kind", "opening".to_owned()), ("amount", "100.00".to_owned())];
        self.add("fund", &fund.each_ref().map(|(name, cell)| (*name, cell.as_str())));
    }

    /// The doors, day by day; never so few people, nor so many late, that a day is suspended but by an outage.
    fn doors(&mut self) {
        let is_duty = |day: &NaiveDate| !self.workdays.has(*day) && !self.silent.contains(day);
        let duty = self.month.days().find(is_duty).expect("a day off");
        let rosters = self.rosters(duty);
        let first_outage = self.month.outages.first().copied();
        for day in self.month.days().collect::<Vec<_>>() {
            let is_outage = self.month.outages.contains(&day);
            let (mut absent, mut late) = (1, 2);
            for number in 1..=10 {
                let (hired, left) = self.staff[&number];
                let start = rosters.get(&(number, day)).copied();
                let is_on = start.unwrap_or_else(|| self.workdays.has(day).then_some(510));
                let is_cut = is_outage && (Some(day) == first_outage || number > 3);
                let Some(start) = is_on.filter(|_| !is_cut && hired <= day && left.is_none_or(|left| day <= left))
                else {
                    continue;
                };
                let is_safe = day == duty;
                let is_away = self.away.contains(&(number, day));
                let minute = if is_away || absent > 0 && !is_safe && self.dice.chance(6) {
                    absent = 0;
                    None
                } else if late > 0 && !is_safe && self.dice.chance(if number == 2 { 60 } else { 14 }) {
                    late -= 1;
                    let beyond = self.dice.chance(12);
                    let minutes = if beyond { self.dice.minutes(31, 300) } else { self.dice.minutes(1, 33) };
                    Some(start + minutes)
                } else {
                    Some(start - self.dice.minutes(0, 40))
                };
                let Some(minute) = minute else { continue };
                self.comes_and_goes(number, day, minute);
            }
            let guest = format!("X-{}", self.group);
            if !self.silent.contains(&day) {
                self.swipe(&guest, day, 300, 0, "");
            }
            if self.dice.chance(15) && !self.silent.contains(&day) {
                let minute = self.dice.minutes(1000, 1400);
                self.swipe(&guest, day, minute, 1, "");
            }
        }
        // The doors go on after the month, which proves it.
        let guest = format!("X-{}", self.group);
        let next = self.month.last + Days::new(1);
        self.swipe(&guest, next, 540, 1, "in");
    }

    fn comes_and_goes(&mut self, number: usize, day: NaiveDate, minute: i64) {
        let id = self.id(number);
        let card = format!("CARD-{}02", self.group);
        let shown = if number == 2 && self.dice.chance(30) { card } else { id.clone() };
        let way = *self.dice.pick(&["in", ""]);
        match self.dice.below(40) {
            // Forgot to swipe in: made up for, perhaps approved.
            0 => {
                let approved = self.perhaps(60, day, 1000);
                let cells = [("employee_id", id.as_str()), ("time", &at(day, 500)), ("approved_at", &approved)];
                self.add("punches", &cells);
            }
            _ => self.swipe(&shown, day, minute, 1 + number % 2, way),
        }
        let leaves = match self.dice.below(20) {
            0..2 => return,
            2 if !self.silent.contains(&(day + Days::new(1))) => self.dice.minutes(1450, 1650),
            _ => self.dice.minutes(1050, 1270),
        };
        let door = 1 + self.dice.below(2);
        let way = *self.dice.pick(&["out", ""]);
        self.swipe(&id, day, leaves, door, way);
    }

    fn swipe(&mut self, who: &str, day: NaiveDate, minute: i64, door: usize, way: &str) {
        let (time, door) = (at(day, minute), format!("{}{door}", self.group));
        self.add("swipes", &[("employee_id", who), ("time", &time), ("door", &door), ("direction", way)]);
    }

    /// Others' hours, a day off, and two on duty on a day off: the start of work in minutes, `None` a day off.
    fn rosters(&mut self, duty: NaiveDate) -> BTreeMap<(usize, NaiveDate), Option<i64>> {
        let mut rosters = BTreeMap::from([((2, duty), Some(510)), ((4, duty), Some(510))]);
        for start in [Some(570), Some(570), Some(480), None] {
            let (number, day) = (2 + self.dice.below(8), self.day());
            rosters.entry((number, day)).or_insert(start);
        }
        for ((number, day), start) in &rosters {
            let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
            let (start, end) = start.map_or_else(Default::default, |start| (clock(start), clock(start + 540)));
            let (id, day) = (self.id(*number), day.to_string());
            self.add("rosters", &[("employee_id", &id), ("date", &day), ("work_start", &start), ("work_end", &end)]);
        }
        rosters
    }

    fn notices_and_visits(&mut self) {
        for round in 0..7 {
            let (id, day) = (self.anyone(), self.day());
            let notified = at(day, self.dice.minutes(480, 545));
            let kind = if round < 5 { "field" } else { "late" };
            let day = day.to_string();
            let cells = [("employee_id", id.as_str()), ("date", &day), ("notified_at", &notified), ("kind", kind)];
            let is_new = !self.month.rows("notices").iter().any(|line| {
                line.cells["employee_id"] == id && line.cells["date"] == day && line.cells["notified_at"] == notified
            });
            if is_new {
                self.add("notices", &cells);
            }
        }
        for _ in 0..5 {
            let (id, day) = (self.anyone(), self.day());
            let start = *self.dice.pick(&[480, 500, 530, 800]);
            self.visit(&id, day, start, start + 90);
        }
        // Somebody who came late was at a customer's.
        for _ in 0..2 {
            let (id, day) = (self.id(2), self.day());
            self.visit(&id, day, 480, 560);
        }
    }

    pub(super) fn visit(&mut self, id: &str, day: NaiveDate, start: i64, end: i64) {
        let visit = self.code("V");
        let (start, end) = (at(day, start), at(day, end));
        self.add("visits", &[("visit_id", &visit), ("employee_id", id), ("start", &start), ("end", &end)]);
    }

    fn meetings(&mut self) {
        for round in 0..7 {
            let meeting = self.code("M");
            let (mut day, start) = (self.day(), [840, 510, 600, 510, 840, 900, 900][round]);
            if round == 5 {
                day = self.month.days().find(|day| !self.workdays.has(*day)).expect("a day off");
            }
            if round == 4 {
                day = *self.month.outages.last().expect("an outage");
            }
            let ends = self.dice.chance(80);
            let end = if ends { sharp(day, start + 90) } else { String::new() };
            let mandatory = if round == 6 { "n" } else { "y" };
            let start_at = sharp(day, start);
            let cells = [("meeting_id", meeting.as_str()), ("title", "例会"), ("start", &start_at), ("end", &end)];
            self.add("meetings", &[cells.as_slice(), &[("kind", "meeting"), ("mandatory", mandatory)]].concat());
            let (mut absent, mut late) = (2, 3);
            for number in 1..=10 {
                let id = self.id(number);
                let notified = match self.dice.below(20) {
                    0 => String::new(),
                    1 => sharp(day, start + 5),
                    _ => sharp(day, start - 300),
                };
                let invited = [("meeting_id", meeting.as_str()), ("employee_id", &id), ("notified_at", &notified)];
                self.add("invitations", &invited);
                // The third report was cut off.
                if round == 2 && number != 2 {
                    continue;
                }
                let minute = if absent > 0 && self.dice.chance(15) {
                    absent -= 1;
                    self.misses(number, (day, start));
                    continue;
                } else if late > 0 && self.dice.chance(20) {
                    late -= 1;
                    start + self.dice.minutes(0, 40)
                } else {
                    start - self.dice.minutes(1, 30)
                };
                let time = at(day, minute);
                self.add("checkins", &[("meeting_id", &meeting), ("employee_id", &id), ("time", &time)]);
            }
        }
    }

    /// Who misses a meeting may be away all day, or have a leave that nobody approved in time, or both.
    fn misses(&mut self, number: usize, (day, start): (NaiveDate, i64)) {
        let way = self.dice.below(8);
        let is_free = self.workdays.has(day) && self.away.iter().all(|(_, taken)| *taken != day);
        if matches!(way, 0 | 1) && is_free {
            self.away.insert((number, day));
        }
        if matches!(way, 1 | 2) {
            let (leave, id) = (self.code("L"), self.id(number));
            let (start, end) = (sharp(day, start - 60), sharp(day, start + 60));
            let cells = [("leave_id", leave.as_str()), ("employee_id", &id), ("type", "personal")];
            self.add("leaves", &[cells.as_slice(), &[("start", &start), ("end", &end)]].concat());
        }
    }

    fn calls(&mut self) {
        for round in 0..16 {
            let contact = self.code("C");
            // The third does not answer.
            let id = if round < 6 { self.id(3) } else { self.anyone() };
            let mut day = self.day();
            if round == 15 {
                day = self.month.days().find(|day| !self.workdays.has(*day)).expect("a day off");
            }
            let minute = self.dice.minutes(500, if round < 6 { 1040 } else { 1100 });
            let is_answered = round >= 6 && self.dice.chance(40);
            let back = self.dice.minutes(100, 130);
            let back = self.perhaps(if round < 6 { 20 } else { 60 }, day, minute + back);
            let answered = if is_answered { "y" } else { "n" };
            let cells = [("contact_id", contact.as_str()), ("employee_id", &id), ("called_at", &at(day, minute))];
            self.add("contacts", &[cells.as_slice(), &[("answered", answered), ("called_back_at", &back)]].concat());
        }
    }

    fn inspections(&mut self) {
        let items = ["badge", "attire", "posture", "tidiness", "private-matter", "confidentiality", "safety"];
        for item in items {
            let (inspection, day) = (self.code("I"), self.day());
            let who = if self.dice.chance(80) { self.anyone() } else { String::new() };
            let result = if self.dice.chance(70) { "fail" } else { "pass" };
            let time = at(day, 600);
            let cells = [("inspection_id", inspection.as_str()), ("inspected_at", &time), ("item", item)];
            self.add("inspections", &[cells.as_slice(), &[("result", result), ("employee_id", &who)]].concat());
        }
        for _ in 0..12 {
            let (inspection, day) = (self.code("I"), self.day());
            let area = match self.dice.below(12) {
                // Without an area it is nobody's: of one group only.
                0 if self.group == 'A' => String::new(),
                0..2 => format!("{}仓", self.group),
                2..7 => format!("{}楼", self.group),
                _ => format!("{}区", self.group),
            };
            let minute = match self.dice.below(10) {
                0 => self.dice.minutes(540, 720),
                1..5 => self.dice.minutes(1200, 1439),
                5 => self.dice.minutes(1445, 1650),
                _ => self.dice.minutes(1840, 1940),
            };
            let item = *self.dice.pick(&["door", "window", "computer", "power"]);
            let time = at(day, minute);
            let cells = [("inspection_id", inspection.as_str()), ("inspected_at", &time), ("area", &area)];
            self.add("inspections", &[cells.as_slice(), &[("item", item), ("result", "fail")]].concat());
        }
    }
}
