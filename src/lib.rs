//! meritbook 奖惩簿 audits a service centre's written staff policy and hands HR the sheets for payroll.
//!
//! Data walks straight through, one floor at a time, and never back:
//!
//! ```text
//! exports ─ ingest ─ facts ─ rules ─ findings ─ settle ─ postings ─ report ─ archive
//!             └ rejected, coverage     policy ┘  decisions ┘           └ mail
//! ```
//!
//! | floor | modules | |
//! |---|---|---|
//! | 0 | [`base`] | money, months, evidence references, problems |
//! | 1 | [`calendar`] [`policy`] [`schema`] | workdays, dated values, contracts of tables and frames |
//! | 2 | [`config`] [`ingest`] | files → configuration; exports → tables, rejected rows, coverage |
//! | 3 | [`facts`] | joins and business words, made once |
//! | 4 | [`rules`] | one rule, one file |
//! | 5 | [`settle`] | decisions, merging, receipt, counting, postings |
//! | 6 | [`report`] [`archive`] [`mail`] | results → bytes; bytes → disk; who gets what |
//! | 7 | [`jobs`] | one command, one file |
//! | 8 | [`cli`] | what can be asked |
//!
//! A module imports only lower floors. Only `config`, `ingest`, `archive`, `mail`, `jobs` and `main` touch files, clock
//! or environment; the rest are functions of their arguments. Bad input is data, not failure. Money is integer fen.

pub mod base;
pub mod calendar;
pub mod policy;
pub mod schema;

pub mod config;
pub mod ingest;

pub mod facts;
pub mod rules;
pub mod settle;

pub mod archive;
pub mod mail;
pub mod report;

pub mod jobs;

pub mod cli;
