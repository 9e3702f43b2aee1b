//! What stands first in the README of a repository of one's own, in Korean.

use crate::messages::Readme;

/// The text; the folder's own follows.
pub fn text(of: &Readme<'_>) -> String {
    match of {
        Readme::Exercise { factor, path } => format!(
            "# {factor}용 개인 저장소\n\n이 저장소는 여러분의 것입니다. 커밋하고 브랜치를 만들고 마음껏 망가뜨려 보십시오.\n채점기는 이 저장소를 clone 한 사본을 채점합니다. 워크숍 폴더에서 다음 명령을 실행합니다.\n\n```sh\ncargo xtask check {factor} --path {path}\n```\n\n아래는 실습의 원래 안내문입니다.\n"
        ),
        Readme::Capstone { path } => format!(
            "# 나의 캡스톤\n\n첫 커밋부터 마지막 릴리즈까지 이 저장소는 여러분의 것입니다. 채점기는 clone 한 사본을 채점합니다. 워크숍 폴더에서 실행하십시오.\n\n```sh\ncargo xtask check --all --path {path}      # 전체\ncargo xtask check factor-1 --path {path}   # 팩터 하나\n```\n"
        ),
        Readme::Checkpoint { number, path } => format!(
            "# 체크포인트: 팩터 1부터 {number}까지\n\n여기서부터 이어 가거나 여러분의 코드와 견주어 보십시오. 완성된 서비스라서 그 뒤 팩터의 내용도 이미 들어 있습니다.\n채점기는 clone 한 사본을 채점합니다. 워크숍 폴더에서 실행하십시오.\n\n```sh\ncargo xtask check --all --path {path}\n```\n\n아래는 서비스의 원래 안내문입니다.\n"
        ),
    }
}
