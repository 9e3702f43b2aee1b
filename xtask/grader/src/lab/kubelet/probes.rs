//! Probes: until a Pod is ready, and whether it would be left alive. Periods are not waited for, thresholds are kept.

use serde_json::Value;

use super::Stage;
use super::network::numbered;
use crate::lab::Lab;
use crate::lab::http::Endpoint;
use crate::lab::manifests::Pod;
use crate::lab::service::Service;
use crate::lab::start::pod::door;
use crate::text::{Text, text};

/// Failures in a row after which a container is killed, where its probe says nothing.
const FAILURES: u64 = 3;

/// Asks startup and readiness probes until they succeed, and then whether the container would be left alive.
///
/// # Errors
///
/// The first of them that does not.
pub(super) async fn asked(lab: &Lab, service: &Service, pod: &Pod) -> Result<(), (Stage, Text)> {
    let Some(container) = pod.containers.first() else { return Ok(()) };
    for probe in [&container.startup_probe, &container.readiness_probe].into_iter().flatten() {
        let wanted = number(probe, "successThreshold", 1);
        until_in_a_row(lab, service, pod, probe, wanted).await.map_err(|seen| (Stage::Ready, seen))?;
    }
    let Some(probe) = &container.liveness_probe else { return Ok(()) };
    let mut seen = None;
    for _ in 0..number(probe, "failureThreshold", FAILURES) {
        match answer(service, pod, probe).await {
            Ok(()) => return Ok(()),
            Err(why) => seen = Some(why),
        }
    }
    seen.map_or(Ok(()), |why| Err((Stage::Live, failing("livenessProbe", &why))))
}

/// The port that a probe asks.
pub(super) fn port(probe: &Value, pod: &Pod) -> Option<u16> {
    let port = probe.pointer("/httpGet/port").or_else(|| probe.pointer("/tcpSocket/port"))?;
    numbered(port, pod)
}

async fn until_in_a_row(lab: &Lab, service: &Service, pod: &Pod, probe: &Value, wanted: u64) -> Result<(), Text> {
    let in_a_row = || async {
        for _ in 0..wanted {
            answer(service, pod, probe).await.ok()?;
        }
        Some(())
    };
    match lab.watch("probe", in_a_row).await {
        Some(()) => Ok(()),
        None => Err(failing("readinessProbe", &answer(service, pod, probe).await.err().unwrap_or_default())),
    }
}

/// One question. A command inside a container cannot be run from here, so it counts as a success.
async fn answer(service: &Service, pod: &Pod, probe: &Value) -> Result<(), String> {
    if probe.get("httpGet").is_none() && probe.get("tcpSocket").is_none() {
        return Ok(());
    }
    let port = port(probe, pod).ok_or("its port is none of the container's")?;
    let endpoint = Endpoint::Bridge(door(&service.scratch, port), port);
    let Some(get) = probe.get("httpGet") else {
        return if endpoint.accepts().await { Ok(()) } else { Err(format!("nothing listens on port {port}")) };
    };
    let path = get["path"].as_str().unwrap_or("/");
    match endpoint.send(hyper::Method::GET, path, &[], None).await {
        Ok(reply) if (200..400).contains(&reply.status) => Ok(()),
        Ok(reply) => Err(format!("GET :{port}{path} -> {}", reply.status)),
        Err(why) => Err(format!("GET :{port}{path} -> {why}")),
    }
}

fn number(probe: &Value, name: &str, default: u64) -> u64 {
    probe[name].as_u64().unwrap_or(default)
}

fn failing(probe: &str, last: &str) -> Text {
    text(format!("its {probe} fails: {last}"), format!("{probe} 실패: {last}"))
}
