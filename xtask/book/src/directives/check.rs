//! `{{#check factor-3}}`, the command that grades, and `{{#checks factor-3}}`, the table of its checks.

use std::fmt::Write as _;

use grader::check::Tier;
use grader::factors::Factor;
use grader::text::{Lang, Words};

const COMMAND: Words = Words {
    en: "In the workshop's folder, this grades your service:",
    ko: "워크숍 폴더에서 다음 명령을 실행하면 내 서비스를 채점합니다.",
};
const LABEL: Words = Words { en: "Check my service", ko: "내 서비스 검사하기" };
const HEADER: Words = Words {
    en: "| Check | What passing shows | Part of |",
    ko: "| 검사 | 통과하면 확인되는 사실 | 구분 |",
};

/// The command as text. Where the workshop's server answers, `check.js` makes it a button with live verdicts.
pub fn command(factor: &Factor, lang: Lang) -> String {
    let id = factor.id();
    format!(
        "<section class=\"check\" data-check=\"{id}\" aria-label=\"{}\"><p>{}</p><pre><code class=\"language-sh\">cargo xtask check {id}</code></pre></section>\n",
        LABEL.get(lang),
        COMMAND.get(lang)
    )
}

/// The checks from the grader's own table, which lists core checks first.
pub fn table(factor: &Factor, lang: Lang) -> String {
    let mut table = format!("\n{}\n|---|---|---|\n", HEADER.get(lang));
    for check in factor.checks() {
        // A string takes every write.
        let _ =
            writeln!(table, "| `{}` | {} | {} |", check.id, escaped(check.fact.get(lang)), tier(check.tier).get(lang));
    }
    table
}

fn tier(tier: Tier) -> Words {
    match tier {
        Tier::Core => Words { en: "core", ko: "핵심" },
        Tier::Full => Words { en: "full", ko: "전체" },
        Tier::Extra => Words { en: "extra", ko: "도전" },
    }
}

/// A sentence of the grader as Markdown: its back ticks mean code, everything else means itself.
pub fn escaped(words: &str) -> String {
    let escape = |part: &str| {
        part.chars().fold(String::new(), |mut out, c| {
            if "\\<>[]*_|#&".contains(c) {
                out.push('\\');
            }
            out.push(c);
            out
        })
    };
    let part = |(index, part): (usize, &str)| if index % 2 == 0 { escape(part) } else { part.replace('|', "\\|") };
    words.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_read_is_escaped_outside_code() {
        assert_eq!(escaped("a_b * `c_d*` <e>"), "a\\_b \\* `c_d*` \\<e\\>");
    }

    #[test]
    fn core_checks_come_first_in_the_table() {
        let factor = grader::factors::find("factor-3").unwrap();
        let table = table(factor, Lang::Ko);
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), factor.checks().len());
        let core = rows.iter().take_while(|row| row.ends_with("| 핵심 |")).count();
        assert!(core > 0 && !rows[core..].iter().any(|row| row.ends_with("| 핵심 |")), "{table}");
    }
}
