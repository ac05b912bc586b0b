//! Files as a hostile world leaves them: encodings, cuts, quotes, pipes, noise. No panic, no hang, the right state.

#[path = "support_exports.rs"]
mod bench;

use bench::{Bench, Said};
use std::{fmt::Write as _, fs, os::unix::fs::symlink, process::Command};

const SWIPES: &str = "工号,时间,门,备注\n\
    0101,2026-10-12 08:21:09,二楼,\n0102,2026-10-12 08:41:00,二楼,\n0103,2026-10-12 08:20:00,二楼,\n\
    0104,2026-10-12 08:20:00,二楼,\n0105,2026-10-12 08:52:00,二楼,\n0106,2026-10-12 08:25:00,二楼,\n\
    0101,2026-10-13 08:33:09,二楼,\n0102,2026-10-13 08:44:00,二楼,\n0103,2026-10-13 08:20:00,二楼,\n\
    0104,2026-10-13 08:20:00,二楼,\n0105,2026-10-13 08:59:00,二楼,\n0106,2026-10-13 08:25:00,二楼,\n\
    清洁,2026-10-30 20:00:00,二楼,\n";
const LEAVES: &str = "单号,工号,假别,开始,结束,状态,批准,事由\n\
    L1,0105,年假,2026-10-12 08:30,2026-10-12 12:00,approved,2026-10-10 09:00,家中有事\n\
    L2,0103,事假,2026-10-13,2026-10-13,approved,2026-10-12 09:00,看病\n";
const MAPPED: &str = "[sources.swipes.columns]\nemployee_id = \"工号\"\ntime = \"时间\"\ndoor = \"门\"\n\
    [sources.leaves.columns]\nleave_id = \"单号\"\nemployee_id = \"工号\"\ntype = \"假别\"\nstart = \"开始\"\nend = \"结束\"\n\
    status = \"状态\"\napproved_at = \"批准\"\n\
    [sources.leaves.values.type]\n\"年假\" = \"annual\"\n\"事假\" = \"personal\"";

fn month(swipes: &[u8], leaves: &[u8]) -> Bench {
    let bench = Bench::new()
        .source("acknowledgements", "files = [\"ack.csv\"]")
        .source("swipes", "files = [\"swipes.csv\"]")
        .source("leaves", &format!("files = [\"leaves.csv\"]\n{MAPPED}"))
        .none(&["notices", "visits"]);
    let signed = (101..=106).map(|id| format!("0{id},2026-01-05\n")).collect::<Vec<_>>().concat();
    bench.file("ack.csv", format!("employee_id,signed_on\n{signed}").as_bytes());
    bench.file("swipes.csv", swipes);
    bench.file("leaves.csv", leaves);
    bench
}

fn findings(swipes: &[u8], leaves: &[u8]) -> String {
    let (said, mut files) = month(swipes, leaves).preview();
    files.remove("findings.csv").unwrap_or_else(|| panic!("{}{}", said.text, said.errors))
}

fn utf16(text: &str, is_big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Every way in which the same text is saved.
fn spellings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let swapped = |to: &str| text.replace(',', to).into_bytes();
    vec![
        ("UTF-8 with BOM", format!("\u{feff}{text}").into_bytes()),
        ("GB18030", encoding_rs::GB18030.encode(text).0.into_owned()),
        ("UTF-16 LE with BOM", utf16(text, false, true)),
        ("UTF-16 BE with BOM", utf16(text, true, true)),
        ("UTF-16 LE", utf16(text, false, false)),
        ("UTF-16 BE", utf16(text, true, false)),
        ("title rows", format!("某某公司\n\"统计日期：2026-10-01 至\n2026-10-31\",,\n\n{text}").into_bytes()),
        ("`;`", swapped(";")),
        ("tabs", swapped("\t")),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
        ("CR", text.replace('\n', "\r").into_bytes()),
        ("CR below a title", format!("某某公司\r{}", text.replace('\n', "\r")).into_bytes()),
        ("no last line end", text.trim_end().as_bytes().to_vec()),
        (
            "all quoted",
            text.lines()
                .map(|line| format!("\"{}\"\n", line.replace(',', "\",\"")))
                .collect::<Vec<_>>()
                .concat()
                .into_bytes(),
        ),
        (
            "a header of two lines",
            text.replacen("门", "\"门\"", 1)
                .replacen("备注", "\"备注\n(手填)\"", 1)
                .replacen("事由", "\"事由\n(手填)\"", 1)
                .into_bytes(),
        ),
    ]
}

