//! Containers that the grader asks for: releases that run in one.

use std::time::Duration;

use backing_protocol::{Answer, ContainerSpec, Refusal};
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::HostConfig;
use testcontainers::bollard::query_parameters::{
    KillContainerOptionsBuilder, LogsOptionsBuilder, StopContainerOptionsBuilder,
};
use testcontainers::core::error::{ClientError, TestcontainersError};
use testcontainers::core::{AccessMode, Mount};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerRequest, GenericImage, ImageExt};
use tokio_stream::StreamExt;

use super::{Engine, labels, said, server};
use crate::house::House;
use crate::refusals::failed;
use crate::session::record::Trace;

/// A service that floods its output must not fill the grader's memory.
const MOST_LOGS: usize = 16 << 20;

impl Engine {
    /// Starts a container. That its program cannot be executed is the image's fault and no trouble of the engine.
    pub async fn run(&self, house: &House, spec: ContainerSpec) -> Result<Answer, Refusal> {
        let image = if spec.image.is_empty() { house.settings.images.base.clone() } else { spec.image.clone() };
        self.provide(house, &image, true).await?;
        house.session.note(&Trace::Engine { address: self.address.clone() })?;
        let container = request(&house.session.id, &image, spec).start().await;
        match container {
            Ok(container) => Ok(Answer::Container { id: container.id().to_owned() }),
            Err(TestcontainersError::Client(ClientError::StartContainer(error))) if is_of_the_image(&error) => {
                Ok(Answer::NotStarted { why: said(&error) })
            }
            Err(error) => Err(failed(format!("cannot start a container of {image}"), error)),
        }
    }

    /// Sends a signal to the first process of a container.
    pub async fn signal(&self, container: &str, signal: i32) -> Result<(), Refusal> {
        let options = KillContainerOptionsBuilder::new().signal(&signal.to_string()).build();
        let sent = self.docker.kill_container(container, Some(options)).await;
        sent.map_err(|error| failed("cannot signal the container", said(&error)))
    }

    /// SIGTERM, SIGKILL after a while, and the exit code.
    pub async fn stop(&self, container: &str, grace_seconds: u32) -> Result<i64, Refusal> {
        let options = StopContainerOptionsBuilder::new().t(grace_seconds.cast_signed()).build();
        // The engine answers when the container has ended. The client's own patience with an answer begins after the grace,
        // which is long on a slow machine.
        let answers_by = self.docker.timeout() + Duration::from_secs(grace_seconds.into());
        match self.docker.clone().with_timeout(answers_by).stop_container(container, Some(options)).await {
            // 304: it has ended before.
            Ok(()) | Err(Error::DockerResponseServerError { status_code: 304, .. }) => self.ended(container).await,
            Err(error) => Err(failed("cannot stop the container", said(&error))),
        }
    }

    /// Waits for the end of a container and returns its exit code.
    pub async fn ended(&self, container: &str) -> Result<i64, Refusal> {
        match self.docker.wait_container(container, None).next().await {
            Some(Ok(answer)) => Ok(answer.status_code),
            Some(Err(Error::DockerContainerWaitError { code, .. })) => Ok(code),
            Some(Err(error)) => Err(failed("cannot wait for the container", said(&error))),
            None => Err(failed("cannot wait for the container", "the engine ended the answer")),
        }
    }

    /// What a container wrote so far.
    pub async fn logs(&self, container: &str) -> Result<String, Refusal> {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
        let mut pieces = self.docker.logs(container, Some(options));
        let mut text = String::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| failed("cannot read what the container wrote", said(&error)))?;
            text.push_str(&piece.to_string());
            if text.len() > MOST_LOGS {
                break;
            }
        }
        Ok(text)
    }

    /// Removes a container.
    pub async fn remove(&self, container: &str) -> Result<(), Refusal> {
        let removed = labels::remove_container(&self.docker, container).await;
        removed.map_err(|error| failed("cannot remove the container", said(&error)))
    }
}

/// Engines pass on what their OCI runtime says of the program: `exec …: permission denied`, `no such file or directory`.
fn is_of_the_image(error: &Error) -> bool {
    let of_the_program = ["exec", "executable file", "start container process"];
    matches!(error, Error::DockerResponseServerError { message, .. }
        if message.contains("OCI ") && of_the_program.iter().any(|words| message.contains(words)))
}

fn request(session: &str, image: &str, spec: ContainerSpec) -> ContainerRequest<GenericImage> {
    let mut request = server::image(image)
        .with_labels(labels::of(session))
        .with_readonly_rootfs(spec.read_only)
        .with_cmd(spec.command)
        .with_host_config_modifier(move |config| {
            // The host's network, so that the grader's loopback ports are the container's own.
            config.network_mode = Some("host".to_owned());
            config.publish_all_ports = Some(false);
            if spec.unprivileged {
                config.cap_drop = Some(vec!["ALL".to_owned()]);
                config.security_opt = Some(vec!["no-new-privileges".to_owned()]);
            }
            if spec.like_the_host {
                like_the_host(config);
            }
        });
    for (name, value) in spec.environment {
        request = request.with_env_var(name, value);
    }
    for mount in spec.mounts {
        let path = mount.path.display().to_string();
        let mode = if mount.writable { AccessMode::ReadWrite } else { AccessMode::ReadOnly };
        request = request.with_mount(Mount::bind_mount(path.clone(), path).with_access_mode(mode));
    }
    if !spec.directory.is_empty() {
        request = request.with_working_dir(spec.directory);
    }
    if spec.user.is_empty() { request } else { request.with_user(spec.user) }
}

/// Takes back what engines forbid beyond the rights of a user. (`privileged` would do more: it wants rights that not even every root has.)
fn like_the_host(config: &mut HostConfig) {
    config.pid_mode = Some("host".to_owned());
    config.security_opt =
        Some(["seccomp=unconfined", "apparmor=unconfined", "label=disable"].map(str::to_owned).to_vec());
    config.masked_paths = Some(Vec::new());
    config.readonly_paths = Some(Vec::new());
}
