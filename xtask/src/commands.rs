//! One file per command.

pub mod bench;
pub mod board;
pub mod book;
pub mod bundle;
pub mod check;
pub mod diff;
pub mod doctor;
pub mod hand;
pub mod help;
pub mod hint;
pub mod join;
pub mod list;
pub mod manifests;
pub mod mutant;
pub mod overview;
pub mod prefetch;
pub mod prove;
pub mod rehearse;
pub mod reset;
pub mod solution;
pub mod start;
pub mod steps;
pub mod test;
pub mod tidy;
pub mod unbundle;
pub mod watch;
