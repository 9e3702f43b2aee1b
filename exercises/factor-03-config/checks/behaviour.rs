//! What the environment changes, what it must not change, and what else must not.

use std::path::Path;

use serde_json::{Value, json};

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::lab::start::{Place, Start};
use crate::lab::stub::Stub;
use crate::links::{Deploy, ENVIRONMENT_NAMES, System, describe, did_not_come_up};
use crate::text::{Text, text, with_particle};

use super::observed::Observed;
use super::transcript::{converse, has_created_a_link};

/// One build, two deploys with nothing in common.
pub async fn env_drives_behaviour(lab: Lab) -> CheckResult {
    for plain_base_url in [true, false] {
        let system = System::attach(&lab).await?;
        let screen = &system.screen;
        let mut deploy = Deploy::random(&lab, screen);
        if !plain_base_url {
            // Scheme, port and path belong to the address as much as the host does.
            deploy.base_url = format!("http://{}.example:8080/{}", lab.chance().word(8), lab.chance().word(6));
        }
        // The handle may carry a path, and all of it is meaningful.
        deploy.screen_url = format!("{}/{}", screen.url(), lab.chance().word(6));
        let start = system.web(&lab).environment(&deploy.environment());
        let observed = observe(&lab, start, &given(&deploy), screen).await?;
        if let Some(difference) = observed.difference_from(&Observed::expected(&deploy)) {
            return Err(difference.failure(given(&deploy)).into());
        }
    }
    Ok(())
}

/// Files with poison values lie in the working directory, in `HOME` and beside the program.
pub async fn config_files_do_not_win(lab: Lab) -> CheckResult {
    let (system, poisoned) = (System::attach(&lab).await?, lab.stub().await?);
    let screen = &system.screen;
    let alone = observe(&lab, system.web(&lab), &given(&system.deploy), screen).await?;
    let poison = Deploy::random(&lab, &poisoned);
    let mut start = system.web(&lab).release(poisoned_release(&lab, &poison)?);
    for (name, contents) in config_files(&poison) {
        start = start.file(Place::Directory, name, &contents).file(Place::Home, name, &contents);
    }
    let did = text(
        "put .env, config.toml and other files with foreign values beside the service",
        "서비스 주변에 다른 값이 담긴 .env, config.toml 등의 파일을 놓음",
    );
    // Compared with what the same deploy does without the files: a variable that is ignored anyway is another check's finding.
    let surrounded = observe(&lab, start, &did, screen).await?;
    surrounded.must_equal(&alone, "file-wins", did)
}

/// Changes one variable at a time, then names an environment in every way that frameworks know.
pub async fn variables_are_orthogonal(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let (screen, base) = (&system.screen, &system.deploy);
    let before = observe(&lab, system.web(&lab), &given(base), screen).await?;
    for (name, changed) in single_changes(&lab, base) {
        let did = text(format!("changed {name} alone"), format!("{} 하나만 바꿈", with_particle(name, "을/를")));
        let after = observe(&lab, system.web(&lab).environment(&changed.environment()), &did, screen).await?;
        after.without(name).must_equal(&before.without(name), "variable-moves-others", did)?;
    }
    for (name, value) in [("LOG_LEVEL", "debug"), ("UPSTREAM_TIMEOUT_MS", "2500")] {
        let did = text(format!("added {name}={value}"), format!("{name}={value} 추가"));
        let start = system.web(&lab).set(name, value);
        observe(&lab, start, &did, screen).await?.must_equal(&before, "variable-moves-others", did)?;
    }
    environment_names_change_nothing(&lab, &system).await
}

async fn environment_names_change_nothing(lab: &Lab, system: &System) -> CheckResult {
    let screen = &system.screen;
    let plain = || system.web(lab);
    let plain_did = text("started it without naming an environment", "환경 이름 없이 시작");
    let mut reference = converse(started(plain(), &plain_did).await?, screen).await;
    if !has_created_a_link(&reference) {
        return Err(LabError::new("the transcript", "holds no created link, so nothing can be compared").into());
    }
    // What differs between two equal deploys (times, request numbers) says nothing about the environment's name.
    reference.forget_what_differs_from(&converse(started(plain(), &plain_did).await?, screen).await);
    let joe = format!("joe-{}", lab.chance().word(5));
    for environment in ["production", "development", "staging", "test", "dev", "local", &joe] {
        let named = ENVIRONMENT_NAMES.iter().fold(plain(), |start, name| start.set(name, environment));
        let did = text(
            format!("set {} to {environment}", ENVIRONMENT_NAMES.join(", ")),
            format!("{} 값을 {} 설정", ENVIRONMENT_NAMES.join(", "), with_particle(environment, "으로/로")),
        );
        let (service, startup) = named.go().await?;
        let difference = match startup {
            Startup::Listening => reference.difference_from(&converse(service, screen).await),
            other => Some((text("it starts", "시작해야 합니다"), describe(&other, service.port()))),
        };
        if let Some((expected, seen)) = difference {
            return Err(Failure::new("environment-name-matters", did, expected, seen).into());
        }
    }
    Ok(())
}

