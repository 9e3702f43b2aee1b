//! The database: SQLite on the instructor's machine, PostgreSQL where several boards share one. The same SQL for both.

use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Executor};
use tokio::sync::watch;

mod admin;
pub mod read;
mod schema;
mod write;
mod writer;

pub use write::{Arrived, Done, Write};
pub use writer::Busy;
use writer::Writer;

/// A board reads a little and often; more connections would only fight.
const READERS: u32 = 4;

/// After this long a database that does not answer is as good as gone, and the client is asked to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// One board's database.
#[derive(Clone, Debug)]
pub struct Store {
    kind: Kind,
    pool: AnyPool,
    writer: Writer,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file on this machine.
    Sqlite,
    /// A server, which other replicas may write to as well.
    Postgres,
}

/// The database cannot be used.
pub type Error = sqlx::Error;

impl Kind {
    /// What an address asks for.
    pub fn of(url: &str) -> Option<Self> {
        match url.split(':').next()? {
            "sqlite" => Some(Kind::Sqlite),
            "postgres" | "postgresql" => Some(Kind::Postgres),
            _ => None,
        }
    }

    /// Begins a transaction that will write. SQLite would otherwise find out too late that somebody else does.
    fn begin(self) -> &'static str {
        match self {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        }
    }
}

impl Store {
    /// Connects. SQLite's tables are made where there are none; those of PostgreSQL are made by `migrate`, once for all replicas.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let store = Self::connect(url).await?;
        match store.kind {
            Kind::Sqlite => schema::migrate(&store.pool, store.kind).await?,
            Kind::Postgres => schema::is_current(&store.pool).await?,
        }
        Ok(store)
    }

    /// Makes the tables or brings them up to date, and ends.
    pub async fn migrate(url: &str) -> Result<(), Error> {
        let store = Self::connect(url).await?;
        schema::migrate(&store.pool, store.kind).await
    }

    async fn connect(url: &str) -> Result<Self, Error> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let kind = Kind::of(url).ok_or_else(|| Error::Configuration("sqlite: or postgres: is expected".into()))?;
        let options = AnyConnectOptions::from_str(url)?;
        let pool = |size| {
            let pool = AnyPoolOptions::new().max_connections(size).acquire_timeout(PATIENCE);
            pool.after_connect(move |connection, _| Box::pin(prepared(kind, connection)))
        };
        let readers = pool(READERS).connect_with(options.clone()).await?;
        // One connection writes: SQLite allows no more, and a transaction for many events is faster than many at once.
        let writer = Writer::start(kind, pool(1).connect_lazy_with(options));
        Ok(Self { kind, pool: readers, writer })
    }

    /// Which database it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Writes, and returns when it is on the disk.
    pub async fn write(&self, what: Write) -> Result<Done, Busy> {
        self.writer.write(what).await
    }

    /// The revision of the last write of this process.
    pub fn written(&self) -> watch::Receiver<i64> {
        self.writer.written()
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        self.revision().await.is_ok()
    }

    /// Lets the writer finish what was accepted, and closes every connection.
    pub async fn close(&self) {
        self.writer.finish().await;
        self.pool.close().await;
    }
}

/// What is acknowledged survives a power cut: SQLite waits for the disk at every commit, as PostgreSQL does by itself.
async fn prepared(kind: Kind, connection: &mut AnyConnection) -> Result<(), Error> {
    match kind {
        Kind::Sqlite => {
            for pragma in ["PRAGMA busy_timeout = 5000", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"] {
                connection.execute(pragma).await?;
            }
        }
        Kind::Postgres => {
            connection.execute("SET statement_timeout = '5s'").await?;
        }
    }
    Ok(())
}
