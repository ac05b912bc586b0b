//! Payroll import files of the shipped example, read back by other means and held against the rules that each target
//! publishes: the fields of Additional Salary (frappe/hrms), the importer of payslip inputs (opnsynid-hr), the header
//! of the template that payroll gave. Nothing here is taken from what writes them.

mod support;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Cursor,
    path::Path,
};
use support::{Row, demo, done, edition, fen, files, manifest, meritbook, read, rows, sheets, text};

const IMPORTS: &str = "fixtures/demo/imports";
const REGISTERS: &str = "fixtures/demo/registers";
const LAST: &str = "2026-10-31";

/// The example with its month issued.
fn issued() -> (tempfile::TempDir, String) {
    let dir = demo();
    let said = done(dir.path(), "issue --month 2026-10").stdout;
    (dir, said)
}

fn register(dir: &Path, name: &str) -> Vec<Row> {
    rows(&read(&dir.join(REGISTERS).join(name)))
}

/// Deducted and paid of each employee in fen, and overtime in hundredths of an hour.
type Sums = BTreeMap<String, [i64; 3]>;

fn add(sums: &mut Sums, id: &str, way: usize, amount: i64) {
    sums.entry(id.to_owned()).or_default()[way] += amount;
}

fn way(direction: &str) -> (usize, i64) {
    match direction {
        "deduct" => (0, 1),
        "reverse-deduct" => (0, -1),
        "reward" => (1, 1),
        "reverse-reward" => (1, -1),
        other => panic!("a direction {other}"),
    }
}

/// What the ledger and the findings say.
fn booked(dir: &Path) -> Sums {
    let mut sums = Sums::new();
    for row in rows(&read(&edition(dir, 1).join("ledger.csv"))) {
        let (way, sign) = way(&row["direction"]);
        add(&mut sums, &row["employee_id"], way, sign * fen(&row["amount"]));
    }
    for row in rows(&read(&edition(dir, 1).join("findings.csv"))) {
        if row["status"] == "hours" {
            add(&mut sums, &row["employee_id"], 2, fen(&row["quantity"]));
        }
    }
    sums
}

fn without_hours(mut sums: Sums) -> Sums {
    for own in sums.values_mut() {
        own[2] = 0;
    }
    sums.retain(|_, own| *own != [0; 3]);
    sums
}

/// Employee id by the id of another system that is valid on an employee's last day of the month.
fn owners(dir: &Path, source: &str) -> BTreeMap<String, String> {
    let left: BTreeMap<String, String> = register(dir, "employees.csv")
        .into_iter()
        .map(|row| (row["employee_id"].clone(), row["leave_date"].clone()))
        .collect();
    let day = |id: &str| match left[id].as_str() {
        "" => LAST.to_owned(),
        day => LAST.min(day).to_owned(),
    };
    let is_valid = |row: &Row| {
        let day = day(&row["employee_id"]);
        row["source"] == source
            && (row["from"].is_empty() || row["from"] <= day)
            && (row["to"].is_empty() || day <= row["to"])
    };
    let valid = register(dir, "identities.csv").into_iter().filter(is_valid);
    valid.map(|row| (row["external_id"].clone(), row["employee_id"].clone())).collect()
}

/// The records of a CSV file, all as wide as its first, and without a byte order mark.
fn records(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    assert!(!bytes.starts_with(b"\xef\xbb\xbf"), "these importers would take a mark for a part of the first header");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(bytes);
    let record = |record: Result<csv::StringRecord, csv::Error>| {
        record.expect("as wide as the header").iter().map(str::to_owned).collect()
    };
    reader.records().map(record).collect()
}

