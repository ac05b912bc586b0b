//! Answers that come back in workbooks, and workbooks as any other source: `fixtures/exports/answers`, through the real
//! binary. The answers are to lines that the example month holds.

mod support;

#[path = "support_exports.rs"]
mod bench;

use bench::{Bench, fixture};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use support::{Row, Run, demo, done, edition, entries, manifest, meritbook, read, rows, sheets, text};

const REGISTER_PATH: &str = "fixtures/demo/registers/decisions.csv";
const REGISTER: &str = "files = [\"fixtures/demo/registers/decisions.csv\"";

/// The example, whose decisions also come from the folder `answers`.
fn example() -> tempfile::TempDir {
    let dir = demo();
    let path = dir.path().join("config.toml");
    let config = text(&path);
    assert!(config.contains(REGISTER));
    // Who may decide has tests of its own; here anybody does.
    let (before, rest) = config.split_once("[deciders]").expect("the section");
    let (_, after) = rest.split_once("[sources.employees]").expect("the next section");
    let config = format!("{before}[sources.employees]{after}");
    fs::write(
        &path,
        config.replace(", \"fixtures/demo/answers/*.csv\"", "").replace("fixtures/demo/answers/*.xls*", "answers/*"),
    )
    .expect("write");
    fs::create_dir(dir.path().join("answers")).expect("a folder");
    dir
}

fn answer(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join("answers").join(name);
    fs::write(&path, fixture(&format!("answers/{name}"))).expect("write");
    path
}

fn findings(dir: &Path, number: u32) -> BTreeMap<String, Row> {
    let rows = rows(&read(&edition(dir, number).join("findings.csv")));
    rows.into_iter().map(|row| (row["finding_id"].clone(), row)).collect()
}

/// Status and amount of each of these lines.
fn states(findings: &BTreeMap<String, Row>, ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| format!("{} {}", findings[*id]["status"], findings[*id]["amount"])).collect()
}

/// Line, column and reason of the decisions of a file that could not be used.
fn rejected(dir: &Path, number: u32, file: &str) -> Vec<String> {
    let all = rows(&read(&edition(dir, number).join("rejected.csv")));
    let own = all.iter().filter(|row| row["source"] == "decisions" && row["file"] == file);
    own.map(|row| format!("{} {}: {}", row["line"], row["column"], row["reason"])).collect()
}

fn assert_starts(found: &[String], wanted: &[&str]) {
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "`{found}` does not begin with `{wanted}`");
    }
}

const ANSWERED: [&str; 5] = [
    "last-out::2026-10-29@库房",
    "late-arrival:0305:2026-10-19",
    "reward:0308:JL2608",
    "unreachable:0304:2026-10",
    "overtime-refusal:0306:JB2607",
];
/// Not answered, no decision chosen, rows moved.
const HELD: [&str; 3] = ["absence:0305:2026-10-29", "complaint:0303:SX2644", "late-arrival:0306:2026-10-28"];

fn held_sheet(dir: &Path, number: u32) -> String {
    let dump = sheets::dump("deductions", &read(&edition(dir, number).join("deductions.xlsx")));
    let (_, from) = dump.split_once("· 待核待定\n").expect("the sheet");
    from.split("\n=== ").next().expect("its text").to_owned()
}

#[test]
fn a_held_line_answered_in_a_workbook_that_libreoffice_saved_is_decided_in_the_next_run() {
    let dir = example();
    let dir = dir.path();
    // Nothing came back yet: that is no missing register.
    done(dir, "monthly");
    let before = findings(dir, 1);
    assert!(ANSWERED.iter().chain(&HELD).all(|id| before[*id]["status"] == "hold"));
    // Of an amount that only the answer gives, the rewards' own sheet tells.
    let listed: Vec<&str> = ANSWERED.into_iter().filter(|id| held_sheet(dir, 1).contains(id)).collect();
    assert!(listed.len() >= 4, "{listed:?}");

    let workbook = answer(dir, "libreoffice.xlsx");
    done(dir, "monthly");
    let after = findings(dir, 2);
    assert_eq!(
        states(&after, &ANSWERED),
        ["charge 20.00", "counted 0.00", "credit 150.50", "charge 40.00", "waived "],
        "by id and code, in both sheets"
    );
    assert_eq!(after["last-out::2026-10-29@库房"]["employee_id"], "0104");
    for id in HELD {
        assert_eq!(before[id], after[id]);
    }
    let sheet = held_sheet(dir, 2);
    assert!(ANSWERED.iter().all(|id| !sheet.contains(id)) && HELD.iter().all(|id| sheet.contains(id)), "{sheet}");
    assert_starts(
        &rejected(dir, 2, "answers/libreoffice.xlsx!待核答复"),
        &["5 decision: no decision chosen", "7 code: the code belongs to another line: rows were moved"],
    );
    assert!(read(&workbook) == fixture("answers/libreoffice.xlsx"), "answers are only read");
    assert_kept_once(&edition(dir, 2));

    let told = done(dir, "explain late-arrival:0305:2026-10-19").stdout;
    assert!(done(dir, "explain last-out::2026-10-29@库房").stdout.contains("0104 · 0101 · 2026-11-03 14:05:00"));
    // An empty time is when the workbook was saved, in the centre's time.
    assert!(told.contains("decision: confirm · B · 沈国良 · 2026-11-24 01:"), "{told}");
    let told = done(dir, "explain late-arrival:0306:2026-10-28").stdout;
    assert!(told.contains("(rejected: the code belongs to another line"), "{told}");
}

