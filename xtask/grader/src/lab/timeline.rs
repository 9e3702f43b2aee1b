//! What happened in one check, in order: written by everything of the lab that plays a part in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::Moment;
use crate::lab::clock::Clock;

/// The timeline of one check. Its copies write the same one, so a proxy and a partner write where the check does.
#[derive(Clone, Debug)]
pub struct Timeline {
    clock: Clock,
    moments: Arc<Mutex<Vec<Moment>>>,
}

impl Timeline {
    /// One without moments, in the order and the time of `clock`.
    pub fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), moments: Arc::default() }
    }

    /// Writes down what happened now and returns its position; `who` is `grader`, `service` or `screen`.
    pub fn note(&self, who: &'static str, what: impl Into<String>) -> u64 {
        let sequence = self.clock.tick();
        self.note_at(sequence, who, what);
        sequence
    }

    /// Writes down something that was given its position before.
    pub fn note_at(&self, sequence: u64, who: &'static str, what: impl Into<String>) {
        self.lock().push(Moment { sequence, at: self.clock.elapsed(), who, what: what.into() });
    }

    /// The order of what is written here.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What was noted so far.
    pub fn moments(&self) -> Vec<Moment> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Moment>> {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
