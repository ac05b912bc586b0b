//! Who is told of whom: the employee's manager; where that is nobody whom a mail reaches, the manager above, else HR.

use crate::{
    mail::{agenda::Unreached, is_address},
    schema::inputs::Inputs,
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// The manager with this employee id.
    Manager(String),
    /// HR.
    Hr,
}

/// A person of the roster.
#[derive(Clone, Debug, Default)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) manager_id: String,
    pub(super) email: String,
    pub(super) site: String,
    pub(super) leave_date: Option<NaiveDate>,
}

/// The roster on a night.
pub(super) struct Staff {
    members: BTreeMap<String, Member>,
    night: NaiveDate,
}

impl Staff {
    pub(super) fn of(inputs: &Inputs, night: NaiveDate) -> PolarsResult<Self> {
        let staff = inputs.table("employees");
        let text = |name: &str| staff.column(name)?.str();
        let (ids, names, managers) = (text("employee_id")?, text("name")?, text("manager_id")?);
        let (emails, sites) = (text("email")?, text("site")?);
        let left: Vec<Option<NaiveDate>> = staff.column("leave_date")?.date()?.as_date_iter().collect();
        let cell = |column: &StringChunked, row: usize| column.get(row).unwrap_or_default().trim().to_owned();
        let member = |row: usize| {
            let member = Member {
                name: cell(names, row),
                manager_id: cell(managers, row),
                email: cell(emails, row),
                site: cell(sites, row),
                leave_date: left[row],
            };
            (cell(ids, row), member)
        };
        Ok(Self { members: (0..staff.height()).map(member).collect(), night })
    }

    pub(super) fn get(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    /// The name of an employee; empty where nobody is known.
    pub(super) fn name(&self, id: &str) -> String {
        self.members.get(id).map(|member| member.name.clone()).unwrap_or_default()
    }

    /// Who is told of what concerns an employee; never the employee.
    pub(super) fn told(&self, employee: &str) -> Told {
        self.way(employee, &mut |_, _| {})
    }

    /// Goes up from the employee to the first manager whom a mail reaches; `passed` learns of those whom none does.
    fn way(&self, employee: &str, passed: &mut dyn FnMut(&str, &'static str)) -> Told {
        let mut seen = BTreeSet::from([employee]);
        let mut below = self.members.get(employee);
        while let Some(manager) = below.map(|member| member.manager_id.as_str()).filter(|id| !id.is_empty()) {
            // The person concerned, or a circle of managers: there is nobody above.
            if !seen.insert(manager) {
                break;
            }
            let member = self.members.get(manager);
            match self.unreached(member) {
                None => return Told::Manager(manager.to_owned()),
                Some(why) => passed(manager, why),
            }
            below = member;
        }
        Told::Hr
    }

    /// Why no mail reaches a manager, if none does.
    fn unreached(&self, manager: Option<&Member>) -> Option<&'static str> {
        let Some(member) = manager else { return Some("unknown") };
        if self.has_left(member) {
            return Some("left");
        }
        match member.email.as_str() {
            "" => Some("no-address"),
            address if !is_address(address) => Some("bad-address"),
            _ => None,
        }
    }

    fn has_left(&self, member: &Member) -> bool {
        member.leave_date.is_some_and(|left| left <= self.night)
    }

    /// The present staff, by who is told of them.
    pub(super) fn present(&self) -> BTreeMap<Told, BTreeSet<&str>> {
        let mut present: BTreeMap<Told, BTreeSet<&str>> = BTreeMap::new();
        for (id, _) in self.members.iter().filter(|(_, member)| !self.has_left(member)) {
            present.entry(self.told(id)).or_default().insert(id);
        }
        present
    }

    /// The managers of present staff whom no mail reaches.
    pub(super) fn unreached_managers(&self) -> Vec<Unreached> {
        let mut unreached = BTreeSet::new();
        for (id, _) in self.members.iter().filter(|(_, member)| !self.has_left(member)) {
            self.way(id, &mut |id, why| {
                unreached.insert(Unreached { id: id.to_owned(), why });
            });
        }
        unreached.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `id manager email left`; `-` is empty.
    fn staff(rows: &[&str]) -> Staff {
        let cell = |text: &str| if text == "-" { String::new() } else { text.to_owned() };
        let member = |row: &&str| {
            let cells: Vec<&str> = row.split(' ').collect();
            let (manager_id, email) = (cell(cells[1]), cell(cells[2]));
            (cells[0].to_owned(), Member { manager_id, email, leave_date: cells[3].parse().ok(), ..Member::default() })
        };
        Staff { members: rows.iter().map(member).collect(), night: "2026-10-14".parse().unwrap() }
    }

    fn told(rows: &[&str], employee: &str) -> String {
        match staff(rows).told(employee) {
            Told::Manager(id) => id,
            Told::Hr => "hr".to_owned(),
        }
    }

    fn unreached(rows: &[&str]) -> Vec<(String, &'static str)> {
        staff(rows).unreached_managers().into_iter().map(|one| (one.id, one.why)).collect()
    }

    #[test]
    fn the_manager_and_of_a_manager_the_one_above() {
        let rows = ["e m e@a.cn -", "m g m@a.cn -", "g - g@a.cn -"];
        assert_eq!([told(&rows, "e"), told(&rows, "m"), told(&rows, "g")], ["m", "g", "hr"]);
        assert_eq!(told(&rows, "nobody"), "hr");
        assert!(unreached(&rows).is_empty());
    }

    #[test]
    fn nobody_is_told_of_oneself_nor_in_a_circle() {
        assert_eq!(told(&["e e e@a.cn -"], "e"), "hr");
        // m and g manage each other: m is told of g, and g of m.
        let rows = ["m g m@a.cn -", "g m g@a.cn -"];
        assert_eq!([told(&rows, "m"), told(&rows, "g")], ["g", "m"]);
        // g has no address, so what concerns m would come back to m.
        assert_eq!(told(&["m g m@a.cn -", "g m - -"], "m"), "hr");
        // A circle above without an address ends.
        assert_eq!(told(&["e m e@a.cn -", "m g - -", "g m - -"], "e"), "hr");
    }

    #[test]
    fn who_is_not_reached_is_passed_over_and_named() {
        let above = "g - g@a.cn -";
        for (manager, why) in [
            ("m g - -", "no-address"),
            ("m g nonsense -", "bad-address"),
            ("m g a@b@c.cn -", "bad-address"),
            ("m g m@a.cn 2026-10-14", "left"),
        ] {
            let rows = ["e m e@a.cn -", manager, above];
            assert_eq!((told(&rows, "e").as_str(), unreached(&rows)), ("g", vec![("m".to_owned(), why)]), "{manager}");
        }
        let rows = ["e m e@a.cn -", "m g m@a.cn 2026-10-15", above];
        assert_eq!((told(&rows, "e").as_str(), unreached(&rows).len()), ("m", 0), "still there that day");
        let rows = ["e x e@a.cn -", above];
        assert_eq!((told(&rows, "e").as_str(), unreached(&rows)), ("hr", vec![("x".to_owned(), "unknown")]));
        // Nobody who is there has this manager any more.
        assert!(unreached(&["e x e@a.cn 2026-10-01", above]).is_empty());
    }
}
