//! `decide`: a decision is checked as the next run would, then stands in the register; else the register is untouched.

mod support;

use meritbook::base::code::code_of;
use std::{fs, path::Path};
use support::{demo, done, edition, entries, meritbook, read, rows, text};

const REGISTER: &str = "fixtures/demo/registers/decisions.csv";
const LATE: &str = "late-arrival:0305:2026-10-19";

fn status(dir: &Path, number: u32, id: &str) -> String {
    let findings = rows(&read(&edition(dir, number).join("findings.csv")));
    let row = findings.into_iter().find(|row| row["finding_id"] == id).expect("the finding");
    format!("{} {}", row["status"], row["amount"])
}

/// Puts `register` in place of the example's, read as `keys` of `[sources.decisions]` say.
fn with_register(dir: &Path, register: &[u8], keys: &str) {
    let path = dir.join("config.toml");
    let config = text(&path);
    let (before, rest) = config.split_once("[sources.decisions]").expect("the section");
    let (_, after) = rest.split_once("\n[mail]").expect("the next section");
    fs::write(&path, format!("{before}[sources.decisions]\n{keys}\n[mail]{after}")).expect("write");
    fs::write(dir.join(REGISTER), register).expect("write");
}

#[test]
fn a_decision_is_written_and_the_next_run_uses_it() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    let before = text(&dir.join(REGISTER));
    let run = done(dir, &format!("decide {LATE} confirm --value B --by 0301 --reason 核实 --at 2026-11-03T14:05"));
    assert!(run.stdout.contains(&format!("{LATE}: hold(late-class) → counted\n")), "{}", run.stdout);
    let row = format!("{LATE},confirm,,B,0301,2026-11-03 14:05:00,核实\r\n");
    assert_eq!(text(&dir.join(REGISTER)), before.clone() + &row);
    let code = code_of("complaint:0303:SX2644").to_lowercase();
    done(dir, &format!("decide {code} confirm --amount 40.5 --by 沈国良 --reason 较重 --at 2026-11-03T14:05"));
    let last = text(&dir.join(REGISTER)).lines().last().expect("a row").to_owned();
    assert_eq!(last, "complaint:0303:SX2644,confirm,40.50,,沈国良,2026-11-03 14:05:00,较重");
    done(dir, "monthly");
    assert_eq!(status(dir, 2, LATE), "counted 0.00");
    assert_eq!(status(dir, 2, "complaint:0303:SX2644"), "charge 40.50");
    let trail = done(dir, &format!("explain {code}"));
    assert!(trail.stdout.contains("complaint:0303:SX2644") && trail.stdout.contains("较重"), "{}", trail.stdout);
}

#[test]
fn a_decision_that_cannot_be_used_leaves_the_register_alone() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    let before = read(&dir.join(REGISTER));
    let around = entries(&dir.join("fixtures/demo/registers"));
    let by = "--by 0301 --reason 核实";
    for (args, code, said) in [
        (format!("decide {LATE} confirm --value C {by}"), 65, "confirm needs the class, A or B"),
        (format!("decide {LATE} confirm --value B --by 0201 --reason 核实"), 65, "this line waits for manager"),
        (format!("decide {LATE} waive --by 0305 --reason 核实"), 65, "the employee concerned may only object"),
        (format!("decide {LATE} dismiss {by}"), 65, "there is no objection to dismiss"),
        (format!("decide late-arrival:0305:2026-10-20 waive {by}"), 64, "has no finding"),
        (format!("decide no-such-rule:1:2 waive {by}"), 64, "neither a finding's id nor its short code"),
        (format!("decide {LATE} confirm --amount 1.234 {by}"), 64, "at most two decimals"),
        (format!("decide {LATE} confirm --at gestern {by}"), 64, "a time is written"),
        (format!("decide {LATE} confirm --value B --at 2099-01-01T00:00 {by}"), 64, "is in the future"),
        (format!("decide {LATE} confirm --amount 33,5 {by}"), 64, "at most two decimals"),
        // Not signed: that is HR's to see to, as the sheet says.
        (format!("decide late-arrival:0308:2026-10-14 waive {by}"), 65, "this line waits for hr"),
        // Who may not name the employee cannot do it while confirming.
        (
            "decide last-out::2026-10-26@一楼 assign-confirm --value 0106 --by 0106 --reason 核实".to_owned(),
            65,
            "waits for",
        ),
    ] {
        let run = meritbook(dir, &args);
        assert_eq!(run.code, code, "{args}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{args}: {}", run.stderr);
        assert!(read(&dir.join(REGISTER)) == before, "{args} changed the register");
    }
    assert_eq!(entries(&dir.join("fixtures/demo/registers")), around, "something was left beside the register");
}

