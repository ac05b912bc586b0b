//! What a run says: results on standard output, steps on standard error, a progress bar on a terminal.

use crate::{base::text::on_terminal, cli::LogFormat, ingest::Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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
    step: RefCell<Option<(&'static str, Instant)>>,
}

impl Console {
    pub(super) fn new(is_quiet: bool, log: LogFormat) -> Self {
        let bar = ProgressBar::no_length();
        let is_shown = !is_quiet && log == LogFormat::Text && std::io::stderr().is_terminal();
        bar.set_draw_target(if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template("{msg:24!} {bar:30} {bytes}/{total_bytes}") {
            bar.set_style(style);
        }
        Self { is_quiet, log, bar, step: RefCell::new(None) }
    }

    /// A result, for people.
    pub(super) fn say(&self, line: &str) {
        if !self.is_quiet {
            self.bar.suspend(|| {
                let _ = writeln!(std::io::stdout().lock(), "{}", on_terminal(line));
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
        *self.step.borrow_mut() = Some((name, Instant::now()));
        self.bar.set_message(name);
    }

    /// The last step ends.
    pub(super) fn end_step(&self) {
        let Some((name, since)) = self.step.borrow_mut().take() else { return };
        let millis = since.elapsed().as_millis();
        if self.is_quiet {
            return;
        }
        let is_terminal = std::io::stderr().is_terminal();
        let mut stderr = std::io::stderr().lock();
        let _ = match self.log {
            LogFormat::Json => writeln!(
                stderr,
                "{}",
                serde_json::json!({ "step": name, "ms": u64::try_from(millis).unwrap_or(u64::MAX) })
            ),
            LogFormat::Text if is_terminal => Ok(()),
            LogFormat::Text => writeln!(stderr, "{name}: {millis} ms"),
        };
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
