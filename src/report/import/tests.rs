//! Import files at their edges: nets below zero, leavers, ids that are missing, shared or dated, and what a target or
//! a spreadsheet would take wrongly.

use super::*;
use crate::{
    base::{money::Fen, month::Period},
    policy::Policy,
    report::{Language, Person},
    schema::{
        findings::LedgerRow,
        imports::{Column, Head, Header, Item, Way, Wide},
        inputs::{InputFile, Inputs, Rejected},
    },
};
use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;
use encoding_rs::UTF_8;
use polars::{df, prelude::DataFrame};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

type Identity = (&'static str, &'static str, &'static str, &'static str);

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// Hired long ago, this month's 12th, long ago; the first left on the 20th, the last before the month.
const STAFF: [(&str, &str, &str, &str); 4] = [
    ("007", "=1+1", "2020-01-01", "2026-10-20"),
    ("008", "李娜", "2026-10-12", ""),
    ("009", "王芳", "2020-01-01", ""),
    ("010", "赵敏", "2020-01-01", "2026-09-15"),
];

fn inputs(identities: &[Identity]) -> Inputs {
    let staff = df!(
        "employee_id" => STAFF.map(|one| one.0),
        "hire_date" => STAFF.map(|one| day(one.2)),
        "leave_date" => STAFF.map(|one| day(one.3)),
    );
    let emp = |id: &str| STAFF.iter().position(|one| one.0 == id).and_then(|at| u32::try_from(at).ok());
    let register = df!(
        "source" => vec!["pay"; identities.len()],
        "external_id" => identities.iter().map(|one| one.0).collect::<Vec<_>>(),
        "emp" => identities.iter().map(|one| emp(one.1)).collect::<Vec<_>>(),
        "from" => identities.iter().map(|one| day(one.2)).collect::<Vec<_>>(),
        "to" => identities.iter().map(|one| day(one.3)).collect::<Vec<_>>(),
    );
    Inputs {
        files: Vec::new(),
        tables: BTreeMap::from([("employees", staff.unwrap()), ("identities", register.unwrap())]),
        states: BTreeMap::new(),
        presence: DataFrame::default(),
        door_swipes: DataFrame::default(),
        swipe_days: BTreeSet::new(),
        rejected: Vec::new(),
        doubts: Vec::new(),
        aliases: Vec::new(),
        outside: BTreeMap::new(),
    }
}

