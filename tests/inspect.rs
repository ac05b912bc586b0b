//! `inspect` on every shipped export, on layouts that no preset knows and on what is no export, through the real binary.

#[path = "support_exports.rs"]
mod bench;

use bench::{Bench, Said, fixture, root, run};
use std::{collections::BTreeSet, fs, path::Path};

fn bench(file: &str, bytes: &[u8]) -> Bench {
    let bench = Bench::new();
    bench.file(file, bytes);
    bench
}

fn inspect(file: &str, bytes: &[u8]) -> Said {
    bench(file, bytes).inspect(file)
}

/// The block that is proposed.
fn block(said: &Said) -> String {
    let (_, block) = said.text.split_once("then says how it reads\n\n").unwrap_or_else(|| panic!("{}", said.text));
    block.to_owned()
}

/// What `check` says when the block is pasted.
fn pasted(file: &str, bytes: &[u8]) -> (String, Said) {
    let bench = bench(file, bytes);
    let block = block(&bench.inspect(file));
    let said = bench.text(&block).check();
    assert_ne!(said.code, 78, "{block}\n{}", said.errors);
    (block, said)
}

#[test]
fn a_device_file_with_what_is_wrong_in_it() {
    let said = inspect("in/1_attlog.dat", &fixture("zkteco/1_attlog.dat"));
    said.says(&[
        "in/1_attlog.dat: text, ASCII, cells separated by tab, ",
        "header: none, columns go by their place",
        "rows: 16",
        "times: 2026-09-30 18:02:00 to 2026-10-14 08:29:59",
        "roster: 6 people",
        "`zkteco-attlog` (swipes): 10 of 16 rows read, 6 rejected",
        "line 5 time: not a time (written 2047-02-30 19:13:30)",
        "line 6 employee_id: an id with characters that no id of this export has",
        "files = [\"in/1_attlog.dat\"]",
        "preset = \"zkteco-attlog\"",
        "\nid = { pad = 4 }  # so 6 of the 7",
    ]);
    assert_eq!(said.code, 10, "rows are rejected");
}

#[test]
fn every_block_of_a_preset_is_read_by_check() {
    for (file, source) in [
        ("zkteco/1_attlog.dat", "swipes"),
        ("glpi/glpi_en.csv", "tickets"),
        ("glpi/glpi_pt.csv", "tickets"),
        ("jira/jira_es.csv", "tickets"),
        ("zoom/M11_participants.csv", "checkins"),
        ("teams/M21_attendance.csv", "checkins"),
        ("teams/M22_attendance.csv", "checkins"),
    ] {
        let (block, said) = pasted(file, &fixture(file));
        assert!(block.contains(&format!("[sources.{source}]\n")), "{block}");
        // Reports of a meeting are looked up in the register of meetings, which this centre has none of.
        if source == "checkins" {
            assert!(block.contains("# Which meeting it is of is looked up in [sources.meetings]"), "{block}");
            said.says(&["checkins: NOT USABLE", "which meeting it is of is looked up in `meetings`"]);
        } else {
            assert!(said.text.contains(&format!("{source}: ready")), "{file}\n{block}\n{}", said.text);
        }
    }
}

#[test]
fn the_block_of_a_report_is_all_that_is_missing_beside_its_meeting() {
    for (file, title, start) in [
        ("zoom/M11_participants.csv", "月度例会", "2026-10-14 10:00"),
        ("teams/M21_attendance.csv", "季度培训", "2026-10-14 09:00"),
        ("teams/M22_attendance.csv", "晨会", "2026-10-13 09:00"),
    ] {
        let (block, _) = pasted(file, &fixture(file));
        let bench = bench(file, &fixture(file)).source("meetings", "files = [\"meetings.csv\"]");
        let register = format!("meeting_id,title,mandatory,start\nM1,{title},y,{start}\n");
        bench.file("meetings.csv", register.as_bytes());
        bench.text(&block).check().says(&["checkins: ready"]);
    }
}

