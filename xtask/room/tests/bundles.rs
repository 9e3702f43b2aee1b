//! Bundles there and back, and bundles that somebody damaged or made up.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use room::manifest::Plan;
use room::pack::{pack, partial};
use room::unpack::unpack;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

const CONTENT: &[u8] = b"the crate";
/// A hash that nothing here has.
const HASH: &str = "20a03b81b63c59c5d9a33d9a3bb8f8d9f1b9f10fb9eb6d4e2c6e4c5d4aef4f0b";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Packs two files, one of them large enough for several blocks.
    fn packed(&self, name: &str) -> PathBuf {
        fs::write(self.path("a"), CONTENT).unwrap();
        fs::write(self.path("b"), vec![7; 300_000]).unwrap();
        let (file, plan) = (self.path(name), self.plan());
        pack(&file, plan).unwrap();
        assert!(!partial(&file).exists());
        file
    }

    fn plan(&self) -> Plan {
        let files = json!([
            { "name": "crates/a-1.0.0.crate", "path": self.path("a") },
            { "name": "book/ko/index.html", "path": self.path("b") },
        ]);
        serde_json::from_value(json!({ "about": { "platform": "linux" }, "files": files })).unwrap()
    }

    /// Unpacks into a folder of its own; the refusal's English words if there is one.
    fn unpacked(&self, file: &Path) -> Result<PathBuf, String> {
        let into = self.path("into");
        let _ = fs::remove_dir_all(&into);
        fs::create_dir(&into).unwrap();
        unpack(file, &into, &[]).map(|()| into).map_err(|trouble| trouble.what.en)
    }

    #[track_caller]
    fn refuses(&self, archive: &Made, part: &str) {
        let file = self.path("hostile.tar");
        fs::write(&file, &archive.0).unwrap();
        let why = self.unpacked(&file).unwrap_err();
        assert!(why.contains(part), "{why}");
        let outside: Vec<_> = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(outside.iter().all(|name| name == "into" || name == "hostile.tar"), "{outside:?}");
    }
}

/// An archive made by hand.
struct Made(Vec<u8>);

impl Made {
    /// The list, and whatever `members` append.
    fn listing(files: Value, members: impl FnOnce(&mut Builder<&mut Vec<u8>>)) -> Self {
        let list = json!({ "format_version": 1, "about": {}, "files": files }).to_string();
        Self::new(list.as_bytes(), members)
    }

    fn new(list: &[u8], members: impl FnOnce(&mut Builder<&mut Vec<u8>>)) -> Self {
        let mut bytes = Vec::new();
        let mut builder = Builder::new(&mut bytes);
        builder.append(&header("manifest.json", EntryType::Regular, list.len()), list).unwrap();
        members(&mut builder);
        builder.finish().unwrap();
        drop(builder);
        Self(bytes)
    }
}

/// A header with any name: the library itself would refuse some of them.
fn header(name: &str, kind: EntryType, bytes: usize) -> Header {
    let mut header = Header::new_ustar();
    header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes as u64);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

fn member(name: &str, bytes: usize) -> Value {
    json!({ "name": name, "bytes": bytes, "sha256": HASH })
}

#[test]
fn what_was_packed_comes_out_again_in_each_form() {
    for name in ["room.tar.zst", "room.tar.gz", "room.tar"] {
        let folder = Folder::new();
        let into = folder.unpacked(&folder.packed(name)).unwrap();
        assert_eq!(fs::read(into.join("crates/a-1.0.0.crate")).unwrap(), CONTENT);
        assert_eq!(fs::read(into.join("book/ko/index.html")).unwrap(), vec![7; 300_000]);
        let list: Value = serde_json::from_slice(&fs::read(into.join("manifest.json")).unwrap()).unwrap();
        assert_eq!(list["about"]["platform"], "linux");
    }
}

#[test]
fn what_is_not_wanted_is_checked_and_left_out() {
    let folder = Folder::new();
    let file = folder.packed("room.tar");
    let into = folder.path("into");
    fs::create_dir(&into).unwrap();
    unpack(&file, &into, &["book/".to_owned()]).unwrap();
    assert!(into.join("crates/a-1.0.0.crate").exists() && !into.join("book").exists());
}

