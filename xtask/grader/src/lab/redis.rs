//! A Redis database of a check's own, behind a fault proxy.

use backing_protocol::{Answer, Ask, Key};

use crate::backing::{Door, unexpected};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::proxy::{Proxy, Wire};
use crate::lab::secrets::percent_encoded;
use crate::lab::servers::Running;

/// A database. Dropping it empties it and gives it back.
#[derive(Debug)]
pub struct Redis {
    /// Between the service and the server.
    pub proxy: Proxy,
    index: u32,
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
        let proxy = self.proxy((server.host, server.port), Wire::Opaque).await?;
        Ok(Redis { proxy, index, password: server.password, door })
    }
}

impl Redis {
    /// The whole address, as `REDIS_URL` says it.
    pub fn url(&self) -> String {
        let user = match self.password.as_str() {
            "" => String::new(),
            password => format!(":{}@", percent_encoded(password)),
        };
        format!("redis://{user}127.0.0.1:{}/{}", self.proxy.port(), self.index)
    }

    /// Every key in it, by name, past the proxy.
    pub async fn keys(&self) -> CheckResult<Vec<Key>> {
        match self.door.ask(Ask::ScanRedis { index: self.index }).await? {
            Answer::Keys { keys } => Ok(keys),
            other => Err(unexpected(&other).into()),
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.door.tell(Ask::ReturnRedis { index: self.index });
    }
}
