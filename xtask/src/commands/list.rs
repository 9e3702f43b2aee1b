//! `list`: how far the attendee is, every factor with its state, time and minutes, and its checks.

use grader::check::Tier;
use grader::factors::Factor;
use grader::outcome::ExitCode;
use grader::report::style::wrap;
use serde_json::json;

use super::overview::known;
use crate::outline::{Look, Row, rows};
use crate::progress::{Progress, now};
use crate::session::Session;
use crate::track::{self, tracks};
use crate::trouble::Trouble;

/// Shows bars, one line per factor, and one per check.
pub fn run(session: &mut Session, as_json: bool) -> Result<ExitCode, Trouble> {
    let progress = known(session)?;
    let rows = rows(&session.workspace, &progress, now());
    if as_json {
        let factors: Vec<_> = rows.iter().map(|row| as_value(row, &progress)).collect();
        session.say(json!({ "format_version": 1, "factors": factors }))?;
        return Ok(ExitCode::Passed);
    }
    let look = session.look();
    for line in bars(&look, &rows) {
        session.say(line)?;
    }
    for row in &rows {
        show(session, &look, row)?;
    }
    let next = track::taught().into_iter().find(|factor| !is_passed(&progress, factor));
    let command = next.map_or("cargo xtask".to_owned(), |factor| format!("cargo xtask watch {}", factor.id()));
    session.say("")?;
    let command = session.style().command(&command);
    session.say(format!("{} {command}", session.messages().next()))?;
    Ok(ExitCode::Passed)
}

/// The factors together and each track, then an empty line.
pub fn bars(look: &Look, rows: &[Row]) -> Vec<String> {
    let tracks = tracks();
    let bars = look.factors(rows).into_iter().chain(tracks.iter().flat_map(|track| look.track(track, rows)));
    bars.chain([String::new()]).collect()
}

fn is_passed(progress: &Progress, factor: &Factor) -> bool {
    progress.factor(factor).standing == Some(crate::progress::Standing::Passed)
}

fn show(session: &mut Session, look: &Look, row: &Row) -> Result<(), Trouble> {
    for line in look.row(row) {
        session.say(line)?;
    }
    for check in row.factor.checks() {
        let tier = session.messages().tier(check.tier);
        session.say(format!("      {} ({tier})", check.id))?;
        for line in wrap(check.fact.get(session.lang), look.width.saturating_sub(8)) {
            session.say(format!("        {}", session.style().faint(&line)))?;
        }
    }
    Ok(())
}

fn as_value(row: &Row, progress: &Progress) -> serde_json::Value {
    let factor = row.factor;
    let known = progress.factor(factor);
    let checks: Vec<_> = factor
        .checks()
        .iter()
        .map(|check| {
            let fact = json!({ "en": check.fact.en, "ko": check.fact.ko });
            json!({ "check": factor.path_of(check.id), "tier": tier(check.tier), "fact": fact, "reasons": check.reasons })
        })
        .collect();
    json!({
        "factor": factor.id(),
        "slug": factor.slug,
        "title": { "en": factor.title.en, "ko": factor.title.ko },
        "standing": known.standing,
        "core_passed": known.core_passed,
        "last_run": known.last_run,
        "minutes": row.minutes,
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
