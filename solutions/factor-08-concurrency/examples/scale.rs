//! Measures what the chapter shows: previews per second with more jobs at once in one process, and with more processes.
//!
//! It plays a partner that needs 50 ms for each title. `DATABASE_URL` names an empty database of your own; its tables are
//! emptied again and again.
//!
//! ```sh
//! cargo build --package solution-08-concurrency
//! DATABASE_URL=postgres://links:local@localhost/scale cargo run --package solution-08-concurrency --example scale
//! ```
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// How long the partner thinks.
const PARTNER: Duration = Duration::from_millis(50);
/// How many jobs each job in progress is followed by: about a second of work.
const ROUNDS: usize = 20;
/// The best of so many measurements is shown: other work on the machine makes it slower, and nothing makes it faster.
const MEASUREMENTS: usize = 4;

/// Titles that the partner has given.
static GIVEN: AtomicUsize = AtomicUsize::new(0);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let screen = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, Router::new().route("/v1/previews", post(title))).await });
    let program = std::env::current_exe()?.with_file_name("").join("../solution-08-concurrency");
    let database = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let lab = Lab { program, screen, database };
    lab.start("migrate", 1)?.0.wait()?;
    println!("processes  jobs at once in each  previews per second  memory, MB");
    for jobs in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
        lab.measure(1, jobs).await?;
    }
    for processes in [2, 4, 8, 16, 32, 64] {
        lab.measure(processes, 1).await?;
    }
    for processes in [2, 4, 8] {
        lab.measure(processes, 32).await?;
    }
    Ok(())
}

async fn title() -> Json<serde_json::Value> {
    sleep(PARTNER).await;
    GIVEN.fetch_add(1, Ordering::Relaxed);
    Json(json!({ "title": "A title" }))
}

/// A process that ends with this value, however that comes about.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

struct Lab {
    program: PathBuf,
    screen: String,
    database: PgPool,
}

impl Lab {
    async fn measure(&self, processes: usize, jobs: usize) -> Result<(), Box<dyn Error>> {
        let mut workers = Vec::new();
        for _ in 0..processes {
            workers.push(self.start("worker", jobs)?);
        }
        let mut best = 0.0_f64;
        for _ in 0..MEASUREMENTS {
            best = best.max(self.rate(processes * jobs * ROUNDS).await?);
        }
        let memory: usize = workers.iter().map(|worker| memory(worker.0.id())).sum();
        println!("{processes:9}  {jobs:20}  {best:19.0}  {:10.0}", memory as f64 / 1000.0);
        Ok(())
    }

    /// One thread per process, as many languages have it: what one process can do then ends at one core.
    fn start(&self, process: &str, jobs: usize) -> Result<Process, Box<dyn Error>> {
        let mut command = Command::new(&self.program);
        command.arg(process).env("SCREEN_URL", &self.screen).env("SCREEN_API_KEY", "local");
        command.env("WORKER_CONCURRENCY", jobs.to_string()).env("TOKIO_WORKER_THREADS", "1");
        Ok(Process(command.stdout(Stdio::null()).spawn()?))
    }

    /// Previews per second while `jobs` jobs are worked off.
    async fn rate(&self, jobs: usize) -> Result<f64, Box<dyn Error>> {
        sqlx::query("TRUNCATE jobs, links").execute(&self.database).await?;
        let links = "INSERT INTO links (slug, prefix, target) \
                     SELECT n, 'l', 'https://example.com/' || n FROM generate_series(1, $1) n";
        let mut transaction = self.database.begin().await?;
        sqlx::query(links).bind(i32::try_from(jobs)?).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO jobs (slug) SELECT slug FROM links").execute(&mut *transaction).await?;
        let (before, began) = (GIVEN.load(Ordering::Relaxed), Instant::now());
        transaction.commit().await?;
        while GIVEN.load(Ordering::Relaxed) < before + jobs {
            sleep(Duration::from_millis(1)).await;
        }
        let rate = jobs as f64 / began.elapsed().as_secs_f64();
        // The last titles are still on their way into the database.
        while sqlx::query("SELECT FROM jobs LIMIT 1").fetch_optional(&self.database).await?.is_some() {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(rate)
    }
}

/// The memory of a process in kB, where what processes share is divided among them; 0 where the system does not tell.
fn memory(process: u32) -> usize {
    let table = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = table.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
