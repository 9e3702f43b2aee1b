//! The verdict for people and for programs.

use std::fmt::Write;
use std::io::IsTerminal;

use grader::outcome::ExitCode;
use grader::report::style::{Style, wants_color};
use grader::text::{Lang, Text, Words, count_en};
use serde_json::{Value as Json, json};

use crate::finding::Found;
use crate::judge::{Judged, level};
use crate::load::Input;
use crate::node::Place;
use crate::options::Options;
use crate::resolved;
use crate::rules::{self, Level};

/// `base/web.yaml:12`.
fn place(input: &Input, place: Place) -> String {
    let file = input.files.get(place.file).map_or("", String::as_str);
    if place.line == 0 { file.to_owned() } else { format!("{file}:{}", place.line) }
}

/// Lines for a person.
pub fn text(input: &Input, judged: &Judged, options: &Options) -> String {
    let color = !options.plain && wants_color(|name| std::env::var(name).ok(), std::io::stdout().is_terminal());
    let mut page = Page { lines: String::new(), style: Style { color, links: false }, lang: options.lang };
    for (at, why) in &input.unreadable {
        let line = format!("{} {}", place(input, *at), why.get(options.lang));
        page.line(&format!("{} {line}", page.style.bad("✗")));
    }
    judged.found.iter().for_each(|found| page.finding(input, found));
    page.closing(input, judged);
    page.lines.trim_end().to_owned()
}

struct Page {
    lines: String,
    style: Style,
    lang: Lang,
}

impl Page {
    fn line(&mut self, words: &str) {
        // Writing into a text cannot fail.
        let _ = writeln!(self.lines, "{words}");
    }

    fn finding(&mut self, input: &Input, found: &Found) {
        let mark = match level(found) {
            Level::Required => self.style.bad("✗ FAIL  "),
            Level::Advice => self.style.unsure("○ ADVICE"),
        };
        let place = self.style.strong(&place(input, found.place));
        self.line(&format!("{mark} {place}  {}", found.object));
        self.line(&format!("           {} ({})", found.what.get(self.lang), name(found)));
        if let Some(rule) = rules::named(found.rule) {
            let fix = match self.lang {
                Lang::En => "Fix:",
                Lang::Ko => "해결:",
            };
            self.line(&format!("           {fix} {}", rule.fix.get(self.lang)));
        }
        self.line("");
    }

    fn closing(&mut self, input: &Input, judged: &Judged) {
        for (kind, count) in &judged.custom {
            let known = text_of(
                format!("Not judged: {} of {kind}; only a cluster knows this kind.", count_en(*count, "object")),
                format!("판정하지 않음: {kind} 오브젝트 {count}개. 클러스터만 아는 종류입니다."),
            );
            self.line(known.get(self.lang));
        }
        let failed = judged.found.iter().filter(|found| level(found) == Level::Required).count();
        let (advice, compared) = (judged.found.len() - failed, judged.compared);
        let (mark, words) = match judged.code {
            ExitCode::Passed => (
                self.style.good("✓"),
                text_of(
                    format!(
                        "{} in {} and {} hold, with {}.",
                        count_en(compared, "object"),
                        count_en(input.sets.len(), "environment"),
                        count_en(required(), "rule"),
                        format_args!("{} of advice", count_en(advice, "piece"))
                    ),
                    format!(
                        "환경 {}개의 오브젝트 {compared}개가 규칙 {}개를 모두 지킵니다. 조언은 {advice}개입니다.",
                        input.sets.len(),
                        required()
                    ),
                ),
            ),
            ExitCode::Failed => (
                self.style.bad("✗"),
                text_of(
                    format!("{} to repair, {} of advice.", count_en(failed, "finding"), count_en(advice, "piece")),
                    format!("고칠 것 {failed}개, 조언 {advice}개입니다."),
                ),
            ),
            ExitCode::Ungraded => (
                self.style.unsure("!"),
                text_of(
                    "UNGRADED: there is no object here whose kind is known, so nothing was judged.",
                    "UNGRADED: 종류를 아는 오브젝트가 하나도 없어 아무것도 판정하지 않았습니다.",
                ),
            ),
            _ => (
                self.style.bad("✗"),
                text_of(
                    "These files cannot be read, so nothing was judged.",
                    "위 파일을 읽을 수 없어 아무것도 판정하지 않았습니다.",
                ),
            ),
        };
        self.line(&format!("{mark} {}", words.get(self.lang)));
    }
}