/// An amount as every target takes it: digits, a point, two digits.
fn amount(cell: &str) -> i64 {
    let fen = fen(cell);
    assert!(fen > 0 && cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{cell}");
    fen
}

#[test]
fn additional_salary_keeps_the_rules_of_frappe_hr() {
    let (dir, _) = issued();
    let all = records(&read(&edition(dir.path(), 1).join("import/frappe.csv")), b',');
    // Labels of the fields that are required, and of those whose default would be wrong.
    let required = [
        "Series",
        "Employee",
        "Company",
        "Payroll Date",
        "Salary Component",
        "Amount",
        "Currency",
        "Is Recurring",
        "Overwrite Salary Structure Amount",
    ];
    assert_eq!(all[0].iter().map(String::as_str).collect::<BTreeSet<_>>(), required.into_iter().collect());
    let owners = owners(dir.path(), "frappe");
    let staff = register(dir.path(), "employees.csv");
    let staff: BTreeMap<&str, &Row> = staff.iter().map(|row| (row["employee_id"].as_str(), row)).collect();
    let (mut seen, mut sums) = (BTreeSet::new(), Sums::new());
    for record in &all[1..] {
        let cell = |label: &str| record[all[0].iter().position(|name| name == label).expect("a column")].as_str();
        assert!(required.iter().all(|label| !cell(label).is_empty() && cell(label).trim() == cell(label)));
        assert_eq!(cell("Overwrite Salary Structure Amount"), "0", "1 replaces the structure's own amount");
        assert_eq!((cell("Is Recurring"), cell("Currency")), ("0", "CNY"));
        assert_eq!(cell("Series"), "HR-ADS-.YY.-.MM.-");
        let owner = owners.get(cell("Employee")).unwrap_or_else(|| panic!("nobody is {}", cell("Employee")));
        let (person, day) = (staff[owner.as_str()], cell("Payroll Date"));
        assert!(chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok(), "{day}");
        assert!(person["hire_date"].as_str() <= day, "{owner}: before joining");
        assert!(person["leave_date"].is_empty() || day <= person["leave_date"].as_str(), "{owner}: after relieving");
        assert!(("2026-10-01"..=LAST).contains(&day), "{owner}: on no slip of the month");
        assert!(seen.insert((owner, cell("Salary Component"))), "{owner} twice");
        // The direction is the component's own.
        let way = match cell("Salary Component") {
            "Late Arrival" | "Merit Deduction" => 0,
            "Merit Reward" => 1,
            other => panic!("a component {other}"),
        };
        add(&mut sums, owner, way, amount(cell("Amount")));
    }
    assert_eq!(sums, without_hours(booked(dir.path())));
    let leaver = all.iter().find(|record| record[1] == "HR-EMP-00209").expect("who left on the 23rd");
    assert_eq!(leaver[3], "2026-10-23");
}

#[test]
fn payslip_inputs_keep_the_rules_of_the_odoo_importer() {
    let (dir, _) = issued();
    let all = records(&read(&edition(dir.path(), 1).join("import/odoo.csv")), b',');
    assert_eq!(all[0], ["employee", "code", "amount"]);
    let (mut seen, mut sums) = (BTreeSet::new(), Sums::new());
    for record in &all[1..] {
        let way = usize::from(record[1] == "MERIT_REW");
        assert!(way == 1 || record[1] == "MERIT_DED", "{}", record[1]);
        // A second row of a code would overwrite the first.
        assert!(seen.insert((record[0].clone(), way)), "{} twice", record[0]);
        add(&mut sums, &record[0], way, amount(&record[2]));
    }
    assert_eq!(sums, without_hours(booked(dir.path())), "ids keep their leading zeros");
}

#[test]
fn a_wide_workbook_has_the_templates_header_text_ids_and_numbers() {
    let (dir, _) = issued();
    let template = read(&dir.path().join(IMPORTS).join("yonyou-template.xlsx"));
    let written = read(&edition(dir.path(), 1).join("import/yonyou.xlsx"));
    let mut template: Xlsx<_> = open_workbook_from_rs(Cursor::new(template)).expect("the template");
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(written)).expect("the import");
    assert_eq!(book.sheet_names(), template.sheet_names());
    let name = "工资变动";
    let (wanted, cells) = (template.worksheet_range(name).expect("cells"), book.worksheet_range(name).expect("cells"));
    for row in 0..3 {
        for column in 0..10 {
            assert_eq!(cells.get_value((row, column)), wanted.get_value((row, column)), "{row} {column}");
        }
    }
    assert_eq!(cells.get_value((2, 9)), Some(&Data::String("备注 ".to_owned())), "the blank at its end too");
    let merged = |book: &mut Xlsx<_>| book.merge_cells_by_sheet_name(name).expect("regions").len();
    assert_eq!((merged(&mut template), merged(&mut book)), (1, 0), "an import has no merged cells");
    assert!(book.worksheet_formula(name).expect("formulas").used_cells().all(|(.., formula)| formula.is_empty()));
    let owners = owners(dir.path(), "yonyou");
    let staff = register(dir.path(), "employees.csv");
    let mut sums = Sums::new();
    for row in cells.rows().skip(3) {
        let [Data::String(id), Data::String(name), Data::String(department)] = &row[..3] else { panic!("{row:?}") };
        assert!(id.len() == 8 && id.starts_with("000"), "{id}");
        let person = staff.iter().find(|person| person["employee_id"] == owners[id]).expect("on the roster");
        assert_eq!((name, department), (&person["name"], &person["department"]));
        assert!(row[3] == Data::Empty && row.get(9).is_none_or(|cell| *cell == Data::Empty), "not mapped: {row:?}");
        for (column, way) in [(4, 0), (5, 0), (6, 0), (7, 1), (8, 2)] {
            match &row[column] {
                Data::Empty => {}
                Data::Float(number) => {
                    let cell = format!("{number}");
                    assert!(cell.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 2), "{cell}");
                    add(&mut sums, &owners[id], way, amount(&format!("{number:.2}")));
                }
                other => panic!("{other:?} is not a number"),
            }
        }
    }
    assert_eq!(sums, booked(dir.path()));
    let has = |id: &str| cells.rows().any(|row| row[0] == *id);
    assert!(has("00090202") && !has("00000202"), "the id of the month's last day");
}

