//! Floor 1: contracts: the tables that come in, how an export is mapped to them, the files that
//! go out to payroll, and the frames between floors.

pub mod adjustments;
pub mod deciders;
pub mod difference;
pub mod findings;
pub mod imports;
pub mod inputs;
pub mod mapping;
pub mod message;
pub mod source;
pub mod tables;
