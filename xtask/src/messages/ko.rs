//! The command line in Korean.

use grader::check::Tier;
use grader::text::with_particle;

use super::{Messages, Note, Readme, State, Wrong};
use crate::progress::Unusable;
use crate::starter::ChangeKind;

mod note;
mod readme;
mod wrong;

/// Korean.
pub struct Ko;

impl Messages for Ko {
    fn wrong(&self, wrong: &Wrong) -> String {
        let (what, help) = wrong::explain(wrong);
        format!("오류: {what}\n  {help}")
    }

    fn note(&self, note: &Note<'_>) -> String {
        note::tell(note)
    }

    fn failed(&self, why: &str) -> String {
        format!("서비스가 아니라 워크숍 도구의 문제입니다: {why}")
    }

    fn progress_unusable(&self, unusable: &Unusable, path: &str) -> String {
        match unusable {
            Unusable::Newer(version) => format!(
                "알림: {path} 파일은 더 새로운 워크숍이 저장했습니다(형식 {version}). 파일을 그대로 두고 진행 상황을 기록하지 않습니다. 워크숍을 업데이트하십시오."
            ),
            Unusable::Damaged(why) => format!(
                "알림: {path} 파일을 읽을 수 없습니다({why}). 파일을 그대로 두고 진행 상황을 기록하지 않습니다. 처음부터 시작하려면 파일을 지우십시오."
            ),
        }
    }

    fn title(&self, passed: usize, of: usize) -> String {
        format!("Twelve-Factor 워크숍: {of}개 중 {passed}개 통과")
    }

