//! The presets of ticket systems on exports with their quirks (`fixtures/exports`).

#[path = "support_exports.rs"]
mod bench;

use bench::{Bench, Said};

fn read(preset: &str, file: &str, more: &str) -> Said {
    Bench::new().source("tickets", &format!("files = [\"{file}\"]\npreset = \"{preset}\"\n{more}")).export(file).check()
}

const COLUMNS: &str = "[sources.tickets.columns]";

#[test]
fn freshdesk_with_a_field_that_is_a_date_alone() {
    let more = format!("bare_dates = [\"diagnosed_at\"]\n{COLUMNS}\ndiagnosed_at = \"Diagnosed on\"");
    let said = read("freshdesk", "freshdesk/tickets.csv", &more);
    said.totals("tickets.csv", [4, 2, 2, 0, 0, 0]);
    said.shows(&[
        "ticket_id=1 customer=N****** received_at=2026-10-09 16:29:08 repair_engineer=5 \
         diagnosed_at=2026-10-10 00:00:00 completed_at=2026-10-12 10:00:00 delivered_at=2026-10-13 09:00:00",
        // `No Agent` is nobody.
        "ticket_id=2 customer=S****** received_at=2026-10-12 08:00:00",
    ]);
    said.rejects(&[
        "tickets.csv:6 repair_engineer: not on the roster",
        "tickets.csv:7 completed_at: before the ticket was received",
    ]);
}

#[test]
fn freshservice_with_its_own_capitals() {
    let said = read("freshdesk", "freshdesk/freshservice.csv", "");
    said.totals("freshservice.csv", [1, 1, 0, 0, 0, 0]);
    said.shows(&["ticket_id=I**** customer=F****** received_at=2026-10-14 09:05:00 repair_engineer=5 \
         completed_at=2026-10-15 09:05:00 delivered_at=2026-10-15 10:00:00"]);
}

#[test]
fn zammad_in_the_time_zone_of_its_last_row() {
    let said = read("zammad", "zammad/tickets-centre-created.xls", &format!("{COLUMNS}\ndiagnosed_at = \"Diagnosed\""));
    said.totals("tickets-centre-created.xls!Report", [3, 2, 1, 0, 0, 0]);
    said.shows(&[
        // Berlin is six hours behind in summer, seven in winter.
        "ticket_id=2****** customer=N****** received_at=2026-10-14 09:05:00 repair_engineer=2 \
         diagnosed_at=2026-10-15 08:00:00 completed_at=2026-10-20 16:30:00",
        "ticket_id=2****** customer=S****** received_at=2026-10-26 09:00:00",
    ]);
    said.rejects(&["tickets-centre-created.xls!Report:6 repair_engineer: not on the roster"]);
}

#[test]
fn osticket_with_phps_quotes_and_the_name_of_a_zone() {
    let more =
        format!("{COLUMNS}\ndiagnosed_at = \"Diagnosed On\"\n[sources.tickets.affixes]\ndiagnosed_at = [\"(CST)\"]");
    let said = read("osticket", "osticket/centre_tickets-20261101.csv", &more);
    said.totals("centre_tickets-20261101.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&[
        "ticket_id=0***** customer=N****** received_at=2026-10-14 09:05:00 repair_engineer=5 \
         diagnosed_at=2026-10-15 08:00:00 completed_at=2026-10-20 16:30:00",
        "ticket_id=0***** customer=S****** received_at=2026-10-05 12:20:00",
    ]);
}

#[test]
fn redmine_in_three_languages_and_encodings() {
    let more = format!(
        "bare_dates = [\"diagnosed_at\"]\ndate_formats = [\"%m/%d/%Y\"]\n{COLUMNS}\ndiagnosed_at = \"Diagnosed on\""
    );
    let said = read("redmine", "redmine/issues_en.csv", &more);
    said.totals("issues_en.csv", [2, 1, 1, 0, 0, 0]);
    said.shows(&["ticket_id=2* customer=F****** received_at=2026-10-12 07:32:00 repair_engineer=1 \
         diagnosed_at=2026-10-13 00:00:00 completed_at=2026-10-19 16:00:00"]);
    said.rejects(&["issues_en.csv:4 repair_engineer: not on the roster"]);
    let said = read("redmine", "redmine/issues_zh.csv", "");
    said.totals("issues_zh.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&[
        "ticket_id=4* customer=前* received_at=2026-10-12 07:32:00 repair_engineer=0 completed_at=2026-10-19 16:00:00",
        "ticket_id=4* customer=前* received_at=2026-10-12 08:00:00",
    ]);
    read("redmine", "redmine/issues_de.csv", "").says(&["tickets: NOT USABLE", "state `encoding`"]);
    let said = read("redmine", "redmine/issues_de.csv", "encoding = \"iso-8859-1\"");
    said.totals("issues_de.csv", [1, 1, 0, 0, 0, 0]);
    said.shows(&[
        "ticket_id=3* customer=J****** received_at=2026-10-13 07:32:00 repair_engineer=3 completed_at=2026-10-19 16:00:00",
    ]);
}

