//! Pages that follow the room, by server-sent events: the whole picture first, then what differs from it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use grader::text::Lang;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::app::{App, Shared};
use crate::guard::{Browser, Instructor, Wished};
use crate::hub::{TICK, now};
use crate::messages::messages;
use crate::pages::parts::{Part, Picture};
use crate::pages::{mine, projector, room};
use crate::room::Room;

/// More pages than this follow no board; the next one is asked to come again, which costs less than serving all badly.
const MOST_WATCHING: usize = 4000;

/// Attendees' pages change less often: a room's wireless network is the narrowest place of all.
const ATTENDEES_TICK: Duration = Duration::from_secs(1);

/// What is followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// The instructor's page.
    Room,
    /// The projector's.
    Projector,
    /// An attendee's.
    Mine(String),
}

/// Pictures that many pages share are drawn once per change.
#[derive(Debug, Default)]
pub struct Pictures(Mutex<HashMap<(u8, Lang), (i64, Picture)>>);

/// `GET /stream/room`
pub async fn room(State(app): Shared, _: Instructor, Wished(lang): Wished) -> Response {
    watch(app, View::Room, lang)
}

/// `GET /stream/projector`
pub async fn projector(State(app): Shared, _: Instructor, Wished(lang): Wished) -> Response {
    watch(app, View::Projector, lang)
}

/// `GET /stream/me`
pub async fn me(State(app): Shared, Browser(who): Browser, Wished(lang): Wished) -> Response {
    watch(app, View::Mine(who), lang)
}

fn watch(app: Arc<App>, view: View, lang: Lang) -> Response {
    let Some(seat) = Seat::taken(&app) else {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response();
    };
    let room = app.room.clone();
    let watching =
        Watching { app, view, lang, room, seen: HashMap::new(), next: Instant::now(), first: true, _seat: seat };
    let events = unfold(watching, |mut watching| async {
        let event = watching.next().await?;
        Some((Ok(event), watching))
    });
    let events: Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>> = Box::pin(events);
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// One of the places; it is free again when the page is gone.
struct Seat(Arc<App>);

impl Seat {
    fn taken(app: &Arc<App>) -> Option<Self> {
        let before = app.counts.watching.fetch_add(1, Ordering::Relaxed);
        // Dropping it gives back what was counted just now.
        let seat = Self(Arc::clone(app));
        (before < MOST_WATCHING).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.counts.watching.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A page and what it has been told. Nothing waits in a queue: whoever is slow misses steps in between, and memory stays as it is.
struct Watching {
    app: Arc<App>,
    view: View,
    lang: Lang,
    room: watch::Receiver<Arc<Room>>,
    seen: HashMap<String, u64>,
    next: Instant,
    first: bool,
    _seat: Seat,
}

impl Watching {
    async fn next(&mut self) -> Option<Event> {
        let mut stop = self.app.stop.clone();
        loop {
            if !self.first {
                tokio::select! {
                    biased;
                    () = stop.asked() => return None,
                    changed = self.room.changed() => changed.ok()?,
                }
                tokio::select! {
                    () = stop.asked() => return None,
                    () = sleep_until(self.next) => {}
                }
            }
            let room = Arc::clone(&self.room.borrow_and_update());
            self.next = Instant::now() + if matches!(self.view, View::Mine(_)) { ATTENDEES_TICK } else { TICK };
            if let Some(event) = self.told(&room) {
                return Some(event);
            }
        }
    }

    /// What this page lacks; `None` if that is nothing.
    fn told(&mut self, room: &Room) -> Option<Event> {
        let shared = self.app.pictures.of(&self.app, &self.view, room, self.lang);
        let own = match &self.view {
            View::Mine(who) => room.attendees.get(who).map(|me| mine::own(me, messages(self.lang))).unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut before = std::mem::take(&mut self.seen);
        let mut put = Vec::new();
        for part in shared.iter().chain(&own) {
            let hash = hash(part);
            if before.remove(&part.id) != Some(hash) {
                put.push(json!([part.id, part.within, part.html]));
            }
            self.seen.insert(part.id.clone(), hash);
        }
        let gone: Vec<&String> = before.keys().collect();
        if put.is_empty() && gone.is_empty() && !self.first {
            return None;
        }
        let event = Event::default().data(json!({ "now": now(), "put": put, "gone": gone }).to_string());
        // Who loses the connection comes back when it likes: not all at once.
        let again = Duration::from_millis(fastrand::u64(3000..8000));
        Some(if std::mem::take(&mut self.first) { event.retry(again) } else { event })
    }
}

fn hash(part: &Part) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    part.html.hash(&mut hasher);
    hasher.finish()
}

impl Pictures {
    fn of(&self, app: &App, view: &View, now: &Room, lang: Lang) -> Picture {
        let kind = match view {
            View::Room => 0,
            View::Projector => 1,
            View::Mine(_) => 2,
        };
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, picture)) = drawn.get(&(kind, lang)).filter(|(revision, _)| *revision == now.settings.revision)
        {
            return Arc::clone(picture);
        }
        let picture = match view {
            View::Room => room::picture(app, now, lang),
            View::Projector => projector::picture(app, now, lang),
            View::Mine(_) => mine::picture(now, lang),
        };
        drawn.insert((kind, lang), (now.settings.revision, Arc::clone(&picture)));
        picture
    }
}
