//! What is done now and then.

use std::error::Error;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{ConnectOptions, PgConnection, Postgres};
use tokio::time::timeout;

use crate::config::{DatabaseConfig, required};
use crate::log;
use crate::store::SCHEMA;

/// Rows that are changed together. Few enough that nobody waits for the lock on one of them.
const BATCH: i64 = 500;
const LATE: &str = "the database did not answer in time";

type Outcome = Result<(), Box<dyn Error>>;

/// Brings the schema.
pub async fn migrate() -> Outcome {
    let mut database = Database::attach().await?;
    sqlx::raw_sql(SCHEMA).execute(&mut database.connection).await?;
    log("info migrated");
    Ok(())
}

/// Adds a user. A name that is taken is an error: a second password for somebody else's account is nobody's intention.
pub async fn create_user(name: &str, role: &str) -> Outcome {
    if name.is_empty() || !["user", "admin"].contains(&role) {
        return Err("create-user wants a --name and a --role that is `user` or `admin`".into());
    }
    // Not an argument: those can be read by everybody on the machine (`ps`), and stay in the history of a shell.
    let password = required("NEW_USER_PASSWORD", |text| Some(text.to_owned()))?;
    let mut database = Database::attach().await?;
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|error| error.to_string())?.to_string();
    let insert = "insert into users (name, role, password_hash) values ($1, $2, $3)";
    let insert = sqlx::query(insert).bind(name).bind(role).bind(hash);
    database.run(insert).await?;
    log(format_args!("info created user={name} role={role}"));
    Ok(())
}

/// Deletes links that were made more than this many days ago, and their jobs with them.
pub async fn purge(days: &str) -> Outcome {
    // Not 0: "all of them" should not be one slip of the finger away.
    let days: i32 = days.parse().ok().filter(|days| (1..=36_500).contains(days)).ok_or("DAYS is not 1 to 36500")?;
    let purge = "delete from links where slug in \
                 (select slug from links where created_at < now() - $2 * interval '1 day' limit $1)";
    let purged = in_batches(purge, days).await?;
    log(format_args!("info purged links={purged}"));
    Ok(())
}

/// Has previews made.
pub async fn backfill_previews() -> Outcome {
    let mut database = Database::attach().await?;
    // TODO(factor 12): somebody starts this twice. What becomes of the previews that are there?
    let queue = "with queued as (insert into jobs (slug) select slug from links on conflict do nothing returning slug) \
                 update links set state = 'pending', title = null from queued where links.slug = queued.slug";
    let queued = database.run(sqlx::query(queue)).await?;
    log(format_args!("info queued previews={queued}"));
    Ok(())
}

/// Runs a statement that changes at most `$1` rows until there is nothing left to change.
async fn in_batches(statement: &'static str, days: i32) -> Result<u64, Box<dyn Error>> {
    let mut database = Database::attach().await?;
    let mut rows = 0;
    loop {
        match database.run(sqlx::query(statement).bind(BATCH).bind(days)).await? {
            0 => return Ok(rows),
            changed => rows += changed,
        }
    }
}

/// The database, over one connection.
struct Database {
    connection: PgConnection,
    /// How long one wait for it may take.
    patience: Duration,
}

impl Database {
    /// Connects at once.
    async fn attach() -> Result<Self, Box<dyn Error>> {
        let config = DatabaseConfig::from_env()?;
        let connection = timeout(config.timeout, config.options.expose().connect()).await.map_err(|_| LATE)??;
        Ok(Self { connection, patience: config.timeout })
    }

    /// Runs a statement and says how many rows it changed.
    async fn run(&mut self, query: Query<'_, Postgres, PgArguments>) -> Result<u64, Box<dyn Error>> {
        let done = timeout(self.patience, query.execute(&mut self.connection)).await.map_err(|_| LATE)?;
        Ok(done?.rows_affected())
    }
}
