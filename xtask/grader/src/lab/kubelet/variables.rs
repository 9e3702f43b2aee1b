//! The environment of a container, in Kubernetes' order: Services, then `envFrom`, then `env`; what comes later wins.

use crate::lab::Lab;
use crate::lab::manifests::{Container, Pod, Variable};
use crate::text::{Text, text};

/// The variables of a container.
///
/// # Errors
///
/// What keeps a kubelet from making it.
pub(super) fn of(
    lab: &Lab,
    pod: &Pod,
    container: &Container,
    links: Vec<(String, String)>,
    secrets: &[(String, String)],
) -> Result<Vec<(String, String)>, Text> {
    if let Some(name) = container.env_from_config_maps.first() {
        return Err(stuck(&format!("ConfigMap \"{name}\" not found")));
    }
    let mut all = links;
    if !container.env_from_secrets.is_empty() {
        // A whole Secret that was made outside the repository holds what the service needs of it.
        secrets.iter().for_each(|(name, value)| set(&mut all, name, value.clone()));
    }
    for variable in &container.env {
        let value = value(lab, pod, variable, secrets, &all)?;
        set(&mut all, &variable.name, value);
    }
    Ok(all)
}

fn value(
    lab: &Lab,
    pod: &Pod,
    variable: &Variable,
    secrets: &[(String, String)],
    before: &[(String, String)],
) -> Result<String, Text> {
    let Variable { name, value, template, secret, field, .. } = variable;
    match (value, template, secret, field) {
        (Some(value), ..) => Ok(value.clone()),
        (_, Some(template), ..) => Ok(expanded(template, before)),
        (_, _, Some(key), _) => {
            let given = secrets.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            given.ok_or_else(|| stuck(&format!("couldn't find key {} in Secret {}", key.key, key.name)))
        }
        (.., Some(field)) => Ok(filled_in(lab, pod, field)),
        _ => Err(stuck(&format!("couldn't find what {name} refers to"))),
    }
}

/// What the platform knows of the Pod. Nothing else of it is known here.
fn filled_in(lab: &Lab, pod: &Pod, field: &str) -> String {
    let label = field.strip_prefix("metadata.labels['").and_then(|rest| rest.strip_suffix("']"));
    match (field, label) {
        ("metadata.name", _) => format!("{}-{}", pod.name, lab.chance().word(5)),
        ("metadata.namespace", _) => pod.namespace.clone(),
        ("status.podIP" | "status.hostIP", _) => "127.0.0.1".to_owned(),
        (_, Some(label)) => pod.labels.as_ref().and_then(|labels| labels.get(label)).cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// `$(NAME)` of a variable that was set before is its value; any other stays as it is written.
fn expanded(template: &str, before: &[(String, String)]) -> String {
    before.iter().fold(template.to_owned(), |words, (name, value)| words.replace(&format!("$({name})"), value))
}

fn set(all: &mut Vec<(String, String)>, name: &str, value: String) {
    all.retain(|(known, _)| known != name);
    all.push((name.to_owned(), value));
}

/// In a kubelet's own words, which people look up.
fn stuck(why: &str) -> Text {
    text(
        format!("the Pod waits in CreateContainerConfigError: {why}"),
        format!("Pod가 CreateContainerConfigError에 머뭅니다: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_variables_win_and_unknown_references_stay() {
        let mut all = vec![("A".to_owned(), "1".to_owned())];
        set(&mut all, "A", "2".to_owned());
        assert_eq!(all, [("A".to_owned(), "2".to_owned())]);
        assert_eq!(expanded("$(A)-$(B)", &all), "2-$(B)");
    }
}
