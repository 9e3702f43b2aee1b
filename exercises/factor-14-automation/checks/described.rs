//! What machines are made of is written where programs read it, and no step is left to people who read.

use std::path::Path;
use std::process::Stdio;

use crate::check::{CheckResult, Failure, LabError};
use crate::lab::Lab;
use crate::lab::yaml::File;
use crate::text::{Text, text, verbatim};
use crate::tree::versioned_files;

/// What compose files are called.
const COMPOSE: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/// What acts on other machines, or changes this one. What developers call every day is not among them.
const ACTS_ELSEWHERE: [&str; 24] = [
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "kubectl",
    "helm",
    "kustomize",
    "terraform",
    "tofu",
    "ansible",
    "ansible-playbook",
    "docker",
    "docker-compose",
    "podman",
    "systemctl",
    "service",
    "psql",
    "mysql",
    "redis-cli",
    "apt",
    "apt-get",
    "yum",
    "dnf",
    "crontab",
];
/// Larger files were not written by hand.
const LARGEST: u64 = 1 << 20;

/// Every description can be read, and what a README asks of people, a script of the repository does as well.
pub async fn environment_as_code(lab: Lab) -> CheckResult {
    for file in lab.yaml_files().await? {
        renders(&lab, &file).await?;
    }
    match steps_in_readme(&lab.bench.tree.folder)? {
        None => Ok(()),
        Some(line) => {
            let did = text("read the shell blocks of README files", "README의 셸 블록을 읽음");
            let expected = text(
                "each tool that they call is called by a script of the repository",
                "거기서 부르는 도구는 저장소의 스크립트에서도 불러야 합니다",
            );
            Err(Failure::new("steps-in-readme", did, expected, verbatim(line)).into())
        }
    }
}

async fn renders(lab: &Lab, file: &File) -> CheckResult {
    let name = Path::new(&file.path);
    // What is rendered by a tool first, such as a chart, is no YAML yet.
    let is_template = name.iter().any(|part| part == "templates");
    let seen = match &file.read {
        Err(trouble) if !is_template => Some(verbatim(format!("{}:{}: {}", file.path, trouble.line, trouble.why))),
        Ok(_) if COMPOSE.iter().any(|compose| name == Path::new(compose)) => compose(lab, &file.path).await?,
        _ => None,
    };
    let Some(seen) = seen else { return Ok(()) };
    let did = text(format!("read {}", file.path), format!("{} 파일을 읽음", file.path));
    let expected = text("a program can read it", "프로그램이 읽을 수 있어야 합니다");
    Err(Failure::new("does-not-render", did, expected, seen).into())
}

/// What Compose says against a file; nothing where there is no Compose.
async fn compose(lab: &Lab, file: &str) -> CheckResult<Option<Text>> {
    for words in [&["docker", "compose"][..], &["docker-compose"][..]] {
        let mut command = tokio::process::Command::new(words[0]);
        command.args(&words[1..]).args(["-f", file, "config", "--quiet"]).current_dir(&lab.bench.tree.folder);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = match lab.bench.patience.until_tool(command.output()).await {
            Some(Ok(output)) => output,
            _ => continue,
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // A client that does not know the subcommand has said nothing of the file.
        if output.status.success() || !said.contains(file) && said.contains("docker") {
            return Ok(None);
        }
        let line = said.lines().next_back().unwrap_or_default().to_owned();
        return Ok(Some(verbatim(format!("{file}: {line}"))));
    }
    Ok(None)
}

/// The first line of a shell block that calls what no script calls.
fn steps_in_readme(folder: &Path) -> Result<Option<String>, LabError> {
    let files = versioned_files(folder)?;
    let read = |path: &Path| {
        let path = folder.join(path);
        let known = path.symlink_metadata().ok()?;
        (known.is_file() && known.len() < LARGEST).then(|| std::fs::read_to_string(path).ok())?
    };
    let is_readme = |path: &&std::path::PathBuf| path.to_string_lossy().to_lowercase().starts_with("readme");
    let is_prose = |path: &Path| path.extension().is_some_and(|end| end == "md" || end == "txt");
    let code: Vec<String> = files.iter().filter(|path| !is_prose(path)).filter_map(|path| read(path)).collect();
    let called = |tool: &str| code.iter().any(|words| has_word(words, tool));
    let mut lines = files.iter().filter(is_readme).filter_map(|path| read(path)).flat_map(|words| shell_lines(&words));
    Ok(lines.find(|line| first_word(line).is_some_and(|tool| ACTS_ELSEWHERE.contains(&tool) && !called(tool))))
}

/// The lines of fenced blocks that a shell would run, without prompts.
fn shell_lines(markdown: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = None;
    for line in markdown.lines().map(str::trim) {
        match (line.strip_prefix("```"), inside) {
            (Some(kind), None) => inside = Some(["", "sh", "bash", "shell", "console", "zsh"].contains(&kind.trim())),
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => lines.push(line.strip_prefix("$ ").unwrap_or(line).to_owned()),
            (None, _) => {}
        }
    }
    lines
}

fn first_word(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| *word == "sudo" || word.contains('='));
    words.next().map(|word| word.rsplit('/').next().unwrap_or(word))
}

fn has_word(words: &str, tool: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    words.split(|c| !is_part(c)).any(|word| word == tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(readme: &str, script: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        crate::git::git(folder.path(), &["init", "--quiet"]).unwrap();
        std::fs::write(folder.path().join("README.md"), readme).unwrap();
        std::fs::write(folder.path().join("deploy"), script).unwrap();
        steps_in_readme(folder.path()).unwrap()
    }

    #[test]
    fn a_step_that_no_script_does_is_found_in_a_shell_block_alone() {
        let readme = "To deploy:\n\n```sh\n$ sudo scp app web:/srv\n```\n";
        assert_eq!(found(readme, "#!/bin/sh\n").as_deref(), Some("sudo scp app web:/srv"));
        assert_eq!(found(readme, "#!/bin/sh\nscp app web:/srv\n"), None);
        assert_eq!(found("We use ssh.\n\n```toml\nssh = 1\n```\n", ""), None);
        assert_eq!(found("```\ncargo run\n./ci/deploy x\ngit push\n```\n", ""), None);
    }
}
