//! What one reader is told of a night, before it is put into words: only what is open, the oldest first, no totals.

use chrono::NaiveDate;

/// A line of the findings, as a mail shows it. Sorted by day, then whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The day of the event.
    pub day: NaiveDate,
    /// Whose; empty where nobody is known.
    pub employee_id: String,
    /// The name.
    pub name: String,
    /// The finding's id.
    pub finding: String,
    /// The finding in one sentence.
    pub summary: String,
}

/// A line that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The line.
    pub line: Line,
    /// What is asked: the reason for which it waits, `unpriced`, or `report` where a written reason still excuses.
    pub question: String,
    /// Until when.
    pub until: Option<NaiveDate>,
}

/// A deadline that has not run out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Upcoming {
    /// The last day in time.
    pub due: NaiveDate,
    /// Whose; empty where nobody is in charge.
    pub employee_id: String,
    /// The name.
    pub name: String,
    /// The rule that would be broken.
    pub rule: &'static str,
    /// What the sentence about it names.
    pub values: Vec<String>,
}

/// A line that is new, or not what it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct News {
    /// The line.
    pub line: Line,
    /// Its status.
    pub status: &'static str,
    /// The status before; `None` where the line is new.
    pub was: Option<String>,
}

/// What could not be judged, for one reason and scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The rules, in order.
    pub rules: Vec<&'static str>,
    /// Whom or what: a site, an id; empty is everybody.
    pub scope: String,
    /// Why.
    pub reason: &'static str,
    /// The source that is to blame; may be empty.
    pub source: String,
}

/// A manager whom no mail reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreached {
    /// The employee id, as the roster names it.
    pub id: String,
    /// Why: `left`, `unknown`, `no-address` or `bad-address`.
    pub why: &'static str,
}

/// An issued month that would come out otherwise today.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggested {
    /// The month, `2026-09`.
    pub month: String,
    /// Lines that would be removed, added and changed.
    pub lines: [usize; 3],
    /// Answers that came after it was issued.
    pub answers: usize,
}

/// A source that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The source.
    pub source: String,
    /// The files that the configuration names.
    pub files: String,
    /// `missing` or `unusable`.
    pub state: &'static str,
}

/// A rejected row: where it stands and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u64,
    /// The column.
    pub column: String,
    /// Why it cannot be used.
    pub reason: String,
}

/// What one reader is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agenda {
    /// What waits for the reader.
    pub asked: Vec<Asked>,
    /// What falls due.
    pub upcoming: Vec<Upcoming>,
    /// What is new since the last night.
    pub news: Vec<News>,
    /// What could not be judged.
    pub gaps: Vec<Gap>,
    /// Managers whom no mail reaches (HR).
    pub unreached: Vec<Unreached>,
    /// Rejected rows (HR).
    pub refused: Vec<Refused>,
    /// Sources that could not be read (HR, operator).
    pub unread: Vec<Unread>,
    /// How many rows of which file were rejected (operator).
    pub counts: Vec<(String, usize)>,
    /// Issued months that would come out otherwise (HR).
    pub reruns: Vec<Suggested>,
    /// Issued months that could not be looked at (HR, operator).
    pub damaged: Vec<String>,
}

impl Agenda {
    /// Whether nothing is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Puts every list into its order, each entry once.
    pub fn sort(&mut self) {
        fn tidy<T: Ord>(list: &mut Vec<T>) {
            list.sort();
            list.dedup();
        }
        tidy(&mut self.asked);
        tidy(&mut self.upcoming);
        tidy(&mut self.news);
        tidy(&mut self.gaps);
        tidy(&mut self.unreached);
        tidy(&mut self.refused);
        tidy(&mut self.unread);
        tidy(&mut self.counts);
        tidy(&mut self.reruns);
        tidy(&mut self.damaged);
    }
}
