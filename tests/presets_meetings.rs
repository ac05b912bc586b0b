//! The presets of meeting systems: which meeting a report is of, and who was there (`fixtures/exports`).

#[path = "support_exports.rs"]
mod bench;

use bench::{Bench, Said};

const PRESETS: &str =
    "preset = [\"zoom-participants\", \"zoom-unique-users\", \"teams-attendance\", \"tencent-meeting\"]";

/// What `check` says of a report beside a register of meetings, each `id,title,start`.
fn read(file: &str, meetings: &[&str]) -> Said {
    check(&bench(file).export(file), meetings)
}

/// The same of a report that is written here.
fn read_text(text: &str, meetings: &[&str]) -> Said {
    let bench = bench("r.csv");
    bench.file("r.csv", text.as_bytes());
    check(&bench, meetings)
}

fn bench(file: &str) -> Bench {
    let bench = Bench::new().source("meetings", "files = [\"m.csv\"]");
    bench.source("checkins", &format!("files = [\"{file}\"]\n{PRESETS}"))
}

fn check(bench: &Bench, meetings: &[&str]) -> Said {
    let rows: Vec<String> = meetings.iter().map(|meeting| format!("{meeting},y\n")).collect();
    bench.file("m.csv", format!("meeting_id,title,start,mandatory\n{}", rows.concat()).as_bytes());
    bench.check()
}

#[test]
fn zoom_by_the_lines_above_its_table() {
    let register = ["L1,月度例会,2026-10-14 10:00", "P2,周例会,2026-10-14 10:00"];
    let said = read("zoom/M11_participants.csv", &register);
    said.totals("M11_participants.csv", [7, 4, 2, 1, 0, 0]);
    said.shows(&[
        "meeting_id=L1 emp=0 time=2026-10-14 09:54:15",
        "meeting_id=L1 emp=4 time=2026-10-14 10:07:44",
        "meeting_id=L1 emp=5 time=2026-10-14 12:08:10",
    ]);
    read("zoom/M11_participants.csv", &register[1..]).says(&["checkins: NOT USABLE", "called `月度例会`", "`P2`"]);
}

#[test]
fn zoom_without_such_lines_by_its_first_time() {
    let said = read("zoom/M12_participants.csv", &["L1,晨会,2026-10-15 08:30", "P2,例会,2026-10-15 10:00"]);
    said.totals("M12_participants.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&["meeting_id=L1 emp=2 time=2026-10-15 08:42:00", "meeting_id=L1 emp=4 time=2026-10-15 08:40:00"]);
    read("zoom/M12_participants.csv", &["L1,晨会,2026-10-15 08:30", "P2,培训,2026-10-15 09:00"])
        .says(&["checkins: NOT USABLE", "that fits `L1`, `P2` in `meetings`"]);
}

#[test]
fn zoom_of_unique_users_is_refused_with_what_to_export_instead() {
    let said = read("zoom/unique_users.csv", &["L1,晨会,2026-10-15 08:30"]);
    said.says(&["checkins: NOT USABLE", "has no join times", "without \"Show unique users\"", "`zoom-participants`"]);
    assert_eq!(said.code, 10);
}

#[test]
fn zoom_without_guests_or_with_consent_to_recording() {
    let meeting = "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,\n\
        1,例会,10/14/2026 08:00:00 AM,10/14/2026 09:00:00 AM,h@example.com,60,1,\n\n";
    let names = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)";
    let row = "罗念,,10/14/2026 08:05:00 AM,10/14/2026 09:00:00 AM,55";
    for text in [format!("{names}\n{row}\n"), format!("{meeting}{names},Recording Consent\n{row},Y\n")] {
        let said = read_text(&text, &["L1,例会,2026-10-14 08:00"]);
        said.totals("r.csv", [1, 1, 0, 0, 0, 0]);
        said.shows(&["meeting_id=L1 emp=4 time=2026-10-14 08:05:00"]);
    }
}

