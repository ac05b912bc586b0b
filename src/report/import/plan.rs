//! Who gets which amount under which item, and under which id payroll knows them. Everything a target would refuse is
//! a problem here, before anything is written.

use crate::{
    base::{money::Fen, month::Period, problem::Problem, text::begins_formula},
    report::{Report, csv::hours},
    schema::{
        imports::{Import, Item, Shape, Way},
        inputs::{Inputs, SourceState, Status},
    },
};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One employee's amounts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) employee_id: String,
    /// The id that payroll knows.
    pub(super) id: String,
    /// The last day of the month on which the employee is employed.
    pub(super) day: NaiveDate,
    /// One an item: fen, or hundredths of an hour; zero is not written.
    pub(super) amounts: Vec<i64>,
    /// Fen that stand under an item of the other direction, because more was taken back than given.
    pub(super) moved: i64,
}

/// Whose an id is, and from when to when.
type Held = (String, NaiveDate, NaiveDate);

/// The roster and the ids that other systems know people by.
pub(super) struct Staff {
    /// By employee id: hire date, and the day that ids and payments of the month are of.
    days: BTreeMap<String, (NaiveDate, NaiveDate)>,
    /// By source and employee id: the external ids.
    ids: BTreeMap<(String, String), Vec<Held>>,
    /// By source and external id: the employee ids.
    owners: BTreeMap<(String, String), Vec<Held>>,
    /// Why the register cannot be used.
    fault: Option<String>,
    last: NaiveDate,
}

impl Staff {
    pub(super) fn of(inputs: &Inputs, period: Period) -> PolarsResult<Self> {
        let text = |frame: &DataFrame, name: &str| -> PolarsResult<Vec<String>> {
            Ok(frame.column(name)?.str()?.iter().map(|text| text.unwrap_or("").to_owned()).collect())
        };
        let dates = |frame: &DataFrame, name: &str, blank: NaiveDate| -> PolarsResult<Vec<NaiveDate>> {
            Ok(frame.column(name)?.date()?.as_date_iter().map(|date| date.unwrap_or(blank)).collect())
        };
        let staff = inputs.table("employees");
        let people = text(staff, "employee_id")?;
        let (hired, left) = (dates(staff, "hire_date", NaiveDate::MIN)?, dates(staff, "leave_date", NaiveDate::MAX)?);
        let spans = hired.into_iter().zip(left).map(|(hired, left)| (hired, left.min(period.last)));
        let days = people.iter().cloned().zip(spans).collect();
        let register = inputs.table("identities");
        let span = dates(register, "from", NaiveDate::MIN)?.into_iter().zip(dates(register, "to", NaiveDate::MAX)?);
        let names = text(register, "source")?.into_iter().zip(text(register, "external_id")?);
        let (mut ids, mut owners) = (BTreeMap::<_, Vec<Held>>::new(), BTreeMap::<_, Vec<Held>>::new());
        for (((source, id), emp), (from, to)) in names.zip(register.column("emp")?.u32()?.iter()).zip(span) {
            let Some(own) = emp.and_then(|emp| people.get(emp as usize)) else { continue };
            ids.entry((source.clone(), own.clone())).or_default().push((id.clone(), from, to));
            owners.entry((source, id)).or_default().push((own.clone(), from, to));
        }
        Ok(Self { days, ids, owners, fault: fault(inputs), last: period.last })
    }

    /// The ids of an employee in a source on a day.
    fn ids(&self, source: &str, employee_id: &str, day: NaiveDate) -> BTreeSet<&str> {
        let held = self.ids.get(&(source.to_owned(), employee_id.to_owned())).into_iter().flatten();
        held.filter(|(_, from, to)| *from <= day && day <= *to).map(|(id, ..)| id.as_str()).collect()
    }

    /// Whom else an id means, on the employee's day or on the month's last.
    fn others(&self, source: &str, employee_id: &str, id: &str, day: NaiveDate) -> BTreeSet<&str> {
        let held = self.owners.get(&(source.to_owned(), id.to_owned())).into_iter().flatten();
        let others = held.filter(|(own, from, to)| {
            own != employee_id && [day, self.last].iter().any(|day| from <= day && day <= to)
        });
        others.map(|(own, ..)| own.as_str()).collect()
    }
}

