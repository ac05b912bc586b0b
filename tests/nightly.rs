//! Nights with the real binary: who is told what, which nights are made, and what is told of failures.

#[path = "support/nights.rs"]
mod nights;
mod support;

use chrono::{DateTime, Utc};
use clap::Parser;
use meritbook::{cli::Cli, jobs};
use nights::{Mails, Nights, mails, section, to};
use std::fs;
use support::{entries, files, manifest, modes, read, rows, text};

const ASKED: &str = "今天请您答复";
const DUE: &str = "两个工作日内到期";
const NEWS: &str = "新增或有变化（供了解）";
const GAPS: &str = "数据问题（下列内容暂未判定）";
const RERUNS: &str = "建议重算的已签发月份";

/// One of each for the first department; the second has a loan to bring back.
fn busy() -> Nights {
    let mut centre = Nights::new();
    centre.present("2026-10-13", &[("E2", "2026-10-13")]);
    centre.add("complaints", "C1,E1,2026-10-01 09:00,upheld,,2026-10-12 10:00,2026-10-12 11:00");
    centre.add("losses", "L1,E1,2026-10-09,钳子,30,2026-10-12 09:00");
    centre.add("tickets", "T1,2026-09-28 09:00,E1,2026-09-29 09:00,repairable,,,");
    centre.add("loans", "B1,F1,万用表,2026-10-01 09:00,2026-10-15,");
    centre
}

#[test]
fn each_manager_learns_of_own_staff_what_is_open_the_oldest_first() {
    let mails = busy().night("2026-10-14");
    let east = to(&mails, "m1");
    let asked = section(east, ASKED);
    assert_eq!(asked.len(), 2, "{east}");
    assert!(
        asked[0].contains("2026-10-12 E1 东一 客户投诉：有理投诉C1") && asked[0].contains("请定投诉等级"),
        "{}",
        asked[0]
    );
    assert!(asked[0].contains("答复期限2026-10-14已过"), "{}", asked[0]);
    assert!(asked[1].contains("2026-10-13 E2 东二") && asked[1].contains("有没有外勤电话没有登记"), "{}", asked[1]);
    assert!(asked[1].contains("请在2026-10-15(含)前答复"), "{}", asked[1]);
    assert_eq!(section(east, DUE), ["2026-10-16 到期 E1 东一：工单T1须修好；有特殊情况须有原因报告"]);
    let news = section(east, NEWS);
    assert!(news.len() == 1 && news[0].contains("损失L1") && news[0].ends_with("扣款"), "{news:?}");
    // The swipes end on the 13th.
    let gaps = section(east, GAPS);
    assert!(gaps.len() == 2 && gaps[0].contains("2026-10-14：门禁打卡") && gaps[1].contains("地点东"), "{gaps:?}");
    assert!(east.contains("怎样答复"));
    let west = to(&mails, "m2");
    assert_eq!(section(west, DUE), ["2026-10-15 到期 F1 西一：借用的“万用表”须归还(借用单B1)"]);
    assert!(section(west, ASKED).is_empty() && section(west, NEWS).is_empty() && !west.contains("怎样答复"), "{west}");
    for hidden in ["E1", "E2", "东一", "东二", "经甲", "30.00", "C1"] {
        assert!(!west.contains(hidden), "{hidden}: {west}");
    }
    for hidden in ["F1", "西", "经乙", "30.00", "合计"] {
        assert!(!east.contains(hidden), "{hidden}: {east}");
    }
    assert!(!mails.contains_key("general-manager@example.com"), "nothing waits for that office");
    let operator = to(&mails, "operator");
    for hidden in ["E1", "E2", "F1", "东", "西", "30", "C1", "T1"] {
        assert!(!operator.contains(hidden), "{hidden}: {operator}");
    }
    assert!(section(operator, GAPS)[0].contains("2026-10-14"));
}

#[test]
fn the_english_mail_has_the_same_lines() {
    let mut centre = busy();
    centre.locale = "en";
    let mails = centre.night("2026-10-14");
    let east = to(&mails, "m1");
    assert_eq!(section(east, "Needs your answer today").len(), 2, "{east}");
    assert_eq!(
        section(east, "Due within two workdays"),
        ["due 2026-10-16 E1 东一: ticket T1: to be repaired, or a written reason"]
    );
    assert!(!east.contains('：'), "{east}");
}

