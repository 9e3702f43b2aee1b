//! `list`: the factors, their checks and where they stand.

use grader::check::Tier;
use grader::factors::{FACTORS, Factor};
use grader::outcome::ExitCode;
use serde_json::json;

use super::overview::{known, padded_title, state};
use crate::progress::Progress;
use crate::session::Session;
use crate::trouble::Trouble;

/// Shows one line per factor and, where there is an exercise, one per check.
pub fn run(session: &mut Session, as_json: bool) -> Result<ExitCode, Trouble> {
    let progress = known(session)?;
    if as_json {
        let factors: Vec<_> = FACTORS.iter().map(|factor| as_value(factor, &progress)).collect();
        session.say(json!({ "format_version": 1, "factors": factors }))?;
        return Ok(ExitCode::Passed);
    }
    for factor in &FACTORS {
        show(session, factor, &progress)?;
    }
    Ok(ExitCode::Passed)
}

fn show(session: &mut Session, factor: &Factor, progress: &Progress) -> Result<(), Trouble> {
    let messages = session.messages();
    let words = messages.state(state(factor, progress));
    let title = padded_title(session, factor);
    session.say(format!("{:<9}  {title}  {words}", factor.id()))?;
    for check in factor.checks() {
        let tier = messages.tier(check.tier);
        let fact = check.fact.get(session.lang);
        session.say(format!("    {}  {} ({tier})", check.id, fact))?;
    }
    Ok(())
}

fn as_value(factor: &Factor, progress: &Progress) -> serde_json::Value {
    let known = progress.factor(factor);
    let checks: Vec<_> = factor
        .checks()
        .iter()
        .map(|check| {
            let fact = json!({ "en": check.fact.en, "ko": check.fact.ko });
            json!({ "check": format!("{}/{}", factor.id(), check.id), "tier": tier(check.tier), "fact": fact, "reasons": check.reasons })
        })
        .collect();
    json!({
        "factor": factor.id(),
        "slug": factor.slug,
        "title": { "en": factor.title.en, "ko": factor.title.ko },
        "has_exercise": factor.exercise.is_some(),
        "standing": known.standing,
        "core_passed": known.core_passed,
        "solution": known.solution,
        "checks": checks,
    })
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Core => "core",
        Tier::Full => "full",
        Tier::Extra => "extra",
    }
}
