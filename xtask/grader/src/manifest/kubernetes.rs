//! `[k8s]`: where the subject's Kubernetes manifests are.

use std::path::PathBuf;

use serde::Deserialize;

use super::stays_inside;

/// The manifests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kubernetes {
    /// The folder, relative to `app.toml`: plain YAML, a kustomization, or one with `overlays`.
    pub dir: PathBuf,
    /// A command that prints the manifests, run in that folder; for those that a tool has to render.
    #[serde(default)]
    pub render: Vec<String>,
}

impl Kubernetes {
    pub(super) fn validate(&self) -> Result<(), String> {
        stays_inside("[k8s] dir", &self.dir.to_string_lossy())?;
        match self.render.first() {
            // A program of the repository; one without a folder is found on PATH.
            Some(program) if program.starts_with('/') => stays_inside("[k8s] render", program),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::Manifest;

    fn read(table: &str) -> Result<Manifest, String> {
        let app = "[app.links]\nrelease = [\"x\"]\n[app.links.process]\nweb = [\"{release}/x\"]\n";
        Manifest::parse(&format!("contract = \"jjalda/v1\"\n{app}{table}")).map_err(|why| why.0)
    }

    #[test]
    fn manifests_lie_inside_and_may_be_rendered() {
        let words = "[k8s]\ndir = \"k8s\"\nrender = [\"helm\", \"template\", \".\"]\n";
        assert_eq!(read(words).unwrap().k8s.unwrap().render.len(), 3);
        assert!(read("[k8s]\ndir = \"../k8s\"\n").unwrap_err().contains("[k8s] dir"));
        assert!(read("[k8s]\ndir = \"k8s\"\nrender = [\"/opt/helm\"]\n").unwrap_err().contains("[k8s] render"));
        assert!(read("[k8s]\nrender = [\"helm\"]\n").unwrap_err().contains("missing field `dir`"));
    }
}
