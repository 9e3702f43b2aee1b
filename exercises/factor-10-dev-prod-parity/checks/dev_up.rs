//! The first day of a new colleague: a clone, one command for the backing services, the developers' settings, and a link.

use std::path::PathBuf;

use backing_protocol::{Answer, Ask, Engine, Published};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::dev_env::{dev, variables};
use super::scene::{Guise, MIGRATE, becomes_ready, slug_of, submit};
use crate::backing::{Door, unexpected};
use crate::check::{CheckResult, Failure, LabError, LogLine, Stop};
use crate::git::git;
use crate::lab::Lab;
use crate::lab::service::Startup;
use crate::lab::yaml::Scalar;
use crate::links::account::shown;
use crate::links::{describe, fresh_target};
use crate::text::{Text, text};

/// A project of compose. Dropping it removes all of it.
struct Project {
    name: String,
    ports: Vec<Published>,
    door: Door,
}

/// A port that the compose file gives to this machine, and the one that it has during the check.
struct Moved {
    written: u16,
    service: String,
    inside: u16,
}

/// Nothing is asked, nothing is made by hand; only the ports of the compose file are others, since several people may
/// do this on one machine.
pub async fn dev_up_in_one_step(lab: Lab) -> CheckResult {
    let settings = variables(&lab, "settings-do-not-fit")?;
    let compose = dev(&lab)?.services.clone();
    let (_, door) = lab.bench.backing.up(Engine::Containers, lab.bench.site(), |_, _| ()).await?;
    let clone = cloned(&lab)?;
    let (moved, images) = moved_ports(&lab, &clone, &compose.display().to_string()).await?;
    let project = up(door, clone, compose.display().to_string(), images).await?;
    let told = told(&lab, &settings, &moved, &project.ports).await?;
    runs(&lab, &told).await
}

/// What somebody gets who clones the repository.
fn cloned(lab: &Lab) -> CheckResult<PathBuf> {
    let folder = lab.scratch()?.join("clone");
    let tree = &lab.bench.tree.folder;
    let repository = tree.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(tree);
    let flags = ["clone", "--quiet", "--no-local", "--"].map(AsRef::as_ref);
    git(&lab.bench.scratch, &[&flags[..], &[repository.as_os_str(), folder.as_os_str()]].concat())?;
    Ok(folder.join(tree.strip_prefix(repository).unwrap_or(tree)))
}

/// Writes the compose file of the clone anew, with ports of this machine that the engine chooses.
async fn moved_ports(lab: &Lab, clone: &std::path::Path, compose: &str) -> CheckResult<(Vec<Moved>, Vec<String>)> {
    let files = lab.yaml_files().await?;
    let file = files.iter().find(|file| file.path == compose);
    let scalars = match file.map(|file| &file.read) {
        Some(Ok(scalars)) => scalars.clone(),
        Some(Err(trouble)) => return Err(not_up(vec![format!("line {}: {}", trouble.line, trouble.why)])),
        None => return Err(not_up(vec![format!("there is no {compose}")])),
    };
    let path = clone.join(compose);
    let failed = |error| LabError::new(format!("cannot change the ports in {compose}"), error);
    let mut source: Vec<char> = std::fs::read_to_string(&path).map_err(failed)?.chars().collect();
    let mut moved = Vec::new();
    // From the end, so that what comes before keeps its place.
    for scalar in scalars.iter().rev() {
        let Some((port, replacement)) = published(scalar) else { continue };
        source.splice(scalar.start..scalar.end, format!("{replacement:?}").chars());
        moved.push(port);
    }
    std::fs::write(&path, source.into_iter().collect::<String>()).map_err(failed)?;
    let is_image =
        |scalar: &&Scalar| matches!(scalar.path.as_slice(), [first, _, last] if first == "services" && last == "image");
    let images = scalars.iter().filter(is_image).map(|scalar| scalar.text.clone());
    Ok((moved, images.filter(|image| !image.contains('$')).collect()))
}

