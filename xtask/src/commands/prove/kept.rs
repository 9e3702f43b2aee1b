//! What a proof had shown that was interrupted, or in which a case did not hold, so that the next one goes on from there:
//! `target/workshop/proof/`, a file per factor.
//!
//! The first line says of what it was a proof. Where that has changed, the file says nothing and is begun anew. Each further line
//! is a case with the patch that made it: whoever repairs a mutant proves that mutant. A proof in which all held removes the file.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use grader::factors::Factor;
use grader::prove::cases::Case;
use grader::prove::lock::state_without_patches;
use grader::prove::record::CaseRecord;
use grader::prove::{Depth, Proof, Proved};
use grader::subject::Workspace;
use serde::{Deserialize, Serialize};

/// What is kept of the factors of one proof.
pub struct Kept {
    folder: PathBuf,
    factors: Vec<&'static Factor>,
    /// The patch of each case as it was when the proof began, by the case's name.
    patches: BTreeMap<String, String>,
}

/// A case that held.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Its patch's hash.
    patch: String,
    #[serde(flatten)]
    case: CaseRecord,
}

impl Kept {
    /// Keeps what is proved of these cases, and forgets what was a proof of something else; with `afresh`, everything. They are all
    /// cases of their factors.
    pub fn open(proof: &Proof, cases: &[Case], afresh: bool) -> io::Result<Self> {
        let groups = cases.chunk_by(|one, other| one.factor.number == other.factor.number);
        let patches = cases.iter().map(|case| Ok((case.name(), case.patch_state()?)));
        let kept = Self {
            folder: proof.workspace.own().join("proof"),
            factors: groups.map(|group| group[0].factor).collect(),
            patches: patches.collect::<io::Result<_>>()?,
        };
        fs::create_dir_all(&kept.folder)?;
        let tools = tools(&proof.workspace, &proof.program)?;
        for factor in &kept.factors {
            let state = state_without_patches(factor, &proof.workspace).map_err(io::Error::other)?;
            let of = format!("{state} {} {:?} {tools}", depth(proof.depth), proof.seed);
            let file = kept.file(factor);
            if afresh || fs::read_to_string(&file).ok().as_deref().and_then(|text| text.lines().next()) != Some(&*of) {
                fs::write(file, of + "\n")?;
            }
        }
        Ok(kept)
    }

    /// The cases that held and are what they were. Of a line that was not written to its end nothing is known.
    pub fn cases(&self) -> Vec<Proved> {
        self.factors.iter().flat_map(|factor| self.of(factor)).collect()
    }

    fn of(&self, factor: &Factor) -> Vec<Proved> {
        let text = fs::read_to_string(self.file(factor)).unwrap_or_default();
        let read = |line: &str| serde_json::from_str::<Line>(line).ok();
        let lines = text.lines().skip(1).filter_map(read);
        let proved = lines.map(|line| (line.patch, line.case.proved(factor)));
        proved.filter(|(patch, case)| self.patches.get(&case.name) == Some(patch)).map(|(_, case)| case).collect()
    }

    /// Keeps a case that holds.
    pub fn keep(&self, case: &Proved) -> io::Result<()> {
        let (Some(factor), Some(patch)) = (self.factor_of(case), self.patches.get(&case.name)) else { return Ok(()) };
        if !case.holds_whole() {
            return Ok(());
        }
        let line = serde_json::to_string(&Line { patch: patch.clone(), case: CaseRecord::of(case) })? + "\n";
        OpenOptions::new().append(true).open(self.file(factor))?.write_all(line.as_bytes())
    }

    /// The proof came to its end: what is known of factors of which everything held is not needed any more.
    pub fn forget(self, proved: &[Proved]) -> io::Result<()> {
        let open: Vec<u8> = proved
            .iter()
            .filter(|case| !case.holds_whole())
            .filter_map(|case| self.factor_of(case))
            .map(|f| f.number)
            .collect();
        let whole = self.factors.iter().filter(|factor| !open.contains(&factor.number));
        whole.map(|factor| self.file(factor)).filter(|file| file.exists()).try_for_each(fs::remove_file)
    }

    fn factor_of(&self, case: &Proved) -> Option<&'static Factor> {
        let id = case.name.split_once('/')?.0;
        self.factors.iter().copied().find(|factor| factor.id() == id)
    }

    fn file(&self, factor: &Factor) -> PathBuf {
        self.folder.join(format!("{}.jsonl", factor.id()))
    }
}

fn depth(depth: Depth) -> &'static str {
    match depth {
        Depth::Quick => "quick",
        Depth::Full => "full",
    }
}

/// When the tools changed last: the grader as it was built, and the sources of what it builds when it needs them.
fn tools(workspace: &Workspace, program: &Path) -> io::Result<String> {
    let built = File::open(program)?.metadata()?.modified()?;
    let newest = newest(&workspace.root.join("xtask"))?.max(built);
    Ok(newest.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string())
}

