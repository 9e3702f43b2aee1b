//! Factor 2, dependencies: declared completely and exactly, and nothing borrowed from the machine.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/bare.rs"]
mod bare;
#[path = "checks/host.rs"]
mod host;
#[path = "checks/image.rs"]
mod image;
#[path = "checks/locked.rs"]
mod locked;
#[path = "checks/moment.rs"]
mod moment;
#[path = "checks/offline.rs"]
mod offline;
#[path = "checks/toolchain.rs"]
mod toolchain;
#[path = "checks/tools.rs"]
mod tools;
#[path = "checks/visit.rs"]
mod visit;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(visit::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &[
        "no-tool-is-called",
        "runs-with-empty-path",
        "lockfile-complete",
        "runs-on-bare-root",
        "image-is-self-contained",
        "no-host-leaks",
    ],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 8] = [
    Check {
        id: "no-tool-is-called",
        tier: Tier::Core,
        fact: Words {
            en: "Whatever it is asked, the service runs no program that happens to be on the machine",
            ko: "어떤 요청에도 컴퓨터에 우연히 설치된 프로그램을 실행하지 않습니다",
        },
        reasons: &["called-at-start", "called-on-request"],
        run: |lab| Box::pin(tools::no_tool_is_called(lab)),
    },
    Check {
        id: "runs-with-empty-path",
        tier: Tier::Core,
        fact: Words {
            en: "It answers everything where PATH leads to no program at all",
            ko: "PATH에 프로그램이 하나도 없어도 모든 요청에 제대로 응답합니다",
        },
        reasons: &["did-not-start", "request-failed"],
        run: |lab| Box::pin(tools::runs_with_empty_path(lab)),
    },
    Check {
        id: "lockfile-complete",
        tier: Tier::Core,
        fact: Words {
            en: "A clean clone holds a lock file, and all that is declared is in it, exactly",
            ko: "저장소를 clone 하면 잠금 파일이 있고, 선언한 것이 모두 정확한 버전으로 들어 있습니다",
        },
        reasons: &["no-lock-file", "lock-ignored", "lock-incomplete", "not-pinned"],
        run: |lab| Box::pin(locked::lockfile_complete(lab)),
    },
    Check {
        id: "runs-on-bare-root",
        tier: Tier::Full,
        fact: Words {
            en: "It answers everything in a file system with its release, its shared libraries and nothing else",
            ko: "릴리즈와 공유 라이브러리만 있는 파일 시스템에서도 모든 요청에 제대로 응답합니다",
        },
        reasons: &["did-not-start", "request-failed", "always-the-same"],
        run: |lab| Box::pin(bare::runs_on_bare_root(lab)),
    },
    Check {
        id: "image-is-self-contained",
        tier: Tier::Extra,
        fact: Words {
            en: "The image is built from a clean copy of the repository and holds all that the service needs",
            ko: "저장소의 깨끗한 사본으로 이미지를 빌드할 수 있고, 서비스에 필요한 것이 모두 들어 있습니다",
        },
        reasons: &["image-not-built", "container-not-ready", "request-failed"],
        run: |lab| Box::pin(image::image_is_self_contained(lab)),
    },
    Check {
        id: "no-host-leaks",
        tier: Tier::Extra,
        fact: Words {
            en: "Time zone, language, HOME and the folder it is started in change no answer",
            ko: "시간대, 언어, HOME, 시작하는 폴더가 달라도 응답은 똑같습니다",
        },
        reasons: &["did-not-start", "answers-differently"],
        run: |lab| Box::pin(host::no_host_leaks(lab)),
    },
    Check {
        id: "build-offline-after-fetch",
        tier: Tier::Extra,
        fact: Words {
            en: "Once all that is locked has been fetched, the build reaches for nothing",
            ko: "잠금 파일에 있는 것을 내려받고 나면 빌드는 아무 데도 접속하지 않습니다",
        },
        reasons: &["needs-network"],
        run: |lab| Box::pin(offline::build_offline_after_fetch(lab)),
    },
    Check {
        id: "toolchain-declared",
        tier: Tier::Extra,
        fact: Words {
            en: "The repository says which compiler or interpreter it is built with, by a version that stays",
            ko: "어떤 컴파일러나 인터프리터를 쓰는지 바뀌지 않는 버전으로 저장소에 적혀 있습니다",
        },
        reasons: &["not-declared", "moving-tag"],
        run: |lab| Box::pin(toolchain::toolchain_declared(lab)),
    },
];
