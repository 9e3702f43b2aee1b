//! The text of `/metrics`, read strictly: the format of Prometheus (0.0.4 and 1.0.0), and OpenMetrics.
//!
//! Our own, because the readers that exist are lenient, and a lenient one does not notice what a monitoring system will.

use std::collections::{BTreeMap, BTreeSet};

/// What a page says.
#[derive(Debug, Default)]
pub struct Page {
    /// The type of each family that has a `# TYPE`.
    pub families: BTreeMap<String, String>,
    /// All samples, in order.
    pub samples: Vec<Sample>,
}

/// One line with a number.
#[derive(Debug)]
pub struct Sample {
    /// The name, with its suffix.
    pub name: String,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The number.
    pub value: f64,
}

impl Sample {
    /// The labels as one text.
    pub fn key(&self) -> String {
        format!("{:?}", self.labels)
    }

    /// What it is a part of: buckets, count and sum of one histogram are one series of numbers.
    pub fn series(&self) -> String {
        let suffixes = ["_bucket", "_count", "_sum", "_total", "_created"];
        let name = suffixes.iter().find_map(|suffix| self.name.strip_suffix(suffix)).unwrap_or(&self.name);
        let labels: Vec<_> =
            self.labels.iter().filter(|(name, _)| !["le", "quantile"].contains(&name.as_str())).collect();
        format!("{name}{labels:?}")
    }
}

impl Page {
    /// Every series, once.
    pub fn series(&self) -> BTreeSet<String> {
        self.samples.iter().map(Sample::series).collect()
    }
}

/// Reads a page.
///
/// # Errors
///
/// What a strict reader would not accept, in English.
pub fn parse(kind: &str, body: &[u8]) -> Result<Page, String> {
    let open = kind.starts_with("application/openmetrics-text");
    if !open && !kind.starts_with("text/plain") {
        return Err(format!("Content-Type: {kind:?}; a collector takes text/plain or application/openmetrics-text"));
    }
    let text = std::str::from_utf8(body).map_err(|why| why.to_string())?;
    if !text.ends_with('\n') {
        return Err("the last line does not end".to_owned());
    }
    let mut page = Page::default();
    let mut seen = BTreeSet::new();
    let mut ended = false;
    for (line, number) in text.lines().zip(1..) {
        let wrong = |why: String| format!("line {number}: {why}: {}", line.chars().take(120).collect::<String>());
        if ended {
            return Err(wrong("something behind # EOF".to_owned()));
        }
        ended = line == "# EOF";
        read(&mut page, &mut seen, line).map_err(wrong)?;
    }
    if open && !ended {
        return Err("there is no # EOF, so nobody can tell whether the page is whole".to_owned());
    }
    page.histograms()?;
    Ok(page)
}

fn read(page: &mut Page, seen: &mut BTreeSet<String>, line: &str) -> Result<(), String> {
    if let Some(comment) = line.strip_prefix('#') {
        return describe(page, comment.trim_start());
    }
    if line.trim().is_empty() {
        return Ok(());
    }
    let sample = sample(line)?;
    if !seen.insert(format!("{}{}", sample.name, sample.key())) {
        return Err("the same series twice".to_owned());
    }
    let counts = page.is_counter(&sample.name);
    if counts && (sample.value.is_nan() || sample.value < 0.0) {
        return Err("a counter that is negative or no number".to_owned());
    }
    page.samples.push(sample);
    Ok(())
}

/// `TYPE` is what the numbers are read by; other comments are for people.
fn describe(page: &mut Page, comment: &str) -> Result<(), String> {
    let Some(rest) = comment.strip_prefix("TYPE ") else { return Ok(()) };
    let Some((name, kind)) = rest.trim().split_once(' ') else { return Err("a TYPE without a type".to_owned()) };
    const KINDS: [&str; 8] = ["counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset"];
    if !KINDS.contains(&kind) {
        return Err(format!("no such type: {kind}"));
    }
    if page.samples.iter().any(|sample| sample.name == name) {
        return Err("the TYPE comes behind its samples".to_owned());
    }
    match page.families.insert(name.to_owned(), kind.to_owned()) {
        Some(_) => Err("a second TYPE for this family".to_owned()),
        None => Ok(()),
    }
}

fn sample(line: &str) -> Result<Sample, String> {
    let end = line.find(['{', ' ']).ok_or("no number")?;
    let (name, rest) = line.split_at(end);
    if !is_name(name, true) {
        return Err("that is no name of a metric".to_owned());
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    // Behind the number a time may follow, and behind ` # ` an exemplar.
    let number = rest.split(" # ").next().unwrap_or_default();
    let mut words = number.split_whitespace();
    let value = words.next().ok_or("no number")?;
    let value = number_of(value).ok_or_else(|| format!("{value:?} is no number"))?;
    if words.next().is_some_and(|time| time.parse::<f64>().is_err()) || words.next().is_some() {
        return Err("something behind the number that is no time".to_owned());
    }
    Ok(Sample { name: name.to_owned(), labels, value })
}

/// The labels up to `}`, and what follows it.
fn labels(mut rest: &str) -> Result<(BTreeMap<String, String>, &str), String> {
    let mut labels = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((labels, rest));
        }
        let (name, behind) = rest.split_once('=').ok_or("a label without a value")?;
        let name = name.trim();
        if !is_name(name, false) {
            return Err(format!("{name:?} is no name of a label"));
        }
        let (value, behind) = quoted(behind.trim_start())?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err(format!("the label {name} twice"));
        }
        rest = behind.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None if rest.starts_with('}') => {}
            None => return Err("no comma between two labels".to_owned()),
        }
    }
}

