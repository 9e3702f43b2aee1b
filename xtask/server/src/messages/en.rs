//! The server's sentences in English.

use std::io;

use super::Messages;
use crate::options::Wrong;

/// English.
pub struct En;

impl Messages for En {
    fn help(&self) -> &'static str {
        "\
workshop-server: serves the built books on this machine, with checks that run from their pages

  --books DIR     the folder with the built books (default: target/workshop/book)
  --xtask FILE    the program that grades (default: the xtask beside this program)
  --port N        the port to listen on; 0 takes a free one (default: 15015, or a free one if it is taken)
  --open          opens the books in your browser
  --while-stdin-is-open
                  ends when its standard input is closed, as it is when the program that started it is gone
  --lang en|ko    the language of these messages
  -h, --help      this page

It listens on 127.0.0.1 only. Ctrl-C ends it, and the checks that are running.
"
    }

    fn wrong(&self, wrong: &Wrong) -> String {
        let why = match wrong {
            Wrong::Words(why) => why.clone(),
            Wrong::Port(value) => format!("{value} is not a port"),
            Wrong::Language(value) => format!("{value} is not a language of the workshop; there are en and ko"),
        };
        format!("workshop-server: {why}\nSee: workshop-server --help")
    }

    fn failed(&self, error: &io::Error) -> String {
        format!("The server cannot go on: {error}")
    }

    fn serving(&self, url: &str) -> String {
        format!("The books are at {url}")
    }

    fn how_to_stop(&self) -> &'static str {
        "Ctrl-C ends the server."
    }

    fn not_built(&self, command: &str) -> String {
        format!("The books have not been built yet. Build them with: {command}")
    }

    fn stopping(&self) -> &'static str {
        "Stopping the checks that are running; Ctrl-C again does not wait for them."
    }

    fn no_browser(&self) -> &'static str {
        "No browser could be opened; open the address by hand."
    }
}
