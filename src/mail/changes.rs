//! What a mail says of a rerun: what has changed first, then the lines that differ, then the net of each employee; and
//! what a month takes up of earlier ones.

use super::message::Section;
use crate::{
    base::money::Fen,
    report::{
        Language, Report,
        adjusted::{Adjusted, settled},
        words::{filled, word, word_or},
    },
    schema::{
        adjustments::Movement,
        difference::{Cause, CauseKind, FindingRow, Net, Rerun, Version},
    },
};

/// So many lines of a list are written out; the workbook has all.
const LINES: usize = 30;
/// So many employees.
const PEOPLE: usize = 50;

/// What decides the result and has changed, what differs, and the net amounts.
pub(super) fn difference(report: &Report<'_>, rerun: &Rerun) -> Vec<Section> {
    let language = report.language;
    let title = |key: &str| word(language, key).to_owned();
    let mut causes: Vec<String> = rerun.causes.iter().map(|one| cause(language, one)).collect();
    if causes.is_empty() {
        causes.push(title("difference.no-cause"));
    }
    let mut net: Vec<String> = rerun.net.iter().take(PEOPLE).map(|net| favour(language, net)).collect();
    net.extend(more(language, rerun.net.len(), PEOPLE));
    if net.is_empty() {
        net.push(title("difference.no-net"));
    }
    vec![
        (title("mail.difference"), causes),
        (title("mail.difference.findings"), findings(language, rerun)),
        (title("mail.difference.net"), net),
    ]
}

/// The sources and names of the inputs that changed, and nothing of what is in them.
pub(super) fn inputs(language: Language, rerun: &Rerun) -> Section {
    let changed = rerun.causes.iter().filter(|cause| cause.kind == CauseKind::Input);
    let mut lines: Vec<String> = changed.map(|cause| name(language, cause)).collect();
    lines.dedup();
    if lines.is_empty() {
        lines.push(word(language, "none").to_owned());
    }
    (word(language, "mail.difference.inputs").to_owned(), lines)
}

