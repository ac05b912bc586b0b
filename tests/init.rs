//! The first day: `init` makes a folder that loads, charges nobody, says what is missing, and grows into the month.

mod support;

use meritbook::{ingest::presets, schema::tables::TABLES};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use support::{Run, copy, entries, files, meritbook, modes, read, repository, rows, text};

/// A month that is over whenever the test runs.
const PAST: &str = "2025-10";

/// The folder as `init` makes it, as `hr` below a folder of its own.
fn fresh() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let run = meritbook(dir.path(), "init hr");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let hr = dir.path().join("hr");
    (dir, hr)
}

/// What `check` says is missing.
fn missing(dir: &Path, month: &str) -> (Run, String) {
    let run = meritbook(dir, &format!("check --month {month}"));
    let at = run.stdout.rfind("\n\n").expect("a last part") + 2;
    let last = run.stdout[at..].to_owned();
    (run, last)
}

fn change(path: &Path, changes: &[(&str, &str)]) {
    let mut text = text(path);
    for (from, to) in changes {
        assert!(text.contains(from), "{} has no `{from}`", path.display());
        text = text.replacen(from, to, 1);
    }
    fs::write(path, text).expect("write");
}

#[test]
fn a_new_folder_loads_and_check_says_what_to_do() {
    let (_dir, hr) = fresh();
    let (run, last) = missing(&hr, PAST);
    assert_eq!(run.code, 66, "{}{}", run.stdout, run.stderr);
    insta::assert_snapshot!("check-first-day", last);
    // Everything else is told all the same.
    for table in TABLES {
        assert!(run.stdout.contains(&format!("\n{}: ", table.name)), "{} is not told", table.name);
    }
    let judged = meritbook(&hr, &format!("monthly --month {PAST} --preview p"));
    assert_eq!(judged.code, 66);
    assert!(judged.stderr.contains("nobody is on the roster"), "{}", judged.stderr);
    assert!(!hr.join("p").exists() && !hr.join("var/editions").exists());
}

#[test]
fn its_output_names_the_next_steps() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    insta::assert_snapshot!("init", meritbook(dir.path(), "init hr").stdout);
}

#[test]
fn registers_and_templates_have_the_canonical_headers_as_excel_takes_them() {
    let (_dir, hr) = fresh();
    let mut tables = BTreeSet::new();
    for path in ["registers", "templates"].iter().flat_map(|folder| entries(&hr.join(folder))) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let table = TABLES.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"));
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(text(&path), format!("\u{feff}{}\r\n", columns.join(",")));
        assert!(tables.insert(name), "{} is there twice", table.name);
    }
    assert_eq!(tables.len(), TABLES.len());
    let config = text(&hr.join("config.toml"));
    for table in TABLES {
        let is_head = |line: &&str| line.trim_start_matches("# ").starts_with(&format!("[sources.{}]", table.name));
        assert_eq!(config.lines().filter(is_head).count(), 1, "{}", table.name);
    }
}

#[test]
fn the_same_bytes_whatever_the_day_and_the_place() {
    let ((_one, first), (_two, second)) = (fresh(), fresh());
    assert_eq!(files(&first), files(&second));
    let abroad = tempfile::tempdir().expect("a temporary folder");
    let mut command = support::command(abroad.path(), ["init", "hr"]);
    let run = support::finish(command.env("TZ", "America/Lima").env("LANG", "zh_CN.GB18030"));
    assert_eq!(run.code, 0);
    assert_eq!(files(&first), files(&abroad.path().join("hr")));
}

#[test]
fn only_the_owner_reads_it_and_nothing_is_left_over() {
    let (dir, hr) = fresh();
    for (path, mode, is_dir) in modes(&hr) {
        assert_eq!(mode, if is_dir { 0o700 } else { 0o600 }, "{}", path.display());
    }
    assert_eq!(entries(dir.path()), [hr.as_path()].map(Path::to_path_buf));
    let names: Vec<String> =
        entries(&hr).iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect();
    assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
}

