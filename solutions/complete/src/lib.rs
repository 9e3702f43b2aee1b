//! Everything that `links` and `screen` are made of. `main.rs` says which command does what; read that first, and then
//! whatever it names.
//!
//! | module | what it holds | factors |
//! |---|---|---|
//! | [`config`] | the variables of a deploy | 3 |
//! | [`log`] | events on stdout | 11 |
//! | [`telemetry`] | numbers and traces | 13 |
//! | [`serve`] | a port, a signal, an orderly end | 7, 9 |
//! | [`http`] | the routes of `links`, and who may do what | 4, 6, 15 |
//! | [`store`] | links, jobs and users in PostgreSQL | 4, 6, 8, 10, 15 |
//! | [`sessions`] | sessions in Redis, and guesses at passwords | 6, 15 |
//! | [`mail`] | letters through a mail server | 4 |
//! | [`partner`] | what `links` asks `screen` | 4, 7, 15 |
//! | [`worker`] | previews, job by job | 8, 9 |
//! | [`admin`] | what is done once | 12 |
//! | [`screen`] | the partner itself | 1, 7 |

pub mod admin;
pub mod config;
pub mod http;
pub mod log;
pub mod mail;
pub mod partner;
pub mod screen;
pub mod serve;
pub mod sessions;
pub mod store;
pub mod telemetry;
pub mod worker;

/// The commit that this program was built from. The build knows it; a server has no repository to ask.
pub const COMMIT: &str = env!("COMMIT");
