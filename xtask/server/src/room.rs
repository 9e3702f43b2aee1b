//! What the instructor says to a room that this machine has joined, for the pages of the books.
//!
//! The program that grades knows the board. It tells each thing once, so what it told is kept here for every open page.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// However many pages are open, the board is asked this seldom.
const PAUSE: Duration = Duration::from_secs(5);

/// A board that does not answer is asked the next time.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was heard since the server was started.
#[derive(Debug)]
pub struct Heard {
    xtask: PathBuf,
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    asked: Option<Instant>,
    joined: bool,
    news: Vec<Value>,
}

impl Heard {
    /// Nothing yet; `xtask` knows the board.
    pub fn new(xtask: PathBuf) -> Self {
        Self { xtask, last: Mutex::default() }
    }

    /// What the program says; nothing where it cannot say anything.
    async fn ask(&self) -> Option<Value> {
        let mut command = Command::new(&self.xtask);
        command.args(["join", "--json"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let output = timeout(PATIENCE, command.kill_on_drop(true).output()).await.ok()?.ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }
}

/// `GET /api/room`: whether a room was joined, and what its instructor has said.
pub async fn news(State(heard): State<Arc<Heard>>) -> Json<Value> {
    let mut last = heard.last.lock().await;
    if last.asked.is_none_or(|asked| asked.elapsed() > PAUSE) {
        let said = heard.ask().await.unwrap_or_default();
        last.asked = Some(Instant::now());
        last.joined = said["joined"] == true;
        last.news.extend(said["news"].as_array().into_iter().flatten().cloned());
    }
    Json(json!({ "joined": last.joined, "news": last.news }))
}
