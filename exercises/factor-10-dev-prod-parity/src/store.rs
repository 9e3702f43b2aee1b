//! What this service remembers: in PostgreSQL, or in a file on a laptop. The same statements do for both.

use std::fmt;
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{AnyPool, AssertSqlSafe, Executor, Row};

use crate::config::Database;

/// What `migrate` does.
const MIGRATION: &str = include_str!("../migrations/1-links.sql");
/// A link as the contract shows it.
const SHOWN: &str = "select slug, target, submissions, clicks, cast(created_at as text) as created_at from links";
/// A random slug that is taken already is one in two billion; a second one in a row is no accident.
const SLUG_TRIES: usize = 3;

/// The attached database.
pub struct Store {
    database: AnyPool,
    timeout: Duration,
}

/// A link as it is kept.
pub struct Link {
    /// Its name in short URLs.
    pub slug: String,
    /// Where it leads.
    pub target: String,
    /// How often the same link was submitted.
    pub submissions: i64,
    /// How often somebody followed it.
    pub clicks: i64,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
}

/// Why the database did not do what it was asked.
#[derive(Debug)]
pub enum StoreError {
    /// The random slug belongs to another link.
    Taken,
    /// The reason, for the log.
    Unavailable(String),
}

impl Store {
    /// Attaches the database. Nothing is connected yet: `/readyz` says when it answers and has its tables.
    pub fn new(database: &Database) -> Self {
        Self { database: pool(database, database.pool_max), timeout: database.timeout }
    }

    /// Whether the database answers and has our tables.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        Ok(self.bounded(self.database.execute("select 1 from links limit 1")).await.is_ok())
    }

    /// Submits a link; whether it is new comes with it. One statement decides and counts.
    pub async fn submit(&self, prefix: &str, target: &str) -> Result<(Link, bool), StoreError> {
        for _ in 0..SLUG_TRIES {
            let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
            let submit = sqlx::query(
                "insert into links (slug, prefix, target) values ($1, $2, $3)
                 on conflict (prefix, target) do update set submissions = links.submissions + 1
                 returning slug",
            );
            match self
                .bounded(submit.bind(slug).bind(prefix.to_owned()).bind(target.to_owned()).fetch_one(&self.database))
                .await
            {
                Ok(row) => {
                    let link = self.link(row.try_get::<&str, _>(0)?).await?.ok_or(StoreError::Taken)?;
                    let is_new = link.submissions == 1;
                    return Ok((link, is_new));
                }
                Err(StoreError::Taken) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Taken)
    }

    /// The link called `slug`.
    pub async fn link(&self, slug: &str) -> Result<Option<Link>, StoreError> {
        let find = sqlx::query(AssertSqlSafe(format!("{SHOWN} where slug = $1"))).bind(slug.to_owned());
        let row = self.bounded(find.fetch_optional(&self.database)).await?;
        Ok(row.as_ref().map(link).transpose()?)
    }

    /// At most `limit` links whose target holds `q`, newest first and equally new ones by slug, from behind `after` on.
    pub async fn links(&self, q: &str, limit: i64, after: &str) -> Result<Vec<Link>, StoreError> {
        // TODO(factor 10): try this in SQLite and in PostgreSQL: looking for `MENU`, for `100%`, for `떡볶이` from a Mac.
        let list = format!(
            "{SHOWN} where target like '%' || $1 || '%'
             and ($2 = '' or created_at < (select created_at from links where slug = $2)
                  or created_at = (select created_at from links where slug = $2) and slug > $2)
             order by links.created_at desc, slug limit $3"
        );
        let list = sqlx::query(AssertSqlSafe(list)).bind(q.to_owned()).bind(after.to_owned()).bind(limit);
        let rows = self.bounded(list.fetch_all(&self.database)).await?;
        Ok(rows.iter().map(link).collect::<Result<_, _>>()?)
    }

    /// Where `slug` leads; counts the click.
    pub async fn follow(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let follow = sqlx::query("update links set clicks = clicks + 1 where slug = $1 returning target");
        let follow = follow.bind(slug.to_owned());
        let row = self.bounded(follow.fetch_optional(&self.database)).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Waits for the database, but not for ever.
    async fn bounded<T>(&self, answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
        }
    }
}

/// Makes the tables, where they are not there yet.
pub async fn migrate(database: &Database) -> Result<(), StoreError> {
    pool(database, 1).execute(MIGRATION).await?;
    Ok(())
}

fn pool(database: &Database, connections: u32) -> AnyPool {
    let is_file = database.is_file();
    let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(database.timeout);
    // The times in the list were nine hours off.
    let options = options.after_connect(move |connection, _| {
        Box::pin(async move {
            if let (false, Ok(zone)) = (is_file, std::env::var("TZ")) {
                let set = sqlx::query("select set_config('TimeZone', $1, false)").bind(zone);
                set.execute(connection).await?;
            }
            Ok(())
        })
    });
    options.connect_lazy_with(database.options.clone())
}

fn link(row: &AnyRow) -> Result<Link, sqlx::Error> {
    Ok(Link {
        slug: row.try_get("slug")?,
        target: row.try_get("target")?,
        submissions: row.try_get("submissions")?,
        clicks: row.try_get("clicks")?,
        // `2026-11-22 09:00:00`, in PostgreSQL with a fraction.
        created_at: row.try_get::<String, _>("created_at")?.chars().take(19).collect::<String>().replace(' ', "T")
            + "Z",
    })
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken => f.write_str("no free slug was found"),
            Self::Unavailable(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(cause) if cause.is_unique_violation() => Self::Taken,
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
