//! What this service remembers, in PostgreSQL: on a laptop, in a test and in production.
//!
//! SQL is spoken by many databases and means something else in each. `like` ignores case in SQLite and not in PostgreSQL,
//! an integer grows there and ends here. So every statement was tried out on what production runs, because nothing else
//! can run it.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{PgPool, Row};

use crate::config::Database;

/// Applied in this order, each one once. They are part of the program, so that program and schema cannot be mixed up.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/1-links.sql")];
/// A random slug that is taken already is one in two billion; a second one in a row is no accident.
const SLUG_TRIES: usize = 3;

/// The attached database.
pub struct Store {
    database: PgPool,
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
        Self { database: pool(&database.options, database.pool_max, database.timeout), timeout: database.timeout }
    }

    /// Whether PostgreSQL answers and has our tables.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        let tables = sqlx::query("select to_regclass('shown_links') is not null");
        Ok(self.bounded(tables.fetch_one(&self.database)).await?.try_get(0)?)
    }

    /// Submits a link; whether it is new comes with it. One statement decides and counts.
    pub async fn submit(&self, prefix: &str, target: &str) -> Result<(Link, bool), StoreError> {
        for _ in 0..SLUG_TRIES {
            let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
            let submit = sqlx::query(
                "insert into links (slug, prefix, target) values ($1, $2, $3)
                 on conflict (prefix, target) do update set submissions = links.submissions + 1
                 returning slug, slug = $1",
            );
            match self.bounded(submit.bind(slug).bind(prefix).bind(target).fetch_one(&self.database)).await {
                Ok(row) => {
                    let link = self.link(row.try_get(0)?).await?.ok_or(StoreError::Taken)?;
                    return Ok((link, row.try_get(1)?));
                }
                Err(StoreError::Taken) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Taken)
    }

    /// The link called `slug`.
    pub async fn link(&self, slug: &str) -> Result<Option<Link>, StoreError> {
        let find = sqlx::query("select * from shown_links where slug = $1").bind(slug);
        let row = self.bounded(find.fetch_optional(&self.database)).await?;
        Ok(row.as_ref().map(link).transpose()?)
    }

    // ANCHOR: search
    /// At most `limit` links whose target holds `q`, newest first and equally new ones by slug, from behind `after` on.
    ///
    /// `strpos` looks for characters, so a `%` of the user is a `%`; `like` would have to be told three times over. The
    /// collation says whose rules `lower` follows: without it those of the machine that the database was made on
    /// (`search-semantics`).
    pub async fn links(&self, q: &str, limit: i64, after: &str) -> Result<Vec<Link>, StoreError> {
        let list = sqlx::query(
            r#"select shown_links.*
               from links join shown_links using (slug) left join links as last on last.slug = $2
               where strpos(lower(normalize(links.target, NFC) collate "C"), lower(normalize($1, NFC) collate "C")) > 0
                 and ($2 = '' or links.created_at < last.created_at
                      or links.created_at = last.created_at and links.slug > last.slug)
               order by links.created_at desc, links.slug
               limit $3"#,
        );
        let list = list.bind(q).bind(after).bind(limit);
        let rows = self.bounded(list.fetch_all(&self.database)).await?;
        Ok(rows.iter().map(link).collect::<Result<_, _>>()?)
    }
    // ANCHOR_END: search

    /// Where `slug` leads; counts the click.
    pub async fn follow(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let follow = sqlx::query("update links set clicks = clicks + 1 where slug = $1 returning target").bind(slug);
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

/// Brings the schema up to date and says how many steps that took: the only way to a schema, in every environment.
///
/// All of it is one transaction: interrupted, it has not happened. The lock makes a second `migrate` wait its turn.
pub async fn migrate(database: &Database) -> Result<usize, StoreError> {
    let mut transaction = pool(&database.options, 1, database.timeout).begin().await?;
    sqlx::raw_sql("set local lock_timeout = '10s'; select pg_advisory_xact_lock(hashtext('links migrate'))")
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql("create table if not exists migrations (number bigint primary key)")
        .execute(&mut *transaction)
        .await?;
    let applied: i64 = sqlx::query("select count(*) from migrations").fetch_one(&mut *transaction).await?.try_get(0)?;
    let mut steps = 0;
    for (number, step) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > applied) {
        sqlx::raw_sql(step).execute(&mut *transaction).await?;
        sqlx::query("insert into migrations values ($1)").bind(number).execute(&mut *transaction).await?;
        steps += 1;
    }
    transaction.commit().await?;
    Ok(steps)
}

fn pool(options: &PgConnectOptions, connections: u32, timeout: Duration) -> PgPool {
    PgPoolOptions::new().max_connections(connections).acquire_timeout(timeout).connect_lazy_with(options.clone())
}

fn link(row: &PgRow) -> Result<Link, sqlx::Error> {
    Ok(Link {
        slug: row.try_get("slug")?,
        target: row.try_get("target")?,
        submissions: row.try_get("submissions")?,
        clicks: row.try_get("clicks")?,
        created_at: row.try_get("created_at")?,
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
