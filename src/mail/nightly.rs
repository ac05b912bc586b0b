//! The mails of a night: what waits for the reader, what falls due, what is new, what could not be judged, and how to
//! answer. No totals, no amounts; the operator learns of files and days, never of people.

use super::{
    agenda::{Agenda, Asked, Gap, Line, News, Upcoming},
    compose::{morning_after, scope},
    message::{Draft, Section, key},
};
use crate::{
    base::{code::code_of, text::visible},
    report::{
        Language,
        words::{filled, word, word_or},
    },
    schema::message::Message,
};
use chrono::NaiveDate;

/// Mails of nights are dated this hour of the next morning, before those of months.
const HOUR: u32 = 5;
/// So many rejected rows are written out.
const ROWS: usize = 30;
/// So many rules are named.
const RULES: usize = 6;

/// The night that a mail is of.
#[derive(Clone, Copy)]
pub struct NightOf<'a> {
    /// The day up to which was judged.
    pub date: NaiveDate,
    /// What tells the run from others of the night: `001`.
    pub run: &'a str,
    /// The language.
    pub language: Language,
    /// The sender's address.
    pub sender: &'a str,
    /// The time zone of the date.
    pub zone: chrono_tz::Tz,
}

/// Who reads a mail.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The number of the mail among those of the run.
    pub number: usize,
    /// hr, general-manager, operator or manager.
    pub role: &'a str,
    /// The employee id of a manager; else empty.
    pub id: &'a str,
    /// The e-mail address.
    pub address: &'a str,
    /// The name beside it; may be empty.
    pub name: &'a str,
}

/// Whether a mail can be sent to an address.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.is_ascii() && text.parse::<lettre::Address>().is_ok()
}

/// The mail with what is open, or the sign of life where nothing is.
///
/// # Errors
/// An address or content that is not valid in a message.
pub fn nightly(night: &NightOf<'_>, reader: &Reader<'_>, agenda: &Agenda) -> anyhow::Result<Message> {
    let language = night.language;
    let (subject, sections) = match (agenda.is_empty(), reader.role) {
        (true, _) => ("nightly.subject.nothing", vec![alive(language)]),
        (false, "operator") => ("nightly.subject.operator", sections(night, agenda, false)),
        (false, role) => ("nightly.subject.open", sections(night, agenda, role == "hr")),
    };
    message(night, reader, subject, &sections)
}

/// The mail that says that nothing could be judged, and why; `nights` are the days without a result.
///
/// # Errors
/// An address or content that is not valid in a message.
pub fn failure(night: &NightOf<'_>, reader: &Reader<'_>, nights: &[NaiveDate], why: &str) -> anyhow::Result<Message> {
    let language = night.language;
    let days = match nights {
        [first, .., last] => format!("{first}–{last}"),
        _ => night.date.to_string(),
    };
    let lines = vec![filled(language, "nightly.failed.days", &[&days]), why.to_owned()];
    let help = vec![word(language, "nightly.failed.next").to_owned()];
    let title = |key: &str| word(language, key).to_owned();
    let sections = [(title("nightly.failed"), lines), (title("mail.next"), help)];
    message(night, reader, "nightly.subject.failed", &sections)
}

fn message(night: &NightOf<'_>, reader: &Reader<'_>, subject: &str, sections: &[Section]) -> anyhow::Result<Message> {
    let date = night.date.to_string();
    let (NightOf { run, language, sender, zone, .. }, Reader { number, role, id, address, name }) = (*night, *reader);
    let key = key(&[&date, run, role, id, address]);
    let drawn = |text: &String| text.chars().map(visible).collect();
    let safe: Vec<Section> =
        sections.iter().map(|(title, lines)| (title.clone(), lines.iter().map(drawn).collect())).collect();
    let draft = Draft {
        id: format!("nightly.{date}.{run}.{key}"),
        file: format!("mail/{number:03}-{role}.eml"),
        role: role.to_owned(),
        whom: if id.is_empty() { role } else { id }.to_owned(),
        sender,
        address,
        name,
        subject: filled(language, subject, &[&date]),
        date: morning_after(night.date, HOUR, zone),
        sections: &safe,
        attached: Vec::new(),
    };
    draft.message()
}

fn alive(language: Language) -> Section {
    (word(language, "nightly.nothing").to_owned(), vec![word(language, "nightly.alive").to_owned()])
}

