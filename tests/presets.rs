//! The presets of access control and attendance on exports with the quirks of their systems (`fixtures/exports`).

#[path = "support_exports.rs"]
mod bench;

use bench::{Bench, Said};

/// What `check` says of a source that reads these exports with one preset.
fn read(table: &str, preset: &str, files: &[&str], more: &str) -> Said {
    bench(table, preset, files, more).check()
}

fn bench(table: &str, preset: &str, files: &[&str], more: &str) -> Bench {
    let source = format!("files = {files:?}\npreset = \"{preset}\"\n{more}");
    files.iter().fold(Bench::new().source(table, &source), |bench, file| bench.export(file))
}

/// Identities of a source, beside an export.
fn known(table: &str, preset: &str, file: &str, people: &[(&str, &str)]) -> Said {
    let bench = bench(table, preset, &[file], "").source("identities", "files = [\"i.csv\"]");
    let rows: Vec<String> = people.iter().map(|(external, id)| format!("{table},{external},{id}\n")).collect();
    bench.file("i.csv", format!("source,external_id,employee_id\n{}", rows.concat()).as_bytes());
    bench.check()
}

const PAD: &str = "id = { pad = 4 }";
const REPORT: &str = "dingtalk/report_20261001-20261031.xlsx";
const APPLICATIONS: &str = "dingtalk/applications_20261001-20261031.xlsx";

#[test]
fn zkteco_with_a_name_in_its_second_field() {
    let said = read("swipes", "zkteco-attlog-named", &["zkteco_named/2_attlog.dat"], PAD);
    said.totals("2_attlog.dat", [6, 3, 1, 1, 1, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:09 last_seen=2026-10-12 17:33:00",
        "emp=1 date=2026-10-12 first_in=2026-10-12 08:25:40 last_seen=2026-10-12 08:25:40",
    ]);
    said.rejects(&["2_attlog.dat:6 : the row has too few or too many cells: it was cut, or two rows ran together"]);
}

#[test]
fn zkteco_of_both_firmwares_side_by_side() {
    let files = ["zkteco_states/CGKK000001_attlog.dat", "zkteco_named/2_attlog.dat"];
    let source = format!("files = {files:?}\npreset = [\"zkteco-attlog\", \"zkteco-attlog-named\"]\n{PAD}");
    let said = Bench::new().source("swipes", &source).export(files[0]).export(files[1]).check();
    said.totals("CGKK000001_attlog.dat", [4, 4, 0, 0, 0, 0]).totals("2_attlog.dat", [6, 3, 1, 1, 1, 0]);
    // The presets of the other layout refuse a file whole.
    read("swipes", "zkteco-attlog", &[files[1]], PAD).says(&["swipes: NOT USABLE"]);
    read("swipes", "zkteco-attlog-named", &[files[0]], PAD).says(&["swipes: NOT USABLE"]);
}

#[test]
fn zkteco_states_are_a_direction_only_where_the_configuration_says_so() {
    let file = ["zkteco_states/CGKK000001_attlog.dat"];
    let said = read("swipes", "zkteco-attlog", &file, PAD);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:09 last_seen=2026-10-12 12:01:00",
        "emp=1 date=2026-10-12 first_in=2026-10-12 08:00:00 last_seen=2026-10-12 08:40:00",
    ]);
    let direction =
        "[sources.swipes.columns]\ndirection = 4\n[sources.swipes.values.direction]\n\"0\" = \"in\"\n\"1\" = \"out\"";
    let said = read("swipes", "zkteco-attlog", &file, &format!("{PAD}\n{direction}"));
    said.totals("CGKK000001_attlog.dat", [4, 4, 0, 0, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:09 last_seen=2026-10-12 12:01:00",
        "emp=1 date=2026-10-12 first_in=2026-10-12 08:40:00 last_seen=2026-10-12 08:40:00",
    ]);
}

