//! From a folder, a file, standard input or a program's output to the objects of each environment.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use grader::text::{Text, text};

use crate::finding::Found;
use crate::limits;
use crate::node::{Node, Place};
use crate::object::Object;
use crate::set::Set;
use crate::yaml;

pub mod helm;
pub mod kustomize;
pub mod program;

/// All that was read.
#[derive(Default)]
pub struct Input {
    /// The files, as a person would write them.
    pub files: Vec<String>,
    /// The environments.
    pub sets: Vec<Set>,
    /// What is wrong although it could be read.
    pub found: Vec<Found>,
    /// What could not be read; then nothing else counts.
    pub unreadable: Vec<(Place, Text)>,
    known: HashMap<PathBuf, Vec<Node>>,
    bytes: usize,
    documents: usize,
}

/// Why there is nothing to judge, beside files that cannot be read.
pub enum Stop {
    /// What is wrong with what was asked for.
    Refused(Text),
    /// A program is missing; the second text is the command that helps.
    Missing(Text, &'static str),
}

impl Input {
    /// Reads what `path` names: a file, a folder, or `-` for standard input.
    pub fn read(path: &Path) -> Result<Self, Stop> {
        let mut input = Self::default();
        if path == Path::new("-") {
            let mut words = Vec::new();
            let limit = limits::BYTES as u64 + 1;
            std::io::stdin().lock().take(limit).read_to_end(&mut words).map_err(|error| refused("-", &error))?;
            input.rendered("(stdin)", words);
        } else if path.is_file() {
            let nodes = input.file(path);
            input.plain(shown(path), nodes);
        } else if path.is_dir() {
            input.folder(path)?;
        } else {
            let why = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(refused(&shown(path), &why));
        }
        Ok(input)
    }

    /// Takes the output of a program that renders.
    pub fn rendered(&mut self, name: &str, words: Vec<u8>) {
        let nodes = self.words(name.to_owned(), words);
        self.plain(name.to_owned(), nodes);
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Stop> {
        if folder.join("Chart.yaml").is_file() {
            return Err(Stop::Refused(helm::chart(&shown(folder))));
        }
        if kustomize::file(folder).is_some() {
            return kustomize::read(self, folder);
        }
        let overlays = kustomize::overlays(folder);
        if !overlays.is_empty() {
            return overlays.iter().try_for_each(|overlay| kustomize::read(self, overlay));
        }
        let mut files = Vec::new();
        walk(folder, &mut files, 0).map_err(|error| refused(&shown(folder), &error))?;
        if files.len() > limits::FILES {
            let (at, most) = (shown(folder), limits::FILES);
            return Err(Stop::Refused(text(
                format!("{at} has more than {most} files: name the folder of the manifests"),
                format!("{at} 폴더에 파일이 {most}개보다 많습니다. 매니페스트가 있는 폴더를 지정하십시오"),
            )));
        }
        let nodes = files.iter().flat_map(|file| self.file(file)).collect();
        self.plain(shown(folder), nodes);
        Ok(())
    }

    /// The documents of a file, read once.
    pub fn file(&mut self, path: &Path) -> Vec<Node> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let name = shown(path);
        let size = fs::metadata(path).map_or(0, |about| usize::try_from(about.len()).unwrap_or(usize::MAX));
        if self.bytes.saturating_add(size) > limits::BYTES {
            self.too_large(name);
            return Vec::new();
        }
        let nodes = match fs::read(path) {
            Ok(words) => self.words(name, words),
            Err(error) => {
                let place = self.add_file(name);
                let why = error.to_string();
                self.unreadable
                    .push((place, text(format!("cannot be read: {why}"), format!("읽을 수 없습니다: {why}"))));
                Vec::new()
            }
        };
        self.known.insert(path.to_owned(), nodes.clone());
        nodes
    }

    fn words(&mut self, name: String, words: Vec<u8>) -> Vec<Node> {
        self.bytes += words.len();
        if self.bytes > limits::BYTES {
            self.too_large(name);
            return Vec::new();
        }
        let place = self.add_file(name);
        let words = match String::from_utf8(words) {
            Ok(words) => words,
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
                self.unreadable.push((Place { line, ..place }, text("is not UTF-8", "UTF-8이 아닙니다")));
                return Vec::new();
            }
        };
        self.parse(&words, place)
    }

