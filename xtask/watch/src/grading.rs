//! A run beside the screen: a thread of its own, whose events come in like keys do.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;

use grader::Ended;
use grader::backing::Backing;
use grader::event::{Event, Observer};
use xtask::watching::Desk;

use crate::input::{Input, Scope};

/// Grades and says how it ended.
pub fn start(desk: Desk, scope: Scope, backing: Backing, stopping: Arc<AtomicBool>, inputs: Sender<Input>) {
    thread::spawn(move || {
        let told = inputs.clone();
        let graded = catch_unwind(AssertUnwindSafe(|| match scope {
            Scope::Every => every(&desk, &backing, &stopping, &inputs),
            _ => Input::Ended(one(&desk, scope, &backing, &stopping, &inputs)),
        }));
        // Who no longer listens has left.
        let _ = told.send(graded.unwrap_or_else(|_| Input::Ended(Err("the grader panicked".to_owned()))));
    });
}

fn one(
    desk: &Desk,
    scope: Scope,
    backing: &Backing,
    stopping: &Arc<AtomicBool>,
    inputs: &Sender<Input>,
) -> Result<Ended, String> {
    let told = Told { inputs: inputs.clone(), stopping: Arc::clone(stopping) };
    desk.grade(scope == Scope::Core, backing, Box::new(told))
}

/// Every exercise, one after the other; one that cannot be graded does not keep the others from it.
fn every(desk: &Desk, backing: &Backing, stopping: &Arc<AtomicBool>, inputs: &Sender<Input>) -> Input {
    for desk in desk.all() {
        if matches!(one(&desk, Scope::Every, backing, stopping, inputs), Ok(Ended::Interrupted)) {
            break;
        }
    }
    Input::AllEnded
}

/// Passes events on; a run that nobody wants any more is told so by the next one.
struct Told {
    inputs: Sender<Input>,
    stopping: Arc<AtomicBool>,
}

impl Observer for Told {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        if self.stopping.load(Ordering::Relaxed) {
            return Err(gone());
        }
        self.inputs.send(Input::Event(Box::new(event.clone()))).map_err(|_| gone())
    }
}
