//! What starts the program by itself: units that systemd takes, and a crontab whose lines do what they say.

mod support;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};
use support::{Run, command, demo, entries, finish, meritbook, repository, text};

const SERVICES: [&str; 3] = ["meritbook-nightly.service", "meritbook-monthly.service", "meritbook-outbox.service"];
const TIMERS: [&str; 3] = ["meritbook-nightly.timer", "meritbook-monthly.timer", "meritbook-outbox.timer"];
const FAILED: &str = "meritbook-failed@.service";
const STATE: (&str, &str) = ("dir = \"var\"", "dir = \"/var/lib/meritbook\"");

/// The example with these changes of its configuration.
fn installation(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = demo();
    let path = dir.path().join("config.toml");
    let mut config = text(&path);
    for (from, to) in changes {
        assert!(config.contains(from), "the shipped configuration has no `{from}`");
        config = config.replacen(from, to, 1);
    }
    fs::write(&path, config).expect("write the configuration");
    dir
}

/// The units by name, as they were written into a folder.
fn units(dir: &Path, args: &str) -> BTreeMap<String, String> {
    let run = meritbook(dir, &format!("schedule systemd --dir units {args}"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let units: BTreeMap<String, String> =
        entries(&dir.join("units")).iter().map(|path| (name(path), text(path))).collect();
    for name in units.keys() {
        assert!(run.stdout.contains(&format!("wrote units/{name}\n")), "{name} is not reported: {}", run.stdout);
    }
    units
}

fn has(unit: &str, line: &str) -> bool {
    unit.lines().any(|one| one == line)
}

/// A tool of the machine; nothing where it is not there.
fn tool(name: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Option<Output> {
    let output = Command::new(name).args(args).env("LC_ALL", "C.UTF-8").output();
    if output.is_err() {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "skipped: this machine has no {name}");
    }
    output.ok()
}

#[test]
fn every_unit_is_written_and_printed() {
    let dir = installation(&[STATE]);
    let units = units(dir.path(), "");
    let mut names: Vec<&str> = SERVICES.into_iter().chain(TIMERS).chain([FAILED]).collect();
    names.sort_unstable();
    assert_eq!(units.keys().map(String::as_str).collect::<Vec<_>>(), names);
    let printed = meritbook(dir.path(), "schedule systemd --quiet").stdout;
    for (name, unit) in &units {
        assert!(printed.contains(&format!("# /etc/systemd/system/{name}\n{unit}")), "{name} is printed otherwise");
        let mode = fs::metadata(dir.path().join("units").join(name)).expect("a unit").permissions().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}: systemd complains of a unit that it alone may read");
    }
}

#[test]
fn services_are_locked_in_and_have_what_they_need() {
    let dir = installation(&[STATE]);
    let units = units(dir.path(), "");
    let config = dir.path().canonicalize().expect("the folder").join("config.toml");
    for (name, command) in SERVICES.into_iter().zip(["nightly", "monthly", "outbox flush --due"]) {
        let unit = &units[name];
        let program = format!("ExecStart=/usr/local/bin/meritbook --config {} {command}", config.display());
        for line in [
            program.as_str(),
            "Type=oneshot",
            "User=meritbook",
            "StateDirectory=meritbook",
            "StateDirectoryMode=0700",
            "UMask=0077",
            "OnFailure=meritbook-failed@%n.service",
            "Wants=network-online.target",
            "ProtectSystem=strict",
            "NoNewPrivileges=yes",
            "CapabilityBoundingSet=",
            "SystemCallFilter=~@privileged @resources",
            "MemoryMax=4G",
        ] {
            assert!(has(unit, line), "{name} has no {line}:\n{unit}");
        }
        let success = if name == SERVICES[2] { "SuccessExitStatus=10 75" } else { "SuccessExitStatus=10" };
        assert!(has(unit, success), "{unit}");
        assert!(unit.contains("After=network-online.target time-sync.target"), "{unit}");
        assert!(unit.contains("TimeoutStartSec="), "{unit}");
        assert!(!unit.contains("DynamicUser") && !unit.contains("ReadWritePaths"), "{unit}");
    }
    let after = |name: &str| units[name].lines().find(|line| line.starts_with("After=")).expect("an order").to_owned();
    assert!(after(SERVICES[0]).ends_with(" meritbook-outbox.service"), "a night waits for whoever has the lock");
    assert!(after(SERVICES[1]).ends_with(" meritbook-outbox.service meritbook-nightly.service"), "so does a month");
    assert!(has(&units[SERVICES[1]], "# period.default_month pins 2026-10: delete it, or no other month is judged."));
}

#[test]
fn the_failure_unit_needs_neither_program_nor_mail() {
    let dir = installation(&[STATE]);
    let unit = &units(dir.path(), "")[FAILED];
    assert!(has(unit, "SyslogLevel=alert") && has(unit, "ProtectSystem=strict"), "{unit}");
    for word in ["MONITOR_UNIT:-%i", "MONITOR_SERVICE_RESULT", "MONITOR_EXIT_STATUS", "journalctl -u $$unit"] {
        assert!(unit.contains(word), "no {word}:\n{unit}");
    }
    assert!(
        unit.contains(r#"[ -x /etc/meritbook/alert ]; then exec /etc/meritbook/alert "$$unit" "$$result" "$$status""#)
    );
    assert!(!unit.contains("bin/meritbook"), "{unit}");
}

#[test]
fn a_user_is_named_or_made_for_each_run() {
    let dir = installation(&[STATE]);
    assert!(has(&units(dir.path(), "--user payroll")[SERVICES[1]], "User=payroll"));
    let unit = &units(dir.path(), "--dynamic-user")[SERVICES[1]];
    assert!(has(unit, "User=meritbook") && has(unit, "DynamicUser=yes") && has(unit, "PrivateTmp=yes"), "{unit}");
    // It has a /tmp of its own, whatever is asked for.
    let folder = dir.path().canonicalize().expect("the folder");
    let line = format!("BindReadOnlyPaths={}", folder.display());
    assert_eq!(has(unit, &line), folder.starts_with("/tmp") || folder.starts_with("/var/tmp"), "{unit}");
}

#[test]
fn paths_open_only_what_they_need() {
    let dir = installation(&[]);
    let archive = dir.path().canonicalize().expect("the folder").join("var");
    let unit = &units(dir.path(), "")[SERVICES[1]];
    assert!(has(unit, &format!("ReadWritePaths={}", archive.display())), "{unit}");
    assert!(!unit.contains("StateDirectory"), "{unit}");

    let is_below = |folders: &[&str]| folders.iter().any(|folder| repository().starts_with(folder));
    let printed = meritbook(&repository(), "schedule systemd").stdout;
    let tmp = if is_below(&["/tmp", "/var/tmp"]) { "PrivateTmp=no" } else { "PrivateTmp=yes" };
    let home = if is_below(&["/home", "/root", "/run/user"]) { "ProtectHome=read-only" } else { "ProtectHome=yes" };
    assert!(has(&printed, tmp) && has(&printed, home), "{printed}");

    let files = ("fixtures/demo/registers/praises.csv", "/home/hr/{month}/praises*.csv");
    let dir = installation(&[files]);
    let unit = &units(dir.path(), "")[SERVICES[0]];
    assert!(has(unit, "ProtectHome=read-only"), "{unit}");
    let folder = dir.path().canonicalize().expect("the folder");
    assert_eq!(has(unit, "PrivateTmp=no"), folder.starts_with("/tmp") || folder.starts_with("/var/tmp"), "{unit}");
}

#[test]
fn times_are_the_centres() {
    let calendar = |units: &BTreeMap<String, String>, name: &str| {
        let unit = &units[name];
        assert!(has(unit, "Persistent=true") && has(unit, "WantedBy=timers.target"), "{unit}");
        assert!(unit.contains("AccuracySec=") && unit.contains("RandomizedDelaySec="), "{unit}");
        unit.lines().find_map(|line| line.strip_prefix("OnCalendar=")).expect("a time").to_owned()
    };
    let shipped = units(installation(&[STATE]).path(), "");
    assert_eq!(calendar(&shipped, TIMERS[0]), "*-*-* 05:30:00 Asia/Shanghai");
    assert_eq!(calendar(&shipped, TIMERS[1]), "*-*-01,02,03,04,05 06:30:00 Asia/Shanghai");
    assert_eq!(calendar(&shipped, TIMERS[2]), "*-*-* *:10,40:00 Asia/Shanghai");

    let zone = ("Asia/Shanghai", "Europe/Berlin");
    let cut = ("values.2009-12-01 = \"04:00\"", "values.2009-12-01 = \"05:15\"");
    let days = |first: &str| {
        let first_day = format!("first_day = {first} ");
        let other = units(installation(&[zone, cut, ("first_day = 1 ", &first_day)]).path(), "");
        assert_eq!(calendar(&other, TIMERS[0]), "*-*-* 06:45:00 Europe/Berlin");
        calendar(&other, TIMERS[1]).replace(" 07:45:00 Europe/Berlin", "")
    };
    assert_eq!(days("24"), "*-*-24,25,26,27,28");
    assert_eq!(days("26"), "*-*-01,02,26,27,28,29,30", "a short month goes on in the next");
    assert_eq!(days("28"), "*-*-01,02,03,04,28,29,30,31");
}

#[test]
fn systemd_takes_the_units_without_a_word() {
    let paths = [("dir = \"var\"", "dir = \"50% $x/a'rchive\"")];
    let installations =
        [(installation(&[STATE]), ""), (installation(&[STATE]), "--dynamic-user"), (installation(&paths), "")];
    for (dir, user) in installations {
        let units = units(dir.path(), &format!("--binary {} {user}", env!("CARGO_BIN_EXE_meritbook")));
        let files: Vec<_> = units.keys().map(|name| dir.path().join("units").join(name)).collect();
        let Some(verified) =
            tool("systemd-analyze", [OsStr::new("verify")].into_iter().chain(files.iter().map(AsRef::as_ref)))
        else {
            return;
        };
        assert_eq!(String::from_utf8_lossy(&verified.stderr), "");
        assert!(verified.status.success());
        for file in files.iter().filter(|file| file.extension() == Some(OsStr::new("service"))) {
            let args = ["security", "--offline=true", "--threshold=20"].map(OsStr::new);
            let score = tool("systemd-analyze", args.into_iter().chain([file.as_ref()])).expect("it is there");
            let said = String::from_utf8_lossy(&score.stdout);
            assert!(score.status.success(), "{}: {}", file.display(), said.lines().last().unwrap_or_default());
        }
        for when in units.values().flat_map(|unit| unit.lines()).filter_map(|line| line.strip_prefix("OnCalendar=")) {
            let calendar = tool("systemd-analyze", ["calendar", when]).expect("it is there");
            assert!(calendar.status.success(), "{when}: {}", String::from_utf8_lossy(&calendar.stderr));
        }
    }
}

/// The lines of a crontab that run something: times, user, and the command as cron hands it to the shell.
fn lines(crontab: &str) -> Vec<(String, String, String)> {
    let is_run = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit() || c == '@');
    let split = |line: &str| {
        let words = if line.starts_with('@') { 1 } else { 5 };
        let mut parts = line.splitn(words + 2, ' ').map(str::to_owned);
        let times: Vec<String> = parts.by_ref().take(words).collect();
        let (user, command) = (parts.next().expect("a user"), parts.next().expect("a command"));
        assert!(!command.replace(r"\%", "").contains('%'), "cron would break the line: {command}");
        (times.join(" "), user, command.replace(r"\%", "%"))
    };
    crontab.lines().filter(is_run).map(split).collect()
}

#[test]
fn a_crontab_has_times_lock_and_whom_to_mail() {
    let dir = installation(&[STATE]);
    let run = meritbook(dir.path(), "schedule cron --user payroll --quiet");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for line in ["SHELL=/bin/sh", "MAILTO=operator@example.com", "CRON_TZ=Asia/Shanghai"] {
        assert!(has(&run.stdout, line), "no {line}:\n{}", run.stdout);
    }
    assert!(run.stdout.contains("\nPATH=") && run.stdout.contains("# Debian's cron ignores this"), "{}", run.stdout);
    let lines = lines(&run.stdout);
    let times: Vec<&str> = lines.iter().map(|(times, ..)| times.as_str()).collect();
    assert_eq!(times, ["30 5 * * *", "30 6 1,2,3,4,5 * *", "@reboot", "@reboot", "10,40 * * * *"]);
    for ((_, user, command), job) in
        lines.iter().zip(["nightly", "monthly", "nightly", "monthly", "outbox flush --due"])
    {
        assert_eq!(user, "payroll");
        assert!(command.starts_with("umask 077; ") && command.contains(&format!(" --quiet {job}")), "{command}");
        // Not `lock`, which is the program's own.
        assert!(command.contains(" -E 75 /var/lib/meritbook/cron.lock /usr/local/bin/meritbook"), "{command}");
        if let Some(checked) = tool("sh", ["-n", "-c", command]) {
            assert!(checked.status.success(), "{command}: {}", String::from_utf8_lossy(&checked.stderr));
        }
    }
}

#[test]
fn cron_mails_errors_and_nothing_else() {
    if tool("flock", ["--version"]).is_none() {
        return;
    }
    let dir = installation(&[("dir = \"var\"", "dir = \"50% o'clock\"")]);
    fs::create_dir(dir.path().join("50% o'clock")).expect("the archive");
    let program = dir.path().join("a program");
    let stub = "#!/bin/sh\nread code < code\ncase $code in 0|10) ;; *) echo boom >&2;; esac\nexit $code\n";
    fs::write(&program, stub).expect("write");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("make it run");
    let args = ["schedule", "cron", "--binary", program.to_str().expect("UTF-8")];
    let crontab = finish(&mut command(dir.path(), args));
    assert_eq!(crontab.code, 0, "{}", crontab.stderr);
    let mailed = |command: &str, code: u8| {
        fs::write(dir.path().join("code"), format!("{code}\n")).expect("write");
        let run = Command::new("sh").args(["-c", command]).current_dir(dir.path()).output().expect("a shell");
        String::from_utf8([run.stderr, run.stdout].concat()).expect("UTF-8")
    };
    let lines = lines(&crontab.stdout);
    for ((_, _, command), job) in [(&lines[0], "nightly"), (&lines[1], "monthly"), (&lines[4], "outbox flush --due")] {
        let command = command.replace("-w 3600", "-w 0");
        let ended = |code: u8| format!("meritbook {job} ended with exit code {code}\n");
        for code in [0, 10] {
            assert_eq!(mailed(&command, code), "", "{command}");
        }
        for code in [64, 69, 74, 78] {
            assert_eq!(mailed(&command, code), format!("boom\n{}", ended(code)), "{command}");
        }
        let is_outbox = job == "outbox flush --due";
        assert_eq!(mailed(&command, 75), if is_outbox { String::new() } else { format!("boom\n{}", ended(75)) });
        // Another line holds the lock.
        let lock = dir.path().join("50% o'clock/cron.lock");
        let held = fs::File::open(&lock).expect("cron's lock");
        held.lock().expect("the lock");
        assert_eq!(mailed(&command, 0), if is_outbox { String::new() } else { ended(75) });
    }
}

#[test]
fn what_no_unit_can_name_is_refused() {
    let stopped = |run: Run, code: i32, what: &str| {
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{}", run.stderr);
        assert!(run.stderr.contains(what), "{}", run.stderr);
    };
    let dir = installation(&[]);
    stopped(meritbook(dir.path(), "schedule systemd --binary meritbook"), 64, "an absolute path");
    stopped(meritbook(dir.path(), "schedule cron --binary /a\"b"), 64, "quotes");
    stopped(meritbook(dir.path(), "schedule systemd --dynamic-user"), 64, "archive.dir = \"/var/lib/meritbook\"");
    stopped(meritbook(dir.path(), "schedule systemd --dynamic-user --user me"), 64, "cannot be used with");
    stopped(meritbook(dir.path(), "schedule cron --user 0wner"), 64, "a user's name");
    stopped(meritbook(dir.path(), "schedule cron --config none.toml"), 78, "cannot read the configuration");
    let broken = installation(&[("[centre]", "[centre]\nhours = 8")]);
    stopped(meritbook(broken.path(), "schedule systemd"), 78, "hours");
    let long = format!("/{}", "long/".repeat(200));
    stopped(meritbook(dir.path(), &format!("schedule cron --binary {long}meritbook")), 64, "a line of a crontab");
    let odd = dir.path().join("a\nb");
    support::copy(&dir.path().join("fixtures"), &odd.join("fixtures"));
    fs::copy(dir.path().join("config.toml"), odd.join("config.toml")).expect("copy");
    stopped(meritbook(&odd, "schedule systemd"), 64, "without control characters");
}
