//! What this service works with: PostgreSQL, Redis, the screening service and a mail server.

use std::collections::HashMap;
use std::fmt;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use lettre::AsyncTransport;
use lettre::address::Address;
use lettre::message::{Mailbox, Message, header::ContentType};
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig};
use reqwest::{Client, StatusCode, Url, redirect};
use serde::Deserialize;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{Connection, PgConnection, Row};
use tokio::sync::Mutex;

use crate::config::{Config, MailServer, Secret};

/// Applied in this order, each one once. They are part of the program, so that program and schema cannot be mixed up.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/1-users-and-links.sql")];
/// A random slug that is taken already is one in two billion; a second one in a row is no accident.
const SLUG_TRIES: usize = 3;

/// One client for each of them, connected at start.
pub struct Resources {
    // TODO(factor 4): the database is restarted at night and is back two seconds later. When are we?
    database: Mutex<PgConnection>,
    redis: MultiplexedConnection,
    // TODO(factor 4): if Redis is away, sessions are kept here, so that nobody notices. Who does notice, and when?
    spare: std::sync::Mutex<HashMap<String, String>>,
    screen: Client,
    screen_url: Url,
    screen_api_key: Secret,
    mail: MailServer,
    mail_from: Mailbox,
    session_ttl: Duration,
}

/// A link as it is kept.
pub struct Link {
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

/// Why a resource did not do what it was asked.
#[derive(Debug)]
pub enum Trouble {
    /// What was asked contradicts what is there already.
    Conflict,
    /// It did not answer, or not in time, or not with anything useful; the reason, for the log.
    Unavailable(String),
}

impl Resources {
    /// Connects what the configuration names.
    pub async fn attach(config: &Config) -> Result<Self, Trouble> {
        Ok(Self {
            database: Mutex::new(PgConnection::connect_with(&config.database).await?),
            redis: config.redis.get_multiplexed_async_connection_with_config(&patient()).await?,
            spare: std::sync::Mutex::default(),
            // TODO(factor 4): the partner accepts our question and falls silent. How long does a customer wait?
            screen: Client::builder().no_proxy().redirect(redirect::Policy::none()).build()?,
            screen_url: config.screen_url.clone(),
            screen_api_key: config.screen_api_key.clone(),
            mail: config.mail_server.clone(),
            mail_from: config.mail_from.clone(),
            session_ttl: config.session_ttl,
        })
    }

    /// Whether PostgreSQL answers and has our tables.
    pub async fn is_ready(&self) -> Result<bool, Trouble> {
        let tables = sqlx::query("select to_regclass('shown_links') is not null");
        Ok(tables.fetch_one(&mut *self.database.lock().await).await?.try_get(0)?)
    }

