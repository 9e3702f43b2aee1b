//! A room without internet, in Korean.

use grader::text::with_particle;

use crate::messages::Note;
use crate::room::megabytes;

/// The sentence.
pub fn tell(note: &Note<'_>) -> String {
    match note {
        Note::Crates { here, missing: 0, bytes, new } => {
            format!("크레이트 {here}개({})가 준비되었습니다. 방금 내려받은 양: {}", megabytes(*bytes), megabytes(*new))
        }
        Note::Crates { here, missing, .. } => format!(
            "크레이트 {here}개가 준비되었고 {missing}개는 내려받지 못했습니다. 네트워크가 없는 곳에서는 이 크레이트를 쓰는 프로그램을 컴파일할 수 없습니다"
        ),
        Note::NoEngine => "응답하는 컨테이너 엔진이 없어 이미지는 건너뜁니다. 컨테이너가 필요한 검사는 UNGRADED가 됩니다. \
             PostgreSQL과 Redis가 설치되어 있지 않으면 데이터베이스가 필요한 검사도 마찬가지입니다."
            .to_owned(),
        Note::Pulling(image) => format!("{image} 이미지를 내려받는 중…"),
        Note::NotPulled { image, why } => format!(
            "{image} 이미지를 내려받지 못했습니다: {why}\n이 이미지가 필요한 검사는 UNGRADED가 됩니다. 다시 시도: docker pull {image}"
        ),
        Note::ImageHere { image, bytes } => format!("{image} 이미지 준비됨({})", megabytes(*bytes)),
        Note::Prefetched { troubled: [], seconds } => {
            format!("모두 준비되었습니다({seconds}초). 이제 워크숍에는 네트워크가 필요 없습니다.")
        }
        Note::Prefetched { troubled, .. } => format!(
            "아직 준비되지 않은 항목: {}. 이유는 위에 있습니다. 다시 실행하면 멈춘 곳부터 이어 갑니다.",
            troubled.join(", ")
        ),
        Note::CompilingPacker => "꾸러미를 만들고 푸는 프로그램을 컴파일합니다. 몇 초 걸립니다.".to_owned(),
        Note::CratesMissing(missing) => format!(
            "크레이트 {missing}개를 내려받지 못해 꾸러미를 만들지 않았습니다. 인터넷이 되는 곳에서: cargo xtask prefetch"
        ),
        Note::CratesOfThisSystem(missing) => format!(
            "크레이트 {missing}개를 내려받지 못했습니다. 다른 운영 체제에만 필요한 것이므로, 이 꾸러미는 지금과 같은 운영 체제에서만 쓸 수 있습니다."
        ),
        Note::NoSource => {
            "이 폴더가 git 저장소가 아니어서 워크숍 자체는 꾸러미에 넣지 못했습니다. 워크숍을 이미 받은 컴퓨터에서만 쓸 수 있습니다.".to_owned()
        }
        Note::Uncommitted(files) => {
            format!("꾸러미에는 마지막 커밋을 넣습니다. 그 뒤에 고친 파일 {files}개의 변경 내용은 들어가지 않습니다.")
        }
        Note::ImageAbsent(image) => {
            format!("{image} 이미지가 이 컴퓨터에 없어 꾸러미에 넣지 못합니다. 내려받으려면: docker pull {image}")
        }
        Note::SavingImages { images, bytes } => format!("이미지 {images}개를 파일로 저장하는 중({})…", megabytes(*bytes)),
        Note::Packing(files) => format!("파일 {files}개를 묶는 중…"),
        Note::Bundled { file } => format!(
            "\n꾸러미를 만들었습니다. 복사하거나, 그 폴더에서 python3 -m http.server 명령으로 강의실에 나누어 주십시오.\n\n\
             워크숍 폴더가 있는 사람:  cargo xtask unbundle {file}\n\
             워크숍 폴더가 없는 사람:  tar -xf {file} start.sh && sh start.sh {file} workshop\n\n\
             Rust, git, C 링커, PostgreSQL과 Redis 프로그램은 들어 있지 않으므로 모두 미리 설치해야 합니다.\n\
             Python과 Node.js 서비스의 패키지도 들어 있지 않습니다."
        ),
        Note::NoPacker { file } => format!(
            "꾸러미를 푸는 프로그램에 필요한 크레이트가 아직 없어 컴파일하지 못했습니다. 다음 명령은 꾸러미만 있으면 됩니다:\n  \
             tar -xf {file} start.sh && sh start.sh {file} ."
        ),
        Note::Unpacking => "꾸러미를 읽으며 모든 파일을 목록과 비교하는 중…".to_owned(),
        Note::MadeOn { platform, made, commit: "" } => format!("만든 곳: {platform}, 만든 때: {made}"),
        Note::MadeOn { platform, made, commit } => format!("만든 곳: {platform}, 만든 때: {made}, 커밋: {commit}"),
        Note::OtherCommit => "이 폴더와 꾸러미의 커밋이 다릅니다. 맞는 것만 가져옵니다.".to_owned(),
        Note::WrongCrate(name) => format!(
            "{} Cargo.lock이 정한 크레이트가 아니어서 아무것도 가져오지 않았습니다. 꾸러미를 다시 만들어 달라고 하거나 다시 복사하십시오.",
            with_particle(name, "은/는")
        ),
        Note::CratesTaken { here, new, of } => format!("크레이트: {of}개 중 {here}개가 꾸러미에 있었고 {new}개를 새로 가져왔습니다"),
        Note::BooksTaken => "책: 준비되었습니다. cargo xtask book --open".to_owned(),
        Note::BooksOfOtherPages => {
            "책: 꾸러미의 책은 다른 원고로 만든 것입니다. `cargo xtask book` 명령이 이 폴더의 책을 만듭니다.".to_owned()
        }
        Note::NoImages => "이미지: 꾸러미에 없습니다".to_owned(),
        Note::ImagesUnused => "이미지: 응답하는 컨테이너 엔진이 없거나 원하지 않아 가져오지 않았습니다. \
             필요하면 엔진을 시작하고 다시 실행하십시오."
            .to_owned(),
        Note::OtherPlatform { images, engine } => format!(
            "이미지: 꾸러미의 이미지는 {images}용이고 이 컴퓨터의 엔진은 {engine}용이라 가져오지 않았습니다. \
             컨테이너가 필요한 검사는 UNGRADED가 됩니다."
        ),
        Note::LoadingImages(names) => format!("이미지: {} 불러오는 중…", names.join(", ")),
        Note::NotLoaded(why) => format!("엔진이 이미지를 불러오지 못했습니다: {why}\n나머지는 모두 가져왔습니다."),
        Note::StillMissing => "Cargo가 아직 무언가를 내려받으려고 합니다. 꾸러미가 다른 버전의 워크숍이나 다른 운영 체제에서 만든 것이거나, \
             Cargo가 다른 레지스트리를 쓰고 있습니다(~/.cargo/config.toml 참고). \
             꾸러미에 들어 있는 워크숍을 쓰십시오: sh start.sh 파일 폴더"
            .to_owned(),
        Note::Unbundled => "이제 이 컴퓨터에서는 무엇이든 네트워크 없이 컴파일할 수 있습니다.".to_owned(),
    }
}