/// Why the register of identities cannot be used: it is not there, or a row of it could be anybody's newer id. A row
/// that only names nobody on the roster is no harm.
fn fault(inputs: &Inputs) -> Option<String> {
    if let Some(SourceState { status: Status::Unusable(why) | Status::Missing(why), .. }) =
        inputs.states.get("identities")
    {
        return Some(why.clone());
    }
    let mut rejected = inputs.rejected.iter().filter(|row| row.source == "identities" && row.column != "employee_id");
    rejected.next().map(|row| format!("{}:{} {}: {}", row.file, row.line, row.column, row.reason))
}

/// The rows of an import, by employee id; what a target would refuse goes to `problems`.
pub(super) fn rows(import: &Import, report: &Report<'_>, staff: &Staff, problems: &mut Vec<Problem>) -> Vec<Row> {
    let before = problems.len();
    let mut refused = Refused { file: &import.file.name, lists: BTreeMap::new() };
    let sums = sums(import, report, &mut refused);
    let mut rows = Vec::new();
    for (employee_id, sums) in &sums {
        let Some((amounts, moved)) = settled(import, employee_id, sums, &mut refused) else { continue };
        if amounts.iter().all(|amount| *amount == 0) {
            continue;
        }
        let Some(&(hired, day)) = staff.days.get(employee_id) else {
            refused.add("not on the roster", "", "add them to the roster", employee_id);
            continue;
        };
        if matches!(import.shape, Shape::AdditionalSalary { .. }) && day < hired {
            let help = "Additional Salary takes no date before the joining date: mend the hire date of the roster";
            refused.add("paid before the hire date", "", help, employee_id);
        }
        let Some(id) = id(import, staff, employee_id, day, &mut refused) else { continue };
        rows.push(Row { employee_id: employee_id.clone(), id, day, amounts, moved });
    }
    problems.extend(refused.problems());
    if problems.len() == before { rows } else { Vec::new() }
}

/// What HR should know of rows that are written.
pub(super) fn notes(import: &Import, rows: &[Row], period: Period) -> Option<String> {
    let is_dated = matches!(import.shape, Shape::AdditionalSalary { .. });
    let gone = rows.iter().filter(|row| is_dated && row.day < period.first).map(|row| row.employee_id.as_str());
    let gone: Vec<&str> = gone.collect();
    (!gone.is_empty()).then(|| {
        format!(
            "{}: left before {}: {}. Their payroll date is the leave date, so no salary slip of the month takes the row: \
             settle it by hand",
            import.output,
            period.first,
            gone.join(", ")
        )
    })
}

/// Employees by what is wrong with them.
struct Refused<'a> {
    file: &'a str,
    lists: BTreeMap<(&'static str, String), (&'static str, Vec<String>)>,
}

impl Refused<'_> {
    fn add(&mut self, what: &'static str, about: &str, help: &'static str, who: &str) {
        self.lists.entry((what, about.to_owned())).or_insert((help, Vec::new())).1.push(who.to_owned());
    }

    fn problems(self) -> impl Iterator<Item = Problem> {
        let file = self.file.to_owned();
        self.lists.into_iter().map(move |((what, about), (help, who))| {
            let about = if about.is_empty() { String::new() } else { format!(" ({about})") };
            Problem::new(&file, format!("{what}{about}: {}", who.join(", ")), help)
        })
    }
}

