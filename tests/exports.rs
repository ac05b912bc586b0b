//! Each preset on an export with the quirks of its system (`fixtures/exports`), through the real binary.

#[path = "support_exports.rs"]
mod bench;

use bench::Bench;

const CHECKINS: &str = "preset = [\"zoom-participants\", \"teams-attendance\"]";

fn checkins(file: &str, more: &str) -> Bench {
    let folder = file.split_once('/').map_or("", |(folder, _)| folder);
    let source = format!("files = [\"{folder}/{{meeting_id}}_*.csv\"]\n{CHECKINS}\n{more}");
    Bench::new().source("checkins", &source).export(file)
}

fn tickets(preset: &str, file: &str, more: &str) -> Bench {
    Bench::new().source("tickets", &format!("files = [\"{file}\"]\npreset = \"{preset}\"\n{more}")).export(file)
}

#[test]
fn zkteco_loses_no_row_to_flash_garbage() {
    let source = "files = [\"zkteco/*_attlog.dat\"]\npreset = \"zkteco-attlog\"\nid = { pad = 4 }";
    let said = Bench::new().source("swipes", source).export("zkteco/1_attlog.dat").check();
    said.totals("1_attlog.dat", [16, 8, 6, 1, 1, 0]).says(&[
        "proven through 2026-10-14 08:29:59 (data)",
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:09 last_seen=2026-10-13 00:40:00",
        "1_attlog.dat:5 time: not a time",
        "1_attlog.dat:6 time: a year that no working clock shows",
        "1_attlog.dat:7 time: not a time",
        "1_attlog.dat:12 employee_id: not a text",
        "1_attlog.dat:13 time: not a time",
        "1_attlog.dat:16 : the row has too few or too many cells: it was cut, or two rows ran together",
    ]);
    assert_eq!(said.code, 10);
}

#[test]
fn a_device_file_that_was_cut_proves_nothing_after_its_cut() {
    let source = "files = [\"*_attlog.dat\"]\npreset = \"zkteco-attlog\"";
    let row = |id: &str, time: &str| format!("     {id}\t{time}\t1\t255\t1\t0\n");
    let bench = Bench::new().source("swipes", source);
    bench.file("1_attlog.dat", format!("{}     0102\t2026-1", row("0101", "2026-10-12 18:00:00")).as_bytes());
    bench.file("2_attlog.dat", row("0101", "2026-10-30 18:00:00").as_bytes());
    bench.check().says(&["swipes: ready, proven through 2026-10-12 18:00:00 (data)"]);
}

#[test]
fn two_device_rows_that_ran_together_are_not_lost_silently() {
    let row = |id: &str| format!("     {id}\t2026-10-12 18:00:00\t1\t255\t1\t0");
    let bench = Bench::new().source("swipes", "files = [\"1_attlog.dat\"]\npreset = \"zkteco-attlog\"");
    bench.file("1_attlog.dat", format!("{}{}\n{}\n", row("0101"), row("0102"), row("0103")).as_bytes());
    bench
        .check()
        .totals("1_attlog.dat", [2, 1, 1, 0, 0, 0])
        .says(&["1_attlog.dat:1 : the row has too few or too many"]);
}

#[test]
fn a_device_id_of_control_characters_is_nobody_and_no_employee() {
    let row = |id: &str| format!("{id}\t2026-10-12 18:00:00\t1\t255\t1\t0\n");
    let bench = Bench::new().source("swipes", "files = [\"1_attlog.dat\"]\npreset = \"zkteco-attlog\"");
    let rows = [row("0101"), row("     \u{b}"), row("\u{1f}"), row("0102\u{1f}3"), row("\u{1f}0103"), row("0104")];
    bench.file("1_attlog.dat", rows.concat().as_bytes());
    let said = bench.check();
    said.totals("1_attlog.dat", [6, 2, 4, 0, 0, 0]);
    for line in 2..=5 {
        said.says(&[&format!("1_attlog.dat:{line} employee_id: ")]);
    }
}