    /// Submits a link; whether it is new comes with it.
    pub async fn submit(
        &self,
        owner: Option<&str>,
        prefix: &str,
        target: &str,
        private: bool,
    ) -> Result<(Link, bool), Trouble> {
        for _ in 0..SLUG_TRIES {
            let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
            let submit = sqlx::query(
                "insert into links (slug, owner, prefix, target, private) values ($1, $2, $3, $4, $5)
                 on conflict (owner, prefix, target) do update set submissions = links.submissions + 1
                 returning slug, slug = $1",
            );
            let submit = submit.bind(slug).bind(owner).bind(prefix).bind(target).bind(private);
            let row = submit.fetch_one(&mut *self.database.lock().await).await.map_err(Trouble::from);
            match row {
                Ok(row) => {
                    let link = self.link(row.try_get(0)?).await?.ok_or(Trouble::Conflict)?;
                    return Ok((link, row.try_get(1)?));
                }
                Err(Trouble::Conflict) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Err(Trouble::unavailable("no free slug was found"))
    }

    /// The link called `slug`.
    pub async fn link(&self, slug: &str) -> Result<Option<Link>, Trouble> {
        let find = sqlx::query("select * from shown_links where slug = $1").bind(slug);
        let row = find.fetch_optional(&mut *self.database.lock().await).await?;
        Ok(row.as_ref().map(link).transpose()?)
    }

    /// Where `slug` leads; counts the click.
    pub async fn follow(&self, slug: &str) -> Result<Option<String>, Trouble> {
        let follow = sqlx::query("update links set clicks = clicks + 1 where slug = $1 returning target").bind(slug);
        let row = follow.fetch_optional(&mut *self.database.lock().await).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Opens a session, if name and password belong together.
    pub async fn log_in(&self, name: &str, password: &str) -> Result<Option<String>, Trouble> {
        if !self.is_password(name, password).await? {
            return Ok(None);
        }
        let token = fresh_token()?;
        let mut redis = self.redis.clone();
        if redis.set_ex::<_, _, ()>(session(&token), name, self.session_ttl.as_secs()).await.is_err() {
            self.spare().insert(token.clone(), name.to_owned());
        }
        Ok(Some(token))
    }

    /// Whose session the token opens.
    pub async fn user(&self, token: &str) -> Result<Option<User>, Trouble> {
        let mut redis = self.redis.clone();
        let kept = redis.get::<_, Option<String>>(session(token)).await.ok().flatten();
        let Some(name) = kept.or_else(|| self.spare().get(token).cloned()) else { return Ok(None) };
        let find = sqlx::query("select role from users where name = $1").bind(&name);
        let row = find.fetch_optional(&mut *self.database.lock().await).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.map(|role| User { name, role }))
    }

    /// Ends a session.
    pub async fn log_out(&self, token: &str) -> Result<(), Trouble> {
        self.spare().remove(token);
        let mut redis = self.redis.clone();
        Ok(redis.del(session(token)).await?)
    }

    fn spare(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the partner allows links to `target`.
    pub async fn allows(&self, target: &str) -> Result<bool, Trouble> {
        // TODO(factor 4): the partner moves behind a gateway, to https://gateway.example/screen. Where do we ask?
        let url = self.screen_url.join("/v1/verdicts").map_err(Trouble::unavailable)?;
        let question = self.screen.post(url).bearer_auth(self.screen_api_key.expose());
        let answer = question.json(&json!({ "target": target })).send().await?;
        if answer.status() != StatusCode::OK {
            return Err(Trouble::unavailable(format!("screen answers {}", answer.status())));
        }
        Ok(answer.json::<Answer>().await?.verdict == Verdict::Allow)
    }

    /// Hands a letter with a short URL to the mail server.
    pub async fn share(&self, to: Address, short_url: &str) -> Result<(), Trouble> {
        let letter = Message::builder()
            .from(self.mail_from.clone())
            .to(Mailbox::new(None, to))
            .subject("A link for you")
            .header(ContentType::TEXT_PLAIN)
            .body(format!("Somebody shared a link with you:\n\n{short_url}\n"))
            .map_err(Trouble::unavailable)?;
        self.mail.send(letter).await?;
        Ok(())
    }

    async fn is_password(&self, name: &str, password: &str) -> Result<bool, Trouble> {
        let find = sqlx::query("select password_hash from users where name = $1").bind(name);
        let Some(row) = find.fetch_optional(&mut *self.database.lock().await).await? else { return Ok(false) };
        let (hash, password): (String, _) = (row.try_get(0)?, password.to_owned());
        // Argon2 is slow on purpose. On this thread it would stop everybody else's requests.
        let verify = move || Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
        tokio::task::spawn_blocking(verify).await.map_err(Trouble::unavailable)
    }
}

/// Brings the schema up to date and says how many steps that took.
///
/// All of it is one transaction: interrupted, it has not happened. The lock makes a second `migrate` wait its turn.
pub async fn migrate(database: &PgConnectOptions) -> Result<usize, Trouble> {
    let mut connection = PgConnection::connect_with(database).await?;
    let mut transaction = connection.begin().await?;
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
pub async fn create_user(database: &PgConnectOptions, name: &str, role: &str, password: &str) -> Result<(), Trouble> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(Trouble::unavailable)?.to_string();
    let insert = sqlx::query("insert into users (name, role, password_hash) values ($1, $2, $3)");
    let mut connection = PgConnection::connect_with(database).await?;
    insert.bind(name).bind(role).bind(hash).execute(&mut connection).await?;
    Ok(())
}

/// Redis is fast, or busy: there is no need to give up early.
fn patient() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None)
}

fn link(row: &PgRow) -> Result<Link, sqlx::Error> {
    Ok(Link {
        slug: row.try_get("slug")?,
        target: row.try_get("target")?,
        owner: row.try_get("owner")?,
        private: row.try_get("private")?,
        submissions: row.try_get("submissions")?,
        clicks: row.try_get("clicks")?,
        created_at: row.try_get("created_at")?,
    })
}

/// 256 random bits of the operating system: a token opens an account, and `fastrand` can be foretold.
fn fresh_token() -> Result<String, Trouble> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(Trouble::unavailable)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn session(token: &str) -> String {
    format!("session:{token}")
}

#[derive(Deserialize)]
struct Answer {
    verdict: Verdict,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Allow,
    Deny,
}

impl Trouble {
    fn unavailable(cause: impl fmt::Display) -> Self {
        Self::Unavailable(cause.to_string())
    }
}

impl std::error::Error for Trouble {}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("it is there already"),
            Self::Unavailable(cause) => f.write_str(cause),
        }
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(cause) if cause.is_unique_violation() => Self::Conflict,
            _ => Self::unavailable(error),
        }
    }
}

impl From<redis::RedisError> for Trouble {
    fn from(error: redis::RedisError) -> Self {
        Self::unavailable(error)
    }
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        // Without its URL, which may hold a tenant's name or worse.
        Self::unavailable(error.without_url())
    }
}

impl From<lettre::transport::smtp::Error> for Trouble {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        Self::unavailable(error)
    }
}