fn text_of(en: impl Into<String>, ko: impl Into<String>) -> Text {
    grader::text::text(en, ko)
}

fn required() -> usize {
    rules::all().filter(|rule| rule.level == Level::Required).count()
}

/// `service-selects-pods, factor 7`.
fn name(found: &Found) -> String {
    let factors = rules::named(found.rule).map_or(&[][..], |rule| rule.factors);
    let numbers: Vec<String> = factors.iter().map(|number| format!("factor-{number}")).collect();
    [vec![found.rule.to_owned()], numbers].concat().join(", ")
}

/// One object for programs.
pub fn json(input: &Input, judged: &Judged) -> Json {
    let both = |text: &Text| json!({ "en": text.en, "ko": text.ko });
    let words = |words: &Words| json!({ "en": words.en, "ko": words.ko });
    let at = |place: Place| (input.files.get(place.file).cloned(), (place.line > 0).then_some(place.line));
    let unreadable: Vec<Json> = input
        .unreadable
        .iter()
        .map(|(place, why)| {
            let (file, line) = at(*place);
            json!({ "file": file, "line": line, "what": both(why) })
        })
        .collect();
    let findings: Vec<Json> = judged.found.iter().map(|found| {
        let ((file, line), rule) = (at(found.place), rules::named(found.rule));
        json!({ "rule": found.rule, "level": level_word(level(found)), "factors": rule.map(|rule| rule.factors),
            "file": file, "line": line, "object": found.object, "what": both(&found.what), "fix": rule.map(|rule| words(&rule.fix)) })
    }).collect();
    let judgeable = matches!(judged.code, ExitCode::Passed | ExitCode::Failed);
    let rules: Vec<Json> = rules::all().filter(|_| judgeable).map(|rule| {
        let broken = judged.found.iter().any(|found| found.rule == rule.id);
        json!({ "rule": rule.id, "level": level_word(rule.level), "factors": rule.factors, "fact": words(&rule.fact), "holds": !broken })
    }).collect();
    let result = match judged.code {
        ExitCode::Passed => "passed",
        ExitCode::Failed => "failed",
        ExitCode::Ungraded => "ungraded",
        _ => "unreadable",
    };
    json!({ "format_version": 1, "result": result, "environments": input.sets.iter().map(|set| &set.name).collect::<Vec<_>>(),
        "objects": judged.compared, "not_judged": judged.custom, "unreadable": unreadable, "rules": rules, "findings": findings })
}

/// Why there was nothing to judge.
pub fn refused(why: &Text) -> Json {
    json!({ "format_version": 1, "result": "refused", "why": { "en": why.en, "ko": why.ko } })
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Required => "required",
        Level::Advice => "advice",
    }
}

/// The resolved Pods of all environments.
pub fn pods(input: &Input) -> Json {
    json!({ "format_version": 1, "environments": environments(input) })
}

/// The verdict with the resolved Pods in it; what cannot be read has none.
pub fn both(input: &Input, judged: &Judged) -> Json {
    let mut report = json(input, judged);
    report["resolved"] = if input.unreadable.is_empty() { environments(input).into() } else { json!([]) };
    report
}

fn environments(input: &Input) -> Vec<Json> {
    input.sets.iter().map(|set| resolved::environment(set, &set.workloads())).collect()
}
