//! The versions of backing services, in every place of the repository that names them.

use super::dev_env::{dev, variables};
use super::images::{Image, Version, backing_service, version};
use crate::check::{CheckResult, Failure, Stop};
use crate::lab::Lab;
use crate::lab::yaml::{File, Scalar, Trouble};
use crate::manifest::{Need, Prod};
use crate::text::{Text, text};

/// Where pipelines are described, by the services that run them.
const PIPELINES: [&str; 10] = [
    ".github/",
    ".gitlab-ci",
    ".circleci/",
    ".forgejo/",
    ".gitea/",
    ".woodpecker",
    ".drone",
    ".travis",
    "azure-pipelines",
    "bitbucket-pipelines",
];

/// A place that names a backing service.
#[derive(Clone, Debug)]
struct Named {
    at: String,
    words: String,
    part: Part,
    image: Image,
}

/// Whose place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Development,
    Pipeline,
    Production,
}

/// Reads what is written; nothing is started.
pub async fn same_versions(lab: Lab) -> CheckResult {
    let compose = dev(&lab)?.services.display().to_string();
    let files = lab.yaml_files().await?;
    if !files.iter().any(|file| file.path == compose) {
        let seen = text(format!("there is no {compose}"), format!("{compose} 파일이 없습니다"));
        return Err(failure("unreadable", readable(), seen));
    }
    let settings = variables(&lab, "unreadable")?;
    let mut named = Vec::new();
    for file in &files {
        let part = part(&file.path, &compose);
        match &file.read {
            Ok(scalars) => named.extend(images(file, scalars, part, &settings)),
            Err(trouble) if part == Part::Production => lab.remark(skipped(file, trouble)),
            Err(trouble) => return Err(failure("unreadable", readable(), told(file, trouble))),
        }
    }
    named.extend(of_app_toml(lab.bench.subject.manifest.prod.as_ref()));
    named.iter().filter(|named| named.image.version == Version::Computed).for_each(|named| lab.remark(computed(named)));
    let needs = &lab.bench.subject.app().needs;
    let mut wanted = [Need::Postgres, Need::Redis].into_iter().filter(|need| needs.contains(need));
    wanted.try_for_each(|need| agree(need, &named))
}

/// One kind of service, in all places.
fn agree(need: Need, named: &[Named]) -> CheckResult {
    let places: Vec<&Named> = named.iter().filter(|named| named.image.need == need).collect();
    let all = listed(&places);
    if places.iter().any(|named| matches!(named.image.version, Version::Floating(_))) {
        let expected = text(
            "each place names a version by its number, since another tag means another version tomorrow",
            "모든 곳에 번호로 된 버전을 적어야 합니다. 다른 태그는 내일이면 다른 버전이 됩니다",
        );
        return Err(failure("floating-tag", expected, all));
    }
    let known =
        |part: Part| places.iter().any(|named| named.part == part && matches!(named.image.version, Version::Major(_)));
    let hidden = places.iter().any(|named| named.image.version == Version::Hidden);
    if hidden || !known(Part::Development) || !known(Part::Production) {
        let word = need.word();
        let expected = text(
            format!(
                "the version of {word} can be read for development and for production (a manifest, or [prod] in app.toml)"
            ),
            format!(
                "{word} 버전을 개발 환경과 운영 환경 모두에서 읽을 수 있어야 합니다(매니페스트 또는 app.toml의 [prod])"
            ),
        );
        return Err(failure("version-unknown", expected, all));
    }
    let mut versions = places.iter().map(|named| &named.image).filter(|image| image.version != Version::Computed);
    let first = versions.next();
    if versions.all(|image| first.is_none_or(|first| first.make == image.make && first.version == image.version)) {
        return Ok(());
    }
    let expected = text("the same service in the same major version", "종류와 주 버전이 모두 같아야 합니다");
    Err(failure("versions-differ", expected, all))
}

fn part(path: &str, compose: &str) -> Part {
    match path {
        path if path == compose => Part::Development,
        path if PIPELINES.iter().any(|known| path.starts_with(known)) => Part::Pipeline,
        _ => Part::Production,
    }
}

/// The backing services that a file names: values of `image`, and items of a pipeline's `services`.
fn images(file: &File, scalars: &[Scalar], part: Part, settings: &[(String, String)]) -> Vec<Named> {
    let is_image = |scalar: &&Scalar| {
        let path: Vec<&str> = scalar.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [.., "image"] | [.., "image", "name"] => true,
            [.., "services", item] | [.., "services", item, "name"] => item.parse::<usize>().is_ok(),
            _ => false,
        }
    };
    let named = scalars.iter().filter(is_image).filter_map(|scalar| {
        let words = if part == Part::Development { filled_in(&scalar.text, settings) } else { scalar.text.clone() };
        let image = backing_service(&words, scalar.comment.as_deref())?;
        Some(Named { at: format!("{}:{}", file.path, scalar.line), words, part, image })
    });
    named.collect()
}

