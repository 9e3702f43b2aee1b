//! Processes, their number and what they keep.

use std::collections::HashSet;

use grader::text::text;

use super::{Context, images};
use crate::finding::Found;
use crate::pods;
use crate::set::Role;

/// A Deployment keeps nothing on its machine.
pub fn no_host_path(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.workloads.iter().filter(|work| work.object.kind == "Deployment") {
        for volume in work.spec.list("volumes").iter().filter(|volume| volume.get("hostPath").is_some()) {
            let what = text("keeps files on the machine (`hostPath`)", "노드의 디스크에 파일을 둡니다(`hostPath`)");
            all.push(Found::new(work.object, volume.place("hostPath"), what));
        }
    }
    all
}

/// A web Deployment has no disk that only one machine can hold.
pub fn no_single_disk(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.of(&[Role::Web, Role::Worker]).filter(|work| work.object.kind == "Deployment") {
        for volume in work.spec.list("volumes") {
            let Some(claim) = volume.str("persistentVolumeClaim.claimName") else { continue };
            let claim = context.set.find("PersistentVolumeClaim", work.object, claim);
            let modes = claim.map_or(&[][..], |claim| claim.node.list("spec.accessModes"));
            if !modes.is_empty()
                && modes.iter().all(|mode| mode.as_str().is_some_and(|m| m.starts_with("ReadWriteOnce")))
            {
                let what = text(
                    "shares a disk that only one machine can hold (`ReadWriteOnce`)",
                    "한 노드만 쓸 수 있는 디스크를 함께 씁니다(`ReadWriteOnce`)",
                );
                all.push(Found::new(work.object, volume.place("persistentVolumeClaim"), what));
            }
        }
    }
    all
}

/// A web process is one of several that are alike.
pub fn web_is_deployment(context: &Context) -> Vec<Found> {
    let numbered = context.of(&[Role::Web]).filter(|work| {
        work.object.kind == "StatefulSet" && work.object.node.list("spec.volumeClaimTemplates").is_empty()
    });
    let what = || {
        text(
            "numbers its Pods and keeps no data: a Deployment is enough",
            "데이터를 두지 않는데 Pod에 번호를 붙입니다. Deployment면 충분합니다",
        )
    };
    numbered.map(|work| Found::new(work.object, work.object.place(), what())).collect()
}

/// Web and worker are scaled apart.
pub fn processes_apart(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.workloads.iter().filter(|work| work.object.kind == "Deployment") {
        let mut seen = HashSet::new();
        if images::names(work.spec).into_iter().any(|image| !seen.insert(image)) {
            let what = text(
                "runs two processes of one image in each Pod: they can only be scaled together",
                "한 Pod에서 같은 이미지의 프로세스 둘을 실행합니다. 따로 늘릴 수 없습니다",
            );
            all.push(Found::new(work.object, work.spec.place("containers"), what));
        }
    }
    all
}

/// There are at least two web processes.
pub fn web_scales(context: &Context) -> Vec<Found> {
    let mut scaled = HashSet::new();
    for scaler in context.set.of_kind("HorizontalPodAutoscaler") {
        if scaler.node.int("spec.minReplicas").unwrap_or(1) >= 2 {
            scaled.insert((scaler.space(), scaler.node.str("spec.scaleTargetRef.name").unwrap_or_default()));
        }
    }
    let mut all = Vec::new();
    for work in context.of(&[Role::Web]).filter(|work| work.object.kind == "Deployment") {
        let object = work.object;
        let few = object.node.int("spec.replicas").unwrap_or(1) < 2;
        if few && !scaled.contains(&(object.space(), object.name.as_str())) {
            let what = text(
                "runs once: while it is replaced, nobody answers",
                "하나만 실행됩니다. 교체하는 동안 응답할 것이 없습니다",
            );
            all.push(Found::new(object, object.node.place("spec.replicas"), what));
        }
    }
    all
}

/// A new release begins before the old one ends.
pub fn no_recreate(context: &Context) -> Vec<Found> {
    let all = context.of(&[Role::Web]).filter(|work| work.object.node.str("spec.strategy.type") == Some("Recreate"));
    let what = || text("ends all Pods before it starts new ones", "새 Pod를 시작하기 전에 모든 Pod를 끝냅니다");
    all.map(|work| Found::new(work.object, work.object.node.place("spec.strategy.type"), what())).collect()
}

/// Logs go to standard output, not into a volume, and need no sidecar.
pub fn no_log_files(context: &Context) -> Vec<Found> {
    const SHIPPERS: [&str; 6] = ["fluentd", "fluent-bit", "filebeat", "promtail", "logstash", "vector"];
    let mut all = Vec::new();
    for work in context.of(&[Role::Web, Role::Worker]).filter(|work| work.object.kind == "Deployment") {
        for container in pods::containers(work.spec) {
            let image = container.str("image").map_or("", |image| pods::image(image).0);
            if SHIPPERS.contains(&image.rsplit('/').next().unwrap_or_default()) {
                let what = text("has a container for log files alone", "로그 파일만을 위한 컨테이너가 있습니다");
                all.push(Found::new(work.object, container.place, what));
            }
            for mount in container.list("volumeMounts") {
                let path = mount.str("mountPath").unwrap_or_default().trim_end_matches('/');
                if path.starts_with("/var/log") || ["/log", "/logs"].iter().any(|end| path.ends_with(end)) {
                    let what = text(format!("keeps log files in `{path}`"), format!("`{path}`에 로그 파일을 둡니다"));
                    all.push(Found::new(work.object, mount.place("mountPath"), what));
                }
            }
        }
    }
    all
}
