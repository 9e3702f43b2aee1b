//! Images: whether they are here, how they get here, and how they are built.

use std::time::Duration;

use backing_protocol::Refusal;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::query_parameters::CreateImageOptionsBuilder;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_stream::StreamExt;

use super::{Engine, said};
use crate::house::House;
use crate::refusals::failed;

/// How long a download may take as a whole.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How long it may show no progress; some networks swallow requests without an answer.
const SILENCE: Duration = Duration::from_secs(30);

impl Engine {
    /// Returns once the image is on this machine. It is downloaded only if `may_pull`, and for this machine's own architecture:
    /// an emulated image would be something else than what was asked for.
    pub async fn provide(&self, house: &House, image: &str, may_pull: bool) -> Result<(), Refusal> {
        match self.docker.inspect_image(image).await {
            Ok(_) => return Ok(()),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => {}
            Err(error) => return Err(failed(format!("cannot look for the image {image}"), said(&error))),
        }
        if !may_pull {
            return Err(absent(image, "it was not downloaded yet", "아직 내려받지 않았습니다"));
        }
        house.news(format!("downloading the image {image}"));
        self.pull(image).await.map_err(|why| absent(image, &why, &why))
    }

    /// The user that an image runs as; empty where its Dockerfile names none.
    pub async fn user_of(&self, image: &str) -> Result<String, Refusal> {
        let found = self.docker.inspect_image(image).await;
        let found = found.map_err(|error| failed(format!("cannot look at the image {image}"), said(&error)))?;
        Ok(found.config.and_then(|config| config.user).unwrap_or_default())
    }

    async fn pull(&self, image: &str) -> Result<(), String> {
        let deadline = Instant::now() + LONGEST;
        let options = CreateImageOptionsBuilder::new().from_image(image).build();
        let mut progress = self.docker.create_image(Some(options), None, None);
        loop {
            let next = timeout_at(deadline, timeout(SILENCE, progress.next())).await;
            match next.map_err(|_| format!("the download took longer than {} s", LONGEST.as_secs()))? {
                Ok(None) => return Ok(()),
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => return Err(said(&error)),
                Err(_) => return Err(format!("the download stood still for {} s", SILENCE.as_secs())),
            }
        }
    }
}

/// An image that is not on this machine.
pub fn absent(image: &str, why: &str, why_ko: &str) -> Refusal {
    Refusal::Missing {
        what: format!("the image {image}: {why}"),
        what_ko: format!("이미지 {image}: {why_ko}"),
        fix: format!("docker pull {image}"),
    }
}
