//! What cannot be graded: a word, a folder or an `app.toml` that means nothing.

use std::fs;

use crate::scene::Scene;

#[test]
fn an_unknown_factor_is_refused() {
    let scene = Scene::links("");
    scene.grade("check factor-99").ended(2, &["there is no factor `factor-99`", "Did you mean `factor-9`?"]);
    scene.leaves_nothing();
}

#[test]
fn an_unknown_check_is_refused_with_the_known_ones() {
    let scene = Scene::links("");
    scene.check("--only speaks-klingon").ended(2, &["there is no check `speaks-klingon`", "env-drives-behaviour"]);
    scene.leaves_nothing();
}

#[test]
fn a_folder_without_an_app_toml_is_refused() {
    let scene = Scene::empty();
    scene.check("").ended(2, &["app.toml: No such file", "app.toml tells the grader"]);
    fs::create_dir(scene.service().join("app.toml")).unwrap();
    scene.check("").ended(2, &["app.toml: Is a directory", "app.toml tells the grader"]);
    scene.leaves_nothing();
}

#[test]
fn a_broken_app_toml_is_refused_and_the_place_is_named() {
    let scene = Scene::links("");
    scene.app_toml("relase = []", "[\"app.py\"]", "[\"python3\"]");
    scene.check("").ended(2, &["line 4, column 1", "unknown field `relase`", "expected one of"]);
    scene.write("app.toml", "contract = \"jjalda/v1");
    scene.check("").ended(2, &["app.toml: TOML parse error at line 1"]);
    fs::write(scene.service().join("app.toml"), b"\xff\xfe\0").unwrap();
    scene.check("").ended(2, &["app.toml: stream did not contain valid UTF-8"]);
    scene.leaves_nothing();
}

#[test]
fn a_manifest_without_a_web_process_is_refused() {
    let scene = Scene::links("");
    let words = fs::read_to_string(scene.service().join("app.toml")).unwrap();
    scene.write("app.toml", &words.replace("web = ", "worker = "));
    scene.check("").ended(2, &["[app.links.process] has no `web`", "app.toml tells the grader"]);
    scene.leaves_nothing();
}
