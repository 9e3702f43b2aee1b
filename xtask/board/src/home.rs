//! The board's folder, its secret, and the address under which others reach it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::fs::OpenOptionsExt;

use crate::keys;
use crate::options::Options;

/// The instructor's secret: the given one, or the one that this board made when it was first started.
pub fn secret(options: &Options) -> io::Result<String> {
    if options.database.is_none() {
        fs::create_dir_all(&options.home)?;
    }
    if let Some(secret) = &options.secret {
        return Ok(secret.clone());
    }
    fs::create_dir_all(&options.home)?;
    let path = options.home.join("secret");
    // Whoever reads it is the instructor, so nobody else of this machine may.
    match File::options().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            let secret = keys::secret()?;
            writeln!(file, "{secret}")?;
            file.sync_all().map(|()| secret)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut secret = String::new();
            File::open(&path)?.read_to_string(&mut secret)?;
            Ok(secret.trim().to_owned())
        }
        Err(error) => Err(error),
    }
}

/// The address that others can type. Where the board listens on all addresses, the one that leads out of this machine.
pub fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        ip if ip.is_loopback() => return format!("http://localhost:{}", address.port()),
        ip if ip.is_unspecified() => outward().unwrap_or(ip),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// The address under which this machine itself reaches the board.
pub fn reached_here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Which of its own addresses this machine would use to reach others. Nothing is sent for it.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address that is reserved for documentation: any would do.
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_can_be_typed() {
        assert_eq!(url("127.0.0.1:80".parse().unwrap()), "http://localhost:80");
        assert_eq!(url("10.0.0.7:81".parse().unwrap()), "http://10.0.0.7:81");
        assert_eq!(url("[2001:db8::1]:81".parse().unwrap()), "http://[2001:db8::1]:81");
    }
}