#[test]
fn a_single_changed_byte_is_noticed_wherever_it_is() {
    let folder = Folder::new();
    let whole = fs::read(folder.packed("room.tar")).unwrap();
    let damaged = folder.path("damaged.tar");
    // The list, a header's name, its sum, the first content, the large one; not the padding, which nobody reads.
    for at in [600, whole.len() - 1024 - 200_000, whole.len() - 1024 - 302_000] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&damaged, bytes).unwrap();
        assert!(folder.unpacked(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    for name in ["room.tar.zst", "room.tar.gz", "room.tar"] {
        let folder = Folder::new();
        let whole = fs::read(folder.packed(name)).unwrap();
        for keep in [0, 10, whole.len() / 2, whole.len() - if name == "room.tar" { 1025 } else { 4 }] {
            let cut = folder.path("cut");
            fs::write(&cut, &whole[..keep]).unwrap();
            let why = folder.unpacked(&cut).expect_err(&format!("{name}, {keep} bytes"));
            assert!(why.contains("no sound bundle"), "{why}");
        }
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let folder = Folder::new();
    for name in ["../evil", "/tmp/evil", "crates/../../evil", ".cargo/config.toml", "crates/a\nb"] {
        let archive = Made::listing(json!([member(name, 9)]), |tar| {
            tar.append(&header(name, EntryType::Regular, 9), CONTENT).unwrap();
        });
        folder.refuses(&archive, "does not belong there");
    }
}

#[test]
fn a_member_that_the_list_does_not_name_is_refused() {
    let folder = Folder::new();
    let other = |tar: &mut Builder<&mut Vec<u8>>| {
        tar.append(&header("crates/other.crate", EntryType::Regular, 9), CONTENT).unwrap();
    };
    folder.refuses(&Made::listing(json!([]), other), "more in it than its list says");
    folder.refuses(&Made::listing(json!([member("crates/a.crate", 9)]), other), "does not belong there");
    folder.refuses(&Made::listing(json!([member("crates/a.crate", 9)]), |_| {}), "missing");
}

#[test]
fn links_and_devices_are_refused() {
    let folder = Folder::new();
    let kinds = [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Fifo, EntryType::Directory];
    for kind in kinds.into_iter().chain([EntryType::GNULongName, EntryType::XHeader, EntryType::GNUSparse]) {
        let archive = Made::listing(json!([member("crates/a.crate", 0)]), |tar| {
            let mut header = header("crates/a.crate", kind, 0);
            header.as_ustar_mut().unwrap().linkname[..11].copy_from_slice(b"/etc/passwd");
            header.set_cksum();
            tar.append(&header, &[][..]).unwrap();
        });
        folder.refuses(&archive, "no sound bundle");
    }
}

#[test]
fn content_of_another_size_or_hash_is_refused() {
    let folder = Folder::new();
    let with = |listed: usize| {
        Made::listing(json!([member("crates/a.crate", listed)]), |tar| {
            tar.append(&header("crates/a.crate", EntryType::Regular, 9), CONTENT).unwrap();
        })
    };
    folder.refuses(&with(9), "not what the list says");
    folder.refuses(&with(8), "not what the list says");
}

#[test]
fn one_name_twice_is_refused_in_any_case() {
    let folder = Folder::new();
    let twice = json!([member("crates/a.crate", 9), member("crates/A.crate", 9)]);
    folder.refuses(&Made::listing(twice, |_| {}), "does not belong there");
}

#[test]
fn a_list_of_another_kind_is_refused() {
    let folder = Folder::new();
    folder.refuses(&Made::new(b"{}", |_| {}), "list cannot be read");
    folder.refuses(&Made::new(b"\xff", |_| {}), "list cannot be read");
    let newer = json!({ "format_version": 2, "about": {}, "files": [] }).to_string();
    folder.refuses(&Made::new(newer.as_bytes(), |_| {}), "format 2");
    folder.refuses(&Made(vec![0; 1024]), "empty");
    folder.refuses(&Made(b"not an archive at all".repeat(100)), "no sound bundle");
}

#[test]
fn more_than_the_disk_holds_is_refused_before_it_is_tried() {
    let folder = Folder::new();
    let huge = json!([{ "name": "images/all.tar", "bytes": u64::MAX, "sha256": HASH },
        { "name": "images/more.tar", "bytes": u64::MAX, "sha256": HASH }]);
    folder.refuses(&Made::listing(huge, |_| {}), "not enough space");
}

#[test]
fn a_file_with_another_hash_than_it_must_have_is_not_packed() {
    let folder = Folder::new();
    folder.packed("room.tar");
    let mut plan = folder.plan();
    plan.files[0].sha256 = Some(HASH.to_owned());
    let why = pack(&folder.path("other.tar"), plan).unwrap_err();
    assert!(why.what.en.contains("damaged") && !folder.path("other.tar").exists(), "{why:?}");
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing() {
    let folder = Folder::new();
    folder.packed("room.tar");
    let target = folder.path("no/such/room.tar");
    let why = pack(&target, folder.plan()).unwrap_err();
    assert!(why.what.en.contains("cannot write") && why.what.en.contains("No such file"), "{why:?}");
    let why = pack(&folder.path("room.zip"), folder.plan()).unwrap_err();
    assert!(why.help.en.contains("room.tar.zst"), "{why:?}");
}

#[test]
fn an_interrupted_packing_leaves_nothing() {
    let folder = Folder::new();
    // A pipe that nobody fills: packing hangs while it reads, like a slow disk.
    let fifo = folder.path("slow");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let plan = json!({ "about": {}, "files": [{ "name": "start.sh", "path": fifo }] });
    let file = folder.path("room.tar");
    fs::write(partial(&file), "half").unwrap();
    let mut room = Command::new(env!("CARGO_BIN_EXE_workshop-room"));
    let mut room = room.arg("pack").arg(&file).stdin(Stdio::piped()).spawn().unwrap();
    room.stdin.take().unwrap().write_all(plan.to_string().as_bytes()).unwrap();
    // Who opens the other end has met the reader: from now on it reads, and the signals are noticed.
    let _writer = fs::File::options().write(true).open(&fifo).unwrap();
    assert!(Command::new("kill").args(["-INT", &room.id().to_string()]).status().unwrap().success());
    assert_eq!(room.wait().unwrap().code(), Some(130));
    assert!(!file.exists() && !partial(&file).exists());
}
