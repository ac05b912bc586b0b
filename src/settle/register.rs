//! The decisions as they were read, and which finding each means (2.9): by its id, or by the short code beside it.
//!
//! An id that names a finding must agree with its code: where rows of an answers sheet were moved, it does not. An id
//! that was lost is found again by the code, if that is the code of one finding only.

use super::decisions::{Decision, Kind};
use crate::{
    base::{
        code::{code_of, is_known, parse_code},
        evidence::RowRef,
        moment,
        money::Fen,
    },
    schema::inputs::{Inputs, Rejected},
};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// In the register: names the employee and confirms, both at the same time.
const ASSIGN_CONFIRM: &str = "assign-confirm";
const MOVED: &str = "the code belongs to another line: rows were moved; fetch the answers workbook again";

/// The decisions that were read, sorted by time, then place.
///
/// # Errors
/// Those of the dataframe engine.
pub fn decisions(inputs: &Inputs) -> PolarsResult<Vec<Decision>> {
    let frame = inputs.table("decisions");
    let text = |name: &str| frame.column(name)?.str();
    let (ids, kinds, values, by) = (text("finding_id")?, text("decision")?, text("value")?, text("decided_by")?);
    let (amounts, times) = (frame.column("amount")?.i64()?, frame.column("decided_at")?.datetime()?.physical());
    let (refs, reasons, codes) = (frame.column("ref")?.u64()?, text("reason")?, text("code")?);
    let staff: Vec<&str> = inputs.table("employees").column("employee_id")?.str()?.iter().flatten().collect();
    let of = |row: usize, kind: Kind| {
        Some(Decision {
            finding_id: ids.get(row)?.trim_start_matches('\'').to_owned(),
            code: codes.get(row).and_then(parse_code),
            kind,
            amount: amounts.get(row).map(Fen),
            value: values
                .get(row)
                .map(|value| if kind == Kind::Assign { employee(value, &staff) } else { value.to_owned() }),
            decided_by: by.get(row)?.to_owned(),
            decided_at: moment::of_micros(times.get(row)?)?,
            reason: reasons.get(row).unwrap_or("").to_owned(),
            row: RowRef::unpack(refs.get(row)?),
        })
    };
    let mut decisions = Vec::with_capacity(frame.height());
    for row in 0..frame.height() {
        let Some(word) = kinds.get(row) else { continue };
        let both = if word == ASSIGN_CONFIRM { vec![Kind::Assign, Kind::Confirm] } else { Vec::new() };
        decisions.extend(both.into_iter().chain(Kind::parse(word)).filter_map(|kind| of(row, kind)));
    }
    decisions.sort_by_key(|decision| (decision.decided_at, decision.row));
    Ok(decisions)
}

/// The id that a value means: Excel drops leading zeros, so that 102 is 0102 where nobody else can be meant.
fn employee(value: &str, staff: &[&str]) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if staff.contains(&value) || !is_number(value) {
        return value.to_owned();
    }
    let bare = |text: &str| text.trim_start_matches('0').to_owned();
    let mut fitting = staff.iter().filter(|id| is_number(id) && bare(id) == bare(value));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => (*one).to_owned(),
        _ => value.to_owned(),
    }
}

/// Decisions on their way to the findings that they name.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// Those that stand under a finding's id, or under what is none.
    pub decisions: Vec<Decision>,
    /// Those that came with a code, as long as it is not known which finding is meant.
    open: Vec<Decision>,
    /// Those that cannot be used, with the column and the reason.
    wrong: Vec<(Decision, &'static str, &'static str)>,
}

impl Register {
    /// The register of `decisions`, in their order.
    #[must_use]
    pub fn new(decisions: Vec<Decision>) -> Self {
        let has_code = |one: &Decision| one.code.is_some() || parse_code(&one.finding_id).is_some();
        let (open, decisions) = decisions.into_iter().partition(has_code);
        Self { decisions, open, wrong: Vec::new() }
    }

