//! Disputed months with the real binary: an issued month is judged again, and only the difference moves, once.

#[path = "support/centre.rs"]
mod centre;
mod support;

use centre::Centre;
use support::{Row, entries, files, manifest, text};

/// What an edition of a month posts: direction, amount, month and edition of each finding.
fn posted(centre: &Centre, month: &str, number: usize) -> Vec<String> {
    let line = |row: Row| {
        format!("{} {} {} {}/{}", row["finding_id"], row["direction"], row["amount"], row["belongs_to"], row["edition"])
    };
    centre.rows(month, number, "postings.csv").into_iter().map(line).collect()
}

/// February with a loss of 20 and a reward of 100, issued.
fn february() -> Centre {
    let mut centre = Centre::new();
    centre.loss("L1", "E1", "2026-02-10", "20");
    centre.reward("R1", "E2", "2026-02-11", "100");
    centre.done("monthly --month 2026-02 --issue");
    centre
}

#[test]
fn a_rerun_without_a_change_says_so_and_writes_nothing() {
    let centre = february();
    let before = files(&centre.path().join("var"));
    for args in ["", " --inputs archived", " --roster current", " --preview out"] {
        let run = centre.run(&format!("rerun --month 2026-02{args}"));
        assert_eq!((run.code, run.stdout.trim()), (0, "2026-02: nothing changed since edition 001"), "{args}");
    }
    assert!(before == files(&centre.path().join("var")));
    assert!(!centre.path().join("out").exists());
}

#[test]
fn only_the_difference_goes_to_the_next_payroll_and_only_once() {
    let mut centre = february();
    centre.decide("loss:E1:L1", "amend", "15");
    centre.set("rewards", "R1", "");
    centre.reward("R2", "E3", "2026-02-12", "50");
    let run = centre.done("rerun --month 2026-02");
    assert!(run.stdout.contains("edition 002 replaces 001"), "{}", run.stdout);
    assert!(run.stdout.contains("difference: 1 removed, 1 added, 1 changed"), "{}", run.stdout);
    let told = "to 3 people: 55.00 yuan in their favour, 100.00 yuan to their burden";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    assert_eq!((centre.state("2026-02", 1), centre.state("2026-02", 2)), ("issued".to_owned(), "reissued".to_owned()));
    assert!(centre.edition("2026-02", 2).join("difference.xlsx").exists());
    assert!(!centre.edition("2026-02", 2).join("import").exists(), "nothing of it is imported by itself");
    assert_eq!(posted(&centre, "2026-02", 2), [""; 0], "it moves with the next month");

    // The proposal shows it, the issued month pays it.
    centre.done("monthly --month 2026-03");
    centre.done("issue --month 2026-03");
    let expected = [
        "loss:E1:L1 reverse-deduct 20.00 2026-02/001",
        "loss:E1:L1 deduct 15.00 2026-02/002",
        "reward:E2:R1 reverse-reward 100.00 2026-02/001",
        "reward:E3:R2 reward 50.00 2026-02/002",
    ];
    assert_eq!(posted(&centre, "2026-03", 1), expected);
    assert_eq!(posted(&centre, "2026-03", 2), expected);
    assert!(centre.rows("2026-03", 2, "postings.csv").iter().all(|row| row["paid_in"] == "2026-03"));
    assert_eq!(manifest(&centre.edition("2026-03", 2))["adjusts"], serde_json::json!(["2026-02/002"]));
    let ledger: Vec<String> = centre
        .rows("2026-03", 2, "ledger.csv")
        .iter()
        .map(|row| format!("{} {} {}", row["employee_id"], row["direction"], row["amount"]))
        .collect();
    let net = ["E1 deduct 15.00", "E1 reverse-deduct 20.00", "E2 reverse-reward 100.00", "E3 reward 50.00"];
    assert_eq!(ledger, net);
    let payroll = centre.rows("2026-03", 2, "import/payroll.csv");
    assert_eq!(payroll.len(), 4, "payroll imports all of it");

    // A third edition is compared with what has been paid since.
    centre.decide("loss:E1:L1", "waive", "");
    centre.done("rerun --month 2026-02");
    centre.done("monthly --month 2026-04 --issue");
    assert_eq!(posted(&centre, "2026-04", 1), ["loss:E1:L1 reverse-deduct 15.00 2026-02/002"]);
    centre.done("monthly --month 2026-05 --issue");
    assert_eq!(posted(&centre, "2026-05", 1), [""; 0]);
}

