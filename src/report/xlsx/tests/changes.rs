//! What a rerun and the adjustments of earlier months bring to the workbooks: signs, sums, who is settled by hand.

use super::*;
use crate::{
    schema::{
        adjustments::{Adjustment, Movement},
        difference::{Cause, CauseKind, Difference, FindingRow, Rerun, Version},
        findings::{LedgerRow, Posting},
    },
    settle::net,
};

fn row(id: &str, employee: &str, status: &str, amount: &str, summary: &str) -> FindingRow {
    let (status, reason) = status.split_once('(').unwrap_or((status, ""));
    let cells = FindingRow::COLUMNS.map(|column| match column {
        "finding_id" | "subject" => id,
        "rule" => id.split(':').next().unwrap(),
        "clause" => "二.3",
        "employee_id" => employee,
        "occurred_on" => "2026-10-13",
        "belongs_to" => "2026-10",
        "status" => status,
        "reason" => reason.trim_end_matches(')'),
        "quantity" => "2.50",
        "amount" => amount,
        "summary" => summary,
        _ => "",
    });
    FindingRow::new(cells.map(str::to_owned).to_vec()).unwrap()
}

fn cause(kind: CauseKind, source: &str, name: &str, rows: [Option<u64>; 2], lines: [Vec<String>; 2]) -> Cause {
    let version = |digit: &str, rows| Some(Version { sha256: digit.repeat(64), rows });
    let (source, name) = (source.to_owned(), name.to_owned());
    Cause { kind, source, name, before: version("a", rows[0]), after: version("b", rows[1]), lines }
}

/// Of one employee a deduction is gone, of the other one is new, of both one is not what it was.
pub(crate) fn rerun() -> Rerun {
    let values = |value: &str| (1..=30).map(|at| format!("late.a{at}.amount = {value}")).collect();
    let late = |status, amount, summary| row("late-arrival:00123:2026-10-12", "00123", status, amount, summary);
    let difference = Difference {
        removed: vec![row("late-arrival:00123:2026-10-13", "00123", "charge", "20.00", "迟到12分钟")],
        added: vec![
            row("meeting-absence:00456:M-2", "00456", "charge", "100.00", "会议缺席"),
            row("overtime:00456:J-9", "00456", "hours", "", "加班2.50小时"),
        ],
        changed: vec![(late("hold(late-class)", "", "迟到"), late("charge", "30.00", "迟到,B类"))],
    };
    let causes = vec![
        cause(CauseKind::Policy, "", "", [None; 2], [values("20"), values("30")]),
        cause(CauseKind::Input, "leaves", "in/请假_2026-10.csv", [Some(11), Some(12)], [vec![], vec!["x".to_owned()]]),
    ];
    Rerun { base: 1, causes, net: net(&difference), difference }
}

fn adjustment(id: &str, rule: &'static str, movement: Movement, edition: u32, amount: i64) -> Adjustment {
    let is_hours = movement.is_hours();
    let is_reward = matches!(movement, Movement::Reward | Movement::ReverseReward);
    Adjustment {
        finding_id: format!("{rule}:{id}:2026-09-14"),
        employee_id: id.to_owned(),
        rule,
        destination: match rule {
            "late-arrival" => "department-fund",
            _ if is_reward || is_hours => "",
            _ => "company",
        },
        belongs_to: "2026-09".parse().unwrap(),
        edition,
        movement,
        amount: Fen(if is_hours { 0 } else { amount }),
        hours: if is_hours { amount } else { 0 },
        is_settled_by_hand: id == "00789",
        occurred_on: "2026-09-14".to_owned(),
        summary: format!("{rule} 2026-09-14"),
    }
}

/// One is charged less, one gets a smaller reward and hours, one was charged wrongly and has nothing else this month,
/// one has left.
pub(crate) fn adjustments() -> Vec<Adjustment> {
    use Movement::{Deduct, Hours, ReverseDeduct, ReverseReward, Reward};
    vec![
        adjustment("00123", "late-arrival", ReverseDeduct, 1, 2_000),
        adjustment("00123", "late-arrival", Deduct, 2, 1_500),
        adjustment("00456", "overtime", Hours, 2, 250),
        adjustment("00456", "reward", ReverseReward, 1, 10_000),
        adjustment("00456", "reward", Reward, 2, 6_000),
        adjustment("00777", "meeting-absence", ReverseDeduct, 1, 10_000),
        adjustment("00789", "meeting-late", ReverseDeduct, 1, 5_000),
    ]
}

