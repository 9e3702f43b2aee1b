//! Ports, Services and addresses.

use grader::text::text;

use super::Context;
use crate::env::Source;
use crate::finding::Found;
use crate::node::{Node, Value};
use crate::object::Object;
use crate::pods;
use crate::set::{POD_NAME, Role, Workload, selects};

/// Each Service with a selector selects Pods.
pub fn service_selects(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    let index = Labels::of(context);
    for service in context.set.of_kind("Service") {
        let selector = service.node.map("spec.selector");
        if !selector.is_empty() && index.selected(service).is_empty() {
            let what = text("selects no Pod of this set", "이 매니페스트에 있는 Pod를 하나도 고르지 못합니다");
            all.push(Found::new(service, service.node.place("spec.selector"), what));
        }
    }
    all
}

/// The target port of each Service is one that its Pods open.
pub fn target_port(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    let index = Labels::of(context);
    for service in context.set.of_kind("Service") {
        let works = index.selected(service);
        for port in service.node.list("spec.ports") {
            let target = port.get("targetPort").or_else(|| port.get("port"));
            let Some(target) = target else { continue };
            let opens = works.iter().any(|work| opens(context, work, target));
            if !works.is_empty() && !opens {
                let written = written(target);
                let what = text(
                    format!("leads to the port `{written}`, on which nothing listens in the Pods it selects"),
                    format!("`{written}` 포트로 이어지지만, 고른 Pod 가운데 이 포트를 여는 것이 없습니다"),
                );
                all.push(Found::new(service, target.place, what));
            }
        }
    }
    all
}

fn written(port: &Node) -> String {
    port.as_str().map_or_else(|| port.json().to_string(), str::to_owned)
}

/// Whether a container opens a port: it declares it, by number or name, or its `PORT` says so. Without any word of its ports, it
/// may open each.
fn opens(context: &Context, work: &Workload, target: &Node) -> bool {
    pods::containers(work.spec).any(|container| {
        let ports = container.list("ports");
        let environment = context.environment(work.object, container);
        let said = environment.value("PORT");
        match &target.value {
            Value::String { text, .. } => ports.iter().any(|port| port.str("name") == Some(text)),
            _ => {
                let number = written(target);
                let declared = ports.iter().any(|port| port.get("containerPort").is_some_and(|n| written(n) == number));
                declared || said == Some(number.as_str()) || (ports.is_empty() && said.is_none())
            }
        }
    })
}

/// `PORT`, the declared port and the probes of a container are one number.
pub fn ports_agree(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for work in context.workloads {
        for container in pods::containers(work.spec) {
            let environment = context.environment(work.object, container);
            let ports = container.list("ports");
            let number = |port: &Node| port.get("containerPort").map(written);
            if let Some(port) = environment.value("PORT")
                && !ports.is_empty()
                && !ports.iter().any(|declared| number(declared).as_deref() == Some(port))
            {
                let what = text(
                    format!("`PORT` is {port}, and no `containerPort` says so"),
                    format!("`PORT` 값은 {port}인데 같은 `containerPort`가 없습니다"),
                );
                all.push(Found::new(work.object, container.place("ports"), what));
            }
            for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
                all.extend(probe_port(work, container, probe, environment.value("PORT")));
            }
        }
    }
    all
}

fn probe_port(work: &Workload, container: &Node, probe: &str, port: Option<&str>) -> Option<Found> {
    let asked = ["httpGet", "tcpSocket"].iter().find_map(|way| container.at(&format!("{probe}.{way}.port")))?;
    let ports = container.list("ports");
    let right = match &asked.value {
        Value::String { text, .. } => ports.iter().any(|port| port.str("name") == Some(text)),
        _ => {
            let number = written(asked);
            let declared = |port: &Node| port.get("containerPort").map(written).as_deref() == Some(&number);
            match port {
                Some(port) => port == number || ports.len() > 1 && ports.iter().any(declared),
                // Declaring a port is a courtesy to readers: without `PORT` nobody knows where the program listens.
                None => true,
            }
        }
    };
    let written = written(asked);
    let what = text(
        format!("`{probe}` asks port `{written}`, on which the program does not listen"),
        format!("`{probe}` 설정은 `{written}` 포트에 묻지만, 프로그램은 이 포트를 열지 않습니다"),
    );
    (!right).then(|| Found::new(work.object, asked.place, what))
}

/// No port of a machine is taken: Services lead to Pods, wherever they run.
pub fn no_machine_ports(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for service in context.set.of_kind("Service").filter(|service| service.node.str("spec.type") == Some("NodePort")) {
        let what = text("takes a port of every machine (`NodePort`)", "모든 노드의 포트를 차지합니다(`NodePort`)");
        all.push(Found::new(service, service.node.place("spec.type"), what));
    }
    for work in context.of(&[Role::Web, Role::Worker, Role::Other]).filter(|work| work.object.kind == "Deployment") {
        if work.spec.bool("hostNetwork") == Some(true) {
            let what = text("uses the machine's network (`hostNetwork`)", "노드의 네트워크를 씁니다(`hostNetwork`)");
            all.push(Found::new(work.object, work.spec.place("hostNetwork"), what));
        }
        for port in pods::containers(work.spec).flat_map(|container| container.list("ports")) {
            if port.get("hostPort").is_some() {
                let what = text("takes a port of its machine (`hostPort`)", "노드의 포트를 차지합니다(`hostPort`)");
                all.push(Found::new(work.object, port.place("hostPort"), what));
            }
        }
    }
    all
}

