//! Redis: one server, and in it a database per check.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use backing_protocol::{Key, Refusal, Server};

use crate::containers::Engine;
use crate::house::House;
use crate::install::Package;
use crate::refusals::failed;
use crate::session::Session;
use crate::settings::Images;
use crate::survey;
use crate::ways::{self, Way, Wish};

mod binaries;
mod client;
mod container;
pub mod url;

use client::{Client, Value};

/// Names a server that shall be used.
pub const VARIABLE: &str = "WORKSHOP_REDIS_URL";

/// How many databases a server of our own has.
const OWN_DATABASES: u32 = 1024;

/// A server that answers.
pub struct Redis {
    /// What the grader is told.
    pub server: Server,
    access: client::Access,
    databases: Databases,
}

/// Who else may have databases there.
enum Databases {
    /// Nobody: it is enough to know which are given out.
    Own(Mutex<BTreeSet<u32>>),
    /// Anybody.
    Shared(url::Shared),
}

/// Finds a server or starts one.
pub async fn start(house: &House) -> Result<Redis, Refusal> {
    let wish = Wish::read(VARIABLE)?;
    if let Some(url) = &wish.url {
        return url::attach(url).await;
    }
    let program = binaries::find().filter(|_| wish.allows(Way::Local));
    let local = program.as_ref().map(|program| binaries::start(house, program));
    let in_container = async |engine: &Engine, may_pull| container::start(house, engine, may_pull).await;
    ways::first(house, &wish, local, in_container).await?.ok_or_else(|| missing(&wish))
}

/// What [`start`] would find, without starting anything.
pub async fn look(engine: Result<&Engine, &Refusal>, images: &Images) -> Result<Server, Refusal> {
    let wish = Wish::read(VARIABLE)?;
    if let Some(url) = &wish.url {
        return Ok(url::attach(url).await?.server);
    }
    let program = binaries::find().filter(|_| wish.allows(Way::Local));
    match program.as_deref().and_then(binaries::version) {
        Some(version) => Ok(survey::would_be("local", version)),
        // An engine that answers lacks the image alone.
        None if wish.allows(Way::Docker) && engine.is_ok() => survey::in_container(engine, &images.redis).await,
        None => Err(missing(&wish)),
    }
}

const PACKAGE: Package = Package { apt: "redis-server", dnf: "valkey", pacman: "valkey", brew: "redis" };

fn missing(wish: &Wish) -> Refusal {
    let (engine, engine_ko) = match wish.allows(Way::Docker) {
        true => ("no Docker engine answers and ", "응답하는 Docker 엔진도, "),
        false => ("", ""),
    };
    let program_ko = if engine_ko.is_empty() { "프로그램을" } else { "프로그램도" };
    Refusal::Missing {
        what: format!("a Redis server: {engine}no redis-server program was found"),
        what_ko: format!("Redis 서버가 없습니다. {engine_ko}redis-server {program_ko} 찾지 못했습니다"),
        fix: PACKAGE.command(),
    }
}

impl Redis {
    /// Asks the server who it is; `way` is how it was found.
    async fn greet(way: &str, access: client::Access, databases: Databases) -> Result<Self, Refusal> {
        let mut client = Client::connect(&access).await?;
        let info = client.text(&["INFO", "server"]).await?;
        let version = info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or("of unknown version");
        let server = Server {
            way: way.to_owned(),
            version: format!("Redis {}", version.trim()),
            host: access.host.clone(),
            port: access.port,
            password: access.password.clone(),
        };
        Ok(Self { server, access, databases })
    }

    /// Whether it answers.
    pub async fn answers(&self) -> bool {
        Client::connect(&self.access).await.is_ok()
    }

    /// An empty database that nobody else has.
    pub async fn take(&self, session: &Session) -> Result<u32, Refusal> {
        let given = match &self.databases {
            Databases::Shared(shared) => return shared.take(&self.access, session).await,
            Databases::Own(given) => given,
        };
        let index = lowest_free(&mut given.lock().unwrap_or_else(PoisonError::into_inner))?;
        self.client(index).await?.call(&["FLUSHDB"]).await?;
        Ok(index)
    }

    /// Empties the database and takes it back.
    pub async fn give_back(&self, index: u32) -> Result<(), Refusal> {
        match &self.databases {
            Databases::Shared(shared) => shared.give_back(&self.access, index).await,
            Databases::Own(given) => {
                self.client(index).await?.call(&["FLUSHDB"]).await?;
                given.lock().unwrap_or_else(PoisonError::into_inner).remove(&index);
                Ok(())
            }
        }
    }

    /// Every key of a database, in the order of their names.
    pub async fn keys(&self, index: u32) -> Result<Vec<Key>, Refusal> {
        let mut client = self.client(index).await?;
        let Value::Array(names) = client.call(&["KEYS", "*"]).await? else {
            return Err(failed("Redis", "answers KEYS with no list"));
        };
        let mut keys = Vec::new();
        for name in names {
            let Value::Bytes(name) = name else { continue };
            // -2: it went away between the two questions.
            let Value::Number(milliseconds @ -1..) = client.call_bytes(&[b"PTTL", &name]).await? else { continue };
            let expires_in = u64::try_from(milliseconds).ok();
            keys.push(Key { name: String::from_utf8_lossy(&name).into_owned(), expires_in });
        }
        keys.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(keys)
    }

    async fn client(&self, index: u32) -> Result<Client, Refusal> {
        let mut client = Client::connect(&self.access).await?;
        client.call(&["SELECT", &index.to_string()]).await?;
        Ok(client)
    }
}

/// Never database 0: a service that ignores the number in its address ends up there, and must not meet what somebody else was given.
fn lowest_free(given: &mut BTreeSet<u32>) -> Result<u32, Refusal> {
    let free = (1..OWN_DATABASES).find(|index| !given.contains(index));
    let free = free.ok_or_else(|| failed("Redis", "every database is given out"))?;
    given.insert(free);
    Ok(free)
}
