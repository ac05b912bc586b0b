//! Floor 6: who gets what, as RFC 5322 message bytes.

mod changes;
mod compose;
mod message;

pub use compose::{Recipient, compose};
pub use message::Attached;
