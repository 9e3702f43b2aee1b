//! The cases of a proof: the starter, the solution, its variants and mutants, and three services that do nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::factors::Factor;
use crate::prove::patches::{Mutant, Variant, list};
use crate::prove::vacuous;
use crate::subject::{Subject, Workspace};
use crate::tree::{Patch, stable_hash};

/// One subject and what must come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The factor it is graded by.
    pub factor: &'static Factor,
    /// What it is.
    pub kind: Kind,
}

/// What a case's subject is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// The reference: passes everything.
    Solution,
    /// Correct in another way: passes everything.
    Variant(Variant),
    /// Wrong in one way: fails where it says.
    Mutant(Mutant),
    /// As delivered: fails where it is seeded, and is not BLOCKED.
    Starter,
    /// Does nothing (`null`, `absent`, `frozen`): passes nowhere.
    Vacuous(&'static str),
}

/// Every case of a factor, the solution first: later cases use what it needed.
pub fn of_factor(factor: &'static Factor, workspace: &Workspace) -> Result<Vec<Case>, String> {
    let solution = workspace.solution(factor);
    let variants = list(&solution.join("variants"))?.into_iter().map(|file| Variant::read(&file).map(Kind::Variant));
    let mutants = list(&solution.join("mutants"))?.into_iter().map(|file| Mutant::read(&file).map(Kind::Mutant));
    let patched: Vec<Kind> = variants.chain(mutants).collect::<Result<_, _>>()?;
    let vacuous = vacuous::KINDS.into_iter().map(Kind::Vacuous);
    let kinds = [Kind::Solution, Kind::Starter].into_iter().chain(vacuous).chain(patched);
    Ok(kinds.map(|kind| Case { factor, kind }).collect())
}

impl Case {
    /// `factor-3/mutant/dotenv-override`.
    pub fn name(&self) -> String {
        let kind = match &self.kind {
            Kind::Solution => "solution".to_owned(),
            Kind::Starter => "starter".to_owned(),
            Kind::Variant(variant) => format!("variant/{}", variant.name),
            Kind::Mutant(mutant) => format!("mutant/{}", mutant.name),
            Kind::Vacuous(kind) => format!("vacuous/{kind}"),
        };
        self.factor.path_of(&kind)
    }

    /// Whether the case shows that one of these checks is right: it has to pass it, or to fail there and nowhere else.
    pub fn is_about(&self, checks: &[String]) -> bool {
        let any = |id: &str| checks.contains(&self.factor.path_of(id));
        match &self.kind {
            Kind::Solution | Kind::Variant(_) => self.factor.checks().iter().any(|check| any(check.id)),
            Kind::Mutant(mutant) => mutant.fails.iter().any(|claim| any(&claim.check)),
            Kind::Starter | Kind::Vacuous(_) => false,
        }
    }

    /// The hash of the patch that makes the case; empty where none does.
    ///
    /// # Errors
    ///
    /// The patch is gone.
    pub fn patch_state(&self) -> std::io::Result<String> {
        let hash = |patch: Patch| fs::read(patch.file).map(|bytes| format!("{:016x}", stable_hash(&bytes)));
        self.patch(0).map_or(Ok(String::new()), hash)
    }

    pub(super) fn patch(&self, slot: u8) -> Option<Patch> {
        let file = match &self.kind {
            Kind::Variant(variant) => &variant.file,
            Kind::Mutant(mutant) => &mutant.file,
            Kind::Solution | Kind::Starter | Kind::Vacuous(_) => return None,
        };
        Some(Patch { file: file.clone(), slot })
    }

    /// The subject, and the workspace it belongs to.
    pub(super) fn subject(&self, workspace: &Workspace, program: &Path) -> Result<(Workspace, Subject), String> {
        match &self.kind {
            Kind::Solution | Kind::Variant(_) | Kind::Mutant(_) => {
                open(workspace.clone(), &workspace.solution(self.factor))
            }
            Kind::Starter => {
                let pristine = pristine_workspace(workspace, self.factor).map_err(|error| error.to_string())?;
                let folder = pristine.exercise(self.factor);
                open(pristine, &folder)
            }
            Kind::Vacuous(kind) => {
                let folder = vacuous_subject(workspace, kind, program).map_err(|error| error.to_string())?;
                open(workspace.clone(), &folder)
            }
        }
    }
}

fn open(workspace: Workspace, folder: &Path) -> Result<(Workspace, Subject), String> {
    let subject = Subject::open(folder, &workspace).map_err(|error| error.to_string())?;
    Ok((workspace, subject))
}

/// The starter as delivered, in a workspace of its own: the attendee's edits must not decide a proof.
fn pristine_workspace(workspace: &Workspace, factor: &Factor) -> std::io::Result<Workspace> {
    let root = workspace.own().join("pristine");
    let folder = root.join("exercises").join(factor.folder());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let files = crate::pristine::parse(factor.exercise.pristine).map_err(std::io::Error::other)?;
    crate::pristine::unpack(&files, &folder)?;
    for name in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(workspace.root.join(name), root.join(name))?;
    }
    Ok(Workspace { root, target: workspace.target.clone() })
}

/// A folder with nothing but an `app.toml` that starts this very program as a service of that kind.
fn vacuous_subject(workspace: &Workspace, kind: &str, program: &Path) -> std::io::Result<PathBuf> {
    let folder = workspace.own().join("vacuous").join(kind);
    fs::create_dir_all(&folder)?;
    let program = program.display();
    let manifest = format!(
        "contract = \"jjalda/v1\"\n\n[app.links]\nrelease = [\"app.toml\"]\nneeds = [\"screen\"]\n\n\
         [app.links.process]\nweb = [\"{program}\", \"__vacuous\", \"{kind}\"]\n"
    );
    fs::write(folder.join("app.toml"), manifest)?;
    Ok(folder)
}
