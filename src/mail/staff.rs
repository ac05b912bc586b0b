//! The mails that take a manager the lines of the own staff, and an employee the own slip: one message each, with one
//! workbook and no name in subject or text.

use super::{
    compose::{morning_after, subject},
    message::{Attached, Draft, Section, key},
};
use crate::{
    report::{
        Report,
        waiting::is_waiting,
        words::{filled, word},
    },
    schema::{deciders::Role, findings::Finding, message::Message},
};

/// A member of staff who gets a mail.
pub struct Staff<'a> {
    /// Whether it is a manager's mail; else it is an employee's.
    pub is_manager: bool,
    /// The employee id.
    pub id: &'a str,
    /// The same as a part of a file's name.
    pub stem: &'a str,
    /// The name; may be empty.
    pub name: &'a str,
    /// The e-mail address.
    pub address: &'a str,
}

impl Staff<'_> {
    /// Its word in the outbox.
    fn role(&self) -> &'static str {
        if self.is_manager { "manager" } else { "employee" }
    }

    fn is_own(&self, report: &Report<'_>, finding: &Finding) -> bool {
        let is_staff = || report.people.get(&finding.employee_id).is_some_and(|person| person.manager_id == self.id);
        if self.is_manager { is_staff() } else { finding.employee_id == self.id }
    }
}

/// The message of an edition to a member of staff, the `number`-th of them.
///
/// # Errors
/// An address or content that is not valid in a message.
pub fn to_staff(
    report: &Report<'_>,
    sender: &str,
    (number, staff): (usize, &Staff<'_>),
    zone: chrono_tz::Tz,
    attached: Attached<'_>,
) -> anyhow::Result<Message> {
    let (month, edition) = (report.period.month.to_string(), format!("{:03}", report.edition));
    let key = key(&[&month, &report.edition.to_string(), staff.role(), staff.id, staff.address]);
    let draft = Draft {
        id: format!("{month}.{edition}.{key}"),
        file: format!("mail/{number:02}-{}-{}.eml", staff.role(), staff.stem),
        role: staff.role().to_owned(),
        whom: staff.id.to_owned(),
        sender,
        address: staff.address,
        name: staff.name,
        subject: subject(report),
        date: morning_after(report.period.last, 6, zone),
        sections: &sections(report, staff),
        attached: vec![attached],
    };
    draft.message()
}

fn sections(report: &Report<'_>, staff: &Staff<'_>) -> Vec<Section> {
    let language = report.language;
    let title = |key: &str| word(language, key).to_owned();
    let waits = |finding: &&Finding| {
        staff.is_own(report, finding) && is_waiting(finding) && report.whom(finding).contains(&Role::Manager)
    };
    let waiting: Vec<&Finding> = report.findings.iter().filter(waits).collect();
    let mut lines = Vec::new();
    if staff.is_manager && !waiting.is_empty() && !report.is_issued {
        let count = waiting.len().to_string();
        lines.push(match waiting.iter().filter_map(|finding| finding.due_on).min() {
            None => filled(language, "mail.staff.waiting", &[&count]),
            Some(due) => filled(language, "mail.staff.waiting-until", &[&count, &due.to_string()]),
        });
    }
    let state = if report.is_issued { "issued" } else { "proposed" };
    lines.push(title(&format!("mail.staff.{}.{state}", staff.role())));
    let until = report.objection_until.map(|day| filled(language, "mail.next.objection", &[&day.to_string()]));
    lines.extend(until);
    vec![(title(&format!("mail.staff.{}", staff.role())), lines)]
}
