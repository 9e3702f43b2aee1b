//! How slow this machine is right now, measured with what the lab does all the time: starting programs and loopback
//! round trips.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::check::LabError;

const ROUNDS: usize = 15;
const TRIPS: usize = 20;
/// The median round on an idle two-core machine of 2024 (x86-64, Debian 12).
const REFERENCE: Duration = Duration::from_micros(3_000);

/// The slowness against the reference machine: 1 means as fast or faster, 20 is the most that is believed.
pub fn slowness(program: &Path) -> Result<f64, LabError> {
    let failed = |error| LabError::new("cannot calibrate the machine", error);
    let mut rounds = Vec::with_capacity(ROUNDS);
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        start_helper(program).map_err(failed)?;
        round_trips(&listener).map_err(failed)?;
        rounds.push(began.elapsed());
    }
    rounds.sort();
    Ok((rounds[ROUNDS / 2].as_secs_f64() / REFERENCE.as_secs_f64()).clamp(1.0, 20.0))
}

fn start_helper(program: &Path) -> std::io::Result<()> {
    let mut helper = Command::new(program);
    helper.arg("__nothing").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    helper.status().map(drop)
}

fn round_trips(listener: &TcpListener) -> std::io::Result<()> {
    let mut near = TcpStream::connect(listener.local_addr()?)?;
    let (mut far, _) = listener.accept()?;
    let mut byte = [0];
    for _ in 0..TRIPS {
        near.write_all(&byte)?;
        far.read_exact(&mut byte)?;
        far.write_all(&byte)?;
        near.read_exact(&mut byte)?;
    }
    Ok(())
}
