//! The program under test, a place of its own to work in, and a look at what it leaves.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use backing_protocol::{Answer, Ask, Engine, Line, Refusal, Request, Server};
use tempfile::TempDir;

/// Long enough for the slowest machine; only a hang takes this long.
const HANG: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// A workshop's folder of the test's own, so that no other session is swept and none sweeps here.
pub struct Place {
    folder: TempDir,
}

/// A running program.
pub struct Program {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    next: u64,
    /// What it told besides answers.
    pub news: Vec<String>,
    /// The id of its session.
    pub session: String,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("workshop-test-").tempdir().unwrap();
        for folder_of_a_workshop in ["xtask", "exercises"] {
            fs::create_dir(folder.path().join(folder_of_a_workshop)).unwrap();
        }
        for file_of_a_workshop in ["Cargo.toml", "xtask/Cargo.toml"] {
            fs::write(folder.path().join(file_of_a_workshop), "").unwrap();
        }
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn settings(&self, text: &str) {
        fs::write(self.path("workshop.toml"), text).unwrap();
    }

    /// The program with these variables and none of the caller's own wishes.
    pub fn command(&self, program: &Path, environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_remove("CARGO_TARGET_DIR");
        for wish in ["WORKSHOP_BACKING", "WORKSHOP_POSTGRES_URL", "WORKSHOP_REDIS_URL"] {
            command.env_remove(wish);
        }
        command.envs(environment.iter().copied());
        command
    }

    pub fn start(&self, environment: &[(&str, &str)]) -> Program {
        self.launch(self.command(&binary(), environment))
    }

    /// Starts a command that becomes the program, in a process group of its own, and waits until its session is open.
    pub fn launch(&self, mut command: Command) -> Program {
        let known = self.sessions();
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let requests = child.stdin.take();
        let session = until("its session is open", || self.sessions().into_iter().find(|id| !known.contains(id)));
        let mut program = Program { child, requests, answers, next: 0, news: Vec::new(), session };
        // An answer, be it a complaint, comes only when the reaper watches.
        program.refused(Ask::WaitContainer { container: "none".to_owned() });
        program
    }

    /// The sessions that have a record.
    pub fn sessions(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("target/workshop/backing/sessions")).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter_map(|name| name.strip_suffix(".jsonl").map(str::to_owned)).collect()
    }

    /// The record of a session.
    pub fn record(&self, session: &str) -> String {
        let path = self.path(&format!("target/workshop/backing/sessions/{session}.jsonl"));
        fs::read_to_string(path).unwrap_or_default()
    }

    /// The processes that the session's record names.
    pub fn processes(&self, session: &str) -> Vec<i32> {
        let record = self.record(session);
        let lines = record.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.filter(|line| line["kind"] == "process").map(|line| line["pid"].as_i64().unwrap() as i32).collect()
    }
}

impl Program {
    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Asks and waits for the answer.
    pub fn ask(&mut self, ask: Ask) -> Result<Answer, Refusal> {
        let id = self.send(ask);
        loop {
            match self.line() {
                Some(Line::Reply(reply)) if reply.id == id => return reply.result,
                Some(Line::Reply(_)) => {}
                Some(Line::News(news)) => self.news.push(news.what),
                None => panic!("the program ended without an answer"),
            }
        }
    }

    /// Asks without waiting; a program that is gone hears nothing.
    pub fn send(&mut self, ask: Ask) -> u64 {
        self.next += 1;
        let mut line = serde_json::to_vec(&Request { id: self.next, ask }).unwrap();
        line.push(b'\n');
        let _ = self.requests.as_mut().unwrap().write_all(&line);
        self.next
    }

    pub fn line(&mut self) -> Option<Line> {
        let mut text = String::new();
        self.answers.read_line(&mut text).unwrap();
        (!text.is_empty()).then(|| serde_json::from_str(&text).unwrap())
    }

    pub fn up(&mut self, engine: Engine) -> Server {
        match self.ask(Ask::Up { engine }) {
            Ok(Answer::Up(server)) => server,
            other => panic!("{other:?}"),
        }
    }

    pub fn done(&mut self, ask: Ask) {
        assert_eq!(self.ask(ask), Ok(Answer::Done));
    }

    pub fn create(&mut self, name: &str, password: &str) {
        let name = name.to_owned();
        self.done(Ask::CreateDatabase { user: name.clone(), name, password: password.to_owned() });
    }

    pub fn query(&mut self, database: &str, sql: &str) -> Vec<Vec<Option<String>>> {
        match self.ask(Ask::Query { database: database.to_owned(), sql: sql.to_owned() }) {
            Ok(Answer::Rows { rows }) => rows,
            other => panic!("{other:?}"),
        }
    }

