//! Starts supervisors inside a container for a grader that is outside.
//!
//! The two share a folder and with it a Unix socket. The grader sends what shall be started and, along with it, the three descriptors
//! that a supervisor gets from its parent; so everything after the start is as it is without a container.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};

use crate::protocol::Spec;

/// The hidden command of `xtask` that leads to [`main`].
pub const COMMAND: &str = "__attend";

/// How many descriptors come with an errand: the control socket, and where the service's output goes.
const DESCRIPTORS: usize = 3;

/// After this long nobody attends any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// A supervisor to be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Its task.
    pub spec: Spec,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The whole environment.
    pub environment: Vec<(String, String)>,
    /// The working directory.
    pub directory: PathBuf,
}

/// Listens at `socket` and does what it is sent, until somebody removes the container.
pub fn main(socket: &Path) -> ExitCode {
    let Ok(listener) = UnixListener::bind(socket) else { return ExitCode::FAILURE };
    for stream in listener.incoming().flatten() {
        // The other side learns of a failure by the missing answer, and of its reason by the words in its place.
        let _ = serve(&stream);
    }
    ExitCode::FAILURE
}

/// Sends an errand with its descriptors and returns the process id of the supervisor, as the sender sees it if both share their
/// processes.
///
/// # Errors
///
/// Nobody attends at `socket`, or the supervisor did not start.
pub fn send(socket: &Path, errand: &Errand, descriptors: [BorrowedFd<'_>; DESCRIPTORS]) -> io::Result<u32> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let words = serde_json::to_vec(errand)?;
    let length = u32::try_from(words.len()).map_err(io::Error::other)?.to_be_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut along = SendAncillaryBuffer::new(&mut space);
    along.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(&stream, &[IoSlice::new(&length)], &mut along, SendFlags::empty())?;
    stream.write_all(&words)?;
    let answer = io::read_to_string(&stream)?;
    answer.trim().parse().map_err(|_| io::Error::other(answer))
}

fn serve(mut stream: &UnixStream) -> io::Result<()> {
    let answer = match receive(stream).and_then(|(errand, descriptors)| start(&errand, descriptors)) {
        Ok(pid) => pid.to_string(),
        Err(error) => error.to_string(),
    };
    stream.write_all(answer.as_bytes())
}

fn receive(mut stream: &UnixStream) -> io::Result<(Errand, [OwnedFd; DESCRIPTORS])> {
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut along = RecvAncillaryBuffer::new(&mut space);
    recvmsg(stream, &mut [IoSliceMut::new(&mut length)], &mut along, RecvFlags::CMSG_CLOEXEC)?;
    let descriptors: Vec<OwnedFd> = along
        .drain()
        .flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => descriptors.collect(),
            _ => Vec::new(),
        })
        .collect();
    let descriptors = descriptors.try_into().map_err(|_| io::Error::other("came without its descriptors"))?;
    let mut words = vec![0; usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?];
    stream.read_exact(&mut words)?;
    Ok((serde_json::from_slice(&words)?, descriptors))
}

fn start(errand: &Errand, [control, out, err]: [OwnedFd; DESCRIPTORS]) -> io::Result<u32> {
    let mut supervisor = Command::new(std::env::current_exe()?)
        .args([crate::COMMAND, "--spec", &serde_json::to_string(&errand.spec)?, "--"])
        .args(&errand.argv)
        .env_clear()
        .envs(errand.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&errand.directory)
        .stdin(Stdio::from(control))
        .stdout(Stdio::from(out))
        .stderr(Stdio::from(err))
        .spawn()?;
    let pid = supervisor.id();
    // Waited for, so that it leaves no trace in the system's table.
    thread::spawn(move || supervisor.wait());
    Ok(pid)
}

/// Whether somebody attends at `socket`.
pub fn is_there(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}
