//! `screen` of factor 14, as a library: what the tests of the pipeline can ask without opening a socket.

pub mod config;
pub mod http;
