//! A problem told to a person: what, where, why, and what to do.

use std::fmt;

/// One problem in a file or in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where: `config.toml:12` or a file's path.
    pub at: String,
    /// What is wrong, and why.
    pub what: String,
    /// What to do about it; empty where the message says it already.
    pub help: String,
}

impl Problem {
    /// A problem at a place, with advice.
    pub fn new(at: impl Into<String>, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at: at.into(), what: what.into(), help: help.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)?;
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}

/// `1 problem`, `3 problems`.
#[must_use]
pub fn counted(problems: usize) -> String {
    format!("{problems} problem{}", if problems == 1 { "" } else { "s" })
}

/// The known word nearest to `word`, if one is near enough to be meant.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn suggests_only_what_is_near() {
        let known = ["late_arrival.grace", "meeting.grace", "last_out.amount"];
        assert_eq!(did_you_mean("late_arival.grace", known), Some("late_arrival.grace"));
        assert_eq!(did_you_mean("colour", known), None);
    }
}
