//! Where secrets must not be: in the repository, in the release, in log lines and in answers.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::check::{CheckResult, Failure, LabError};
use crate::git::git;
use crate::lab::Lab;
use crate::lab::files::files_below;
use crate::lab::logs::contains;
use crate::lab::secrets::written_forms;
use crate::lab::service::Service;
use crate::lab::stub::{Answer, Stub};
use crate::links::{Deploy, System, create_link, fresh_target};
use crate::text::{Text, text};
use crate::tree::versioned_files;

use super::shapes::secret_shape;

/// The secrets that the starter gives away. They are fixed: a tracked file cannot hold one of each attendee's own.
const CANARIES: [&str; 3] = ["sk_live_jjalda_7Q2mX9vB4tKp", "sk_live_jjalda_Zr81nWc5HdYe", "tteokbokki-4417"];

/// Looks for the starter's secrets, and for a few shapes that are secrets wherever they stand.
pub async fn no_secrets_in_repo(lab: Lab) -> CheckResult {
    let tree = &lab.bench.tree.folder;
    let files = versioned_files(tree)?;
    if files.is_empty() {
        return Err(LabError::new("the graded tree", "holds no file to look into").into());
    }
    for file in &files {
        let bytes = match versioned(&tree.join(file)) {
            Ok(bytes) => bytes,
            // Tracked, and deleted without a commit.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(LabError::new(format!("cannot read {}", file.display()), error).into()),
        };
        if let Some(canary) = CANARIES.iter().find(|canary| contains(&bytes, canary.as_bytes())) {
            return Err(found(&lab, "canary-in-tree", file, line_of(&bytes, canary.as_bytes()), canary).into());
        }
        let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
        for (number, line) in lines {
            if let Some(shape) = secret_shape(&String::from_utf8_lossy(line)) {
                return Err(found(&lab, "secret-pattern-in-tree", file, number, &shape).into());
            }
        }
    }
    if lab.bench.own_history {
        look_into_history(&lab)?;
    }
    Ok(())
}

/// Scans the release for what the build's environment held and for the starter's secrets.
pub async fn no_config_in_artefact(lab: Lab) -> CheckResult {
    let files = files_below(&lab.bench.release)?;
    if files.is_empty() || lab.bench.poison.is_empty() {
        return Err(LabError::new("the release", "holds no file, or the build was not poisoned").into());
    }
    for file in files {
        let bytes = fs::read(&file).map_err(|error| LabError::new(format!("cannot read {}", file.display()), error))?;
        let name = file.strip_prefix(&lab.bench.release).unwrap_or(&file).display().to_string();
        if let Some((variable, value)) = lab.bench.poison.iter().find(|(_, value)| contains(&bytes, value.as_bytes())) {
            let did = text(
                format!("built it with {variable}={value} in the environment of the build"),
                format!("빌드할 때만 {variable}={value} 환경 변수를 줌"),
            );
            return Err(Failure::new("build-value-in-release", did, clean_release(), in_file(&name, value)).into());
        }
        if let Some(canary) = CANARIES.iter().find(|canary| contains(&bytes, canary.as_bytes())) {
            let did = text("read every file of the release", "릴리즈의 모든 파일을 읽음");
            return Err(Failure::new("canary-in-release", did, clean_release(), in_file(&name, &masked(canary))).into());
        }
    }
    Ok(())
}

