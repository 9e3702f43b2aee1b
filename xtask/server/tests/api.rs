//! The server from outside: files, runs, and everything that must not start one.
//!
//! The grader is a stand-in here, so that a test decides when it goes on. The browser tests use the real one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "api/client.rs"]
mod client;
#[path = "api/ends.rs"]
mod ends;
#[path = "api/files.rs"]
mod files;
#[path = "api/refusals.rs"]
mod refusals;
#[path = "api/reloads.rs"]
mod reloads;
#[path = "api/room.rs"]
mod room;
#[path = "api/runs.rs"]
mod runs;
#[path = "api/words.rs"]
mod words;
#[path = "api/world.rs"]
mod world;