#[test]
fn teams_in_sections_by_title_and_start() {
    let said = read("teams/M21_attendance.csv", &["L1,季度培训,2026-10-14 09:00", "P2,周例会,2026-10-14 09:00"]);
    // The third section repeats everybody: it is not read.
    said.totals("M21_attendance.csv", [5, 3, 1, 1, 0, 0]);
    said.shows(&[
        "meeting_id=L1 emp=0 time=2026-10-14 08:58:46",
        "meeting_id=L1 emp=1 time=2026-10-14 09:03:52",
        "meeting_id=L1 emp=4 time=2026-10-14 09:01:00",
    ]);
    said.rejects(&["M21_attendance.csv:14 time: a required value is missing"]);
}

#[test]
fn teams_in_french_whose_title_is_null() {
    let said = read("teams/M22_attendance.csv", &["L1,晨会,2026-10-13 09:00", "P2,例会,2026-10-13 10:00"]);
    said.totals("M22_attendance.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&["meeting_id=L1 emp=3 time=2026-10-13 09:01:31", "meeting_id=L1 emp=5 time=2026-10-13 09:02:39"]);
}

#[test]
fn teams_lists_without_title_by_their_first_time() {
    let said = read("teams/M24_attendance.csv", &["L1,夜会,2026-10-22 21:00"]);
    said.totals("M24_attendance.csv", [3, 3, 0, 0, 0, 0]);
    said.shows(&[
        "meeting_id=L1 emp=4 time=2026-10-22 21:04:01",
        "meeting_id=L1 emp=5 time=2026-10-22 21:05:01",
        "meeting_id=L1 emp=5 time=2026-10-22 21:40:01",
    ]);
}

#[test]
fn teams_with_times_as_computers_write_them() {
    let flat = "Name,First join,Last leave,In-meeting duration,Email,Role\n罗念,TIME,TIME,1h,,Attendee\n";
    let german = "Vollständiger Name\tBenutzeraktion\tZeitstempel\n罗念\tBeigetreten\tTIME\n";
    for (text, time) in [
        (flat, "10/22/26 9:04 PM"),
        (flat, "22/10/2026 21:04"),
        (flat, "2026/10/22 21:04"),
        (flat, "22.10.2026 21:04:00"),
        (german, "22.10.2026, 21:04:00"),
    ] {
        let said = read_text(&text.replace("TIME", time), &["L1,夜会,2026-10-22 21:00"]);
        said.totals("r.csv", [1, 1, 0, 0, 0, 0]);
        said.shows(&["meeting_id=L1 emp=4 time=2026-10-22 21:04:00"]);
    }
}

#[test]
fn teams_that_a_polish_excel_saved_again() {
    let said = read("teams_cp1250/M26_attendance.csv", &["L1,Szkolenie,2026-10-14 08:00", "P2,例会,2026-10-14 08:00"]);
    said.totals("M26_attendance.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&["meeting_id=L1 emp=1 time=2026-10-14 08:02:00", "meeting_id=L1 emp=5 time=2026-10-14 08:00:50"]);
}

#[test]
fn tencent_by_its_overview() {
    let register = ["L1,周例会,2026-10-14 10:00", "P2,月度例会,2026-10-14 10:00"];
    let said = read("tencent/weekly-123456789-x1.xlsx", &register);
    // Two at one device are two rows, twice; the sheet of details is not read beside it.
    said.totals("weekly-123456789-x1.xlsx!成员参会概况", [8, 6, 1, 1, 0, 0]);
    said.shows(&[
        "meeting_id=L1 emp=0 time=2026-10-14 09:55:00",
        "meeting_id=L1 emp=4 time=2026-10-14 10:01:00",
        "meeting_id=L1 emp=1 time=2026-10-14 10:02:00",
    ]);
    said.rejects(&["weekly-123456789-x1.xlsx!成员参会概况:15 employee_id: the name fits two people"]);
    assert!(!said.text.contains("成员参会明细"));
}

#[test]
fn tencent_by_its_details_or_without_the_lines_above() {
    let register = ["L1,周例会,2026-10-14 10:00"];
    let said = read("tencent/detail_only.xlsx", &register);
    said.totals("detail_only.xlsx!成员参会明细", [2, 2, 0, 0, 0, 0]);
    said.shows(&["meeting_id=L1 emp=3 time=2026-10-14 10:05:00", "meeting_id=L1 emp=4 time=2026-10-14 10:06:00"]);
    let said = read("tencent/no_lines_above.xlsx", &register);
    said.totals("no_lines_above.xlsx!Sheet1", [1, 1, 0, 0, 0, 0]);
    said.shows(&["meeting_id=L1 emp=3 time=2026-10-14 10:05:00"]);
    read("tencent/no_lines_above.xlsx", &["L1,周例会,2026-10-14 10:00", "P2,例会,2026-10-14 10:30"])
        .says(&["checkins: NOT USABLE", "that fits `L1`, `P2`"]);
}

#[test]
fn zoom_with_the_day_first_is_read_on_the_day_of_its_meeting() {
    let zoom = |time: &str| {
        format!(
            "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n罗念,,{time},{time},1,No\n"
        )
    };
    let register = ["L1,例会,2026-10-11 09:00", "P2,例会,2026-10-15 09:00"];
    let said = read_text(&zoom("11/10/2026 09:01:00 AM"), &register);
    said.shows(&["meeting_id=L1 emp=4 time=2026-10-11 09:01:00"]);
    // Both days have a meeting: nobody can know.
    read_text(&zoom("11/10/2026 09:01:00 AM"), &["L1,例会,2026-10-11 09:00", "P2,例会,2026-11-10 09:00"])
        .says(&["checkins: NOT USABLE", "`%m/%d/%Y %I:%M:%S %p` and `%d/%m/%Y %I:%M:%S %p`"]);
    // One day above 12 decides for all rows.
    let two = format!("{}张伟,,11/10/2026 09:00:00,11/10/2026 10:00:00,60,No\n", zoom("15/10/2026 09:01:00"));
    read_text(&two, &register).says(&["more than one meeting: export each by itself"]);
    read_text(&zoom("15/10/2026 09:01:00"), &register).shows(&["meeting_id=P2 emp=4 time=2026-10-15 09:01:00"]);
}

#[test]
fn a_file_that_is_named_after_its_meeting_is_read_on_its_day() {
    let source = format!("files = [\"{{meeting_id}}_*.csv\"]\n{PRESETS}");
    let bench = Bench::new().source("meetings", "files = [\"m.csv\"]").source("checkins", &source);
    let text = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n\
                罗念,,11/10/2026 09:01:00 AM,11/10/2026 10:01:00 AM,60,No\n";
    bench.file("L1_participants.csv", text.as_bytes());
    check(&bench, &["L1,例会,2026-10-11 09:00"]).shows(&["meeting_id=L1 emp=4 time=2026-10-11 09:01:00"]);
    check(&bench, &["L1,例会,2026-11-10 09:00"]).shows(&["meeting_id=L1 emp=4 time=2026-11-10 09:01:00"]);
    check(&bench, &["L1,例会,2026-10-12 09:00"]).says(&["checkins: NOT USABLE", "fit"]);
}

#[test]
fn zoom_and_teams_in_other_languages() {
    for (head, row) in [
        ("名前 (元の名前),ユーザーメール,参加時刻,退出時刻,期間 (分),ゲスト", "罗念,,TIME,TIME,1,No"),
        ("이름(원래 이름),사용자 이메일,참가 시간,나간 시간,기간(분),게스트", "罗念,,TIME,TIME,1,No"),
        (
            "Nombre (nombre original),Correo electrónico,Hora para unirse,Hora de salida,Duración (minutos)",
            "罗念,,TIME,TIME,1",
        ),
        ("Nome,Primeiro ingresso,Última saída,Email,Função", "罗念,TIME,TIME,,x"),
        ("Nombre;Hora de unión;Hora de salida;Correo electrónico", "罗念;TIME;TIME;"),
        ("Naam,Tijd van deelname,Tijd van vertrek,E-mail", "罗念,TIME,TIME,"),
    ] {
        let text = format!("{head}\n{}\n", row.replace("TIME", "2026-10-22 21:04:00"));
        let presets = "preset = [\"zoom-participants\", \"zoom-participants-translated\", \"teams-attendance\"]";
        let bench = Bench::new()
            .source("meetings", "files = [\"m.csv\"]")
            .source("checkins", &format!("files = [\"r.csv\"]\n{presets}"));
        bench.file("r.csv", text.as_bytes());
        check(&bench, &["L1,夜会,2026-10-22 21:00"]).shows(&["meeting_id=L1 emp=4 time=2026-10-22 21:04:00"]);
    }
}

#[test]
fn a_webinar_of_zoom_is_refused_and_not_taken_for_teams() {
    for (presets, what) in [
        (PRESETS, "holds several tables"),
        ("preset = \"teams-attendance\"", "NOT USABLE"),
        ("preset = [\"zoom-webinar\"]", "holds several tables"),
    ] {
        let bench = Bench::new()
            .source("meetings", "files = [\"m.csv\"]")
            .source("checkins", &format!("files = [\"zoom/webinar.csv\"]\n{presets}"))
            .export("zoom/webinar.csv");
        check(&bench, &["L1,产品会,2026-10-22 21:00"]).says(&["checkins: NOT USABLE", what]);
    }
}

#[test]
fn a_mapping_of_its_own_finds_its_meeting_too() {
    let own = "files = [\"r.csv\", \"ids.csv\"]\n[sources.checkins.meeting]\ntitle = [\"Sujet\"]\nstart = [\"Commence\"]\n\
               [sources.checkins.columns]\nemployee_id = { name = [\"Qui\", \"employee_id\"] }\ntime = [\"Quand\", \"time\"]";
    let bench = Bench::new().source("meetings", "files = [\"m.csv\"]").source("checkins", own);
    let text = "Sujet,夜会\nCommence,2026-10-22 21:00\n\nQui,Quand\n罗念,2026-10-22 21:04\n";
    bench.file("r.csv", text.as_bytes());
    // A file that has the ids stays what it is.
    bench.file("ids.csv", "meeting_id,employee_id,time\nP2,罗念,2026-10-23 21:04\n".as_bytes());
    let said = check(&bench, &["L1,夜会,2026-10-22 21:00", "P2,早会,2026-10-22 21:00"]);
    said.shows(&["meeting_id=P2 emp=4 time=2026-10-23 21:04:00", "meeting_id=L1 emp=4 time=2026-10-22 21:04:00"]);
}

#[test]
fn zoom_in_japanese_with_the_day_first_and_names_the_other_way_round() {
    let source = "files = [\"zoom/participants_ja.csv\"]\npreset = \"zoom-participants-translated\"";
    let bench = Bench::new()
        .source("meetings", "files = [\"m.csv\"]")
        .source("checkins", source)
        .export("zoom/participants_ja.csv");
    let said = check(&bench, &["L1,月度例会,2026-10-11 14:00", "P2,月度例会,2026-10-12 14:00"]);
    said.totals("participants_ja.csv", [4, 3, 0, 1, 0, 0]);
    said.shows(&[
        "meeting_id=L1 emp=4 time=2026-10-11 13:58:00",
        "meeting_id=L1 emp=5 time=2026-10-11 14:04:00",
        "meeting_id=L1 emp=2 time=2026-10-11 14:10:00",
    ]);
}