/// 输入 门禁打卡 `打卡.csv`: kind, source, and the file's own name.
fn name(language: Language, cause: &Cause) -> String {
    let source = if cause.source.is_empty() { String::new() } else { word_or(language, "source", &cause.source) };
    let file = cause.name.rsplit('/').next().unwrap_or(&cause.name);
    let parts = [word_or(language, "cause", cause.kind.word()), source, file.to_owned()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn cause(language: Language, cause: &Cause) -> String {
    let absent = word(language, "change.absent");
    let [before, after] = [&cause.before, &cause.after].map(Option::as_ref);
    let hash = |version: Option<&Version>| version.map_or(absent, Version::short).to_owned();
    let mut line = filled(language, "mail.difference.cause", &[&name(language, cause), &hash(before), &hash(after)]);
    let rows = |version: Option<&Version>| version.and_then(|version| version.rows);
    if rows(before).or(rows(after)).is_some() {
        let shown = [before, after].map(|one| rows(one).map_or_else(|| absent.to_owned(), |rows| rows.to_string()));
        line += &filled(language, "mail.difference.rows", &shown.each_ref().map(String::as_str));
    }
    let counts = cause.lines.each_ref().map(Vec::len);
    if counts != [0, 0] {
        let counts = counts.map(|count| count.to_string());
        line += &filled(language, "mail.difference.lines", &counts.each_ref().map(String::as_str));
    }
    line
}

/// The numbers of lines that differ, then the lines.
fn findings(language: Language, rerun: &Rerun) -> Vec<String> {
    let difference = &rerun.difference;
    let (removed, added, changed) = (&difference.removed, &difference.added, &difference.changed);
    let counts = [removed.len(), added.len(), changed.len()].map(|count| count.to_string());
    let mut lines = vec![filled(language, "mail.difference.counts", &counts.each_ref().map(String::as_str))];
    let line = |kind: &str, row: &FindingRow, what: &str| {
        filled(language, "mail.difference.line", &[word(language, kind), row.id(), what])
    };
    let one = |kind: &'static str| move |row: &FindingRow| line(kind, row, &judged(language, row));
    lines.extend(removed.iter().take(LINES).map(one("change.removed")));
    lines.extend(more(language, removed.len(), LINES));
    lines.extend(added.iter().take(LINES).map(one("change.added")));
    lines.extend(more(language, added.len(), LINES));
    let (weighed, weighty) = difference.weighed();
    lines.extend(weighed.into_iter().take(weighty.min(LINES)).map(|(was, is)| {
        let what = format!("{} → {}", judged(language, was), judged(language, is));
        line("change.changed", is, &what)
    }));
    lines.extend(more(language, weighty, LINES));
    if changed.len() > weighty {
        lines.push(filled(language, "mail.difference.wording", &[&(changed.len() - weighty).to_string()]));
    }
    lines
}

/// Status and amount: 扣款 20.00.
fn judged(language: Language, row: &FindingRow) -> String {
    format!("{} {}", word_or(language, "status", row.cell("status")), row.cell("amount")).trim_end().to_owned()
}

/// How many of `count` the mail leaves out.
fn more(language: Language, count: usize, shown: usize) -> Option<String> {
    (count > shown).then(|| filled(language, "mail.difference.more", &[&(count - shown).to_string()]))
}

fn favour(language: Language, net: &Net) -> String {
    let line = format!("{}: {}", net.employee_id, signed(net.favour().0));
    match net.hours[1] - net.hours[0] {
        0 => line,
        change => line + &filled(language, "mail.difference.hours", &[&signed(change)]),
    }
}

/// Two decimals with the sign.
fn signed(hundredths: i64) -> String {
    format!("{}{}", if hundredths > 0 { "+" } else { "" }, Fen(hundredths))
}

/// What is taken up of earlier months: counts and sums by direction, the net, and what is settled by hand.
pub(super) fn adjusted(report: &Report<'_>) -> Vec<String> {
    if report.adjustments.is_empty() {
        return Vec::new();
    }
    let language = report.language;
    let [paid, by_hand] = [false, true].map(|by_hand| Adjusted::of(settled(report, by_hand)));
    let ways = Movement::ALL.into_iter().filter(|way| paid.count(*way) > 0);
    let mut lines: Vec<String> = ways
        .map(|way| {
            let name = word_or(language, "movement", way.word());
            let (key, sum) = if way.is_hours() {
                ("mail.adjusted-hours", Fen(paid.hours(way)))
            } else {
                ("mail.adjusted", paid.sum(way))
            };
            filled(language, key, &[&name, &paid.count(way).to_string(), &sum.to_string()])
        })
        .collect();
    lines.push(filled(language, "mail.adjusted-net", &[&signed(paid.favour().0)]));
    if by_hand.count > 0 {
        let texts = [by_hand.count.to_string(), by_hand.people.to_string(), signed(by_hand.favour().0)];
        lines.push(filled(language, "mail.adjusted-by-hand", &texts.each_ref().map(String::as_str)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mail::{Handed, Recipient, compose},
        report::xlsx::tests::{
            changes::{adjusted as month, rerun},
            findings, reported,
        },
    };

    /// Subject and text of the mail to a role.
    fn mail(report: &Report<'_>, role: &str) -> (String, String) {
        let to = Recipient { role, address: "a@example.com", name: "" };
        let bytes =
            compose(report, "b@example.com", (1, &to), chrono_tz::Asia::Shanghai, (&Handed::default(), Vec::new()))
                .unwrap();
        let lines: Vec<String> = super::super::compose::sections(report, role, &Handed::default())
            .into_iter()
            .flat_map(|(title, lines)| [title].into_iter().chain(lines))
            .collect();
        assert_eq!(
            bytes,
            compose(report, "b@example.com", (1, &to), chrono_tz::Asia::Shanghai, (&Handed::default(), Vec::new()))
                .unwrap()
        );
        (super::super::compose::subject(report), lines.join("\n"))
    }

    fn of_rerun(language: Language, role: &str) -> (String, String) {
        let rerun = rerun();
        reported(&findings(), language, |report| {
            mail(&Report { edition: 2, is_issued: true, rerun: Some(&rerun), ..*report }, role)
        })
    }

    #[test]
    fn a_rerun_says_what_has_changed_then_the_lines_then_the_nets() {
        for role in ["hr", "finance", "general-manager"] {
            let (subject, text) = of_rerun(Language::Chinese, role);
            assert_eq!(subject, "2026-10 奖惩 第2次重算，替代第1次");
            let said = [
                "政策: aaaaaaaaaaaa → bbbbbbbbbbbb, 减少 30 行, 新增 30 行",
                "输入 请假 请假_2026-10.csv: aaaaaaaaaaaa → bbbbbbbbbbbb, 11 → 12 行",
                "取消 1, 新增 2, 变更 1",
                "取消 late-arrival:00123:2026-10-13: 扣款 20.00",
                "新增 meeting-absence:00456:M-2: 扣款 100.00",
                "变更 late-arrival:00123:2026-10-12: 待核 → 扣款 30.00",
                "00123: -10.00",
                "00456: -100.00, 工时 +2.50",
                "未能判定的部分",
                "不用于发放工资",
            ];
            let places: Vec<usize> =
                said.iter().map(|said| text.find(said).unwrap_or_else(|| panic!("{said}: {text}"))).collect();
            assert!(places.is_sorted(), "{places:?}");
            assert!(!text.contains("王小明"));
        }
        let (subject, text) = of_rerun(Language::English, "hr");
        assert_eq!(subject, "2026-10 deductions and rewards, recalculated: edition 2 replaces 1");
        assert!(text.contains("removed 1, added 2, changed 1"), "{text}");
    }

    #[test]
    fn the_operator_learns_which_inputs_changed_and_of_nobody() {
        let (_, text) = of_rerun(Language::Chinese, "operator");
        assert!(text.contains("输入 请假 请假_2026-10.csv"), "{text}");
        for hidden in ["00123", "00456", "20.00", "政策", "aaaa"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let mut rerun = rerun();
        let row = rerun.difference.removed[0].clone();
        rerun.difference.removed = vec![row; LINES + 3];
        rerun.net = vec![rerun.net[0].clone(); PEOPLE + 4];
        reported(&findings(), Language::Chinese, |report| {
            let (_, text) = mail(&Report { rerun: Some(&rerun), ..*report }, "hr");
            assert!(text.contains("… +3, 见 difference.xlsx") && text.contains("… +4, 见 difference.xlsx"), "{text}");
        });
    }

    #[test]
    fn adjustments_are_counted_by_direction() {
        let text = month(Language::Chinese, |report| mail(report, "finance").1);
        for said in [
            "以前月份冲正退回扣款: 2 笔, 120.00 元",
            "以前月份补扣: 1 笔, 15.00 元",
            "以前月份冲正收回奖励: 1 笔, 100.00 元",
            "以前月份补发奖励: 1 笔, 60.00 元",
            "以前月份补工时: 1 笔, 2.50 小时",
            "以前月份调整净额: +65.00 元",
            "离职结算(人工, 不进工资导入): 1 笔, 1 人, 净额 +50.00 元",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let operator = month(Language::Chinese, |report| mail(report, "operator").1);
        assert!(!operator.contains("120.00"));
    }

    #[test]
    fn a_proposal_says_who_has_not_answered() {
        reported(&findings(), Language::Chinese, |report| {
            let (_, text) = mail(report, "hr");
            assert!(text.contains("尚未答复\n部门经理 M-9/1: 1 行, 最早 2026-10-16\n总经办: 1 行"), "{text}");
        });
    }
}
