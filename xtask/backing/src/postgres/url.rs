//! A PostgreSQL server that somebody named by its address. It outlives the session: what is made there is written down and dropped.

use std::time::Duration;

use backing_protocol::Refusal;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::{Postgres, VARIABLE};
use crate::refusals::failed;
use crate::ways::Wish;

/// How long the server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects to the server.
pub async fn attach(url: &str) -> Result<Postgres, Refusal> {
    let (admin, address) = parse(url)?;
    let name = name(&address);
    Postgres::greet("url", admin, address, Some(name.clone())).await.map_err(|refusal| unreachable(&name, &refusal))
}

/// The configuration of the administrator and the address. The URL itself is never repeated in words: it holds a password.
pub fn parse(url: &str) -> Result<(Config, (String, u16)), Refusal> {
    let mut config: Config = url.parse().map_err(|error| failed(VARIABLE, error))?;
    config.connect_timeout(PATIENCE);
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        _ => return Err(failed(VARIABLE, "names no host")),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    Ok((config, (host, port)))
}

/// The server in the record of a session.
pub fn name((host, port): &(String, u16)) -> String {
    format!("{host}:{port}")
}

/// Drops what a session had on a server; `false` when the server is not the one that the environment names, or does not answer.
pub async fn forget(server: &str, database: &str, user: &str) -> bool {
    let Ok(Wish { url: Some(url), .. }) = Wish::read(VARIABLE) else { return false };
    if !parse(&url).is_ok_and(|(_, address)| name(&address) == server) {
        return false;
    }
    match attach(&url).await {
        Ok(postgres) => postgres.remove(database, user).await.is_ok(),
        Err(_) => false,
    }
}

fn unreachable(name: &str, refusal: &Refusal) -> Refusal {
    let why = crate::refusals::words(refusal);
    Refusal::Missing {
        what: format!("the PostgreSQL server {name} that {VARIABLE} names: {why}"),
        what_ko: format!("{VARIABLE} 변수가 가리키는 PostgreSQL 서버 {name}에 연결할 수 없습니다: {why}"),
        fix: format!("unset {VARIABLE}"),
    }
}
