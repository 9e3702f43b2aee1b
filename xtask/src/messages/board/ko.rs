//! `board`, `join`, `hand` 명령의 한국어 문장.

use super::BoardMessages;
use crate::board::News;

/// 한국어.
pub struct Ko;

impl BoardMessages for Ko {
    fn ask_name(&self) -> &'static str {
        "강의실에서 쓸 별명을 입력하십시오:"
    }

    fn joined(&self, nickname: &str, board: &str) -> String {
        format!("{board} 강의실에 참가했습니다. 별명: {nickname}")
    }

    fn what_is_told(&self) -> &'static str {
        "검사할 때마다 검사 결과와 이유 코드를 현황판에 알립니다. 코드, 로그, 파일 이름은 보내지 않습니다. 그만두려면 `cargo xtask join --leave`를 실행하십시오. 그동안 알린 것도 지워집니다."
    }

    fn own_page(&self, url: &str) -> String {
        format!("내 페이지(10분 동안 쓸 수 있는 링크): {url}")
    }

    fn how_to_raise(&self) -> &'static str {
        "도움이 필요하면: cargo xtask hand"
    }

    fn refused(&self, error: &str) -> String {
        match error {
            "wrong-code" => "코드가 틀렸거나 바뀌었습니다. 프로젝터에 나온 코드를 확인하십시오.".to_owned(),
            "locked" => "참가를 마감했습니다. 진행자에게 말씀하십시오.".to_owned(),
            "full" => "자리가 다 찼습니다. 진행자에게 말씀하십시오.".to_owned(),
            "later" => "한꺼번에 너무 많이 들어오고 있습니다. 몇 초 뒤에 다시 해 보십시오.".to_owned(),
            "newer" => self.board_newer().to_owned(),
            "malformed" => "현황판에 표시할 수 없는 별명입니다. 다른 별명을 쓰십시오: --name 민수".to_owned(),
            other => format!("워크숍의 현황판이 아니거나 고장 났습니다({other})."),
        }
    }

    fn unreachable(&self, board: &str, why: &str) -> String {
        format!(
            "{board} 현황판에 접속할 수 없습니다({why}). 같은 네트워크에 있는지 확인하십시오. 기기끼리의 통신을 막은 네트워크도 있습니다. 현황판이 없어도 실습은 할 수 있습니다."
        )
    }

    fn left(&self) -> &'static str {
        "강의실에서 나왔습니다. 현황판에 있던 내 기록은 지워졌습니다."
    }

    fn left_untold(&self, board: &str) -> String {
        format!(
            "이 컴퓨터는 이제 아무것도 알리지 않습니다. {board} 현황판에는 접속하지 못했으니, 현황판에 남은 기록은 진행자에게 지워 달라고 하십시오."
        )
    }

    fn hand_up(&self) -> &'static str {
        "손을 들었습니다. 내리려면: cargo xtask hand --down"
    }

    fn hand_down(&self) -> &'static str {
        "손을 내렸습니다."
    }

    fn hand_waits(&self) -> &'static str {
        "지금은 현황판에 접속할 수 없어 나중에 알립니다. 우선 진짜 손을 들어 주십시오."
    }

    fn board_news(&self, news: &News) -> String {
        match news.factor {
            Some(factor) => {
                format!("진행자 알림: 팩터 {factor}의 정답 코드를 공개했습니다. cargo xtask solution factor-{factor}")
            }
            None => format!("진행자 알림: {}", news.words),
        }
    }

    fn board_waiting(&self, events: usize) -> String {
        match events {
            0 => "지금은 현황판에 접속할 수 없습니다.".to_owned(),
            _ => format!("지금은 현황판에 접속할 수 없습니다. 결과 {events}개를 나중에 보냅니다."),
        }
    }

    fn board_unknown(&self) -> &'static str {
        "현황판이 이 컴퓨터를 더는 알지 못합니다. 다시 참가하십시오: cargo xtask join URL"
    }

    fn board_newer(&self) -> &'static str {
        "현황판이 이 워크숍보다 새 버전입니다. 워크숍을 최신으로 바꾸십시오: git pull"
    }

    fn board_compiling(&self) -> &'static str {
        "현황판 프로그램을 컴파일합니다. 처음에는 1분에서 3분쯤 걸립니다."
    }

    fn ask_forget(&self) -> &'static str {
        "참가자, 결과, 알림을 모두 지웁니다. 되돌릴 수 없습니다. 지울까요? [y/N]"
    }
}
