//! The control of an import file: the very bytes that go out are read back and must come to the ledger, employee by
//! employee.

use super::{
    long::PAYSLIP,
    plan::{Row, direction},
};
use crate::{
    base::{money::Fen, quantity::Quantity},
    report::{Report, csv::hours},
    schema::imports::{Column, Head, Import, Shape, Template, Way},
};
use anyhow::{Context, Result, bail};
use calamine::{Data, Reader, Xlsx};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

/// What stands in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// The file's name in the edition.
    pub file: String,
    /// Employees.
    pub people: u64,
    /// Data rows.
    pub rows: u64,
    /// Amounts of money.
    pub amounts: u64,
    /// Their sum from employees, less what is taken back.
    pub deducted: Fen,
    /// Their sum to employees, less what is taken back.
    pub paid: Fen,
    /// Hundredths of an hour.
    pub hours: i64,
    /// What stands under the other direction, because more was taken back than given.
    pub moved: Fen,
}

impl Control {
    /// The line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let hours = if self.hours == 0 { String::new() } else { format!(", {} hours", Quantity::Hours(self.hours)) };
        let moved = if self.moved.0 == 0 {
            String::new()
        } else {
            format!(" ({} of each is paid back or taken back)", self.moved)
        };
        let Self { file, people, rows, amounts, deducted, paid, .. } = self;
        let (people, rows) = (counted(*people, "person", "people"), counted(*rows, "row", "rows"));
        let amounts = counted(*amounts, "amount", "amounts");
        format!(
            "{file}: {people}, {rows}, {amounts}, deducted {deducted}, paid {paid}{hours}{moved}: agrees with the ledger"
        )
    }
}

fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// What an employee has: fen deducted, fen paid, hundredths of an hour.
type Sums = BTreeMap<String, [i64; 3]>;

/// An amount of a file: whose, which way, how much.
struct Entry {
    id: String,
    way: Way,
    amount: i64,
}

/// Reads a file back and compares it with the ledger.
pub(super) fn check(
    import: &Import,
    template: Option<&Template>,
    bytes: &[u8],
    rows: &[Row],
    report: &Report<'_>,
) -> Result<Control> {
    let name = &import.output;
    let (entries, count) = match (template, &import.shape) {
        (Some(template), Shape::Wide(wide)) => {
            let is_id = |(_, column): &(_, Column)| *column == Column::Id;
            let id = wide.columns.iter().position(is_id).map_or(0, |place| template.places[place]);
            from_wide(import, template, id, wide.columns.len(), bytes)
        }
        (_, shape) => from_long(import, shape, bytes),
    }
    .with_context(|| format!("{name} cannot be read back, so nothing was written"))?;
    let owners: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut written = Sums::new();
    for entry in &entries {
        let owner = owners.get(entry.id.as_str()).with_context(|| format!("{name}: nobody has the id {}", entry.id))?;
        written.entry(owner.employee_id.clone()).or_default()[entry.way as usize] += entry.amount;
    }
    let mut expected = booked(report);
    let has_hours = import.items.iter().any(|item| item.way == Way::Hours);
    for sums in expected.values_mut().filter(|_| !has_hours) {
        sums[Way::Hours as usize] = 0;
    }
    for row in rows {
        let sums = expected.entry(row.employee_id.clone()).or_default();
        sums[Way::Deduct as usize] += row.moved;
        sums[Way::Reward as usize] += row.moved;
    }
    agree(name, &written, expected)?;
    let moved = Fen(rows.iter().map(|row| row.moved).sum());
    Ok(summary(name, &entries, count, moved))
}

/// The control of `import/payroll.csv`.
///
/// # Errors
/// Where it does not come to the ledger.
pub fn payroll(name: &str, bytes: &[u8], report: &Report<'_>) -> Result<Control> {
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let at = places(reader.headers()?, ["employee_id", "direction", "amount", "hours"])?;
    let (mut entries, mut written, mut count) = (Vec::new(), Sums::new(), 0);
    for record in reader.records() {
        let record = record?;
        let id = record[at[0]].strip_prefix('\'').unwrap_or(&record[at[0]]).to_owned();
        let (way, sign) = match &record[at[1]] {
            "hours" => (Way::Hours, 1),
            "reverse-hours" => (Way::Hours, -1),
            word => direction(word),
        };
        let amount = sign * hundredths(&record[at[if way == Way::Hours { 3 } else { 2 }]])?;
        written.entry(id.clone()).or_default()[way as usize] += amount;
        entries.push(Entry { id, way, amount });
        count += 1;
    }
    agree(name, &written, booked(report))?;
    Ok(summary(name, &entries, count, Fen(0)))
}

/// What the ledger, and the overtime to be paid, say of each employee.
fn booked(report: &Report<'_>) -> Sums {
    let mut sums = Sums::new();
    for row in report.payroll {
        let (way, sign) = direction(row.direction);
        sums.entry(row.employee_id.clone()).or_default()[way as usize] += sign * row.amount.0;
    }
    for ((employee_id, _), hundredths) in hours(report) {
        sums.entry(employee_id.to_owned()).or_default()[Way::Hours as usize] += hundredths;
    }
    sums
}

fn agree(name: &str, written: &Sums, mut expected: Sums) -> Result<()> {
    let mut written = written.clone();
    for sums in [&mut written, &mut expected] {
        sums.retain(|_, own| *own != [0; 3]);
    }
    if written == expected {
        return Ok(());
    }
    let people: BTreeSet<&String> = written.keys().chain(expected.keys()).collect();
    let differ: Vec<&str> =
        people.into_iter().filter(|id| written.get(*id) != expected.get(*id)).map(String::as_str).collect();
    bail!("{name} does not come to the ledger, so nothing was written; it differs for {}", differ.join(", "))
}

