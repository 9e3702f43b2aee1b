//! The partner, asked by the grader's own client.

use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::lab::clock::Clock;
use crate::lab::http::{Endpoint, NoReply, Reply};

async fn stub() -> Stub {
    Stub::start(&Timeline::new(&Clock::start()), "title".to_owned()).await.expect("loopback has a free port")
}

async fn ask(stub: &Stub, target: &str) -> Result<Reply, NoReply> {
    let body = json!({ "target": target });
    Endpoint::Port(stub.port).send(Method::POST, "/v1/verdicts", &[("x-mark", "7")], Some(&body)).await
}

fn verdict_of(reply: Result<Reply, NoReply>) -> Value {
    reply.expect("is answered").json()["verdict"].clone()
}

#[tokio::test]
async fn it_denies_denied_hosts_and_records_what_it_was_asked() {
    let stub = stub().await;
    stub.deny("bad.example");
    assert_eq!(verdict_of(ask(&stub, "https://good.example/a").await), "allow");
    assert_eq!(verdict_of(ask(&stub, "https://bad.example:8443/a?b").await), "deny");
    let calls = stub.calls();
    assert_eq!((calls[0].method.as_str(), calls[0].path.as_str()), ("POST", "/v1/verdicts"));
    assert_eq!(calls[0].header("x-mark"), Some("7"));
    assert_eq!(calls[1].json()["target"], "https://bad.example:8443/a?b");
    assert!(calls[0].sequence < calls[1].sequence);
}

#[tokio::test]
async fn held_requests_are_in_flight_until_they_are_released() {
    let stub = stub().await;
    stub.answer(Answer::Hold);
    let asked = async { tokio::join!(ask(&stub, "a"), ask(&stub, "b"), ask(&stub, "c")) };
    let released = async {
        while stub.calls().len() < 3 {
            tokio::task::yield_now().await;
        }
        stub.release();
    };
    let ((one, two, three), ()) = tokio::join!(asked, released);
    assert!([one, two, three].into_iter().all(|reply| verdict_of(reply) == "allow"));
    assert_eq!(stub.peak_in_flight(), 3);
}

#[tokio::test]
async fn a_held_path_holds_nothing_else_and_lets_go_one_by_one() {
    let stub = stub().await;
    stub.hold(PREVIEWS);
    assert_eq!(verdict_of(ask(&stub, "https://a.example/").await), "allow");
    let preview = |target: &'static str| {
        let body = json!({ "target": target });
        let port = stub.port;
        async move { Endpoint::Port(port).send(Method::POST, PREVIEWS, &[], Some(&body)).await }
    };
    let mut one = std::pin::pin!(preview("https://one.example/"));
    let mut two = std::pin::pin!(preview("https://two.example/"));
    let calls = tokio::select! {
        calls = stub.received(PREVIEWS, 2) => calls,
        _ = &mut one => panic!("one is held"),
        _ = &mut two => panic!("two is held"),
    };
    let of = |target: &str| calls.iter().find(|call| call.json()["target"] == target).expect("has arrived").sequence;
    stub.release_call(of("https://two.example/"));
    let released = tokio::select! { reply = &mut two => reply, _ = &mut one => panic!("one is held") };
    assert_eq!(released.expect("is answered").json()["title"], stub.title_of("https://two.example/"));
    stub.release_path(PREVIEWS);
    assert_eq!(one.await.expect("is answered").json()["title"], "title: one.example/");
}

#[tokio::test]
async fn it_can_answer_wrongly_in_every_scripted_way() {
    let stub = stub().await;
    stub.answer(Answer::Status(418));
    assert_eq!(ask(&stub, "a").await.expect("is answered").status, 418);
    stub.answer(Answer::Drip);
    assert_eq!(verdict_of(ask(&stub, "a").await), "allow");
    stub.answer(Answer::Redirect("http://elsewhere.example/".to_owned()));
    let redirect = ask(&stub, "a").await.expect("is answered");
    assert_eq!(
        (redirect.status, &redirect.headers["location"]),
        (307, &"http://elsewhere.example/".parse().expect("is a value"))
    );
    stub.answer(Answer::Huge(1024 * 1024));
    assert_eq!(ask(&stub, "a").await.expect("is answered").body.len(), 1024 * 1024);
    stub.answer(Answer::Garbage);
    assert!(matches!(ask(&stub, "a").await, Err(NoReply::Broken(_))));
}

#[tokio::test]
async fn an_answer_larger_than_the_contract_allows_does_not_fill_the_memory() {
    let stub = stub().await;
    stub.answer(Answer::Huge(5 * 1024 * 1024));
    assert!(matches!(ask(&stub, "a").await, Err(NoReply::Broken(_))));
}

#[tokio::test]
async fn a_body_in_chunks_is_read_whole() {
    let stub = stub().await;
    let mut stream = TcpStream::connect(("127.0.0.1", stub.port)).await.expect("it listens");
    let request = "POST /v1/verdicts HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
                   c\r\n{\"target\": \"\r\n4\r\nhi\"}\r\n0\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).await.expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 200 Sc");
    assert_eq!(stub.calls()[0].json()["target"], "hi");
}

#[tokio::test]
async fn a_stub_that_is_gone_refuses_connections() {
    let stub = stub().await;
    let endpoint = Endpoint::Port(stub.port);
    assert!(endpoint.accepts().await);
    drop(stub);
    while endpoint.accepts().await {
        tokio::task::yield_now().await;
    }
    let refused = endpoint.send(Method::GET, "/", &[], None).await;
    assert!(matches!(refused, Err(NoReply::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn what_it_was_asked_and_told_is_in_the_timeline() {
    let stub = stub().await;
    stub.answer(Answer::Status(500));
    ask(&stub, "https://good.example/").await.expect("is answered");
    let moments = stub.shared.timeline.moments();
    let said: Vec<_> = moments.iter().map(|moment| moment.what.as_str()).collect();
    let name = format!(":{}", stub.port);
    assert_eq!(said, [format!("{name} from now on answers 500"), format!("{name} POST /v1/verdicts -> 500")]);
    assert_eq!(moments.last().map(|moment| moment.sequence), stub.calls().first().map(|call| call.sequence));
}
