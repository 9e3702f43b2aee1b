//! What the terminal says when the board is up: the way in, who can reach it, and what to do where nobody can.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::app::App;
use crate::messages::messages;
use crate::options::{Options, Task};

/// Says it to a person, or to a log: there without the secret, which logs would carry anywhere.
pub fn board(options: &Options, app: &App, address: SocketAddr) -> io::Result<()> {
    tracing::info!(address = %address, url = app.url, database = ?app.store.kind(), "listening");
    if is_for_a_person() {
        write!(io::stdout(), "{}", told(options, app, address))?;
        io::stdout().flush()?;
    }
    Ok(())
}

/// A log is for programs, and a terminal for people.
pub fn is_for_a_person() -> bool {
    io::stdout().is_terminal() || std::env::var_os("BOARD_TERMINAL").is_some()
}

fn told(options: &Options, app: &App, address: SocketAddr) -> String {
    let words = messages(options.lang);
    let invitation = app.invitation(&app.room().settings.code);
    let secret = app.keys.shown();
    let mut lines = vec![qr(&invitation), words.join_at(&invitation)];
    lines.push(words.projector_at(&format!("{}/projector", app.url)));
    lines.push(words.instructor_at(&format!("{}/instructor#{secret}", app.url)));
    if address.ip().is_loopback() {
        lines.push(words.only_this_machine().to_owned());
    } else {
        lines.push(words.whole_network(&app.url));
        lines.push(words.isolated().to_owned());
    }
    if let Task::Rehearse(attendees) = options.task {
        lines.push(words.rehearsing(attendees));
    }
    lines.push(words.how_to_stop().to_owned());
    lines.join("\n") + "\n"
}

/// Two rows of squares per line. White is drawn and black left out, so that it is right on a dark terminal and a camera
/// reads it on a light one too.
fn qr(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else { return String::new() };
    let white = |x: i32, y: i32| !code.get_module(x, y);
    let edge = -2..code.size() + 2;
    let line = |y: i32| -> String {
        edge.clone()
            .map(|x| match (white(x, y), white(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            })
            .collect()
    };
    edge.clone().step_by(2).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_for_a_camera_is_square() {
        let drawn = qr("http://192.168.0.10:15016/join/ABC234");
        let lines: Vec<&str> = drawn.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines[0].chars().all(|c| c == '█'), "a quiet edge");
    }
}
