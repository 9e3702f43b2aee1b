//! Reads YAML, and JSON with it, event by event: every value keeps its line, and nothing that kubectl would refuse or silently
//! change gets through unnoticed.

use std::collections::{HashMap, HashSet};

use grader::text::{Text, text};
use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::limits;
use crate::node::{Entry, Node, Place, Value};

mod scalar;

/// What a text holds: its documents, and what is wrong with them although they can be read.
#[derive(Debug, Default)]
pub struct Read {
    /// The documents that are not empty.
    pub documents: Vec<Node>,
    /// Names that stand twice in one map, in order.
    pub duplicates: Vec<(Place, String)>,
}

/// Why a text cannot be read at all.
#[derive(Debug)]
pub struct Unreadable {
    /// The line, as far as it is known.
    pub line: usize,
    /// In both languages.
    pub why: Text,
}

impl Unreadable {
    /// What is wrong in a line.
    pub fn new(line: usize, why: Text) -> Self {
        Self { line, why }
    }
}

/// Reads all documents of one file.
pub fn read(words: &str, file: usize) -> Result<Read, Unreadable> {
    let mut builder = Builder { file, ..Builder::default() };
    let mut parser = Parser::new_from_str(words);
    let mut line = 1;
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| Unreadable::new(error.marker().line(), not_yaml(error.info())))?;
        line = span.start.line();
        if matches!(event, Event::StreamEnd) {
            break;
        }
        builder.take(event, line)?;
    }
    if builder.open.is_empty() {
        return Ok(builder.read);
    }
    Err(Unreadable::new(line, not_yaml("the text ends too early")))
}

fn not_yaml(why: &str) -> Text {
    text(format!("is no valid YAML: {why}"), format!("올바른 YAML이 아닙니다: {why}"))
}

/// A list or map whose end has not come yet.
struct Open {
    node: Node,
    anchor: usize,
    names: HashSet<String>,
    /// The name whose value comes next.
    name: Option<(String, Place)>,
    /// Whether that name has stood in this map before.
    repeated: bool,
    /// What `<<: *anchor` brings; whatever the map says itself wins.
    merged: Vec<Entry>,
}

#[derive(Default)]
struct Builder {
    file: usize,
    read: Read,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    /// How many values were copied for anchors and aliases.
    copied: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), Unreadable> {
        let place = Place { file: self.file, line };
        match event {
            Event::Scalar(words, style, anchor, tag) => {
                if self.wants_name() {
                    return self.name(&words, style == ScalarStyle::Plain, place);
                }
                let value = scalar::value(&words, style, tag.as_deref()).map_err(|why| Unreadable::new(line, why))?;
                self.add(Node { place, value }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(Value::List(Vec::new()), anchor, place),
            Event::MappingStart(anchor, _) => self.begin(Value::Map(Vec::new()), anchor, place),
            Event::SequenceEnd | Event::MappingEnd => self.end(line),
            Event::Alias(anchor) => self.alias(anchor, place),
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether a name of a map comes next.
    fn wants_name(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.node.value, Value::Map(_)) && open.name.is_none())
    }

    fn name(&mut self, words: &str, plain: bool, place: Place) -> Result<(), Unreadable> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let merge = plain && words == "<<";
        if !merge && !open.names.insert(words.to_owned()) {
            self.read.duplicates.push((place, words.to_owned()));
            open.repeated = true;
        }
        open.name = Some((words.to_owned(), place));
        Ok(())
    }

    fn begin(&mut self, value: Value, anchor: usize, place: Place) -> Result<(), Unreadable> {
        if self.wants_name() {
            let why = text("has a list or a map as the name of a value", "목록이나 맵을 키로 썼습니다");
            return Err(Unreadable::new(place.line, why));
        }
        if self.open.len() >= limits::DEPTH {
            let why = text(
                format!("is nested more than {} levels deep", limits::DEPTH),
                format!("{}단계보다 깊게 중첩되어 있습니다", limits::DEPTH),
            );
            return Err(Unreadable::new(place.line, why));
        }
        let node = Node { place, value };
        self.open.push(Open { node, anchor, names: HashSet::new(), name: None, repeated: false, merged: Vec::new() });
        Ok(())
    }

    fn end(&mut self, line: usize) -> Result<(), Unreadable> {
        let Some(mut done) = self.open.pop() else {
            return Err(Unreadable::new(line, not_yaml("something ends that has not begun")));
        };
        for entry in done.merged {
            if done.names.insert(entry.key.clone()) {
                done.node.entries_mut().push(entry);
            }
        }
        self.add(done.node, done.anchor)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Unreadable> {
        let unknown =
            || Unreadable::new(place.line, text("uses an anchor that is not there", "없는 앵커를 가리킵니다"));
        let (node, size) = self.anchors.get(&anchor).cloned().ok_or_else(unknown)?;
        self.count(size, place)?;
        self.add(node, 0)
    }

    /// Copies of values are counted, since a few lines can ask for billions of them.
    fn count(&mut self, copied: usize, place: Place) -> Result<(), Unreadable> {
        self.copied += copied;
        if self.copied > limits::COPIED {
            let why = text(
                format!("has aliases that expand to more than {} values", limits::COPIED),
                format!("YAML 별칭을 펼치면 값이 {}개보다 많아집니다", limits::COPIED),
            );
            return Err(Unreadable::new(place.line, why));
        }
        Ok(())
    }

    /// A finished value goes into the list or map around it.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Unreadable> {
        if anchor > 0 {
            let mut size = 0;
            node.walk(&mut |_| size += 1);
            self.count(size, node.place)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            if !matches!(node.value, Value::Null) {
                self.read.documents.push(node);
            }
            return Ok(());
        };
        match (&mut open.node.value, open.name.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(_), Some((key, _))) if key == "<<" => {
                let maps = std::iter::once(&node).chain(node.items());
                open.merged.extend(maps.flat_map(|map| map.entries().iter().cloned()));
            }
            (Value::Map(entries), Some((key, place))) => {
                // The last one of a name counts. Names that stand twice are rare, so looking for the first may take long.
                if std::mem::take(&mut open.repeated) {
                    entries.retain(|entry| entry.key != key);
                }
                entries.push(Entry { key, place, value: node });
            }
            _ => {}
        }
        Ok(())
    }
}
