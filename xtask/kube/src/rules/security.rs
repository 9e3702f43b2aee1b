//! What a Pod may do.

use std::collections::HashSet;

use grader::text::{Text, text};

use super::Context;
use crate::finding::Found;
use crate::node::{Node, Value};
use crate::set::Workload;

/// A setting of a container, or of its Pod where the container says nothing.
fn setting<'n>(work: &'n Workload, container: &'n Node, path: &str) -> Option<&'n Node> {
    let own = container.at("securityContext").and_then(|context| context.at(path));
    own.or_else(|| work.spec.at("securityContext").and_then(|context| context.at(path)))
}

/// All containers of which `right` is not true.
fn wrong(context: &Context, path: &str, right: fn(Option<&Value>) -> bool, what: &Text) -> Vec<Found> {
    let all = context.containers();
    let wrong = all.filter(|(work, container)| !right(setting(work, container, path).map(|node| &node.value)));
    let place = |container: &Node| container.place(&format!("securityContext.{path}"));
    wrong.map(|(work, container)| Found::new(work.object, place(container), what.clone())).collect()
}

/// Nobody is root: it is forbidden, or the user is somebody else.
pub fn not_root(context: &Context) -> Vec<Found> {
    let what = text("may run as root", "root로 실행될 수 있습니다");
    let is_yes = |node: &Node| matches!(node.value, Value::Bool(true));
    let is_other = |node: &Node| matches!(&node.value, Value::Number(user) if user.as_u64() != Some(0));
    let all = context.containers();
    let root = all.filter(|(work, container)| {
        !setting(work, container, "runAsNonRoot").is_some_and(is_yes)
            && !setting(work, container, "runAsUser").is_some_and(is_other)
    });
    root.map(|(work, container)| Found::new(work.object, container.place("securityContext.runAsNonRoot"), what.clone()))
        .collect()
}

/// Nobody becomes root.
pub fn no_escalation(context: &Context) -> Vec<Found> {
    let what = text("may gain rights that it did not start with", "시작할 때 없던 권한을 얻을 수 있습니다");
    wrong(context, "allowPrivilegeEscalation", |value| matches!(value, Some(Value::Bool(false))), &what)
}

/// Nobody has special rights.
pub fn drops_all(context: &Context) -> Vec<Found> {
    let what = text("keeps special rights of the kernel", "커널의 특별한 권한을 그대로 가집니다(capability)");
    let all = |value: Option<&Value>| match value {
        Some(Value::List(items)) => items.iter().filter_map(Node::as_str).any(|word| word.eq_ignore_ascii_case("all")),
        _ => false,
    };
    wrong(context, "capabilities.drop", all, &what)
}

/// Nobody writes into its image.
pub fn read_only(context: &Context) -> Vec<Found> {
    let what = text("may write into its own file system", "자기 파일 시스템에 쓸 수 있습니다");
    wrong(context, "readOnlyRootFilesystem", |value| matches!(value, Some(Value::Bool(true))), &what)
}

/// Unusual system calls are refused.
pub fn seccomp(context: &Context) -> Vec<Found> {
    let what = text("may make every system call", "모든 시스템 호출을 할 수 있습니다");
    let filtered = |value: Option<&Value>| matches!(value, Some(Value::String { text, .. }) if text == "RuntimeDefault" || text == "Localhost");
    wrong(context, "seccompProfile.type", filtered, &what)
}

/// Nobody holds a key to the cluster, except those whom a role gives something to do there.
pub fn no_token(context: &Context) -> Vec<Found> {
    let mut bound = HashSet::new();
    for object in context.set.objects.iter().filter(|object| object.kind.ends_with("RoleBinding")) {
        let accounts = object.node.list("subjects").iter().filter(|who| who.str("kind") == Some("ServiceAccount"));
        bound.extend(accounts.filter_map(|who| who.str("name")));
    }
    let mut all = Vec::new();
    for work in context.workloads {
        let account = work.spec.str("serviceAccountName").unwrap_or("default");
        let object = context.set.find("ServiceAccount", work.object, account);
        let by_account = || object.and_then(|account| account.node.bool("automountServiceAccountToken"));
        let mounted = work.spec.bool("automountServiceAccountToken").or_else(by_account).unwrap_or(true);
        if mounted && !bound.contains(account) {
            let what = text(
                "holds a key to the cluster that it does not use",
                "쓰지도 않는 클러스터 API 토큰을 가지고 있습니다",
            );
            all.push(Found::new(work.object, work.spec.place("automountServiceAccountToken"), what));
        }
    }
    all
}

/// Each container says what it needs.
pub fn resources(context: &Context) -> Vec<Found> {
    let free = context.containers().filter(|(_, container)| container.map("resources.requests").is_empty());
    let what = || text("does not say how much it needs", "얼마나 필요한지 적혀 있지 않습니다");
    free.map(|(work, container)| Found::new(work.object, container.place("resources"), what())).collect()
}