#[test]
fn a_night_judges_and_suspends_nothing_after_it() {
    let mut centre = busy();
    centre.add("losses", "L2,E1,2026-10-15,镊子,40,2026-10-15 09:00");
    centre.add("complaints", "C2,F1,2026-10-01 09:00,upheld,,2026-10-16 10:00,");
    centre.present("2026-10-16", &[]);
    let mails = centre.night("2026-10-14");
    let dir = centre.folder("2026-10-14").join("001");
    for row in rows(&read(&dir.join("findings.csv"))) {
        assert!(row["occurred_on"].as_str() <= "2026-10-14", "{row:?}");
    }
    assert!(!to(&mails, "m2").contains("C2"));
    let manifest = manifest(&dir);
    assert_eq!(manifest["suspended"], serde_json::json!([]), "days to come are not called suspended");
    assert_eq!(
        manifest["months"],
        serde_json::json!([{"month": "2026-10", "first": "2026-10-01", "last": "2026-10-14"}])
    );
}

#[test]
fn limits_are_those_of_the_months_last_day() {
    let mut centre = Nights::new();
    centre.add("complaints", "C1,E1,2026-10-01 09:00,upheld,一般,2026-10-12 10:00,2026-10-12 11:00");
    // It follows the mode that holds before.
    centre.more = "values.2026-10-20 = \"warn-only\"\n".to_owned();
    centre.night("2026-10-14");
    let row = rows(&read(&centre.folder("2026-10-14").join("001/findings.csv"))).remove(0);
    assert_eq!((row["status"].as_str(), row["reason"].as_str()), ("notice", "warn-only"));
}

#[test]
fn an_overdue_repair_can_be_excused_until_the_month_is_over() {
    let mut centre = Nights::new();
    centre.present("2026-10-31", &[]);
    centre.proven.insert("tickets", "vouched");
    centre.add("tickets", "T1,2026-09-28 09:00,E1,2026-09-29 09:00,repairable,,,");
    let asked = |mails: &Mails| section(to(mails, "m1"), ASKED);
    let early = asked(&centre.night("2026-10-19"));
    assert!(
        early.len() == 1 && early[0].contains("未完成原因的报告") && early[0].contains("最迟2026-10-31"),
        "{early:?}"
    );
    // The mail of the last night comes too late for a report; then the amount is the general manager's.
    let last = centre.night("2026-10-31");
    assert!(last.get("m1@example.com").is_none_or(|mail| !mail[0].1.contains("报告")), "{last:?}");
    let general = to(&last, "general-manager");
    assert!(general.contains("T1") && general.contains("制度未写金额"), "{general}");
    centre.set("tickets", "T1", "T1,2026-09-28 09:00,E1,2026-09-29 09:00,repairable,,2026-10-20 09:00,");
    assert!(!centre.night("2026-10-20").contains_key("m1@example.com"), "the report is there");
}

#[test]
fn what_is_new_is_told_once() {
    let mut centre = busy();
    centre.night("2026-10-14");
    let next = centre.night("2026-10-15");
    let east = to(&next, "m1");
    assert!(section(east, NEWS).is_empty(), "{east}");
    assert_eq!(section(east, ASKED).len(), 2, "what waits is asked again");
    centre.add("decisions", "loss:E1:L1,waive,,,G1,2026-10-15 09:00,核实");
    centre.add("decisions", "complaint:E1:C1,confirm,40,,M1,2026-10-15 09:00,核实");
    let mails = centre.night("2026-10-16");
    let (news, asked) = (section(to(&mails, "m1"), NEWS), section(to(&mails, "m1"), ASKED));
    assert!(news.len() == 2 && asked.len() == 1, "{news:?} {asked:?}");
    assert!(news[0].contains("L1") && news[0].ends_with(" → 已免（原为扣款）"), "{news:?}");
    assert!(news[1].contains("C1") && news[1].ends_with(" → 扣款（原为待核）"), "{news:?}");
}

#[test]
fn where_nothing_is_open_there_is_no_mail_but_a_weekly_sign_of_life() {
    let mut centre = Nights::new();
    centre.present("2026-10-31", &[]);
    for quiet in ["2026-10-12", "2026-10-15", "2026-10-17"] {
        assert!(centre.night(quiet).is_empty(), "{quiet}");
    }
    // The night of a Sunday is told on Monday.
    let mails = centre.night("2026-10-18");
    let readers: Vec<&str> = mails.keys().map(|address| address.trim_end_matches("@example.com")).collect();
    assert_eq!(readers, ["g1", "hr", "m1", "m2", "operator"]);
    for (subject, text) in mails.values().flatten() {
        assert!(subject.contains("没有待办") && text.contains("夜间检查运行正常"), "{subject} {text}");
    }
}

