//! How our servers end: Ctrl-C, a closed terminal, a polite end by the system or by the starter, seen by everything that goes on.

use std::io::{self, Read};
use std::{process, thread};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use crate::outcome::ExitCode;

/// Can be asked, from anywhere, whether it is time to end.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// Makes it time to end.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Both ends of the wish.
pub fn wish() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stop {
    /// Returns when it is time to end.
    pub async fn asked(&mut self) {
        // Who could ask is gone only when the program ends, which is an answer too.
        let _ = self.0.wait_for(|asked| *asked).await;
    }

    /// Whether it is time to end.
    pub fn was_asked(&self) -> bool {
        *self.0.borrow()
    }
}

impl Stopper {
    /// It is time to end.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}

/// The signals that ask this program to end.
#[derive(Debug)]
pub struct Signals([Signal; 3]);

impl Signals {
    /// From now on they are noticed, and no longer end the program by themselves.
    ///
    /// # Errors
    /// When the system takes no handler.
    pub fn notice() -> io::Result<Self> {
        let [interrupt, terminate, hangup] = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Ok(Self([signal(interrupt)?, signal(terminate)?, signal(hangup)?]))
    }

    /// Returns when one of them came.
    async fn came(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// Asks everything to end when a signal comes or, if `tied` to it, the starter is gone. A second signal does not wait.
pub async fn when_asked(mut signals: Signals, tied: bool, stopper: Stopper) {
    let by_signal = tokio::select! {
        () = signals.came() => true,
        () = starter_gone(), if tied => false,
    };
    stopper.ask();
    if !by_signal {
        // A starter that asks and goes has asked once, in whichever order we hear of it.
        signals.came().await;
    }
    signals.came().await;
    process::exit(ExitCode::Interrupted as i32);
}

/// Returns when standard input is closed. A thread of its own reads it: a task that reads would keep the program alive.
async fn starter_gone() {
    let (gone, closed) = oneshot::channel();
    thread::spawn(move || {
        let mut said = [0; 64];
        let mut input = io::stdin().lock();
        while input.read(&mut said).is_ok_and(|read| read > 0) {}
        // Nobody waits for it any more when the program ends for another reason.
        let _ = gone.send(());
    });
    // A thread that could not be started has dropped its end, which is no reason to end.
    if closed.await.is_err() {
        std::future::pending().await
    }
}