#[test]
fn days_that_fit_two_orders_are_named_with_both_formats() {
    let file = "teams_ambiguous/M25_attendance.csv";
    let (block, said) = pasted(file, &fixture(file));
    assert!(
        block.contains("\n# time_formats = [\"%m/%d/%y, %I:%M:%S %p\"]\n# time_formats = [\"%d/%m/%y, %I:%M:%S %p\"]")
    );
    said.says(&["checkins: NOT USABLE"]);
    // Without its comment sign the line is all that was missing.
    let stated = block.replacen("# time_formats = [\"%d", "time_formats = [\"%d", 1);
    let bench = bench(file, &fixture(file)).source("meetings", "files = [\"meetings.csv\"]");
    bench.file("meetings.csv", b"meeting_id,title,mandatory,start\nM1,x,y,2026-10-02 09:00\nM2,x,y,2026-02-10 09:00\n");
    bench.text(&stated).check().says(&["checkins: ready", "time=2026-10-02 09:04:01"]);
}

#[test]
fn canonical_names_need_no_preset() {
    let text = "leave_id,employee_id,type,start,end\nL1,0101,annual,2026-10-14,2026-10-15\n";
    let said = inspect("l.csv", text.as_bytes());
    said.says(&["header has the canonical names of `leaves`, no preset needed: 1 of 1 rows read, 0 rejected"]);
    assert_eq!(said.code, 0);
    assert!(!said.text.contains("preset ="), "{}", said.text);
    assert_eq!(said.lines("canonical names").len(), 1, "only the table that explains most is named");
}

#[test]
fn an_unknown_door_log_by_its_chinese_header() {
    let text = "门禁系统导出,,,,\n员工编号,姓名,刷卡时间,门禁点,进出方向\n101,顾云舟,2026年10月14日 08:21,一楼,进\n\
                102,Marta Nowak,2026年10月14日 18:02,二楼,出\n9,外人,2026年10月14日 18:03,二楼,出\n";
    let (block, said) = pasted("门禁.csv", &encoding_rs::GB18030.encode(text).0);
    for line in [
        "id = { pad = 4 }  # so 2 of 3 ids are on the roster",
        "time_formats = [\"%Y年%m月%d日 %H:%M\"]",
        "employee_id = \"员工编号\"  # unsure: 66 % of its cells are on the roster",
        "time = \"刷卡时间\"\ndoor = \"门禁点\"\ndirection = \"进出方向\"\n[sources.swipes.values.direction]",
        "\"出\" = \"out\"\n\"进\" = \"in\"\n",
    ] {
        assert!(block.contains(line), "no `{line}` in\n{block}");
    }
    said.says(&["门禁.csv: 3 rows = 2 used + 0 rejected + 1 outside", "2026-10-14 08:21:00"]);
    let said = inspect("门禁.csv", &encoding_rs::GB18030.encode(text).0);
    said.says(&[
        "text, GB18030",
        "header: line 2, 5 names",
        "no preset fits",
        "people not on the roster: 1, such as 9",
    ]);
    assert_eq!(said.code, 10);
}

#[test]
fn an_unknown_ticket_export_by_its_english_header() {
    let text = "number,opened at,initially assigned at,assigned to,customer,solved at\n\
                T1,2026-10-13 09:00:00,2026-10-13 09:05:00,Marta Nowak,Acme,2026-10-14 10:00:00\n\
                T2,2026-10-14 09:00:00,2026-10-14 09:05:00,Inês Prado,Acme,\n";
    let (block, said) = pasted("tickets.csv", text.as_bytes());
    for line in [
        "ticket_id = \"number\"",
        "received_at = \"opened at\"",
        "assigned_at = \"initially assigned at\"",
        "repair_engineer = { name = \"assigned to\" }",
        "completed_at = \"solved at\"",
    ] {
        assert!(block.contains(line), "no `{line}` in\n{block}");
    }
    said.says(&["tickets.csv: 2 rows = 2 used"]);
}

