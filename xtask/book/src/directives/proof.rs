//! `{{#proof}}`: what the last full proof of every factor saw, from `book/proof.json`: checks against services, with reasons and times.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use grader::factors::{FACTORS, Factor};
use grader::prove::record::{CaseRecord, FactorRecord, PATH, Record};
use grader::text::{Lang, Words};

use crate::html::escaped;
use crate::project::Project;

/// The services that do nothing, by their names.
const NOTHING: &str = "vacuous/";

/// A table of the factors, and below it one table of each factor's checks.
pub fn tables(lang: Lang, project: &Project) -> Result<String> {
    let record = Record::read(&project.root).map_err(|error| anyhow::anyhow!("{PATH}: {error}"))?;
    let mut html = overview(&record, lang);
    for factor in &FACTORS {
        if let Some(proof) = record.of(factor) {
            details(&mut html, factor, proof, lang);
        }
    }
    Ok(html)
}

fn overview(record: &Record, lang: Lang) -> String {
    let heads = [
        Words { en: "Factor", ko: "팩터" },
        Words { en: "Checks", ko: "검사" },
        Words { en: "Wrong services rejected", ko: "실패시킨 오답 변형" },
        Words { en: "Correct services accepted", ko: "통과시킨 정답" },
        Words { en: "Work", ko: "걸린 시간" },
        Words { en: "Proved on", ko: "증명한 날" },
    ];
    let rows = FACTORS.iter().map(|factor| {
        let name = format!("{}. {}", factor.number, escaped(factor.title.get(lang)));
        let checks = factor.checks().len().to_string();
        match record.of(factor) {
            Some(proof) => row(&[
                name,
                checks,
                number(proof, |case| case.starts_with("mutant/")).to_string(),
                number(proof, is_correct).to_string(),
                minutes(proof, lang),
                format!("<time>{}</time>", escaped(&proof.date)),
            ]),
            None => {
                let none = Words { en: "not recorded yet", ko: "아직 기록 없음" };
                format!("<tr><td>{name}</td><td>{checks}</td><td colspan=\"4\">{}</td></tr>\n", none.get(lang))
            }
        }
    });
    table(&heads.map(|head| head.get(lang).to_owned()), rows)
}

fn details(html: &mut String, factor: &Factor, proof: &FactorRecord, lang: Lang) {
    let heads = [
        Words { en: "Check", ko: "검사" },
        Words { en: "Reason", ko: "이유 코드" },
        Words { en: "Services that it rejected for it", ko: "그 이유로 실패시킨 서비스" },
    ];
    let rejected = by_check(proof);
    let rows = factor.checks().iter().flat_map(|check| {
        let reasons: Vec<_> = rejected.iter().filter(|((id, _), _)| *id == check.id).collect();
        let span = reasons.len();
        reasons.into_iter().enumerate().map(move |(at, ((id, reason), cases))| {
            let first = format!("<td rowspan=\"{span}\"><code>{}</code></td>", escaped(id));
            let check = if at == 0 { first } else { String::new() };
            format!("<tr>{check}<td><code>{}</code></td><td>{}</td></tr>\n", escaped(reason), cases.join(", "))
        })
    });
    // A string takes every write.
    let _ = write!(
        html,
        "<details class=\"proof\"><summary>{}. {}</summary>\n<p>{}</p>\n{}</details>\n",
        factor.number,
        escaped(factor.title.get(lang)),
        accepted(proof, lang),
        table(&heads.map(|head| head.get(lang).to_owned()), rows)
    );
}

/// The checks and reasons, each with the services that were rejected there and how long each of them took.
fn by_check(proof: &FactorRecord) -> BTreeMap<(&str, &str), Vec<String>> {
    let mut rejected: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for case in &proof.cases {
        let Some(name) = shown(&case.case) else { continue };
        for (check, reason) in &case.rejected {
            let cell = format!("{} <small>{:.0} s</small>", escaped(name), case.seconds);
            rejected.entry((check.as_str(), reason.as_str())).or_default().push(cell);
        }
    }
    rejected
}

