//! The kinds of Kubernetes whose types are compared.

use k8s_openapi::api::{
    admissionregistration, apps, autoscaling, batch, certificates, coordination, core, discovery, flowcontrol,
    networking, node, policy, rbac, scheduling, storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;

use super::{Kind, kind};

/// All of them. Custom resources are known to their cluster alone.
pub static KINDS: &[Kind] = &[
    kind::<core::v1::ConfigMap>(),
    kind::<core::v1::Endpoints>(),
    kind::<core::v1::LimitRange>(),
    kind::<core::v1::Namespace>(),
    kind::<core::v1::Node>(),
    kind::<core::v1::PersistentVolume>(),
    kind::<core::v1::PersistentVolumeClaim>(),
    kind::<core::v1::Pod>(),
    kind::<core::v1::PodTemplate>(),
    kind::<core::v1::ReplicationController>(),
    kind::<core::v1::ResourceQuota>(),
    kind::<core::v1::Secret>(),
    kind::<core::v1::Service>(),
    kind::<core::v1::ServiceAccount>(),
    kind::<apps::v1::ControllerRevision>(),
    kind::<apps::v1::DaemonSet>(),
    kind::<apps::v1::Deployment>(),
    kind::<apps::v1::ReplicaSet>(),
    kind::<apps::v1::StatefulSet>(),
    kind::<batch::v1::CronJob>(),
    kind::<batch::v1::Job>(),
    kind::<autoscaling::v1::HorizontalPodAutoscaler>(),
    kind::<autoscaling::v2::HorizontalPodAutoscaler>(),
    kind::<networking::v1::Ingress>(),
    kind::<networking::v1::IngressClass>(),
    kind::<networking::v1::NetworkPolicy>(),
    kind::<policy::v1::PodDisruptionBudget>(),
    kind::<rbac::v1::ClusterRole>(),
    kind::<rbac::v1::ClusterRoleBinding>(),
    kind::<rbac::v1::Role>(),
    kind::<rbac::v1::RoleBinding>(),
    kind::<scheduling::v1::PriorityClass>(),
    kind::<storage::v1::CSIDriver>(),
    kind::<storage::v1::StorageClass>(),
    kind::<node::v1::RuntimeClass>(),
    kind::<discovery::v1::EndpointSlice>(),
    kind::<coordination::v1::Lease>(),
    kind::<certificates::v1::CertificateSigningRequest>(),
    kind::<admissionregistration::v1::MutatingWebhookConfiguration>(),
    kind::<admissionregistration::v1::ValidatingAdmissionPolicy>(),
    kind::<admissionregistration::v1::ValidatingAdmissionPolicyBinding>(),
    kind::<admissionregistration::v1::ValidatingWebhookConfiguration>(),
    kind::<flowcontrol::v1::FlowSchema>(),
    kind::<flowcontrol::v1::PriorityLevelConfiguration>(),
    kind::<CustomResourceDefinition>(),
    kind::<APIService>(),
];

/// Groups of Kubernetes whose kinds change too often to be compared here; they are treated as custom resources.
pub const LEFT_OUT: [&str; 4] =
    ["resource.k8s.io", "internal.apiserver.k8s.io", "lifecycle.k8s.io", "storagemigration.k8s.io"];
