//! What single people get: slips, letters, managers' workbooks and the answers workbook.

use super::*;
use crate::base::code::code_of;

fn papers_of(findings: &[Finding], language: Language) -> BTreeMap<String, Vec<u8>> {
    reported(findings, language, |report| papers(report).unwrap().into_iter().collect())
}

/// All texts of a sheet.
fn texts(bytes: &[u8], name: &str) -> String {
    let range = sheet(bytes, name);
    range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|") + "\n").collect()
}

#[test]
fn a_slip_holds_the_own_rows_alone_with_evidence_in_words() {
    let papers = papers_of(&findings(), Language::Chinese);
    let names: Vec<&str> = papers.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["letters/JG-00123-M-1.xlsx", "managers/M-9%2F1.xlsx", "slips/00123.xlsx", "slips/00456.xlsx"],
        "a finding without a charge gives no letter, one without anything no slip"
    );
    let own = texts(&papers["slips/00123.xlsx"], "确认单");
    assert!(own.contains("王小明") && !own.contains("欧阳娜娜") && !own.contains("WX-1"), "{own}");
    for said in [
        "门禁打卡 首次打卡 08:42(打卡_2026-10.csv 第1行)",
        "缺席处以100元/次的罚款并给予书面警告。",
        "请于 2026-11-04(含)前核对",
        "合计人民币(大写):壹佰贰拾元整 ¥120.00",
        "□无异议 □有异议",
        "未签字、未回复不等于同意",
    ] {
        assert!(own.contains(said), "{said} is not in\n{own}");
    }
    // Who leaves within the window has the same time.
    assert!(texts(&papers["slips/00456.xlsx"], "确认单").contains("请于 2026-11-04(含)前核对"));
}

#[test]
fn a_candidate_for_a_reward_is_no_row_of_the_slip() {
    let candidate = finding("reward-candidate", "00123", "2026-10-20", "1:2026-10", "notice", None);
    let papers = papers_of(&[candidate], Language::Chinese);
    assert_eq!(papers.keys().map(String::as_str).collect::<Vec<_>>(), ["managers/M-9%2F1.xlsx"]);
}

#[test]
fn a_letter_quotes_the_clause_and_says_how_to_object() {
    let warned = finding("unreachable", "00123", "2026-10-20", "2026-10", "notice(warning)", None);
    let findings = [finding("meeting-absence", "00456", "2026-10-15", "M-1", "charge", Some(10000)), warned];
    for (language, said) in [
        (Language::Chinese, ["JG-00456-M-1", "缺席处以100元/次的罚款并给予书面警告。", "扣款100.00元", "2026-11-04"]),
        (
            Language::English,
            ["JG-00456-M-1", "缺席处以100元/次的罚款并给予书面警告。", "deduction of 100.00", "2026-11-04"],
        ),
    ] {
        let papers = papers_of(&findings, language);
        let letters: Vec<&String> = papers.keys().filter(|name| name.starts_with("letters/")).collect();
        assert_eq!(letters, ["letters/JG-00123-unreachable-2026-10.xlsx", "letters/JG-00456-M-1.xlsx"]);
        let name = if language == Language::Chinese { "书面警告通知书" } else { "Written warning" };
        let letter = texts(&papers["letters/JG-00456-M-1.xlsx"], name);
        for said in said {
            assert!(letter.contains(said), "{said} is not in\n{letter}");
        }
    }
}

#[test]
fn a_manager_sees_counts_rows_and_what_to_answer() {
    let papers = papers_of(&findings(), Language::Chinese);
    let book = &papers["managers/M-9%2F1.xlsx"];
    let staff = sheet(book, "人员汇总");
    assert_eq!(column(&staff, "工号")[..2], [text("00123"), text("00456")]);
    assert_eq!(column(&staff, "扣款")[..2], [Data::Float(2.0), Data::Float(0.0)]);
    assert_eq!(column(&staff, "待核待定")[..2], [Data::Float(1.0), Data::Float(1.0)]);
    assert_eq!(column(&staff, "扣款金额(元)")[0], Data::Float(120.0));
    assert_eq!(column(&sheet(book, "本部门记录"), "记录编号").len(), 6);
    // The class of a lateness is the manager's to say; a blank amount is not.
    assert_eq!(column(&sheet(book, "待核答复"), "记录编号"), [text("late-arrival:00123:2026-10-14")]);
}

