//! What is wrong with a command line, in Korean.

use grader::text::with_particle;

use crate::messages::Wrong;

/// What is wrong, and the line that helps.
pub fn explain(wrong: &Wrong) -> (String, String) {
    let see = |command: &str| format!("도움말: cargo xtask {command}");
    let meant = |similar: &Option<String>, otherwise: String| match similar {
        Some(similar) => format!("혹시 `{similar}` 아닙니까?"),
        None => otherwise,
    };
    let quoted = |word: &str, pair: &str| format!("`{word}`{}", particle(word, pair));
    match wrong {
        Wrong::UnknownCommand { word, similar } => (format!("`{word}` 명령은 없습니다"), meant(similar, see("--help"))),
        Wrong::FactorAsCommand(word) => (
            format!("{} 명령이 아니라 팩터입니다", quoted(word, "은/는")),
            format!("채점하려면: cargo xtask check {word}"),
        ),
        Wrong::UnknownOption { option, similar } => {
            (format!("`{option}` 옵션은 없습니다"), meant(similar, see("--help")))
        }
        Wrong::OptionElsewhere { option, command, belongs } => {
            let belongs: Vec<String> =
                belongs.iter().filter(|name| !name.is_empty()).map(|name| format!("`{name}`")).collect();
            let of = if belongs.is_empty() { "`cargo xtask`".to_owned() } else { belongs.join(", ") };
            (
                format!("`--{option}` 옵션은 `{command}` 명령이 아니라 {of} 명령에서 씁니다"),
                see(&format!("{command} --help")),
            )
        }
        Wrong::MissingValue(option) => (format!("`--{option}` 옵션에는 값이 필요합니다"), see("--help")),
        Wrong::UnexpectedValue(option) => (format!("`{option}` 옵션에는 값을 줄 수 없습니다"), see("--help")),
        Wrong::NotUnicode(word) => (
            format!("{} 올바른 유니코드가 아닙니다", quoted(word, "은/는")),
            "파일 이름을 바꾸거나 다른 폴더를 지정하십시오.".to_owned(),
        ),
        Wrong::TooManyWords { command, word } => (
            format!("`{command}` 명령에는 {} 쓸 수 없습니다", quoted(word, "을/를")),
            see(&format!("{command} --help")),
        ),
        Wrong::Language(word) => (
            format!("{} 이 워크숍에서 쓰는 언어가 아닙니다", quoted(word, "은/는")),
            "`--lang ko` 또는 `--lang en`을 쓰십시오.".to_owned(),
        ),
        Wrong::Seed(word) => (
            format!("{} 시드가 아닙니다", quoted(word, "은/는")),
            "시드는 채점할 때 표시되는 정수입니다: --seed 42".to_owned(),
        ),
        Wrong::Step(word) => (
            format!("{} 힌트 단계가 아닙니다", quoted(word, "은/는")),
            "단계는 1, 2, 3이 있습니다: cargo xtask hint factor-3 2".to_owned(),
        ),
        Wrong::In(word) => (
            format!("`--in {word}` 값을 알 수 없습니다"),
            "`--in process`나 `--in container` 중 하나를 쓰십시오. 생략하면 process입니다.".to_owned(),
        ),
        Wrong::Together(one, other) => {
            (format!("{one} 옵션과 {other} 옵션이 서로 다른 서비스를 가리킵니다"), "둘 중 하나만 쓰십시오.".to_owned())
        }
        Wrong::OneWay(options) => {
            (format!("다음 옵션은 함께 쓸 수 없습니다: {options}"), "하나만 쓰십시오.".to_owned())
        }
        Wrong::Invitation(word) => (
            format!("{} 초대 주소가 아닙니다", quoted(word, "은/는")),
            "초대 주소는 프로젝터에 있습니다: cargo xtask join http://192.168.0.10:15016/join/ABC234".to_owned(),
        ),
        Wrong::SecureBoard => (
            "현황판에는 http로만 접속합니다".to_owned(),
            "현황판으로 바로 이어지는 http:// 주소를 진행자에게 물어보십시오.".to_owned(),
        ),
        Wrong::WhichName => {
            ("강의실에서 쓸 별명이 필요합니다".to_owned(), "원하는 별명을 쓰십시오: --name 민수".to_owned())
        }
        Wrong::NotJoined => (
            "아직 강의실에 참가하지 않았습니다".to_owned(),
            "프로젝터에 있는 초대 주소를 쓰십시오: cargo xtask join URL".to_owned(),
        ),
        Wrong::Port(word) => (
            format!("{} 포트 번호가 아닙니다", quoted(word, "은/는")),
            "65535 이하의 정수로 쓰십시오: --port 8080".to_owned(),
        ),
        Wrong::AllAndOne => (
            "`--all`과 팩터를 함께 쓸 수 없습니다".to_owned(),
            "둘 중 하나만 쓰십시오: cargo xtask check --all".to_owned(),
        ),
        Wrong::ManifestsWhat => {
            ("`manifests` 명령에는 폴더나 파일이 필요합니다".to_owned(), "예: cargo xtask manifests k8s".to_owned())
        }
        Wrong::StartWhat => {
            ("`start` 명령에는 팩터가 필요합니다".to_owned(), "예: cargo xtask start factor-3".to_owned())
        }
        Wrong::CheckpointWhat => (
            "`checkpoint` 명령에는 1부터 15까지의 팩터가 필요합니다".to_owned(),
            "예: cargo xtask checkpoint 8".to_owned(),
        ),
        Wrong::CapstoneIsRust => (
            "`start capstone`은 Rust로 시작합니다".to_owned(),
            "다른 언어라면 시작 코드가 없어도 됩니다. 여러분의 서비스 옆에 app.toml만 두십시오(CONTRACT.ko.md)"
                .to_owned(),
        ),
        Wrong::UnknownFactor { word, similar } => {
            (format!("`{word}` 팩터는 없습니다"), meant(similar, "팩터 목록: cargo xtask list".to_owned()))
        }
        Wrong::WhichFactor { command, next } => (
            "어느 팩터인지 알 수 없습니다. 팩터를 적지 않았고, 이 폴더도 실습 폴더가 아닙니다".to_owned(),
            format!("예: cargo xtask {command} {next}"),
        ),
        Wrong::UnknownCheck { word, similar, known } => {
            (format!("`{word}` 검사는 없습니다"), meant(similar, format!("있는 검사: {}", known.join(", "))))
        }
        Wrong::UnknownCase { word, similar, known } => (
            format!("이름이 `{word}`인 경우나 검사는 없습니다"),
            meant(similar, format!("선택할 수 있는 이름: {}", known.join(", "))),
        ),
        Wrong::MutantWhat => (
            "`mutant` 뒤에는 `edit`, 팩터, 이름이 필요합니다".to_owned(),
            "예: cargo xtask mutant edit factor-3 forgets-the-key".to_owned(),
        ),
        Wrong::Runs(word) => {
            (format!("{} 실행 횟수가 아닙니다", quoted(word, "은/는")), "정수로 쓰십시오: --runs 5".to_owned())
        }
        Wrong::Count(option, word) => (
            format!("--{option} 옵션에 쓴 {} 숫자가 아닙니다", quoted(word, "은/는")),
            format!("정수로 쓰십시오: --{option} 20"),
        ),
        Wrong::LoadWithoutSoak => (
            "--load 옵션은 --soak 옵션과 함께 씁니다".to_owned(),
            "예: cargo xtask prove --soak 20 --load 2".to_owned(),
        ),
        Wrong::UnknownReason { factor, word, similar, known } => (
            format!("{factor}에는 `{word}` 이유 코드가 없습니다"),
            meant(similar, format!("있는 이유 코드: {}", known.join(", "))),
        ),
        Wrong::Manifest(why) => {
            (why.clone(), "app.toml은 서비스를 빌드하고 시작하는 방법을 채점기에 알려 줍니다.".to_owned())
        }
        Wrong::NoSuchLanguage { factor, word, known } => {
            let known = if known.is_empty() { "없음".to_owned() } else { known.join(", ") };
            let next =
                format!("Rust 말고 준비된 언어: {known}. 직접 만든 서비스는 어떤 언어든 좋습니다: CONTRACT.ko.md");
            (format!("`{word}` 언어로 된 {factor} 시작 코드는 없습니다"), next)
        }
        Wrong::NotEmpty(path) => (
            format!("{path} 폴더가 비어 있지 않습니다"),
            "들어 있는 것은 그대로 두었습니다. 다른 폴더를 지정하십시오: --path 폴더".to_owned(),
        ),
        Wrong::SolutionLocked(factor) => {
            let what = format!("{factor}의 정답 코드는 핵심 검사를 통과하면 열립니다");
            (
                what,
                format!(
                    "채점: cargo xtask check {factor} --core   그래도 열기: cargo xtask solution {factor} --anyway"
                ),
            )
        }
        Wrong::WhichBundle(command) => {
            (format!("`{command}` 명령에는 파일 이름이 필요합니다"), format!("예: cargo xtask {command} room.tar.zst"))
        }
        Wrong::BundleName(name) => (
            format!("`{name}` 이름만으로는 압축 방식을 알 수 없습니다"),
            "room.tar.zst(가장 작지만 어디서나 zstd가 필요함), room.tar.gz, room.tar 중 하나로 정하십시오.".to_owned(),
        ),
        Wrong::BundleAddress(address) => {
            ("주소가 아니라 파일을 지정해야 합니다".to_owned(), format!("먼저 내려받으십시오: curl -O {address}"))
        }
        Wrong::NeedsYes(command) => (
            format!("`{command}` 명령은 먼저 물어보아야 하는데 대답할 사람이 없습니다"),
            "미리 동의하려면 --yes를 붙이십시오.".to_owned(),
        ),
    }
}

/// The particle alone, for a word that stands in quotes before it.
fn particle(word: &str, pair: &str) -> String {
    with_particle(word, pair).split_off(word.len())
}
