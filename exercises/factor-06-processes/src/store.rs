//! What this service remembers: links and users in PostgreSQL, wrong passwords in Redis, and the rest close at hand,
//! where it is fast.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, ExistenceCheck, SetExpiry, SetOptions};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{PgPool, Row};

use crate::config::{Config, Database};

/// Applied in this order, each one once.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/1-users-and-links.sql")];
/// A random slug that is taken already is one in two billion; a second one in a row is no accident.
const SLUG_TRIES: usize = 3;
/// How many wrong passwords a name may be tried with before it has to wait, and how many seconds that lasts.
const WRONG_PASSWORDS: i64 = 10;
const LOCKED_SECONDS: u64 = 60;
/// As many links as fit into the memory that we have.
const CACHED_LINKS: usize = 1000;
/// Counting every click in the database was too slow.
const BETWEEN_FLUSHES: Duration = Duration::from_secs(5);
// TODO(factor 6): tomorrow there are three of this process, on three machines. In whose folder is this file?
const SESSION_FILE: &str = "sessions.json";

/// What this process holds.
pub struct Store {
    database: PgPool,
    redis: ConnectionManager,
    session_ttl: Duration,
    timeout: Duration,
    // TODO(factor 6): a customer logs in here, and her next request meets the process next door. What does it know?
    sessions: Mutex<HashMap<String, Session>>,
    // TODO(factor 6): somebody changes a link at the process next door. When does this process hear of it?
    cache: Mutex<HashMap<String, Link>>,
    clicks: Arc<Mutex<HashMap<String, i64>>>,
}

/// Who is logged in, and until when.
#[derive(Clone, Serialize, Deserialize)]
struct Session {
    user: String,
    until: SystemTime,
}

/// A link as it is kept.
#[derive(Clone)]
pub struct Link {
    pub id: i64,
    pub slug: String,
    pub target: String,
    pub owner: Option<String>,
    pub private: bool,
    pub submissions: i64,
    pub clicks: i64,
    pub created_at: String,
}

/// Somebody who is logged in.
pub struct User {
    pub name: String,
    pub role: String,
}

/// What came of a name and a password.
pub enum LogIn {
    Opened(String),
    Wrong,
    TooOften,
}

/// Why a backing service did not do what it was asked.
#[derive(Debug)]
pub enum StoreError {
    Conflict,
    Unavailable(String),
}

