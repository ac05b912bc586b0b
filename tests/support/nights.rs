//! A small centre of two departments in October 2026, and the mails of its nights as their readers see them.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use crate::support::{Run, command, entries, finish, mail, read};
use chrono::{Datelike, NaiveDate};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const HEADERS: [(&str, &str); 12] = [
    ("employees", "employee_id,name,department,manager_id,email,hire_date,leave_date,probation_end,site"),
    ("complaints", "complaint_id,employee_id,received_at,verdict,grade,decided_at,review_submitted_at"),
    ("losses", "loss_id,employee_id,occurred_on,kind,amount,agreed_at"),
    ("loans", "loan_id,employee_id,item,borrowed_at,due_on,returned_at"),
    ("leaves", "leave_id,employee_id,type,start,end,approved_at,returned_at,certificate_at,handover_at,hr_approved_at"),
    (
        "tickets",
        "ticket_id,received_at,repair_engineer,diagnosed_at,outcome,completed_at,reason_report_at,service_engineer",
    ),
    ("swipes", "employee_id,time"),
    ("notices", "employee_id,date,notified_at,kind"),
    ("tasks", "task_id,employee_id,title,due_at,completed_at"),
    ("meetings", "meeting_id,title,start,mandatory"),
    ("closures", "source,through,closed_by"),
    ("decisions", "finding_id,decision,amount,value,decided_by,decided_at,reason"),
];

/// The registers, and the folder in which they lie.
pub(crate) struct Nights {
    dir: tempfile::TempDir,
    pub(crate) tables: BTreeMap<&'static str, Vec<String>>,
    /// How sources are proven, where not by the default.
    pub(crate) proven: BTreeMap<&'static str, &'static str>,
    /// Sources whose file is not written.
    pub(crate) lost: BTreeSet<&'static str>,
    /// More of the configuration.
    pub(crate) more: String,
    pub(crate) locale: &'static str,
}

/// What a mail says, by address: the subject, and the text of both bodies.
pub(crate) type Mails = BTreeMap<String, Vec<(String, String)>>;

