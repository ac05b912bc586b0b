//! From a period to the bytes of an edition: read → judge → write sheets and mails → manifest. Shared by the jobs.

use super::{
    BAD_DATA, NO_INPUT, Stop,
    console::Console,
    control::Booked,
    earlier::{Earlier, on_payroll},
    evaluate::{Evaluation, evaluate},
    history::history,
    late,
    outputs::{Files, outputs},
};
use crate::{
    archive::{
        Control, Edition, ISSUED, InputEntry, Manifest, OutputEntry, PROPOSED, PeriodEntry, REISSUED, archived_names,
    },
    base::{hash::sha256_of, month::Period, problem::counted},
    config::{Config, Locale},
    ingest,
    policy::Param,
    report::{Language, Person, Report, csv, import, waiting::waiting},
    schema::{
        adjustments::Adjustment,
        difference::Rerun,
        findings::{LedgerRow, Suspension, Unaudited},
        imports::Template,
        inputs::{Inputs, SourceState, Status, Totals},
        message::Message,
    },
    settle::{adjusting_postings, compare, ledger, net},
};
use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};
use std::collections::BTreeMap;

/// The canonical long table, whatever else is configured.
const PAYROLL: &str = "import/payroll.csv";

/// What an edition is.
#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    /// A proposal.
    Proposed,
    /// The edition that closes its month.
    Issued,
    /// A closed month judged again, with the edition it is compared with.
    Reissued(&'a Edition),
}

impl Kind<'_> {
    fn state(self) -> &'static str {
        match self {
            Self::Proposed => PROPOSED,
            Self::Issued => ISSUED,
            Self::Reissued(_) => REISSUED,
        }
    }
}

/// What a month came to, before sheets are made.
pub(super) struct Judged<'a> {
    pub(super) evaluation: Evaluation,
    pub(super) rerun: Option<Rerun>,
    adjustments: Vec<Adjustment>,
    /// Editions of earlier months whose differences are taken up.
    adjusts: Vec<String>,
    payroll: Vec<LedgerRow>,
    people: BTreeMap<String, Person>,
    control: Control,
    number: u32,
    kind: Kind<'a>,
}

impl Judged<'_> {
    /// Whether no line differs from the edition, and the same could not be judged.
    pub(super) fn is_same(&self, base: &Edition) -> bool {
        let Evaluation { suspensions, unaudited: open, .. } = &self.evaluation;
        self.rerun.as_ref().is_none_or(|rerun| rerun.difference.is_empty())
            && suspensions.iter().map(suspended).eq(base.manifest.suspended.iter().cloned())
            && open.iter().map(why_unaudited).collect::<BTreeMap<_, _>>() == base.manifest.unaudited
    }
}

/// What a run made, before anything is written.
pub(super) struct Produced {
    pub(super) evaluation: Evaluation,
    pub(super) manifest: Manifest,
    /// The roster that it was judged with.
    pub(super) roster: String,
    pub(super) rerun: Option<Rerun>,
    /// What is to be said of the payroll import files, and of earlier months.
    pub(super) imports: Vec<String>,
    /// Name and bytes of every file of the edition but its mails, the manifest last.
    pub(super) files: Files,
    /// Its mails.
    pub(super) messages: Vec<Message>,
}

impl Produced {
    /// Every file of the edition, its mails too.
    pub(super) fn all(&self) -> Vec<(String, &[u8])> {
        let mails = self.messages.iter().map(|message| (message.file.clone(), message.bytes.as_slice()));
        mails.chain(self.files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice()))).collect()
    }
}

/// What is read and hashed before anything is judged.
pub(super) struct Material {
    pub(super) inputs: Inputs,
    /// The templates of the payroll imports, in the order of the configuration.
    pub(super) templates: Vec<Option<Template>>,
    pub(super) basis: Basis,
}