#[test]
fn a_proposal_is_made_anew_when_an_earlier_month_was_judged_again() {
    let mut centre = february();
    centre.done("monthly --month 2026-03");
    assert!(centre.done("monthly --month 2026-03").stdout.contains("nothing changed"));
    centre.decide("loss:E1:L1", "waive", "");
    centre.done("rerun --month 2026-02");
    assert!(centre.done("monthly --month 2026-03").stdout.contains("proposed: edition 002"));
    assert_eq!(posted(&centre, "2026-03", 2), ["loss:E1:L1 reverse-deduct 20.00 2026-02/001"]);
    assert!(centre.done("monthly --month 2026-03").stdout.contains("nothing changed"));
}

#[test]
fn a_new_charge_on_an_issued_month_waits_until_it_is_confirmed() {
    let mut centre = february();
    centre.loss("L2", "E3", "2026-02-20", "30");
    centre.set("losses", "L1", "L1,E1,2026-02-10,工具,25,2026-02-10 10:00");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "hold(late-charge)");
    // A higher charge waits whole; what was taken is paid back until somebody confirms.
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "hold(late-charge)");
    centre.done("monthly --month 2026-03 --issue");
    assert_eq!(posted(&centre, "2026-03", 1), ["loss:E1:L1 reverse-deduct 20.00 2026-02/001"]);
    centre.decide("loss:E3:L2", "confirm", "");
    centre.decide("loss:E1:L1", "confirm", "");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "charge 30.00");
    centre.done("monthly --month 2026-04 --issue");
    let expected = ["loss:E1:L1 deduct 25.00 2026-02/003", "loss:E3:L2 deduct 30.00 2026-02/003"];
    assert_eq!(posted(&centre, "2026-04", 1), expected);
    // Confirmed is confirmed: the next time nothing waits.
    assert!(centre.done("rerun --month 2026-02").stdout.contains("nothing changed"));
}

#[test]
fn what_the_employee_concerned_confirms_stays_held() {
    let mut centre = february();
    centre.loss("L2", "E3", "2026-02-20", "30");
    centre.decide_as("loss:E3:L2", "confirm", "", "E3");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "hold(late-charge)");
}

#[test]
fn with_deciders_a_late_charge_waits_for_hr() {
    let mut centre = february();
    centre.more = "[deciders]\nhr = [\"H1\"]\ngeneral-manager = [\"G1\"]\n".to_owned();
    centre.loss("L2", "E3", "2026-02-20", "30");
    centre.decide_as("loss:E3:L2", "confirm", "", "M1");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "hold(late-charge)", "the manager may end an objection only");
    centre.decide_as("loss:E3:L2", "confirm", "", "H1");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "charge 30.00");
}

