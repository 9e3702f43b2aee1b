//! A server in a container, with one port on this machine's loopback interface.

use std::collections::HashMap;

use backing_protocol::Refusal;
use testcontainers::bollard::models::PortBinding;
use testcontainers::bollard::query_parameters::LogsOptionsBuilder;
use testcontainers::core::{ContainerPort, Mount};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerRequest, GenericImage, ImageExt};
use tokio_stream::StreamExt;

use super::{Engine, labels};
use crate::house::House;
use crate::refusals::failing;
use crate::session::record::Trace;

/// What to start.
pub struct Wanted<'a> {
    /// The image's name.
    pub image: &'a str,
    /// Whether the image may be downloaded.
    pub may_pull: bool,
    /// The port in the container.
    pub port: u16,
    /// Variables.
    pub environment: Vec<(String, String)>,
    /// The command.
    pub command: Vec<String>,
    /// A folder of the container that is kept in memory.
    pub in_memory: Option<&'a str>,
}

/// A container that was started.
pub struct Started {
    /// The engine's id of it.
    pub id: String,
    /// Where its port is on this machine.
    pub address: (String, u16),
}

impl Engine {
    /// Starts a container; the server in it may not answer yet.
    pub async fn start_server(&self, house: &House, wanted: Wanted<'_>) -> Result<Started, Refusal> {
        self.provide(house, wanted.image, wanted.may_pull).await?;
        house.news(format!("starting {} in {}", wanted.image, self.version));
        house.session.note(&Trace::Engine { address: self.address.clone() })?;
        let container = request(&house.session.id, &wanted).start().await;
        let container = container.map_err(failing(format!("cannot start {}", wanted.image)))?;
        let port = container.get_host_port_ipv4(ContainerPort::Tcp(wanted.port)).await;
        let port = port.map_err(failing(format!("{} has no port", wanted.image)))?;
        Ok(Started { id: container.id().to_owned(), address: (self.host(), port) })
    }

    /// The last words of a container that has ended; `None` while it runs.
    pub async fn last_words(&self, container: &str) -> Option<String> {
        let state = self.docker.inspect_container(container, None).await.ok()?.state?;
        if state.running != Some(false) {
            return None;
        }
        Some(self.tail(container).await)
    }

    /// The last lines of what a container wrote.
    pub async fn tail(&self, container: &str) -> String {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("5").build();
        let mut logs = self.docker.logs(container, Some(options));
        let mut lines = Vec::new();
        while let Some(Ok(line)) = logs.next().await {
            lines.push(line.to_string().trim_end().to_owned());
        }
        lines.join(" | ")
    }
}

fn request(session: &str, wanted: &Wanted<'_>) -> ContainerRequest<GenericImage> {
    let port = wanted.port;
    let mut request = image(wanted.image)
        .with_exposed_port(ContainerPort::Tcp(port))
        .with_cmd(wanted.command.iter().cloned())
        .with_labels(labels::of(session))
        .with_host_config_modifier(move |config| {
            // On the loopback interface alone: a room full of people shares the network.
            let binding = PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port: Some(String::new()) };
            config.publish_all_ports = Some(false);
            config.port_bindings = Some(HashMap::from([(format!("{port}/tcp"), Some(vec![binding]))]));
        });
    for (name, value) in &wanted.environment {
        request = request.with_env_var(name, value);
    }
    match wanted.in_memory {
        Some(folder) => request.with_mount(Mount::tmpfs_mount(folder)),
        None => request,
    }
}

/// Takes a name apart at its tag (or digest), as testcontainers wants it.
pub fn image(name: &str) -> GenericImage {
    let tag = name.rfind(':').filter(|colon| name.rfind('/').is_none_or(|slash| slash < *colon));
    let (name, tag) = tag.map_or((name, "latest"), |colon| (&name[..colon], &name[colon + 1..]));
    GenericImage::new(name, tag)
}

#[cfg(test)]
mod tests {
    use testcontainers::Image;

    use super::*;

    #[test]
    fn a_port_in_a_name_is_no_tag() {
        let parts = |name| {
            let image = image(name);
            (image.name().to_owned(), image.tag().to_owned())
        };
        let owned = |name: &str, tag: &str| (name.to_owned(), tag.to_owned());
        assert_eq!(parts("registry:5000/redis"), owned("registry:5000/redis", "latest"));
        assert_eq!(parts("registry:5000/redis:7"), owned("registry:5000/redis", "7"));
        assert_eq!(parts("redis@sha256:abc"), owned("redis@sha256", "abc"));
    }
}
