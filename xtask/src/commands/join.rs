//! `join`: takes part in a room, shows which one it is, or leaves it.

use std::io::{self, BufRead, Write};

use grader::outcome::ExitCode;
use serde_json::{Value, json};

use crate::board::{self, Board, FORMAT_VERSION, Invitation, Membership, News, NoInvitation, PATIENCE, Sent};
use crate::cli::JoinOptions;
use crate::console;
use crate::messages::{self, BoardMessages, Wrong};
use crate::session::Session;
use crate::trouble::Trouble;

/// Does what the options ask for.
pub fn run(session: &mut Session, options: &JoinOptions) -> Result<ExitCode, Trouble> {
    match &options.invitation {
        Some(address) => join(session, address, options.name.as_deref()),
        None if options.leave => leave(session),
        None if options.json => news(session),
        None => show(session),
    }
}

fn join(session: &mut Session, address: &str, name: Option<&str>) -> Result<ExitCode, Trouble> {
    let words = messages::board(session.lang);
    let invitation = Invitation::read(address).map_err(|why| match why {
        NoInvitation::Secure => Wrong::SecureBoard,
        NoInvitation::Malformed => Wrong::Invitation(address.to_owned()),
    })?;
    let name = name.map_or_else(|| ask_name(session, words), |name| Ok(name.to_owned()))?;
    let device = board::device(session)?;
    let body = json!({ "format_version": FORMAT_VERSION, "code": invitation.code, "nickname": name, "device": device });
    let answer = match board::post(&invitation.board, "/api/v1/join", "", &body, PATIENCE) {
        Ok(answer) => answer,
        Err(why) => return failed(&words.unreachable(&invitation.board, &why)),
    };
    let said = |name: &str| answer.body[name].as_str().map(str::to_owned);
    let (Some(token), Some(nickname), Some(room)) = (said("token"), said("nickname"), said("room")) else {
        let error = said("error").unwrap_or_else(|| format!("HTTP {}", answer.status));
        return failed(&words.refused(&error));
    };
    // A nickname comes back from a stranger's program.
    let nickname: String = nickname.chars().filter(|c| !c.is_control()).take(40).collect();
    let before = Board::of(session).membership().filter(|known| known.room == room);
    let mut joined = Membership::new(invitation.board, room, nickname, token, device);
    if let Some(known) = before {
        (joined.news, joined.opened) = (known.news, known.opened);
    }
    board::remember(session, &joined)?;
    told(session, words, &joined)
}

/// The last choice is offered again: whoever joins anew mostly wants to be the same.
fn ask_name(session: &mut Session, words: &dyn BoardMessages) -> Result<String, Trouble> {
    if let Some(known) = Board::of(session).membership() {
        return Ok(known.nickname);
    }
    if !console::can_ask() {
        return Err(Wrong::WhichName.into());
    }
    session.write(format!("{} ", words.ask_name()).as_bytes())?;
    io::stdout().flush()?;
    let mut name = String::new();
    io::stdin().lock().read_line(&mut name)?;
    if name.trim().is_empty() { Err(Wrong::WhichName.into()) } else { Ok(name.trim().to_owned()) }
}

/// What was joined, what is told there, and the way to one's own page.
fn told(session: &mut Session, words: &dyn BoardMessages, joined: &Membership) -> Result<ExitCode, Trouble> {
    session.say(words.joined(&joined.nickname, &joined.board))?;
    session.say(words.what_is_told())?;
    session.say(words.how_to_raise())?;
    let answer = board::post(&joined.board, "/api/v1/ticket", &joined.token, &Value::Null, PATIENCE);
    if let Some(ticket) = answer.ok().and_then(|answer| answer.body["ticket"].as_str().map(str::to_owned)) {
        session.say(words.own_page(&format!("{}/me/sign-in#{ticket}", joined.board)))?;
    }
    Ok(ExitCode::Passed)
}

fn show(session: &mut Session) -> Result<ExitCode, Trouble> {
    let words = messages::board(session.lang);
    let joined = Board::of(session).membership().ok_or(Wrong::NotJoined)?;
    let sent = board::send(session);
    for line in board::told(session, &sent) {
        session.say(line)?;
    }
    if sent == Sent::Unknown { Ok(ExitCode::Failed) } else { told(session, words, &joined) }
}

/// What the book asks: what the instructor has said that this machine has not shown yet.
fn news(session: &mut Session) -> Result<ExitCode, Trouble> {
    let joined = Board::of(session).membership();
    let news = match board::send(session) {
        Sent::Everything(news) => news,
        _ => Vec::new(),
    };
    let shown = |said: &News| json!({ "id": said.id, "factor": said.factor, "words": said.words });
    let news: Vec<Value> = news.iter().map(shown).collect();
    session.say(json!({ "format_version": FORMAT_VERSION, "joined": joined.is_some(), "news": news }))?;
    Ok(ExitCode::Passed)
}

fn leave(session: &mut Session) -> Result<ExitCode, Trouble> {
    let words = messages::board(session.lang);
    let joined = Board::of(session).membership().ok_or(Wrong::NotJoined)?;
    let answer = board::remove(&joined.board, "/api/v1/me", &joined.token, PATIENCE);
    board::forget(session)?;
    match answer {
        Ok(answer) if answer.status == 204 || answer.status == 401 => session.say(words.left())?,
        _ => session.say(words.left_untold(&joined.board))?,
    }
    Ok(ExitCode::Passed)
}

fn failed(words: &str) -> Result<ExitCode, Trouble> {
    console::complain(words);
    Ok(ExitCode::Failed)
}