#[test]
fn an_answer_sheet_names_each_held_line_by_text_id_and_code() {
    let bytes = reported(&findings(), Language::Chinese, |report| answers(report).unwrap());
    let range = sheet(&bytes, "待核答复");
    let ids = ["late-arrival:00123:2026-10-14", "repair-completion:00456:WX-1"];
    assert_eq!(column(&range, "记录编号"), ids.map(text));
    assert_eq!(column(&range, "短码"), ids.map(|id| text(&code_of(id))));
    assert_eq!(column(&range, "需谁处理"), [text("部门经理"), text("总经办")]);
    assert_eq!(column(&range, "可选答复"), [text("确认:值填 A 或 B;免除=不处理"), text("确认:填金额;免除=不处理")]);
    for input in ["决定", "值(类别/工号)", "金额(元)", "决定人", "决定时间", "决定理由"] {
        assert!(column(&range, input).iter().all(|cell| *cell == Data::Empty), "{input}");
    }
}

#[test]
fn what_can_be_answered_follows_from_the_clause() {
    let nobody = |rule, status| finding(rule, "", "2026-10-20", "X-1", status, Some(2000));
    let mut objected = finding("meeting-late", "00123", "2026-10-20", "M-2", "hold(objection)", Some(2000));
    objected.ruled = Some((Status::Charge, String::new()));
    let findings = [
        nobody("last-out", "hold(last-out)"),
        nobody("repair-delivery", "hold(no-assignee)"),
        finding("complaint", "00123", "2026-10-12", "S-1", "hold(ungraded)", None),
        objected,
        finding("meeting-late", "00123", "2026-10-21", "M-3", "hold(unacknowledged)", Some(2000)),
        finding("unreachable", "00123", "2026-10-21", "2026-10", "hold(warning-or-fine)", None),
        finding("overtime-refusal", "00123", "2026-10-21", "J-1", "hold(refusal)", None),
        finding("reward", "00123", "2026-10-21", "J-2", "hold(cross-check)", Some(20000)),
    ];
    let bytes = reported(&findings, Language::Chinese, |report| answers(report).unwrap());
    let expected = [
        "指定并确认:值填工号,确认=扣款20.00元;指定责任人:值填工号;免除=不处理",
        "指定责任人:值填工号;免除=不处理",
        "确认:填金额(20.00至100.00元);免除=不处理",
        "请写决定时间(日期和钟点);驳回异议=恢复原判;减少金额:填低于20.00元的金额;免除=不处理",
        "查到事发当日或以前的签收记录的,补进签收登记表;免除=不处理",
        "确认不填金额=警告;填金额(20.00至50.00元)=扣款;免除=不处理",
        "确认不填金额=只记录;填金额=从本人当月奖励中扣减;免除=不处理",
        "确认=奖励200.00元,也可填较低金额;免除=不发奖励",
    ];
    assert_eq!(column(&sheet(&bytes, "待核答复"), "可选答复"), expected.map(text));
    let lists = parts(&bytes).into_iter().find(|(name, _)| name == "xl/worksheets/sheet1.xml").unwrap().1;
    for list in ["指定并确认,指定责任人,免除", "驳回异议,减少金额,免除", "确认,免除"] {
        assert!(lists.contains(&format!("<formula1>\"{list}\"</formula1>")), "{list} is not offered");
    }
    assert!(lists.contains("<sheetProtection"), "the sheet is not locked");
}

#[test]
fn ids_become_safe_file_names() {
    assert_eq!(file_stem("0102"), "0102");
    assert_eq!(file_stem("../A b%"), "%2E%2E%2FA%20b%25");
    assert_ne!(file_stem("a/b"), file_stem("a%2Fb"));
    assert_eq!(file_stem("张三-1"), "张三-1");
    let long = "字".repeat(200);
    assert!(file_stem(&long).len() < 130 && file_stem(&long) != file_stem(&(long.clone() + "x")));
}