fn sections(night: &NightOf<'_>, agenda: &Agenda, is_hr: bool) -> Vec<Section> {
    let language = night.language;
    let mut all: Vec<Section> = Vec::new();
    let mut add = |key: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            all.push((word(language, key).to_owned(), lines));
        }
    };
    add("nightly.asked", agenda.asked.iter().map(|one| asked(night, one)).collect());
    add("nightly.upcoming", agenda.upcoming.iter().map(|one| upcoming(language, one)).collect());
    add("nightly.news", agenda.news.iter().map(|one| news(language, one)).collect());
    let mut gaps: Vec<String> = agenda.unread.iter().map(|one| unread(language, one)).collect();
    gaps.extend(agenda.gaps.iter().map(|one| gap(language, one)));
    gaps.extend(agenda.damaged.iter().map(|month| filled(language, "nightly.damaged", &[month])));
    add("nightly.gaps", gaps);
    let counts = agenda.counts.iter();
    let counts = counts.map(|(file, count)| filled(language, "nightly.refused.count", &[file, &count.to_string()]));
    add("nightly.refused", counts.chain(refused(language, agenda)).collect());
    let unreached = agenda.unreached.iter().map(|one| {
        let why = word_or(language, "unreached", one.why);
        filled(language, "nightly.unreached.line", &[&one.id, &why])
    });
    add("nightly.unreached", unreached.collect());
    let reruns = agenda.reruns.iter().map(|one| {
        let [removed, added, changed] = one.lines.map(|count| count.to_string());
        let answers = one.answers.to_string();
        filled(language, "nightly.reruns.line", &[&one.month, &removed, &added, &changed, &answers, &one.month])
    });
    add("nightly.reruns", reruns.collect());
    let key = if is_hr { "nightly.how" } else { "nightly.how.others" };
    let is_asked = !agenda.asked.is_empty();
    add("nightly.how.title", is_asked.then(|| word(language, key).to_owned()).into_iter().collect());
    all
}

/// 工号 姓名, or that nobody is in charge.
fn who(language: Language, id: &str, name: &str) -> String {
    if id.is_empty() { word(language, "nightly.nobody").to_owned() } else { format!("{id} {name}").trim().to_owned() }
}

/// The code, the day, whose it is, and the sentence.
fn line(language: Language, line: &Line) -> String {
    let whose = who(language, &line.employee_id, &line.name);
    let (code, title) = (code_of(&line.finding), title(language, line.finding.split(':').next().unwrap_or_default()));
    filled(language, "nightly.line", &[&code, &line.day.to_string(), &whose, &title, &line.summary])
}

/// A rule's title; of a leave never its kind, which may be an illness.
fn title(language: Language, name: &str) -> String {
    let plain = word_or(language, "title", name);
    match (crate::rules::rule(name), language) {
        (Some(rule), Language::Chinese) if plain == name => rule.title.0.to_owned(),
        (Some(rule), Language::English) if plain == name => rule.title.1.to_owned(),
        _ => plain,
    }
}

fn asked(night: &NightOf<'_>, one: &Asked) -> String {
    let language = night.language;
    let until = one.until.map(|until| (until, until.to_string()));
    let due = match &until {
        None => String::new(),
        Some((_, shown)) if one.question == "report" => filled(language, "nightly.until.report", &[shown]),
        Some((until, shown)) => {
            let key = if *until > night.date { "nightly.until" } else { "nightly.overdue" };
            filled(language, key, &[shown])
        }
    };
    let known = word_or(language, "ask", &one.question);
    let question = if known == one.question { word(language, "ask.other").to_owned() } else { known };
    filled(language, "nightly.asked.line", &[&line(language, &one.line), &question, &due])
}

fn upcoming(language: Language, one: &Upcoming) -> String {
    let values: Vec<&str> = one.values.iter().map(String::as_str).collect();
    let what = filled(language, &format!("nightly.due.{}", one.rule), &values);
    let whose = who(language, &one.employee_id, &one.name);
    filled(language, "nightly.upcoming.line", &[&one.due.to_string(), &whose, &what])
}

fn news(language: Language, one: &News) -> String {
    let status = word_or(language, "status", one.status);
    let line = line(language, &one.line);
    match &one.was {
        None => filled(language, "nightly.news.line", &[&line, &status]),
        Some(was) => filled(language, "nightly.news.changed", &[&line, &status, &word_or(language, "status", was)]),
    }
}

