//! Opening the reader's browser.

use std::process::{Command, Stdio};

/// What opens an address, on macOS, on WSL2 and on other Linux.
const OPENERS: [&str; 3] = ["open", "wslview", "xdg-open"];

/// Opens `url`; `false` where nothing could.
pub fn open(url: &str) -> bool {
    let usable = if cfg!(target_os = "macos") { &OPENERS[..1] } else { &OPENERS[1..] };
    usable.iter().any(|opener| start(opener, url))
}

/// The opener may stay as long as its browser, so nobody waits for it but a thread that collects it.
fn start(opener: &str, url: &str) -> bool {
    let mut command = Command::new(opener);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = command.spawn();
    started.is_ok_and(|mut opener| std::thread::Builder::new().spawn(move || drop(opener.wait())).is_ok())
}
