//! A night that could not be judged at all: the operator is told which input is to blame and which nights are without a
//! result, never about people. It counts as no snapshot, so that the next run makes up for it.

use super::{language, snapshot::night};
use crate::{
    archive::Archive,
    config::Config,
    ingest::Failure,
    jobs::{CONFIG, Stop, console::Console, deliver},
    mail::{self, Reader},
    report::words::{filled, word, word_or},
};
use chrono::NaiveDate;

/// Writes the mail to the operator, once for the same reason and nights; gives the error back.
pub(super) fn tell(
    config: &Config,
    archive: &Archive,
    (nights, last): (&[NaiveDate], NaiveDate),
    error: anyhow::Error,
    console: &Console,
) -> anyhow::Error {
    match write(config, archive, (nights, last), &error) {
        Ok(Some(said)) => console.say(&said),
        Ok(None) => {}
        Err(other) => console.say(&format!("note: the operator could not be told: {other:#}")),
    }
    error
}

fn write(
    config: &Config,
    archive: &Archive,
    (nights, last): (&[NaiveDate], NaiveDate),
    error: &anyhow::Error,
) -> anyhow::Result<Option<String>> {
    let why = why(config, error);
    let days: Vec<String> = nights.iter().map(ToString::to_string).collect();
    let what = format!("{}\n{why}\n", days.join(" "));
    let operators: Vec<_> = config.mail.recipients.iter().filter(|one| one.role == "operator").collect();
    let run = format!("failed-{}", &crate::base::hash::sha256_of(what.as_bytes())[..16]);
    let night = night(config, last, &run);
    let mut messages = Vec::new();
    for (number, one) in (1..).zip(&operators) {
        let reader = Reader { number, role: "operator", id: "", address: &one.address, name: &one.name };
        messages.push(mail::failure(&night, &reader, nights, &why)?);
    }
    let outgoing = deliver::outgoing(config, &messages)?;
    let kept = archive.write_failure(&last.to_string(), &what, (&messages, &outgoing))?;
    let to = if operators.is_empty() { "nobody: no recipient has the role operator" } else { "operator" };
    Ok(kept.map(|dir| format!("{last}: nothing was judged; mail to {to}, in {}", dir.display())))
}

/// Why, in words that name an input and no person.
fn why(config: &Config, error: &anyhow::Error) -> String {
    let language = language(config);
    match (error.downcast_ref::<Failure>(), error.downcast_ref::<Stop>()) {
        (Some(Failure::Missing(problem) | Failure::BadData(problem)), _) => {
            let source = problem.at.strip_prefix("sources.").unwrap_or(&problem.at);
            let files = config.sources.get(source).map(|source| source.files.join(", ")).unwrap_or_default();
            let state = match error.downcast_ref::<Failure>() {
                Some(Failure::Missing(_)) => word(language, "unread.missing"),
                _ => word(language, "unread.unusable"),
            };
            let name = format!("{} ({files})", word_or(language, "source", source));
            filled(language, "nightly.failed.input", &[&name, state])
        }
        (Some(Failure::Config(problem)), _) => {
            let what = format!("{}: {}", problem.at, problem.what);
            filled(language, "nightly.failed.configuration", &[&what])
        }
        (_, Some(stop)) if stop.code == CONFIG => {
            let what = stop.text.lines().next().unwrap_or_default();
            filled(language, "nightly.failed.configuration", &[what])
        }
        _ => word(language, "nightly.failed.other").to_owned(),
    }
}
