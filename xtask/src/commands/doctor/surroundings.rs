//! What stands between programs of this machine: the loopback, a proxy, a virus scanner; and whether Hangul can be read.

use std::io;

use grader::text::text;

use super::system::{Family, System};
use super::{Finding, Fix, State};

/// Programs that read every file that is opened or started, by the names that they run under; Linux cuts names after 15 letters.
const SCANNERS: [(&str, &str); 12] = [
    ("clamonacc", "ClamAV"),
    ("wdavdaemon", "Microsoft Defender"),
    ("falcon-sensor", "CrowdStrike Falcon"),
    ("falcond", "CrowdStrike Falcon"),
    ("s1-agent", "SentinelOne"),
    ("sentineld", "SentinelOne"),
    ("savd", "Sophos"),
    ("SophosScanD", "Sophos"),
    ("ds_am", "Trend Micro"),
    ("cbagentd", "Carbon Black"),
    ("oaeventd", "ESET"),
    ("kesl", "Kaspersky"),
];

/// The grader talks to services over 127.0.0.1; `reached` tells whether it can.
pub fn loopback(reached: io::Result<()>) -> Finding {
    let Err(error) = reached else {
        return Finding::good("loopback", text("127.0.0.1 can be reached", "127.0.0.1에 접속할 수 있습니다"));
    };
    Finding::bad(
        "loopback",
        State::Missing,
        text(format!("127.0.0.1 cannot be reached: {error}"), format!("127.0.0.1에 접속할 수 없습니다: {error}")),
        text("The grader talks to your service there.", "채점기는 이 주소로 서비스와 통신합니다."),
        Fix::Do(text(
            "allow it in the firewall; in a namespace or a container: ip link set lo up",
            "방화벽에서 허용하십시오. 네임스페이스나 컨테이너 안이라면: ip link set lo up",
        )),
    )
}

/// A proxy must leave this machine alone.
pub fn proxy(variable: &dyn Fn(&str) -> Option<String>) -> Finding {
    let either = |name: &str| variable(name).or_else(|| variable(&name.to_lowercase()));
    let Some(name) = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].into_iter().find(|name| either(name).is_some()) else {
        return Finding::good("proxy", text("no proxy is set", "프록시가 설정되어 있지 않습니다"));
    };
    let spared = either("NO_PROXY").unwrap_or_default();
    let mut spared = spared.split([',', ' ']);
    if spared.any(|host| ["*", "127.0.0.1", "localhost", "127.0.0.0/8"].contains(&host)) {
        let found = text(
            format!("{name} is set and leaves this machine alone"),
            format!("{name} 설정이 이 컴퓨터를 제외합니다"),
        );
        return Finding::good("proxy", found);
    }
    Finding::bad(
        "proxy",
        State::Limited,
        text(
            format!("{name} is set, and NO_PROXY does not name this machine"),
            format!("{name} 설정이 있는데 NO_PROXY에 이 컴퓨터가 없습니다"),
        ),
        text(
            "The grader uses no proxy, but what you try by hand (curl) goes there instead of to your service.",
            "채점기는 프록시를 쓰지 않지만, 직접 실행하는 curl은 서비스가 아니라 프록시로 갑니다.",
        ),
        Fix::Type("export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1".to_owned()),
    )
}

/// Scanners, by the names of the programs that run. Those of Windows cannot be seen from WSL.
pub fn scanner(processes: &[String]) -> Finding {
    let found = SCANNERS.iter().find(|(name, _)| processes.iter().any(|process| process == name));
    let Some((_, product)) = found else {
        return Finding::good("scanner", text("no virus scanner was found", "백신 프로그램이 보이지 않습니다"));
    };
    Finding::bad(
        "scanner",
        State::Limited,
        text(format!("{product} looks at every file"), format!("{product} 백신이 모든 파일을 검사합니다")),
        text(
            "Builds take much longer, and now and then a new program cannot be started at once.",
            "빌드가 훨씬 느리고, 새로 만든 프로그램이 바로 시작되지 않을 때가 있습니다.",
        ),
        Fix::Do(text(
            "if your company allows it, exclude this folder and ~/.cargo from scanning",
            "회사에서 허용한다면 이 폴더와 ~/.cargo를 검사에서 제외하십시오",
        )),
    )
}

/// Hangul and symbols need UTF-8.
pub fn hangul(variable: &dyn Fn(&str) -> Option<String>, system: &System) -> Finding {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name));
    let value = set.unwrap_or_else(|| "C".to_owned());
    let plain = value.to_lowercase().replace('-', "");
    // macOS terminals are UTF-8 whatever the variables say.
    if plain.contains("utf8") || system.family == Family::MacOs {
        return Finding::good("hangul", text("Hangul can be shown: 한글", "한글을 표시할 수 있습니다"));
    }
    Finding::bad(
        "hangul",
        State::Limited,
        text(format!("the locale is {value}, not UTF-8"), format!("로캘이 UTF-8이 아닌 {value}입니다")),
        text(
            "Some programs show Hangul and symbols as question marks.",
            "일부 프로그램에서 한글과 기호가 물음표로 보일 수 있습니다.",
        ),
        Fix::Type("export LANG=C.UTF-8".to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::system::tests::{DEBIAN, MAC};
    use super::*;

    fn set<'a>(pairs: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_proxy_that_takes_everything_is_found() {
        assert_eq!(proxy(&set(&[])).state, State::Good);
        assert_eq!(proxy(&set(&[("https_proxy", "http://proxy:3128")])).state, State::Limited);
        let some = [("HTTP_PROXY", "http://proxy:3128"), ("no_proxy", "intranet.example,localhost")];
        assert_eq!(proxy(&set(&some)).state, State::Good);
        let others = [("HTTP_PROXY", "http://proxy:3128"), ("NO_PROXY", "intranet.example")];
        assert_eq!(proxy(&set(&others)).state, State::Limited);
    }

    #[test]
    fn scanners_are_known_by_name() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(scanner(&names(&["bash", "clamd", "systemd"])).state, State::Good);
        assert!(scanner(&names(&["bash", "falcon-sensor"])).found.en.contains("CrowdStrike"));
        // Linux cuts longer names, so a longer one here would never be found there.
        assert!(SCANNERS.iter().all(|(name, _)| name.len() <= 15));
    }

    #[test]
    fn a_loopback_that_is_down_is_named() {
        assert_eq!(loopback(Ok(())).state, State::Good);
        let down = loopback(Err(io::Error::other("Network is unreachable")));
        assert!(down.state == State::Missing && down.found.en.contains("unreachable"));
    }

    #[test]
    fn locales_that_show_hangul_are_told_from_others() {
        assert_eq!(hangul(&set(&[("LANG", "ko_KR.UTF-8")]), &DEBIAN).state, State::Good);
        assert_eq!(hangul(&set(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")]), &DEBIAN).state, State::Limited);
        assert_eq!(hangul(&set(&[]), &DEBIAN).state, State::Limited);
        assert_eq!(hangul(&set(&[]), &MAC).state, State::Good);
    }
}
