//! Bad input and faults: whatever a service or a machine does, `cargo xtask check` says what happened and leaves nothing.
//!
//! Each test runs the real program on a service made for it, in folders of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

#[path = "faults/aborts.rs"]
mod aborts;
#[path = "faults/builds.rs"]
mod builds;
#[path = "faults/by_hand.rs"]
mod by_hand;
#[path = "faults/floods.rs"]
mod floods;
#[path = "faults/input.rs"]
mod input;
#[path = "faults/locks.rs"]
mod locks;
#[path = "faults/machine.rs"]
mod machine;
#[path = "faults/pipelines.rs"]
mod pipelines;
#[path = "faults/pods.rs"]
mod pods;
#[path = "faults/processes.rs"]
mod processes;
#[path = "faults/repositories.rs"]
mod repositories;
#[path = "faults/running.rs"]
mod running;
#[path = "faults/scene.rs"]
mod scene;
#[path = "faults/servers.rs"]
mod servers;
#[path = "faults/services.rs"]
mod services;
#[path = "faults/trees.rs"]
mod trees;
