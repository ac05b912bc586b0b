//! The archive as a person looks at it: listed, compared, verified, pruned; on editions that the real binary made.

mod support;

use meritbook::base::{code::code_of, hash::sha256_of};
use std::{
    fs,
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Stdio,
};
use support::{MONTH, Run, command, copy, demo, done, edition, files, manifest, meritbook, read, rows, text};

const DECISIONS: &str = "fixtures/demo/registers/decisions.csv";
const LATE: &str = "late-arrival:0102:2026-10-22";
/// A charge of a month long over.
const OLD: &str = "loss:0101:SS2301";

/// Appends a line to a file.
fn append(dir: &Path, name: &str, line: &str) {
    let path = dir.join(name);
    fs::write(&path, [read(&path), format!("{line}\n").into_bytes()].concat()).expect("write");
}

/// Replaces text that is there.
fn replace(dir: &Path, name: &str, from: &str, to: &str) {
    let before = text(&dir.join(name));
    assert!(before.contains(from), "{name} has no `{from}`");
    fs::write(dir.join(name), before.replace(from, to)).expect("write");
}

fn verify(dir: &Path) -> Run {
    meritbook(dir, "editions verify")
}

#[track_caller]
fn assert_faults(run: &Run, parts: &[&str]) {
    assert_eq!(run.code, 65, "{}{}", run.stdout, run.stderr);
    for part in parts {
        assert!(run.stderr.contains(part), "no `{part}` in {}", run.stderr);
    }
}

fn flip(path: &Path) {
    let mut bytes = read(path);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("write");
}

#[test]
fn a_flipped_byte_of_every_kind_of_file_is_named() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    let said = verify(dir);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.starts_with("1 edition, ") && said.stdout.contains(": all as written"), "{}", said.stdout);
    let shown = |name: &str| format!("var/editions/2026-10/001/{name}: ");
    for name in [
        "findings.csv",
        "deductions.xlsx",
        "slips/0102.xlsx",
        "manifest.json",
        "inputs/decisions/decisions.csv",
        "inputs/config.toml",
        "inputs/policy.txt",
        "inputs/calendar.txt",
    ] {
        let path = edition(dir, 1).join(name);
        flip(&path);
        assert_faults(&verify(dir), &[&shown(name), "help: restore it from a backup"]);
        assert_faults(&meritbook(dir, "editions verify --month 2026-10"), &[&shown(name)]);
        flip(&path);
    }
    flip(&edition(dir, 1).join("manifest.json.sha256"));
    assert_faults(&verify(dir), &[&shown("manifest.json"), "does not agree with manifest.json.sha256"]);
    flip(&edition(dir, 1).join("manifest.json.sha256"));
    assert_eq!(verify(dir).code, 0);
    // An object that is no longer the same file as the edition's input.
    let object = object(dir, "decisions");
    let bytes = read(&object);
    fs::remove_file(&object).expect("remove");
    fs::write(&object, &bytes).expect("write");
    assert_eq!(fs::metadata(&object).expect("metadata").nlink(), 1);
    assert_eq!(verify(dir).code, 0);
    flip(&object);
    let run = verify(dir);
    assert_faults(
        &run,
        &[&format!("{}: it was changed", object.strip_prefix(dir).expect("below").display()), "1 fault in"],
    );
}

/// Where the content of a source's first input is stored.
fn object(dir: &Path, source: &str) -> PathBuf {
    let manifest = manifest(&edition(dir, 1));
    let input = manifest["inputs"].as_array().expect("inputs").iter().find(|input| input["source"] == source);
    dir.join("var/objects").join(input.expect("an input")["sha256"].as_str().expect("a hash"))
}