#[test]
fn who_manages_is_told_of_others_and_never_of_oneself() {
    let mut centre = Nights::new();
    centre.present("2026-10-31", &[]);
    for (id, whom) in [("C1", "M1"), ("C2", "G1"), ("C3", "F1")] {
        centre.add("complaints", &format!("{id},{whom},2026-10-01 09:00,upheld,,2026-10-13 10:00,2026-10-13 11:00"));
    }
    centre.set("employees", "M2", "M2,经乙,部,G1,not an address,2020-01-01,,,西");
    let mails = centre.night("2026-10-14");
    let asked: Vec<String> = section(to(&mails, "g1"), ASKED);
    assert!(asked.len() == 2 && asked[0].contains("F1 西一") && asked[1].contains("M1 经甲"), "{asked:?}");
    let hr = to(&mails, "hr");
    assert!(section(hr, ASKED).iter().any(|line| line.contains("G1 总甲")), "{hr}");
    let unreached = section(hr, "邮件送不到的经理（请补齐花名册）");
    assert!(unreached.len() == 1 && unreached[0].starts_with("M2：邮箱地址写错"), "{unreached:?}");
    assert!(!mails.contains_key("m1@example.com"), "M1 is not asked about the own line");
    // Who has left is passed over too.
    centre.set("employees", "M2", "M2,经乙,部,G1,m2@example.com,2020-01-01,2026-10-15,,西");
    assert_eq!(section(to(&centre.night("2026-10-14"), "m2"), ASKED).len(), 1, "still there that day");
    let mails = centre.night("2026-10-15");
    assert!(!mails.contains_key("m2@example.com") && to(&mails, "g1").contains("F1 西一"), "{mails:?}");
    assert!(to(&mails, "hr").contains("M2：已离职"));
}

#[test]
fn nothing_in_a_managers_mail_says_that_a_leave_was_for_illness() {
    let mut centre = Nights::new();
    centre.present("2026-10-14", &[("E1", "2026-10-12")]);
    centre.add("leaves", "X1,E1,sick,2026-10-12,2026-10-12,2026-10-12,2026-10-13,,2026-10-12,");
    centre.proven.insert("leaves", "closure");
    centre.add("closures", "leaves,2026-10-14,M1");
    let mails = centre.night("2026-10-14");
    let east = to(&mails, "m1");
    assert!(east.contains("请假证明未交：请假X1至2026-10-12，证明应于2026-10-13(含)以前交，未见提交"), "{east}");
    assert!(!east.contains('病') && !east.contains("sick"), "{east}");
    // Where the register is not closed, its rules are named, and so none by an illness.
    centre.set("closures", "leaves", "leaves,2026-10-12,M1");
    let mails = centre.night("2026-10-14");
    assert!(to(&mails, "m1").contains("请假") && !to(&mails, "m1").contains('病'), "{}", to(&mails, "m1"));
}

#[test]
fn gaps_of_a_site_or_a_person_are_told_to_those_whose_staff_it_is() {
    let mut centre = Nights::new();
    centre.present("2026-10-14", &[("F1", "2026-10-13"), ("F2", "2026-10-13"), ("M2", "2026-10-13")]);
    centre.add("notices", "E1,2026-10-14,nonsense,field");
    let mails = centre.night("2026-10-14");
    let (east, west, above) = (to(&mails, "m1"), to(&mails, "m2"), to(&mails, "g1"));
    assert!(section(west, GAPS).iter().any(|line| line.contains("2026-10-13 地点西")), "{west}");
    assert!(section(above, GAPS).iter().any(|line| line.contains("地点西")), "M2 works there: {above}");
    assert!(!east.contains('西'), "{east}");
    assert!(section(east, GAPS).iter().any(|line| line.contains("2026-10-14 E1")), "{east}");
    for text in [west, above, to(&mails, "operator")] {
        assert!(!text.contains("E1") && !text.contains("nonsense"), "{text}");
    }
    let hr = to(&mails, "hr");
    assert!(hr.contains("地点西") && hr.contains("notices.csv:2 notified_at") && !east.contains("notices.csv"), "{hr}");
    assert!(to(&mails, "operator").contains("notices.csv：1 行"));
}

