//! Payroll import files of an issued month: the ledger's sums in the shape that each target takes, checked by its rules.
//!
//! The sums are planned once ([`plan`]), written ([`wide`], [`long`]), and read back from the very bytes that were
//! written ([`control`]): a file that does not come to the ledger is never handed on.

mod control;
mod long;
mod plan;
#[cfg(test)]
mod tests;
mod wide;

pub use control::{Control, payroll};

use super::Report;
use crate::{
    base::problem::Problem,
    schema::imports::{Import, Shape, Template},
};

/// What came of the imports of a month.
#[derive(Debug, Default)]
pub struct Made {
    /// Name and bytes of each file.
    pub files: Vec<(String, Vec<u8>)>,
    /// What stands in each.
    pub controls: Vec<Control>,
    /// Why payroll could not take them; then there is nothing to write.
    pub problems: Vec<Problem>,
    /// What HR should know all the same.
    pub notes: Vec<String>,
}

/// Makes every import file; `templates` in the order of `imports`.
///
/// # Errors
/// Those of the writers, and a file that reads back as something else than the ledger.
pub fn make(report: &Report<'_>, imports: &[Import], templates: &[Option<Template>]) -> anyhow::Result<Made> {
    let mut made = Made::default();
    let staff = plan::Staff::of(report.inputs, report.period)?;
    for (import, template) in imports.iter().zip(templates) {
        let rows = plan::rows(import, report, &staff, &mut made.problems);
        if !made.problems.is_empty() {
            continue;
        }
        made.notes.extend(plan::notes(import, &rows, report.period));
        let bytes = match (&import.shape, template) {
            (Shape::Wide(wide), Some(template)) => wide::write(import, wide, template, &rows, report)?,
            (Shape::AdditionalSalary { company, currency, series }, _) => {
                long::additional_salary(import, [company, currency, series.as_deref().unwrap_or("")], &rows)?
            }
            _ => long::payslip_input(import, &rows)?,
        };
        made.controls.push(control::check(import, template.as_ref(), &bytes, &rows, report)?);
        made.files.push((import.output.clone(), bytes));
    }
    Ok(made)
}
