//! A room without internet: bundles are made, carried to machines that have nothing, and used there with the network off.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "room/bundles.rs"]
mod bundles;
#[path = "room/machine.rs"]
mod machine;
#[path = "room/offline.rs"]
mod offline;
