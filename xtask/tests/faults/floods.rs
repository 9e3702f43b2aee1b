//! Services that write too much, leave daemons, or do not want to go.

use std::fs;
use std::path::Path;

use crate::running::Running;
use crate::scene::Scene;

const ONE_CHECK: &str = "--only missing-required-fails-fast";

/// A correct service writes a gigabyte, once in a run: the check's own starts must not repeat it. `MARK` is a file.
const FLOOD: &str = r#"
def before_listening():
    if not os.path.exists(MARK):
        flood()
        open(MARK, "w").close()

def flood():
    for _ in range(GIGABYTE // len(PIECE)):
        os.write(1, PIECE)
    os.write(2, b"the last line\n")

GIGABYTE = 1 << 30
PIECE = (b"x" * 1023 + b"\n") * 64
"#;

/// A gigabyte would take minutes byte by byte; a chunk per byte shows in a few of them whether chunks cost more than bytes.
const DRIZZLE: &str = r#"
def before_listening():
    for _ in range(600_000):
        os.write(1, b"\n")
"#;

#[test]
#[cfg(target_os = "linux")]
fn a_gigabyte_of_log_lines_costs_neither_memory_nor_the_verdict() {
    let scene = Scene::empty();
    let mark = scene.path("flooded");
    scene.links_with(&FLOOD.replace("MARK", &format!("{mark:?}")));
    let peak = peak_while_grading(&scene);
    assert!(mark.exists(), "there was no flood");
    assert!(peak <= 64 * 1024, "the grader needed {peak} KiB");
    let kept = size(&scene.results());
    assert!(kept < 2 * 1024 * 1024, "{kept} bytes are kept of the run");
    scene.leaves_nothing();
}

#[test]
#[cfg(target_os = "linux")]
fn a_log_byte_by_byte_costs_no_more() {
    let scene = Scene::links(DRIZZLE);
    let peak = peak_while_grading(&scene);
    assert!(peak <= 64 * 1024, "the grader needed {peak} KiB");
    scene.leaves_nothing();
}

#[test]
fn daemons_are_gone_after_the_run() {
    let daemon = r#"
def before_listening():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open(os.devnull, os.O_RDWR)
            [os.dup2(null, fd) for fd in range(3)]
            os.chdir("/")
            __import__("signal").pause()
        os._exit(0)
"#;
    let scene = Scene::links(daemon);
    scene.check(ONE_CHECK).said(0, &["PASS", "what was asked for passes"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_ignores_signals_is_gone_after_the_run() {
    let scene = Scene::links("import signal\nfor n in (1, 2, 15):\n    signal.signal(n, signal.SIG_IGN)");
    scene.check(ONE_CHECK).said(0, &["PASS"]);
    scene.leaves_nothing();
}

#[test]
fn a_service_that_forks_while_it_is_killed_is_gone_after_the_run() {
    let forks = "\
def before_listening():
    if os.fork() == 0:
        while True:
            if os.fork() == 0:
                os.setsid()
                time.sleep(60)
            time.sleep(0.005)
";
    let scene = Scene::links(forks);
    scene.check(ONE_CHECK).said(0, &["PASS"]);
    scene.leaves_nothing();
}

/// The grader's largest resident memory in KiB; the run passes.
#[cfg(target_os = "linux")]
fn peak_while_grading(scene: &Scene) -> u64 {
    let mut running = Running::start(scene, ONE_CHECK);
    running.wait_for("check-started");
    let pid = running.pid();
    let mut peak = 0;
    running.until(|| match peak_memory(pid) {
        Some(so_far) => {
            peak = so_far;
            None
        }
        None => Some(()),
    });
    running.end().said(0, &[r#""overall":"passed""#]);
    peak
}

/// `None` once the process has ended.
#[cfg(target_os = "linux")]
fn peak_memory(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let sizes =
        entries.map(|entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() });
    sizes.sum()
}
