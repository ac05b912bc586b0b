//! The whole policy in its own order, 一 to 十: every numbered sentence, and what no program can judge of it.
//!
//! The words are the policy's own, its slips of the pen included. The second chapter 八 is cited as 八(二).
//! A clause of several sentences has one entry for each, marked ①②③. Which rules audit a sentence is said by the
//! rules themselves (their `clauses`); where none does, `why` says what it needs instead. Where some
//! do, `why` is what they leave to people.

/// One numbered sentence.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// `二.2②` is the second sentence of 二.2; `八(二)` is the second 八.
    pub id: &'static str,
    /// The policy's words.
    pub text: &'static str,
    /// What no program can judge of it, in Chinese and English; empty where the rules audit all of it.
    pub why: (&'static str, &'static str),
}

const fn clause(id: &'static str, text: &'static str) -> Clause {
    Clause { id, text, why: ("", "") }
}

const fn open(id: &'static str, text: &'static str, why: (&'static str, &'static str)) -> Clause {
    Clause { id, text, why }
}

const PRINCIPLE: (&str, &str) = ("原则:没有可核对的事实", "principle: no fact to check");
const PERSON: (&str, &str) = ("须由人判断:没有可核对的记录", "needs a person: nothing on record decides it");
const RIGHT: (&str, &str) =
    ("公司的权利:由人决定,程序从不自动作出", "a right of the company: a person decides, a program never does");
const ELSEWHERE: (&str, &str) = ("另有制度,未提供", "in another policy, which is not at hand");

