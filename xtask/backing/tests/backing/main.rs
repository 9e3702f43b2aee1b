//! The program from outside: every way to a server, what it refuses, and that nothing of it is left, however it ends.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests are tests as well: what cannot be had is a failure with a place"
)]

mod board;
mod containers;
mod databases;
mod ends;
mod faults;
mod given;
mod support;
