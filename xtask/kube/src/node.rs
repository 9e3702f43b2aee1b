//! A value of YAML or JSON that knows where it stands.

use serde_json::{Map, Number};

/// A file, by its number in the list of files, and a line in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Which file.
    pub file: usize,
    /// Counted from 1; 0 is the file as a whole.
    pub line: usize,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// Any number.
    Number(Number),
    /// Text. `ambiguous` is a word that older readers of YAML take for something else.
    String {
        /// The text.
        text: String,
        /// An unquoted `yes`, `0123` or `1_000`.
        ambiguous: bool,
    },
    /// Values in order.
    List(Vec<Node>),
    /// Values with names, in order.
    Map(Vec<Entry>),
}

/// One value of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub key: String,
    /// Where the name stands.
    pub place: Place,
    /// The value.
    pub value: Node,
}

/// One step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a map.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl Node {
    /// A text that no file holds.
    pub fn text_at(place: Place, text: impl Into<String>) -> Self {
        Self { place, value: Value::String { text: text.into(), ambiguous: false } }
    }

    /// The value of a name, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value at the end of a path such as `spec.template.metadata`; no name in it has a dot.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The text at the end of a path.
    pub fn str(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The whole number at the end of a path.
    pub fn int(&self, path: &str) -> Option<i64> {
        match &self.at(path)?.value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The yes or no at the end of a path.
    pub fn bool(&self, path: &str) -> Option<bool> {
        match self.at(path)?.value {
            Value::Bool(is) => Some(is),
            _ => None,
        }
    }

    /// The list at the end of a path; an absent one is empty.
    pub fn list(&self, path: &str) -> &[Node] {
        self.at(path).map_or(&[], Node::items)
    }

    /// The map at the end of a path; an absent one is empty.
    pub fn map(&self, path: &str) -> &[Entry] {
        self.at(path).map_or(&[], Node::entries)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The values of a list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The values of a map.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The values of a map that is going to be changed; whatever was here before, it is a map afterwards.
    pub fn entries_mut(&mut self) -> &mut Vec<Entry> {
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Vec::new());
        }
        match &mut self.value {
            Value::Map(entries) => entries,
            _ => unreachable!("it was made a map"),
        }
    }

    /// The value of a name, if this is a map that has it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Map(entries) => entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value),
            _ => None,
        }
    }

    /// Sets the value of a name.
    pub fn set(&mut self, key: &str, value: Node) {
        match self.get_mut(key) {
            Some(known) => *known = value,
            None => self.entries_mut().push(Entry { key: key.to_owned(), place: value.place, value }),
        }
    }

    /// What a path leads to.
    pub fn at_steps(&self, steps: &[Step]) -> Option<&Node> {
        steps.iter().try_fold(self, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.items().get(*index),
        })
    }

    /// The place of what a path leads to, or of the last value on the way that is there. A name's place, where there is one.
    pub fn place_of(&self, steps: &[Step]) -> Place {
        let mut node = self;
        let mut place = self.place;
        for step in steps {
            let next = match step {
                Step::Key(key) => {
                    node.entries().iter().find(|entry| entry.key == *key).map(|entry| (entry.place, &entry.value))
                }
                Step::Index(index) => node.items().get(*index).map(|item| (item.place, item)),
            };
            let Some((at, inner)) = next else { break };
            (place, node) = (at, inner);
        }
        place
    }

    /// The place of what a path such as `spec.type` leads to, or of the last value on the way that is there.
    pub fn place(&self, path: &str) -> Place {
        let steps: Vec<Step> = path.split('.').map(|key| Step::Key(key.to_owned())).collect();
        self.place_of(&steps)
    }

    /// The same value as JSON.
    pub fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(is) => (*is).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String { text, .. } => text.as_str().into(),
            Value::List(items) => items.iter().map(Node::json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.json())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// Calls `visit` with this value and with all values in it.
    pub fn walk<'n>(&'n self, visit: &mut impl FnMut(&'n Node)) {
        visit(self);
        self.items().iter().for_each(|item| item.walk(visit));
        self.entries().iter().for_each(|entry| entry.value.walk(visit));
    }
}
