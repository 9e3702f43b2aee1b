//! 현황판이 쓰는 한국어 문장.

use super::Messages;
use crate::options::Wrong;
use crate::standing::{Solution, State};

/// 한국어.
pub struct Ko;

impl Messages for Ko {
    fn help(&self) -> &'static str {
        include_str!("ko.txt")
    }

    fn wrong(&self, wrong: &Wrong) -> String {
        let why = match wrong {
            Wrong::Words(why) => why.clone(),
            Wrong::Port(value) => format!("{value}: 포트 번호가 아닙니다"),
            Wrong::Number(value) => format!("{value}: 참가자 수는 1에서 2000 사이여야 합니다"),
            Wrong::Address(value) => {
                format!("{value}: 접속을 받을 주소가 아닙니다. 0.0.0.0이나 192.168.0.10처럼 쓰십시오")
            }
            Wrong::Grace(value) => format!("SHUTDOWN_GRACE_SECONDS: {value}: 초 단위의 정수여야 합니다"),
            Wrong::Language(value) => format!("{value}: 워크숍에 없는 언어입니다. en과 ko가 있습니다"),
            Wrong::SecretNeeded => {
                "BOARD_SECRET이 없습니다. 데이터베이스를 함께 쓰는 현황판에는 16자 이상의 같은 비밀 값이 필요합니다"
                    .to_owned()
            }
            Wrong::Database(why) => format!("DATABASE_URL을 쓸 수 없습니다: {why}"),
        };
        format!("workshop-board: {why}\n도움말: workshop-board --help")
    }

    fn failed(&self, why: &str) -> String {
        format!("현황판을 계속할 수 없습니다: {why}")
    }

    fn join_at(&self, url: &str) -> String {
        format!("참가자가 입력할 명령:  cargo xtask join {url}")
    }

    fn instructor_at(&self, url: &str) -> String {
        format!("진행자만 쓰는 주소:    {url}   (남에게 보이지 마십시오)")
    }

    fn projector_at(&self, url: &str) -> String {
        format!("프로젝터에 띄울 주소:  {url}   (이름이 나오지 않습니다. 윗줄의 주소로 먼저 로그인하십시오)")
    }

    fn only_this_machine(&self) -> &'static str {
        "지금은 이 컴퓨터에서만 현황판에 접속할 수 있습니다. 강의실에 열려면: cargo xtask board --listen 0.0.0.0"
    }

    fn whole_network(&self, address: &str) -> String {
        format!(
            "이 네트워크에 있는 누구나 {address} 주소로 현황판에 접속할 수 있습니다. 코드가 있어야 참가하고, 이름은 진행자만 봅니다."
        )
    }

    fn isolated(&self) -> &'static str {
        "참가자의 노트북에서 접속되지 않으면 강의실 네트워크가 기기끼리의 통신을 막은 것입니다. 휴대전화 핫스팟이나 직접 가져온 공유기를 쓰십시오. 현황판이 없어도 실습은 그대로 되고, 결과는 모아 두었다가 나중에 보냅니다."
    }

    fn how_to_stop(&self) -> &'static str {
        "Ctrl-C를 누르면 현황판이 끝납니다. 받은 결과는 남아 있고, 다시 켜면 참가자의 컴퓨터가 알아서 이어 보냅니다."
    }

    fn forgotten(&self) -> &'static str {
        "참가자, 결과, 알림을 모두 지웠습니다."
    }

    fn forget_needs_yes(&self) -> &'static str {
        "참가자, 결과, 알림을 모두 지우고 되돌릴 수 없습니다. 지우려면 --yes를 붙이십시오."
    }

    fn report_written(&self, folder: &str) -> String {
        format!("보고서 위치: {folder} (report.html, report.csv)")
    }

    fn rehearsing(&self, attendees: usize) -> String {
        format!("가상 참가자 {attendees}명이 실습하고 있습니다. Ctrl-C를 누르면 끝납니다.")
    }

    fn board(&self) -> &'static str {
        "현황판"
    }

    fn code(&self) -> &'static str {
        "ko"
    }

    fn other_language(&self) -> &'static str {
        "English"
    }

    fn skip(&self) -> &'static str {
        "본문으로"
    }

    fn room(&self) -> &'static str {
        "강의실"
    }

    fn projector(&self) -> &'static str {
        "프로젝터"
    }

    fn report(&self) -> &'static str {
        "보고서"
    }

    fn as_csv(&self) -> &'static str {
        "표로 내려받기(CSV)"
    }

    fn needs_script(&self) -> &'static str {
        "JavaScript가 꺼져 있어 페이지를 연 시점의 상황만 보입니다. 최신 상황은 새로 고쳐 확인하십시오."
    }

    fn reconnecting(&self) -> &'static str {
        "현황판과 연결이 끊어져 다시 연결하고 있습니다. 그동안의 결과도 빠짐없이 나타납니다."
    }

    fn self_reported(&self) -> &'static str {
        "참가자의 컴퓨터가 스스로 보고한 결과입니다."
    }

    fn joined(&self, n: usize) -> String {
        format!("{n}명 참가")
    }

    fn nobody(&self) -> &'static str {
        "아직 아무도 참가하지 않았습니다."
    }

    fn attendee(&self) -> &'static str {
        "참가자"
    }

    fn stuck_on(&self) -> &'static str {
        "막힌 곳"
    }

    fn last_seen(&self) -> &'static str {
        "마지막 소식"
    }

    fn state(&self, state: State) -> &'static str {
        match state {
            State::Open => "시작 전",
            State::Blocked => "검사 불가",
            State::Failed => "실패",
            State::Core => "핵심 통과",
            State::Passed => "통과",
        }
    }

    fn solution(&self, solution: Solution) -> &'static str {
        match solution {
            Solution::Closed => "",
            Solution::Opened => "정답 코드를 봄",
            Solution::Skipped => "핵심 검사 전에 정답 코드를 봄",
        }
    }

    fn blocked(&self) -> &'static str {
        "서비스가 빌드되지 않거나, 시작하지 않거나, 응답하지 않습니다"
    }

    fn factor(&self, number: u8) -> String {
        if number == 0 { "준비".to_owned() } else { format!("팩터 {number}") }
    }

    fn hands(&self) -> &'static str {
        "손 든 참가자"
    }

    fn no_hands(&self) -> &'static str {
        "손 든 사람이 없습니다."
    }

    fn hands_up(&self, n: usize) -> String {
        format!("{n}명이 손을 들었습니다")
    }

    fn hand_done(&self) -> &'static str {
        "해결"
    }

    fn groups(&self) -> &'static str {
        "많이 막히는 곳"
    }

    fn no_groups(&self) -> &'static str {
        "지금 막힌 사람이 없습니다."
    }

    fn people(&self, n: usize) -> String {
        format!("{n}명")
    }

    fn chapter(&self) -> &'static str {
        "책에서 보기"
    }

    fn mistake(&self) -> &'static str {
        "어떤 실수인가"
    }

    fn pace(&self) -> &'static str {
        "진도"
    }

    fn begin(&self) -> &'static str {
        "시작"
    }

    fn next(&self) -> &'static str {
        "다음"
    }

    fn back(&self) -> &'static str {
        "이전"
    }

    fn longer(&self) -> &'static str {
        "5분 더"
    }

    fn stop_pace(&self) -> &'static str {
        "끝내기"
    }

    fn left(&self) -> &'static str {
        "남음"
    }

    fn late(&self) -> &'static str {
        "계획보다 #분 늦음"
    }

    fn early(&self) -> &'static str {
        "계획보다 #분 빠름"
    }

    fn as_planned(&self) -> &'static str {
        "계획대로"
    }

    fn step(&self, n: usize, of: usize) -> String {
        format!("{of}단계 중 {n}단계")
    }

    fn announcements(&self) -> &'static str {
        "알림"
    }

    fn announcement(&self) -> &'static str {
        "모두의 터미널과 책에 보일 말"
    }

    fn announce(&self) -> &'static str {
        "알리기"
    }

    fn open_solution(&self) -> &'static str {
        "정답 코드 공개"
    }

    fn solution_open(&self, factor: u8) -> String {
        format!("팩터 {factor}의 정답 코드를 공개했습니다: cargo xtask solution factor-{factor} --anyway")
    }

    fn joining(&self) -> &'static str {
        "참가"
    }

    fn new_code(&self) -> &'static str {
        "새 코드"
    }

    fn lock(&self) -> &'static str {
        "참가 마감"
    }

    fn unlock(&self) -> &'static str {
        "다시 받기"
    }

    fn locked(&self) -> &'static str {
        "참가를 마감해 새로 들어올 수 없습니다."
    }

    fn seats(&self) -> &'static str {
        "참가 정원(0이면 제한 없음)"
    }

    fn set(&self) -> &'static str {
        "적용"
    }

    fn wrong_codes(&self, n: u64) -> String {
        format!("틀린 코드 {n}번")
    }

    fn invitation(&self) -> &'static str {
        "워크숍에 참가하기"
    }

    fn invitation_how(&self) -> &'static str {
        "워크숍 폴더에서 터미널을 열고 입력하십시오."
    }

    fn privacy(&self) -> &'static str {
        "현황판에는 직접 정한 별명, 검사 결과, 이유 코드만 보냅니다. 코드, 로그, 파일 이름, 컴퓨터 이름은 보내지 않습니다. `cargo xtask join --leave`를 실행하면 모두 지워집니다."
    }

    fn wrong_code(&self) -> &'static str {
        "코드가 틀렸거나 바뀌었습니다. 프로젝터에 나온 코드를 확인하십시오."
    }

    fn data(&self) -> &'static str {
        "데이터"
    }

    fn forget(&self) -> &'static str {
        "모두 지우기"
    }

    fn remove(&self) -> &'static str {
        "현황판에서 지우기"
    }

    fn really(&self) -> &'static str {
        "참가자, 결과, 알림을 되돌릴 수 없게 지웁니다"
    }

    fn sign_in(&self) -> &'static str {
        "진행자"
    }

    fn secret(&self) -> &'static str {
        "현황판을 실행한 터미널에 나온 비밀 값"
    }

    fn wrong_secret(&self) -> &'static str {
        "비밀 값이 틀렸습니다."
    }

    fn not_signed_in(&self) -> &'static str {
        "참가한 사람과 진행자만 보는 페이지입니다. 터미널에서 `cargo xtask join`을 실행하면 이 브라우저로 들어오는 링크가 나옵니다."
    }

    fn my_page(&self) -> &'static str {
        "내 페이지"
    }

    fn raise_hand(&self) -> &'static str {
        "손 들기"
    }

    fn lower_hand(&self) -> &'static str {
        "손 내리기"
    }

    fn my_hand_is_up(&self) -> &'static str {
        "손을 들었습니다. 곧 진행자가 갑니다."
    }

    fn whole_room(&self) -> &'static str {
        "강의실 전체"
    }

    fn passed_of(&self, passed: usize, of: usize) -> String {
        format!("{of}명 중 {passed}명 통과")
    }

    fn time_line(&self) -> &'static str {
        "지나온 과정"
    }

    fn nothing_yet(&self) -> &'static str {
        "아직 받은 결과가 없습니다."
    }

    fn runs(&self, n: i64) -> String {
        format!("{n}번 실행")
    }

    fn hand_event(&self, raised: bool) -> &'static str {
        if raised { "손을 들었음" } else { "손을 내렸음" }
    }

    fn not_found(&self) -> &'static str {
        "페이지가 없습니다."
    }
}
