//! Templates of Helm that nobody has rendered.

use grader::text::{Text, text};

use crate::node::Node;

/// A folder that is a chart.
pub fn chart(folder: &str) -> Text {
    text(
        format!("{folder} is a Helm chart: render it first, `helm template {folder} | cargo xtask manifests -`"),
        format!(
            "{folder} 폴더는 Helm 차트입니다. 먼저 렌더링하십시오: `helm template {folder} | cargo xtask manifests -`"
        ),
    )
}

/// What to say instead of the parser's words, where a template is the reason.
pub fn instead_of(words: &str, line: usize) -> Option<Text> {
    let before = words.lines().take(line.max(1));
    before.into_iter().any(|line| line.contains("{{")).then(unrendered)
}

/// Whether a template is left where no object may have one.
pub fn left_in(node: &Node) -> Option<Text> {
    let fields = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];
    fields.iter().filter_map(|path| node.str(path)).any(|words| words.contains("{{")).then(unrendered)
}

fn unrendered() -> Text {
    text(
        "is a template that was not rendered, as of Helm: render it first, `helm template DIR | cargo xtask manifests -`",
        "렌더링하지 않은 (Helm 같은) 템플릿입니다. 먼저 렌더링하십시오: `helm template 폴더 | cargo xtask manifests -`",
    )
}