#[test]
fn what_is_missing_too_much_or_in_the_wrong_place_is_named() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    append(dir, DECISIONS, &format!("{LATE},waive,,,0101,2026-11-03 09:00,核实"));
    done(dir, "monthly");
    let (var, kept) = (dir.join("var"), dir.join("kept"));
    copy(&var, &kept);
    let month = dir.join(MONTH);
    let break_it = |what: &dyn Fn(), parts: &[&str]| {
        what();
        assert_faults(&verify(dir), parts);
        fs::remove_dir_all(&var).expect("remove");
        copy(&kept, &var);
        assert_eq!(verify(dir).code, 0);
    };
    let remove = |path: PathBuf| move || fs::remove_file(&path).expect("remove");
    let write = |path: PathBuf, text: &'static str| move || fs::write(&path, text).expect("write");
    let one = month.join("001");
    break_it(&remove(one.join("ledger.csv")), &["001/ledger.csv: it is missing, and manifest.json names it"]);
    break_it(&remove(one.join("inputs/policy.txt")), &["001/inputs/policy.txt: it is missing"]);
    break_it(&remove(one.join("manifest.json.sha256")), &["001/manifest.json.sha256: it cannot be read"]);
    break_it(&remove(object(dir, "tasks")), &["var/objects/", "it is missing, and an edition names it"]);
    break_it(&write(one.join("notes.txt"), ""), &["001/notes.txt: the manifest does not name it"]);
    break_it(&write(one.join("inputs/tasks/x"), ""), &["001/inputs/tasks/x: the manifest does not name it"]);
    break_it(&write(one.join("pruned.json"), "{"), &["001/pruned.json: it cannot be read"]);
    break_it(&write(month.join("x"), ""), &["2026-10/x: it is not an edition's folder"]);
    break_it(&write(var.join("editions/2026"), ""), &["editions/2026: it is not a month's folder"]);
    break_it(&write(var.join("objects/x"), ""), &["objects/x: it is not a stored input"]);
    break_it(
        &|| fs::remove_dir_all(&one).expect("remove"),
        &["2026-10/001: it is missing, and there are later editions"],
    );
    let moved = || fs::rename(month.join("002"), month.join("003")).expect("rename");
    break_it(
        &moved,
        &["2026-10/002: it is missing", "003/manifest.json: it is that of 2026-10/002, not of 2026-10/003"],
    );
    // A manifest that was rewritten with its hash does not deceive the edition that looked at it.
    let rewritten = || {
        replace(&one, "manifest.json", "\"proposed\"", "\"issued\"");
        let hash = sha256_of(&read(&one.join("manifest.json")));
        fs::write(one.join("manifest.json.sha256"), format!("{hash}  manifest.json\n")).expect("write");
    };
    break_it(&rewritten, &["001/manifest.json: it is not the one that edition 2026-10/002 looked at"]);
}

#[test]
fn a_damaged_manifest_does_not_keep_others_from_being_looked_at() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly --month 2026-09");
    done(dir, "monthly");
    let cut = dir.join("var/editions/2026-09/001/manifest.json");
    fs::write(&cut, &read(&cut)[..100]).expect("write");
    flip(&edition(dir, 1).join("evidence.csv"));
    let run = verify(dir);
    assert_faults(&run, &["2026-09/001/manifest.json: it is damaged", "2026-10/001/evidence.csv: it was changed"]);
    let own = meritbook(dir, "editions verify --month 2026-10");
    assert_faults(&own, &["2026-10/001/evidence.csv"]);
    let other = meritbook(dir, "editions verify --month 2026-08");
    assert_eq!(other.code, 64);
    assert!(other.stderr.contains("it has 2026-09, 2026-10"), "{}", other.stderr);
    // Whose inputs they are is not known any more, so none goes.
    let objects = files(&dir.join("var/objects")).len();
    meritbook(dir, "monthly");
    assert_eq!(files(&dir.join("var/objects")).len(), objects);
}

#[test]
fn inputs_that_no_edition_has_are_cleaned() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    let left = dir.join("var/objects").join("0".repeat(64));
    fs::write(&left, "left").expect("write");
    let run = done(dir, "monthly");
    assert!(run.stdout.contains("cleaned up after an interrupted run: 1 unfinished"), "{}", run.stdout);
    assert!(!left.exists());
    assert_eq!(verify(dir).code, 0);
}

