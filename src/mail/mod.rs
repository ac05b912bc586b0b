//! Floor 6: who gets what, as RFC 5322 message bytes; how they are sealed and handed to a server.

pub mod agenda;
mod answer;
mod changes;
mod compose;
mod message;
mod nightly;
mod seal;
mod secret;
pub mod smtp;
mod staff;

pub use answer::Refused;
pub use compose::{Handed, Recipient, compose};
pub use message::Attached;
pub use nightly::{NightOf, Reader, failure, is_address, nightly};
pub use seal::{has_workbook, sealed};
pub use secret::read as secret;
pub use smtp::Session;
pub use staff::{Staff, to_staff};
