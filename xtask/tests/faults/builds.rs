//! Services that do not get as far as a release.

use crate::scene::{Scene, python};

#[test]
fn a_build_that_fails_blocks() {
    let scene = Scene::links("");
    scene.app_toml("build = [\"false\"]", "[\"app.py\"]", "[\"python3\"]");
    scene.check("").blocked("build-failed", &["ran the build command `false`", "it ended with exit code 1"]);
    scene.leaves_nothing();
}

#[test]
fn a_crate_that_does_not_compile_blocks_with_the_compilers_words() {
    let scene = Scene::empty();
    scene.write("Cargo.toml", "[package]\nname = \"broken\"\nedition = \"2024\"\n\n[workspace]\n");
    scene.write("src/main.rs", "fn main() {\n    listen(port)\n}\n");
    let build = r#"build = ["cargo", "build", "--offline", "--target-dir", "{target}"]"#;
    scene.app_toml(build, r#"["{target}/debug/broken"]"#, r#"["{release}/broken"]"#);
    scene.check("").blocked("build-failed", &["[build] error[E0425]", "listen(port)", "it ended with exit code 101"]);
    scene.leaves_nothing();
}

#[test]
fn a_build_program_that_is_missing_blocks() {
    let scene = Scene::links("");
    scene.app_toml("build = [\"no-such-compiler\"]", "[\"app.py\"]", "[\"python3\"]");
    scene.check("").blocked("program-missing", &["`no-such-compiler`", "No such file or directory"]);
    scene.leaves_nothing();
}

#[test]
fn a_build_that_makes_nothing_blocks() {
    let scene = Scene::links("");
    scene.app_toml("build = [\"true\"]", "[\"{target}/debug/links\"]", "[\"{release}/links\"]");
    scene.check("").blocked("program-missing", &["there is no {target}/debug/links"]);
    scene.leaves_nothing();
}

#[test]
fn a_build_that_leaves_a_daemon_ends_all_the_same() {
    let scene = Scene::links("");
    let daemon = "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        __import__('signal').pause()\n";
    scene.write("build.py", daemon);
    let build = format!("build = [{:?}, \"build.py\"]", python());
    scene.app_toml(&build, "[\"app.py\"]", "[\"false\"]");
    scene.check("").blocked("exited-at-start", &[]);
    scene.leaves_nothing();
}
