//! A collector for checks: `workshop-otlp` takes what a service exports over OTLP/HTTP, in both of its encodings, and writes a
//! line of JSON for each request. The first line is the address; the program ends when its standard input does.
//!
//! It is a program of its own so that `cargo xtask check` is compiled without the messages of OpenTelemetry, and because what
//! it decodes is somebody else's: whatever a message does to the decoder, it does it to this process alone.

use std::convert::Infallible;
use std::io::{self, Write};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

mod line;
mod read;

use line::Line;

/// A larger message is none that a service of the workshop sends, and must not fill this machine's memory.
const LARGEST_BODY: usize = 16 << 20;
/// The only path of OTLP/HTTP that carries spans.
const TRACES: &str = "/v1/traces";
/// How a conversation in HTTP/2 begins, and with it one in gRPC.
const HTTP_2: &[u8; 3] = b"PRI";

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&Line::Listening { port: listener.local_addr()?.port() })?;
    tokio::select! {
        ended = serve(listener) => ended,
        () = input_ended() => Ok(()),
    }
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(converse(stream));
    }
}

/// The grader holds the other end and writes nothing: when it ends, in whatever way, so does this program.
async fn input_ended() {
    let to_the_end = || io::copy(&mut io::stdin(), &mut io::sink());
    drop(tokio::task::spawn_blocking(to_the_end).await);
}

async fn converse(stream: TcpStream) {
    let mut beginning = [0; 3];
    // Whoever speaks gRPC waits for an answer that does not come, so it is told apart by its first word.
    if matches!(stream.peek(&mut beginning).await, Ok(3)) && beginning == *HTTP_2 {
        drop(say(&Line::Grpc));
        return;
    }
    // A client that breaks off has said nothing that could be told.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await);
}

/// Answers as a collector does: an empty message where all is well, 4xx for what it cannot take.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (line, status, kind) = match taken(request).await {
        Ok((spans, kind)) => (Line::Spans { spans }, StatusCode::OK, kind),
        Err((status, line)) => (line, status, read::PROTOBUF.to_owned()),
    };
    // Told before it is answered: a service that has its answer may end, and the grader look.
    drop(say(&line));
    let body = if kind == read::JSON { Bytes::from_static(b"{}") } else { Bytes::new() };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    Ok(response)
}

async fn taken(request: Request<Incoming>) -> Result<(Vec<line::Span>, String), (StatusCode, Line)> {
    let (path, method) = (request.uri().path().to_owned(), request.method().clone());
    let header =
        |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (kind, encoding) = (header(CONTENT_TYPE), header(CONTENT_ENCODING));
    let kind = kind.split(';').next().unwrap_or_default().trim().to_owned();
    let refused = |status, why: String| (status, Line::Refused { path: path.clone(), why });
    if path != TRACES {
        return Err(refused(
            StatusCode::NOT_FOUND,
            format!("{method} {path}: spans go to {TRACES} below the endpoint"),
        ));
    }
    if !encoding.is_empty() && encoding != "identity" {
        let why = format!("Content-Encoding: {encoding}, although no OTEL_EXPORTER_OTLP_COMPRESSION was given");
        return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
    }
    if method != Method::POST {
        return Err(refused(StatusCode::METHOD_NOT_ALLOWED, format!("{method} instead of POST")));
    }
    let body = Limited::new(request.into_body(), LARGEST_BODY).collect().await;
    let body = body.map_err(|why| refused(StatusCode::BAD_REQUEST, why.to_string()))?.to_bytes();
    match read::spans(&kind, &body) {
        Ok(spans) => Ok((spans, kind)),
        Err(why) => Err(refused(StatusCode::BAD_REQUEST, why)),
    }
}

/// Each line at once: whoever waits for it reads along.
fn say(line: &Line) -> io::Result<()> {
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, line)?;
    output.write_all(b"\n")?;
    output.flush()
}