/// Everything that a result is a function of, by hash.
pub(super) struct Basis {
    pub(super) config: String,
    pub(super) policy: String,
    pub(super) calendar: String,
    pub(super) all: String,
}

/// As [`look`], for a month that is to be judged: a roster with nobody on it is no roster (exit 66).
pub(super) fn gather(config: &Config, period: Period, earlier: &str, console: &Console) -> anyhow::Result<Material> {
    let material = look(config, period, earlier, console)?;
    if material.inputs.table("employees").height() == 0 {
        let text = "sources.employees: nobody is on the roster, so nobody can be judged\n  help: enter everybody, one row \
                    each; `meritbook check` says what else is missing";
        return Err(Stop::because(NO_INPUT, text));
    }
    Ok(material)
}

/// Reads all sources of the month. `earlier` is what the result depends on beside them ([`Earlier::basis`]).
pub(super) fn look(config: &Config, period: Period, earlier: &str, console: &Console) -> anyhow::Result<Material> {
    console.step("read");
    let templates = ingest::templates(&config.imports, config.kept.as_ref())?;
    let inputs = ingest::read(&settings(config), period, &|progress| console.progress(&progress));
    console.finish();
    let mut inputs = inputs?;
    let total = |count: fn(&Totals) -> u64| inputs.files.iter().map(|file| count(&file.totals)).sum();
    console.count("files", inputs.files.len() as u64);
    console.count("rows", total(|totals| totals.rows));
    console.count("rejected", total(|totals| totals.rejected));
    // At the end: evidence names files by their place.
    inputs.files.extend(config.calendar_files.iter().cloned());
    for (import, template) in config.imports.iter().zip(&templates) {
        for file in std::iter::once(&import.file).chain(template.as_ref().map(|template| &template.file)) {
            // Two mappings may share a template.
            if !inputs.files.iter().any(|other| other.source == file.source && other.path == file.path) {
                inputs.files.push(file.clone());
            }
        }
    }
    let (config_hash, policy, calendar) = (
        sha256_of(config.text.as_bytes()),
        sha256_of(config.policy.canonical_text().as_bytes()),
        sha256_of(config.calendar.canonical_text().as_bytes()),
    );
    let mut all = format!("{} {period:?} {config_hash} {policy} {calendar}\n", env!("CARGO_PKG_VERSION"));
    for file in &inputs.files {
        all.extend([&file.source, " ", &file.name, " ", &file.sha256, "\n"]);
    }
    all.push_str(earlier);
    let basis = Basis { all: sha256_of(all.as_bytes()), config: config_hash, policy, calendar };
    Ok(Material { inputs, templates, basis })
}

/// What reading needs of the configuration.
pub(super) fn settings(config: &Config) -> ingest::Settings<'_> {
    ingest::Settings {
        base: &config.base,
        sources: &config.sources,
        policy: &config.policy,
        calendar: &config.calendar,
        timezone: config.timezone,
        areas: &config.areas,
        kept: config.kept.as_ref(),
        roster: config.roster.as_ref(),
    }
}

/// Judges the material and makes every file of the edition.
pub(super) fn produce(
    config: &Config,
    period: Period,
    material: Material,
    earlier: &Earlier,
    kind: Kind<'_>,
    console: &Console,
) -> anyhow::Result<Produced> {
    let Material { inputs, templates, basis } = material;
    let judged = judge(config, period, inputs, earlier, kind, console)?;
    write(config, period, judged, (&templates, &basis), earlier, console)
}

