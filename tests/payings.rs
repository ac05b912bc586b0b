//! Properties of what is paid: for any sequence of edits, decisions, issues and reruns over half a year, the sum of all
//! postings per employee and month is what the last edition of the month says, and no finding is paid twice.

#[path = "support/centre.rs"]
mod centre;
#[path = "support/month.rs"]
mod month;
mod support;

use centre::{Booked, Centre, HALF_YEAR};
use meritbook::{schema::difference::FindingRow, settle::compare};
use month::Dice;
use std::collections::{BTreeMap, BTreeSet};
use support::fen;

/// A half year that chance makes.
struct Story {
    centre: Centre,
    dice: Dice,
    /// How many months are issued.
    issued: usize,
    /// Rows so far.
    records: usize,
    /// What was done, for reading a failure.
    told: Vec<String>,
}

impl Story {
    fn new(seed: u64) -> Self {
        Self { centre: Centre::new(), dice: Dice::new(seed), issued: 0, records: 0, told: Vec::new() }
    }

    fn run(&mut self, args: &str) {
        self.told.push(args.to_owned());
        let run = self.centre.run(args);
        assert!([0, 10].contains(&run.code), "exit {} {}\n{}", run.code, run.stderr, self.told.join("\n"));
    }

    fn issue(&mut self) {
        if self.issued < HALF_YEAR.len() {
            let month = HALF_YEAR[self.issued];
            if self.dice.chance(40) {
                self.run(&format!("monthly --month {month}"));
            }
            self.run(&format!("issue --month {month} --confirm-unusual"));
            self.issued += 1;
        }
    }

    fn rerun(&mut self, month: usize) {
        self.run(&format!("rerun --month {}", HALF_YEAR[month]));
    }

    fn day(&mut self) -> String {
        let month = *self.dice.pick(&HALF_YEAR);
        format!("{month}-{:02}", 1 + self.dice.below(28))
    }

    fn employee(&mut self) -> String {
        format!("E{}", 1 + self.dice.below(4))
    }

    /// A line of a register: new, other, or gone.
    fn edit(&mut self) {
        let table = *self.dice.pick(&["losses", "rewards", "complaints"]);
        let number = self.centre.tables[table].len();
        let old = (number > 0 && self.dice.chance(60)).then(|| {
            let line = &self.centre.tables[table][self.dice.below(number)];
            let mut cells = line.split(',').map(str::to_owned);
            [cells.next(), cells.next()].map(|cell| cell.expect("a cell"))
        });
        let (day, amount) = (self.day(), 10 * (1 + self.dice.below(9)));
        let employee = self.employee();
        let [id, employee] = old.clone().unwrap_or_else(|| {
            self.records += 1;
            [format!("X{}", self.records), employee]
        });
        // Some day of some month, often in another one than before.
        let line = match table {
            "losses" => format!("{id},{employee},{day},工具,{amount},{day} 10:00"),
            "rewards" => format!("{id},{employee},2,事迹,证据,M1,{day} 09:00,approved,{day} 10:00,{amount}"),
            _ => {
                let grade = *self.dice.pick(&["一般", "较重", "严重", ""]);
                format!("{id},{employee},2026-02-01 08:00,upheld,{grade},{day} 10:00")
            }
        };
        let line = if old.is_some() && self.dice.chance(25) { String::new() } else { line };
        self.told.push(format!("{table} {id}: {line}"));
        match old {
            Some(_) => self.centre.set(table, &id, &line),
            None => self.centre.add(table, &line),
        }
    }

    /// A decision on some finding of some edition.
    fn decide(&mut self) {
        let mut ids = BTreeSet::new();
        for month in HALF_YEAR {
            for number in 1..=self.centre.editions(month) {
                let rows = self.centre.rows(month, number, "findings.csv");
                ids.extend(rows.into_iter().map(|row| row["finding_id"].clone()));
            }
        }
        let ids: Vec<String> = ids.into_iter().collect();
        if ids.is_empty() {
            return;
        }
        let id = self.dice.pick(&ids).clone();
        let decision = *self.dice.pick(&["waive", "amend", "object", "dismiss", "confirm", "confirm"]);
        let amount = if self.dice.chance(50) { (20 + self.dice.below(30)).to_string() } else { String::new() };
        self.told.push(format!("{decision} {id} {amount}"));
        self.centre.decide(&id, decision, &amount);
    }

