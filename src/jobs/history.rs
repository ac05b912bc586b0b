//! What earlier payroll months came to, from the manifests of their latest editions.

use super::earlier::Editions;
use crate::{
    base::{money::Fen, month::Month},
    report::MonthTotal,
};
use anyhow::Context;

/// The cover looks so many payroll months back, those without an edition not counted.
const MONTHS: usize = 12;

/// The latest payroll months before `month` that have editions, in order.
///
/// # Errors
/// An edition that cannot be read.
pub(super) fn history(editions: &Editions, month: Month) -> anyhow::Result<Vec<MonthTotal>> {
    let mut totals = Vec::new();
    for (month, own) in editions.iter().rev().filter(|(earlier, _)| *earlier < month) {
        let Some(edition) = own.last() else { continue };
        let fen = |text: &str| {
            let path = edition.dir.join("manifest.json");
            Fen::parse_yuan(text).with_context(|| format!("{} is damaged; restore it from a backup", path.display()))
        };
        let (manifest, number) = (&edition.manifest, edition.number);
        let (deductions, rewards) = (fen(&manifest.control.charge)?, fen(&manifest.control.credit)?);
        totals.push(MonthTotal {
            month: *month,
            edition: number,
            is_issued: manifest.is_closed(),
            deductions,
            rewards,
        });
        if totals.len() == MONTHS {
            break;
        }
    }
    totals.reverse();
    Ok(totals)
}
