//! Plays the platform: builds and starts a service, gives it configuration, a partner and faults, and judges what it
//! observes from outside.
//!
//! # Layout
//!
//! - [`grade`] is the only way to grade. It emits [`event::Event`]s and prints nothing; [`report`] holds the observers.
//! - [`factors`] is the table of factors and their checks; the checks live in `exercises/*/checks.rs`.
//! - [`lab`] is what a check works with: services, the partner stub, ports, logs, the sandbox, chance and waiting.
//! - [`backing`] is the door to PostgreSQL, Redis and containers, which a program of its own starts; [`programs`] compiles such programs.
//! - [`subject`], [`manifest`] and [`tree`] find out what is graded and copy it to where it is built.
//! - [`prove`] shows that the checks are right, with starters, solutions, variants and mutants.
//! - [`stop`] ends the programs that serve, the books' and the instructor's, which both have this package below them.

pub mod backing;
mod build;
pub mod check;
pub mod event;
pub mod factors;
pub mod git;
pub mod graded;
pub mod hints;
pub mod lab;
pub mod links;
pub mod locale;
pub mod locks;
pub mod manifest;
pub mod marks;
pub mod messages;
pub mod outcome;
pub mod pristine;
pub mod programs;
pub mod prove;
pub mod report;
mod runner;
pub mod screen;
pub mod stop;
pub mod subject;
pub mod text;
mod tree;

pub use build::copy;
pub use runner::{Ended, Request, Selection, grade};
pub use tree::{Patch, keep_own_profiles, trimmed_manifest};