#[test]
fn a_register_keeps_its_encoding_order_delimiter_and_words() {
    let dir = demo();
    let dir = dir.path();
    // No line end at the end, another order, a column of its own, GB18030.
    let head =
        "决定;备注;记录编号;值;金额;决定人;时间;理由\r\n免除;电话;absence:0106:2026-10-28;;;0101;2026-11-02 09:00;核实";
    let (old, ..) = encoding_rs::GB18030.encode(head);
    let keys = format!(
        "files = [\"{REGISTER}\"]\n[sources.decisions.columns]\nfinding_id = \"记录编号\"\ndecision = \"决定\"\nvalue = \
         \"值\"\namount = \"金额\"\ndecided_by = \"决定人\"\ndecided_at = \"时间\"\nreason = \"理由\"\n\
         [sources.decisions.values.decision]\n\"免除\" = \"waive\"\n\"确认\" = \"confirm\""
    );
    with_register(dir, &old, &keys);
    done(dir, "monthly");
    let run = done(dir, &format!("decide {LATE} confirm --value B --by 0301 --reason =核实 --at 2026-11-03T14:05"));
    assert!(run.stdout.contains("decisions.csv:3"), "{}", run.stdout);
    let row = format!("\r\n确认;;{LATE};B;;0301;2026-11-03 14:05:00;'=核实\r\n");
    let (added, ..) = encoding_rs::GB18030.encode(&row);
    assert!(read(&dir.join(REGISTER)) == [old.as_ref(), added.as_ref()].concat());
    done(dir, "monthly");
    assert_eq!(status(dir, 2, LATE), "counted 0.00");
}

#[test]
fn without_a_csv_register_it_says_what_to_do() {
    let dir = demo();
    let dir = dir.path();
    let args = format!("decide {LATE} waive --by 0301 --reason 核实");
    fs::remove_file(dir.join(REGISTER)).expect("remove");
    let run = meritbook(dir, &args);
    assert_eq!(run.code, 66, "{}", run.stderr);
    with_register(dir, b"", "files = [\"fixtures/demo/answers/*.xlsx\"]");
    let run = meritbook(dir, &args);
    assert_eq!(run.code, 78, "{}", run.stderr);
    assert!(run.stderr.contains("names no CSV register"), "{}", run.stderr);
}

#[test]
fn a_decision_on_an_issued_month_is_kept_for_when_it_is_judged_again() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly --issue");
    let run = done(dir, &format!("decide {LATE} waive --by 0301 --reason 核实"));
    assert!(run.stdout.contains("2026-10 is issued"), "{}", run.stdout);
}

#[test]
fn naming_the_employee_and_confirming_is_one_decision() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    let id = "last-out::2026-10-26@一楼";
    // The employee is of another department: who may name them also confirms.
    let run = done(dir, &format!("decide {id} assign-confirm --value 0310 --by 0101 --reason 监控"));
    assert!(run.stdout.contains("→ charge 20.00 yuan"), "{}", run.stdout);
    let again = done(dir, &format!("decide {id} confirm --by 行政人事部 --reason 监控 --at 2026-11-03T09:00"));
    assert!(again.stdout.contains("the line stays as it was"), "{}", again.stdout);
}

#[test]
fn what_somebody_wrote_does_not_steer_the_terminal() {
    let dir = demo();
    let dir = dir.path();
    done(dir, "monthly");
    let mut command = support::command(dir, ["decide", LATE, "confirm", "--value", "B", "--by", "0301", "--reason"]);
    support::finish(command.arg("a\u{202e}b\u{1b}[31m"));
    done(dir, "monthly");
    let shown = done(dir, &format!("explain {LATE}")).stdout;
    assert!(shown.contains("a\u{fffd}b\u{fffd}[31m"), "{shown}");
    assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
}
