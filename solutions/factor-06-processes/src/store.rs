//! What this service remembers, and who remembers it: links and users are rows in PostgreSQL, sessions are keys in
//! Redis. Nothing else is remembered.
//!
//! There is deliberately no map, no cache and no file in here. Each of them would be a second place for the same fact,
//! in one process out of several, and would be right only until another process changes it
//! (`read-your-writes-anywhere`).

use std::fmt;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, ExistenceCheck, SetExpiry, SetOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{PgPool, Row};

use crate::config::{Config, Database};

/// Applied in this order, each one once. They are part of the program, so that program and schema cannot be mixed up.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/1-users-and-links.sql")];
/// A random slug that is taken already is one in two billion; a second one in a row is no accident.
const SLUG_TRIES: usize = 3;
/// How many wrong passwords a name may be tried with before it has to wait, and how many seconds that lasts.
const WRONG_PASSWORDS: i64 = 10;
const LOCKED_SECONDS: u64 = 60;

// ANCHOR: store
/// The attached resources. It holds connections and nothing that they carry, so two processes with the same URLs
/// cannot be told apart (`session-follows-user`, `no-stickiness`).
pub struct Store {
    database: PgPool,
    redis: ConnectionManager,
    session_ttl: Duration,
    timeout: Duration,
}
// ANCHOR_END: store

/// A link as it is kept.
pub struct Link {
    /// Its place in the order of all links.
    pub id: i64,
    /// Its name in short URLs.
    pub slug: String,
    /// Where it leads.
    pub target: String,
    /// Who made it, if anybody was logged in.
    pub owner: Option<String>,
    /// Whether it is left out of other people's lists.
    pub private: bool,
    /// How often the same link was submitted.
    pub submissions: i64,
    /// How often somebody followed it.
    pub clicks: i64,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
}

/// Somebody who is logged in.
pub struct User {
    /// The name.
    pub name: String,
    /// `user` or `admin`.
    pub role: String,
}

/// What came of a name and a password.
pub enum LogIn {
    /// They belong together; the token of the session.
    Opened(String),
    /// They do not.
    Wrong,
    /// The name was tried too often.
    TooOften,
}

/// Why a backing service did not do what it was asked.
#[derive(Debug)]
pub enum StoreError {
    /// What was asked contradicts what is there already.
    Conflict,
    /// The reason, for the log.
    Unavailable(String),
}