#[test]
fn diff_says_what_decided_the_lines_and_the_money() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    append(dir, DECISIONS, &format!("{LATE},waive,,,0101,2026-11-03 09:00,核实"));
    let class = "[policy.late_arrival.class_b_amount]";
    let config = text(&dir.join("config.toml"));
    let (head, tail) = config.split_once(class).expect("the value");
    let tail = tail.replacen("values.2009-12-01 = 30", "values.2009-12-01 = 35", 1);
    fs::write(dir.join("config.toml"), format!("{head}{class}{tail}")).expect("write");
    done(dir, "issue --month 2026-10");
    let run = done(dir, "editions diff 2026-10 1 2");
    let hash = |number: u32, key: &str| manifest(&edition(dir, number))[key].as_str().expect("a hash")[..12].to_owned();
    let key = "late_arrival.class_b_amount from 2009-12-01: ";
    for part in [
        "2026-10: edition 001 (proposed) → edition 002 (issued)\n".to_owned(),
        format!("\npolicy: {} → {}\n  - {key}30.00 yuan", hash(1, "policy_sha256"), hash(2, "policy_sha256")),
        format!("\n  + {key}35.00 yuan"),
        format!("\nconfiguration: {} → {}\n", hash(1, "config_sha256"), hash(2, "config_sha256")),
        "; lines: 0 gone, 1 new\n".to_owned(),
        format!("\n  {LATE}\n    status: charge → waived\n    amount: 20.00 → none\n"),
        "\n    unit_amount: 30.00 → 35.00\n".to_owned(),
        "\nnet amount:\n  0102: 20.00 yuan in the employee's favour (deductions ".to_owned(),
        "5.00 yuan to the employee's burden".to_owned(),
        "\n0 removed, 0 added, ".to_owned(),
    ] {
        assert!(run.stdout.contains(&part), "no `{part}` in\n{}", run.stdout);
    }
    let at = |part: &str| run.stdout.find(part).expect("told");
    assert!(at("\npolicy: ") < at("\nconfiguration: ") && at("\nconfiguration: ") < at("\ninput decisions "));
    assert!(at("\ninput decisions ") < at("\nchanged:") && at("\nchanged:") < at("\nnet amount:"));
    assert!(!run.stdout.contains("核实"), "the lines of inputs are counted only");
    let same = done(dir, "editions diff 2026-10 2 2");
    assert!(same.stdout.ends_with("no difference\n"), "{}", same.stdout);
    let back = done(dir, "editions diff 2026-10 2 1").stdout;
    assert!(back.contains("0102: 20.00 yuan to the employee's burden"), "{back}");
    for (args, help) in [("2026-10 1 3", "it has 001, 002"), ("2026-09 1 2", "it has 2026-10")] {
        let run = meritbook(dir, &format!("editions diff {args}"));
        assert_eq!(run.code, 64);
        assert!(run.stderr.contains(help), "{}", run.stderr);
    }
}

#[test]
fn list_has_a_line_for_every_month_since_the_first() {
    let dir = demo();
    let dir = dir.path();
    let none = done(dir, "editions list");
    assert_eq!(none.stdout, "no edition in var yet: `meritbook monthly` makes the first\n");
    assert!(!dir.join("var").exists(), "nothing is written");
    done(dir, "monthly --month 2026-08");
    done(dir, "monthly");
    done(dir, "issue --month 2026-10");
    let shown = done(dir, "editions list --quiet").stdout;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines[0],
        "month    state     editions                period                  written     deductions  rewards"
    );
    let cells =
        |line: &str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect();
    let august: Vec<String> = cells(lines[1]);
    assert_eq!(august[..4], ["2026-08", "proposed", "1 edition, latest 001", "2026-08-01..2026-08-31"]);
    assert_eq!(lines[2].trim(), "objections until 2026-09-03");
    let of = |month: &str| *lines.iter().find(|line| line.starts_with(month)).expect("a line");
    assert_eq!(of("2026-09"), "2026-09  open                              2026-09-01..2026-09-30");
    let october: Vec<String> = cells(of("2026-10"));
    assert_eq!(october[..4], ["2026-10", "issued", "2 editions, latest 002", "2026-10-01..2026-10-31"]);
    assert_eq!(october[5..], ["1250.00", "1600.00"]);
    let written = fs::metadata(edition(dir, 2).join("manifest.json")).and_then(|meta| meta.modified()).expect("a time");
    let written = chrono::DateTime::<chrono::Utc>::from(written).with_timezone(&chrono_tz::Asia::Shanghai);
    assert_eq!(october[4], written.date_naive().to_string());
    assert!(lines.iter().all(|line| line.chars().count() <= 100));
}

/// The example with an issued month long over, in which one loss was charged, and the example's own month.
fn aged() -> tempfile::TempDir {
    let demo = demo();
    let dir = demo.path();
    append(dir, "fixtures/demo/registers/losses.csv", "SS2301,0101,2023-03-10,旧损坏,50.00,2023-03-15 10:00");
    replace(dir, "fixtures/demo/registers/acknowledgements.csv", "0101,2026-01-05", "0101,2014-01-05");
    done(dir, "monthly --month 2023-03");
    done(dir, "issue --month 2023-03");
    let postings = rows(&read(&dir.join("var/editions/2023-03/002/postings.csv")));
    assert!(postings.iter().any(|row| row["finding_id"] == OLD && row["amount"] == "50.00"), "{postings:?}");
    done(dir, "monthly");
    demo
}

