//! Floor 6: who gets what, as RFC 5322 message bytes.

mod changes;
mod compose;
mod message;
mod smtp;
mod staff;

pub use compose::{Handed, Recipient, compose};
pub use message::Attached;
pub use smtp::{Refused, Session, sealed, secret};
pub use staff::{Staff, to_staff};