/// The rules, the days, whom or what it concerns, and why.
fn gap(language: Language, one: &Gap) -> String {
    let rules = if one.rules.len() <= RULES {
        one.rules.iter().map(|name| title(language, name)).collect::<Vec<_>>().join(word(language, "mail.and"))
    } else {
        filled(language, "mail.rules", &[&one.rules.len().to_string()])
    };
    let days = if one.from == one.to { one.from.to_string() } else { format!("{}–{}", one.from, one.to) };
    let scope = scope(&one.scope, language);
    let days = if scope.is_empty() { days } else { format!("{days} {scope}") };
    let why = word_or(language, "suspended", one.reason);
    let source = if one.source.is_empty() { String::new() } else { word_or(language, "source", &one.source) + " " };
    filled(language, "nightly.gap", &[&rules, &days, &format!("{source}{why}")])
}

fn unread(language: Language, one: &super::agenda::Unread) -> String {
    let state = word_or(language, "unread", one.state);
    filled(language, "nightly.unread.line", &[&word_or(language, "source", &one.source), &one.files, &state])
}

fn refused(language: Language, agenda: &Agenda) -> impl Iterator<Item = String> {
    let all = agenda.refused.len();
    let row = move |row: &super::agenda::Refused| {
        let column = if row.column.is_empty() { String::new() } else { format!(" {}", row.column) };
        format!("{}:{}{column}: {}", row.file, row.line, row.reason)
    };
    let more = (all > ROWS).then(|| filled(language, "nightly.refused.more", &[&(all - ROWS).to_string()]));
    agenda.refused.iter().take(ROWS).map(row).chain(more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::deciders::WAITS;

    const NIGHT: NightOf<'_> = NightOf {
        date: NaiveDate::from_ymd_opt(2026, 10, 14).unwrap(),
        run: "001",
        language: Language::Chinese,
        sender: "a@example.com",
        zone: chrono_tz::Asia::Shanghai,
    };

    fn reader<'a>(role: &'a str, address: &'a str) -> Reader<'a> {
        Reader { number: 1, role, id: "", address, name: "" }
    }

    #[test]
    fn whatever_waits_has_its_question() {
        for (reason, _) in WAITS.iter().chain([&("report", &[][..])]) {
            for language in [Language::Chinese, Language::English] {
                let question = word_or(language, "ask", reason);
                assert!(question != *reason && !question.contains('{'), "{reason}");
            }
        }
    }

    #[test]
    fn a_line_is_drawn_on_one_line_whatever_a_register_says() {
        let line = Line {
            day: NIGHT.date,
            employee_id: "01".to_owned(),
            name: "张\r\n- 三\u{202e}".to_owned(),
            finding: "loss:01:L1".to_owned(),
            summary: "<b>\t".to_owned(),
        };
        let news = vec![News { line, status: "charge", was: None }];
        let agenda = Agenda { news, ..Agenda::default() };
        let sections = sections(&NIGHT, &agenda, false);
        assert_eq!(sections.len(), 1);
        let message = nightly(&NIGHT, &reader("manager", "b@example.com"), &agenda).unwrap();
        let again = nightly(&NIGHT, &reader("manager", "b@example.com"), &agenda).unwrap();
        assert_eq!(message, again);
        assert_eq!(message.file, "mail/001-manager.eml");
        let text = String::from_utf8(message.bytes).unwrap();
        assert!(!text.contains("<b>") && text.contains("Content-Transfer-Encoding"), "{text}");
    }

    #[test]
    fn an_address_is_plain_and_has_no_line_break() {
        assert!(is_address("a.b@example.com"));
        for wrong in ["", "a", "a@", "@b.cn", "a@b.cn\r\nBcc: c@d.cn", "a@b.cn, c@d.cn", "张三@b.cn", "a@b.cn "] {
            assert!(!is_address(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_long_list_of_rejected_rows_is_cut() {
        let row = |line| super::super::agenda::Refused {
            file: "a.csv".to_owned(),
            line,
            column: "time".to_owned(),
            reason: "not a time".to_owned(),
        };
        let agenda = Agenda { refused: (1..=33).map(row).collect(), ..Agenda::default() };
        let all = sections(&NIGHT, &agenda, true);
        assert_eq!((all[0].1.len(), all[0].1[29].as_str()), (31, "a.csv:30 time: not a time"));
        assert_eq!(all[0].1[30], "……另有 3 行");
    }
}
