//! Sessions, in Redis and nowhere else: any process finds them, and Redis forgets them by itself (factor 6). What is kept there
//! must be of little use to whoever steals it (factor 15).

use std::fmt;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, ExistenceCheck, RedisError, SetExpiry, SetOptions};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::config::SessionConfig;

/// How many passwords a name may be tried with before it has to wait, and how many seconds that lasts.
const GUESSES: i64 = 10;
const LOCKED_SECONDS: u64 = 60;

/// The Redis of this deploy.
#[derive(Clone)]
pub struct Sessions {
    redis: ConnectionManager,
    ttl: Duration,
    timeout: Duration,
}

/// Redis did not do what it was asked: it is away, or not in time. Its own words may hold its address, so they stay here.
#[derive(Debug, Clone, Copy)]
pub struct SessionsUnavailable;

impl Sessions {
    /// Attaches Redis. Nothing is connected yet; the client connects, again and again if need be, when a request needs it.
    ///
    /// # Errors
    ///
    /// An address that the client cannot use.
    pub fn attach(config: &SessionConfig, timeout: Duration) -> Result<Self, RedisError> {
        let manager = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(timeout))
            .set_number_of_retries(1);
        let redis = ConnectionManager::new_lazy_with_config(config.redis.expose().clone(), manager)?;
        Ok(Self { redis, ttl: config.ttl, timeout })
    }

    /// How long a session lasts.
    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    /// Opens a session, forgets the guesses that came before it, and returns its token.
    ///
    /// # Errors
    ///
    /// Redis did not answer. One that lived in this process meanwhile would be unknown to every other one.
    pub async fn open(&self, name: &str) -> Result<String, SessionsUnavailable> {
        let token = fresh_token()?;
        let mut redis = self.redis.clone();
        // Key and expiry are one command. A `SET` followed by an `EXPIRE` leaves an immortal session if we die in between.
        self.bounded(redis.set_ex::<_, _, ()>(session(&token), name, self.ttl.as_secs())).await?;
        self.bounded(redis.del::<_, ()>(guesses(name))).await?;
        Ok(token)
    }

    /// Whose session the token opens. Asked at every request: what was true a second ago may have been ended elsewhere.
    ///
    /// # Errors
    ///
    /// Redis did not answer, which does not mean that the session is nobody's.
    pub async fn name(&self, token: &str) -> Result<Option<String>, SessionsUnavailable> {
        let mut redis = self.redis.clone();
        self.bounded(redis.get(session(token))).await
    }

    /// Ends a session for all processes.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn close(&self, token: &str) -> Result<(), SessionsUnavailable> {
        let mut redis = self.redis.clone();
        self.bounded(redis.del(session(token))).await
    }

    // ANCHOR: guesses
    /// Counts a guess at a name, and says whether it may be looked at.
    ///
    /// It is counted before it is looked at: counted afterwards, forty guesses that are sent at once would all be looked at before
    /// the first of them counts. By Redis and not here: three processes that count for themselves allow thirty. And by name:
    /// whoever guesses at one of them must not keep everybody else out. Both commands are one, so that no counter is left behind
    /// that never expires.
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn may_guess(&self, name: &str) -> Result<bool, SessionsUnavailable> {
        let begin =
            SetOptions::default().conditional_set(ExistenceCheck::NX).with_expiration(SetExpiry::EX(LOCKED_SECONDS));
        let key = guesses(name);
        let mut count = redis::pipe();
        count.atomic().set_options(&key, 0, begin).ignore().incr(&key, 1);
        let mut redis = self.redis.clone();
        let (guesses,): (i64,) = self.bounded(count.query_async(&mut redis)).await?;
        Ok(guesses <= GUESSES)
    }
    // ANCHOR_END: guesses

    async fn bounded<T>(&self, answer: impl Future<Output = Result<T, RedisError>>) -> Result<T, SessionsUnavailable> {
        timeout(self.timeout, answer).await.map_err(|_| SessionsUnavailable)?.map_err(|_| SessionsUnavailable)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("ttl", &self.ttl).finish_non_exhaustive()
    }
}

/// 256 random bits of the operating system: a token opens an account, and `fastrand` can be foretold.
fn fresh_token() -> Result<String, SessionsUnavailable> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| SessionsUnavailable)?;
    Ok(hex(&bytes))
}

/// The key of a session. Whoever reads Redis, or a backup of it, must not be able to log in with what stands there. A fast hash
/// is enough here: nobody guesses 256 random bits.
fn session(token: &str) -> String {
    format!("session:{}", hex(&Sha256::digest(token)))
}

fn guesses(name: &str) -> String {
    format!("guesses:{name}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