/// Runs `editions prune` with an answer.
fn prune(dir: &Path, answer: &str) -> Run {
    let mut command = command(dir, ["editions", "prune", "--older-than", "2y"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a child");
    child.stdin.take().expect("its input").write_all(answer.as_bytes()).expect("an answer");
    let output = child.wait_with_output().expect("an end");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { code: output.status.code().expect("a code"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn pruning_asks_first_and_leaves_what_was_paid() {
    let dir = aged();
    let dir = dir.path();
    let before = files(&dir.join("var"));
    for answer in ["", "no\n", "\n", "yess\n"] {
        let run = prune(dir, answer);
        assert_eq!(run.code, 64, "`{answer}`");
        assert!(run.stdout.contains("2023-03 goes: it ended on 2023-03-31; "), "{}", run.stdout);
        assert!(run.stderr.contains("nothing was pruned"), "{}", run.stderr);
        assert!(files(&dir.join("var")) == before, "`{answer}`");
    }
    let run = prune(dir, "是\n");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("of 2 editions; manifest, ledger and movements of money stay"), "{}", run.stdout);
    let old = |number: u32| dir.join(format!("var/editions/2023-03/{number:03}"));
    for number in [1, 2] {
        let left: Vec<String> = files(&old(number)).into_keys().collect();
        assert_eq!(left, ["ledger.csv", "manifest.json", "manifest.json.sha256", "postings.csv", "pruned.json"]);
        assert!(!old(number).join("inputs").exists());
    }
    let after = files(&dir.join("var"));
    for (name, bytes) in &after {
        assert!(before.get(name).is_none_or(|before| before == bytes), "{name} was changed");
    }
    let is_same = |name: &&String| name.starts_with("editions/2026-10");
    assert_eq!(before.keys().filter(is_same).count(), after.keys().filter(is_same).count());
    let marker = text(&old(2).join("pruned.json"));
    let marker: serde_json::Value = serde_json::from_str(&marker).expect("JSON");
    assert_eq!(
        marker["removed"]["findings.csv"].as_str(),
        Some(sha256_of(&before["editions/2023-03/002/findings.csv"]).as_str())
    );
    assert!(marker["codes"].as_array().expect("codes").contains(&code_of(OLD).into()));
    // The example's month reads the same inputs but for the configuration; nothing else was stored.
    assert_eq!(verify(dir).code, 0, "{}", verify(dir).stderr);
    let again = prune(dir, "");
    assert_eq!((again.code, again.stdout.contains("nothing to prune")), (0, true), "{}", again.stdout);
}

#[test]
fn what_a_pruned_month_was_is_still_known() {
    let dir = aged();
    let dir = dir.path();
    append(dir, DECISIONS, &format!("{OLD},waive,,,0001,2023-04-03 09:00,核实"));
    append(dir, DECISIONS, &format!("{},waive,,,0001,2023-04-03 09:00,核实", code_of(OLD)));
    append(dir, DECISIONS, "loss:0101:SS9999,waive,,,0001,2023-04-03 09:00,核实");
    done(dir, "editions prune --older-than 24m --yes");
    done(dir, "monthly");
    let rejected = text(&edition(dir, 2).join("rejected.csv"));
    assert!(rejected.contains("loss:0101:SS9999"), "{rejected}");
    assert!(!rejected.contains(OLD) && !rejected.contains(&code_of(OLD)), "{rejected}");
    let told = done(dir, &format!("explain {OLD}")).stdout;
    assert!(told.contains("edition 2023-03/002 (issued, pruned: only what was paid is left)"), "{told}");
    assert!(told.contains("posting: deduct 50.00 yuan, of 2023-03/002, paid in 2023-03"), "{told}");
    done(dir, "explain late-arrival:0102:2026-10-22");
    let listed = done(dir, "editions list").stdout;
    assert!(listed.contains("pruned: manifest, ledger and movements of money are left"), "{listed}");
    let diff = meritbook(dir, "editions diff 2023-03 1 2");
    assert_eq!((diff.code, diff.stderr.contains("is pruned: its findings are gone")), (64, true), "{}", diff.stderr);
    done(dir, "issue --month 2026-10 --confirm-unusual --leave-open");
    assert_eq!(verify(dir).code, 0);
    let file = dir.join("var/editions/2023-03/002/postings.csv");
    flip(&file);
    assert_faults(&verify(dir), &["2023-03/002/postings.csv: it was changed"]);
    flip(&file);
    replace(&dir.join("var/editions/2023-03/002"), "pruned.json", "\"findings.csv\"", "\"findings.txt\"");
    assert_faults(&verify(dir), &["2023-03/002/findings.csv: pruned.json does not say that it went"]);
}

#[test]
fn an_interrupted_pruning_is_ended_by_the_next_run() {
    let dir = aged();
    let dir = dir.path();
    let (var, kept) = (dir.join("var"), dir.join("kept"));
    copy(&var, &kept);
    done(dir, "editions prune --older-than 24m --yes");
    let after = files(&var);
    // As if it had stopped behind its first step: both markers stand, and one file is gone.
    for number in ["001", "002"] {
        let name = format!("editions/2023-03/{number}/pruned.json");
        fs::copy(var.join(&name), kept.join(&name)).expect("a marker");
    }
    fs::remove_file(kept.join("editions/2023-03/001/answers.xlsx")).expect("remove");
    fs::remove_dir_all(&var).expect("remove");
    copy(&kept, &var);
    assert_faults(&verify(dir), &["001/findings.csv: it is still there", "help: the next run removes it"]);
    let run = done(dir, "monthly");
    assert!(run.stdout.contains("cleaned up after an interrupted run: "), "{}", run.stdout);
    assert!(files(&var) == after);
    assert_eq!(verify(dir).code, 0);
}

#[test]
fn what_is_not_as_written_is_not_thrown_away() {
    let dir = aged();
    let dir = dir.path();
    flip(&dir.join("var/editions/2023-03/001/evidence.csv"));
    let run = done(dir, "editions prune --older-than 24m --yes");
    assert!(run.stdout.contains("2023-03 stays: 1 of its files are not as written"), "{}", run.stdout);
    assert!(dir.join("var/editions/2023-03/001/findings.csv").exists());
    let refused = meritbook(dir, "editions prune --older-than 23m --yes");
    assert_eq!((refused.code, refused.stderr.contains("工资支付暂行规定 第六条")), (64, true), "{}", refused.stderr);
    let young = done(dir, "editions prune --older-than 100y --yes");
    assert!(young.stdout.starts_with("nothing to prune: no month ended before 1926"), "{}", young.stdout);
}

#[test]
fn the_shipped_month_comes_out_again_from_what_its_editions_kept() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    append(dir, DECISIONS, &format!("{LATE},waive,,,0001,2026-11-03 09:00,核实"));
    done(dir, "issue --month 2026-10");
    append(dir, DECISIONS, "complaint:0103:SX2641,waive,,,0001,2026-11-20 09:00,核实");
    done(dir, "rerun --month 2026-10");
    fs::remove_dir_all(dir.join("fixtures/demo/access")).expect("gone");
    fs::remove_dir_all(dir.join("fixtures/demo/meetings")).expect("gone");
    let run = done(dir, "editions verify --recompute");
    assert!(run.stdout.trim().ends_with("all as written; 3 editions made again, byte for byte"), "{}", run.stdout);
    // A file that was changed with all its hashes is as written, but does not come out again.
    let third = edition(dir, 3);
    let (path, manifest) = (third.join("ledger.csv"), third.join("manifest.json"));
    let (was, is) = (read(&path), text(&path).replacen("20.00", "10.00", 1));
    fs::write(&path, &is).expect("written");
    let hash = |bytes: &[u8]| meritbook::base::hash::sha256_of(bytes);
    let changed = text(&manifest).replace(&hash(&was), &hash(is.as_bytes()));
    fs::write(&manifest, &changed).expect("written");
    fs::write(third.join("manifest.json.sha256"), format!("{}  manifest.json\n", hash(changed.as_bytes())))
        .expect("written");
    done(dir, "editions verify");
    let run = meritbook(dir, "editions verify --recompute");
    assert_eq!(run.code, 65);
    assert!(run.stderr.contains("2026-10/003: 2 files made otherwise: ledger.csv, manifest.json"), "{}", run.stderr);
}
