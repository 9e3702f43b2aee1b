//! Measures a whole program: time, processor time of all it started, peak memory of itself.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Between two looks at a running program.
const LOOK: Duration = Duration::from_millis(5);

/// What a program used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// User and system time of the program and of everything it waited for; Linux alone tells.
    pub cpu: Option<Duration>,
    /// Whether the program ended with exit code 0.
    pub succeeded: bool,
    /// The most memory of the program itself that was ever seen, in MiB; Linux alone tells.
    pub peak_mib: Option<f64>,
}

/// Runs a program to its end, whatever its exit code.
pub fn run_measured(command: &mut Command) -> std::io::Result<Usage> {
    let before = children_cpu();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak_mib = None;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // The kernel keeps the high-water mark; the last look before the end is what counts.
        peak_mib = high_water(child.id()).or(peak_mib);
        std::thread::sleep(LOOK);
    };
    let cpu = children_cpu().zip(before).map(|(after, before)| after.saturating_sub(before));
    Ok(Usage { cpu, succeeded: status.success(), peak_mib })
}

/// The middle value.
pub fn median(values: &mut [Duration]) -> Duration {
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Starts a service with a correct environment, waits until it answers, and ends it.
pub fn start_once(program: &Path) -> std::io::Result<()> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut service = Command::new(program)
        .arg("web")
        .env_clear()
        .envs([
            ("SCREEN_URL", "http://127.0.0.1:9"),
            ("SCREEN_API_KEY", "bench"),
            ("PUBLIC_BASE_URL", "https://x.example"),
        ])
        .env("PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let answered = wait_for_answer(&mut service, port);
    service.kill()?;
    service.wait()?;
    answered
}

fn wait_for_answer(service: &mut Child, port: u16) -> std::io::Result<()> {
    while service.try_wait()?.is_none() {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
            return stream.read_to_end(&mut Vec::new()).map(drop);
        }
        std::thread::sleep(LOOK);
    }
    Err(std::io::Error::other("the service ended before it answered"))
}

/// `VmHWM`, the resident set's high-water mark.
fn high_water(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// The processor time of all children waited for so far: fields 16 and 17 of `/proc/self/stat`, in hundredths of a second.
fn children_cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
