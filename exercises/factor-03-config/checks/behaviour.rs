//! What the environment changes, what it must not change, and what else must not.

use std::path::Path;

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::service::{Service, Startup};
use crate::lab::start::{Place, Start};
use crate::lab::stub::{Answer, Stub};
use crate::links::{Deploy, describe};
use crate::text::{Text, text, with_particle};

use super::observed::Observed;

/// One build, two deploys with nothing in common.
pub async fn env_drives_behaviour(lab: Lab) -> CheckResult {
    for _ in 0..2 {
        let screen = lab.stub().await?;
        let mut deploy = Deploy::random(&lab, &screen);
        // The handle may carry a path, and all of it is meaningful.
        deploy.screen_url = format!("{}/{}", screen.url(), lab.chance().word(6));
        let start = lab.start("web").environment(&deploy.environment());
        let observed = observe(&lab, start, &given(&deploy), &screen).await?;
        if let Some(difference) = observed.difference_from(&Observed::expected(&deploy)) {
            return Err(difference.failure(given(&deploy)).into());
        }
    }
    Ok(())
}

/// Files with poison values lie in the working directory, in `HOME` and beside the program.
pub async fn config_files_do_not_win(lab: Lab) -> CheckResult {
    let (screen, poisoned) = (lab.stub().await?, lab.stub().await?);
    let deploy = Deploy::random(&lab, &screen);
    let alone = observe(&lab, lab.start("web").environment(&deploy.environment()), &given(&deploy), &screen).await?;
    let poison = Deploy::random(&lab, &poisoned);
    let mut start = lab.start("web").environment(&deploy.environment()).release(poisoned_release(&lab, &poison)?);
    for (name, contents) in config_files(&poison) {
        start = start.file(Place::Directory, name, &contents).file(Place::Home, name, &contents);
    }
    let did = text(
        "put .env, config.toml and other files with foreign values beside the service",
        "서비스 주변에 다른 값이 담긴 .env, config.toml 등의 파일을 놓음",
    );
    // Compared with what the same deploy does without the files: a variable that is ignored anyway is another check's finding.
    let surrounded = observe(&lab, start, &did, &screen).await?;
    surrounded.must_equal(&alone, "file-wins", did)
}

/// Changes one variable at a time, then names an environment in every way that frameworks know.
pub async fn variables_are_orthogonal(lab: Lab) -> CheckResult {
    let screen = lab.stub().await?;
    let base = Deploy::random(&lab, &screen);
    let before = observe(&lab, lab.start("web").environment(&base.environment()), &given(&base), &screen).await?;
    for (name, changed) in single_changes(&lab, &base) {
        let did = text(format!("changed {name} alone"), format!("{} 하나만 바꿈", with_particle(name, "을/를")));
        let after = observe(&lab, lab.start("web").environment(&changed.environment()), &did, &screen).await?;
        after.without(name).must_equal(&before.without(name), "variable-moves-others", did)?;
    }
    for (name, value) in [("LOG_LEVEL", "debug"), ("UPSTREAM_TIMEOUT_MS", "2500")] {
        let did = text(format!("added {name}={value}"), format!("{name}={value} 추가"));
        let start = lab.start("web").environment(&base.environment()).set(name, value);
        observe(&lab, start, &did, &screen).await?.must_equal(&before, "variable-moves-others", did)?;
    }
    environment_names_change_nothing(&lab, &screen, &base).await
}

async fn environment_names_change_nothing(lab: &Lab, screen: &Stub, base: &Deploy) -> CheckResult {
    const NAMES: [&str; 7] =
        ["APP_ENV", "RUST_ENV", "NODE_ENV", "ENV", "PROFILE", "RAILS_ENV", "SPRING_PROFILES_ACTIVE"];
    let plain_did = text("started it without naming an environment", "환경 이름 없이 시작");
    let plain = started(lab.start("web").environment(&base.environment()), &plain_did).await?;
    let reference = transcript(&plain, screen).await;
    if !reference.contains("POST /v1/links -> 201") {
        return Err(LabError::new("the transcript", "holds no created link, so nothing can be compared").into());
    }
    plain.end().await;
    for environment in ["production".to_owned(), "development".to_owned(), format!("joe-{}", lab.chance().word(5))] {
        let named = NAMES.iter().fold(lab.start("web").environment(&base.environment()), |start, name| {
            start.set(name, environment.clone())
        });
        let did = text(
            format!("set {} to {environment}", NAMES.join(", ")),
            format!("{} 값을 {environment}(으)로 설정", NAMES.join(", ")),
        );
        let (service, startup) = named.go().await?;
        let seen = match startup {
            Startup::Listening => transcript(&service, screen).await,
            other => describe(&other, service.port()).en,
        };
        if seen != reference {
            let (expected, seen) = first_difference(&reference, &seen);
            return Err(Failure::new(
                "environment-name-matters",
                did,
                text(expected.clone(), expected),
                text(seen.clone(), seen),
            )
            .with_log(service.last_lines())
            .into());
        }
        service.end().await;
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
    let expected = text(
        format!("it accepts connections on port {}", service.port()),
        format!("포트 {}에서 연결을 받아야 합니다", service.port()),
    );
    let seen = describe(&startup, service.port());
    Err(Failure::new("refuses-to-start", did.clone(), expected, seen).with_log(service.last_lines()).into())
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

/// The same conversation with every deploy; slugs, short URLs and times are left out, since they differ each time.
async fn transcript(service: &Service, screen: &Stub) -> String {
    screen.deny("denied.example");
    let asked_before = screen.calls().len();
    let link = |target: &str| json!({ "target": target, "prefix": "p" });
    let mut lines = Vec::new();
    for path in ["/healthz", "/readyz", "/version", "/nothing-here"] {
        lines.push(exchange(service, Method::GET, path, None).await);
    }
    lines.push(exchange(service, Method::POST, "/v1/links", Some(link("https://allowed.example/a"))).await);
    lines.push(exchange(service, Method::POST, "/v1/links", Some(link("https://denied.example/b"))).await);
    lines.push(exchange(service, Method::POST, "/v1/links", Some(json!({ "target": 1 }))).await);
    screen.answer(Answer::Status(500));
    lines.push(exchange(service, Method::POST, "/v1/links", Some(link("https://failing.example/c"))).await);
    screen.answer(Answer::Verdict);
    lines.push(format!("screen was asked {} times", screen.calls().len() - asked_before));
    lines.join("\n")
}

async fn exchange(service: &Service, method: Method, path: &str, body: Option<Value>) -> String {
    match service.request(method.clone(), path, body.as_ref()).await {
        Ok(reply) => {
            let mut answer = reply.json();
            for changing in ["slug", "short_url", "created_at"] {
                if let Some(value) = answer.get_mut(changing) {
                    *value = json!("…");
                }
            }
            format!("{method} {path} -> {} {answer}", reply.status)
        }
        Err(why) => format!("{method} {path} -> {why}"),
    }
}

fn first_difference(reference: &str, seen: &str) -> (String, String) {
    let mut pairs = reference.lines().zip(seen.lines().chain(std::iter::repeat("nothing")));
    let pair = pairs.find(|(reference, seen)| reference != seen);
    pair.map_or((String::new(), String::new()), |(reference, seen)| (reference.to_owned(), seen.to_owned()))
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
        (".env.production", dotenv),
        ("config.toml", toml.clone()),
        ("Settings.toml", toml),
        ("config.yml", yaml.clone()),
        ("config.yaml", yaml),
        ("config.json", json),
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
    std::fs::write(path, contents).map_err(|error| LabError::new(format!("cannot write {}", path.display()), error))
}
