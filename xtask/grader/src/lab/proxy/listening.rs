//! The listeners of a proxy, which refuse from one moment to the next and listen again on the same port.

use std::future::ready;
use std::io;
use std::net::SocketAddr;

use rustix::net::{Shutdown, shutdown};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

use super::Mode;
use crate::lab::looks::looking;
use crate::lab::ports::reserve;

/// Connections that wait until the proxy takes them.
const BACKLOG: u32 = 1024;

pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    reserve(address)?.listen(BACKLOG)
}

/// Nobody can connect from now on. Closing it alone would not do: the task that accepts holds it until it runs again, and a process
/// that was just forked has a copy. Only Linux shuts a listener; elsewhere it is closed when that task runs.
pub fn shut(listener: &TcpListener) {
    let _not_on_every_system = shutdown(listener, Shutdown::Both);
}

/// The same address, once nobody is to be refused.
pub async fn listening_again(address: SocketAddr, modes: &mut watch::Receiver<Mode>) -> io::Result<TcpListener> {
    let reserved = reserve_when_free(address).await?;
    drop(modes.wait_for(|mode| *mode != Mode::Refuse).await);
    reserved.listen(BACKLOG)
}

/// A reserved port, once it is free. A process that was just forked for somebody else's service holds a copy of the closed
/// listener until it has become that service.
pub async fn reserve_when_free(address: SocketAddr) -> io::Result<TcpSocket> {
    let settled = || match reserve(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => None,
        settled => Some(settled),
    };
    looking(|| ready(settled())).await
}
