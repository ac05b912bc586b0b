//! A run that is killed, contended, or out of space: the archive is as it was or as it will be, and the next run ends
//! what was left. Both sweeps end every attempt the same way: a plain run, then a tree that is byte-equal to that of a
//! run nobody disturbed.
//!
//! Kills at delays show what a machine does; kills at system calls (`strace`) show each step between two states. The
//! latter sample every so-manieth call of a kind, `MERITBOOK_SWEEP=1 cargo test --test crash` takes every one. Where
//! there is no `strace`, or it may not trace, only the delays are swept.

mod support;

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Instant,
};
use support::{Files, copy, demo, done, files, finish, meritbook, read};

/// A command, and the archive before and after it.
struct Case {
    dir: tempfile::TempDir,
    args: &'static str,
    /// What stood before; `None` where nothing did.
    before: Option<PathBuf>,
    after: Files,
}

impl Case {
    /// The command on the example, after others that were not disturbed.
    fn new(earlier: &[&str], args: &'static str) -> Self {
        let dir = demo();
        for command in earlier {
            done(dir.path(), command);
        }
        if args.starts_with("rerun") {
            let register = dir.path().join("fixtures/demo/registers/decisions.csv");
            let mut register = fs::OpenOptions::new().append(true).open(register).expect("the register");
            writeln!(register, "complaint:0103:SX2641,waive,,,0001,2026-11-20 09:00,核实").expect("a decision");
        }
        let var = dir.path().join("var");
        let before = (!earlier.is_empty()).then(|| dir.path().join("before"));
        if let Some(before) = &before {
            copy(&var, before);
        }
        done(dir.path(), args);
        let after = files(&var);
        assert!(after.keys().all(|name| !name.contains(".tmp")) && after["lock"].is_empty());
        Self { dir, args, before, after }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn var(&self) -> PathBuf {
        self.path().join("var")
    }

    /// The archive as it stood before.
    fn reset(&self) {
        let _ = fs::remove_dir_all(self.var());
        if let Some(before) = &self.before {
            copy(before, &self.var());
        }
    }

    /// Asserts that what stood before the command still stands, byte by byte, as far as it was not to go.
    fn assert_kept(&self, what: &str) {
        let Some(before) = &self.before else { return };
        for (name, bytes) in files(before) {
            // The lock says who ran last where that run was killed.
            if self.after.contains_key(&name) && name != "lock" {
                assert!(read(&self.var().join(&name)) == bytes, "{what}: {name} was changed");
            }
        }
    }

    /// Asserts that a plain run ends what was left of a disturbed one.
    fn assert_mended(&self, what: &str) {
        self.assert_kept(what);
        let is_there = self.var().join("editions/2026-10/002").exists();
        let run = meritbook(self.path(), self.args);
        // An issued month is not issued again; it is only seen that it stands.
        let is_done = [0, 10].contains(&run.code) || (run.code == 64 && is_there);
        assert!(is_done, "{what}: the next run ended with {}: {}", run.code, run.stderr);
        let found = files(&self.var());
        let differs = |name: &&String| found.get(*name) != self.after.get(*name);
        let names: Vec<&String> = found.keys().chain(self.after.keys()).filter(differs).collect();
        assert!(names.is_empty(), "{what}: {names:?} differ from an undisturbed run");
    }

    /// Kills the command after growing delays, to beyond its end.
    fn sweep_delays(&self, points: u32) {
        self.reset();
        let begin = Instant::now();
        done(self.path(), self.args);
        let whole = begin.elapsed();
        let mut killed = 0;
        for point in 0..points {
            let delay = whole * point / (points - 2);
            self.reset();
            let mut command = support::command(self.path(), self.args.split_whitespace());
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a child");
            sleep(delay);
            child.kill().expect("a kill");
            killed += u32::from(child.wait().expect("an end").code().is_none());
            self.assert_mended(&format!("`{}` killed after {delay:?}", self.args));
        }
        assert!(killed >= points / 4, "only {killed} runs were killed before their end");
    }

    /// Kills the command at every so-manieth call of each kind, until it survives.
    fn sweep_calls(&self, calls: &[(&str, usize)]) {
        let is_all = std::env::var("MERITBOOK_SWEEP").is_ok();
        for (call, step) in calls {
            let mut kills = 0;
            for at in (1..).step_by(if is_all { 1 } else { *step }) {
                self.reset();
                let run = self.traced(&[&format!("{call}:signal=SIGKILL:when={at}")], &[]);
                if [Some(0), Some(10)].contains(&run) {
                    break;
                }
                assert_eq!(run, None, "`{}` was not killed at {call} {at}", self.args);
                self.assert_mended(&format!("`{}` killed at {call} {at}", self.args));
                kills += 1;
            }
            assert!(kills > 0, "`{}` has no call {call}", self.args);
        }
    }

    /// The command's exit code under `strace` with these injections; `None` where it was killed.
    fn traced(&self, injections: &[&str], paths: &[&str]) -> Option<i32> {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null"]);
        for injection in injections {
            let call = injection.split(':').next().expect("a call");
            command.args(["-e", &format!("trace={call}"), "-e", &format!("inject={injection}")]);
        }
        for path in paths {
            command.args(["-P", path]);
        }
        command.arg(env!("CARGO_BIN_EXE_meritbook")).args(self.args.split_whitespace()).current_dir(self.path());
        command.env("TZ", "UTC").env("LANG", "C.UTF-8").env("POLARS_MAX_THREADS", "1");
        let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).status();
        ended.expect("strace").code()
    }
}

