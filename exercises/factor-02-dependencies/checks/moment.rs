//! When a text in RFC 3339 says that something was.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far `time(2)`, which only looks what the last tick of the kernel's timer was, lags behind the clock. At 100 Hz it is this.
const TICK: Duration = Duration::from_millis(10);

/// Whether the text names a moment between two others. Clocks of whole seconds are as good as any, and so is one that has not
/// seen the second end yet which is over for the grader.
pub fn lies_between(text: &str, earliest: SystemTime, latest: SystemTime) -> bool {
    let second = Duration::from_secs(1);
    parse(text).is_some_and(|moment| earliest - second - TICK <= moment && moment <= latest + second)
}

/// `2026-11-22T09:00:00Z`, with a fraction or without, in UTC or with an offset.
fn parse(text: &str) -> Option<SystemTime> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let at = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(at);
    let [year, month, day] = numbers(date, '-')?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(whole, ':')?;
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    let seconds = (days_since_1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - offset(zone)?;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?) + Duration::from_secs_f64(fraction))
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let numbers: Vec<i64> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
    Some(if zone.starts_with('-') { -seconds } else { seconds })
}

/// Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is the last day of a year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_same_in_every_zone() {
        let second = |text| parse(text).unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(second("1970-01-02T00:00:00Z"), 86_400);
        assert_eq!(second("2024-02-29T12:00:00Z"), 1_709_208_000);
        assert_eq!(second("2026-11-22T18:00:00.25+09:00"), second("2026-11-22T09:00:00Z"));
    }

    #[test]
    fn a_clock_that_lags_by_a_tick_at_the_end_of_a_second_is_right() {
        let just_begun = UNIX_EPOCH + Duration::from_secs(1_709_208_001) + Duration::from_millis(4);
        assert!(lies_between("2024-02-29T12:00:00Z", just_begun, just_begun));
        assert!(!lies_between("2024-02-29T11:59:59Z", just_begun, just_begun));
    }

    #[test]
    fn a_local_time_in_disguise_is_not_now() {
        let now = UNIX_EPOCH + Duration::from_secs(1_709_208_000);
        assert!(lies_between("2024-02-29T12:00:00Z", now, now));
        assert!(!lies_between("2024-02-29T21:00:00Z", now, now));
        assert!(!lies_between("", now, now) && !lies_between("Thu Feb 29 12:00:00 2024", now, now));
    }
}
