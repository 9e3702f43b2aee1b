//! One connection to a board, which is used again and again.

use std::error::Error;
use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::event::FORMAT_VERSION;
use crate::hub::now;

/// Whatever can go wrong with a connection.
pub type Failed = Box<dyn Error + Send + Sync>;

/// A connection to a board.
pub struct Connection {
    board: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

/// A page that follows the room.
pub struct Stream {
    body: Incoming,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(board: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(board).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { board, sender })
    }

    /// Joins; the token.
    pub async fn join(&mut self, code: &str, nickname: &str) -> Result<String, Failed> {
        let device = format!("{:032x}{:016x}", fastrand::u128(..), fastrand::u64(..));
        let body = json!({ "format_version": FORMAT_VERSION, "code": code, "nickname": nickname, "device": device });
        loop {
            let (status, answer) = self.post("/api/v1/join", "", &body).await?;
            match status {
                201 => return Ok(answer["token"].as_str().unwrap_or_default().to_owned()),
                // A flood at the door.
                429 | 503 => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
                other => return Err(format!("cannot join: HTTP {other} {answer}").into()),
            }
        }
    }

    /// Reports; the status code.
    pub async fn report(&mut self, token: &str, events: &[Value]) -> Result<u16, Failed> {
        let body = json!({ "format_version": FORMAT_VERSION, "now": now(), "events": events });
        Ok(self.post("/api/v1/events", token, &body).await?.0)
    }

    /// `POST`s JSON.
    pub async fn post(&mut self, path: &str, token: &str, body: &Value) -> Result<(u16, Value), Failed> {
        let request = self.request(Method::POST, path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = self.send(request.body(Full::new(Bytes::from(body.to_string())))?).await?;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    /// Signs in with a form; the cookie.
    pub async fn sign_in(&mut self, path: &str, word: &str) -> Result<String, Failed> {
        let request = self.request(Method::POST, path).header("sec-fetch-site", "same-origin");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.send(request.body(Full::new(Bytes::from(format!("word={word}"))))?).await?;
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default().to_owned();
        answer.into_body().collect().await?;
        Ok(cookie)
    }

    /// A page, as text.
    pub async fn page(&mut self, path: &str, cookie: &str) -> Result<String, Failed> {
        let request = self.request(Method::GET, path).header(header::COOKIE, cookie);
        let answer = self.send(request.body(Full::default())?).await?;
        Ok(String::from_utf8_lossy(&answer.into_body().collect().await?.to_bytes()).into_owned())
    }

    /// Follows the room; the connection is used up by it.
    pub async fn follow(mut self, path: &str, cookie: &str) -> Result<Stream, Failed> {
        let request = self.request(Method::GET, path).header(header::COOKIE, cookie);
        let answer = self.send(request.body(Full::default())?).await?;
        if !answer.status().is_success() {
            return Err(format!("{path}: HTTP {}", answer.status()).into());
        }
        Ok(Stream { body: answer.into_body(), buffer: Vec::new() })
    }

    fn request(&self, method: Method, path: &str) -> hyper::http::request::Builder {
        Request::builder().method(method).uri(path).header(header::HOST, self.board.to_string())
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failed> {
        self.sender.ready().await?;
        Ok(self.sender.send_request(request).await?)
    }
}

impl Stream {
    /// The next event, as it came; `None` at the end.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                let rest = self.buffer.split_off(end + 2);
                return Some(std::mem::replace(&mut self.buffer, rest));
            }
            let frame = self.body.frame().await?.ok()?;
            self.buffer.extend_from_slice(&frame.into_data().unwrap_or_default());
        }
    }
}
