//! Config, secrets and the wiring of both.

use std::collections::HashSet;

use grader::text::text;

use super::{Context, keeps_the_contract};
use crate::env::{Environment, Source};
use crate::finding::Found;
use crate::node::{Node, Place};
use crate::object::Object;
use crate::pods;
use crate::set::Role;

/// What each process of the contract cannot start without; `X_FILE` stands for `X`.
const REQUIRED: [(Role, &[&str]); 2] = [
    (Role::Web, &["PORT", DATABASE, "SCREEN_URL", "SCREEN_API_KEY", "PUBLIC_BASE_URL"]),
    (Role::Worker, &[DATABASE, "SCREEN_URL", "SCREEN_API_KEY"]),
];

/// Where the data is.
const DATABASE: &str = "DATABASE_URL";

/// Variables of the contract that are no secrets, and that two deploys rarely have in common.
const OF_A_DEPLOY: [&str; 5] =
    ["SCREEN_URL", "PUBLIC_BASE_URL", "RELEASE_ID", "LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Variables of the contract that are secrets.
const SECRETS: [&str; 5] = ["DATABASE_URL", "REDIS_URL", "SCREEN_API_KEY", "SESSION_KEY", "SMTP_URL"];

/// No environment variable stands twice in one container.
pub fn env_once(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        let mut seen = HashSet::new();
        for variable in container.list("env") {
            let name = variable.str("name").unwrap_or_default();
            if !seen.insert(name) {
                let what = text(format!("sets `{name}` twice"), format!("`{name}` 변수를 두 번 정합니다"));
                all.push(Found::new(work.object, variable.place, what));
            }
        }
    }
    all
}

/// No credential is written where everybody reads it.
pub fn no_credentials(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        let values = container.list("env").iter().filter_map(|variable| Some((variable.get("value")?, variable)));
        let values = values.filter_map(|(value, variable)| Some((value.place, value.as_str()?, variable.str("name")?)));
        let words = pods::words(container).map(|(node, word)| (node.place, word, "args"));
        all.extend(values.chain(words).filter_map(|(place, value, name)| credential(work.object, place, value, name)));
    }
    for map in context.set.of_kind("ConfigMap") {
        let values = map.node.map("data").iter().filter_map(|entry| Some((entry, entry.value.as_str()?)));
        all.extend(values.filter_map(|(entry, value)| credential(map, entry.place, value, &entry.key)));
    }
    all
}

/// Never says the value.
fn credential(object: &Object, place: Place, value: &str, name: &str) -> Option<Found> {
    let pem = value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----");
    let what = if pem {
        text(format!("`{name}` holds a private key"), format!("`{name}`에 개인 키가 들어 있습니다"))
    } else if has_password(value) {
        text(format!("`{name}` holds an address with a password"), format!("`{name}`에 비밀번호가 든 주소가 있습니다"))
    } else {
        return None;
    };
    Some(Found::new(object, place, what))
}

/// An address with a password that is no reference to another variable.
fn has_password(value: &str) -> bool {
    let mut rest = value;
    while let Some(at) = rest.find("://") {
        rest = &rest[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'".contains(c)).unwrap_or(rest.len());
        let password = rest[..end].rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, word)| word);
        if password.is_some_and(|word| !word.is_empty() && !word.starts_with('$') && !word.starts_with('<')) {
            return true;
        }
    }
    false
}

/// What the contract calls a secret comes from a Secret.
pub fn secrets_are_secret(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.workloads.iter().filter(|work| keeps_the_contract(work.object)) {
        for container in pods::all_containers(work.spec) {
            let environment = context.environment(work.object, container);
            let open = SECRETS.iter().filter_map(|name| environment.get(name));
            for variable in open.filter(|variable| matches!(variable.source, Source::Value(_))) {
                let name = &variable.name;
                let what = text(
                    format!("`{name}` is a secret, and stands here for everybody to read"),
                    format!("`{name}` 값은 비밀 값인데 누구나 읽을 수 있는 곳에 있습니다"),
                );
                all.push(Found::new(work.object, variable.place, what));
            }
        }
    }
    all
}

