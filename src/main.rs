//! Parse, run, print the cause chain, exit.

use clap::Parser;
use meritbook::{cli::Cli, jobs};
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
            let _ = writeln!(std::io::stderr().lock(), "{}", jobs::told(&error, cli.log, now));
            ExitCode::from(jobs::exit_code(&error))
        }
    }
}
