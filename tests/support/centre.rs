//! A small centre over half a year: registers that tests edit as they like, and months that are proposed, issued and
//! judged again.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use crate::support::{Row, Run, command, entries, fen, finish, manifest, read, rows};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The months of the half year.
pub(crate) const HALF_YEAR: [&str; 6] = ["2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"];
/// The manager of everybody.
pub(crate) const MANAGER: &str = "M1";
/// The general manager, who manages the manager.
pub(crate) const GENERAL_MANAGER: &str = "G1";

const HEADERS: [(&str, &str); 8] = [
    ("employees", "employee_id,name,department,manager_id,hire_date,leave_date,monthly_wage"),
    ("losses", "loss_id,employee_id,occurred_on,kind,amount,agreed_at"),
    ("complaints", "complaint_id,employee_id,received_at,verdict,grade,decided_at"),
    ("rewards", "application_id,employee_id,category,fact,evidence,applied_by,applied_at,decision,approved_at,amount"),
    (
        "overtime",
        "claim_id,employee_id,start,end,status,reason,reported_by,reported_at,manager_approved_at,administration_filed_at",
    ),
    ("projects", "project_id,name,lead_id,started_on"),
    ("visits", "visit_id,employee_id,start,end"),
    ("decisions", "finding_id,decision,amount,value,decided_by,decided_at,reason"),
];

/// The registers, and the folder in which they lie.
pub(crate) struct Centre {
    dir: tempfile::TempDir,
    pub(crate) tables: BTreeMap<&'static str, Vec<String>>,
    /// `limits.mode`.
    pub(crate) mode: String,
    /// More of the configuration.
    pub(crate) more: String,
    /// Decisions so far: each is later than the one before.
    decided: usize,
}

impl Centre {
    /// A centre of six people, without anything that happened.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let tables = HEADERS.iter().map(|(name, _)| (*name, Vec::new())).collect();
        let mut centre = Self { dir, tables, mode: "deduct".to_owned(), more: String::new(), decided: 0 };
        centre.add("employees", "G1,总,客服部,,2015-01-01,,30000");
        centre.add("employees", "M1,经,客服部,G1,2016-01-01,,20000");
        for number in 1..=4 {
            centre.add("employees", &format!("E{number},员{number},客服部,M1,2020-01-01,,8000"));
        }
        centre.add("projects", "P1,工程,M1,2026-01-01");
        centre
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Adds a line to a register.
    pub(crate) fn add(&mut self, table: &'static str, line: &str) {
        self.tables.get_mut(table).expect("a table").push(line.to_owned());
    }

    /// Replaces the line of a register that begins with `id`; an empty line takes it out.
    pub(crate) fn set(&mut self, table: &'static str, id: &str, line: &str) {
        let lines = self.tables.get_mut(table).expect("a table");
        let place = lines.iter().position(|known| known.starts_with(&format!("{id},"))).expect("a line");
        if line.is_empty() { drop(lines.remove(place)) } else { line.clone_into(&mut lines[place]) }
    }

    /// A loss that both sides agreed on.
    pub(crate) fn loss(&mut self, id: &str, employee: &str, day: &str, amount: &str) {
        self.add("losses", &format!("{id},{employee},{day},工具,{amount},{day} 10:00"));
    }

    /// A reward of a category that needs evidence only.
    pub(crate) fn reward(&mut self, id: &str, employee: &str, day: &str, amount: &str) {
        let line = format!("{id},{employee},2,事迹,证据,{MANAGER},{day} 09:00,approved,{day} 10:00,{amount}");
        self.add("rewards", &line);
    }

    /// A decision of the general manager, later than all before.
    pub(crate) fn decide(&mut self, finding: &str, decision: &str, amount: &str) {
        self.decide_as(finding, decision, amount, GENERAL_MANAGER);
    }

    /// A decision, later than all before.
    pub(crate) fn decide_as(&mut self, finding: &str, decision: &str, amount: &str, by: &str) {
        self.decided += 1;
        let (hour, minute) = (self.decided / 60, self.decided % 60);
        let line = format!("{finding},{decision},{amount},,{by},2026-09-01 {hour:02}:{minute:02},核实");
        self.add("decisions", &line);
    }