#[test]
fn an_objection_takes_a_line_out_and_its_dismissal_brings_it_back() {
    let mut centre = Centre::new();
    centre.loss("L1", "E1", "2026-02-10", "20");
    centre.loss("L2", "E2", "2026-02-10", "30");
    // One before the month is issued, one after.
    centre.decide_as("loss:E1:L1", "object", "", "E1");
    centre.done("monthly --month 2026-02 --issue");
    assert_eq!(posted(&centre, "2026-02", 1), ["loss:E2:L2 deduct 30.00 2026-02/001"]);
    centre.decide_as("loss:E2:L2", "object", "", "E2");
    centre.done("rerun --month 2026-02");
    centre.done("monthly --month 2026-03 --issue");
    assert_eq!(posted(&centre, "2026-03", 1), ["loss:E2:L2 reverse-deduct 30.00 2026-02/001"]);
    for id in ["loss:E1:L1", "loss:E2:L2"] {
        centre.decide(id, "dismiss", "");
    }
    centre.done("rerun --month 2026-02");
    centre.done("monthly --month 2026-04 --issue");
    let back = ["loss:E1:L1 deduct 20.00 2026-02/003", "loss:E2:L2 deduct 30.00 2026-02/003"];
    assert_eq!(posted(&centre, "2026-04", 1), back);
    // Waived afterwards, it is refunded.
    centre.decide("loss:E1:L1", "waive", "");
    centre.done("rerun --month 2026-02");
    centre.done("monthly --month 2026-05 --issue");
    assert_eq!(posted(&centre, "2026-05", 1), ["loss:E1:L1 reverse-deduct 20.00 2026-02/003"]);
}

#[test]
fn who_has_left_is_settled_by_hand_and_not_imported() {
    let mut centre = february();
    centre.set("employees", "E1", "E1,员1,客服部,M1,2020-01-01,2026-02-27,8000");
    centre.set("employees", "E2", "");
    centre.decide("loss:E1:L1", "waive", "");
    centre.decide("reward:E2:R1", "amend", "90");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "reward:E2:R1"), "credit 90.00", "the old roster knows who has gone");
    centre.done("monthly --month 2026-03 --issue");
    assert_eq!(posted(&centre, "2026-03", 1).len(), 3, "they are movements of money all the same");
    let by_hand: Vec<String> =
        centre.rows("2026-03", 1, "adjustments.csv").iter().map(|row| row["settled_by_hand"].clone()).collect();
    assert_eq!(by_hand, ["y", "y", "y"]);
    let book = support::sheets::dump("", &support::read(&centre.edition("2026-03", 1).join("deductions.xlsx")));
    assert!(book.contains("员2"), "who is gone still has a name");
    assert_eq!(centre.rows("2026-03", 1, "import/payroll.csv").len(), 0);
    centre.done("monthly --month 2026-04 --issue");
    assert_eq!(posted(&centre, "2026-04", 1), [""; 0], "once");
}

#[test]
fn a_record_that_changed_its_month_is_not_paid_in_both() {
    let mut centre = Centre::new();
    let line = |day: &str| format!("C1,E1,2026-02-10 08:00,upheld,一般,{day} 10:00");
    centre.add("complaints", &line("2026-02-12"));
    centre.done("monthly --month 2026-02 --issue");
    assert_eq!(centre.shown("2026-02", "complaint:E1:C1"), "charge 20.00");
    centre.set("complaints", "C1", &line("2026-03-03"));
    centre.done("monthly --month 2026-03");
    assert_eq!(centre.shown("2026-03", "complaint:E1:C1"), "hold(other-month)");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "complaint:E1:C1"), "none");
    centre.done("issue --month 2026-03");
    let expected = ["complaint:E1:C1 deduct 20.00 2026-03/002", "complaint:E1:C1 reverse-deduct 20.00 2026-02/001"];
    assert_eq!(posted(&centre, "2026-03", 2), expected);
}

