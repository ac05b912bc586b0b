//! Who is meant: employee ids, e-mail addresses, names, and the identities register (3-tables §3.2 step 4).

use crate::schema::mapping::Naming;
use chrono::NaiveDate;
use std::collections::HashMap;

/// What a name of a person turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The employee with this row number.
    Known(u32),
    /// Nobody on the roster.
    Unknown,
    /// A name that fits two people.
    Ambiguous,
}

struct Identity {
    emp: u32,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

/// Everybody on the roster, by each of their names.
#[derive(Default)]
pub(crate) struct People {
    ids: HashMap<String, u32>,
    emails: HashMap<String, Who>,
    names: HashMap<String, Who>,
    identities: HashMap<(String, String), Vec<Identity>>,
}

impl People {
    /// The people of the roster: id, name and e-mail in the order of the `employees` frame.
    pub(crate) fn new<'a>(rows: impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)>) -> Self {
        let mut people = Self::default();
        for (emp, (id, name, email)) in (0_u32..).zip(rows) {
            people.ids.insert(id.to_owned(), emp);
            let add = |names: &mut HashMap<String, Who>, key: String| {
                names.entry(key).and_modify(|who| *who = Who::Ambiguous).or_insert(Who::Known(emp));
            };
            add(&mut people.names, name.to_owned());
            if let Some(email) = email {
                add(&mut people.emails, email.to_lowercase());
            }
        }
        people
    }

    /// Somebody is called otherwise today than in the roster of the time: both names are theirs.
    pub(crate) fn rename(&mut self, emp: u32, name: &str) {
        self.names.entry(name.to_owned()).and_modify(|who| *who = Who::Ambiguous).or_insert(Who::Known(emp));
    }

    /// Adds a row of the identities register.
    pub(crate) fn identify(
        &mut self,
        source: &str,
        external: &str,
        emp: u32,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) {
        let key = (source.to_owned(), external.to_owned());
        self.identities.entry(key).or_default().push(Identity { emp, from, to });
    }

    /// A row of the identities register about this id could not be read: whose it is cannot be told, on any day.
    pub(crate) fn forget(&mut self, source: &str, external: &str) {
        let key = (source.to_owned(), external.to_owned());
        let nobody = [u32::MAX, u32::MAX - 1].map(|emp| Identity { emp, from: None, to: None });
        self.identities.insert(key, nobody.into());
    }

    /// Whether there is any identity at all: only then does a row's day matter.
    pub(crate) fn has_identities(&self) -> bool {
        !self.identities.is_empty()
    }

    /// Whether the identities of `source` depend on the day for `external`.
    pub(crate) fn is_dated(&self, source: &str, external: &str) -> bool {
        self.identities.contains_key(&(source.to_owned(), external.to_owned()))
    }

    /// Who `text` is in `source`, on the day of the row's first time.
    pub(crate) fn find(&self, source: &str, naming: Naming, text: &str, day: Option<NaiveDate>) -> Who {
        if !self.identities.is_empty() {
            let key = (source.to_owned(), text.to_owned());
            let fits = |identity: &&Identity| {
                day.is_none_or(|day| {
                    identity.from.is_none_or(|from| from <= day) && identity.to.is_none_or(|to| day <= to)
                })
            };
            let mut fitting = self.identities.get(&key).into_iter().flatten().filter(fits).map(|identity| identity.emp);
            if let Some(first) = fitting.next() {
                return if fitting.all(|emp| emp == first) { Who::Known(first) } else { Who::Ambiguous };
            }
        }
        let found = match naming {
            Naming::Account => None,
            Naming::Id => self.ids.get(text).map(|emp| Who::Known(*emp)),
            Naming::Email => self.emails.get(&text.to_lowercase()).copied(),
            Naming::Name => self.names.get(text).copied(),
        };
        found.unwrap_or(Who::Unknown)
    }
}

/// Who a display name means: as it stands; else the name outside and the name inside of its brackets, if they agree.
pub(crate) fn named(name: &str, suffixes: &[String], find: impl Fn(&str) -> Who) -> Who {
    let all = spellings(name, suffixes);
    let mut tries = all.iter().map(|spelling| find(spelling));
    match tries.next() {
        Some(Who::Unknown) | None => {}
        Some(who) => return who,
    }
    tries
        .filter(|who| *who != Who::Unknown)
        .reduce(|one, other| if one == other { one } else { Who::Ambiguous })
        .unwrap_or(Who::Unknown)
}

