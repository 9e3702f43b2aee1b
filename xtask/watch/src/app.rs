//! Does what the state wishes: grades, shows hints, puts files back, turns to other exercises.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use grader::backing::Backing;
use grader::factors::FACTORS;
use grader::hints::STEPS;
use rustix::process::{Signal, getpid, kill_process};
use xtask::watching::Desk;

use crate::grading;
use crate::input::{Input, Leave, Scope, Wish};
use crate::messages::{Note, messages};
use crate::saves::Saves;
use crate::state::{State, View};

/// Everything that lives as long as somebody watches.
pub struct App {
    /// What is watched.
    pub desk: Desk,
    /// Where they are.
    pub state: State,
    inputs: Sender<Input>,
    backing: Backing,
    stopping: Arc<AtomicBool>,
    saves: Option<Saves>,
}

impl App {
    /// Watches `desk`; inputs go to `inputs`.
    pub fn new(desk: Desk, inputs: Sender<Input>) -> Self {
        let state = State::new(desk.factor().number, desk.manual(), desk.core_only(), desk.core_passed());
        let (backing, stopping) = (Backing::default(), Arc::default());
        Self { desk, state, inputs, backing, stopping, saves: None }
    }

    /// The first run.
    pub fn begin(&mut self) -> Option<Leave> {
        self.watch_folder();
        let wishes = self.state.begin();
        self.fulfil(wishes)
    }

    /// Takes an input; the answer tells whether somebody leaves.
    pub fn take(&mut self, input: Input) -> Option<Leave> {
        let wishes = self.state.on(input);
        self.fulfil(wishes)
    }

    fn fulfil(&mut self, wishes: Vec<Wish>) -> Option<Leave> {
        let mut leave = None;
        for wish in wishes {
            match wish {
                Wish::Grade(scope) => self.grade(scope),
                Wish::Interrupt => self.interrupt(),
                Wish::Hint => self.hint(),
                Wish::GoOn => leave = leave.or(self.go_on()),
                Wish::TurnTo(number) => leave = leave.or(self.turn_to(number)),
                Wish::AskReset => self.ask_reset(),
                Wish::Reset => self.reset(),
                Wish::Solution => self.solution(),
                Wish::Leave(how) => leave = Some(how),
            }
        }
        leave
    }

    fn grade(&self, scope: Scope) {
        let (desk, backing, inputs) = (self.desk.clone(), self.backing.clone(), self.inputs.clone());
        grading::start(desk, scope, backing, Arc::clone(&self.stopping), inputs);
    }

    /// As if somebody had asked this program from outside; what a run does then is tested with every kind of end.
    fn interrupt(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // It is refused for nobody's own process.
        let _ = kill_process(getpid(), Signal::INT);
    }

    /// All steps so far, and one more.
    fn hint(&mut self) {
        let Some(failure) = self.state.failure.clone() else { return };
        let words = messages(self.desk.lang());
        let Some(newest) = self.desk.hint(&failure) else { return };
        let mut steps = vec![(words.hint(&newest.what, &newest.reason), String::new())];
        let known = (1..=newest.step).filter_map(|step| self.desk.hint_step(&failure, step));
        steps.extend(known.map(|hint| (words.step(hint.step, STEPS), hint.words)));
        if newest.step == STEPS {
            steps.push((words.last_step().to_owned(), String::new()));
        }
        self.show(View::Hint(steps));
    }

    fn go_on(&mut self) -> Option<Leave> {
        match self.desk.go_on() {
            Ok(true) => self.turned(),
            Ok(false) => self.say(Note::NothingLeft),
            Err(why) => self.say(Note::Said(why)),
        }
    }

    fn turn_to(&mut self, number: u8) -> Option<Leave> {
        let factor = FACTORS.iter().find(|factor| factor.number == number)?;
        match self.desk.turn_to(factor) {
            Ok(()) => self.turned(),
            Err(why) => self.say(Note::Said(why)),
        }
    }

    fn turned(&mut self) -> Option<Leave> {
        self.watch_folder();
        let wishes = self.state.turned(self.desk.factor().number, self.desk.core_passed());
        self.fulfil(wishes)
    }

    fn ask_reset(&mut self) {
        match self.desk.changes() {
            Ok(changes) => self.show(View::Reset(changes)),
            Err(why) => drop(self.say(Note::Said(why))),
        }
    }

    fn reset(&mut self) {
        let said = self.desk.reset().unwrap_or_else(|why| why);
        self.say(Note::Said(said));
    }

    fn solution(&mut self) {
        match self.desk.solution() {
            Ok(words) => self.show(View::Words(words)),
            Err(why) => drop(self.say(Note::Said(why))),
        }
    }

    fn show(&mut self, view: View) {
        self.state.show(view);
    }

    fn say(&mut self, note: Note) -> Option<Leave> {
        self.state.note = Some(note);
        None
    }

    /// Before the first run looks at the files: what is saved from now on is seen.
    fn watch_folder(&mut self) {
        self.saves = None;
        if self.desk.manual() {
            return;
        }
        match Saves::watch(self.desk.folder(), self.inputs.clone()) {
            Ok(saves) => self.saves = Some(saves),
            // Nobody is told twice; the state goes on by hand.
            Err(why) => drop(self.inputs.send(Input::Blind(why))),
        }
    }
}
