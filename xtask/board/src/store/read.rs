//! What is read: the changes since a revision, one attendee's time line, and what a write needs to know.

use std::sync::Arc;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Error, Store};
use crate::event::What;
use crate::pace::Pace;
use crate::room::{Announcement, Attendee, Room, Settings};
use crate::standing::{Solution, Standing, State};

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose it is.
    pub attendee: String,
    /// The attendee's count.
    pub seq: i64,
    /// When it happened.
    pub at: i64,
    /// What happened.
    pub what: What,
}

const STANDING: &str = "SELECT seq, state, core, stuck_check, reason, since, at, runs, solution FROM standings \
                        WHERE attendee = $1 AND factor = $2";

/// Where an attendee stands with a factor.
pub async fn standing(tx: &mut AnyConnection, who: &str, factor: u8) -> Result<Standing, Error> {
    let row = sqlx::query(STANDING).bind(who).bind(i64::from(factor)).fetch_optional(tx).await?;
    row.map_or_else(|| Ok(Standing::default()), |row| to_standing(&row, 0))
}

/// Where an attendee stands with a factor, from the beginning.
pub async fn refolded(tx: &mut AnyConnection, who: &str, factor: u8) -> Result<Standing, Error> {
    let sql = "SELECT attendee, seq, at, what FROM events WHERE attendee = $1 AND factor = $2 ORDER BY seq";
    let rows = sqlx::query(sql).bind(who).bind(i64::from(factor)).fetch_all(tx).await?;
    let mut standing = Standing::default();
    for event in rows.iter().map(to_kept) {
        let event = event?;
        if !matches!(event.what, What::Hand { .. }) {
            standing.take(event.seq, event.at, &event.what);
        }
    }
    Ok(standing)
}

impl Store {
    /// The number of the last write, of whichever replica.
    pub async fn revision(&self) -> Result<i64, Error> {
        sqlx::query("SELECT revision FROM room WHERE id = 1").fetch_one(&self.pool).await?.try_get(0)
    }

    /// The room as it is now, made from the room as it was. One transaction, so that nothing comes in between.
    pub async fn room(&self, before: &Room) -> Result<Room, Error> {
        let begin = if self.kind == super::Kind::Postgres {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN"
        };
        let mut tx = self.pool.begin_with(begin).await?;
        let settings = settings(&mut tx).await?;
        let mut room = if settings.rebuilt > before.settings.revision { Room::default() } else { before.clone() };
        let since = room.settings.revision;
        attendees(&mut tx, since, &mut room).await?;
        standings(&mut tx, since, &mut room).await?;
        room.announcements = announcements(&mut tx).await?;
        room.settings = settings;
        tx.commit().await?;
        Ok(room)
    }

    /// Everything that an attendee's machine has reported, in its order.
    pub async fn time_line(&self, who: &str) -> Result<Vec<Kept>, Error> {
        let sql = "SELECT attendee, seq, at, what FROM events WHERE attendee = $1 ORDER BY seq";
        sqlx::query(sql).bind(who).fetch_all(&self.pool).await?.iter().map(to_kept).collect()
    }

    /// Everything that was reported, attendee by attendee.
    pub async fn events(&self) -> Result<Vec<Kept>, Error> {
        let sql = "SELECT attendee, seq, at, what FROM events ORDER BY attendee, seq";
        sqlx::query(sql).fetch_all(&self.pool).await?.iter().map(to_kept).collect()
    }
}

async fn settings(tx: &mut AnyConnection) -> Result<Settings, Error> {
    let sql = "SELECT revision, rebuilt, code, code_end, locked, capacity, pace FROM room WHERE id = 1";
    let row = sqlx::query(sql).fetch_one(tx).await?;
    Ok(Settings {
        revision: row.try_get(0)?,
        rebuilt: row.try_get(1)?,
        code: row.try_get(2)?,
        code_end: row.try_get(3)?,
        locked: row.try_get::<i64, _>(4)? != 0,
        capacity: row.try_get(5)?,
        pace: Pace::read(row.try_get(6)?),
    })
}

async fn attendees(tx: &mut AnyConnection, since: i64, room: &mut Room) -> Result<(), Error> {
    let sql = "SELECT id, nickname, joined, seen, hand, hand_factor FROM attendees WHERE revision > $1";
    for row in sqlx::query(sql).bind(since).fetch_all(tx).await? {
        let id: String = row.try_get(0)?;
        let standings = room.attendees.get(&id).map(|known| known.standings.clone()).unwrap_or_default();
        let attendee = Attendee {
            id: id.clone(),
            nickname: row.try_get(1)?,
            joined: row.try_get(2)?,
            seen: row.try_get(3)?,
            hand: row.try_get(4)?,
            hand_factor: u8::try_from(row.try_get::<i64, _>(5)?).ok(),
            standings,
        };
        room.attendees.insert(id, Arc::new(attendee));
    }
    Ok(())
}

async fn standings(tx: &mut AnyConnection, since: i64, room: &mut Room) -> Result<(), Error> {
    let sql = "SELECT seq, state, core, stuck_check, reason, since, at, runs, solution, attendee, factor FROM standings \
               WHERE revision > $1";
    for row in sqlx::query(sql).bind(since).fetch_all(tx).await? {
        let (who, factor): (String, i64) = (row.try_get(9)?, row.try_get(10)?);
        let Some(attendee) = room.attendees.get_mut(&who) else { continue };
        let Ok(factor) = u8::try_from(factor) else { continue };
        Arc::make_mut(attendee).standings.insert(factor, to_standing(&row, 0)?);
    }
    Ok(())
}

async fn announcements(tx: &mut AnyConnection) -> Result<Vec<Announcement>, Error> {
    let rows = sqlx::query("SELECT id, at, factor, words FROM announcements ORDER BY id").fetch_all(tx).await?;
    rows.iter()
        .map(|row| {
            let factor = u8::try_from(row.try_get::<i64, _>(2)?).ok();
            Ok(Announcement { id: row.try_get(0)?, at: row.try_get(1)?, factor, words: row.try_get(3)? })
        })
        .collect()
}

fn to_standing(row: &AnyRow, first: usize) -> Result<Standing, Error> {
    Ok(Standing {
        seq: row.try_get(first)?,
        state: State::numbered(row.try_get(first + 1)?),
        core_passed: row.try_get::<i64, _>(first + 2)? != 0,
        check: row.try_get(first + 3)?,
        reason: row.try_get(first + 4)?,
        since: row.try_get(first + 5)?,
        at: row.try_get(first + 6)?,
        runs: row.try_get(first + 7)?,
        solution: Solution::numbered(row.try_get(first + 8)?),
    })
}

fn to_kept(row: &AnyRow) -> Result<Kept, Error> {
    let what: String = row.try_get(3)?;
    let what = serde_json::from_str(&what).map_err(|error| Error::Decode(error.into()))?;
    Ok(Kept { attendee: row.try_get(0)?, seq: row.try_get(1)?, at: row.try_get(2)?, what })
}
