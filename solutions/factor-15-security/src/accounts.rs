//! Who somebody is: passwords, sessions, and how many guesses a name is worth.
//!
//! What is kept here must be of little use to whoever steals it: of a password its slow hash, of a token its fast one.

use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, ExistenceCheck, SetExpiry, SetOptions};
use sha2::{Digest, Sha256};
use sqlx::{PgPool, Row};

use crate::config;
use crate::store::{Store, StoreError, bounded};

/// How many passwords a name may be tried with before it has to wait, and how many seconds that lasts.
const GUESSES: i64 = 10;
const LOCKED_SECONDS: u64 = 60;
/// What is longer is nobody's name, and no key in Redis that somebody else chooses the size of.
const LONGEST_NAME: usize = 64;
/// A password is hashed as a whole, so its length costs us something.
const LONGEST_PASSWORD: usize = 1024;

/// The accounts of this service.
pub struct Accounts {
    database: PgPool,
    redis: ConnectionManager,
    session_ttl: Duration,
    hash_cost: u32,
    timeout: Duration,
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
    /// They do not, or there is no such name: nobody is told which.
    Wrong,
    /// The name was tried too often.
    TooOften,
}

impl User {
    /// Whether somebody may do what administrators do.
    pub fn is_admin(&self) -> bool {
        self.role == "admin"
    }
}

impl Accounts {
    /// Attaches Redis. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// A Redis URL that the client cannot use.
    pub fn new(config: &config::Accounts, store: &Store) -> Result<Self, StoreError> {
        let timeout = store.timeout;
        let manager = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(timeout))
            .set_number_of_retries(1);
        Ok(Self {
            database: store.database.clone(),
            redis: ConnectionManager::new_lazy_with_config(config.redis.clone(), manager)?,
            session_ttl: config.session_ttl,
            hash_cost: config.hash_cost,
            timeout,
        })
    }

    /// How long a session lasts.
    pub fn session_ttl(&self) -> Duration {
        self.session_ttl
    }

    // ANCHOR: log_in
    /// Opens a session, if name and password belong together.
    ///
    /// A guess is counted before it is looked at. Counted afterwards, forty guesses that are sent at once would all be
    /// looked at before the first of them counts.
    pub async fn log_in(&self, name: &str, password: &str) -> Result<LogIn, StoreError> {
        if name.len() > LONGEST_NAME || password.len() > LONGEST_PASSWORD || name.contains('\0') {
            return Ok(LogIn::Wrong);
        }
        if self.count_guess(name).await? > GUESSES {
            return Ok(LogIn::TooOften);
        }
        if !self.is_password(name, password).await? {
            return Ok(LogIn::Wrong);
        }
        let token = fresh_token()?;
        let mut redis = self.redis.clone();
        let lasts = self.session_ttl.as_secs();
        bounded(self.timeout, redis.set_ex::<_, _, ()>(session(&token), name, lasts)).await?;
        bounded(self.timeout, redis.del::<_, ()>(guesses(name))).await?;
        Ok(LogIn::Opened(token))
    }
    // ANCHOR_END: log_in

    /// Whose session the token opens. Redis is asked each time, so a logout or an expiry holds everywhere at once; and so
    /// is the role, so somebody who is no administrator any more stops being one now, and not at the next login.
    pub async fn user(&self, token: &str) -> Result<Option<User>, StoreError> {
        let mut redis = self.redis.clone();
        let name = bounded(self.timeout, redis.get::<_, Option<String>>(session(token))).await?;
        let Some(name) = name else { return Ok(None) };
        let find = sqlx::query("select role from users where name = $1").bind(&name);
        let row = bounded(self.timeout, find.fetch_optional(&self.database)).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.map(|role| User { name, role }))
    }

    /// Ends a session for all processes. A client that forgets its token ends nothing: somebody may have a copy.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        let mut redis = self.redis.clone();
        bounded(self.timeout, redis.del(session(token))).await
    }

    /// Everybody, for administrators. Columns are named: with `select *` the answer grows by each column that somebody
    /// adds, and the next one may be a secret.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let list = sqlx::query("select name, role from users order by name");
        let rows = bounded(self.timeout, list.fetch_all(&self.database)).await?;
        let users = rows.iter().map(|row| Ok(User { name: row.try_get(0)?, role: row.try_get(1)? }));
        Ok(users.collect::<Result<_, sqlx::Error>>()?)
    }

    async fn is_password(&self, name: &str, password: &str) -> Result<bool, StoreError> {
        let find = sqlx::query("select password_hash from users where name = $1").bind(name);
        let row = bounded(self.timeout, find.fetch_optional(&self.database)).await?;
        let hash: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
        let (password, cost) = (password.to_owned(), self.hash_cost);
        // Slow on purpose. On this thread it would stop everybody else's requests.
        let verify = move || match hash {
            Some(hash) => argon2(cost).verify_password(password.as_bytes(), hash.as_str()).is_ok(),
            // As much work as for somebody who is known: how long an answer takes would tell who has an account.
            None => {
                let _ = argon2(cost).hash_password(password.as_bytes());
                false
            }
        };
        tokio::task::spawn_blocking(verify).await.map_err(StoreError::unavailable)
    }

    // ANCHOR: count_guess
    /// Counts a guess at a name, and says how many there were.
    ///
    /// Counted by Redis and not here: three processes that count for themselves allow thirty guesses instead of ten
    /// (`guesses-are-limited`). And by name: whoever guesses at one of them must not keep everybody else out. Both
    /// commands are one, so that no counter is left behind that never expires.
    async fn count_guess(&self, name: &str) -> Result<i64, StoreError> {
        let begin =
            SetOptions::default().conditional_set(ExistenceCheck::NX).with_expiration(SetExpiry::EX(LOCKED_SECONDS));
        let key = guesses(name);
        let mut count = redis::pipe();
        count.atomic().set_options(&key, 0, begin).ignore().incr(&key, 1);
        let mut redis = self.redis.clone();
        let (guesses,): (i64,) = bounded(self.timeout, count.query_async(&mut redis)).await?;
        Ok(guesses)
    }
    // ANCHOR_END: count_guess
}

