//! Links and the queue of their preview jobs, in PostgreSQL.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{Connection, PgConnection, Row};
use tokio::time::timeout;

use crate::config::DatabaseConfig;

/// May be applied again. The grader begins with an empty database each time, so what is changed simply goes in here.
const SCHEMA: &str = r#"
    BEGIN;
    SELECT pg_advisory_xact_lock(20111);
    CREATE TABLE IF NOT EXISTS links (
        slug        text PRIMARY KEY,
        prefix      text NOT NULL,
        target      text NOT NULL,
        submissions bigint NOT NULL DEFAULT 1,
        clicks      bigint NOT NULL DEFAULT 0,
        state       text NOT NULL DEFAULT 'pending',
        title       text,
        created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE TABLE IF NOT EXISTS jobs (
        slug     text PRIMARY KEY REFERENCES links,
        key      text NOT NULL DEFAULT gen_random_uuid()::text,
        free_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        owner    text,
        failures integer NOT NULL DEFAULT 0
    );
    CREATE TABLE IF NOT EXISTS totals (links bigint NOT NULL, clicks bigint NOT NULL);
    CREATE INDEX IF NOT EXISTS jobs_by_time ON jobs (free_at);
    CREATE OR REPLACE VIEW shown_links AS SELECT slug, target, submissions, clicks, state, title, created_at,
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
    pub clicks: i64,
    pub state: String,
    pub title: Option<String>,
    pub created_at: String,
}

