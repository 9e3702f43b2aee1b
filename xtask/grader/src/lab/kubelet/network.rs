//! What a Pod finds in its network: Services by name, and machines outside.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use serde_json::Value;

use super::Kubelet;
use crate::lab::manifests::{ClusterService, Environment, Pod, ServicePort};
use crate::lab::start::pod::{Behind, Machine, door};

/// The addresses that Services have in most clusters.
const SERVICES: [u8; 3] = [10, 96, 0];
/// Those of machines outside, out of a range for documentation (RFC 5737).
const OUTSIDE: [u8; 3] = [203, 0, 113];
/// The first ten addresses belong to the cluster itself.
const FIRST: usize = 10;

impl Kubelet<'_> {
    /// The machines that a Pod knows: each Service, and each partner that is no Service.
    pub(super) fn machines(&self, pod: &Pod) -> Vec<Machine> {
        let services = self.environment.services.iter().enumerate();
        let services = services.map(|(index, service)| Machine {
            names: names(service, pod),
            address: address(SERVICES, index),
            ports: self.routes(service),
        });
        let is_service = |host: &str| self.environment.services.iter().any(|service| answers_to(service, host));
        let partners = self.partners.iter().filter(|partner| !is_service(&partner.host)).enumerate();
        let partners = partners.map(|(index, partner)| Machine {
            names: vec![partner.host.clone()],
            address: address(OUTSIDE, index),
            ports: vec![(partner.port, Behind::Lab(partner.lab))],
        });
        services.chain(partners).collect()
    }

    /// The variables that a kubelet adds for each Service of the Pod's namespace.
    pub(super) fn links(&self, pod: &Pod) -> Vec<(String, String)> {
        let services = self.environment.services.iter().enumerate();
        let near = services.filter(|(_, service)| service.namespace == pod.namespace);
        let links = near.flat_map(|(index, service)| {
            let ports: Vec<(Option<&str>, u16)> =
                service.ports.iter().map(|port| (port.name.as_deref(), port.port)).collect();
            link_variables(&service.name, address(SERVICES, index), &ports)
        });
        // The API server is a Service in every namespace.
        link_variables("kubernetes", Ipv4Addr::new(10, 96, 0, 1), &[(Some("https"), 443)])
            .into_iter()
            .chain(links)
            .collect()
    }

    /// Where each port of a Service leads: to a Pod that is ready, or to the lab that stands for one.
    fn routes(&self, service: &ClusterService) -> Vec<(u16, Behind)> {
        let partner = self.partners.iter().find(|partner| answers_to(service, &partner.host));
        let route = |port: &ServicePort| match (self.pod_behind(service, port), partner) {
            (Some((scratch, target)), _) => Some((port.port, Behind::Door(door(&scratch, target)))),
            (None, Some(partner)) => Some((port.port, Behind::Lab(partner.lab))),
            (None, None) => None,
        };
        service.ports.iter().filter_map(route).collect()
    }

    /// The folder of the Pod and its port behind a port of the Service of that name.
    pub(super) fn behind(&self, service: &str, port: u16) -> Option<(PathBuf, u16)> {
        let service = self.environment.services.iter().find(|known| known.name == service)?;
        let port = service.ports.iter().find(|known| known.port == port)?;
        self.pod_behind(service, port)
    }

    fn pod_behind(&self, service: &ClusterService, port: &ServicePort) -> Option<(PathBuf, u16)> {
        self.running.iter().find_map(|running| {
            let pod = self.environment.pods.iter().find(|pod| pod.name == running.pod && service.selects(pod))?;
            Some((running.scratch.clone(), target(port, pod)?))
        })
    }
}