#[test]
fn overtime_hours_are_corrected_too() {
    let mut centre = Centre::new();
    let claim = |id: &str, end: &str, filed: &str| {
        format!(
            "{id},E1,2026-02-10 18:00,2026-02-10 {end},claimed,business,M1,2026-02-11 09:00,2026-02-11 09:00,{filed}"
        )
    };
    centre.add("visits", "V1,E1,2026-02-10 13:00,2026-02-10 22:00");
    centre.add("overtime", &claim("O1", "21:00", "2026-02-12 09:00"));
    centre.add("overtime", &claim("O2", "20:00", ""));
    centre.done("monthly --month 2026-02 --issue");
    assert_eq!(centre.shown("2026-02", "overtime-claim:E1:O1"), "hours");
    assert_eq!(centre.shown("2026-02", "overtime-claim:E1:O2"), "hold(approval)");
    centre.set("overtime", "O1", &claim("O1", "20:30", "2026-02-12 09:00"));
    centre.decide("overtime-claim:E1:O2", "confirm", "");
    centre.done("rerun --month 2026-02");
    centre.done("monthly --month 2026-03 --issue");
    let hours: Vec<String> = centre
        .rows("2026-03", 1, "adjustments.csv")
        .iter()
        .map(|row| format!("{} {} {}", row["finding_id"], row["movement"], row["hours"]))
        .collect();
    let expected = [
        "overtime-claim:E1:O1 reverse-hours 3.00",
        "overtime-claim:E1:O1 hours 2.50",
        "overtime-claim:E1:O2 hours 2.00",
    ];
    assert_eq!(hours, expected);
    let payroll: Vec<String> = centre
        .rows("2026-03", 1, "import/payroll.csv")
        .iter()
        .map(|row| format!("{} {}", row["direction"], row["hours"]))
        .collect();
    assert_eq!(payroll, ["hours 4.50", "reverse-hours 3.00"]);
    centre.done("monthly --month 2026-04 --issue");
    assert!(!centre.edition("2026-04", 1).join("adjustments.csv").exists());
}

#[test]
fn the_roster_of_the_time_counts_unless_todays_is_asked_for() {
    let mut centre = february();
    centre.set("employees", "E1", "E1,改名,维修部,G1,2020-01-01,,9000");
    let run = centre.run("rerun --month 2026-02");
    let said = "2026-02: nothing changed since edition 001\nnote: no line depends on what changed: employees.csv";
    assert_eq!((run.code, run.stdout.trim()), (0, said));
    // What happened is read as it is: E2 left before the reward.
    centre.set("employees", "E2", "E2,员2,客服部,M1,2020-01-01,2026-02-05,8000");
    centre.loss("L2", "E2", "2026-02-04", "10");
    centre.decide("loss:E2:L2", "confirm", "");
    centre.done("rerun --month 2026-02");
    let roster = text(&centre.edition("2026-02", 2).join("inputs/roster.csv"));
    assert!(roster.contains("E1,员1,客服部,,M1"), "{roster}");
    assert!(roster.contains("2026-02-05"), "{roster}");
    // The next rerun reads the roster of the edition before it.
    centre.decide("loss:E2:L2", "waive", "");
    centre.done("rerun --month 2026-02");
    assert!(text(&centre.edition("2026-02", 3).join("inputs/roster.csv")).contains("E1,员1,客服部,,M1"));
    centre.decide("loss:E1:L1", "waive", "");
    centre.done("rerun --month 2026-02 --roster current");
    assert!(text(&centre.edition("2026-02", 4).join("inputs/roster.csv")).contains("E1,改名,维修部,,G1"));
}

#[test]
fn archived_inputs_are_judged_instead_of_todays() {
    let mut centre = february();
    centre.loss("L2", "E3", "2026-02-20", "30");
    centre.decide("loss:E1:L1", "waive", "");
    centre.done("rerun --month 2026-02");
    assert!(
        centre.done("rerun --month 2026-02 --inputs archived").stdout.contains("nothing changed since edition 002")
    );
    centre.done("rerun --month 2026-02 --inputs archived --edition 1");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "none");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "waived", "decisions survive every rerun");
    let wrong = centre.run("rerun --month 2026-02 --inputs archived --edition 7");
    assert_eq!(wrong.code, 64);
    assert!(wrong.stderr.contains("has no edition 7") && wrong.stderr.contains("it has 1, 2, 3"), "{}", wrong.stderr);
    assert_eq!(centre.run("rerun --month 2026-02 --edition 1").code, 64);
    // The policy is today's: the reading of the same files may change.
    centre.more =
        "[policy.limits.wage_percent]\nclause = \"law\"\nunit = \"percent\"\nvalues.2009-12-01 = 10\n".to_owned();
    assert!(centre.done("rerun --month 2026-02 --inputs archived").stdout.contains("nothing changed"));
}