#[test]
fn a_month_that_is_only_proposed_is_asked_about_until_it_is_issued() {
    let mut centre = busy();
    centre.done("nightly --date 2026-10-31");
    centre.done("monthly --month 2026-10");
    let mails = centre.night("2026-11-01");
    let east = to(&mails, "m1");
    assert!(section(east, ASKED).iter().any(|line| line.contains("C1")), "{east}");
    assert!(section(east, NEWS).is_empty(), "the last night had it: {east}");
    let months = |date: &str| manifest(&centre.folder(date).join("001"))["months"].as_array().expect("months").len();
    assert_eq!(months("2026-11-01"), 2);
    centre.add("losses", "L9,E1,2026-10-20,尺,10,2026-10-20 09:00");
    let news = section(to(&centre.night("2026-11-02"), "m1"), NEWS);
    assert!(news.len() == 1 && news[0].contains("L9"), "{news:?}");
    centre.done("issue --month 2026-10");
    let mails = centre.night("2026-11-03");
    assert!(mails.get("m1@example.com").is_none_or(|mail| !mail[0].1.contains("C1")), "{mails:?}");
}

#[test]
fn an_answer_about_one_month_is_not_refused_by_the_other() {
    let mut centre = busy();
    centre.done("monthly --month 2026-10");
    centre.add("losses", "L7,E1,2026-11-02,尺,10,2026-11-02 09:00");
    centre.add("decisions", "loss:E1:L7,waive,,,G1,2026-11-03 08:00,核实");
    centre.add("decisions", "loss:E1:L1,waive,,,G1,2026-11-03 08:00,核实");
    centre.add("decisions", "loss:E1:none,waive,,,G1,2026-11-03 08:00,核实");
    let hr = centre.night("2026-11-03");
    let refused = section(to(&hr, "hr"), "被拒的数据行（请更正）");
    assert!(refused.len() == 1 && refused[0].contains("decisions.csv:4"), "{refused:?}");
}

#[test]
fn a_second_run_says_that_nothing_changed_and_writes_nothing() {
    let mut centre = busy();
    let run = centre.done("nightly --date 2026-10-14");
    assert_eq!(run.code, 10, "{}", run.stdout);
    let before = files(&centre.path().join("var"));
    let run = centre.run("nightly --date 2026-10-14");
    assert_eq!((run.code, run.stdout.trim()), (0, "2026-10-14: nothing changed since nightly/2026-10-14/001"));
    assert!(before == files(&centre.path().join("var")));
    centre.add("losses", "L3,F2,2026-10-13,尺,10,2026-10-13 09:00");
    let mails = centre.night("2026-10-14");
    assert_eq!(centre.snapshots("2026-10-14"), ["001", "002"]);
    assert!(section(to(&mails, "m2"), NEWS)[0].contains("L3") && section(to(&mails, "m1"), NEWS).is_empty());
    assert!(centre.run("editions verify").stdout.contains("0 editions"), "{}", centre.run("editions verify").stdout);
}

#[test]
fn the_same_inputs_make_the_same_bytes_that_only_the_owner_reads() {
    let (one, other) = (busy(), busy());
    one.done("nightly --date 2026-10-14");
    other.done("nightly --date 2026-10-14");
    let made = files(&one.path().join("var/nightly"));
    assert!(made == files(&other.path().join("var/nightly")) && made.len() > 6);
    for (path, mode, is_dir) in modes(&one.path().join("var/nightly")) {
        assert_eq!(mode, if is_dir { 0o700 } else { 0o600 }, "{}", path.display());
    }
    let mail = text(&one.folder("2026-10-14").join("001/mail/001-hr.eml"));
    assert!(mail.contains("Message-ID: <meritbook.nightly.2026-10-14.001."), "{mail}");
    assert!(mail.contains("Date: Wed, 14 Oct 2026 21:00:00 +0000"), "five o'clock of the 15th in Shanghai: {mail}");
}

#[test]
fn a_preview_writes_the_snapshot_and_leaves_the_archive_alone() {
    let centre = busy();
    let run = centre.done("nightly --date 2026-10-14 --preview out");
    assert!(run.stdout.contains("preview in out"), "{}", run.stdout);
    assert!(!centre.path().join("var").exists());
    centre.done("nightly --date 2026-10-14");
    let mut made = files(&centre.folder("2026-10-14").join("001"));
    made.remove("manifest.json.sha256").expect("the manifest's hash");
    assert!(made == files(&centre.path().join("out")));
    assert!(!mails(&centre.path().join("out")).is_empty());
}

