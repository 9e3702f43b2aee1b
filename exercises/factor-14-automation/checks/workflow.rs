//! The workflow file: what a build server runs, and whether it would notice.

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::yaml::{File, Scalar};
use crate::text::{Text, text, verbatim};

/// Where the services that run pipelines look for them.
const GITHUB: &str = ".github/workflows/";
const GITLAB: &str = ".gitlab-ci.yml";
/// What must start a run, in GitHub's words.
const TRIGGERS: [&str; 2] = ["push", "pull_request"];
/// How the names of variables end that hold secrets.
const SECRETS: [&str; 5] = ["TOKEN", "PASSWORD", "SECRET", "KEY", "CREDENTIALS"];

/// A finding: the reason, and the place.
type Finding = (&'static str, String);

/// Reads what is written; nothing is started.
pub async fn workflow_calls_the_same(lab: Lab) -> CheckResult {
    let command = lab.bench.subject.manifest.pipeline.as_ref().map(|pipeline| pipeline.run.join(" "));
    let command = command.unwrap_or_default();
    let files = lab.yaml_files().await?;
    let workflows = files.iter().filter(|file| file.path.starts_with(GITHUB) || file.path == GITLAB);
    let read: Vec<(&File, &[Scalar])> =
        workflows.filter_map(|file| Some((file, file.read.as_ref().ok()?.as_slice()))).collect();
    if read.is_empty() {
        return Err(failure(("no-workflow", format!("{GITHUB}*.yml, {GITLAB}")), &command).into());
    }
    let mut runs = read.iter().filter(|(_, scalars)| scalars.iter().any(|step| calls(step, &command)));
    let Some((file, scalars)) = runs.next() else {
        let names: Vec<&str> = read.iter().map(|(file, _)| file.path.as_str()).collect();
        return Err(failure(("another-command", names.join(", ")), &command).into());
    };
    let found = triggers(file, scalars, &command)
        .or_else(|| open_gate(file, scalars, &command))
        .or_else(|| read.iter().find_map(|(file, scalars)| literal_secret(file, scalars)));
    if let Some(found) = found {
        return Err(failure(found, &command).into());
    }
    remarks(&lab, file, scalars);
    Ok(())
}

/// Whether this is a step that runs the command, alone or in a line of its own.
fn calls(step: &Scalar, command: &str) -> bool {
    is_step(step) && !command.is_empty() && step.text.lines().any(|line| runs_in(line, command))
}

fn is_step(scalar: &Scalar) -> bool {
    match scalar.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["jobs", _, "steps", _, "run"] => true,
        [_, "script", item] | [_, "before_script", item] => item.parse::<usize>().is_ok(),
        [_, "script"] => true,
        _ => false,
    }
}

/// `./ci/pipeline`, `bash ./ci/pipeline`, `FAST=1 ./ci/pipeline || true`.
fn runs_in(line: &str, command: &str) -> bool {
    let bare = command.strip_prefix("./").unwrap_or(command);
    let words =
        |text: &str| text.split_whitespace().map(|word| word.trim_start_matches("./").to_owned()).collect::<Vec<_>>();
    let (line, wanted) = (words(line), words(bare));
    !line.first().is_some_and(|word| word.starts_with('#')) && line.windows(wanted.len()).any(|part| part == wanted)
}

/// On GitHub a run is started by what `on` names; on GitLab by every push, unless somebody has to press a button.
fn triggers(file: &File, scalars: &[Scalar], command: &str) -> Option<Finding> {
    if file.path == GITLAB {
        let job = job_of(scalars, command)?;
        let waits = |scalar: &&Scalar| {
            scalar.path.first() == Some(&job)
                && scalar.path.last().is_some_and(|key| key == "when")
                && scalar.text == "manual"
        };
        return scalars.iter().find(waits).map(|scalar| ("not-triggered", place(file, scalar)));
    }
    let names = |trigger: &str| {
        scalars.iter().any(|scalar| {
            let path: Vec<&str> = scalar.path.iter().map(String::as_str).collect();
            match path.as_slice() {
                ["on"] => scalar.text == trigger,
                ["on", key, ..] => *key == trigger || (key.parse::<usize>().is_ok() && scalar.text == trigger),
                _ => false,
            }
        })
    };
    let missing = TRIGGERS.into_iter().find(|trigger| !names(trigger))?;
    Some(("not-triggered", format!("{}: on: {missing}", file.path)))
}