impl Store {
    /// Attaches the resources that the configuration names. Nothing is connected yet: the process starts as well while
    /// they are away, and connects, again and again if need be, when a request needs them.
    ///
    /// # Errors
    ///
    /// A Redis URL that the client cannot use.
    pub fn new(config: &Config) -> Result<Self, StoreError> {
        let Database { options, pool_max, timeout } = &config.database;
        let manager = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(*timeout))
            .set_response_timeout(Some(*timeout))
            .set_number_of_retries(1);
        Ok(Self {
            database: pool(options, *pool_max, *timeout),
            redis: ConnectionManager::new_lazy_with_config(config.redis.clone(), manager)?,
            session_ttl: config.session_ttl,
            timeout: *timeout,
        })
    }

    /// Whether PostgreSQL answers and has our tables.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        let tables = sqlx::query("select to_regclass('shown_links') is not null");
        Ok(self.bounded(tables.fetch_one(&self.database)).await?.try_get(0)?)
    }

    /// Submits a link; whether it is new comes with it.
    ///
    /// One statement decides and counts. Looking first and writing then would be a decision on what this process
    /// remembers, and between the two another process decides the same.
    pub async fn submit(
        &self,
        owner: Option<&str>,
        prefix: &str,
        target: &str,
        private: bool,
    ) -> Result<(Link, bool), StoreError> {
        for _ in 0..SLUG_TRIES {
            let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
            let submit = sqlx::query(
                "insert into links (slug, owner, prefix, target, private) values ($1, $2, $3, $4, $5)
                 on conflict (owner, prefix, target) do update set submissions = links.submissions + 1
                 returning slug, slug = $1",
            );
            let submit = submit.bind(slug).bind(owner).bind(prefix).bind(target).bind(private);
            match self.bounded(submit.fetch_one(&self.database)).await {
                Ok(row) => {
                    let link = self.link(row.try_get(0)?).await?.ok_or(StoreError::Conflict)?;
                    return Ok((link, row.try_get(1)?));
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("no free slug was found".to_owned()))
    }

    /// The link called `slug`.
    pub async fn link(&self, slug: &str) -> Result<Option<Link>, StoreError> {
        let find = sqlx::query("select * from shown_links where slug = $1").bind(slug);
        let row = self.bounded(find.fetch_optional(&self.database)).await?;
        Ok(row.as_ref().map(link).transpose()?)
    }

    /// At most `limit` links, newest first, older than the one whose id is `before`; private ones of `reader` alone.
    pub async fn links(&self, reader: Option<&str>, limit: i64, before: i64) -> Result<Vec<Link>, StoreError> {
        let list = sqlx::query(
            "select * from shown_links where id < $1 and (not private or owner = $2) order by id desc limit $3",
        );
        let list = list.bind(before).bind(reader).bind(limit);
        let rows = self.bounded(list.fetch_all(&self.database)).await?;
        Ok(rows.iter().map(link).collect::<Result<_, _>>()?)
    }

    /// Changes what is given of a link.
    pub async fn change(&self, slug: &str, target: Option<&str>, private: Option<bool>) -> Result<bool, StoreError> {
        let change = sqlx::query(
            "update links set target = coalesce($2, target), private = coalesce($3, private) where slug = $1",
        );
        let change = change.bind(slug).bind(target).bind(private);
        Ok(self.bounded(change.execute(&self.database)).await?.rows_affected() > 0)
    }

    /// Deletes a link.
    pub async fn delete(&self, slug: &str) -> Result<bool, StoreError> {
        let delete = sqlx::query("delete from links where slug = $1").bind(slug);
        Ok(self.bounded(delete.execute(&self.database)).await?.rows_affected() > 0)
    }

    // ANCHOR: follow
    /// Where `slug` leads; counts the click.
    ///
    /// The row is locked by the update, so no click is lost between processes, and it is committed before the visitor
    /// is sent on, so none is lost with a process (`counters-exact`). A buffer that is written every five seconds is
    /// faster and loses five seconds; whoever needs it puts the buffer into a backing service, not into the process.
    pub async fn follow(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let follow = sqlx::query("update links set clicks = clicks + 1 where slug = $1 returning target").bind(slug);
        let row = self.bounded(follow.fetch_optional(&self.database)).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
    // ANCHOR_END: follow

    /// Opens a session, if name and password belong together.
    pub async fn log_in(&self, name: &str, password: &str) -> Result<LogIn, StoreError> {
        let mut redis = self.redis.clone();
        let wrong_so_far = self.bounded(redis.get::<_, Option<i64>>(wrong_passwords(name))).await?;
        if wrong_so_far.is_some_and(|wrong| wrong >= WRONG_PASSWORDS) {
            return Ok(LogIn::TooOften);
        }
        if !self.is_password(name, password).await? {
            self.count_wrong_password(name).await?;
            return Ok(LogIn::Wrong);
        }
        let token = fresh_token()?;
        // Key and expiry are one command: Redis forgets the session by itself, also when no process of ours is left to
        // do it (`sessions-expire`). A `SET` followed by an `EXPIRE` leaves an immortal session if we die in between.
        self.bounded(redis.set_ex::<_, _, ()>(session(&token), name, self.session_ttl.as_secs())).await?;
        Ok(LogIn::Opened(token))
    }

    /// Whose session the token opens. Asked at every request: what was true a second ago may have been ended by a
    /// logout at another process. The role is not part of the session, so that losing it takes effect at once.
    pub async fn user(&self, token: &str) -> Result<Option<User>, StoreError> {
        let mut redis = self.redis.clone();
        let Some(name) = self.bounded(redis.get::<_, Option<String>>(session(token))).await? else { return Ok(None) };
        let find = sqlx::query("select role from users where name = $1").bind(&name);
        let row = self.bounded(find.fetch_optional(&self.database)).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.map(|role| User { name, role }))
    }

    /// Ends a session for all processes.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        let mut redis = self.redis.clone();
        self.bounded(redis.del(session(token))).await
    }

    async fn is_password(&self, name: &str, password: &str) -> Result<bool, StoreError> {
        let find = sqlx::query("select password_hash from users where name = $1").bind(name);
        let Some(row) = self.bounded(find.fetch_optional(&self.database)).await? else { return Ok(false) };
        let (hash, password): (String, _) = (row.try_get(0)?, password.to_owned());
        // Argon2 is slow on purpose. On this thread it would stop everybody else's requests.
        let verify = move || Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
        tokio::task::spawn_blocking(verify).await.map_err(StoreError::unavailable)
    }

    /// Counted by Redis and not here: three processes that count for themselves allow thirty guesses instead of ten.
    async fn count_wrong_password(&self, name: &str) -> Result<(), StoreError> {
        let begin =
            SetOptions::default().conditional_set(ExistenceCheck::NX).with_expiration(SetExpiry::EX(LOCKED_SECONDS));
        let key = wrong_passwords(name);
        let mut count = redis::pipe();
        count.atomic().set_options(&key, 0, begin).ignore().incr(&key, 1).ignore();
        let mut redis = self.redis.clone();
        self.bounded(count.query_async(&mut redis)).await
    }

    /// Waits for a backing service, but not for ever.
    async fn bounded<T, E: Into<StoreError>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, StoreError> {
        bounded(self.timeout, answer).await
    }
}