#[test]
fn glpi_in_portuguese() {
    let said = tickets("glpi", "glpi/glpi_pt.csv", "").check();
    said.totals("glpi_pt.csv", [6, 3, 2, 0, 0, 1]).says(&[
        "ticket_id=2*** customer=E****** received_at=2026-10-14 09:05:00 repair_engineer=5 completed_at=2026-10-20 16:30:00 \
         delivered_at=2026-10-21 10:00:00",
        "ticket_id=5**** customer=C****** received_at=2026-10-05 11:25:00",
        "glpi_pt.csv:11 repair_engineer: not on the roster",
        "glpi_pt.csv:12 received_at: not a time",
    ]);
    // Two technicians are nobody in charge.
    let two = said.lines("ticket_id=2*** customer=C******");
    assert!(two.len() == 1 && !two[0].contains("repair_engineer"), "{two:?}");
}

#[test]
fn glpi_with_american_dates_and_a_column_of_the_centre() {
    let more = "[sources.tickets.columns]\ndiagnosed_at = \"Plugins - Repair - Diagnosed\"";
    let said = tickets("glpi", "glpi/glpi_en.csv", more).check();
    said.totals("glpi_en.csv", [2, 2, 0, 0, 0, 0]).says(&[
        "received_at=2026-10-14 09:05:00 repair_engineer=5 diagnosed_at=2026-10-15 08:00:00",
        "received_at=2026-10-05 11:20:00 repair_engineer=1 diagnosed_at=2026-10-06 08:00:00",
    ]);
    // A column that the configuration names must be there.
    let more = "[sources.tickets.columns]\ndiagnosed_at = \"Plugins - Repair - Diagnosis\"";
    tickets("glpi", "glpi/glpi_en.csv", more)
        .check()
        .says(&["tickets: NOT USABLE", "no header line with the mapped names"]);
}

#[test]
fn glpi_days_that_fit_two_orders_are_refused_until_stated() {
    let text = "ID;Opening date\n1;03/10/2026 09:00\n2;04/10/2026 09:00\n";
    let try_with = |more: &str| {
        let bench = Bench::new().source("tickets", &format!("files = [\"t.csv\"]\npreset = \"glpi\"\n{more}"));
        bench.file("t.csv", text.as_bytes());
        bench.check()
    };
    try_with("").says(&[
        "tickets: NOT USABLE",
        "`%d/%m/%Y %H:%M` and `%m/%d/%Y %H:%M`",
        "time_formats",
        "[sources.tickets]",
    ]);
    try_with("time_formats = [\"%d/%m/%Y %H:%M\"]").says(&["received_at=2026-10-03 09:00:00"]);
    try_with("time_formats = [\"%m/%d/%Y %H:%M\"]").says(&["received_at=2026-03-10 09:00:00"]);
}

#[test]
fn jira_in_spanish_with_a_custom_field() {
    let more = "[sources.tickets.columns]\ndiagnosed_at = \"Campo personalizado (Diagnosticado)\"";
    let said = tickets("jira", "jira/jira_es.csv", more).check();
    said.totals("jira_es.csv", [4, 3, 1, 0, 0, 0]).says(&[
        "received_at=2026-10-14 09:05:00 repair_engineer=1 diagnosed_at=2026-10-15 08:00:00 completed_at=2026-11-03 16:10:00",
        "received_at=2026-09-30 12:40:00 repair_engineer=5",
        "received_at=2025-12-01 00:05:00",
        "jira_es.csv:6 received_at: not a time",
    ]);
}

#[test]
fn jira_in_english_with_bom_and_midnight() {
    let said = tickets("jira", "jira/jira_en.csv", "").check();
    said.totals("jira_en.csv", [1, 1, 0, 0, 0, 0]);
    said.says(&["received_at=2026-10-09 00:00:00 repair_engineer=3 completed_at=2026-10-12 15:54:00"]);
}

#[test]
fn zoom_below_the_meetings_own_lines() {
    let said = checkins("zoom/M11_participants.csv", "").check();
    said.totals("M11_participants.csv", [7, 4, 2, 1, 0, 0]).says(&[
        "emp=0 time=2026-10-14 09:54:15",
        "emp=4 time=2026-10-14 10:07:44",
        "emp=5 time=2026-10-14 12:08:10",
        "M11_participants.csv:8 employee_id: the name fits two people",
        "M11_participants.csv:10 time: not a time",
    ]);
}

