//! What can be written, and how.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AnyConnection, Row};

use super::{Error, admin, read};
use crate::event::{Event, What};
use crate::pace::Pace;
use crate::standing::Standing;

/// Something to write.
#[derive(Clone, Debug)]
pub enum Write {
    /// An attendee's events.
    Events { attendee: String, events: Vec<Arrived>, now: i64 },
    /// A new attendee.
    Join { attendee: String, nickname: String, now: i64 },
    /// An attendee and everything about it goes.
    Leave { attendee: String },
    /// A hand went up in a browser.
    HandUp { attendee: String, now: i64 },
    /// A hand goes down: in a browser, or because the instructor has been there.
    HandDone { attendee: String },
    /// A new join code, which holds until then.
    Code { code: String, end: i64 },
    /// Nobody can join any more, or again.
    Lock(bool),
    /// How many can join; 0 for any number.
    Capacity(i64),
    /// Where the room is on its track.
    Pace(Pace),
    /// Something for all; with a factor, its solution is open.
    Announce { words: String, factor: Option<u8>, now: i64 },
    /// Whoever was last heard before this is forgotten.
    Prune { before: i64 },
    /// Everything is forgotten.
    Forget,
    /// The writer ends.
    Stop,
}

/// An event and when it happened by the board's clock.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The event.
    pub event: Event,
    /// When it happened, as far as clocks can tell.
    pub at: i64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is written.
    Written,
    /// Events were taken.
    Events(Receipt),
    /// The attendee is known, under this nickname.
    Joined(String),
    /// Nobody can join.
    Locked,
    /// The room is full.
    Full,
    /// There is no such attendee.
    Unknown,
}

/// What became of a batch of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// New ones.
    pub stored: usize,
    /// Known ones.
    pub known: usize,
    /// Those whose number belongs to another event.
    pub clashing: Vec<String>,
}

/// Writes one thing inside of a transaction.
pub async fn apply(tx: &mut AnyConnection, revision: i64, what: &Write) -> Result<Done, Error> {
    match what {
        Write::Events { attendee, events, now } => take(tx, revision, attendee, events, *now).await,
        Write::Join { attendee, nickname, now } => admin::join(tx, revision, attendee, nickname, *now).await,
        other => admin::apply(tx, revision, other).await,
    }
}

async fn take(tx: &mut AnyConnection, revision: i64, who: &str, events: &[Arrived], now: i64) -> Result<Done, Error> {
    let seen = sqlx::query("UPDATE attendees SET seen = $1, revision = $2 WHERE id = $3");
    if seen.bind(now).bind(revision).bind(who).execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(Done::Unknown);
    }
    let mut sorted: Vec<&Arrived> = events.iter().collect();
    sorted.sort_by_key(|arrived| arrived.event.seq);
    let mut receipt = Receipt::default();
    let mut new = Vec::new();
    for arrived in sorted {
        if insert(tx, who, arrived, now).await? {
            receipt.stored += 1;
            new.push(arrived);
        } else if is_known(tx, who, &arrived.event.id).await? {
            receipt.known += 1;
        } else {
            receipt.clashing.push(arrived.event.id.clone());
        }
    }
    fold(tx, revision, who, &new).await?;
    for arrived in new {
        if let What::Hand { raised, factor } = arrived.event.what {
            hand(tx, who, arrived, raised, factor).await?;
        }
    }
    Ok(Done::Events(receipt))
}

/// The primary key finds duplicates, however late they come.
async fn insert(tx: &mut AnyConnection, who: &str, arrived: &Arrived, now: i64) -> Result<bool, Error> {
    let sql = "INSERT INTO events (attendee, id, seq, factor, what, at, received) VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT DO NOTHING";
    let event = &arrived.event;
    let what = serde_json::to_string(&event.what).map_err(|error| Error::Encode(error.into()))?;
    let factor = event.what.factor().map_or(-1, i64::from);
    let query = sqlx::query(sql).bind(who).bind(&event.id).bind(event.seq).bind(factor).bind(what);
    Ok(query.bind(arrived.at).bind(now).execute(tx).await?.rows_affected() > 0)
}

async fn is_known(tx: &mut AnyConnection, who: &str, id: &str) -> Result<bool, Error> {
    let query = sqlx::query("SELECT seq FROM events WHERE attendee = $1 AND id = $2").bind(who).bind(id);
    Ok(query.fetch_optional(tx).await?.is_some())
}

/// Events in their order are added to what is known; where one came late, everything is folded again.
async fn fold(tx: &mut AnyConnection, revision: i64, who: &str, new: &[&Arrived]) -> Result<(), Error> {
    let about = |arrived: &&&Arrived| !matches!(arrived.event.what, What::Hand { .. });
    let factors: BTreeSet<u8> = new.iter().filter(about).filter_map(|arrived| arrived.event.what.factor()).collect();
    let mut standings: BTreeMap<u8, Standing> = BTreeMap::new();
    for factor in factors {
        let mut standing = read::standing(tx, who, factor).await?;
        let mine = new.iter().filter(about).filter(|arrived| arrived.event.what.factor() == Some(factor));
        let mine: Vec<_> = mine.collect();
        if mine.iter().any(|arrived| arrived.event.seq < standing.seq) {
            standing = read::refolded(tx, who, factor).await?;
        } else {
            mine.iter().for_each(|arrived| standing.take(arrived.event.seq, arrived.at, &arrived.event.what));
        }
        standings.insert(factor, standing);
    }
    for (factor, standing) in standings {
        save(tx, revision, who, factor, &standing).await?;
    }
    Ok(())
}

async fn save(tx: &mut AnyConnection, revision: i64, who: &str, factor: u8, now: &Standing) -> Result<(), Error> {
    let sql = "INSERT INTO standings (attendee, factor, seq, state, core, stuck_check, reason, since, at, runs, solution, \
               revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
               ON CONFLICT (attendee, factor) DO UPDATE SET seq = excluded.seq, state = excluded.state, \
               core = excluded.core, stuck_check = excluded.stuck_check, reason = excluded.reason, \
               since = excluded.since, at = excluded.at, runs = excluded.runs, solution = excluded.solution, \
               revision = excluded.revision";
    let query = sqlx::query(sql).bind(who).bind(i64::from(factor)).bind(now.seq).bind(now.state as i64);
    let query = query.bind(i64::from(now.core_passed)).bind(&now.check).bind(&now.reason).bind(now.since);
    query.bind(now.at).bind(now.runs).bind(now.solution as i64).bind(revision).execute(tx).await.map(drop)
}

/// The newest word about a hand counts, in whatever order they come.
async fn hand(tx: &mut AnyConnection, who: &str, when: &Arrived, up: bool, factor: Option<u8>) -> Result<(), Error> {
    let sql = "UPDATE attendees SET hand = $1, hand_factor = $2, hand_seq = $3 WHERE id = $4 AND hand_seq < $3";
    let (at, seq) = (if up { when.at } else { 0 }, when.event.seq);
    let query = sqlx::query(sql).bind(at).bind(factor.map_or(-1, i64::from)).bind(seq).bind(who);
    query.execute(tx).await.map(drop)
}

/// One number of one row.
pub async fn number(tx: &mut AnyConnection, sql: &'static str) -> Result<i64, Error> {
    sqlx::query(sql).fetch_one(tx).await?.try_get(0)
}
