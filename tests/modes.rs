//! Rules that are off or in shadow mode, and the limits of the place, on the shipped month with the real binary.

mod support;

use std::{collections::BTreeSet, fs, path::Path};
use support::{Row, demo, edition, entries, mail, manifest, meritbook, read, rows, sheets, sum};

/// The shipped month with more in its configuration.
fn with(more: &str) -> tempfile::TempDir {
    let dir = demo();
    let path = dir.path().join("config.toml");
    let config = fs::read_to_string(&path).expect("the configuration");
    fs::write(&path, format!("{config}\n{more}\n")).expect("the configuration");
    dir
}

fn table(dir: &Path, name: &str) -> Vec<Row> {
    rows(&read(&edition(dir, 1).join(name)))
}

fn ids(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(|row| row["finding_id"].clone()).collect()
}

/// Every text of a workbook.
fn texts(dir: &Path, name: &str) -> String {
    sheets::dump(name, &read(&edition(dir, 1).join(name)))
}

/// The plain text of HR's mail.
fn letter(dir: &Path) -> String {
    let file = entries(&edition(dir, 1).join("mail")).into_iter().next().expect("a mail");
    let message = mail::parse(&read(&file));
    String::from_utf8(message.parts[0].parts[0].body.clone()).expect("text")
}

#[test]
fn a_rule_that_is_off_is_said_everywhere_with_its_reason() {
    let dir = with("[rules]\noff = [\"inspection\"]\n[rules.inspection]\nreason = \"由安全部另行检查\"");
    let said = meritbook(dir.path(), "monthly");
    assert_eq!(said.code, 10);
    assert!(said.stdout.contains("not audited: inspection (off: 由安全部另行检查)"), "{}", said.stdout);
    assert!(table(dir.path(), "findings.csv").iter().all(|row| row["rule"] != "inspection"));
    let coverage = table(dir.path(), "coverage.csv");
    assert!(coverage.iter().any(|row| row["suspended"].contains("inspection 2026-10-01..2026-10-31 (off: 由安全部")));
    assert!(texts(dir.path(), "deductions.xlsx").contains("已停用:由安全部另行检查"));
    assert!(letter(dir.path()).contains("检查不合格: 已停用:由安全部另行检查"));
    assert_eq!(manifest(&edition(dir.path(), 1))["unaudited"]["inspection"], "off: 由安全部另行检查");
    assert!(meritbook(dir.path(), "rules").stdout.contains("inspection — 检查不合格 [off: 由安全部另行检查]"));
    assert!(meritbook(dir.path(), "rules --clauses").stdout.contains("检查不合格 [off: 由安全部另行检查]"));
}

#[test]
fn what_shadow_mode_finds_is_shown_and_never_posted() {
    let (live, dir) = (with(""), with("[rules.late-arrival]\nmode = \"shadow\""));
    meritbook(live.path(), "monthly");
    let said = meritbook(dir.path(), "monthly --issue");
    assert!(said.stdout.contains("shadow mode, only shown: late-arrival: "), "{}", said.stdout);
    let (shown, stays) = (table(dir.path(), "shadow.csv"), table(dir.path(), "findings.csv"));
    let late = |rows: Vec<Row>| rows.into_iter().filter(|row| row["rule"] == "late-arrival").collect::<Vec<Row>>();
    assert!(late(stays).is_empty());
    assert_eq!(shown, late(table(live.path(), "findings.csv")), "what would be if it were live");
    let ids = ids(&shown);
    for name in ["postings.csv", "ledger.csv", "import/payroll.csv"] {
        let rows = table(dir.path(), name);
        let is_late = |row: &Row| {
            row.get("rule").is_some_and(|rule| rule == "late-arrival")
                || row.get("finding_id").is_some_and(|id| ids.contains(id))
        };
        assert!(!rows.is_empty() && !rows.iter().any(is_late), "{name}");
    }
    let book = texts(dir.path(), "deductions.xlsx");
    assert!(book.contains("试运行") && book.contains("不进台账,不进工资导入"));
    assert!(letter(dir.path()).contains("试运行,只看不扣: 迟到"));
    let told = meritbook(dir.path(), "explain late-arrival:0102:2026-10-14").stdout;
    assert!(told.contains("(shadow mode, only shown)") && told.contains("evidence: first_in="), "{told}");
}

