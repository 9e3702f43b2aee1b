//! A command on behalf of another program, which it must not outlive: the caller holds its standard input open.

use std::ffi::OsString;
use std::io::{self, Read};
use std::thread;

use rustix::process::{Signal, getpid, kill_process};

/// The word before the command. No help names it: people have a terminal for this.
const WORD: &str = "__while-stdin-is-open";

/// Takes the word off the command line and begins to watch, if it is there.
pub fn taken_from(mut words: Vec<OsString>) -> Vec<OsString> {
    if words.first().is_some_and(|word| word == WORD) {
        words.remove(0);
        thread::spawn(watch);
    }
    words
}

/// A caller that ended in whatever way, `kill -9` included, has closed its end. This then ends as if asked to, in order.
fn watch() {
    let mut said = [0; 64];
    let mut input = io::stdin().lock();
    while input.read(&mut said).is_ok_and(|read| read > 0) {}
    // It is refused for nobody's own process.
    let _ = kill_process(getpid(), Signal::TERM);
}