#[test]
fn what_stands_there_is_left_as_it_was() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let hr = dir.path().join("hr");
    fs::create_dir(&hr).expect("a folder");
    fs::write(hr.join("wages.csv"), "mine").expect("a file");
    let run = meritbook(dir.path(), "init hr");
    assert_eq!((run.code, run.stdout.as_str()), (74, ""));
    assert!(run.stderr.contains("hr is not empty") && run.stderr.contains("there is wages.csv\n"), "{}", run.stderr);
    assert!(run.stderr.contains("help: "), "{}", run.stderr);
    assert_eq!(files(&hr).into_iter().collect::<Vec<_>>(), [("wages.csv".to_owned(), b"mine".to_vec())]);
    let run = meritbook(dir.path(), "init hr/wages.csv");
    assert_eq!(run.code, 74);
    assert!(run.stderr.contains("is a file, not a folder"), "{}", run.stderr);
    assert_eq!(read(&hr.join("wages.csv")), b"mine");
    // A second time is no different.
    fs::remove_file(hr.join("wages.csv")).expect("gone");
    assert_eq!(meritbook(dir.path(), "init hr").code, 0);
    let before = files(&hr);
    assert_eq!(meritbook(dir.path(), "init hr").code, 74);
    assert_eq!(files(&hr), before);
}

#[test]
fn the_folder_one_is_in_will_do() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(meritbook(dir.path(), "init .").code, 0);
    let (_other, hr) = fresh();
    assert_eq!(files(dir.path()), files(&hr));
    assert_eq!(meritbook(dir.path(), &format!("check --month {PAST}")).code, 66);
}

#[test]
fn the_readme_is_about_what_is_there() {
    let (_dir, hr) = fresh();
    let readme = text(&hr.join("README.md"));
    for table in TABLES {
        assert!(
            readme.contains(&format!("`{}`", table.name))
                || readme.contains(&format!("`{}/`", table.name))
                || table.name == "swipes",
            "{}",
            table.name
        );
    }
    for folder in entries(&hr).iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(readme.contains(&format!("`{name}/`")), "{name}");
    }
    // The rows that it shows sign off exactly what has to be signed off.
    let config: toml::Table = text(&hr.join("config.toml")).parse().expect("TOML");
    let sources = config["sources"].as_table().expect("sources");
    let signed =
        sources.iter().filter(|(_, source)| source.get("proven").and_then(|word| word.as_str()) == Some("closure"));
    let signed: BTreeSet<&str> = signed.map(|(name, _)| name.as_str()).collect();
    let shown = readme.lines().filter_map(|line| line.split_once(",2026-10-31,").map(|(name, _)| name));
    assert_eq!(shown.collect::<BTreeSet<_>>(), signed);
    for name in ["leaves", "punches", "notices", "visits", "checkins", "overtime"] {
        assert!(signed.contains(name), "{name} would be believed before anybody signed it off");
    }
}

/// The lines from `from` up to the next line that begins with `to`.
fn part(text: &str, from: &str, to: &str) -> String {
    let at = text.find(from).unwrap_or_else(|| panic!("no `{from}`"));
    let length = text[at..].find(&format!("\n{to}")).unwrap_or_else(|| panic!("no `{to}` behind `{from}`"));
    text[at..=at + length].to_owned()
}

