//! A month's life with the real binary: proposed → issued, what stands in the archive, and what never changes.

mod support;

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};
use support::{
    MONTH, demo, done, edition, entries, fen, files, finish, mail, manifest, meritbook, modes, read, rows, sheets, sum,
    text,
};

const DECISIONS: &str = "fixtures/demo/registers/decisions.csv";

/// The state and the number that the edition's manifest gives.
fn state(dir: &Path, number: u32) -> (String, u64) {
    let manifest = manifest(&edition(dir, number));
    (manifest["state"].as_str().expect("a state").to_owned(), manifest["edition"].as_u64().expect("a number"))
}

fn numbers(dir: &Path) -> Vec<String> {
    let names = entries(&dir.join(MONTH)).into_iter();
    names.map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect()
}

/// A charge of the example's proposal that no decision concerns.
fn undecided_charge(dir: &Path) -> String {
    let decided: Vec<String> =
        rows(&read(&dir.join(DECISIONS))).into_iter().map(|row| row["finding_id"].clone()).collect();
    let findings = rows(&read(&edition(dir, 1).join("findings.csv")));
    let charge = findings.iter().find(|row| row["status"] == "charge" && !decided.contains(&row["finding_id"]));
    charge.expect("a charge")["finding_id"].clone()
}

fn waive(dir: &Path, finding: &str) {
    let mut register = OpenOptions::new().append(true).open(dir.join(DECISIONS)).expect("the register");
    writeln!(register, "{finding},waive,,,0001,2026-11-03 09:00,核实后免记").expect("a decision");
}

#[test]
fn a_month_is_proposed_proposed_anew_issued_and_then_closed() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    assert_eq!(state(dir, 1), ("proposed".to_owned(), 1));
    assert!(!edition(dir, 1).join("import").exists(), "a proposal is not for payroll");

    let again = meritbook(dir, "monthly");
    assert_eq!(again.code, 0);
    assert!(again.stdout.contains("2026-10: nothing changed since edition 001 was proposed"), "{}", again.stdout);
    assert_eq!(numbers(dir), ["001"]);

    let charge = undecided_charge(dir);
    waive(dir, &charge);
    done(dir, "monthly");
    assert_eq!(state(dir, 2), ("proposed".to_owned(), 2));
    let status = |number| {
        let findings = rows(&read(&edition(dir, number).join("findings.csv")));
        findings.into_iter().find(|row| row["finding_id"] == charge).expect("the finding")["status"].clone()
    };
    assert_eq!((status(1), status(2)), ("charge".to_owned(), "waived".to_owned()));

    done(dir, "issue --month 2026-10");
    assert_eq!(state(dir, 3), ("issued".to_owned(), 3));
    assert_payroll_is_the_ledger(&edition(dir, 3));

    let before = files(&dir.join("var/editions"));
    let refused = meritbook(dir, "monthly");
    assert_eq!(refused.code, 64);
    assert!(refused.stderr.contains("meritbook rerun --month 2026-10"), "{}", refused.stderr);
    assert_eq!(numbers(dir), ["001", "002", "003"]);
    assert!(before == files(&dir.join("var/editions")), "an issued month is never edited");
}

fn assert_payroll_is_the_ledger(edition: &Path) {
    let payroll = rows(&read(&edition.join("import/payroll.csv")));
    let ledger = rows(&read(&edition.join("ledger.csv")));
    let key = |row: &support::Row| {
        ["employee_id", "rule", "direction", "destination", "count", "amount"].map(|name| row[name].clone())
    };
    let is_money = |row: &&support::Row| row["direction"] != "hours";
    let (mut lines, mut booked): (Vec<_>, Vec<_>) =
        (payroll.iter().filter(is_money).map(key).collect(), ledger.iter().map(key).collect());
    lines.sort();
    booked.sort();
    assert_eq!(lines, booked);
    for direction in ["deduct", "reward"] {
        let total = |rows: &[support::Row]| sum(rows, "amount", |row| row["direction"] == direction);
        assert!(total(&payroll) > 0, "{direction}");
        assert_eq!(total(&payroll), total(&ledger), "{direction}");
    }
    assert!(payroll.iter().all(|row| row["paid_in"] == "2026-10"));
    // Overtime is a quantity: hours, no amount.
    let findings = rows(&read(&edition.join("findings.csv")));
    let claimed = sum(&findings, "quantity", |row| row["status"] == "hours");
    assert!(claimed > 0);
    assert_eq!(sum(&payroll, "hours", |row| row["direction"] == "hours"), claimed);
    assert!(payroll.iter().all(|row| (row["direction"] == "hours") == row["amount"].is_empty()));
}

