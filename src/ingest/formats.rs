//! Which of a mapping's time formats a file is written in, where 3/10 could be two days.

use chrono::NaiveDateTime;

/// The formats that can be used side by side for these texts: none reads a text as another moment than a format
/// that reads more of them.
///
/// # Errors
/// The formats between which the texts do not decide.
pub(crate) fn settle(
    formats: &[String],
    mut texts: Vec<String>,
    read: impl Fn(&str, &str) -> Option<NaiveDateTime>,
) -> Result<Vec<String>, [String; 2]> {
    texts.sort();
    texts.dedup();
    let mut readings: Vec<(usize, &String, Vec<Option<NaiveDateTime>>)> = Vec::new();
    for format in formats {
        let times: Vec<_> = texts.iter().map(|text| read(text, format)).collect();
        readings.push((times.iter().flatten().count(), format, times));
    }
    readings.retain(|(count, ..)| *count > 0);
    readings.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
    let mut kept: Vec<(usize, &String, Vec<Option<NaiveDateTime>>)> = Vec::new();
    for (count, format, times) in readings {
        let differs = |other: &[Option<NaiveDateTime>]| {
            times.iter().zip(other).any(|pair| matches!(pair, (Some(a), Some(b)) if a != b))
        };
        match kept.iter().find(|(.., other)| differs(other)) {
            None => kept.push((count, format, times)),
            Some((most, other, _)) if *most == count => return Err([(*other).clone(), format.clone()]),
            Some(_) => {}
        }
    }
    // Where nothing is a time, every row says so itself.
    Ok(if kept.is_empty() { formats.to_vec() } else { kept.into_iter().map(|(_, format, _)| format.clone()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(texts: &[&str]) -> Result<Vec<String>, [String; 2]> {
        let formats = ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M"].map(str::to_owned);
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        settle(&formats, texts, |text, format| NaiveDateTime::parse_from_str(text, format).ok())
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
