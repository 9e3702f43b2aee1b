//! Pages for everybody: the way in, for attendees and for the instructor.

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use grader::text::Lang;
use maud::html;
use serde::Deserialize;

use super::parts::qr;
use super::plain;
use crate::api::is_current;
use crate::app::Shared;
use crate::guard::{Wished, sign_in};
use crate::hub::now;
use crate::keys::{Purpose, normal_code};
use crate::limits::Key;
use crate::messages::messages;

/// `GET /`
pub async fn welcome(Wished(lang): Wished) -> Response {
    let words = messages(lang);
    let body = html! {
        h1 { (words.board()) }
        p { (words.not_signed_in()) }
        p { a href="/instructor" { (words.sign_in()) } }
    };
    plain(lang, StatusCode::OK, words.board(), "/", body)
}

/// `GET /join/CODE`: an invitation. Guesses count here as they do where programs join.
pub async fn invitation(State(app): Shared, Path(code): Path<String>, Wished(lang): Wished) -> Response {
    let words = messages(lang);
    if !app.limits.has(&Key::WrongCode) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    if !is_current(&app.room(), &code) {
        app.limits.take(&Key::WrongCode);
        let body = html! { h1 { (words.invitation()) } p { (words.wrong_code()) } };
        return plain(lang, StatusCode::FORBIDDEN, words.invitation(), "/", body);
    }
    let (code, url) = (normal_code(&code), app.invitation(&normal_code(&code)));
    let body = html! {
        h1 { (words.invitation()) }
        p { (words.invitation_how()) }
        p { code.big { "cargo xtask join " (url) } }
        p { (words.privacy()) }
        (qr(&url, words.invitation()))
    };
    plain(lang, StatusCode::OK, words.invitation(), &format!("/join/{code}"), body)
}

/// `GET /instructor`: the secret stands behind the `#` of the instructor's address, which no browser sends; a script puts it
/// into the field.
pub async fn instructor(Wished(lang): Wished) -> Response {
    form(lang, StatusCode::OK)
}

fn form(lang: Lang, status: StatusCode) -> Response {
    let words = messages(lang);
    let body = html! {
        h1 { (words.sign_in()) }
        @if status != StatusCode::OK { p role="alert" { (words.wrong_secret()) } }
        form #sign-in method="post" action="/instructor" {
            label for="word" { (words.secret()) }
            input #word name="word" type="password" autocomplete="off" required;
            button { (words.sign_in()) }
        }
    };
    plain(lang, status, words.sign_in(), "/instructor", body)
}

/// What a browser is signed in with.
#[derive(Debug, Deserialize)]
pub struct SignIn {
    word: String,
}

/// `POST /instructor`
pub async fn sign_in_instructor(State(app): Shared, Wished(lang): Wished, Form(given): Form<SignIn>) -> Response {
    if !app.limits.has(&Key::WrongSecret) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    if !app.keys.is_secret(&given.word) {
        app.limits.take(&Key::WrongSecret);
        return form(lang, StatusCode::FORBIDDEN);
    }
    ([sign_in(&app, Purpose::Instructor, "instructor")], Redirect::to("/room")).into_response()
}

/// `POST /me/sign-in`: with the ticket that `cargo xtask join` printed.
pub async fn sign_in_attendee(State(app): Shared, Form(given): Form<SignIn>) -> Response {
    match app.keys.opened_at(Purpose::Ticket, &given.word, now()) {
        Some(who) => ([sign_in(&app, Purpose::Browser, who)], Redirect::to("/me")).into_response(),
        None => Redirect::to("/").into_response(),
    }
}

/// `GET /me/sign-in`: a script takes the ticket from behind the `#`.
pub async fn ticket(Wished(lang): Wished) -> Response {
    let words = messages(lang);
    let body = html! {
        h1 { (words.my_page()) }
        form #sign-in method="post" action="/me/sign-in" {
            label for="word" { (words.my_page()) }
            input #word name="word" type="password" autocomplete="off" required;
            button { (words.my_page()) }
        }
    };
    plain(lang, StatusCode::OK, words.my_page(), "/me/sign-in", body)
}