/// Every numbered sentence, in the policy's order.
pub const CLAUSES: &[Clause] = &[
    open(
        "一",
        "为进一步加强和规范客服中心的基础管理制度,提高技术人员的业务技能和服务水平,充分调动技术人员的工作积极性,大力提升客服中心服务形象,特制定本管理制度,坚持公开、公平、公正的原则,对技术人员的业务综合素质、工作表现进行全面的监督和管理。本客户服务管理制度主要包括客户服务中心服务规范、售后服务管理制度、客户投诉管理制度等。",
        PRINCIPLE,
    ),
    clause(
        "二.1",
        "客户中心员工每天早上必须到公司签到,因工作紧急直接去现场工作而不能到公司报到的,必须在上班时间(8:30)以前电话通知部门经理原因,未通知者视为旷工,未提前者通知视为迟到。",
    ),
    clause("二.2①", "客服中心员工请假需预先报告部门经理批准,否则视为旷工处理;请假3天以上必须报由公司行政人事部批准。"),
    clause("二.2②", "完假以后必须到公司行政人事部销假(病假需带上正规医院开具的相关证明)。"),
    clause("二.2③", "客服中心员工请假必须做好工作汇报和工作交接,请假期间必须保持联系畅通。"),
    open(
        "二.3",
        "相关处罚除按公司考勤管理规度处理外,另:A类迟到两次含两次以上20元/次,B类迟到两次含两次以上30元/次,作为部门经费。",
        (
            "公司考勤管理规定未提供;A、B类原文未定义",
            "the company's attendance rules are not at hand; the text defines neither class",
        ),
    ),
    open("三.1①", "所有新录用员工都有试用期。", PRINCIPLE),
    open(
        "三.1②",
        "在试用期间一律为临时员工。",
        ("法律身份:不产生任何行", "a legal standing: nothing follows from it here"),
    ),
    clause("三.1③", "试期满后,临时员工可申请转正写《转正申请表》及《个人试用期总结报告》交于其直接上司。"),
    clause("三.1④", "其直接上司在签署评价意见后转交人事部。"),
    open(
        "三.1⑤",
        "非常优秀的临时员工(特别是指那些在试用期间有重大立功表现的人)可提前转正,需由部门经理、行政部、总经理特批。",
        ("是否优秀由人判断", "whether somebody is excellent is for people"),
    ),
    open(
        "三.2",
        "在试用期间,公司方有权单方面的解除临时工的工作;亦有权重新调配临时工的职位安排;对有不胜任、明显违纪或工作失职的,公司有权辞退、调职、延长试用期等。",
        RIGHT,
    ),
    clause("四", "离职手续"),
    open("四.1", "离职的形式:辞职,辞退(直接解聘或劝退),自动离职,开除", PRINCIPLE),
    open("四.2", "离职的程序详见行政部规章制度", ELSEWHERE),
    open(
        "五.1",
        "公司如遇紧急项目需要加班时,大家应义不容辞的加班,特殊情况除外。",
        ("紧急与特殊由人判断;拒绝见五.2(3)", "what is urgent or special is for people; refusals: 五.2(3)"),
    ),
    clause("五.2", "加班费:"),
    clause(
        "五.2(1)",
        "员工应在规定工作时间内完成工作任务,公司因业务额外需要的加班,应由向部门经理汇报后,可获发放加班工资。",
    ),
    clause("五.2(2)", "员工由于个人的原因所致的本职工作未完成而决定的加班,不能核算加班费。"),
    open(
        "五.2(3)",
        "技术部所有员工不得拒绝加班,凡拒绝加班者一律扣发或减少其相应的累计未发放奖励,其后果将影响加薪及晋升的机会。",
        ("加薪与晋升由人决定", "pay rises and promotion are for people"),
    ),
    clause("五.2(4)", "由项目负责人报加班时间,然后由经理审批报行政部。"),
    clause("劳动法 41", "(法律,非本制度)延长工作时间每月不得超过三十六小时。"),
    open(
        "六.1",
        "工程项目管理部门的考核:按安全(含文明施工)、质量、进度、成本控制四个方面进行考核。",
        ("合格标准由人判断", "what passes is for people"),
    ),
    clause(
        "六.2",
        "本公司员工在圆满完成本职工作(或总经理特派工作)并做出特别贡献的情况下,将获得嘉奖。有下列事迹之一者,给予嘉奖:",
    ),
    clause("六.2(1)", "为公司内外客户提供出色服务而受到多次赞扬(有具体特殊事实)。"),
    clause("六.2(2)", "对施工技术或经营管理提出合理化建议,经采纳实施,卓有成效者。"),
    clause("六.2(3)", "通过发挥创造力和创新精神,把工作做的更快更好成绩突出者(有具体事实)。"),
    clause("六.2(4)", "维护公司重大利益,避免了重大损失或节省财物卓有成效,经考核认定者。"),
    clause("六.2(5)", "在施中过程式中以节约材料为宗旨。"),
    clause("六.2(6)", "施工项目无客户投诉。"),
    clause("六.2(7)", "内部验收、外部验收能一次性通过,有完备的内部验收资料及施工日制,并得到客户的书面及电话好评。"),
    clause("六.2(8)", "能灵活处理现场的应急预案,对完成公司重大项目(任务),突出贡献者。"),
    clause("六.3①", "嘉奖由部门经理参照奖励标准提交申请表于总经办,经批准后,于当月工资一起发放。"),
    open("六.3②", "参照公司行政部的奖励标准执行。", ELSEWHERE),
    clause(
        "七.1",
        "维修工程师3天内需检测出设备的故障结果,如公司无法修复,3天之内必须准备送修或寄修,如未执行发现后,**元/次。",
    ),
    clause("七.2①", "送我司维修机设备,10个工作日内必须完成,如未完成,**元/次。"),
    clause("七.2②", "如特殊情况,则需要未完成原因的报告。"),
    clause("七.3", "售后工程师3天之内必须将已维修完毕的设备交到客户处,如未执行发现后,**元/次。"),
    open(
        "七.4",
        "其它投诉灯请参照《客户投诉管理制度》",
        ("《客户投诉管理制度》未提供,只按八.16", "the complaints policy is not at hand; 八.16 alone applies"),
    ),
    clause("八.1①", "部门员工必须佩带工作牌上岗,并时刻注意自身仪表形象。"),
    clause("八.1②", "冬天没有统一着装时,个人着装应干净、得体、大方,不得穿拖鞋上岗、蓄怪异发型、姿态怪异等。"),
    clause("八.2", "上班时间内员工应精神饱满、精力集中、保持良好的工作状态。"),
    clause("八.3①", "办公室人员须保持办公室的整洁,不需要或是失去价值的资料,应作废后放入垃圾桶。"),
    clause("八.3②", "下班前将桌椅和办公用品整理妥当,随身之物应放在指定地点。"),
    clause("八.4①", "工作时间不得从事与工作无关的事情,不得违反公司相关保密、安全等制度。"),
    clause("八.4②", "尽量避免打私人电话,如必须处理私事,尽可能放在午餐时间。"),
    clause("八.5①", "每天最后下班公司的员工离开时,必须检查门窗、电脑,及其它电源是否已全部关闭。"),
    clause("八.5②", "凡发现有未处理好此项工作者,一经查实处以20元/次的罚款."),
    open(
        "八.5③",
        "如因此而引起损失,将追究其责任,违者须赔偿全部损失。",
        ("损失多少、由谁承担须经双方确认", "how much, and who bears it, is agreed by people"),
    ),
    open(
        "八.6",
        "部门工作人员在向库房借用物品或借备机,办理相关手续后来居上,请妥善保管,并在规定的时间内归还。",
        ("是否妥善保管须由人判断", "whether it was kept well is for people"),
    ),
    open(
        "八.7",
        "客服中心员工在与客户交流时必须使用礼貌用语,对客户提出的问题和意见要耐心倾听,并做好全面认真详细的记录。",
        ("须由人判断;客户投诉按八.16", "needs a person; complaints: 八.16"),
    ),
    open(
        "八.8①",
        "客服中心员工必须保持通讯工具24小时开机(必须在每天工作时间(含午休时间)保持畅通,以便联络和处理紧急事务。",
        ("工作时间以外不核对", "outside working hours nothing is checked"),
    ),
    clause("八.8②", "因为工作原因暂时不方便接听电话应在工作完成后及时回复."),
    clause("八.8③", "经常联络不畅者视情况予以警告或罚款20-50元/次"),
    clause(
        "八.9①",
        "客服中心分配的工作必须在规定的时间内完成,如不能按时完成,则必须提前说明情况,以方便客服中心工作安排。",
    ),
    open(
        "八.9②",
        "否则视为延误工作,将承担因工作延误面造成的全部损失。",
        (
            "延误造成多少损失须由人认定;认定并登记后按八.14",
            "what a delay cost is for people; once agreed and recorded: 八.14",
        ),
    ),
    clause(
        "八.10①",
        "部门每一位员工必须按时参加公司及部门组织的会议、培训、交流或其它各类活动,不得借故推脱或迟到,迟到一次罚款20元。",
    ),
    clause("八.10②", "缺席处以100元/次的罚款并给予书面警告。"),
    open(
        "八.11",
        "应树立良好的职业道德,始终维护公司利益,并在努力提高自身能力和素质的基础上形成良好的团队精神和协作精神。",
        PRINCIPLE,
    ),
    open(
        "八.12",
        "对不能胜任本职工作、严重违反公司纪律以及损害公司利益者,将打报告给公司对其进行警告、处罚、劝退或开除的处分。",
        RIGHT,
    ),
    open("八.13", "各项目负责人要以身作则,严格管理以配合公司各项工作的顺利进行。", PRINCIPLE),
    open(
        "八.14①",
        "客服中心员工应掌握熟练的专业技术知识,在工程安装和客户服务过程中每一环节都应严格按照技术规范的要求,认真负责。",
        PERSON,
    ),
    open(
        "八.14②",
        "因工作疏忽、玩忽职守而造成的经济损失由员工自行承担,对损坏的设备或配件等照价赔偿。",
        ("是否疏忽、赔偿多少须经双方确认", "fault and amount are agreed by people"),
    ),
    open("八.15①", "对于客服中心安排的工作任务必须按时优质的完成。", ("质量须由人判断", "quality is for people")),
    open("八.15②", "不得消极贻工或将个人情绪带到客服工作来。", PERSON),
    open(
        "八.16",
        "客服中心员在工作中受客户有理投时,投诉根据情节严重性扣款20-100元/次,并写书面检查一份缴部门经理评定;若被客户有理投诉超过5次(含),公司有权决定调动员工工作岗位或离职。",
        (
            "是否有理、情节轻重、调岗或离职由人决定",
            "whether it is justified, how grave, and what follows is for people",
        ),
    ),
    open(
        "八(二)①",
        "所有加入部门的员工被视为已被告知并接受本《客服中心管理制度》所规定的各项条款。",
        (
            "适用于每一笔扣款:当日以前没有签收的,该行待核(unacknowledged)",
            "applies to every deduction: without a signature by that day the line is held (unacknowledged)",
        ),
    ),
    open(
        "八(二)②",
        "如有任何异议,请以书面报告形式呈交技术服务中心经理处。",
        (
            "适用于每一行:异议(object)使该行待核,直至答复",
            "applies to every line: an objection holds it until it is answered",
        ),
    ),
    open("九", "本《客服中心管理制度》欢迎部门所有员工提出修改意见。", PRINCIPLE),
    open(
        "十",
        "本《客服中心管理制度》从下发之日起开始实行。客户服务中心2009-12-01",
        ("适用于每一条:2009-12-01以前不作任何判定", "applies to every rule: nothing is dated before 2009-12-01"),
    ),
];

/// The chapters' numbers and titles; the second 八, 九 and 十 have none.
pub const CHAPTERS: &[(&str, &str)] = &[
    ("一", "总则"),
    ("二", "考勤"),
    ("三", "试用期员工"),
    ("四", "离职手续"),
    ("五", "加班"),
    ("六", "奖励"),
    ("七", "惩罚"),
    ("八", "日常行为规范"),
];

/// The place of `id` in the policy's order.
#[must_use]
pub fn place(id: &str) -> Option<usize> {
    CLAUSES.iter().position(|clause| clause.id == id)
}

/// The clause of a sentence, as it is cited: `二.2②` → `二.2`.
#[must_use]
pub fn cited(id: &str) -> &str {
    id.trim_end_matches(|mark| ('①'..='⑨').contains(&mark))
}