    /// Writes configuration and registers.
    pub(crate) fn write(&self) {
        let mut config = "[centre]\nname = \"中心\"\n[mail]\nfrom = \"m@example.com\"\n".to_owned();
        config +=
            "[policy.acknowledgement.required]\nclause = \"八(二)\"\nunit = \"bool\"\nvalues.2009-12-01 = false\n";
        config += "[policy.limits.mode]\nclause = \"2.10\"\nunit = \"text\"\nvalues.2009-12-01 = \"";
        config.extend([&self.mode, "\"\n"]);
        config += &self.more;
        for table in meritbook::schema::tables::TABLES {
            let has = self.tables.contains_key(table.name);
            let says = if has { format!("files = [\"{}.csv\"]", table.name) } else { "none = true".to_owned() };
            config.extend(["[sources.", table.name, "]\n", &says, "\n"]);
        }
        fs::write(self.path().join("config.toml"), config).expect("written");
        for (name, header) in HEADERS {
            let mut text = format!("{header}\n");
            for line in &self.tables[name] {
                text += line;
                text.push('\n');
            }
            fs::write(self.path().join(format!("{name}.csv")), text).expect("written");
        }
    }

    /// Runs a command on the registers as they are.
    pub(crate) fn run(&self, args: &str) -> Run {
        self.write();
        finish(&mut command(self.path(), args.split(' ')))
    }

    /// Runs a command that does its work.
    pub(crate) fn done(&self, args: &str) -> Run {
        let run = self.run(args);
        assert!([0, 10].contains(&run.code), "{args}: exit {} {}", run.code, run.stderr);
        run
    }

    pub(crate) fn month(&self, month: &str) -> PathBuf {
        self.path().join("var/editions").join(month)
    }

    /// How many editions a month has.
    pub(crate) fn editions(&self, month: &str) -> usize {
        if self.month(month).exists() { entries(&self.month(month)).len() } else { 0 }
    }

    pub(crate) fn edition(&self, month: &str, number: usize) -> PathBuf {
        self.month(month).join(format!("{number:03}"))
    }

    /// The rows of a file of an edition.
    pub(crate) fn rows(&self, month: &str, number: usize, name: &str) -> Vec<Row> {
        rows(&read(&self.edition(month, number).join(name)))
    }

    /// The finding's row in the latest edition of a month.
    pub(crate) fn finding(&self, month: &str, id: &str) -> Option<Row> {
        self.rows(month, self.editions(month), "findings.csv").into_iter().find(|row| row["finding_id"] == id)
    }

    /// `charge 20.00`, `hold(late-charge)` …; of the latest edition.
    pub(crate) fn shown(&self, month: &str, id: &str) -> String {
        let Some(row) = self.finding(month, id) else { return "none".to_owned() };
        let reason = if row["reason"].is_empty() { String::new() } else { format!("({})", row["reason"]) };
        format!("{}{reason} {}", row["status"], row["amount"]).trim().to_owned()
    }

    pub(crate) fn state(&self, month: &str, number: usize) -> String {
        manifest(&self.edition(month, number))["state"].as_str().expect("a state").to_owned()
    }

    /// Every posting of every issued edition, in the order of the months that paid them: finding, whose, direction,
    /// fen, belongs to, paid in. Whose money it is says the edition that a posting names.
    pub(crate) fn postings(&self) -> Vec<Booked> {
        let mut all = Vec::new();
        for month in HALF_YEAR {
            for number in (1..=self.editions(month)).filter(|number| self.state(month, *number) == "issued") {
                for row in self.rows(month, number, "postings.csv") {
                    let edition = row["edition"].parse().expect("a number");
                    let lines = self.rows(&row["belongs_to"], edition, "findings.csv");
                    let line = lines.iter().find(|line| line["finding_id"] == row["finding_id"]);
                    let line = line.unwrap_or_else(|| panic!("{} names no finding", row["posting_id"]));
                    all.push(Booked {
                        id: row["posting_id"].clone(),
                        finding: row["finding_id"].clone(),
                        employee: line["employee_id"].clone(),
                        direction: row["direction"].clone(),
                        fen: fen(&row["amount"]),
                        belongs_to: row["belongs_to"].clone(),
                        paid_in: row["paid_in"].clone(),
                    });
                }
            }
        }
        all
    }
}

/// A posting, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Booked {
    pub(crate) id: String,
    pub(crate) finding: String,
    pub(crate) employee: String,
    pub(crate) direction: String,
    pub(crate) fen: i64,
    pub(crate) belongs_to: String,
    pub(crate) paid_in: String,
}

impl Booked {
    /// Fen with their sign in their direction: what is reversed is below 0.
    pub(crate) fn signed(&self) -> (&str, i64) {
        match self.direction.strip_prefix("reverse-") {
            Some(direction) => (direction, -self.fen),
            None => (&self.direction, self.fen),
        }
    }
}
