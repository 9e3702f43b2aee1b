//! The end of a Pod: `preStop`, SIGTERM, and what is left of the grace period.

use std::time::Duration;

use serde_json::Value;

use super::network::numbered;
use crate::lab::Lab;
use crate::lab::http::Endpoint;
use crate::lab::manifests::Pod;
use crate::lab::service::Service;
use crate::lab::start::pod::door;

/// Runs `preStop` and sends SIGTERM; whether the container ended within its grace period, which both share.
///
/// Nothing happens while a `preStop` sleeps, so its time is taken off and not waited for.
pub(super) async fn asked(lab: &Lab, service: &Service, pod: &Pod) -> bool {
    let hook = pod.containers.first().and_then(|container| container.pre_stop.as_ref());
    let slept = hook.map_or(0, seconds_of);
    if let Some(hook) = hook {
        call(lab, service, pod, hook).await;
    }
    let left = Duration::from_secs(pod.grace_seconds.saturating_sub(slept));
    lab.note("grader", format!("preStop took {slept} s, {} s of the grace period are left", left.as_secs()));
    // A process 1 is told alone; what it has started is its own concern.
    service.terminate_main().await;
    let ended = tokio::time::timeout(left, lab.until("end of a Pod", service.main_ended())).await;
    matches!(ended, Ok(Some(())))
}

/// The seconds that a hook sleeps: the action of that name, or the program where it is called directly.
fn seconds_of(hook: &Value) -> u64 {
    let command = hook.pointer("/exec/command").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let by_program = match command {
        [program, seconds] if program == "sleep" || program == "/bin/sleep" => seconds.as_str(),
        _ => None,
    };
    let by_program = by_program.and_then(|seconds| seconds.parse().ok());
    hook.pointer("/sleep/seconds").and_then(Value::as_u64).or(by_program).unwrap_or(0)
}

/// A hook over HTTP is called, whatever it answers. A program inside a container cannot be run from here.
async fn call(lab: &Lab, service: &Service, pod: &Pod, hook: &Value) {
    let Some(get) = hook.get("httpGet") else { return };
    let Some(port) = get.get("port").and_then(|port| numbered(port, pod)) else { return };
    let endpoint = Endpoint::Bridge(door(service.folder(), port), port);
    let path = get["path"].as_str().unwrap_or("/");
    lab.until("preStop", endpoint.send(hyper::Method::GET, path, &[], None)).await;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hook_sleeps_as_long_as_it_says() {
        assert_eq!(seconds_of(&json!({"sleep": {"seconds": 5}})), 5);
        assert_eq!(seconds_of(&json!({"exec": {"command": ["sleep", "7"]}})), 7);
        assert_eq!(seconds_of(&json!({"exec": {"command": ["nginx", "-s", "quit"]}})), 0);
        assert_eq!(seconds_of(&json!({"httpGet": {"path": "/stop", "port": 80}})), 0);
    }
}
