//! The log: a file in the folder in which the service runs, so that everybody knows where to look.

use std::fs::{File, OpenOptions, create_dir_all};
use std::io::{self, BufWriter, Write};
use std::sync::Mutex;

// TODO(factor 11): the disk is full, or the machine is gone. Who rotates, ships and deletes this file?
pub struct Log {
    file: Mutex<BufWriter<File>>,
}

impl Log {
    pub fn open() -> io::Result<Self> {
        create_dir_all("logs")?;
        let file = OpenOptions::new().create(true).append(true).open("logs/links.log")?;
        // Disks are slow, so it is written in large pieces.
        // TODO(factor 11): the process is killed. Which lines would tell you why, and where are they?
        Ok(Self { file: Mutex::new(BufWriter::with_capacity(64 * 1024, file)) })
    }

    // TODO(factor 11): at three in the morning you read this line. When was that, and is it bad? `LOG_LEVEL` is not read at all.
    pub fn line(&self, message: &str) {
        let mut file = self.file.lock().expect("nobody panics while writing");
        writeln!(file, "{message}").expect("there is room on the disk");
    }
}