impl Store {
    /// Attaches PostgreSQL and Redis, which are connected when a request first needs them, and picks up the sessions of
    /// last time, so that a restart logs nobody out.
    pub fn new(config: &Config) -> Result<Self, StoreError> {
        let Database { options, pool_max, timeout } = &config.database;
        let manager = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(*timeout))
            .set_response_timeout(Some(*timeout))
            .set_number_of_retries(1);
        let database = pool(options, *pool_max, *timeout);
        let clicks = Arc::default();
        tokio::spawn(flush_clicks(database.clone(), Arc::clone(&clicks)));
        Ok(Self {
            database,
            redis: ConnectionManager::new_lazy_with_config(config.redis.clone(), manager)?,
            session_ttl: config.session_ttl,
            timeout: *timeout,
            sessions: Mutex::new(saved_sessions()),
            cache: Mutex::default(),
            clicks,
        })
    }

    /// Whether PostgreSQL answers and has our tables.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        let tables = sqlx::query("select to_regclass('shown_links') is not null");
        Ok(self.bounded(tables.fetch_one(&self.database)).await?.try_get(0)?)
    }

    /// Submits a link; whether it is new comes with it.
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
                    lock(&self.cache).remove(row.try_get::<&str, _>(0)?);
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
        if let Some(link) = lock(&self.cache).get(slug) {
            return Ok(Some(link.clone()));
        }
        let find = sqlx::query("select * from shown_links where slug = $1").bind(slug);
        let row = self.bounded(find.fetch_optional(&self.database)).await?;
        let Some(link) = row.as_ref().map(link).transpose()? else { return Ok(None) };
        self.remember(&link);
        Ok(Some(link))
    }

    fn remember(&self, link: &Link) {
        let mut cache = lock(&self.cache);
        if cache.len() >= CACHED_LINKS {
            cache.clear();
        }
        cache.insert(link.slug.clone(), link.clone());
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
        let changed = self.bounded(change.execute(&self.database)).await?.rows_affected() > 0;
        lock(&self.cache).remove(slug);
        Ok(changed)
    }

    /// Deletes a link.
    pub async fn delete(&self, slug: &str) -> Result<bool, StoreError> {
        let delete = sqlx::query("delete from links where slug = $1").bind(slug);
        let deleted = self.bounded(delete.execute(&self.database)).await?.rows_affected() > 0;
        lock(&self.cache).remove(slug);
        Ok(deleted)
    }

    /// Where `slug` leads; counts the click.
    pub async fn follow(&self, slug: &str) -> Result<Option<String>, StoreError> {
        let Some(link) = self.link(slug).await? else { return Ok(None) };
        // TODO(factor 6): the visitor was sent on, and four seconds later this machine loses power. Who counted her?
        *lock(&self.clicks).entry(slug.to_owned()).or_default() += 1;
        Ok(Some(link.target))
    }

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
        let until = SystemTime::now() + self.session_ttl;
        lock(&self.sessions).insert(token.clone(), Session { user: name.to_owned(), until });
        self.save_sessions()?;
        Ok(LogIn::Opened(token))
    }

    /// Whose session the token opens.
    pub async fn user(&self, token: &str) -> Result<Option<User>, StoreError> {
        let session = lock(&self.sessions).get(token).cloned();
        // TODO(factor 6): nobody ever comes back to log out. Who throws these sessions away?
        let Some(session) = session.filter(|session| session.until > SystemTime::now()) else { return Ok(None) };
        let find = sqlx::query("select role from users where name = $1").bind(&session.user);
        let row = self.bounded(find.fetch_optional(&self.database)).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.map(|role| User { name: session.user, role }))
    }

    /// Ends a session.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        lock(&self.sessions).remove(token);
        self.save_sessions()
    }

    fn save_sessions(&self) -> Result<(), StoreError> {
        let sessions = serde_json::to_vec(&*lock(&self.sessions)).map_err(StoreError::unavailable)?;
        std::fs::write(SESSION_FILE, sessions).map_err(StoreError::unavailable)
    }

    async fn is_password(&self, name: &str, password: &str) -> Result<bool, StoreError> {
        let find = sqlx::query("select password_hash from users where name = $1").bind(name);
        let Some(row) = self.bounded(find.fetch_optional(&self.database)).await? else { return Ok(false) };
        let (hash, password): (String, _) = (row.try_get(0)?, password.to_owned());
        // Argon2 is slow on purpose. On this thread it would stop everybody else's requests.
        let verify = move || Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
        tokio::task::spawn_blocking(verify).await.map_err(StoreError::unavailable)
    }

    /// Counted in Redis, which forgets the number by itself after a while.
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

/// Writes the clicks of the last seconds into the database.
async fn flush_clicks(database: PgPool, clicks: Arc<Mutex<HashMap<String, i64>>>) {
    loop {
        tokio::time::sleep(BETWEEN_FLUSHES).await;
        let counted = std::mem::take(&mut *lock(&clicks));
        for (slug, number) in counted {
            let add = sqlx::query("update links set clicks = clicks + $2 where slug = $1").bind(slug).bind(number);
            if let Err(error) = add.execute(&database).await {
                crate::log(format_args!("clicks lost: {error}"));
            }
        }
    }
}

fn saved_sessions() -> HashMap<String, Session> {
    let saved = std::fs::read(SESSION_FILE).ok();
    saved.and_then(|saved| serde_json::from_slice(&saved).ok()).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Brings the schema up to date and says how many steps that took.
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

/// 256 random bits of the operating system.
fn fresh_token() -> Result<String, StoreError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(StoreError::unavailable)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
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
