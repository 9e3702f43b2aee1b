//! Something that breaks a rule.

use grader::text::{Text, text};

use crate::node::Place;
use crate::object::Object;

/// What a rule found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule.
    pub rule: &'static str,
    /// Where.
    pub place: Place,
    /// Such as `Deployment/links-web`; empty where it is about no single object.
    pub object: String,
    /// What is wrong there.
    pub what: Text,
}

impl Found {
    /// Something about an object. The rule's name is added by whoever ran it.
    pub fn new(object: &Object, place: Place, what: Text) -> Self {
        Self { rule: "", place, object: object.id(), what }
    }

    /// A name that stands twice in one map.
    pub fn duplicate(place: Place, name: &str) -> Self {
        let what = text(
            format!("`{name}` stands twice in one map, and only the last one counts"),
            format!("`{name}` 키가 한 맵에 두 번 나옵니다. 마지막 값만 남습니다"),
        );
        Self { rule: "keys-once", place, object: String::new(), what }
    }
}
