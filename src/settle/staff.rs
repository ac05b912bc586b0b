//! Who is who, for checking who decides (2.9).

use crate::{
    facts::Facts,
    schema::deciders::{Deciders, Role},
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Who is who, for checking who decides.
pub(super) struct Staff {
    pub(super) by_id: BTreeMap<String, u32>,
    names: Vec<[String; 3]>,
    aliases: BTreeSet<(u32, String)>,
    hired: Vec<Option<NaiveDate>>,
    left: Vec<Option<NaiveDate>>,
    manager_of: Vec<String>,
    /// By role: each person as the configuration names them, and the employees who are called so.
    holders: BTreeMap<Role, Vec<(String, Vec<u32>)>>,
}

impl Staff {
    pub(super) fn new(facts: &Facts, deciders: &Deciders) -> PolarsResult<Self> {
        let staff = facts.inputs.table("employees");
        let text = |name: &str| -> PolarsResult<Vec<String>> {
            Ok(staff.column(name)?.str()?.iter().map(|text| text.unwrap_or("").to_owned()).collect())
        };
        let (ids, names, emails) = (text("employee_id")?, text("name")?, text("email")?);
        let manager_of = text("manager_id")?;
        let dates = |name: &str| -> PolarsResult<Vec<_>> { Ok(staff.column(name)?.date()?.as_date_iter().collect()) };
        let by_id = ids.iter().cloned().zip(0..).collect();
        let names = ids
            .into_iter()
            .zip(names)
            .zip(emails)
            .map(|((id, name), email)| [id, name, email.to_lowercase()])
            .collect();
        let (hired, left) = (dates("hire_date")?, dates("leave_date")?);
        let mut staff = Self {
            by_id,
            names,
            aliases: facts.inputs.aliases.iter().cloned().collect(),
            hired,
            left,
            manager_of,
            holders: BTreeMap::new(),
        };
        let emps = |named: &String| {
            let own = (0..).zip(&staff.names).map(|(emp, _)| emp).filter(|emp| staff.is_called(*emp, named));
            (named.clone(), own.collect())
        };
        let holders = deciders.people.iter().map(|(role, people)| (*role, people.iter().map(emps).collect()));
        staff.holders = holders.collect();
        Ok(staff)
    }

    /// Whether `text` is the id, the name or the e-mail of the employee.
    pub(super) fn is_called(&self, emp: u32, text: &str) -> bool {
        let [id, name, email] = &self.names[emp as usize];
        // Excel drops leading zeros: 102 is 0102, and must not decide on 0102's own line.
        let bare = |text: &str| text.trim_start_matches('0').to_owned();
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text == id
            || (is_number && bare(text) == bare(id))
            || text == name
            || self.aliases.contains(&(emp, text.to_owned()))
            || (!email.is_empty() && text.to_lowercase() == *email)
    }

    pub(super) fn is_judged(&self, emp: u32, day: NaiveDate) -> bool {
        let index = emp as usize;
        self.hired[index].is_some_and(|hired| hired < day) && self.left[index].is_none_or(|left| day < left)
    }

    /// Whether `text` calls somebody who holds one of `roles` towards the employee `emp` of a line.
    ///
    /// Where a line has no employee, or the employee no manager, the manager's answer is that of any manager, or of
    /// the general manager's office.
    pub(super) fn holds(&self, roles: &[Role], emp: Option<u32>, text: &str) -> bool {
        roles.iter().any(|role| match (role, emp.map(|emp| self.manager_of[emp as usize].as_str())) {
            (Role::Manager, Some(manager)) if !manager.is_empty() => self.is_person(manager, text),
            (Role::Manager, Some(_)) => self.is_holder(Role::GeneralManager, text),
            (Role::Manager, None) => {
                let managers: BTreeSet<&str> = self.manager_of.iter().map(String::as_str).collect();
                self.is_holder(Role::GeneralManager, text) || managers.into_iter().any(|id| self.is_person(id, text))
            }
            (role, _) => self.is_holder(*role, text),
        })
    }

    fn is_holder(&self, role: Role, text: &str) -> bool {
        let mut holders = self.holders.get(&role).into_iter().flatten();
        holders.any(|(named, emps)| {
            named.to_lowercase() == text.to_lowercase() || emps.iter().any(|emp| self.is_called(*emp, text))
        })
    }

    /// Whether `text` is the employee id, or calls the employee with that id.
    fn is_person(&self, id: &str, text: &str) -> bool {
        !id.is_empty() && (id == text || self.by_id.get(id).is_some_and(|emp| self.is_called(*emp, text)))
    }
}