#[test]
fn zoom_of_2024_saved_again_by_excel() {
    let said = checkins("zoom/M12_participants.csv", "").check();
    said.totals("M12_participants.csv", [2, 2, 0, 0, 0, 0]);
    said.says(&["emp=2 time=2026-10-15 08:42:00", "emp=4 time=2026-10-15 08:40:00"]);
}

#[test]
fn zoom_with_the_hosts_address_in_every_row_is_refused() {
    let bench = Bench::new().source("checkins", &format!("files = [\"{{meeting_id}}_x.csv\"]\n{CHECKINS}"));
    let text = "Topic,User Email,Start Time,Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n\
                例会,gu.yunzhou@example.com,x,罗念,,10/14/2026 10:00:00 AM,10/14/2026 11:00:00 AM,60\n";
    bench.file("M13_x.csv", text.as_bytes());
    bench.check().says(&["checkins: NOT USABLE", "`User Email` stands more than once"]);
}

#[test]
fn teams_sections_in_utf16_little_endian() {
    let said = checkins("teams/M21_attendance.csv", "").check();
    said.totals("M21_attendance.csv", [5, 3, 1, 1, 0, 0]).says(&[
        "emp=0 time=2026-10-14 08:58:46",
        // By the sign-in name where the e-mail cell is empty.
        "emp=1 time=2026-10-14 09:03:52",
        "emp=4 time=2026-10-14 09:01:00",
        "M21_attendance.csv:14 time: a required value is missing",
    ]);
}

#[test]
fn teams_in_french_in_utf16_big_endian() {
    let said = checkins("teams/M22_attendance.csv", "").check();
    said.totals("M22_attendance.csv", [2, 2, 0, 0, 0, 0]);
    said.says(&["emp=3 time=2026-10-13 09:01:31", "emp=5 time=2026-10-13 09:02:39"]);
}

#[test]
fn teams_flat_list_and_in_meeting_list() {
    let said = checkins("teams/M23_attendance.csv", "").check();
    said.totals("M23_attendance.csv", [3, 3, 0, 0, 0, 0]);
    said.says(&["emp=1 time=2026-10-13 07:56:32", "emp=1 time=2026-10-13 09:40:00", "emp=5 time=2026-10-13 00:04:07"]);
    let said = checkins("teams/M24_attendance.csv", "").check();
    said.totals("M24_attendance.csv", [3, 3, 0, 0, 0, 0]);
    said.says(&["emp=4 time=2026-10-22 21:04:01", "emp=5 time=2026-10-22 21:05:01"]);
}

#[test]
fn teams_days_that_fit_two_orders_are_refused_and_the_advice_works() {
    let file = "teams_ambiguous/M25_attendance.csv";
    let said = checkins(file, "").check();
    said.says(&[
        "checkins: NOT USABLE",
        "`%m/%d/%y, %I:%M:%S %p` and `%d/%m/%y, %I:%M:%S %p`",
        "time_formats = [",
        "[sources.checkins]",
    ]);
    assert_eq!(said.code, 10);
    for (format, time) in [("%d/%m/%y", "2026-10-02 09:04:01"), ("%m/%d/%y", "2026-02-10 09:04:01")] {
        let more = format!("time_formats = [\"%m/%d/%Y %I:%M:%S %p\", \"{format}, %I:%M:%S %p\"]");
        let bench = checkins(file, &more).export("zoom/M11_participants.csv");
        bench.file("teams_ambiguous/M11_participants.csv", &bench::fixture("zoom/M11_participants.csv"));
        let said = bench.check();
        said.totals("M25_attendance.csv", [2, 2, 0, 0, 0, 0]).totals("M11_participants.csv", [7, 4, 2, 1, 0, 0]);
        assert!(said.text.contains(&format!("{time} to ")), "{}", said.text);
    }
}

#[test]
fn teams_in_a_polish_code_page() {
    let said = checkins("teams_cp1250/M26_attendance.csv", "").check();
    said.totals("M26_attendance.csv", [2, 2, 0, 0, 0, 0]);
    said.says(&["emp=1 time=2026-10-14 08:02:00", "emp=5 time=2026-10-14 08:00:50"]);
}

