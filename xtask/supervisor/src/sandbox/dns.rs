//! A name server that knows every name, so that a service which asks for a host also shows what it would do there.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;

/// Where the service's `/etc/resolv.conf` sends its questions.
pub(super) const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 53);

/// What every name resolves to: an address for documentation (RFC 5737), which nobody can mean.
const ANYBODY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

const HEADER: usize = 12;
const A: [u8; 2] = [0, 1];
const NO_ERROR_RECURSIVE: [u8; 2] = [0x81, 0x80];

/// The name server's socket.
pub(super) struct Responder(UdpSocket);

impl Responder {
    /// Takes the port; questions are queued until `start`.
    pub(super) fn open() -> io::Result<Self> {
        UdpSocket::bind(ADDRESS).map(Self)
    }

    /// Answers from now on, in a thread.
    pub(super) fn start(self) {
        thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, asker)) = self.0.recv_from(&mut packet) {
                if let Some(answer) = packet.get(..length).and_then(answer) {
                    // Somebody who no longer listens is not our concern.
                    let _ = self.0.send_to(&answer, asker);
                }
            }
        });
    }
}

/// The name in the first question of a DNS message, with dots and without the last one; bytes that are no ASCII come out as `\DDD`.
pub(super) fn asked_name(message: &[u8]) -> Option<String> {
    let (labels, _) = question(message)?;
    let labels: Vec<String> = labels.into_iter().map(readable).collect();
    Some(labels.join("."))
}

fn readable(label: &[u8]) -> String {
    let characters = label.iter().map(|byte| match byte {
        b'!'..=b'~' => char::from(*byte).to_string(),
        other => format!("\\{other:03}"),
    });
    characters.collect()
}

/// The labels of the first question, and where its type begins.
fn question(message: &[u8]) -> Option<(Vec<&[u8]>, usize)> {
    let mut at = HEADER;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        match length {
            0 => return Some((labels, at)),
            // Questions are not compressed: there is nothing before them to point to.
            64.. => return None,
            _ => labels.push(message.get(at..at + length)?),
        }
        at += length;
    }
}

/// The question again, and for an A question one address that may be kept for no time; every other question has an empty answer.
fn answer(message: &[u8]) -> Option<Vec<u8>> {
    let (_, kind) = question(message)?;
    let asked = message.get(HEADER..kind + 4)?;
    let address = message.get(kind..kind + 2)? == A;
    let mut answer = message.get(..2)?.to_vec();
    answer.extend(NO_ERROR_RECURSIVE);
    answer.extend([0, 1, 0, u8::from(address), 0, 0, 0, 0]);
    answer.extend(asked);
    if address {
        // The name is where the question has it (byte 12); type A, class IN, lifetime 0, four bytes.
        answer.extend([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        answer.extend(ANYBODY.octets());
    }
    Some(answer)
}
