//! Payroll import files: what a mapping file says of one, and the template that payroll gave for it.

use super::inputs::InputFile;
use calamine::Data;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::collections::BTreeSet;

/// Which way money or hours go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the employee.
    Deduct,
    /// To the employee.
    Reward,
    /// Overtime hours, which payroll prices.
    Hours,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Deduct, Self::Reward, Self::Hours];

    /// Its key in mapping files; of money, its direction in postings too.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["deduct", "reward", "hours"][self as usize]
    }
}

/// A rule that payroll takes something of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paying {
    /// The rule.
    pub rule: &'static str,
    /// Which way.
    pub way: Way,
    /// The word of its column in 扣款汇总; empty where it has none.
    pub group: &'static str,
}

/// One payroll import file, as its mapping file asks for it.
#[derive(Clone, Debug)]
pub struct Import {
    /// The mapping file itself.
    pub file: InputFile,
    /// The file to write: `import/NAME.xlsx` or `.csv`.
    pub output: String,
    /// The source in `identities` whose external ids payroll knows people by; none: the employee's own id.
    pub id: Option<String>,
    /// What the payroll calls each sum.
    pub items: Vec<Item>,
    /// How the target wants it.
    pub shape: Shape,
}

impl Import {
    /// Whether it is written as CSV.
    #[must_use]
    pub fn is_text(&self) -> bool {
        std::path::Path::new(&self.output).extension().is_some_and(|end| end == "csv")
    }
}

/// How a target wants its rows.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One row per employee, one column per item, under the header of the target's template.
    Wide(Wide),
    /// One row per employee and component: *Additional Salary* of Frappe HR.
    AdditionalSalary {
        /// The company's name there.
        company: String,
        /// The currency's code.
        currency: String,
        /// The naming series, where it is written.
        series: Option<String>,
    },
    /// `employee,code,amount`: payslip inputs of Odoo.
    PayslipInput,
}

/// What a wide file is made from.
#[derive(Clone, Debug)]
pub struct Wide {
    /// The template as the mapping names it, beside the mapping.
    pub template: String,
    /// Where the mapping names it, `file:line`.
    pub at: String,
    /// The template's encoding, where it has to be stated.
    pub encoding: Option<String>,
    /// Headers with what stands under them.
    pub columns: Vec<(Header, Column)>,
}

/// A header, component or code of the target, and where the mapping names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// As the mapping writes it.
    pub name: String,
    /// `file:line`.
    pub at: String,
}

/// What stands under a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The payroll's id of the employee.
    Id,
    /// The name.
    Name,
    /// The department.
    Department,
    /// The position.
    Position,
    /// The id of the roster.
    EmployeeId,
    /// The payroll month, `2026-10`.
    Month,
}

impl Column {
    /// The words of mapping files.
    pub const WORDS: [&str; 6] = ["id", "name", "department", "position", "employee-id", "month"];

    /// The column that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Id, Self::Name, Self::Department, Self::Position, Self::EmployeeId, Self::Month];
        Self::WORDS.iter().position(|known| *known == word).map(|place| all[place])
    }
}

/// One sum of an employee: a column of a wide file, a component, a code.
#[derive(Clone, Debug)]
pub struct Item {
    /// What the target calls it.
    pub header: Header,
    /// Which way it goes.
    pub way: Way,
    /// Of which rules it is the sum.
    pub rules: BTreeSet<&'static str>,
    /// Whether the target takes it below zero.
    pub may_be_negative: bool,
    /// The item, by its place, that takes it where it is below zero.
    pub reversed: Option<usize>,
}

/// A template that was read: its rows up to the header, and where the mapped headers stand.
#[derive(Clone, Debug)]
pub struct Template {
    /// The file.
    pub file: InputFile,
    /// The rows down to the header, as they are.
    pub head: Head,
    /// The header's row, from 1.
    pub row: usize,
    /// How many cells a row has.
    pub width: usize,
    /// The place of each column, then of each item.
    pub places: Vec<usize>,
}

/// The rows of a template down to its header.
#[derive(Clone, Debug)]
pub enum Head {
    /// Of a CSV file: the very bytes.
    Text {
        /// From the first byte to the end of the header's line.
        bytes: Vec<u8>,
        /// Their encoding.
        encoding: &'static Encoding,
        /// What separates cells.
        delimiter: u8,
        /// What ends a line.
        line_end: &'static str,
    },
    /// Of an Excel sheet.
    Sheet {
        /// The sheet's name.
        name: String,
        /// Its cells.
        rows: Vec<Vec<Data>>,
    },
}

/// Text in an encoding; `None` where it cannot be written in it.
#[must_use]
pub fn encode(text: &str, encoding: &'static Encoding) -> Option<Vec<u8>> {
    if encoding == UTF_16LE {
        return Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    if encoding == UTF_16BE {
        return Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    let (bytes, _, is_lossy) = encoding.encode(text);
    (!is_lossy).then(|| bytes.into_owned())
}
