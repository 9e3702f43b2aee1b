//! PostgreSQL: one server, and in it a database per check.

use std::time::Duration;

use backing_protocol::{Refusal, Server};
use tokio::time::timeout;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

use crate::containers::Engine;
use crate::house::House;
use crate::install::Package;
use crate::refusals::{failed, failed_query};
use crate::session::Session;
use crate::session::record::Trace;
use crate::settings::Images;
use crate::survey;
use crate::ways::{self, Way, Wish};

mod binaries;
mod container;
mod idle;
mod names;
mod schema;
pub mod url;

use idle::Idle;
use names::{literal, quoted};

/// Names a server that shall be used.
pub const VARIABLE: &str = "WORKSHOP_POSTGRES_URL";

/// After this long an answer is not late but lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing in a server of ours survives a crash, and nothing has to: it lives as long as the session. What a service can notice is
/// left as it is, except that there are connections for several services at once.
const OPTIONS: [&str; 11] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=300",
    "shared_buffers=32MB",
    "log_checkpoints=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
];

/// A server that answers.
pub struct Postgres {
    /// What the grader is told.
    pub server: Server,
    /// How the administrator connects; the database is added.
    admin: Config,
    /// The database that the administrator works from.
    home: String,
    /// The administrator may do everything.
    superuser: bool,
    /// 150018 is 15.18.
    number: u32,
    /// The name under which databases are written down, of a server that outlives the session.
    outlives: Option<String>,
    idle: Idle,
}

/// Rows of text.
pub type Rows = Vec<Vec<Option<String>>>;

/// Finds a server or starts one.
pub async fn start(house: &House) -> Result<Postgres, Refusal> {
    let wish = Wish::read(VARIABLE)?;
    if let Some(url) = &wish.url {
        return url::attach(url).await;
    }
    let programs = binaries::find().filter(|_| wish.allows(Way::Local));
    let local = programs.as_ref().map(|programs| binaries::start(house, programs));
    let in_container = async |engine: &Engine, may_pull| container::start(house, engine, may_pull).await;
    ways::first(house, &wish, local, in_container).await?.ok_or_else(|| missing(&wish))
}

/// What [`start`] would find, without starting anything.
pub async fn look(engine: Result<&Engine, &Refusal>, images: &Images) -> Result<Server, Refusal> {
    let wish = Wish::read(VARIABLE)?;
    if let Some(url) = &wish.url {
        return Ok(url::attach(url).await?.server);
    }
    let programs = binaries::find().filter(|_| wish.allows(Way::Local));
    match programs.as_ref().and_then(binaries::version) {
        Some(version) => Ok(survey::would_be("local", version)),
        // An engine that answers lacks the image alone.
        None if wish.allows(Way::Docker) && engine.is_ok() => survey::in_container(engine, &images.postgres).await,
        None => Err(missing(&wish)),
    }
}

const PACKAGE: Package =
    Package { apt: "postgresql", dnf: "postgresql-server", pacman: "postgresql", brew: "postgresql@17" };

fn missing(wish: &Wish) -> Refusal {
    let (engine, engine_ko) = match wish.allows(Way::Docker) {
        true => ("no Docker engine answers and ", "응답하는 Docker 엔진도, "),
        false => ("", ""),
    };
    let program_ko = if engine_ko.is_empty() { "프로그램을" } else { "프로그램도" };
    Refusal::Missing {
        what: format!("a PostgreSQL server: {engine}no postgres program was found"),
        what_ko: format!("PostgreSQL 서버가 없습니다. {engine_ko}postgres {program_ko} 찾지 못했습니다"),
        fix: PACKAGE.command(),
    }
}

impl Postgres {
    /// Asks the server who it is; `way` is how it was found.
    async fn greet(
        way: &str,
        admin: Config,
        address: (String, u16),
        outlives: Option<String>,
    ) -> Result<Self, Refusal> {
        let (host, port) = address;
        let server = Server { way: way.to_owned(), version: String::new(), host, port, password: String::new() };
        let home = admin.get_dbname().unwrap_or("postgres").to_owned();
        let idle = Idle::default();
        let mut postgres = Self { server, admin, home, superuser: false, number: 0, outlives, idle };
        let sql = "SELECT current_setting('server_version'), current_setting('server_version_num'), \
                   (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
        let rows = postgres.query(&postgres.home, sql).await?;
        let [Some(version), Some(number), Some(superuser)] = rows.first().map_or(&[][..], Vec::as_slice) else {
            return Err(failed("the PostgreSQL server", "does not say who it is"));
        };
        let version = version.split_whitespace().next().unwrap_or_default();
        postgres.server.version = format!("PostgreSQL {version}");
        postgres.number = number.parse().unwrap_or_default();
        postgres.superuser = superuser == "t";
        Ok(postgres)
    }

