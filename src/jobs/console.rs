//! What a run says: results on standard output, steps on standard error, a progress bar on a terminal.

use crate::{base::text::on_terminal, cli::LogFormat, ingest::Progress};
use chrono::{DateTime, SecondsFormat, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use std::{
    cell::RefCell,
    io::{IsTerminal, Write},
    time::Instant,
};

/// Where a run speaks.
pub(super) struct Console {
    is_quiet: bool,
    log: LogFormat,
    bar: ProgressBar,
    step: RefCell<Option<Step>>,
    clock: Clock,
}

/// The moment of a start and what has passed since.
struct Clock {
    now: DateTime<Utc>,
    since: Instant,
}

/// What is being done: its name, since when, and what it has counted.
type Step = (&'static str, Instant, Vec<(&'static str, u64)>);

impl Console {
    pub(super) fn new(is_quiet: bool, log: LogFormat, now: DateTime<Utc>) -> Self {
        let bar = ProgressBar::no_length();
        let is_shown = !is_quiet && log == LogFormat::Text && std::io::stderr().is_terminal();
        bar.set_draw_target(if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template("{msg:24!} {bar:30} {bytes}/{total_bytes}") {
            bar.set_style(style);
        }
        let clock = Clock { now, since: Instant::now() };
        Self { is_quiet, log, bar, step: RefCell::new(None), clock }
    }

    /// One that says nothing.
    pub(super) fn silent() -> Self {
        Self::new(true, LogFormat::Text, DateTime::UNIX_EPOCH)
    }

    fn json(&self, event: &str, fields: &[(&str, Value)]) -> String {
        json_line(self.clock.now + self.clock.since.elapsed(), event, fields)
    }

    /// A result, for people.
    pub(super) fn say(&self, line: &str) {
        if !self.is_quiet {
            let line = match self.log {
                LogFormat::Text => on_terminal(line),
                LogFormat::Json => self.json("said", &[("text", line.into())]),
            };
            self.bar.suspend(|| {
                let _ = writeln!(std::io::stdout().lock(), "{line}");
            });
        }
    }

    /// A result that was asked for, told even when quiet.
    pub(super) fn answer(&self, text: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stdout().lock(), "{}", on_terminal(text));
        });
    }

    /// A step begins; the one before ends, with its time.
    pub(super) fn step(&self, name: &'static str) {
        self.end_step();
        *self.step.borrow_mut() = Some((name, Instant::now(), Vec::new()));
        self.bar.set_message(name);
    }

    /// The step that goes on has counted something.
    pub(super) fn count(&self, what: &'static str, number: u64) {
        if let Some((_, _, counts)) = self.step.borrow_mut().as_mut() {
            counts.push((what, number));
        }
    }

    /// The last step ends: its time and counts are told.
    pub(super) fn end_step(&self) {
        let Some((name, since, counts)) = self.step.borrow_mut().take() else { return };
        let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        if self.is_quiet || (self.log == LogFormat::Text && std::io::stderr().is_terminal()) {
            return;
        }
        let line = match self.log {
            LogFormat::Json => {
                let counts = counts.iter().map(|(what, number)| (*what, Value::from(*number)));
                let own = [("step", name.into()), ("ms", millis.into())];
                self.json("step", &own.into_iter().chain(counts).collect::<Vec<_>>())
            }
            LogFormat::Text => {
                let counts = counts.iter().map(|(what, number)| format!(", {number} {what}"));
                format!("{name}: {millis} ms{}", counts.collect::<String>())
            }
        };
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// A collector is told the exit code.
    pub(super) fn ended(&self, code: u8) {
        if self.log == LogFormat::Json && !self.is_quiet {
            let _ = writeln!(std::io::stderr().lock(), "{}", self.json("ended", &[("code", code.into())]));
        }
    }

    /// Reading goes on. The bar appears by itself where it takes a while.
    pub(super) fn progress(&self, progress: &Progress<'_>) {
        match progress {
            Progress::File(name, bytes) => {
                self.bar.set_length(self.bar.length().unwrap_or(0) + bytes);
                self.bar.set_message((*name).to_owned());
            }
            Progress::Bytes(bytes) => self.bar.inc(*bytes),
        }
    }

    /// The bar goes away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// One object on one line: what kind it is, when (UTC), and its fields.
pub(super) fn json_line(at: DateTime<Utc>, event: &str, fields: &[(&str, Value)]) -> String {
    let now = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let own = [("at", Value::from(now)), ("event", event.into())];
    let object = own.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), value.clone()));
    Value::Object(object.collect()).to_string()
}
