//! `links worker`: makes previews, one job after the other.

use reqwest::Client;
use serde_json::json;
use tokio::time::sleep;

use crate::config::{ScreenConfig, WorkerConfig};
use crate::http::{ask, client};
use crate::store::{Job, Store};

// TODO(factor 9): the platform sends SIGTERM while a call is under way. Where is the job then, and who does it next?
pub async fn work(config: WorkerConfig) {
    let store = Store::attach(&config.database);
    let client = client(&config.screen);
    println!("worker started; a lease would last {:?}", config.lease);
    loop {
        match store.pop().await {
            Ok(Some(job)) => make_preview(&store, &client, &config.screen, job).await,
            Ok(None) => sleep(config.poll).await,
            Err(why) => {
                println!("no job: {why}");
                sleep(config.poll).await;
            }
        }
    }
}

async fn make_preview(store: &Store, client: &Client, screen: &ScreenConfig, job: Job) {
    // TODO(factor 9): how does the partner recognise that it has made this preview before?
    let key = format!("{:032x}", fastrand::u128(..));
    let answer = ask(client, screen, "previews", Some(&key), json!({ "target": job.target })).await;
    let stored = match answer.as_ref().map(|answer| answer["title"].as_str()) {
        Ok(Some(title)) => store.finish(&job, title).await,
        _ => store.push(&job.slug).await,
    };
    if let Err(why) = stored {
        println!("the preview of {} is lost: {why}", job.slug);
    }
}