/// The ports through which a Pod is reached: that of its readiness probe first, since it says where it serves.
pub(super) fn ports(environment: &Environment, pod: &Pod) -> Vec<u16> {
    let Some(container) = pod.containers.first() else { return Vec::new() };
    let probes = [&container.readiness_probe, &container.startup_probe, &container.liveness_probe];
    let probed = probes.into_iter().flatten().filter_map(|probe| super::probes::port(probe, pod));
    let declared = container.ports.iter().map(|port| port.container_port);
    let leading = environment.services.iter().filter(|service| service.selects(pod));
    let targets = leading.flat_map(|service| service.ports.iter().filter_map(|port| target(port, pod)));
    let mut ports = Vec::new();
    for port in probed.chain(declared).chain(targets) {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    ports
}

/// The port of the Pod that a port of a Service leads to.
fn target(port: &ServicePort, pod: &Pod) -> Option<u16> {
    port.target_port.as_ref().map_or(Some(port.port), |target| numbered(target, pod))
}

/// The number of a port that is given by number or by the name of a container's port.
pub(super) fn numbered(port: &Value, pod: &Pod) -> Option<u16> {
    let name = match port {
        Value::Number(number) => return number.as_u64().and_then(|number| u16::try_from(number).ok()),
        other => other.as_str()?,
    };
    let mut declared = pod.containers.iter().flat_map(|container| &container.ports);
    let named = declared.find(|port| port.name.as_deref() == Some(name)).map(|port| port.container_port);
    named.or_else(|| name.parse().ok())
}

/// All that a Service is called: from its own namespace by its name alone.
fn names(service: &ClusterService, pod: &Pod) -> Vec<String> {
    let ClusterService { name, namespace, .. } = service;
    let near = (*namespace == pod.namespace).then(|| name.clone());
    let ends = ["", ".svc", ".svc.cluster.local"].map(|end| format!("{name}.{namespace}{end}"));
    near.into_iter().chain(ends).collect()
}

fn answers_to(service: &ClusterService, host: &str) -> bool {
    let full = format!("{}.{}.svc.cluster.local", service.name, service.namespace);
    host == service.name || (host.contains('.') && full.starts_with(&format!("{host}."))) || host == full
}

/// The number `index` of a range, which Services of one environment do not exhaust.
fn address([a, b, c]: [u8; 3], index: usize) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, u8::try_from(FIRST + index).unwrap_or(u8::MAX))
}

/// The variables that a kubelet adds for one Service, as Docker's links once did.
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
pub fn link_variables(name: &str, address: Ipv4Addr, ports: &[(Option<&str>, u16)]) -> Vec<(String, String)> {
    let name = upper(name);
    let Some((_, first)) = ports.first() else { return Vec::new() };
    let mut all = vec![
        (format!("{name}_SERVICE_HOST"), address.to_string()),
        (format!("{name}_SERVICE_PORT"), first.to_string()),
        (format!("{name}_PORT"), format!("tcp://{address}:{first}")),
    ];
    for (port_name, port) in ports {
        all.extend(port_name.map(|port_name| (format!("{name}_SERVICE_PORT_{}", upper(port_name)), port.to_string())));
        let prefix = format!("{name}_PORT_{port}_TCP");
        all.extend([
            (prefix.clone(), format!("tcp://{address}:{port}")),
            (format!("{prefix}_PROTO"), "tcp".to_owned()),
            (format!("{prefix}_PORT"), port.to_string()),
            (format!("{prefix}_ADDR"), address.to_string()),
        ]);
    }
    all
}

fn upper(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, namespace: &str) -> ClusterService {
        ClusterService { name: name.to_owned(), namespace: namespace.to_owned(), selector: None, ports: Vec::new() }
    }

    #[test]
    fn a_service_answers_to_its_short_and_its_long_names() {
        let screen = service("screen", "links");
        for name in ["screen", "screen.links", "screen.links.svc", "screen.links.svc.cluster.local"] {
            assert!(answers_to(&screen, name), "{name}");
        }
        for name in ["scree", "screen.other", "screen.links.example", "links"] {
            assert!(!answers_to(&screen, name), "{name}");
        }
    }

    #[test]
    fn links_are_those_of_the_documentation() {
        let links = link_variables("redis-primary", Ipv4Addr::new(10, 0, 0, 11), &[(None, 6379)]);
        let shown: Vec<String> = links.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            shown,
            [
                "REDIS_PRIMARY_SERVICE_HOST=10.0.0.11",
                "REDIS_PRIMARY_SERVICE_PORT=6379",
                "REDIS_PRIMARY_PORT=tcp://10.0.0.11:6379",
                "REDIS_PRIMARY_PORT_6379_TCP=tcp://10.0.0.11:6379",
                "REDIS_PRIMARY_PORT_6379_TCP_PROTO=tcp",
                "REDIS_PRIMARY_PORT_6379_TCP_PORT=6379",
                "REDIS_PRIMARY_PORT_6379_TCP_ADDR=10.0.0.11",
            ]
        );
    }
}
