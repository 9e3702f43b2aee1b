//! Draws what a dashboard shows for three mistakes, from real runs: the exercise as it was delivered next to the reference.
//!
//! It plays the partner, the platform that asks `/healthz`, the monitoring system that asks `/metrics`, and a scanner.
//! `DATABASE_URL` names an empty database of your own. The pictures go to standard output, in both languages, the numbers too.
//!
//! ```sh
//! cargo build --package factor-13-telemetry --package solution-13-telemetry
//! DATABASE_URL=postgres://links:local@localhost/links cargo run --package solution-13-telemetry --example dashboard
//! ```
#![expect(clippy::print_stdout, reason = "it prints pictures")]

use std::error::Error;
use std::fmt::Write;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep, sleep_until};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Whether the partner has an outage.
static FAILING: AtomicBool = AtomicBool::new(false);

/// The two services: what people write first, and the reference.
const PROGRAMS: [&str; 2] = ["factor-13-telemetry", "solution-13-telemetry"];

#[tokio::main]
async fn main() -> Result<()> {
    let partner = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let screen = format!("http://{}", partner.local_addr()?);
    tokio::spawn(async { axum::serve(partner, Router::new().route("/v1/verdicts", post(verdict))).await });
    let lab = Lab { screen, client: Client::builder().no_proxy().timeout(Duration::from_millis(500)).build()? };
    lab.series().await?;
    lab.outage().await?;
    lab.restarts().await
}

