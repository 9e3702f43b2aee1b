//! A port that the platform has chosen (factor 7), and an end that drops nobody (factor 9).

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

/// Binds a port on all addresses. A port that is taken is the end: nobody would find a service at another one.
///
/// # Errors
///
/// A message that names the port.
pub async fn listen(port: u16) -> Result<TcpListener, String> {
    let bound = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await;
    bound.map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))
}

/// Serves until `stop`, then lets the requests in hand finish, but no longer than `grace`.
///
/// # Errors
///
/// The listener fails.
pub async fn until(
    listener: TcpListener,
    app: Router,
    mut stop: watch::Receiver<bool>,
    grace: Duration,
) -> io::Result<()> {
    let mut stopping = stop.clone();
    // At the signal axum closes the listener: new connections are refused at once, and nobody waits in a queue that is no
    // longer read.
    let graceful = async move { drop(stopping.wait_for(|stop| *stop).await) };
    tokio::select! {
        ended = axum::serve(listener, app).with_graceful_shutdown(graceful) => {
            tracing::info!("stopped, every request is answered");
            ended
        }
        // axum waits for every connection that has begun a request. Half a request, left open by a scanner, would hold up the
        // deploy until the platform kills the process, and everybody else's request with it.
        () = async { drop(stop.wait_for(|stop| *stop).await); sleep(grace).await } => {
            tracing::warn!(after_seconds = grace.as_secs(), "stopped, with connections left");
            Ok(())
        }
    }
}

/// Becomes true at SIGTERM, which the platform sends, or at SIGINT, which Ctrl-C sends. The handlers are installed by the call,
/// so a signal that comes early is not lost.
///
/// # Errors
///
/// The system refuses a handler.
pub fn stop_signal() -> io::Result<watch::Receiver<bool>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to end");
        sender.send_replace(true);
        // Kept, so that nobody mistakes a dropped sender for a signal.
        std::future::pending::<()>().await;
    });
    Ok(receiver)
}