#[test]
fn every_encoding_and_layout_gives_the_same_findings() {
    let plain = findings(SWIPES.as_bytes(), LEAVES.as_bytes());
    assert!(
        plain.contains("late-arrival:0102:2026-10-13") && !plain.contains("late-arrival:0105:2026-10-12"),
        "{plain}"
    );
    for ((name, swipes), (_, leaves)) in spellings(SWIPES).into_iter().zip(spellings(LEAVES)) {
        assert_eq!(findings(&swipes, LEAVES.as_bytes()), plain, "swipes: {name}");
        assert_eq!(findings(SWIPES.as_bytes(), &leaves), plain, "leaves: {name}");
    }
}

#[test]
fn large_files_of_swipes_in_every_encoding() {
    let mut text = SWIPES.to_owned();
    while text.len() < 600_000 {
        text.push_str("0101,2026-10-14 08:21:09,二楼,备\n");
    }
    let plain = findings(text.as_bytes(), LEAVES.as_bytes());
    for (name, swipes) in
        spellings(&text).into_iter().filter(|(name, _)| name.contains("UTF") || ["GB18030", "CR"].contains(name))
    {
        assert_eq!(findings(&swipes, LEAVES.as_bytes()), plain, "{name}");
    }
}

/// A register of notices with these bytes; what `check` says.
fn notices(bytes: &[u8]) -> Said {
    let bench = Bench::new().source("notices", "files = [\"n.csv\"]");
    bench.file("n.csv", bytes);
    bench.check()
}

const NOTICES: &str = "employee_id,date,notified_at,kind,note\n";

#[test]
fn files_that_cannot_be_read_say_so() {
    let cut = "employee_id,date,notified_at,kind,note\n0101,2026-10-12,2026-10-12 08:00,field,张伟来电".as_bytes();
    let cases: [(&[u8], &str); 9] = [
        (b"", "the file is empty"),
        (b"\n\n\n", "no header line"),
        (b"foo,bar\n1,2\n", "the first line is `foo,bar`"),
        (&cut[..cut.len() - 1], "cut in the middle of a character"),
        (b"\xff\xfee\0m\0", "no header line"),
        (b"\xff\xfee\0m\0p", "is it cut?"),
        (&[0; 4096], "no header line"),
        (
            b"employee_id,date,notified_at,kind,note\n0101,2026-10-12,2026-10-12 08:00,field,\n0102,2026-10-1",
            "its last line is cut",
        ),
        (b"employee_id,date,date,notified_at\n", "`date` stands more than once"),
    ];
    for (bytes, why) in cases {
        let said = notices(bytes);
        said.says(&["notices: NOT USABLE", why]);
        assert_eq!(said.code, 10);
    }
}

#[test]
fn a_header_alone_is_an_empty_register() {
    assert_eq!(notices(NOTICES.as_bytes()).says(&["notices: ready, vouched for"]).code, 0);
}