    pub fn take_redis(&mut self) -> u32 {
        match self.ask(Ask::TakeRedis) {
            Ok(Answer::RedisDatabase { index }) => index,
            other => panic!("{other:?}"),
        }
    }

    /// The reason for which a request is refused.
    pub fn refused(&mut self, ask: Ask) -> Refusal {
        self.ask(ask).expect_err("must be refused")
    }

    /// Closes its input and waits for its end.
    pub fn end(mut self) -> ExitStatus {
        drop(self.requests.take());
        self.child.wait().unwrap()
    }

    /// SIGKILL to the program, or to its whole process group.
    pub fn kill(mut self, group: bool) {
        let pid = rustix::process::Pid::from_child(&self.child);
        let kill = rustix::process::Signal::KILL;
        if group {
            rustix::process::kill_process_group(pid, kill).unwrap();
        } else {
            rustix::process::kill_process(pid, kill).unwrap();
        }
        self.child.wait().unwrap();
    }
}

/// A test that fails in the middle must not wait for the end of its program.
impl Drop for Program {
    fn drop(&mut self) {
        drop(self.requests.take());
    }
}

pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_workshop-backing"))
}

/// Looks until there is something to see.
#[track_caller]
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within_a_hang(look).unwrap_or_else(|| panic!("it never happened that {what}"))
}

fn within_a_hang<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        let seen = look();
        if seen.is_some() || began.elapsed() > HANG {
            return seen;
        }
        sleep(PAUSE);
    }
}

/// Waits until nothing of the session is left: no process, no folder, no container, no record.
#[track_caller]
pub fn nothing_is_left(place: &Place, session: &str) {
    let gone = within_a_hang(|| left(place, session).is_empty().then_some(()));
    assert!(gone.is_some(), "left: {:#?}\n{}", left(place, session), place.record(session));
}

/// What is left of a session.
pub fn left(place: &Place, session: &str) -> Vec<String> {
    let mut left = containers_of(session);
    let start = format!("workshop-{}-", &session[..8]);
    for folder in [PathBuf::from("/dev/shm"), std::env::temp_dir()] {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        left.extend(entries.map(|entry| entry.path().display().to_string()).filter(|path| path.contains(&start)));
    }
    left.extend(living(|words| words.contains(&start) || words.contains(session)));
    left.extend(place.sessions().into_iter().filter(|id| id == session));
    left
}

/// The processes whose command line is of this kind; the dead who wait for their parent have none.
pub fn living(of_this_kind: impl Fn(&str) -> bool) -> Vec<String> {
    let ps = Command::new("ps").args(["-axo", "pid=,stat=,args="]).output().unwrap();
    let text = String::from_utf8_lossy(&ps.stdout).into_owned();
    let lines = text.lines().map(str::trim).filter(|line| !line.contains("<defunct>") && of_this_kind(line));
    lines.map(str::to_owned).collect()
}

/// The containers of a session; none where there is no engine.
pub fn containers_of(session: &str) -> Vec<String> {
    let filter = format!("label=workshop.session={session}");
    let docker = Command::new("docker").args(["ps", "--all", "--quiet", "--filter", &filter]).output();
    let text = docker.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// What a test needs of the machine. On the project's own machines it has to be there.
#[derive(Clone, Copy)]
pub enum Needs {
    LocalServers,
    Docker,
    Root,
}

/// Whether the machine has it; if not, says so once per test.
#[track_caller]
pub fn has(needs: Needs) -> bool {
    let (there, what) = match needs {
        Needs::LocalServers => (local_servers(), "the programs of PostgreSQL and Redis"),
        Needs::Docker => (docker_answers(), "a Docker engine with the workshop's images"),
        Needs::Root => (rustix::process::geteuid().is_root() && cfg!(target_os = "linux"), "root on Linux"),
    };
    if !there {
        let strict = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!strict || matches!(needs, Needs::Root), "this machine lacks {what}");
        let _ = writeln!(std::io::stderr(), "skipped: this machine lacks {what}");
    }
    there
}

fn local_servers() -> bool {
    let place = Place::new();
    let output = place.command(&binary(), &[("WORKSHOP_BACKING", "local")]).arg("doctor").output().unwrap();
    let survey: backing_protocol::Survey = serde_json::from_slice(&output.stdout).unwrap();
    survey.postgres.is_ok() && survey.redis.is_ok()
}

fn docker_answers() -> bool {
    let place = Place::new();
    let output = place.command(&binary(), &[("WORKSHOP_BACKING", "docker")]).arg("doctor").output().unwrap();
    let survey: backing_protocol::Survey = serde_json::from_slice(&output.stdout).unwrap();
    survey.postgres.is_ok() && survey.redis.is_ok() && survey.containers.is_ok()
}