#[test]
fn clocks_without_a_brand_whose_headers_do_not_fit_their_rows() {
    // `Name GMNo` in one; the number 0 is nobody; a cut last line.
    let said = read("swipes", "generic-glog", &["glog/AGL_001.TXT"], PAD);
    said.totals("AGL_001.TXT", [5, 3, 1, 1, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:09 last_seen=2026-10-12 08:21:09",
        "emp=1 date=2026-10-12 first_in=2026-10-12 08:30:00 last_seen=2026-10-12 08:30:00",
    ]);
    said.rejects(&["AGL_001.TXT:6 time: not a time (written 0000/00/00 0)"]);
    // The first letter lost, names in GB18030, the month first.
    let said = read("swipes", "generic-glog", &["glog/GLG_001.TXT"], PAD);
    said.totals("GLG_001.TXT", [3, 3, 0, 0, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:31:07 last_seen=2026-10-12 08:31:07",
        "emp=2 date=2026-10-13 first_in=2026-10-13 07:55:00 last_seen=2026-10-13 07:55:00",
    ]);
    // Two tabs more in the header than in the rows.
    let said = read("swipes", "generic-glog", &["glog/GLG_002.TXT"], PAD);
    said.totals("GLG_002.TXT", [1, 1, 0, 0, 0, 0]);
    said.shows(&["emp=3 date=2026-10-14 first_in=2026-10-14 17:02:00 last_seen=2026-10-14 17:02:00"]);
}

#[test]
fn clocks_whose_days_fit_two_orders_are_refused_until_stated() {
    let try_with = |more: &str| {
        let bench =
            Bench::new().source("swipes", &format!("files = [\"g.txt\"]\npreset = \"generic-glog\"\n{PAD}\n{more}"));
        bench.file("g.txt", b"No\tTMNo\tEnNo\tName\tMode\tDateTime\n1\t1\t101\t\t1\t10/03/2026 08:00:00\n");
        bench.check()
    };
    try_with("").says(&["swipes: NOT USABLE", "`%m/%d/%Y %H:%M:%S` and `%d/%m/%Y %H:%M:%S`", "[sources.swipes]"]);
    let said = try_with("time_formats = [\"%m/%d/%Y %H:%M:%S\"]");
    said.shows(&["emp=0 date=2026-10-03 first_in=2026-10-03 08:00:00 last_seen=2026-10-03 08:00:00"]);
}

#[test]
fn dingtalk_records_of_the_report_by_number_account_and_name() {
    let said = known("swipes", "dingtalk-records", REPORT, &[("023508212226311234", "0105")]);
    said.totals("report_20261001-20261031.xlsx!原始记录", [12, 8, 1, 2, 1, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:00 last_seen=2026-10-12 17:33:05",
        "emp=4 date=2026-10-12 first_in=2026-10-12 08:40:00 last_seen=2026-10-12 08:40:00",
        // By name, without the word that says that the person left.
        "emp=5 date=2026-10-12 first_in=2026-10-12 09:05:00 last_seen=2026-10-12 09:05:00",
    ]);
    said.rejects(&["report_20261001-20261031.xlsx!原始记录:13 time: not a time (written 26-13-12 星期二 08:10)"]);
    assert!(!said.text.contains("!每日统计"), "one sheet is read");
}

#[test]
fn dingtalk_records_of_older_reports_saved_as_csv_in_gb18030() {
    let said = read("swipes", "dingtalk-records", &["dingtalk/records_without_group.csv"], "");
    said.totals("records_without_group.csv", [4, 4, 0, 0, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-13 first_in=2026-10-13 08:12:00 last_seen=2026-10-14 00:40:00",
        "emp=1 date=2026-10-13 first_in=2026-10-13 08:05:00 last_seen=2026-10-13 08:05:00",
    ]);
}

#[test]
fn dingtalk_daily_has_up_to_six_punches_a_row() {
    let said = read("swipes", "dingtalk-daily", &[REPORT], "");
    said.totals("report_20261001-20261031.xlsx!每日统计", [6, 4, 1, 1, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:00 last_seen=2026-10-12 17:33:00",
        // Only the evening's.
        "emp=4 date=2026-10-12 last_seen=2026-10-12 18:02:00",
        "emp=1 date=2026-10-13 first_in=2026-10-13 07:55:00 last_seen=2026-10-14 00:10:00",
    ]);
    said.rejects(&["report_20261001-20261031.xlsx!每日统计:10 time: not a time (written 26-10-13 星期二 08:5)"]);
}

#[test]
fn dingtalk_daily_as_csv_with_one_header_row() {
    let said = known("swipes", "dingtalk-daily", "dingtalk/daily.csv", &[("luonian", "0105")]);
    said.totals("daily.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-14 first_in=2026-10-14 07:51:00 last_seen=2026-10-15 01:00:00",
        "emp=4 date=2026-10-14 first_in=2026-10-14 08:44:00 last_seen=2026-10-14 08:44:00",
    ]);
}

