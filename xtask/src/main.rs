//! `cargo xtask`, the workshop's one command. All of it is in the library, which the watch program shares.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}
