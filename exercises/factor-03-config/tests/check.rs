//! `cargo test -p factor-03-config` grades this exercise: it runs `cargo xtask check factor-3` and wants it to pass.

use std::process::Command;

#[test]
fn factor_3_passes_its_checks() {
    let status = Command::new(env!("CARGO")).args(["xtask", "check", "factor-3"]).status();
    assert!(status.expect("cargo starts").success(), "factor 3 is not passed yet: the report above says why");
}
