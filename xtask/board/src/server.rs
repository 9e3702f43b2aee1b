//! Listening, and ending in order.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use axum::{Router, middleware};
use grader::stop::{self, Signals, Stop, wish};
use tokio::net::TcpListener;

use crate::app::{App, Counts};
use crate::keys::{self, Keys};
use crate::limits::Limits;
use crate::live::Pictures;
use crate::mistakes::Mistakes;
use crate::options::{Options, Task};
use crate::store::{Store, Write};
use crate::{actions, announce, api, connections, guard, health, home, hub, live, load, pages, tasks};

/// Where the board is unless somebody else is there.
const USUAL_PORT: u16 = 15016;

/// The largest body: a hundred events are a third of it.
const LARGEST_BODY: usize = 64 * 1024;

/// Data that nobody asked for any more for a month is deleted.
const KEPT: i64 = 30 * 24 * 60 * 60 * 1000;

/// Serves until it is asked to end, and returns when everything that was accepted is on the disk.
pub async fn serve(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let signals = Signals::notice()?;
    tasks::clear_rehearsal(options);
    load::as_many_connections_as_allowed()?;
    let keys = Keys::new(home::secret(options)?);
    let store = Store::open(&options.database()).await?;
    prepare(&store).await?;
    let listener = listen(options).await?;
    let address = listener.local_addr()?;
    let (stopper, stop) = wish();
    let app = Arc::new(app(options, address, keys, store, stop.clone()).await?);
    announce::board(options, &app, address)?;
    if let Task::Rehearse(attendees) = options.task {
        load::rehearsal::begin(attendees, home::reached_here(address), &app.room().settings.code);
    }
    tokio::spawn(stop::when_asked(signals, options.tied, stopper));
    tokio::select! {
        () = connections::serve(listener, router(Arc::clone(&app)), stop.clone()) => {}
        () = too_late(stop, options.grace) => tracing::warn!("some readers did not take what they were sent"),
    }
    app.store.close().await;
    tracing::info!("ended");
    Ok(())
}

/// A code where there is none yet, and nothing that is too old.
async fn prepare(store: &Store) -> io::Result<()> {
    let busy = |_| io::Error::other("the database takes nothing");
    store.write(Write::Prune { before: hub::now() - KEPT }).await.map_err(busy)?;
    let room = store.room(&crate::room::Room::default()).await.map_err(io::Error::other)?;
    // A code that ends within the hour would end in the middle of somebody's way in.
    if room.settings.code.is_empty() || room.settings.code_end < hub::now() + 60 * 60 * 1000 {
        let code = if room.settings.code.is_empty() { keys::join_code()? } else { room.settings.code };
        store.write(Write::Code { code, end: hub::now() + actions::CODE_HOLDS }).await.map_err(busy)?;
    }
    Ok(())
}

async fn app(options: &Options, address: SocketAddr, keys: Keys, store: Store, stop: Stop) -> Result<App, sqlx::Error> {
    Ok(App {
        room: hub::follow(store.clone(), stop.clone()).await?,
        store,
        keys,
        limits: Limits::default(),
        counts: Counts::default(),
        pictures: Pictures::default(),
        mistakes: Mistakes::read(&options.workshop),
        url: options.url.clone().unwrap_or_else(|| home::url(address)),
        book: options.book.clone(),
        stop,
    })
}

async fn listen(options: &Options) -> io::Result<TcpListener> {
    let at = |port| TcpListener::bind((options.listen, port));
    match (options.port, at(options.port.unwrap_or(USUAL_PORT)).await) {
        (None, Err(error)) if error.kind() == ErrorKind::AddrInUse => at(0).await,
        (_, listener) => listener,
    }
}

/// Everything that can be asked for.
fn router(app: Arc<App>) -> Router {
    let programs = Router::new()
        .route("/api/v1/join", post(api::join))
        .route("/api/v1/events", post(api::events))
        .route("/api/v1/news", get(api::news))
        .route("/api/v1/ticket", post(api::ticket))
        .route("/api/v1/me", delete(api::leave));
    let attendees = Router::new()
        .route("/", get(pages::public::welcome))
        .route("/join/{code}", get(pages::public::invitation))
        .route("/me", get(pages::mine::page))
        .route("/me/hand", post(pages::mine::raise))
        .route("/me/sign-in", get(pages::public::ticket).post(pages::public::sign_in_attendee))
        .route("/stream/me", get(live::me));
    let others = Router::new()
        .route("/board.css", get(pages::style))
        .route("/board.js", get(pages::script))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(async |guard::Wished(lang): guard::Wished| pages::missing(lang));
    programs
        .merge(attendees)
        .merge(instructors())
        .merge(others)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn(guard::around))
        .with_state(app)
}

/// What only the instructor can ask for: each handler takes an [`guard::Instructor`].
fn instructors() -> Router<Arc<App>> {
    Router::new()
        .route("/instructor", get(pages::public::instructor).post(pages::public::sign_in_instructor))
        .route("/room", get(pages::room::page))
        .route("/projector", get(pages::projector::page))
        .route("/attendees/{id}", get(pages::attendee::page))
        .route("/mistakes/{factor}/{check}/{reason}", get(pages::attendee::mistake))
        .route("/report", get(pages::report::page))
        .route("/report.csv", get(pages::report::csv))
        .route("/stream/room", get(live::room))
        .route("/stream/projector", get(live::projector))
        .route("/pace", post(actions::pace))
        .route("/announcements", post(actions::announce))
        .route("/solutions", post(actions::open_solution))
        .route("/door", post(actions::door))
        .route("/capacity", post(actions::capacity))
        .route("/attendees/{id}/hand", post(actions::hand_done))
        .route("/attendees/{id}/remove", post(actions::remove))
        .route("/forget", post(actions::forget))
}

async fn too_late(mut stop: Stop, grace: Duration) {
    stop.asked().await;
    tokio::time::sleep(grace).await;
}
