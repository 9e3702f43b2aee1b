//! A mail server of a check's own, behind a fault proxy. It takes letters from whoever proves to be its user, records
//! them, and delivers nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::clock::Clock;
use crate::lab::proxy::{Proxy, Wire};
use crate::lab::secrets::{from_base64, percent_encoded};

mod letter;

pub use letter::Letter;

/// What stands between the words of a password that a check makes up: all that means something in a URL.
const RESERVED: &str = "@:/?#%&+ ";
/// More than a letter with a link may have.
const LARGEST_LETTER: usize = 1024 * 1024;
/// A longer line is none of SMTP.
const LONGEST_LINE: u64 = 64 * 1024;

/// A running mail server. Dropping it closes its port and every connection.
#[derive(Debug)]
pub struct Mail {
    /// Between the service and the server.
    pub proxy: Proxy,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    user: String,
    password: String,
    letters: Mutex<Vec<Letter>>,
    /// How many letters have arrived.
    arrived: watch::Sender<usize>,
    held: watch::Sender<bool>,
}

impl Lab {
    /// A mail server with a user and a password that nobody can guess, and that no URL may hold as they are.
    pub async fn mail(&self) -> CheckResult<Mail> {
        let word = || self.chance().word(6);
        let (user, password) = (format!("{}@{}", word(), word()), format!("{}{RESERVED}{}", word(), word()));
        let failed = |error| LabError::new("cannot start the mail server", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let clock = self.bench.clock.clone();
        let (letters, arrived, held) = (Mutex::default(), watch::Sender::default(), watch::Sender::default());
        let shared = Arc::new(Shared { clock, user, password, letters, arrived, held });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        let proxy = self.proxy(("127.0.0.1".to_owned(), port), Wire::Opaque).await?;
        Ok(Mail { proxy, shared, server })
    }
}

impl Mail {
    /// The whole address, as `SMTP_URL` says it.
    pub fn url(&self) -> String {
        self.url_with("127.0.0.1", &self.shared.password)
    }

    /// The same at another of this machine's addresses, where the proxy must listen too, or with another password.
    pub fn url_with(&self, host: &str, password: &str) -> String {
        let [user, password] = [&self.shared.user, password].map(percent_encoded);
        format!("smtp://{user}:{password}@{host}:{}", self.proxy.port())
    }

    /// The password that it wants.
    pub fn password(&self) -> &str {
        &self.shared.password
    }

    /// Letters are taken and not acknowledged from now on: the server falls silent in the middle of a conversation.
    pub fn hold(&self) {
        self.shared.held.send_replace(true);
    }

    /// Acknowledges what was held, and what comes.
    pub fn release(&self) {
        self.shared.held.send_replace(false);
    }

    /// Every letter so far, acknowledged or not.
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters().clone()
    }

    /// Returns when `count` letters have arrived since the server started, with all of them.
    pub async fn received(&self, count: usize) -> Vec<Letter> {
        // The sender lives in `self`, so waiting can only end with a letter.
        drop(self.shared.arrived.subscribe().wait_for(|arrived| *arrived >= count).await);
        self.letters()
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn letters(&self) -> MutexGuard<'_, Vec<Letter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, letter: Letter) {
        self.letters().push(letter);
        self.arrived.send_modify(|arrived| *arrived += 1);
    }

    fn knows(&self, user: &str, password: &str) -> bool {
        (user, password) == (self.user.as_str(), self.password.as_str())
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // The set ends every connection together with the server.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, Arc::clone(&shared)));
    }
}

/// One conversation: who speaks, and the letter in the making.
struct Talk {
    stream: BufReader<TcpStream>,
    shared: Arc<Shared>,
    known: bool,
    from: Option<String>,
    to: Vec<String>,
}

