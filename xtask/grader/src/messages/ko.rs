//! The reports in Korean.

use std::time::Duration;

use super::Messages;
use crate::check::Tier;
use crate::event::Stage;
use crate::text::with_particle;

/// Korean.
#[derive(Debug)]
pub struct Ko;

impl Messages for Ko {
    fn grading(&self, subject: &str, seed: u64) -> String {
        format!("{} 채점합니다 (시드 {seed})", with_particle(subject, "을/를"))
    }

    fn factor(&self, number: u8, title: &str) -> String {
        format!("팩터 {number}: {title}")
    }

    fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Waiting => "다른 채점이 끝나기를 기다리는 중",
            Stage::Preparing => "서비스를 복사하는 중",
            Stage::Downloading => "종속성을 내려받는 중",
            Stage::Building => "빌드하는 중",
            Stage::Backing => "백엔드 서비스를 준비하는 중",
            Stage::Starting => "서비스를 시작하고 첫 응답을 기다리는 중",
            Stage::Shipping => "운영 환경에서 실행할 릴리즈를 빌드하는 중(처음에는 몇 분 걸립니다)",
        }
    }

    fn checking(&self, done: usize, total: usize, running: &str) -> String {
        format!("검사 {total}개 중 {done}개 완료, 진행 중: {running}")
    }

    fn tier(&self, tier: Tier) -> &'static str {
        match tier {
            Tier::Core => "핵심: 통과하면 정답 코드와 다음 팩터가 열립니다",
            Tier::Full => "전체: 여기까지 통과하면 팩터를 마칩니다",
            Tier::Extra => "도전: 통과하지 않아도 됩니다",
        }
    }

    fn seconds(&self, took: Duration) -> String {
        match took.as_millis() {
            short @ 0..100 => format!("{short}ms"),
            _ => format!("{:.1}초", took.as_secs_f64()),
        }
    }

    fn remark(&self) -> &'static str {
        "참고:"
    }

    fn did(&self) -> &'static str {
        "한 일"
    }

    fn expected(&self) -> &'static str {
        "기대한 동작"
    }

    fn seen(&self) -> &'static str {
        "실제 동작"
    }

    fn reason(&self) -> &'static str {
        "이유 코드"
    }

    fn last_lines(&self) -> &'static str {
        "서비스의 마지막 출력:"
    }

    fn what_happened(&self) -> &'static str {
        "일어난 순서:"
    }

    fn build_lines(&self) -> &'static str {
        "빌드 출력:"
    }

    fn more_lines(&self, n: usize) -> String {
        format!("(나머지 {n}줄은 자세한 기록에서 볼 수 있습니다)")
    }

    fn by_hand(&self) -> &'static str {
        "직접 확인하는 방법:"
    }

    fn in_another_terminal(&self) -> &'static str {
        "다른 터미널에서:"
    }

    fn hint(&self, step: usize, of: usize) -> String {
        format!("힌트 {step}/{of}")
    }

    fn next_hint(&self) -> &'static str {
        "다음 힌트:"
    }

    fn summary_columns(&self) -> [&'static str; 6] {
        ["팩터", "판정", "통과", "실패", "검사 못 함", "검사 시간 합계"]
    }

    fn blocked_because(&self, reason: &str) -> &'static str {
        match reason {
            "build-failed" => "서비스를 빌드하지 못했습니다.",
            "program-missing" => "실행할 프로그램이 없습니다.",
            "exited-at-start" => "서비스가 응답하기 전에 끝났습니다.",
            "never-listened" => "서비스가 지정한 포트를 열지 않았습니다.",
            "migrate-failed" => "`migrate`가 데이터베이스를 준비하지 못했습니다.",
            "create-user-failed" => "`create-user`가 사용자를 추가하지 못했습니다.",
            "listens-elsewhere" => "서비스가 지정한 곳이 아닌 다른 곳에서 연결을 기다립니다.",
            "not-the-contract" => "서비스가 응답하지만 계약과 다릅니다.",
            "not-in-app-toml" => "이 팩터에서 살펴볼 것이 app.toml에 아직 없습니다.",
            "hung-up" => "서비스가 연결은 받지만 응답하지 않습니다.",
            _ => "서비스가 첫 번째 올바른 응답까지 가지 못했습니다.",
        }
    }

    fn did_not_run(&self, n: usize) -> String {
        match n {
            1 => "검사 1개를 실행하지 않았습니다.".to_owned(),
            n => format!("검사 {n}개를 모두 실행하지 않았습니다."),
        }
    }

    fn other_failures(&self) -> &'static str {
        "그 밖의 실패"
    }

    fn all_failures(&self) -> &'static str {
        "실패한 검사"
    }

    fn not_tested(&self) -> &'static str {
        "이 컴퓨터에서 검사할 수 없는 항목(서비스의 잘못이 아닙니다)"
    }

    fn missing(&self) -> &'static str {
        "필요한 것"
    }

    fn fix(&self) -> &'static str {
        "검사하려면"
    }

    fn grader_errors(&self) -> &'static str {
        "채점기가 확인하지 못한 항목(서비스의 잘못이 아닙니다)"
    }

    fn passed(&self, factor: &str, untested: usize) -> String {
        match untested {
            0 => format!("{factor}: 통과했습니다."),
            n => format!("{factor}: 통과했습니다. 이 컴퓨터에서 검사하지 못한 항목이 {n}개 있습니다."),
        }
    }

    fn failed(&self, factor: &str, passing: usize, required: usize) -> String {
        format!("{factor}: 아직 통과하지 못했습니다. 필수 검사 {required}개 중 {passing}개를 통과했습니다.")
    }

    fn blocked(&self, factor: &str) -> String {
        format!("{factor}: 검사를 시작하지 못했습니다.")
    }

    fn undecided(&self, factor: &str, errors: usize) -> String {
        match errors {
            0 => format!("{factor}: 이 컴퓨터에서 검사할 수 있는 항목이 없어 판정하지 못했습니다."),
            n => format!("{factor}: 채점기가 검사 {n}개를 끝내지 못해 판정하지 못했습니다."),
        }
    }

    fn not_strictly_passed(&self, factor: &str, untested: usize) -> String {
        format!(
            "{factor}: 통과하지 못했습니다. --strict는 모든 검사를 요구하는데, 이 컴퓨터에서 {untested}개를 검사하지 못했습니다."
        )
    }

    fn partly_passed(&self, factor: &str, left_out: usize) -> String {
        format!("{factor}: 요청한 검사를 모두 통과했습니다. 나머지 검사 {left_out}개는 실행하지 않았습니다.")
    }

    fn core_open(&self) -> &'static str {
        "핵심 검사를 모두 통과했습니다. 정답 코드와 다음 팩터가 열렸습니다."
    }

    fn aborted(&self, why: &str, interrupted: bool) -> String {
        if interrupted {
            "요청에 따라 멈췄습니다.".to_owned()
        } else {
            format!("채점기가 멈췄습니다: {why}")
        }
    }

    fn no_result(&self) -> &'static str {
        "이번 실행에는 결과가 없습니다."
    }

    fn marked(&self) -> &'static str {
        "파일에 표시된 곳:"
    }

    fn skipped(&self) -> &'static str {
        "SKIPPED"
    }

    fn until_core_passes(&self) -> &'static str {
        "핵심 검사가 실패해 건너뜁니다. 핵심 검사를 통과하면 실행합니다"
    }

    fn save_again(&self) -> &'static str {
        "고치고 저장하면 다시 채점합니다."
    }

    fn press(&self, key: char) -> String {
        format!("{key} 키")
    }

    fn details(&self) -> &'static str {
        "자세한 기록:"
    }

    fn compare(&self) -> &'static str {
        "정답과 비교:"
    }

    fn next(&self) -> &'static str {
        "다음 명령:"
    }

    fn again(&self) -> &'static str {
        "고친 뒤 다시 채점:"
    }
}