#[test]
fn wecom_details_with_missing_replaced_and_corrected_punches() {
    let people = [("GuYunzhou", "0101"), ("MartaNowak", "0102")];
    let said = known("swipes", "wecom-details", "wecom/daily_report_20261001-20261031.xlsx", &people);
    said.totals("daily_report_20261001-20261031.xlsx!打卡详情", [8, 6, 1, 1, 0, 0]);
    said.shows(&[
        "emp=1 date=2026-10-12 first_in=2026-10-12 09:30:00 last_seen=2026-10-12 09:30:00",
        "emp=0 date=2026-10-13 last_seen=2026-10-13 18:00:00",
        "emp=4 date=2026-10-13 last_seen=2026-10-14 00:40:00",
    ]);
    said.rejects(&[
        "daily_report_20261001-20261031.xlsx!打卡详情:12 time: not a time (written 2026/10/12 星期一 25:10)",
    ]);
}

#[test]
fn hikvision_as_csv_of_another_code_page() {
    let said = read("swipes", "hikvision-ivms", &["hikvision/records.csv"], "");
    said.totals("records.csv", [7, 5, 1, 1, 0, 0]);
    said.shows(&[
        "emp=1 date=2026-10-12 first_in=2026-10-12 07:59:00 last_seen=2026-10-12 07:59:00",
        // Only out for a break.
        "emp=2 date=2026-10-12 last_seen=2026-10-12 12:05:00",
        "emp=0 date=2026-10-13 first_in=2026-10-13 08:31:00 last_seen=2026-10-13 17:40:00",
    ]);
    said.rejects(&["records.csv:8 time: not a time (written 10/32/26 12:05)"]);
}

#[test]
fn hikvision_as_workbook_with_few_columns_and_as_a_page_called_xls() {
    let said = read("swipes", "hikvision-ivms", &["hikvision/records.xlsx"], "");
    said.totals("records.xlsx!Sheet1", [3, 2, 0, 1, 0, 0]);
    said.shows(&[
        "emp=4 date=2026-10-05 first_in=2026-10-05 08:10:00 last_seen=2026-10-05 08:10:00",
        "emp=0 date=2026-10-14 first_in=2026-10-14 08:00:00 last_seen=2026-10-14 08:00:00",
    ]);
    let said = read("swipes", "hikvision-ivms", &["hikvision/report.xls"], "");
    said.totals("report.xls", [3, 3, 0, 0, 0, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:03:17 last_seen=2026-10-12 08:03:17",
        "emp=1 date=2026-10-12 last_seen=2026-10-12 08:04:00",
        "emp=4 date=2026-10-12 last_seen=2026-10-12 12:04:00",
    ]);
}

#[test]
fn hikvision_days_that_fit_two_orders_are_refused() {
    let bench = Bench::new().source("swipes", "files = [\"h.csv\"]\npreset = \"hikvision-ivms\"");
    bench.file("h.csv", b"Person ID,Name,Time,Attendance Check Point\n'0101,Gu,10/03/2026 08:00,D1\n");
    bench.check().says(&["swipes: NOT USABLE", "`%m/%d/%Y %H:%M` and `%d/%m/%Y %H:%M`"]);
}

#[test]
fn dingtalk_leaves_of_the_report_have_no_time_of_approval() {
    let said = read("leaves", "dingtalk-leaves", &[APPLICATIONS], "");
    said.totals("applications_20261001-20261031.xlsx!请假记录", [6, 4, 2, 0, 0, 0]);
    said.shows(&[
        "leave_id=0****** emp=0 type=a***** start=2026-10-14 00:00:00 end=2026-10-16 00:00:00 status=a******",
        "leave_id=罗****** emp=4 type=s*** start=2026-10-12 09:00:00 end=2026-10-12 12:00:00 status=a******",
        "leave_id=0****** emp=1 type=p****** start=2026-10-13 12:00:00 end=2026-10-14 12:00:00 status=r******",
    ]);
    said.rejects(&[
        "applications_20261001-20261031.xlsx!请假记录:8 end: the end is before the start",
        "applications_20261001-20261031.xlsx!请假记录:9 employee_id: not on the roster",
    ]);
    let said = read("leaves", "dingtalk-trips", &[APPLICATIONS], "");
    said.totals("applications_20261001-20261031.xlsx!出差记录", [1, 1, 0, 0, 0, 0]);
    said.shows(&[
        "leave_id=0****** emp=3 type=b****** start=2026-10-19 00:00:00 end=2026-10-21 00:00:00 status=a******",
    ]);
}

