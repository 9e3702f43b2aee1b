//! Follows the database and tells everybody who watches: at most four times a second, however much happens.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use grader::stop::Stop;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::room::Room;
use crate::store::{Kind, Store};

/// The shortest time between two pictures, and how often a database is asked to which others write too.
pub const TICK: Duration = Duration::from_millis(250);

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Reads the room once and follows it from then on, until it is time to end.
pub async fn follow(store: Store, stop: Stop) -> Result<watch::Receiver<Arc<Room>>, sqlx::Error> {
    let first = Arc::new(store.room(&Room::default()).await?);
    let (tell, room) = watch::channel(first);
    tokio::spawn(keep_following(store, tell, stop));
    Ok(room)
}

async fn keep_following(store: Store, tell: watch::Sender<Arc<Room>>, mut stop: Stop) {
    let mut written = store.written();
    let mut looks = interval(TICK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.asked() => return,
            // Nobody else writes into our own file.
            _ = looks.tick(), if store.kind() == Kind::Postgres => {}
            changed = written.changed() => if changed.is_err() { return },
        }
        let told = Instant::now();
        match newer(&store, &tell).await {
            Ok(true) => sleep_until(told + TICK).await,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(error = %error, "the room could not be read");
                sleep_until(told + TICK).await;
                // What was written meanwhile is still to be shown.
                written.mark_changed();
            }
        }
    }
}

async fn newer(store: &Store, tell: &watch::Sender<Arc<Room>>) -> Result<bool, sqlx::Error> {
    let before = Arc::clone(&tell.borrow());
    if store.revision().await? == before.settings.revision {
        return Ok(false);
    }
    tell.send_replace(Arc::new(store.room(&before).await?));
    Ok(true)
}