/// The id that payroll knows an employee by.
fn id(import: &Import, staff: &Staff, employee_id: &str, day: NaiveDate, refused: &mut Refused<'_>) -> Option<String> {
    let Some(source) = &import.id else { return checked(import, employee_id, employee_id, refused) };
    let dated = if day == staff.last { employee_id.to_owned() } else { format!("{employee_id} (on {day})") };
    let about = format!("source `{source}` of identities, on {}", staff.last);
    if let Some(why) = &staff.fault {
        let help = "mend the register, then run again";
        refused.add("the register identities cannot be used, so nobody has a payroll id", why, help, employee_id);
        return None;
    }
    let ids = staff.ids(source, employee_id, day);
    let mut ids = ids.iter();
    let Some(id) = ids.next() else {
        let help = "add rows to the identities register: source,external_id,employee_id,from,to";
        refused.add("no payroll id", &about, help, &dated);
        return None;
    };
    if ids.next().is_some() {
        let help = "end the old one with its `to` in the identities register";
        refused.add("two payroll ids", &about, help, &dated);
        return None;
    }
    let others = staff.others(source, employee_id, id, day);
    if !others.is_empty() {
        let all: Vec<&str> = std::iter::once(employee_id).chain(others).collect();
        let help = "whose money it is cannot be told: mend the identities register";
        refused.add("one payroll id of several people", &about, help, &format!("{id} of {}", all.join(" and ")));
        return None;
    }
    checked(import, employee_id, id, refused)
}

/// The id, unless a spreadsheet would take it for a formula, or part of it would vanish.
fn checked(import: &Import, employee_id: &str, id: &str, refused: &mut Refused<'_>) -> Option<String> {
    if id.contains(char::is_control) || (import.is_text() && begins_formula(id)) {
        let help = "a CSV cannot carry it safely: use an .xlsx template, or mend the id";
        refused.add("a payroll id that would be read as a formula", "", help, employee_id);
        return None;
    }
    Some(id.to_owned())
}

/// The net sum of each employee and item, before anything is moved.
fn sums(import: &Import, report: &Report<'_>, refused: &mut Refused<'_>) -> BTreeMap<String, Vec<i64>> {
    let mut sums: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut add = |employee_id: &str, way: Way, rule: &str, amount: i64| {
        let homes: Vec<usize> =
            import.items.iter().enumerate().filter(|(_, item)| takes(item, way, rule)).map(at).collect();
        let [home] = homes.as_slice() else {
            let help = "write the rule into exactly one item of the mapping";
            refused.add("a rule without one item of its own", rule, help, employee_id);
            return;
        };
        let own = sums.entry(employee_id.to_owned()).or_insert_with(|| vec![0; import.items.len()]);
        own[*home] += amount;
    };
    for row in report.payroll {
        let (way, sign) = direction(row.direction);
        add(&row.employee_id, way, row.rule, sign * row.amount.0);
    }
    if import.items.iter().any(|item| item.way == Way::Hours) {
        for ((employee_id, rule), hundredths) in hours(report) {
            add(employee_id, Way::Hours, rule, hundredths);
        }
    }
    sums
}

fn takes(item: &Item, way: Way, rule: &str) -> bool {
    item.way == way && item.rules.contains(rule)
}

fn at((place, _): (usize, &Item)) -> usize {
    place
}

/// The way of a posting, and whether it gives or takes back.
pub(super) fn direction(word: &str) -> (Way, i64) {
    match word {
        "deduct" => (Way::Deduct, 1),
        "reverse-deduct" => (Way::Deduct, -1),
        "reward" => (Way::Reward, 1),
        _ => (Way::Reward, -1),
    }
}

/// The amounts to write: what is below zero stands there where the target takes that, else under the item named for it.
fn settled(import: &Import, employee_id: &str, sums: &[i64], refused: &mut Refused<'_>) -> Option<(Vec<i64>, i64)> {
    let mut amounts = vec![0; sums.len()];
    let (mut moved, mut is_fine) = (0, true);
    for (index, (item, sum)) in import.items.iter().zip(sums).enumerate() {
        match item.reversed {
            _ if *sum >= 0 || item.may_be_negative => amounts[index] += sum,
            Some(other) => {
                amounts[other] -= sum;
                moved -= sum;
            }
            None => {
                let about = format!("item `{}`", item.header.name);
                let help = "say in the mapping where it goes: reversed = \"…\" (an item of the other direction), or negative = \
                            true where the target takes it";
                refused.add("more is taken back than given", &about, help, &format!("{employee_id} {}", Fen(*sum)));
                is_fine = false;
            }
        }
    }
    is_fine.then_some((amounts, moved))
}
