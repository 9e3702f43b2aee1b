//! One request to a board, with an end: after its time it has failed, whatever the network does.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::{authority, target};

/// A board's answer is short; a larger one comes from something else.
const LARGEST: usize = 1024 * 1024;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body; null where it is no JSON.
    pub body: Value,
}

/// Why there was no answer: words for a person.
pub type NoAnswer = String;

/// `POST`s to a board.
pub fn post(board: &str, path: &str, token: &str, body: &Value, patience: Duration) -> Result<Answer, NoAnswer> {
    ask(board, Method::POST, path, token, body, patience)
}

/// `DELETE`s at a board.
pub fn remove(board: &str, path: &str, token: &str, patience: Duration) -> Result<Answer, NoAnswer> {
    ask(board, Method::DELETE, path, token, &Value::Null, patience)
}

/// `GET`s from a board.
pub fn get(board: &str, path: &str, token: &str, patience: Duration) -> Result<Answer, NoAnswer> {
    ask(board, Method::GET, path, token, &Value::Null, patience)
}

fn ask(
    board: &str,
    method: Method,
    path: &str,
    token: &str,
    body: &Value,
    patience: Duration,
) -> Result<Answer, NoAnswer> {
    let words = |error: std::io::Error| error.to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(words)?;
    let answer = runtime.block_on(async {
        timeout(patience, exchange(board, method, path, token, body)).await.map_err(|_| "no answer".to_owned())?
    });
    // A name that is being looked up in a thread is not waited for.
    runtime.shutdown_background();
    answer
}

async fn exchange(board: &str, method: Method, path: &str, token: &str, body: &Value) -> Result<Answer, NoAnswer> {
    let stream = TcpStream::connect(target(board)).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(async move { drop(connection.await) });
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, authority(board));
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Full::new(bytes));
    let request = request.map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(|error| error.to_string())?;
    Ok(Answer { status, body: serde_json::from_slice(&body.to_bytes()).unwrap_or(Value::Null) })
}