/// Ends with `None` when the client has gone.
async fn converse(stream: TcpStream, shared: Arc<Shared>) -> Option<()> {
    let mut talk = Talk { stream: BufReader::new(stream), shared, known: false, from: None, to: Vec::new() };
    talk.say("220 mail.example ESMTP").await?;
    loop {
        let line = talk.line().await?;
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => talk.say("250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME").await?,
            "HELO" => talk.say("250 mail.example").await?,
            "AUTH" => talk.authenticate(rest).await?,
            "MAIL" => talk.sender(rest).await?,
            "RCPT" => talk.recipient(rest).await?,
            "DATA" => talk.letter().await?,
            "RSET" => {
                talk.forget();
                talk.say("250 forgotten").await?;
            }
            "NOOP" => talk.say("250 here").await?,
            "QUIT" => return talk.say("221 bye").await,
            _ => talk.say("502 not here").await?,
        }
    }
}

impl Talk {
    async fn authenticate(&mut self, words: &str) -> Option<()> {
        let (mechanism, first) = words.split_once(' ').unwrap_or((words, ""));
        let (user, password) = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let words = self.asked(first, "").await?;
                let mut parts = words.split('\0').skip(1).map(str::to_owned);
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
            }
            // "Username:" and "Password:" in base64.
            "LOGIN" => (self.asked(first, "VXNlcm5hbWU6").await?, self.asked("", "UGFzc3dvcmQ6").await?),
            _ => return self.say("504 PLAIN or LOGIN").await,
        };
        self.known = self.shared.knows(&user, &password);
        self.say(if self.known { "235 welcome" } else { "535 wrong user or password" }).await
    }

    /// What the client has said already, or says when it is asked, out of base64.
    async fn asked(&mut self, said: &str, question: &str) -> Option<String> {
        let said = if said.is_empty() {
            self.say(&format!("334 {question}")).await?;
            self.line().await?
        } else {
            said.to_owned()
        };
        Some(String::from_utf8_lossy(&from_base64(&said)).into_owned())
    }

    async fn sender(&mut self, words: &str) -> Option<()> {
        if !self.known {
            return self.say("530 who are you?").await;
        }
        self.forget();
        self.from = Some(address(words));
        self.say("250 yes").await
    }

    async fn recipient(&mut self, words: &str) -> Option<()> {
        if self.from.is_none() {
            return self.say("503 first MAIL").await;
        }
        self.to.push(address(words));
        self.say("250 yes").await
    }

    async fn letter(&mut self) -> Option<()> {
        let Some(from) = self.from.take().filter(|_| !self.to.is_empty()) else {
            return self.say("503 first MAIL and RCPT").await;
        };
        self.say("354 go on").await?;
        let written = self.until_the_dot().await?;
        let user = self.shared.user.clone();
        let letter = Letter::read(self.shared.clock.tick(), user, from, std::mem::take(&mut self.to), &written);
        self.shared.receive(letter);
        self.shared.held.subscribe().wait_for(|held| !held).await.ok()?;
        self.say("250 taken").await
    }

    async fn until_the_dot(&mut self) -> Option<String> {
        let mut written = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Some(written);
            }
            written.push_str(line.strip_prefix('.').unwrap_or(&line));
            written.push('\n');
            if written.len() > LARGEST_LETTER {
                return None;
            }
        }
    }

    fn forget(&mut self) {
        (self.from, self.to) = (None, Vec::new());
    }

    async fn say(&mut self, words: &str) -> Option<()> {
        self.stream.get_mut().write_all(format!("{words}\r\n").as_bytes()).await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await.ok()?;
        if line.pop() != Some(b'\n') {
            return None;
        }
        line.pop_if(|byte| *byte == b'\r');
        Some(String::from_utf8_lossy(&line).into_owned())
    }
}

/// What stands between the angle brackets of `FROM:<…>` and `TO:<…>`.
fn address(words: &str) -> String {
    let inside = words.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(words, |(address, _)| address).to_owned()
}

#[cfg(test)]
mod tests;