/// A text in quotes, with its three escapes, and what follows it.
fn quoted(rest: &str) -> Result<(String, &str), String> {
    let inside = rest.strip_prefix('"').ok_or("a label's value without quotes")?;
    let mut value = String::new();
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &inside[at + 1..])),
            '\\' => value.push(match letters.next() {
                Some((_, 'n')) => '\n',
                Some((_, escaped @ ('\\' | '"'))) => escaped,
                _ => return Err("a backslash that escapes nothing".to_owned()),
            }),
            _ => value.push(letter),
        }
    }
    Err("a label's value does not end".to_owned())
}

fn is_name(name: &str, colons: bool) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || (colons && c == ':');
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}

fn number_of(word: &str) -> Option<f64> {
    match word {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        // What Rust reads as numbers and Prometheus does not begins with a letter.
        _ if word.starts_with(|c: char| c.is_ascii_alphabetic()) => None,
        _ => word.parse().ok(),
    }
}

impl Page {
    fn is_counter(&self, name: &str) -> bool {
        let family = name.strip_suffix("_total").unwrap_or(name);
        [name, family].iter().any(|name| self.families.get(*name).is_some_and(|kind| kind == "counter"))
    }

    /// Buckets count everything below them, the last one counts all, and each histogram says how many and how much.
    fn histograms(&self) -> Result<(), String> {
        for name in self.families.iter().filter(|(_, kind)| *kind == "histogram").map(|(name, _)| name) {
            let mut buckets: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
            for sample in self.samples.iter().filter(|sample| sample.name == format!("{name}_bucket")) {
                let le = sample.labels.get("le").and_then(|le| number_of(le));
                let le = le.ok_or_else(|| format!("a bucket of {name} without a limit"))?;
                buckets.entry(sample.series()).or_default().push((le, sample.value));
            }
            for (series, mut buckets) in buckets {
                buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
                if buckets.windows(2).any(|pair| pair[0].1 > pair[1].1) {
                    return Err(format!("the buckets of {series} are not cumulative"));
                }
                let all = buckets.last().filter(|(le, _)| le.is_infinite()).map(|(_, count)| *count);
                let part = |suffix: &str| {
                    let name = format!("{name}{suffix}");
                    self.samples.iter().find(|sample| sample.name == name && sample.series() == series)
                };
                if part("_sum").is_none() || all.is_none() || part("_count").map(|sample| sample.value) != all {
                    return Err(format!("{series}: the bucket +Inf, _count and _sum do not belong together"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# HELP r Requests.\n# TYPE r counter\nr_total{route=\"/a\\\"\\\\b\",status=\"200\"} 3 # {id=\"x\"} 1\n\
                        # TYPE d histogram\nd_bucket{le=\"0.1\"} 1\nd_bucket{le=\"+Inf\"} 3\nd_sum 0.5\nd_count 3\n# EOF\n";

    #[test]
    fn a_page_is_read_with_its_labels() {
        let page = parse("application/openmetrics-text; version=1.0.0", GOOD.as_bytes()).expect("is good");
        assert_eq!(page.samples[0].labels["route"], "/a\"\\b");
        assert_eq!(page.samples.len(), 5);
        // The counter, and the whole histogram.
        assert_eq!(page.series().len(), 2);
    }

    #[track_caller]
    fn refused(from: &str, to: &str, why: &str) {
        assert!(GOOD.contains(from));
        let said = parse("application/openmetrics-text", GOOD.replacen(from, to, 1).as_bytes()).expect_err("is wrong");
        assert!(said.contains(why), "{said:?} does not say {why:?}");
    }

    #[test]
    fn what_a_monitoring_system_would_not_read_is_refused() {
        refused("# EOF\n", "", "# EOF");
        refused("# EOF\n", "# EOF\nr_total 1\n", "behind # EOF");
        refused("# EOF\n", "# EOF", "does not end");
        refused("# TYPE r counter", "# TYPE r counts", "no such type");
        refused("d_sum 0.5\n", "d_sum 0.5\nd_sum 0.5\n", "twice");
        refused("d_bucket{le=\"0.1\"} 1", "d_bucket{le=\"0.1\"} 4", "cumulative");
        refused("d_count 3", "d_count 4", "belong together");
        refused("} 3 #", "} three #", "no number");
        refused("} 3 #", "} -3 #", "negative");
        refused("status=\"200\"", "status=200", "quotes");
        refused("route=", "my-route=", "no name of a label");
        assert!(parse("application/json", b"{}\n").is_err_and(|why| why.contains("Content-Type")));
    }
}
