//! Every folder of `fixtures/errors` is one error message: its exact text on standard error and its exit code.
//!
//! `command` holds the arguments; lines before the last are runs that must succeed first. `held` holds what another run
//! wrote into the lock it holds. `expected.txt` begins with the exit code. `UPDATE_ERRORS=1` rewrites it.

mod support;

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};
use support::{Run, copy, done, entries, meritbook, read, repository, text};

fn cases() -> Vec<PathBuf> {
    entries(&repository().join("fixtures/errors"))
}

/// Holds the archive's lock, as another run would, until it is dropped.
fn hold(dir: &Path) -> Option<File> {
    let holder = dir.join("held");
    if !holder.exists() {
        return None;
    }
    fs::create_dir(dir.join("var")).expect("make the archive");
    let mut file = File::create(dir.join("var/lock")).expect("make the lock");
    file.try_lock().expect("nobody else knows this folder");
    file.write_all(&read(&holder)).expect("write the holder");
    Some(file)
}

/// Runs the case in a folder of its own.
fn run(case: &Path) -> (tempfile::TempDir, Run) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    copy(case, dir.path());
    let _lock = hold(dir.path());
    let commands = text(&case.join("command"));
    let mut commands: Vec<&str> = commands.lines().collect();
    let last = commands.pop().expect("a command");
    for before in commands {
        done(dir.path(), before);
    }
    let run = meritbook(dir.path(), last);
    (dir, run)
}

fn told(run: &Run) -> String {
    format!("exit code {}\n{}", run.code, run.stderr)
}

#[test]
fn every_error_is_told_in_its_own_words_with_its_exit_code() {
    let mut differences = String::new();
    for case in cases() {
        let told = told(&run(&case).1);
        let path = case.join("expected.txt");
        if std::env::var_os("UPDATE_ERRORS").is_some() {
            fs::write(&path, &told).expect("write");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if told != expected {
            differences.extend([format!("{}\n--- expected\n{expected}--- told\n{told}", case.display())]);
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn every_error_says_what_and_ends_with_an_exit_code_of_its_kind() {
    for case in cases() {
        let told = told(&run(&case).1);
        let (code, message) = told.split_once('\n').expect("a first line");
        let code: i32 = code.strip_prefix("exit code ").expect("the exit code").parse().expect("a number");
        assert!([64, 65, 66, 74, 75, 78].contains(&code), "{}: {code}", case.display());
        let (meritbook, clap) = (message.starts_with("meritbook: "), message.starts_with("error: "));
        assert!(meritbook || clap, "{}: {message}", case.display());
        assert!(!message.contains("panicked"), "{}", case.display());
    }
}

#[test]
fn no_error_leaves_an_edition_behind() {
    for case in cases() {
        let (dir, _) = run(&case);
        let commands = text(&case.join("command")).lines().count();
        let editions = dir.path().join("var/editions");
        let written = if editions.exists() { support::files(&editions) } else { support::Files::new() };
        let manifests = written.keys().filter(|name| name.ends_with("manifest.json")).count();
        assert_eq!(manifests, commands - 1, "{}: only the runs before the last wrote one", case.display());
    }
}

#[test]
fn several_problems_are_told_at_once_in_the_order_of_their_lines() {
    let mut most = 0;
    for case in cases() {
        let told = told(&run(&case).1);
        let place = |line: &str| {
            let (file, rest) = line.split_once(".toml:")?;
            let number: usize = rest.split(':').next()?.parse().ok()?;
            Some((file != "config", file.to_owned(), number))
        };
        // The configuration first, then each file that it names.
        let lines: Vec<_> = told.lines().filter(|line| !line.starts_with(' ')).filter_map(place).collect();
        assert!(lines.is_sorted(), "{}: {lines:?}", case.display());
        if let Some(count) = told.lines().find_map(|line| line.split_once(" problems in")) {
            let count: Option<usize> = count.0.rsplit(' ').next().and_then(|count| count.parse().ok());
            assert_eq!(count, Some(lines.len()), "{}", case.display());
        }
        most = most.max(lines.len());
    }
    assert!(most > 5, "the case with the most problems has {most}");
}
