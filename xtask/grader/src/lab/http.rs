//! The grader as a client: one fresh connection per request, and every way of not being answered told apart.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::lab::connection::Connection;

/// A larger body is no answer of this contract, and must not fill the grader's memory.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Where a service is reached.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// On loopback.
    Port(u16),
    /// At another address of this machine.
    At(SocketAddr),
    /// Through the sandbox's bridge; the port is the one inside.
    Bridge(PathBuf, u16),
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most 4 MiB.
    pub body: Bytes,
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoReply {
    /// Nobody accepts connections.
    Refused(String),
    /// The connection was accepted, and no whole HTTP answer came out of it.
    Broken(String),
    /// Nothing came within the hang guard.
    Silent,
}

impl std::fmt::Display for NoReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoReply::Refused(why) => write!(f, "no connection ({why})"),
            NoReply::Broken(why) => write!(f, "no whole answer ({why})"),
            NoReply::Silent => f.write_str("no answer at all"),
        }
    }
}

impl Reply {
    /// The body as JSON; `Null` where it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text, cut to what a report can show.
    pub fn excerpt(&self) -> String {
        let words = crate::lab::logs::printable(&self.body);
        match words.char_indices().nth(300) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words,
        }
    }
}

impl Endpoint {
    /// The address a person would type.
    pub fn authority(&self) -> String {
        match self {
            Endpoint::At(address) => address.to_string(),
            Endpoint::Port(port) | Endpoint::Bridge(_, port) => loopback(*port).to_string(),
        }
    }

    /// Whether somebody accepts connections there.
    pub async fn accepts(&self) -> bool {
        match self {
            Endpoint::Port(port) => TcpStream::connect(loopback(*port)).await.is_ok(),
            Endpoint::At(address) => TcpStream::connect(address).await.is_ok(),
            // The bridge accepts for everybody; only an answer tells that the service is there.
            Endpoint::Bridge(..) => self.send(Method::GET, "/healthz", &[], None).await.is_ok(),
        }
    }

    /// Sends one request on a connection of its own and reads the whole answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Reply, NoReply> {
        let refused = |error: std::io::Error| NoReply::Refused(error.to_string());
        let address = match self {
            Endpoint::Port(port) => loopback(*port),
            Endpoint::At(address) => *address,
            Endpoint::Bridge(socket, _) => {
                let stream = UnixStream::connect(socket).await.map_err(refused)?;
                return exchange(stream, self.request(method, path, headers, body)?).await;
            }
        };
        let stream = TcpStream::connect(address).await.map_err(refused)?;
        exchange(stream, self.request(method, path, headers, body)?).await
    }

    /// Opens a connection and sends nothing yet.
    pub async fn connect(&self) -> Result<Connection, NoReply> {
        let refused = |error: std::io::Error| NoReply::Refused(error.to_string());
        Ok(match self {
            Endpoint::Port(port) => Connection::new(self, TcpStream::connect(loopback(*port)).await.map_err(refused)?),
            Endpoint::At(address) => Connection::new(self, TcpStream::connect(address).await.map_err(refused)?),
            Endpoint::Bridge(socket, _) => Connection::new(self, UnixStream::connect(socket).await.map_err(refused)?),
        })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Request<Full<Bytes>>, NoReply> {
        let mut request = Request::builder().method(method).uri(path).header("host", self.authority());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map(|value| Bytes::from(value.to_string())).unwrap_or_default();
        request.body(Full::new(bytes)).map_err(|error| NoReply::Broken(error.to_string()))
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Reply, NoReply> {
    let broken = |error: &dyn std::fmt::Display| NoReply::Broken(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    // It drives the socket and ends with the sender, also when the caller gives up waiting.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| broken(&error))?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(|error| broken(&error))?;
    Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body: body.to_bytes() })
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