/// Runs `nightly` at a moment; the exit code.
fn at(centre: &Nights, now: &str, args: &str) -> u8 {
    centre.write();
    let config = centre.path().join("config.toml");
    let words = ["meritbook", "nightly", "--quiet", "--config"].map(str::to_owned);
    let words = words.into_iter().chain([config.display().to_string()]);
    let words = words.chain(args.split_whitespace().map(str::to_owned));
    let cli = Cli::try_parse_from(words).expect("arguments");
    let now: DateTime<Utc> = now.parse().expect("a time");
    jobs::run(&cli, now).unwrap_or_else(|error| jobs::exit_code(&error))
}

fn made(centre: &Nights) -> Vec<String> {
    let folder = centre.path().join("var/nightly");
    let nights = if folder.exists() { entries(&folder) } else { Vec::new() };
    let names = nights.iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned());
    names.flat_map(|date| centre.snapshots(&date).into_iter().map(move |name| format!("{date}/{name}"))).collect()
}

#[test]
fn nights_that_were_missed_are_made_once_each() {
    let mut centre = busy();
    // Five in the morning in Shanghai.
    assert_eq!(at(&centre, "2026-10-11T21:00:00Z", ""), 0);
    assert_eq!(made(&centre), ["2026-10-11/001"]);
    centre.present("2026-10-14", &[]);
    at(&centre, "2026-10-14T21:00:00Z", "");
    assert_eq!(made(&centre), ["2026-10-11/001", "2026-10-12/001", "2026-10-13/001", "2026-10-14/001"]);
    // What is new is in the first of them only: the loss of the 12th.
    let is_told =
        |date: &str| centre.mails(date).get("m1@example.com").is_some_and(|mail| mail[0].1.contains("损失L1"));
    assert_eq!(["2026-10-12", "2026-10-13", "2026-10-14"].map(is_told), [true, false, false]);
    let before = files(&centre.path().join("var"));
    assert_eq!(at(&centre, "2026-10-15T03:00:00Z", ""), 0, "nothing changed");
    assert!(before == files(&centre.path().join("var")));
}

#[test]
fn a_pinned_month_is_seen_from_its_last_day_and_the_future_from_nowhere() {
    let mut centre = busy();
    assert_eq!(at(&centre, "2026-10-14T21:00:00Z", "--date 2026-10-16"), 64);
    assert_eq!(made(&centre), [""; 0]);
    centre.more = "[period]\ndefault_month = \"2026-10\"\n".to_owned();
    at(&centre, "2026-11-20T21:00:00Z", "");
    assert_eq!(made(&centre), ["2026-10-31/001"]);
}

#[test]
fn late_inputs_of_an_issued_month_are_told_to_hr() {
    let mut centre = Nights::new();
    centre.add("losses", "L1,E1,2026-09-09,钳子,30,2026-09-12 09:00");
    centre.done("monthly --month 2026-09 --issue");
    let mails = centre.night("2026-10-14");
    assert!(mails.get("hr@example.com").is_none_or(|mail| !mail[0].1.contains("rerun")), "{mails:?}");
    centre.add("losses", "L2,F1,2026-09-10,锤子,50,2026-09-15 09:00");
    centre.add("decisions", "loss:E1:L1,waive,,,G1,2026-10-13 09:00,核实");
    let mails = centre.night("2026-10-15");
    let reruns = section(to(&mails, "hr"), RERUNS);
    assert_eq!(reruns.len(), 1, "{reruns:?}");
    let said = "2026-09：迟到的数据会使 0 条取消、1 条新增、1 条变更；签发后收到的答复 1 条";
    assert!(reruns[0].starts_with(said) && reruns[0].ends_with("meritbook rerun --month 2026-09"), "{reruns:?}");
    for (address, own) in mails.iter().filter(|(address, _)| !address.starts_with("hr@")) {
        assert!(own.iter().all(|(_, text)| !text.contains("2026-09")), "{address}");
    }
    centre.done("rerun --month 2026-09");
    let mails = centre.night("2026-10-16");
    assert!(mails.get("hr@example.com").is_none_or(|mail| !mail[0].1.contains("rerun")), "{mails:?}");
}

#[test]
fn a_file_that_is_gone_is_no_late_input() {
    let mut centre = Nights::new();
    centre.add("losses", "L1,E1,2026-09-09,钳子,30,2026-09-12 09:00");
    centre.done("monthly --month 2026-09 --issue");
    centre.lost.insert("losses");
    let hr = centre.night("2026-10-14");
    assert!(section(to(&hr, "hr"), RERUNS).is_empty(), "{hr:?}");
    assert!(to(&hr, "operator").contains("losses.csv"), "the night itself misses it");
}

