//! Whether a sandbox shows what a process tries to reach.

use std::net::{Ipv4Addr, SocketAddr};

use supervisor::protocol::Attempt;

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::service::Startup;
use crate::lab::start::Start;
use crate::links::{System, create_link, fresh_target};

/// An address where nothing listens in the sandbox; below the kernel's own ports, so that no client socket has it.
pub fn nowhere(lab: &Lab) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(10, 77, 3, 5), 9_000 + lab.chance().below(900) as u16))
}

/// The positive control: an attempt to reach an address that nobody declared as configured is reported.
///
/// # Errors
///
/// It is not: then nothing can be concluded.
pub async fn attempts_are_seen(lab: &Lab, system: &System) -> CheckResult {
    let elsewhere = nowhere(lab);
    let control = system.web(lab).sandboxed(&system.ports(), &[]);
    // Whether it needs to write there is nobody's question here.
    let control = control.changing();
    let attempts = run(lab, control.set("SCREEN_URL", format!("http://{elsewhere}"))).await?;
    if attempts.iter().any(|attempt| attempt.port == elsewhere.port()) {
        return Ok(());
    }
    Err(LabError::new(
        "the network sandbox",
        format!("a call to {elsewhere} was not seen, so nothing can be concluded"),
    )
    .into())
}

/// Starts it, creates a link if it listens, and returns every attempt to reach what is not configured.
pub async fn run(lab: &Lab, start: Start) -> CheckResult<Vec<Attempt>> {
    let (service, startup) = start.go().await?;
    if startup == Startup::Listening {
        // Whatever the answer is: it is the event after which every attempt of this request has been made.
        drop(create_link(&service, &fresh_target(lab)).await);
    }
    let attempts = service.attempts().await;
    service.end().await;
    Ok(attempts)
}
