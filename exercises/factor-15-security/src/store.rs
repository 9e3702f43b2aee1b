//! Links, and whose they are.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgPoolOptions, PgRow};
use sqlx::{PgPool, Row};

use crate::accounts::User;
use crate::config::Database;
use crate::screen::Screen;

/// Applied in this order, each one once. They are part of the program, so that program and schema cannot be mixed up.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/1-links.sql")];
/// A random slug that is taken already is one in two billion; a second one in a row is no accident.
const SLUG_TRIES: usize = 3;

/// The database.
pub struct Store {
    /// Its connections.
    pub database: PgPool,
    /// The bound on each wait for it.
    pub timeout: Duration,
}

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
    /// Whether others may know of it.
    pub private: bool,
    /// How often the same link was submitted.
    pub submissions: i64,
    /// How often somebody followed it.
    pub clicks: i64,
    /// `pending`, `done` or `failed`.
    pub state: String,
    /// What the partner calls it.
    pub title: Option<String>,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
}

/// Why a backing service did not do what it was asked. The reason is for the log, and never for an answer.
#[derive(Debug)]
pub enum StoreError {
    /// What was asked contradicts what is there already.
    Conflict,
    /// The reason, for the log.
    Unavailable(String),
}

impl Link {
    /// Whether somebody, who may be nobody, may know of this link.
    pub fn is_shown_to(&self, reader: Option<&User>) -> bool {
        !self.private || reader.is_some_and(|user| self.belongs_to(user))
    }

    /// Whether somebody may change or delete it.
    pub fn belongs_to(&self, user: &User) -> bool {
        user.is_admin() || self.owner.as_ref() == Some(&user.name)
    }
}

impl Store {
    /// Attaches the database. Nothing is connected yet: the process starts as well while it is away.
    pub fn new(config: &Database) -> Self {
        let pool = PgPoolOptions::new().max_connections(config.pool_max).acquire_timeout(config.timeout);
        Self { database: pool.connect_lazy_with(config.options.clone()), timeout: config.timeout }
    }

    /// Whether PostgreSQL answers and has our tables.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        let tables = sqlx::query("select to_regclass('shown_links') is not null");
        Ok(bounded(self.timeout, tables.fetch_one(&self.database)).await?.try_get(0)?)
    }

    /// Submits a link; whether it is new comes with it.
    pub async fn submit(
        &self,
        owner: Option<&str>,
        prefix: &str,
        target: &str,
        private: bool,
        (submissions, clicks): (i64, i64),
    ) -> Result<(Link, bool), StoreError> {
        for _ in 0..SLUG_TRIES {
            let slug = format!("{prefix}-{}", (0..6).map(|_| fastrand::digit(36)).collect::<String>());
            let submit = sqlx::query(
                "insert into links (slug, owner, prefix, target, private, submissions, clicks)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict (owner, prefix, target) do update set submissions = links.submissions + 1
                 returning slug, slug = $1",
            );
            let submit = submit.bind(slug).bind(owner).bind(prefix).bind(target).bind(private);
            let submit = submit.bind(submissions).bind(clicks);
            match bounded(self.timeout, submit.fetch_one(&self.database)).await {
                Ok(row) => {
                    let link = self.link(row.try_get(0)?).await?.ok_or(StoreError::Conflict)?;
                    return Ok((link, row.try_get(1)?));
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::unavailable("no free slug was found"))
    }

    /// The link called `slug`, whoever may know of it.
    pub async fn link(&self, slug: &str) -> Result<Option<Link>, StoreError> {
        let find = sqlx::query("select * from shown_links where slug = $1").bind(slug);
        let row = bounded(self.timeout, find.fetch_optional(&self.database)).await?;
        Ok(row.as_ref().map(link).transpose()?)
    }

    /// At most `limit` links that `reader` may know of, newest first, older than the one whose id is `before`, with
    /// `wanted` in their target or title.
    pub async fn links(
        &self,
        reader: Option<&User>,
        wanted: &str,
        limit: i64,
        before: i64,
    ) -> Result<Vec<Link>, StoreError> {
        let list = sqlx::query(
            "select * from shown_links
             where id < $1 and (not private or owner = $2 or $3)
               and (strpos(lower(normalize(target)), lower(normalize($4))) > 0
                    or strpos(lower(normalize(title)), lower(normalize($4))) > 0)
             order by id desc limit $5",
        );
        let (name, admin) = (reader.map(|user| user.name.as_str()), reader.is_some_and(User::is_admin));
        let list = list.bind(before).bind(name).bind(admin).bind(wanted).bind(limit);
        let rows = bounded(self.timeout, list.fetch_all(&self.database)).await?;
        Ok(rows.iter().map(link).collect::<Result<_, _>>()?)
    }

    /// Changes what is given of a link.
    pub async fn change(&self, slug: &str, target: Option<&str>, private: Option<bool>) -> Result<(), StoreError> {
        let change = sqlx::query(
            "update links set target = coalesce($2, target), private = coalesce($3, private) where slug = $1",
        );
        let change = change.bind(slug).bind(target).bind(private);
        bounded(self.timeout, change.execute(&self.database)).await?;
        Ok(())
    }

    /// Deletes a link.
    pub async fn delete(&self, slug: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("delete from links where slug = $1").bind(slug);
        bounded(self.timeout, delete.execute(&self.database)).await?;
        Ok(())
    }

    /// Counts a click.
    pub async fn count_click(&self, slug: &str) -> Result<(), StoreError> {
        let click = sqlx::query("update links set clicks = clicks + 1 where slug = $1").bind(slug);
        bounded(self.timeout, click.execute(&self.database)).await?;
        Ok(())
    }

    /// Asks `screen` for the title of a link that has none, and stores what came of it; says whether there was one. The
    /// row stays locked meanwhile, so that two workers never ask for the same link, and a killed one lets it go.
    pub async fn preview_next(&self, screen: &Screen) -> Result<bool, StoreError> {
        let mut transaction = bounded(self.timeout, self.database.begin()).await?;
        let next = sqlx::query(
            "select slug, target from links where state = 'pending' order by id for update skip locked limit 1",
        );
        let Some(row) = bounded(self.timeout, next.fetch_optional(&mut *transaction)).await? else { return Ok(false) };
        let (slug, target): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let title = screen.title(&target).await.ok();
        let state = if title.is_some() { "done" } else { "failed" };
        let store = sqlx::query("update links set state = $2, title = $3 where slug = $1");
        bounded(self.timeout, store.bind(slug).bind(state).bind(title).execute(&mut *transaction)).await?;
        bounded(self.timeout, transaction.commit()).await?;
        Ok(true)
    }
}

/// Brings the schema up to date and says how many steps that took.
///
/// All of it is one transaction: interrupted, it has not happened. The lock makes a second `migrate` wait its turn. This
/// is the only process that needs a role which may make tables.
pub async fn migrate(database: &Database) -> Result<usize, StoreError> {
    let mut transaction = Store::new(database).database.begin().await?;
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

/// Waits for a backing service, but not for ever.
pub async fn bounded<T, E: Into<StoreError>>(
    timeout: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(timeout, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(StoreError::unavailable("no answer in time")),
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
        state: row.try_get("state")?,
        title: row.try_get("title")?,
        created_at: row.try_get("created_at")?,
    })
}

impl StoreError {
    /// With a reason for the log.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
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