#[test]
fn explain_says_why_a_decision_could_not_be_used() {
    let dir = demo();
    done(dir.path(), "monthly");
    let told = done(dir.path(), "explain late-arrival:0102:2026-10-14").stdout;
    assert!(told.contains("decision: waive · 0102"), "{told}");
    assert!(told.contains("(rejected: the employee concerned may only object)"), "{told}");
}

#[test]
fn monthly_issue_does_both_in_one_go() {
    let dir = demo();
    done(dir.path(), "monthly --issue");
    assert_eq!(state(dir.path(), 1), ("issued".to_owned(), 1));
    assert_payroll_is_the_ledger(&edition(dir.path(), 1));
    assert_eq!(meritbook(dir.path(), "issue --month 2026-10").code, 64);
    assert_eq!(numbers(dir.path()), ["001"]);
}

#[test]
fn an_archive_is_private_whatever_the_umask() {
    let dir = demo();
    let line = "umask 000; exec \"$0\" monthly --quiet";
    let binary = env!("CARGO_BIN_EXE_meritbook");
    let run = finish(Command::new("sh").args(["-c", line, binary]).current_dir(dir.path()));
    assert!([0, 10].contains(&run.code), "{}", run.stderr);
    let modes = modes(&dir.path().join("var"));
    assert!(modes.len() > 50, "{} files and folders", modes.len());
    for (path, mode, is_dir) in modes {
        assert_eq!(mode, if is_dir { 0o700 } else { 0o600 }, "{}: {mode:o}", path.display());
    }
}

#[test]
fn an_edition_keeps_the_bytes_of_every_input_once() {
    let dir = demo();
    done(dir.path(), "monthly");
    let edition = edition(dir.path(), 1);
    let inputs = manifest(&edition)["inputs"].as_array().expect("inputs").clone();
    assert!(inputs.len() > 20);
    for input in inputs {
        let word = |name: &str| input[name].as_str().expect("text").to_owned();
        let original = dir.path().join(word("name"));
        let kept = edition.join("inputs").join(word("source")).join(original.file_name().expect("a name"));
        let object = dir.path().join("var/objects").join(word("sha256"));
        assert!(read(&original) == read(&kept), "{}", kept.display());
        let inode = |path: &Path| fs::metadata(path).expect("metadata").ino();
        assert_eq!(inode(&kept), inode(&object), "{}", kept.display());
    }
    assert_eq!(read(&dir.path().join("config.toml")), read(&edition.join("inputs/config.toml")));
}

#[test]
fn the_texts_that_decide_are_kept_under_the_hashes_that_the_manifest_names() {
    let dir = demo();
    done(dir.path(), "monthly");
    let edition = edition(dir.path(), 1);
    for (name, key) in [("config.toml", "config"), ("policy.txt", "policy"), ("calendar.txt", "calendar")] {
        let bytes = read(&edition.join("inputs").join(name));
        let sha256 = meritbook::base::hash::sha256_of(&bytes);
        assert_eq!(manifest(&edition)[format!("{key}_sha256")].as_str(), Some(sha256.as_str()), "{name}");
    }
    assert!(
        text(&edition.join("inputs/policy.txt")).contains("late_arrival.class_a_amount from 2009-12-01: 20.00 yuan")
    );
    assert!(text(&edition.join("inputs/calendar.txt")).contains("2026-10-01,holiday"));
    let sha256 = meritbook::base::hash::sha256_of(&read(&edition.join("manifest.json")));
    assert_eq!(text(&edition.join("manifest.json.sha256")), format!("{sha256}  manifest.json\n"));
}

#[test]
fn nothing_unfinished_is_left_and_what_a_crash_left_is_cleaned() {
    let dir = demo();
    let left = dir.path().join(MONTH).join(".tmp-001");
    fs::create_dir_all(&left).expect("make a folder");
    fs::write(left.join("findings.csv"), "half").expect("write");
    let run = done(dir.path(), "monthly");
    assert!(run.stdout.contains("cleaned up after an interrupted run: 1 unfinished"), "{}", run.stdout);
    for name in files(&dir.path().join("var")).keys() {
        assert!(!name.contains("tmp"), "{name}");
    }
    assert_eq!(numbers(dir.path()), ["001"]);
}

