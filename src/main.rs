//! Parse, run, print the cause chain, exit.

use clap::Parser;
use meritbook::{base::text::on_terminal, cli::Cli, jobs};
use std::{io::Write, process::ExitCode};

/// Frames are large, short-lived and made on several threads; the system's allocator spends a tenth of a run on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(jobs::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let now = chrono::Utc::now();
    match jobs::run(&cli, now) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let mut stderr = std::io::stderr().lock();
            let mut causes = error.chain();
            if let Some(first) = causes.next() {
                let _ = writeln!(stderr, "meritbook: {}", on_terminal(&first.to_string()));
            }
            for cause in causes {
                let _ = writeln!(stderr, "  because: {}", on_terminal(&cause.to_string()));
            }
            ExitCode::from(jobs::exit_code(&error))
        }
    }
}
