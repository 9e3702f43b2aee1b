//! Compose projects: what a compose file describes, started by the program that its authors use, and removed by label.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backing_protocol::{Answer, Published, Refusal};
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, RemoveVolumeOptions,
};
use tokio::process::Command;
use tokio::time::timeout;

use super::{Engine, labels, said};
use crate::engine::VARIABLE;
use crate::house::House;
use crate::install::Package;
use crate::local;
use crate::refusals::{failed, failing};
use crate::session::processes::Identity;
use crate::session::record::Trace;

/// What compose itself writes on everything it makes.
const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
/// How long it may take; the images are here by then.
const LONGEST: Duration = Duration::from_secs(300);
/// How many lines a report shows.
const LAST: usize = 20;

/// Numbers the projects of this session.
static PROJECTS: AtomicU32 = AtomicU32::new(0);

impl Engine {
    /// Starts what `file` describes, in a project that nobody else has, and returns once compose says that it runs.
    pub async fn compose_up(
        &self,
        house: &House,
        folder: PathBuf,
        file: &str,
        images: &[String],
    ) -> Result<Answer, Refusal> {
        let mut command = program().await?;
        for image in images {
            self.provide(house, image, true).await?;
        }
        let number = PROJECTS.fetch_add(1, Ordering::Relaxed);
        let project = format!("workshop-{}-{number}", &house.session.id[..12]);
        house.news(format!("docker compose up ({project})"));
        house.session.note(&Trace::Compose { address: self.address.clone(), project: project.clone() })?;
        command.args(["--project-name", &project, "--file", file, "up", "--detach"]).current_dir(&folder);
        let output = self.run_compose(house, command).await?;
        if !output.status.success() {
            return Ok(Answer::NotComposed { project, lines: last_lines(&output) });
        }
        let ports = self.published(&project).await;
        let ports = ports.map_err(|error| failed("cannot list what compose has started", said(&error)))?;
        Ok(Answer::Composed { project, ports })
    }

    /// Removes everything of a project.
    pub async fn compose_down(&self, project: &str) -> Result<(), Refusal> {
        let removed = remove(&self.docker, project).await;
        removed.map_err(|error| failed(format!("cannot remove the project {project}"), said(&error)))
    }

    async fn run_compose(&self, house: &House, mut command: Command) -> Result<Output, Refusal> {
        let child = command
            .env(VARIABLE, &self.address)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failing("cannot start compose"))?;
        if let Some(id) = child.id() {
            house.session.note(&Trace::Process(Identity::of(id)))?;
        }
        let ended = timeout(LONGEST, child.wait_with_output()).await;
        let ended = ended.map_err(|_| failed("compose", format!("did not end within {} s", LONGEST.as_secs())))?;
        ended.map_err(failing("cannot run compose"))
    }

    async fn published(&self, project: &str) -> Result<Vec<Published>, Error> {
        let filters = labelled(project);
        let list = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let mut published = Vec::new();
        for container in self.docker.list_containers(Some(list)).await? {
            let service = container.labels.unwrap_or_default().remove(SERVICE).unwrap_or_default();
            for port in container.ports.unwrap_or_default() {
                let Some(outside) = port.public_port else { continue };
                published.push(Published { service: service.clone(), inside: port.private_port, outside });
            }
        }
        Ok(published)
    }
}

/// Removes containers, networks and volumes of a project.
pub async fn remove(docker: &Docker, project: &str) -> Result<(), Error> {
    let filters = labelled(project);
    let list = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    for id in docker.list_containers(Some(list)).await?.into_iter().filter_map(|container| container.id) {
        labels::remove_container(docker, &id).await?;
    }
    let list = ListNetworksOptionsBuilder::new().filters(&filters).build();
    for id in docker.list_networks(Some(list)).await?.into_iter().filter_map(|network| network.id) {
        labels::unless_gone(docker.remove_network(&id).await)?;
    }
    let list = ListVolumesOptionsBuilder::new().filters(&filters).build();
    for volume in docker.list_volumes(Some(list)).await?.volumes.unwrap_or_default() {
        labels::unless_gone(docker.remove_volume(&volume.name, None::<RemoveVolumeOptions>).await)?;
    }
    Ok(())
}

fn labelled(project: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{PROJECT}={project}")])])
}

/// `docker compose`, or the older program of its own.
async fn program() -> Result<Command, Refusal> {
    if let Some(docker) = local::find("docker", &[])
        && has_plugin(&docker).await
    {
        let mut command = Command::new(docker);
        command.arg("compose");
        return Ok(command);
    }
    local::find("docker-compose", &[]).map(Command::new).ok_or_else(missing)
}

async fn has_plugin(docker: &Path) -> bool {
    let version = Command::new(docker).args(["compose", "version"]).stdin(Stdio::null()).output().await;
    version.is_ok_and(|output| output.status.success())
}

fn last_lines(output: &Output) -> Vec<String> {
    let words = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    let lines: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LAST)..].iter().map(|line| (*line).to_owned()).collect()
}

const PACKAGE: Package =
    Package { apt: "docker-compose", dnf: "docker-compose", pacman: "docker-compose", brew: "docker-compose" };

fn missing() -> Refusal {
    Refusal::Missing {
        what: "docker compose: neither the plug-in nor the program was found".to_owned(),
        what_ko: "docker compose를 찾지 못했습니다. 플러그인도, 프로그램도 없습니다".to_owned(),
        fix: PACKAGE.command(),
    }
}
