//! Why a bundle was not packed or unpacked, in both languages.

use std::fmt::Display;
use std::path::Path;

use grader::text::{Text, text, with_particle};

/// A sentence that says what is wrong and one that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub what: Text,
    /// What to do about it.
    pub help: Text,
}

impl Trouble {
    /// A trouble in both languages.
    pub fn new(what: Text, help: Text) -> Self {
        Self { what, help }
    }

    /// The file is damaged, or somebody has made it who meant no good: there is no telling which.
    pub fn refused(en: impl Display, ko: impl Display) -> Self {
        Self::new(
            text(format!("this is no sound bundle: {en}"), format!("올바른 꾸러미 파일이 아닙니다: {ko}")),
            text(
                "Copy it once more, and compare its size with the original. Nothing of it was used.",
                "원본과 크기를 비교하고 다시 복사하십시오. 이 파일의 내용은 아무것도 쓰지 않았습니다.",
            ),
        )
    }

    /// A file that cannot be read.
    pub fn reading(path: &Path, cause: impl Display) -> Self {
        let shown = path.display().to_string();
        Self::new(
            text(format!("cannot read {shown}: {cause}"), format!("{} 읽을 수 없습니다: {cause}", object(&shown))),
            text("Look whether it exists and may be read.", "파일이 있는지, 읽을 권한이 있는지 확인하십시오."),
        )
    }

    /// A file that cannot be written; a full disk is the usual reason.
    pub fn writing(path: &Path, cause: impl Display) -> Self {
        let shown = path.display().to_string();
        Self::new(
            text(format!("cannot write {shown}: {cause}"), format!("{} 저장할 수 없습니다: {cause}", object(&shown))),
            text(
                "Free some space there, or name a folder that may be written. No half file was left.",
                "공간을 비우거나 쓸 수 있는 다른 폴더를 지정하십시오. 쓰다 만 파일은 남기지 않았습니다.",
            ),
        )
    }
}

fn object(name: &str) -> String {
    with_particle(name, "을/를")
}