#[test]
fn a_month_that_is_not_issued_is_proposed_and_months_are_issued_in_order() {
    let mut centre = Centre::new();
    centre.loss("L1", "E1", "2026-02-10", "20");
    let run = centre.done("rerun --month 2026-02");
    assert!(run.stdout.contains("2026-02 is not issued yet, so judging it again is a proposal"), "{}", run.stdout);
    assert_eq!(centre.state("2026-02", 1), "proposed");
    assert_eq!(centre.run("rerun --month 2026-02 --inputs archived").code, 64);
    // February was only tried, so March is refused, unless it is said that February is left out.
    let refused = centre.run("issue --month 2026-03");
    assert_eq!(refused.code, 64);
    assert!(
        refused.stderr.contains("2026-02 is only proposed") && refused.stderr.contains("--leave-open"),
        "{}",
        refused.stderr
    );
    assert_eq!(centre.editions("2026-03"), 0);
    centre.done("issue --month 2026-03 --leave-open");
    let gap = centre.run("issue --month 2026-05");
    assert_eq!((gap.code, gap.stderr.contains("2026-04 is not proposed yet")), (64, true), "{}", gap.stderr);
    centre.done("monthly --month 2026-04");
    assert_eq!(centre.run("monthly --month 2026-05 --issue").code, 64);
    centre.done("issue --month 2026-04");
    centre.done("monthly --month 2026-05 --issue");
}

#[test]
fn an_answer_that_moves_nothing_is_read_by_an_edition_all_the_same() {
    let mut centre = february();
    centre.decide_as("loss:E1:L1", "waive", "", "E1");
    // Until then the next month lists it.
    centre.done("monthly --month 2026-03");
    let late = |centre: &Centre, number| -> Vec<String> {
        centre.rows("2026-03", number, "rejected.csv").into_iter().map(|row| row["reason"].clone()).collect()
    };
    assert!(late(&centre, 1).iter().any(|reason| reason.starts_with("2026-02 was issued without this answer")));
    let run = centre.done("rerun --month 2026-02");
    assert!(run.stdout.contains("difference: 0 removed, 0 added, 0 changed"), "{}", run.stdout);
    assert!(centre.done("rerun --month 2026-02").stdout.contains("nothing changed since edition 002"));
    centre.done("monthly --month 2026-03");
    assert!(late(&centre, 2).is_empty(), "{:?}", late(&centre, 2));
}

#[test]
fn the_days_of_an_issued_month_stand() {
    let mut centre = february();
    centre.more = "[period]\nfirst_day = 26\n".to_owned();
    let run = centre.run("rerun --month 2026-02");
    assert_eq!(run.code, 78);
    assert!(run.stderr.contains("2026-02 was issued as 2026-02-01..2026-02-28"), "{}", run.stderr);
}

#[test]
fn a_preview_shows_the_difference_and_leaves_the_archive_alone() {
    let mut centre = february();
    centre.decide("loss:E1:L1", "waive", "");
    let before = files(&centre.path().join("var"));
    let run = centre.done("rerun --month 2026-02 --preview out");
    assert!(run.stdout.contains("preview of 2026-02 judged again in out"), "{}", run.stdout);
    assert!(before == files(&centre.path().join("var")));
    centre.done("rerun --month 2026-02");
    let mut made = files(&centre.edition("2026-02", 2));
    made.retain(|name, _| !name.starts_with("inputs/") && name != "manifest.json.sha256");
    assert!(made == files(&centre.path().join("out")));
    assert_eq!(entries(&centre.path().join("var/editions")).len(), 1);
}

