//! A property over generated months: in no manager's mail of any night stands anybody who is not of the own staff.

#[path = "support/month.rs"]
mod month;
#[path = "support/nights.rs"]
mod nights;
mod support;

use chrono::Days;
use month::Month;
use std::collections::{BTreeMap, BTreeSet};
use support::{command, finish};

const SEEDS: u64 = 6;

/// A month in which department managers have a manager above, a team crosses the departments, one manager is in a
/// circle, and one has no address.
fn managed(seed: u64) -> Month {
    let mut month = Month::new(seed);
    for line in month.rows("employees").iter_mut() {
        let id = line.cells["employee_id"].clone();
        let group = &id[..1];
        let manager = match &id[1..] {
            "01" => String::new(),
            "02" | "06" | "07" => format!("{group}01"),
            "03" | "04" | "05" => format!("{group}02"),
            "08" if group == "B" => "A06".to_owned(),
            "08" => format!("{group}08"),
            _ => format!("{group}06"),
        };
        line.cells.insert("manager_id", manager);
        if id == "B06" {
            line.cells.insert("email", String::new());
        }
    }
    month
}

/// Whether a text names an id as a word of its own, or the name of the person.
fn names(text: &str, id: &str) -> bool {
    let is_word = |at: usize| {
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        !is_part(text[..at].chars().next_back()) && !is_part(text[at + id.len()..].chars().next())
    };
    text.match_indices(id).any(|(at, _)| is_word(at)) || text.contains(&format!("员工{id}"))
}

/// A mail without the short codes of its lines, which are letters and digits too.
fn without_codes(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        kept.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Who is told of an employee: the first manager above with an address, never the employee.
fn told(managers: &BTreeMap<String, (String, bool)>, employee: &str) -> Option<String> {
    let mut seen = BTreeSet::from([employee.to_owned()]);
    let mut at = managers[employee].0.clone();
    while managers.contains_key(&at) && seen.insert(at.clone()) {
        if managers[&at].1 {
            return Some(at);
        }
        at = managers[&at].0.clone();
    }
    None
}

#[test]
fn no_line_of_another_department_is_ever_in_a_managers_mail() {
    let counts = std::thread::scope(|scope| {
        let seeds: Vec<_> = (0..SEEDS).map(|seed| scope.spawn(move || mails_of(seed))).collect();
        seeds.into_iter().map(|seed| seed.join().expect("a month")).collect::<Vec<_>>()
    });
    let (mails, lines) = counts.iter().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    assert!(mails > 40 && lines > 200, "{mails} mails that name {lines} people: too few to tell");
}

/// The nights of a month; how many managers' mails there were, and how many of their own staff they named.
fn mails_of(seed: u64) -> (usize, usize) {
    let month = managed(seed);
    let dir = tempfile::tempdir().expect("a folder");
    month.write(dir.path());
    let managers: BTreeMap<String, (String, bool)> = month.tables["employees"]
        .iter()
        .map(|line| {
            (line.cells["employee_id"].clone(), (line.cells["manager_id"].clone(), !line.cells["email"].is_empty()))
        })
        .collect();
    let (mut mails, mut lines) = (0, 0);
    for back in [18, 9, 0] {
        let night = month.last - Days::new(back);
        let run = finish(&mut command(dir.path(), ["nightly", "--quiet", "--date", &night.to_string()]));
        assert!([0, 10].contains(&run.code), "{}: exit {} {}", month.name, run.code, run.stderr);
        let folder = dir.path().join(format!("var/nightly/{night}/001"));
        for (address, own) in nights::mails(&folder) {
            let Some(id) = address.strip_suffix("@example.com").filter(|id| managers.contains_key(*id)) else {
                continue;
            };
            let staff: BTreeSet<&String> =
                managers.keys().filter(|one| told(&managers, one).as_deref() == Some(id)).collect();
            assert!(!staff.is_empty() && own.len() == 1, "{night}: {id} has no staff");
            let text = without_codes(&own[0].1);
            mails += 1;
            for one in managers.keys() {
                let is_named = names(&text, one);
                assert!(!is_named || staff.contains(one), "{night}: the mail of {id} names {one}:\n{text}");
                lines += usize::from(is_named);
            }
        }
    }
    (mails, lines)
}