/// A step that may fail, or whose failure is swallowed in its own line.
fn open_gate(file: &File, scalars: &[Scalar], command: &str) -> Option<Finding> {
    let job = job_of(scalars, command)?;
    let forgives = |scalar: &&Scalar| {
        let of_the_job = scalar.path.contains(&job);
        let key = scalar.path.last().map_or("", String::as_str);
        of_the_job && ["continue-on-error", "allow_failure"].contains(&key) && scalar.text != "false"
    };
    let swallows = |scalar: &&Scalar| {
        is_step(scalar)
            && scalar
                .text
                .lines()
                .any(|line| runs_in(line, command) && ["||", ";", "| "].iter().any(|sign| line.contains(sign)))
    };
    let open = scalars.iter().find(forgives).or_else(|| scalars.iter().find(swallows))?;
    Some(("gate-open", place(file, open)))
}

/// The job in which the command is run.
fn job_of(scalars: &[Scalar], command: &str) -> Option<String> {
    let path = &scalars.iter().find(|step| calls(step, command))?.path;
    path.get(usize::from(path[0] == "jobs")).cloned()
}

fn literal_secret(file: &File, scalars: &[Scalar]) -> Option<Finding> {
    let found = scalars.iter().find(|scalar| {
        let name = scalar.path.last().map_or("", String::as_str);
        let is_variable = scalar.path.iter().any(|key| key == "env" || key == "variables");
        is_variable && is_secret(name) && !scalar.text.is_empty() && !scalar.text.contains('$')
    })?;
    Some(("literal-secret", place(file, found)))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    SECRETS.iter().any(|end| name.ends_with(end))
}

/// What makes a pipeline safer and is no condition.
fn remarks(lab: &Lab, file: &File, scalars: &[Scalar]) {
    for action in scalars.iter().filter(|scalar| scalar.path.last().is_some_and(|key| key == "uses")) {
        if !is_pinned(&action.text) {
            let (at, name) = (place(file, action), &action.text);
            lab.remark(text(
                format!("{at}: {name} can be moved to other code: name a commit, or a full version"),
                format!("{at}: {name} 태그는 다른 코드로 옮겨질 수 있습니다. 커밋이나 전체 버전을 적으십시오"),
            ));
        }
    }
    if file.path != GITLAB && !scalars.iter().any(|scalar| scalar.path.iter().any(|key| key == "permissions")) {
        lab.remark(text(
            format!("{}: without `permissions` each step may do what the repository's token may", file.path),
            format!("{}: `permissions`가 없으면 모든 단계가 저장소 토큰의 권한을 그대로 가집니다", file.path),
        ));
    }
}

/// A commit, a version of three numbers, or a file of this repository.
fn is_pinned(action: &str) -> bool {
    let Some((_, version)) = action.rsplit_once('@') else { return action.starts_with("./") };
    let is_commit = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit || version.contains("sha256:") || version.split('.').count() >= 3
}

fn place(file: &File, scalar: &Scalar) -> String {
    format!("{}:{}", file.path, scalar.line)
}

