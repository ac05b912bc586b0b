//! How long a month takes and how much memory: `cargo bench --bench monthly -- [--keep DIR] [SIZE…]`.
//!
//! For each number of employees (500, 10000 and 100000 if none is given) a month is generated and
//! the release binary run on it three times as a preview and three times as a full edition. The
//! best time counts, and the highest resident memory, read from `/proc` every 5 ms.
//! With `--keep` the months stay for the next bench.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, io};

mod generate;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SIZES: [usize; 3] = [500, 10_000, 100_000];
const RUNS: usize = 3;
const POLL: Duration = Duration::from_millis(5);

/// The best time of some runs and the highest memory of any.
struct Cost {
    wall: Duration,
    peak_kib: Option<u64>,
}

fn main() -> Result<()> {
    let (keep, sizes) = arguments(env::args().skip(1))?;
    let temporary = env::temp_dir().join(format!("meritbook-bench-{}", std::process::id()));
    let root = keep.as_ref().unwrap_or(&temporary);
    let mut out = io::stdout().lock();
    writeln!(out, "{:>9} {:>11} {:>6} {:<8} {:>8} {:>9}", "employees", "swipes", "MB", "run", "best s", "peak MiB")?;
    for size in sizes {
        let dir = month(root, size)?;
        let bytes = fs::metadata(dir.join("access/1_attlog.dat"))?.len();
        let swipes = bytes / generate::SWIPE_BYTES;
        for (name, is_preview) in [("preview", true), ("edition", false)] {
            let cost = cost(&dir, is_preview)?;
            let wall = format!("{}.{:02}", cost.wall.as_secs(), cost.wall.subsec_millis() / 10);
            let peak = cost.peak_kib.map_or_else(|| "?".to_owned(), |kib| (kib / 1024).to_string());
            let mb = bytes / 1_000_000;
            writeln!(out, "{size:>9} {swipes:>11} {mb:>6} {name:<8} {wall:>8} {peak:>9}")?;
        }
    }
    if keep.is_none() {
        fs::remove_dir_all(&temporary)?;
    }
    Ok(())
}

/// Cargo itself adds `--bench`.
fn arguments(words: impl Iterator<Item = String>) -> Result<(Option<PathBuf>, Vec<usize>)> {
    let mut words = words.filter(|word| word != "--bench");
    let (mut keep, mut sizes) = (None, Vec::new());
    while let Some(word) = words.next() {
        if word == "--keep" {
            keep = Some(PathBuf::from(words.next().ok_or("--keep needs a directory")?));
        } else {
            sizes.push(word.parse().map_err(|_| format!("not a number of employees: {word}"))?);
        }
    }
    Ok((keep, if sizes.is_empty() { SIZES.to_vec() } else { sizes }))
}

/// The month of this size; made unless a complete one is there from an earlier bench.
fn month(root: &Path, size: usize) -> Result<PathBuf> {
    let dir = root.join(size.to_string());
    let complete = dir.join("complete");
    if !complete.exists() {
        let start = Instant::now();
        generate::write_month(&dir, size)?;
        File::create(complete)?;
        let seconds = start.elapsed().as_secs();
        writeln!(io::stderr(), "{size} employees generated in {seconds} s")?;
    }
    Ok(dir)
}

fn cost(dir: &Path, is_preview: bool) -> Result<Cost> {
    let mut best = Cost { wall: Duration::MAX, peak_kib: None };
    for _ in 0..RUNS {
        for left in ["var", "preview"].map(|name| dir.join(name)).iter().filter(|left| left.exists()) {
            fs::remove_dir_all(left)?;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_meritbook"));
        command.args(["monthly", "--month", "2026-10", "--quiet", "--config"]).arg(dir.join("config.toml"));
        if is_preview {
            command.arg("--preview").arg(dir.join("preview"));
        }
        let errors = dir.join("stderr.txt");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&errors)?);
        let start = Instant::now();
        let (status, peak_kib) = watch(command.spawn()?)?;
        let wall = start.elapsed();
        // 10: done, and something needs a person.
        if !matches!(status.code(), Some(0 | 10)) {
            let said = fs::read_to_string(errors)?;
            return Err(format!("{}: {command:?}: {status}\n{said}", dir.display()).into());
        }
        best = Cost { wall: best.wall.min(wall), peak_kib: best.peak_kib.max(peak_kib) };
    }
    Ok(best)
}

/// Waits for the end, and keeps the last high-water mark the kernel gave.
fn watch(mut child: Child) -> Result<(ExitStatus, Option<u64>)> {
    let mut peak = None;
    loop {
        peak = peak.max(high_water(child.id()));
        if let Some(status) = child.try_wait()? {
            return Ok((status, peak));
        }
        sleep(POLL);
    }
}

/// `VmHWM` in KiB; none once the process is gone, or without a Linux `/proc`.
fn high_water(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
