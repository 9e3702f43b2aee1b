//! What is done once, by somebody or by a clock: one-off processes (factor 12). Each does one thing, says what it did, and ends.
//!
//! They are part of the program and not scripts beside it, so a release brings the very commands that know its tables. Each may
//! be started twice, next to another one, and next to all of `web`; and each may be killed at any moment, since a platform tries
//! again what has failed.

use std::error::Error;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{ConnectOptions, PgConnection, Postgres, SqlSafeStr};
use tokio::time::timeout;

use crate::config::{DatabaseConfig, hash_cost, required};
use crate::store::password;

/// Applied in this order, each one once. They are part of the program, so that program and schema cannot be mixed up.
/// (`sqlx::migrate!()` would find the files by itself; that macro costs more time to compile than it saves here.)
const MIGRATIONS: [(&str, &str); 2] = [
    ("users and links", include_str!("../migrations/1-users-and-links.sql")),
    ("previews", include_str!("../migrations/2-previews.sql")),
];
/// Rows that are changed together. Few enough that nobody waits for the lock on one of them.
const BATCH: i64 = 500;
const LATE: &str = "the database did not answer in time";

type Outcome = Result<(), Box<dyn Error>>;

// ANCHOR: migrate
/// Brings the schema up to date.
///
/// sqlx writes down in a table which steps were applied, each in the transaction of the step itself: killed at any moment,
/// the database knows of a step and has it, or neither. It holds an advisory lock meanwhile, so of two that are started at once
/// the second waits, and finds nothing left to do. The lock belongs to the connection and ends with it.
///
/// # Errors
///
/// The schema could not be brought, and nothing of the step that failed has happened.
pub async fn migrate() -> Outcome {
    let mut database = Database::attach().await?;
    let steps = (1..).zip(MIGRATIONS).map(|(version, (name, sql))| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    // Without a time limit, since a step may rewrite a large table. Whoever starts it sets one (`activeDeadlineSeconds`).
    Migrator::with_migrations(steps.collect()).run(&mut database.connection).await?;
    tracing::info!(release = database.release_id, "migrated");
    Ok(())
}
// ANCHOR_END: migrate

/// Adds a user.
///
/// # Errors
///
/// A name that is taken: a second password for somebody else's account is nobody's intention.
pub async fn create_user(name: &str, role: &str) -> Outcome {
    if name.is_empty() || name.len() > password::LONGEST_NAME || !["user", "admin"].contains(&role) {
        return Err("create-user wants a --name of 1 to 64 bytes and a --role that is `user` or `admin`".into());
    }
    // Not an argument: those can be read by everybody on the machine (`ps`), and stay in the history of a shell.
    let password = required("NEW_USER_PASSWORD", |text| Some(text.to_owned()))?;
    let hash = password::hash(&password, hash_cost()?)?;
    let mut database = Database::attach().await?;
    let insert = "insert into users (name, role, password_hash) values ($1, $2, $3)";
    database.run(sqlx::query(insert).bind(name).bind(role).bind(hash)).await?;
    tracing::info!(user = name, role, "created");
    Ok(())
}

/// Deletes links that were made more than this many days ago, and their jobs with them.
///
/// # Errors
///
/// No number of days, or the database did not answer.
pub async fn purge(days: &str) -> Outcome {
    // Not 0: "all of them" should not be one slip of the finger away.
    let days: i32 = days.parse().ok().filter(|days| (1..=36_500).contains(days)).ok_or("DAYS is not 1 to 36500")?;
    let purge = "delete from links where slug in \
                 (select slug from links where created_at < now() - $2 * interval '1 day' limit $1)";
    let links = in_batches(purge, Some(days)).await?;
    tracing::info!(links, "purged");
    Ok(())
}

// ANCHOR: backfill
/// Queues a job for each link whose preview has failed, or that is older than previews.
///
/// One statement marks the link and queues its job. A second run, or one at the same time, waits for the locked row, looks at
/// it again and no longer finds it `failed`: somebody *will* start it twice.
///
/// # Errors
///
/// The database did not answer.
pub async fn backfill_previews() -> Outcome {
    let queue = "with missing as \
                 (select slug from links where state = 'failed' order by slug limit $1 for update), \
                 queued as (insert into jobs (slug) select slug from missing) \
                 update links set state = 'pending' from missing where links.slug = missing.slug";
    let previews = in_batches(queue, None).await?;
    tracing::info!(previews, "queued");
    Ok(())
}
// ANCHOR_END: backfill

/// Runs a statement that changes at most `$1` rows until there is nothing left to change. Each run of it is a transaction of
/// its own: `web` never waits for more than one batch, and what is done stays done if this process ends in between.
async fn in_batches(statement: &'static str, days: Option<i32>) -> Result<u64, Box<dyn Error>> {
    let mut database = Database::attach().await?;
    let mut rows = 0;
    loop {
        let query = sqlx::query(statement).bind(BATCH);
        let query = if let Some(days) = days { query.bind(days) } else { query };
        match database.run(query).await? {
            0 => return Ok(rows),
            changed => rows += changed,
        }
    }
}

/// The database of this deploy, over the one connection that a one-off needs.
struct Database {
    connection: PgConnection,
    /// How long one wait for it may take.
    patience: Duration,
    release_id: String,
}

impl Database {
    /// Connects at once, unlike `web`, which may start before its database: what is to be done now cannot be done without it.
    async fn attach() -> Result<Self, Box<dyn Error>> {
        let config = DatabaseConfig::from_env()?;
        let connection = timeout(config.timeout, config.options.expose().connect()).await.map_err(|_| LATE)??;
        Ok(Self { connection, patience: config.timeout, release_id: config.release_id })
    }

    /// Runs a statement and says how many rows it changed.
    async fn run(&mut self, query: Query<'_, Postgres, PgArguments>) -> Result<u64, Box<dyn Error>> {
        let done = timeout(self.patience, query.execute(&mut self.connection)).await.map_err(|_| LATE)?;
        Ok(done?.rows_affected())
    }
}
