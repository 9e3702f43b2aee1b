//! Behind the same address, something else.

use super::scene::{Guest, Resource, Scene, attached, failure, got};
use crate::check::{CheckResult, LabError};
use crate::lab::Lab;
use crate::lab::proxy::Proxy;
use crate::lab::service::Service;
use crate::links::account::{show, status};
use crate::links::create_link;
use crate::text::text;

/// The prefix of schemas that stand aside.
const ASIDE: &str = "aside";

/// Puts another database, and then another partner, behind the address to which the service is connected.
pub async fn failover_same_address(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    // A second database of the same name is a second set of schemas: the service sees no difference.
    exchange(&scene, "first", None).await?;
    scene.system.migrate(&lab).await?;
    exchange(&scene, "second", Some("first")).await?;
    let did = text("started it and made a link", "시작하고 링크를 만듦");
    let service = attached(scene.web(), &did).await?;
    let guest = Guest::arrive(&scene, &service, &did).await?;
    guest.uses(Resource::Database).await?;
    another_database(&scene, &guest, &service).await?;
    another_partner(&scene, &service).await
}

async fn another_database(scene: &Scene, guest: &Guest<'_>, service: &Service) -> CheckResult {
    scene.take_away(Resource::Database).await?;
    exchange(scene, "first", Some("second")).await?;
    scene.bring_back(Resource::Database)?;
    let did = text(
        "cut every connection and put another database behind the same address",
        "모든 연결을 끊고 같은 주소에 다른 데이터베이스를 둠",
    );
    // Nobody's link: the accounts are those of the other database, too.
    let stranger = Guest::unknown(scene, service);
    let create = stranger.create();
    let made = stranger
        .gets(&create)
        .await
        .map_err(|last| stranger.failure("never-came-back", did.clone(), &create, &last))?;
    let answer = show(service, &guest.slug).await;
    if status(&answer) != 404 {
        let expected = text(
            "the link was made in the database that is gone: 404",
            "사라진 데이터베이스에서 만든 링크는 없어야 합니다(404)",
        );
        return Err(failure("still-the-old-one", did, expected, got(&answer), service));
    }
    let slug = made.json()["slug"].as_str().unwrap_or_default().to_owned();
    let show = stranger.show(&slug);
    stranger.gets(&show).await.map(drop).map_err(|last| stranger.failure("never-came-back", did, &show, &last))
}

async fn another_partner(scene: &Scene, service: &Service) -> CheckResult {
    let second = scene.lab.stub().await?;
    let host = format!("{}.example", scene.lab.chance().word(10));
    second.deny(&host);
    scene.partner.retarget(("127.0.0.1".to_owned(), second.port));
    is_cut(&scene.lab, &scene.partner).await?;
    let did = text(
        "cut every connection and put another partner service behind the same address",
        "모든 연결을 끊고 같은 주소에 다른 협력 서비스를 둠",
    );
    let stranger = Guest::unknown(scene, service);
    let create = stranger.create();
    stranger.gets(&create).await.map_err(|last| stranger.failure("never-came-back", did.clone(), &create, &last))?;
    let answer = create_link(service, &format!("https://{host}/{}", scene.lab.chance().word(6))).await;
    if status(&answer) == 422 && !second.calls().is_empty() {
        return Ok(());
    }
    let expected = text("its verdict counts: 422", "이 협력 서비스의 판정을 따라야 합니다(422)");
    Err(failure("still-the-old-one", did, expected, got(&answer), service))
}

/// Until none is left: one may just be being opened.
async fn is_cut(lab: &Lab, proxy: &Proxy) -> CheckResult {
    let cut = || async {
        proxy.cut();
        (proxy.counters().open == 0).then_some(())
    };
    let gone = lab.watch("cut", cut).await;
    Ok(gone.ok_or_else(|| LabError::new("the fault proxy", "its connections are still open"))?)
}

/// Puts the schemas that are in use aside under one name, and those of another name in their place; where there are none
/// yet, an empty database.
async fn exchange(scene: &Scene, aside: &str, back: Option<&str>) -> CheckResult {
    let postgres = scene.system.postgres()?;
    let away = format!("{ASIDE}_{aside}_");
    let renamed = |condition: &str, name: &str| {
        format!(
            "for name in select nspname from pg_namespace where {condition} loop
               execute format('alter schema %I rename to %I', name, {name});
             end loop;"
        )
    };
    let leave = renamed(
        &format!("nspname !~ '^(pg_|{ASIDE}_)' and nspname <> 'information_schema'"),
        &format!("'{away}' || name"),
    );
    let enter = match back {
        Some(back) => {
            let back = format!("{ASIDE}_{back}_");
            renamed(&format!("starts_with(nspname, '{back}')"), &format!("substr(name, {})", back.len() + 1))
        }
        None => "create schema public; grant all on schema public to public;".to_owned(),
    };
    postgres.query(format!("do $$ declare name text; begin {leave} {enter} end $$")).await.map(drop)
}
