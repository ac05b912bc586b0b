//! meritbook 奖惩簿
pub mod base;
pub mod calendar;
pub mod schema;
pub mod policy;
pub mod config;
pub mod ingest;
pub mod facts;
pub mod rules;