/// Adds a user.
pub async fn create_user(store: &Store, name: &str, role: &str, password: &str, cost: u32) -> Result<(), StoreError> {
    if name.is_empty() || name.len() > LONGEST_NAME || password.len() > LONGEST_PASSWORD {
        return Err(StoreError::unavailable("a name has 1 to 64 bytes, a password at most 1024"));
    }
    let hash = argon2(cost).hash_password(password.as_bytes()).map_err(StoreError::unavailable)?.to_string();
    let insert = sqlx::query("insert into users (name, role, password_hash) values ($1, $2, $3)");
    bounded(store.timeout, insert.bind(name).bind(role).bind(hash).execute(&store.database)).await?;
    Ok(())
}

/// 19 MiB of memory, which is what graphics cards have too little of per core, and as many rounds as configured. Each
/// hash has a salt of its own, so equal passwords do not look equal. Whoever verifies reads the cost from the hash: old
/// ones stay valid when it is raised.
fn argon2(cost: u32) -> Argon2<'static> {
    let params = Params::new(Params::DEFAULT_M_COST, cost, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// 256 random bits of the operating system. A token opens an account, so `fastrand`, whose numbers can be foretold
/// from others of it, is not good enough here.
fn fresh_token() -> Result<String, StoreError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(StoreError::unavailable)?;
    Ok(hex(&bytes))
}

/// The key of a session. Whoever reads Redis, or a backup of it, must not be able to log in with what stands there. A
/// fast hash is enough here: nobody guesses 256 random bits.
fn session(token: &str) -> String {
    format!("session:{}", hex(&Sha256::digest(token)))
}

fn guesses(name: &str) -> String {
    format!("guesses:{name}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