#[test]
fn zentao_with_bare_quotes_bare_days_and_a_cell_too_many() {
    let said = read("zentao", "zentao/bugs.csv", "");
    said.totals("bugs.csv", [3, 2, 1, 0, 0, 0]);
    said.shows(&[
        "ticket_id=1* customer=前* received_at=2026-10-12 00:00:00 repair_engineer=5 \
         completed_at=2026-10-15 00:00:00 delivered_at=2026-10-19 00:00:00 project_id=二*****",
        // Nobody resolved it yet: whoever it is assigned to.
        "ticket_id=1* customer=前* received_at=2026-10-13 00:00:00 repair_engineer=1 project_id=二*****",
    ]);
    said.rejects(&["bugs.csv:6 repair_engineer: not on the roster"]);
}

#[test]
fn jira_in_chinese_and_the_time_of_the_last_status() {
    let done = "{ column = \"状态类别已更改\", when = \"状态类别\", is = [\"完成\"] }";
    let more = format!("{COLUMNS}\ncompleted_at = {done}\ndiagnosed_at = \"自定义字段 (诊断时间)\"");
    let said = read("jira", "jira/jira_zh.csv", &more);
    said.totals("jira_zh.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&[
        "ticket_id=W*** customer=前* received_at=2026-10-14 09:05:00 repair_engineer=5 \
         diagnosed_at=2026-10-15 08:00:00 completed_at=2026-10-20 16:30:00",
        "ticket_id=W*** customer=前* received_at=2026-09-30 12:40:00 repair_engineer=4",
    ]);
}

#[test]
fn jira_that_excel_saved_again() {
    let try_with = |received: &str, resolved: &str, more: &str| {
        let bench = Bench::new().source("tickets", &format!("files = [\"j.csv\"]\npreset = \"jira\"\n{more}"));
        let rows = format!("Issue key,Reporter,Assignee,Created,Resolved\nW-1,N,罗念,{received},{resolved}\n");
        bench.file("j.csv", rows.as_bytes());
        bench.check()
    };
    for (received, resolved) in [
        ("10/14/2026 9:05", "10/20/2026 16:30"),
        ("14/10/2026 09:05", "20/10/2026 16:30"),
        ("2026/10/14 9:05", "2026/10/20 16:30"),
    ] {
        try_with(received, resolved, "").shows(&["ticket_id=W** customer=N received_at=2026-10-14 09:05:00 \
             repair_engineer=4 completed_at=2026-10-20 16:30:00"]);
    }
    // Both days are below 13.
    try_with("10/3/2026 9:05", "10/4/2026 16:30", "").says(&["tickets: NOT USABLE", "time_formats"]);
    try_with("10/3/2026 9:05", "10/4/2026 16:30", "time_formats = [\"%m/%d/%Y %H:%M\"]").shows(&[
        "ticket_id=W** customer=N received_at=2026-10-03 09:05:00 repair_engineer=4 completed_at=2026-10-04 16:30:00",
    ]);
}

#[test]
fn jira_columns_that_stand_twice_are_mapped_by_their_place() {
    let by_name = format!("{COLUMNS}\nproject_id = \"标签\"");
    read("jira", "jira/jira_zh.csv", &by_name)
        .says(&["tickets: NOT USABLE", "the header `标签` stands more than once"]);
    let said = read("jira", "jira/jira_zh.csv", &format!("{COLUMNS}\nproject_id = 12"));
    said.shows(&[
        "ticket_id=W*** customer=前* received_at=2026-10-14 09:05:00 repair_engineer=5 project_id=b",
        "ticket_id=W*** customer=前* received_at=2026-09-30 12:40:00 repair_engineer=4",
    ]);
}

