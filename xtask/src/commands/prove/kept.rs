//! What an interrupted proof had shown, so that the next one goes on from there: `target/workshop/proof/`, a file per factor.
//!
//! The first line says of what it was a proof. Where that has changed, the file says nothing and is begun anew. Only Ctrl-C,
//! or a machine that went away, leaves one: a proof that came to its end removes it, also when a case did not hold.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use grader::factors::{Factor, find};
use grader::prove::record::CaseRecord;
use grader::prove::{Depth, Proof, Proved};
use grader::subject::Workspace;

use super::whole::State;

/// What is kept of the factors of one proof.
pub struct Kept {
    folder: PathBuf,
    /// The numbers of the factors of which all cases are proved.
    whole: Vec<u8>,
}

impl Kept {
    /// Keeps what follows for these factors alone, and nothing of what was a proof of something else; with `afresh`, nothing at all.
    pub fn open(proof: &Proof, states: &[State], afresh: bool) -> io::Result<Self> {
        let whole = states.iter().map(|(factor, _)| factor.number).collect();
        let kept = Self { folder: proof.workspace.own().join("proof"), whole };
        fs::create_dir_all(&kept.folder)?;
        let tools = tools(&proof.workspace, &proof.program)?;
        for (factor, state) in states {
            let of = format!("{state} {} {:?} {tools}", depth(proof.depth), proof.seed);
            let file = kept.file(factor);
            if afresh || fs::read_to_string(&file).ok().as_deref().and_then(|text| text.lines().next()) != Some(&*of) {
                fs::write(file, of + "\n")?;
            }
        }
        Ok(kept)
    }

    /// The cases that held. Of a line that was not written to its end nothing is known.
    pub fn of(&self, factor: &Factor) -> Vec<Proved> {
        let text = fs::read_to_string(self.file(factor)).unwrap_or_default();
        let read = |line: &str| serde_json::from_str::<CaseRecord>(line).ok();
        text.lines().skip(1).filter_map(read).map(|case| case.proved(factor)).collect()
    }

    /// Keeps a case that holds, if its factor is proved whole.
    pub fn keep(&self, case: &Proved) -> io::Result<()> {
        let factor = case.name.split_once('/').and_then(|(id, _)| find(id));
        let wanted = |factor: &&Factor| case.holds_whole() && self.whole.contains(&factor.number);
        let Some(factor) = factor.filter(wanted) else { return Ok(()) };
        let line = serde_json::to_string(&CaseRecord::of(case))? + "\n";
        OpenOptions::new().append(true).open(self.file(factor))?.write_all(line.as_bytes())
    }

    /// The proof came to its end.
    pub fn forget(self, states: &[State]) -> io::Result<()> {
        states.iter().map(|(factor, _)| self.file(factor)).filter(|file| file.exists()).try_for_each(fs::remove_file)
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
    use grader::lab::clock::Waits;

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
        Proof { workspace, program: root.join("xtask/src/main.rs"), depth, seed: None, backing: Backing::default() }
    }

    #[test]
    fn an_interrupted_proof_goes_on_and_a_changed_one_begins_again() {
        let root = tempfile::tempdir().unwrap();
        let (proof, factor) = (proof(root.path(), Depth::Full), find("factor-3").unwrap());
        let states = |state: &str| vec![(factor, state.to_owned())];
        let names = |kept: &Kept| kept.of(factor).into_iter().map(|case| case.name).collect::<Vec<_>>();

        let kept = Kept::open(&proof, &states("one"), false).unwrap();
        kept.keep(&held("factor-3/mutant/a")).unwrap();
        kept.keep(&Proved { contradictions: vec!["passes".to_owned()], ..held("factor-3/mutant/b") }).unwrap();
        kept.keep(&Proved { untested: vec!["no engine".to_owned()], ..held("factor-3/mutant/c") }).unwrap();
        kept.keep(&held("factor-4/mutant/d")).unwrap();
        assert!(
            !root.path().join("target/workshop/proof/factor-4.jsonl").exists(),
            "of another factor nothing is kept"
        );
        OpenOptions::new().append(true).open(kept.file(factor)).unwrap().write_all(b"{\"case\": \"mut").unwrap();

        let kept = Kept::open(&proof, &states("one"), false).unwrap();
        assert_eq!(names(&kept), ["factor-3/mutant/a"], "only what held whole");
        assert_eq!(kept.of(factor)[0].rejected, held("").rejected);
        let afresh = Kept::open(&proof, &states("one"), true).unwrap();
        assert_eq!(names(&afresh), [""; 0]);
        afresh.keep(&held("factor-3/mutant/a")).unwrap();
        let other = Kept::open(&proof, &states("two"), false).unwrap();
        assert_eq!(names(&other), [""; 0], "the folders changed");
        other.keep(&held("factor-3/mutant/a")).unwrap();
        let quick = Proof { depth: Depth::Quick, ..proof };
        assert_eq!(names(&Kept::open(&quick, &states("two"), false).unwrap()), [""; 0], "another depth");
        other.forget(&states("two")).unwrap();
        assert!(!root.path().join("target/workshop/proof/factor-3.jsonl").exists());
    }
}
