//! Floor 6: the archive: editions, the inputs they read, and the lock. Nothing written here is ever changed.

mod edition;
mod lock;
mod manifest;
mod store;
mod trial;

pub use edition::{Archive, Edition, archived_names};
pub use lock::{Held, Lock};
pub use manifest::{Adjusted, Control, ISSUED, InputEntry, Manifest, OutputEntry, PROPOSED, PeriodEntry, REISSUED};
pub use store::write_preview;
pub use trial::Trial;