/// The name of a wrong service that stands in the table.
fn shown(case: &str) -> Option<&str> {
    case.strip_prefix("mutant/").or_else(|| (case == "starter").then_some(case))
}

fn accepted(proof: &FactorRecord, lang: Lang) -> String {
    let of = |wanted: fn(&str) -> bool| proof.cases.iter().filter(move |case| wanted(&case.case));
    let names: Vec<String> = of(is_correct).map(|case| escaped(case.case.trim_start_matches("variant/"))).collect();
    let nothing: Vec<String> =
        of(|case| case.starts_with(NOTHING)).map(|case| escaped(&case.case[NOTHING.len()..])).collect();
    let (names, nothing) = (names.join(", "), nothing.join(", "));
    match lang {
        Lang::En => format!("Every check accepted: {names}. No check accepted a service that does nothing: {nothing}."),
        Lang::Ko => format!(
            "모든 검사가 통과시킨 서비스: {names}. 어느 검사도 통과시키지 않은, 아무 일도 하지 않는 서비스: {nothing}."
        ),
    }
}

fn is_correct(case: &str) -> bool {
    case == "solution" || case.starts_with("variant/")
}

fn number(proof: &FactorRecord, wanted: fn(&str) -> bool) -> usize {
    proof.cases.iter().filter(|case| wanted(&case.case)).count()
}

fn minutes(proof: &FactorRecord, lang: Lang) -> String {
    let seconds: f64 = proof.cases.iter().map(|CaseRecord { seconds, .. }| seconds).sum();
    let unit = if lang == Lang::Ko { "분" } else { "&nbsp;min" };
    format!("{:.0}{unit}", (seconds / 60.0).ceil())
}

fn row(cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    format!("<tr>{cells}</tr>\n")
}

/// Wide tables scroll by themselves; see `workshop.css`.
fn table(heads: &[String], rows: impl Iterator<Item = String>) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let rows: String = rows.collect();
    format!(
        "<div class=\"table-wrapper\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(case: &str, rejected: &[(&str, &str)]) -> CaseRecord {
        let owned = |(check, reason): &(&str, &str)| ((*check).to_owned(), (*reason).to_owned());
        CaseRecord { case: case.to_owned(), seconds: 31.0, checks: 9, rejected: rejected.iter().map(owned).collect() }
    }

    fn proof() -> FactorRecord {
        let check = grader::factors::find("factor-3").unwrap().checks()[0].id;
        FactorRecord {
            factor: "factor-3".to_owned(),
            state: "0123456789abcdef".to_owned(),
            date: "2026-11-27".to_owned(),
            cores: 2,
            cases: vec![
                case("solution", &[]),
                case("variant/clap", &[]),
                case("vacuous/null", &[(check, "reads-nothing")]),
                case("mutant/a<b", &[(check, "reads-nothing"), (check, "too-late")]),
                case("starter", &[(check, "too-late")]),
            ],
        }
    }

    #[test]
    fn a_check_stands_with_each_reason_and_the_services_it_rejected() {
        let mut html = String::new();
        details(&mut html, grader::factors::find("factor-3").unwrap(), &proof(), Lang::En);
        assert_eq!(html.matches("rowspan=\"2\"").count(), 1, "{html}");
        assert!(html.contains("<code>reads-nothing</code></td><td>a&lt;b <small>31 s</small></td>"), "{html}");
        assert!(html.contains("a&lt;b <small>31 s</small>, starter <small>31 s</small>"), "{html}");
        assert!(
            html.contains("accepted: solution, clap. No check accepted a service that does nothing: null."),
            "{html}"
        );
    }

    #[test]
    fn a_factor_without_a_record_says_so() {
        let mut record = Record::default();
        record.note(proof());
        let html = overview(&record, Lang::Ko);
        assert!(html.contains("<td>1</td><td>2</td><td>3분</td><td><time>2026-11-27</time></td>"), "{html}");
        assert_eq!(html.matches("아직 기록 없음").count(), FACTORS.len() - 1, "{html}");
    }
}