#[test]
fn a_lone_quote_hides_no_row() {
    let row = |id: &str, note: &str| format!("{id},2026-10-12,2026-10-12 08:00,field,{note}\n");
    let rest = format!("{}{}", row("0102", ""), row("0103", ""));
    // It never closes.
    notices(format!("{NOTICES}{}{}{rest}", row("0104", ""), row("0101", "\"去现场")).as_bytes())
        .totals("n.csv", [4, 1, 3, 0, 0, 0])
        .says(&["n.csv:3 : a quote that opens in line 3 never closes", "n.csv:5"]);
    // It closes rows later.
    notices(
        format!("{NOTICES}{}{rest}{}{}", row("0101", "\"去现场"), row("0104", "回来\""), row("0105", "")).as_bytes(),
    )
    .totals("n.csv", [5, 1, 4, 0, 0, 0])
    .says(&["a quote that opens in line 2 closes rows later"]);
    // A cell of several lines hides nothing.
    notices(format!("{NOTICES}{}{rest}", row("0101", "\"去现场\n0102, 还没回\"")).as_bytes())
        .totals("n.csv", [3, 3, 0, 0, 0, 0]);
}

#[test]
fn noise_of_every_size() {
    let row = "0101,2026-10-12,2026-10-12 08:00,field,";
    let wide = format!("{NOTICES}{row}{}\n", ",x".repeat(100_000));
    notices(wide.as_bytes()).totals("n.csv", [1, 0, 1, 0, 0, 0]).says(&["two rows ran together"]);
    notices(format!("{NOTICES}{row}{}\n", ",".repeat(100_000)).as_bytes()).totals("n.csv", [1, 1, 0, 0, 0, 0]);
    notices(format!("{}{NOTICES}{row}\n", ",x".repeat(100_000) + "\n").as_bytes()).totals("n.csv", [1, 1, 0, 0, 0, 0]);
    notices(format!("{NOTICES}{row}\"{}\"\n", "大".repeat(2 << 20)).as_bytes()).totals("n.csv", [1, 1, 0, 0, 0, 0]);
    notices(format!("{NOTICES}{row}\n0102{}\0\n", &row[4..]).as_bytes())
        .totals("n.csv", [2, 1, 1, 0, 0, 0])
        .says(&["bytes that are not text"]);
    // Of two rows of the same content the one that can be read is used.
    notices(format!("{NOTICES}{row}\0\n{row}\n").as_bytes()).totals("n.csv", [2, 1, 0, 0, 0, 1]);
    let noise: String = (0..100_000).fold(NOTICES.to_owned(), |mut text, n| {
        let _ = writeln!(text, "{n};?,\t{}", n * 7919);
        text
    });
    notices(noise.as_bytes()).totals("n.csv", [100_000, 0, 100_000, 0, 0, 0]).says(&["NOT USABLE"]);
}

/// Swipes with these bytes below a header; what `check` says.
fn swipes(bytes: &[u8]) -> Said {
    let bench = Bench::new().source("swipes", "files = [\"s.csv\"]");
    bench.file("s.csv", &[b"employee_id,time,door\n", bytes].concat());
    bench.check()
}

