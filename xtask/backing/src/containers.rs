//! The container engine: asked by testcontainers to start containers, and by its client for everything else.

use std::time::Duration;

use backing_protocol::{Refusal, Server};
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use tokio::time::timeout;

use crate::engine::Found;
use crate::install::Package;
use crate::refusals::{failed, words};

mod archive;
mod build;
pub mod compose;
mod dockerfile;
mod ignore;
pub mod images;
pub mod labels;
mod run;
pub mod server;

/// How long the engine may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// An engine that answers.
pub struct Engine {
    /// The client.
    pub docker: Docker,
    /// Its address.
    pub address: String,
    /// Its name and version: `Docker 28.2.2 (API 1.50)`.
    pub version: String,
}

/// Connects to the engine that was found when this program started.
pub async fn connect(found: &Found) -> Result<Engine, Refusal> {
    match found {
        Found::At(address) => reach(address).await,
        Found::Denied(socket) => Err(denied(&socket.display().to_string())),
        Found::Nothing => Err(missing()),
    }
}

/// Connects to the engine at an address and asks who it is.
pub async fn reach(address: &str) -> Result<Engine, Refusal> {
    let docker = client(address).map_err(|refusal| silent(address, words(&refusal)))?;
    let answer = timeout(PATIENCE, docker.version()).await;
    let version = match answer {
        Ok(Ok(version)) => version,
        Ok(Err(error)) => return Err(silent(address, &error.to_string())),
        Err(_) => return Err(silent(address, &format!("no answer within {} s", PATIENCE.as_secs()))),
    };
    let platform = version.components.unwrap_or_default().first().map(|component| component.name.clone());
    // The engine of Docker calls itself `Engine`.
    let name = platform.filter(|name| name != "Engine").unwrap_or_else(|| "Docker".to_owned());
    let number = version.version.unwrap_or_default();
    let api = version.api_version.unwrap_or_default();
    Ok(Engine { docker, address: address.to_owned(), version: format!("{name} {number} (API {api})") })
}

/// A client of the engine at an address, which need not answer.
pub fn client(address: &str) -> Result<Docker, Refusal> {
    // A context of rootless Docker or Podman names a socket like everybody else; https and ssh would need a TLS library and a program.
    Docker::connect_with_host(address).map_err(|error| failed("no way to talk to it", error))
}

impl Engine {
    /// What the grader is told.
    pub fn server(&self) -> Server {
        Server {
            way: "docker".to_owned(),
            version: self.version.clone(),
            host: self.host(),
            port: 0,
            password: String::new(),
        }
    }

    /// Where the published ports of its containers are.
    pub fn host(&self) -> String {
        let remote = self.address.split_once("://").filter(|(kind, _)| *kind != "unix");
        let host = remote.and_then(|(_, place)| place.split([':', '/']).next()).filter(|host| !host.is_empty());
        host.unwrap_or("127.0.0.1").to_owned()
    }

    /// Whether it answers.
    pub async fn answers(&self) -> bool {
        matches!(timeout(PATIENCE, self.docker.ping()).await, Ok(Ok(_)))
    }
}

/// What an engine's error says.
pub fn said(error: &Error) -> String {
    match error {
        Error::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        Error::DockerStreamError { error } => error.trim().to_owned(),
        other => other.to_string(),
    }
}

fn silent(address: &str, why: &str) -> Refusal {
    let (linux, mac) = ("sudo systemctl start docker", "open -a Docker");
    Refusal::Missing {
        what: format!("a container engine: the one at {address} does not answer: {why}"),
        what_ko: format!("{address} 주소의 컨테이너 엔진이 응답하지 않습니다: {why}"),
        fix: if cfg!(target_os = "macos") { mac } else { linux }.to_owned(),
    }
}

const PACKAGE: Package = Package { apt: "docker.io", dnf: "moby-engine", pacman: "docker", brew: "--cask docker" };

fn missing() -> Refusal {
    Refusal::Missing {
        what: "a container engine: none was found".to_owned(),
        what_ko: "컨테이너 엔진을 찾지 못했습니다".to_owned(),
        fix: PACKAGE.command(),
    }
}

fn denied(socket: &str) -> Refusal {
    Refusal::Missing {
        what: format!("a container engine: this user may not use {socket}"),
        what_ko: format!("컨테이너 엔진을 쓸 수 없습니다. 지금 사용자에게는 {socket} 소켓을 쓸 권한이 없습니다"),
        fix: "sudo usermod -aG docker \"$USER\"".to_owned(),
    }
}