#[test]
fn a_day_and_a_time_of_day_in_two_columns() {
    let text =
        "Name;Date;Punch Time;Reader\nMarta Nowak;14/10/2026 ;08:21;A\nInês Prado;15/10/2026;8:40:10;A\n罗念;--;--;A\n";
    let (block, said) = pasted("x.csv", text.as_bytes());
    for line in [
        "date_formats = [\"%d/%m/%Y\"]",
        "empty = [\"--\"]",
        "employee_id = { name = \"Name\" }",
        "time = { day = \"Date\", clock = \"Punch Time\" }",
        "door = \"Reader\"",
    ] {
        assert!(block.contains(line), "no `{line}` in\n{block}");
    }
    said.says(&["x.csv: 3 rows = 2 used + 1 rejected", "first_in=2026-10-14 08:21:00"]);
}

#[test]
fn a_file_without_header_by_its_content() {
    let text = "0101\t2026-10-14 08:21:00\tA\n0102\t2026-10-14 08:25:00\tA\n0101\t2026-10-14 18:00:00\tB\n";
    let (block, said) = pasted("log.txt", text.as_bytes());
    assert!(block.contains("header = false\ndelimiter = \"tab\"\ncells = 3\nquoting = false\n"), "{block}");
    assert!(block.contains("employee_id = 1  # unsure: 100 %") && block.contains("time = 2\n"), "{block}");
    said.says(&["log.txt: 3 rows = 3 used"]);
    let said = inspect("log.txt", text.as_bytes());
    said.says(&["header: none found in the first 20 lines"]);
    for cell in ["0101", "0102"] {
        assert!(!said.text.contains(cell), "{}", said.text);
    }
}

#[test]
fn two_orders_of_an_unknown_layout_are_flagged() {
    let text = "工号,打卡时间\n0101,03/10/2026 08:21\n0102,04/10/2026 08:40\n";
    let (block, _) = pasted("x.csv", text.as_bytes());
    assert!(block.contains("time_formats = [\"%d/%m/%Y %H:%M\"]  # unsure: \"%m/%d/%Y %H:%M\" fits too"), "{block}");
}

#[test]
fn a_register_with_a_missing_column_says_which() {
    let text = "工号,假别,开始时间,结束时间,审批状态\n0101,年假,2026-10-14,2026-10-15,已同意\n0102,调休,2026-10-16,2026-10-16,已同意\n";
    let (block, said) = pasted("请假.csv", text.as_bytes());
    assert!(block.contains("# leave_id = \"?\"  # required, and no column looks like it"), "{block}");
    assert!(block.contains("[sources.leaves.values.type]  # and one more word, not known here\n\"年假\" = \"annual\""));
    assert!(!block.contains("调休"), "a word that is not known is not shown");
    said.says(&["leaves: NOT USABLE"]);
}

#[test]
fn the_nearest_preset_says_what_it_lacks() {
    let said = inspect("t.csv", b"ID;Opening date!;Closing date;Resolution date;Requester\n1;x;;;B\n2;y;;;C\n");
    said.says(&["nearest: `glpi` (tickets)", "it lacks received_at (`Opening Date`)"]);
    assert_eq!(said.code, 10);
}

#[test]
fn sheets_of_a_workbook() {
    let said = inspect("a.xlsx", &fixture("answers/leaves_1904.xlsx"));
    said.says(&[
        ": workbook, ",
        "sheet `请假 2`: 2 filled rows",
        "in sheet 请假, 请假 2: 2 of 3 rows read, 1 rejected",
    ]);
    let (_, said) = pasted("a.xlsx", &fixture("answers/leaves_1904.xlsx"));
    said.says(&["leaves: ready"]);
}

#[test]
fn a_code_page_is_tried_and_flagged() {
    let file = "teams_cp1250/M26_attendance.csv";
    let said = inspect(file, &fixture(file));
    said.says(&["text, windows-1250", "`teams-attendance` (checkins): 2 of 2 rows read"]);
}

