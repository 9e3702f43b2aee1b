//! A Redis database of a check's own, behind a fault proxy.

use backing_protocol::{Answer, Ask, Key};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::backing::{Door, unexpected};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::proxy::{Proxy, Wire};
use crate::lab::secrets::percent_encoded;
use crate::lab::servers::Running;

/// A database. Dropping it empties it and gives it back.
#[derive(Debug)]
pub struct Redis {
    /// Between the service and the server.
    pub proxy: Proxy,
    index: u32,
    password: String,
    door: Door,
}

impl Lab {
    /// An empty Redis database that nobody else uses.
    pub async fn redis(&self) -> CheckResult<Redis> {
        let Running { server, door } = self.bench.servers.redis()?;
        let index = match door.ask(Ask::TakeRedis).await? {
            Answer::RedisDatabase { index } => index,
            other => return Err(unexpected(&other).into()),
        };
        let proxy = self.proxy((server.host, server.port), Wire::Opaque).await?;
        Ok(Redis { proxy, index, password: server.password, door })
    }
}

impl Redis {
    /// The whole address, as `REDIS_URL` says it.
    pub fn url(&self) -> String {
        let user = match self.password.as_str() {
            "" => String::new(),
            password => format!(":{}@", percent_encoded(password)),
        };
        format!("redis://{user}127.0.0.1:{}/{}", self.proxy.port(), self.index)
    }

    /// Writes a key of the grader's own, without an expiry: what a scan must show.
    pub async fn put(&self, name: &str) -> Result<(), LabError> {
        let failed = |error| LabError::new("cannot write into Redis", error);
        let mut stream = TcpStream::connect(("127.0.0.1", self.proxy.port())).await.map_err(failed)?;
        let index = self.index.to_string();
        let auth = ["AUTH", self.password.as_str()];
        let commands = [&auth[..], &["SELECT", index.as_str()], &["SET", name, "1"]];
        let needed = if self.password.is_empty() { &commands[1..] } else { &commands[..] };
        let words: String = needed.iter().map(|words| command(words)).collect();
        stream.write_all(words.as_bytes()).await.map_err(failed)?;
        let mut answers = BufReader::new(stream).lines();
        for _ in needed {
            match answers.next_line().await.map_err(failed)?.as_deref() {
                Some("+OK") => {}
                other => return Err(LabError::new("cannot write into Redis", other.unwrap_or("no answer"))),
            }
        }
        Ok(())
    }

    /// Every key in it, by name, past the proxy.
    pub async fn keys(&self) -> CheckResult<Vec<Key>> {
        match self.door.ask(Ask::ScanRedis { index: self.index }).await? {
            Answer::Keys { keys } => Ok(keys),
            other => Err(unexpected(&other).into()),
        }
    }
}

/// A command as Redis reads it.
fn command(words: &[&str]) -> String {
    let parts: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{parts}", words.len())
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.door.tell(Ask::ReturnRedis { index: self.index });
    }
}