/// Whether calls can be traced here.
fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

fn monthly() -> Case {
    Case::new(&[], "monthly")
}

fn issue() -> Case {
    Case::new(&["monthly"], "issue --month 2026-10")
}

fn rerun() -> Case {
    Case::new(&["monthly --issue"], "rerun --month 2026-10")
}

fn prune() -> Case {
    // Only a month long over can be pruned.
    Case::new(&["monthly --month 2023-03", "monthly"], "editions prune --older-than 24m --yes")
}

#[test]
fn a_proposal_killed_at_any_time_is_ended_by_the_next_run() {
    monthly().sweep_delays(14);
}

#[test]
fn an_issue_killed_at_any_time_is_ended_by_the_next_run() {
    issue().sweep_delays(14);
}

#[test]
fn a_rerun_killed_at_any_time_is_ended_by_the_next_run() {
    rerun().sweep_delays(14);
}

#[test]
fn a_rerun_killed_at_its_calls_is_ended_by_the_next_run() {
    if can_trace() {
        let calls = [("openat", 83), ("write", 19), ("fsync", 19), ("rename", 1), ("linkat", 17), ("mkdir", 11)];
        rerun().sweep_calls(&calls);
    }
}

#[test]
fn a_proposal_killed_at_its_calls_is_ended_by_the_next_run() {
    if can_trace() {
        let calls = [("openat", 53), ("write", 17), ("fsync", 19), ("rename", 11), ("linkat", 13), ("mkdir", 9)];
        monthly().sweep_calls(&calls);
    }
}

#[test]
fn an_issue_killed_at_its_calls_is_ended_by_the_next_run() {
    if can_trace() {
        let calls = [("openat", 71), ("write", 19), ("fsync", 19), ("rename", 1), ("linkat", 17), ("mkdir", 11)];
        issue().sweep_calls(&calls);
    }
}

#[test]
fn a_night_killed_at_its_calls_is_made_by_the_next_run() {
    if can_trace() {
        let night = Case::new(&["nightly --date 2026-10-19"], "nightly --date 2026-10-20");
        night.sweep_calls(&[("openat", 41), ("write", 7), ("fsync", 5), ("rename", 1), ("mkdir", 1)]);
    }
}

#[test]
fn pruning_killed_at_its_calls_is_ended_by_the_next_run() {
    if can_trace() {
        let calls = [("unlink", 13), ("rmdir", 9), ("rename", 1), ("fsync", 1), ("ftruncate", 1)];
        prune().sweep_calls(&calls);
    }
}