/// The two sheets are two entries of the manifest and one file of the edition.
fn assert_kept_once(edition: &Path) {
    let inputs = manifest(edition)["inputs"].as_array().expect("inputs").clone();
    let word = |input: &serde_json::Value, name: &str| input[name].as_str().expect("text").to_owned();
    let own: Vec<_> = inputs.iter().filter(|input| word(input, "name").contains("libreoffice.xlsx")).collect();
    let names: Vec<String> = own.iter().map(|input| word(input, "name")).collect();
    assert_eq!(names, ["answers/libreoffice.xlsx!待核答复", "answers/libreoffice.xlsx!待核答复 2"]);
    assert!(own.iter().all(|input| word(input, "archived") == "decisions/libreoffice.xlsx"));
    let kept: Vec<PathBuf> = entries(&edition.join("inputs/decisions"));
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(read(&edition.join("inputs/decisions/libreoffice.xlsx")) == fixture("answers/libreoffice.xlsx"));
}

#[test]
fn an_old_workbook_and_the_new_one_say_the_same() {
    let decided = |name: &str| {
        let dir = example();
        answer(dir.path(), name);
        done(dir.path(), "monthly");
        findings(dir.path(), 1)
    };
    assert!(decided("libreoffice.xls") == decided("libreoffice.xlsx"));
}

#[test]
fn what_excel_and_wps_do_on_saving_loses_no_answer() {
    let dir = example();
    let dir = dir.path();
    answer(dir, "oddities.xlsx");
    answer(dir, "gb18030.csv");
    done(dir, "monthly");
    let found = findings(dir, 1);
    let ids = [
        "last-out::2026-10-28@三楼",
        "overtime-claim:0204:JB2602",
        "loss:0209:SS2602",
        "repair-delivery::2574",
        "meeting-late:0204:M02",
        "absence:0106:2026-10-28",
    ];
    assert_eq!(
        states(&found, &ids),
        ["charge 20.00", "waived ", "charge 1200.00", "unpriced ", "charge 20.00", "waived "]
    );
    assert_eq!(found["last-out::2026-10-28@三楼"]["employee_id"], "0104", "the cell holds the number 104");
    assert_eq!(found["repair-delivery::2574"]["employee_id"], "0207");
    assert_starts(
        &rejected(dir, 1, "answers/oddities.xlsx!Held lines"),
        &[
            "7 amount: an error of Excel",
            "8 decided_at: not a time",
            "9 decided_by: nobody decided",
            "10 finding_id: there is no such finding",
        ],
    );
    let csv = rejected(dir, 1, "answers/gb18030.csv");
    assert_starts(&csv, &["4 decided_at: no time of the decision"]);
}

/// A small month, whose register of decisions is empty.
fn answers_of(files: &str) -> Bench {
    let bench = Bench::new().source("decisions", &format!("files = [{files}]"));
    bench.file("d.csv", b"finding_id,decision,decided_by,decided_at,reason\n");
    bench
}

#[test]
fn a_folder_without_answers_is_fine_and_a_lost_folder_is_not() {
    let bench = answers_of("\"d.csv\", \"answers/*.xlsx\"");
    let said = bench.check();
    assert_eq!(said.code, 66, "{}", said.text);
    said.says(&["no file fits `answers/*.xlsx`"]);
    fs::create_dir(bench.path().join("answers")).expect("a folder");
    // What Excel writes while it has a file open is no answer.
    bench.file("answers/~$a.xlsx", b"somebody");
    assert_eq!(bench.check().code, 0);
    let alone = answers_of("\"answers/*.xlsx\"");
    fs::create_dir(alone.path().join("answers")).expect("a folder");
    assert_eq!(alone.check().code, 66);
    let other = answers_of("\"e.csv\", \"answers/*.xlsx\"");
    fs::create_dir(other.path().join("answers")).expect("a folder");
    assert_eq!(other.check().code, 66, "a plain path must be there");
    let leaves = Bench::new().source("leaves", "files = [\"employees.csv\", \"leaves/*.xlsx\"]");
    fs::create_dir(leaves.path().join("leaves")).expect("a folder");
    leaves.check().says(&["leaves: NOT USABLE: no file fits `leaves/*.xlsx`"]);
}

