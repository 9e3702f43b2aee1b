//! A kubelet without a cluster: it runs the subject's program as its manifests say, and as nothing else says.
//!
//! It puts the environment together in Kubernetes' order, finds the command, gives each Pod a network of its own, in which the
//! names of Services lead where Services lead, and asks the probes. Nothing is scheduled, no policy of a network or of roles is
//! applied, and images are not pulled: the release of the app stands for its image.

use std::path::PathBuf;

use serde_json::Value;

use crate::check::{CheckResult, LogLine};
use crate::lab::Lab;
use crate::lab::http::{Endpoint, NoReply, Reply};
use crate::lab::manifests::{Environment, Pod};
use crate::lab::one_off::OneOff;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::lab::start::pod::{Inside, door};
use crate::text::{Text, text};

mod command;
mod network;
mod probes;
mod termination;
mod variables;

pub use network::link_variables;

/// How often a Job is tried again that does not say so.
const BACKOFF_LIMIT: u32 = 6;

/// A kubelet for the Pods of one environment.
#[derive(Debug)]
pub struct Kubelet<'m> {
    lab: Lab,
    environment: &'m Environment,
    secrets: Vec<(String, String)>,
    partners: Vec<Partner>,
    reachable: Vec<u16>,
    running: Vec<Running>,
}

/// A machine that no manifest of the environment makes: a port of the lab stands for it.
#[derive(Clone, Debug)]
struct Partner {
    host: String,
    port: u16,
    lab: u16,
}

/// A Pod that serves, by the folder with its doors.
#[derive(Clone, Debug)]
struct Running {
    pod: String,
    scratch: PathBuf,
}

/// Why a Pod does not serve.
#[derive(Clone, Debug)]
pub struct NotUp {
    /// How far it came.
    pub stage: Stage,
    /// What was seen.
    pub seen: Text,
    /// The last lines of its container.
    pub log: Vec<LogLine>,
}

/// How far a Pod came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its container cannot be made: `CreateContainerConfigError`.
    Config,
    /// Its container ended, or never listened.
    Start,
    /// Its startup or readiness probe never succeeded.
    Ready,
    /// It is ready, and its liveness probe would have it killed.
    Live,
}

impl Lab {
    /// A kubelet for the Pods of `environment`.
    pub fn kubelet<'m>(&self, environment: &'m Environment) -> Kubelet<'m> {
        self.remark(text(
            "run by the grader's own kubelet, which has no scheduler, no network plug-in and no RBAC",
            "채점기의 간이 kubelet으로 실행했습니다. 스케줄러, 네트워크 플러그인, RBAC는 없습니다",
        ));
        Kubelet {
            lab: self.clone(),
            environment,
            secrets: Vec::new(),
            partners: Vec::new(),
            reachable: Vec::new(),
            running: Vec::new(),
        }
    }
}

impl<'m> Kubelet<'m> {
    /// Gives values to Secrets, by the variable that takes them: what a Secret and its keys are called is the subject's own
    /// matter.
    #[must_use]
    pub fn secrets(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        self.secrets.extend(values);
        self
    }

    /// Lets a port of the lab answer for a machine that Pods call by its name. Where a Service has that name, it answers at
    /// the Service's ports, and `port` says nothing.
    #[must_use]
    pub fn partner(mut self, host: &str, port: u16, lab: u16) -> Self {
        self.partners.push(Partner { host: host.to_owned(), port, lab });
        self
    }

    /// Lets Pods reach these ports of the lab on their own loopback, where values of Secrets lead.
    #[must_use]
    pub fn reaching(mut self, ports: &[u16]) -> Self {
        self.reachable.extend(ports);
        self
    }

