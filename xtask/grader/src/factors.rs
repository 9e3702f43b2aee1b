//! The table of factors. A factor's checks live in its exercise's folder and are compiled in here.

use crate::check::{Check, CheckFuture};
use crate::lab::Lab;
use crate::text::Words;

#[path = "../../../exercises/factor-00-set-up/checks.rs"]
mod factor_00_set_up;
#[path = "../../../exercises/factor-01-codebase/checks.rs"]
mod factor_01_codebase;
#[path = "../../../exercises/factor-02-dependencies/checks.rs"]
mod factor_02_dependencies;
#[path = "../../../exercises/factor-03-config/checks.rs"]
mod factor_03_config;
#[path = "../../../exercises/factor-04-backing-services/checks.rs"]
mod factor_04_backing_services;
#[path = "../../../exercises/factor-05-build-release-run/checks.rs"]
mod factor_05_build_release_run;
#[path = "../../../exercises/factor-06-processes/checks.rs"]
mod factor_06_processes;
#[path = "../../../exercises/factor-07-port-binding/checks.rs"]
mod factor_07_port_binding;
#[path = "../../../exercises/factor-08-concurrency/checks.rs"]
mod factor_08_concurrency;
#[path = "../../../exercises/factor-09-disposability/checks.rs"]
mod factor_09_disposability;
#[path = "../../../exercises/factor-10-dev-prod-parity/checks.rs"]
mod factor_10_dev_prod_parity;
#[path = "../../../exercises/factor-11-logs/checks.rs"]
mod factor_11_logs;
#[path = "../../../exercises/factor-12-admin-processes/checks.rs"]
mod factor_12_admin_processes;
#[path = "../../../exercises/factor-13-telemetry/checks.rs"]
mod factor_13_telemetry;
#[path = "../../../exercises/factor-14-automation/checks.rs"]
mod factor_14_automation;
#[path = "../../../exercises/factor-15-security/checks.rs"]
mod factor_15_security;

/// One of the fifteen factors, or the warm-up.
pub struct Factor {
    /// 1 to 15; the warm-up is 0.
    pub number: u8,
    /// The short English name that stands in paths and commands: `config`.
    pub slug: &'static str,
    /// The factor's name.
    pub title: Words,
    /// Its exercise.
    pub exercise: Exercise,
}

/// What the grader knows of a factor's exercise.
pub struct Exercise {
    /// The checks in repair order, core first.
    pub checks: &'static [Check],
    /// Friendly conditions: what the service must answer before any check runs.
    pub smoke: fn(Lab) -> CheckFuture,
    /// Environment variables that get poison values while the subject is built.
    pub poisoned_at_build: &'static [&'static str],
    /// The checks that the starter fails by design, by id.
    pub seeded: &'static [&'static str],
    /// The hints, as Markdown: a `## reason-code` section each, of three steps.
    pub hints: Words,
    /// The starter as it was delivered (`pristine.txt`), so that edits never break `reset` or `prove`.
    pub pristine: &'static str,
}

/// The id alone: hints and starters would bury whatever else is shown.
impl std::fmt::Debug for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id())
    }
}

impl Factor {
    /// `factor-3`, as commands and reports say it.
    pub fn id(&self) -> String {
        format!("factor-{}", self.number)
    }

    /// `factor-03-config`, as its folders are called.
    pub fn folder(&self) -> String {
        format!("factor-{:02}-{}", self.number, self.slug)
    }

    /// The page of the books that leads to its exercise, without the ending: the warm-up has none of its own.
    pub fn page(&self) -> String {
        if self.number == 0 { self.slug.to_owned() } else { self.folder() }
    }

    /// `factor-3/env-drives-behaviour`, as commands and reports name a check or a case of it.
    pub fn path_of(&self, id: &str) -> String {
        format!("{}/{id}", self.id())
    }

    /// The checks of its exercise.
    pub fn checks(&self) -> &'static [Check] {
        self.exercise.checks
    }
}

