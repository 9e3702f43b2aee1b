//! One file per command.

pub mod bench;
pub mod book;
pub mod check;
pub mod diff;
pub mod doctor;
pub mod help;
pub mod hint;
pub mod list;
pub mod mutant;
pub mod overview;
pub mod prove;
pub mod reset;
pub mod solution;
pub mod start;
pub mod test;
pub mod tidy;
