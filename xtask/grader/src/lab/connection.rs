//! A connection that stays open: several requests one after another, half of one, or none at all.

use std::pin::Pin;

use hyper::body::Bytes;
use hyper::{HeaderMap, Method};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use crate::lab::http::{Endpoint, NoReply, Reply};

/// Both a TCP connection and a bridge into a sandbox.
trait Stream: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// A larger body is no answer of the contract.
const LARGEST_BODY: u64 = 4 * 1024 * 1024;

/// An open connection to a service. Dropping it closes it.
pub struct Connection {
    authority: String,
    stream: BufReader<Pin<Box<dyn Stream>>>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({})", self.authority)
    }
}

impl Connection {
    /// A connection to `endpoint` over `stream`.
    pub fn new(endpoint: &Endpoint, stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        Self { authority: endpoint.authority(), stream: BufReader::new(Box::pin(stream)) }
    }

    /// Sends bytes as they are, such as half a header.
    ///
    /// # Errors
    ///
    /// [`NoReply::Broken`] when the other side has closed.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), NoReply> {
        self.stream.write_all(bytes).await.map_err(broken)
    }

    /// Sends a whole request that lets the connection live on. The answer is read by [`Connection::reply`].
    ///
    /// # Errors
    ///
    /// As [`Connection::send_bytes`].
    pub async fn send(&mut self, method: &Method, path: &str, body: Option<&Value>) -> Result<(), NoReply> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let (host, length) = (&self.authority, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.send_bytes(request.as_bytes()).await
    }

    /// Reads the next whole answer.
    ///
    /// # Errors
    ///
    /// [`NoReply::Broken`] when the connection ended before it, or what came is no answer.
    pub async fn reply(&mut self) -> Result<Reply, NoReply> {
        let first = self.line().await?;
        let status = first.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| broken(format!("{first:?} is no status line")))?;
        let mut headers = HeaderMap::new();
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else { break };
            if let (Ok(name), Ok(value)) = (name.parse::<hyper::header::HeaderName>(), value.trim().parse()) {
                headers.append(name, value);
            }
        }
        let body = self.body(status, &headers).await?;
        Ok(Reply { status, headers, body })
    }

    /// Returns when the other side has closed, orderly or not; what it still sent is thrown away.
    pub async fn closed(&mut self) {
        let mut rest = [0; 1024];
        while self.stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    }

    async fn body(&mut self, status: u16, headers: &HeaderMap) -> Result<Bytes, NoReply> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            return self.chunks().await;
        }
        match header("content-length").map(str::parse::<u64>) {
            Some(Ok(length)) => self.exactly(length).await.map(Bytes::from),
            _ if status == 204 || status == 304 => Ok(Bytes::new()),
            _ => Err(broken("the answer does not say how long it is")),
        }
    }

    async fn chunks(&mut self) -> Result<Bytes, NoReply> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).map_err(|_| broken(format!("{line:?} is no size of a chunk")))?;
            body.extend(self.exactly(size).await?);
            self.line().await?;
            if size == 0 {
                return Ok(body.into());
            }
        }
    }

    async fn exactly(&mut self, length: u64) -> Result<Vec<u8>, NoReply> {
        if length > LARGEST_BODY {
            return Err(broken("the body is larger than any of the contract"));
        }
        let mut bytes = Vec::new();
        let read = (&mut self.stream).take(length).read_to_end(&mut bytes).await.map_err(broken)?;
        if read as u64 == length { Ok(bytes) } else { Err(broken("the connection ended in the middle of a body")) }
    }

    async fn line(&mut self) -> Result<String, NoReply> {
        let mut line = Vec::new();
        (&mut self.stream).take(64 * 1024).read_until(b'\n', &mut line).await.map_err(broken)?;
        if line.pop() != Some(b'\n') {
            return Err(broken("the connection ended before a whole answer"));
        }
        line.pop_if(|byte| *byte == b'\r');
        String::from_utf8(line).map_err(broken)
    }
}

fn broken(why: impl std::fmt::Display) -> NoReply {
    NoReply::Broken(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(answers: &'static [u8]) -> Connection {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        tokio::spawn(async move { theirs.write_all(answers).await });
        Connection::new(&Endpoint::Port(1), ours)
    }

    #[tokio::test]
    async fn answers_on_one_connection_are_told_apart() {
        let mut connection = connection(
            b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
              3\r\nabc\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        );
        let replies = [connection.reply().await, connection.reply().await, connection.reply().await];
        let seen = replies.map(|reply| reply.map(|reply| (reply.status, reply.body)).expect("is whole"));
        assert_eq!(seen, [(201, Bytes::from("hi")), (200, Bytes::from("abc")), (204, Bytes::new())]);
        assert!(matches!(connection.reply().await, Err(NoReply::Broken(_))));
    }

    #[tokio::test]
    async fn half_an_answer_is_none() {
        for half in [&b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"[..], b"HTTP/1.1 20", b"not HTTP\r\n\r\n"] {
            assert!(matches!(connection(half).reply().await, Err(NoReply::Broken(_))), "{half:?}");
        }
    }
}