#[test]
fn glpi_that_shows_ids_and_the_time_of_the_last_status() {
    let closed = "{ column = \"Last Update\", when = \"Status\", is = [\"closed\"] }";
    let said = read("glpi", "glpi/glpi_ids.csv", &format!("{COLUMNS}\ndelivered_at = {closed}"));
    said.totals("glpi_ids.csv", [2, 2, 0, 0, 0, 0]);
    said.shows(&[
        "ticket_id=2*** customer=N****** received_at=2026-10-14 09:05:00 repair_engineer=5 \
         delivered_at=2026-10-21 10:00:00",
        "ticket_id=2*** customer=S****** received_at=2026-10-14 09:10:00",
    ]);
}

/// What is said of a text that is written here.
fn read_text(preset: &str, bytes: &[u8]) -> Said {
    let bench = Bench::new().source("tickets", &format!("files = [\"t.csv\"]\npreset = \"{preset}\""));
    bench.file("t.csv", bytes);
    bench.check()
}

const ONE: &str = "received_at=2026-10-14 09:05:00 repair_engineer=2 completed_at=2026-10-20 16:30:00";

#[test]
fn tickets_in_more_languages() {
    for (preset, text) in [
        (
            "jira",
            "Clé de ticket,Personne assignée,Création,Résolu\nT1,Inês Prado,14/Oct/26 9:05 AM,20/Oct/26 4:30 PM\n",
        ),
        (
            "jira",
            "Klucz zgłoszenia,Osoba przypisana,Utworzono,Rozwiązane\nT1,Inês Prado,14/paź/26 9:05 AM,20/paź/26 4:30 PM\n",
        ),
        (
            "glpi",
            "ID;Fecha de apertura;Asignado a: - Técnico;Fecha de solución\nT1;14-10-2026 09:05;Inês Prado;20-10-2026 16:30\n",
        ),
        ("redmine", "#,担当者,作成日,終了日\nT1,Inês Prado,2026/10/14 09:05,2026/10/20 16:30\n"),
        ("redmine", "#,作者,被分派者,建立日期,結束日期\nT1,,Inês Prado,2026-10-14 09:05,2026-10-20 16:30\n"),
        ("freshdesk", "Ticket ID,Created time,Agent,Resolved time\nT1,14/10/2026 09:05,Inês Prado,20/10/2026 16:30\n"),
        (
            "zentao",
            "Bug编号,Bug标题,创建日期,指派给,解决者,解决日期\nT1,x,2026-10-14 09:05,,Inês Prado,2026-10-20 16:30\n",
        ),
    ] {
        let said = read_text(preset, text.as_bytes());
        said.totals("t.csv", [1, 1, 0, 0, 0, 0]).says(&[ONE]);
    }
}

#[test]
fn redmine_in_the_code_page_of_japan() {
    let text = "#,担当者,題名,作成日,終了日\nT1,,修理依頼,2026/10/14 09:05,2026/10/20 16:30\n";
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(text);
    let said = read_text("redmine", &bytes);
    said.totals("t.csv", [1, 1, 0, 0, 0, 0])
        .says(&["received_at=2026-10-14 09:05:00 completed_at=2026-10-20 16:30:00"]);
}

#[test]
fn a_sign_in_a_header_that_nobody_asked_for_leaves_the_encoding_plain() {
    let text = "Issue key,Assignee,Created,Resolved,Σ Time Spent\nT1,,14/Oct/26 9:05 AM,20/Oct/26 4:30 PM,60\n";
    read_text("jira", text.as_bytes()).totals("t.csv", [1, 1, 0, 0, 0, 0]);
    // Where it matters it is asked for.
    let text = text.replace("Σ Time Spent", "Time Spent").replace("T1,,", "T1,危,");
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    read_text("jira", &bytes).says(&["NOT USABLE", "state `encoding`, such as \"utf-8\""]);
}