/// Starts a service, creates a link, and returns what that showed.
async fn observe(lab: &Lab, start: Start, did: &Text, screen: &Stub) -> CheckResult<Observed> {
    let service = started(start, did).await?;
    let observed = Observed::by_creating_a_link(lab, &service, screen).await;
    service.end().await;
    Ok(observed)
}

/// Starts a service with a valid configuration; refusing that is a failure of its own.
pub async fn started(start: Start, did: &Text) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    if startup == Startup::Listening {
        return Ok(service);
    }
    Err(did_not_come_up("refuses-to-start", &service, &startup, did.clone()).into())
}

fn given(deploy: &Deploy) -> Text {
    let Deploy { screen_url, base_url, release_id, .. } = deploy;
    let given = format!("SCREEN_URL={screen_url}, PUBLIC_BASE_URL={base_url}, RELEASE_ID={release_id}");
    text(format!("started it with {given} and created a link"), format!("{given} 값으로 시작하고 링크 생성 요청"))
}

/// The base deploy with one variable changed. The base URL changes its scheme too: some take `http` for "not production".
fn single_changes(lab: &Lab, base: &Deploy) -> Vec<(&'static str, Deploy)> {
    let word = || lab.chance().word(8);
    vec![
        ("PUBLIC_BASE_URL", Deploy { base_url: format!("http://{}.example:8080/{}", word(), word()), ..base.clone() }),
        ("SCREEN_URL", Deploy { screen_url: format!("{}/{}", base.screen_url, word()), ..base.clone() }),
        ("SCREEN_API_KEY", Deploy { key: word(), ..base.clone() }),
        ("RELEASE_ID", Deploy { release_id: format!("prod-{}", word()), ..base.clone() }),
    ]
}

/// The files that configuration libraries look for by themselves, each with every value of `poison`.
fn config_files(poison: &Deploy) -> Vec<(&'static str, String)> {
    let variables = poison.environment();
    let lines = |format: &dyn Fn(&str, &str) -> String| -> String {
        variables.iter().map(|(name, value)| format(name, value)).collect()
    };
    let dotenv = lines(&|name, value| format!("{name}={value}\n"));
    let toml = lines(&|name, value| format!("{name} = \"{value}\"\n{} = \"{value}\"\n", name.to_lowercase()));
    let yaml = lines(&|name, value| format!("{name}: \"{value}\"\n{}: \"{value}\"\n", name.to_lowercase()));
    let properties =
        lines(&|name, value| format!("{name}={value}\n{}={value}\n", name.to_lowercase().replace('_', ".")));
    let pairs =
        variables.iter().flat_map(|(name, value)| [(name.clone(), json!(value)), (name.to_lowercase(), json!(value))]);
    let json = Value::Object(pairs.collect()).to_string();
    vec![
        (".env", dotenv.clone()),
        (".env.local", dotenv.clone()),
        (".env.production", dotenv.clone()),
        ("config/default.env", dotenv),
        ("config.toml", toml.clone()),
        ("Settings.toml", toml.clone()),
        ("config/default.toml", toml.clone()),
        (".config/links/config.toml", toml),
        ("config.yml", yaml.clone()),
        ("config.yaml", yaml.clone()),
        ("config/config.yaml", yaml),
        ("config.json", json.clone()),
        ("config/default.json", json.clone()),
        ("config/production.json", json),
        ("application.properties", properties),
    ]
}

/// A copy of the release with the poisoned files beside the program.
fn poisoned_release(lab: &Lab, poison: &Deploy) -> Result<std::path::PathBuf, LabError> {
    let folder = lab.own_release()?;
    for (name, contents) in config_files(poison) {
        write_new(&folder.join(name), &contents)?;
    }
    Ok(folder)
}

/// A release may bring a file of that name; then it stays as it is.
fn write_new(path: &Path, contents: &str) -> Result<(), LabError> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        crate::lab::create_folder(folder)?;
    }
    std::fs::write(path, contents).map_err(|error| LabError::new(format!("cannot write {}", path.display()), error))
}