/// Finds a factor by `factor-3`, `3`, `03`, `config` or `factor-03-config`.
pub fn find(name: &str) -> Option<&'static Factor> {
    let name = name.trim_end_matches('/').to_lowercase();
    let number = name.strip_prefix("factor-").unwrap_or(&name).parse::<u8>().ok();
    FACTORS.iter().find(|f| Some(f.number) == number || f.slug == name || f.folder() == name)
}

/// The factor with this [`Factor::id`], written in no other way: as programs name it to each other.
pub fn with_id(id: &str) -> Option<&'static Factor> {
    FACTORS.iter().find(|factor| factor.id() == id)
}

/// The warm-up and all fifteen, in order: a factor's number is its place.
pub static FACTORS: [Factor; 16] = [
    Factor {
        number: 0,
        slug: "set-up",
        title: Words { en: "Set-up", ko: "준비" },
        exercise: factor_00_set_up::EXERCISE,
    },
    Factor {
        number: 1,
        slug: "codebase",
        title: Words { en: "Codebase", ko: "코드베이스" },
        exercise: factor_01_codebase::EXERCISE,
    },
    Factor {
        number: 2,
        slug: "dependencies",
        title: Words { en: "Dependencies", ko: "종속성" },
        exercise: factor_02_dependencies::EXERCISE,
    },
    Factor {
        number: 3,
        slug: "config",
        title: Words { en: "Config", ko: "설정" },
        exercise: factor_03_config::EXERCISE,
    },
    Factor {
        number: 4,
        slug: "backing-services",
        title: Words { en: "Backing services", ko: "백엔드 서비스" },
        exercise: factor_04_backing_services::EXERCISE,
    },
    Factor {
        number: 5,
        slug: "build-release-run",
        title: Words { en: "Build, release, run", ko: "빌드, 릴리즈, 실행" },
        exercise: factor_05_build_release_run::EXERCISE,
    },
    Factor {
        number: 6,
        slug: "processes",
        title: Words { en: "Processes", ko: "프로세스" },
        exercise: factor_06_processes::EXERCISE,
    },
    Factor {
        number: 7,
        slug: "port-binding",
        title: Words { en: "Port binding", ko: "포트 바인딩" },
        exercise: factor_07_port_binding::EXERCISE,
    },
    Factor {
        number: 8,
        slug: "concurrency",
        title: Words { en: "Concurrency", ko: "동시성" },
        exercise: factor_08_concurrency::EXERCISE,
    },
    Factor {
        number: 9,
        slug: "disposability",
        title: Words { en: "Disposability", ko: "폐기 가능" },
        exercise: factor_09_disposability::EXERCISE,
    },
    Factor {
        number: 10,
        slug: "dev-prod-parity",
        title: Words { en: "Dev/prod parity", ko: "dev/prod 일치" },
        exercise: factor_10_dev_prod_parity::EXERCISE,
    },
    Factor { number: 11, slug: "logs", title: Words { en: "Logs", ko: "로그" }, exercise: factor_11_logs::EXERCISE },
    Factor {
        number: 12,
        slug: "admin-processes",
        title: Words { en: "Admin processes", ko: "Admin 프로세스" },
        exercise: factor_12_admin_processes::EXERCISE,
    },
    Factor {
        number: 13,
        slug: "telemetry",
        title: Words { en: "Telemetry", ko: "텔레메트리" },
        exercise: factor_13_telemetry::EXERCISE,
    },
    Factor {
        number: 14,
        slug: "automation",
        title: Words { en: "Automation", ko: "자동화" },
        exercise: factor_14_automation::EXERCISE,
    },
    Factor {
        number: 15,
        slug: "security",
        title: Words { en: "Security", ko: "보안" },
        exercise: factor_15_security::EXERCISE,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_found_by_every_name_people_use() {
        for name in ["factor-3", "3", "03", "config", "Config", "factor-03-config", "factor-03-config/"] {
            assert_eq!(find(name).map(|f| f.number), Some(3), "{name}");
        }
        assert!(find("factor-16").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn factors_are_numbered_in_order() {
        assert!(FACTORS.iter().zip(0..).all(|(f, n)| f.number == n));
    }
}