/// The shipped month in the places that `init` made for it, with nothing signed off.
fn filled(hr: &Path) {
    let demo = repository().join("fixtures/demo");
    for path in entries(&demo.join("registers")) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let stem = name.trim_end_matches(".csv");
        let folder = if hr.join(stem).is_dir() { stem } else { "registers" };
        if stem != "closures" {
            fs::copy(&path, hr.join(folder).join(&name)).expect("copy a register");
        }
    }
    for (from, to) in [("access", "access"), ("tickets", "tickets"), ("meetings/reports", "checkins")] {
        copy(&demo.join(from), &hr.join(to));
    }
    for name in ["meetings", "invitations"] {
        fs::copy(demo.join(format!("meetings/{name}.csv")), hr.join(name).join("october.csv")).expect("copy");
    }
    let config = hr.join("config.toml");
    let shipped = text(&repository().join("config.toml"));
    change(
        &config,
        &[
            ("\"warn-only\"\n\n", "\"deduct\"\n\n"),
            ("# id = { pad = 4 }", "id = { pad = 4 }"),
            ("files = [\"rosters/{month}*\"]\n# none = true", "none = true"),
            ("files = [\"checkins/*\"]\n# files = [\"checkins/{", "files = [\"checkins/{"),
        ],
    );
    let mut text = text(&config);
    for table in ["swipes", "tickets", "checkins"] {
        let section = part(&text, &format!("[sources.{table}]"), "[sources.");
        text = text.replace(&section, &section.replace("# preset = ", "preset = "));
    }
    text.push_str(&part(&shipped, "[areas]", "[sources."));
    text.push_str(&part(&shipped, "[sources.leaves.columns]", "[sources.visits]"));
    text.push_str(&part(&shipped, "[sources.tickets.columns]", "[sources.meetings]"));
    fs::write(config, text).expect("write the configuration");
}

/// What a preview finds: id, status, reason and amount, and the sum line.
fn judged(dir: &Path) -> (BTreeSet<[String; 4]>, String) {
    let run = meritbook(dir, "monthly --month 2026-10 --preview preview");
    assert_eq!(run.code, 10, "{}{}", run.stdout, run.stderr);
    let told = run.stdout.lines().find(|line| line.starts_with("deductions: ")).expect("the sums").to_owned();
    let found = rows(&read(&dir.join("preview/findings.csv")));
    let cells = |row: &support::Row| ["finding_id", "status", "reason", "amount"].map(|name| row[name].clone());
    (found.iter().map(cells).collect(), told)
}

#[test]
fn a_month_grows_into_it_and_charges_nobody_before_it_is_whole() {
    let (_dir, hr) = fresh();
    let demo = repository().join("fixtures/demo");
    fs::copy(demo.join("registers/employees.csv"), hr.join("registers/employees.csv")).expect("the roster");
    let (run, last) = missing(&hr, "2026-10");
    assert_eq!(run.code, 10);
    assert!(!last.contains("nobody is on the roster") && last.contains("nobody has signed the policy"), "{last}");

    filled(&hr);
    let attendance = |rows: &BTreeSet<[String; 4]>| {
        let needs_proof =
            ["absence", "late-arrival", "meeting-late", "meeting-absence", "unreachable", "overtime-claim"];
        let is_one = |row: &&[String; 4]| needs_proof.contains(&row[0].split(':').next().expect("a rule"));
        rows.iter().filter(is_one).count()
    };
    let (open, _) = judged(&hr);
    assert_eq!(attendance(&open), 0, "{open:?}");

    let closures = "source,through,closed_by\nleaves,2026-11-05,0101\n";
    let others = ["punches", "notices", "visits", "checkins", "contacts", "overtime"];
    let row = |name: &&str| format!("{name},2026-11-05,0101\n");
    let signed = others.iter().map(row).collect::<String>();
    fs::write(hr.join("registers/closures.csv"), format!("{closures}{signed}")).expect("sign");
    let example = support::demo();
    let (whole, expected) = (judged(&hr), judged(example.path()));
    assert!(attendance(&whole.0) > 10);
    assert_eq!(whole, expected);
    let (_, last) = missing(&hr, "2026-10");
    assert_eq!(
        last,
        "nothing is missing: every rule has its data\nnext:\n  1. say who gets the sheets by mail: [[mail.recipients]] with role = \"hr\"\n"
    );

    // What is signed off too early is said with the day, and what it lacks.
    change(&hr.join("registers/closures.csv"), &[("visits,2026-11-05", "visits,2026-10-20")]);
    let (run, last) = missing(&hr, "2026-10");
    assert_eq!(run.code, 10);
    assert!(
        last.contains("  visits: signed off through 2026-10-20 only\n    not judged: absence 二.1, late-arrival 二.3"),
        "{last}"
    );
    assert!(last.contains("       visits,2026-10-31,EMPLOYEE_ID\n"), "{last}");
}