#[test]
fn a_damaged_edition_is_told_and_stops_nothing() {
    let mut centre = busy();
    centre.add("losses", "L0,E1,2026-09-09,钳子,30,2026-09-12 09:00");
    centre.done("monthly --month 2026-09 --issue");
    fs::write(centre.path().join("var/editions/2026-09/001/findings.csv"), "x").expect("written");
    let run = centre.done("nightly --date 2026-10-14");
    assert!(run.code == 10 && run.stdout.contains("note: 2026-09 could not be looked at again"), "{}", run.stdout);
    let mails = centre.mails("2026-10-14");
    for reader in ["hr", "operator"] {
        assert!(to(&mails, reader).contains("2026-09：已签发版次读不了"), "{}", to(&mails, reader));
    }
    assert_eq!(section(to(&mails, "m1"), ASKED).len(), 2);
}

#[test]
fn a_night_that_cannot_be_judged_is_told_to_the_operator_once() {
    let mut centre = busy();
    centre.lost.insert("employees");
    for _ in 0..2 {
        let run = centre.run("nightly --date 2026-10-14");
        assert_eq!(run.code, 66, "{}", run.stderr);
        assert_eq!(centre.snapshots("2026-10-14"), ["failed-001"]);
    }
    let mails = centre.mails("2026-10-14");
    assert_eq!(mails.keys().collect::<Vec<_>>(), ["operator@example.com"]);
    let told = to(&mails, "operator");
    assert!(told.contains("花名册 (employees.csv)：没有文件") && told.contains("2026-10-14"), "{told}");
    centre.lost.clear();
    centre.done("nightly --date 2026-10-14");
    assert_eq!(centre.snapshots("2026-10-14"), ["001", "failed-001"], "a failure is no snapshot");
}

#[test]
fn after_a_failure_all_nights_since_are_made_up_for() {
    let mut centre = busy();
    at(&centre, "2026-10-11T21:00:00Z", "");
    centre.lost.insert("decisions");
    assert_eq!(at(&centre, "2026-10-12T21:00:00Z", ""), 66);
    assert_eq!(at(&centre, "2026-10-13T21:00:00Z", ""), 66);
    assert_eq!(made(&centre), ["2026-10-11/001", "2026-10-12/failed-001", "2026-10-13/failed-001"]);
    assert!(to(&centre.mails("2026-10-13"), "operator").contains("2026-10-12–2026-10-13"));
    centre.lost.clear();
    at(&centre, "2026-10-14T21:00:00Z", "");
    let all = ["2026-10-12/001", "2026-10-13/001", "2026-10-14/001"];
    assert!(all.iter().all(|night| made(&centre).contains(&(*night).to_owned())), "{:?}", made(&centre));
}

#[test]
fn a_month_that_the_calendar_does_not_know_is_told_too() {
    let centre = busy();
    assert_eq!(at(&centre, "2027-01-05T21:00:00Z", ""), 78);
    let told = mails(&entries(&centre.folder("2027-01-05")).remove(0));
    assert!(to(&told, "operator").contains("2027"), "{told:?}");
}

#[test]
fn where_nobody_has_a_role_it_is_said() {
    let mut centre = busy();
    centre.add("tickets", "T2,2026-10-12 09:00,,,,,,");
    centre.write();
    let config = text(&centre.path().join("config.toml"));
    let without = config.replace("role = \"hr\"", "role = \"finance\"");
    fs::write(centre.path().join("config.toml"), without).expect("written");
    let run = support::meritbook(centre.path(), "nightly --date 2026-10-14");
    assert!(run.stdout.contains("note: no recipient has the role hr"), "{}", run.stdout);
}

#[test]
fn pruning_a_month_takes_its_nights_along() {
    let mut centre = Nights::new();
    centre.add("losses", "L1,E1,2023-09-09,钳子,30,2023-09-12 09:00");
    centre.done("nightly --date 2023-09-14");
    centre.done("nightly --date 2026-10-14");
    centre.done("monthly --month 2023-09");
    centre.done("editions prune --older-than 24m --yes");
    assert_eq!(made(&centre), ["2026-10-14/001"]);
    assert_eq!(centre.run("editions verify").code, 0);
}
