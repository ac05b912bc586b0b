//! The files and mails of a night.

use super::{
    agenda::Agendas,
    language,
    night::{Before, Judged},
};
use crate::{
    archive::{NightManifest, OutputEntry},
    base::hash::sha256_of,
    calendar::Calendar,
    config::Config,
    jobs::produce::{suspended, why_unaudited},
    mail::{NightOf, Reader, agenda::Agenda, nightly},
    report::csv,
    schema::message::Message,
};
use chrono::{Datelike, Days, NaiveDate};

/// Name and bytes of files.
type Files = Vec<(String, Vec<u8>)>;

/// Who gets a mail, and who should and cannot.
#[derive(Default)]
pub(super) struct Mails {
    pub(super) messages: Vec<Message>,
    /// `hr`, `manager 0101`: in the order of the messages.
    pub(super) to: Vec<String>,
    /// Roles without a recipient for whom there is something.
    pub(super) nobody: Vec<&'static str>,
}

/// The mails of a night.
pub(super) fn mails(config: &Config, judged: &Judged, run: u32, agendas: &Agendas) -> anyhow::Result<Mails> {
    let run = format!("{run:03}");
    let night = night(config, judged.date, &run);
    let mut mails = Mails::default();
    let is_alive = is_first_workday(&config.calendar, judged.date);
    let mut add = |role: &str, id: &str, address: &str, name: &str, agenda: &Agenda| -> anyhow::Result<()> {
        if agenda.is_empty() && !is_alive {
            return Ok(());
        }
        let number = mails.messages.len() + 1;
        mails.messages.push(nightly(&night, &Reader { number, role, id, address, name }, agenda)?);
        mails.to.push(format!("{role} {id}").trim_end().to_owned());
        Ok(())
    };
    let mut nobody = Vec::new();
    let roles = [("hr", &agendas.hr), ("general-manager", &agendas.general), ("operator", &agendas.operator)];
    for (role, agenda) in roles {
        // The general manager's office is only written to where something waits for it.
        if role == "general-manager" && agenda.is_empty() {
            continue;
        }
        let mut own = config.mail.recipients.iter().filter(|one| one.role == role).peekable();
        if own.peek().is_none() && !agenda.is_empty() {
            nobody.push(role);
        }
        own.try_for_each(|one| add(role, "", &one.address, &one.name, agenda))?;
    }
    for (id, agenda) in &agendas.managers {
        let address = judged.staff.get(id).map(|member| member.email.as_str()).unwrap_or_default();
        add("manager", id, address, "", agenda)?;
    }
    mails.nobody = nobody;
    Ok(mails)
}

/// What a mail of the night is made with.
pub(super) fn night<'a>(config: &'a Config, date: NaiveDate, run: &'a str) -> NightOf<'a> {
    NightOf { date, run, language: language(config), sender: &config.mail.sender, zone: config.timezone }
}

/// Whether the morning after is that of the first workday of its week.
fn is_first_workday(calendar: &Calendar, night: NaiveDate) -> bool {
    let Some(morning) = night.succ_opt() else { return false };
    let is_workday = |day: &NaiveDate| calendar.is_workday(*day) == Some(true);
    let back = Days::new(u64::from(morning.weekday().num_days_from_monday()));
    let monday = morning.checked_sub_days(back).unwrap_or(morning);
    is_workday(&morning) && !monday.iter_days().take_while(|day| *day < morning).any(|day| is_workday(&day))
}

/// The files of a snapshot but its mails, the manifest last.
pub(super) fn files(
    config: &Config,
    judged: &Judged,
    before: &Before,
    number: u32,
    messages: &[Message],
) -> anyhow::Result<Files> {
    let mut files = vec![("findings.csv".to_owned(), csv::findings(&judged.report(config))?)];
    let output = |(name, bytes): (&String, &Vec<u8>)| OutputEntry {
        name: name.clone(),
        sha256: sha256_of(bytes),
        rows: (name == "findings.csv").then_some(judged.findings.len() as u64),
    };
    let own = files.iter().map(|(name, bytes)| (name, bytes));
    let outputs = own.chain(messages.iter().map(|message| (&message.file, &message.bytes))).map(output).collect();
    let rerun = |one: &crate::mail::agenda::Suggested| {
        let [removed, added, changed] = one.lines;
        format!("{}: {removed} removed, {added} added, {changed} changed, {} answers", one.month, one.answers)
    };
    let manifest = NightManifest {
        night: judged.date.to_string(),
        number,
        months: judged.periods(),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        basis_sha256: judged.basis.all.clone(),
        config_sha256: judged.basis.config.clone(),
        policy_sha256: judged.basis.policy.clone(),
        calendar_sha256: judged.basis.calendar.clone(),
        inputs: judged.files.clone(),
        previous: before.from.clone(),
        suspended: judged.suspensions.iter().map(suspended).collect(),
        unaudited: judged.unaudited.iter().map(why_unaudited).collect(),
        reruns: judged.reruns.suggested.iter().map(rerun).collect(),
        outputs,
    };
    files.push(("manifest.json".to_owned(), manifest.to_json()?));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_workday_of_a_week() {
        let nights = |from: &str, to: &str| -> Vec<String> {
            let (from, to): (NaiveDate, NaiveDate) = (from.parse().unwrap(), to.parse().unwrap());
            let calendar = Calendar::built_in();
            let days = from.iter_days().take_while(|day| *day <= to);
            days.filter(|day| is_first_workday(&calendar, *day)).map(|day| day.to_string()).collect()
        };
        // The mail of a Sunday's night comes on Monday; in the week of National Day Thursday the 8th is the first, and the
        // make-up Saturday after it is none.
        assert_eq!(nights("2026-10-02", "2026-10-25"), ["2026-10-07", "2026-10-11", "2026-10-18", "2026-10-25"]);
    }
}