#[test]
fn a_wide_text_begins_with_the_very_bytes_of_its_template() {
    let (dir, _) = issued();
    let template = read(&dir.path().join(IMPORTS).join("dingtalk-template.csv"));
    let written = read(&edition(dir.path(), 1).join("import/dingtalk.csv"));
    let body = written.strip_prefix(template.as_slice()).expect("the template's rows");
    assert!(std::str::from_utf8(body).is_err(), "it is in the template's GB18030");
    let (text, _, has_errors) = encoding_rs::GB18030.decode(body);
    assert!(!has_errors && text.ends_with("\r\n"));
    let mut sums = Sums::new();
    for record in records(text.as_bytes(), b',') {
        assert_eq!((record.len(), record[5].as_str()), (6, ""));
        for (way, cell) in record[3..5].iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            add(&mut sums, &record[0], way, amount(cell));
        }
    }
    assert_eq!(sums, without_hours(booked(dir.path())));
}

#[test]
fn every_file_has_its_control_line_on_the_console_and_in_the_sheet() {
    let (dir, said) = issued();
    let sums = booked(dir.path());
    let total = |way: usize| sums.values().map(|own| own[way]).sum::<i64>();
    let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
    let people = without_hours(sums.clone()).len();
    let money = format!("deducted {}, paid {}", yuan(total(0)), yuan(total(1)));
    let hours = format!("{money}, {} hours: agrees with the ledger", yuan(total(2)));
    let no_hours = format!("{money}: agrees with the ledger");
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("import/")).collect();
    let expected = [
        ("payroll.csv", sums.len(), &hours),
        ("dingtalk.csv", people, &no_hours),
        ("frappe.csv", people, &no_hours),
        ("odoo.csv", people, &no_hours),
        ("yonyou.xlsx", sums.len(), &hours),
    ];
    assert_eq!(lines.len(), expected.len(), "{said}");
    for (line, (name, people, end)) in lines.iter().zip(expected) {
        assert!(line.starts_with(&format!("import/{name}: {people} people, ")) && line.ends_with(end), "{line}");
    }
    let sheet = sheets::dump("deductions.xlsx", &read(&edition(dir.path(), 1).join("deductions.xlsx")));
    for (name, people, _) in expected {
        let row = sheet.lines().find(|line| line.contains(&format!("import/{name} | {people} | "))).expect("a row");
        assert!(row.ends_with("与台账一致") && row.contains(" | 1250 | 1600 | "), "{row}");
    }
}

