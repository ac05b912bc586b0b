//! Floor 6: the archive: editions, the inputs they read, nights, and the lock. Nothing written here is ever changed; what is
//! old enough may be pruned.

mod causes;
mod clean;
mod edition;
mod founding;
mod lock;
mod manifest;
mod nights;
mod outbox;
mod prune;
mod pruned;
mod store;
mod trial;
mod verify;

pub use causes::{ROSTER, Side, SideInput, causes};
pub use edition::{Archive, Edition, TEXTS, archived_names};
pub use founding::{found, standing};
pub use lock::{Held, Lock};
pub use manifest::{Adjusted, Control, ISSUED, InputEntry, Manifest, OutputEntry, PROPOSED, PeriodEntry, REISSUED};
pub use nights::{Night, NightInput, NightManifest, Snapshot};
pub use outbox::{Answer, Entry, Envelope, Event, State};
pub use prune::{Kept, Planned};
pub use store::write_preview;
pub use trial::Trial;
pub use verify::Verified;
