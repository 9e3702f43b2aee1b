//! Compression by a program of this machine, chosen by the file's name when it is written and by its first bytes when it is read.
//!
//! No crate does it: a bundle has to be opened before a single crate can be compiled.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use grader::text::text;

use crate::trouble::Trouble;

/// How a bundle is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `.tar.zst`: the smallest.
    Zstd,
    /// `.tar.gz`: every machine can open it.
    Gzip,
    /// `.tar`: as it is.
    Plain,
}

impl Way {
    /// The way that a file's name asks for.
    pub fn of_name(path: &Path) -> Result<Self, Trouble> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ways = [(".tar.zst", Way::Zstd), (".tar.gz", Way::Gzip), (".tar", Way::Plain)];
        let way = ways.iter().find(|(ending, _)| name.len() > ending.len() && name.ends_with(ending));
        way.map(|(_, way)| *way).ok_or_else(|| {
            Trouble::new(
                text(
                    format!("`{name}` does not say how it shall be compressed"),
                    format!("`{name}`만으로는 압축 방식을 알 수 없습니다"),
                ),
                text(
                    "Call it room.tar.zst, room.tar.gz or room.tar.",
                    "이름을 room.tar.zst, room.tar.gz, room.tar 중 하나로 끝나게 하십시오.",
                ),
            )
        })
    }

    /// The way that the first bytes tell.
    fn of_content(file: &mut File) -> io::Result<Self> {
        let mut start = [0; 4];
        let known = match file.read_exact(&mut start) {
            Ok(()) => start,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => [0; 4],
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(0))?;
        Ok(match known {
            [0x28, 0xb5, 0x2f, 0xfd] => Way::Zstd,
            [0x1f, 0x8b, ..] => Way::Gzip,
            _ => Way::Plain,
        })
    }

    /// The program and its words for writing. Three is zstd's own choice; gzip's fastest loses a twentieth and saves half the time.
    fn packing(self) -> Option<Command> {
        let words: &[&str] = match self {
            Way::Zstd => &["zstd", "-q", "-3", "-T0", "-c"],
            Way::Gzip => &["gzip", "-1", "-c"],
            Way::Plain => return None,
        };
        Some(command(words))
    }

    fn unpacking(self) -> Option<Command> {
        let words: &[&str] = match self {
            Way::Zstd => &["zstd", "-q", "-d", "-c"],
            Way::Gzip => &["gzip", "-d", "-c"],
            Way::Plain => return None,
        };
        Some(command(words))
    }
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stderr(Stdio::piped());
    command
}

/// Writes into a file, through the compressor.
pub enum Writer {
    /// As it is.
    Plain(File),
    /// Through a program.
    Through(Child, Option<ChildStdin>),
}

impl Writer {
    /// Begins to write into `file`.
    pub fn start(way: Way, file: File) -> Result<Self, Trouble> {
        let Some(mut program) = way.packing() else { return Ok(Self::Plain(file)) };
        let mut child = program.stdin(Stdio::piped()).stdout(file).spawn().map_err(|error| absent(&program, &error))?;
        let input = child.stdin.take();
        Ok(Self::Through(child, input))
    }

    /// Returns once everything is in the file; a compressor says itself why it was not.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Through(mut child, input) => {
                drop(input);
                ended(&mut child)
            }
        }
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Through(_, Some(input)) => input.write(bytes),
            Self::Through(_, None) => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Self::Plain(file) = self { file.flush() } else { Ok(()) }
    }
}

/// Reads a file, through the program that opens it.
pub enum Reader {
    /// As it is.
    Plain(File),
    /// Through a program.
    Through(Child, Option<ChildStdout>),
}

impl Reader {
    /// Begins to read.
    pub fn start(path: &Path) -> Result<Self, Trouble> {
        let mut file = File::open(path).map_err(|error| Trouble::reading(path, error))?;
        let way = Way::of_content(&mut file).map_err(|error| Trouble::reading(path, error))?;
        let Some(mut program) = way.unpacking() else { return Ok(Self::Plain(file)) };
        let mut child = program.stdin(file).stdout(Stdio::piped()).spawn().map_err(|error| absent(&program, &error))?;
        let output = child.stdout.take();
        Ok(Self::Through(child, output))
    }

    /// Reads what is left, and says whether the file was whole: the compressed forms end with a sum of their own.
    pub fn finish(mut self) -> io::Result<()> {
        io::copy(&mut self, &mut io::sink())?;
        if let Self::Through(child, _) = &mut self { ended(child) } else { Ok(()) }
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Through(_, Some(output)) => output.read(buffer),
            Self::Through(_, None) => Ok(0),
        }
    }
}

impl Drop for Reader {
    /// A file that was refused half-way leaves no program behind.
    fn drop(&mut self) {
        if let Self::Through(child, output) = self {
            drop(output.take());
            let _ = child.wait();
        }
    }
}

fn ended(child: &mut Child) -> io::Result<()> {
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        errors.read_to_string(&mut said)?;
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{} ({status})", said.trim()))) }
}

fn absent(program: &Command, error: &io::Error) -> Trouble {
    let name = program.get_program().to_string_lossy().into_owned();
    Trouble::new(
        text(format!("cannot run {name}: {error}"), format!("{name} 프로그램을 실행할 수 없습니다: {error}")),
        text(
            format!(
                "Install it (sudo apt-get install {name}, brew install {name}), or use a bundle that is called room.tar.gz."
            ),
            format!(
                "설치하거나(sudo apt-get install {name}, brew install {name}) 이름이 room.tar.gz인 꾸러미를 쓰십시오."
            ),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_how_it_is_compressed() {
        let way = |name: &str| Way::of_name(Path::new(name)).ok();
        assert_eq!(way("/media/stick/room.tar.zst"), Some(Way::Zstd));
        assert_eq!(way("room.tar.gz"), Some(Way::Gzip));
        assert_eq!(way("room.tar"), Some(Way::Plain));
        for name in ["room.zip", "room", ".tar", "/media/stick"] {
            assert_eq!(way(name), None, "{name}");
        }
    }
}