/// Who calls a Service uses the Service's port.
pub fn service_address(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for (work, container) in context.containers() {
        for variable in context.environment(work.object, container).variables {
            let Source::Value(value) = &variable.source else { continue };
            let Some((host, port)) = address(value) else { continue };
            let service = context.set.find("Service", work.object, host.split('.').next().unwrap_or_default());
            let Some(service) = service.filter(|service| is_of(service, host)) else { continue };
            let ports = service.node.list("spec.ports");
            if !ports.is_empty() && !ports.iter().any(|known| known.int("port") == Some(port)) {
                let name = &variable.name;
                let what = text(
                    format!("`{name}` calls the Service `{host}` at port {port}, which it does not have"),
                    format!("`{name}` 값은 Service `{host}`의 {port} 포트를 부르지만, 그런 포트가 없습니다"),
                );
                all.push(Found::new(work.object, variable.place, what));
            }
        }
    }
    all
}

/// `screen`, `screen.links` and `screen.links.svc.cluster.local` are one Service; `screen.example` is another machine.
fn is_of(service: &Object, host: &str) -> bool {
    let mut parts = host.split('.').skip(1);
    match (parts.next(), parts.next()) {
        (None, _) => true,
        (Some(space), None) => service.namespace.as_deref() == Some(space),
        (Some(_), Some(next)) => next == "svc",
    }
}

/// The host and port of an address; the scheme's own port where none is written.
fn address(value: &str) -> Option<(&str, i64)> {
    let (scheme, rest) = value.split_once("://")?;
    let rest = rest.split(['/', '?']).next()?;
    let host = rest.rsplit('@').next()?;
    let usual = match scheme {
        "http" => 80,
        "https" => 443,
        "postgres" | "postgresql" => 5432,
        "redis" => 6379,
        _ => return None,
    };
    match host.rsplit_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((host, usual)),
    }
}

/// A worker listens nowhere, and no Service leads to it.
pub fn worker_is_alone(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    let index = Labels::of(context);
    for service in context.set.of_kind("Service") {
        for work in index.selected(service).into_iter().filter(|work| work.role == Role::Worker) {
            let name = &work.object.name;
            let what = text(format!("leads to the worker `{name}`"), format!("워커인 `{name}` 쪽으로 이어집니다"));
            all.push(Found::new(service, service.node.place("spec.selector"), what));
        }
    }
    for work in context.of(&[Role::Worker]) {
        for container in pods::containers(work.spec).filter(|container| !container.list("ports").is_empty()) {
            let what = text("is a worker, and opens a port", "워커인데 포트를 엽니다");
            all.push(Found::new(work.object, container.place("ports"), what));
        }
    }
    all
}

/// Sessions belong to no process.
pub fn no_affinity(context: &Context) -> Vec<Found> {
    let sticky = |service: &&Object| service.node.str("spec.sessionAffinity") == Some("ClientIP");
    let services = context.set.of_kind("Service").filter(sticky);
    let what = || text("leads each client to the same Pod again", "같은 클라이언트를 늘 같은 Pod로 보냅니다");
    services.map(|service| Found::new(service, service.node.place("spec.sessionAffinity"), what())).collect()
}

/// Ports have names.
pub fn named_ports(context: &Context) -> Vec<Found> {
    let mut all = Vec::new();
    for service in context.set.of_kind("Service") {
        for port in service.node.list("spec.ports") {
            if matches!(port.get("targetPort").map(|port| &port.value), Some(Value::Number(_))) {
                let what = text("names the container's port by number", "컨테이너의 포트를 번호로 가리킵니다");
                all.push(Found::new(service, port.place("targetPort"), what));
            }
        }
    }
    all
}

/// Nobody needs the variables that Kubernetes makes of Services.
pub fn no_service_links(context: &Context) -> Vec<Found> {
    let linked = context.workloads.iter().filter(|work| work.spec.bool("enableServiceLinks") != Some(false));
    let what = || {
        text(
            "receives variables such as `LINKS_PORT` for each Service",
            "Service마다 `LINKS_PORT` 같은 변수를 받습니다",
        )
    };
    linked.map(|work| Found::new(work.object, work.spec.place, what())).collect()
}

/// Workloads by each of their Pods' labels, so that thousands of Services and workloads stay quick.
struct Labels<'c, 's> {
    all: &'c [Workload<'s>],
    by_label: std::collections::HashMap<(&'s str, &'s str, &'s str), Vec<&'c Workload<'s>>>,
}

impl<'c, 's> Labels<'c, 's> {
    fn of(context: &'c Context<'s>) -> Self {
        let mut by_label: std::collections::HashMap<_, Vec<_>> = std::collections::HashMap::new();
        for work in context.workloads {
            let object = work.object;
            for label in pods::template(object).map_or(&[][..], |template| template.map("metadata.labels")) {
                if let Some(value) = label.value.as_str() {
                    by_label.entry((object.space(), label.key.as_str(), value)).or_default().push(work);
                }
            }
        }
        Self { all: context.workloads, by_label }
    }

    fn selected(&self, service: &'s Object) -> Vec<&'c Workload<'s>> {
        let selector = service.node.map("spec.selector");
        let with = |entry: &'s crate::node::Entry| {
            let value = entry.value.as_str().unwrap_or_default();
            self.by_label.get(&(service.space(), entry.key.as_str(), value)).map_or(&[][..], Vec::as_slice).iter()
        };
        // The rarest label has the fewest candidates.
        let in_templates = selector.iter().filter(|entry| entry.key != POD_NAME);
        match in_templates.map(with).min_by_key(ExactSizeIterator::len) {
            Some(some) => some.copied().filter(|work| selects(selector, work.object)).collect(),
            None => self.all.iter().filter(|work| selects(selector, work.object)).collect(),
        }
    }
}
