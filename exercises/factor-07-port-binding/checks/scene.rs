//! The apps of this exercise: how each is started, where it is spoken to, and the smoke test.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};

use crate::check::{CheckResult, LabError, Missing};
use crate::lab::Lab;
use crate::lab::ports::only_one_at_a_time;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::{self, System};
use crate::manifest::APPS;
use crate::screen;
use crate::text::{Text, text};

/// What the apps of the subject need to run.
pub struct Scene {
    pub lab: Lab,
    pub system: System,
    pub screen: screen::Deploy,
    /// A service that insists on a port of its own cannot run twice on one machine: whoever starts one is alone with it.
    _alone: File,
}

impl Scene {
    pub async fn new(lab: &Lab) -> CheckResult<Self> {
        Self::around(lab, System::attach(lab).await?).await
    }

    async fn around(lab: &Lab, system: System) -> CheckResult<Self> {
        let alone = only_one_at_a_time(&lab.bench.locks).await?;
        Ok(Self { lab: lab.clone(), system, screen: screen::Deploy::random(lab), _alone: alone })
    }

    /// The apps of the contract that the subject has.
    pub fn apps(&self) -> impl Iterator<Item = &'static str> {
        let declared = &self.lab.bench.subject.manifest.app;
        APPS.into_iter().filter(|app| declared.contains_key(*app))
    }

    /// Prepares an instance of an app's `web`, with all that it needs.
    pub fn web(&self, app: &str) -> Start {
        let variables = if app == "screen" { self.screen.environment() } else { self.system.environment() };
        self.lab.start_app(app, "web").environment(&variables)
    }

    /// The same, run until it accepts connections: where it was told, or somewhere else, since that is the subject of one
    /// check alone.
    pub async fn up(&self, app: &str) -> CheckResult<Up> {
        up(self.web(app)).await
    }
}

/// A service that accepts connections.
pub struct Up {
    pub service: Service,
    /// Where it does.
    pub port: u16,
}

/// Runs a service until it accepts connections, wherever that is.
pub async fn up(start: Start) -> CheckResult<Up> {
    let (mut service, startup) = start.go().await?;
    match found(&mut service, &startup) {
        Some(port) => Ok(Up { service, port }),
        None => Err(came_up_before(&service, &startup).into()),
    }
}

/// The smoke test has seen that it can.
pub fn came_up_before(service: &Service, startup: &Startup) -> LabError {
    LabError::new("the service came up in the smoke test, and now", links::describe(startup, service.port()).en)
}

/// Speaks to a service where it listens; `None` where that cannot be told.
fn found(service: &mut Service, startup: &Startup) -> Option<u16> {
    match startup {
        Startup::Listening => Some(service.port()),
        Startup::Elsewhere(ports) if !ports.contains(&service.port()) => {
            let port = *ports.first()?;
            service.speak_at(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            Some(port)
        }
        _ => None,
    }
}

/// Friendly conditions, for each app. A service that ignores `PORT` is spoken to all the same: otherwise nobody who does so
/// would ever see what else follows from it.
pub async fn smoke(lab: Lab) -> CheckResult {
    let system = System::fresh(&lab).await?;
    system.migrate(&lab).await?;
    let scene = Scene::around(&lab, system).await?;
    for app in scene.apps() {
        let (mut service, startup) = scene.web(app).go().await?;
        if found(&mut service, &startup).is_none() {
            links::came_up(&service, startup)?;
        }
        let kept = match app {
            "screen" => screen::keeps_the_contract(&lab, &scene.screen, &service).await,
            _ => links::keeps_the_contract(&lab, &scene.system, &service).await,
        };
        service.end().await;
        kept?;
    }
    Ok(())
}

/// What a check did that started `web` of an app.
pub fn started(app: &str, port: u16) -> Text {
    text(format!("started `web` of `{app}` with PORT={port}"), format!("PORT={port} 값으로 `{app}`의 `web` 시작"))
}

/// Why a check about two apps says nothing about a subject with one.
pub fn lacks(app: &str) -> Missing {
    Missing {
        what: text(format!("an app `{app}` in app.toml"), format!("app.toml의 `{app}` 앱")),
        fix: text(
            format!("declare it in app.toml: [app.{app}], with `build`, `release` and the command of `web`"),
            format!("app.toml에 [app.{app}] 부분을 만들고 `build`, `release`, `web` 명령을 적으십시오"),
        ),
    }
}
