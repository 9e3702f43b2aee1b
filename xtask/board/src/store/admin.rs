//! What the instructor and the way in and out write.

use sqlx::AnyConnection;

use super::Error;
use super::write::{Done, Write, number};

/// How often a nickname is tried with a number before giving up.
const NAMESAKES: usize = 1000;

/// Takes in an attendee. Asking again is answered with the same nickname, even when the room has been locked since.
pub async fn join(tx: &mut AnyConnection, revision: i64, who: &str, wished: &str, now: i64) -> Result<Done, Error> {
    if let Some(nickname) = text(tx, "SELECT nickname FROM attendees WHERE id = $1", who).await? {
        return Ok(Done::Joined(nickname));
    }
    if number(tx, "SELECT locked FROM room").await? != 0 {
        return Ok(Done::Locked);
    }
    let capacity = number(tx, "SELECT capacity FROM room").await?;
    if capacity > 0 && number(tx, "SELECT COUNT(*) FROM attendees").await? >= capacity {
        return Ok(Done::Full);
    }
    let nickname = free_name(tx, wished).await?;
    let sql = "INSERT INTO attendees (id, nickname, joined, seen, hand, hand_factor, hand_seq, revision) \
               VALUES ($1, $2, $3, $3, 0, -1, 0, $4)";
    sqlx::query(sql).bind(who).bind(&nickname).bind(now).bind(revision).execute(tx).await?;
    Ok(Done::Joined(nickname))
}

/// Two attendees of one name are told apart by a number.
async fn free_name(tx: &mut AnyConnection, wished: &str) -> Result<String, Error> {
    let numbered = (2..NAMESAKES).map(|n| format!("{wished} {n}"));
    for name in std::iter::once(wished.to_owned()).chain(numbered) {
        if text(tx, "SELECT nickname FROM attendees WHERE nickname = $1", &name).await?.is_none() {
            return Ok(name);
        }
    }
    Err(Error::RowNotFound)
}

/// Everything but joining and events.
pub async fn apply(tx: &mut AnyConnection, revision: i64, what: &Write) -> Result<Done, Error> {
    match what {
        Write::Leave { attendee } => leave(tx, revision, attendee).await?,
        Write::HandUp { attendee, now } => hand(tx, revision, attendee, *now).await?,
        Write::HandDone { attendee } => hand(tx, revision, attendee, 0).await?,
        Write::Code { code, end } => {
            sqlx::query("UPDATE room SET code = $1, code_end = $2").bind(code).bind(end).execute(tx).await?;
        }
        Write::Lock(locked) => {
            sqlx::query("UPDATE room SET locked = $1").bind(i64::from(*locked)).execute(tx).await?;
        }
        Write::Capacity(capacity) => {
            sqlx::query("UPDATE room SET capacity = $1").bind(capacity).execute(tx).await?;
        }
        Write::Pace(pace) => {
            sqlx::query("UPDATE room SET pace = $1").bind(pace.written()).execute(tx).await?;
        }
        Write::Announce { words, factor, now } => {
            let sql = "INSERT INTO announcements (id, at, factor, words) \
                       SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3 FROM announcements";
            let query = sqlx::query(sql).bind(now).bind(factor.map_or(-1, i64::from));
            query.bind(words).execute(tx).await?;
        }
        Write::Prune { before } => prune(tx, revision, *before).await?,
        Write::Forget => forget(tx, revision).await?,
        Write::Events { .. } | Write::Join { .. } | Write::Stop => {}
    }
    Ok(Done::Written)
}

/// What a browser says of a hand holds until the attendee's machine says something newer.
async fn hand(tx: &mut AnyConnection, revision: i64, who: &str, at: i64) -> Result<(), Error> {
    let sql = "UPDATE attendees SET hand = $1, hand_factor = -1, revision = $2 WHERE id = $3";
    sqlx::query(sql).bind(at).bind(revision).bind(who).execute(tx).await.map(drop)
}

async fn leave(tx: &mut AnyConnection, revision: i64, who: &str) -> Result<(), Error> {
    for sql in [
        "DELETE FROM events WHERE attendee = $1",
        "DELETE FROM standings WHERE attendee = $1",
        "DELETE FROM attendees WHERE id = $1",
    ] {
        sqlx::query(sql).bind(who).execute(&mut *tx).await?;
    }
    rebuilt(tx, revision).await
}

async fn prune(tx: &mut AnyConnection, revision: i64, before: i64) -> Result<(), Error> {
    for sql in [
        "DELETE FROM events WHERE attendee IN (SELECT id FROM attendees WHERE seen < $1)",
        "DELETE FROM standings WHERE attendee IN (SELECT id FROM attendees WHERE seen < $1)",
        "DELETE FROM attendees WHERE seen < $1",
        "DELETE FROM announcements WHERE at < $1",
    ] {
        sqlx::query(sql).bind(before).execute(&mut *tx).await?;
    }
    rebuilt(tx, revision).await
}

async fn forget(tx: &mut AnyConnection, revision: i64) -> Result<(), Error> {
    for sql in [
        "DELETE FROM events",
        "DELETE FROM standings",
        "DELETE FROM attendees",
        "DELETE FROM announcements",
        "UPDATE room SET pace = '', code = ''",
    ] {
        sqlx::query(sql).execute(&mut *tx).await?;
    }
    rebuilt(tx, revision).await
}

/// Something has gone: whoever follows the changes must read everything again.
async fn rebuilt(tx: &mut AnyConnection, revision: i64) -> Result<(), Error> {
    sqlx::query("UPDATE room SET rebuilt = $1").bind(revision).execute(tx).await.map(drop)
}

async fn text(tx: &mut AnyConnection, sql: &'static str, value: &str) -> Result<Option<String>, Error> {
    use sqlx::Row;
    let row = sqlx::query(sql).bind(value).fetch_optional(tx).await?;
    row.map(|row| row.try_get(0)).transpose()
}
