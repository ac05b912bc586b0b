//! Floor 6: who gets what, as RFC 5322 message bytes.

pub mod agenda;
mod changes;
mod compose;
mod message;
mod nightly;

pub use compose::{Recipient, compose};
pub use message::Attached;
pub use nightly::{NightOf, Reader, failure, is_address, nightly};
