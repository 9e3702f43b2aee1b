//! The books in a real browser: built, served, read and used in a copy of the workshop.
//!
//! What is tested stands in `browser/tests/*.test.mjs`; this prepares the world in which those run. Needs Debian's
//! `chromium`, `nodejs` and `npm`; without them it is skipped, except on the build server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "browser/copy.rs"]
mod copy;
#[path = "browser/family.rs"]
mod family;
#[path = "browser/tools.rs"]
mod tools;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use tools::Tools;

#[test]
fn the_books_work_in_a_browser() {
    let Some(tools) = Tools::found() else { return };
    let world = World::new(&tools);
    let mut server = world.server();
    let url = address(&mut server);
    let tests = world.tests(&tools, &url).status().unwrap();
    kill_process(Pid::from_raw(server.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    let served = server.wait().unwrap();
    assert!(tests.success(), "see above; one file alone: BROWSER_TESTS=quiz cargo test -p server --test browser");
    assert!(served.success(), "the server ended with {served}");
    world.leaves_nothing();
}

/// A copy of the workshop, its books, and folders for everything that the programs write.
struct World {
    folder: TempDir,
    root: PathBuf,
    target: PathBuf,
}

impl World {
    fn new(tools: &Tools) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned();
        // What was compiled for the copies of earlier runs is used again.
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
        let world = Self { folder: tempfile::tempdir().unwrap(), root, target };
        for folder in ["workshop", "home", "tmp"] {
            fs::create_dir(world.path(folder)).unwrap();
        }
        copy::tracked(&world.root, &world.path("workshop"));
        tools::build(&world.root, &[("xtask", "xtask"), ("book", "workshop-book")]);
        run(Command::new(program("workshop-book")).arg("build").args([world.path("workshop"), world.path("books")]));
        tools.install_packages(&world.browser());
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn browser(&self) -> PathBuf {
        self.root.join("xtask/server/browser")
    }

    fn server(&self) -> Child {
        let mut server = Command::new(env!("CARGO_BIN_EXE_workshop-server"));
        server.arg("--books").arg(self.path("books")).arg("--xtask").arg(program("xtask"));
        server.args(["--port", "0", "--lang", "en"]).stdout(Stdio::piped());
        server
            .current_dir(self.path("workshop"))
            .env("CARGO_MANIFEST_DIR", self.path("workshop/xtask"))
            .env("CARGO_TARGET_DIR", &self.target)
            .env("WORKSHOP_HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"));
        server.spawn().unwrap()
    }

    fn tests(&self, tools: &Tools, url: &str) -> Command {
        let mut node = Command::new(&tools.node);
        node.current_dir(self.browser()).args(["--test", "--test-concurrency=2", "--test-reporter=spec"]);
        let only = std::env::var("BROWSER_TESTS").unwrap_or_default();
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.browser().join("tests")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.display().to_string().ends_with(&format!("{only}.test.mjs")));
        files.sort();
        assert!(!files.is_empty(), "there is no {only}.test.mjs");
        node.args(files)
            .env("WORKSHOP_URL", url)
            .env("WORKSHOP_BOOKS", self.path("books"))
            .env("WORKSHOP_COPY", self.path("workshop"))
            .env("WORKSHOP_CHROMIUM", &tools.chromium)
            .env("TMPDIR", self.path("tmp"));
        node
    }

    /// No process of this world lives and its temporary folder is empty: now, or soon after its end.
    #[track_caller]
    fn leaves_nothing(&self) {
        let files = || fs::read_dir(self.path("tmp")).unwrap().map(|entry| entry.unwrap().path().display().to_string());
        family::gone(|| family::of(self.folder.path()).into_iter().chain(files()).collect());
    }
}

/// Beside the server lie the other programs.
fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_workshop-server")).with_file_name(name)
}

#[track_caller]
fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// The server's first line names its address.
fn address(server: &mut Child) -> String {
    let mut stdout = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    // Whatever it says later is read, so that it never waits for a reader.
    std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
    let (_, url) = line.trim_end().rsplit_once(' ').expect("the first line names the address");
    url.trim_end_matches('/').to_owned()
}
