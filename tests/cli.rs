//! What a person reads: help, and the normal output on the shipped example. Snapshots are in `tests/snapshots`.
//!
//! Only what depends on the clock or the version is replaced, and wages.

mod support;

use support::{demo, meritbook};

/// Replaces what stands between two texts, wherever they occur on a line.
fn mask(line: &str, before: &str, after: &str, by: &str) -> Option<String> {
    let (head, rest) = line.split_once(before)?;
    let (_, tail) = rest.split_once(after)?;
    Some(format!("{head}{before}{by}{after}{tail}"))
}

/// Output without durations, without the number of lines past their date, and without the warning that depends on
/// the day of the run.
fn stable(output: &str) -> String {
    let line = |line: &str| {
        let is_timed = line.ends_with(" ms") || line.contains(" ms, ");
        let line = if is_timed { mask(line, ": ", " ms", "[n]")? } else { line.to_owned() };
        let line = mask(&line, " monthly_wage=", " ", "[n]").unwrap_or(line);
        Some(mask(&line, " lines, ", " past their date", "[n]").unwrap_or(line))
    };
    let kept = output.lines().filter(|line| !line.starts_with("note: the calendar does not list"));
    kept.map(|text| line(text).unwrap_or_else(|| text.to_owned()) + "\n").collect()
}

/// Both streams of a run on the example, with its exit code where that does not depend on the day.
fn output(args: &str) -> String {
    let dir = demo();
    let run = meritbook(dir.path(), args);
    let (stdout, stderr) = (stable(&run.stdout), stable(&run.stderr));
    format!("$ meritbook {args}\n{stdout}--- stderr\n{stderr}--- exit code {}\n", run.code)
}

#[test]
fn help_of_every_command() {
    let version = format!("meritbook {}", env!("CARGO_PKG_VERSION"));
    let editions = ["editions", "editions list", "editions diff", "editions verify", "editions prune"];
    let outbox = ["outbox", "outbox list", "outbox flush", "outbox retry", "outbox hold"];
    let schedule = ["schedule", "schedule systemd", "schedule cron"];
    let single = ["", "init", "monthly", "issue", "nightly", "rerun", "check", "inspect", "rules", "decide", "explain"];
    for command in single.into_iter().chain(editions).chain(outbox).chain(schedule) {
        let shown = output(format!("{command} --help").trim_start());
        let name = if command.is_empty() { "help".to_owned() } else { format!("help-{}", command.replace(' ', "-")) };
        insta::assert_snapshot!(name, shown.replace(&version, "meritbook [version]"));
    }
}

#[test]
fn help_lists_every_command_that_is_shown_here() {
    let help = output("--help");
    let (_, commands) = help.split_once("Commands:\n").expect("a list of commands");
    let (commands, _) = commands.split_once("\n\n").expect("an end of the list");
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let all = [
        "init", "monthly", "issue", "nightly", "rerun", "check", "inspect", "rules", "decide", "explain", "editions",
        "outbox", "schedule", "help",
    ];
    assert_eq!(names, all);
}

#[test]
fn the_version_is_that_of_the_package() {
    let shown = output("--version");
    assert!(shown.contains(&format!("meritbook {}\n", env!("CARGO_PKG_VERSION"))), "{shown}");
}

#[test]
fn monthly_on_the_example() {
    insta::assert_snapshot!("monthly", output("monthly"));
}

#[test]
fn nightly_on_the_example() {
    insta::assert_snapshot!("nightly", output("nightly"));
}

#[test]
fn check_on_the_example() {
    insta::assert_snapshot!("check", output("check"));
}

#[test]
fn rules_with_the_values_of_a_day() {
    insta::assert_snapshot!("rules", output("rules --on 2026-10-14"));
}

#[test]
fn explain_a_rule() {
    insta::assert_snapshot!("explain-rule", output("explain late-arrival"));
}

#[test]
fn quiet_says_nothing_but_what_was_asked_for() {
    let dir = demo();
    let run = meritbook(dir.path(), "monthly --quiet");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = meritbook(dir.path(), "rules --on 2026-10-14 --quiet");
    assert!(run.stdout.contains("late-arrival"), "{}", run.stdout);
}

#[test]
fn the_log_is_one_json_object_a_step() {
    let dir = demo();
    let run = meritbook(dir.path(), "monthly --log json");
    let object = |line: &str| -> serde_json::Value { serde_json::from_str(line).expect("JSON") };
    let mut lines: Vec<serde_json::Value> = run.stderr.lines().map(object).collect();
    let ended = lines.pop().expect("a last line");
    assert_eq!((&ended["event"], ended["code"].as_i64()), (&"ended".into(), Some(10)));
    assert!(lines.iter().all(|line| line["event"] == "step" && line["ms"].is_u64()), "{lines:?}");
    assert!(lines[0]["rows"].as_u64().is_some_and(|rows| rows > 1000), "{lines:?}");
    let steps: Vec<&str> = lines.iter().filter_map(|line| line["step"].as_str()).collect();
    assert!(run.stdout.lines().map(object).all(|line| line["event"] == "said" && line["text"].is_string()));
    let run = meritbook(dir.path(), "issue --month 2027-03 --log json");
    let failed = object(run.stderr.lines().last().expect("a line"));
    assert_eq!((&failed["event"], failed["code"].as_i64()), (&"failed".into(), Some(78)));
    assert_eq!(steps, ["read", "judge", "write sheets", "archive"]);
}

#[test]
fn what_is_replaced_in_snapshots_is_only_what_changes() {
    let output = "read: 25 ms\nheld: 22 lines, 21 past their date; rejected: 9 rows\nnote: the calendar does not list 2027 yet\nx: 1\n";
    assert_eq!(stable(output), "read: [n] ms\nheld: 22 lines, [n] past their date; rejected: 9 rows\nx: 1\n");
}
