//! The people whom an export is compared with.

use crate::{ingest::people::People, schema::inputs::Inputs};
use polars::prelude::*;
use std::collections::BTreeSet;

/// The roster and the identities, as far as they are known.
#[derive(Default)]
pub struct Staff {
    pub(super) people: People,
    ids: BTreeSet<String>,
    names: BTreeSet<String>,
    emails: BTreeSet<String>,
}

impl Staff {
    /// Everybody in the employees and identities that were read.
    ///
    /// # Errors
    /// Those of the dataframe engine.
    pub fn of(inputs: &Inputs) -> PolarsResult<Self> {
        let roster = inputs.table("employees");
        let texts = |frame: &DataFrame, name: &str| -> PolarsResult<Vec<Option<String>>> {
            Ok(frame.column(name)?.str()?.iter().map(|text| text.map(str::to_owned)).collect())
        };
        let (ids, names, emails) = (texts(roster, "employee_id")?, texts(roster, "name")?, texts(roster, "email")?);
        let rows =
            ids.iter().zip(&names).zip(&emails).map(|((id, name), email)| {
                (id.as_deref().unwrap_or(""), name.as_deref().unwrap_or(""), email.as_deref())
            });
        let mut people = People::new(rows);
        let identities = inputs.table("identities");
        let (sources, externals) = (texts(identities, "source")?, texts(identities, "external_id")?);
        let emps: Vec<Option<u32>> = identities.column("emp")?.u32()?.iter().collect();
        for ((source, external), emp) in sources.iter().zip(&externals).zip(emps) {
            if let (Some(source), Some(external), Some(emp)) = (source, external, emp) {
                people.identify(source, external, emp, None, None);
            }
        }
        let emails = emails.into_iter().flatten().map(|email| email.to_lowercase());
        let (ids, names) = (ids.into_iter().flatten(), names.into_iter().flatten());
        Ok(Self { people, ids: ids.collect(), names: names.collect(), emails: emails.collect() })
    }

    /// How many people there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn has_id(&self, text: &str) -> bool {
        self.ids.contains(text)
    }

    pub(super) fn has_name(&self, text: &str) -> bool {
        self.names.contains(text)
    }

    pub(super) fn has_email(&self, text: &str) -> bool {
        self.emails.contains(&text.to_lowercase())
    }

    /// Whether any of a person's names is this.
    pub(super) fn knows(&self, text: &str) -> bool {
        self.has_id(text) || self.has_name(text) || self.has_email(text)
    }

    /// To how many digits ids must be padded with zeros so that more of these are on the roster; and how many are then.
    pub(super) fn padding(&self, ids: &BTreeSet<&str>) -> Option<(usize, usize)> {
        let is_number = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let lengths: BTreeSet<usize> = self.ids.iter().filter(|id| is_number(id)).map(String::len).collect();
        let as_they_are = ids.iter().filter(|id| self.has_id(id)).count();
        let padded =
            |length: usize| ids.iter().filter(|id| is_number(id) && self.has_id(&format!("{id:0>length$}"))).count();
        let best = lengths.into_iter().map(|length| (padded(length), length)).max()?;
        (best.0 > as_they_are).then_some((best.1, best.0))
    }
}