const OPEN: [char; 3] = ['(', '（', '【'];
const CLOSE: [char; 3] = [')', '）', '】'];

/// Spellings of a display name to try in order: as it is, without endings such as `(Guest)`, outside and inside brackets,
/// and `Last, First` the other way round.
fn spellings(name: &str, suffixes: &[String]) -> Vec<String> {
    let mut bare = name.trim();
    while let Some(shorter) = suffixes.iter().find_map(|suffix| bare.strip_suffix(suffix.as_str())) {
        bare = shorter.trim_end();
    }
    let mut all = vec![bare.to_owned()];
    let open = bare.rfind(OPEN);
    let close = bare.rfind(CLOSE);
    if let (Some(open), Some(close)) = (open, close)
        && open < close
    {
        let inside = bare[open..close].trim_start_matches(OPEN);
        all.extend([bare[..open].trim().to_owned(), inside.trim().to_owned()]);
    }
    if let Some((last, first)) = bare.split_once(',') {
        all.push(format!("{} {}", first.trim(), last.trim()));
    }
    all.retain(|spelling| !spelling.is_empty());
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_two_people_is_ambiguous() {
        let rows = [("01", "张伟", Some("a@x.cn")), ("02", "张伟", None), ("03", "李娜", None)];
        let people = People::new(rows.into_iter());
        assert_eq!(people.find("checkins", Naming::Name, "张伟", None), Who::Ambiguous);
        assert_eq!(people.find("checkins", Naming::Email, "A@X.CN", None), Who::Known(0));
        assert_eq!(people.find("checkins", Naming::Id, "1", None), Who::Unknown);
    }

    #[test]
    fn identities_come_first_and_only_within_their_days() {
        let mut people = People::new([("01", "张伟", None), ("02", "李娜", None)].into_iter());
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        people.identify("swipes", "01", 1, day("2026-10-05"), day("2026-10-10"));
        assert_eq!(people.find("swipes", Naming::Id, "01", day("2026-10-05")), Who::Known(1));
        assert_eq!(people.find("swipes", Naming::Id, "01", day("2026-10-11")), Who::Known(0));
        assert_eq!(people.find("tickets", Naming::Id, "01", day("2026-10-05")), Who::Known(0));
    }

    #[test]
    fn an_identity_that_could_not_be_read_tells_nobody() {
        let mut people = People::new([("01", "张伟", None), ("02", "李娜", None)].into_iter());
        people.identify("swipes", "01", 1, None, None);
        people.forget("swipes", "01");
        assert_eq!(people.find("swipes", Naming::Id, "01", None), Who::Ambiguous);
    }

    #[test]
    fn two_names_of_two_people_are_nobody() {
        let people = People::new([("01", "张伟", None), ("02", "李娜", None), ("03", "王芳(二)", None)].into_iter());
        let who = |name: &str| named(name, &[], |name| people.find("checkins", Naming::Name, name, None));
        assert_eq!(who("张伟 (李娜)"), Who::Ambiguous);
        assert_eq!(
            (who("前台 (李娜)"), who("张伟 (Guest)"), who("张伟(张伟)")),
            (Who::Known(1), Who::Known(0), Who::Known(0))
        );
        assert_eq!((who("王芳(二)"), who("客人 (外部)")), (Who::Known(2), Who::Unknown));
    }

    #[test]
    fn spellings_of_meeting_names() {
        assert_eq!(
            spellings("015_Loki (Loki Laufeyson)", &[]),
            ["015_Loki (Loki Laufeyson)", "015_Loki", "Loki Laufeyson"]
        );
        assert_eq!(spellings("张伟 (Guest)", &["(Guest)".to_owned()]), ["张伟"]);
        assert_eq!(spellings("阿伟【张伟】", &[]), ["阿伟【张伟】", "阿伟", "张伟"]);
        assert_eq!(spellings("Prado, Inês", &[]), ["Prado, Inês", "Inês Prado"]);
    }
}
