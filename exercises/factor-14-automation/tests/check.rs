//! `cargo test -p factor-14-automation --test check` grades this exercise: it runs `cargo xtask check factor-14` and wants it to pass.

use std::process::Command;

#[test]
fn factor_14_passes_its_checks() {
    let status = Command::new(env!("CARGO")).args(["xtask", "check", "factor-14"]).status();
    assert!(status.expect("cargo starts").success(), "factor 14 is not passed yet: the report above says why");
}
