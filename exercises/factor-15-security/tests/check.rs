//! `cargo test -p factor-15-security` grades this exercise: it runs `cargo xtask check factor-15` and wants it to pass.

use std::process::Command;

#[test]
fn factor_15_passes_its_checks() {
    let status = Command::new(env!("CARGO")).args(["xtask", "check", "factor-15"]).status();
    assert!(status.expect("cargo starts").success(), "factor 15 is not passed yet: the report above says why");
}