    /// Looks among the findings `ids`, and among those `known` from elsewhere, for what the open decisions mean.
    pub fn look<'a>(&mut self, ids: impl Iterator<Item = &'a str>, known: &'a BTreeSet<String>) {
        if self.open.is_empty() {
            return;
        }
        let ids: BTreeSet<&str> = ids.collect();
        let mut lost = Vec::new();
        for one in std::mem::take(&mut self.open) {
            if !ids.contains(one.finding_id.as_str()) {
                // The id of an earlier edition is not lost; what it names may yet be found this month.
                let is_id = parse_code(&one.finding_id).is_none();
                if is_id && is_known(&one.finding_id, known) { self.open.push(one) } else { lost.push(one) }
            } else if one.code.as_ref().is_some_and(|code| *code != code_of(&one.finding_id)) {
                self.wrong.push((one, "code", MOVED));
            } else {
                self.decisions.push(one);
            }
        }
        // The index costs a hash of every finding, so it is made only where an id was lost.
        let mut by_code: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        if !lost.is_empty() {
            for id in ids.iter().copied().chain(known.iter().map(String::as_str)) {
                by_code.entry(code_of(id)).or_default().insert(id);
            }
            // Of pruned findings only the code is known.
            for code in known.iter().filter(|id| parse_code(id).as_ref() == Some(*id)) {
                by_code.entry(code.clone()).or_insert_with(|| BTreeSet::from([code.as_str()]));
            }
        }
        for mut one in lost {
            // A code in place of the id counts before the one beside it; where they differ, rows were moved.
            let code = parse_code(&one.finding_id).or_else(|| one.code.clone());
            let fitting = code.as_ref().and_then(|code| by_code.get(code));
            let fitting: Vec<&str> = fitting.into_iter().flatten().copied().collect();
            match fitting.as_slice() {
                [] => self.open.push(one),
                [_] if one.code.is_some() && one.code != code => {
                    self.wrong.push((one, "code", MOVED));
                }
                [id] => {
                    (*id).clone_into(&mut one.finding_id);
                    self.decisions.push(one);
                }
                _ => {
                    let why = "two lines have this code; write the finding id into the column 记录编号 (Record)";
                    self.wrong.push((one, "finding_id", why));
                }
            }
        }
        self.decisions.sort_by_key(|decision| (decision.decided_at, decision.row));
    }

    /// What cannot be used because nobody knows what it is about, after all findings were looked at; a row once. What
    /// names a finding of an earlier edition is left alone.
    #[must_use]
    pub fn unusable(&self, inputs: &Inputs, known: &BTreeSet<String>) -> Vec<Rejected> {
        const NONE: &str = "there is no such finding, now or in any edition";
        let open = self.open.iter().filter(|one| !is_known(&one.finding_id, known));
        let open = open.map(|one| (one, "finding_id", NONE));
        let wrong = self.wrong.iter().map(|(one, column, why)| (one, *column, *why));
        let mut rejected: Vec<Rejected> = open
            .chain(wrong)
            .map(|(one, column, why)| Rejected {
                source: "decisions".to_owned(),
                file: inputs.files.get(one.row.file as usize).map_or_else(String::new, |file| file.name.clone()),
                line: u64::from(one.row.line),
                column: column.to_owned(),
                value: one.code.clone().filter(|_| column == "code").unwrap_or_else(|| one.finding_id.clone()),
                reason: why.to_owned(),
            })
            .collect();
        rejected.sort();
        rejected.dedup();
        rejected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "late-arrival:0102:2026-10-14";
    const OTHER: &str = "late-arrival:0103:2026-10-14";

    fn decision(finding_id: &str, code: Option<&str>) -> Decision {
        Decision {
            finding_id: finding_id.to_owned(),
            code: code.and_then(parse_code),
            kind: Kind::Waive,
            amount: None,
            value: None,
            decided_by: "0101".to_owned(),
            decided_at: "2026-11-03T00:00:00".parse().unwrap(),
            reason: "x".to_owned(),
            row: RowRef { file: 0, line: 2 },
        }
    }

    /// What a decision comes to among two findings, of which a third is known.
    fn looked(finding_id: &str, code: Option<&str>) -> Result<String, String> {
        let known = BTreeSet::from(["absence:0102:2026-09-01".to_owned()]);
        let mut register = Register::new(vec![decision(finding_id, code)]);
        register.look([ONE, OTHER].into_iter(), &known);
        match (register.decisions.pop(), register.wrong.pop(), register.open.pop()) {
            (Some(one), None, None) => Ok(one.finding_id),
            (None, Some((_, column, _)), None) => Err(column.to_owned()),
            (None, None, Some(one)) => Err(format!("open {}", one.finding_id)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_id_stands_where_its_code_agrees_or_cannot_be_read() {
        for code in [None, Some(code_of(ONE).as_str()), Some("0.00E+00"), Some("???")] {
            assert_eq!(looked(ONE, code), Ok(ONE.to_owned()), "{code:?}");
        }
        assert_eq!(looked(ONE, Some(&code_of(OTHER))), Err("code".to_owned()));
        assert_eq!(looked("no such id", None), Ok("no such id".to_owned()), "resolve says so");
    }

    #[test]
    fn a_lost_id_is_found_by_its_code() {
        let code = code_of(OTHER);
        assert_eq!(looked(&code.to_lowercase().replace('-', ""), Some(&code)), Ok(OTHER.to_owned()));
        assert_eq!(looked("1.2E+08", Some(&code)), Ok(OTHER.to_owned()));
        assert_eq!(looked(&code, None), Ok(OTHER.to_owned()));
        assert_eq!(looked(&code, Some(&code_of(ONE))), Err("code".to_owned()));
        assert_eq!(looked("x", Some("000-000")), Err("open x".to_owned()));
        let september = "absence:0102:2026-09-01";
        assert_eq!(looked(&code_of(september), None), Ok(september.to_owned()));
        assert_eq!(looked(september, Some(&code)), Err(format!("open {september}")), "left alone");
    }

    #[test]
    fn what_is_known_by_its_code_alone_is_left_alone() {
        let pruned = "absence:0102:2024-09-02";
        let known = BTreeSet::from([code_of(pruned), code_of(OTHER)]);
        for (id, code, meant) in [
            (pruned, Some(code_of(pruned)), None),
            (&code_of(pruned), None, Some(code_of(pruned))),
            ("1.2E+08", Some(code_of(pruned)), Some(code_of(pruned))),
            // A finding of this month is meant rather than a code without one.
            (&code_of(OTHER), None, Some(OTHER.to_owned())),
        ] {
            let mut register = Register::new(vec![decision(id, code.as_deref())]);
            register.look([ONE, OTHER].into_iter(), &known);
            let is_left = |one: &Decision| is_known(&one.finding_id, &known);
            assert!(register.wrong.is_empty() && register.open.iter().all(is_left), "{id}");
            assert_eq!(register.decisions.pop().map(|one| one.finding_id), meant, "{id}");
        }
    }

    #[test]
    fn two_lines_with_one_code_are_nobodys() {
        // Ids with the same code are rare enough to be looked for.
        let mut seen = BTreeMap::new();
        let (one, other) = (0..1_000_000_u32)
            .find_map(|n| {
                let id = format!("loss:0102:{n}");
                seen.insert(code_of(&id), id.clone()).map(|before| (before, id))
            })
            .unwrap();
        let mut register = Register::new(vec![decision(&code_of(&one), None)]);
        register.look([one.as_str(), &other].into_iter(), &BTreeSet::new());
        assert_eq!((register.decisions.len(), register.wrong.len()), (0, 1));
    }

    #[test]
    fn leading_zeros_come_back_where_one_person_fits() {
        let staff = ["0102", "0103", "00103", "A7"];
        assert_eq!(employee("102", &staff), "0102");
        assert_eq!(employee("103", &staff), "103");
        assert_eq!(employee("0103", &staff), "0103");
        assert_eq!(employee("7", &staff), "7");
        assert_eq!(employee("", &staff), "");
    }
}
