//! What the grader and the program with the backing services (`workshop-backing`) say to each other: JSON lines, requests
//! on its standard input, answers on its standard output.
//!
//! Order both may rely on:
//!
//! 1. Every [`Request`] gets exactly one [`Reply`] with its `id`. Requests run concurrently, so replies may overtake each other.
//! 2. [`News`] may come at any time; it answers nothing and only tells what takes long.
//! 3. When standard input ends, the program removes everything it started (servers, databases, roles, containers, folders) and ends.
//!    A reaper of its own does the same when the program is killed.

use serde::{Deserialize, Serialize};

pub mod settings;

/// One line to the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Comes back in the reply.
    pub id: u64,
    /// What is asked for.
    pub ask: Ask,
}

/// What the grader asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Ask {
    /// Have a server of this kind: find one or start one. Answered by [`Answer::Up`] once a query was answered by it.
    Up {
        /// Which kind.
        engine: Engine,
    },
    /// An empty database with a role that owns it and may do nothing else. Answered by [`Answer::Done`].
    CreateDatabase {
        /// Its name; the program adds nothing to it.
        name: String,
        /// The role's name.
        user: String,
        /// The role's password; may hold any character.
        password: String,
    },
    /// Ends all connections to the database and removes it and its role. Answered by [`Answer::Done`].
    DropDatabase {
        /// The database.
        name: String,
        /// The role.
        user: String,
    },
    /// Runs SQL in a database as the server's administrator; several statements are allowed. Answered by [`Answer::Rows`]
    /// with the rows of the last statement that returns rows, be they none.
    Query {
        /// The database.
        database: String,
        /// The statements.
        sql: String,
    },
    /// The schema of a database as ordered text, in which two equal schemas are equal. Answered by [`Answer::Text`].
    SchemaDump {
        /// The database.
        database: String,
    },
    /// A Redis database that nobody else has, emptied. Answered by [`Answer::RedisDatabase`].
    TakeRedis,
    /// Empties the Redis database and gives it back. Answered by [`Answer::Done`].
    ReturnRedis {
        /// Its index.
        index: u32,
    },
    /// Every key of a Redis database. Answered by [`Answer::Keys`].
    ScanRedis {
        /// Its index.
        index: u32,
    },
    /// Builds an image. Answered by [`Answer::Done`], or by [`Answer::NotBuilt`] when a step of the Dockerfile fails.
    BuildImage {
        /// The folder that is sent to the engine.
        context: std::path::PathBuf,
        /// The Dockerfile, relative to it.
        dockerfile: String,
        /// The image's name; it is removed at the end.
        tag: String,
    },
    /// `docker compose up --detach`. Answered by [`Answer::Composed`], or by [`Answer::NotComposed`] when compose says no.
    ComposeUp {
        /// Where it is called.
        folder: std::path::PathBuf,
        /// The compose file, relative to it.
        file: String,
        /// The images that must be on this machine first: that they are not is no fault of the file.
        images: Vec<String>,
    },
    /// Removes all containers, networks and volumes of a compose project. Answered by [`Answer::Done`].
    ComposeDown {
        /// Its name.
        project: String,
    },
    /// The user that an image runs as, as its Dockerfile says it; empty for root by default. Answered by [`Answer::Text`].
    ImageUser {
        /// The image.
        tag: String,
    },
    /// Starts a container in the host's network. Answered by [`Answer::Container`] once it runs, or
    /// by [`Answer::NotStarted`].
    RunContainer(ContainerSpec),
    /// Sends a signal to a container's first process. Answered by [`Answer::Done`].
    SignalContainer {
        /// Its id.
        container: String,
        /// The signal's number.
        signal: i32,
    },
    /// `docker stop`: SIGTERM, and SIGKILL after `grace_seconds`. Answered by [`Answer::Ended`].
    StopContainer {
        /// Its id.
        container: String,
        /// Between the two signals.
        grace_seconds: u32,
    },
    /// Waits until the container has ended by itself. Answered by [`Answer::Ended`].
    WaitContainer {
        /// Its id.
        container: String,
    },
    /// What a container wrote so far, both streams. Answered by [`Answer::Text`].
    ContainerLogs {
        /// Its id.
        container: String,
    },
    /// Removes a container, running or not. Answered by [`Answer::Done`].
    RemoveContainer {
        /// Its id.
        container: String,
    },
}

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// A PostgreSQL server.
    Postgres,
    /// A Redis server.
    Redis,
    /// A container engine (Docker or one that speaks its language).
    Containers,
}