/// Lets the partner fail in every way and reads everything the service says about it.
pub async fn config_errors_redact(lab: Lab) -> CheckResult {
    for trouble in [Trouble::WrongKey, Trouble::Refuses, Trouble::Garbage, Trouble::MalformedUrl] {
        trouble.must_not_leak(&lab).await?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    WrongKey,
    Refuses,
    Garbage,
    MalformedUrl,
}

impl Trouble {
    fn did(self) -> Text {
        match self {
            Trouble::WrongKey => text("screen answered 401 to the key", "screen이 키를 거절(401)"),
            Trouble::Refuses => text("screen refused connections", "screen이 연결을 거부"),
            Trouble::Garbage => {
                text("screen answered with bytes that are not HTTP", "screen이 HTTP가 아닌 바이트로 응답")
            }
            Trouble::MalformedUrl => text(
                "started it with a malformed SCREEN_URL that holds a password",
                "비밀번호가 든 잘못된 SCREEN_URL로 시작",
            ),
        }
    }

    async fn must_not_leak(self, lab: &Lab) -> CheckResult {
        let system = System::attach(lab).await?;
        let screen = &system.screen;
        let mut deploy = Deploy::random(lab, screen);
        // Characters that are written differently in a URL and in base64, so that each form is looked for.
        deploy.key = format!("k+{}/{}==", lab.chance().word(10), lab.chance().word(10));
        let caller = lab.chance().word(24);
        let mut secrets = vec![("SCREEN_API_KEY", deploy.key.clone()), ("Authorization", caller.clone())];
        match self {
            Trouble::WrongKey => screen.answer(Answer::Status(401)),
            Trouble::Garbage => screen.answer(Answer::Garbage),
            Trouble::Refuses => deploy.screen_url = unreachable_url(lab)?,
            Trouble::MalformedUrl => {
                let password = lab.chance().word(20);
                deploy.screen_url = format!("http://screen:{password}@bad host:x/");
                secrets.push(("SCREEN_URL", password));
            }
        }
        let start = system.web(lab).environment(&deploy.environment());
        let start = secrets
            .iter()
            .flat_map(|(_, secret)| written_forms(secret))
            .fold(start, |start, form| start.look_for(form));
        if self == Trouble::MalformedUrl {
            // Refusing to start is the better answer here; either way nothing may be printed.
            let (service, _) = start.go().await?;
            return self.silent(lab, service, &secrets, "").await;
        }
        let service = super::behaviour::started(start, &self.did()).await?;
        let answer = self.create_link(lab, &service, &caller, screen).await?;
        self.silent(lab, service, &secrets, &answer).await
    }

    /// Creates a link and returns the answer with its headers. The positive control: the partner did receive the key.
    async fn create_link(self, lab: &Lab, service: &Service, caller: &str, screen: &Stub) -> CheckResult<String> {
        let body = json!({ "target": fresh_target(lab) });
        let headers = [("authorization", format!("Bearer {caller}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let mut reply = service.request_with(hyper::Method::POST, "/v1/links", &headers, Some(&body)).await;
        // Where there are accounts, this token opens none, and the partner is asked for somebody without a name.
        if reply.as_ref().is_ok_and(|reply| reply.status == 401) {
            reply = create_link(service, &fresh_target(lab)).await;
        }
        if self == Trouble::WrongKey && screen.calls().is_empty() {
            return Err(LabError::new("the partner", "was not asked, so nothing can be concluded").into());
        }
        Ok(reply.map_or_else(
            |why| why.to_string(),
            |reply| format!("{:?}\n{}", reply.headers, String::from_utf8_lossy(&reply.body)),
        ))
    }

    async fn silent(self, lab: &Lab, service: Service, secrets: &[(&str, String)], answer: &str) -> CheckResult {
        let forms: Vec<(&str, String)> =
            secrets.iter().flat_map(|(name, secret)| written_forms(secret).map(|form| (*name, form))).collect();
        let expected = text("no secret stands in an answer or a log line", "응답과 로그에 비밀 값이 없어야 합니다");
        if let Some((name, _)) = forms.iter().find(|(_, form)| answer.contains(form.as_str())) {
            let seen =
                text(format!("the answer holds the value of {name}"), format!("응답에 {name} 값이 들어 있습니다"));
            return Err(Failure::new("secret-in-response", self.did(), expected, seen).into());
        }
        let logs = service.logs().clone();
        // Asked to stop first: a log that is written in the background is written by then, and what the service says on
        // its way out is read too. A service that does not stop has had time enough.
        drop(tokio::time::timeout(lab.quiet(), service.stop()).await);
        service.end().await;
        if let Some((name, _)) = logs.found().first().and_then(|index| forms.get(*index)) {
            let seen = text(format!("the log holds the value of {name}"), format!("로그에 {name} 값이 들어 있습니다"));
            return Err(Failure::new("secret-in-log", self.did(), expected, seen).with_log(logs.last(12)).into());
        }
        Ok(())
    }
}

/// An address where nobody listens: the lease is given back at once, and nothing of this run binds it meanwhile.
fn unreachable_url(lab: &Lab) -> Result<String, LabError> {
    let port = lab.bench.ports.lease(lab.chance())?;
    Ok(format!("http://127.0.0.1:{}", port.number))
}

/// What version control keeps of a file; of a link it keeps where the link leads, and what lies there is somebody else's.
fn versioned(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.symlink_metadata()?.is_symlink() {
        return Ok(fs::read_link(path)?.into_os_string().into_encoded_bytes());
    }
    fs::read(path)
}

fn look_into_history(lab: &Lab) -> Result<(), LabError> {
    for canary in CANARIES {
        let commits = git(&lab.bench.tree.folder, &["log", "--all", "--format=%h", "-S", canary])?;
        if let Some(commit) = String::from_utf8_lossy(&commits).lines().next() {
            let shown = masked(canary);
            lab.remark(text(
                format!("{shown} still stands in the history (commit {commit}): rotate it, whoever has a clone has the secret"),
                format!("{shown} 값이 커밋 {commit} 이력에 남아 있습니다. 저장소를 복제한 사람은 이미 가지고 있으니 값을 교체(rotate)하세요"),
            ));
        }
    }
    Ok(())
}

fn found(lab: &Lab, reason: &'static str, file: &Path, line: usize, secret: &str) -> Failure {
    let place = format!("{}:{line}", file.display());
    let shown = masked(secret);
    Failure::new(
        reason,
        text("read every file that version control has", "버전 관리에 있는 모든 파일을 읽음"),
        text("no secret stands in any of them", "어느 파일에도 비밀 값이 없어야 합니다"),
        text(format!("{place} holds {shown}"), format!("{place}에 {shown} 값이 있습니다")),
    )
    .repeat_by(format!("grep -rn '{}' {}", &secret.chars().take(12).collect::<String>(), lab.bench.subject.name))
}

/// Enough to find it, too little to use it.
fn masked(secret: &str) -> String {
    let shown: String = secret.chars().take(8).collect();
    format!("{shown}…")
}

fn line_of(bytes: &[u8], needle: &[u8]) -> usize {
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    lines.filter(|(_, line)| contains(line, needle)).map(|(number, _)| number).next().unwrap_or(1)
}

fn clean_release() -> Text {
    text("nothing of it stands in the release", "릴리즈에 그 값이 없어야 합니다")
}

fn in_file(name: &str, value: &str) -> Text {
    text(format!("{name} holds {value}"), format!("{name} 파일에 {value} 값이 있습니다"))
}
