//! Watch mode as a newcomer meets it: in a real terminal, in both languages, wide and narrow, and where there is none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "terminal/ends.rs"]
mod ends;
#[path = "terminal/lines.rs"]
mod lines;
#[path = "../../tests/faults/processes.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod processes;
#[path = "terminal/session.rs"]
mod session;
#[path = "terminal/tmux.rs"]
mod tmux;
#[path = "terminal/world.rs"]
mod world;
