//! A start inside a network that looks like a cluster: the ports that manifests name, and other machines with names.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use supervisor::protocol::{Bridge, Host};
use tokio::net::UnixListener;

use super::{Network, Program, Start};
use crate::check::LabError;
use crate::lab::Lab;

/// The socket that leads to a service's own port.
pub(super) const FRONT_DOOR: &str = "in.sock";

/// What is in the service's network.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    /// The ports through which the service is reached, the one that it is started at first.
    pub ports: Vec<u16>,
    /// The machines that it knows by name.
    pub machines: Vec<Machine>,
}

/// A machine that a service knows by its names.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The names.
    pub names: Vec<String>,
    /// Its address, inside that network only.
    pub address: Ipv4Addr,
    /// Its ports, and what answers there; every other port refuses.
    pub ports: Vec<(u16, Behind)>,
}

/// What answers at a port of a [`Machine`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// A port of the lab.
    Lab(u16),
    /// The socket of a service in a network of its own: see [`door`].
    Door(PathBuf),
}

/// The socket that leads to `port` of the service whose scratch folder this is.
pub fn door(scratch: &Path, port: u16) -> PathBuf {
    scratch.join(format!("in-{port}.sock"))
}

impl Lab {
    /// Prepares the start of a command that manifests give for an app, in a network of its own. Its variables are those that the check
    /// sets: no `PORT` comes from the lab.
    pub(in crate::lab) fn start_inside(
        &self,
        (app, argv): (String, Vec<String>),
        inside: Inside,
        reachable: &[u16],
    ) -> Start {
        let mut start = self.prepare(Program::Command(argv));
        start.app = app;
        start.network = Some(Network { reachable: reachable.to_vec(), configured: Vec::new() });
        start.inside = Some(inside);
        start
    }
}

impl Inside {
    /// Where it is started at. A Job listens nowhere, and any number will do.
    pub(super) fn port(&self) -> u16 {
        self.ports.first().copied().unwrap_or(1)
    }

    pub(super) fn doors(&self, scratch: &Path) -> Vec<Bridge> {
        self.ports.iter().map(|port| Bridge { port: *port, socket: door(scratch, *port) }).collect()
    }

    /// The machines, as the sandbox wants them; `carry` brings what arrives at a socket to a port of the lab.
    pub(super) fn hosts(&self, scratch: &Path, carry: impl Fn(UnixListener, u16)) -> Result<Vec<Host>, LabError> {
        let mut hosts = Vec::new();
        for machine in &self.machines {
            let mut ports = Vec::new();
            for (port, behind) in &machine.ports {
                let socket = match behind {
                    Behind::Door(socket) => socket.clone(),
                    Behind::Lab(lab) => {
                        let socket = scratch.join(format!("{}-{port}.sock", machine.address));
                        let listener = UnixListener::bind(&socket)
                            .map_err(|error| LabError::new("cannot bridge a port", error))?;
                        carry(listener, *lab);
                        socket
                    }
                };
                ports.push(Bridge { port: *port, socket });
            }
            hosts.push(Host { name: machine.names.join(" "), address: machine.address, ports });
        }
        Ok(hosts)
    }
}
