//! Factor 1, codebase: one tracked code from which every deploy is built, and a program that knows its commit.

use crate::check::{Check, Tier};
use crate::factors::Exercise;
use crate::text::Words;

#[path = "checks/branches.rs"]
mod branches;
#[path = "checks/built.rs"]
mod built;
#[path = "checks/clone.rs"]
mod clone;
#[path = "checks/deploys.rs"]
mod deploys;
#[path = "checks/forks.rs"]
mod forks;
#[path = "checks/reach.rs"]
mod reach;
#[path = "checks/shared.rs"]
mod shared;
#[path = "checks/sources.rs"]
mod sources;
#[path = "checks/submodules.rs"]
mod submodules;
#[path = "checks/tracked.rs"]
mod tracked;
#[path = "checks/version.rs"]
mod version;

/// What the grader knows of this exercise.
pub const EXERCISE: Exercise = Exercise {
    checks: &CHECKS,
    smoke: |lab| Box::pin(crate::graded::smoke(lab)),
    poisoned_at_build: &[],
    seeded: &["version-identifies-commit", "one-build-many-deploys", "no-env-forks"],
    hints: Words { en: include_str!("hints/en.md"), ko: include_str!("hints/ko.md") },
    pristine: include_str!("pristine.txt"),
};

/// In repair order, core first.
const CHECKS: [Check; 7] = [
    Check {
        id: "one-build-many-deploys",
        tier: Tier::Core,
        fact: Words {
            en: "Two deploys of one build each follow their own configuration, and leave the build as it was",
            ko: "한 빌드로 두 번 배포하면 저마다 자기 설정대로 동작하고, 빌드는 그대로 남습니다",
        },
        reasons: &["ignores-its-config", "release-changed"],
        run: |lab| Box::pin(deploys::one_build_many_deploys(lab)),
    },
    Check {
        id: "no-env-forks",
        tier: Tier::Core,
        fact: Words {
            en: "No source file is there once for each environment",
            ko: "환경마다 따로 복사해 둔 소스 파일이 없습니다",
        },
        reasons: &["copied-for-environment"],
        run: |lab| Box::pin(forks::no_env_forks(lab)),
    },
    Check {
        id: "version-identifies-commit",
        tier: Tier::Core,
        fact: Words {
            en: "`/version` says from which commit the program was built, and passes no uncommitted change for a commit",
            ko: "`/version`가 어느 커밋에서 빌드했는지 알려 주고, 커밋하지 않은 변경을 커밋인 것처럼 말하지 않습니다",
        },
        reasons: &["not-the-commit", "stale-commit", "dirty-passes-for-clean"],
        run: |lab| Box::pin(version::version_identifies_commit(lab)),
    },
    Check {
        id: "tracked-and-clean",
        tier: Tier::Full,
        fact: Words {
            en: "All that is needed is in version control, and nothing waits to be committed",
            ko: "필요한 것이 모두 버전 관리에 들어 있고, 커밋을 기다리는 변경이 없습니다",
        },
        reasons: &["not-committed"],
        run: |lab| Box::pin(tracked::tracked_and_clean(lab)),
    },
    Check {
        id: "clean-clone-builds",
        tier: Tier::Full,
        fact: Words {
            en: "A clean clone is built and answers, without anything that lies around elsewhere",
            ko: "새로 clone 한 저장소만으로 빌드되고 응답합니다",
        },
        reasons: &["clone-incomplete"],
        run: |lab| Box::pin(clone::clean_clone_builds(lab)),
    },
    Check {
        id: "shared-code-is-a-dependency",
        tier: Tier::Full,
        fact: Words {
            en: "Shared code is a dependency: no app has a copy of another one's, and nothing reaches out of the repository",
            ko: "함께 쓰는 코드는 종속성입니다. 앱끼리 복사하지 않고, 저장소 밖의 파일을 가리키지 않습니다",
        },
        reasons: &["leaves-the-repository", "submodule-missing", "copied-between-apps"],
        run: |lab| Box::pin(shared::shared_code_is_a_dependency(lab)),
    },
    Check {
        id: "no-build-output-tracked",
        tier: Tier::Extra,
        fact: Words {
            en: "The repository holds sources, and not what was built from them",
            ko: "저장소에는 소스만 있고, 빌드 결과물은 없습니다",
        },
        reasons: &["build-output"],
        run: |lab| Box::pin(tracked::no_build_output_tracked(lab)),
    },
];
