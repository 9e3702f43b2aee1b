//! Watch mode in lines: through pipes, without a terminal, and with `--plain` in one.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::tmux::{Screen, is_missing};
use crate::world::{HANG, World};

/// A watch whose output is read line by line.
struct Piped {
    child: Child,
    keys: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Piped {
    fn start(world: &World, words: &str) -> Self {
        let mut watch = Command::new(env!("CARGO_BIN_EXE_workshop-watch"));
        watch.args(["watch", "factor-3"]).args(words.split_whitespace()).envs(world.environment());
        for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CLICOLOR_FORCE"] {
            watch.env_remove(name);
        }
        let mut child = watch.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                assert!(!line.contains('\x1b'), "no terminal reads this: {line:?}");
                let _ = sender.send(line);
            }
        });
        let keys = child.stdin.take();
        Self { child, keys, lines }
    }

    /// Everything up to the line with `part`.
    #[track_caller]
    fn until(&self, part: &str) -> String {
        let mut said = String::new();
        while !said.contains(part) {
            let line = self.lines.recv_timeout(HANG);
            let line = line.unwrap_or_else(|_| panic!("{part:?} was never said, but:\n{said}"));
            said.push_str(&line);
            said.push('\n');
        }
        said
    }

    fn press(&mut self, line: &str) {
        writeln!(self.keys.as_mut().unwrap(), "{line}").unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id().cast_signed()).unwrap(), signal).unwrap();
    }

    fn code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

#[test]
fn a_session_through_pipes() {
    let world = World::new();
    let mut watch = Piped::start(&world, "--lang en");
    let first = watch.until("q:quit");
    for part in ["Watching exercises/factor-03-config", "✗ FAIL factor-3/", "What happened, in order:", "↷ SKIPPED"]
    {
        assert!(first.contains(part), "{part}:\n{first}");
    }
    assert!(first.contains("exercises/factor-03-config/src/config.py:"), "the marked places:\n{first}");
    watch.press("h");
    watch.until("Hint 2 of 3");
    watch.press("l");
    watch.until("Security");
    world.repair();
    watch.until("The core checks pass.");
    watch.until("factor-3 Config: passed");
    watch.until("n:next");
    watch.press("s");
    watch.until("The reference solution");
    watch.press("q");
    watch.until("Next: cargo xtask watch factor-3");
    assert_eq!(watch.code(), Some(0));
    world.leaves_nothing();
}

#[test]
fn a_korean_session_through_pipes() {
    let world = World::new();
    let mut watch = Piped::start(&world, "--lang ko");
    watch.until("q:끝내기");
    watch.press("ㅗ");
    watch.until("힌트 2/3");
    watch.signal(Signal::INT);
    watch.until("다음 명령: cargo xtask watch factor-3");
    assert_eq!(watch.code(), Some(130));
    world.leaves_nothing();
}

#[test]
fn what_is_typed_while_grading_is_not_done_and_a_polite_end_is_heard() {
    let world = World::new();
    world.hang();
    let mut watch = Piped::start(&world, "--lang en");
    watch.until("starting it");
    watch.press("l");
    watch.until("(not now: something is being graded)");
    watch.signal(Signal::TERM);
    assert_eq!(watch.code(), Some(130));
    world.leaves_nothing();
}

#[test]
fn without_keys_saves_are_graded_all_the_same() {
    let world = World::new();
    let mut watch = Piped::start(&world, "--lang en --core");
    watch.keys = None;
    watch.until("Standard input is closed");
    watch.until("Waiting for a save");
    world.repair();
    watch.until("The core checks pass.");
    watch.signal(Signal::INT);
    assert_eq!(watch.code(), Some(130));
    world.leaves_nothing();
}

#[test]
fn without_saves_and_without_keys_it_ends_after_the_first_verdict() {
    let world = World::new();
    let mut watch = Piped::start(&world, "--lang en --manual-run");
    watch.keys = None;
    watch.until("✗ FAIL factor-3/");
    assert_eq!(watch.code(), Some(0));
    world.leaves_nothing();
}

#[test]
fn a_run_by_hand_begins_with_enter() {
    let world = World::new();
    let mut watch = Piped::start(&world, "--lang en --core --manual-run");
    watch.until("Press Enter to grade");
    world.repair();
    watch.press("");
    watch.until("The core checks pass.");
    watch.press("q");
    assert_eq!(watch.code(), Some(0));
    world.leaves_nothing();
}

#[test]
fn a_reader_that_has_left_ends_it() {
    let world = World::new();
    let mut watch = Command::new("sh");
    watch.arg("-c").arg(format!("{} watch factor-3 | head -1", env!("CARGO_BIN_EXE_workshop-watch")));
    watch.envs(world.environment()).stdin(Stdio::piped());
    let mut watch = watch.stdout(Stdio::piped()).spawn().unwrap();
    // Held open: it is not a lack of keys that ends it.
    let _keys = watch.stdin.take();
    watch.wait_with_output().unwrap();
    world.leaves_nothing();
}

#[test]
fn plain_lines_in_a_terminal() {
    if is_missing() {
        return;
    }
    let world = World::new();
    let screen = Screen::open(&world, (80, 100), "--plain --lang en");
    screen.until(&["✗ FAIL factor-3/", "Type a letter and Enter."]);
    assert!(!screen.is_taken());
    screen.press("h Enter");
    screen.until(&["Hint 2 of 3"]);
    screen.press("C-c");
    screen.ended(130);
    drop(screen);
    world.leaves_nothing();
}
