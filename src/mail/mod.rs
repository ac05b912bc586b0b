//! Floor 6: who gets what, as RFC 5322 message bytes; how they are sealed and handed to a server.

mod answer;
mod changes;
mod compose;
mod message;
mod seal;
mod secret;
pub mod smtp;
mod staff;

pub use answer::Refused;
pub use compose::{Handed, Recipient, compose};
pub use message::Attached;
pub use seal::sealed;
pub use secret::read as secret;
pub use smtp::Session;
pub use staff::{Staff, to_staff};