/// A port in the short form, `[address:]outside:inside[/tcp]`, and what stands there during the check.
fn published(scalar: &Scalar) -> Option<(Moved, String)> {
    let [first, service, ports, _] = scalar.path.as_slice() else { return None };
    if first != "services" || ports != "ports" {
        return None;
    }
    let (outside, inside) = scalar.text.rsplit_once(':')?;
    let number = inside.split('/').next()?.parse().ok()?;
    let written = default_of(outside).rsplit(':').next()?.parse().ok()?;
    Some((Moved { written, service: service.clone(), inside: number }, format!("127.0.0.1::{inside}")))
}

/// `5432` of `${PORT:-5432}`.
fn default_of(text: &str) -> String {
    match text.rsplit_once("${") {
        Some((before, variable)) => {
            let default = variable.trim_end_matches('}').split_once('-').map_or("", |(_, default)| default);
            format!("{before}{default}")
        }
        None => text.to_owned(),
    }
}

async fn up(door: Door, folder: PathBuf, file: String, images: Vec<String>) -> CheckResult<Project> {
    match door.ask(Ask::ComposeUp { folder, file, images }).await? {
        Answer::Composed { project: name, ports } => Ok(Project { name, ports, door }),
        Answer::NotComposed { project: name, lines } => {
            drop(Project { name, ports: Vec::new(), door });
            Err(not_up(lines))
        }
        other => Err(unexpected(&other).into()),
    }
}

/// The developers' settings as they are, but for the ports of compose and for what the grader plays itself.
async fn told(
    lab: &Lab,
    settings: &[(String, String)],
    moved: &[Moved],
    ports: &[Published],
) -> CheckResult<Vec<(String, String)>> {
    let mut told = Vec::new();
    for (name, value) in settings.iter().filter(|(name, _)| name != "PORT") {
        let kind = if name == "DATABASE_URL" || name == "REDIS_URL" { value.split("://").next() } else { None };
        let value = match kind {
            None => value.clone(),
            Some(kind) => {
                let number = port_of(value, kind);
                let here = moved.iter().find(|moved| moved.written == number).and_then(|moved| {
                    ports.iter().find(|port| port.service == moved.service && port.inside == moved.inside)
                });
                let Some(here) = here else { return Err(no_such_port(name, number)) };
                if kind.starts_with("postgres") && lab.watch("postgres", || answers(here.outside)).await.is_none() {
                    return Err(not_up(vec![format!("{} does not answer", here.service)]));
                }
                at(value, number, here.outside)
            }
        };
        told.push((name.clone(), value));
    }
    Ok(told)
}

fn port_of(url: &str, kind: &str) -> u16 {
    let usual = if kind.starts_with("redis") { 6379 } else { 5432 };
    host_and_port(url).rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(usual)
}

/// The same address at another port of this machine.
fn at(url: &str, written: u16, port: u16) -> String {
    let host = host_and_port(url);
    let name = host.strip_suffix(&format!(":{written}")).unwrap_or(host);
    let begin = url.find(host).unwrap_or_default();
    format!("{}{name}:{port}{}", &url[..begin], &url[begin + host.len()..])
}

fn host_and_port(url: &str) -> &str {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '?']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Whether a PostgreSQL server says something other than that it is still starting. The engine accepts connections long
/// before.
async fn answers(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let words = b"user\0nobody\0\0";
    let length = u32::try_from(words.len() + 8).ok()?;
    let hello = [&length.to_be_bytes()[..], &196_608_u32.to_be_bytes(), words].concat();
    stream.write_all(&hello).await.ok()?;
    let mut answer = vec![0; 512];
    let read = stream.read(&mut answer).await.ok().filter(|read| *read > 0)?;
    let is_starting = answer[..read].windows(5).any(|code| code == b"57P03");
    (!is_starting).then_some(())
}

