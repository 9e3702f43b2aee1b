//! The door to backing services: a client of `workshop-backing`, a program of its own because it is made of heavy crates.
//!
//! The program is compiled and started when somebody first needs it, and serves every run of its owner; it is not
//! tied to a run's runtime. Dropping the last handle ends it, and with it everything it started.

use std::sync::Arc;

use backing_protocol::{Answer, Ask, Engine, Refusal, Server};

use crate::check::{LabError, Missing, Stop};
use crate::event::Stage;
use crate::lab::clock::Clock;
use crate::lab::process::Supervisors;
use crate::programs;
use crate::subject::Workspace;
use crate::text::{text, verbatim};

mod sidecar;

use sidecar::Sidecar;

/// A handle to the backing services. Cheap to clone; the last one that is dropped ends them.
#[derive(Clone, Debug, Default)]
pub struct Backing {
    running: Arc<tokio::sync::Mutex<Option<Arc<Sidecar>>>>,
}

/// What compiling and starting a program of the workshop's own needs.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The workshop's folders; the program is part of them.
    pub workspace: &'a Workspace,
    /// The program that answers `__supervise`: the build of the sidecar is supervised like any other.
    pub supervisor: &'a std::path::Path,
    /// The order of observations.
    pub clock: &'a Clock,
    /// Where the build's supervisor is registered.
    pub supervisors: &'a Supervisors,
}

impl Backing {
    /// Returns once a server of this kind answers. `news` is told what takes long.
    ///
    /// # Errors
    ///
    /// [`Stop::Ungraded`] when this machine has no such server, [`Stop::Error`] when one should have come up and did not.
    pub async fn up(
        &self,
        engine: Engine,
        site: Site<'_>,
        mut news: impl FnMut(Stage, Option<String>),
    ) -> Result<(Server, Door), Stop> {
        news(Stage::Backing, None);
        let sidecar = self.sidecar(site, &mut news).await?;
        let mut words = sidecar.news();
        let mut up = std::pin::pin!(sidecar.ask(Ask::Up { engine }));
        let answer = loop {
            tokio::select! {
                answer = &mut up => break answer?,
                Ok(()) = words.changed() => news(Stage::Backing, Some(words.borrow_and_update().clone())),
            }
        };
        match answer {
            Answer::Up(server) => Ok((server, Door(Arc::clone(&sidecar)))),
            other => Err(unexpected(&other).into()),
        }
    }

    /// The running program; one that has ended is started anew.
    async fn sidecar(
        &self,
        site: Site<'_>,
        news: &mut impl FnMut(Stage, Option<String>),
    ) -> Result<Arc<Sidecar>, Stop> {
        let mut running = self.running.lock().await;
        if let Some(sidecar) = running.as_ref().filter(|sidecar| !sidecar.has_ended()) {
            return Ok(Arc::clone(sidecar));
        }
        let program = programs::BACKING.built(site, news).await?;
        let sidecar = Arc::new(Sidecar::start(&program, site.workspace)?);
        *running = Some(Arc::clone(&sidecar));
        Ok(sidecar)
    }
}

/// A way to ask the running program.
#[derive(Clone, Debug)]
pub struct Door(Arc<Sidecar>);

impl Door {
    /// Asks and waits for the answer.
    ///
    /// # Errors
    ///
    /// As the program answers: [`Stop::Ungraded`] for what the machine lacks, [`Stop::Error`] for what failed.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, Stop> {
        self.0.ask(ask).await
    }

    /// Asks for something to be done.
    ///
    /// # Errors
    ///
    /// As [`Door::ask`].
    pub async fn done(&self, ask: Ask) -> Result<(), Stop> {
        match self.ask(ask).await? {
            Answer::Done => Ok(()),
            other => Err(unexpected(&other).into()),
        }
    }

    /// Asks for something to be done and does not wait: for the end of what is dropped.
    pub fn tell(&self, ask: Ask) {
        self.0.tell(ask);
    }
}

/// An answer of the wrong kind, which only a program of another version gives.
pub fn unexpected(answer: &Answer) -> LabError {
    LabError::new("the program with the backing services", format!("gave an answer of another kind: {answer:?}"))
}

fn refused(refusal: Refusal) -> Stop {
    match refusal {
        Refusal::Missing { what, what_ko, fix } => Missing { what: text(what, what_ko), fix: verbatim(fix) }.into(),
        Refusal::Failed { why } => LabError::new("a backing service", why).into(),
    }
}
