//! Floor 0: money, quantities, months, evidence references and problems. Depends on nothing of ours.

pub mod code;
pub mod evidence;
pub mod hash;
pub mod moment;
pub mod money;
pub mod month;
pub mod problem;
pub mod quantity;
pub mod text;
pub mod toml;
