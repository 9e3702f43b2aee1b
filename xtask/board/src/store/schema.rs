//! The tables. No column is ever NULL: both databases then answer the same to every question.

use sqlx::{AnyPool, Executor, Row};

use super::{Error, Kind};

/// The version that this program works with.
const VERSION: i64 = 1;

/// Each step brings the tables from one version to the next; steps are never changed, only added.
const STEPS: [&[&str]; 1] = [&[
    // One row. Its revision counts writes: whoever holds the row writes alone, so revisions appear in their order.
    "CREATE TABLE room (id BIGINT PRIMARY KEY, revision BIGINT NOT NULL, rebuilt BIGINT NOT NULL, code TEXT NOT NULL, \
     code_end BIGINT NOT NULL, locked BIGINT NOT NULL, capacity BIGINT NOT NULL, pace TEXT NOT NULL)",
    "INSERT INTO room VALUES (1, 1, 1, '', 0, 0, 0, '')",
    "CREATE TABLE attendees (id TEXT PRIMARY KEY, nickname TEXT NOT NULL UNIQUE, joined BIGINT NOT NULL, \
     seen BIGINT NOT NULL, hand BIGINT NOT NULL, hand_factor BIGINT NOT NULL, hand_seq BIGINT NOT NULL, \
     revision BIGINT NOT NULL)",
    "CREATE INDEX attendees_revision ON attendees (revision)",
    "CREATE TABLE events (attendee TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, factor BIGINT NOT NULL, \
     what TEXT NOT NULL, at BIGINT NOT NULL, received BIGINT NOT NULL, PRIMARY KEY (attendee, id), \
     UNIQUE (attendee, seq))",
    "CREATE TABLE standings (attendee TEXT NOT NULL, factor BIGINT NOT NULL, seq BIGINT NOT NULL, \
     state BIGINT NOT NULL, core BIGINT NOT NULL, stuck_check TEXT NOT NULL, reason TEXT NOT NULL, \
     since BIGINT NOT NULL, at BIGINT NOT NULL, runs BIGINT NOT NULL, solution BIGINT NOT NULL, \
     revision BIGINT NOT NULL, PRIMARY KEY (attendee, factor))",
    "CREATE INDEX standings_revision ON standings (revision)",
    "CREATE TABLE announcements (id BIGINT PRIMARY KEY, at BIGINT NOT NULL, factor BIGINT NOT NULL, words TEXT NOT NULL)",
]];

/// Brings the tables up to date. Several may try at once: the first one does it, the others wait for it.
pub async fn migrate(pool: &AnyPool, kind: Kind) -> Result<(), Error> {
    let mut tx = pool.begin_with(kind.begin()).await?;
    if kind == Kind::Postgres {
        tx.execute("SELECT CAST(pg_advisory_xact_lock(7512012) AS TEXT)").await?;
    }
    tx.execute("CREATE TABLE IF NOT EXISTS board_schema (version BIGINT NOT NULL)").await?;
    let known = sqlx::query("SELECT version FROM board_schema").fetch_optional(&mut *tx).await?;
    let version: i64 = known.as_ref().map_or(Ok(0), |row| row.try_get(0))?;
    newer(version)?;
    let done = usize::try_from(version).unwrap_or_default();
    for statement in STEPS.iter().skip(done).copied().flatten() {
        tx.execute(*statement).await?;
    }
    if known.is_none() {
        tx.execute("INSERT INTO board_schema VALUES (0)").await?;
    }
    sqlx::query("UPDATE board_schema SET version = $1").bind(VERSION).execute(&mut *tx).await?;
    tx.commit().await
}

/// Fails where the tables are not those of this version.
pub async fn is_current(pool: &AnyPool) -> Result<(), Error> {
    let missing = || Error::Configuration("its tables are missing or old: run `workshop-board migrate` first".into());
    let row = sqlx::query("SELECT version FROM board_schema").fetch_one(pool).await.map_err(|error| match error {
        Error::Database(_) | Error::RowNotFound => missing(),
        other => other,
    })?;
    let version: i64 = row.try_get(0)?;
    newer(version)?;
    if version < VERSION { Err(missing()) } else { Ok(()) }
}

fn newer(version: i64) -> Result<(), Error> {
    if version > VERSION {
        return Err(Error::Configuration("a newer workshop-board has changed its tables".into()));
    }
    Ok(())
}
