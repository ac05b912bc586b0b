//! Moments as frames hold them: local wall-clock time in microseconds since 1970.

use chrono::{DateTime, NaiveDateTime};

/// The moment of a frame's number; `None` beyond what a calendar can hold.
#[must_use]
pub fn of_micros(micros: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc())
}
