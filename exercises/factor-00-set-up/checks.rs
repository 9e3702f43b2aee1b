//! The warm-up: one line to uncomment, so that trouble with the machine shows before anybody learns anything.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/release.rs"]
mod release;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(release::smoke(lab)),
    poisoned_at_build: &["RELEASE_ID"],
    seeded: &["release-is-told"],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

const CHECKS: [Check; 1] = [Check {
    id: "release-is-told",
    tier: Tier::Core,
    fact: Words {
        en: "/version names the release that the platform started",
        ko: "/version에서 플랫폼이 시작한 릴리즈의 이름을 알 수 있습니다",
    },
    reasons: &["release-not-told", "no-default-release"],
    run: |lab| Box::pin(release::is_told(lab)),
}];
