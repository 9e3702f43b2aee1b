//! What this machine offers, for `cargo xtask doctor`: nothing is started and nothing is downloaded.

use std::process::ExitCode;
use std::time::Duration;

use backing_protocol::{Refusal, Server, Survey};
use tokio::time::timeout;

use crate::containers::{self, Engine, images::absent};
use crate::engine::Found;
use crate::place::Place;
use crate::refusals::{failed, failing};
use crate::{postgres, redis, settings};

/// How long one look may take: somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Prints one line.
pub async fn run(place: Place, engine: Found) -> ExitCode {
    let settings = settings::read(&place.root);
    let engine = containers::connect(&engine).await;
    let survey = match settings {
        Ok(settings) => Survey {
            postgres: quick(postgres::look(engine.as_ref(), &settings.images)).await,
            redis: quick(redis::look(engine.as_ref(), &settings.images)).await,
            containers: engine.map(|engine| engine.server()),
        },
        Err(refusal) => {
            Survey { postgres: Err(refusal.clone()), redis: Err(refusal.clone()), containers: Err(refusal) }
        }
    };
    let line = serde_json::to_string(&survey).map_err(failing("the survey"));
    match line.and_then(|line| crate::say(&line).map_err(failing("standard output"))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn quick(look: impl Future<Output = Result<Server, Refusal>>) -> Result<Server, Refusal> {
    timeout(PATIENCE, look)
        .await
        .unwrap_or_else(|_| Err(failed("no answer", format!("within {} s", PATIENCE.as_secs()))))
}

/// A server that would be started: nothing listens yet.
pub fn would_be(way: &str, version: String) -> Server {
    Server { way: way.to_owned(), version, host: String::new(), port: 0, password: String::new() }
}

/// A server that would be started in a container of an image that is here.
pub async fn in_container(engine: Result<&Engine, &Refusal>, image: &str) -> Result<Server, Refusal> {
    match engine.map_err(Refusal::clone)?.docker.inspect_image(image).await {
        Ok(_) => Ok(would_be("docker", image.to_owned())),
        Err(_) => Err(absent(image, "it was not downloaded yet", "아직 내려받지 않았습니다")),
    }
}
