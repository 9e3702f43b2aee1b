//! From what was read to a verdict.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use grader::outcome::ExitCode;

use crate::finding::Found;
use crate::load::Input;
use crate::node::Node;
use crate::rules::{self, Context, Level};
use crate::typed::{Known, compare};
use crate::yaml;

/// The verdict.
pub struct Judged {
    /// What breaks a rule, each once, sorted by place; advice too.
    pub found: Vec<Found>,
    /// Kinds that only their cluster knows, and how many objects there are of each.
    pub custom: BTreeMap<String, usize>,
    /// How many objects were compared with their types.
    pub compared: usize,
    /// What it comes to.
    pub code: ExitCode,
}

/// Judges all environments.
pub fn judge(input: &Input, path: &Path) -> Judged {
    let mut judged = Judged { found: Vec::new(), custom: BTreeMap::new(), compared: 0, code: ExitCode::Usage };
    if !input.unreadable.is_empty() {
        return judged;
    }
    let compose = compose(path);
    judged.found.clone_from(&input.found);
    for (index, set) in input.sets.iter().enumerate() {
        let typed = judged.typed(set);
        let workloads = set.workloads();
        let (before, compose) = (&input.sets[..index], compose.as_ref());
        judged.found.extend(rules::judge(&Context { set, before, typed, workloads: &workloads, compose }));
    }
    judged.once();
    let failed = judged.found.iter().any(|found| level(found) == Level::Required);
    judged.code = match (failed, judged.compared) {
        (true, _) => ExitCode::Failed,
        // Looking at nothing is no pass.
        (_, 0) => ExitCode::Ungraded,
        _ => ExitCode::Passed,
    };
    judged
}

impl Judged {
    fn typed(&mut self, set: &crate::set::Set) -> Vec<Found> {
        let mut all = Vec::new();
        for object in &set.objects {
            match compare(object) {
                Known::Compared(wrong) => {
                    self.compared += 1;
                    let found = |wrong: crate::typed::Wrong| Found {
                        rule: wrong.rule,
                        ..Found::new(object, wrong.place, wrong.what)
                    };
                    all.extend(wrong.into_iter().map(found));
                }
                Known::Custom => *self.custom.entry(format!("{} {}", object.api, object.kind)).or_default() += 1,
            }
        }
        all
    }

    /// Environments share a base, whose mistakes are said once.
    fn once(&mut self) {
        let mut seen = HashSet::new();
        self.found.retain(|found| seen.insert((found.rule, found.place, found.what.en.clone())));
        self.found.sort_by_key(|found| (level(found) == Level::Advice, found.place));
    }
}

/// How much a finding counts.
pub fn level(found: &Found) -> Level {
    rules::named(found.rule).map_or(Level::Required, |rule| rule.level)
}

/// The compose file of the folder or of the one around it.
fn compose(path: &Path) -> Option<Node> {
    let names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
    let folders = [Some(path), path.parent()].into_iter().flatten();
    let file = folders.flat_map(|folder| names.map(|name| folder.join(name))).find(|file| file.is_file())?;
    let words = std::fs::read_to_string(file).ok().filter(|words| words.len() <= crate::limits::BYTES)?;
    yaml::read(&words, usize::MAX).ok()?.documents.into_iter().next()
}