/// How a container is started. It shares the host's network, so loopback ports are the grader's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerSpec {
    /// The image's name; empty for the base image of the settings.
    pub image: String,
    /// Replaces the image's command; empty keeps it.
    pub command: Vec<String>,
    /// The whole environment beyond what the image sets.
    pub environment: Vec<(String, String)>,
    /// Folders and files of the host that appear at the same path.
    pub mounts: Vec<Mount>,
    /// The working directory; empty keeps the image's.
    pub directory: String,
    /// The root file system is read-only.
    pub read_only: bool,
    /// No capabilities, and no way to more rights than it starts with.
    pub unprivileged: bool,
    /// `uid:gid`; empty keeps the image's.
    pub user: String,
    /// It may do what this machine's own users may: have namespaces and mounts of its own, and see all processes by the numbers that they
    /// have outside.
    pub like_the_host: bool,
}

/// A folder or file of the host that appears in a container at the same path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// The absolute path, here and there.
    pub path: std::path::PathBuf,
    /// Whether the container may write to it.
    pub writable: bool,
}

/// One line from the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Line {
    /// The answer to a request.
    Reply(Reply),
    /// Something that takes long, for the progress line.
    News(News),
}

/// The answer to the request with this id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The request's id.
    pub id: u64,
    /// What came of it.
    pub result: Result<Answer, Refusal>,
}

/// What takes long right now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// In English, as a program's name or an image's: `starting postgres:16 in Docker`.
    pub what: String,
}

/// A good answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Answer {
    /// It happened.
    Done,
    /// A server answers.
    Up(Server),
    /// Rows of text; `None` stands for NULL.
    Rows {
        /// In the order of the server.
        rows: Vec<Vec<Option<String>>>,
    },
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// A Redis database.
    RedisDatabase {
        /// Its index.
        index: u32,
    },
    /// The keys of a Redis database.
    Keys {
        /// In the order of their names.
        keys: Vec<Key>,
    },
    /// A step of the Dockerfile failed.
    NotBuilt {
        /// What the builder wrote last.
        lines: Vec<String>,
    },
    /// What a compose file describes runs.
    Composed {
        /// The project's name.
        project: String,
        /// The ports that are reached from outside.
        ports: Vec<Published>,
    },
    /// Compose refused, or failed half-way.
    NotComposed {
        /// The project's name: something of it may be there.
        project: String,
        /// What compose wrote last.
        lines: Vec<String>,
    },
    /// A container runs.
    Container {
        /// The engine's id of it.
        id: String,
    },
    /// The engine made a container and cannot execute what the image names: no such file, or not for this user.
    NotStarted {
        /// Why, in the engine's words.
        why: String,
    },
    /// A container has ended.
    Ended {
        /// Its exit code, 128 + n for signal n.
        code: i64,
    },
}

/// A server that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Where it was found: `url`, `docker` or `local`.
    pub way: String,
    /// Its name and version: `PostgreSQL 16.4`.
    pub version: String,
    /// The host it listens at.
    pub host: String,
    /// The port it listens at.
    pub port: u16,
    /// What Redis wants as password; empty where there is none. PostgreSQL has a role per database.
    pub password: String,
}

/// A port of a compose service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The service's name in the file.
    pub service: String,
    /// The port in its container.
    pub inside: u16,
    /// The port on this machine.
    pub outside: u16,
}

/// A key of a Redis database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its name; bytes that are no text are replaced.
    pub name: String,
    /// Milliseconds until it goes away; `None` when it stays.
    pub expires_in: Option<u64>,
}

/// What the machine offers, as `workshop-backing doctor` prints it; nothing was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The PostgreSQL server that a run would use. Host and port are those of a server that runs already.
    pub postgres: Result<Server, Refusal>,
    /// The Redis server.
    pub redis: Result<Server, Refusal>,
    /// The container engine.
    pub containers: Result<Server, Refusal>,
}

/// Why a request cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Refusal {
    /// The machine lacks something: the check is UNGRADED.
    Missing {
        /// What is missing, in English: `a PostgreSQL server: no Docker engine answers and no postgres program was found`.
        what: String,
        /// The same in Korean.
        what_ko: String,
        /// The command that provides it, the same in every language.
        fix: String,
    },
    /// It should have worked and did not: the check is an ERROR.
    Failed {
        /// What failed and why, in English, as systems report it.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_survives_the_way_there_and_back() {
        let request = Request { id: 7, ask: Ask::Up { engine: Engine::Postgres } };
        let line = serde_json::to_string(&request).expect("is JSON");
        assert_eq!(line, r#"{"id":7,"ask":{"kind":"up","engine":"postgres"}}"#);
        assert_eq!(serde_json::from_str::<Request>(&line).expect("is a request"), request);

        let refusal = Refusal::Failed { why: "port taken".to_owned() };
        let reply = Line::Reply(Reply { id: 7, result: Err(refusal) });
        let line = serde_json::to_string(&reply).expect("is JSON");
        assert_eq!(serde_json::from_str::<Line>(&line).expect("is a line"), reply);
    }
}