#[test]
fn editions_come_out_again_byte_for_byte_whatever_was_judged_since() {
    let mut centre = february();
    centre.decide("loss:E1:L1", "amend", "15");
    centre.done("rerun --month 2026-02");
    centre.set("employees", "E2", "");
    centre.done("monthly --month 2026-03");
    centre.done("issue --month 2026-03");
    centre.decide("loss:E1:L1", "waive", "");
    centre.done("rerun --month 2026-02");
    centre.more = "[calendar]\nfiles = [\"days.csv\"]\n".to_owned();
    std::fs::write(centre.path().join("days.csv"), "date,kind,name,source\n2026-04-20,holiday,,\n").expect("written");
    centre.done("monthly --month 2026-04 --issue");
    // What lies outside the archive does not matter.
    for name in ["losses.csv", "employees.csv", "days.csv"] {
        std::fs::remove_file(centre.path().join(name)).expect("removed");
    }
    let config = text(&centre.path().join("config.toml")).replace("days.csv", "none.csv");
    let config = config.replace("files = [\"none.csv\"]", "files = []");
    std::fs::write(centre.path().join("config.toml"), config).expect("written");
    let run = support::done(centre.path(), "editions verify --recompute");
    assert!(
        run.stdout.contains("6 editions, ") && run.stdout.contains("6 editions made again, byte for byte"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_trail_of_a_line_has_every_edition_posting_and_decision() {
    let mut centre = february();
    centre.decide("loss:E1:L1", "amend", "15");
    centre.done("rerun --month 2026-02");
    centre.done("monthly --month 2026-03 --issue");
    centre.set("losses", "L1", "");
    centre.done("rerun --month 2026-02");
    let told = centre.done("explain loss:E1:L1").stdout;
    let parts = [
        "edition 2026-02/001 (issued)",
        "  posting: deduct 20.00 yuan, of 2026-02/001, paid in 2026-02",
        "edition 2026-02/002 (reissued)",
        "  amount: 15.00",
        "  decision: amend · 15 · G1",
        "edition 2026-02/003 (reissued): the line is not in it",
        "edition 2026-03/001 (issued): takes it up",
        "  posting: reverse-deduct 20.00 yuan, of 2026-02/001, paid in 2026-03",
        "  posting: deduct 15.00 yuan, of 2026-02/002, paid in 2026-03",
    ];
    let mut rest = told.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no `{part}` in its place in\n{told}"));
        rest = &rest[at..];
    }
}

#[test]
fn the_list_says_what_is_still_to_be_paid() {
    let mut centre = february();
    centre.decide("loss:E1:L1", "waive", "");
    centre.done("rerun --month 2026-02");
    let owed = "its difference moves with the next month that is issued";
    let listed = centre.done("editions list").stdout;
    assert!(listed.contains(owed) && listed.contains("2026-02  reissued  2 editions, latest 002"), "{listed}");
    centre.done("monthly --month 2026-03 --issue");
    let listed = centre.done("editions list").stdout;
    assert!(!listed.contains(owed) && listed.contains("and of earlier months: deductions paid back 20.00"), "{listed}");
}

#[test]
fn a_missing_export_pays_nothing_back_and_takes_nothing_away() {
    let mut centre = february();
    centre.loss("L3", "E4", "2026-02-20", "40");
    centre.decide("loss:E4:L3", "confirm", "");
    centre.write();
    std::fs::remove_file(centre.path().join("rewards.csv")).expect("removed");
    let rerun = |args: &str| support::meritbook(centre.path(), &format!("rerun --month 2026-02{args}"));
    let refused = rerun("");
    assert_eq!(refused.code, 66, "{}", refused.stderr);
    for part in [
        "edition 001 judged a line that cannot be judged now",
        "reward:E2:R1",
        "rewards: no file fits `rewards.csv`",
        "--inputs filled",
        "--confirm-lost",
    ] {
        assert!(refused.stderr.contains(part), "no {part} in {}", refused.stderr);
    }
    assert_eq!(centre.editions("2026-02"), 1);
    // What else changed is read, what is missing comes from the edition.
    let filled = rerun(" --inputs filled");
    assert_eq!(filled.code, 10, "{}", filled.stdout);
    assert_eq!(centre.shown("2026-02", "reward:E2:R1"), "credit 100.00");
    assert_eq!(centre.shown("2026-02", "loss:E4:L3"), "charge 40.00");
    let lost = rerun(" --confirm-lost");
    assert_eq!(lost.code, 10, "{}", lost.stderr);
    assert_eq!(centre.shown("2026-02", "reward:E2:R1"), "none");
}

#[test]
fn a_rule_that_is_switched_off_later_pays_nothing_back_by_itself() {
    let mut centre = february();
    centre.more = "[rules]\noff = [\"loss\"]\nreason = \"改由他处\"\n".to_owned();
    assert_eq!(centre.run("rerun --month 2026-02").code, 65);
    centre.more = "[rules.loss]\nmode = \"shadow\"\n".to_owned();
    assert_eq!(centre.run("rerun --month 2026-02").code, 65);
    centre.done("rerun --month 2026-02 --confirm-lost");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "none");
}

#[test]
fn an_old_confirmation_is_of_what_stood_there() {
    let mut centre = february();
    centre.loss("L2", "E3", "2026-02-20", "30");
    centre.decide("loss:E3:L2", "confirm", "");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "charge 30.00");
    centre.set("losses", "L2", "L2,E3,2026-02-20,工具,3000,2026-02-20 10:00");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "hold(late-charge)");
    centre.decide("loss:E3:L2", "confirm", "");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E3:L2"), "charge 3000.00");
}

