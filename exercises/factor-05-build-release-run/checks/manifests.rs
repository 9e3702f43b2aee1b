//! What the manifests say: where configuration comes from, and whether a change of it is a release.

use crate::check::{CheckResult, Failure};
use crate::lab::Lab;
use crate::lab::manifests::{Environment, Manifests};
use crate::text::text;

use super::edits;

/// What the API server refuses, or takes without a word for something else.
const NOT_VALID: &str = "manifest-not-valid";

/// Every reference leads somewhere, nothing secret is readable, nothing of a deploy is written into a Pod template.
pub async fn config_in_configmap(lab: Lab) -> CheckResult {
    lab.manifests().await?.must_hold(&[
        ("known-kinds", NOT_VALID),
        ("known-fields", NOT_VALID),
        ("right-types", NOT_VALID),
        ("required-fields", NOT_VALID),
        ("quoted-words", NOT_VALID),
        ("keys-once", NOT_VALID),
        ("names-once", NOT_VALID),
        ("references-exist", "dangling-reference"),
        ("no-credentials", "secret-in-configmap"),
        ("secrets-are-secret", "secret-in-configmap"),
        ("config-in-configmap", "literal-value"),
        ("contract-variables", "variable-missing"),
    ])
}

/// An image that stays the same, environments that differ in values, and edits that make another Pod template.
pub async fn release_is_immutable(lab: Lab) -> CheckResult {
    let manifests = lab.manifests().await?;
    manifests.must_hold(&[("image-pinned", "image-not-pinned"), ("values-only", "environments-differ")])?;
    renders_alike(&manifests, &lab.manifests().await?)?;
    // The rule names file and line, and knows only what the manifests look like; the edit shows what comes of them.
    manifests.must_hold(&[("change-is-release", "config-edit-unnoticed")])?;
    edits::make_releases(&lab, &manifests).await
}

/// Without a change there is no release either: who applies the same commit twice must not replace every Pod.
fn renders_alike(one: &Manifests, other: &Manifests) -> CheckResult {
    let templates = |environment: &Environment| -> Vec<String> {
        environment.pods.iter().map(|pod| pod.template.to_string()).collect()
    };
    let pairs = one.environments.iter().zip(&other.environments);
    let differs = pairs.map(|(one, other)| (one, templates(one) != templates(other))).find(|(_, differs)| *differs);
    let Some((environment, _)) = differs else { return Ok(()) };
    let did = text("rendered the manifests twice", "매니페스트를 두 번 렌더링");
    let expected = text("both times they are the same", "두 번 다 같아야 합니다");
    let name = &environment.name;
    let seen = text(format!("Pod templates differ ({name})"), format!("Pod 템플릿이 다릅니다({name})"));
    Err(Failure::new("rendering-differs", did, expected, seen).into())
}