    fn step(&mut self) {
        match self.dice.below(10) {
            0..4 => self.edit(),
            4..6 => self.decide(),
            6 | 7 if self.issued + 1 < HALF_YEAR.len() => self.issue(),
            _ if self.issued > 0 => {
                let month = self.dice.below(self.issued);
                self.rerun(month);
            }
            _ => {}
        }
    }

    /// What the last closed edition of a month says: fen by employee and direction.
    fn says(&self, month: &str) -> BTreeMap<(String, String), i64> {
        let mut sums = BTreeMap::new();
        for row in self.centre.rows(month, self.centre.editions(month), "findings.csv") {
            let direction = match row["status"].as_str() {
                "charge" => "deduct",
                "credit" => "reward",
                _ => continue,
            };
            *sums.entry((row["employee_id"].clone(), direction.to_owned())).or_default() += fen(&row["amount"]);
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }

    fn check(&self) {
        let told = self.told.join("\n");
        let postings = self.centre.postings();
        let ids: BTreeSet<&String> = postings.iter().map(|one| &one.id).collect();
        assert_eq!(ids.len(), postings.len(), "a posting's id is its own\n{told}");
        for month in HALF_YEAR {
            let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
            for one in postings.iter().filter(|one| one.belongs_to == month) {
                let (direction, fen) = one.signed();
                *sums.entry((one.employee.clone(), direction.to_owned())).or_default() += fen;
            }
            sums.retain(|_, sum| *sum != 0);
            assert_eq!(sums, self.says(month), "{month}\n{told}");
        }
        check_order(&postings, &told);
    }

    /// Every two editions of a month differ as they differ the other way round, and none from itself.
    fn check_compare(&self) {
        for month in HALF_YEAR {
            let rows = |number| -> Vec<FindingRow> {
                let rows = self.centre.rows(month, number, "findings.csv");
                let cells = |row: support::Row| FindingRow::COLUMNS.map(|column| row[column].clone()).to_vec();
                rows.into_iter().map(|row| FindingRow::new(cells(row)).expect("a row")).collect()
            };
            let editions: Vec<Vec<FindingRow>> = (1..=self.centre.editions(month)).map(rows).collect();
            for one in &editions {
                assert!(compare(one, one).is_empty());
                for other in &editions {
                    let (forth, back) = (compare(one, other), compare(other, one));
                    assert_eq!((&forth.removed, &forth.added), (&back.added, &back.removed));
                    let turned: Vec<_> = back.changed.into_iter().map(|(was, is)| (is, was)).collect();
                    assert_eq!(forth.changed, turned);
                    assert_eq!(forth.is_empty(), one == other);
                }
            }
        }
    }
}

/// As payroll sees it, month by month: nothing is paid back that was not taken, and nothing stands twice.
fn check_order(postings: &[Booked], told: &str) {
    let mut standing: BTreeMap<(String, String), (String, i64)> = BTreeMap::new();
    for month in HALF_YEAR {
        let own = |is_reverse: bool| {
            postings
                .iter()
                .filter(move |one| one.paid_in == month && one.direction.starts_with("reverse-") == is_reverse)
        };
        for one in own(true) {
            let key = (one.finding.clone(), one.signed().0.to_owned());
            let before = standing.remove(&key);
            assert_eq!(before, Some((one.employee.clone(), one.fen)), "{month} {one:?}\n{told}");
        }
        for one in own(false) {
            let key = (one.finding.clone(), one.signed().0.to_owned());
            let before = standing.insert(key, (one.employee.clone(), one.fen));
            assert_eq!(before, None, "{month}: {} is paid twice\n{told}", one.finding);
        }
    }
}

fn tell(seed: u64, steps: usize) {
    let mut story = Story::new(seed);
    for _ in 0..steps {
        story.step();
    }
    while story.issued < HALF_YEAR.len() - 1 {
        story.issue();
    }
    // What changed late is judged again, so that the last month takes up all of it.
    for _ in 0..2 {
        (0..HALF_YEAR.len() - 1).for_each(|month| story.rerun(month));
    }
    story.issue();
    story.check();
    story.check_compare();
}

#[test]
fn what_is_paid_is_what_the_last_editions_say() {
    let count = std::env::var("MERITBOOK_SEEDS").map_or(SEEDS, |text| text.parse().expect("a number"));
    let seeds: Vec<u64> = (0..count).collect();
    std::thread::scope(|scope| {
        for part in seeds.chunks(seeds.len().div_ceil(2)) {
            scope.spawn(move || part.iter().for_each(|seed| tell(*seed, 40)));
        }
    });
}

/// `MERITBOOK_SEEDS=100 cargo test --test payings` tells more of them.
const SEEDS: u64 = 6;
