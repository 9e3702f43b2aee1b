//! The labels of everything that a session starts in an engine, and the removal of what bears them.

use std::collections::HashMap;
use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::session::processes::Identity;

/// Says that something belongs to the workshop.
pub const OURS: &str = "workshop";

/// Says to which session it belongs.
pub const SESSION: &str = "workshop.session";

/// How long an engine may take for a question; a frozen one must not hold up the removal of everything else.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request that was under way when its sender died may be carried out a moment later; so there is a second and a third look.
const ROUNDS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(300), Duration::from_millis(300)];

/// The labels of a session.
pub fn of(session: &str) -> HashMap<String, String> {
    let own = Identity::own();
    [(OURS, "1"), (SESSION, session), ("workshop.pid", &own.pid.to_string()), ("workshop.started", &own.born)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Removes the session's containers and images. `false` when some may be left. `suddenly` when the session's program was killed.
pub async fn remove(docker: &Docker, session: &str, suddenly: bool) -> bool {
    let rounds = if suddenly { &ROUNDS[..] } else { &ROUNDS[..1] };
    let mut removed = false;
    for pause in rounds {
        sleep(*pause).await;
        removed = matches!(timeout(PATIENCE, remove_once(docker, session)).await, Ok(Ok(())));
    }
    removed
}

async fn remove_once(docker: &Docker, session: &str) -> Result<(), Error> {
    let label = format!("{SESSION}={session}");
    let filters = HashMap::from([("label", vec![label.as_str()])]);
    let list = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let mut tasks = JoinSet::new();
    for id in docker.list_containers(Some(list)).await?.into_iter().filter_map(|container| container.id) {
        let docker = docker.clone();
        tasks.spawn(async move { remove_container(&docker, &id).await });
    }
    while let Some(removed) = tasks.join_next().await {
        removed.map_or(Ok(()), |removed| removed)?;
    }
    let list = ListImagesOptionsBuilder::new().filters(&filters).build();
    for image in docker.list_images(Some(list)).await? {
        let force = RemoveImageOptionsBuilder::new().force(true).build();
        unless_gone(docker.remove_image(&image.id, Some(force), None).await.map(drop))?;
    }
    Ok(())
}

/// Removes a container, running or not, with its anonymous volumes.
pub async fn remove_container(docker: &Docker, id: &str) -> Result<(), Error> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    unless_gone(docker.remove_container(id, Some(options)).await)
}

/// 404: it is gone; 409: somebody else is removing it right now.
pub fn unless_gone(removed: Result<(), Error>) -> Result<(), Error> {
    match removed {
        Err(Error::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        other => other,
    }
}
