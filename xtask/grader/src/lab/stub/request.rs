//! Reading a request by hand, as far as a partner must.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

use super::Call;
use crate::lab::clock::Clock;

/// Requests larger than this are cut off: the partner of a short-link service is sent a link.
const LARGEST_REQUEST: u64 = 1024 * 1024;

/// The next request of a connection; `None` when there is none, or none that can be read.
pub async fn read_call(stream: &mut BufReader<TcpStream>, clock: &Clock) -> Option<Call> {
    let request_line = read_line(stream).await?;
    let mut words = request_line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
    }
    let mut call = Call { sequence: clock.tick(), method, path, headers, body: Vec::new() };
    call.body = read_body(stream, &call).await?;
    Some(call)
}

async fn read_body(stream: &mut BufReader<TcpStream>, call: &Call) -> Option<Vec<u8>> {
    if call.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
        return read_chunks(stream).await;
    }
    let length: u64 = call.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    read_exactly(stream, length).await
}

async fn read_chunks(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = read_line(stream).await?;
        let size = u64::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        body.extend(read_exactly(stream, size).await?);
        // The line end after a chunk, or the empty line after the last one (trailers are not expected).
        read_line(stream).await?;
        if size == 0 || body.len() as u64 > LARGEST_REQUEST {
            return Some(body);
        }
    }
}

async fn read_exactly(stream: &mut BufReader<TcpStream>, length: u64) -> Option<Vec<u8>> {
    if length > LARGEST_REQUEST {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    let read = (&mut *stream).take(64 * 1024).read_until(b'\n', &mut line).await.ok()?;
    if read == 0 || line.pop() != Some(b'\n') {
        return None;
    }
    line.pop_if(|byte| *byte == b'\r');
    String::from_utf8(line).ok()
}
