//! meritbook 奖惩簿
pub mod base;
pub mod calendar;
pub mod schema;
pub mod policy;
pub mod config;
pub mod ingest;
pub mod facts;
pub mod rules;
pub mod settle;
pub mod report;
pub mod archive;
pub mod mail;
pub mod jobs;
pub mod cli;

