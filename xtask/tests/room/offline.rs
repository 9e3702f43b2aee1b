//! From nothing but Rust, git and a bundle to the first verdict, in a network that has no route.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bundles::unshare_flags;
use crate::machine::{BUNDLE, Machine, rustup_home};

/// What somebody types who was handed a bundle. `$1` is the bundle. Compiling shows its progress on standard error.
const EVENING: &str = r#"
set -eu
ip link set lo up
[ -z "$(ip route show)" ]
tar -xf "$1" start.sh
sh start.sh "$1" workshop
cd workshop
code=0; cargo xtask check factor-3 --lang en > ../check.txt || code=$?
[ "$code" = 1 ]
cargo xtask doctor --json > ../doctor.json
cargo xtask book > ../book.txt
cargo xtask start factor-3 > ../start.txt
cd work/factor-3
cargo fetch --locked --offline --target host-tuple
"#;

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_a_network_gets_to_its_first_verdict() {
    let Some(flags) = unshare_flags("-n") else { return };
    let machine = Machine::new(None);
    let mut evening = Command::new("unshare");
    evening.args([flags, "sh", "-c", EVENING, "sh"]).arg(&*BUNDLE).current_dir(machine.path("home"));
    // Nothing of whoever runs the tests: only where programs and the toolchain are. An engine would be reached without a network too.
    evening.env_clear().env("PATH", machine.programs()).env("RUSTUP_HOME", rustup_home());
    evening.env("HOME", machine.path("home")).env("LANG", "C.UTF-8");
    let status = evening.stdin(Stdio::null()).status().unwrap();
    let read = |name: &str| fs::read_to_string(machine.path("home").join(name)).unwrap_or_default();
    let check = read("check.txt");
    assert!(status.success(), "{status}\n{check}\n{}", read("doctor.json"));
    assert!(check.contains("FAIL") && !check.contains("BLOCKED") && !check.contains("ERROR"), "{check}");
    assert!(check.contains("0 of 7 required checks pass"), "{check}");
    healthy(&read("doctor.json"));
    assert!(read("book.txt").contains("up to date"), "{}", read("book.txt"));
    no_setting_was_written(&machine.path("home"));
}

/// What a bundle is for, as the doctor sees it.
fn healthy(report: &str) {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let state = |id: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["id"] == id).map(|finding| finding["state"].clone()).unwrap_or_default()
    };
    for id in ["crates", "book", "loopback", "rust"] {
        assert_eq!(state(id), "ok", "{id}");
    }
}

fn no_setting_was_written(home: &Path) {
    for name in [".cargo/config", ".cargo/config.toml", ".gitconfig"] {
        assert!(!home.join(name).exists(), "{name}");
    }
    assert_eq!(fs::read_dir(home.join(".cargo/registry/cache")).unwrap().count(), 1);
}
