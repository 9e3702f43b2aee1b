//! `cargo test -p factor-13-telemetry` grades this exercise: it runs `cargo xtask check factor-13` and wants it to pass.

use std::process::Command;

#[test]
fn factor_13_passes_its_checks() {
    let status = Command::new(env!("CARGO")).args(["xtask", "check", "factor-13"]).status();
    assert!(status.expect("cargo starts").success(), "factor 13 is not passed yet: the report above says why");
}
