//! The built books as they lie in their folder, and nothing from outside of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use grader::text::Lang;

/// The command that builds the books.
pub const BUILD: &str = "cargo xtask book --build";

/// Where the books are, and what those read whose browser asks for neither language.
#[derive(Debug)]
pub struct Books {
    /// The folder with `en` and `ko`.
    pub folder: PathBuf,
    /// The server's own language.
    pub lang: Lang,
}

/// Any path that is no part of the API.
pub async fn page(State(books): State<Arc<Books>>, uri: Uri, headers: HeaderMap) -> Response {
    let asked = uri.path().to_owned();
    // The files are small and local, but reading them blocks.
    let answer = tokio::task::spawn_blocking(move || answer(&books, &asked, &headers)).await;
    answer.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn answer(books: &Books, asked: &str, headers: &HeaderMap) -> Response {
    if asked.starts_with("/api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !books.folder.join("en/index.html").is_file() {
        return (StatusCode::SERVICE_UNAVAILABLE, Html(include_str!("not-built.html"))).into_response();
    }
    if asked == "/" {
        let home = format!("/{}/", folder_of(wished(headers).unwrap_or(books.lang)));
        return ([(header::VARY, "Accept-Language")], Redirect::temporary(&home)).into_response();
    }
    match find(&books.folder, asked) {
        Ok(Found::File(path)) => file(&path),
        // Relative links of a page depend on the slash at its end.
        Ok(Found::Folder) => Redirect::temporary(&format!("{asked}/")).into_response(),
        Err(_) => missing(),
    }
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, Html(include_str!("not-found.html"))).into_response()
}

fn file(path: &Path) -> Response {
    match fs::read(path) {
        Ok(bytes) => ([(header::CONTENT_TYPE, content_type(path))], bytes).into_response(),
        // While the books are being rebuilt, a file may be gone that was there a moment ago.
        Err(_) => missing(),
    }
}

enum Found {
    File(PathBuf),
    /// A folder that was asked for without the slash at its end.
    Folder,
}

/// What lies at the path of an address, if that is inside of `folder`.
fn find(folder: &Path, asked: &str) -> io::Result<Found> {
    let mut path = folder.to_owned();
    path.extend(names(asked).ok_or(io::ErrorKind::NotFound)?);
    let path = path.canonicalize()?;
    // A link inside may lead outside.
    if !path.starts_with(folder.canonicalize()?) {
        return Err(io::ErrorKind::NotFound.into());
    }
    match (path.is_dir(), asked.ends_with('/')) {
        (true, true) => Ok(Found::File(path.join("index.html"))),
        (true, false) => Ok(Found::Folder),
        (false, true) => Err(io::ErrorKind::NotFound.into()),
        (false, false) => Ok(Found::File(path)),
    }
}

/// The names in a path; `None` if one could lead elsewhere or is hidden.
fn names(asked: &str) -> Option<Vec<String>> {
    let names = asked.split('/').filter(|name| !name.is_empty()).map(decoded);
    names.map(|name| name.filter(|name| !name.starts_with('.') && !name.contains(['/', '\\', '\0']))).collect()
}

/// `%ED%95%9C` as the letter that it stands for.
fn decoded(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The first of the two languages that the browser asks for.
fn wished(headers: &HeaderMap) -> Option<Lang> {
    let wishes = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Lang)> = None;
    for wish in wishes.split(',') {
        let (tag, weight) = wish.split_once(";q=").unwrap_or((wish, "1"));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let weight: f32 = weight.trim().parse().unwrap_or(0.0);
        let Some(lang) = grader::locale::named(&primary) else { continue };
        if weight > best.map_or(0.0, |(known, _)| known) {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

fn folder_of(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Ko => "ko",
    }
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|kind| kind.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn wishes(header: &'static str, lang: Option<Lang>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        assert_eq!(wished(&headers), lang, "{header}");
    }

    #[test]
    fn the_language_that_the_browser_prefers_is_read() {
        wishes("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Some(Lang::Ko));
        wishes("de, en;q=0.5, ko;q=0.7", Some(Lang::Ko));
        wishes("EN", Some(Lang::En));
        wishes("ko;q=0, en;q=0.1", Some(Lang::En));
        wishes("fr, de;q=x", None);
        wishes("", None);
    }

    #[test]
    fn names_are_decoded_and_cannot_lead_elsewhere() {
        assert_eq!(names("/ko/%ED%95%9C%20글.html"), Some(vec!["ko".to_owned(), "한 글.html".to_owned()]));
        for path in ["/../x", "/en/%2e%2e/x", "/en/..%2fx", "/en/a%5cb", "/.git/config", "/en/%00", "/en/%zz", "/%ff"] {
            assert_eq!(names(path), None, "{path}");
        }
    }
}
