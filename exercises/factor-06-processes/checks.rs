//! Factor 6, processes: equal, replaceable processes that keep nothing of which somebody would notice the loss.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/clicks.rs"]
mod clicks;
#[path = "checks/deployed.rs"]
mod deployed;
#[path = "checks/flows.rs"]
mod flows;
#[path = "checks/read_only.rs"]
mod read_only;
#[path = "checks/replacement.rs"]
mod replacement;
#[path = "checks/sessions.rs"]
mod sessions;
#[path = "checks/smoke.rs"]
mod smoke;
#[path = "checks/steps.rs"]
mod steps;
#[path = "checks/writes.rs"]
mod writes;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(smoke::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "session-follows-user",
        "read-your-writes-anywhere",
        "counters-exact",
        "survives-replacement",
        "read-only-root",
        "no-stickiness",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 7] = [
    Check {
        id: "session-follows-user",
        tier: Tier::Core,
        fact: Words {
            en: "Whoever logged in at one process is known to all of them, and whoever logged out to none",
            ko: "한 프로세스에서 로그인하면 모든 프로세스가 알아보고, 로그아웃하면 어디에서도 통하지 않습니다",
        },
        reasons: &["unknown-elsewhere", "any-token-accepted", "logout-only-here"],
        run: |lab| Box::pin(sessions::session_follows_user(lab)),
    },
    Check {
        id: "read-your-writes-anywhere",
        tier: Tier::Core,
        fact: Words {
            en: "What one process has written, every other one shows at once",
            ko: "한 프로세스가 쓴 내용을 다른 프로세스도 곧바로 보여 줍니다",
        },
        reasons: &["missing-after-create", "stale-after-change", "stale-after-delete", "stale-list"],
        run: |lab| Box::pin(writes::read_your_writes_anywhere(lab)),
    },
    Check {
        id: "counters-exact",
        tier: Tier::Core,
        fact: Words {
            en: "Every visitor who was sent on is counted exactly once, whichever process met her",
            ko: "어느 프로세스가 보냈든 목적지로 보낸 방문은 빠짐없이 한 번씩만 셉니다",
        },
        reasons: &["clicks-lost", "clicks-doubled"],
        run: |lab| Box::pin(clicks::counters_exact(lab)),
    },
    Check {
        id: "survives-replacement",
        tier: Tier::Full,
        fact: Words {
            en: "All processes are killed, their folders are gone, and the new ones know everything",
            ko: "모든 프로세스를 강제로 끝내고 폴더까지 지워도 새 프로세스가 모든 것을 알고 있습니다",
        },
        reasons: &["session-lost", "links-lost", "clicks-lost", "submissions-lost"],
        run: |lab| Box::pin(replacement::survives_replacement(lab)),
    },
    Check {
        id: "read-only-root",
        tier: Tier::Full,
        fact: Words {
            en: "The service runs on a read-only file system, and TMPDIR may be emptied at any time",
            ko: "읽기 전용 파일 시스템에서 동작하고, TMPDIR은 언제 비워도 됩니다",
        },
        reasons: &["refuses-to-start", "needs-local-files", "kept-in-tmpdir"],
        run: |lab| Box::pin(read_only::read_only_root(lab)),
    },
    Check {
        id: "sessions-expire",
        tier: Tier::Full,
        fact: Words {
            en: "A session ends by itself after SESSION_TTL_SECONDS, and its store forgets it",
            ko: "세션은 SESSION_TTL_SECONDS가 지나면 저절로 끝나고, 저장소에서도 사라집니다",
        },
        reasons: &["key-without-expiry", "expired-too-early", "never-expires"],
        run: |lab| Box::pin(sessions::sessions_expire(lab)),
    },
    Check {
        id: "no-stickiness",
        tier: Tier::Extra,
        fact: Words {
            en: "A visit succeeds though each of its requests meets a random process, and no cookie is sent back",
            ko: "요청마다 다른 프로세스를 만나고 쿠키를 돌려보내지 않아도 방문이 끝까지 성공합니다",
        },
        reasons: &["step-refused", "page-forgotten"],
        run: |lab| Box::pin(flows::no_stickiness(lab)),
    },
];
