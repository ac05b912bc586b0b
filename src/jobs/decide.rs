//! `decide`: writes one decision into the decisions register, checked as the next run would check it.

use super::{
    BAD_DATA, CONFIG, DONE, NO_INPUT, Stop, USAGE,
    console::Console,
    earlier::{Earlier, closed},
    evaluate::evaluate,
    month,
    monthly::lock,
    produce::{gather, settings},
    rerun::roster_of,
};
use crate::{
    archive::{Archive, Trial},
    base::{
        code::is_meant,
        month::{Month, Period},
    },
    cli,
    config::Config,
    ingest,
    schema::{
        findings::{Finding, Status},
        inputs::Rejected,
    },
};
use chrono::{DateTime, Utc};
use std::path::Path;

pub(super) fn run(args: &cli::Decide, config: &Config, now: DateTime<Utc>, console: &Console) -> anyhow::Result<u8> {
    let register = register(config)?;
    let archive = Archive::new(&config.archive);
    let _lock = lock(&archive, "decide", console)?;
    let default = month::period(args.month, config, now)?;
    let (id, period) = match find(&archive, args)? {
        (id, Some(month)) => (id, month::period(Some(month), config, now)?),
        (id, None) => (id, default),
    };
    let earlier = Earlier::of(archive.all()?, period.month)?;
    let mut config = config.clone();
    config.roster = closed(earlier.own()).last().filter(|base| !base.is_pruned()).map(roster_of);
    let config = &config;
    let run = Run { period, earlier: &earlier };
    let before = run.judged(config, &id)?;
    let latest = now.with_timezone(&config.timezone).naive_local();
    let at = args.at.unwrap_or(latest);
    if at > latest {
        let text =
            format!("{at} is in the future\n  help: a decision stands from when it was made; leave out --at for now");
        return Err(Stop::because(USAGE, text));
    }
    let cells = [
        ("finding_id", id.clone()),
        ("decision", args.decision.word().to_owned()),
        ("amount", args.amount.map(|amount| amount.to_string()).unwrap_or_default()),
        ("value", args.value.clone().unwrap_or_default()),
        ("decided_by", args.by.clone()),
        ("decided_at", at.format("%Y-%m-%d %H:%M:%S").to_string()),
        ("reason", args.reason.clone()),
    ];
    let path = config.base.join(&register);
    let (bytes, line) = ingest::appended(&settings(config), "decisions", &path, &cells)
        .map_err(|why| Stop::because(BAD_DATA, format!("cannot add a row to `{register}`: {why}")))?;
    // The new register is read under another name beside the old one, then takes its place in one step.
    let trial = Trial::new(&path, &bytes)?;
    let after = run.judged(&with_register(config, &register, &trial), &id)?;
    if let Some(row) = after.rejected.iter().find(|row| trial.is(&row.file) && row.line == line) {
        let help = "answers.xlsx of the edition says how each line can be answered, and README under Deciders by whom";
        let text = format!("the decision cannot be used, and was not written: {}\n  help: {help}", row.reason);
        return Err(Stop::because(BAD_DATA, text));
    }
    trial.accept()?;
    console.say(&format!("{id}: {} → {}", shown(before.finding.as_ref()), shown(after.finding.as_ref())));
    if before.finding == after.finding {
        console.say("the line stays as it was: another decision settles it, see `meritbook explain`");
    }
    console.say(&format!("written to {register}:{line}"));
    if closed(earlier.own()).next().is_some() {
        let month = period.month;
        console.say(&format!("{month} is issued: the decision counts with `meritbook rerun --month {month}`"));
    }
    Ok(DONE)
}

/// The CSV register that new decisions go to: the first file of the source that is neither a pattern nor a workbook.
fn register(config: &Config) -> anyhow::Result<String> {
    let files = config.sources.get("decisions").map_or(&[][..], |source| source.files.as_slice());
    let is_register = |name: &&String| !name.contains(['*', '?', '[', '{']) && !is_workbook(name);
    let Some(name) = files.iter().find(is_register) else {
        let help = "name one first in its files: a CSV with the header finding_id,decision,amount,value,decided_by,\
                    decided_at,reason";
        return Err(Stop::because(CONFIG, format!("`sources.decisions` names no CSV register\n  help: {help}")));
    };
    if !config.base.join(name).is_file() {
        let text = format!("`sources.decisions` names `{name}`, which is not there\n  help: make it, with its header");
        return Err(Stop::because(NO_INPUT, text));
    }
    Ok(name.clone())
}

fn is_workbook(name: &str) -> bool {
    let end = Path::new(name).extension().map(|end| end.to_string_lossy().to_lowercase());
    end.is_some_and(|end| end.starts_with("xls"))
}

/// The finding's id, and its month where an edition knows it.
fn find(archive: &Archive, args: &cli::Decide) -> anyhow::Result<(String, Option<Month>)> {
    if let Some((id, month)) = archive.find(&|id| is_meant(&args.finding, id))? {
        return Ok((id, Some(args.month.unwrap_or(month))));
    }
    if crate::rules::rule(args.finding.split(':').next().unwrap_or("")).is_some() {
        return Ok((args.finding.clone(), args.month));
    }
    let text = format!(
        "`{}` is neither a finding's id nor its short code in any edition in {}\n  help: both stand in answers.xlsx; run \
         `meritbook monthly` first if there is no edition yet",
        args.finding,
        archive.dir().display()
    );
    Err(Stop::because(USAGE, text))
}

/// What a run of the month would say.
struct Judged {
    finding: Option<Finding>,
    rejected: Vec<Rejected>,
}

/// What a run of the month is judged with beside its inputs.
struct Run<'a> {
    period: Period,
    earlier: &'a Earlier,
}

impl Run<'_> {
    fn judged(&self, config: &Config, id: &str) -> anyhow::Result<Judged> {
        let silent = Console::silent();
        let material = gather(config, self.period, &self.earlier.basis(), &silent)?;
        let number = self.earlier.next_number();
        let past = self.earlier.past(&material.inputs)?;
        let evaluation = evaluate(config, material.inputs, self.period, &past, number)?;
        let finding = evaluation.findings.into_iter().find(|finding| finding.id == id);
        if finding.is_none() && !self.earlier.is_known(id) {
            let month = self.period.month;
            let help = "if it is of another month, name that with --month";
            return Err(Stop::because(USAGE, format!("{month} has no finding `{id}`\n  help: {help}")));
        }
        Ok(Judged { finding, rejected: evaluation.rejected })
    }
}

/// The configuration with the register's trial in its place.
fn with_register(config: &Config, register: &str, trial: &Trial) -> Config {
    let mut config = config.clone();
    if let Some(source) = config.sources.get_mut("decisions") {
        for file in source.files.iter_mut().filter(|file| *file == register) {
            *file = trial.beside(register);
        }
    }
    config
}

/// `hold(late-class)`, `charge 20.00 yuan`.
fn shown(finding: Option<&Finding>) -> String {
    let Some(finding) = finding else { return "not in the month".to_owned() };
    let reason = if finding.reason.is_empty() { String::new() } else { format!("({})", finding.reason) };
    let amount = finding.amount.filter(|_| finding.status != Status::Counted);
    let amount = amount.map_or_else(String::new, |amount| format!(" {amount} yuan"));
    format!("{}{reason}{amount}", finding.status)
}