    /// Prepares the first container of a Pod as its manifest says.
    ///
    /// # Errors
    ///
    /// What keeps a kubelet from making the container.
    pub fn start(&self, pod: &Pod) -> Result<Start, Text> {
        let Some(container) = pod.containers.first() else {
            return Err(text("the Pod has no container", "Pod에 컨테이너가 없습니다"));
        };
        let links = if pod.service_links { self.links(pod) } else { Vec::new() };
        let variables = variables::of(&self.lab, pod, container, links, &self.secrets)?;
        let command = command::of(&self.lab, container)?;
        let inside = Inside { ports: network::ports(self.environment, pod), machines: self.machines(pod) };
        let start = self.lab.start_inside(command, inside, &self.reachable).environment(&variables);
        // Each container has its image for itself, and changes it unless its manifest forbids that.
        Ok(if container.has_read_only_root() { start.read_only() } else { start.changing() })
    }

    /// Runs a Pod until it is ready. From then on its Services lead to it.
    ///
    /// # Errors
    ///
    /// The outer ones are the lab's.
    pub async fn up(&mut self, pod: &Pod) -> CheckResult<Result<Service, NotUp>> {
        let start = match self.start(pod) {
            Ok(start) => start,
            Err(seen) => return Ok(Err(NotUp { stage: Stage::Config, seen, log: Vec::new() })),
        };
        let (service, startup) = start.go().await?;
        let not_up = |stage, seen| NotUp { stage, seen, log: service.last_lines() };
        if startup != Startup::Listening {
            return Ok(Err(not_up(Stage::Start, crate::links::describe(&startup, service.port()))));
        }
        if let Err((stage, seen)) = probes::asked(&self.lab, &service, pod).await {
            return Ok(Err(not_up(stage, seen)));
        }
        self.running.push(Running { pod: pod.name.clone(), scratch: service.scratch.clone() });
        Ok(Ok(service))
    }

    /// Takes a Pod out of its Services, which lead nowhere then.
    pub fn down(&mut self, pod: &Pod) {
        self.running.retain(|running| running.pod != pod.name);
    }

    /// Ends a Pod as a kubelet does: no Service leads to it any more, its `preStop` runs, SIGTERM comes, and SIGKILL when its
    /// grace period is over. Whether it ended before that.
    pub async fn terminate(&mut self, pod: &Pod, service: Service) -> bool {
        self.down(pod);
        let ended = termination::asked(&self.lab, &service, pod).await;
        service.end().await;
        ended
    }

    /// Runs the Pod of a Job to its end, again as often as its `backoffLimit` says while it fails. The last try counts.
    ///
    /// # Errors
    ///
    /// The outer ones are the lab's; the inner one is what keeps a kubelet from making the container.
    pub async fn job(&self, pod: &Pod) -> CheckResult<Result<OneOff, Text>> {
        let mut tries_left = pod.backoff_limit.unwrap_or(BACKOFF_LIMIT);
        loop {
            let start = match self.start(pod) {
                Ok(start) => start,
                Err(stuck) => return Ok(Err(stuck)),
            };
            let ended = start.to_the_end().await?;
            if ended.succeeded() || tries_left == 0 {
                return Ok(Ok(ended));
            }
            tries_left -= 1;
        }
    }

    /// Asks a Service as another Pod would: at a port of the Service, by way of a Pod that is ready.
    ///
    /// # Errors
    ///
    /// No answer; a Service without that port, or without a Pod, refuses.
    pub async fn ask(
        &self,
        service: &str,
        port: u16,
        (method, path): (hyper::Method, &str),
        body: Option<&Value>,
    ) -> Result<Reply, NoReply> {
        let refused = || NoReply::Refused(format!("nothing answers at {service}:{port}"));
        let target = self.behind(service, port).ok_or_else(refused)?;
        let endpoint = Endpoint::Bridge(door(&target.0, target.1), target.1);
        let sent = endpoint.send(method.clone(), path, &[], body);
        let reply = self.lab.until("answer of a Service", sent).await.unwrap_or(Err(NoReply::Silent));
        let shown = reply.as_ref().map_or_else(NoReply::to_string, |reply| reply.status.to_string());
        self.lab.note("grader", format!("{method} {service}:{port}{path} -> {shown}"));
        reply
    }
}
