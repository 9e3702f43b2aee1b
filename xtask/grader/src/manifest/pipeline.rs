//! `[pipeline]`: the commands of the repository's own that make releases, and put them into service. Factor 14 runs them.

use serde::Deserialize;

use super::stays_inside;

/// The commands, each a program and its arguments.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pipeline {
    /// Makes a release of the commit that is checked out.
    pub run: Vec<String>,
    /// Puts a release into service; its id and a file with its configuration follow.
    #[serde(default)]
    pub deploy: Vec<String>,
    /// Puts the release into service that was there before; an id may follow.
    #[serde(default)]
    pub rollback: Vec<String>,
}

impl Pipeline {
    pub(super) fn validate(&self) -> Result<(), String> {
        if self.run.is_empty() {
            return Err("[pipeline] run is empty: write the program and its arguments as a list".to_owned());
        }
        let commands = [("run", &self.run), ("deploy", &self.deploy), ("rollback", &self.rollback)];
        commands.into_iter().try_for_each(|(name, argv)| match argv.first() {
            // A program of the repository; one without a folder is found on PATH.
            Some(program) if program.contains('/') => stays_inside(&format!("[pipeline] {name}"), program),
            _ => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::Manifest;

    #[track_caller]
    fn read(pipeline: &str) -> Result<Manifest, String> {
        let app = "[app.screen]\nrelease = [\"screen.py\"]\n[app.screen.process]\nweb = [\"{release}/screen.py\"]\n";
        Manifest::parse(&format!("contract = \"jjalda/v1\"\n{app}{pipeline}")).map_err(|why| why.0)
    }

    #[test]
    fn a_pipeline_is_a_program_of_the_repository_or_of_the_machine() {
        let words = "[pipeline]\nrun = [\"./ci/pipeline\"]\ndeploy = [\"make\", \"deploy\"]\n";
        let pipeline = read(words).unwrap().pipeline.unwrap();
        assert_eq!(pipeline.deploy, ["make", "deploy"]);
        assert!(pipeline.rollback.is_empty());
    }

    #[test]
    fn other_pipelines_are_refused_with_a_reason() {
        assert!(read("[pipeline]\nrun = []\n").unwrap_err().contains("[pipeline] run"));
        assert!(read("[pipeline]\nrun = [\"../ci\"]\n").unwrap_err().contains("outside"));
        assert!(read("[pipeline]\nrun = [\"/opt/ci\"]\n").unwrap_err().contains("outside"));
        assert!(read("[pipeline]\nbuild = [\"x\"]\n").unwrap_err().contains("build"));
    }
}