    fn state(&self, state: State) -> &'static str {
        match state {
            State::Passed => "통과",
            State::CorePassed => "핵심 검사 통과",
            State::Failed => "아직 통과하지 못함",
            State::Blocked => "시작되지 않음",
            State::Open => "시작 전",
        }
    }

    fn ago(&self, seconds: u64) -> String {
        match seconds {
            0..60 => "방금".to_owned(),
            60..3600 => format!("{}분 전", seconds / 60),
            3600..172_800 => format!("{}시간 전", seconds / 3600),
            _ => format!("{}일 전", seconds / 86_400),
        }
    }

    fn minutes(&self, minutes: u64) -> String {
        format!("{minutes}분")
    }

    fn all_factors(&self) -> &'static str {
        "모든 팩터"
    }

    fn bar_of_factors(&self, passed: usize, of: usize) -> String {
        format!("{of}개 중 {passed}개 통과")
    }

    fn bar_of_track(&self, passed: usize, of: usize, left: u64) -> String {
        format!("{of}개 중 {passed}개 통과, {left}분 남음")
    }

    fn you_are_here(&self) -> &'static str {
        "지금 여기"
    }

    fn first_failure(&self, check: &str, reason: &str) -> String {
        format!("먼저 고칠 검사: {check} ({reason})")
    }

    fn read_first(&self, path: &str) -> String {
        format!("먼저 읽을 글: {path}")
    }

    fn readme(&self) -> &'static str {
        "README.ko.md"
    }

    fn next(&self) -> &'static str {
        "다음 명령:"
    }

    fn next_hint(&self) -> &'static str {
        "다음 힌트:"
    }

    fn tier(&self, tier: Tier) -> &'static str {
        match tier {
            Tier::Core => "핵심",
            Tier::Full => "전체",
            Tier::Extra => "도전",
        }
    }

    fn hint_title(&self, what: &str, reason: &str, step: usize) -> String {
        format!("{what} ({reason}), 힌트 {step}/{}", grader::hints::STEPS)
    }

    fn no_failure(&self, factor: &str, graded: bool) -> String {
        if graded {
            format!(
                "{factor}의 마지막 채점에서 실패한 검사가 없어 보여 드릴 힌트가 없습니다.\n다시 채점: cargo xtask check {factor}"
            )
        } else {
            format!(
                "{} 아직 채점하지 않았습니다. 힌트는 실패한 검사에 맞춰 보여 드립니다.\n먼저 채점: cargo xtask check {factor}",
                with_particle(factor, "은/는")
            )
        }
    }

    fn no_hint(&self, reason: &str) -> String {
        format!("이유 코드 {reason}에 대한 힌트가 아직 없습니다.")
    }

    fn nothing_to_reset(&self, factor: &str) -> String {
        format!("{} 처음 상태 그대로이므로 되돌릴 것이 없습니다.", with_particle(factor, "은/는"))
    }

    fn change(&self, kind: ChangeKind) -> &'static str {
        match kind {
            ChangeKind::Changed => "수정",
            ChangeKind::Added => "추가",
            ChangeKind::Removed => "삭제",
        }
    }

    fn ask_reset(&self) -> String {
        "위 파일을 처음 상태로 되돌릴까요? 지금 파일은 백업해 둡니다. [y/N]".to_owned()
    }

    fn nothing_done(&self) -> &'static str {
        "아무것도 바꾸지 않았습니다."
    }

    fn reset_done(&self, factor: &str, backup: &str) -> String {
        format!("{} 처음 상태로 되돌렸습니다. 고치던 파일: {backup}", with_particle(factor, "을/를"))
    }

    fn nothing_changed(&self, factor: &str) -> String {
        format!("{} 처음 상태 그대로이며 달라진 곳이 없습니다.", with_particle(factor, "은/는"))
    }

    fn solution_at(&self, path: &str, factor: &str, skipped: bool) -> String {
        let note = if skipped {
            "건너뛴 것으로 기록했습니다. 실습은 계속 직접 고쳐 볼 수 있습니다.\n"
        } else {
            ""
        };
        format!("정답 코드: {path}\n{note}내 코드와 비교: cargo xtask solution {factor} --diff")
    }

    fn started(&self, factor: &str, path: &str) -> String {
        format!("{factor}용 개인 저장소를 만들었습니다: {path}\n커밋이 하나 있고 워크숍 폴더에 의존하지 않습니다.")
    }

    fn capstone_started(&self, path: &str) -> String {
        format!(
            "캡스톤을 위한 개인 저장소를 만들었습니다: {path}\n커밋이 하나 있고 워크숍 폴더에 의존하지 않습니다. 어떤 순서로 할지는 README.ko.md에 있습니다."
        )
    }

    fn checkpoint_written(&self, factor: &str, path: &str) -> String {
        format!(
            "팩터 1부터 {factor}까지 만족하는 정답 코드를 만들었습니다: {path}\n완성된 서비스라서 그 뒤 팩터의 내용도 이미 들어 있습니다."
        )
    }

    fn own_readme(&self, of: &Readme<'_>) -> String {
        readme::text(of)
    }

    fn fix(&self) -> &'static str {
        "해결 방법:"
    }

    fn ask_run(&self) -> &'static str {
        "이 명령을 실행할까요? [y/N]"
    }

    fn left_to_you(&self) -> &'static str {
        "sudo가 필요하므로 직접 실행하십시오."
    }

    fn doctor_result(&self, missing: usize, limited: usize) -> String {
        match (missing, limited) {
            (0, 0) => "이 컴퓨터는 준비되었습니다.".to_owned(),
            (0, n) => format!("이 컴퓨터는 준비되었습니다. 제한이 {n}개 있습니다."),
            (n, _) => format!("아직 준비되지 않았습니다. 꼭 해결해야 할 항목이 {n}개 있습니다."),
        }
    }

    fn tidy_clean(&self, rules: usize) -> String {
        format!("tidy: 규칙 {rules}개를 모두 지키고 있습니다.")
    }

    fn tidy_found(&self, findings: usize) -> String {
        format!("tidy: 고칠 곳이 {findings}개 있습니다.")
    }

    fn tidy_wrote(&self, path: &str) -> String {
        format!("저장함: {path}")
    }

    fn ask_install(&self, packages: &str) -> String {
        format!("apt-get으로 {packages} 패키지를 설치할까요? [y/N]")
    }

    fn proved(&self, hold: usize, wrong: usize, seconds: u64) -> String {
        match wrong {
            0 => format!("{hold}가지 경우가 모두 예상대로입니다({seconds}초)."),
            _ => format!("{wrong}가지 경우가 예상과 다르고, {hold}가지는 예상대로입니다({seconds}초)."),
        }
    }

    fn proved_in_part(&self, cases: usize) -> String {
        format!(
            "`?` 표시가 붙은 {cases}가지 경우는 이 컴퓨터에서 모든 검사를 실행하지 못했습니다. 무엇이 없는지는 `cargo xtask doctor` 명령으로 확인하십시오."
        )
    }

    fn proved_whole(&self, factors: &str, lock: &str) -> String {
        format!("모든 경우를 증명한 팩터: {factors}. {lock} 파일에 적어 두었으니 고친 내용과 함께 커밋하십시오.")
    }

    fn proof_kept(&self, factors: &str, file: &str) -> String {
        format!("{factors}에서 본 것은 책에 실을 수 있도록 {file} 파일에 적어 두었습니다. 함께 커밋하십시오.")
    }

    fn taken_over(&self, cases: usize) -> String {
        format!(
            "앞선 증명에서 확인한 {cases}가지 경우는 다시 실행하지 않습니다. 처음부터 증명하려면 --afresh 옵션을 쓰십시오."
        )
    }

    fn about_left(&self, minutes: u64) -> String {
        format!("약 {minutes}분 남음")
    }

    fn interrupted_proof(&self, goes_on: bool) -> &'static str {
        if goes_on {
            "중단했습니다. 같은 명령을 다시 실행하면 여기서부터 이어집니다."
        } else {
            self.interrupted()
        }
    }

    fn soak_round(&self, round: usize, of: usize, seed: u64) -> String {
        format!("{of}번 가운데 {round}번째, 시드 {seed}")
    }

    fn soaked(&self, rounds: usize, checks: usize, changed: usize) -> String {
        let whole = format!("{rounds}번 반복하며 검사를 {checks}회 실행했습니다");
        match changed {
            0 => format!("{whole}. 결과가 달라진 적은 없습니다."),
            _ => format!("{whole}. {changed}가지 경우가 예상과 달랐습니다. 다시 보려면 다음 명령을 실행하십시오."),
        }
    }

    fn interrupted(&self) -> &'static str {
        "중단했습니다. 증명된 것은 없습니다."
    }

    fn mutant_open(&self, copy: &str, header: &str) -> String {
        format!(
            "다음 사본을 고치십시오: {copy}\n{} 패치의 머리말이 되고, 나머지 파일은 정답 코드와 비교합니다.",
            with_particle(header, "이/가")
        )
    }

    fn mutant_press_enter(&self) -> &'static str {
        "다 고쳤으면 Enter를 누르십시오."
    }

    fn mutant_written(&self, patch: &str) -> String {
        format!("저장했습니다: {patch}")
    }

    fn rehearsed(&self, troubled: &[&str], seconds: u64) -> String {
        match troubled {
            [] => format!("과정을 진행할 준비가 되었습니다. 모두 {seconds}초 걸렸고, 다음부터는 더 빠릅니다."),
            troubled => {
                format!("아직 준비되지 않은 항목: {}. 해결 방법은 위에 나와 있습니다.", troubled.join(", "))
            }
        }
    }

    fn bench_loop(&self, graded: f64, bare: f64, ratio: f64, runs: usize) -> String {
        format!(
            "저장부터 판정까지 {graded:.2}초, 빌드와 시작만 할 때({bare:.2}초)의 {ratio:.2}배 ({runs}회 실행의 중앙값)"
        )
    }

    fn bench_memory(&self, quiet: f64, flooded: f64) -> String {
        format!(
            "채점기의 최대 메모리 {quiet:.1} MiB, 서비스가 로그 1 GiB를 쏟아낼 때 {flooded:.1} MiB ({:.2}배)",
            flooded / quiet
        )
    }

    fn bench_no_memory(&self) -> &'static str {
        "채점기의 최대 메모리: 이 운영 체제에서는 알 수 없습니다"
    }

    fn bench_cold(&self, tool: f64, service: f64, crates: usize) -> String {
        format!("처음 빌드: 채점기 CPU {tool:.0}초(크레이트 {crates}개), 서비스 CPU {service:.0}초 추가")
    }

    fn book_is_current(&self, path: &str) -> String {
        format!("책이 최신 상태입니다: {path}")
    }

    fn book_compiling(&self) -> &'static str {
        "책을 만드는 프로그램을 컴파일합니다. 처음에는 1분에서 3분쯤 걸립니다."
    }

    fn manifests_compiling(&self) -> &'static str {
        "매니페스트를 판정하는 프로그램을 컴파일합니다. 처음에는 1분쯤 걸립니다."
    }

    fn book_built(&self, path: &str, seconds: f64) -> String {
        format!("두 언어의 책을 만들었습니다({seconds:.1}초): {path}")
    }

    fn book_not_built(&self) -> &'static str {
        "책을 만들지 못했습니다. 위에 이유가 있습니다."
    }

    fn book_clean(&self) -> &'static str {
        "책이 모든 규칙을 지키고 있습니다."
    }

    fn book_found(&self) -> &'static str {
        "위에 나온 곳이 책의 규칙을 어깁니다."
    }

    fn book_nothing_to_accept(&self, what: &str) -> String {
        format!("{what}: 두 언어 모두 지난번에 확인한 그대로입니다.")
    }

    fn ask_accept(&self, what: &str) -> String {
        format!("{what}: 두 언어가 같은 내용을 말합니까? [y/N]")
    }

    fn book_accepted(&self, what: &str) -> String {
        format!("확인한 것으로 기록했습니다: {what}")
    }

    fn watch_compiling(&self) -> &'static str {
        "저장할 때마다 채점하는 프로그램을 컴파일합니다. 처음에는 1분 가까이 걸립니다."
    }

    fn starting_engine(&self) -> &'static str {
        "응답하는 컨테이너 엔진이 없어 테스트용으로 하나를 시작합니다."
    }

    fn providing_images(&self) -> &'static str {
        "테스트에 필요한 이미지를 내려받거나 만드는 중…"
    }

    fn all_installed(&self) -> &'static str {
        "테스트에 필요한 프로그램이 모두 설치되어 있습니다."
    }

    fn install_yourself(&self, packages: &str) -> String {
        format!("apt-get이 없습니다. 사용하는 패키지 관리자로 다음을 설치하십시오: {packages}")
    }

    fn still_running(&self, part: &str, minutes: u64) -> String {
        format!("… {part}: {minutes}분째 실행하고 있습니다")
    }

    fn part_failed(&self, part: &str, again: &str) -> String {
        format!("실패: {part}\n다시 실행: {again}")
    }
}
