//! Mistakes that compile and pass every test: one at a time, committed to the clone, and taken back again.

use super::languages::{Language, spoken};
use super::yard::{Run, Yard, pipeline_on};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::checkout::Change;
use crate::text::text;

/// A mistake, ready to be committed.
struct Defect {
    reason: &'static str,
    files: Vec<(String, String)>,
    en: String,
    ko: String,
}

/// Each must be red. What a repository does not have cannot be spoilt: that is remarked, and is no mistake.
pub async fn red_on_each_defect(lab: Lab) -> CheckResult {
    let yard = Yard::open(&lab, "never-green").await?;
    yard.control().await?;
    let language = spoken(&lab, &yard.clone.checkout);
    let defects =
        [Some(secret(&lab)), manifest(&lab, &yard).await?, language.and_then(|language| lock(&lab, &yard, language))];
    let names = ["", "manifest", "lock file"].iter().zip(["", "매니페스트", "잠금 파일"]);
    for (defect, (en, ko)) in defects.into_iter().zip(names) {
        match defect {
            Some(defect) => is_red(&yard, &defect).await?,
            None => lab.remark(text(
                format!("there is no {en} here in which the grader could make a mistake"),
                format!("채점기가 실수를 넣어 볼 {ko} 없음"),
            )),
        }
    }
    formatting(&lab, &yard, language).await
}

async fn is_red(yard: &Yard, defect: &Defect) -> CheckResult {
    let run = committed(yard, &defect.files).await?;
    let did = pipeline_on(&format!(" with {}", defect.en), &format!(" {} 커밋하고", defect.ko));
    yard.is_red(&run, did, [defect.reason; 2])
}

/// Runs the pipeline on a commit with these files, and takes the commit back.
async fn committed(yard: &Yard, files: &[(String, String)]) -> CheckResult<Run> {
    let changes: Vec<Change<'_>> =
        files.iter().map(|(path, content)| Change::Write(path, content.as_bytes())).collect();
    yard.clone.checkout.commit("Change something", &changes)?;
    // What a tool would have to ask a registry for is no part of any of these mistakes.
    let run = yard.run_pipeline(&[("CARGO_NET_OFFLINE", "true")]).await?;
    yard.clone.checkout.take_back()?;
    Ok(run)
}

/// A private key and an access key, in the forms that every scanner knows. Nobody has issued them.
fn secret(lab: &Lab) -> Defect {
    let word = lab.chance().word(9);
    let key = lab.chance().word(16).to_uppercase().replace(['0', '1', '8', '9'], "7");
    let line = || lab.chance().word(64);
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n{}\n-----END RSA PRIVATE KEY-----\n", line(), line());
    let env = format!("AWS_ACCESS_KEY_ID=AKIA{key}\nAWS_SECRET_ACCESS_KEY={}\n", lab.chance().word(40));
    Defect {
        reason: "secret-passes",
        files: vec![(format!("{word}.pem"), pem), (format!("{word}.env"), env)],
        en: format!("a private key in {word}.pem and an access key in {word}.env"),
        ko: format!("{word}.pem의 개인 키와 {word}.env의 액세스 키를"),
    }
}

/// A Service whose requests reach no container.
async fn manifest(lab: &Lab, yard: &Yard) -> CheckResult<Option<Defect>> {
    for file in lab.yaml_files().await? {
        let Ok(scalars) = &file.read else { continue };
        let target = scalars.iter().find(|scalar| scalar.path.last().is_some_and(|key| key == "targetPort"));
        let (Some(target), Some(path)) = (target, yard.clone.checkout.own_file(&file.path)) else { continue };
        let failed = |error| LabError::new(format!("cannot read {}", file.path), error);
        let mut words: Vec<char> = std::fs::read_to_string(path).map_err(failed)?.chars().collect();
        let wrong = lab.chance().word(9);
        words.splice(target.start..target.end, wrong.chars());
        return Ok(Some(Defect {
            reason: "manifest-passes",
            files: vec![(file.path.clone(), words.into_iter().collect())],
            en: format!("`targetPort: {wrong}` in {}, which no container has", file.path),
            ko: format!("어느 컨테이너에도 없는 `targetPort: {wrong}`를 {}에", file.path),
        }));
    }
    Ok(None)
}

/// A dependency that the lock file does not know.
fn lock(lab: &Lab, yard: &Yard, language: Language) -> Option<Defect> {
    let files = language.unlocked(&yard.clone.checkout, &lab.chance().word(9))?;
    let name = files.first().map(|(name, _)| name.clone()).unwrap_or_default();
    Some(Defect {
        reason: "lock-passes",
        files,
        en: format!("a dependency declared in {name} and not locked"),
        ko: format!("잠금 파일에 없는 종속성을 {name}에"),
    })
}

/// Tabs where there were none: every formatter minds. A pipeline without one is only told.
async fn formatting(lab: &Lab, yard: &Yard, language: Option<Language>) -> CheckResult {
    let checkout = &yard.clone.checkout;
    let Some(entry) = language.and_then(|language| language.entry(lab, checkout)) else { return Ok(()) };
    let Some(words) = checkout.own_file(&entry).and_then(|path| std::fs::read_to_string(path).ok()) else {
        return Ok(());
    };
    let run = committed(yard, &[(entry.clone(), storm(&words))]).await?;
    if run.ran.is_green() {
        lab.remark(text(
            format!("{entry} with tabs in every line passes: nothing looks at how code is formatted"),
            format!("{entry}의 모든 들여쓰기를 탭으로 바꿔도 통과합니다. 코드 형식을 확인하는 단계가 없습니다"),
        ));
    }
    Ok(())
}

/// Each indentation, in tabs.
fn storm(words: &str) -> String {
    let lines = words.lines().map(|line| {
        let rest = line.trim_start_matches(' ');
        format!("{}{rest}\n", "\t".repeat(line.len() - rest.len()))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::storm;

    #[test]
    fn a_storm_keeps_what_the_lines_say() {
        assert_eq!(storm("fn main() {\n    run();\n\n}\n"), "fn main() {\n\t\t\t\trun();\n\n}\n");
    }
}
