//! As much of Redis' protocol as is needed to ask a question: a client library would be twenty times this file.

use std::io;
use std::time::Duration;

use backing_protocol::Refusal;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::refusals::failed;

/// After this long an answer is not late but lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a server is reached.
#[derive(Clone, Debug)]
pub struct Access {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// A user of its access list; empty for the default one.
    pub user: String,
    /// The password; empty where there is none.
    pub password: String,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Value {
    /// A text or a status.
    Bytes(Vec<u8>),
    /// A number.
    Number(i64),
    /// Several answers.
    Array(Vec<Value>),
    /// No value.
    Nothing,
}

/// A connection to a server that has let us in.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects, says who we are, and waits for an answer.
    pub async fn connect(access: &Access) -> Result<Self, Refusal> {
        let connecting = TcpStream::connect((access.host.as_str(), access.port));
        let stream = timeout(PATIENCE, connecting).await.map_err(|_| late())?;
        let stream = stream.map_err(|error| failed("cannot connect to Redis", error))?;
        let mut client = Self { stream: BufReader::new(stream) };
        match (access.user.as_str(), access.password.as_str()) {
            ("", "") => {}
            ("", password) => drop(client.call(&["AUTH", password]).await?),
            (user, password) => drop(client.call(&["AUTH", user, password]).await?),
        }
        client.call(&["PING"]).await?;
        Ok(client)
    }

    /// Asks with words.
    pub async fn call(&mut self, words: &[&str]) -> Result<Value, Refusal> {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.call_bytes(&words).await
    }

    /// Asks with words and expects a text.
    pub async fn text(&mut self, words: &[&str]) -> Result<String, Refusal> {
        match self.call(words).await? {
            Value::Bytes(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            other => Err(failed(format!("Redis answers {} with no text", words[0]), format!("{other:?}"))),
        }
    }

    /// Asks with any bytes.
    pub async fn call_bytes(&mut self, words: &[&[u8]]) -> Result<Value, Refusal> {
        let answer = timeout(PATIENCE, self.exchange(words)).await.map_err(|_| late())?;
        let answer = answer.map_err(|error| failed("the connection to Redis broke", error))?;
        answer.map_err(|complaint| failed("Redis refused", complaint))
    }

    async fn exchange(&mut self, words: &[&[u8]]) -> io::Result<Result<Value, String>> {
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            request.extend(format!("${}\r\n", word.len()).into_bytes());
            request.extend(*word);
            request.extend(b"\r\n");
        }
        self.stream.get_mut().write_all(&request).await?;
        self.value().await
    }

    /// Reads one answer; the inner error is one that the server sent.
    async fn value(&mut self) -> io::Result<Result<Value, String>> {
        let line = self.line().await?;
        let Some((kind, rest)) = line.split_at_checked(1) else { return Err(nonsense(&line)) };
        let number = || rest.parse::<i64>().map_err(|_| nonsense(&line));
        Ok(Ok(match kind {
            "+" => Value::Bytes(rest.as_bytes().to_owned()),
            "-" => return Ok(Err(rest.to_owned())),
            ":" => Value::Number(number()?),
            "$" | "*" if number()? < 0 => Value::Nothing,
            "$" => self.bytes(number()?.unsigned_abs() as usize).await?,
            "*" => {
                let mut values = Vec::new();
                for _ in 0..number()? {
                    match Box::pin(self.value()).await? {
                        Ok(value) => values.push(value),
                        Err(complaint) => return Ok(Err(complaint)),
                    }
                }
                Value::Array(values)
            }
            _ => return Err(nonsense(&line)),
        }))
    }

    async fn bytes(&mut self, length: usize) -> io::Result<Value> {
        let mut bytes = vec![0; length + 2];
        self.stream.read_exact(&mut bytes).await?;
        bytes.truncate(length);
        Ok(Value::Bytes(bytes))
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

fn nonsense(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("this is no answer of Redis: {line:?}"))
}

fn late() -> Refusal {
    failed("Redis did not answer", format!("within {} s", PATIENCE.as_secs()))
}
