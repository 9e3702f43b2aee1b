//! What this program holds while it runs: the session, the servers that are up, and the way to tell what takes long.

use std::sync::Arc;

use backing_protocol::{Line, News, Refusal, Server};
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;

use crate::containers::{self, Engine};
use crate::engine::Found;
use crate::place::Place;
use crate::postgres::{self, Postgres};
use crate::redis::{self, Redis};
use crate::refusals::{failed, words};
use crate::session::Session;
use crate::settings::{self, Settings};

/// What is shared by all requests.
pub struct House {
    /// Where things are kept.
    pub place: Place,
    /// Whose things they are.
    pub session: Session,
    /// What the workshop's folder says.
    pub settings: Settings,
    /// Where the container engine is.
    pub engine_address: Found,
    engine: Slot<Engine>,
    postgres: Slot<Postgres>,
    redis: Slot<Redis>,
    lines: UnboundedSender<Line>,
}

impl House {
    /// Opens the session.
    pub fn open(place: Place, engine_address: Found, lines: UnboundedSender<Line>) -> Result<Self, Refusal> {
        let settings = settings::read(&place.root)?;
        let session = Session::open(&place)?;
        Ok(Self {
            place,
            session,
            settings,
            engine_address,
            engine: Slot::default(),
            postgres: Slot::default(),
            redis: Slot::default(),
            lines,
        })
    }

    /// Tells the grader what takes long.
    pub fn news(&self, what: impl Into<String>) {
        // A grader that is gone hears nothing.
        let _ = self.lines.send(Line::News(News { what: what.into() }));
    }

    /// A container engine that has answered just now.
    pub async fn engine(&self) -> Result<Arc<Engine>, Refusal> {
        let answered_before = self.engine.is_filled().await;
        let connect = || containers::connect(&self.engine_address);
        let engine = self.engine.filled(async |engine| engine.answers().await, connect).await;
        engine.map_err(|refusal| match answered_before {
            true => failed("the container engine has gone away", words(&refusal)),
            false => refusal,
        })
    }

    /// A PostgreSQL server that has answered just now: the one that runs, else a new one.
    pub async fn postgres_up(&self) -> Result<Server, Refusal> {
        let running = self.postgres.filled(async |running| running.answers().await, || postgres::start(self)).await?;
        Ok(running.server.clone())
    }

    /// The PostgreSQL server, whether it still answers or not: a query to a dead one fails and says so.
    pub async fn postgres(&self) -> Result<Arc<Postgres>, Refusal> {
        self.postgres.filled(async |_| true, || postgres::start(self)).await
    }

    /// A Redis server that has answered just now: the one that runs, else a new one.
    pub async fn redis_up(&self) -> Result<Server, Refusal> {
        let running = self.redis.filled(async |running| running.answers().await, || redis::start(self)).await?;
        Ok(running.server.clone())
    }

    /// The Redis server, whether it still answers or not.
    pub async fn redis(&self) -> Result<Arc<Redis>, Refusal> {
        self.redis.filled(async |_| true, || redis::start(self)).await
    }
}

/// A server, once it was needed. Whoever comes while it starts waits for it.
struct Slot<S>(Mutex<Option<Arc<S>>>);

impl<S> Default for Slot<S> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<S> Slot<S> {
    async fn is_filled(&self) -> bool {
        self.0.lock().await.is_some()
    }

    async fn filled<F: Future<Output = Result<S, Refusal>>>(
        &self,
        is_good: impl AsyncFn(&S) -> bool,
        start: impl FnOnce() -> F,
    ) -> Result<Arc<S>, Refusal> {
        let mut slot = self.0.lock().await;
        if let Some(running) = slot.as_ref()
            && is_good(running).await
        {
            return Ok(Arc::clone(running));
        }
        let started = Arc::new(start().await?);
        *slot = Some(Arc::clone(&started));
        Ok(started)
    }
}