#[test]
fn swipes_with_date_and_time_in_two_columns_and_one_door_for_all() {
    let source = "files = [\"s.csv\"]\n[sources.swipes.columns]\nemployee_id = \"工号\"\ndoor = { value = \"D1\" }\n\
                  time = { join = [\"日期\", \"时间\"], with = \" \" }";
    let bench = Bench::new().source("swipes", source);
    bench.file("s.csv", "工号,日期,时间\n0101,2026/10/12,8:21\n0102,2026/10/12,\n0103,2026/10/13\n".as_bytes());
    let said = bench.check();
    said.totals("s.csv", [3, 1, 2, 0, 0, 0]).says(&["first_in=2026-10-12 08:21:00"]);
    let bench = Bench::new()
        .source("swipes", "files = [\"s.csv\"]\n[sources.swipes.columns]\nemployee_id = { join = [\"a\", \"b\"] }");
    bench.file("s.csv", b"a,b,time\n");
    assert_eq!(bench.check().code, 78);
}

#[test]
fn swipes_name_a_person_by_id_else_by_name_and_a_strangers_id_is_no_namesake() {
    let source = "files = [\"s.csv\"]\nempty = [\"--\"]\n[sources.swipes.columns]\n\
                  employee_id = { id = \"工号\", account = \"账号\", name = \"姓名\" }\ntime = \"时间\"";
    let bench = Bench::new().source("identities", "files = [\"i.csv\"]").source("swipes", source);
    bench.file("i.csv", b"source,external_id,employee_id\nswipes,LuoNian,0105\n");
    let rows = "工号,账号,姓名,时间\n0101,x,罗念,2026-10-12 08:00\n--,LuoNian,--,2026-10-12 08:01\n\
                --,y,Bruno Silva,2026-10-12 08:02\n0999,y,Bruno Silva,2026-10-12 07:00\n--,--,--,2026-10-12 08:03\n";
    bench.file("s.csv", rows.as_bytes());
    let said = bench.check();
    said.totals("s.csv", [5, 3, 1, 1, 0, 0]).says(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:00:00",
        "emp=4 date=2026-10-12 first_in=2026-10-12 08:01:00",
        "emp=5 date=2026-10-12 first_in=2026-10-12 08:02:00",
        "s.csv:6 employee_id: a required value is missing",
    ]);
}

#[test]
fn a_wide_line_counts_once_and_not_at_all_where_one_of_its_times_cannot_be_read() {
    let source = "files = [\"s.csv\"]\nempty = [\"-\"]\nnobody = [\"0\"]\n[[sources.swipes.each]]\n\
                  time = { day = \"日期\", clock = \"上班\" }\ndirection = { value = \"in\" }\n[[sources.swipes.each]]\n\
                  time = { day = \"日期\", clock = \"下班\" }\ndirection = { value = \"out\" }\n\
                  [sources.swipes.columns]\nemployee_id = \"工号\"";
    let bench = Bench::new().source("swipes", source);
    let rows = "工号,日期,上班,下班\n0101,2026-10-12 星期一,8:21,次日00:40\n0102,2026-10-12 星期一,8:61,17:40\n\
                0103,2026-10-12 星期一,-,-\n0104,2026-10-12 星期一,-,17:31\n0,2026-10-12,8:00,-\n0999,2026-10-12,8:00,-\n";
    bench.file("s.csv", rows.as_bytes());
    let said = bench.check();
    said.totals("s.csv", [6, 4, 1, 1, 0, 0]).says(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:00 last_seen=2026-10-13 00:40:00",
        "emp=3 date=2026-10-12 last_seen=2026-10-12 17:31:00",
        "s.csv:3 time: not a time",
    ]);
    assert!(said.lines("emp=1 date=").is_empty());
}

#[test]
fn an_identity_that_cannot_be_read_gives_its_rows_to_nobody() {
    let bench = Bench::new().source("identities", "files = [\"i.csv\"]").source("swipes", "files = [\"s.csv\"]");
    bench.file("s.csv", b"employee_id,time\n0101,2026-10-12 08:00:00\n0102,2026-10-12 08:00:00\n");
    bench.file("i.csv", b"source,external_id,employee_id,from,to\nswipes,0101,0102,2026-13-01,\n");
    bench.check().totals("s.csv", [2, 1, 1, 0, 0, 0]);
}
