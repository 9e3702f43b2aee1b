//! Edits of configuration: a value is changed in a copy of the subject's files, and everything is rendered again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::check::{CheckResult, Failure, LabError, Missing};
use crate::lab::Lab;
use crate::lab::files::files_below;
use crate::lab::manifests::{Environment, Manifests, Pod, Variable};
use crate::text::text;

/// Configuration is text of a few lines; what is larger is something else.
const LARGEST: u64 = 1 << 20;

/// In each environment, an edit of each ConfigMap that a Pod uses changes that Pod's template. One whose edits the platform
/// refuses needs none.
pub async fn make_releases(lab: &Lab, manifests: &Manifests) -> CheckResult {
    for environment in &manifests.environments {
        let servers = environment.pods.iter().filter(|pod| pod.role != "one-off");
        for pod in servers {
            for variables in by_config_map(environment, pod) {
                one_edit_makes_a_release(lab, environment, pod, &variables).await?;
            }
        }
    }
    Ok(())
}

/// The variables of a Pod that come from ConfigMaps which can be edited, together for each of those.
fn by_config_map<'m>(environment: &Environment, pod: &'m Pod) -> Vec<Vec<&'m Variable>> {
    let refused = |name: &str| environment.config_maps.iter().any(|map| map.name == name && map.edits_refused);
    let mut maps: Vec<(&str, Vec<&Variable>)> = Vec::new();
    for variable in pod.containers.iter().flat_map(|container| &container.env) {
        let Some(map) = variable.config_map.as_deref().filter(|map| !refused(map)) else { continue };
        match maps.iter_mut().find(|(known, _)| *known == map) {
            Some((_, variables)) => variables.push(variable),
            None => maps.push((map, vec![variable])),
        }
    }
    maps.into_iter().map(|(_, variables)| variables).collect()
}

/// The first variable whose value stands in a file decides.
async fn one_edit_makes_a_release(
    lab: &Lab,
    environment: &Environment,
    pod: &Pod,
    variables: &[&Variable],
) -> CheckResult {
    for variable in variables {
        let Some(value) = variable.value.as_deref().filter(|value| !value.is_empty()) else { continue };
        let folder = lab.scratch()?.join("edited");
        crate::copy(&lab.bench.tree.folder, &folder)
            .map_err(|error| LabError::new("cannot copy the manifests", error))?;
        let other = format!("{value}{}", lab.chance().below(9));
        let edited = edit(&folder, &variable.name, value, &other)?;
        let Some(file) = edited.first() else { continue };
        let after = lab.manifests_in(&folder).await?;
        let later = after.environments.iter().find(|known| known.name == environment.name);
        let later =
            later.and_then(|later| later.pods.iter().find(|known| known.kind == pod.kind && known.name == pod.name));
        // The control: the edit has reached the Pod's environment.
        let reached = later.filter(|later| value_of(later, &variable.name) == Some(&other));
        let Some(later) = reached else { continue };
        if later.template != pod.template {
            return Ok(());
        }
        return Err(unnoticed(pod, file, &variable.name).into());
    }
    Err(nothing_to_edit(pod).into())
}

fn value_of<'p>(pod: &'p Pod, name: &str) -> Option<&'p str> {
    let all = pod.containers.iter().flat_map(|container| &container.env);
    all.filter(|variable| variable.name == name).find_map(|variable| variable.value.as_deref())
}

/// Writes another value wherever a line gives this one to that name; returns the files.
fn edit(folder: &Path, name: &str, value: &str, other: &str) -> Result<Vec<PathBuf>, LabError> {
    let mut edited = Vec::new();
    for path in files_below(folder)? {
        let small = path.metadata().is_ok_and(|about| about.len() <= LARGEST);
        let Some(words) = fs::read_to_string(&path).ok().filter(|_| small) else { continue };
        let lines: Vec<String> = words.lines().map(|line| edited_line(line, name, value, other)).collect();
        let changed = lines.join("\n") + "\n";
        if lines.iter().zip(words.lines()).any(|(one, other)| one != other) {
            fs::write(&path, changed).map_err(|error| LabError::new("cannot edit the copy", error))?;
            edited.push(path.strip_prefix(folder).unwrap_or(&path).to_owned());
        }
    }
    Ok(edited)
}

/// `NAME: value`, `NAME=value`, quoted or not; the name may be another's end, which is none of ours.
fn edited_line(line: &str, name: &str, value: &str, other: &str) -> String {
    let whole = |at: usize| !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let Some(at) = line.find(name).filter(|at| whole(*at)) else { return line.to_owned() };
    let (before, rest) = line.split_at(at + name.len());
    let gap = rest.len() - rest.trim_start_matches(['"', '\'', ' ', ':', '=', '\t']).len();
    let (gap, rest) = rest.split_at(gap);
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['"', '\'', ' ', ',', '}']);
    match rest.strip_prefix(value).filter(|rest| gap.contains([':', '=']) && ends(rest)) {
        Some(rest) => format!("{before}{gap}{other}{rest}"),
        None => line.to_owned(),
    }
}

fn unnoticed(pod: &Pod, file: &Path, name: &str) -> Failure {
    let file = file.display();
    Failure::new(
        "config-edit-unnoticed",
        text(
            format!("changed {name} in {file} and rendered again"),
            format!("{file} 파일에서 {name} 값을 바꾸고 다시 렌더링"),
        ),
        text(
            "the Pod template is another one, so that a rollout begins",
            "Pod 템플릿이 바뀌어 롤아웃이 시작되어야 합니다",
        ),
        text(
            format!("{} {} is the same: running Pods keep the old value", pod.kind, pod.name),
            format!("{} {} 템플릿이 그대로입니다. 실행 중인 Pod는 옛 값을 씁니다", pod.kind, pod.name),
        ),
    )
}

fn nothing_to_edit(pod: &Pod) -> Missing {
    Missing {
        what: text(
            format!(
                "a value of {}'s configuration that stands in a file: none was found that can be changed",
                pod.name
            ),
            format!("파일에 적힌 {} 설정 값: 바꿔 볼 수 있는 값을 찾지 못했습니다", pod.name),
        ),
        fix: text(
            "write one of them as `NAME: value` or `NAME=value` in a file that the manifests are rendered from",
            "매니페스트를 렌더링하는 파일에 값 하나를 `NAME: value`나 `NAME=value` 꼴로 적으십시오",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_every_way_of_writing_them() {
        let edited = |line: &str| edited_line(line, "PORT", "8080", "9");
        assert_eq!(edited("  PORT: \"8080\"  # ours"), "  PORT: \"9\"  # ours");
        assert_eq!(edited("      - PORT=8080"), "      - PORT=9");
        assert_eq!(edited("{PORT: 8080, A: 1}"), "{PORT: 9, A: 1}");
        assert_eq!(edited("\"PORT\": '8080'"), "\"PORT\": '9'");
        for other in ["  HTTP_PORT: 8080", "  PORT: 80801", "  PORT_8080: 1", "PORTS: 8080", "the PORT is 8080"] {
            assert_eq!(edited(other), other);
        }
    }
}
