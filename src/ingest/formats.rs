//! Which of a mapping's time formats a file is written in, where 3/10 could be two days.

use chrono::NaiveDateTime;

/// What the texts of a file say about each format, text by text.
pub(crate) struct Votes<'f> {
    formats: &'f [String],
    /// How many texts each format reads.
    counts: Vec<u64>,
    /// Whether two formats read some text as different moments.
    differs: Vec<Vec<bool>>,
    /// The text before: rows come in time order, so the same often follows.
    last: String,
}

impl<'f> Votes<'f> {
    pub(crate) fn new(formats: &'f [String]) -> Self {
        let count = formats.len();
        Self { formats, counts: vec![0; count], differs: vec![vec![false; count]; count], last: String::new() }
    }

    /// Adds a text.
    pub(crate) fn see(&mut self, text: &str, read: impl Fn(&str, &str) -> Option<NaiveDateTime>) {
        if text.is_empty() || text == self.last {
            return;
        }
        text.clone_into(&mut self.last);
        let times: Vec<_> = self.formats.iter().map(|format| read(text, format)).collect();
        for (one, time) in times.iter().enumerate().filter_map(|(place, time)| Some((place, (*time)?))) {
            self.counts[one] += 1;
            for (other, differs) in self.differs[one].iter_mut().enumerate() {
                *differs |= times[other].is_some_and(|other| other != time);
            }
        }
    }

    /// The formats that can be used side by side for these texts: none reads a text as another moment than a format
    /// that reads more of them.
    ///
    /// # Errors
    /// The formats between which the texts do not decide.
    pub(crate) fn settle(self) -> Result<Vec<String>, [String; 2]> {
        let mut order: Vec<usize> = (0..self.formats.len()).filter(|place| self.counts[*place] > 0).collect();
        order.sort_by_key(|place| std::cmp::Reverse(self.counts[*place]));
        let mut kept: Vec<usize> = Vec::new();
        for place in order {
            match kept.iter().find(|other| self.differs[place][**other]) {
                None => kept.push(place),
                Some(other) if self.counts[*other] == self.counts[place] => {
                    return Err([self.formats[*other].clone(), self.formats[place].clone()]);
                }
                Some(_) => {}
            }
        }
        // Where nothing is a time, every row says so itself.
        let all = || self.formats.to_vec();
        Ok(if kept.is_empty() { all() } else { kept.into_iter().map(|place| self.formats[place].clone()).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(texts: &[&str]) -> Result<Vec<String>, [String; 2]> {
        let formats = ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M"].map(str::to_owned);
        let mut votes = Votes::new(&formats);
        for text in texts {
            votes.see(text, |text, format| NaiveDateTime::parse_from_str(text, format).ok());
        }
        votes.settle()
    }

    #[test]
    fn one_day_over_12_decides_for_the_whole_file() {
        assert_eq!(settled(&["03/10/2026 08:00", "14/10/2026 08:00"]).unwrap(), ["%d/%m/%Y %H:%M"]);
        assert_eq!(settled(&["03/10/2026 08:00", "10/14/2026 08:00"]).unwrap(), ["%m/%d/%Y %H:%M"]);
    }

    #[test]
    fn days_that_decide_nothing_are_not_guessed() {
        assert_eq!(settled(&["03/10/2026 08:00"]).unwrap_err(), ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]);
        assert!(settled(&["10/10/2026 08:00"]).is_ok());
        assert!(settled(&["x"]).is_ok_and(|all| all.len() == 3));
    }

    #[test]
    fn a_format_of_another_shape_stays_beside_it() {
        let both = settled(&["14/10/2026 08:00", "03/10/2026 08:00", "2026-10-03 09:00"]).unwrap();
        assert_eq!(both, ["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"]);
    }
}
