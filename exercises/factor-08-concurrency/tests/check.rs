//! `cargo test -p factor-08-concurrency` grades this exercise: it runs `cargo xtask check factor-8` and wants it to pass.

use std::process::Command;

#[test]
fn factor_8_passes_its_checks() {
    let status = Command::new(env!("CARGO")).args(["xtask", "check", "factor-8"]).status();
    assert!(status.expect("cargo starts").success(), "factor 8 is not passed yet: the report above says why");
}