#[test]
fn a_workbook_that_cannot_be_read_says_what_to_do() {
    let book = fixture("answers/leaves_1904.xlsx");
    let locked = [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(),
        &"EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
    ]
    .concat();
    let mut flipped = book.clone();
    let at = flipped.len() / 3;
    flipped[at] ^= 0xff;
    for (bytes, why) in [
        (&book[..book.len() / 2], "`l.xlsx`: it is a damaged workbook"),
        (&flipped, "`l.xlsx`: it is a damaged workbook"),
        (&locked, "it is locked with a password: open it, take the password off"),
        (&fixture("answers/libreoffice.xlsx"), "its sheets: `待核答复`, `待核答复 2`, `填写说明`"),
    ] {
        let bench = Bench::new().source("leaves", "files = [\"l.xlsx\"]");
        bench.file("l.xlsx", bytes);
        let said = bench.check();
        said.says(&["leaves: NOT USABLE", why]);
        assert_eq!(said.code, 10);
    }
    let bench = Bench::new().source("swipes", "files = [\"s.csv\"]");
    bench.file("s.csv", &book);
    bench
        .check()
        .says(&["swipes: NOT USABLE: `s.csv`: no header line with the mapped names in the first 20 rows of any sheet"]);
    let bench = answers_of("\"d.csv\", \"answers/*\"");
    bench.file("answers/a.xlsx", &flipped);
    assert_eq!(bench.check().code, 66, "an answer must not be lost");
}

const LEAVES: &str = "leave_id,employee_id,type,start,end,status,approved_at\n\
    L1,0105,annual,2026-10-12 08:30,2026-10-12 12:00,approved,2026-10-10 09:00\n\
    L2,0103,personal,2026-10-13,2026-10-13,approved,2026-10-12 00:00\n\
    L3,0101,sick,#REF!,2026-10-14,approved,\n";
const SWIPES: &str = "employee_id,time\n\
    0101,2026-10-12 08:21:09\n0102,2026-10-12 08:41:00\n0103,2026-10-12 08:20:00\n0104,2026-10-12 08:20:00\n\
    0105,2026-10-12 12:52:00\n0106,2026-10-12 08:25:00\n0101,2026-10-13 08:33:09\n0102,2026-10-13 08:44:00\n\
    0104,2026-10-13 08:20:00\n0105,2026-10-13 08:59:00\n0106,2026-10-13 08:25:00\n0101,2026-10-30 20:00:00\n";

fn judged(leaves: &[u8]) -> (bench::Said, BTreeMap<String, String>) {
    let bench = Bench::new()
        .source("acknowledgements", "files = [\"ack.csv\"]")
        .source("swipes", "files = [\"swipes.csv\"]")
        .source("leaves", "files = [\"leaves\"]")
        .none(&["notices", "visits"]);
    let signed = (101..=106).map(|id| format!("0{id},2026-01-05\n")).collect::<Vec<_>>().concat();
    bench.file("ack.csv", format!("employee_id,signed_on\n{signed}").as_bytes());
    bench.file("swipes.csv", SWIPES.as_bytes());
    bench.file("leaves", leaves);
    bench.preview()
}

#[test]
fn a_register_in_excel_gives_the_same_findings_as_its_csv() {
    let (_, csv) = judged(LEAVES.as_bytes());
    let (_, book) = judged(&fixture("answers/leaves_1904.xlsx"));
    assert!(csv["findings.csv"].lines().count() > 5, "{}", csv["findings.csv"]);
    assert_eq!(csv["findings.csv"], book["findings.csv"]);
    // Rows are those of Excel, and a sheet is told by its name; a sheet without the header is not read.
    for line in ["leaves,leaves!请假,2,2,0,", "leaves,leaves!请假 2,1,0,1,"] {
        assert!(book["coverage.csv"].contains(line), "no `{line}` in\n{}", book["coverage.csv"]);
    }
    let (at, why) = ("leaves,leaves!请假 2,2,start,#REF!,", "an error of Excel");
    assert!(book["rejected.csv"].contains(&format!("{at}{why}")), "{}", book["rejected.csv"]);
    assert!(!book["coverage.csv"].contains("说明"));
}

#[test]
fn a_closed_month_is_closed_for_answers_too() {
    let dir = example();
    let dir = dir.path();
    done(dir, "monthly --issue");
    answer(dir, "libreoffice.xlsx");
    let run: Run = meritbook(dir, "monthly");
    assert_eq!(run.code, 64, "{}", run.stderr);
}

#[test]
fn an_answer_that_comes_after_the_issue_is_listed_in_the_next_month() {
    let dir = example();
    let dir = dir.path();
    done(dir, "monthly");
    done(dir, "monthly --issue");
    // What the issue had read is not late.
    done(dir, "monthly --month 2026-11");
    let late = |number: u32| {
        let edition = dir.join(format!("var/editions/2026-11/{number:03}/rejected.csv"));
        let rows = rows(&read(&edition)).into_iter();
        let late = rows.filter(|row| row["reason"].contains("was issued without this answer"));
        late.map(|row| format!("{} {}", row["file"], row["value"])).collect::<Vec<_>>()
    };
    assert_eq!(late(1), Vec::<String>::new());
    answer(dir, "libreoffice.xlsx");
    done(dir, "decide late-arrival:0305:2026-10-19 waive --by 0301 --reason 核实");
    done(dir, "monthly --month 2026-11");
    let late = late(2);
    assert!(late.contains(&format!("{REGISTER_PATH} late-arrival:0305:2026-10-19")), "{late:?}");
    assert!(late.iter().any(|row| row.starts_with("answers/libreoffice.xlsx!")), "{late:?}");
}
