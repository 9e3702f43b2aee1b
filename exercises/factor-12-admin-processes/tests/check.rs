//! `cargo test -p factor-12-admin-processes` grades this exercise: it runs `cargo xtask check factor-12` and wants it to pass.

use std::process::Command;

#[test]
fn factor_12_passes_its_checks() {
    let status = Command::new(env!("CARGO")).args(["xtask", "check", "factor-12"]).status();
    assert!(status.expect("cargo starts").success(), "factor 12 is not passed yet: the report above says why");
}
