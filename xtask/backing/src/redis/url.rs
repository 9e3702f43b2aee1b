//! A Redis server that somebody named by its address. Others may use it: only empty databases are taken, and taking one is written
//! down on the server itself, in database 0, which is never given out.

use backing_protocol::Refusal;

use super::client::{Access, Client, Value};
use super::{Databases, Redis, VARIABLE};
use crate::refusals::failed;
use crate::session::Session;
use crate::session::record::Trace;
use crate::ways::Wish;

/// A hash on the server: which database belongs to which session.
const TAKEN: &str = "workshop:taken-databases";

/// What servers have that do not tell.
const USUAL: u32 = 16;

/// A server whose databases others may use as well.
pub struct Shared {
    databases: u32,
}

/// Connects to the server.
pub async fn attach(url: &str) -> Result<Redis, Refusal> {
    let access = parse(url)?;
    let name = name(&access);
    let databases = count(&access).await.map_err(|refusal| unreachable(&name, &refusal))?;
    Redis::greet("url", access, Databases::Shared(Shared { databases })).await
}

/// Reads `redis://[user[:password]@]host[:port][/…]`. The URL itself is never repeated in words: it holds a password.
pub fn parse(url: &str) -> Result<Access, Refusal> {
    let wrong = |why: &str| failed(VARIABLE, why);
    let rest = url.strip_prefix("redis://").ok_or_else(|| wrong("is no redis:// address; TLS is not supported"))?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (credentials, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| wrong("has no port number"))?),
        _ => (place, 6379),
    };
    if host.is_empty() {
        return Err(wrong("names no host"));
    }
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Access { host, port, user: decoded(user), password: decoded(password) })
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The server in the record of a session.
pub fn name(access: &Access) -> String {
    format!("{}:{}", access.host, access.port)
}

/// How many databases there are; servers of some clouds do not tell.
async fn count(access: &Access) -> Result<u32, Refusal> {
    let mut client = Client::connect(access).await?;
    let answer = client.call(&["CONFIG", "GET", "databases"]).await;
    let Ok(Value::Array(pair)) = answer else { return Ok(USUAL) };
    let number = pair.get(1).and_then(|value| match value {
        Value::Bytes(digits) => std::str::from_utf8(digits).ok()?.parse().ok(),
        _ => None,
    });
    Ok(number.unwrap_or(USUAL))
}

impl Shared {
    /// An empty database that nobody has taken.
    pub async fn take(&self, access: &Access, session: &Session) -> Result<u32, Refusal> {
        let mut client = Client::connect(access).await?;
        for index in 1..self.databases {
            let field = index.to_string();
            client.call(&["SELECT", "0"]).await?;
            let taken = client.call(&["HEXISTS", TAKEN, &field]).await?;
            client.call(&["SELECT", &field]).await?;
            let keys = client.call(&["DBSIZE"]).await?;
            if taken != Value::Number(0) || keys != Value::Number(0) {
                continue;
            }
            session.note(&Trace::RedisDatabase { server: name(access), index })?;
            client.call(&["SELECT", "0"]).await?;
            if client.call(&["HSETNX", TAKEN, &field, &session.id]).await? == Value::Number(1) {
                return Ok(index);
            }
        }
        Err(failed("Redis", format!("none of the {} databases is empty and free", self.databases)))
    }

    /// Empties the database and takes it back.
    pub async fn give_back(&self, access: &Access, index: u32) -> Result<(), Refusal> {
        let mut client = Client::connect(access).await?;
        empty(&mut client, index).await
    }
}

/// Empties what a session had on a server; `false` when the server is not the one that the environment names, or does not answer.
pub async fn forget(server: &str, session: &str, index: u32) -> bool {
    let Ok(Wish { url: Some(url), .. }) = Wish::read(VARIABLE) else { return false };
    match parse(&url) {
        Ok(access) if name(&access) == server => forget_at(&access, session, index).await.is_ok(),
        _ => false,
    }
}

/// A database that meanwhile belongs to somebody else stays as it is.
async fn forget_at(access: &Access, session: &str, index: u32) -> Result<(), Refusal> {
    let mut client = Client::connect(access).await?;
    client.call(&["SELECT", "0"]).await?;
    let owner = client.call(&["HGET", TAKEN, &index.to_string()]).await?;
    if owner == Value::Bytes(session.as_bytes().to_owned()) {
        empty(&mut client, index).await?;
    }
    Ok(())
}

async fn empty(client: &mut Client, index: u32) -> Result<(), Refusal> {
    let field = index.to_string();
    client.call(&["SELECT", &field]).await?;
    client.call(&["FLUSHDB"]).await?;
    client.call(&["SELECT", "0"]).await?;
    client.call(&["HDEL", TAKEN, &field]).await.map(drop)
}

fn unreachable(name: &str, refusal: &Refusal) -> Refusal {
    let why = crate::refusals::words(refusal);
    Refusal::Missing {
        what: format!("the Redis server {name} that {VARIABLE} names: {why}"),
        what_ko: format!("{VARIABLE} 변수가 가리키는 Redis 서버 {name}에 연결할 수 없습니다: {why}"),
        fix: format!("unset {VARIABLE}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let access = parse("redis://me:p%40ss%3a%EA%B0%80@[::1]:7000/3").unwrap();
        assert_eq!((access.host.as_str(), access.port), ("::1", 7000));
        assert_eq!((access.user.as_str(), access.password.as_str()), ("me", "p@ss:가"));
        let plain = parse("redis://cache.local").unwrap();
        assert_eq!((plain.host.as_str(), plain.port, plain.password.as_str()), ("cache.local", 6379, ""));
    }

    #[test]
    fn a_wrong_address_is_refused_without_being_repeated() {
        for url in ["rediss://:secret@host", "redis://:secret@", "redis://:secret@host:port"] {
            let refusal = parse(url).unwrap_err();
            assert!(!crate::refusals::words(&refusal).contains("secret"), "{refusal:?}");
        }
    }
}