/// Judges the inputs.
pub(super) fn judge<'a>(
    config: &Config,
    period: Period,
    inputs: Inputs,
    earlier: &Earlier,
    kind: Kind<'a>,
    console: &Console,
) -> anyhow::Result<Judged<'a>> {
    console.step("judge");
    let number = earlier.next_number();
    let past = earlier.past(&inputs)?;
    let mut evaluation = evaluate(config, inputs, period, &past, number)?;
    evaluation.rejected.extend(late::answers(&earlier.editions, &evaluation.inputs, period)?);
    evaluation.rejected.sort();
    // No sheet shows swipes, and in a big month sheets and swipes together are its peak of memory.
    let inputs = &mut evaluation.inputs;
    (inputs.presence, inputs.door_swipes) = (DataFrame::default(), DataFrame::default());
    let mut people = people(&evaluation.inputs)?;
    let (mut adjustments, mut adjusts, mut rerun) = (Vec::new(), Vec::new(), None);
    if let Kind::Reissued(base) = kind {
        let rows = csv::finding_rows(&evaluation.findings, language(config));
        let difference = compare(&base.findings()?, &rows);
        let net = net(&difference);
        rerun = Some(Rerun { base: base.number, causes: Vec::new(), difference, net });
        // What it comes to moves with the next month that is issued.
        evaluation.postings.clear();
    } else {
        let paid = on_payroll(&people, period.first);
        (adjustments, adjusts) = earlier.adjustments(&|id| paid.contains(id))?;
        for one in &adjustments {
            if !people.contains_key(&one.employee_id)
                && let Some(person) = earlier.person(one)?
            {
                people.insert(one.employee_id.clone(), person);
            }
        }
        // What was judged again without moving anything is looked at too.
        adjusts.extend(earlier.unseen());
        adjusts.sort();
        adjusts.dedup();
    }
    let mut payroll = evaluation.ledger.clone();
    if !adjustments.is_empty() {
        let imported: Vec<Adjustment> = adjustments.iter().filter(|one| !one.is_settled_by_hand).cloned().collect();
        let with = |some: &[Adjustment]| {
            let mut postings = evaluation.postings.clone();
            postings.extend(adjusting_postings(some, period.month, number));
            postings
        };
        payroll = ledger(&with(&imported));
        evaluation.postings = with(&adjustments);
        evaluation.ledger = ledger(&evaluation.postings);
    }
    let booked = Booked {
        postings: &evaluation.postings,
        ledger: &evaluation.ledger,
        adjustments: &adjustments,
        is_rerun: rerun.is_some(),
    };
    let control = booked.control(&evaluation.findings)?;
    console.count("findings", evaluation.findings.len() as u64);
    console.count("suspended", evaluation.suspensions.len() as u64);
    Ok(Judged { evaluation, rerun, adjustments, adjusts, payroll, people, control, number, kind })
}

