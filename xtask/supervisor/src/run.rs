//! One run from start to end: commands and the deaths of processes come in as events, reports go out.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Write};
use std::iter;
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, WaitStatus, kill_process, kill_process_group};

use crate::protocol::{Command, Report, Spec};
use crate::sandbox::{Sandbox, Sniffer};
use crate::{processes, scratch, service, signals};

/// Starts the program, obeys the grader and cleans up; returns when nothing is left.
pub(crate) fn run(spec: &Spec, program: &OsStr, arguments: &[OsString]) -> ExitCode {
    let Ok(control) = control() else {
        return ExitCode::FAILURE;
    };
    let reports = Reports::new(control.1);
    let ended = supervise(spec, program, arguments, control.0, &reports);
    if let Some(folder) = &spec.scratch {
        scratch::remove(folder);
    }
    if let Err(report) = ended {
        reports.send(&report);
    }
    reports.send(&Report::Ended);
    ExitCode::SUCCESS
}

/// Sends reports to the grader, from any thread.
#[derive(Clone)]
pub(crate) struct Reports(Arc<Mutex<UnixStream>>);

impl Reports {
    fn new(stream: UnixStream) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }

    /// Sends one line. A grader that is gone hears nothing: the end of its lifeline is noticed by the thread that reads it.
    pub(crate) fn send(&self, report: &Report) {
        let Ok(mut line) = serde_json::to_string(report) else {
            return;
        };
        line.push('\n');
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = stream.write_all(line.as_bytes());
    }
}

/// What the main loop waits for.
enum Event {
    Command(Command),
    LifelineCut,
    ProcessEnded(Pid, WaitStatus),
    NoneLeft,
}

fn control() -> io::Result<(UnixStream, UnixStream)> {
    let stream = UnixStream::from(rustix::stdio::stdin().try_clone_to_owned()?);
    Ok((stream.try_clone()?, stream))
}

fn supervise(
    spec: &Spec,
    program: &OsStr,
    arguments: &[OsString],
    control: UnixStream,
    reports: &Reports,
) -> Result<(), Report> {
    detach()
        .map_err(|error| Report::CouldNotStart { error: format!("the supervisor: {error}"), missing_program: false })?;
    // The order matters: a process with one thread enters the sandbox, then starts the service, and only then has threads.
    let sandbox = spec.sandbox.as_ref().map(Sandbox::enter).transpose()?;
    if sandbox.is_some() {
        reports.send(&Report::SandboxReady);
    }
    let main = service::start(program, arguments, sandbox.as_ref().map(Sandbox::tree))?;
    reports.send(&Report::Started { pid: main.as_raw_nonzero().get() });
    let sniffer = sandbox.map(|sandbox| sandbox.start(reports));
    let (sender, events) = channel();
    read_commands(control, sender.clone());
    reap(main, sender);
    Run::new(main, reports.clone(), sniffer).serve(&events);
    Ok(())
}

/// Leaves the grader's session and becomes the parent of every orphan the service makes.
fn detach() -> io::Result<()> {
    // Refused when the grader has made us the leader of a process group; then the terminal's Ctrl-C does not reach us either.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    signals::ignore()
}

fn read_commands(control: UnixStream, events: Sender<Event>) {
    thread::spawn(move || {
        // A line that is no command means a grader that has lost its way; ending the run is the safe answer.
        let commands = BufReader::new(control).lines().map_while(|line| serde_json::from_str(&line.ok()?).ok());
        for command in commands {
            let _ = events.send(Event::Command(command));
        }
        let _ = events.send(Event::LifelineCut);
    });
}

fn reap(main: Pid, events: Sender<Event>) {
    thread::spawn(move || {
        while let Some((pid, status)) = processes::wait(main) {
            let _ = events.send(Event::ProcessEnded(pid, status));
        }
        let _ = events.send(Event::NoneLeft);
    });
}

/// The state of the run after the service started.
struct Run {
    main: Pid,
    main_ended: bool,
    killing: bool,
    ending: bool,
    none_left: bool,
    reports: Reports,
    sniffer: Option<Arc<Sniffer>>,
}

impl Run {
    fn new(main: Pid, reports: Reports, sniffer: Option<Arc<Sniffer>>) -> Self {
        Self { main, main_ended: false, killing: false, ending: false, none_left: false, reports, sniffer }
    }

    fn serve(mut self, events: &Receiver<Event>) {
        while let Ok(event) = events.recv() {
            let mut batch = iter::once(event).chain(events.try_iter());
            if batch.try_for_each(|event| self.handle(event)).is_break() {
                break;
            }
            // Whoever dies hands its children to us, and one of them may just have forked: kill again after every death until none is left.
            if self.killing && !self.none_left {
                processes::kill_all(self.main);
            }
        }
        self.drain();
    }

    fn handle(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Command(Command::Signal { number }) => self.signal(number),
            Event::Command(Command::SignalMain { number }) => self.signal_main(number),
            Event::Command(Command::KillAll) => self.killing = true,
            Event::Command(Command::Flush { token }) => {
                self.drain();
                self.reports.send(&Report::Flushed { token });
            }
            Event::Command(Command::End) | Event::LifelineCut => self.end(),
            Event::ProcessEnded(pid, status) if pid == self.main => self.exited(status),
            Event::ProcessEnded(..) => {}
            Event::NoneLeft => {
                self.none_left = true;
                self.reports.send(&Report::NoneLeft);
            }
        }
        if self.ending && self.none_left {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn signal(&self, number: i32) {
        if let (Some(signal), false) = (Signal::from_named_raw(number), self.none_left) {
            // An error means that the whole group is gone, which is no error.
            let _ = kill_process_group(self.main, signal);
        }
    }

    fn signal_main(&self, number: i32) {
        if let (Some(signal), false) = (Signal::from_named_raw(number), self.main_ended) {
            // An error means that it has just ended.
            let _ = kill_process(self.main, signal);
        }
    }

    fn exited(&mut self, status: WaitStatus) {
        self.main_ended = true;
        self.drain();
        self.report_left_behind();
        self.reports.send(&Report::Exited { code: status.exit_status(), signal: status.terminating_signal() });
    }

    fn end(&mut self) {
        if self.main_ended {
            self.report_left_behind();
        }
        self.killing = true;
        self.ending = true;
    }

    /// Names those who outlived the main process; after a kill they are our own doing and no finding.
    fn report_left_behind(&self) {
        if self.killing {
            return;
        }
        let processes = processes::left(self.main);
        if !processes.is_empty() {
            self.reports.send(&Report::LeftBehind { processes });
        }
    }

    fn drain(&self) {
        if let Some(sniffer) = &self.sniffer {
            sniffer.drain();
        }
    }
}
