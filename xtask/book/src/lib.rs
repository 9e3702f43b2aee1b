//! Builds and checks both books of the workshop.
//!
//! # Layout
//!
//! - [`build`] makes the books: mdBook as a library, our [`directives`] before it, [`polish`] after it.
//! - [`project`], [`page`], [`outline`] and [`lines`] read what authors write: pages, headings, quizzes, includes.
//! - [`lint`] finds what breaks a rule: in the sources, between the languages and in the pages as they were built.
//! - [`accept`] and [`lock`] are the freshness of translations: which two sections somebody has read side by side.

pub mod accept;
pub mod build;
pub mod directives;
pub mod html;
pub mod language;
pub mod lines;
pub mod lint;
pub mod lock;
pub mod outline;
pub mod page;
pub mod polish;
pub mod project;
pub mod tracks;
pub mod words;
