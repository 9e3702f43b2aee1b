//! Simulated attendees: for practising the evening before, and for measuring.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

pub mod bench;
mod client;
pub mod rehearsal;

/// A room needs a descriptor per open page; some systems begin with 256. What cannot be had is done without.
pub fn as_many_connections_as_allowed() -> io::Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // macOS calls its limit infinite and takes no more than this.
    let wished = maximum.unwrap_or(10_240).min(65_536);
    if current.is_some_and(|current| current < wished) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wished), maximum })?;
    }
    Ok(())
}
