//! Links and the queue of their preview jobs, in PostgreSQL.
//!
//! A job is free from `free_at` on; whoever claims it moves `free_at` into the future. When the claimer dies, time alone
//! gives the job back (factor 9).

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{Connection, PgConnection, Row};
use tokio::time::timeout;

use crate::config::DatabaseConfig;

/// May be applied again, and by two people at a time: nothing happens the second time.
const SCHEMA: &str = r#"
    BEGIN;
    SELECT pg_advisory_xact_lock(20113);
    CREATE TABLE IF NOT EXISTS links (
        slug        text PRIMARY KEY,
        prefix      text NOT NULL,
        target      text NOT NULL,
        submissions bigint NOT NULL DEFAULT 1,
        state       text NOT NULL DEFAULT 'pending',
        title       text,
        created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (prefix, target)
    );
    CREATE TABLE IF NOT EXISTS jobs (
        slug     text PRIMARY KEY REFERENCES links,
        key      text NOT NULL DEFAULT gen_random_uuid()::text,
        free_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        failures integer NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS jobs_by_time ON jobs (free_at);
    CREATE OR REPLACE VIEW shown_links AS SELECT slug, target, submissions, state, title, created_at,
        to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created FROM links;
    COMMIT;
"#;

/// The database of this deploy.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
    timeout: Duration,
}

/// A short link as it is stored.
pub struct Link {
    pub slug: String,
    pub target: String,
    pub submissions: i64,
    pub state: String,
    pub title: Option<String>,
    pub created_at: String,
}

/// A preview job in somebody's hand.
// TODO(factor 13), extra credit: this row is all that the worker ever learns of the request that asked for it.
pub struct Job {
    pub slug: String,
    pub target: String,
    /// Drawn when the job was made, and the same in every attempt, so that `screen` recognises a repeat.
    pub key: String,
}

/// Why the database did not help. It is made of our own words only: the text of a `sqlx::Error` may hold the URL.
#[derive(Debug, Clone, Copy)]
pub enum Unavailable {
    /// A wait took longer than `DB_TIMEOUT_MS`.
    TooSlow,
    /// There is no connection, or it broke.
    Unreachable,
    /// The database is there and said no; most likely `migrate` did not run.
    Refused,
}