fn item(name: &str, way: Way, rules: &[&'static str]) -> Item {
    let header = Header { name: name.to_owned(), at: "pay.toml:9".to_owned() };
    Item { header, way, rules: rules.iter().copied().collect(), may_be_negative: false, reversed: None }
}

/// Late arrivals, all other deductions, rewards.
fn items() -> Vec<Item> {
    let (late, other) =
        (item("迟到", Way::Deduct, &["late-arrival"]), item("其他", Way::Deduct, &["loss", "complaint"]));
    vec![late, other, item("奖励", Way::Reward, &["reward"])]
}

fn import(shape: Shape, end: &str) -> Import {
    let file = InputFile { name: "pay.toml".to_owned(), ..InputFile::default() };
    Import { file, output: format!("import/pay.{end}"), id: Some("pay".to_owned()), items: items(), shape }
}

fn additional_salary() -> Import {
    let company = "公司".to_owned();
    import(Shape::AdditionalSalary { company, currency: "CNY".to_owned(), series: None }, "csv")
}

fn wide(end: &str) -> (Import, Template) {
    let header = |name: &str| Header { name: name.to_owned(), at: "pay.toml:5".to_owned() };
    let columns = vec![(header("编码"), Column::Id), (header("姓名"), Column::Name)];
    let shape = Wide { template: format!("t.{end}"), at: "pay.toml:2".to_owned(), encoding: None, columns };
    let names = ["编码", "姓名", "底薪", "迟到", "其他", "奖励"];
    let head = if end == "csv" {
        let bytes = format!("{}\r\n", names.join(",")).into_bytes();
        Head::Text { bytes, encoding: UTF_8, delimiter: b',', line_end: "\r\n" }
    } else {
        let title = vec![Data::String("标题".to_owned()), Data::Float(2026.0)];
        let rows = vec![title, names.map(|name| Data::String(name.to_owned())).to_vec()];
        Head::Sheet { name: "工资".to_owned(), rows }
    };
    let places = vec![0, 1, 3, 4, 5];
    (import(Shape::Wide(shape), end), Template { file: InputFile::default(), head, row: 2, width: 6, places })
}

const IDS: [Identity; 4] =
    [("0071", "007", "", "2026-10-20"), ("0081", "008", "", ""), ("0091", "009", "", ""), ("0101", "010", "", "")];

type Booked = (&'static str, &'static str, &'static str, i64);

fn made(what: (&Import, Option<&Template>), identities: &[Identity], ledger: &[Booked]) -> anyhow::Result<Made> {
    made_of(what, &inputs(identities), ledger)
}

fn made_of(
    (import, template): (&Import, Option<&Template>),
    inputs: &Inputs,
    ledger: &[Booked],
) -> anyhow::Result<Made> {
    let row = |(id, rule, direction, amount): &Booked| LedgerRow {
        employee_id: (*id).to_owned(),
        rule,
        direction,
        destination: "",
        count: 1,
        amount: Fen(*amount),
    };
    let person = |one: &(&str, &str, &str, &str)| {
        (one.0.to_owned(), Person { id: one.0.to_owned(), name: one.1.to_owned(), ..Person::default() })
    };
    let report = Report {
        language: Language::Chinese,
        centre: "客服中心",
        period: Period::new("2026-10".parse().unwrap(), 1),
        edition: 1,
        is_issued: true,
        rerun: None,
        adjustments: &[],
        objection_until: None,
        findings: &[],
        postings: &[],
        ledger: &[],
        payroll: &ledger.iter().map(row).collect::<Vec<_>>(),
        suspensions: &[],
        unaudited: &[],
        shadow_rules: &BTreeSet::new(),
        shadow: &[],
        rejected: &[],
        inputs,
        history: &[],
        deciders: &crate::schema::deciders::Deciders::default(),
        people: &STAFF.iter().map(person).collect(),
        policy: &Policy::shipped(),
        imports: &[],
        basis: &[],
    };
    make(&report, std::slice::from_ref(import), &[template.cloned()])
}

/// The text of the one file.
fn text(made: &Made) -> String {
    assert!(made.problems.is_empty(), "{:?}", made.problems);
    String::from_utf8(made.files[0].1.clone()).unwrap()
}

#[track_caller]
fn assert_refused(made: &Made, words: &[&str]) {
    assert!(made.files.is_empty() && made.problems.len() == 1, "{:?}", made.problems);
    let told = made.problems[0].to_string();
    for word in words.iter().chain(&["pay.toml: ", "help: "]) {
        assert!(told.contains(word), "no `{word}` in {told}");
    }
    assert!(STAFF.iter().all(|one| !told.contains(one.1)), "a name in {told}");
}

#[test]
fn reversals_are_taken_off_and_what_is_left_below_zero_goes_where_the_mapping_says() {
    let ledger = [
        ("008", "late-arrival", "deduct", 2000),
        ("008", "late-arrival", "reverse-deduct", 5000),
        ("008", "reward", "reward", 1000),
        ("009", "loss", "deduct", 3000),
        ("009", "complaint", "reverse-deduct", 1000),
    ];
    let (mut import, template) = wide("csv");
    let refused = made((&import, Some(&template)), &IDS, &ledger).unwrap();
    assert_refused(&refused, &["item `迟到`", "008 -30.00", "reversed"]);

    import.items[0].may_be_negative = true;
    let kept = made((&import, Some(&template)), &IDS, &ledger).unwrap();
    assert_eq!(text(&kept), "编码,姓名,底薪,迟到,其他,奖励\r\n0081,李娜,,-30.00,,10.00\r\n0091,王芳,,,20.00,\r\n");
    assert_eq!((kept.controls[0].deducted, kept.controls[0].paid), (Fen(-1000), Fen(1000)));

    import.items[0].may_be_negative = false;
    import.items[0].reversed = Some(2);
    let moved = made((&import, Some(&template)), &IDS, &ledger).unwrap();
    assert_eq!(text(&moved), "编码,姓名,底薪,迟到,其他,奖励\r\n0081,李娜,,,,40.00\r\n0091,王芳,,,20.00,\r\n");
    let control = &moved.controls[0];
    assert_eq!((control.people, control.rows, control.amounts), (2, 2, 2));
    assert_eq!((control.deducted, control.paid, control.moved), (Fen(2000), Fen(4000), Fen(3000)));
    assert!(control.line().contains("(30.00 of each is paid back or taken back): agrees"), "{}", control.line());
}

#[test]
fn a_net_of_zero_is_no_row() {
    let ledger =
        [("008", "loss", "deduct", 2000), ("008", "loss", "reverse-deduct", 2000), ("009", "loss", "deduct", 5)];
    let made = made((&import(Shape::PayslipInput, "csv"), None), &IDS, &ledger).unwrap();
    assert_eq!(text(&made), "employee,code,amount\r\n0091,其他,0.05\r\n");
}

#[test]
fn two_rules_of_an_item_are_one_row_and_the_payroll_date_is_a_day_of_employment() {
    let ledger =
        [("007", "complaint", "deduct", 2000), ("007", "loss", "deduct", 150), ("008", "reward", "reward", 100)];
    let made = made((&additional_salary(), None), &IDS, &ledger).unwrap();
    let told = text(&made);
    let rows: Vec<&str> = told.lines().skip(1).collect();
    assert_eq!(rows, ["0071,公司,2026-10-20,其他,21.50,CNY,0,0", "0081,公司,2026-10-31,奖励,1.00,CNY,0,0"]);
    assert!(made.notes.is_empty());
}

#[test]
fn who_left_before_the_month_is_told_of() {
    let made = made((&additional_salary(), None), &IDS, &[("010", "reward", "reward", 100)]).unwrap();
    assert!(text(&made).contains("0101,公司,2026-09-15,"));
    assert!(made.notes[0].contains("left before 2026-10-01: 010"), "{:?}", made.notes);
}

#[test]
fn every_employee_without_an_id_is_named_at_once_by_employee_id() {
    let ledger = [("007", "loss", "deduct", 1), ("008", "loss", "deduct", 1), ("009", "loss", "deduct", 1)];
    // The leaver's id began after the leave date, the second's ended a day too early.
    let identities = [("0071", "007", "2026-10-21", ""), ("0081", "008", "", "2026-10-30"), ("0091", "009", "", "")];
    let made = made((&additional_salary(), None), &identities, &ledger).unwrap();
    assert_refused(&made, &["no payroll id", "source `pay`", ": 007 (on 2026-10-20), 008\n"]);
}

#[test]
fn an_id_is_one_persons_and_a_person_has_one() {
    let ledger = [("008", "loss", "deduct", 1)];
    let refused = |identities: &[Identity], words: &[&str]| {
        assert_refused(&made((&additional_salary(), None), identities, &ledger).unwrap(), words);
    };
    refused(&[("0081", "008", "", ""), ("0082", "008", "2026-10-31", "")], &["two payroll ids", "008"]);
    refused(&[("0081", "008", "", ""), ("0081", "009", "", "")], &["one payroll id of several", "0081 of 008 and 009"]);
    let passed_on = [("0081", "009", "", "2026-10-30"), ("0081", "008", "2026-10-31", ""), ("0081", "008", "", "")];
    assert!(made((&additional_salary(), None), &passed_on, &ledger).unwrap().problems.is_empty());
}

#[test]
fn a_register_with_a_row_that_could_be_a_newer_id_is_not_used() {
    let ledger = [("008", "loss", "deduct", 1)];
    let row = |column: &str, reason: &str| Rejected {
        source: "identities".to_owned(),
        file: "i.csv".to_owned(),
        line: 7,
        column: column.to_owned(),
        value: String::new(),
        reason: reason.to_owned(),
    };
    let import = additional_salary();
    let of =
        |rejected| made_of((&import, None), &Inputs { rejected: vec![rejected], ..inputs(&IDS) }, &ledger).unwrap();
    assert_refused(&of(row("to", "not a date")), &["identities cannot be used", "(i.csv:7 to: not a date): 008"]);
    assert!(of(row("employee_id", "not on the roster")).problems.is_empty());
}

#[test]
fn a_rule_that_the_mapping_does_not_know_stops_the_file() {
    let made = made((&additional_salary(), None), &IDS, &[("008", "meeting-late", "deduct", 1)]).unwrap();
    assert_refused(&made, &["(meeting-late): 008"]);
}

#[test]
fn nothing_from_data_becomes_a_formula() {
    let ledger = [("007", "loss", "deduct", 2000)];
    let (import, template) = wide("csv");
    let shown = made((&import, Some(&template)), &IDS, &ledger).unwrap();
    assert!(text(&shown).ends_with("\r\n0071,'=1+1,,,20.00,\r\n"));
    let identities = [("-71", "007", "", "")];
    let refused = made((&import, Some(&template)), &identities, &ledger).unwrap();
    assert_refused(&refused, &["formula", "007"]);
    let (import, template) = wide("xlsx");
    let bytes = &made((&import, Some(&template)), &identities, &ledger).unwrap().files[0].1;
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let cells = book.worksheet_range("工资").unwrap();
    let row: Vec<Data> = cells.rows().nth(2).unwrap().to_vec();
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(row, [text("-71"), text("=1+1"), Data::Empty, Data::Empty, Data::Float(20.0), Data::Empty]);
    assert_eq!(cells.get_value((0, 1)), Some(&Data::Float(2026.0)));
    assert!(book.worksheet_formula("工资").unwrap().used_cells().all(|(.., formula)| formula.is_empty()));
}

#[test]
fn equal_months_give_equal_bytes() {
    let ledger = [("009", "loss", "deduct", 2000), ("008", "reward", "reward", 1)];
    let (import, template) = wide("xlsx");
    let once = || made((&import, Some(&template)), &IDS, &ledger).unwrap().files;
    assert_eq!(once(), once());
}

#[test]
fn a_name_that_the_template_cannot_hold_is_an_error() {
    let (import, mut template) = wide("csv");
    template.head =
        Head::Text { bytes: Vec::new(), encoding: encoding_rs::WINDOWS_1252, delimiter: b';', line_end: "\n" };
    let error = made((&import, Some(&template)), &IDS, &[("008", "loss", "deduct", 1)]).unwrap_err();
    assert!(format!("{error:#}").contains("cannot be written in windows-1252"), "{error:#}");
}