/// Makes every file of the edition.
pub(super) fn write(
    config: &Config,
    period: Period,
    judged: Judged<'_>,
    (templates, basis): (&[Option<Template>], &Basis),
    earlier: &Earlier,
    console: &Console,
) -> anyhow::Result<Produced> {
    console.step("write sheets");
    let Judged { evaluation, rerun, adjustments, adjusts, payroll, people, control, number, kind } = judged;
    let basis_shown = [
        ("config.toml sha256".to_owned(), basis.config.clone()),
        ("policy sha256".to_owned(), basis.policy.clone()),
        ("calendar sha256".to_owned(), basis.calendar.clone()),
        ("basis sha256".to_owned(), basis.all.clone()),
    ];
    let history = history(&earlier.editions, period.month)?;
    let is_issued = !matches!(kind, Kind::Proposed);
    let report = Report {
        language: language(config),
        centre: &config.centre,
        period,
        edition: number,
        is_issued,
        rerun: rerun.as_ref(),
        adjustments: &adjustments,
        objection_until: if is_issued { None } else { objection_until(config, period.last) },
        findings: &evaluation.findings,
        postings: &evaluation.postings,
        ledger: &evaluation.ledger,
        payroll: &payroll,
        suspensions: &evaluation.suspensions,
        unaudited: &evaluation.unaudited,
        shadow_rules: &config.rules.shadow,
        shadow: &evaluation.shadow,
        rejected: &evaluation.rejected,
        inputs: &evaluation.inputs,
        history: &history,
        people: &people,
        deciders: &config.deciders,
        policy: &config.policy,
        imports: &[],
        basis: &basis_shown,
    };
    let roster = ingest::roster(&evaluation.inputs)?;
    let made = if rerun.is_some() { import::Made::default() } else { imports(config, templates, &report)? };
    let report = Report { imports: &made.controls, ..report };
    // Who has seen the proposal before is told what is new.
    let before = earlier.own().last().filter(|_| matches!(kind, Kind::Proposed));
    let (mut files, messages) = outputs(config, &report, made.files, before)?;
    let rows = |name: &str, bytes: &[u8]| match made.controls.iter().find(|control| control.file == name) {
        Some(control) => csv_rows(name, bytes).map(|_| control.rows),
        None => csv_rows(name, bytes),
    };
    let mails = messages.iter().map(|message| (&message.file, &message.bytes));
    let outputs = files.iter().map(|(name, bytes)| (name, bytes)).chain(mails).map(|(name, bytes)| OutputEntry {
        name: name.clone(),
        sha256: sha256_of(bytes),
        rows: rows(name, bytes),
    });
    let manifest = Manifest {
        state: kind.state().to_owned(),
        edition: number,
        period: PeriodEntry {
            month: period.month.to_string(),
            first: period.first.to_string(),
            last: period.last.to_string(),
        },
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        basis_sha256: basis.all.clone(),
        config_sha256: basis.config.clone(),
        policy_sha256: basis.policy.clone(),
        calendar_sha256: basis.calendar.clone(),
        inputs: evaluation.inputs.files.iter().zip(archived_names(&evaluation.inputs.files)).map(entry).collect(),
        missing: missing(&evaluation.inputs),
        roster_sha256: sha256_of(roster.as_bytes()),
        earlier_editions: earlier.hashes(),
        replaces: rerun.as_ref().map(|rerun| rerun.base),
        adjusts,
        objection_until: report.objection_until.map(|day| day.to_string()),
        waiting: waiting(&report).into_iter().map(|(whom, (count, _))| (whom, count)).collect(),
        control,
        suspended: evaluation.suspensions.iter().map(suspended).collect(),
        unaudited: evaluation.unaudited.iter().map(why_unaudited).collect(),
        shadow: config.rules.shadow.iter().cloned().collect(),
        outputs: outputs.collect(),
    };
    files.push(("manifest.json".to_owned(), manifest.to_json()?));
    console.count("files", files.len() as u64);
    console.count("mails", messages.len() as u64);
    console.end_step();
    let open = earlier.waiting()?;
    let open = open.iter().filter(|(month, _)| **month < period.month && rerun.is_none());
    let open = open.map(|(month, lines)| {
        format!("note: {month}: {lines} held since it was issued; once answered: meritbook rerun --month {month}")
    });
    let said = made.controls.iter().map(import::Control::line).chain(made.notes).chain(open).collect();
    Ok(Produced { evaluation, manifest, roster, rerun, imports: said, files, messages })
}

/// The sources without a complete set of files, and why.
fn missing(inputs: &Inputs) -> BTreeMap<String, String> {
    let why = |(name, state): (&&str, &SourceState)| match &state.status {
        Status::Missing(why) => Some(((*name).to_owned(), why.clone())),
        _ => None,
    };
    inputs.states.iter().filter_map(why).collect()
}

pub(super) fn language(config: &Config) -> Language {
    if config.locale == Locale::English { Language::English } else { Language::Chinese }
}

/// A line of the manifest about what could not be judged.
pub(super) fn suspended(open: &Suspension) -> String {
    let Suspension { rule, from, to, scope, reason, source } = open;
    let colon = if source.is_empty() { "" } else { ": " };
    format!("{rule} {from}..{to} {scope} ({reason}{colon}{source})")
}

