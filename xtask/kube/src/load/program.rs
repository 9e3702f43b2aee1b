//! Runs a program that renders, and never waits for it without end.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use grader::text::{Text, text};

use crate::limits;

/// What `command` writes on standard output, run in `folder`.
pub fn output(command: &[String], folder: &Path) -> Result<Vec<u8>, Text> {
    let [program, arguments @ ..] = command else {
        return Err(text("no program is named", "프로그램이 없습니다"));
    };
    let mut started = Command::new(program);
    started.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = started.spawn().map_err(|error| failed(program, &error.to_string()))?;
    let (words, complaint, good) = collect(child).map_err(|why| failed(program, &why))?;
    if good { Ok(words) } else { Err(failed(program, String::from_utf8_lossy(&complaint).trim())) }
}

fn failed(program: &str, why: &str) -> Text {
    text(format!("`{program}` could not render: {why}"), format!("`{program}` 프로그램이 렌더링하지 못했습니다: {why}"))
}

fn collect(mut child: Child) -> Result<(Vec<u8>, Vec<u8>, bool), String> {
    let (sender, done) = channel();
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let complaint = thread::spawn(move || read(errors));
    thread::spawn(move || {
        // Who waits no longer has ended the program.
        let _ = sender.send(read(output));
    });
    let Ok(words) = done.recv_timeout(Duration::from_secs(limits::RENDER_SECONDS)) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("nothing after {} s", limits::RENDER_SECONDS));
    };
    // Whoever writes more than we read must not wait for us.
    if words.len() > limits::BYTES {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let complaint = complaint.join().unwrap_or_default();
    Ok((words.clone(), complaint, status.success() || words.len() > limits::BYTES))
}

fn read(stream: Option<impl Read>) -> Vec<u8> {
    let mut words = Vec::new();
    if let Some(stream) = stream {
        // What was read until an error is all there is.
        let _ = stream.take(limits::BYTES as u64 + 1).read_to_end(&mut words);
    }
    words
}
