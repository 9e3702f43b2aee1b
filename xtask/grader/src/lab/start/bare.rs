//! A file tree for one program: its release, the shared libraries that the program itself names, and nothing else.

use std::path::Path;

use supervisor::protocol::Root;

use crate::check::{CheckResult, LabError, Missing};
use crate::lab::Lab;
use crate::lab::ground::Ground;
use crate::text::text;

/// The root of a service that starts `program` of `release`.
///
/// # Errors
///
/// UNGRADED for a program that is no part of its release, and in a container, whose libraries are not this machine's.
pub(super) fn root(lab: &Lab, release: &Path, program: &Path) -> CheckResult<Root> {
    if !program.starts_with(release) || is_script(program)? {
        return Err(brings_no_program().into());
    }
    if !matches!(lab.bench.ground, Ground::Machine) {
        return Err(in_a_container().into());
    }
    let libraries = supervisor::shared_libraries(program)
        .map_err(|error| LabError::new(format!("cannot tell the libraries of {}", program.display()), error))?;
    let others = libraries.into_iter().filter(|library| !library.starts_with(release));
    Ok(Root::Bare { files: others.chain([release.to_owned()]).collect() })
}

/// A script is run by a program that its first line names.
fn is_script(program: &Path) -> Result<bool, LabError> {
    use std::io::Read;
    let mut begin = Vec::new();
    match std::fs::File::open(program).and_then(|file| file.take(2).read_to_end(&mut begin)) {
        Ok(_) => Ok(begin == b"#!"),
        // Whoever starts it will say so better.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(LabError::new(format!("cannot read {}", program.display()), error)),
    }
}

fn brings_no_program() -> Missing {
    Missing {
        what: text(
            "a release with a program of its own: this one is run by an interpreter that is no part of it",
            "자체 프로그램이 들어 있는 릴리즈: 이 서비스는 릴리즈에 없는 인터프리터로 실행됩니다",
        ),
        fix: text(
            "only its image can show that it brings everything: see `image-is-self-contained`",
            "필요한 것이 모두 있는지는 이미지로만 확인할 수 있습니다. `image-is-self-contained` 검사를 보십시오",
        ),
    }
}

fn in_a_container() -> Missing {
    Missing {
        what: text("a bare file tree inside a container", "컨테이너 안에 만드는 빈 파일 시스템"),
        fix: text("leave out `--in container`", "`--in container`를 빼고 실행하십시오"),
    }
}