#[test]
fn a_decision_can_be_written_into_the_empty_register() {
    let (_dir, hr) = fresh();
    filled(&hr);
    let empty = format!("\u{feff}{}\r\n", "finding_id,decision,amount,value,decided_by,decided_at,reason,code");
    fs::write(hr.join("registers/decisions.csv"), empty).expect("an empty register");
    meritbook(&hr, "monthly --month 2026-10");
    let held = rows(&read(&support::edition(&hr, 1).join("findings.csv")));
    let held = held.iter().find(|row| row["status"] == "unpriced").expect("an unpriced line");
    let run = meritbook(&hr, &format!("decide {} waive --by 0001 --reason no", held["finding_id"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(text(&hr.join("registers/decisions.csv")).contains(&held["finding_id"]));
}

#[test]
fn a_source_that_is_read_wrongly_or_ends_early_is_told_with_its_rules() {
    let (_dir, hr) = fresh();
    filled(&hr);
    fs::write(hr.join("visits/visits.csv"), "nonsense\n").expect("write");
    let tickets = part(&text(&hr.join("config.toml")), "[sources.tickets]", "[sources.");
    change(&hr.join("config.toml"), &[(&tickets, &tickets.replace("\npreset = ", "\n# preset = "))]);
    for path in entries(&hr.join("access")) {
        let log = text(&path);
        let kept = log.lines().filter(|line| !line.contains("\t2026-10-3")).map(|line| format!("{line}\n"));
        fs::write(&path, kept.collect::<String>()).expect("write");
    }
    let config = text(&hr.join("config.toml"));
    let section = part(&config, "[sources.tasks]", "[sources.");
    change(&hr.join("config.toml"), &[(&section, "")]);
    let (run, last) = missing(&hr, "2026-10");
    assert_eq!(run.code, 10, "{}", run.stderr);
    // A log of the doors that cannot be read is no missing file.
    fs::write(hr.join("access/2.dat"), "nonsense\n").expect("write");
    let (_, unread) = missing(&hr, "2026-10");
    assert!(unread.contains("  swipes: not usable: `access/2.dat`"), "{unread}");
    assert!(!unread.contains("[sources.swipes]  access/*"), "{unread}");
    assert!(last.contains("  visits: not usable: `visits/visits.csv`"), "{last}");
    assert!(
        last.contains("  swipes: ends 2026-10-29\n    not judged: absence 二.1, late-arrival 二.3, overtime"),
        "{last}"
    );
    assert!(last.contains("  tasks: not configured\n    not judged: task-overdue 八.9\n"), "{last}");
    assert!(last.contains("export again, through 2026-10-30 at least: swipes\n"), "{last}");
    assert!(
        last.contains("add to the configuration, with `files` or with `none = true`:\n       [sources.tasks]\n"),
        "{last}"
    );
}

#[test]
fn every_preset_that_is_shown_may_be_used() {
    let (_dir, hr) = fresh();
    let config = hr.join("config.toml");
    let all = text(&config).replace("# preset = ", "preset = ");
    assert!(all.matches("\npreset = ").count() >= 3);
    fs::write(&config, all).expect("write");
    // A preset of another table is told as soon as there is a file.
    for path in entries(&hr.join("templates")) {
        let table = path.file_stem().expect("a name").to_string_lossy().replace("swipes", "access");
        fs::copy(&path, hr.join(&table).join(format!("{PAST}.csv"))).expect("copy");
    }
    let (run, last) = missing(&hr, PAST);
    assert_eq!(run.code, 66, "{}", run.stderr);
    assert!(last.contains("next:"), "{last}");
    assert!(presets::names().len() > 4);
}