impl Store {
    /// Attaches the database without reaching for it.
    pub fn attach(config: &DatabaseConfig) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(config.timeout)
            .connect_lazy_with(config.options.expose().clone());
        Self { pool, timeout: config.timeout }
    }

    /// Creates the tables that are missing.
    pub async fn migrate(&self) -> Result<(), Unavailable> {
        self.with(async |connection| sqlx::raw_sql(SCHEMA).execute(connection).await).await?;
        Ok(())
    }

    /// Whether the next request would find what it needs: a server that answers, and the tables in it.
    pub async fn check(&self) -> Result<(), Unavailable> {
        let query = "SELECT EXISTS (SELECT FROM shown_links), EXISTS (SELECT FROM jobs)";
        self.with(async |connection| sqlx::query(query).fetch_one(connection).await).await?;
        Ok(())
    }

    /// Stores a link together with its job, or counts one more submission of a link that is there. The flag says which.
    pub async fn create(&self, prefix: &str, target: &str) -> Result<(Link, bool), Unavailable> {
        let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
        self.with(async |connection| {
            let mut transaction = connection.begin().await?;
            let insert = "INSERT INTO links (slug, prefix, target) VALUES ($1, $2, $3) \
                          ON CONFLICT (prefix, target) DO UPDATE SET submissions = links.submissions + 1 RETURNING slug";
            let insert = sqlx::query(insert).bind(&slug).bind(prefix).bind(target);
            let stored: String = insert.fetch_one(&mut *transaction).await?.try_get("slug")?;
            let is_new = stored == slug;
            if is_new {
                let insert = sqlx::query("INSERT INTO jobs (slug) VALUES ($1)").bind(&slug);
                insert.execute(&mut *transaction).await?;
            }
            let link = select(&mut transaction, &stored).await?.ok_or(sqlx::Error::RowNotFound)?;
            transaction.commit().await?;
            Ok((link, is_new))
        })
        .await
    }

    /// The link of this name.
    pub async fn find(&self, slug: &str) -> Result<Option<Link>, Unavailable> {
        self.with(async |connection| select(connection, slug).await).await
    }

    /// The newest links, at most `limit`, of those before the link called `after`.
    pub async fn list(&self, limit: i64, after: Option<&str>) -> Result<Vec<Link>, Unavailable> {
        let query = "SELECT * FROM shown_links \
                     WHERE $2::text IS NULL OR (created_at, slug) < (SELECT created_at, slug FROM links WHERE slug = $2) \
                     ORDER BY created_at DESC, slug DESC LIMIT $1";
        let query = sqlx::query(query).bind(limit).bind(after);
        self.with(async |connection| query.fetch_all(connection).await?.iter().map(link).collect()).await
    }

    /// Takes one free job for the time of `lease`. It stays in the table until it is done.
    pub async fn claim(&self, lease: Duration) -> Result<Option<Job>, Unavailable> {
        let query = "UPDATE jobs SET free_at = clock_timestamp() + $1 * interval '1 second' FROM links \
                     WHERE links.slug = jobs.slug AND jobs.slug = (SELECT slug FROM jobs WHERE free_at <= clock_timestamp() \
                     ORDER BY free_at FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING jobs.slug, links.target, jobs.key";
        let query = sqlx::query(query).bind(lease.as_secs_f64());
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        let job = |row: PgRow| Ok(Job { slug: row.try_get(0)?, target: row.try_get(1)?, key: row.try_get(2)? });
        row.map(job).transpose().map_err(reason)
    }

    /// Stores the title and removes the job, both or neither.
    pub async fn finish(&self, job: &Job, title: &str) -> Result<(), Unavailable> {
        let query = "WITH done AS (DELETE FROM jobs WHERE slug = $1 AND key = $2 RETURNING slug) \
                     UPDATE links SET state = 'done', title = $3 FROM done WHERE links.slug = done.slug";
        let query = sqlx::query(query).bind(&job.slug).bind(&job.key).bind(title);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Gives the job back after an attempt that failed, to be taken after a while; after the tenth the preview has failed.
    pub async fn postpone(&self, job: &Job) -> Result<(), Unavailable> {
        let query = "WITH failed AS (DELETE FROM jobs WHERE slug = $1 AND key = $2 AND failures >= 9 RETURNING slug), \
                     later AS (UPDATE jobs SET failures = failures + 1, \
                     free_at = clock_timestamp() + least(60, 2 ^ failures) * interval '1 second' \
                     WHERE slug = $1 AND key = $2 AND failures < 9) \
                     UPDATE links SET state = 'failed' FROM failed WHERE links.slug = failed.slug";
        let query = sqlx::query(query).bind(&job.slug).bind(&job.key);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Lends a connection to `work`, for as long as one wait for the database may take.
    async fn with<T>(&self, work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>) -> Result<T, Unavailable> {
        let mut connection = self.pool.acquire().await.map_err(reason)?;
        match timeout(self.timeout, work(&mut connection)).await {
            Ok(result) => result.map_err(reason),
            Err(_) => {
                // Nobody knows what is still under way on it. Closed, it takes an open transaction with it.
                connection.close_on_drop();
                Err(Unavailable::TooSlow)
            }
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooSlow => "the database did not answer in time",
            Self::Unreachable => "the database cannot be reached",
            Self::Refused => "the database refused a statement; did `migrate` run?",
        })
    }
}

async fn select(connection: &mut PgConnection, slug: &str) -> sqlx::Result<Option<Link>> {
    let query = sqlx::query("SELECT * FROM shown_links WHERE slug = $1").bind(slug);
    query.fetch_optional(connection).await?.as_ref().map(link).transpose()
}

fn link(row: &PgRow) -> sqlx::Result<Link> {
    Ok(Link {
        slug: row.try_get("slug")?,
        target: row.try_get("target")?,
        submissions: row.try_get("submissions")?,
        state: row.try_get("state")?,
        title: row.try_get("title")?,
        created_at: row.try_get("created")?,
    })
}

fn reason(error: sqlx::Error) -> Unavailable {
    match error {
        sqlx::Error::PoolTimedOut => Unavailable::TooSlow,
        sqlx::Error::Database(_) => Unavailable::Refused,
        _ => Unavailable::Unreachable,
    }
}