#[test]
fn an_export_that_nearly_fits_says_what_it_lacks() {
    let said = read_text("jira", b"Summary,Issue key,Status,Assignee,Resolved\nx,T1,Done,,20/Oct/26 4:30 PM\n");
    said.says(&["tickets: NOT USABLE", "line 1 is most like it and lacks received_at (`Created`)"]);
    let said = read_text("redmine", b"title\nIssue key,Assignee,Created,Resolved\nT1,,14/Oct/26 9:05 AM,\n");
    said.says(&["it fits the preset `jira`: name it in `preset`"]);
}

#[test]
fn a_row_that_became_one_cell_says_so() {
    let text = "Issue key,Assignee,Created,Resolved\n\"T1,Inês Prado,14/Oct/26 9:05 AM,20/Oct/26 4:30 PM\"\n";
    let said = read_text("jira", text.as_bytes());
    said.rejects(&[
        "t.csv:2 : the whole row is one quoted cell: the file was opened with another separator and saved so; export it again",
    ]);
}

/// A view without the day of completion, of a ticket that was done, late or in time.
const VIEW: &str = "Issue key,Assignee,Created\nT1,Inês Prado,16/Sep/26 9:05 AM\nT2,Inês Prado,30/Oct/26 9:05 AM\n";

/// The findings and the coverage of tickets that are read so.
fn judged(more: &str, text: &str) -> (Said, String, String) {
    let source = format!("files = [\"t.csv\"]\nproven = \"vouched\"\n{more}");
    let bench = Bench::new().source("tickets", &source);
    bench.file("t.csv", text.as_bytes());
    let (said, mut files) = bench.preview();
    let mut file = |name: &str| files.remove(name).unwrap_or_default();
    (said, file("findings.csv"), file("coverage.csv"))
}

#[test]
fn a_column_that_an_export_has_not_is_no_breach() {
    let (said, findings, coverage) = judged("preset = \"jira\"", VIEW);
    assert!(!findings.contains("repair-"), "{findings}");
    for rule in ["repair-diagnosis", "repair-sendout", "repair-completion", "repair-delivery"] {
        assert!(coverage.contains(&format!("{rule} 2026-10-01..2026-10-31 column ")), "{rule}: {coverage}");
    }
    said.says(&["suspended: repair-completion", "column completed_at, reason_report_at, no-column, tickets"]);
    assert_eq!(said.code, 10);
    // What the centre does not write down, it says.
    let has = "preset = \"jira\"\n[sources.tickets.columns]\nreason_report_at = { value = \"\" }";
    let with = VIEW.replace("Created\n", "Created,Resolved\n").replace(" AM\n", " AM,\n");
    let (_, findings, _) = judged(has, &with);
    assert!(findings.contains("repair-completion:0103:T1"), "{findings}");
    // A step that nobody writes down was not left undone: only excuses can be declared away.
    let steps = "preset = \"jira\"\n[sources.tickets.columns]\ncompleted_at = { value = \"\" }\n\
                 diagnosed_at = { value = \"\" }\nreason_report_at = { value = \"\" }";
    let (_, findings, coverage) = judged(steps, VIEW);
    assert!(!findings.contains("repair-"), "{findings}");
    assert!(
        coverage.contains("repair-completion 2026-10-01..2026-10-31 column completed_at (no-column)"),
        "{coverage}"
    );
    // What is declared away for one export is read in a file that has it.
    let excused = "ticket_id,repair_engineer,received_at,reason_report_at\nT1,0103,2026-09-16 09:05,2026-10-09 09:00\n";
    assert!(!judged(has, excused).1.contains("repair-completion"));
    // In a register with the table's own names, a column that is left out is empty.
    let register = "ticket_id,repair_engineer,received_at\nT1,0103,2026-09-16 09:05\n";
    let (_, findings, _) = judged("", register);
    assert!(findings.contains("repair-completion:0103:T1"), "{findings}");
}

#[test]
fn check_names_the_columns_that_are_missing_and_what_to_write() {
    let said = read_text("jira", VIEW.as_bytes());
    said.says(&[
        "tickets: has no column for completed_at, delivered_at, diagnosed_at, reason_report_at, sendout_prepared_at",
        "not judged: repair-diagnosis 七.1, repair-sendout 七.1, repair-completion 七.2, repair-delivery 七.3",
        "[sources.tickets.columns]\n       completed_at = \"HEADER\"\n",
        "reason_report_at = \"HEADER\"  # or { value = \"\" }: nobody writes it down",
    ]);
}