#[test]
fn noise_in_swipes() {
    swipes(b"").says(&["swipes: ready, not proven (data)"]);
    swipes(b"0101,\"2026-10-12 08:00:00\",\"a,b\"\n\"0102\",2026-10-12 08:00:00,\"x\n\"0103,2026-10-12 08:00:00,\n")
        .totals("s.csv", [3, 2, 1, 0, 0, 0]);
    // Half a time before a hole of NULs is no time.
    swipes(b"0101,2026-10-12 08:00\0\0\0:07,1\n0102,2026-10-12 08:00:00,1\n").totals("s.csv", [2, 1, 1, 0, 0, 0]);
    swipes(b"0101,2026-10-12 08:00:00,1\r0102,2026-10-12 08:00:00,1\r0103,x,1\r").totals("s.csv", [3, 2, 1, 0, 0, 0]);
    // A line too long for a chunk: its tail looks like a row of 0102, and is none.
    let mut long = b"0101,2026-10-12 08:00:00,".to_vec();
    long.resize(6 << 20, b'x');
    long.splice((5 << 20)..(5 << 20), *b"\r");
    long[5 << 20] = b'x';
    long.extend(b"\n0102,2026-10-12 08:00:00,1\n");
    let said = swipes(&long);
    assert!(said.lines("s.csv:").iter().any(|line| line.contains("2 used")), "{}", said.text);
    let noise = (0..100_000).map(|n| format!("{n};?\t{}\n", n * 7919)).collect::<Vec<_>>().concat();
    swipes(noise.as_bytes()).totals("s.csv", [100_000, 0, 100_000, 0, 0, 0]).says(&["swipes: NOT USABLE"]);
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    let bench = Bench::new().source("notices", "files = [\"n/*.csv\"]");
    bench.file("elsewhere.csv", NOTICES.as_bytes());
    fs::create_dir(bench.path().join("n")).expect("a folder");
    let place = bench.path().join("n/n.csv");
    bench.check().says(&["notices: NOT USABLE: no file fits `n/*.csv`"]);
    fs::create_dir(&place).expect("a folder");
    bench.check().says(&["`n/n.csv` is not a regular file"]);
    fs::remove_dir(&place).expect("removed");
    symlink(bench.path().join("elsewhere.csv"), &place).expect("a link");
    bench.check().says(&["`n/n.csv` is not a regular file"]);
    fs::remove_file(&place).expect("removed");
    assert!(Command::new("mkfifo").arg(&place).status().expect("mkfifo").success());
    bench.check().says(&["`n/n.csv` is not a regular file"]);
    fs::remove_dir_all(bench.path().join("n")).expect("removed");
    bench.file("real/n.csv", NOTICES.as_bytes());
    symlink(bench.path().join("real"), bench.path().join("n")).expect("a link");
    bench.check().says(&["`n/n.csv` lies behind the link"]);
}

#[test]
fn which_files_a_pattern_names() {
    let row = |id: &str| format!("{NOTICES}{id},2026-10-12,2026-10-12 08:00,field,\n");
    let bench = Bench::new().source("notices", "files = [\"a_{month}.csv\", \"b_*.csv\", \"./b_1.csv\"]");
    bench.file("a_2026-10.csv", row("0101").as_bytes());
    bench.file("a_2026-11.csv", row("0106").as_bytes());
    // The same rows twice are duplicates; the same file twice is one file.
    bench.file("b_1.csv", row("0102").as_bytes());
    bench.file("b_2.csv", row("0102").as_bytes());
    let said = bench.check();
    said.totals("a_2026-10.csv", [1, 1, 0, 0, 0, 0]).totals("b_2.csv", [1, 0, 0, 0, 0, 1]);
    assert_eq!(said.lines("rows =").len(), 4, "with that of the employees: {}", said.text);

    let bench = Bench::new().source("notices", "files = [\"{date}.csv\"]\nready = \"marker\"");
    bench.file("2026-10-12.csv", row("0101").as_bytes());
    bench.check().says(&["`2026-10-12.csv` is not ready: there is no `2026-10-12.csv.ok`"]);
    bench.file("2026-10-12.csv.ok", b"");
    bench.check().totals("2026-10-12.csv", [1, 1, 0, 0, 0, 0]);

    let bench = Bench::new().source("checkins", "files = [\"in/{meeting_id}-*.csv\"]");
    bench.file("in/M7-a.csv", b"employee_id,time\n0101,2026-10-12 08:00\n");
    bench.check().says(&["meeting_id=M7 emp=0 time=2026-10-12 08:00:00"]);
}

#[test]
fn decisions_and_identities_are_never_used_in_part() {
    let head = "finding_id,decision,amount,value,decided_by,decided_at,reason\n";
    let row = "absence:0101:2026-10-12,waive,,,0102,2026-11-02 09:00,";
    for (text, code) in [
        (format!("{head}{row}\"说过\n{row}好\n"), 66),
        (format!("{head}{row}好\nabsence:0102:2026-10-12,wai"), 66),
        (format!("{head}{row}好"), 0),
    ] {
        let bench = Bench::new().source("decisions", "files = [\"d.csv\"]");
        bench.file("d.csv", text.as_bytes());
        assert_eq!(bench.check().code, code, "{text}");
    }
}