/// Every variable that the contract requires is given. A service that stores nothing needs no database.
pub fn contract_variables(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    let stores = context.containers().any(|(work, container)| {
        let environment = context.environment(work.object, container);
        keeps_the_contract(work.object) && given(&environment, DATABASE)
    });
    for (role, names) in REQUIRED {
        let ours = context.workloads.iter().filter(|work| work.role == role && keeps_the_contract(work.object));
        for work in ours {
            let Some(container) = work.spec.list("containers").first() else { continue };
            let environment = context.environment(work.object, container);
            if !environment.unknown.is_empty() {
                continue;
            }
            let needed = names.iter().filter(|name| stores || **name != DATABASE);
            for name in needed.filter(|name| !given(&environment, name)) {
                let what = text(
                    format!("`{name}` is required by the contract, and nothing gives it"),
                    format!("계약에 필요한 `{name}` 변수를 아무도 주지 않습니다"),
                );
                all.push(Found::new(work.object, container.place, what));
            }
        }
    }
    all
}

fn given(environment: &Environment, name: &str) -> bool {
    environment.get(name).is_some() || environment.get(&format!("{name}_FILE")).is_some()
}

/// What differs between deploys stands in no Pod template.
pub fn deploys_differ_in_config(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for (work, container) in context.containers().filter(|(work, _)| keeps_the_contract(work.object)) {
        for variable in container.list("env") {
            let name = variable.str("name").unwrap_or_default();
            // A value that is put together from others varies with them.
            let literal = variable.str("value").filter(|value| !value.contains("$("));
            if literal.is_some() && OF_A_DEPLOY.contains(&name) {
                let what = text(
                    format!("`{name}` differs from deploy to deploy, and is written into the Pod template"),
                    format!("`{name}` 값은 배포마다 다른데 Pod 템플릿에 적혀 있습니다"),
                );
                all.push(Found::new(work.object, variable.place("value"), what));
            }
        }
    }
    all
}

/// ConfigMaps and Secrets that a Pod names exist, with the keys that it names. A Secret may come from elsewhere.
pub fn references_exist(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.workloads {
        work.spec.walk(&mut |node| {
            for entry in node.entries() {
                let (kind, name, key) = match entry.key.as_str() {
                    "configMapRef" => ("ConfigMap", "name", None),
                    "configMapKeyRef" => ("ConfigMap", "name", Some("key")),
                    "configMap" => ("ConfigMap", "name", None),
                    "secretRef" => ("Secret", "name", None),
                    "secretKeyRef" => ("Secret", "name", Some("key")),
                    "secret" => ("Secret", "secretName", None),
                    _ => continue,
                };
                if entry.value.bool("optional") != Some(true)
                    && let Some(name) = entry.value.str(name)
                {
                    let key = key.and_then(|key| entry.value.str(key));
                    all.extend(reference(context, work.object, &entry.value, (kind, name), key));
                }
            }
        });
    }
    all
}

fn reference(context: &Context, user: &Object, at: &Node, (kind, name): (&str, &str), key: Option<&str>) -> Vec<Found> {
    let Some(target) = context.set.find(kind, user, name) else {
        let what = text(
            format!("there is no {kind} `{name}`: the Pod would wait for it for ever"),
            format!("{kind} `{name}` 오브젝트가 없습니다. Pod가 끝없이 기다립니다"),
        );
        // Secrets are made where the passwords are, not in a repository.
        let missing = (kind == "ConfigMap").then(|| Found::new(user, at.place("name"), what));
        return missing.into_iter().collect();
    };
    let items = at.list("items").iter().filter_map(|item| item.str("key"));
    let has = |key: &str| {
        let fields = ["data", "stringData", "binaryData"];
        fields.iter().any(|field| target.node.map(field).iter().any(|entry| entry.key == key))
    };
    let absent = key.into_iter().chain(items).filter(|key| !has(key));
    let found = absent.map(|key| {
        let what =
            text(format!("{kind} `{name}` has no key `{key}`"), format!("{kind} `{name}`에 `{key}` 키가 없습니다"));
        Found::new(user, at.place("key"), what)
    });
    found.collect()
}