#[test]
fn what_is_no_export_ends_with_its_own_code() {
    for (name, bytes, code, why) in [
        ("a.csv", b"".as_slice(), 65, "it is empty"),
        ("a.pdf", b"%PDF-1.7 \x00", 65, "it is a PDF"),
        ("a.xls", b"\x00\x01\x02\x03\x04\x05\x06\x07", 65, "neither text nor a workbook"),
        ("a.xlsx", b"PK\x03\x04 cut", 65, "damaged workbook"),
    ] {
        let said = inspect(name, bytes);
        assert_eq!((said.code, said.text.as_str()), (code, ""), "{name}");
        said.says(&[why, name]);
    }
    let said = bench("a.csv", b"x").inspect("b.csv");
    assert_eq!(said.code, 66, "{}", said.errors);
}

#[test]
fn the_configuration_is_optional_but_not_a_wrong_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("1_attlog.dat"), fixture("zkteco/1_attlog.dat")).unwrap();
    let said = run(folder.path(), &["inspect", "1_attlog.dat"]);
    said.says(&["roster: not compared: there is no config.toml here", "10 of 16 rows read"]);
    assert!(!said.text.contains("people not on the roster"));
    assert_eq!(run(folder.path(), &["--config", "other.toml", "inspect", "1_attlog.dat"]).code, 78);
    let bench = bench("1_attlog.dat", &fixture("zkteco/1_attlog.dat"));
    bench.file("employees.csv", b"employee_id,name\n");
    bench.inspect("1_attlog.dat").says(&["roster: not compared: `employees` cannot be read", "10 of 16 rows read"]);
}

#[test]
fn a_source_that_is_there_already_is_said() {
    let bench = Bench::new().source("swipes", "files = [\"1_attlog.dat\"]").export("zkteco/1_attlog.dat");
    let said = bench.inspect("zkteco/1_attlog.dat");
    said.says(&["# [sources.swipes] is there already"]);
}

#[test]
fn quiet_it_answers_too() {
    let bench = bench("e.csv", &fixture("employees.csv"));
    let loud = bench.inspect("e.csv").text;
    assert!(loud.contains("canonical names of `employees`"), "{loud}");
    assert_eq!(run(bench.path(), &["inspect", "e.csv", "--quiet"]).text, loud);
}

/// The cells of a text or workbook below its header, of four characters or more that are no times.
fn secrets(bytes: &[u8], skipped: usize) -> BTreeSet<String> {
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, skip)) => encoding.decode_without_bom_handling(&bytes[skip..]).0.into_owned(),
        None => String::from_utf8_lossy(bytes).into_owned(),
    };
    let split =
        |line: &str| -> Vec<String> { line.split(['\t', ';', ',', '"']).map(|cell| cell.trim().to_owned()).collect() };
    let header = skipped.checked_sub(1).and_then(|line| text.lines().nth(line)).map_or(Vec::new(), split);
    let lines: Vec<&str> = text.lines().skip(skipped).collect();
    let cells = lines.iter().flat_map(|line| line.split(['\t', ';', ',', '"']));
    let is_secret = |cell: &&str| cell.chars().count() >= 4 && cell.chars().any(char::is_alphabetic);
    let all = cells.map(str::trim).filter(is_secret).map(str::to_owned);
    all.filter(|cell| !header.contains(cell)).collect()
}

#[test]
fn no_cell_of_a_shipped_export_is_shown_in_full() {
    let mut seen = 0;
    for (file, header) in [
        ("zkteco/1_attlog.dat", 0),
        ("glpi/glpi_pt.csv", 1),
        ("glpi/glpi_en.csv", 1),
        ("jira/jira_es.csv", 1),
        ("jira/jira_en.csv", 1),
        ("zoom/M11_participants.csv", 4),
        ("zoom/M12_participants.csv", 1),
        ("teams/M21_attendance.csv", 9),
        ("teams/M23_attendance.csv", 1),
        ("teams/M24_attendance.csv", 1),
        ("teams_ambiguous/M25_attendance.csv", 1),
        ("employees.csv", 1),
    ] {
        let bytes = fixture(file);
        let said = inspect("x.export", &bytes);
        let (out, errors) = (said.text, said.errors);
        for secret in secrets(&bytes, header) {
            let is_time = secret.contains(':') && secret.chars().filter(char::is_ascii_digit).count() >= 5;
            seen += usize::from(!is_time);
            assert!(is_time || !out.contains(&secret) && !errors.contains(&secret), "{file}: {secret}\n{out}");
        }
    }
    assert!(seen > 60, "{seen}");
}