#[test]
fn a_centre_starts_with_everything_in_shadow_mode() {
    let dir = with("[rules]\nmode = \"shadow\"\n[rules.meeting-late]\nmode = \"live\"");
    meritbook(dir.path(), "monthly");
    let rules = |name| table(dir.path(), name).into_iter().map(|row| row["rule"].clone()).collect::<BTreeSet<String>>();
    assert_eq!(rules("ledger.csv"), BTreeSet::from(["meeting-late".to_owned()]));
    assert_eq!(rules("findings.csv"), BTreeSet::from(["meeting-late".to_owned()]));
    assert!(rules("shadow.csv").len() > 25);
}

/// The month with another mode of limits.
fn limited(mode: &str, minimum: &str) -> tempfile::TempDir {
    let dir = demo();
    let path = dir.path().join("config.toml");
    let config = fs::read_to_string(&path).expect("the configuration");
    let config = config.replace("values.2009-12-01 = \"deduct\"", &format!("values.2009-12-01 = \"{mode}\""));
    fs::write(&path, format!("{config}\nvalues.2009-12-01 = {minimum}\n")).expect("the configuration");
    meritbook(dir.path(), "monthly");
    dir
}

#[test]
fn a_cap_cuts_lists_and_never_carries_over() {
    // So high a minimum wage leaves nothing of most wages.
    let dir = limited("cap", "9000");
    let charges: Vec<Row> =
        table(dir.path(), "findings.csv").into_iter().filter(|row| row["status"] == "charge").collect();
    let capped = |row: &&Row| row["reason"] == "capped";
    assert!(charges.iter().any(|row| capped(&row) && row["amount"] == "0.00" && row["unit_amount"] != "0.00"));
    assert!(charges.iter().any(|row| row["reason"].is_empty() && row["amount"] != "0.00"));
    assert_eq!(
        sum(&charges, "amount", |_| true),
        sum(&table(dir.path(), "ledger.csv"), "amount", |row| row["direction"] == "deduct")
    );
    let book = texts(dir.path(), "deductions.xlsx");
    let count = charges.iter().filter(capped).count();
    assert!(book.contains(&format!("扣款上限:工资的20%,且不低于最低工资9,000.00;按上限扣减 {count} 行")));
}

#[test]
fn without_wages_the_cap_is_not_assumed() {
    let dir = demo();
    let staff = dir.path().join("fixtures/demo/registers/employees.csv");
    let text = fs::read_to_string(&staff).expect("the roster");
    fs::write(&staff, text.replace("monthly_wage", "other_column")).expect("the roster");
    let path = dir.path().join("config.toml");
    let config = fs::read_to_string(&path).expect("the configuration");
    fs::write(&path, config.replace("= \"deduct\"", "= \"cap\"")).expect("the configuration");
    meritbook(dir.path(), "monthly");
    let findings = table(dir.path(), "findings.csv");
    let charges: Vec<&Row> = findings.iter().filter(|row| row["status"] == "charge").collect();
    assert!(charges.iter().all(|row| row["reason"].is_empty() && row["summary"].contains("(上限未核)")));
    assert!(texts(dir.path(), "deductions.xlsx").contains("上限未核:"));
}

#[test]
fn warn_only_leaves_compensation_alone() {
    let dir = limited("warn-only", "2000");
    let findings = table(dir.path(), "findings.csv");
    let with = |status: &str, reason: &str| {
        let rows = findings.iter().filter(|row| row["status"] == status && row["reason"] == reason);
        rows.map(|row| row["rule"].clone()).collect::<BTreeSet<String>>()
    };
    assert_eq!(with("charge", ""), BTreeSet::from(["loss".to_owned()]));
    assert!(with("notice", "warn-only").contains("late-arrival"));
    let warned = findings.iter().filter(|row| row["reason"] == "warn-only");
    assert!(warned.clone().all(|row| row["amount"].is_empty() && !row["unit_amount"].is_empty()));
    assert!(texts(dir.path(), "deductions.xlsx").contains("只警告(limits.mode = warn-only)"));
}
