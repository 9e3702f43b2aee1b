//! Grading by the program that grades: the same command, progress and results as in a terminal.
//!
//! The grader must not outlive this server, so it holds its standard input open: when that closes, for whatever reason,
//! the grader ends in order, and what it started ends with it.

use std::io;
use std::path::Path;
use std::process::Stdio;

use grader::factors::Factor;
use grader::stop::Stop;
use grader::text::Lang;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::runs::{Run, aborted};

/// How much of what the grader complains about is kept: its last words tell why it ended.
const COMPLAINT: usize = 4_096;

/// Grades the exercise of `factor` and tells `run` everything; returns when the grader has ended.
pub async fn grade(xtask: &Path, factor: &Factor, lang: Lang, run: &Run, stop: Stop) {
    let ended = match start(xtask, factor, lang) {
        Ok(child) => follow(child, run, stop).await,
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", xtask.display()))),
    };
    match ended {
        Ok(_) if run.has_told_its_end() => {}
        Ok(complaint) => run.say(aborted(&complaint, false)),
        Err(error) => run.say(aborted(&error.to_string(), false)),
    }
}

/// In a process group of its own: Ctrl-C reaches this server alone, which then ends the grader once.
fn start(xtask: &Path, factor: &Factor, lang: Lang) -> io::Result<Child> {
    let lang = match lang {
        Lang::En => "en",
        Lang::Ko => "ko",
    };
    let mut command = Command::new(xtask);
    command.args(["__while-stdin-is-open", "check", &factor.id(), "--json", "--lang", lang]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn()
}

/// Passes on its events until it ends. The result is what it complained about.
async fn follow(mut child: Child, run: &Run, mut stop: Stop) -> io::Result<String> {
    let mut lifeline = child.stdin.take();
    let stderr = child.stderr.take().ok_or_else(|| io::Error::other("the grader has no standard error"))?;
    let complaint = tokio::spawn(last_words(stderr));
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("the grader has no standard output"))?;
    let mut events = BufReader::new(stdout).lines();
    while let Some(line) = next(&mut events, &mut lifeline, &mut stop).await? {
        run.say(line);
    }
    let status = child.wait().await?;
    let complaint = complaint.await.unwrap_or_default();
    Ok(if complaint.is_empty() { format!("the grader ended with {status}") } else { complaint })
}

/// The next line. Being asked to stop lets go of the grader, whose last lines are still read.
async fn next(
    events: &mut tokio::io::Lines<BufReader<ChildStdout>>,
    lifeline: &mut Option<tokio::process::ChildStdin>,
    stop: &mut Stop,
) -> io::Result<Option<String>> {
    loop {
        tokio::select! {
            line = events.next_line() => return line,
            () = stop.asked(), if lifeline.is_some() => drop(lifeline.take()),
        }
    }
}

/// The end of what comes, and no more of it in memory.
async fn last_words(mut stream: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut part = [0; 1_024];
    while let Ok(read @ 1..) = stream.read(&mut part).await {
        kept.extend_from_slice(&part[..read]);
        kept.drain(..kept.len().saturating_sub(COMPLAINT));
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}