/// After a change of config, the Pod templates that use it are others: the change becomes a release.
pub fn change_is_release(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    let servers = context.workloads.iter().filter(|work| pods::SERVERS.contains(&work.object.kind.as_str()));
    // After each value was changed, a map that still has its name is one that Pods go on using without being replaced.
    let changed: Option<HashSet<(&str, &str)>> = context.set.changed.as_ref().map(|objects| {
        let maps = objects.iter().filter(|object| object.kind == "ConfigMap");
        maps.map(|object| (object.space(), object.name.as_str())).collect()
    });
    for work in servers {
        let mut used: Vec<String> = Vec::new();
        for container in pods::all_containers(work.spec) {
            let environment = context.environment(work.object, container);
            used.extend(environment.variables.iter().filter_map(|variable| variable.config.clone()));
        }
        used.sort();
        used.dedup();
        let silent = |name: &&String| {
            let Some(map) = context.set.find("ConfigMap", work.object, name) else { return false };
            match &changed {
                Some(after) => after.contains(&(map.space(), map.name.as_str())) && !is_versioned(map),
                None => !is_versioned(map) && !is_hashed(map) && !has_checksum(work.object),
            }
        };
        all.extend(used.iter().filter(silent).map(|name| {
            let what = text(
                format!("an edit of ConfigMap `{name}` changes no Pod template: running Pods keep the old values, new ones get the new"),
                format!("ConfigMap `{name}` 값을 고쳐도 Pod 템플릿이 그대로입니다. 실행 중인 Pod는 옛 값을, 새 Pod는 새 값을 씁니다"),
            );
            Found::new(work.object, work.object.place(), what)
        }));
    }
    all
}

/// A ConfigMap that cannot be edited and whose name says which one it is.
pub fn is_versioned(map: &Object) -> bool {
    let last = map.name.rsplit('-').next().unwrap_or_default();
    map.node.bool("immutable") == Some(true) && last != map.name && last.contains(|c: char| c.is_ascii_digit())
}

/// A ConfigMap that kubectl named after its content.
fn is_hashed(map: &Object) -> bool {
    let last = map.name.rsplit('-').next().unwrap_or_default();
    last.len() == 10 && last.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte))
}

/// Templates rendered elsewhere carry a hash of their config; from outside it cannot be seen whether it follows it.
fn has_checksum(object: &Object) -> bool {
    let notes = pods::template(object).map_or(&[][..], |template| template.map("metadata.annotations"));
    notes.iter().any(|note| ["checksum", "hash"].iter().any(|word| note.key.contains(word)))
}

/// Addresses of backing services are variables, not arguments.
pub fn handles_by_env(context: &Context) -> Vec<Found> {
    const SCHEMES: [&str; 9] = [
        "postgres://",
        "postgresql://",
        "redis://",
        "rediss://",
        "mysql://",
        "mongodb://",
        "amqp://",
        "nats://",
        "smtp://",
    ];
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        for (node, word) in pods::words(container) {
            if SCHEMES.iter().any(|scheme| word.contains(scheme)) {
                let what = text("names a backing service in its arguments", "백엔드 서비스의 주소를 인자로 받습니다");
                all.push(Found::new(work.object, node.place, what));
            }
        }
    }
    all
}

/// A Pod has no backing service inside.
pub fn no_localhost(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        for variable in context.environment(work.object, container).variables {
            let Source::Value(value) = &variable.source else { continue };
            let local =
                ["://localhost", "://127.0.0.1", "@localhost", "@127.0.0.1"].iter().any(|at| value.contains(at));
            if local && variable.name != "PUBLIC_BASE_URL" {
                let name = &variable.name;
                let what = text(
                    format!("`{name}` names this very Pod as a backing service"),
                    format!("`{name}` 값이 이 Pod 자신을 백엔드 서비스로 가리킵니다"),
                );
                all.push(Found::new(work.object, variable.place, what));
            }
        }
    }
    all
}
