//! `bench`: what attendees feel, as ratios measured in one run: machines differ, ratios carry over.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use grader::factors::Factor;
use grader::outcome::ExitCode;

use crate::cli::BenchOptions;
use crate::place;
use crate::session::Session;
use crate::trouble::Trouble;

mod measure;

use measure::{Usage, median, run_measured};

/// Measures and prints; every line names what was measured and on how many runs.
pub fn run(session: &mut Session, options: &BenchOptions) -> Result<ExitCode, Trouble> {
    let factor = place::meant(Some(options.factor.as_deref().unwrap_or("factor-3")), session)?;
    let failed = |error| Trouble::failed("cannot measure", error);
    let bench = Bench::prepare(session, factor).map_err(failed)?;
    save_to_verdict(session, &bench, options.runs).map_err(failed)?;
    memory(session, &bench).map_err(failed)?;
    if options.cold {
        cold(session, &bench).map_err(failed)?;
    }
    Ok(ExitCode::Passed)
}

/// A copy of the solution in a workspace of its own, which can be edited without touching anybody's files.
struct Bench {
    factor: &'static Factor,
    program: PathBuf,
    root: PathBuf,
    workshop: PathBuf,
    target: PathBuf,
    folder: PathBuf,
    edits: std::cell::Cell<u32>,
}

impl Bench {
    fn prepare(session: &Session, factor: &'static Factor) -> std::io::Result<Self> {
        let workspace = &session.workspace;
        let root = workspace.own().join("bench");
        let folder = root.join("solutions").join(factor.folder());
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        let bench = Self {
            factor,
            program: std::env::current_exe()?,
            workshop: workspace.root.clone(),
            target: workspace.target.clone(),
            folder: folder.clone(),
            root,
            edits: std::cell::Cell::new(0),
        };
        for name in ["src", "app.toml", "Cargo.toml"] {
            grader::copy(&workspace.solution(factor).join(name), &folder.join(name))?;
        }
        let member = Path::new("solutions").join(factor.folder());
        fs::write(
            bench.root.join("Cargo.toml"),
            grader::trimmed_manifest(&workspace.root, &member, &workspace.root.join(&member))?,
        )?;
        fs::copy(workspace.root.join("Cargo.lock"), bench.root.join("Cargo.lock"))?;
        Ok(bench)
    }

    /// What an editor's save does: one changed line, a new time.
    fn edit(&self) -> std::io::Result<()> {
        self.edits.set(self.edits.get() + 1);
        let main = self.folder.join("src/main.rs");
        let text = fs::read_to_string(&main)?;
        let kept = text.lines().filter(|line| !line.starts_with("const EDIT")).collect::<Vec<_>>().join("\n");
        fs::write(main, format!("{kept}\nconst EDIT: u32 = {};\nconst _: u32 = EDIT;\n", self.edits.get()))
    }

    fn check(&self, folder: &Path) -> Command {
        let mut check = Command::new(&self.program);
        check.args(["check", &self.factor.id(), "--plain", "--path"]).arg(folder);
        check.env("CARGO_MANIFEST_DIR", self.workshop.join("xtask")).env("CARGO_TARGET_DIR", &self.target);
        check
    }

    /// The bare loop without a grader: build, start, and wait for the first answer.
    fn build_and_start(&self) -> std::io::Result<()> {
        let package = format!("solution-{:02}-{}", self.factor.number, self.factor.slug);
        let build = Command::new("cargo")
            .args(["build", "--quiet", "--offline", "--package", &package, "--target-dir"])
            .arg(&self.target)
            .current_dir(&self.root)
            .status()?;
        if !build.success() {
            return Err(std::io::Error::other("the copy of the solution does not build"));
        }
        measure::start_once(&self.target.join("debug").join(package))
    }
}

fn save_to_verdict(session: &mut Session, bench: &Bench, runs: usize) -> std::io::Result<()> {
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    // The first round warms both target folders up and is not counted. Taking turns cancels a drifting machine.
    for round in 0..=runs {
        let alone = timed(|| bench.edit().and_then(|()| bench.build_and_start()))?;
        let graded = timed(|| bench.edit().and_then(|()| passes(&mut bench.check(&bench.folder))))?;
        if round > 0 {
            bare.push(alone);
            whole.push(graded);
        }
    }
    let (bare, whole) = (median(&mut bare), median(&mut whole));
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    session.say(session.messages().bench_loop(whole.as_secs_f64(), bare.as_secs_f64(), ratio, runs))
}

fn passes(check: &mut Command) -> std::io::Result<()> {
    let status = check.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(std::io::Error::other("the solution does not pass")) }
}

fn timed(work: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<Duration> {
    let began = Instant::now();
    work().map(|()| began.elapsed())
}

/// The grader's own peak memory, for the solution and for a service that writes a gigabyte.
fn memory(session: &mut Session, bench: &Bench) -> std::io::Result<()> {
    let idle = run_measured(&mut bench.check(&bench.folder))?;
    let flood = bench.root.join("flood");
    fs::create_dir_all(&flood)?;
    fs::write(flood.join("app.toml"), flood_manifest(&bench.program))?;
    let flooded = run_measured(&mut bench.check(&flood))?;
    match (idle.peak_mib, flooded.peak_mib) {
        (Some(idle), Some(flooded)) => session.say(session.messages().bench_memory(idle, flooded)),
        _ => session.say(session.messages().bench_no_memory()),
    }
}

fn flood_manifest(program: &Path) -> String {
    let program = program.display();
    format!(
        "contract = \"jjalda/v1\"\n\n[app.links]\nrelease = [\"app.toml\"]\nneeds = [\"screen\"]\n\n\
         [app.links.process]\nweb = [\"{program}\", \"__vacuous\", \"flood\"]\n"
    )
}

/// What an attendee waits for first: the grader and the service from an empty target folder.
fn cold(session: &mut Session, bench: &Bench) -> std::io::Result<()> {
    let empty = bench.root.join("cold");
    let mut build = Command::new("cargo");
    build.args(["build", "--offline", "--package", "xtask", "--target-dir"]).arg(&empty).current_dir(&bench.workshop);
    let tool = run_measured(build.stdout(Stdio::null()).stderr(Stdio::null()))?;
    let package = format!("solution-{:02}-{}", bench.factor.number, bench.factor.slug);
    let mut build = Command::new("cargo");
    build.args(["build", "--offline", "--package", &package, "--target-dir"]).arg(&empty).current_dir(&bench.workshop);
    let service = run_measured(build.stdout(Stdio::null()).stderr(Stdio::null()))?;
    fs::remove_dir_all(&empty)?;
    if !tool.succeeded || !service.succeeded {
        return Err(std::io::Error::other("a build failed; are all crates on this machine? (cargo fetch)"));
    }
    let cpu = |usage: &Usage| usage.cpu.map_or(0.0, |cpu| cpu.as_secs_f64());
    let crates = fs::read_to_string(bench.workshop.join("xtask").join("crates.txt"))?.lines().count();
    session.say(session.messages().bench_cold(cpu(&tool), cpu(&service), crates))
}
