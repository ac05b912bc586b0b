//! Mail.

use super::Word;

pub(super) const WORDS: &[Word] = &[
    ("mail.subject.proposed", "{} 奖惩建议 第{}版", "{} deductions and rewards: proposal, edition {}"),
    ("mail.subject.issued", "{} 奖惩签发 第{}版", "{} deductions and rewards: issued, edition {}"),
    ("mail.open", "未能判定的部分", "What could not be judged"),
    ("mail.all-judged", "全部条款均可判定", "Every clause could be judged."),
    ("mail.unaudited", "未审计: 数据源 {} 未配置", "not audited: source {} is not configured"),
    ("mail.shadow", "试运行,只看不扣: {}", "shadow mode, only shown, never deducted: {}"),
    ("mail.rules", "{}条规则", "{} rules"),
    ("mail.and", "、", ", "),
    ("mail.scope.site", "地点{}", "site {}"),
    ("mail.scope.meeting", "会议{}", "meeting {}"),
    ("mail.data", "数据", "Data"),
    ("mail.rejected", "被拒行: {}", "rejected rows: {}"),
    ("mail.waiting", "待处理", "Waiting for a person"),
    ("mail.held", "{}: {} 行", "{}: {}"),
    ("mail.held-until", "{}: {} 行, 最早 {} 到期", "{}: {}, first due {}"),
    ("mail.nothing", "无", "nothing"),
    ("mail.totals", "合计", "Totals"),
    ("mail.deductions", "扣款: {} 笔, {} 元", "deductions: {}, {} yuan in all"),
    ("mail.rewards", "奖励: {} 笔, {} 元", "rewards: {}, {} yuan in all"),
    ("mail.hours", "加班工时: {} 笔, {} 小时", "overtime: {}, {} hours"),
    ("mail.next", "怎么办", "What to do"),
    (
        "mail.next.issued",
        "本月已签发,附件为定稿,工资导入文件(import)随附给行政人事部和财务。未处理的待核行没有进入工资。",
        "The month is issued; the sheets attached are final, the payroll import files go to HR and finance. Lines still held are not in them.",
    ),
    (
        "mail.next.proposed",
        "附件为建议,尚未签发。请先看“待核待定”,在 answers.xlsx 中答复,把文件放入 answers 文件夹。",
        "The sheets attached are a proposal. Look at the held lines first, answer them in answers.xlsx, and save it into the answers folder.",
    ),
    (
        "mail.next.papers",
        "该版次文件夹里:slips 的确认单发给员工本人,letters 的书面警告当面送达,managers 的文件发给各部门经理。",
        "In the edition's folder: slips go to each employee, letters are handed over, managers' files go to each manager.",
    ),
    ("mail.next.objection", "员工异议期至 {}(含)。", "Employees may object until {}."),
];
