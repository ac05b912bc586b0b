//! Both workbooks from a small month: same bytes twice, text ids, sums that the engine reached.

pub(crate) mod changes;
mod pages;
mod papers;

use super::*;
use crate::{
    base::month::Period,
    policy::{Dated, Policy, Value},
    report::Person,
    schema::{
        findings::{Evidence, Suspension},
        inputs::{InputFile, Inputs, Proven, Rejected, SourceState, Status as SourceStatus, Totals},
    },
    settle::{ledger, postings},
};
use calamine::{Data, Range, Reader, Xlsx};
use chrono::NaiveDate;
use polars::{df, prelude::DataFrame};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A finding of 2026-10; `status` as in files, with its reason in brackets.
fn finding(rule_name: &'static str, id: &str, date: &str, subject: &str, status: &str, price: Option<i64>) -> Finding {
    let rule = rule(rule_name).unwrap();
    let (status, reason) = status.split_once('(').unwrap_or((status, ""));
    let status = Status::parse(status).unwrap();
    let price = price.map(Fen);
    let amount = match status {
        Status::Charge | Status::Credit => price,
        Status::Counted => Some(Fen(0)),
        _ => None,
    };
    let destination = match (rule.direction, price) {
        (Direction::Deduction(destination, _), Some(_)) => destination,
        _ => "",
    };
    Finding {
        id: format!("{rule_name}:{id}:{subject}"),
        rule: rule.name,
        clause: rule.clause(),
        emp: None,
        employee_id: id.to_owned(),
        occurred_on: day(date),
        belongs_to: "2026-10".parse().unwrap(),
        subject: subject.to_owned(),
        status,
        reason: reason.trim_end_matches(')').to_owned(),
        quantity: crate::base::quantity::Quantity::Whole(12),
        unit_amount: price,
        amount,
        destination,
        due_on: (status == Status::Hold).then(|| day("2026-10-16")),
        detail: [("start", format!("{date} 08:30:00")), ("first_in", format!("{date} 08:42:10"))]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
        class: (rule_name == "late-arrival").then(|| "A".to_owned()),
        hours: None,
        ruled: None,
        is_confirmed: false,
        amended: None,
        from: None,
        until: None,
        evidence: vec![Evidence { row: 1, fact: "first_in=08:42".to_owned() }],
    }
}

fn with(mut finding: Finding, facts: &[(&str, &str)]) -> Finding {
    finding.detail.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    finding
}

pub(crate) fn findings() -> Vec<Finding> {
    vec![
        with(finding("late-arrival", "00123", "2026-10-12", "2026-10-12", "counted", Some(2000)), &[("nth", "1")]),
        with(finding("late-arrival", "00123", "2026-10-13", "2026-10-13", "charge", Some(2000)), &[("nth", "2")]),
        finding("late-arrival", "00123", "2026-10-14", "2026-10-14", "hold(late-class)", None),
        with(
            finding("meeting-absence", "00123", "2026-10-15", "M-1", "charge", Some(10000)),
            &[("meeting", "=1+1 周会\u{202E}")],
        ),
        finding("repair-completion", "00456", "2026-10-20", "WX-1", "unpriced", None),
        with(
            finding("reward", "00456", "2026-10-20", "J-1", "credit", Some(30050)),
            &[("category", "1"), ("fact", "客户两次来信表扬")],
        ),
    ]
}

fn inputs() -> Inputs {
    let span = Some((day("2026-10-01").into(), day("2026-10-31").into()));
    let totals = Totals { rows: 900, used: 896, rejected: 1, outside: 3, span, ..Totals::default() };
    let file = InputFile {
        source: "swipes".to_owned(),
        name: "in/打卡_2026-10.csv".to_owned(),
        sha256: "ab".repeat(32),
        totals,
        ..InputFile::default()
    };
    let state = SourceState {
        status: SourceStatus::Ready,
        proven: Proven::through_day(day("2026-10-31")),
        how: "data",
        lacks: BTreeSet::new(),
    };
    Inputs {
        files: vec![file],
        tables: BTreeMap::from([("fund", fund())]),
        states: BTreeMap::from([("swipes", state)]),
        presence: DataFrame::default(),
        door_swipes: DataFrame::default(),
        swipe_days: BTreeSet::new(),
        rejected: Vec::new(),
        doubts: Vec::new(),
        aliases: Vec::new(),
        outside: BTreeMap::from([(("swipes".to_owned(), "访客7".to_owned()), 3)]),
    }
}