/// Every shape of file, each cell a word of its own.
#[test]
fn secret_words_never_come_out() {
    let word = |n: usize| format!("Geheim{n}x{}", n * 7);
    let row = |from: usize, time: &str| format!("{},{},{time},{}", word(from), word(from + 1), word(from + 2));
    let time = "2026-10-14 08:31:07";
    let bodies = [
        // With and without a header, with a bad first row, a title with a name, all text, one column, mapped names.
        format!("工号,姓名,打卡时间,备注\n{}\n{}\n{}\n", row(10, time), row(20, time), row(30, "gestern")),
        format!("{}\n{}\n{}\n", row(10, time), row(20, time), row(30, time)),
        format!("{}\n{}\n{}\n", row(10, time), row(20, ""), row(30, "morgen")),
        format!("{}\nemployee_id,time,door,direction\n{}\n", word(40), row(10, time)),
        format!("employee_id,time,door,direction\n{}\n{},x\n", row(10, time), row(20, time)),
        format!("{}\n{}\n{}\n", word(1), word(2), word(3)),
        format!("{}|{}\n{}|{}\n", word(1), word(2), word(3), word(4)),
        format!("leave_id,employee_id,type,start,end\n{}\n\"{}\n{}\n", row(10, time), row(20, time), row(30, time)),
        // Titles that hold a name beside its label.
        format!(
            "姓名,{},部门,{}\n日期,时间,门,备注\n2026-10-14,08:31,{},x\n2026-10-15,08:32,,y\n",
            word(1),
            word(2),
            word(3)
        ),
        format!("制表人：{},x,y,z\n{},{}\n姓名,{}\n2026-10-14,1\n2026-10-15,2\n", word(1), word(2), word(3), word(4)),
        format!("Name\t{}\nFrom\t{time}\nNo\tTime\n1\t{time}\n2\t{time}\n", word(1)),
        format!("ID;Opening date\n{};{}\n", word(1), word(2)),
        format!("meeting_id,employee_id,time\n{},{},{}\n\"{},{}\n", word(1), word(2), word(3), word(4), word(5)),
        format!("Name;Date;Punch Time\n{};{};08:21\n{};{};08:22\n", word(1), word(2), word(3), word(4)),
    ];
    for (number, body) in bodies.iter().enumerate() {
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(body.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [body.as_bytes().to_vec(), encoding_rs::GB18030.encode(body).0.into_owned(), wide] {
            let said = inspect("x.csv", &bytes);
            for text in [&said.text, &said.errors] {
                assert!(!text.contains("Geheim"), "{number}: {text}\nof {body}");
            }
        }
    }
}

#[test]
fn a_large_file_is_read_by_its_head() {
    let mut bytes = Vec::new();
    for number in 0..500_000_u32 {
        bytes.extend(format!("  {}\t2026-10-{:02} 08:31:07\t1\t0\t1\t0\r\n", number % 900, number % 28 + 1).bytes());
    }
    let said = inspect("1_attlog.dat", &bytes);
    said.says(&["rows: about 500000; what follows is of the first 10000", "10000 of 10000 rows read"]);
}

#[test]
fn a_wide_report_is_read_as_check_reads_it() {
    let said = inspect("daily.csv", &fixture("dingtalk/daily.csv"));
    said.says(&["`dingtalk-daily` (swipes): 2 of 2 rows read, 0 rejected"]);
    assert_eq!(said.code, 0);
}

#[test]
fn a_form_of_leave_is_offered_as_leave() {
    let said = inspect("a.xls", &fixture("dingtalk/approvals_leave.xls"));
    assert!(block(&said).starts_with("[sources.leaves]\n"), "{}", said.text);
    assert!(!said.text.contains("dingtalk-outings"), "{}", said.text);
}

#[test]
fn the_day_of_a_report_that_fits_two_is_left_to_its_meeting() {
    let said = inspect("teams_ambiguous/M25_attendance.csv", &fixture("teams_ambiguous/M25_attendance.csv"));
    said.says(&["the day of its meeting decides", "# time_formats = "]);
    assert_eq!(said.code, 0, "{}", said.text);
}

#[test]
fn an_unknown_report_with_several_punches_a_row() {
    let text = "报表,,,,,,,\n工号,姓名,日期,班次开始,上午,,工作时间,下班打卡\n,,,,上班,下班,,\n\
                0101,顾云舟,2026-10-12,8:30,08:21,12:01,7:55,17:31\n0102,Marta Nowak,2026-10-12,8:30,08:41,12:03,7:31,\n\
                0101,顾云舟,2026-10-13,8:30,08:25,,3:02,17:40\n0103,Inês Prado,2026-10-13,8:30,,12:00,3:30,17:35\n";
    let (block, said) = pasted("report.csv", text.as_bytes());
    for part in [
        "[sources.swipes]",
        "header_rows = 2",
        "time = { day = \"日期\", clock = \"上午/上班\" }\ndirection = { value = \"in\" }",
        "time = { day = \"日期\", clock = \"上午/下班\" }\ndirection = { value = \"out\" }",
        "clock = \"下班打卡\" }\ndirection = { value = \"out\" }",
        "# unsure: ",
    ] {
        assert!(block.contains(part), "no `{part}` in\n{block}");
    }
    // What was due, and how long it took, is no punch.
    assert!(!block.contains("班次开始") && !block.contains("工作时间"), "{block}");
    said.totals("report.csv", [4, 4, 0, 0, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:00 last_seen=2026-10-12 17:31:00",
        "emp=1 date=2026-10-12 first_in=2026-10-12 08:41:00 last_seen=2026-10-12 12:03:00",
        "emp=0 date=2026-10-13 first_in=2026-10-13 08:25:00 last_seen=2026-10-13 17:40:00",
    ]);
}

#[test]
fn a_list_with_days_and_times_of_day_that_are_always_the_same_is_a_roster() {
    let text = "工号,日期,上班时间,下班时间\n0101,2026-10-12,08:30,17:30\n0102,2026-10-12,08:30,17:30\n\
                0101,2026-10-13,08:30,17:30\n0102,2026-10-13,20:00,23:30\n0101,2026-10-14,08:30,17:30\n";
    let (block, said) = pasted("r.csv", text.as_bytes());
    assert!(block.contains("[sources.rosters]") && !block.contains("[["), "{block}");
    said.totals("r.csv", [5, 5, 0, 0, 0, 0]);
}

#[test]
fn times_that_a_preset_does_not_know_are_proposed_as_they_are_written() {
    let text = "Ticket ID,Created time,Agent\nT1,14.10.2026 09:05,Inês Prado\nT2,15.10.2026 10:05,\n";
    let (block, said) = pasted("t.csv", text.as_bytes());
    assert!(block.contains("preset = \"freshdesk\"\ntime_formats = [\"%d.%m.%Y %H:%M\"]  # unsure"), "{block}");
    said.totals("t.csv", [2, 2, 0, 0, 0, 0]);
    inspect("t.csv", text.as_bytes()).says(&["not a time (written 14.10.2026 09:05)"]);
}

#[test]
fn hostile_shapes_end_in_time() {
    let wide = format!(
        "{}\n{}",
        vec!["x1"; 2_000].join(","),
        format!("{}\n", vec!["20261014 08"; 2_000].join(",")).repeat(60)
    );
    let long = "7,8;".repeat(1 << 18);
    let quotes = "\",\"\n".repeat(40_000);
    let blank = "\n".repeat(1 << 20);
    for text in [wide, long, quotes, blank] {
        let said = inspect("x.csv", text.as_bytes());
        assert_eq!(said.code, 10, "{}", said.errors);
    }
}

#[test]
fn every_shipped_file_can_be_looked_at() {
    let all = files(&root().join("fixtures/exports"));
    assert!(all.len() > 15, "{all:?}");
    for file in all {
        let bytes = fs::read(&file).unwrap();
        let said = inspect("x.export", &bytes);
        assert!([0, 10, 65].contains(&said.code), "{}: {}", file.display(), said.errors);
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