/// Brings the schema up to date and says how many steps that took.
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

/// Adds a user.
pub async fn create_user(database: &Database, name: &str, role: &str, password: &str) -> Result<(), StoreError> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(StoreError::unavailable)?.to_string();
    let insert = sqlx::query("insert into users (name, role, password_hash) values ($1, $2, $3)");
    let pool = pool(&database.options, 1, database.timeout);
    bounded(database.timeout, insert.bind(name).bind(role).bind(hash).execute(&pool)).await?;
    Ok(())
}

fn pool(options: &PgConnectOptions, connections: u32, timeout: Duration) -> PgPool {
    PgPoolOptions::new().max_connections(connections).acquire_timeout(timeout).connect_lazy_with(options.clone())
}

async fn bounded<T, E: Into<StoreError>>(
    timeout: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(timeout, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
    }
}

fn link(row: &PgRow) -> Result<Link, sqlx::Error> {
    Ok(Link {
        id: row.try_get("id")?,
        slug: row.try_get("slug")?,
        target: row.try_get("target")?,
        owner: row.try_get("owner")?,
        private: row.try_get("private")?,
        submissions: row.try_get("submissions")?,
        clicks: row.try_get("clicks")?,
        created_at: row.try_get("created_at")?,
    })
}

/// 256 random bits of the operating system. A token opens an account, so `fastrand`, whose numbers can be foretold
/// from others of it, is not good enough here.
fn fresh_token() -> Result<String, StoreError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(StoreError::unavailable)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn session(token: &str) -> String {
    format!("session:{token}")
}

fn wrong_passwords(name: &str) -> String {
    format!("wrong-passwords:{name}")
}

impl StoreError {
    fn unavailable(cause: impl fmt::Display) -> Self {
        Self::Unavailable(cause.to_string())
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("it is there already"),
            Self::Unavailable(cause) => f.write_str(cause),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(cause) if cause.is_unique_violation() => Self::Conflict,
            _ => Self::unavailable(error),
        }
    }
}

impl From<redis::RedisError> for StoreError {
    fn from(error: redis::RedisError) -> Self {
        Self::unavailable(error)
    }
}
