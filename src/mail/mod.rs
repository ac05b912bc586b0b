//! Floor 6: who gets what, as RFC 5322 message bytes; how they are sealed and handed to a server.

mod answer;
mod changes;
mod compose;
mod message;
pub mod seal;
pub mod secret;
pub mod smtp;

pub use answer::Refused;
pub use compose::{Recipient, compose};
pub use message::Attached;