#[test]
fn the_manifest_names_every_file_of_its_edition() {
    let dir = demo();
    done(dir.path(), "monthly");
    let edition = edition(dir.path(), 1);
    let outputs = manifest(&edition)["outputs"].as_array().expect("outputs").clone();
    let mut named: Vec<String> =
        outputs.iter().map(|output| output["name"].as_str().expect("a name").to_owned()).collect();
    let mut there: Vec<String> = files(&edition).into_keys().filter(|name| !name.starts_with("inputs/")).collect();
    named.extend(["manifest.json".to_owned(), "manifest.json.sha256".to_owned()]);
    named.sort();
    there.sort();
    assert_eq!(named, there);
    for output in outputs {
        let bytes = read(&edition.join(output["name"].as_str().expect("a name")));
        assert_eq!(output["sha256"].as_str(), Some(meritbook::base::hash::sha256_of(&bytes).as_str()), "{output}");
        if let Some(count) = output["rows"].as_u64() {
            assert_eq!(count, rows(&bytes).len() as u64, "{output}");
        }
    }
}

#[test]
fn a_preview_writes_no_archive() {
    let dir = demo();
    done(dir.path(), "monthly --preview out");
    done(dir.path(), "monthly --issue --preview issued");
    done(dir.path(), "issue --month 2026-10 --preview final");
    assert!(!dir.path().join("var").exists());
    let (proposed, issued) = (files(&dir.path().join("out")), files(&dir.path().join("issued")));
    assert!(!proposed.contains_key("import/payroll.csv"));
    assert!(issued == files(&dir.path().join("final")), "issue and monthly --issue make the same");
    assert_eq!(proposed["findings.csv"], issued["findings.csv"]);
}

#[test]
fn the_same_month_makes_the_same_bytes_in_the_archive_and_in_a_preview() {
    let dir = demo();
    done(dir.path(), "monthly --preview out");
    done(dir.path(), "monthly");
    let mut kept = files(&edition(dir.path(), 1));
    kept.retain(|name, _| !name.starts_with("inputs/") && name != "manifest.json.sha256");
    assert!(kept == files(&dir.path().join("out")));
}

