//! A real terminal: a tmux of its own, whose screen is read and whose keys are pressed.

use std::io::Write;
use std::process::{Command, Output};
use std::time::Instant;

use crate::processes::look_again;
use crate::world::{HANG, World};

/// A terminal in which watch mode runs.
pub struct Screen<'a> {
    world: &'a World,
    socket: String,
}

/// Whether there is a tmux; the build server has one, or fails.
pub fn is_missing() -> bool {
    if Command::new("tmux").arg("-V").output().is_ok_and(|output| output.status.success()) {
        return false;
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "the build server has no tmux");
    // Past the test harness, which shows nothing of a test that passes.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: no test in a terminal, tmux missing (cargo xtask test --setup)").unwrap();
    true
}

impl<'a> Screen<'a> {
    /// Starts `workshop-watch watch factor-3` with these further words in a terminal of this size.
    pub fn open(world: &'a World, (width, height): (u16, u16), words: &str) -> Self {
        let watch = format!("{} watch factor-3 {words}", env!("CARGO_BIN_EXE_workshop-watch"));
        Self::running(world, (width, height), &watch)
    }

    /// Runs a command line of the shell.
    pub fn running(world: &'a World, (width, height): (u16, u16), line: &str) -> Self {
        world.write("tmux.conf", "set -g status off\nset -g escape-time 0\n");
        let socket = format!("watch-{}", world.path("").file_name().unwrap().to_string_lossy());
        let screen = Self { world, socket };
        let given = world.environment().into_iter().map(|(name, value)| format!("{name}='{value}'"));
        // Nothing of this machine decides: neither its language nor its wish for colours.
        let cleared =
            "env -u LC_ALL -u LC_MESSAGES -u NO_COLOR -u CLICOLOR_FORCE -u COLUMNS LANG=C.UTF-8 RUST_BACKTRACE=0";
        let given = given.collect::<Vec<_>>().join(" ");
        // The shell outlives the program and says how it ended; Ctrl-C is not for the shell.
        let line = format!("trap : INT; {cleared} {given} {line}; echo \"ended with $?.\"; read line");
        let (width, height) = (width.to_string(), height.to_string());
        let size = ["-x", width.as_str(), "-y", height.as_str()];
        screen.tmux(&[&["new-session", "-d"], &size[..], &[&line]].concat());
        screen
    }

    /// Presses keys, by tmux's names.
    pub fn press(&self, keys: &str) {
        self.tmux(&[&["send-keys"], &keys.split(' ').collect::<Vec<_>>()[..]].concat());
    }

    /// Makes the terminal another size.
    pub fn resize(&self, width: u16, height: u16) {
        self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
    }

    /// What stands on the screen.
    pub fn shown(&self) -> String {
        self.asked(&["capture-pane", "-p"])
    }

    /// The same with its colours.
    pub fn painted(&self) -> String {
        self.asked(&["capture-pane", "-p", "-e"])
    }

    /// Waits until the screen shows all of these, wherever lines are broken.
    #[track_caller]
    pub fn until(&self, parts: &[&str]) {
        self.until_so(&format!("{parts:?}"), |shown| {
            let words = without_spaces(shown);
            parts.iter().all(|part| words.contains(&without_spaces(part)))
        });
    }

    /// Waits until the screen is as wished.
    #[track_caller]
    pub fn until_so(&self, what: &str, wished: impl Fn(&str) -> bool) {
        let began = Instant::now();
        loop {
            let shown = self.shown();
            if wished(&shown) {
                return;
            }
            assert!(began.elapsed() < HANG, "{what} was never on the screen, but:\n{shown}");
            look_again();
        }
    }

    /// Waits until the program has ended, with this exit code.
    #[track_caller]
    pub fn ended(&self, code: i32) {
        self.until(&[&format!("ended with {code}.")]);
        let shown = self.shown();
        assert!(!shown.contains("panicked"), "{shown}");
    }

    /// Whether a screen of its own is still shown.
    pub fn is_taken(&self) -> bool {
        self.asked(&["display-message", "-p", "#{alternate_on}"]).trim() == "1"
    }

    fn asked(&self, words: &[&str]) -> String {
        String::from_utf8(self.tmux(words).stdout).unwrap()
    }

    #[track_caller]
    fn tmux(&self, words: &[&str]) -> Output {
        let output = self.command().args(words).output().unwrap();
        assert!(output.status.success(), "tmux {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn command(&self) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.args(["-u", "-L", &self.socket, "-f"]).arg(self.world.path("tmux.conf"));
        tmux.env_remove("TMUX").env("LANG", "C.UTF-8");
        tmux
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.command().arg("kill-server").output();
    }
}

fn without_spaces(words: &str) -> String {
    words.split_whitespace().collect()
}
