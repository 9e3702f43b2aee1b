//! The servers of a run: what the subject's `needs` asks for, or why this machine cannot give it.

use backing_protocol::{Answer, Ask, Engine, Server};

use crate::backing::{Backing, Door, Site};
use crate::check::{CheckResult, LabError, Missing, Stop};
use crate::event::Stage;
use crate::lab::declared::not_needed;
use crate::manifest::Need;

/// The servers, each once for the whole run.
#[derive(Clone, Debug, Default)]
pub struct Servers {
    postgres: Option<Result<Running, Missing>>,
    redis: Option<Result<Running, Missing>>,
}

/// A server and the way to ask for something of it.
#[derive(Clone, Debug)]
pub struct Running {
    /// Where it is.
    pub server: Server,
    /// Who looks after it.
    pub door: Door,
}

impl Servers {
    /// Brings up what `needs` names. What this machine lacks is remembered for the checks, which then end as UNGRADED.
    ///
    /// # Errors
    ///
    /// A server that should have come up and did not.
    pub async fn up(
        backing: &Backing,
        needs: &[Need],
        site: Site<'_>,
        news: impl FnMut(Stage, Option<String>) + Copy,
    ) -> Result<Self, LabError> {
        let one = async |need, engine| match needs.contains(&need) {
            true => up(backing, engine, site, news).await.map(Some),
            false => Ok(None),
        };
        let (postgres, redis) = tokio::join!(one(Need::Postgres, Engine::Postgres), one(Need::Redis, Engine::Redis));
        Ok(Self { postgres: postgres?, redis: redis? })
    }

    /// Which of the servers that were up is gone or was replaced; `None` when all still answer.
    ///
    /// A service that fails without its database is no worse than any other: nothing can be concluded then.
    pub async fn lost(&self) -> Option<&'static str> {
        let engines = [(&self.postgres, Engine::Postgres, "PostgreSQL"), (&self.redis, Engine::Redis, "Redis")];
        for (server, engine, name) in engines {
            let Some(Ok(Running { server, door })) = server else { continue };
            let now = door.ask(Ask::Up { engine }).await;
            if !matches!(now, Ok(Answer::Up(now)) if now == *server) {
                return Some(name);
            }
        }
        None
    }

    /// The PostgreSQL server.
    ///
    /// # Errors
    ///
    /// [`Stop::Ungraded`] where this machine has none, [`Stop::Error`] when `needs` does not name it.
    pub fn postgres(&self) -> CheckResult<Running> {
        found(self.postgres.as_ref(), Need::Postgres)
    }

    /// The Redis server.
    ///
    /// # Errors
    ///
    /// As [`Servers::postgres`].
    pub fn redis(&self) -> CheckResult<Running> {
        found(self.redis.as_ref(), Need::Redis)
    }
}

async fn up(
    backing: &Backing,
    engine: Engine,
    site: Site<'_>,
    news: impl FnMut(Stage, Option<String>),
) -> Result<Result<Running, Missing>, LabError> {
    match backing.up(engine, site, news).await {
        Ok((server, door)) => Ok(Ok(Running { server, door })),
        Err(Stop::Ungraded(missing)) => Ok(Err(missing)),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Fail(failure)) => Err(LabError::new("a backing service failed", failure.reason)),
    }
}

fn found(server: Option<&Result<Running, Missing>>, need: Need) -> CheckResult<Running> {
    match server {
        Some(Ok(running)) => Ok(running.clone()),
        Some(Err(missing)) => Err(missing.clone().into()),
        None => Err(not_needed(need).into()),
    }
}
