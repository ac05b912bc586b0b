//! The words of sheets, mail and summaries in both languages. One entry a line: key, zh-CN, en.

use super::Language;

const WORDS: &[(&str, &str, &str)] = &[
    ("status.charge", "扣款", "deduction"),
    ("status.credit", "奖励", "reward"),
    ("status.counted", "计次未扣", "counted only"),
    ("status.hold", "待核", "held"),
    ("status.unpriced", "金额待定", "no amount set"),
    ("status.notice", "提醒", "notice"),
    ("status.merged", "已并处", "merged"),
    ("status.waived", "已免", "waived"),
    ("reason.late-class", "迟到类别未定", "class of lateness not decided"),
    ("reason.late-leave", "请假批准在后", "leave approved late"),
    ("reason.visit-unannounced", "外出未事先通知", "visit not announced"),
    ("reason.absence-unexplained", "未打卡待说明", "no swipe, not explained"),
    ("reason.no-assignee", "责任人不明", "nobody in charge"),
    ("reason.last-out", "最后离开者不明", "last person not certain"),
    ("reason.ungraded", "投诉未定级", "complaint not graded"),
    ("reason.cross-check", "核对未通过", "cross-check failed"),
    ("reason.amount", "批准未写金额", "approved without amount"),
    ("reason.pending", "待审批", "awaiting approval"),
    ("reason.objection", "申诉中", "objection open"),
    ("reason.unacknowledged", "未签收制度", "policy not signed"),
    ("suspended.source", "数据文件缺失或不可用", "no usable file"),
    ("suspended.no-swipes", "全天无打卡记录", "no swipe all day"),
    ("suspended.presence-floor", "到场人数低于下限", "too few people seen"),
    ("suspended.late-share", "迟到比例异常", "too many late: reader suspected"),
    ("suspended.not-proven", "数据未证明完整", "data not proven complete"),
    ("suspended.rejected-row", "登记行被拒,可能是免责依据", "a rejected row could have excused"),
    ("suspended.merge-source", "会议数据不完整,无法判断是否并处", "meeting data open, merging unknown"),
    ("suspended.no-deadline", "期限超出工作日历", "deadline runs out of the calendar"),
    ("suspended.no-value", "当日无有效政策值", "no policy value that day"),
];

/// The word for `key`; the key itself where there is none.
#[must_use]
pub fn word(language: Language, key: &str) -> &str {
    let entry = WORDS.iter().find(|(known, ..)| *known == key);
    match (entry, language) {
        (Some((_, chinese, _)), Language::Chinese) => chinese,
        (Some((.., english)), Language::English) => english,
        (None, _) => key,
    }
}
