//! 서버가 쓰는 한국어 문장.

use std::io;

use super::Messages;
use crate::options::Wrong;

/// 한국어.
pub struct Ko;

impl Messages for Ko {
    fn help(&self) -> &'static str {
        "\
workshop-server: 빌드한 책을 이 컴퓨터에서 보여 주고, 책에서 누른 검사를 실행합니다

  --books DIR     빌드한 책이 있는 폴더 (기본값: target/workshop/book)
  --xtask FILE    채점하는 프로그램 (기본값: 이 프로그램 옆의 xtask)
  --port N        사용할 포트. 0이면 빈 포트를 고릅니다 (기본값: 15015, 이미 쓰이면 빈 포트)
  --open          브라우저로 책을 엽니다
  --while-stdin-is-open
                  표준 입력이 닫히면 끝납니다. 서버를 시작한 프로그램이 사라질 때 함께 끝나게 합니다
  --lang en|ko    이 메시지의 언어
  -h, --help      이 도움말

127.0.0.1에서만 접속을 받습니다. Ctrl-C를 누르면 실행 중인 검사와 함께 끝납니다.
"
    }

    fn wrong(&self, wrong: &Wrong) -> String {
        let why = match wrong {
            Wrong::Words(why) => why.clone(),
            Wrong::Port(value) => format!("{value}: 포트 번호가 아닙니다"),
            Wrong::Language(value) => format!("{value}: 워크숍에 없는 언어입니다. en과 ko가 있습니다"),
        };
        format!("workshop-server: {why}\n도움말: workshop-server --help")
    }

    fn failed(&self, error: &io::Error) -> String {
        format!("서버를 계속할 수 없습니다: {error}")
    }

    fn serving(&self, url: &str) -> String {
        format!("책 주소: {url}")
    }

    fn how_to_stop(&self) -> &'static str {
        "Ctrl-C를 누르면 서버가 끝납니다."
    }

    fn not_built(&self, command: &str) -> String {
        format!("아직 책을 빌드하지 않았습니다. 다음 명령으로 빌드하십시오: {command}")
    }

    fn stopping(&self) -> &'static str {
        "실행 중인 검사를 끝내고 있습니다. Ctrl-C를 한 번 더 누르면 기다리지 않습니다."
    }

    fn no_browser(&self) -> &'static str {
        "브라우저를 열지 못했습니다. 주소를 직접 여십시오."
    }
}