    /// Keeps the roles of databases out of those that belong to nobody, on a server of ours.
    async fn close_to_others(&self) -> Result<(), Refusal> {
        self.query("postgres", "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC").await.map(drop)
    }

    /// Whether it takes a connection and answers. Not one that waits: its end of a server that was killed lives on for a moment and
    /// answers as if nothing had happened.
    pub async fn answers(&self) -> bool {
        let Ok(client) = self.connect(&self.home).await else { return false };
        let answered = run(&client, "SELECT 1").await.is_ok();
        if answered {
            self.idle.put(client);
        }
        answered
    }

    /// Creates a database and the role that owns it.
    pub async fn create(&self, session: &Session, name: &str, user: &str, password: &str) -> Result<(), Refusal> {
        if let Some(server) = self.outlives.clone() {
            session.note(&Trace::Database { server, name: name.to_owned(), user: user.to_owned() })?;
        }
        let created = self.create_both(name, user, password).await;
        if created.is_err() {
            // Half of it would be in the way of a second try.
            let _ = self.remove(name, user).await;
        }
        created
    }

    async fn create_both(&self, name: &str, user: &str, password: &str) -> Result<(), Refusal> {
        let (database, role) = (quoted(name), quoted(user));
        let client = self.administrator().await?;
        let password = literal(password);
        run(&client, &format!("CREATE ROLE {role} LOGIN PASSWORD {password} NOSUPERUSER NOCREATEDB NOCREATEROLE"))
            .await?;
        if !self.superuser {
            // Who is no superuser gives a database only to those whom he could be himself.
            run(&client, &format!("GRANT {role} TO CURRENT_USER")).await?;
        }
        // Copying files costs a third of writing every block to the log, which older versions do not know and never do.
        let strategy = if self.number >= 150_000 { "STRATEGY file_copy" } else { "" };
        run(&client, &format!("CREATE DATABASE {database} OWNER {role} TEMPLATE template0 {strategy}")).await?;
        run(&client, &format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC")).await?;
        self.idle.put(client);
        Ok(())
    }

    /// Removes a database with all connections to it, and its role.
    pub async fn remove(&self, name: &str, user: &str) -> Result<(), Refusal> {
        let client = self.administrator().await?;
        let database = quoted(name);
        if self.number >= 130_000 {
            run(&client, &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
        } else {
            let name = literal(name);
            run(&client, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {name}"))
                .await?;
            run(&client, &format!("DROP DATABASE IF EXISTS {database}")).await?;
        }
        run(&client, &format!("DROP ROLE IF EXISTS {}", quoted(user))).await?;
        self.idle.put(client);
        Ok(())
    }

    /// Runs statements and returns the rows of the last one that returns rows.
    pub async fn query(&self, database: &str, sql: &str) -> Result<Rows, Refusal> {
        let client = self.connect(database).await?;
        let answer = timeout(PATIENCE, client.simple_query(sql)).await;
        let messages =
            answer.map_err(|_| late("a query"))?.map_err(|error| failed_query("the query failed", &error))?;
        Ok(last_rows(messages))
    }

    /// The schema of a database as ordered text.
    pub async fn schema(&self, database: &str) -> Result<String, Refusal> {
        let rows = self.query(database, schema::LINES).await?;
        Ok(rows.into_iter().flatten().flatten().map(|line| line + "\n").collect())
    }

    /// A connection to the database that belongs to nobody.
    async fn administrator(&self) -> Result<Client, Refusal> {
        match self.idle.take() {
            Some(client) => Ok(client),
            None => self.connect(&self.home).await,
        }
    }

    /// A new connection: what one request leaves behind (a role, a half transaction, a lock) meets no other.
    async fn connect(&self, database: &str) -> Result<Client, Refusal> {
        let mut config = self.admin.clone();
        config.dbname(database);
        let connected = timeout(PATIENCE, config.connect(NoTls)).await.map_err(|_| late("a connection"))?;
        let (client, connection) = connected.map_err(|error| failed_query("cannot connect to PostgreSQL", &error))?;
        // An error of the connection is told to whoever waits for an answer.
        tokio::spawn(connection);
        Ok(client)
    }
}

async fn run(client: &Client, sql: &str) -> Result<(), Refusal> {
    let done = timeout(PATIENCE, client.batch_execute(sql)).await.map_err(|_| late("a statement"))?;
    done.map_err(|error| failed_query("PostgreSQL refused", &error))
}

fn late(what: &str) -> Refusal {
    failed(format!("PostgreSQL did not answer {what}"), format!("within {} s", PATIENCE.as_secs()))
}

fn last_rows(messages: Vec<SimpleQueryMessage>) -> Rows {
    let mut rows = Rows::new();
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(_) => rows.clear(),
            SimpleQueryMessage::Row(row) => {
                rows.push((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect());
            }
            _ => {}
        }
    }
    rows
}