#[test]
fn explain_shows_the_evidence_with_the_line_of_the_source() {
    let dir = demo();
    done(dir.path(), "monthly");
    let evidence = rows(&read(&edition(dir.path(), 1).join("evidence.csv")));
    let shown = ["swipes", "checkins", "complaints", "tickets"].map(|source| {
        let row = evidence.iter().find(|row| row["source"] == source);
        row.unwrap_or_else(|| panic!("no finding stands on {source}"))
    });
    for row in shown {
        let (id, file, line) = (&row["finding_id"], &row["file"], &row["line"]);
        let run = meritbook(dir.path(), &format!("explain {id}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.contains(&format!("finding_id: {id}\n")), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("{} {file}:{line}\n", row["source"])), "{}", run.stdout);
        let source = text(&dir.path().join(file));
        let line: usize = line.parse().expect("a line");
        let cells = source.lines().nth(line - 1).expect("the line").replace('\t', " ");
        assert!(run.stdout.contains(cells.trim()), "{id}: {cells}\n{}", run.stdout);
    }
}

/// The mail of an edition, by the role in its file name.
fn message(edition: &Path, role: &str) -> mail::Part {
    let name = |path: &PathBuf| path.to_string_lossy().ends_with(&format!("-{role}.eml"));
    mail::parse(&read(&entries(&edition.join("mail")).into_iter().find(name).expect("the mail")))
}

#[test]
fn the_mail_to_hr_can_be_read_and_carries_both_workbooks() {
    let dir = demo();
    done(dir.path(), "monthly");
    let edition = edition(dir.path(), 1);
    let message = message(&edition, "hr");
    for name in ["from", "to", "subject", "message-id", "date", "mime-version"] {
        assert!(message.headers.contains_key(name), "no {name}");
    }
    assert_eq!(mail::words(&message.headers["subject"]), "2026-10 奖惩建议 第1版");
    assert!(message.headers["to"].ends_with("<hr@example.com>"), "{}", message.headers["to"]);
    assert_eq!(message.kind(), "multipart/mixed");
    let kinds: Vec<&str> = message.parts.iter().map(mail::Part::kind).collect();
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(kinds, ["multipart/alternative", sheet, sheet, sheet]);
    let bodies: Vec<&str> = message.parts[0].parts.iter().map(mail::Part::kind).collect();
    assert_eq!(bodies, ["text/plain", "text/html"]);
    for (part, book) in message.parts[1..].iter().zip(["deductions", "rewards", "answers"]) {
        let name = format!("meritbook-2026-10-001-{book}.xlsx");
        assert!(part.headers["content-disposition"].contains(&name), "{}", part.headers["content-disposition"]);
        assert!(part.body == read(&edition.join(format!("{book}.xlsx"))), "{book}");
    }
}

#[test]
fn the_mail_says_first_what_could_not_be_judged_and_then_the_totals() {
    let dir = demo();
    done(dir.path(), "monthly");
    let edition = edition(dir.path(), 1);
    let body = String::from_utf8(message(&edition, "hr").parts[0].parts[0].body.clone()).expect("UTF-8");
    let control = manifest(&edition)["control"].clone();
    let at = |words: &str| body.find(words).unwrap_or_else(|| panic!("`{words}` is not in\n{body}"));
    let totals = at(control["charge"].as_str().expect("a sum"));
    assert!(
        at("未能判定的部分") < at("待处理")
            && at("待处理") < totals
            && totals < at(control["credit"].as_str().expect("a sum"))
    );
}

#[test]
fn the_operator_gets_no_people_no_amounts_and_no_workbooks() {
    let dir = demo();
    done(dir.path(), "monthly");
    let edition = edition(dir.path(), 1);
    let message = message(&edition, "operator");
    assert!(message.parts.iter().all(|part| part.kind() == "multipart/alternative"), "no attachment");
    let body = String::from_utf8(message.parts[0].parts[0].body.clone()).expect("UTF-8");
    let staff = rows(&read(&dir.path().join("fixtures/demo/registers/employees.csv")));
    for person in staff {
        assert!(!body.contains(&person["name"]), "{} is in the operator's mail", person["name"]);
    }
    assert!(!body.contains(manifest(&edition)["control"]["charge"].as_str().expect("a sum")), "{body}");
}

#[test]
fn mails_have_the_same_bytes_twice() {
    let (one, other) = (demo(), demo());
    done(one.path(), "monthly");
    done(other.path(), "monthly");
    let mails = |dir: &Path| files(&edition(dir, 1).join("mail"));
    let names: Vec<String> = mails(one.path()).into_keys().collect();
    let managers = ["0001", "0101", "0201", "0301"].into_iter().zip(4..);
    let managers = managers.map(|(id, number)| format!("{number:02}-manager-{id}.eml"));
    let offices = ["01-hr.eml", "02-general-manager.eml", "03-operator.eml"].map(str::to_owned);
    assert_eq!(names, offices.into_iter().chain(managers).collect::<Vec<_>>());
    assert!(mails(one.path()) == mails(other.path()));
}

#[test]
fn every_sum_of_money_is_the_same_everywhere() {
    let dir = demo();
    done(dir.path(), "monthly --issue");
    let edition = edition(dir.path(), 1);
    let table = |name: &str| rows(&read(&edition.join(name)));
    let control = manifest(&edition)["control"].clone();
    let shown = |name: &str| fen(control[name].as_str().expect("a sum"));
    let sheet = |book: &str, sheet: &str| sheets::total(&read(&edition.join(book)), sheet, "合计", "合计金额");
    for (status, direction, names, total) in [
        ("charge", "deduct", ["charge", "deduct_postings", "deduct_ledger"], sheet("deductions.xlsx", "扣款汇总")),
        ("credit", "reward", ["credit", "reward_postings", "reward_ledger"], sheet("rewards.xlsx", "奖励汇总")),
    ] {
        let found = sum(&table("findings.csv"), "amount", |row| row["status"] == status);
        assert!(found > 0, "{status}");
        for name in ["postings.csv", "ledger.csv", "import/payroll.csv"] {
            assert_eq!(sum(&table(name), "amount", |row| row["direction"] == direction), found, "{name}");
        }
        assert_eq!(names.map(shown), [found; 3], "{status} in the manifest");
        assert_eq!(format!("{total:.2}"), format!("{}.{:02}", found / 100, found % 100), "{status} in the sheet");
    }
}

/// The rows of the cover's table of months: month, edition, deductions, rewards.
fn months(book: &Path) -> Vec<String> {
    let text = sheets::dump("", &read(book));
    let cover = text.split("===").nth(1).expect("the cover");
    let rows = cover.lines().skip_while(|line| !line.contains("工资月份 | 版次")).skip(1);
    let row = |line: &str| line.split_once(": ").expect("a row").1.to_owned();
    rows.map(row).take_while(|row| row.starts_with("20")).collect()
}

#[test]
fn the_cover_sets_the_month_beside_the_latest_edition_of_earlier_ones() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly --month 2026-08");
    done(dir, "monthly --month 2026-09");
    let charge = rows(&read(&dir.join("var/editions/2026-09/001/findings.csv")));
    let charge = charge.iter().find(|row| row["status"] == "charge").expect("a charge in September").clone();
    done(dir, "issue --month 2026-08");
    waive(dir, &charge["finding_id"]);
    done(dir, "monthly --month 2026-09");
    done(dir, "monthly");
    let control = |edition: &str| manifest(&dir.join("var/editions").join(edition))["control"].clone();
    let expected = |month: &str, edition: &str, said: &str| {
        let control = control(&format!("{month}/{edition}"));
        let yuan = |key: &str| {
            let sum = control[key].as_str().expect("a sum").trim_end_matches('0');
            sum.trim_end_matches('.').to_owned()
        };
        format!("{month} | {said} | {} | {}", yuan("charge"), yuan("credit"))
    };
    let rows = [
        expected("2026-08", "002", "第2版,已签发"),
        expected("2026-09", "002", "第2版,建议(未签发)"),
        expected("2026-10", "001", "第1版,建议(未签发)"),
    ];
    assert_ne!(control("2026-09/001")["charge"], control("2026-09/002")["charge"]);
    for book in ["deductions.xlsx", "rewards.xlsx"] {
        assert_eq!(months(&edition(dir, 1).join(book)), rows);
    }
    let named = manifest(&edition(dir, 1))["earlier_editions"].clone();
    let named: Vec<(&str, &str)> = named
        .as_object()
        .expect("editions")
        .iter()
        .map(|(name, sha)| (name.as_str(), sha.as_str().expect("text")))
        .collect();
    let hash = |name: &str| {
        let manifest = dir.join("var/editions").join(name).join("manifest.json");
        meritbook::base::hash::sha256_of(&read(&manifest))
    };
    let expected = ["2026-08/001", "2026-08/002", "2026-09/001", "2026-09/002"].map(|name| (name, hash(name)));
    assert_eq!(named, expected.each_ref().map(|(name, sha)| (*name, sha.as_str())));
    // A preview looks into the archive too; what comes after a month is not beside it.
    done(dir, "monthly --month 2026-09 --preview out");
    assert_eq!(months(&dir.join("out/deductions.xlsx"))[0], rows[0]);
    assert_eq!(months(&dir.join("out/deductions.xlsx")).len(), 2);
}

#[test]
fn an_issued_month_sends_the_import_files_to_those_who_import_them() {
    let dir = demo();
    done(dir.path(), "issue --month 2026-10");
    let edition = edition(dir.path(), 1);
    let attached = |role: &str| -> Vec<(String, Vec<u8>)> {
        let message = message(&edition, role);
        let parts = message.parts.into_iter().filter(|part| part.headers.contains_key("content-disposition"));
        parts.map(|part| (part.headers["content-disposition"].clone(), part.body)).collect()
    };
    let hr = attached("hr");
    for import in ["payroll.csv", "yonyou.xlsx", "dingtalk.csv", "frappe.csv", "odoo.csv"] {
        let name = format!("meritbook-2026-10-001-import-{import}");
        let part = hr.iter().find(|(head, _)| head.contains(&name)).unwrap_or_else(|| panic!("{name} is not attached"));
        assert!(part.1 == read(&edition.join("import").join(import)), "{import} was changed on the way");
    }
    assert!(!attached("general-manager").iter().any(|(head, _)| head.contains("import")));
}
