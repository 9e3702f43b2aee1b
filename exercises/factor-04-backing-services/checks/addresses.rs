//! A resource on this machine is a resource like any other.

use std::net::{IpAddr, Ipv6Addr};

use super::scene::{Guest, Resource, Scene, attached, because, failure};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::addresses::in_the_network;
use crate::lab::service::Service;
use crate::text::{Text, text};

/// The same resources as `127.0.0.1`, as `localhost` and, where there is one, at the machine's address in its network.
pub async fn no_localhost_special_case(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let outside = in_the_network();
    listen_everywhere(&scene, outside)?;
    at(&scene, "127.0.0.1", "not-attached").await?;
    at(&scene, "localhost", "special-case").await?;
    match outside {
        Some(outside) => at(&scene, &outside.to_string(), "special-case").await,
        None => {
            lab.remark(text(
                "this machine has no address but loopback, so none in a network was tried",
                "루프백 말고는 주소가 없는 컴퓨터라서 네트워크 주소로는 시험하지 않았습니다",
            ));
            Ok(())
        }
    }
}

fn listen_everywhere(scene: &Scene, outside: Option<IpAddr>) -> CheckResult {
    for resource in Resource::ALL {
        let proxy = resource.proxy(scene)?;
        if let Some(outside) = outside {
            proxy.also_at(outside)?;
        }
        // Where `localhost` is this one first; a machine without it has no such `localhost`.
        drop(proxy.also_at(Ipv6Addr::LOCALHOST.into()));
    }
    Ok(())
}

async fn at(scene: &Scene, host: &str, reason: &'static str) -> CheckResult {
    let did =
        text(format!("named the host of every resource {host}"), format!("모든 리소스의 호스트를 {host} 값으로 지정"));
    let (postgres, redis, mail) = (scene.system.postgres()?, scene.system.redis()?, scene.system.mail()?);
    let start = scene.web().set("DATABASE_URL", postgres.url_with(host, postgres.credentials()));
    let start = start.set("REDIS_URL", redis.url_at(host)).set("SCREEN_URL", scene.partner_at(host));
    let start = start.set("SMTP_URL", mail.url_with(host, mail.password()));
    let before = (postgres.proxy.startups().len(), redis.proxy.startups().len());
    let service = attached(start, &did).await.map_err(|stop| because(stop, reason))?;
    let guest = Guest::arrive(scene, &service, &did).await.map_err(|stop| because(stop, reason))?;
    for resource in Resource::ALL {
        for ask in guest.needs(resource) {
            guest.friendly(&ask, &did).await.map_err(|stop| because(stop, reason))?;
        }
    }
    says_who_it_is(scene, before, &did, &service, reason)?;
    service.stop().await;
    Ok(())
}

/// Who hands in mail without saying who he is was refused by the server already.
fn says_who_it_is(
    scene: &Scene,
    before: (usize, usize),
    did: &Text,
    service: &Service,
    reason: &'static str,
) -> CheckResult {
    let (postgres, redis) = (scene.system.postgres()?, scene.system.redis()?);
    let user = postgres.proxy.was_told(before.0, "user", &postgres.credentials().user);
    let password = redis.password();
    let authenticated = password.is_empty() || redis.proxy.was_told(before.1, "password", password);
    if user && authenticated {
        return Ok(());
    }
    let expected =
        text("it says who it is, as its handles tell", "핸들에 적힌 사용자와 비밀번호로 자신을 밝혀야 합니다");
    let (en, ko) = if user {
        ("Redis was sent no password", "Redis에 비밀번호를 보내지 않았습니다")
    } else {
        ("PostgreSQL was sent no user", "PostgreSQL에 사용자를 알리지 않았습니다")
    };
    Err(failure(reason, did.clone(), expected, text(en, ko), service))
}