async fn verdict() -> (StatusCode, Json<Value>) {
    let status = if FAILING.load(Ordering::Relaxed) { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    (status, Json(json!({ "verdict": "allow", "reason": "none" })))
}

struct Lab {
    screen: String,
    client: Client,
}

/// A process that ends with this value.
struct Web {
    child: Child,
    url: String,
}

impl Drop for Web {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Lab {
    /// A scanner visits paths that do not exist; how many time series are there afterwards?
    async fn series(&self) -> Result<()> {
        let mut lines = Vec::new();
        for program in PROGRAMS {
            self.fresh(program).await?;
            let web = self.start(program).await?;
            let mut line = Vec::new();
            for visited in 0..=1000 {
                if visited % 100 == 0 {
                    line.push(self.page(&web).await?.lines().filter(|line| !line.starts_with('#')).count() as f64);
                }
                self.client.get(format!("{}/{:08x}", web.url, fastrand::u32(..))).send().await?;
            }
            lines.push(line);
        }
        draw(
            ["Time series after a scan", "스캐너가 다녀간 뒤의 시계열"],
            ["paths visited, 0 to 1,000", "요청한 경로, 0에서 1,000까지"],
            ["time series", "시계열 수"],
            &lines,
        )
    }

    /// The partner fails for a while; what do all answers look like, and what those that count as successes?
    async fn outage(&self) -> Result<()> {
        self.fresh(PROGRAMS[1]).await?;
        let web = self.start(PROGRAMS[1]).await?;
        let (mut good, mut all) = (Vec::new(), Vec::new());
        let mut before = [0.0; 2];
        for look in 0..30 {
            FAILING.store((10..20).contains(&look), Ordering::Relaxed);
            for _ in 0..fastrand::usize(16..24) {
                let target = format!("https://{:08x}.example/", fastrand::u32(..));
                self.client.post(format!("{}/v1/links", web.url)).json(&json!({ "target": target })).send().await?;
            }
            let now = [
                counted(&self.page(&web).await?, "status=\"201\""),
                counted(&self.page(&web).await?, "method=\"POST\""),
            ];
            good.push(now[0] - before[0]);
            all.push(now[1] - before[1]);
            before = now;
        }
        draw(
            [
                "Requests between two looks, with an outage of the partner",
                "협력 서비스 장애 전후, 수집할 때마다 늘어난 요청 수",
            ],
            ["looks, 0 to 30; the outage is from 10 to 20", "수집 횟수 0~30, 장애는 10~20"],
            ["requests", "요청 수"],
            &[good, all],
        )
    }

    /// The tables are locked for a while, as a migration does. The platform asks four processes every 100 ms and starts anew
    /// whichever has not said 200 three times in a row; how often?
    async fn restarts(&self) -> Result<()> {
        let mut lines = Vec::new();
        for program in PROGRAMS {
            let mut database = self.fresh(program).await?;
            let mut all = Vec::new();
            for _ in 0..4 {
                all.push((self.start(program).await?, 0));
            }
            let (mut restarts, mut line) = (0.0, Vec::new());
            let began = Instant::now();
            for look in 0..100 {
                sleep_until(began + Duration::from_millis(100) * look).await;
                let order = match look {
                    20 => "BEGIN; LOCK TABLE links, jobs",
                    70 => "COMMIT",
                    _ => "",
                };
                sqlx::raw_sql(order).execute(&mut database).await?;
                for (web, failed) in &mut all {
                    let alive = self.client.get(format!("{}/healthz", web.url)).send().await;
                    *failed = if alive.is_ok_and(|answer| answer.status() == StatusCode::OK) { 0 } else { *failed + 1 };
                    if *failed == 3 {
                        *web = self.start(program).await?;
                        *failed = 0;
                        restarts += 1.0;
                    }
                }
                line.push(restarts);
            }
            lines.push(line);
        }
        draw(
            ["Restarts while the database is busy", "데이터베이스가 바쁠 때 다시 시작한 횟수"],
            ["looks, 0 to 100; the tables are locked from 20 to 70", "확인 횟수 0~100, 테이블 잠금은 20~70"],
            ["restarts", "다시 시작한 횟수"],
            &lines,
        )
    }

    /// Empties the database and has the service bring its schema.
    async fn fresh(&self, program: &str) -> Result<PgConnection> {
        let mut database = PgConnection::connect(&std::env::var("DATABASE_URL")?).await?;
        sqlx::raw_sql("DROP VIEW IF EXISTS shown_links; DROP TABLE IF EXISTS jobs, links")
            .execute(&mut database)
            .await?;
        self.command(program, "migrate", 0)?.wait()?;
        Ok(database)
    }

    /// Starts a service and waits until it listens.
    async fn start(&self, program: &str) -> Result<Web> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let web = Web { child: self.command(program, "web", port)?, url: format!("http://127.0.0.1:{port}") };
        while self.client.get(format!("{}/version", web.url)).send().await.is_err() {
            sleep(Duration::from_millis(5)).await;
        }
        Ok(web)
    }

    fn command(&self, program: &str, process: &str, port: u16) -> Result<Child> {
        let mut command = Command::new(std::env::current_exe()?.with_file_name("").join("..").join(program));
        command.arg(process).env("PORT", port.to_string()).stdout(Stdio::null());
        command.env("SCREEN_URL", &self.screen).env("SCREEN_API_KEY", "local").env("PUBLIC_BASE_URL", "http://l");
        // Nobody waits longer than the platform does.
        Ok(command.env("DB_TIMEOUT_MS", "200").spawn()?)
    }

    async fn page(&self, web: &Web) -> Result<String> {
        Ok(self.client.get(format!("{}/metrics", web.url)).send().await?.text().await?)
    }
}

/// The sum of the requests in whose labels this stands.
fn counted(page: &str, label: &str) -> f64 {
    let lines = page.lines().filter(|line| line.starts_with("http_requests_total") && line.contains(label));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// Some of the numbers, for whoever hears the picture instead of seeing it.
fn told(line: &[f64]) -> String {
    let step = line.len().div_ceil(12);
    line.iter().step_by(step).map(f64::to_string).collect::<Vec<_>>().join(", ")
}

/// Prints a picture in both languages: the first line dashed, the second whole.
fn draw(title: [&str; 2], across: [&str; 2], up: [&str; 2], lines: &[Vec<f64>]) -> Result<()> {
    let top = lines.iter().flatten().fold(1.0_f64, |top, value| top.max(*value));
    for language in 0..2 {
        let name = title[0].split(' ').next().unwrap_or_default().to_lowercase();
        let numbers: Vec<String> = lines.iter().map(|line| told(line)).collect();
        println!(
            "<svg role=\"img\" aria-labelledby=\"{name}-title {name}-desc\" viewBox=\"0 0 560 240\" style=\"display: block; width: 100%; max-width: 38rem; height: auto; margin: 0 auto;\">"
        );
        println!("<title id=\"{name}-title\">{}</title>", title[language]);
        println!("<desc id=\"{name}-desc\">{}</desc>", numbers.join("; "));
        println!("<path d=\"M60 20 L60 200 L540 200\" style=\"stroke: currentColor; fill: none;\"/>");
        for (line, style) in lines.iter().zip(["stroke-dasharray: 7 5;", ""]) {
            let mut points = String::new();
            for (value, number) in line.iter().zip(0_u32..) {
                let x = 60.0 + 480.0 * f64::from(number) / (line.len() - 1) as f64;
                write!(points, "{x:.0},{:.0} ", 200.0 - 180.0 * value / top)?;
            }
            let points = points.trim_end();
            println!(
                "<polyline points=\"{points}\" style=\"stroke: currentColor; stroke-width: 2.5; fill: none; {style}\"/>"
            );
        }
        println!("<g style=\"fill: currentColor; font-size: 13px;\">");
        println!(
            "<text x=\"56\" y=\"25\" style=\"text-anchor: end;\">{top}</text><text x=\"56\" y=\"204\" style=\"text-anchor: end;\">0</text>"
        );
        println!(
            "<text x=\"68\" y=\"16\">{}</text><text x=\"540\" y=\"222\" style=\"text-anchor: end;\">{}</text>",
            up[language], across[language]
        );
        println!("</g>\n</svg>\n");
    }
    Ok(())
}
