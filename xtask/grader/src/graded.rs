//! A deploy of the app that is graded, whichever app of the contract that is. Some factors ask nothing that only one of them
//! could answer: a repository, its builds and its pipeline are judged of either, each by its own contract.

use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::scene::patience;
use crate::links::{self, System};
use crate::screen;

/// One deploy, all of it random, with all that its processes need.
#[derive(Debug)]
pub enum Deploy {
    /// Of `links`: its partner, and a database of its own for each backing service.
    Links(Box<System>),
    /// Of `screen`, which needs nothing.
    Screen(screen::Deploy),
}

impl Deploy {
    /// A deploy with the schema in its database.
    ///
    /// # Errors
    ///
    /// Those of [`System::attach`].
    pub async fn attach(lab: &Lab) -> CheckResult<Self> {
        match is_screen(lab) {
            true => Ok(Self::Screen(screen::Deploy::random(lab))),
            false => {
                let mut system = System::attach(lab).await?;
                system.further.extend(patience(lab));
                Ok(Self::Links(Box::new(system)))
            }
        }
    }

    /// The environment variables; `PORT` comes from the lab.
    pub fn environment(&self) -> Vec<(String, String)> {
        match self {
            Self::Links(system) => system.environment(),
            Self::Screen(deploy) => deploy.environment(),
        }
    }

    /// What `/version` shows.
    pub fn release_id(&self) -> &str {
        match self {
            Self::Links(system) => &system.deploy.release_id,
            Self::Screen(deploy) => &deploy.release_id,
        }
    }

    /// Starts a service under friendly conditions and asks what its contract promises. It goes on running.
    ///
    /// # Errors
    ///
    /// A failure with one of the reasons for BLOCKED.
    pub async fn answers_the_basics(&self, lab: &Lab, start: Start) -> CheckResult<Service> {
        match self {
            Self::Links(system) => links::answers_the_basics(lab, system, start).await,
            Self::Screen(deploy) => screen::answers_the_basics(lab, deploy, start).await,
        }
    }
}

/// Friendly conditions: everything is given. Whoever fails here is BLOCKED.
pub async fn smoke(lab: Lab) -> CheckResult {
    match is_screen(&lab) {
        true => screen::smoke(lab).await,
        false => links::smoke(lab).await,
    }
}

fn is_screen(lab: &Lab) -> bool {
    lab.bench.subject.app_name() == "screen"
}