#[test]
fn dingtalk_leaves_of_the_approvals() {
    let said = read("leaves", "dingtalk-leave-approvals", &["dingtalk/approvals_leave.xls"], "");
    said.totals("approvals_leave.xls!请假", [7, 5, 1, 0, 0, 1]);
    said.shows(&[
        "leave_id=2****** emp=0 type=a***** start=2026-10-14 00:00:00 end=2026-10-16 00:00:00 status=a****** \
         approved_at=2026-10-09 08:00:11",
        // Over, and refused.
        "leave_id=2****** emp=1 type=p****** start=2026-10-13 09:00:00 end=2026-10-13 12:00:00 status=r****** \
         approved_at=2026-10-08 11:00:00",
        "leave_id=2****** emp=2 type=调* start=2026-10-16 12:00:00 end=2026-10-17 00:00:00 status=p******",
    ]);
    // Over, but nobody knows how.
    said.rejects(&["approvals_leave.xls!请假:8 status: not one of approved, rejected, pending"]);
    // Without the column that says how it ended, a refused leave would excuse.
    let bench = Bench::new().source("leaves", "files = [\"l.csv\"]\npreset = \"dingtalk-leave-approvals\"");
    let text = "审批编号,审批状态,发起人姓名,请假类型,开始时间,结束时间\n1,完成,罗念,年假,2026-10-14,2026-10-14\n";
    bench.file("l.csv", text.as_bytes());
    bench.check().says(&["leaves: NOT USABLE", "no header line"]);
}

#[test]
fn dingtalk_leaves_of_the_approvals_in_later_layouts() {
    let said =
        known("leaves", "dingtalk-leave-approvals", "dingtalk/approvals_leave_2025.xlsx", &[("martanowak", "0102")]);
    said.totals("approvals_leave_2025.xlsx!请假", [2, 2, 0, 0, 0, 0]);
    said.shows(&[
        "leave_id=2****** emp=1 type=p****** start=2026-10-13 09:00:00 end=2026-10-13 18:00:00 status=a****** \
         approved_at=2026-10-12 18:00:00",
        "leave_id=2****** emp=5 type=a***** start=2026-10-14 09:00:00 end=2026-10-14 18:00:00 status=p******",
    ]);
    let files = ["dingtalk/approvals_leave_split.xlsx", "dingtalk/approvals_leave.xls"];
    let presets = "preset = [\"dingtalk-leave-approvals\", \"dingtalk-leave-approvals-split\"]";
    let said = Bench::new().source("leaves", &format!("files = {files:?}\n{presets}"));
    let said = said.export(files[0]).export(files[1]).check();
    said.totals("approvals_leave_split.xlsx!请假", [2, 2, 0, 0, 0, 0]);
    said.totals("approvals_leave.xls!请假", [7, 5, 1, 0, 0, 1]);
    let said = read("leaves", "dingtalk-leave-approvals-split", &files[..1], "");
    said.shows(&[
        "leave_id=2****** emp=0 type=a***** start=2026-10-14 12:00:00 end=2026-10-15 12:00:00 status=a****** \
         approved_at=2026-10-09 08:00:11",
        "leave_id=2****** emp=1 type=p****** start=2026-10-16 09:00:00 end=2026-10-16 12:00:00 status=a****** \
         approved_at=2026-10-09 08:00:11",
    ]);
}

#[test]
fn dingtalk_outings_are_notices_and_their_record_is_refused() {
    let said = read("notices", "dingtalk-outings", &["dingtalk/approvals_outing.xlsx"], "");
    said.totals("approvals_outing.xlsx!外出", [6, 4, 1, 0, 1, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 notified_at=2026-10-12 07:50:00 kind=f****",
        "emp=1 date=2026-10-13 notified_at=2026-10-13 08:05:00 kind=f****",
        // Refused: evidence, no excuse.
        "emp=2 date=2026-10-13 notified_at=2026-10-13 08:06:00 kind=o****",
    ]);
    said.rejects(&["approvals_outing.xlsx!外出:7 employee_id: not on the roster"]);
    let said = read("notices", "dingtalk-outing-records", &[APPLICATIONS], "");
    said.says(&["notices: NOT USABLE", "外出记录 of the attendance report does not say when", "`dingtalk-outings`"]);
    assert_eq!(said.code, 10);
    // The advice comes also where the wrong preset was named.
    read("notices", "dingtalk-outings", &[APPLICATIONS], "")
        .says(&["notices: NOT USABLE", "外出记录 of the attendance report does not say when"]);
}

