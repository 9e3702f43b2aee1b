//! Rules of Kubernetes itself.

use std::collections::HashMap;

use grader::text::{Words, text};

use super::{Context, Level, Rule};
use crate::finding::Found;

/// In the order in which a report names them.
pub static KUBERNETES: &[Rule] = &[
    Rule {
        id: "known-kinds",
        factors: &[],
        level: Level::Required,
        fact: Words {
            en: "Every kind exists in the API version that is named",
            ko: "모든 종류가 지정한 API 버전에 있습니다",
        },
        fix: Words { en: "Correct `apiVersion` or `kind`.", ko: "`apiVersion`이나 `kind` 값을 고치십시오." },
        run: known_kinds,
    },
    Rule {
        id: "known-fields",
        factors: &[],
        level: Level::Required,
        fact: Words { en: "Every field exists", ko: "모든 필드가 실제로 있는 필드입니다" },
        fix: Words {
            en: "Look for a slip in the name, or for a wrong indentation.",
            ko: "이름에 오타가 있는지, 들여쓰기가 맞는지 보십시오.",
        },
        run: known_fields,
    },
    Rule {
        id: "right-types",
        factors: &[],
        level: Level::Required,
        fact: Words {
            en: "Every value has the type of its field", ko: "모든 값의 타입이 필드와 맞습니다"
        },
        fix: Words {
            en: "A number or a truth in a ConfigMap, a label or `env` needs quotes.",
            ko: "ConfigMap, 레이블, `env`에 쓴 수나 참/거짓 값은 따옴표로 감싸십시오.",
        },
        run: right_types,
    },
    Rule {
        id: "required-fields",
        factors: &[],
        level: Level::Required,
        fact: Words {
            en: "What the API server requires is there", ko: "API 서버가 요구하는 필드가 모두 있습니다"
        },
        fix: Words { en: "Add the field.", ko: "필드를 더하십시오." },
        run: required_fields,
    },
    Rule {
        id: "quoted-words",
        factors: &[],
        level: Level::Required,
        fact: Words {
            en: "Words that kubectl would read as something else are quoted",
            ko: "kubectl이 다르게 읽을 단어에는 따옴표가 있습니다",
        },
        fix: Words { en: "Put the word in quotes.", ko: "단어를 따옴표로 감싸십시오." },
        run: quoted_words,
    },
    Rule {
        id: "keys-once",
        factors: &[],
        level: Level::Required,
        fact: Words {
            en: "No key stands twice in one map", ko: "한 맵에 같은 키가 두 번 나오지 않습니다"
        },
        fix: Words { en: "Remove one of them.", ko: "하나를 지우십시오." },
        run: keys_once,
    },
    Rule {
        id: "names-once",
        factors: &[],
        level: Level::Required,
        fact: Words {
            en: "No two objects have the same kind and name",
            ko: "종류와 이름이 모두 같은 오브젝트는 없습니다",
        },
        fix: Words {
            en: "Rename or remove one of them: the later one would overwrite the other.",
            ko: "하나의 이름을 바꾸거나 지우십시오. 나중 것이 앞의 것을 덮어씁니다.",
        },
        run: names_once,
    },
];

/// What comparing with the types found for one rule.
fn of(context: &Context, rule: &str) -> Vec<Found> {
    context.typed.iter().filter(|found| found.rule == rule).cloned().collect()
}

/// Objects of one kind and namespace have different names.
fn names_once(context: &Context) -> Vec<Found> {
    let mut seen = HashMap::new();
    let mut all = Vec::new();
    for object in &context.set.objects {
        let key = (object.group(), &object.kind, object.space(), &object.name);
        if let Some(first) = seen.insert(key, object.place()) {
            let line = first.line;
            let what = text(
                format!("another object of this kind and name stands in line {line} of the same or another file"),
                format!("같은 종류, 같은 이름의 오브젝트가 이미 있습니다({line}번째 줄, 같은 파일이거나 다른 파일)"),
            );
            all.push(Found::new(object, object.place(), what));
        }
    }
    all.retain(|found| !found.object.ends_with('*'));
    all
}

/// Every kind exists in the version that is named.
fn known_kinds(context: &Context) -> Vec<Found> {
    of(context, "known-kinds")
}

/// Every field exists.
fn known_fields(context: &Context) -> Vec<Found> {
    of(context, "known-fields")
}

/// Every value is of the field's type.
fn right_types(context: &Context) -> Vec<Found> {
    of(context, "right-types")
}

/// What the API server requires is there.
fn required_fields(context: &Context) -> Vec<Found> {
    of(context, "required-fields")
}

/// Words that kubectl reads differently are quoted.
fn quoted_words(context: &Context) -> Vec<Found> {
    of(context, "quoted-words")
}

/// Found while reading; nothing is left to look for.
fn keys_once(_: &Context) -> Vec<Found> {
    Vec::new()
}