/// A preview job in somebody's hand.
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

    /// Whether the next request would find what it needs: a server that answers, and both tables in it.
    pub async fn check(&self) -> Result<(), Unavailable> {
        let query = "SELECT EXISTS (SELECT FROM links), EXISTS (SELECT FROM jobs)";
        self.with(async |connection| sqlx::query(query).fetch_one(connection).await).await?;
        Ok(())
    }

    /// Stores a link together with its job, or counts one more submission of a link that is there. The flag says which.
    // TODO(factor 8): two processes are asked for the same link in the same moment. What does each of them see?
    pub async fn create(&self, prefix: &str, target: &str) -> Result<(Link, bool), Unavailable> {
        self.with(async |connection| {
            let known = sqlx::query("SELECT slug, submissions FROM links WHERE prefix = $1 AND target = $2");
            let known = known.bind(prefix).bind(target).fetch_optional(&mut *connection).await?;
            let (slug, is_new) = match known {
                Some(row) => {
                    let (slug, submissions): (String, i64) = (row.try_get("slug")?, row.try_get("submissions")?);
                    let update = sqlx::query("UPDATE links SET submissions = $2 WHERE slug = $1");
                    update.bind(&slug).bind(submissions + 1).execute(&mut *connection).await?;
                    (slug, false)
                }
                None => (insert(connection, prefix, target).await?, true),
            };
            let link = select(connection, &slug).await?.ok_or(sqlx::Error::RowNotFound)?;
            Ok((link, is_new))
        })
        .await
    }

    /// The link of this name.
    pub async fn find(&self, slug: &str) -> Result<Option<Link>, Unavailable> {
        self.with(async |connection| select(connection, slug).await).await
    }

    /// Where `slug` leads; counts the click.
    // TODO(factor 8): how old is the number that is written here, when it is written?
    pub async fn follow(&self, slug: &str) -> Result<Option<String>, Unavailable> {
        self.with(async |connection| {
            let Some(link) = select(connection, slug).await? else { return Ok(None) };
            let update = sqlx::query("UPDATE links SET clicks = $2 WHERE slug = $1").bind(slug).bind(link.clicks + 1);
            update.execute(connection).await?;
            Ok(Some(link.target))
        })
        .await
    }

    /// The newest links, at most `limit`, of those before the link called `after`.
    pub async fn list(&self, limit: i64, after: Option<&str>) -> Result<Vec<Link>, Unavailable> {
        let query = "SELECT * FROM shown_links \
                     WHERE $2::text IS NULL OR (created_at, slug) < (SELECT created_at, slug FROM links WHERE slug = $2) \
                     ORDER BY created_at DESC, slug DESC LIMIT $1";
        let query = sqlx::query(query).bind(limit).bind(after);
        self.with(async |connection| query.fetch_all(connection).await?.iter().map(link).collect()).await
    }

    /// Writes down how many links and clicks there are.
    pub async fn count_totals(&self) -> Result<(), Unavailable> {
        let query = "BEGIN; DELETE FROM totals; \
                     INSERT INTO totals SELECT count(*), coalesce(sum(clicks), 0) FROM links; COMMIT";
        self.with(async |connection| sqlx::raw_sql(query).execute(connection).await).await?;
        Ok(())
    }

    /// How many links and clicks there were when they were counted last.
    pub async fn totals(&self) -> Result<(i64, i64), Unavailable> {
        let query = sqlx::query("SELECT links, clicks FROM totals LIMIT 1");
        let row = self.with(async |connection| query.fetch_optional(connection).await).await?;
        let read = |row: PgRow| Ok((row.try_get("links")?, row.try_get("clicks")?));
        Ok(row.map(read).transpose().map_err(reason)?.unwrap_or_default())
    }

    /// Takes one free job for `owner`, until `lease` has passed without [`Store::keep`].
    // TODO(factor 8): another worker looks between the two statements. What does it find?
    pub async fn claim(&self, owner: &str, lease: Duration) -> Result<Option<Job>, Unavailable> {
        self.with(async |connection| {
            let free = "SELECT jobs.slug, links.target, jobs.key FROM jobs JOIN links ON links.slug = jobs.slug \
                        WHERE free_at <= clock_timestamp() ORDER BY free_at LIMIT 1";
            let Some(row) = sqlx::query(free).fetch_optional(&mut *connection).await? else { return Ok(None) };
            let job = Job { slug: row.try_get(0)?, target: row.try_get(1)?, key: row.try_get(2)? };
            let take =
                "UPDATE jobs SET owner = $2, free_at = clock_timestamp() + $3 * interval '1 second' WHERE slug = $1";
            let take = sqlx::query(take).bind(&job.slug).bind(owner).bind(lease.as_secs_f64());
            take.execute(connection).await?;
            Ok(Some(job))
        })
        .await
    }

    /// Holds on to a claimed job for another `lease`. `false` when it belongs to somebody else by now.
    pub async fn keep(&self, owner: &str, job: &Job, lease: Duration) -> Result<bool, Unavailable> {
        let query =
            "UPDATE jobs SET free_at = clock_timestamp() + $3 * interval '1 second' WHERE slug = $1 AND owner = $2";
        let query = sqlx::query(query).bind(&job.slug).bind(owner).bind(lease.as_secs_f64());
        let done = self.with(async |connection| query.execute(connection).await).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives back whatever `owner` holds, to be taken at once. Asked by owner and not by job: of a claim whose answer was
    /// lost the worker does not know.
    pub async fn hand_back(&self, owner: &str) -> Result<(), Unavailable> {
        let query =
            sqlx::query("UPDATE jobs SET owner = NULL, free_at = clock_timestamp() WHERE owner = $1").bind(owner);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Stores the title and removes the job, both or neither, if the job still belongs to `owner`.
    pub async fn finish(&self, owner: &str, job: &Job, title: &str) -> Result<(), Unavailable> {
        let query = "WITH done AS (DELETE FROM jobs WHERE slug = $1 AND owner = $2 RETURNING slug) \
                     UPDATE links SET state = 'done', title = $3 FROM done WHERE links.slug = done.slug";
        let query = sqlx::query(query).bind(&job.slug).bind(owner).bind(title);
        self.with(async |connection| query.execute(connection).await).await?;
        Ok(())
    }

    /// Gives the job back after an attempt that failed, to be taken after a while; after the tenth the preview has failed.
    /// A worker that was killed or stopped does not count as an attempt.
    pub async fn postpone(&self, owner: &str, job: &Job) -> Result<(), Unavailable> {
        let query = "WITH failed AS (DELETE FROM jobs WHERE slug = $1 AND owner = $2 AND failures >= 9 RETURNING slug), \
                     later AS (UPDATE jobs SET owner = NULL, failures = failures + 1, \
                     free_at = clock_timestamp() + least(60, 2 ^ failures) * interval '1 second' \
                     WHERE slug = $1 AND owner = $2 AND failures < 9) \
                     UPDATE links SET state = 'failed' FROM failed WHERE links.slug = failed.slug";
        let query = sqlx::query(query).bind(&job.slug).bind(owner);
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

/// Stores a new link and its job, both or neither.
async fn insert(connection: &mut PgConnection, prefix: &str, target: &str) -> sqlx::Result<String> {
    let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
    let mut transaction = connection.begin().await?;
    let insert = sqlx::query("INSERT INTO links (slug, prefix, target) VALUES ($1, $2, $3)");
    insert.bind(&slug).bind(prefix).bind(target).execute(&mut *transaction).await?;
    sqlx::query("INSERT INTO jobs (slug) VALUES ($1)").bind(&slug).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(slug)
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
        clicks: row.try_get("clicks")?,
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
