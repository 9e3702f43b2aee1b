//! Building an image, with BuildKit, as `docker build` does.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use backing_protocol::{Answer, Refusal};
use testcontainers::bollard::body_stream;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::{BuildInfo, BuildInfoAux};
use testcontainers::bollard::query_parameters::{BuildImageOptions, BuildImageOptionsBuilder, BuilderVersion};
use tokio_stream::StreamExt;

use super::{Engine, archive, dockerfile, labels, said};
use crate::house::House;
use crate::refusals::{failed, failing};
use crate::session::random_word;
use crate::session::record::Trace;

/// How many of the builder's lines a report shows.
const LAST: usize = 40;

impl Engine {
    /// Builds an image with the labels of the session, by which it is removed at the end.
    pub async fn build(&self, house: &House, context: PathBuf, recipe: String, tag: &str) -> Result<Answer, Refusal> {
        self.provide_bases(house, &context.join(&recipe)).await?;
        house.news(format!("building the image {tag}"));
        house.session.note(&Trace::Engine { address: self.address.clone() })?;
        let options = options(house, &recipe, tag)?;
        let archive = archive::of(context, recipe);
        let mut progress = self.docker.build_image(options, None, Some(body_stream(archive)));
        let mut lines = VecDeque::new();
        while let Some(step) = progress.next().await {
            match step {
                Ok(step) => remember(&mut lines, words(step)),
                Err(error) if blames_the_recipe(&error) => {
                    let reason = said(&error);
                    // A step that failed has mostly said so already.
                    let is_new = lines.back().is_none_or(|line| *line != reason);
                    remember(&mut lines, is_new.then_some(reason).into_iter().collect());
                    return Ok(Answer::NotBuilt { lines: lines.into() });
                }
                Err(error) => return Err(failed(format!("cannot build {tag}"), said(&error))),
            }
        }
        Ok(Answer::Done)
    }

    /// Images that are built upon are the machine's to have; if they are missing, the Dockerfile is not to blame.
    async fn provide_bases(&self, house: &House, recipe: &Path) -> Result<(), Refusal> {
        // Without a Dockerfile the builder says so.
        let text = fs::read_to_string(recipe).unwrap_or_default();
        for base in dockerfile::bases(&text) {
            self.provide(house, &base, true).await?;
        }
        Ok(())
    }
}

fn options(house: &House, recipe: &str, tag: &str) -> Result<BuildImageOptions, Refusal> {
    let talk = random_word().map_err(failing("cannot draw a random number"))?;
    let labels = labels::of(&house.session.id);
    let options = BuildImageOptionsBuilder::new().dockerfile(recipe).t(tag).rm(true).labels(&labels);
    Ok(options.version(BuilderVersion::BuilderBuildKit).session(&talk).build())
}

/// A step that fails, or a Dockerfile that cannot be read, is told apart from an engine that breaks.
fn blames_the_recipe(error: &Error) -> bool {
    matches!(error, Error::DockerStreamError { .. } | Error::DockerResponseServerError { status_code: 400..=499, .. })
}

fn remember(lines: &mut VecDeque<String>, new: Vec<String>) {
    lines.extend(new.iter().flat_map(|text| text.lines()).map(str::to_owned));
    let surplus = lines.len().saturating_sub(LAST);
    lines.drain(..surplus);
}

/// What one step of a build says: what commands wrote, and why a step failed.
fn words(step: BuildInfo) -> Vec<String> {
    let Some(BuildInfoAux::BuildKit(status)) = step.aux else { return step.stream.into_iter().collect() };
    let written = status.logs.into_iter().map(|log| String::from_utf8_lossy(&log.msg).into_owned());
    let complaints = status.vertexes.into_iter().map(|step| step.error).filter(|error| !error.is_empty());
    written.chain(complaints).collect()
}