fn failure((reason, seen): Finding, command: &str) -> Failure {
    let did = text("read the workflow files", "워크플로 파일을 읽음");
    let expected = match reason {
        "no-workflow" => text("a workflow file", "워크플로 파일이 있어야 합니다"),
        "another-command" => {
            text(format!("a step that runs `{command}`"), format!("`{command}` 명령을 실행하는 단계가 있어야 합니다"))
        }
        "not-triggered" => text(
            "it runs on every push and every pull request, by itself",
            "push와 pull request마다 저절로 실행되어야 합니다",
        ),
        "gate-open" => text(
            format!("when `{command}` fails, the run fails"),
            format!("`{command}` 명령이 실패하면 전체 실행도 실패해야 합니다"),
        ),
        _ => text("secrets come from the store of secrets", "비밀 값은 비밀 저장소에서 가져와야 합니다"),
    };
    Failure::new(reason, did, expected, seen_at(reason, seen))
}

/// The value of a secret is not repeated: its place is enough.
fn seen_at(reason: &str, seen: String) -> Text {
    match reason {
        "no-workflow" | "not-triggered" => text(format!("missing: {seen}"), format!("없음: {seen}")),
        _ => verbatim(seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(path: &[&str], text: &str) -> Scalar {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Scalar { path, text: text.to_owned(), line: 1, ..Scalar::default() }
    }

    fn file(path: &str) -> File {
        File { path: path.to_owned(), read: Ok(Vec::new()) }
    }

    #[test]
    fn a_command_is_found_in_the_line_that_runs_it() {
        let calls = |line: &str| runs_in(line, "./ci/pipeline");
        assert!(calls("./ci/pipeline") && calls("bash ci/pipeline") && calls("FAST=1 ./ci/pipeline || true"));
        assert!(!calls("# ./ci/pipeline") && !calls("./ci/pipeline-old") && !calls("cargo test"));
        assert!(runs_in("make release VERBOSE=1", "make release") && !runs_in("make", "make release"));
    }

    #[test]
    fn triggers_are_written_in_three_ways() {
        let step = scalar(&["jobs", "a", "steps", "0", "run"], "./ci/pipeline");
        let file = file(".github/workflows/a.yml");
        let missing =
            |on: &[Scalar]| triggers(&file, &[on, std::slice::from_ref(&step)].concat(), "./ci/pipeline").is_some();
        assert!(!missing(&[scalar(&["on", "0"], "push"), scalar(&["on", "1"], "pull_request")]));
        assert!(!missing(&[scalar(&["on", "push", "branches", "0"], "main"), scalar(&["on", "pull_request"], "")]));
        assert!(missing(&[scalar(&["on"], "push")]));
        assert!(missing(&[scalar(&["on"], "workflow_dispatch")]));
    }

    #[test]
    fn a_gate_is_open_when_its_failure_is_swallowed_anywhere() {
        let open = |scalars: &[Scalar]| open_gate(&file(GITLAB), scalars, "./ci/pipeline").is_some();
        let step = |line: &str| scalar(&["release", "script", "0"], line);
        assert!(!open(&[step("./ci/pipeline")]));
        assert!(open(&[step("./ci/pipeline || true")]) && open(&[step("./ci/pipeline | tee log")]));
        assert!(open(&[step("./ci/pipeline"), scalar(&["release", "allow_failure"], "true")]));
        assert!(!open(&[step("./ci/pipeline"), scalar(&["lint", "allow_failure"], "true")]));
    }

    #[test]
    fn secrets_are_known_by_their_names_and_pins_by_their_form() {
        let env = |name: &str, value: &str| [scalar(&["jobs", "a", "env", name], value)];
        let found = |scalars: &[Scalar]| literal_secret(&file("x"), scalars).is_some();
        assert!(found(&env("DEPLOY_TOKEN", "abc")) && !found(&env("DEPLOY_TOKEN", "${{ secrets.T }}")));
        assert!(!found(&env("RELEASE_STORE", "releases")));
        assert!(is_pinned("actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8") && is_pinned("a/b@v1.2.3"));
        assert!(!is_pinned("actions/checkout@v5") && !is_pinned("a/b@main") && is_pinned("./ci/action"));
    }
}
