//! A Redis database of a check's own, behind a fault proxy.

use backing_protocol::{Answer, Ask, Key};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::backing::{Door, unexpected};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::proxy::{Proxy, Wire};
use crate::lab::secrets::percent_encoded;
use crate::lab::servers::Running;

/// What stands in the middle of a password that a check makes up: all that means something in a URL, and Hangul.
const RESERVED: &str = "@:/?#%&+비밀";

/// A database. Dropping it empties it and gives it back.
#[derive(Debug)]
pub struct Redis {
    /// Between the service and the server.
    pub proxy: Proxy,
    index: u32,
    /// Empty for the server's default user.
    user: String,
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
        let proxy = self.proxy((server.host, server.port), Wire::Redis).await?;
        Ok(Redis { proxy, index, user: String::new(), password: server.password, door })
    }

    /// The same with a user of its own, whose password no URL may hold as it is. Where users are not ours to make, on a
    /// server of the attendee's, or where Redis knows none yet (before version 6), with the server's own credentials.
    pub async fn redis_with_user(&self) -> CheckResult<Redis> {
        let mut redis = self.redis().await?;
        if self.bench.servers.redis()?.server.way == "url" {
            return Ok(redis);
        }
        let user = format!("app-{}", self.chance().unshared_word(8));
        let password = format!("{}{RESERVED}{}", self.chance().word(6), self.chance().word(6));
        let rule = format!(">{password}");
        let make = ["ACL", "SETUSER", &user, "on", &rule, "~*", "&*", "+@all"];
        // Before 6.2, channels had no rules.
        let older = ["ACL", "SETUSER", &user, "on", &rule, "~*", "+@all"];
        if redis.tell(&make).await? || redis.tell(&older).await? {
            (redis.user, redis.password) = (user, password);
        }
        Ok(redis)
    }
}

impl Redis {
    /// The whole address, as `REDIS_URL` says it.
    pub fn url(&self) -> String {
        self.url_at("127.0.0.1")
    }

    /// The same at another of this machine's addresses, where the proxy must listen too.
    pub fn url_at(&self, host: &str) -> String {
        let [user, password] = [&self.user, &self.password].map(|part| percent_encoded(part));
        let who = if password.is_empty() { String::new() } else { format!("{user}:{password}@") };
        format!("redis://{who}{host}:{}/{}", self.proxy.port(), self.index)
    }

    /// The password; empty where the server has none.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Writes a key of the grader's own, without an expiry: what a scan must show.
    pub async fn put(&self, name: &str) -> Result<(), LabError> {
        match self.tell(&["SET", name, "1"]).await? {
            true => Ok(()),
            false => Err(LabError::new("cannot write into Redis", "it refused")),
        }
    }

    /// Everything that stands in it, names and values, as Redis writes it. Each key is asked for as each type there is, since
    /// a wrong question costs nothing.
    pub async fn contents(&self) -> CheckResult<Vec<u8>> {
        let failed = |error| LabError::new("cannot read what is in Redis", error);
        let mut words = String::new();
        let end = "-end-of-contents-";
        for Key { name, .. } in self.keys().await? {
            let questions: [&[&str]; 6] = [
                &["GET", &name],
                &["HGETALL", &name],
                &["LRANGE", &name, "0", "-1"],
                &["SMEMBERS", &name],
                &["ZRANGE", &name, "0", "-1"],
                &["XRANGE", &name, "-", "+"],
            ];
            words.push_str(&command(&["ECHO", &name]));
            words.extend(questions.map(command));
        }
        words.push_str(&command(&["ECHO", end]));
        let (mut stream, _) = self.greeted().await.map_err(failed)?;
        stream.write_all(words.as_bytes()).await.map_err(failed)?;
        let mut contents = Vec::new();
        while !contents.ends_with(format!("{end}\r\n").as_bytes()) {
            if stream.read_buf(&mut contents).await.map_err(failed)? == 0 {
                return Err(LabError::new("cannot read what is in Redis", "it hung up").into());
            }
        }
        Ok(contents)
    }

    /// Sends a command; tells whether the answer to it is "OK".
    async fn tell(&self, said: &[&str]) -> Result<bool, LabError> {
        let failed = |error| LabError::new("cannot talk to Redis", error);
        let (mut stream, greetings) = self.greeted().await.map_err(failed)?;
        stream.write_all(command(said).as_bytes()).await.map_err(failed)?;
        let mut answers = BufReader::new(stream).lines();
        let mut last = None;
        for _ in 0..=greetings {
            last = answers.next_line().await.map_err(failed)?;
        }
        Ok(last.as_deref() == Some("+OK"))
    }

    /// A connection to this database, and how many answers come before that to the first command.
    async fn greeted(&self) -> std::io::Result<(TcpStream, usize)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.proxy.port())).await?;
        let index = self.index.to_string();
        let auth = ["AUTH", self.user.as_str(), self.password.as_str()];
        let auth: Vec<&str> = auth.into_iter().filter(|word| !word.is_empty()).collect();
        let commands = [&auth[..], &["SELECT", index.as_str()]];
        let needed = if self.password.is_empty() { &commands[1..] } else { &commands[..] };
        let words: String = needed.iter().map(|words| command(words)).collect();
        stream.write_all(words.as_bytes()).await?;
        Ok((stream, needed.len()))
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
