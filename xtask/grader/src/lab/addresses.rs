//! The addresses of this machine.

use std::net::{IpAddr, UdpSocket};

/// The address that this machine would use to reach a foreign one; `None` where it has none but loopback. Nothing is sent.
pub fn in_the_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("198.51.100.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}
