//! What this service remembers, in PostgreSQL. There is deliberately no map, no cache and no file in here: each would be a
//! second place for the same fact, in one process out of several (factor 6).
//!
//! None of the processes knows of the others, and none has to. Wherever two could disagree, one statement of the database
//! decides, and not a look followed by a step (factor 8).

use std::fmt;
use std::time::Duration;

use sqlx::PgConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::time::{Instant, timeout_at};

use crate::config::DatabaseConfig;

mod jobs;
mod links;
pub mod password;
mod users;

pub use jobs::Job;
pub use links::{Cursor, Link, Page};

/// The database of this deploy. It holds connections and nothing that they carry.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    timeout: Duration,
}

/// Why the database did not do what it was asked. It is made of our own words only: the text of a `sqlx::Error` may hold the
/// URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError {
    /// What was asked contradicts what is there already.
    Conflict,
    /// A wait took longer than `DB_TIMEOUT_MS`.
    TooSlow,
    /// There is no connection, or it broke.
    Unreachable,
    /// The database is there and said no; most likely `migrate` did not run.
    Refused,
}

impl Store {
    /// Attaches the database without reaching for it (factor 4): a service that needs its database in order to start dies with
    /// it, and cannot come back before it. All requests share the pool, so the database knows how many connections come.
    pub fn attach(config: &DatabaseConfig) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(config.timeout)
            .connect_lazy_with(config.options.expose().clone());
        Self { pool, timeout: config.timeout }
    }

    /// Whether the next request would find what it needs: a server that answers, and the tables in it. Asked now, every time: a
    /// flag that is set once tells how it was at the start.
    ///
    /// # Errors
    ///
    /// It would not.
    pub async fn check(&self) -> Result<(), StoreError> {
        let query = "select exists (select from shown_links), exists (select from jobs)";
        self.with(async |connection| sqlx::query(query).fetch_one(connection).await).await?;
        Ok(())
    }

    // ANCHOR: with
    /// Lends a connection to `work`, for as long as one wait for the database may take.
    async fn with<T>(&self, work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>) -> Result<T, StoreError> {
        let deadline = Instant::now() + self.timeout;
        let mut connection = self.pool.acquire().await?;
        match timeout_at(deadline, work(&mut connection)).await {
            Ok(result) => Ok(result?),
            Err(_) => {
                // Nobody knows what is still under way on it. Closed, it takes an open transaction with it; back in the
                // pool it would keep the next one waiting.
                connection.close_on_drop();
                Err(StoreError::TooSlow)
            }
        }
    }
    // ANCHOR_END: with
}

impl std::error::Error for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conflict => "it is there already",
            Self::TooSlow => "the database did not answer in time",
            Self::Unreachable => "the database cannot be reached",
            Self::Refused => "the database refused a statement; did `migrate` run?",
        })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::TooSlow,
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Conflict,
            sqlx::Error::Database(_) => Self::Refused,
            _ => Self::Unreachable,
        }
    }
}
