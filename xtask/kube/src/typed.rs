//! Is an object what its kind allows? Strictly: unknown fields, wrong types and missing fields, each with its line.

use grader::text::{Text, text};
use k8s_openapi::Resource;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::node::{Place, Step, Value};
use crate::object::Object;

mod kinds;
mod required;

/// What is wrong with one object.
pub struct Wrong {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// Where.
    pub place: Place,
    /// What.
    pub what: Text,
}

/// One kind that is known.
pub struct Kind {
    api: &'static str,
    kind: &'static str,
    check: fn(&Json) -> Report,
}

/// What reading JSON into the type of a kind tells.
#[derive(Default)]
pub struct Report {
    unknown: Vec<Vec<Step>>,
    wrong: Option<(Vec<Step>, String)>,
}

/// How well an object is known.
pub enum Known {
    /// Its type was compared; what is wrong is listed.
    Compared(Vec<Wrong>),
    /// A custom resource: only its cluster knows what is allowed.
    Custom,
}

/// Compares an object with the type of its kind.
pub fn compare(object: &Object) -> Known {
    let kind = kinds::KINDS.iter().find(|known| known.kind == object.kind && known.api == object.api);
    let Some(kind) = kind else {
        return if is_custom(object) { Known::Custom } else { Known::Compared(vec![no_such_kind(object)]) };
    };
    let (report, octal) = checked(kind, object);
    let mut wrong: Vec<Wrong> = report.unknown.iter().map(|steps| unknown_field(object, steps)).collect();
    wrong.extend(report.wrong.map(|(steps, why)| wrong_type(object, &steps, &why)));
    wrong.extend(required::missing(object));
    ambiguous(object, &octal, &mut wrong);
    Known::Compared(wrong)
}

/// What the kind says, and the places of words such as `0755` that are numbers for it: kubectl reads them so too.
fn checked(kind: &Kind, object: &Object) -> (Report, Vec<Place>) {
    let (mut json, mut octal) = (object.node.json(), Vec::new());
    loop {
        let report = (kind.check)(&json);
        let number = report.wrong.as_ref().and_then(|(steps, _)| octal_number(object, steps, &mut json));
        match number {
            Some(place) => octal.push(place),
            None => return (report, octal),
        }
    }
}

/// Puts the number of an unquoted `0755` where a number is expected; its place, if there was one.
fn octal_number(object: &Object, steps: &[Step], json: &mut Json) -> Option<Place> {
    let node = object.node.at_steps(steps)?;
    let Value::String { text, ambiguous: true } = &node.value else { return None };
    let number = i64::from_str_radix(text.strip_prefix('0')?, 8).ok()?;
    let pointer: String = steps.iter().map(|step| format!("/{}", pointer_of(step))).collect();
    let place = json.pointer_mut(&pointer).filter(|place| place.is_string())?;
    *place = number.into();
    Some(node.place)
}

fn pointer_of(step: &Step) -> String {
    match step {
        Step::Key(key) => key.replace('~', "~0").replace('/', "~1"),
        Step::Index(index) => index.to_string(),
    }
}

/// Groups of Kubernetes itself have no dot or end in `k8s.io`; of the latter, projects beside Kubernetes have some too.
fn is_custom(object: &Object) -> bool {
    let ours = |group: &str| kinds::KINDS.iter().any(|kind| kind.api.split('/').next() == Some(group));
    object.group().contains('.') && !ours(object.group()) || kinds::LEFT_OUT.contains(&object.group())
}

fn no_such_kind(object: &Object) -> Wrong {
    let (api, kind) = (&object.api, &object.kind);
    let right = kinds::KINDS.iter().find(|known| known.kind == kind.as_str()).map(|known| known.api);
    let what = match right {
        Some(right) => text(
            format!("`{kind}` is no kind of `{api}`: write `apiVersion: {right}`"),
            format!("`{api}`에는 `{kind}` 종류가 없습니다. `apiVersion: {right}`로 쓰십시오"),
        ),
        None => text(
            format!("`{kind}` is no kind of `{api}`, which is a group of Kubernetes itself"),
            format!("`{api}`는 Kubernetes 자체의 그룹이며 `{kind}` 종류가 없습니다"),
        ),
    };
    Wrong { rule: "known-kinds", place: object.node.place("kind"), what }
}

fn unknown_field(object: &Object, steps: &[Step]) -> Wrong {
    let path = written(steps);
    let what = text(format!("there is no field `{path}`"), format!("`{path}` 필드는 없습니다"));
    Wrong { rule: "known-fields", place: object.node.place_of(steps), what }
}

fn wrong_type(object: &Object, steps: &[Step], why: &str) -> Wrong {
    let path = written(steps);
    let what = text(format!("`{path}`: {why}"), format!("`{path}` 값의 타입이 틀렸습니다: {why}"));
    Wrong { rule: "right-types", place: object.node.place_of(steps), what }
}

/// Unquoted words in places where a text is expected.
fn ambiguous(object: &Object, octal: &[Place], wrong: &mut Vec<Wrong>) {
    object.node.walk(&mut |node| {
        let Value::String { text: word, ambiguous: true } = &node.value else { return };
        if octal.contains(&node.place) {
            return;
        }
        let what = text(
            format!("kubectl does not read `{word}` as a text: write \"{word}\" in quotes"),
            format!("kubectl은 `{word}` 값을 문자열로 읽지 않습니다. 따옴표를 붙여 \"{word}\" 형태로 쓰십시오"),
        );
        wrong.push(Wrong { rule: "quoted-words", place: node.place, what });
    });
}

/// `spec.containers[0].image`.
pub fn written(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => path.push_str(&format!(".{key}")),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// The row of a kind.
const fn kind<T: Resource + DeserializeOwned>() -> Kind {
    Kind { api: T::API_VERSION, kind: T::KIND, check: report::<T> }
}

fn report<T: DeserializeOwned>(json: &Json) -> Report {
    let mut report = Report::default();
    let mut unknown = Vec::new();
    let mut ignored = |path: serde_ignored::Path| unknown.push(steps(&path));
    let strict = serde_ignored::Deserializer::new(json, &mut ignored);
    let read: Result<T, _> = serde_path_to_error::deserialize(strict);
    if let Err(error) = read {
        let steps = error.path().iter().filter_map(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => Some(Step::Index(*index)),
            serde_path_to_error::Segment::Map { key } => Some(Step::Key(key.clone())),
            _ => None,
        });
        report.wrong = Some((steps.collect(), error.inner().to_string()));
    }
    report.unknown = unknown;
    report
}

fn steps(path: &serde_ignored::Path) -> Vec<Step> {
    use serde_ignored::Path;
    let (parent, step) = match path {
        Path::Root => return Vec::new(),
        Path::Seq { parent, index } => (parent, Some(Step::Index(*index))),
        Path::Map { parent, key } => (parent, Some(Step::Key(key.clone()))),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => (parent, None),
    };
    let mut all = steps(parent);
    all.extend(step);
    all
}