impl Nights {
    /// Two managers below G1, each with two people, and nothing that happened.
    pub(crate) fn new() -> Self {
        let tables = HEADERS.iter().map(|(name, _)| (*name, Vec::new())).collect();
        let dir = tempfile::tempdir().expect("a folder");
        let (proven, lost) = (BTreeMap::new(), BTreeSet::new());
        let mut nights = Self { dir, tables, proven, lost, more: String::new(), locale: "zh-CN" };
        for (id, name, manager, site) in [
            ("G1", "总甲", "", "东"),
            ("M1", "经甲", "G1", "东"),
            ("M2", "经乙", "G1", "西"),
            ("E1", "东一", "M1", "东"),
            ("E2", "东二", "M1", "东"),
            ("F1", "西一", "M2", "西"),
            ("F2", "西二", "M2", "西"),
        ] {
            let email = format!("{}@example.com", id.to_lowercase());
            nights.add("employees", &format!("{id},{name},部,{manager},{email},2020-01-01,,,{site}"));
        }
        nights
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn add(&mut self, table: &'static str, line: &str) {
        self.tables.get_mut(table).expect("a table").push(line.to_owned());
    }

    /// Replaces the line that begins with `id`.
    pub(crate) fn set(&mut self, table: &'static str, id: &str, line: &str) {
        let lines = self.tables.get_mut(table).expect("a table");
        let place = lines.iter().position(|known| known.starts_with(&format!("{id},"))).expect("a line");
        line.clone_into(&mut lines[place]);
    }

    /// Everybody is there on every workday from the 8th to `last`, but those who are away on a day.
    pub(crate) fn present(&mut self, last: &str, away: &[(&str, &str)]) {
        let first: NaiveDate = "2026-10-08".parse().expect("a date");
        let last: NaiveDate = last.parse().expect("a date");
        let ids: Vec<String> = self.tables["employees"].iter().map(|line| line[..2].to_owned()).collect();
        for day in first.iter_days().take_while(|day| *day <= last) {
            // Saturday the 10th is worked.
            let is_workday = day.weekday().number_from_monday() < 6 || day.day() == 10;
            for id in ids.iter().filter(|id| is_workday && !away.contains(&(id.as_str(), &day.to_string()))) {
                self.add("swipes", &format!("{id},{day} 08:20:00"));
                self.add("swipes", &format!("{id},{day} 17:40:00"));
            }
        }
    }

    /// Writes configuration and registers.
    pub(crate) fn write(&self) {
        let mut config = format!("[centre]\nlocale = \"{}\"\n[mail]\nfrom = \"m@example.com\"\n", self.locale);
        for role in ["hr", "operator", "general-manager"] {
            config.extend(["[[mail.recipients]]\nrole = \"", role, "\"\naddress = \"", role, "@example.com\"\n"]);
        }
        config += "[policy.acknowledgement.required]\nvalues.2009-12-01 = false\n";
        config += "[policy.limits.mode]\nvalues.2009-12-01 = \"deduct\"\n";
        config += &self.more;
        for table in meritbook::schema::tables::TABLES {
            // What nobody wrote a row of is declared not to be there, but for the registers that must have a file.
            let is_kept = ["employees", "decisions", "swipes"].contains(&table.name);
            let has = self.tables.get(table.name).is_some_and(|lines| !lines.is_empty()) || is_kept;
            let says = if has { format!("files = [\"{}.csv\"]", table.name) } else { "none = true".to_owned() };
            config.extend(["[sources.", table.name, "]\n", &says, "\n"]);
            if let Some(proven) = self.proven.get(table.name).filter(|_| has) {
                config.extend(["proven = \"", proven, "\"\n"]);
            }
        }
        fs::write(self.path().join("config.toml"), config).expect("written");
        for (name, header) in HEADERS {
            let path = self.path().join(format!("{name}.csv"));
            if self.lost.contains(name) {
                let _ = fs::remove_file(path);
                continue;
            }
            let lines = std::iter::once(header).chain(self.tables[name].iter().map(String::as_str));
            fs::write(path, lines.collect::<Vec<_>>().join("\n") + "\n").expect("written");
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

    /// Makes a night; its mails.
    pub(crate) fn night(&self, date: &str) -> Mails {
        self.done(&format!("nightly --date {date}"));
        self.mails(date)
    }

    /// The mails of the latest snapshot of a night.
    pub(crate) fn mails(&self, date: &str) -> Mails {
        mails(&entries(&self.folder(date)).pop().expect("a snapshot"))
    }

    pub(crate) fn folder(&self, date: &str) -> PathBuf {
        self.path().join("var/nightly").join(date)
    }

    /// The names in the folder of a night.
    pub(crate) fn snapshots(&self, date: &str) -> Vec<String> {
        let folder = self.folder(date);
        let names = if folder.exists() { entries(&folder) } else { Vec::new() };
        names.iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect()
    }
}

/// The mails below a folder.
pub(crate) fn mails(folder: &Path) -> Mails {
    let mut mails = Mails::new();
    if !folder.join("mail").exists() {
        return mails;
    }
    for path in entries(&folder.join("mail")) {
        let message = mail::parse(&read(&path));
        let address = message.headers["to"].rsplit('<').next().unwrap_or_default().trim_end_matches('>').to_owned();
        let bodies = &message.parts[0].parts;
        let text = |part: usize| String::from_utf8(bodies[part].body.clone()).expect("UTF-8");
        assert_eq!((bodies[0].kind(), bodies[1].kind()), ("text/plain", "text/html"));
        let subject = mail::words(&message.headers["subject"]);
        mails.entry(address).or_default().push((subject, text(0) + &text(1)));
    }
    mails
}

/// The text of the one mail to an address.
pub(crate) fn to<'a>(mails: &'a Mails, address: &str) -> &'a str {
    let own = mails.get(&format!("{address}@example.com")).unwrap_or_else(|| panic!("no mail to {address}: {mails:?}"));
    assert_eq!(own.len(), 1, "{address}");
    &own[0].1
}

/// The lines below a heading of a mail.
pub(crate) fn section(text: &str, title: &str) -> Vec<String> {
    let rest = text.split("\r\n\r\n").find_map(|section| section.strip_prefix(title));
    let lines = rest.map(|rest| rest.split("\r\n- ").skip(1).map(str::to_owned).collect());
    lines.unwrap_or_default()
}
