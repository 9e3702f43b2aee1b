//! Signals come in like keys: from the first moment on they no longer end the program by themselves.

use std::io;
use std::sync::mpsc::Sender;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::input::Input;

/// Sends [`Input::Signal`] for Ctrl-C, a closed terminal and a polite end by the system.
pub fn listen(inputs: Sender<Input>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let entered = runtime.enter();
    let [interrupt, terminate, hangup] = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let (mut interrupt, mut terminate, mut hangup) = (signal(interrupt)?, signal(terminate)?, signal(hangup)?);
    drop(entered);
    thread::spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
                if inputs.send(Input::Signal).is_err() {
                    return;
                }
            }
        });
    });
    Ok(())
}
