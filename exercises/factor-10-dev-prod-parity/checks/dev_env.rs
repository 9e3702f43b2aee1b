//! The developers' own settings: the file that `[dev] env` names.

use crate::check::{CheckResult, Failure, LabError, Missing};
use crate::lab::Lab;
use crate::links::System;
use crate::manifest::Dev;
use crate::text::{Text, text};

/// What `app.toml` says of a developer's machine.
///
/// # Errors
///
/// [`Missing`] when it says nothing: then there is nothing to compare production with.
pub fn dev(lab: &Lab) -> CheckResult<&Dev> {
    let dev = lab.bench.subject.manifest.dev.as_ref();
    dev.ok_or_else(|| {
        let what = text(
            "what a developer's machine is told: app.toml has no [dev]",
            "개발자 컴퓨터에 주는 설정: app.toml에 [dev] 항목이 없습니다",
        );
        let fix = text(
            "add it with `env = \"dev.env.example\"` and `services = \"compose.yaml\"`",
            "`env = \"dev.env.example\"`과 `services = \"compose.yaml\"`을 적어 추가하십시오",
        );
        Missing { what, fix }.into()
    })
}

/// The variables of the file, in order.
///
/// # Errors
///
/// A failure with `reason` when the file is not in the repository.
pub fn variables(lab: &Lab, reason: &'static str) -> CheckResult<Vec<(String, String)>> {
    let path = lab.bench.tree.folder.join(&dev(lab)?.env);
    match std::fs::read_to_string(&path) {
        Ok(words) => Ok(parse(&words)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(not_there(lab, reason)?.into()),
        Err(error) => Err(LabError::new(format!("cannot read {}", path.display()), error).into()),
    }
}

/// The same variables for a process in the lab: the addresses are the lab's, everything else stays. An address of another
/// kind, such as a file, stays as well.
pub fn in_the_lab(variables: &[(String, String)], system: &System) -> CheckResult<Vec<(String, String)>> {
    let mut told = Vec::new();
    for (name, value) in variables {
        let value = match name.as_str() {
            // The lab leases a free one.
            "PORT" => continue,
            "DATABASE_URL" if value.starts_with("postgres") => system.postgres()?.url(),
            "REDIS_URL" if value.starts_with("redis") => system.redis()?.url(),
            "SCREEN_URL" if value.starts_with("http") => system.screen.url(),
            _ => value.clone(),
        };
        told.push((name.clone(), value));
    }
    Ok(told)
}

/// Lines `NAME=value`, as every tool understands them: comments, `export`, and one pair of quotes around a value.
fn parse(words: &str) -> Vec<(String, String)> {
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.trim_start_matches("export ").split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), unquoted(value.trim()).to_owned())).collect()
}

fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

fn not_there(lab: &Lab, reason: &'static str) -> CheckResult<Failure> {
    let file = dev(lab)?.env.display().to_string();
    let say = |en: &str, ko: &str| -> Text { text(en, ko) };
    let did = say("looked for the file that `[dev] env` names", "`[dev] env`에 적힌 파일을 찾음");
    let expected = say("it is in the repository", "저장소에 있어야 합니다");
    Ok(Failure::new(reason, did, expected, text(format!("there is no {file}"), format!("{file} 파일이 없습니다"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_every_tool_reads_them() {
        let words = "# a comment\nPORT=8080\nexport KEY=\"a=b\"\n\n EMPTY=\nURL='postgres://x'\nnonsense\n";
        let expected = [("PORT", "8080"), ("KEY", "a=b"), ("EMPTY", ""), ("URL", "postgres://x")];
        assert_eq!(parse(words), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