fn newest(folder: &Path) -> io::Result<SystemTime> {
    fs::read_dir(folder)?.try_fold(UNIX_EPOCH, |latest, entry| {
        let entry = entry?;
        let changed =
            if entry.file_type()?.is_dir() { newest(&entry.path())? } else { entry.metadata()?.modified()? };
        Ok(latest.max(changed))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use grader::backing::Backing;
    use grader::factors::find;
    use grader::lab::clock::Waits;
    use grader::prove::cases::{Kind, of_factor};

    use super::*;

    fn held(name: &str) -> Proved {
        let (rejected, waits) = (vec![("a-check".to_owned(), "a-reason".to_owned())], Waits::default());
        let (took, name) = (Duration::from_secs(2), name.to_owned());
        Proved { name, contradictions: Vec::new(), untested: Vec::new(), rejected, checks: 4, took, waits }
    }

    fn proof(root: &Path, depth: Depth) -> Proof {
        fs::create_dir_all(root.join("xtask/src")).unwrap();
        fs::write(root.join("xtask/src/main.rs"), "").unwrap();
        let workspace = Workspace { root: root.to_owned(), target: root.join("target") };
        Proof {
            workspace,
            program: root.join("xtask/src/main.rs"),
            depth,
            checks: Vec::new(),
            seed: None,
            backing: Backing::default(),
        }
    }

    /// A world with a factor whose solution has three mutants, and all of its cases.
    fn world(root: &Path) -> (Proof, Vec<Case>) {
        let factor = find("factor-3").unwrap();
        let proof = proof(root, Depth::Full);
        let mutants = proof.workspace.solution(factor).join("mutants");
        for folder in [&mutants, &mutants.with_file_name("variants"), &proof.workspace.exercise(factor)] {
            fs::create_dir_all(folder).unwrap();
        }
        for name in ["a", "b", "c"] {
            let words = format!("It is wrong.\n틀렸습니다.\nfails: a-check (a-reason)\n--- {name}\n");
            fs::write(mutants.join(name).with_extension("patch"), words).unwrap();
        }
        let cases = of_factor(factor, &proof.workspace).unwrap();
        (proof, cases)
    }

    fn names(kept: &Kept) -> Vec<String> {
        kept.cases().into_iter().map(|case| case.name).collect()
    }

    #[test]
    fn a_proof_goes_on_where_it_was_and_a_changed_one_begins_again() {
        let root = tempfile::tempdir().unwrap();
        let (proof, cases) = world(root.path());
        let kept = Kept::open(&proof, &cases, false).unwrap();
        kept.keep(&held("factor-3/mutant/a")).unwrap();
        kept.keep(&Proved { contradictions: vec!["passes".to_owned()], ..held("factor-3/mutant/b") }).unwrap();
        kept.keep(&Proved { untested: vec!["no engine".to_owned()], ..held("factor-3/mutant/c") }).unwrap();
        kept.keep(&held("factor-4/mutant/d")).unwrap();
        let file = root.path().join("target/workshop/proof/factor-3.jsonl");
        OpenOptions::new().append(true).open(&file).unwrap().write_all(b"{\"patch\": \"").unwrap();

        let kept = Kept::open(&proof, &cases, false).unwrap();
        assert_eq!(names(&kept), ["factor-3/mutant/a"], "only what held whole");
        assert_eq!(kept.cases()[0].rejected, held("").rejected);
        assert_eq!(names(&Kept::open(&proof, &cases, true).unwrap()), [""; 0], "afresh");
        kept.keep(&held("factor-3/mutant/a")).unwrap();
        fs::write(proof.workspace.solution(cases[0].factor).join("app.toml"), "").unwrap();
        let other = Kept::open(&proof, &cases, false).unwrap();
        assert_eq!(names(&other), [""; 0], "the solution changed");
        other.keep(&held("factor-3/mutant/a")).unwrap();
        let quick = Proof { depth: Depth::Quick, ..proof };
        assert_eq!(names(&Kept::open(&quick, &cases, false).unwrap()), [""; 0], "another depth");
    }

    #[test]
    fn a_mutant_that_was_repaired_is_proved_again_and_the_others_are_not() {
        let root = tempfile::tempdir().unwrap();
        let (proof, cases) = world(root.path());
        let proved = ["factor-3/mutant/a", "factor-3/mutant/b"].map(held);
        let kept = Kept::open(&proof, &cases, false).unwrap();
        proved.iter().try_for_each(|case| kept.keep(case)).unwrap();
        let wrong = Proved { contradictions: vec!["passes".to_owned()], ..held("factor-3/mutant/c") };
        kept.forget(&[wrong]).unwrap();

        let Kind::Mutant(b) = &cases.iter().find(|case| case.name() == "factor-3/mutant/b").unwrap().kind else {
            panic!("a mutant")
        };
        fs::write(&b.file, "It is wrong.\n틀렸습니다.\nfails: a-check (a-reason)\n--- repaired\n").unwrap();
        let kept = Kept::open(&proof, &of_factor(cases[0].factor, &proof.workspace).unwrap(), false).unwrap();
        assert_eq!(names(&kept), ["factor-3/mutant/a"]);
        kept.forget(&proved).unwrap();
        assert!(!root.path().join("target/workshop/proof/factor-3.jsonl").exists(), "all of it held");
    }
}