/// The fund's register: of two openings of the month the later counts, another month's rows do not.
fn fund() -> DataFrame {
    df!(
        "date" => ["2026-09-01", "2026-10-01", "2026-10-02", "2026-10-16"].map(day),
        "kind" => ["opening", "opening", "opening", "spending"],
        "amount" => [1_i64, 5, 126_000, 2_500],
        "voucher" => [None, None, None, Some("JJ-1")],
        "purpose" => [None::<&str>, None, None, Some("水果")],
        "handled_by" => [None::<&str>; 4],
    )
    .unwrap()
}

/// Both workbooks of a month with these findings.
fn build(findings: &[Finding], language: Language) -> (Vec<u8>, Vec<u8>) {
    reported(findings, language, |report| (deductions(report).unwrap(), rewards(report).unwrap()))
}

/// What `read` makes of the report of a month with these findings.
pub(crate) fn reported<T>(findings: &[Finding], language: Language, read: impl FnOnce(&Report<'_>) -> T) -> T {
    let period = Period::new("2026-10".parse().unwrap(), 1);
    let person = |id: &str, name: &str| {
        let person = Person {
            id: id.to_owned(),
            name: name.to_owned(),
            department: "维修部".to_owned(),
            position: "工程师".to_owned(),
            manager_id: "M-9/1".to_owned(),
            email: String::new(),
            leave_date: (id == "00456").then(|| day("2026-11-02")),
        };
        (id.to_owned(), person)
    };
    let people = BTreeMap::from([person("00123", "王小明"), person("00456", "欧阳娜娜")]);
    let postings = postings(findings, period.month, 1);
    let suspension = |date: &str| Suspension {
        rule: "attendance",
        from: day(date),
        to: day(date),
        scope: String::new(),
        reason: "no-swipes",
        source: "swipes".to_owned(),
    };
    let rejected = Rejected {
        source: "leaves".to_owned(),
        file: "in/请假.csv".to_owned(),
        line: 12,
        column: "start".to_owned(),
        value: "昨天".to_owned(),
        reason: "not a date".to_owned(),
    };
    let mut policy = Policy::shipped();
    let deduct = Some(Value::Text("deduct".to_owned()));
    policy.set("limits.mode", vec![Dated { from: period.first, value: deduct, source: String::new() }]);
    let report = Report {
        language,
        centre: "客服中心",
        period,
        edition: 1,
        is_issued: false,
        rerun: None,
        adjustments: &[],
        objection_until: Some(day("2026-11-04")),
        findings,
        postings: &postings,
        ledger: &ledger(&postings),
        payroll: &ledger(&postings),
        suspensions: &[suspension("2026-10-08"), suspension("2026-10-09")],
        unaudited: &[crate::schema::findings::Unaudited {
            rule: "last-out",
            source: "inspections".to_owned(),
            reason: String::new(),
        }],
        shadow_rules: &std::collections::BTreeSet::new(),
        shadow: &[],
        rejected: &[rejected],
        inputs: &inputs(),
        history: &[],
        people: &people,
        deciders: &crate::schema::deciders::Deciders::default(),
        policy: &policy,
        imports: &[],
        basis: &[("config.toml".to_owned(), "cd".repeat(32))],
    };
    read(&report)
}

fn sheet(bytes: &[u8], name: &str) -> Range<Data> {
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    workbook.worksheet_range(name).unwrap()
}

/// The column under a head.
fn column(range: &Range<Data>, head: &str) -> Vec<Data> {
    let at = range.rows().next().unwrap().iter().position(|cell| *cell == Data::String(head.to_owned())).unwrap();
    range.rows().skip(1).map(|row| row[at].clone()).collect()
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

#[test]
fn equal_reports_give_equal_bytes() {
    for language in [Language::Chinese, Language::English] {
        assert!(build(&findings(), language) == build(&findings(), language));
    }
}

#[test]
fn the_fund_begins_gets_spends_and_keeps() {
    let (deductions, _) = build(&findings(), Language::Chinese);
    let fund = sheet(&deductions, "部门经费");
    assert_eq!(column(&fund, "收入(元)")[0], Data::Float(20.0));
    assert_eq!(column(&fund, "支出(元)")[1], Data::Float(25.0));
    let said = fund.rows().flatten().any(|cell| {
        *cell == Data::String("期初 1,260.00 + 本月收入 20.00 − 本月支出 25.00 = 期末 1,255.00 元".to_owned())
    });
    assert!(said, "{fund:?}");
}

#[test]
fn sheets_stand_in_order() {
    let (deductions, rewards) = build(&findings(), Language::Chinese);
    let names = |bytes: &[u8]| -> Vec<String> {
        let workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        workbook.sheet_names()
    };
    assert_eq!(
        names(&deductions),
        [
            "封面",
            "扣款明细",
            "扣款汇总",
            "待核待定",
            "部门经费",
            "书面警告",
            "旷工与加班",
            "提醒事项",
            "数据质量",
            "运行说明"
        ]
    );
    assert_eq!(names(&rewards), ["封面", "奖励表", "奖励汇总", "候选与待批"]);
}

#[test]
fn ids_are_text_and_data_is_no_formula() {
    let (deductions, _) = build(&findings(), Language::Chinese);
    let details = sheet(&deductions, "扣款明细");
    assert_eq!(column(&details, "工号"), [text("00123"), text("00123"), text("00123")]);
    assert_eq!(column(&details, "金额(元)"), [Data::Float(0.0), Data::Float(20.0), Data::Float(100.0)]);
    assert!(matches!(column(&details, "发生日期")[0], Data::DateTime(_)));
    let warnings = sheet(&deductions, "书面警告");
    assert_eq!(column(&warnings, "会议"), [text("=1+1 周会\u{FFFD}")]);
}

#[test]
fn totals_are_the_sums_of_the_engine() {
    let (deductions, rewards) = build(&findings(), Language::Chinese);
    let totals = sheet(&deductions, "扣款汇总");
    assert_eq!(column(&totals, "合计金额")[..2], [Data::Float(120.0), Data::Float(120.0)]);
    assert_eq!(column(&totals, "其中部门经费")[1], Data::Float(20.0));
    assert_eq!(column(&totals, "损失赔偿")[1], Data::Float(0.0));
    assert_eq!(column(&totals, "序号")[3], text("合计人民币(大写):壹佰贰拾元整 ¥120.00"));
    let rewards = sheet(&rewards, "奖励汇总");
    assert_eq!(column(&rewards, "合计金额")[..2], [Data::Float(300.5), Data::Float(300.5)]);
    assert_eq!(column(&rewards, "合计次数")[..2], [Data::Float(1.0), Data::Float(1.0)]);
    assert_eq!(column(&totals, "合计次数")[..2], [Data::Float(2.0), Data::Float(2.0)]);
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(deductions)).unwrap();
    let formulas = workbook.worksheet_formula("扣款汇总").unwrap();
    assert_eq!(formulas.get_value((2, 12)).map(String::as_str), Some("SUM(M2:M2)"));
}

#[test]
fn a_table_that_is_too_long_goes_on_in_a_second_sheet() {
    let mut findings = findings();
    findings.push(finding("meeting-late", "00456", "2026-10-21", "M-2", "charge", Some(2000)));
    let bytes = reported(&findings, Language::Chinese, |report| {
        let mut book = Book::new(report).unwrap();
        book.rows = 2;
        totals::write(&mut book, report).unwrap();
        book.workbook.save_to_buffer().unwrap()
    });
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
    assert_eq!(workbook.sheet_names()[..3], ["扣款汇总", "扣款汇总 2", "扣款汇总 3"]);
    assert_eq!(column(&sheet(&bytes, "扣款汇总 2"), "工号"), [text("00456")]);
    let total = workbook.worksheet_formula("扣款汇总 3").unwrap();
    assert_eq!(total.get_value((1, 12)).map(String::as_str), Some("SUM('扣款汇总'!M2:M2,'扣款汇总 2'!M2:M2)"));
    assert_eq!(column(&sheet(&bytes, "扣款汇总 3"), "合计金额"), [Data::Float(140.0)]);
}

#[test]
fn money_in_sentences_has_separators() {
    let shown = [5, 10_000, 140_950, 123_456_700, -12_345_600].map(|fen| grouped(Fen(fen)));
    assert_eq!(shown, ["0.05", "100.00", "1,409.50", "1,234,567.00", "-123,456.00"]);
}

#[test]
fn what_waits_names_whom_and_until_when() {
    let (deductions, _) = build(&findings(), Language::Chinese);
    let held = sheet(&deductions, "待核待定");
    assert_eq!(column(&held, "需谁处理"), [text("部门经理"), text("总经办")]);
    assert_eq!(column(&held, "原因"), [text("迟到类别未定"), text("金额空白")]);
    assert_eq!(column(&held, "金额(元)"), [Data::Empty, Data::Empty]);
    let cover = sheet(&deductions, "封面");
    let cells: Vec<String> = cover.rows().flatten().map(ToString::to_string).collect();
    for expected in [
        "10-08~10-09",
        "10-01~10-31",
        "考勤(迟到、旷工)",
        "未检查:未配置数据来源",
        "扣款上限:未启用(limits.mode = deduct)",
    ] {
        assert!(cells.iter().any(|cell| cell == expected), "{expected}: {cells:?}");
    }
}

#[test]
fn heads_are_those_of_the_practice_notes() {
    let (deductions, rewards) = build(&[], Language::Chinese);
    let heads = |bytes: &[u8], name: &str| -> String {
        let range = sheet(bytes, name);
        range.rows().next().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
    };
    let details = "序号 | 记录编号 | 扣款月份 | 发生月份 | 工号 | 姓名 | 部门 | 岗位 | 发生日期 | 依据条款 | 扣款项目 | 事实摘要 | 次数(本月第n次) | 单价(元) | 金额(元) | 归集去向 | 证据编号 | 状态 | 员工确认(日期) | 复核人 | 备注";
    assert_eq!(heads(&deductions, "扣款明细"), details);
    assert_eq!(heads(&deductions, "待核待定"), format!("{details} | 原因 | 需谁处理 | 截止日期"));
    assert_eq!(
        heads(&deductions, "扣款汇总"),
        "序号 | 工号 | 姓名 | 部门 | 迟到扣款(部门经费) | 会议扣款 | 安全检查扣款 | 联络扣款 | 投诉扣款 | 维修超期扣款 | 损失赔偿 | 合计次数 | 合计金额 | 其中部门经费 | 本人签字 | 备注"
    );
    assert_eq!(
        heads(&rewards, "奖励表"),
        "序号 | 申请编号 | 发放月份 | 工号 | 姓名 | 部门 | 嘉奖类别(六.2(n)) | 事迹(具体事实) | 证据编号 | 申请金额 | 批准金额 | 部门经理/日期 | 总经办/日期 | 状态 | 备注"
    );
}

/// Name and text of every part of a workbook, in order of the container.
fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let part = |index| {
        let part = archive.by_index(index).unwrap();
        (part.name().unwrap().into_owned(), std::io::read_to_string(part).unwrap())
    };
    (0..count).map(part).collect()
}
