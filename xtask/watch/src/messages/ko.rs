//! Watch mode in Korean.

use super::{Messages, Note};
use crate::input::Scope;
use crate::state::Filter;

/// Korean.
pub struct Ko;

impl Messages for Ko {
    fn note(&self, note: &Note) -> String {
        match note {
            Note::CoreOpen => {
                "핵심 검사를 모두 통과했습니다. 충분히 실험했으면 n 키로 다음 실습을 여십시오.".to_owned()
            }
            Note::NextLocked => {
                "다음 실습(n)은 핵심 검사를 통과하면 열립니다. 목록(l)에서 고를 수도 있습니다.".to_owned()
            }
            Note::NothingFailed => "실패한 검사가 없어 보여 드릴 힌트가 없습니다.".to_owned(),
            Note::NothingLeft => "다른 실습은 모두 통과했습니다. 목록은 l 키로 볼 수 있습니다.".to_owned(),
            Note::NothingDone => "아무것도 바꾸지 않았습니다.".to_owned(),
            Note::NoKeys => "표준 입력이 닫혀 키를 쓸 수 없습니다. Ctrl-C로 끝냅니다.".to_owned(),
            Note::Blind(why) => {
                format!("여기서는 파일을 저장해도 알아챌 수 없습니다({why}). Enter를 누르면 채점합니다.")
            }
            Note::Said(words) => words.clone(),
        }
    }

    fn grading(&self, scope: Scope) -> &'static str {
        match scope {
            Scope::Core => "핵심 검사 채점 중",
            Scope::Whole => "모든 검사 채점 중",
            Scope::Every => "모든 실습 채점 중",
        }
    }

    fn waiting(&self) -> &'static str {
        "저장을 기다리는 중"
    }

    fn waiting_for_enter(&self) -> &'static str {
        "Enter를 누르면 채점합니다"
    }

    fn stopping(&self) -> &'static str {
        "실행 중인 채점을 멈추는 중"
    }

    fn watching(&self, name: &str) -> String {
        format!("{name} 폴더를 지켜보며 저장할 때마다 채점합니다. Ctrl-C로 끝냅니다.")
    }

    fn key(&self, key: char) -> &'static str {
        match key {
            'n' => "다음",
            'h' => "힌트",
            'l' => "목록",
            'c' => "모두 채점",
            'r' => "되돌리기",
            's' => "정답",
            _ => "끝내기",
        }
    }

    fn enter(&self) -> &'static str {
        "채점"
    }

    fn list_keys(&self, filter: Filter) -> String {
        let shown = match filter {
            Filter::All => "모두",
            Filter::Open => "남은 것",
            Filter::Passed => "통과",
        };
        format!("↑↓:이동  Enter:선택  f:거르기({shown})  Esc:뒤로  q:끝내기")
    }

    fn list_is_empty(&self) -> &'static str {
        "해당하는 팩터가 없습니다. f 키로 다른 것을 봅니다."
    }

    fn ask_reset(&self) -> &'static str {
        "아래 파일을 처음 상태로 되돌릴까요? 지금 파일은 백업해 둡니다."
    }

    fn answers(&self) -> &'static str {
        "y:되돌리기  다른 키:그대로 두기"
    }

    fn hint(&self, what: &str, reason: &str) -> String {
        format!("{what} ({reason})")
    }

    fn step(&self, step: usize, of: usize) -> String {
        format!("힌트 {step}/{of}")
    }

    fn last_step(&self) -> &'static str {
        "마지막 힌트입니다."
    }

    fn back(&self) -> &'static str {
        "Esc:결과"
    }

    fn typed_keys(&self) -> &'static str {
        "글자를 입력하고 Enter를 누르십시오."
    }

    fn ignored(&self) -> &'static str {
        "(채점하는 동안에는 입력을 받지 않습니다)"
    }

    fn next(&self) -> &'static str {
        "다음 명령:"
    }
}
