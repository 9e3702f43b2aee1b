//! Connections: each holds little, and the end waits for what was asked before it.

use axum::Router;
use axum::serve::{Listener, ListenerExt};
use grader::stop::Stop;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

/// Bytes that wait in this program for one reader. Hyper's own limit, which axum's server keeps, is six times as much: a hundred MiB
/// for three hundred laptops that went to sleep.
const MOST_UNSENT: usize = 64 * 1024;

/// Bytes that the system keeps for whoever never reads.
const SEND_BUFFER: usize = 64 * 1024;

/// Milliseconds after which whoever takes nothing is gone.
const UNREAD: u32 = 20_000;

/// Serves until it is time to end and everything that was asked before has its answer.
pub async fn serve(listener: TcpListener, router: Router, mut stop: Stop) {
    let mut listener = listener.tap_io(against_stalled_readers);
    let mut http = http1::Builder::new();
    // The timer is what ends a connection that never finishes its headers.
    http.timer(TokioTimer::new()).max_buf_size(MOST_UNSENT);
    let service = TowerToHyperService::new(router);
    let open = GracefulShutdown::new();
    loop {
        let (stream, _) = tokio::select! {
            biased;
            () = stop.asked() => break,
            accepted = listener.accept() => accepted,
        };
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service.clone()));
        tokio::spawn(async {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection broke");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// A page that a laptop took to sleep with it holds little, and not for long. Where the system knows no such settings, it holds more.
fn against_stalled_readers(stream: &mut TcpStream) {
    let small = rustix::net::sockopt::set_socket_send_buffer_size(&*stream, SEND_BUFFER);
    #[cfg(target_os = "linux")]
    let small = small.and(rustix::net::sockopt::set_tcp_user_timeout(&*stream, UNREAD));
    if let Err(error) = small {
        tracing::debug!(error = %error, "a connection keeps the usual buffers");
    }
}
