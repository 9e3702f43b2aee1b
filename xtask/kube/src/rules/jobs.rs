//! Admin processes.

use std::collections::BTreeSet;

use grader::text::text;

use super::{Context, images};
use crate::finding::Found;
use crate::node::Node;
use crate::object::Object;
use crate::pods;
use crate::set::{Role, Workload};

/// The app that an object belongs to.
fn app(object: &Object) -> Option<&str> {
    object.label("app.kubernetes.io/name").or_else(|| object.label("app"))
}

/// The Deployments of the app that a one-off belongs to.
fn of_its_app<'c, 's>(context: &'c Context<'s>, job: &Workload) -> Vec<&'c Workload<'s>> {
    let servers = context.of(&[Role::Web, Role::Worker]).filter(|work| work.object.kind == "Deployment");
    servers.filter(|work| app(job.object).is_some() && app(work.object) == app(job.object)).collect()
}

/// A one-off runs the app's own image, with the app's own config.
pub fn same_release(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for job in context.of(&[Role::OneOff]) {
        let servers = of_its_app(context, job);
        if servers.is_empty() {
            continue;
        }
        let known: BTreeSet<&str> = servers.iter().flat_map(|work| images::names(work.spec)).collect();
        if let Some(other) = images::names(job.spec).into_iter().find(|image| !known.contains(image)) {
            let what = text(
                format!("runs `{other}`, which no Deployment of the app runs"),
                format!("앱의 어떤 Deployment도 쓰지 않는 `{other}` 이미지를 실행합니다"),
            );
            all.push(Found::new(job.object, job.spec.place("containers"), what));
        }
        let known: BTreeSet<(String, String)> = servers.iter().flat_map(|work| config(work.spec)).collect();
        for (kind, name) in config(job.spec).difference(&known) {
            let what = text(
                format!("takes its config from {kind} `{name}`, which the app does not use"),
                format!("앱이 쓰지 않는 {kind} `{name}`에서 설정을 가져옵니다"),
            );
            all.push(Found::new(job.object, job.spec.place, what));
        }
    }
    all
}

/// The ConfigMaps and Secrets that variables come from.
fn config(spec: &Node) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    for container in spec.list("containers") {
        container.walk(&mut |node| {
            for entry in node.entries() {
                let kind = match entry.key.as_str() {
                    "configMapRef" | "configMapKeyRef" => "ConfigMap",
                    "secretRef" | "secretKeyRef" => "Secret",
                    _ => continue,
                };
                names.extend(entry.value.str("name").map(|name| (kind.to_owned(), name.to_owned())));
            }
        });
    }
    names
}

/// A one-off that fails is tried again a number of times that somebody chose.
pub fn ends_somehow(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for job in context.of(&[Role::OneOff]) {
        let inner = if job.object.kind == "CronJob" { "spec.jobTemplate.spec" } else { "spec" };
        if !["Never", "OnFailure"].contains(&job.spec.str("restartPolicy").unwrap_or_default()) {
            let what = text(
                "has no `restartPolicy` of `Never` or `OnFailure`",
                "`restartPolicy` 값이 `Never`나 `OnFailure`가 아닙니다",
            );
            all.push(Found::new(job.object, job.spec.place("restartPolicy"), what));
        }
        if job.object.node.int(&format!("{inner}.backoffLimit")).is_none() {
            let what = text(
                "does not say how often it is tried (`backoffLimit`)",
                "몇 번 다시 시도할지 정하지 않았습니다(`backoffLimit`)",
            );
            all.push(Found::new(job.object, job.object.node.place(inner), what));
        }
    }
    all
}

/// The schema is not changed once per replica.
pub fn no_migration_at_start(context: &Context) -> Vec<Found> {
    let migrates = |container: &Node| {
        let words = pods::words(container).flat_map(|(_, word)| word.split([' ', ';', '&']));
        let tools = ["migrate", "migration", "migrations", "db:migrate", "flyway", "alembic"];
        words.map(|word| word.rsplit('/').next().unwrap_or(word)).any(|word| tools.contains(&word))
    };
    let mut all = Vec::new();
    for work in context.workloads.iter().filter(|work| pods::SERVERS.contains(&work.object.kind.as_str())) {
        for container in pods::all_containers(work.spec).filter(|container| migrates(container)) {
            let what = text("migrates the schema in every Pod that starts", "Pod가 시작될 때마다 스키마를 바꿉니다");
            all.push(Found::new(work.object, container.place, what));
        }
    }
    all
}

/// A task of the clock does not overtake itself.
pub fn cron_forbids(context: &Context) -> Vec<Found> {
    let crons = context.set.of_kind("CronJob");
    let free = crons.filter(|cron| cron.node.str("spec.concurrencyPolicy") != Some("Forbid"));
    let what = || {
        text(
            "may run twice at once (`concurrencyPolicy` is not `Forbid`)",
            "동시에 두 번 실행될 수 있습니다(`concurrencyPolicy` 값이 `Forbid`가 아닙니다)",
        )
    };
    free.map(|cron| Found::new(cron, cron.node.place("spec.concurrencyPolicy"), what())).collect()
}

/// Finished Jobs go away.
pub fn cleans_up(context: &Context) -> Vec<Found> {
    let jobs = context.set.of_kind("Job").filter(|job| job.node.int("spec.ttlSecondsAfterFinished").is_none());
    let what = || text("stays for ever when it is done", "끝난 뒤에도 계속 남습니다");
    jobs.map(|job| Found::new(job, job.node.place("spec"), what())).collect()
}