    fn parse(&mut self, words: &str, place: Place) -> Vec<Node> {
        let words = words.strip_prefix('\u{feff}').unwrap_or(words);
        // Tabs may indent JSON, and never stand inside its texts.
        let json = words.trim_start().starts_with(['{', '[']).then(|| words.replace('\t', " "));
        match yaml::read(json.as_deref().unwrap_or(words), place.file) {
            Ok(read) => {
                self.found.extend(read.duplicates.into_iter().map(|(place, name)| Found::duplicate(place, &name)));
                self.documents += read.documents.len();
                if self.documents > limits::DOCUMENTS {
                    let most = limits::DOCUMENTS;
                    let why = text(
                        format!("brings more than {most} documents together with the files before it"),
                        format!("앞의 파일과 합쳐 문서가 {most}개보다 많습니다"),
                    );
                    self.unreadable.push((place, why));
                    return Vec::new();
                }
                read.documents
            }
            Err(error) => {
                let why = helm::instead_of(words, error.line).unwrap_or(error.why);
                self.unreadable.push((Place { line: error.line, ..place }, why));
                Vec::new()
            }
        }
    }

    fn too_large(&mut self, name: String) {
        let (place, most) = (self.add_file(name), limits::BYTES >> 20);
        let why = text(
            format!("brings more than {most} MiB together with the files before it"),
            format!("앞의 파일과 합쳐 {most} MiB보다 큽니다"),
        );
        self.unreadable.push((place, why));
    }

    fn add_file(&mut self, name: String) -> Place {
        self.files.push(name);
        Place { file: self.files.len() - 1, line: 0 }
    }

    /// Makes an environment of documents that are applied as they are.
    fn plain(&mut self, name: String, nodes: Vec<Node>) {
        let objects = self.objects(nodes);
        self.sets.push(Set::new(name, objects, None));
    }

    /// The objects that documents are; a `List` holds several.
    pub fn objects(&mut self, nodes: Vec<Node>) -> Vec<Object> {
        let mut objects = Vec::new();
        for node in nodes {
            let items = node.get("items").filter(|_| node.str("kind").is_some_and(|kind| kind.ends_with("List")));
            match items {
                Some(items) => items.items().iter().for_each(|item| self.object(item.clone(), &mut objects)),
                None => self.object(node, &mut objects),
            }
        }
        objects
    }

    fn object(&mut self, node: Node, objects: &mut Vec<Object>) {
        let place = node.place;
        if let Some(why) = helm::left_in(&node) {
            self.unreadable.push((place, why));
        } else if let Some(object) = Object::from(node) {
            objects.push(object);
        } else {
            let why = text(
                "holds a document without `apiVersion` and `kind`: that is no object of Kubernetes",
                "`apiVersion`과 `kind`가 없는 문서가 있습니다. Kubernetes 오브젝트가 아닙니다",
            );
            self.unreadable.push((place, why));
        }
    }
}

/// A refusal with the machine's reason.
pub fn refused(what: &str, why: &std::io::Error) -> Stop {
    Stop::Refused(text(format!("{what} cannot be read: {why}"), format!("{what}: 읽을 수 없습니다({why})")))
}

/// `path` as a person would write it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}

/// Files that hold manifests, sorted. Hidden folders hold somebody else's, and links may lead in circles.
fn walk(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) -> std::io::Result<()> {
    let mut inside = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    inside.sort_by_key(fs::DirEntry::file_name);
    for entry in inside {
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let name = name.to_string_lossy();
        let hidden = name.starts_with('.') || ["node_modules", "target", "vendor"].contains(&&*name);
        if kind.is_dir() && !hidden && depth < limits::BASES && files.len() <= limits::FILES {
            walk(&entry.path(), files, depth + 1)?;
        } else if is_manifest(&name) && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_manifest(name: &str) -> bool {
    let compose = ["compose.", "docker-compose."].iter().any(|prefix| name.starts_with(prefix));
    !compose && !name.starts_with('.') && [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end))
}