#[test]
fn a_run_that_is_out_of_space_leaves_the_archive_as_it_was() {
    if !can_trace() {
        return;
    }
    let case = issue();
    let failing = ["write:error=ENOSPC", "fsync:error=ENOSPC", "fsync:error=EIO", "rename:error=ENOSPC"];
    for injection in failing {
        let mut failed = 0;
        for at in [1, 2, 5, 9, 14] {
            case.reset();
            let what = format!("{injection} from the {at}th on");
            let code = case.traced(&[&format!("{injection}:when={at}+")], &[]);
            // What a run says may be lost; what it writes may not.
            assert!([Some(74), Some(0), Some(10)].contains(&code), "{what}: {code:?}");
            if code == Some(74) {
                failed += 1;
                let issued = case.var().join("editions/2026-10/002");
                // Only the last step, making the new edition's name durable, comes after it is there.
                assert!(!issued.exists() || injection.starts_with("fsync"), "{what}");
            }
            case.assert_mended(&what);
        }
        assert!(failed > 0, "{injection} never failed a run");
    }
}

#[test]
fn a_read_only_archive_is_told_and_left_as_it_was() {
    if !can_trace() {
        return;
    }
    for case in [monthly(), issue()] {
        for (injections, paths) in
            [(["mkdir:error=EROFS"], &[][..]), (["rename:error=EROFS"], &[]), (["openat:error=EROFS"], &["var/lock"])]
        {
            case.reset();
            assert_eq!(case.traced(&injections, paths), Some(74), "`{}` with {injections:?}", case.args);
            case.assert_mended(injections[0]);
        }
    }
}

#[test]
fn without_hard_links_inputs_are_copied() {
    if !can_trace() {
        return;
    }
    let case = monthly();
    case.reset();
    assert_eq!(case.traced(&["linkat:error=EPERM"], &[]), Some(10));
    assert!(files(&case.var()) == case.after);
}

#[test]
fn a_read_only_archive_can_be_verified_and_listed() {
    let case = issue();
    let line = "unshare -rm sh -c 'mount --bind var var && mount -o remount,ro,bind var && exec \"$0\" editions $1' \"$0\" \"$1\"";
    for command in ["verify", "list", "diff"] {
        let mut shell = Command::new("sh");
        let args = if command == "diff" { "diff 2026-10 1 2".to_owned() } else { command.to_owned() };
        shell.args(["-c", line, env!("CARGO_BIN_EXE_meritbook"), &args]).current_dir(case.path());
        let run = finish(&mut shell);
        // Where nobody may mount there is nothing to see.
        if run.stderr.contains("unshare") || run.stderr.contains("mount") {
            return;
        }
        assert_eq!(run.code, 0, "{command}: {}", run.stderr);
    }
}

#[test]
fn a_held_lock_stops_whoever_writes_and_names_its_holder() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    let before = files(&dir.join("var/editions"));
    let mut lock = File::options().write(true).open(dir.join("var/lock")).expect("the lock");
    lock.try_lock().expect("nobody holds it");
    lock.write_all(b"pid 4711 meritbook monthly\n").expect("a holder");
    let finding = "late-arrival:0305:2026-10-19";
    for args in [
        "monthly".to_owned(),
        "monthly --issue".to_owned(),
        "issue --month 2026-10".to_owned(),
        format!("decide {finding} waive --by 0301 --reason x"),
        "editions prune --older-than 24m --yes".to_owned(),
    ] {
        let run = meritbook(dir, &args);
        assert_eq!(run.code, 75, "`{args}`: {}", run.stderr);
        assert!(run.stderr.contains("pid 4711 meritbook monthly"), "`{args}`: {}", run.stderr);
    }
    for args in ["editions verify", "editions list", "check", "rules", "monthly --preview out"] {
        done(dir, args);
    }
    assert!(files(&dir.join("var/editions")) == before);
    drop(lock);
    done(dir, "monthly");
    assert_eq!(read(&dir.join("var/lock")), b"", "nobody holds it");
}