#[test]
fn dingtalk_make_up_punches_of_report_and_approvals() {
    let said = read("punches", "dingtalk-makeups", &[APPLICATIONS], "");
    said.totals("applications_20261001-20261031.xlsx!补卡记录", [3, 2, 0, 0, 1, 0]);
    said.shows(&[
        "emp=0 time=2026-10-13 08:25:00 approved_at=2026-10-13 08:25:00",
        // Refused: without a time of approval it counts for nothing.
        "emp=4 time=2026-10-14 17:31:00",
    ]);
    let said = read("punches", "dingtalk-makeup-approvals", &["dingtalk/approvals_makeup.xlsx"], "");
    said.totals("approvals_makeup.xlsx!补卡", [3, 3, 0, 0, 0, 0]);
    said.shows(&[
        "emp=0 time=2026-10-13 08:25:00 approved_at=2026-10-14 10:00:00",
        "emp=1 time=2026-10-13 08:20:00",
        "emp=4 time=2026-10-14 08:20:00",
    ]);
}

#[test]
fn zkteco_of_five_cells_and_of_ten() {
    let files = [
        "zkteco_states/CGKK000001_attlog.dat",
        "zkteco_named/2_attlog.dat",
        "zkteco_short/3_attlog.dat",
        "zkteco_push/4_attlog.dat",
    ];
    let all = ["zkteco-attlog", "zkteco-attlog-named", "zkteco-attlog-short", "zkteco-attlog-push"];
    for (file, preset) in files.into_iter().zip(all) {
        let own = read("swipes", preset, &[file], PAD);
        let bench = Bench::new().source("swipes", &format!("files = [\"{file}\"]\npreset = {all:?}\n{PAD}"));
        // Whichever others are named beside it.
        assert_eq!(bench.export(file).check().lines(file), own.lines(file), "{file}");
    }
    let said = read("swipes", "zkteco-attlog-short", &[files[2]], PAD);
    said.totals("3_attlog.dat", [8, 4, 2, 1, 1, 0]).says(&["proven through 2026-10-12 17:33:00"]);
    said.rejects(&[
        "3_attlog.dat:7 employee_id: an id with characters that no id of this export has",
        "3_attlog.dat:8 time: not a time (written 0000-00-0)",
    ]);
    let said = read("swipes", "zkteco-attlog-push", &[files[3]], PAD);
    said.totals("4_attlog.dat", [7, 4, 1, 1, 1, 0]);
    said.shows(&[
        "emp=0 date=2026-10-12 first_in=2026-10-12 08:21:09 last_seen=2026-10-12 17:33:00",
        "emp=1 date=2026-10-12 first_in=2026-10-12 08:25:40 last_seen=2026-10-12 08:25:40",
    ]);
}

#[test]
fn garbage_of_a_device_proves_nothing() {
    let bench = Bench::new().source("swipes", &format!("files = [\"a.dat\"]\npreset = \"zkteco-attlog\"\n{PAD}"));
    let rows = "101\t2026-10-12 08:21:09\t1\t0\t1\t0\n999\t2026-10-12 09:00:00\t1\t0\t1\t0\n\
                ZZZZZZZZZZ\t2026-10-30 15:31:38\t1\t48\t90\t0\n";
    bench.file("a.dat", rows.as_bytes());
    let said = bench.check();
    said.totals("a.dat", [3, 1, 1, 1, 0, 0]).says(&["swipes: ready, proven through 2026-10-12 09:00:00"]);
    said.rejects(&["a.dat:3 employee_id: an id with characters that no id of this export has"]);
}

#[test]
fn a_form_of_leave_is_no_notice_of_going_out() {
    for file in ["dingtalk/approvals_leave.xls", "dingtalk/approvals_leave_2025.xlsx"] {
        read("notices", "dingtalk-outings", &[file], "").says(&["notices: NOT USABLE"]);
    }
}
