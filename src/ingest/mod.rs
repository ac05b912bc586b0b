//! Floor 2: exports → typed tables, rejected rows and coverage (3-tables §3.2).
//!
//! Bad input is data: a row that cannot be read is listed with its place and reason, a source that cannot be read
//! has a state. Only a missing or unusable `employees`, and a missing `decisions` or `identities`, stop a run.

mod cell;
mod checks;
mod chunks;
mod decode;
mod files;
mod formats;
mod frame;
mod header;
mod load;
mod people;
pub mod presets;
mod proof;
mod records;
mod rows;
mod sightings;
mod swipe_source;
mod swipes;

pub use chunks::sha256_of;
pub use load::{Failure, read};

/// Reading goes on: a file begins, or so many bytes more were read.
pub enum Progress<'a> {
    /// A file of this size begins.
    File(&'a str, u64),
    /// Bytes read since the last call.
    Bytes(u64),
}