/// `${NAME:-default}` and `${NAME}` of a compose file, as it finds them among the developers' settings.
fn filled_in(text: &str, settings: &[(String, String)]) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
    let Some((inside, behind)) = rest.split_once('}') else { return text.to_owned() };
    let (name, default) = inside.split_once('-').map_or((inside, None), |(name, default)| (name, Some(default)));
    let name = name.trim_end_matches(':');
    let set =
        settings.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str());
    match set.or(default) {
        Some(value) => format!("{before}{value}{}", filled_in(behind, settings)),
        None => text.to_owned(),
    }
}

/// What `[prod]` says, for services that no manifest describes.
fn of_app_toml(prod: Option<&Prod>) -> Vec<Named> {
    let known = [(Need::Postgres, "postgres"), (Need::Redis, "redis")];
    let named = known.into_iter().filter_map(|(need, make)| {
        let words = prod?.version(need)?;
        let image = Image { need, make, version: version(words) };
        Some(Named {
            at: "app.toml [prod]".to_owned(),
            words: format!("{make} {words}"),
            part: Part::Production,
            image,
        })
    });
    named.collect()
}

fn listed(places: &[&Named]) -> Text {
    let places: Vec<String> = places.iter().map(|named| format!("{} {}", named.at, named.words)).collect();
    match places.is_empty() {
        true => text("no place names one", "버전을 적은 곳이 없습니다"),
        false => text(places.join(", "), places.join(", ")),
    }
}

fn readable() -> Text {
    text(
        "the compose file and the pipelines are in the repository and can be read as YAML",
        "compose 파일과 파이프라인이 저장소에 있고 YAML로 읽을 수 있어야 합니다",
    )
}

fn told(file: &File, Trouble { line, why }: &Trouble) -> Text {
    let path = &file.path;
    text(format!("{path}, line {line}: {why}"), format!("{path} {line}번째 줄: {why}"))
}

fn skipped(file: &File, trouble: &Trouble) -> Text {
    let Text { en, ko } = told(file, trouble);
    text(format!("not read: {en}"), format!("읽지 못했습니다: {ko}"))
}

fn computed(Named { at, words, .. }: &Named) -> Text {
    text(
        format!("{at} computes the version ({words}), so it was not compared"),
        format!("{at} 버전은 계산한 값이라 비교하지 않았습니다({words})"),
    )
}

fn failure(reason: &'static str, expected: Text, seen: Text) -> Stop {
    let did = text(
        "read the images of backing services in every YAML file of the repository, and [prod] in app.toml",
        "저장소의 모든 YAML 파일과 app.toml의 [prod]에서 백엔드 서비스의 이미지를 읽음",
    );
    Failure::new(reason, did, expected, seen).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compose_variables_are_filled_in() {
        let settings = [("PG".to_owned(), "17".to_owned()), ("EMPTY".to_owned(), String::new())];
        for (text, filled) in [
            ("postgres:17", "postgres:17"),
            ("postgres:${PG}", "postgres:17"),
            ("postgres:${OTHER:-16}-alpine", "postgres:16-alpine"),
            ("postgres:${EMPTY:-15}", "postgres:15"),
            ("${IMAGE-postgres}:${PG}", "postgres:17"),
            ("postgres:${OTHER}", "postgres:${OTHER}"),
        ] {
            assert_eq!(filled_in(text, &settings), filled);
        }
    }

    #[test]
    fn images_are_found_where_people_write_them() {
        let scalar = |path: &str, text: &str| Scalar {
            path: path.split('/').map(str::to_owned).collect(),
            text: text.to_owned(),
            ..Scalar::default()
        };
        let scalars = [
            scalar("services/db/image", "postgres:17"),
            scalar("test/services/0", "redis:7"),
            scalar("test/services/1/name", "postgres:16"),
            scalar("services/db/command", "redis:6"),
            scalar("services/redis", "redis:5"),
        ];
        let file = File { path: "x.yaml".to_owned(), read: Ok(Vec::new()) };
        let words: Vec<String> =
            images(&file, &scalars, Part::Pipeline, &[]).into_iter().map(|named| named.words).collect();
        assert_eq!(words, ["postgres:17", "redis:7", "postgres:16"]);
    }
}