/// The payroll import files of an issued month with their controls. A proposal has none: only what payroll would
/// refuse is told, while there is time to mend it.
fn imports(config: &Config, templates: &[Option<Template>], report: &Report<'_>) -> anyhow::Result<import::Made> {
    let made = import::make(report, &config.imports, templates);
    let refused = match &made {
        Err(error) => format!("{error:#}"),
        Ok(made) if made.problems.is_empty() => String::new(),
        Ok(import::Made { problems, .. }) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            format!("{} of the payroll imports, nothing was written\n{}", counted(lines.len()), lines.join("\n"))
        }
    };
    if !report.is_issued {
        let notes = made.map(|made| made.notes).unwrap_or_default().into_iter();
        let refused = (!refused.is_empty()).then(|| format!("the month could not be issued: {refused}"));
        let notes = notes.chain(refused).map(|note| format!("note: {note}")).collect();
        return Ok(import::Made { notes, ..import::Made::default() });
    }
    if !refused.is_empty() {
        return Err(Stop::because(BAD_DATA, refused));
    }
    let (mut made, payroll) = (made?, csv::payroll(report)?);
    let control = import::payroll(PAYROLL, &payroll, report);
    made.controls.insert(0, control.map_err(|error| Stop::because(BAD_DATA, format!("{error:#}")))?);
    made.files.insert(0, (PAYROLL.to_owned(), payroll));
    Ok(made)
}

/// The rule, and the source that is not configured or why it is off.
pub(super) fn why_unaudited(unaudited: &Unaudited) -> (String, String) {
    let Unaudited { rule, source, reason } = unaudited;
    ((*rule).to_owned(), if reason.is_empty() { source.clone() } else { format!("off: {reason}") })
}

fn entry((file, archived): (&crate::schema::inputs::InputFile, String)) -> InputEntry {
    InputEntry {
        archived,
        source: file.source.clone(),
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        bytes: file.bytes,
        rows: file.totals.rows,
        used: file.totals.used,
    }
}

/// The data rows of a CSV file that the program wrote: records less the header.
fn csv_rows(name: &str, bytes: &[u8]) -> Option<u64> {
    let is_csv = std::path::Path::new(name).extension().is_some_and(|extension| extension == "csv");
    is_csv.then(|| csv_records(bytes).saturating_sub(1))
}

fn csv_records(bytes: &[u8]) -> u64 {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut record = ::csv::ByteRecord::new();
    let mut count = 0;
    while reader.read_byte_record(&mut record).is_ok_and(|is_there| is_there) {
        count += 1;
    }
    count
}

pub(super) fn people(inputs: &Inputs) -> PolarsResult<BTreeMap<String, Person>> {
    let staff = inputs.table("employees");
    let text = |name: &str| -> PolarsResult<Vec<String>> {
        Ok(staff.column(name)?.str()?.iter().map(|text| text.unwrap_or("").to_owned()).collect())
    };
    let columns = ["employee_id", "name", "department", "position", "manager_id", "email"];
    let columns: Vec<Vec<String>> = columns.into_iter().map(text).collect::<PolarsResult<_>>()?;
    let left = staff.column("leave_date")?.date()?.as_date_iter();
    let person = |(row, leave_date): (usize, Option<NaiveDate>)| {
        let cell = |column: usize| columns[column][row].clone();
        let [id, name, department, position, manager_id, email] = [0, 1, 2, 3, 4, 5].map(cell);
        Person { id, name, department, position, manager_id, email, leave_date }
    };
    Ok(left.enumerate().map(person).map(|person| (person.id.clone(), person)).collect())
}

/// The last day on which employees may object to a month's proposal.
fn objection_until(config: &Config, last: NaiveDate) -> Option<NaiveDate> {
    const WINDOW: Param<i64> = Param::new("dispute.objection_workdays");
    let workdays = config.policy.on(&WINDOW, last).and_then(|days| u64::try_from(days).ok())?;
    config.calendar.after_workdays(last, workdays)
}