/// What `read` makes of a month that takes these adjustments up, with postings and ledgers of both.
pub(crate) fn adjusted<T>(language: Language, read: impl FnOnce(&Report<'_>) -> T) -> T {
    let adjustments = adjustments();
    reported(&findings(), language, |report| {
        let month = report.period.month;
        let posting = |one: &Adjustment| Posting {
            id: format!("{month}/001/{}/{}", one.finding_id, one.movement.word()),
            finding_id: one.finding_id.clone(),
            edition: one.edition,
            employee_id: one.employee_id.clone(),
            rule: one.rule,
            direction: one.movement.word(),
            amount: one.amount,
            destination: one.destination,
            belongs_to: one.belongs_to,
            paid_in: month,
        };
        let moved = adjustments.iter().filter(|one| !one.movement.is_hours()).map(posting);
        let postings: Vec<Posting> = report.postings.iter().cloned().chain(moved).collect();
        let ledger = ledger(&postings);
        let payroll: Vec<LedgerRow> = ledger.iter().filter(|row| row.employee_id != "00789").cloned().collect();
        let report =
            Report { adjustments: &adjustments, postings: &postings, ledger: &ledger, payroll: &payroll, ..*report };
        read(&report)
    })
}

fn texts(range: &Range<Data>) -> String {
    range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|") + "\n").collect()
}

fn assert_said(text: &str, all: &[&str]) {
    for said in all {
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
}

fn of_rerun(language: Language) -> Vec<u8> {
    let rerun = rerun();
    reported(&findings(), language, |report| {
        let report = Report { edition: 2, is_issued: true, rerun: Some(&rerun), ..*report };
        difference(&report, &rerun).unwrap()
    })
}

#[test]
fn a_difference_says_first_what_has_changed() {
    let bytes = of_rerun(Language::Chinese);
    let workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["依据变化", "差异明细", "每人净额"]);
    let causes = texts(&sheet(&bytes, "依据变化"));
    assert_said(
        &causes,
        &[
            "客服中心 2026-10 第2次重算，替代第1次",
            "政策|||aaaaaaaaaaaa|bbbbbbbbbbbb|||30|30",
            "输入|请假|in/请假_2026-10.csv|aaaaaaaaaaaa|bbbbbbbbbbbb|11|12|0|1",
            "未变化:日历、配置、程序",
            "政策|原|late.a1.amount = 20",
            "政策|现|late.a20.amount = 30",
            "… +20",
            "取消 1 条,新增 2 条,变更 1 条",
            "退给员工:0 人,0.00 元;向员工补扣:2 人,110.00 元;净额 -110.00 元",
            "本工作簿不得导入工资系统",
        ],
    );
    assert!(!causes.contains("late.a21.amount = 30"), "no more than forty values are written out");
    assert!(of_rerun(Language::English) == of_rerun(Language::English), "same bytes");
    let english = of_rerun(Language::English);
    assert_said(&texts(&sheet(&english, "Causes")), &["recalculated: edition 2 replaces 1", "Import nothing"]);
    assert_said(&texts(&sheet(&english, "Changes")), &["removed", "added", "changed"]);
    assert_said(&texts(&sheet(&english, "Net")), &["from the employee"]);
}

#[test]
fn a_difference_where_only_decisions_differ_says_so() {
    for (causes, said) in [
        (
            vec![cause(CauseKind::Input, "decisions", "decisions.csv", [Some(1), Some(2)], [vec![], vec![]])],
            "只有处理决定不同",
        ),
        (Vec::new(), "政策、日历、配置、程序和输入文件均未变化。"),
    ] {
        let rerun = Rerun { causes, ..rerun() };
        let bytes = reported(&findings(), Language::Chinese, |report| difference(report, &rerun).unwrap());
        assert_said(&texts(&sheet(&bytes, "依据变化")), &[said, "政策值和日历未变化"]);
    }
}

#[test]
fn what_is_gone_stands_before_what_is_new_and_what_is_not_the_same() {
    let bytes = of_rerun(Language::Chinese);
    let changes = sheet(&bytes, "差异明细");
    assert_eq!(column(&changes, "变化")[..4], ["取消", "新增", "新增", "变更"].map(text));
    assert_eq!(column(&changes, "工号")[..4], ["00123", "00456", "00456", "00123"].map(text));
    assert_eq!(column(&changes, "姓名")[0], text("王小明"));
    assert!(matches!(column(&changes, "发生日期")[0], Data::DateTime(_)));
    assert_eq!(column(&changes, "原金额(元)")[..4], [Data::Float(20.0), Data::Empty, Data::Empty, Data::Empty]);
    assert_eq!(column(&changes, "现金额(元)")[..4], [Data::Empty, Data::Float(100.0), Data::Empty, Data::Float(30.0)]);
    assert_eq!(
        (column(&changes, "原状态")[3].clone(), column(&changes, "现状态")[3].clone()),
        (text("待核"), text("扣款"))
    );
    assert_eq!(column(&changes, "摘要(原→现)")[3], text("迟到 → 迟到,B类"));
    assert_eq!(column(&changes, "不同的栏目")[3], text("状态、原因、金额(元)、事实摘要"));
}

#[test]
fn the_net_of_each_employee_and_its_total() {
    let bytes = of_rerun(Language::Chinese);
    let nets = sheet(&bytes, "每人净额");
    let money = |head: &str| column(&nets, head)[..3].to_vec();
    assert_eq!(money("原扣款(元)"), [20.0, 0.0, 20.0].map(Data::Float));
    assert_eq!(money("现扣款(元)"), [30.0, 100.0, 130.0].map(Data::Float));
    assert_eq!(money("净额(元)(正数退给员工)"), [-10.0, -100.0, -110.0].map(Data::Float));
    assert_eq!(column(&nets, "工时变化")[1], Data::Float(2.5));
    assert_eq!(column(&nets, "方向")[..2], ["向员工补扣", "向员工补扣"].map(text));
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
    let formulas = workbook.worksheet_formula("每人净额").unwrap();
    assert_eq!(formulas.get_value((3, 9)).map(String::as_str), Some("SUM(J2:J3)"));
}

#[test]
fn the_mirrored_difference_has_the_other_sign() {
    let forth = rerun();
    let Difference { removed, added, changed } = forth.difference.clone();
    let changed = changed.into_iter().map(|(was, is)| (is, was)).collect();
    let difference = Difference { removed: added, added: removed, changed };
    for (there, back) in forth.net.iter().zip(net(&difference)) {
        assert_eq!(there.favour().0, -back.favour().0);
    }
}

#[test]
fn a_reissued_edition_is_not_for_payroll() {
    let rerun = rerun();
    reported(&findings(), Language::Chinese, |report| {
        let report = Report { edition: 2, is_issued: true, rerun: Some(&rerun), postings: &[], ..*report };
        for bytes in [deductions(&report).unwrap(), rewards(&report).unwrap()] {
            let cover = texts(&sheet(&bytes, "封面"));
            assert_said(&cover, &["第 2 版,重算", "本版(第 2 版)替代第 1 版", "不用于发放工资", "请勿导入"]);
            assert!(!cover.contains("已签发"), "{cover}");
        }
        let bytes = deductions(&report).unwrap();
        assert_said(&texts(&sheet(&bytes, "运行说明")), &["替代版次|1", "120.00 一致", "本版不记账"]);
        assert!(!texts(&sheet(&bytes, "运行说明")).contains("不一致"));
        let papers: BTreeMap<String, Vec<u8>> = papers(&report).unwrap().into_iter().collect();
        assert_said(
            &texts(&sheet(&papers["slips/00123.xlsx"], "确认单")),
            &["重算", "本月已重新核算(第 2 版,替代第 1 版)"],
        );
    });
}

#[test]
fn totals_are_what_payroll_imports_and_may_be_below_zero() {
    adjusted(Language::Chinese, |report| {
        let bytes = deductions(report).unwrap();
        let totals = sheet(&bytes, "扣款汇总");
        assert_eq!(column(&totals, "工号")[..2], [text("00123"), text("00777")]);
        assert_eq!(column(&totals, "以前月份补扣")[..3], [15.0, 0.0, 15.0].map(Data::Float));
        assert_eq!(column(&totals, "以前月份退回")[..3], [20.0, 100.0, 120.0].map(Data::Float));
        assert_eq!(column(&totals, "合计金额")[..3], [115.0, -100.0, 15.0].map(Data::Float));
        assert_eq!(column(&totals, "其中部门经费")[..3], [15.0, 0.0, 15.0].map(Data::Float));
        assert_eq!(column(&totals, "合计次数")[..3], [2.0, 0.0, 2.0].map(Data::Float));
        let payroll = |word: &str| -> i64 {
            report.payroll.iter().filter(|row| row.direction == word).map(|row| row.amount.0).sum()
        };
        assert_eq!(super::super::totals::sum(report).unwrap(), Fen(payroll("deduct") - payroll("reverse-deduct")));
        let rewards = sheet(&rewards(report).unwrap(), "奖励汇总");
        assert_eq!(column(&rewards, "以前月份补发")[..2], [60.0, 60.0].map(Data::Float));
        assert_eq!(column(&rewards, "以前月份收回")[..2], [100.0, 100.0].map(Data::Float));
        assert_eq!(column(&rewards, "合计金额")[..2], [260.5, 260.5].map(Data::Float));
        assert_eq!(column(&rewards, "合计次数")[0], Data::Float(1.0));
    });
}

#[test]
fn a_month_that_pays_back_more_than_it_deducts_has_a_sum_below_zero_in_words() {
    let back = [adjustment("00777", "meeting-absence", Movement::ReverseDeduct, 1, 10_000)];
    reported(&[], Language::Chinese, |report| {
        let bytes = deductions(&Report { adjustments: &back, ..*report }).unwrap();
        assert_said(&texts(&sheet(&bytes, "扣款汇总")), &["合计人民币(大写):负壹佰元整 ¥-100.00"]);
    });
}

#[test]
fn adjustments_stand_one_by_one_and_who_has_left_apart() {
    adjusted(Language::Chinese, |report| {
        let bytes = deductions(report).unwrap();
        let adjustments = sheet(&bytes, "以前月份调整");
        let six = |head: &str| column(&adjustments, head)[..6].to_vec();
        assert_eq!(
            six("方向"),
            ["冲正退回扣款", "补扣", "补工时", "冲正收回奖励", "补发奖励", "冲正退回扣款"].map(text)
        );
        let net = "净额(元)(正数退给员工)";
        let signed = [20.0, -15.0].map(Data::Float).into_iter().chain([Data::Empty]);
        assert_eq!(six(net), signed.chain([-100.0, 60.0, 100.0].map(Data::Float)).collect::<Vec<_>>());
        assert_eq!(column(&adjustments, net)[6], Data::Float(65.0), "the total is the net");
        assert_eq!(six("工时")[2], Data::Float(2.5));
        assert_eq!(six("冲正或入账版次")[..2], ["001", "002"].map(text));
        assert_eq!(six("扣款月份")[0], text("2026-10"));
        let all = texts(&adjustments);
        assert_said(
            &all,
            &[
                "退给员工 180.00 元 = 冲正退回扣款 120.00 + 补发奖励 60.00",
                "向员工收取 115.00 元 = 补扣 15.00 + 冲正收回奖励 100.00",
                "净额 65.00 元",
                "工时:补 2.50 小时,冲正 0.00 小时",
                "离职结算",
                "人工结清",
                "净额 50.00 元",
            ],
        );
        let (paid, by_hand) = all.split_once("离职结算").unwrap();
        assert!(!paid.contains("00789") && by_hand.contains("00789"));
        let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
        let formulas = workbook.worksheet_formula("以前月份调整").unwrap();
        let own: Vec<String> = formulas.used_cells().map(|(.., formula)| formula.clone()).collect();
        assert_eq!(own[0], "SUM(L2:L7)");
        assert!(own.len() == 2 && own[1] != own[0], "{own:?}");
        let none = reported(&findings(), Language::Chinese, |report| deductions(report).unwrap());
        let names =
            |bytes: &[u8]| calamine::open_workbook_from_rs::<Xlsx<_>, _>(Cursor::new(bytes)).unwrap().sheet_names();
        assert!(!names(&none).contains(&"以前月份调整".to_owned()));
        assert_eq!(names(&bytes)[3], "以前月份调整");
    });
}

#[test]
fn cover_run_and_fund_agree_with_adjustments() {
    adjusted(Language::Chinese, |report| {
        let bytes = deductions(report).unwrap();
        assert_said(
            &texts(&sheet(&bytes, "封面")),
            &[
                "以前月份调整(冲正)",
                "冲正退回扣款|随本月工资|2|2|120|",
                "补工时|随本月工资|1|1||2.5",
                "冲正退回扣款|离职结算(人工)|1|1|50|",
                "工资导入扣款:本月 120.00 + 补扣 15.00 − 退回 120.00 = 15.00 元",
                "工资导入奖励:本月 300.50 + 补发 60.00 − 收回 100.00 = 260.50 元",
                "调整后有 1 人须补扣或退回奖励,共 40.00 元",
                "离职结算 1 条,1 人,净额 50.00 元",
            ],
        );
        let run = texts(&sheet(&bytes, "运行说明"));
        assert!(!run.contains("不一致"), "{run}");
        assert_said(
            &run,
            &[
                "采用的以前月份版次|2026-09 冲正第1版",
                "采用的以前月份版次|2026-09 入账第2版",
                "扣款|135|135|135|135.00 一致",
                "冲正退回扣款|170|170|170|170.00 一致",
                "工资导入:扣款净额|15||15|15.00 一致",
                "工资导入:奖励净额|260.5||260.5|260.50 一致",
            ],
        );
        let fund = sheet(&bytes, "部门经费");
        assert_eq!(column(&fund, "收入(元)")[..3], [20.0, -20.0, 15.0].map(Data::Float));
        assert_said(
            &texts(&fund),
            &["late-arrival:00123:2026-09-14", "2026-09 月份", "本月收入 15.00 − 本月支出 25.00"],
        );
    });
}

#[test]
fn sums_that_do_not_agree_are_said() {
    adjusted(Language::Chinese, |report| {
        let run = |report: &Report<'_>| texts(&sheet(&deductions(report).unwrap(), "运行说明"));
        assert!(run(&Report { postings: &[], ..*report }).contains("135.00 不一致!"));
        assert!(run(&Report { payroll: report.ledger, ..*report }).contains("工资导入:扣款净额|15||-35|15.00 不一致!"));
    });
}

#[test]
fn a_slip_lists_the_own_adjustments_also_of_who_has_nothing_else() {
    adjusted(Language::Chinese, |report| {
        let papers: BTreeMap<String, Vec<u8>> = papers(report).unwrap().into_iter().collect();
        let slips: Vec<&str> = papers.keys().filter_map(|name| name.strip_prefix("slips/")).collect();
        assert_eq!(slips, ["00123.xlsx", "00456.xlsx", "00777.xlsx", "00789.xlsx"]);
        let slip = |id: &str| texts(&sheet(&papers[&format!("slips/{id}.xlsx")], "确认单"));
        assert_said(&slip("00123"), &["以前月份调整", "冲正退回扣款", "以前月份调整净额:5.00 元"]);
        assert_said(&slip("00456"), &["以前月份调整净额:-40.00 元", "2.5"]);
        assert_said(&slip("00777"), &["工号 00777", "meeting-absence:00777:2026-09-14", "以前月份调整净额:100.00 元"]);
        assert_said(&slip("00789"), &["离职结算(人工)"]);
    });
}

#[test]
fn english_sheets_have_adjustments_too() {
    adjusted(Language::English, |report| {
        let bytes = deductions(report).unwrap();
        assert_said(
            &texts(&sheet(&bytes, "Adjustments")),
            &["deduction paid back", "Final settlement", "To employees 180.00"],
        );
        assert_said(
            &texts(&sheet(&bytes, "Cover")),
            &["Adjustments of earlier months", "money is taken from 1 people"],
        );
    });
}

#[test]
fn the_table_of_adjustments() {
    adjusted(Language::Chinese, |report| {
        let bytes = crate::report::csv::adjustments(report).unwrap();
        let table = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = table.trim_start_matches('\u{feff}').split("\r\n").collect();
        assert_eq!(
            lines[0],
            "finding_id,employee_id,rule,belongs_to,edition,movement,amount,hours,destination,occurred_on,settled_by_hand,summary"
        );
        assert_eq!(
            lines[1],
            "late-arrival:00123:2026-09-14,00123,late-arrival,2026-09,001,reverse-deduct,20.00,,department-fund,2026-09-14,n,late-arrival 2026-09-14"
        );
        assert!(lines[3].contains(",hours,,2.50,,"), "{}", lines[3]);
        assert!(lines[7].contains(",50.00,,company,2026-09-14,y,"), "{}", lines[7]);
        assert_eq!(lines.len(), 9);
    });
}

#[test]
fn who_has_not_answered() {
    let objected = finding("meeting-late", "00123", "2026-10-20", "M-2", "hold(objection)", Some(2000));
    let pending = finding("reward", "00456", "2026-10-20", "J-9", "notice(pending)", None);
    let nobody = finding("last-out", "", "2026-10-20", "X-1", "hold(last-out)", Some(2000));
    let all: Vec<Finding> = findings().into_iter().chain([objected, pending, nobody]).collect();
    let waiting = reported(&all, Language::Chinese, crate::report::waiting::waiting);
    let due = Some(day("2026-10-16"));
    assert_eq!(
        waiting.into_iter().collect::<Vec<_>>(),
        [
            ("general-manager".to_owned(), (2, None)),
            ("hr".to_owned(), (1, due)),
            ("manager M-9/1".to_owned(), (1, due)),
            ("manager M-9/1 or general-manager".to_owned(), (1, due)),
        ]
    );
}