#[test]
fn what_was_objected_to_comes_back_at_its_price_of_then() {
    let mut centre = Centre::new();
    centre.loss("L1", "E1", "2026-02-10", "20");
    centre.decide_as("loss:E1:L1", "object", "", "E1");
    centre.done("monthly --month 2026-02 --issue");
    centre.set("losses", "L1", "L1,E1,2026-02-10,工具,2000,2026-02-10 10:00");
    centre.decide("loss:E1:L1", "dismiss", "");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "hold(late-charge)");
}

#[test]
fn a_charge_that_the_limit_cut_does_not_rise_by_itself() {
    let mut centre = Centre::new();
    centre.mode = "cap".to_owned();
    centre.loss("L1", "E1", "2026-02-10", "1000");
    centre.loss("L2", "E1", "2026-02-11", "900");
    centre.done("monthly --month 2026-02 --issue");
    // 20 % of 8000.
    assert_eq!(centre.shown("2026-02", "loss:E1:L2"), "charge(capped) 600.00");
    assert!(centre.run("rerun --month 2026-02").stdout.contains("nothing changed"));
    // A late charge that waits takes nothing of the limit.
    centre.loss("L0", "E1", "2026-02-01", "1500");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E1:L0"), "hold(late-charge)");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "charge 1000.00");
    assert_eq!(centre.shown("2026-02", "loss:E1:L2"), "charge(capped) 600.00");
    centre.mode = "deduct".to_owned();
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E1:L2"), "hold(late-charge)");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "charge 1000.00");
}

#[test]
fn a_rerun_that_is_undone_before_anything_moved_moves_nothing() {
    let mut centre = february();
    centre.set("losses", "L1", "");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "none");
    centre.loss("L1", "E1", "2026-02-10", "20");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "charge 20.00", "it is booked still");
    centre.done("monthly --month 2026-03 --issue");
    assert_eq!(posted(&centre, "2026-03", 1), [""; 0]);
}

#[test]
fn months_are_not_issued_after_later_ones_nor_previewed_as_if() {
    let mut centre = february();
    centre.done("monthly --month 2026-04 --issue --leave-open");
    let late = centre.run("monthly --month 2026-03 --issue");
    assert_eq!((late.code, late.stderr.contains("2026-04 is issued already")), (64, true), "{}", late.stderr);
    for args in ["issue --month 2026-02 --preview out", "monthly --month 2026-06 --issue --preview out"] {
        assert_eq!(centre.run(args).code, 64, "{args}");
    }
    assert!(!centre.path().join("out").exists());
    centre.more = "# proposals of it are fine\n".to_owned();
    centre.done("monthly --month 2026-03");
}

