//! One mail server exchanged for another.

use super::scene::{Guest, Scene, attached, failure, got};
use crate::check::CheckResult;
use crate::lab::Lab;
use crate::lab::mail::{Letter, Mail};
use crate::lab::service::Service;
use crate::links::account::status;
use crate::text::{Text, text};

/// A letter arrives at the server that is attached, handed in by its user; then at another; and a server that refuses us
/// is not said to have taken it.
pub async fn swap_mail(lab: Lab) -> CheckResult {
    let scene = Scene::new(&lab).await?;
    let (first, second) = (scene.system.mail()?, lab.mail().await?);
    let other = format!("{}@links.example", lab.chance().word(8));
    let did = text("attached a mail server (SMTP_URL) and shared a link", "메일 서버를 연결하고(SMTP_URL) 링크를 공유");
    arrives(&scene, first, &scene.system.mail_from, &did).await?;
    let did = text(
        "attached another mail server (SMTP_URL) with another user, password and MAIL_FROM, and shared a link",
        "사용자와 비밀번호, MAIL_FROM까지 다른 메일 서버를 연결하고(SMTP_URL) 링크를 공유",
    );
    arrives(&scene, &second, &other, &did).await?;
    is_refused(&scene, &second).await
}

async fn arrives(scene: &Scene, mail: &Mail, from: &str, did: &Text) -> CheckResult {
    let service = attached(scene.web().set("SMTP_URL", mail.url()).set("MAIL_FROM", from), did).await?;
    let guest = Guest::arrive(scene, &service, did).await?;
    let friend = guest.friend();
    let share = guest.share(&friend);
    let answer = guest.ask(&share).await;
    if status(&answer) != share.promised {
        return Err(guest.failure("not-attached", did.clone(), &share, &answer));
    }
    let letters = mail.letters();
    let [letter] = letters.as_slice() else {
        return Err(not_one(letters.len(), did.clone(), &service));
    };
    let result = is_right(letter, from, &friend, &guest.short_url);
    service.stop().await;
    result.map_err(|(expected, seen)| failure("wrong-letter", did.clone(), expected, seen, &service))
}

fn not_one(number: usize, did: Text, service: &Service) -> crate::check::Stop {
    let reason = if number == 0 { "answers-without-it" } else { "wrong-letter" };
    let expected = text(
        "whoever is told 202 has one letter on its way",
        "202로 응답했다면 메일 한 통이 서버에 넘어가 있어야 합니다",
    );
    let seen = text(format!("the mail server has {number}"), format!("메일 서버가 받은 메일은 {number}통입니다"));
    failure(reason, did, expected, seen, service)
}

/// `Err` says what was expected and what was seen.
fn is_right(letter: &Letter, from: &str, to: &str, short_url: &str) -> Result<(), (Text, Text)> {
    let both = |en: String| text(en.clone(), en);
    let envelope = |letter: &Letter| format!("MAIL FROM {}, RCPT TO {}", letter.from, letter.to.join(", "));
    if letter.from != from || letter.to != [to] {
        return Err((both(format!("MAIL FROM {from}, RCPT TO {to}")), both(envelope(letter))));
    }
    for (name, address) in [("from", from), ("to", to)] {
        let header = letter.header(name).unwrap_or_default();
        if !header.contains(address) {
            return Err((both(format!("{name}: {address}")), both(format!("{name}: {header}"))));
        }
    }
    if !letter.body.contains(short_url) {
        let expected = text(format!("the text holds {short_url}"), format!("본문에 {short_url} 주소가 있어야 합니다"));
        return Err((expected, both(letter.body.clone())));
    }
    Ok(())
}

/// The server wants another password, and the service must not say that the letter is on its way.
async fn is_refused(scene: &Scene, mail: &Mail) -> CheckResult {
    let did = text(
        "attached a mail server with a wrong password and shared a link",
        "틀린 비밀번호로 메일 서버를 연결하고 링크를 공유",
    );
    let url = mail.url_with("127.0.0.1", &format!("{}x", mail.password()));
    let before = mail.letters().len();
    let service = attached(scene.web().set("SMTP_URL", url), &did).await?;
    let guest = Guest::arrive(scene, &service, &did).await?;
    let answer = guest.ask(&guest.share(&guest.friend())).await;
    if status(&answer) >= 500 && mail.letters().len() == before {
        return Ok(());
    }
    let expected = text("503: nobody has taken the letter", "아무도 메일을 받지 않았으므로 503으로 응답해야 합니다");
    Err(failure("answers-without-it", did, expected, got(&answer), &service))
}
