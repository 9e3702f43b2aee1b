//! Pages and files.

use std::os::unix::fs::symlink;

use crate::client::ask;
use crate::world::World;

#[track_caller]
fn is(world: &World, path: &str, status: u16, part: &str) {
    let answer = world.get(path);
    assert_eq!(answer.status, status, "{path}");
    let words = answer.words();
    assert!(words.contains(part), "{path}: {words}");
}

#[track_caller]
fn leads(world: &World, path: &str, headers: &[(&str, &str)], to: &str) {
    let answer = ask(world.port, "GET", path, headers);
    assert_eq!((answer.status, answer.header("Location")), (307, Some(to)), "{path}");
}

#[test]
fn the_browsers_language_chooses_the_book() {
    let world = World::with_books();
    leads(&world, "/", &[("Accept-Language", "ko-KR,ko;q=0.9,en;q=0.8")], "/ko/");
    leads(&world, "/", &[("Accept-Language", "en-GB")], "/en/");
    leads(&world, "/", &[], "/en/");
}

#[test]
fn pages_and_files_come_with_their_type_and_are_not_kept() {
    let world = World::with_books();
    is(&world, "/en/", 200, "English");
    is(&world, "/ko/index.html?highlight=x", 200, "한국어");
    is(&world, "/en/factors/%ED%95%9C%20%EA%B8%80.html", 200, "Hangul");
    leads(&world, "/en", &[], "/en/");
    let types = [
        ("index.html", "text/html; charset=utf-8"),
        ("theme.css", "text/css; charset=utf-8"),
        ("check.js", "text/javascript; charset=utf-8"),
        ("drawing.svg", "image/svg+xml"),
    ];
    for (file, kind) in types {
        let answer = world.get(&format!("/en/{file}"));
        assert_eq!(answer.header("Content-Type"), Some(kind));
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(answer.header("Content-Security-Policy"), Some("frame-ancestors 'self'"));
    }
}

#[test]
fn a_head_is_answered_without_a_body() {
    let world = World::with_books();
    let answer = ask(world.port, "HEAD", "/en/index.html", &[]);
    assert_eq!((answer.status, answer.header("Content-Length")), (200, Some("22")));
    assert_eq!(answer.words(), "");
}

#[test]
fn what_is_not_there_is_said_in_both_languages() {
    let world = World::with_books();
    for path in ["/en/nothing.html", "/ko/nothing.html", "/elsewhere", "/en/index.html/", "/en/factors/"] {
        is(&world, path, 404, "There is no such page");
        is(&world, path, 404, "없는 페이지입니다");
    }
    assert_eq!(world.get("/api/nothing").words(), "");
}

#[test]
fn nothing_outside_of_the_books_is_shown() {
    let world = World::with_books();
    world.write("secret.html", "SECRET");
    world.write("books/.git/config", "SECRET");
    symlink(world.path("secret.html"), world.path("books/en/link.html")).unwrap();
    symlink(world.path(""), world.path("books/en/folder")).unwrap();
    // The same file inside is shown: it is the place that is refused, not the way of asking.
    world.write("books/en/secret.html", "OPEN");
    is(&world, "/en/secret.html", 200, "OPEN");
    let paths = [
        "/../secret.html",
        "/en/../../secret.html",
        "/en/%2e%2e/%2e%2e/secret.html",
        "/en/..%2f..%2fsecret.html",
        "/en/..%5c..%5csecret.html",
        "/en/link.html",
        "/en/folder/secret.html",
        "/.git/config",
        "/%2egit/config",
        "//secret.html",
    ];
    for path in paths {
        let answer = world.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.words().contains("SECRET"), "{path}");
    }
}

#[test]
fn books_that_are_not_built_are_asked_for_in_both_languages() {
    let world = World::without_books();
    for part in ["cargo xtask book --build", "have not been built yet", "아직 책을 빌드하지 않았습니다"] {
        is(&world, "/", 503, part);
        is(&world, "/ko/factor-03-config.html", 503, part);
    }
    world.write("books/en/index.html", "built");
    is(&world, "/en/", 200, "built");
}