#[test]
fn what_is_taken_up_counts_as_unusual_too() {
    let mut centre = february();
    centre.loss("L2", "E3", "2026-02-20", "9000");
    centre.decide("loss:E3:L2", "confirm", "");
    centre.done("rerun --month 2026-02");
    let refused = centre.run("monthly --month 2026-03 --issue");
    assert_eq!(refused.code, 65);
    assert!(refused.stderr.contains("9000.00 yuan of earlier months are taken up"), "{}", refused.stderr);
    centre.done("monthly --month 2026-03 --issue --confirm-unusual");
}

#[test]
fn objections_survive_archived_inputs_and_a_new_name_is_the_old_person() {
    let mut centre = february();
    centre.set("employees", "E1", "E1,新名,客服部,M1,2020-01-01,,8000");
    centre.decide_as("loss:E1:L1", "waive", "", "新名");
    centre.done("rerun --month 2026-02");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "charge 20.00", "nobody waives the own line");
    centre.decide_as("loss:E1:L1", "object", "", "新名");
    centre.done("rerun --month 2026-02 --inputs archived --edition 1");
    assert_eq!(centre.shown("2026-02", "loss:E1:L1"), "hold(objection)");
    let listed = centre.done("editions list").stdout;
    assert!(
        listed.contains("1 line held since it was issued; once answered: meritbook rerun --month 2026-02"),
        "{listed}"
    );
    let next = centre.done("monthly --month 2026-03 --issue").stdout;
    assert!(next.contains("note: 2026-02: 1 held since it was issued"), "{next}");
}

#[test]
fn what_is_not_as_it_was_written_is_never_reckoned_with() {
    let centre = february();
    let findings = centre.edition("2026-02", 1).join("findings.csv");
    let changed = text(&findings).replace("20.00,20.00", "90.00,90.00");
    std::fs::write(&findings, changed).expect("written");
    for args in ["rerun --month 2026-02", "monthly --month 2026-03"] {
        let run = centre.run(args);
        assert_eq!(run.code, 74, "{args}: {}", run.stderr);
        assert!(run.stderr.contains("findings.csv is not as it was written"), "{}", run.stderr);
    }
    let manifest = centre.edition("2026-02", 1).join("manifest.json");
    std::fs::write(&manifest, text(&manifest).replace("\"issued\"", "\"proposed\"")).expect("written");
    let run = centre.run("issue --month 2026-02");
    assert_eq!((run.code, run.stderr.contains("manifest.json is not as it was written")), (74, true), "{}", run.stderr);
}

#[test]
fn a_row_that_cannot_be_read_any_more_takes_no_reward_back() {
    let mut centre = february();
    centre.set("rewards", "R1", "R1,E2,2,事迹,证据,M1,2026-02-11 09:00,approved,2026-02-11 10:00,1OO");
    let run = centre.run("rerun --month 2026-02");
    assert_eq!((run.code, run.stderr.contains("reward:E2:R1")), (65, true), "{}", run.stderr);
    centre.done("rerun --month 2026-02 --confirm-lost");
}

#[test]
fn a_month_that_waits_for_a_line_is_named_when_the_other_lets_go_of_it() {
    let mut centre = february();
    centre.done("monthly --month 2026-03 --issue");
    centre.set("rewards", "R1", "");
    centre.reward("R1", "E2", "2026-03-11", "100");
    centre.done("rerun --month 2026-03");
    assert_eq!(centre.shown("2026-03", "reward:E2:R1"), "hold(other-month)");
    let told = centre.done("rerun --month 2026-02").stdout;
    assert!(
        told.contains("note: 2026-03 held lines that this month has let go of: meritbook rerun --month 2026-03"),
        "{told}"
    );
    centre.done("rerun --month 2026-03");
    assert_eq!(centre.shown("2026-03", "reward:E2:R1"), "credit 100.00");
    centre.done("monthly --month 2026-04 --issue");
    let moved = ["reward:E2:R1 reverse-reward 100.00 2026-02/001", "reward:E2:R1 reward 100.00 2026-03/003"];
    assert_eq!(posted(&centre, "2026-04", 1), moved);
}
