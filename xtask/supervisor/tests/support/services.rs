//! The services under supervision, each a few lines of what real ones do.

use std::fs;
use std::io::{Read, Write, stdin, stdout};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use libtest_mimic::Failed;

/// The first word of a test program that is a service.
pub const WORD: &str = "service";

/// Runs one service; exit code 1 and a line on standard output if it fails.
pub fn main(words: &[String]) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = match words.as_slice() {
        ["family"] => family(),
        ["sleep"] => sleep(),
        ["sleep-in-own-session"] => own_session(),
        ["daemon"] => daemon(),
        ["leave-a-child"] => leave_a_child(),
        ["grader", script @ ..] => grader(script),
        ["dial", address] => dial(address),
        ["dial-and-stay", address] => dial(address).and_then(|()| sleep()),
        ["datagram", address] => datagram(address),
        ["look-up", name] => look_up(name),
        ["look-up-as-configured", name] => look_up_as_configured(name),
        ["ask", address, question] => ask(address, question),
        ["echo", port] => echo(port),
        ["write", path] => write(path),
        ["see", path] => say(&format!("{:?}", fs::exists(path).is_ok_and(|seen| seen))),
        ["user"] => say(&rustix::process::geteuid().as_raw().to_string()),
        #[cfg(target_os = "linux")]
        ["remount"] => remount(),
        other => Err(format!("no such service: {other:?}").into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = say(&format!("failed: {}", error.message().unwrap_or_default()));
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) -> Result<(), Failed> {
    writeln!(stdout(), "{line}")?;
    Ok(stdout().flush()?)
}

fn again(word: &str) -> Result<Command, Failed> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([WORD, word]).stdin(Stdio::null());
    Ok(command)
}

/// Four processes: itself, a plain child, one in a session of its own and a daemon. Each one's id becomes a line.
fn family() -> Result<(), Failed> {
    again("sleep")?.spawn()?;
    again("sleep-in-own-session")?.spawn()?;
    again("daemon")?.spawn()?.wait()?;
    sleep()
}

fn sleep() -> Result<(), Failed> {
    say(&std::process::id().to_string())?;
    loop {
        thread::park();
    }
}

fn own_session() -> Result<(), Failed> {
    rustix::process::setsid()?;
    sleep()
}

/// The half of a daemon that goes away: its child has no parent, no terminal, no standard streams.
fn daemon() -> Result<(), Failed> {
    rustix::process::setsid()?;
    let child = again("sleep")?.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    say(&child.id().to_string())
}

/// Ends while its child, which has become its own program by then, lives on.
fn leave_a_child() -> Result<(), Failed> {
    again("sleep")?.spawn()?;
    Ok(())
}

/// A grader that will be killed: tells its supervisor's id, passes the output of the service on and waits.
fn grader(words: &[&str]) -> Result<(), Failed> {
    let [scratch] = words else {
        return Err("one folder".into());
    };
    let spec = supervisor::protocol::Spec { scratch: Some(scratch.into()), sandbox: None };
    let mut run = super::Grader::serve(&spec, &["family"])?;
    say(&run.supervisor.id().to_string())?;
    std::io::copy(&mut run.output, &mut stdout())?;
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn dial(address: &str) -> Result<(), Failed> {
    match TcpStream::connect(address) {
        Ok(_) => say("connected"),
        Err(error) => say(&format!("{:?}", error.kind())),
    }
}

fn datagram(address: &str) -> Result<(), Failed> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.send_to(b"a metric", address)?;
    Ok(())
}

fn look_up(name: &str) -> Result<(), Failed> {
    let address = (name, 80).to_socket_addrs()?.next().ok_or("no address")?;
    say(&address.ip().to_string())
}

/// Looks for addresses of the kinds that this host has (`AI_ADDRCONFIG`).
fn look_up_as_configured(name: &str) -> Result<(), Failed> {
    let output = Command::new("getent").args(["ahosts", name]).output()?;
    say(String::from_utf8_lossy(&output.stdout).split_whitespace().next().unwrap_or("nothing"))
}

/// A client that closes its half before it reads the answer.
fn ask(address: &str, question: &str) -> Result<(), Failed> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(question.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    say(&answer)
}

/// A server that gives one client everything back.
fn echo(port: &str) -> Result<(), Failed> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port.parse()?))?;
    say("ready")?;
    let (mut stream, _) = listener.accept()?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    Ok(stream.write_all(&all)?)
}

fn write(path: &str) -> Result<(), Failed> {
    match fs::write(path, "written") {
        Ok(()) => say("written"),
        Err(error) => say(&format!("{:?}", error.kind())),
    }
}

/// Tries to undo the sandbox.
#[cfg(target_os = "linux")]
fn remount() -> Result<(), Failed> {
    use rustix::mount::{MountFlags, mount_remount};
    match mount_remount("/", MountFlags::BIND, "") {
        Ok(()) => say("remounted"),
        Err(error) => say(if error == rustix::io::Errno::PERM { "PERM" } else { "refused otherwise" }),
    }
}