#[test]
fn mappings_and_templates_are_inputs_and_the_files_outputs_of_the_edition() {
    let (dir, _) = issued();
    let edition = edition(dir.path(), 1);
    let manifest = manifest(&edition);
    let list = |key: &str| manifest[key].as_array().expect("a list").clone();
    let inputs: Vec<_> = list("inputs").into_iter().filter(|input| input["source"] == "imports").collect();
    assert_eq!(inputs.len(), 6);
    for input in inputs {
        let word = |key: &str| input[key].as_str().expect("a text").to_owned();
        assert_eq!(read(&dir.path().join(word("name"))), read(&edition.join("inputs").join(word("archived"))));
    }
    let rows = |name: &str| {
        list("outputs").into_iter().find(|output| output["name"] == name).expect("an output")["rows"].clone()
    };
    assert_eq!(rows("import/odoo.csv"), records(&read(&edition.join("import/odoo.csv")), b',').len() - 1);
    assert_eq!((rows("import/dingtalk.csv"), rows("import/yonyou.xlsx")), (19.into(), serde_json::Value::Null));
    let (other, _) = issued();
    let import = |dir: &Path| files(&support::edition(dir, 1).join("import"));
    assert!(import(dir.path()) == import(other.path()), "same bytes");
}

/// Takes lines out of a register.
fn without(dir: &Path, name: &str, part: &str) {
    let path = dir.join(REGISTERS).join(name);
    let kept: Vec<String> = text(&path).lines().filter(|line| !line.contains(part)).map(str::to_owned).collect();
    fs::write(&path, kept.join("\r\n") + "\r\n").expect("write");
}

#[test]
fn a_proposal_tells_of_missing_ids_and_only_the_issue_stops() {
    let dir = demo();
    let before = meritbook(dir.path(), "monthly --preview before");
    assert!(!before.stdout.contains("note: the month could not be issued"), "{}", before.stdout);
    without(dir.path(), "identities.csv", "yonyou,00000102");
    without(dir.path(), "identities.csv", "frappe,HR-EMP-00209");
    let proposal = meritbook(dir.path(), "monthly");
    assert_eq!(proposal.code, before.code);
    let told = [
        "note: the month could not be issued: 2 problems of the payroll imports",
        ": 0209 (on 2026-10-23)\n",
        ": 0102\n",
    ];
    for part in told {
        assert!(proposal.stdout.contains(part), "no `{part}` in {}", proposal.stdout);
    }
    assert!(!edition(dir.path(), 1).join("import").exists());
    for command in ["issue --month 2026-10", "monthly --issue", "issue --month 2026-10 --preview out"] {
        let refused = meritbook(dir.path(), command);
        assert_eq!(refused.code, 65, "{}", refused.stdout);
        assert!(refused.stderr.contains("meritbook: 2 problems of the payroll imports, nothing was written"));
        assert!(refused.stderr.contains(&format!("{IMPORTS}/yonyou.toml: no payroll id")), "{}", refused.stderr);
        assert!(!refused.stderr.contains("陈立新") && !refused.stderr.contains("蒋伟成"), "ids, never names");
    }
    assert!(!edition(dir.path(), 2).exists() && !dir.path().join("out").exists());
}

#[test]
fn a_changed_mapping_is_a_changed_month_and_a_wrong_one_stops_before_data_is_read() {
    let dir = demo();
    done(dir.path(), "monthly");
    let mapping = dir.path().join(IMPORTS).join("odoo.toml");
    let own = text(&mapping);
    fs::write(&mapping, own.replace("MERIT_REW", "BONUS")).expect("write");
    let again = done(dir.path(), "monthly").stdout;
    assert!(again.contains("edition 002"), "{again}");
    fs::write(&mapping, own.replace("\"rest\", reversed = \"MERIT_DED\"", "[\"rewards\"]")).expect("write");
    fs::remove_file(dir.path().join(REGISTERS).join("employees.csv")).expect("remove");
    let wrong = meritbook(dir.path(), "monthly");
    assert_eq!(wrong.code, 78);
    assert!(
        wrong.stderr.contains("odoo.toml:6: no rule or group `rewards` has `reward`\n  help: did you mean `reward`?"),
        "{}",
        wrong.stderr
    );
    fs::write(&mapping, own).expect("write");
    fs::remove_file(dir.path().join(IMPORTS).join("yonyou-template.xlsx")).expect("remove");
    let gone = meritbook(dir.path(), "check");
    assert_eq!(gone.code, 78);
    assert!(gone.stderr.contains("yonyou.toml:3: cannot use the template `yonyou-template.xlsx`"), "{}", gone.stderr);
}
