//! `{{#quiz id}}` … `{{/quiz}}`: a question, its answers, and why each is right or wrong.
//!
//! Without JavaScript the answers stand in a `<details>`; `theme/quiz.js` makes a group of radio buttons of it.

use std::fmt::Write as _;

use anyhow::{Result, anyhow, bail};
use grader::text::{Lang, Words};

use crate::lines::Line;

const HEADING: Words = Words { en: "Question", ko: "문제" };
const SHOW: Words = Words { en: "Show the answers", ko: "정답과 해설 보기" };
const CHECK: Words = Words { en: "Check my answer", ko: "정답 확인" };
const RIGHT: Words = Words { en: "Right.", ko: "맞습니다." };
const WRONG: Words = Words { en: "Not quite.", ko: "아닙니다." };
const CHOOSE: Words = Words { en: "Choose an answer first.", ko: "먼저 답을 고르십시오." };

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiz {
    /// Unique in the book, the same in both languages.
    pub id: String,
    /// Markdown.
    pub question: String,
    /// In order.
    pub answers: Vec<Answer>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is the right one.
    pub right: bool,
    /// Markdown, one line.
    pub text: String,
    /// Why it is right or wrong: Markdown.
    pub why: String,
}

/// Whether a quiz begins here.
pub fn begins(line: &str) -> bool {
    super::Directive::parse(line).is_some_and(|directive| directive.name == "quiz")
}

/// Reads the quiz that begins at `first`, and returns it with the lines after it.
pub fn take<'a, 'b>(first: &Line<'a>, rest: &'b [Line<'a>]) -> Result<(Quiz, &'b [Line<'a>])> {
    let id = super::Directive::parse(first.text).map_or("", |directive| directive.argument);
    let length = rest.iter().position(|line| line.text.trim() == "{{/quiz}}");
    let length = length.ok_or_else(|| anyhow!("quiz `{id}` has no `{{{{/quiz}}}}`"))?;
    let quiz = Quiz::parse(id, &rest[..length]).map_err(|why| anyhow!("quiz `{id}` {why}"))?;
    Ok((quiz, &rest[length + 1..]))
}

impl Quiz {
    fn parse(id: &str, lines: &[Line]) -> Result<Self, String> {
        if id.is_empty() {
            return Err("has no id".to_owned());
        }
        let mut quiz = Self { id: id.to_owned(), question: String::new(), answers: Vec::new() };
        for line in lines {
            if let Some((right, text)) = answer(line.text) {
                quiz.answers.push(Answer { right, text: text.trim().to_owned(), why: String::new() });
                continue;
            }
            let (part, text) = match quiz.answers.last_mut() {
                Some(answer) => (&mut answer.why, line.text.strip_prefix("  ").unwrap_or(line.text)),
                None => (&mut quiz.question, line.text),
            };
            part.push_str(text);
            part.push('\n');
        }
        quiz.complete()
    }

    fn complete(self) -> Result<Self, String> {
        let right = self.answers.iter().filter(|answer| answer.right).count();
        if self.question.trim().is_empty() {
            return Err("asks nothing: the question stands before the answers".to_owned());
        }
        if self.answers.len() < 2 || right != 1 {
            return Err(format!(
                "has {} answers and {right} right ones; it needs two or more, one right",
                self.answers.len()
            ));
        }
        if let Some(answer) = self.answers.iter().find(|answer| answer.why.trim().is_empty()) {
            return Err(format!(
                "does not say why `{}` is {}",
                answer.text,
                if answer.right { "right" } else { "wrong" }
            ));
        }
        Ok(self)
    }

    /// Its id, how many answers it has and which is the right one: what both languages share.
    pub fn shape(&self) -> String {
        let right = self.answers.iter().position(|answer| answer.right).map_or(0, |index| index + 1);
        format!("{}: {} answers, number {right} right", self.id, self.answers.len())
    }

    /// Works without JavaScript; empty lines around the Markdown let mdBook render it.
    pub fn html(&self, lang: Lang) -> String {
        let Self { id, question, .. } = self;
        let words = [("check", CHECK), ("right", RIGHT), ("wrong", WRONG), ("choose", CHOOSE)];
        let words: String = words.iter().map(|(name, words)| format!(" data-{name}=\"{}\"", words.get(lang))).collect();
        let heading = HEADING.get(lang);
        let mut html = format!(
            "<section class=\"quiz\" id=\"quiz-{id}\" aria-label=\"{heading}\"{words}>\n<div class=\"quiz-question\">\n\n**{heading}** {}\n\n</div>\n<ol class=\"quiz-answers\">\n",
            question.trim()
        );
        for answer in &self.answers {
            // A string takes every write.
            let _ = write!(html, "<li>\n\n{}\n\n</li>\n", answer.text);
        }
        let _ = write!(html, "</ol>\n<details><summary>{}</summary>\n<ol class=\"quiz-reasons\">\n", SHOW.get(lang));
        for answer in &self.answers {
            let (class, verdict) = if answer.right { ("right", RIGHT) } else { ("wrong", WRONG) };
            let verdict = verdict.get(lang);
            let _ = write!(html, "<li class=\"{class}\">\n\n**{verdict}** {}\n\n</li>\n", answer.why.trim());
        }
        html.push_str("</ol>\n</details>\n</section>\n");
        html
    }
}

/// `- [ ] wrong` and `- [x] right`.
fn answer(line: &str) -> Option<(bool, &str)> {
    let mark = |mark, right| line.strip_prefix(mark).map(|text| (right, text));
    mark("- [ ] ", false).or_else(|| mark("- [x] ", true)).or_else(|| mark("- [X] ", true))
}

/// All quizzes of a page.
pub fn all(text: &str) -> Result<Vec<Quiz>> {
    let lines: Vec<Line> = crate::lines::lines(text).collect();
    let mut quizzes = Vec::new();
    let mut rest = lines.as_slice();
    while let [line, after @ ..] = rest {
        rest = after;
        if line.kind == crate::lines::Kind::Prose && begins(line.text) {
            let (quiz, after) = take(line, after)?;
            quizzes.push(quiz);
            rest = after;
        }
    }
    if let Some(line) = lines.iter().find(|line| line.text.starts_with("{{/quiz}}") && quizzes.is_empty()) {
        bail!("line {}: `{{{{/quiz}}}}` without a quiz", line.number);
    }
    Ok(quizzes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "{{#quiz a-quiz}}\nWhich one?\n\n- [ ] This one.\n  No, since `x`.\n- [x] That one.\n  Yes.\n\n  Really.\n{{/quiz}}\nafter";

    #[test]
    fn a_quiz_has_a_question_and_answers_with_reasons() {
        let quiz = &all(GOOD).unwrap()[0];
        assert_eq!(quiz.shape(), "a-quiz: 2 answers, number 2 right");
        assert_eq!(quiz.answers[1].why.trim(), "Yes.\n\nReally.");
        let html = quiz.html(Lang::Ko);
        assert!(html.contains("id=\"quiz-a-quiz\"") && html.contains("<summary>정답과 해설 보기"), "{html}");
    }

    #[test]
    fn incomplete_quizzes_are_refused() {
        for (change, needed) in [
            (("- [x]", "- [ ]"), "one right"),
            (("  No, since `x`.\n", ""), "why `This one.` is wrong"),
            (("Which one?", ""), "asks nothing"),
            (("{{/quiz}}", ""), "{{/quiz}}"),
            (("a-quiz", ""), "no id"),
        ] {
            let why = all(&GOOD.replace(change.0, change.1)).unwrap_err().to_string();
            assert!(why.contains(needed), "{why}");
        }
    }
}