/// `migrate`, `web`, and a link.
async fn runs(lab: &Lab, told: &[(String, String)]) -> CheckResult {
    let screen = lab.stub().await?;
    let guise = Guise::default();
    if lab.bench.subject.app().admin.contains_key(MIGRATE) {
        let ended = guise.put_on(lab.one_off(MIGRATE, &[]).environment(told)).to_the_end().await?;
        if !ended.succeeded() {
            let seen = text("`migrate` failed", "`migrate`가 실패했습니다");
            return Err(does_not_fit(seen, ended.lines));
        }
    }
    let start = guise.put_on(lab.start("web").environment(told)).set("SCREEN_URL", screen.url());
    let (service, startup) = start.go().await?;
    if startup != Startup::Listening {
        return Err(does_not_fit(describe(&startup, service.port()), service.last_lines()));
    }
    if !becomes_ready(lab, &service).await {
        let seen = text("it does not become ready", "준비되지 않습니다");
        return Err(does_not_fit(seen, service.last_lines()));
    }
    let answer = submit(&service, &fresh_target(lab), None).await;
    if slug_of(&answer).is_none() {
        let seen = shown(&answer);
        let seen = text(format!("POST /v1/links: {seen}"), format!("POST /v1/links 응답: {seen}"));
        return Err(does_not_fit(seen, service.last_lines()));
    }
    service.end().await;
    Ok(())
}

impl Drop for Project {
    fn drop(&mut self) {
        self.door.tell(Ask::ComposeDown { project: self.name.clone() });
    }
}

fn not_up(lines: Vec<String>) -> Stop {
    let did = text(
        "cloned the repository and ran `docker compose up --detach` in it, with other ports of this machine",
        "저장소를 새로 받아 이 컴퓨터의 포트만 바꾸고 `docker compose up --detach` 실행",
    );
    let expected = text("the backing services run, and nobody is asked", "묻지 않고 백엔드 서비스가 떠야 합니다");
    let seen = lines.join("\n");
    Failure::new("services-do-not-come-up", did, expected, text(seen.clone(), seen)).into()
}

fn no_such_port(name: &str, port: u16) -> Stop {
    let seen = text(
        format!("{name} names port {port}, which the compose file does not publish"),
        format!("{name} 값은 {port}번 포트를 가리키지만 compose 파일은 그 포트를 열지 않습니다"),
    );
    does_not_fit(seen, Vec::new())
}

fn does_not_fit(seen: Text, log: Vec<LogLine>) -> Stop {
    let did = text(
        "started what the compose file describes, and then `migrate` and `web` with the developers' settings",
        "compose 파일대로 서비스를 띄우고 개발용 설정으로 `migrate`와 `web` 실행",
    );
    let expected = text("they run, and a link can be made", "실행되고 링크를 만들 수 있어야 합니다");
    Failure::new("settings-do-not-fit", did, expected, seen).with_log(log).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_moves_to_another_port_and_stays_the_same_otherwise() {
        let moved = |url: &str| at(url, port_of(url, "postgres"), 40123);
        assert_eq!(moved("postgres://a:b@localhost:5432/links?x=1"), "postgres://a:b@localhost:40123/links?x=1");
        assert_eq!(moved("postgres://localhost/links"), "postgres://localhost:40123/links");
        assert_eq!(port_of("redis://localhost", "redis"), 6379);
    }

    #[test]
    fn ports_of_this_machine_are_replaced_and_remembered() {
        let port = |text: &str| {
            let path = ["services", "db", "ports", "0"].map(str::to_owned).to_vec();
            let (moved, now) = published(&Scalar { path, text: text.to_owned(), ..Scalar::default() })?;
            Some((moved.written, moved.inside, now))
        };
        assert_eq!(port("5432:5432"), Some((5432, 5432, "127.0.0.1::5432".to_owned())));
        assert_eq!(port("127.0.0.1:5433:5432/tcp"), Some((5433, 5432, "127.0.0.1::5432/tcp".to_owned())));
        assert_eq!(port("${DB_PORT:-15432}:5432"), Some((15432, 5432, "127.0.0.1::5432".to_owned())));
        assert_eq!(port("5432"), None);
    }
}
