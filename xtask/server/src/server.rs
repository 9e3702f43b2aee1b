//! Listening, saying where, and ending in order.

use std::io::{self, ErrorKind, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Router, middleware};
use grader::stop::{self, Signals, Stop, wish};
use tokio::net::TcpListener;

use crate::options::Options;
use crate::runs::Runs;
use crate::site::Books;
use crate::{api, browser, guard, messages, reload, room, site};

/// Where the books are unless somebody else is there: a browser keeps a reader's choices per address.
const USUAL_PORT: u16 = 15015;

/// What readers still get after the last run has ended. A browser's idle connection must not keep the server alive.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Serves until it is asked to end, and returns when nothing of any run is left.
pub async fn serve(options: &Options) -> io::Result<()> {
    let signals = Signals::notice()?;
    let listener = listen(options.port).await?;
    let port = listener.local_addr()?.port();
    let (stopper, stop) = wish();
    let runs = Arc::new(Runs::new(options.xtask.clone(), stop.clone()));
    let app = app(
        Arc::clone(&runs),
        Books { folder: options.books.clone(), lang: options.lang },
        options.xtask.clone(),
        port,
        &stop,
    );
    announce(options, port)?;
    tokio::spawn(stop::when_asked(signals, options.tied, stopper));
    let readers_left = axum::serve(listener, app).with_graceful_shutdown(asked(stop.clone()));
    tokio::select! {
        ended = readers_left => ended?,
        () = nothing_left(stop, &runs, options.lang) => {}
    }
    runs.all_ended().await;
    Ok(())
}

/// On this machine alone: a run builds and starts what lies in the workshop's folder.
async fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    let at = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match (port, at(port.unwrap_or(USUAL_PORT)).await) {
        (None, Err(error)) if error.kind() == ErrorKind::AddrInUse => at(0).await,
        (_, listener) => listener,
    }
}

fn app(runs: Arc<Runs>, books: Books, xtask: PathBuf, port: u16, stop: &Stop) -> Router {
    let books = Arc::new(books);
    let api = Router::new()
        .route("/api/checks/{factor}", get(api::latest))
        .route("/api/checks/{factor}/runs", post(api::start))
        .route("/api/runs/{run}/events", get(api::events))
        .with_state(runs);
    let reload = Router::new()
        .route("/api/reload", get(reload::rebuilt))
        .with_state(reload::Watched::new(&books.folder, stop.clone()));
    let room = Router::new().route("/api/room", get(room::news)).with_state(Arc::new(room::Heard::new(xtask)));
    let site = Router::new().fallback(get(site::page)).with_state(books);
    site.merge(api)
        .merge(reload)
        .merge(room)
        .layer(middleware::from_fn_with_state(guard::Door { port }, guard::only_from_here))
}

fn announce(options: &Options, port: u16) -> io::Result<()> {
    let words = messages(options.lang);
    let url = format!("http://localhost:{port}/");
    let mut out = io::stdout();
    writeln!(out, "{}", words.serving(&url))?;
    if !options.books.join("en/index.html").exists() {
        writeln!(out, "{}", words.not_built(site::BUILD))?;
    }
    writeln!(out, "{}", words.how_to_stop())?;
    out.flush()?;
    if options.open && !browser::open(&url) {
        writeln!(out, "{}", words.no_browser())?;
    }
    Ok(())
}

async fn asked(mut stop: Stop) {
    stop.asked().await;
}

/// Waits for the wish to end, for the runs, and for what their readers have yet to receive.
async fn nothing_left(mut stop: Stop, runs: &Runs, lang: grader::text::Lang) {
    stop.asked().await;
    if runs.any_going() {
        // Nobody may be reading any more; the end comes all the same.
        let _ = writeln!(io::stdout(), "{}", messages(lang).stopping());
    }
    runs.all_ended().await;
    tokio::time::sleep(LAST_WORDS).await;
}
