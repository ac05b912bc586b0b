//! Floor 6: who gets what, as RFC 5322 message bytes.

mod compose;

pub use compose::{Recipient, compose};