fn summary(name: &str, entries: &[Entry], rows: u64, moved: Fen) -> Control {
    let sum = |way| entries.iter().filter(|entry| entry.way == way).map(|entry| entry.amount).sum();
    let people: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    Control {
        file: name.to_owned(),
        people: people.len() as u64,
        rows,
        amounts: entries.iter().filter(|entry| entry.way != Way::Hours).count() as u64,
        deducted: Fen(sum(Way::Deduct)),
        paid: Fen(sum(Way::Reward)),
        hours: sum(Way::Hours),
        moved,
    }
}

/// The amounts of a file with a row per employee.
fn from_wide(
    import: &Import,
    template: &Template,
    id: usize,
    columns: usize,
    bytes: &[u8],
) -> Result<(Vec<Entry>, u64)> {
    let lines: Vec<Vec<Data>> = match &template.head {
        Head::Text { bytes: head, encoding, delimiter, .. } => {
            let body = bytes.strip_prefix(head.as_slice()).context("it does not begin as the template does")?;
            let (text, is_lossy) = encoding.decode_without_bom_handling(body);
            anyhow::ensure!(!is_lossy, "some characters are lost");
            let mut builder = csv::ReaderBuilder::new();
            let mut reader = builder.has_headers(false).delimiter(*delimiter).from_reader(text.as_bytes());
            let records: Result<Vec<_>, _> = reader.records().collect();
            let cell = |cell: &str| if cell.is_empty() { Data::Empty } else { Data::String(cell.to_owned()) };
            records?.iter().map(|record| record.iter().map(cell).collect()).collect()
        }
        Head::Sheet { name, rows } => from_sheet(name, rows.len(), template.width, bytes)?,
    };
    let mut entries = Vec::new();
    for line in &lines {
        let Data::String(id) = &line[id] else { bail!("an id is not text") };
        for (item, place) in import.items.iter().zip(&template.places[columns..]) {
            let amount = match &line[*place] {
                Data::Empty => continue,
                Data::Float(number) => hundredths(&format!("{number:.2}"))?,
                Data::String(text) if import.is_text() => hundredths(text)?,
                _ => bail!("an amount is not a number"),
            };
            entries.push(Entry { id: id.clone(), way: item.way, amount });
        }
    }
    Ok((entries, lines.len() as u64))
}

/// The rows below the header.
fn from_sheet(name: &str, head: usize, width: usize, bytes: &[u8]) -> Result<Vec<Vec<Data>>> {
    let mut book = Xlsx::new(Cursor::new(bytes))?;
    let range = book.worksheet_range(name)?;
    let height = range.end().map_or(0, |(row, _)| row as usize + 1);
    let cell = |row: usize, column: usize| {
        let value = range.get_value((u32::try_from(row).ok()?, u32::try_from(column).ok()?));
        value.cloned()
    };
    let line = |row| (0..width).map(|column| cell(row, column).unwrap_or_default()).collect();
    Ok((head..height).map(line).collect())
}

/// The amounts of a file with a row per employee and item.
fn from_long(import: &Import, shape: &Shape, bytes: &[u8]) -> Result<(Vec<Entry>, u64)> {
    let names = match shape {
        Shape::AdditionalSalary { .. } => ["Employee", "Salary Component", "Amount"],
        _ => PAYSLIP,
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let at = places(reader.headers()?, names)?;
    let (mut entries, mut keys) = (Vec::new(), BTreeSet::new());
    for record in reader.records() {
        let record = record?;
        let [id, name, amount] = at.map(|place| &record[place]);
        let item =
            import.items.iter().find(|item| item.header.name == name).context("an item is not in the mapping")?;
        let amount = hundredths(amount)?;
        anyhow::ensure!(amount > 0, "an amount is not above zero");
        anyhow::ensure!(keys.insert((id.to_owned(), name.to_owned())), "an employee and item stand twice");
        entries.push(Entry { id: id.to_owned(), way: item.way, amount });
    }
    let count = entries.len() as u64;
    Ok((entries, count))
}

/// Where columns stand.
fn places<const N: usize>(headers: &csv::StringRecord, names: [&str; N]) -> Result<[usize; N]> {
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = headers.iter().position(|header| header == name).with_context(|| format!("no column {name}"))?;
    }
    Ok(places)
}

/// Hundredths of `12.34` or `-12.34`.
fn hundredths(text: &str) -> Result<i64> {
    let (bare, sign) = text.strip_prefix('-').map_or((text, 1), |bare| (bare, -1));
    let amount =
        Fen::parse_yuan(bare).filter(|_| !text.contains(',')).with_context(|| format!("`{text}` is not a number"))?;
    Ok(sign * amount.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back_strictly() {
        assert_eq!((hundredths("20.00").unwrap(), hundredths("-0.05").unwrap()), (2000, -5));
        for text in ["1,000.00", "", "--1", "20元", "1e3"] {
            assert!(hundredths(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_fen_of_one_person_is_a_difference() {
        let sums = |fen| Sums::from([("007".to_owned(), [fen, 0, 0]), ("008".to_owned(), [0, 0, 0])]);
        assert!(agree("a.csv", &sums(2000), Sums::from([("007".to_owned(), [2000, 0, 0])])).is_ok());
        let error = agree("a.csv", &sums(2001), sums(2000)).unwrap_err().to_string();
        assert!(error.contains("differs for 007"), "{error}");
    }
}
