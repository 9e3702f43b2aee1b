//! The reasons for which a request is not answered, ready to be sent.

use std::fmt::Display;

use backing_protocol::Refusal;

/// It should have worked and did not.
pub fn failed(what: impl Display, why: impl Display) -> Refusal {
    Refusal::Failed { why: format!("{what}: {why}") }
}

/// The same, for `map_err`.
pub fn failing<E: Display>(what: impl Display) -> impl FnOnce(E) -> Refusal {
    move |error| failed(what, error)
}

/// What a PostgreSQL error says; the error's own text names only its kind.
pub fn failed_query(what: impl Display, error: &tokio_postgres::Error) -> Refusal {
    match error.as_db_error() {
        Some(answer) => failed(what, answer),
        None => failed(what, source_chain(error)),
    }
}

fn source_chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words = format!("{words}: {cause}");
        next = cause.source();
    }
    words
}

/// The words of a refusal, to be part of another one.
pub fn words(refusal: &Refusal) -> &str {
    match refusal {
        Refusal::Failed { why } => why,
        Refusal::Missing { what, .. } => what,
    }
}
